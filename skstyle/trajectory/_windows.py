"""The windows of dynamic features, as parameters and as columns."""

import numpy as np

from ..features._delta import apply_window


def check_windows(windows):
    """Return the windows of the dynamic blocks as tuples of floats.

    Parameters
    ----------
    windows : sequence of sequences of float
        Windows of odd length, such as ``(DELTA, DELTA_DELTA)``.

    Returns
    -------
    windows : tuple of tuples of float

    Raises
    ------
    ValueError
        When a window is no row of finite numbers, or has no middle.
    """
    try:
        found = tuple(tuple(float(w) for w in window) for window in windows)
    except TypeError as e:
        raise ValueError(
            f"windows must be a tuple of windows, such as ((-0.5, 0, 0.5),), got {windows!r}."
        ) from e
    for i, window in enumerate(found):
        if len(window) % 2 == 0 or not np.isfinite(window).all():
            raise ValueError(
                f"windows[{i}] must hold an odd number of finite weights, got {window!r}."
            )
    return found


def stack_windows(windows):
    """Return the static window and the dynamic ones as rows, centred and padded with zeros.

    Parameters
    ----------
    windows : tuple of tuples of float
        As from :func:`check_windows`.

    Returns
    -------
    weights : ndarray of shape (1 + len(windows), 2 * half + 1)
        ``half`` is the half-width of the widest window.
    """
    rows = ((1.0,), *windows)
    weights = np.zeros((len(rows), max(len(row) for row in rows)))
    for out, row in zip(weights, rows, strict=True):
        start = (len(out) - len(row)) // 2
        out[start : start + len(row)] = row
    return weights


def append_dynamic(x, windows):
    """Append what the windows make of a sequence, edges repeated.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_features)
    windows : tuple of tuples of float

    Returns
    -------
    out : ndarray of shape (n_frames, (1 + len(windows)) * n_features)
        Static columns first, then one block for each window.
    """
    return np.hstack([x, *(apply_window(x, w) for w in windows)])
