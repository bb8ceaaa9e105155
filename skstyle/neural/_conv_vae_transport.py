"""Sequences of one style from sequences of another, by convolutions over time."""

from functools import partial
from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted, validate_data

from ..utils.labels import check_labels
from ..utils.validation import check_sequences, is_matrix, restore_frames
from ._base_style_vae import ENOUGH, BaseStyleVAE
from ._conv_stack import ConvStack, Crops
from ._style_code import fit_code
from ._vae_net import reach_of

# Stretches of a long sequence, spread evenly, that its style is told by.
_N_STRETCHES = 3


class ConvVAETransport(BaseStyleVAE):
    """Carry sequences of any style to any other, with an eye on neighbouring frames.

    As :class:`VAETransport`, but encoder and decoder are convolutions over time [1]_: every frame
    is encoded and decoded beside its neighbours. Lists of sequences come in, one label each.

    Parameters
    ----------
    target : label, default=None
        Style that ``transform`` carries sequences to, one of the labels in y. None takes the last
        one in sorted order. Like `source` it is read in ``fit``; ``convert`` takes any.
    source : label, default=None
        Style of the sequences that ``transform`` is given. None takes every sequence for one of
        the style, the target's left out, that fits it best.
    latent_dim : int, default=16
        Numbers in the code of a frame.
    style_dim : int, default=8
        Numbers in the code of a style, which is learned.
    ratio : bool, default=False
        As in :class:`VAETransport`.
    hidden_layer_sizes : tuple of int, default=(128, 128)
        Channels of the convolutions of the encoder, and of the decoder the other way round.
    kernel_size : int, default=5
        Frames that a convolution looks at, an odd number.
    crop_length : int, default=64
        Frames of the pieces that sequences are cut into for training.
    decoder_variance : {"column", "one"}, default="column"
        As in :class:`VAETransformer`.
    beta, warmup_epochs, free_bits, n_epochs : optional
        As in :class:`VAETransformer`.
    batch_size : int, default=8
        Pieces of a step.
    learning_rate, weight_decay, validation_fraction, patience : optional
        As in :class:`VAETransformer`. What is held out are sequences.
    warm_start, checkpoint_path, log_path, callbacks, random_state, device, verbose : optional
        As in :class:`VAETransformer`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_styles,)
        Labels in y, sorted.
    target_ : label
    module_ : torch.nn.Module
        In float64: the weights that held-out sequences liked best.
    style_codes_ : ndarray of shape (n_styles, style_dim)
    kl_per_dim_ : ndarray of shape (latent_dim,)
    active_units_ : int
        As in :class:`VAETransformer`, of all frames.
    history_ : dict of str to ndarray of shape (n_epochs_run,)
        As in :class:`VAETransformer`.
    best_epoch_ : int
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X is one array with column names.

    See Also
    --------
    VAETransport : Frame by frame.

    Notes
    -----
    A piece is trained on together with the neighbouring frames that it depends on, and padding is
    zero before every convolution: the loss of a piece is what it is in the whole sequence.
    Sequences are carried whole, each by itself.

    References
    ----------
    .. [1] H. Kameoka, T. Kaneko, K. Tanaka and N. Hojo, "ACVAE-VC: Non-parallel voice conversion
       with auxiliary classifier variational autoencoder", IEEE/ACM Trans. ASLP 27(9), 2019.
       https://doi.org/10.1109/TASLP.2019.2917232

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.neural import ConvVAETransport
    >>> rng = np.random.default_rng(0)
    >>> said = [np.cumsum(rng.normal(size=(n, 1)), axis=0) for n in (150, 200, 120, 180)]
    >>> y = ["anna", "ben", "anna", "ben"]
    >>> X = [s / 8 @ [[1.0, 0.5]] + (5.0 if who == "ben" else 0.0)
    ...      for s, who in zip(said, y)]
    >>> vae = ConvVAETransport("ben", latent_dim=2, learning_rate=0.01, random_state=0).fit(X, y)
    >>> moved = vae.transform(X[:1])
    >>> moved[0].shape, bool(abs(moved[0].mean() - X[0].mean() - 5) < 2)
    ((150, 2), True)
    """

    # VAEConverter hands over sequences, and not all their frames in one array.
    _takes_sequences = True

    def __init__(
        self,
        target=None,
        *,
        source=None,
        latent_dim=16,
        style_dim=8,
        ratio=False,
        hidden_layer_sizes=(128, 128),
        kernel_size=5,
        crop_length=64,
        decoder_variance="column",
        beta=1.0,
        warmup_epochs=10,
        free_bits=0.0,
        n_epochs=100,
        batch_size=8,
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
        self.kernel_size = kernel_size
        self.crop_length = crop_length
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

    def _check_parameters(self):
        super()._check_parameters()
        for name in ("kernel_size", "crop_length"):
            check_scalar(getattr(self, name), name, Integral, min_val=1)
        if self.kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, got {self.kernel_size}.")

    def _modules(self):
        # Styles and latent dimensions come as further columns.
        make = partial(ConvStack, kernel_size=self.kernel_size)
        sizes = tuple(self.hidden_layer_sizes)
        return (
            partial(make, hidden_layer_sizes=sizes),
            partial(make, hidden_layer_sizes=sizes[::-1]),
        )

    def _frames(self, items, styles=None):
        if not len(items):
            return None
        reach = reach_of(self.module_.encoder) + reach_of(self.module_.decoder)
        return Crops([*map(self._standardised, items)], styles, self.crop_length, reach)

    def fit(self, X, y):
        """Train on sequences of all styles.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array
            Sequences of all styles, in any order; rows of a 2-D array are sequences of one frame.
        y : array-like of shape (n_sequences,)
            Style of every sequence, such as the speaker: strings or numbers.

        Returns
        -------
        self : ConvVAETransport

        Raises
        ------
        ValueError
            When there are no two styles, `target` or `source` is none of them, or a parameter is
            out of range.
        ArithmeticError
            When the loss is no finite number any more. The best weights before are kept.
        """
        self._check_parameters()
        goes_on = self.warm_start and hasattr(self, "module_")
        if is_matrix(X):
            X, y = validate_data(self, X, y, reset=not goes_on, dtype=[np.float64, np.float32])
            items = list(X[:, None, :])
        else:
            items = check_sequences(X, estimator=self, reset=not goes_on).items
            y = check_labels(items, y)
        return self._train(items, self._number_styles(y, goes_on), goes_on)

    def recognise(self, X, without=None):
        """Return the style that fits every sequence best.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array
        without : label, default=None
            A style that they are not.

        Returns
        -------
        labels : ndarray of shape (n_sequences,)
            Of ``classes_``: those of the greatest mean evidence lower bounds, of three stretches
            of 100 frames where a sequence is longer.
        """
        check_is_fitted(self)
        numbers = self._without(without)
        items = check_sequences(X, estimator=self).items
        return self.classes_[[self._best_fit(x, numbers) for x in items]]

    def style_from(self, X):
        """Return the code of a style that was not in the fit.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array
            Sequences of that style; a few seconds of sound tell much.

        Returns
        -------
        code : ndarray of shape (style_dim,)
            That of the greatest evidence lower bound, searched from the mean of the known codes
            and from the best of them.
        """
        check_is_fitted(self)
        items = check_sequences(X, estimator=self).items
        return fit_code(self.module_, self._frames(items))

    def _best_fit(self, x, numbers):
        """Return which of some styles fits a sequence best."""
        if len(numbers) == 1:
            return numbers[0]
        reach = reach_of(self.module_.encoder) + reach_of(self.module_.decoder)
        pieces = stretches(len(x), reach)
        fits = [
            np.mean(np.concatenate([self._fits(x[seen], i)[judged] for seen, judged in pieces]))
            for i in numbers
        ]
        return numbers[int(np.argmax(fits))]

    def _by_style(self, X, numbers, function):
        clips = check_sequences(X, estimator=self)
        items = [
            function(x, self._best_fit(x, numbers)).astype(x.dtype, copy=False) for x in clips.items
        ]
        return restore_frames(items, X, clips.kind, clips.trail)


def stretches(n_frames, reach):
    """Choose stretches of a sequence, no more of it than tells its style.

    Parameters
    ----------
    n_frames : int
    reach : int
        Frames on either side that are seen beside those that are judged.

    Returns
    -------
    pieces : list of (slice, slice)
        What is seen of the sequence, and what is judged of that.
    """
    if n_frames <= ENOUGH:
        return [(slice(None), slice(None))]
    length = ENOUGH // _N_STRETCHES
    pieces = []
    for start in np.linspace(0, n_frames - length, _N_STRETCHES).astype(int):
        before = min(reach, start)
        seen = slice(start - before, start + length + reach)
        pieces.append((seen, slice(before, before + length)))
    return pieces
