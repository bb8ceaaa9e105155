"""Frames of one style from frames of another, by a variational autoencoder that knows styles."""

from numbers import Integral

import numpy as np
import torch
from sklearn.base import OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted, validate_data

from ..utils.labels import choose_domains, find_classes
from ..utils.validation import refuse_sequences
from ._base_vae import BaseVAE
from ._style_code import check_code, fit_code
from ._vae_training import cut_runs


class VAETransport(OneToOneFeatureMixin, TransformerMixin, BaseVAE):
    """Carry frames of any style to any other: encode, then decode with another style's code.

    No pairs are needed. Encoder and decoder are told whose frame it is, so that the code between
    them, which is held to N(0, 1) for all styles alike, need not tell it: it is left with what was
    said.

    Parameters
    ----------
    target : label, default=None
        Style that ``transform`` carries frames to, one of the labels in y. None takes the last one
        in sorted order.
    source : label, default=None
        Style of the frames that ``transform`` is given. None takes, for every frame, what fits it
        best among all others.
    latent_dim : int, default=16
        Numbers in the code of a frame.
    style_dim : int, default=8
        Numbers in the code of a style, which is learned.
    ratio : bool, default=False
        Whether a frame is changed by what the decoded frames of both styles differ, instead of
        replaced by the decoded frame. For logarithmic spectra and for cepstra that is a product
        of its spectrum with a ratio of decoded ones: fine detail is kept, and less of the style
        is reached.
    hidden_layer_sizes, encoder, decoder, decoder_variance : optional
        As in :class:`VAETransformer`. Modules of your own take ``style_dim`` columns more, at the
        end.
    beta, warmup_epochs, free_bits : optional
        As in :class:`VAETransformer`.
    n_epochs, batch_size, learning_rate, weight_decay, validation_fraction, patience : optional
        As in :class:`VAETransformer`. What is held out are runs of neighbouring frames.
    warm_start, checkpoint_path, log_path, callbacks, random_state, device, verbose : optional
        As in :class:`VAETransformer`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_styles,)
        Labels in y, sorted.
    target_ : label
    module_ : torch.nn.Module
        In float64: the weights that held-out frames liked best.
    style_codes_ : ndarray of shape (n_styles, style_dim)
    kl_per_dim_ : ndarray of shape (latent_dim,)
    active_units_ : int
        As in :class:`VAETransformer`, of all frames.
    history_ : dict of str to ndarray of shape (n_epochs_run,)
        As in :class:`VAETransformer`.
    best_epoch_ : int
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X has column names.

    See Also
    --------
    skstyle.mapping.GaussianTransport : In closed form, between two styles.

    Notes
    -----
    ``y = f(z, b)`` with ``z`` the mean of ``q(z | x, a)``, for a frame x of style a and the style b
    [1]_; with ``ratio``, ``y = x + f(z, b) - f(z, a)`` [2]_.

    References
    ----------
    .. [1] C.-C. Hsu, H.-T. Hwang, Y.-C. Wu, Y. Tsao and H.-M. Wang, "Voice conversion from
       non-parallel corpora using variational auto-encoder", APSIPA 2016.
       https://doi.org/10.1109/APSIPA.2016.7820786
    .. [2] H. Kameoka, T. Kaneko, K. Tanaka and N. Hojo, "ACVAE-VC: Non-parallel voice conversion
       with auxiliary classifier variational autoencoder", IEEE/ACM Trans. ASLP 27(9), 2019.
       https://doi.org/10.1109/TASLP.2019.2917232

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.neural import VAETransport
    >>> rng = np.random.default_rng(0)
    >>> said = rng.normal(size=(900, 1)) @ [[1.0, 0.5]]
    >>> y = np.repeat(["anna", "ben", "carl"], 300)
    >>> X = said + np.repeat([[0.0, 0.0], [4.0, 1.0], [-4.0, 2.0]], 300, axis=0)
    >>> X = X + 0.1 * rng.normal(size=X.shape)
    >>> vae = VAETransport("ben", latent_dim=2, learning_rate=0.01, random_state=0).fit(X, y)
    >>> moved = vae.transform(X[y == "carl"])
    >>> bool(np.abs(moved.mean(axis=0) - X[y == "ben"].mean(axis=0)).max() < 0.5)
    True
    """

    def __init__(
        self,
        target=None,
        *,
        source=None,
        latent_dim=16,
        style_dim=8,
        ratio=False,
        hidden_layer_sizes=(128, 128),
        encoder=None,
        decoder=None,
        decoder_variance="column",
        beta=1.0,
        warmup_epochs=10,
        free_bits=0.0,
        n_epochs=100,
        batch_size=256,
        learning_rate=0.001,
        weight_decay=0.0,
        validation_fraction=0.1,
        patience=10,
        warm_start=False,
        checkpoint_path=None,
        log_path=None,
        callbacks=None,
        random_state=None,
        device="cpu",
        verbose=0,
    ):
        self.target = target
        self.source = source
        self.latent_dim = latent_dim
        self.style_dim = style_dim
        self.ratio = ratio
        self.hidden_layer_sizes = hidden_layer_sizes
        self.encoder = encoder
        self.decoder = decoder
        self.decoder_variance = decoder_variance
        self.beta = beta
        self.warmup_epochs = warmup_epochs
        self.free_bits = free_bits
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.warm_start = warm_start
        self.checkpoint_path = checkpoint_path
        self.log_path = log_path
        self.callbacks = callbacks
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.one_d_labels = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X, y):
        """Train on frames of all styles.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Frames of all styles, in any order. Silence is better left out.
        y : array-like of shape (n_frames,)
            Style of every frame, such as the speaker: strings or numbers.

        Returns
        -------
        self : VAETransport

        Raises
        ------
        ValueError
            When there are no two styles, `target` or `source` is none of them, or a parameter is
            out of range.
        ArithmeticError
            When the loss is no finite number any more. The best weights before are kept.
        """
        self._check_parameters()
        check_scalar(self.style_dim, "style_dim", Integral, min_val=1)
        refuse_sequences(X)
        goes_on = self.warm_start and hasattr(self, "module_")
        X, y = validate_data(
            self, X, y, reset=not goes_on, dtype=[np.float64, np.float32], ensure_min_samples=2
        )
        classes = find_classes(y)
        if goes_on:
            self._check_same_size()
            if not np.array_equal(classes, self.classes_):
                raise ValueError(
                    f"Training goes on with the labels {self.classes_.tolist()}, but y has "
                    f"{classes.tolist()}. Begin anew: fit with warm_start=False."
                )
        self.classes_ = classes
        self.target_, self._source = choose_domains(self.classes_, self.target, self.source)
        styles = np.searchsorted(self.classes_, y)
        items, styles = cut_runs(X, styles)
        fraction = self.validation_fraction
        if not goes_on:
            self._begin(items, len(self.classes_), fraction)
        train, held_out = (
            self._frames([items[i] for i in chosen], styles[chosen])
            for chosen in self._split(len(items), fraction)
        )
        try:
            n_epochs = self.n_epochs - len(self._training["rows"])
            self._go_on(train, held_out, n_epochs, self.callbacks)
        finally:
            numbers = range(len(self.classes_))
            codes = [self._encode(X[y == self.classes_[i]], torch.tensor(i)) for i in numbers]
            self._measure_latent(*map(np.concatenate, zip(*codes, strict=True)))
        return self

    @property
    def style_codes_(self):
        """Codes of all styles, in the order of ``classes_``."""
        return self.module_.styles.weight.detach().numpy().copy()

    def transform(self, X):
        """Carry frames to the target's style.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Of `source`; without it every frame is taken for one of the style, the target's left
            out, that fits it best.

        Returns
        -------
        Y : ndarray of shape (n_frames, n_features)
            The dtype is that of X.
        """
        return self.convert(X, self.target_, self._source)

    def convert(self, X, target, source=None):
        """Carry frames to any style.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
        target : label, or array of shape (style_dim,)
            One of ``classes_``, or a code: a row of ``style_codes_``, a mean of several, or what
            ``style_from`` returns.
        source : label, default=None
            Style of X. None takes every frame for one of the style, the target's left out, that
            fits it best.

        Returns
        -------
        Y : ndarray of shape (n_frames, n_features)
            The dtype is that of X.
        """
        X = self._check_frames(X)
        numbers = list(range(len(self.classes_)))
        if np.ndim(target):
            code = check_code(target, self.module_.styles.embedding_dim)
        else:
            code = torch.tensor(self._number(target, "target"))
            numbers.remove(int(code))
        if source is not None:
            numbers = [self._number(source, "source")]
        return self._convert(X, code, self._recognise(X, numbers)).astype(X.dtype, copy=False)

    def recognise(self, X, without=None):
        """Return the style that fits frames best, all of them together.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
        without : label, default=None
            A style that it is not.

        Returns
        -------
        label : label
            One of ``classes_``: that of the greatest mean evidence lower bound.
        """
        X = self._check_frames(X)
        numbers = list(range(len(self.classes_)))
        if without is not None:
            numbers.remove(self._number(without, "without"))
        bounds = [self._bounds(X, torch.tensor(i)).mean() for i in numbers]
        return self.classes_[numbers[np.argmax(bounds)]]

    def style_from(self, X):
        """Return the code of a style that was not in the fit.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Frames of that style; a few seconds of sound tell much.

        Returns
        -------
        code : ndarray of shape (style_dim,)
            That of the greatest evidence lower bound, searched from the mean of the known ones.
        """
        X = self._check_frames(X)
        return fit_code(self.module_, self._standardised(X))

    def _check_frames(self, X):
        check_is_fitted(self)
        refuse_sequences(X)
        return validate_data(self, X, reset=False, dtype=[np.float64, np.float32])

    def _number(self, label, name):
        found = np.flatnonzero(self.classes_ == label)
        if not len(found):
            raise ValueError(
                f"{name}={label!r} is none of the labels in y, {self.classes_.tolist()}. Choose "
                "one of them, of the same type."
            )
        return int(found[0])

    def _by_style(self, function, X, styles):
        """Apply a function of frames and a style to the frames of every style."""
        out = np.empty(X.shape)
        for style in np.unique(styles):
            rows = styles == style
            out[rows] = function(X[rows], torch.tensor(style))
        return out

    def _convert(self, X, target, source):
        """Convert frames between styles.

        Parameters
        ----------
        X : ndarray of shape (n_frames, n_features)
        target : int tensor of shape () or float tensor of shape (style_dim,)
            Number of a style, or a code.
        source : int array of shape (n_frames,)

        Returns
        -------
        Y : ndarray of shape (n_frames, n_features)
            In float64.
        """

        def convert(frames, style):
            z = self._encode(frames, style)[0]
            decoded = self._decode(z, target)
            return frames + decoded - self._decode(z, style) if self.ratio else decoded

        return self._by_style(convert, X, source)

    def _recognise(self, X, numbers):
        """Return which of some styles fits every frame best, (n_frames,)."""
        if len(numbers) == 1:
            return np.repeat(numbers, len(X))
        bounds = [self._bounds(X, torch.tensor(i)) for i in numbers]
        return np.asarray(numbers)[np.argmax(bounds, axis=0)]
