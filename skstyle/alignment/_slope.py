"""Paths of bounded slope: Sakoe and Chiba's symmetric patterns P = 1 and P = 1/2.

Sideways or upwards runs of one (P = 1) or of up to two steps (P = 1/2) follow a diagonal step.
A step weighs as many frames as it moves on, in both sequences together.
"""

import numpy as np

from ..utils.compile import compile_cached

# Rows of distances computed at once.
BLOCK_ROWS = 256
# A pattern reaches back so many rows.
REACH = 3


@compile_cached
def _advance(distances, first_row, first_column, low, high, two, totals, recent, steps, starts):
    """Sum a block of rows.

    ``totals`` and ``recent`` keep the sums and the distances of the last rows, by row modulo
    their length, with ``REACH`` infinite columns in front.
    """
    keep = totals.shape[0]
    for r in range(distances.shape[0]):
        i = first_row + r
        total, here = totals[i % keep], recent[i % keep]
        # Negative rows wrap to buffers that are still infinite.
        total_1, here_1 = totals[(i - 1) % keep], recent[(i - 1) % keep]
        total_2, here_2 = totals[(i - 2) % keep], recent[(i - 2) % keep]
        total_3 = totals[(i - 3) % keep]
        total[:] = np.inf
        here[:] = np.inf
        at = starts[i] - low[i]
        for j in range(low[i], high[i]):
            c = j + REACH
            d = distances[r, j - first_column]
            here[c] = d
            if i == 0 and j == 0:
                total[c] = 2 * d
                steps[at] = 0
                continue
            best, step = total_1[c - 1] + 2 * d, 0
            other = total_2[c - 1] + 2 * here_1[c] + d
            if other < best:
                best, step = other, 1
            other = total_1[c - 2] + 2 * here[c - 1] + d
            if other < best:
                best, step = other, 2
            if two:
                other = total_3[c - 1] + 2 * here_2[c] + here_1[c] + d
                if other < best:
                    best, step = other, 3
                other = total_1[c - 3] + 2 * here[c - 2] + here[c - 1] + d
                if other < best:
                    best, step = other, 4
            total[c] = best
            steps[at + j] = step


@compile_cached
def _trace(steps, starts, low, n, m):
    """Follow the patterns back from the last cell; the path is returned forwards."""
    i, j = n - 1, m - 1
    path = np.empty((n + m - 1, 2), np.int64)
    at = path.shape[0] - 1
    path[at, 0], path[at, 1] = i, j
    while i > 0 or j > 0:
        step = steps[starts[i] + j - low[i]]
        run = (step + 1) // 2
        for _ in range(run):
            if step % 2 == 1:
                i -= 1
            else:
                j -= 1
            at -= 1
            path[at, 0], path[at, 1] = i, j
        i -= 1
        j -= 1
        at -= 1
        path[at, 0], path[at, 1] = i, j
    return path[at:].copy()


def euclidean_block(a, b, b_squared):
    """Return Euclidean distances (n_a, n_b) from one matrix product."""
    squared = a @ b.T
    squared *= -2
    squared += b_squared
    squared += np.einsum("ij,ij->i", a, a)[:, None]
    return np.sqrt(np.maximum(squared, 0, out=squared), out=squared)


def slope_path(a, b, low, high, longest_run):
    """Find the path of least weighted distance and bounded slope within a window.

    Parameters
    ----------
    a, b : float64 ndarrays of shape (n, n_features) and (m, n_features)
    low, high : int ndarrays of shape (n,)
        Columns [low, high) that every row may use.
    longest_run : {1, 2}
        Steps that may follow a diagonal one in the same direction: 1 for P = 1, 2 for P = 1/2.

    Returns
    -------
    path : ndarray of int, shape (n_steps, 2), or None
        None where the window has no way through.
    """
    n, m = len(a), len(b)
    starts = np.concatenate([[0], np.cumsum(high - low)])
    steps = np.zeros(starts[-1], np.uint8)
    totals = np.full((REACH + 1, m + REACH), np.inf)
    recent = np.full((REACH + 1, m + REACH), np.inf)
    b_squared = np.einsum("ij,ij->i", b, b)
    for start in range(0, n, BLOCK_ROWS):
        end = min(start + BLOCK_ROWS, n)
        columns = slice(low[start], high[end - 1])
        block = euclidean_block(a[start:end], b[columns], b_squared[columns])
        _advance(
            block, start, columns.start, low, high, longest_run == 2, totals, recent, steps, starts
        )
    if not np.isfinite(totals[(n - 1) % (REACH + 1), m - 1 + REACH]):
        return None
    return _trace(steps, starts, low, n, m)
