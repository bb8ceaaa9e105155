"""Mel-cepstrum of the spectral envelope, and what all analyses by pitch share."""

import warnings

import numpy as np

from ..base import SignalTransformer
from ..exceptions import ShortClipWarning, SilentClipWarning
from ..utils.rates import check_sample_rate
from ._cepstrum import auto_alpha, mel_cepstrum
from ._envelope import fft_size, spectral_envelope
from ._f0 import track_f0
from ._framing import n_frames_of

# No voice is lower, and the size of the transforms grows with the longest period.
LOWEST_F0_HZ = 20
# Peak below which a clip counts as silent: under the last bit of 24-bit audio.
SILENT_PEAK = 1e-7


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
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.order = order
        self.alpha = alpha
        self.frame_period_ms = frame_period_ms
        self.f0_min_hz = f0_min_hz
        self.f0_max_hz = f0_max_hz
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
        self.hop_ = self.sample_rate * self.frame_period_ms / 1000
        self.n_fft_ = fft_size(self.sample_rate, self.f0_min_hz)

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

    def _analyse(self, x):
        """Return centres, f0 in Hz and the mel-cepstrum of one signal, in float64."""
        n_frames = n_frames_of(len(x), self.hop_)
        centres = np.round(np.arange(n_frames) * self.hop_).astype(int)
        x = x.astype(np.float64)
        period = self.frame_period_ms / 1000
        f0 = track_f0(x, self.sample_rate, centres, period, self.f0_min_hz, self.f0_max_hz)
        power = spectral_envelope(x, self.sample_rate, centres, f0, self.n_fft_)
        return x, centres, f0, mel_cepstrum(power, int(self.order), self.alpha_)


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
    n_jobs : int, optional
        Number of clips analysed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    alpha_ : float
        All-pass constant used.
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
