"""Measures of conversion, as functions and as scorers."""

from ._distortion import mel_cepstral_distortion, neg_mel_cepstral_distortion_scorer

__all__ = ["mel_cepstral_distortion", "neg_mel_cepstral_distortion_scorer"]
