"""Style transfer by optimal transport of the spectra of frames."""

from functools import partial

import numpy as np

from ._band_gains import apply_gains, smooth_gains
from ._levels import log_mel, make_analysis, sounding
from ._style_transformer import StyleTransformer
from ._timed_transport import mean_of_nearest, sounds_of, timed_frames, timed_transport

# Of an octave of the time since a note began, in dB: frames are carried to frames as old.
TIME_WEIGHT = 300.0


class TransportStyleTransformer(StyleTransformer):
    """Filter clips so that the spectra of their frames are distributed as those of a style.

    The melody stays: every frame is filtered by itself, smoothly in frequency and in time, and
    keeps its phases. It takes any sounds, pitched or not, in a fraction of a second.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    n_mels : int, default=96
        Number of bands that have gains of their own.
    n_steps : int, default=8
        Steps of sliced transport behind the transport of Gaussians; 0 leaves it at that, which
        matches means and covariances only.
    shrinkage : float, default=0.1
        How far the covariances of the Gaussians go towards equal variances, 0 to 1.
    n_neighbors : int, default=4
        Frames of the style whose mean is taken near the place that a frame is carried to; 0 takes
        the place itself.
    smoothing : float, default=3.0
        Standard deviation of the Gaussian that smooths the gains along time, in frames of 16 ms.
    random_state : int, RandomState or None, default=None
        Seed of the directions of sliced transport. Same seed, same bytes.
    n_jobs : int, optional
        Number of clips transformed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    style_ : SoundStyle
        The clips of ``fit`` at one level; or what was given to it, such as ``0.3 * a + 0.7 * b``.
    bases_ : ndarray of shape (n_steps, n_mels + 1, n_mels + 1)
        Directions of sliced transport, in columns.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    ConcatenativeStyleTransformer : Made of the style's own sounds, for pitched music.

    Notes
    -----
    A frame ``x`` has the levels of its mel bands, in dB, and the time since the spectrum changed
    last, which is where a note began. Frames are carried to the style's distribution by the optimal
    transport of Gaussians [1]_, on by iterated transport along random directions [2]_, and to the
    mean of the style's frames that are nearest there. The gain of a band, the difference
    ``T(x) - x`` of levels, is smoothed along time, interpolated between the centres of bands, and
    applied to the spectrum.

    Towards a mixture of styles a band has the weighted mean of the gains, in dB, towards each: it
    goes part of the way to all of them.

    The result is as loud as the content as a whole. Its peaks may be higher: see
    :class:`~skstyle.signal.PeakGuard`. Gains lie between -80 and 40 dB, and frames 60 dB
    below the loudest of a clip are silence: that of the style takes no part, that of the content
    stays. What the content does not hold, such as the harmonics of another pitch,
    cannot be filtered out of it. With many bands the lowest are narrower than harmonics are apart,
    and gains may pick out single ones: of a style that plays few notes these prevail, and the
    melody suffers. ``n_mels=32`` keeps it, and is farther from the timbre of the style; 128 is
    nearest, where the style holds the content's notes.

    References
    ----------
    .. [1] G. Peyre, M. Cuturi, "Computational optimal transport", Found. Trends Mach. Learn.
       11(5-6), 2019, remark 2.31. https://doi.org/10.1561/2200000073
    .. [2] F. Pitie, A. C. Kokaram, R. Dahyot, "Automated colour grading using colour
       distribution transfer", Comput. Vis. Image Underst. 107(1-2), 2007.
       https://doi.org/10.1016/j.cviu.2006.11.011

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer import TransportStyleTransformer
    >>> rng = np.random.default_rng(0)
    >>> noise = 0.1 * rng.standard_normal(16000)
    >>> dark = np.convolve(noise, np.ones(8) / 8, mode="same")
    >>> transfer = TransportStyleTransformer(16000, random_state=0).fit([dark])
    >>> darker = transfer.transform([noise])[0]
    >>> def share_of_treble(x):
    ...     power = np.abs(np.fft.rfft(x)) ** 2
    ...     return round(float(power[4000:].sum() / power.sum()), 2)
    >>> [share_of_treble(x) for x in (noise, darker, dark)]
    [0.5, 0.04, 0.04]
    """

    def __init__(
        self,
        sample_rate,
        *,
        n_mels=96,
        n_steps=8,
        shrinkage=0.1,
        n_neighbors=4,
        smoothing=3.0,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.n_mels = n_mels
        self.n_steps = n_steps
        self.shrinkage = shrinkage
        self.n_neighbors = n_neighbors
        self.smoothing = smoothing
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _check_parameters(self):
        self._check_whole_numbers(n_mels=2, n_steps=0, n_neighbors=0)
        self._check_numbers(shrinkage=0, smoothing=0)
        if self.shrinkage > 1:
            raise ValueError(f"shrinkage must lie between 0 and 1, got {self.shrinkage!r}.")

    def _learn(self, style):
        self._analysis = make_analysis(self.sample_rate, self.n_mels)
        measure = partial(_frames_of, analysis=self._analysis)
        frames = [self._map(measure, part.clips) for part in style.parts]
        self._style_frames = [np.concatenate([sounds_of(f) for f in part]) for part in frames]
        self.bases_ = self._draw_bases(self.n_steps)

    def _stylise(self, x):
        frames = _frames_of(x, self._analysis)
        heard = sounding(frames[:, :-1])
        # Silence is left alone.
        gains = np.zeros_like(frames[:, :-1])
        for share, others in zip(self.style_.weights, self._style_frames, strict=True):
            gains[heard] += share * self._gains(frames[heard], others)
        return apply_gains(x, smooth_gains(gains, self.smoothing), self._analysis)

    def _gains(self, frames, others):
        """Gains of bands that carry frames to others, in dB."""
        wanted = timed_transport(frames, others, self.bases_, self.shrinkage)
        if self.n_neighbors:
            wanted = mean_of_nearest(wanted, others, int(self.n_neighbors))
        return (wanted - frames)[:, :-1]


def _frames_of(x, analysis):
    return timed_frames(log_mel(x, analysis), analysis, TIME_WEIGHT)
