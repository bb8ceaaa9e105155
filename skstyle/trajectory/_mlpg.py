"""The most likely trajectory under Gaussians of static and dynamic features."""

import numpy as np

from ..features._delta import DELTA
from ..utils.validation import as_float
from ._windows import check_windows, stack_windows


def mlpg(mean, precision, windows=(DELTA,), *, return_std=False):
    """Most likely static trajectory, given Gaussians of statics and of their differences.

    Parameters
    ----------
    mean : ndarray of shape (n_frames, (1 + len(windows)) * n_columns)
        Static columns first, then one block for each window, the order that
        :class:`~skstyle.features.DeltaFeatures` writes.
    precision : ndarray of the same shape, or one row ((1 + len(windows)) * n_columns,)
        Inverse variances, at least 0; one row serves all frames.
    windows : tuple of sequences of float, default=((-0.5, 0.0, 0.5),)
        Windows of the dynamic blocks, of odd length. Without any, the mean comes back.
    return_std : bool, default=False
        Also return the standard deviation of every static value.

    Returns
    -------
    trajectory : ndarray of shape (n_frames, n_columns)
        The dtype of the mean; the system is solved in float64.
    std : ndarray of shape (n_frames, n_columns)
        Only with `return_std`: square root of the diagonal of the inverse of W' P W.

    Raises
    ------
    ValueError
        When shapes disagree, a precision is negative or infinite, or the precisions leave a
        value open (statics of precision 0 that no difference ties to others).

    Notes
    -----
    ``y = (W' P W)^-1 W' P mean`` [1]_, one banded system a column, factored without square
    roots, all columns side by side. W repeats the first and the last frame beyond the ends, as
    DeltaFeatures does.

    References
    ----------
    .. [1] K. Tokuda, T. Yoshimura, T. Masuko, T. Kobayashi and T. Kitamura, "Speech parameter
       generation algorithms for HMM-based speech synthesis", ICASSP 2000.
       doi:10.1109/ICASSP.2000.861820

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.trajectory import mlpg
    >>> static = np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> mean = np.hstack([static, np.zeros((4, 1))])  # differences of zero: go smoothly
    >>> mlpg(mean, np.array([1.0, 4.0])).ravel().round(2)
    array([0.33, 0.33, 0.67, 0.67])
    """
    windows = check_windows(windows)
    dtype, mean, precision = check_gaussians(mean, precision, windows)
    if not windows:
        y = mean.astype(dtype)
        with np.errstate(divide="ignore"):  # a precision of 0 says nothing: infinite spread
            std = np.sqrt(1 / np.broadcast_to(precision, mean.shape)).astype(dtype, copy=False)
        return (y, std) if return_std else y
    # Imported here, so that importing the library does not load numba.
    from ._banded import inverse_diagonal, solve

    _, band, y = factored_equations(mean, precision, windows)
    solve(band, y)
    y = y.astype(dtype, copy=False)
    if return_std:
        return y, np.sqrt(inverse_diagonal(band)).astype(dtype, copy=False)
    return y


def check_gaussians(mean, precision, windows):
    """Check the shapes and values of Gaussians.

    Parameters
    ----------
    mean, precision : array-like
        As in :func:`mlpg`.
    windows : tuple of tuples of float

    Returns
    -------
    dtype : dtype
        Of the mean that came in, float32 or float64.
    mean : ndarray of float64, shape (n_frames, n_blocks * n_columns)
    precision : ndarray of float64, same shape or (1, n_blocks * n_columns)
    """
    mean = as_float(mean, "mean", 2, "frame")
    precision = np.asarray(precision)
    if precision.ndim == 1:
        precision = precision[None]
    precision = as_float(precision, "precision", 2, "frame")
    if mean.shape[1] % (1 + len(windows)):
        raise ValueError(
            f"mean has {mean.shape[1]} columns, expected {1 + len(windows)} blocks of equal "
            f"width: the statics and {len(windows)} windows."
        )
    if precision.shape[1] != mean.shape[1] or len(precision) not in (1, len(mean)):
        raise ValueError(
            f"precision has shape {precision.shape}, expected {mean.shape} as the mean, or "
            f"one row of {mean.shape[1]}."
        )
    if precision.min() < 0:
        t, d = np.argwhere(precision < 0)[0]
        raise ValueError(
            f"precision is negative ({precision[t, d]:.3g} at frame {t}, column {d}); it is 1 / "
            "variance."
        )
    return mean.dtype, mean.astype(np.float64, copy=False), precision.astype(float, copy=False)


def factored_equations(mean, precision, windows, keep=False):
    """Return the band of W' P W (None unless kept), its factors, and W' P mean.

    Parameters
    ----------
    mean, precision : ndarray
        As from :func:`check_gaussians`.
    windows : tuple of tuples of float
    keep : bool, default=False
        Whether the matrix itself is wanted beside its factors.

    Returns
    -------
    band : ndarray of shape (n_frames, width, n_columns) or None
        ``band[t, k]`` is the element (t, t - k) of every column's matrix.
    factors : ndarray of the same shape
    right : ndarray of shape (n_frames, n_columns)
    """
    from ._banded import factor, normal_equations

    factors, right = normal_equations(mean, precision, stack_windows(windows))
    band = factors.copy() if keep else None
    frame, column = factor(factors)
    if frame >= 0:
        raise ValueError(
            f"The precisions leave column {column} open (W' P W is singular at frame {frame}): "
            "give the statics a precision above 0."
        )
    return band, factors, right
