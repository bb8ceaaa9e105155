"""Mel-cepstrum of the spectral envelope, and what all analyses by pitch share."""

import warnings

import numpy as np

from ..base import SignalTransformer
from ..exceptions import ShortClipWarning, SilentClipWarning
from ..signal._silence import SILENT_PEAK
from ..utils.rates import check_sample_rate
from ._cepstrum import auto_alpha, mel_cepstrum
from ._envelope import fft_size, spectral_envelope
from ._f0 import learned_range, track_f0
from ._framing import blocks, centred_frames, n_frames_of

# No voice is lower, and the size of the transforms grows with the longest period.
LOWEST_F0_HZ = 20
# What the range of a speaker is learned from: excerpts of this many clips, so long in all.
MAX_EXCERPTS, LEARNING_S = 8, 16.0
# Peak of a loud frame, of the loudest one: 30 dB below.
LOUD = 0.03


class PitchAdaptiveAnalysis(SignalTransformer):
    """What every analysis by F0, envelope and mel-cepstrum shares."""

    def __init__(
        self,
        sample_rate,
        *,
        order=24,
        alpha="auto",
        frame_period_ms=5.0,
        f0_min_hz=71.0,
        f0_max_hz=600.0,
        f0=None,
        learn_f0_range=True,
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.order = order
        self.alpha = alpha
        self.frame_period_ms = frame_period_ms
        self.f0_min_hz = f0_min_hz
        self.f0_max_hz = f0_max_hz
        self.f0 = f0
        self.learn_f0_range = learn_f0_range
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _fit(self, items):
        check_sample_rate(self.sample_rate)
        if not LOWEST_F0_HZ <= self.f0_min_hz < self.f0_max_hz <= self.sample_rate / 2:
            raise ValueError(
                f"Expected {LOWEST_F0_HZ} <= f0_min_hz < f0_max_hz <= sample_rate / 2, got "
                f"f0_min_hz={self.f0_min_hz}, f0_max_hz={self.f0_max_hz} at "
                f"sample_rate={self.sample_rate}."
            )
        if self.frame_period_ms <= 0:
            raise ValueError(f"frame_period_ms must be positive, got {self.frame_period_ms}.")
        if self.order < 1 or self.order != int(self.order):
            raise ValueError(f"order must be a positive integer, got {self.order!r}.")
        if isinstance(self.alpha, str):
            if self.alpha != "auto":
                raise ValueError(f"alpha must be 'auto' or a number, got {self.alpha!r}.")
            self.alpha_ = auto_alpha(self.sample_rate)
        elif not -1 < self.alpha < 1:
            raise ValueError(f"alpha must lie in (-1, 1), got {self.alpha!r}.")
        else:
            self.alpha_ = float(self.alpha)
        if self.f0 is not None and not callable(self.f0):
            raise ValueError(
                "f0 must be None or a function f0(x, sample_rate, times) that returns Hz, got "
                f"{self.f0!r}."
            )
        self.hop_ = self.sample_rate * self.frame_period_ms / 1000
        self.n_fft_ = fft_size(self.sample_rate, self.f0_min_hz)
        self.f0_min_, self.f0_max_ = float(self.f0_min_hz), float(self.f0_max_hz)
        if self.learn_f0_range and self.f0 is None:
            pitches = self._map(self._track_excerpt, _excerpts(items, self.sample_rate))
            self.f0_min_, self.f0_max_ = learned_range(
                np.concatenate(pitches), self.f0_min_hz, self.f0_max_hz
            )

    def _track_excerpt(self, x):
        """Pitches of the loud frames: hum and noise say nothing of the speaker."""
        centres = self._centres(len(x))
        f0 = track_f0(x, self.sample_rate, centres, self.f0_min_hz, self.f0_max_hz)
        frames = centred_frames(x, centres, int(self.sample_rate / self.f0_min_hz))
        level = np.abs(frames).max(axis=1)
        return np.where(level > LOUD * level.max(), f0, 0)

    def _centres(self, n_times):
        """Middle sample of every frame of a clip."""
        return np.round(np.arange(n_frames_of(n_times, self.hop_)) * self.hop_).astype(int)

    def _inspect(self, items, out, names):
        for x, name in zip(items, names, strict=True):
            if np.abs(x).max() < SILENT_PEAK:
                message = f"{name} is silent: it is analysed as silence."
                warnings.warn(message, SilentClipWarning, stacklevel=3)
            elif len(x) < self.hop_:
                message = (
                    f"{name} has {len(x)} samples, less than one frame of {self.hop_:g}: "
                    "it was padded with zeros."
                )
                warnings.warn(message, ShortClipWarning, stacklevel=3)

    def _track(self, x, centres):
        """Return F0 in Hz at every centre, 0 where unvoiced."""
        if self.f0 is None:
            return track_f0(x, self.sample_rate, centres, self.f0_min_, self.f0_max_)
        times = centres / self.sample_rate
        f0 = np.nan_to_num(np.array(self.f0(x, self.sample_rate, times), dtype=float))
        if f0.shape != times.shape:
            raise ValueError(
                f"f0 returned an array of shape {f0.shape} for {len(times)} times; one value "
                "in Hz for every time is needed, 0 or NaN where unvoiced."
            )
        voiced = f0[f0 != 0]
        if len(voiced) and not LOWEST_F0_HZ <= voiced.min() <= voiced.max() <= self.sample_rate / 2:
            raise ValueError(
                f"f0 returned values from {voiced.min():g} to {voiced.max():g} Hz; expected 0 "
                f"(unvoiced) or {LOWEST_F0_HZ} Hz to {self.sample_rate / 2:g} Hz, half the "
                "sample rate."
            )
        return f0

    def _analyse(self, x):
        """Return centres, f0 in Hz and the mel-cepstrum of one signal, in float64."""
        centres = self._centres(len(x))
        x = x.astype(np.float64)
        f0 = self._track(x, centres)
        mcep = np.empty((len(f0), int(self.order) + 1))
        for block in blocks(len(f0)):
            power = spectral_envelope(x, self.sample_rate, centres[block], f0[block], self.n_fft_)
            mcep[block] = mel_cepstrum(power, int(self.order), self.alpha_)
        return x, centres, f0, mcep


def _excerpts(items, sample_rate):
    """Choose clips spread evenly over a collection, and cut some seconds in all of them."""
    indices = np.unique(np.linspace(0, len(items) - 1, MAX_EXCERPTS).astype(int))
    length = max(int(LEARNING_S * sample_rate / len(indices)), 1)
    return [_loudest_part(items[i], length) for i in indices]


def _loudest_part(x, length):
    """Cut the part of most energy, at most ``length`` samples long."""
    if len(x) <= length:
        return x
    energy = np.concatenate([[0], np.cumsum(np.square(x, dtype=np.float64))])
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return x[start : start + length]


class MelCepstrum(PitchAdaptiveAnalysis):
    """Mel-cepstrum of the spectral envelope, without the traces of pitch.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    order : int, default=24
        Index of the last coefficient; sequences have ``order + 1`` columns, c_0 first.
    alpha : float or "auto", default="auto"
        All-pass constant of the frequency warp; "auto" is nearest to the mel scale
        (0.41 at 16 kHz, 0.455 at 22.05 kHz).
    frame_period_ms : float, default=5.0
        Time between frames in milliseconds.
    f0_min_hz, f0_max_hz : float, default=71.0 and 600.0
        Range of the pitch search.
    f0 : callable, optional
        Another pitch tracker: ``f0(x, sample_rate, times)`` returns Hz at every time (in
        seconds), 0 or NaN where unvoiced.
    learn_f0_range : bool, default=True
        Narrow the range to the speaker of ``fit``, an octave beyond the pitches on both
        sides. False searches the whole range, for clips of many speakers.
    n_jobs : int, optional
        Number of clips analysed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    alpha_ : float
        All-pass constant used.
    f0_min_, f0_max_ : float
        Range of the pitch search after ``fit``, in Hz.
    hop_ : float
        Samples between frames; need not be whole.
    n_fft_ : int
        Size of the transforms.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    SourceFilterVocoder : The same envelope, with pitch and aperiodicity, and an inverse.

    References
    ----------
    .. [1] M. Morise, "CheapTrick, a spectral envelope estimator for high-quality speech
       synthesis", Speech Communication 67, 2015. doi:10.1016/j.specom.2014.09.003

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.features import MelCepstrum
    >>> X, _ = make_parallel_speakers(n_sentences=1, random_state=0)
    >>> mcep = MelCepstrum(sample_rate=16000).fit_transform(X)
    >>> mcep[0].shape[1]
    25
    """

    def _transform_one(self, x):
        return self._analyse(x)[3].astype(x.dtype)
