"""Measures of conversion and of style transfer, as functions and as scorers."""

from ._chroma import chroma_similarity, chroma_similarity_scorer
from ._distortion import mel_cepstral_distortion, neg_mel_cepstral_distortion_scorer
from ._frechet import frechet_distance, neg_frechet_distance_scorer
from ._gram import gram_distance, neg_gram_distance_scorer
from ._log_spectral import log_spectral_distance, neg_log_spectral_distance_scorer
from ._onset import onset_f1, onset_f1_scorer
from ._timbre import neg_timbre_distance_scorer, timbre_distance

__all__ = [
    "chroma_similarity",
    "chroma_similarity_scorer",
    "frechet_distance",
    "gram_distance",
    "log_spectral_distance",
    "mel_cepstral_distortion",
    "neg_frechet_distance_scorer",
    "neg_gram_distance_scorer",
    "neg_log_spectral_distance_scorer",
    "neg_mel_cepstral_distortion_scorer",
    "neg_timbre_distance_scorer",
    "onset_f1",
    "onset_f1_scorer",
    "timbre_distance",
]
