"""Look at conversions and listen to them."""

from ._alignment import AlignmentDisplay
from ._components import ComponentDisplay
from ._conversion import ConversionDisplay
from ._diagnose import diagnose
from ._diagnosis import Diagnosis
from ._grid import GridDisplay
from ._learning import LearningDisplay
from ._player import AudioPlayer
from ._row import AudioRow
from ._spectrogram import SpectrogramDisplay

__all__ = [
    "AlignmentDisplay",
    "AudioPlayer",
    "AudioRow",
    "ComponentDisplay",
    "ConversionDisplay",
    "Diagnosis",
    "GridDisplay",
    "LearningDisplay",
    "SpectrogramDisplay",
    "diagnose",
]
