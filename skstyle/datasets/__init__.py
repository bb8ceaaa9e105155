"""Clips to learn from: synthetic voices, tunes and textures, and folders of recordings."""

from ._examples import (
    example_speakers,
    example_texts,
    example_textures,
    example_tunes,
    example_voices,
)
from ._parallel import corpus_sample_rate, load_parallel_corpus, match_utterances
from ._spoken_texts import make_spoken_text
from ._synthetic import make_parallel_speakers
from ._textures import make_texture
from ._tunes import make_tune

__all__ = [
    "corpus_sample_rate",
    "example_speakers",
    "example_texts",
    "example_textures",
    "example_tunes",
    "example_voices",
    "load_parallel_corpus",
    "make_parallel_speakers",
    "make_spoken_text",
    "make_texture",
    "make_tune",
    "match_utterances",
]
