"""Frames of one style from frames of another, by a variational autoencoder that knows styles."""

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from ..utils.validation import refuse_sequences
from ._base_style_vae import ENOUGH, BaseStyleVAE
from ._style_code import fit_code
from ._vae_training import cut_runs


class VAETransport(BaseStyleVAE):
    """Carry frames of any style to any other: encode, then decode with another style's code.

    No pairs are needed. Encoder and decoder are told whose frame it is, so that the code between
    them, which is held to N(0, 1) for all styles alike, need not tell it: it is left with what was
    said.

    Parameters
    ----------
    target : label, default=None
        Style that ``transform`` carries frames to, one of the labels in y. None takes the last one
        in sorted order. Like `source` it is read in ``fit``; ``convert`` takes any.
    source : label, default=None
        Style of the frames that ``transform`` is given. None takes every frame for one of the
        style, the target's left out, that fits it best.
    latent_dim : int, default=16
        Numbers in the code of a frame.
    style_dim : int, default=8
        Numbers in the code of a style, which is learned.
    ratio : bool, default=False
        Whether the difference between the decoded frames of both styles is added to a frame,
        which is otherwise replaced by the decoded one. For logarithmic spectra and for cepstra
        that multiplies its spectrum by a ratio of decoded ones: fine detail is kept, and less of
        the style is reached. It is read whenever frames are carried:
        ``set_params(ratio=True)`` needs no new fit.
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
    [1]_; with ``ratio``, ``y = x + f(z, b) - f(z, a)`` [2]_. The mean of z over all frames of a
    style, which is small, is exchanged too: ``f(z - m_a + m_b, b)``.

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
        refuse_sequences(X)
        goes_on = self.warm_start and hasattr(self, "module_")
        X, y = validate_data(
            self, X, y, reset=not goes_on, dtype=[np.float64, np.float32], ensure_min_samples=2
        )
        return self._train(*cut_runs(X, self._number_styles(y, goes_on)), goes_on)

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
            One of ``classes_``: that of the greatest mean evidence lower bound of at most 300
            frames, spread evenly.
        """
        X = self._check_frames(X)
        some, numbers = X[:: -(-len(X) // ENOUGH)], self._without(without)
        fits = [self._fits(some, i).mean() for i in numbers]
        return self.classes_[numbers[int(np.argmax(fits))]]

    def style_from(self, X):
        """Return the code of a style that was not in the fit.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Frames of that style; a few seconds of sound tell much.

        Returns
        -------
        code : ndarray of shape (style_dim,)
            That of the greatest evidence lower bound, searched from the mean of the known codes
            and from the best of them.
        """
        X = self._check_frames(X)
        return fit_code(self.module_, self._frames([X]))

    def _check_frames(self, X):
        check_is_fitted(self)
        refuse_sequences(X)
        return validate_data(self, X, reset=False, dtype=[np.float64, np.float32])

    def _by_style(self, X, numbers, function):
        X = self._check_frames(X)
        styles = np.repeat(numbers[0], len(X))
        if len(numbers) > 1:
            fits = [self._fits(X, i) for i in numbers]
            styles = np.asarray(numbers)[np.argmax(fits, axis=0)]
        found = np.concatenate([function(X[styles == i], i) for i in np.unique(styles)])
        out = np.empty(found.shape, X.dtype)
        out[np.argsort(styles, kind="stable")] = found
        return out
