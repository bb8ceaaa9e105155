"""The alignment of measures: pairs of clips of any length, named as measures name them."""

from numbers import Real

import numpy as np

from ..alignment import DTWAligner
from ..alignment._dtw import estimate_bytes
from ..alignment._window import band_limits


class PairAligner(DTWAligner):
    """Dynamic time warping that goes from coarse to fine where a pair is too long for the memory.

    Up to ``max_memory_mb`` paths are the best ones, those of :class:`DTWAligner`. Beyond, which
    is at some two minutes of speech that are compared with two others, they are those of its
    ``multi_resolution``.
    """

    def _find_paths(self, X, y, names, choose):
        names = [f"y_true[{i}] and y_pred[{i}]" for i in range(len(X))]
        return super()._find_paths(X, y, names, choose)

    def _dtw(self, a, b, name):
        n, m = len(a), len(b)
        needed = estimate_bytes(*band_limits(n, m, self.band), n, m, a.shape[1], self.slope)
        if needed <= self.max_memory_mb * 1e6:
            return super()._dtw(a, b, name)
        params = {**self.get_params(), "multi_resolution": True}
        return DTWAligner(**params)._dtw(a, b, name)


def check_alignment(align, band=None, silence_db=None):
    """Refuse settings of an alignment that mean nothing.

    Parameters
    ----------
    align : bool
    band : float or None
    silence_db : float or None
    """
    if not isinstance(align, (bool, np.bool_)):
        raise ValueError(f"align must be True or False, got {align!r}.")
    if band is not None and not (_is_number(band) and 0 < band <= 1):
        raise ValueError(
            f"band must be a number above 0 and up to 1, a share of the longer clip, or None; "
            f"got {band!r}."
        )
    check_silence(silence_db)


def check_silence(silence_db):
    """Refuse what is no distance from loud frames.

    Parameters
    ----------
    silence_db : float or None
    """
    if silence_db is not None and not (_is_number(silence_db) and silence_db > 0):
        raise ValueError(
            f"silence_db must be a positive number of dB, or None to keep all frames; got "
            f"{silence_db!r}."
        )


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool) and np.isfinite(value)
