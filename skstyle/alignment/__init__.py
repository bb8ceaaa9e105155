"""Alignment of sequences in time."""

from ._aligner import DTWAligner

__all__ = ["DTWAligner"]
