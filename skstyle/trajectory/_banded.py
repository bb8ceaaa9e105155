"""Banded systems of all columns at once: assemble, factor, solve, invert the diagonal.

``band[t, k]`` holds A[t, t - k] of every column, and after :func:`factor` the rows of L and the
inverse of D, A = L D L'. Columns lie innermost: the recursion runs along time only.
"""

import numpy as np

from ..utils.compile import compile_cached

# A pivot so far below its diagonal is rounding: the matrix is singular.
_SINGULAR = 64 * np.finfo(np.float64).eps


@compile_cached
def normal_equations(mean, precision, weights):
    """Return the lower band of W' P W and the right side W' P mean.

    Parameters
    ----------
    mean : ndarray of shape (n_frames, n_windows * n_columns)
    precision : ndarray of the same shape, or (1, n_windows * n_columns)
    weights : ndarray of shape (n_windows, 2 * half + 1)
        The rows of W. Frames beyond the ends are those at the ends.

    Returns
    -------
    band : ndarray of shape (n_frames, 2 * half + 1, n_columns)
    right : ndarray of shape (n_frames, n_columns)
    """
    n_frames = len(mean)
    n_windows, width = weights.shape
    n_columns = mean.shape[1] // n_windows
    half = width // 2
    step = 1 if len(precision) == n_frames else 0
    band = np.zeros((n_frames, width, n_columns))
    right = np.zeros((n_frames, n_columns))
    for t in range(n_frames):
        for w in range(n_windows):
            start = w * n_columns
            p = precision[t * step, start : start + n_columns]
            m = mean[t, start : start + n_columns]
            for i in range(width):
                a = weights[w, i]
                if a == 0:
                    continue
                row = min(max(t + i - half, 0), n_frames - 1)
                for d in range(n_columns):
                    right[row, d] += a * p[d] * m[d]
                for j in range(i, width):
                    # Two taps on one repeated frame meet twice on the diagonal.
                    ab = a * weights[w, j]
                    if ab == 0:
                        continue
                    column = min(max(t + j - half, 0), n_frames - 1)
                    if j > i and column == row:
                        ab *= 2
                    for d in range(n_columns):
                        band[column, column - row, d] += ab * p[d]
    return band, right


@compile_cached
def factor(band):
    """Factor A = L D L' in place; L has ones on its diagonal.

    Parameters
    ----------
    band : ndarray of shape (n_frames, width, n_columns)
        Afterwards ``band[:, 0]`` is 1 / D.

    Returns
    -------
    frame, column : int
        Where A is not positive definite, or (-1, -1).
    """
    n_frames, width, n_columns = band.shape
    scaled = np.empty((width, n_columns))  # rows of L D
    pivot = np.empty(n_columns)
    for t in range(n_frames):
        for d in range(n_columns):
            pivot[d] = band[t, 0, d]
        last = min(width - 1, t)
        for k in range(last, 0, -1):
            for d in range(n_columns):
                scaled[k, d] = band[t, k, d]
            for m in range(k + 1, last + 1):
                for d in range(n_columns):
                    scaled[k, d] -= scaled[m, d] * band[t - k, m - k, d]
            for d in range(n_columns):
                low = scaled[k, d] * band[t - k, 0, d]
                pivot[d] -= scaled[k, d] * low
                band[t, k, d] = low
        for d in range(n_columns):
            if not pivot[d] > _SINGULAR * band[t, 0, d]:
                return t, d
            band[t, 0, d] = 1.0 / pivot[d]
    return -1, -1


@compile_cached
def solve(band, right):
    """Solve A y = right in place, by the factors of :func:`factor`.

    Parameters
    ----------
    band : ndarray of shape (n_frames, width, n_columns)
    right : ndarray of shape (n_frames, n_columns)
        Becomes y.
    """
    n_frames, width, n_columns = band.shape
    for t in range(n_frames):
        for k in range(1, min(width - 1, t) + 1):
            for d in range(n_columns):
                right[t, d] -= band[t, k, d] * right[t - k, d]
    for t in range(n_frames - 1, -1, -1):
        for d in range(n_columns):
            right[t, d] *= band[t, 0, d]
        for k in range(1, min(width - 1, n_frames - 1 - t) + 1):
            for d in range(n_columns):
                right[t, d] -= band[t + k, k, d] * right[t + k, d]


@compile_cached
def inverse_diagonal(band):
    """Return the diagonal of the inverse of A, by the factors of :func:`factor`.

    Only the band of the inverse is computed, from the last frame to the first (Takahashi's
    equations).

    Parameters
    ----------
    band : ndarray of shape (n_frames, width, n_columns)

    Returns
    -------
    diagonal : ndarray of shape (n_frames, n_columns)
    """
    n_frames, width, n_columns = band.shape
    inverse = np.zeros((n_frames, width, n_columns))  # [t, k] is Z[t + k, t]
    for t in range(n_frames - 1, -1, -1):
        last = min(width - 1, n_frames - 1 - t)
        for j in range(1, last + 1):
            for k in range(1, last + 1):
                # Z is symmetric: the earlier frame of the two names the row.
                row, far = t + min(j, k), abs(j - k)
                for d in range(n_columns):
                    inverse[t, j, d] -= band[t + k, k, d] * inverse[row, far, d]
        for d in range(n_columns):
            inverse[t, 0, d] = band[t, 0, d]
        for k in range(1, last + 1):
            for d in range(n_columns):
                inverse[t, 0, d] -= band[t + k, k, d] * inverse[t, k, d]
    return inverse[:, 0].copy()
