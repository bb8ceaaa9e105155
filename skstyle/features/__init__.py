"""Signals to feature sequences, and back."""

from ._delta import DeltaFeatures
from ._mel_cepstrum import MelCepstrum
from ._vocoder import SourceFilterVocoder

__all__ = ["DeltaFeatures", "MelCepstrum", "SourceFilterVocoder"]
