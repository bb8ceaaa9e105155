"""Dynamic time warping: distances in blocks by BLAS, one byte a step, the rest is a sum.

References
----------
.. [1] H. Sakoe and S. Chiba, "Dynamic programming algorithm optimization for spoken word
   recognition", IEEE Trans. ASSP 26, 1978. doi:10.1109/TASSP.1978.1163055
"""

import numpy as np

from ..utils.compile import compile_cached

# Rows of distances computed at once.
BLOCK_ROWS = 256
DIAGONAL, UP, LEFT = 0, 1, 2


@compile_cached
def _advance(distances, previous, steps, first_row, low, high):
    """Sum a block of rows; ``steps`` receives the move that led to every cell."""
    n_rows = distances.shape[0]
    width = previous.shape[0]
    current = np.empty_like(previous)
    for r in range(n_rows):
        i = first_row + r
        current[:] = np.inf
        for j in range(low[i], high[i]):
            if i == 0 and j == 0:
                best, step = 0.0, 0
            else:
                best, step = np.inf, 0
                if i > 0 and j > 0:
                    best = previous[j - 1]
                if i > 0 and previous[j] < best:
                    best, step = previous[j], 1
                if j > 0 and current[j - 1] < best:
                    best, step = current[j - 1], 2
            current[j] = best + distances[r, j]
            steps[i, j] = step
        for j in range(width):
            previous[j] = current[j]


@compile_cached
def _trace(steps):
    """Follow the steps back from the last cell; the path is returned forwards."""
    i, j = steps.shape[0] - 1, steps.shape[1] - 1
    path = np.empty((i + j + 1, 2), np.int64)
    n = path.shape[0]
    while True:
        n -= 1
        path[n, 0], path[n, 1] = i, j
        if i == 0 and j == 0:
            break
        step = steps[i, j]
        if step != 2:
            i -= 1
        if step != 1:
            j -= 1
    return path[n:]


def euclidean_block(a, b, b_squared):
    """Return Euclidean distances (n_a, n_b) from one matrix product."""
    squared = a @ b.T
    squared *= -2
    squared += b_squared
    squared += np.einsum("ij,ij->i", a, a)[:, None]
    return np.sqrt(np.maximum(squared, 0, out=squared), out=squared)


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


def dtw_path(a, b, band=None):
    """Find the monotone path of least summed Euclidean distance between two sequences.

    Steps are (1, 1), (1, 0) and (0, 1), all of weight one; ties prefer the diagonal.

    Parameters
    ----------
    a : ndarray of shape (n, n_features)
    b : ndarray of shape (m, n_features)
    band : float, optional
        Half-width of the Sakoe-Chiba band as a share of the longer sequence.

    Returns
    -------
    path : ndarray of int, shape (n_steps, 2)
        Pairs of indices from (0, 0) to (n - 1, m - 1).
    cost : float
        Sum of the distances on the path.
    """
    n, m = len(a), len(b)
    # Distances do not change with the origin; centred data keep their digits in the product.
    origin = b.mean(axis=0)
    a, b = a - origin, b - origin
    low, high = band_limits(n, m, band)
    steps = np.zeros((n, m), np.uint8)
    previous = np.full(m, np.inf)
    b_squared = np.einsum("ij,ij->i", b, b)
    for start in range(0, n, BLOCK_ROWS):
        distances = euclidean_block(a[start : start + BLOCK_ROWS], b, b_squared)
        _advance(distances, previous, steps, start, low, high)
    return _trace(steps), float(previous[-1])
