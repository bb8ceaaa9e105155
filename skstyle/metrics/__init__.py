"""Measures of conversion and of style transfer, as functions and as scorers."""

from ._chroma import chroma_similarity, chroma_similarity_scorer
from ._distortion import mel_cepstral_distortion, neg_mel_cepstral_distortion_scorer
from ._frechet import frechet_distance, neg_frechet_distance_scorer
from ._global_variance import global_variance_log_ratio, neg_global_variance_log_ratio_scorer
from ._gram import gram_distance, neg_gram_distance_scorer
from ._log_spectral import log_spectral_distance, neg_log_spectral_distance_scorer
from ._modulation_spectrum import modulation_spectrum_rmse, neg_modulation_spectrum_rmse_scorer
from ._multi_resolution import (
    multi_resolution_stft_distance,
    neg_multi_resolution_stft_distance_scorer,
)
from ._onset import onset_f1, onset_f1_scorer
from ._opinion import make_mean_opinion_score_scorer, mean_opinion_score
from ._pitch import (
    log_f0_correlation,
    log_f0_correlation_scorer,
    log_f0_rmse,
    neg_log_f0_rmse_scorer,
)
from ._report import style_report
from ._speaker import (
    make_speaker_similarity_scorer,
    speaker_similarity,
    speaker_similarity_scorer,
)
from ._spectral_convergence import neg_spectral_convergence_scorer, spectral_convergence
from ._speech_measures import speech_scorer
from ._timbre import neg_timbre_distance_scorer, timbre_distance
from ._voicing import neg_voicing_error_scorer, voicing_error
from ._words import make_word_error_rate_scorer, normalize_words, word_error_rate

__all__ = [
    "chroma_similarity",
    "chroma_similarity_scorer",
    "frechet_distance",
    "global_variance_log_ratio",
    "gram_distance",
    "log_f0_correlation",
    "log_f0_correlation_scorer",
    "log_f0_rmse",
    "log_spectral_distance",
    "make_mean_opinion_score_scorer",
    "make_speaker_similarity_scorer",
    "make_word_error_rate_scorer",
    "mean_opinion_score",
    "mel_cepstral_distortion",
    "modulation_spectrum_rmse",
    "multi_resolution_stft_distance",
    "neg_frechet_distance_scorer",
    "neg_global_variance_log_ratio_scorer",
    "neg_gram_distance_scorer",
    "neg_log_f0_rmse_scorer",
    "neg_log_spectral_distance_scorer",
    "neg_mel_cepstral_distortion_scorer",
    "neg_modulation_spectrum_rmse_scorer",
    "neg_multi_resolution_stft_distance_scorer",
    "neg_spectral_convergence_scorer",
    "neg_timbre_distance_scorer",
    "neg_voicing_error_scorer",
    "normalize_words",
    "onset_f1",
    "onset_f1_scorer",
    "speaker_similarity",
    "speaker_similarity_scorer",
    "spectral_convergence",
    "speech_scorer",
    "style_report",
    "timbre_distance",
    "voicing_error",
    "word_error_rate",
]
