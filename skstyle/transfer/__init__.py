"""Content in the style of other clips: ``fit(style)``, ``transform(content)``.

What descends needs torch, and is imported only when it is asked for.
"""

from importlib import import_module
from importlib.util import find_spec

from ._auto_style import AutoStyleTransformer
from ._concatenative_style import ConcatenativeStyleTransformer
from ._factory import make_style_transfer
from ._sound_style import SoundStyle
from ._style import Style
from ._transport_style import TransportStyleTransformer

# Names that need torch, and where they live.
_NEEDS_TORCH = {
    "GramFeatures": "_gram_features",
    "GramStyleTransformer": "_gram_style",
    "ModuleFeatures": "_module_features",
    "RandomConv2dFeatures": "_random_conv",
    "RandomConvFeatures": "_random_conv",
    "SpectrogramStyleTransformer": "_spectrogram_style",
    "WaveformStyleTransformer": "_waveform_style",
}

__all__ = [
    "AutoStyleTransformer",
    "ConcatenativeStyleTransformer",
    "SoundStyle",
    "Style",
    "TransportStyleTransformer",
    "make_style_transfer",
]
if find_spec("torch"):
    __all__ += _NEEDS_TORCH


def __getattr__(name):
    if name not in _NEEDS_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if find_spec("torch") is None:
        raise ImportError(f"{name} needs torch, not installed here: pip install skstyle[neural]")
    return getattr(import_module(f".{_NEEDS_TORCH[name]}", __name__), name)
