"""Look at conversions and listen to them."""

from ._conversion import ConversionDisplay
from ._player import AudioPlayer

__all__ = ["AudioPlayer", "ConversionDisplay"]
