"""Containers, validation, parallel maps and persistence: what every floor above needs."""

from .clip_list import ClipList
from .parallel import map_clips
from .persistence import load_model, save_model
from .rates import check_sample_rate, common_sample_rate
from .validation import check_paired, check_sequences, check_signals

__all__ = [
    "ClipList",
    "check_paired",
    "check_sample_rate",
    "check_sequences",
    "check_signals",
    "common_sample_rate",
    "load_model",
    "map_clips",
    "save_model",
]
