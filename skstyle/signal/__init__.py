"""Signals to spectra and back, and filters of signals."""

from ._bs1770 import integrated_loudness
from ._cqt import CQTTransformer
from ._loudness import LoudnessNormalizer
from ._peak_guard import PeakGuard
from ._phase import PhaseReconstructor
from ._preemphasis import Preemphasis
from ._reconstruction import reconstruct_phase
from ._resampler import Resampler
from ._silence import SilenceTrimmer
from ._stft import STFTTransformer
from ._time_scale import shift_pitch, time_stretch

__all__ = [
    "CQTTransformer",
    "LoudnessNormalizer",
    "PeakGuard",
    "PhaseReconstructor",
    "Preemphasis",
    "Resampler",
    "STFTTransformer",
    "SilenceTrimmer",
    "integrated_loudness",
    "reconstruct_phase",
    "shift_pitch",
    "time_stretch",
]
