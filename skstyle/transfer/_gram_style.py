"""Style transfer by descent: content in the statistics of a style."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from ..utils.validation import check_sequences, restore_frames
from ._compression import compress, expand, level_of, write_magnitude
from ._descent_settings import check_settings, check_style, check_unchanged
from ._mixable_style import refuse_foreign_style
from ._style import Style
from ._style_approach import approach_style, noise_like
from ._style_descent import StyleDescent
from ._style_meter import StyleMeter, warn_of_silence


class GramStyleTransformer(StyleDescent, StyleMeter):
    """Give spectrograms the style of others, by matching statistics of random features.

    ``fit(style)`` measures a style, ``transform(content)`` changes every spectrogram until its
    activations have the statistics of the style, from the content on.

    Parameters
    ----------
    features : {"random-conv", "random-conv-2d"}, features or torch module, default="random-conv"
        What activations are: the default settings of :class:`RandomConvFeatures` or
        :class:`RandomConv2dFeatures`, such an object, or any torch module, as
        ``ModuleFeatures(module)``. ``RandomConvFeatures(n_filters=None)`` is the limit of
        infinitely many filters, for "gram" and "centred-gram".
    style_statistic : {"gram", "centred-gram", "gram+autocorrelation", "moments", \
            "whitening-coloring", "sliced-wasserstein", "mmd"}, default="centred-gram"
        What makes a style. "gram" is that of the equations below, "centred-gram" takes means off
        before, "gram+autocorrelation" has rhythm too. "whitening-coloring" needs no descent and no
        features: an optimal transport gives frames the mean and the covariance of the style's.
    content_weight : float, default=0.0
        Of activations that shall stay as they are. Where descent begins at the content it is
        seldom needed.
    style_weight : float, default=1.0
    layer_weights : sequence of float, optional
        Of every layer of the features, relative to each other; all alike by default.
    envelope_weight : float, default=0.0
        Keeps the energy of every frame near the content's: its dynamics.
    spectral_envelope_weight : float, default=0.0
        Brings the mean spectrum, smoothed over frequency, to the style's: its timbre.
    diversity_weight : float, default=0.0
        Keeps what :meth:`sample` makes from being a copy of the style. Needs the clips of ``fit``.
    init : {"content", "noise", "style"}, default="content"
        Where descent begins: at the content, at noise with the mean spectrum of the style, or at
        the clips of the style, repeated.
    representation : {"magnitude", "power", "log1p", "log-magnitude"}, default="magnitude"
        What the sequences hold, as ``output`` of :class:`STFTTransformer`.
    contrast : float, default=1000
        Activations are those of ``log(1 + contrast * magnitude / level)``, where the level is
        the root mean square of the clip.
    max_iter : int, default=30
        Steps of descent.
    tol : float, default=0.001
        A clip is ready when the last five steps lowered its loss by less than this part of itself
        each.
    max_seconds : float, optional
        Time for the descent of one clip, after which no step begins. Results then depend on
        the machine.
    chunk_length : int, default=2048
        Longer clips are cut into chunks of at most so many frames, each brought to the style by
        itself, which bounds the memory.
    overlap : int, default=64
        Frames over which one chunk fades into the next.
    random_state : int, RandomState instance or None, default=None
        Draws the filters and the noise. Every clip gets the same noise.
    device : str, default="cpu"
        Where to compute, such as "cuda".
    n_jobs : int, optional
        Number of clips transformed at once; each is computed on one thread.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    style_ : Style
        Mean of the clips of ``fit``, weighted by their frames. A mixture such as
        ``0.3 * a + 0.7 * b`` can be given to ``fit`` in place of clips.
    features_ : object
        The features, with their seed.
    loss_curve_ : list of ndarray of shape (n_steps + 1,)
        The loss at the start and after every step, of each clip that was transformed or sampled
        last: the same list, filled again.
    content_loss_, style_loss_ : list of float
        Of the same clips at the end, without weights.
    n_iter_ : int
        Passes over the clips of ``fit``: always 1. ``loss_curve_`` tells the steps of descent.
    n_features_in_ : int
        Number of bins.

    Warns
    -----
    SilentClipWarning
        A clip is silent: silence is returned, or nothing measured.
    ShortClipWarning
        A clip has fewer frames than the widest filter.

    See Also
    --------
    RandomConvFeatures : The features, and how to choose more of them.
    GramFeatures : Styles as vectors, for classifiers.

    Notes
    -----
    With activations F of what comes out, P of the content, N filters, M positions ::

        loss = alpha sum_l w_l L_l + beta sum_l w_l E_l + further terms
        L_l = 1 / (N M) * 1/2 sum_ij (F_ij - P_ij)^2
        E_l = 1 / (4 N^2) sum_ij (G_ij / M - A_ij / M_style)^2,   G_ij = sum_k F_ik F_jk

    as Gatys et al. [1]_ have it, for audio Ulyanov and Lebedev [2]_, but for means in place of
    sums: weights then mean the same for every length and number of filters. Descent that begins
    at the content needs no content loss [3]_. Further terms have weights of their own [4]_ [5]_ ::

        energy envelope     1/T sum_t 1/2 (e_t - e_t of the content)^2
        spectral envelope   1/B sum_b 1/2 (s_b - s_b of the style)^2
        diversity           1/2 (sum_d c_d^8)^(1/4)

    with the logarithm ``e_t`` of the energy of frame t, the smoothed mean ``s_b`` of bin b, and the
    correlation ``c_d`` with the style when it comes d frames later. A louder content gives the
    same, louder. Magnitudes stay between zero and the loudest of the style and of the start: the
    statistics alone would leave a few bins that drown all others.
    Phases are not touched: :class:`PhaseReconstructor` finds them, best from those of the content.

    "centred-gram" has ``1 / 4 mean_i (m_i - n_i)^2 / 10`` in E_l, too, of means m and n. Between
    instruments, infinitely many filters with "gram", a contrast of 30, a content weight of 0.01 and
    25 steps took a fifth of the time of the defaults, which suit textures, too. A chunk of 2048
    frames, 513 bins each, takes about 0.25 GB, or 0.4 GB with infinitely many filters.

    References
    ----------
    .. [1] L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional
       neural networks", IEEE CVPR, 2016. doi:10.1109/CVPR.2016.265
    .. [2] D. Ulyanov and V. Lebedev, "Audio texture synthesis and style transfer", 2016.
       https://dmitryulyanov.github.io/audio-texture-synthesis-and-style-transfer/
    .. [3] E. Grinstein, N. Q. K. Duong, A. Ozerov and P. Pérez, "Audio style transfer", IEEE
       ICASSP, 2018. doi:10.1109/ICASSP.2018.8461711
    .. [4] P. Verma and J. O. Smith, "Neural style transfer for audio spectrograms", NIPS workshop,
       2017. https://arxiv.org/abs/1801.01589
    .. [5] J. M. Antognini, M. Hoffman and R. J. Weiss, "Audio texture synthesis with random
       neural networks", IEEE ICASSP, 2019. doi:10.1109/ICASSP.2019.8682598

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from skstyle import GramStyleTransformer, PhaseReconstructor, STFTTransformer
    >>> rng = np.random.default_rng(0)
    >>> content = [np.sin(np.arange(6000) / 10)]
    >>> style = [0.1 * rng.normal(size=8000)]
    >>> transfer = make_pipeline(
    ...     STFTTransformer(n_fft=256, output="magnitude", keep_source=True),
    ...     GramStyleTransformer(max_iter=10, random_state=0),
    ...     PhaseReconstructor(init="source"),
    ... )
    >>> out = transfer.fit(style).transform(content)
    >>> len(out[0])
    6000
    >>> losses = transfer[1].loss_curve_[0]
    >>> bool(losses[-1] < 0.1 * losses[0])
    True
    """

    def __init__(
        self,
        features="random-conv",
        *,
        style_statistic="centred-gram",
        content_weight=0.0,
        style_weight=1.0,
        layer_weights=None,
        envelope_weight=0.0,
        spectral_envelope_weight=0.0,
        diversity_weight=0.0,
        init="content",
        representation="magnitude",
        contrast=1000,
        max_iter=30,
        tol=1e-3,
        max_seconds=None,
        chunk_length=2048,
        overlap=64,
        random_state=None,
        device="cpu",
        n_jobs=None,
        verbose=0,
    ):
        self.features = features
        self.style_statistic = style_statistic
        self.content_weight = content_weight
        self.style_weight = style_weight
        self.layer_weights = layer_weights
        self.envelope_weight = envelope_weight
        self.spectral_envelope_weight = spectral_envelope_weight
        self.diversity_weight = diversity_weight
        self.init = init
        self.representation = representation
        self.contrast = contrast
        self.max_iter = max_iter
        self.tol = tol
        self.max_seconds = max_seconds
        self.chunk_length = chunk_length
        self.overlap = overlap
        self.random_state = random_state
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X, y=None):
        """Measure the style.

        Parameters
        ----------
        X : list of arrays (n_frames, n_bins), 1-D object array, 2-D array or Style
            Spectrograms of any lengths, or a style that was measured before. In a 2-D array
            every row is a sequence of its own, of one frame.
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            When a parameter is out of range, magnitudes are negative or not finite, all clips are
            silent, or a style was measured in another way than this one measures.
        """
        check_settings(self)
        refuse_foreign_style(X, self, Style)
        if isinstance(X, Style):
            self.n_features_in_ = X.n_bins
            self._start_meter()
            self._take_style(X)
        else:
            items = check_sequences(X, estimator=self, reset=True).items
            self._start_meter()
            self.style_ = self._measure(items)
            needed = self.init == "style" or self.diversity_weight
            self._repeated = self._frames(items) if needed else None
        check_style(self)
        self._forget_losses()
        return self

    def measure(self, X):
        """Measure a style as ``fit`` does, with the same filters, and leave ``style_`` alone.

        Parameters
        ----------
        X : list of arrays (n_frames, n_bins), 1-D object array or 2-D array

        Returns
        -------
        style : Style
            To be compared with ``style_`` or mixed with it.
        """
        check_is_fitted(self)
        return self._measure(check_sequences(X, estimator=self).items)

    def transform(self, X):
        """Bring every sequence to the style.

        Parameters
        ----------
        X : list of arrays (n_frames, n_bins), 1-D object array or 2-D array
            Of any lengths.

        Returns
        -------
        sequences : list of arrays (n_frames, n_bins)
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when magnitudes are negative or not finite, have another number of bins
            than those of ``fit``, or parameters of the style were changed since.
        """
        check_is_fitted(self)
        check_unchanged(self)
        clips = check_sequences(X, estimator=self)
        magnitudes, levels = self._read(clips.items)
        warn_of_silence(levels, "returned as silence")
        done = self._map(self._transform_magnitude, magnitudes, levels)
        out = [
            write_magnitude(m, self.representation, x.dtype) if level else x.copy()
            for (m, *_), x, level in zip(done, clips.items, levels, strict=True)
        ]
        self._keep_losses(done)
        return restore_frames(out, X, clips.kind, clips.trail)

    def sample(self, n_frames, n_clips=1):
        """Make textures: the style without a content.

        Parameters
        ----------
        n_frames : int
        n_clips : int, default=1
            Each from noise of its own.

        Returns
        -------
        sequences : list of arrays (n_frames, n_bins)
            As loud as the style, in float32.

        Notes
        -----
        The magnitudes are not quite those of any sound, most of all where the style clicks.
        """
        check_is_fitted(self)
        check_scalar(n_frames, "n_frames", Integral, min_val=1)
        check_scalar(n_clips, "n_clips", Integral, min_val=1)
        check_unchanged(self)
        starts = [self._noise(n_frames, i) for i in range(n_clips)]
        done = self._map(self._sample_one, starts)
        self._keep_losses(done)
        return [write_magnitude(m, self.representation, np.float32) for m, *_ in done]

    def _frames(self, items):
        """Return the compressed frames of the style, one clip after the other."""
        magnitudes, levels = self._read(items)
        heard = [(m, level) for m, level in zip(magnitudes, levels, strict=True) if level]
        return np.concatenate([compress(m, level, self.contrast) for m, level in heard])

    def _noise(self, n_frames, i=0):
        """Return the noise of a clip, or of the i-th texture."""
        return noise_like(self.style_, n_frames, np.random.default_rng((self._seed, i)))

    def _transform_magnitude(self, magnitude, level):
        if level == 0:
            return None, np.zeros(1), 0.0, 0.0
        content = compress(magnitude, level, self.contrast)
        z, *losses = approach_style(self, self._start_of(content), content)
        return expand(z, level, self.contrast), *losses

    def _sample_one(self, start):
        z, *losses = approach_style(self, start, None)
        magnitude = expand(z, self.style_.level, self.contrast)
        level = level_of(magnitude)
        return magnitude * (self.style_.level / level if level else 0), *losses
