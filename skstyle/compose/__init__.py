"""Bridges between frames, sequences and signals."""

from ._aligned import AlignedRegressor
from ._context import ContextRegressor
from ._converter import SignalConverter
from ._factory import make_unpaired_converter, make_voice_converter
from ._per_frame import PerFrame
from ._sequence_vae_converter import SequenceVAEConverter
from ._stream import StreamRegressor
from ._unpaired import UnpairedConverter
from ._vae_converter import VAEConverter

__all__ = [
    "AlignedRegressor",
    "ContextRegressor",
    "PerFrame",
    "SequenceVAEConverter",
    "SignalConverter",
    "StreamRegressor",
    "UnpairedConverter",
    "VAEConverter",
    "make_unpaired_converter",
    "make_voice_converter",
]
