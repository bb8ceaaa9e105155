"""Signals to feature sequences, and back."""

from ._delta import DeltaFeatures
from ._vocoder import MelCepstrum, SourceFilterVocoder

__all__ = ["DeltaFeatures", "MelCepstrum", "SourceFilterVocoder"]
