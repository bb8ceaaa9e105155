"""A variational autoencoder of frames."""

from numbers import Integral

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils import check_random_state, check_scalar
from sklearn.utils.validation import check_is_fitted

from ..utils.pairing import stack
from ..utils.validation import check_sequences
from ._base_frame_vae import BaseFrameVAE


class VAETransformer(ClassNamePrefixFeaturesOutMixin, BaseFrameVAE):
    """Describe frames by a few numbers of a variational autoencoder, and make frames of them.

    An encoder turns a frame into a Gaussian over codes, a decoder turns a code into a frame, and
    codes of all frames together are held to N(0, 1): close codes sound alike, and codes that are
    drawn at random sound as well.

    Parameters
    ----------
    latent_dim : int, default=16
        Numbers in a code.
    hidden_layer_sizes : tuple of int, default=(128, 128)
        Of the encoder, and of the decoder the other way round.
    encoder, decoder : torch.nn.Module or callable, default=None
        Other modules than linear layers with smooth rectifiers: a module, which is copied, or a
        function of the numbers of columns that go in and come out that makes one, such as
        ``torch.nn.Linear``. The encoder makes ``2 * latent_dim`` columns of ``n_features``: all
        means, then the logarithms of all variances. The decoder makes ``n_features`` of
        ``latent_dim``. Columns are standardised.
    decoder_variance : {"column", "one"}, default="column"
        Frames lie around what is decoded with a variance that is learned, for every column of its
        own, or one for all in the units of X.
    beta : float, default=1.0
        Weight of the divergence of codes from N(0, 1). Greater values leave fewer dimensions in
        use.
    warmup_epochs : float, default=10
        Over so many epochs the weight grows from 0, so that codes are put to use first.
    free_bits : float, default=0.0
        Nats that every dimension may say about a frame without a cost.
    n_epochs : int, default=100
        Passes over the training frames, at most.
    batch_size : int, default=256
        Frames of a step.
    learning_rate : float, default=0.001
    weight_decay : float, default=0.0
    validation_fraction : float, default=0.1
        Share of the sequences, at least one of three or more, that is not trained on, but tells
        when to stop. Where X is a 2-D array, runs of 100 neighbouring frames stand for sequences.
        0 runs all epochs, as one or two sequences do.
    patience : int, default=10
        Epochs after warm-up without progress on held-out frames after which training stops.
    warm_start : bool, default=False
        Whether ``fit`` goes on where it was, up to `n_epochs` in all, as if it had not stopped.
    checkpoint_path : path-like, default=None
        After every epoch the estimator is saved there, without `callbacks`. ``load_model(path)``,
        ``warm_start=True`` and ``fit`` go on from there.
    log_path : path-like, default=None
        Where to write how training goes: a table, if the name ends in ``.csv``, else a folder for
        TensorBoard.
    callbacks : list of skorch.callbacks.Callback, default=None
        Further ones, called in training.
    random_state : int, RandomState instance or None, default=None
        Draws first weights, held-out sequences, batches and noise. The random numbers of torch
        and numpy are left alone.
    device : str, default="cpu"
        Where to train, such as "cuda". The fitted module lives on the CPU.
    verbose : int, default=0
        1 prints one line an epoch.

    Attributes
    ----------
    module_ : torch.nn.Module
        In float64: the weights that held-out frames liked best.
    elbo_ : float
        Mean evidence lower bound of a held-out frame, in nats; of a training frame where nothing
        was held out. In a checkpoint that of at most 1000 such frames, spread evenly.
    kl_per_dim_ : ndarray of shape (latent_dim,)
        Nats that every dimension says about a training frame, on average.
    active_units_ : int
        Number of dimensions whose mean has a variance of more than 0.01 over training frames [2]_.
        With `free_bits` nearly all have, however little they say: look at ``kl_per_dim_``.
    history_ : dict of str to ndarray of shape (n_epochs_run,)
        "train_loss", "train_reconstruction", "train_kl" and "kl_weight"; "valid_loss", with the
        whole `beta`, where there are held-out frames. In nats a frame.
    best_epoch_ : int
        Number of epochs that the weights were trained for.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X is one array with column names.

    See Also
    --------
    sklearn.decomposition.PCA : What linear encoders and decoders come to.

    Notes
    -----
    With q(z|x) = N(m, s^2) from the encoder, p(z) = N(0, 1) and p(x|z) = N(f(z), v) from the
    decoder [1]_ ::

        log p(x) >= E_q[log p(x|z)] - KL(q || p),   KL = -1/2 sum(1 + log s^2 - m^2 - s^2)

    ``score`` is that bound, whatever `beta`, so that a grid search over `beta` and `latent_dim`
    compares models alike. Its expectation is a mean over the same draws for every frame, which
    have mean 0 and covariance I exactly.

    Where dimensions say nothing, a smaller `beta`, longer `warmup_epochs` or `free_bits` help
    [3]_.

    Training is on one thread: nets of this size gain nothing from more, and grid searches run one
    in every process.

    References
    ----------
    .. [1] D. P. Kingma and M. Welling, "Auto-encoding variational Bayes", ICLR 2014.
       https://doi.org/10.48550/arXiv.1312.6114
    .. [2] Y. Burda, R. Grosse and R. Salakhutdinov, "Importance weighted autoencoders", ICLR
       2016. https://doi.org/10.48550/arXiv.1509.00519
    .. [3] D. P. Kingma et al., "Improved variational inference with inverse autoregressive
       flow", NeurIPS 2016. https://doi.org/10.48550/arXiv.1606.04934

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.neural import VAETransformer
    >>> rng = np.random.default_rng(0)
    >>> angle = np.cumsum(rng.normal(size=(3, 400)), axis=1)  # one number behind three columns
    >>> X = [np.column_stack([np.cos(a), np.sin(a), np.cos(2 * a)]) for a in angle]
    >>> vae = VAETransformer(2, batch_size=64, learning_rate=0.005, random_state=0).fit(X)
    >>> vae.transform(X)[0].shape
    (400, 2)
    >>> error = np.abs(vae.inverse_transform(vae.transform(X))[0] - X[0]).mean()
    >>> bool(error < 0.5 * np.abs(X[0] - X[0].mean(axis=0)).mean())
    True
    >>> vae.sample(5, random_state=0).shape
    (5, 3)
    """

    def __init__(
        self,
        latent_dim=16,
        *,
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
        self.latent_dim = latent_dim
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

    @property
    def _n_features_out(self):
        return self.module_.latent_dim

    def fit(self, X, y=None):
        """Train encoder and decoder.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array of frames
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            When a parameter is out of range, an encoder or a decoder does not fit the columns, or
            a device is not there.
        ArithmeticError
            When the loss is no finite number any more. The best weights before are kept, and all
            methods work with them.
        """
        return self._fit(X)

    def partial_fit(self, X, y=None):
        """Train one epoch more, on these frames. Nothing is held out.

        The first call chooses what columns are divided by, and counts as the first epoch of
        warm-up. Later ones go on from the weights in use.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array of frames
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        return self._fit_one_epoch(X)

    def transform(self, X):
        """Return the mean code of every frame.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array of frames

        Returns
        -------
        Z : list of arrays (n_frames, latent_dim)
            In the kind of container that X is, in its dtype.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when frames are not finite, or have another number of columns than those
            of ``fit``.
        """
        return self._by_frame(X, self, lambda frames: self._encode(frames)[0])

    def inverse_transform(self, X):
        """Return the frames that codes stand for.

        Parameters
        ----------
        X : list of arrays (n_frames, latent_dim), 1-D object array or 2-D array of codes

        Returns
        -------
        frames : list of arrays (n_frames, n_features)
            In the kind of container that X is, in its dtype.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when codes are not finite, or have another number of columns than
            ``transform`` gives.
        """
        return self._by_frame(X, None, self._decode)

    def sample(self, n_samples=1, *, noise=True, random_state=None):
        """Draw codes, and frames of them.

        Parameters
        ----------
        n_samples : int, default=1
        noise : bool, default=True
            Whether frames lie around what is decoded, as those of X do. What is decoded itself is
            smoother.
        random_state : int, RandomState instance or None, default=None

        Returns
        -------
        frames : ndarray of shape (n_samples, n_features)
            In the dtype of the frames in ``fit``.
        """
        check_is_fitted(self)
        check_scalar(n_samples, "n_samples", Integral, min_val=1)
        random_state = check_random_state(random_state)
        frames = self._decode(random_state.standard_normal((n_samples, self._n_features_out)))
        if noise:
            deviation = np.exp(0.5 * self.module_.decoded_log_variance().detach().numpy())
            draws = random_state.standard_normal(frames.shape)
            frames += draws * deviation * self._scaler.scale_
        return frames.astype(self._dtype, copy=False)

    def score_samples(self, X):
        """Return the evidence lower bound of every frame.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array of frames

        Returns
        -------
        bounds : list of arrays (n_frames,)
            In nats, in the kind of container that X is. Frames unlike those of ``fit`` have
            low ones.
        """
        return self._by_frame(X, self, self._bounds)

    def score(self, X, y=None, sample_weight=None):
        """Return the mean evidence lower bound of a frame.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array of frames
        y : None
            Ignored.
        sample_weight : array of shape (n_frames,), optional
            Weights of all frames of all sequences.

        Returns
        -------
        score : float
            In nats; greater is better.
        """
        check_is_fitted(self)
        frames = stack(check_sequences(X, estimator=self).items)
        return float(np.average(self._bounds(frames), weights=sample_weight))
