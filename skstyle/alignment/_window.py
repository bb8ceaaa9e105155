"""Which pairs of frames a path may visit: the band, and what a coarser path leaves."""

import numpy as np


def band_limits(n, m, band):
    """Return the columns [low, high) that every row may use.

    Parameters
    ----------
    n, m : int
        Numbers of frames.
    band : float or None
        Half-width of the Sakoe-Chiba band as a share of the longer sequence; None: no band.

    Returns
    -------
    low, high : ndarray of int, shape (n,)
    """
    if band is None:
        return np.zeros(n, np.int64), np.full(n, m, np.int64)
    radius = max(band * max(n, m), 2.0, m / n)
    middle = np.arange(n) * ((m - 1) / max(n - 1, 1))
    low = np.maximum(np.floor(middle - radius), 0).astype(np.int64)
    high = np.minimum(np.ceil(middle + radius) + 1, m).astype(np.int64)
    high[-1] = m
    return low, high


def halve(x):
    """Return the means of neighbouring frames; an odd last one stays alone."""
    half = x[: len(x) // 2 * 2].reshape(-1, 2, x.shape[1]).mean(axis=1)
    return np.concatenate([half, x[-1:]]) if len(x) % 2 else half


def path_limits(path, n, m, radius):
    """Return the columns [low, high) around a path that was found at half the resolution.

    Parameters
    ----------
    path : ndarray of int, shape (n_steps, 2)
        Between the halved sequences.
    n, m : int
        Numbers of frames at full resolution.
    radius : int
        Frames by which the projected path is widened in both directions.

    Returns
    -------
    low, high : ndarray of int, shape (n,)
    """
    starts = np.flatnonzero(np.diff(path[:, 0], prepend=-1))
    first = path[starts, 1]
    last = path[np.append(starts[1:], len(path)) - 1, 1]
    rows = np.arange(n)
    low = 2 * first[np.maximum(rows - radius, 0) // 2] - radius
    high = 2 * last[np.minimum(rows + radius, n - 1) // 2] + 2 + radius
    return np.maximum(low, 0), np.minimum(high, m)


def has_way(low, high):
    """Tell whether a window of rising limits lets a path of single steps through."""
    return bool((low < high).all() and (low[1:] <= high[:-1]).all())
