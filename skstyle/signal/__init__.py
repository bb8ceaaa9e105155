"""Signals to spectra, and back."""

from ._stft import STFTTransformer

__all__ = ["STFTTransformer"]
