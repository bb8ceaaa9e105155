"""Signals to feature sequences, and back."""

from ._delta import DeltaFeatures
from ._differential import apply_filter
from ._mel_cepstrum import MelCepstrum
from ._mel_spectrogram import MelSpectrogram
from ._vocoder import SourceFilterVocoder

__all__ = [
    "DeltaFeatures",
    "MelCepstrum",
    "MelSpectrogram",
    "SourceFilterVocoder",
    "apply_filter",
]
