"""Alignment of sequences in time."""

from ._aligner import DTWAligner
from ._ctw import CTWAligner
from ._dtw import dtw_path
from ._soft_dtw import soft_dtw, soft_dtw_alignment, soft_dtw_gradient

__all__ = [
    "CTWAligner",
    "DTWAligner",
    "dtw_path",
    "soft_dtw",
    "soft_dtw_alignment",
    "soft_dtw_gradient",
]
