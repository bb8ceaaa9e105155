"""Clips to learn from: synthetic speakers with known truth, and folders of recordings."""

from ._parallel import corpus_sample_rate, load_parallel_corpus, match_utterances
from ._synthetic import make_parallel_speakers

__all__ = [
    "corpus_sample_rate",
    "load_parallel_corpus",
    "make_parallel_speakers",
    "match_utterances",
]
