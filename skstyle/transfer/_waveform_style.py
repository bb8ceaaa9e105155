"""Style transfer by descent of the waveform itself."""

from functools import partial
from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from ..base import _names, _naming_clip
from ..utils.validation import restore
from ._chunk_descent import descend_in_chunks
from ._descent_settings import check_chunk, check_waveform_settings
from ._levels import UNIT_RMS, at_unit_level, level_of
from ._mixable_style import refuse_foreign_style
from ._style import Style, check_layer_weights
from ._style_descent import StyleDescent
from ._style_loss import StyleLoss
from ._style_meter import warn_of_silence
from ._style_statistics import STATISTICS
from ._torch_setup import one_thread
from ._waveform_meter import WaveformMeter
from ._waveform_steering import descend_steered, shaped_noise


class WaveformStyleTransformer(StyleDescent, WaveformMeter):
    """Give clips the style of others, by descent of their waveforms.

    As :class:`GramStyleTransformer`, but signals come in and go out: the loss of a spectrogram's
    activations is followed back to the samples, and no phases have to be found afterwards.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    features : {"random-conv", "random-conv-2d"}, features or torch module, default="random-conv"
        What activations are, as in :class:`GramStyleTransformer`; or a list of these, one for
        every length of window.
    n_ffts : sequence of int, default=(1024,)
        Lengths of windows in samples, multiples of four; frames overlap four times. Every length
        has filters and layers of its own. The first one also tells loud sounds from quiet ones.
    spectra : {"log1p", "real-imag"}, default="log1p"
        What the features see: compressed magnitudes, or real and imaginary parts side by side,
        compressed as magnitudes are.
    style_statistic : {"gram", "centred-gram", "gram+autocorrelation", "moments", \
            "sliced-wasserstein", "mmd"}, default="centred-gram"
        What makes a style, as in :class:`GramStyleTransformer`; all but the closed form.
    content_weight : float, default=0.0
        Of activations that shall stay as they are.
    style_weight : float, default=1.0
    layer_weights : sequence of float, optional
        Of every layer, those of the first window first, relative to each other; all alike by
        default.
    init : {"content", "noise", "style"}, default="content"
        Where descent begins: at the content, at noise with the mean spectrum of the style, or at
        the clips of the style, repeated.
    contrast : float, default=1000
        What lies about ``20 log10(contrast)`` dB below the level of a clip is lost.
    max_iter : int, default=60
        Steps of descent.
    tol : float, default=0.001
        A clip is ready when the last five steps lowered its loss by less than this part of itself
        each.
    max_seconds : float, optional
        Time for the descent of one clip, after which no step begins. Results then depend on
        the machine.
    chunk_seconds : float, default=30.0
        Longer clips are cut into chunks of at most so many seconds, each brought to the style by
        itself, which bounds the memory.
    overlap_seconds : float, default=0.5
        For which one chunk fades into the next.
    random_state : int, RandomState instance or None, default=None
        Draws the filters and the noise. Every clip gets the same noise.
    device : str, default="cpu"
        Where to compute the loss, such as "cuda".
    n_jobs : int, optional
        Number of clips transformed at once; each is computed on one thread.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    style_ : Style
        Mean of the clips of ``fit``, weighted by their lengths. A mixture such as
        ``0.3 * a + 0.7 * b`` can be given to ``fit`` in place of clips.
    features_ : list of objects
        The features for every length of window, with their seeds.
    loss_curve_ : list of ndarray of shape (n_steps + 1,)
        The loss at the start and after every step, of each clip that was transformed or sampled
        last: the same list, filled again.
    content_loss_, style_loss_ : list of float
        Of the same clips at the end, without weights.
    n_iter_ : int
        Passes over the clips of ``fit``: always 1. ``loss_curve_`` tells the steps of descent.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    Warns
    -----
    SilentClipWarning
        A clip is silent: silence is returned, or nothing measured.
    ShortClipWarning
        A clip has fewer frames than the widest filter.

    See Also
    --------
    GramStyleTransformer : Descent of spectrograms, for any representation.
    TransportStyleTransformer : Filters frames, in a fraction of a second.

    Notes
    -----
    Losses are those of :class:`GramStyleTransformer`, of activations of ``log(1 + (c M)^2) / 2``
    for magnitudes M in units of the clip's level and a contrast c. That the variable is the
    waveform [1]_ lets the spectra overlap consistently, lets windows of several lengths take part,
    and lets features see phases [2]_ [3]_.

    A logarithmic loss is steep in what is quiet and flat in what is loud, and descent of bare
    samples changes inaudible things first. Steps are therefore made by a filter P that passes
    every bin of every frame in proportion to the magnitude it has, or has in the style's mean
    spectrum: with the waveform ``start + P (u - start)`` descent is on u. After 20 steps, P is
    made anew.

    It is seldom the better way: between instruments, descent of spectrograms came nearer to the
    wanted sound in five pairs of six, and is quicker.

    The result is as long and as loud (root mean square) as the content; its peaks may be
    higher: see :class:`~skstyle.signal.PeakGuard`. Digital silence within a clip stays silent.

    References
    ----------
    .. [1] P. K. Mital, "Time domain neural audio style transfer", NIPS Workshop on Machine
       Learning for Creativity and Design, 2017. https://arxiv.org/abs/1711.11160
    .. [2] H. Caracalla and A. Roebel, "Sound texture synthesis using convolutional neural
       networks", DAFx, 2019.
    .. [3] H. Caracalla and A. Roebel, "Sound texture synthesis using RI spectrograms", IEEE
       ICASSP, 2020. https://arxiv.org/abs/1910.09497

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle import WaveformStyleTransformer
    >>> rng = np.random.default_rng(0)
    >>> content = [np.sin(np.arange(6000) / 10)]
    >>> style = [0.1 * rng.normal(size=8000)]
    >>> transfer = WaveformStyleTransformer(16000, n_ffts=(256,), max_iter=10, random_state=0)
    >>> out = transfer.fit(style).transform(content)
    >>> len(out[0])
    6000
    >>> losses = transfer.loss_curve_[0]
    >>> bool(losses[-1] < 0.5 * losses[0])
    True
    """

    def __init__(
        self,
        sample_rate,
        features="random-conv",
        *,
        n_ffts=(1024,),
        spectra="log1p",
        style_statistic="centred-gram",
        content_weight=0.0,
        style_weight=1.0,
        layer_weights=None,
        init="content",
        contrast=1000,
        max_iter=60,
        tol=1e-3,
        max_seconds=None,
        chunk_seconds=30.0,
        overlap_seconds=0.5,
        random_state=None,
        device="cpu",
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.features = features
        self.n_ffts = n_ffts
        self.spectra = spectra
        self.style_statistic = style_statistic
        self.content_weight = content_weight
        self.style_weight = style_weight
        self.layer_weights = layer_weights
        self.init = init
        self.contrast = contrast
        self.max_iter = max_iter
        self.tol = tol
        self.max_seconds = max_seconds
        self.chunk_seconds = chunk_seconds
        self.overlap_seconds = overlap_seconds
        self.random_state = random_state
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X, y=None):
        """Measure the style.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array, 2-D array (n_clips, n_times) or Style
            Mono signals in [-1, 1] of any lengths and levels, all of one style; or a style that
            was measured before.
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            When a parameter is out of range, a clip is empty, stereo, of integers or not finite,
            all clips are silent, or a style was measured in another way.
        """
        self._check_meter()
        check_waveform_settings(self)
        refuse_foreign_style(X, self, Style)
        items = None if isinstance(X, Style) else self._check_sounds(X, reset=True)[1]
        self._start_meter()
        if items is None:
            self._take_style(X)
        else:
            self.style_, self._repeated = self._measure(items), None
            if self.init == "style":
                heard = [at_unit_level(x)[0] for x in items if level_of(x)]
                self._repeated = np.concatenate(heard)
        check_layer_weights(self.layer_weights, len(self.style_.layers))
        check_chunk(self, "chunk_seconds", self._shortest() / self.sample_rate)
        self._forget_losses()
        return self

    def measure(self, X):
        """Measure a style as ``fit`` does, with the same filters, and leave ``style_`` alone.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1].

        Returns
        -------
        style : Style
            To be compared with ``style_`` or mixed with it.
        """
        check_is_fitted(self)
        return self._measure(self._check_sounds(X)[1])

    def transform(self, X):
        """Bring every clip to the style.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            The contents: mono signals in [-1, 1] of any lengths.

        Returns
        -------
        signals : list of 1-D arrays
            As long and as loud (root mean square, a constant offset apart) as the contents, in
            their dtype and the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a clip is empty, stereo, of integers or not finite, or when a step
            before has made another sample rate.
        """
        check_is_fitted(self)
        clips, items = self._check_sounds(X)
        warn_of_silence([level_of(x) for x in items], "returned as silence")
        self._warn_of_short(items)
        done = self._map(partial(_naming_clip, self._transform_one), _names(items), items)
        self._keep_losses(done)
        out = [y.astype(x.dtype, copy=False) for (y, *_), x in zip(done, clips.items, strict=True)]
        return restore(out, clips.kind, clips.trail)

    def sample(self, n_times, n_clips=1):
        """Make textures: the style without a content.

        Parameters
        ----------
        n_times : int
            Length in samples.
        n_clips : int, default=1
            Each from noise of its own.

        Returns
        -------
        signals : list of 1-D arrays
            As loud as the style, in float32.
        """
        check_is_fitted(self)
        check_scalar(n_times, "n_times", Integral, min_val=1)
        check_scalar(n_clips, "n_clips", Integral, min_val=1)
        done = self._map(partial(self._sample_one, n_times), range(n_clips))
        self._keep_losses(done)
        return [y for y, *_ in done]

    def _noise(self, n_times, i=0):
        return shaped_noise(n_times, self.style_.spectrum, np.random.default_rng((self._seed, i)))

    def _transform_one(self, x):
        if not level_of(x):
            return np.zeros_like(x), np.zeros(1), 0.0, 0.0
        scaled, factor = at_unit_level(x)
        y, *losses = self._descend(self._start_of(scaled), scaled)
        return (_levelled(y) * np.float64(factor)).astype(x.dtype), *losses

    def _sample_one(self, n_times, i):
        y, *losses = self._descend(self._noise(n_times, i), None)
        return _levelled(y) * np.float32(self.style_.level / UNIT_RMS), *losses

    def _descend(self, start, content):
        """Return the waveform, its losses on the way, and both losses at the end."""
        with one_thread():
            return descend_in_chunks(
                partial(
                    descend_steered,
                    style_levels=self.style_.spectrum[0],
                    max_iter=self.max_iter,
                    tol=self.tol,
                ),
                partial(self._make_loss, self._activations()),
                start,
                content,
                pad=self._long_enough,
                chunk_length=max(int(self.chunk_seconds * self.sample_rate), 2),
                overlap=int(self.overlap_seconds * self.sample_rate),
                max_seconds=self.max_seconds,
            )

    def _make_loss(self, activations, content):
        return StyleLoss(
            activations,
            STATISTICS[self.style_statistic],
            self.style_,
            layer_weights=check_layer_weights(self.layer_weights, len(self.style_.layers)),
            content_weight=0.0 if content is None else self.content_weight,
            style_weight=self.style_weight,
            content=content,
            device=self.device,
        )


def _levelled(y):
    """Bring a signal to unit level, unless it is silent."""
    return at_unit_level(y)[0] if level_of(y) else y
