"""Pairs of clips that can be learned from."""

import warnings

import numpy as np

from ..exceptions import SilentClipWarning
from ..signal._silence import SILENT_PEAK


def audible_pairs(X, y):
    """Return the indices of the pairs without a silent clip; warn of the others."""
    kept = []
    for i, (a, b) in enumerate(zip(X, y, strict=True)):
        silent = [n for n, s in (("X", a), ("y", b)) if np.abs(s).max() < SILENT_PEAK]
        if silent:
            message = f"{' and '.join(f'{n}[{i}]' for n in silent)} silent: the pair was left out."
            warnings.warn(message, SilentClipWarning, stacklevel=3)
        else:
            kept.append(i)
    if not kept:
        raise ValueError(f"All {len(X)} pairs of clips are silent: there is nothing to learn.")
    return kept
