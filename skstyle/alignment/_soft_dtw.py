"""Soft dynamic time warping: a distance between sequences that has a gradient.

References
----------
.. [1] M. Cuturi and M. Blondel, "Soft-DTW: a differentiable loss function for time-series",
   ICML 2017. arXiv:1703.01541
"""

import numpy as np

from ._dtw import check_memory, check_pair


def soft_dtw(a, b, gamma=1.0, *, max_memory_mb=512):
    """Return the soft minimum of the summed squared distances over all paths.

    Parameters
    ----------
    a : ndarray of shape (n, n_features)
        Frames of the first sequence.
    b : ndarray of shape (m, n_features)
        Frames of the second sequence.
    gamma : float, default=1.0
        How soft, in units of squared distance; towards 0 it is dynamic time warping of squared
        Euclidean distances.
    max_memory_mb : float, default=512
        Refuse work that needs more memory than so many megabytes (1e6 bytes).

    Returns
    -------
    value : float
        May be negative: many paths weigh less than one.

    Raises
    ------
    ValueError
        When gamma is not positive, the columns differ or the memory does not suffice.

    Notes
    -----
    With the set of all paths A and the sum of squared distances c on each,

    .. math:: -\\gamma \\log \\sum_{A} e^{-c(A) / \\gamma} .

    Every logarithm of a sum is taken relative to its greatest term. All in float64.

    References
    ----------
    .. [1] M. Cuturi and M. Blondel, "Soft-DTW: a differentiable loss function for time-series",
       ICML 2017. arXiv:1703.01541

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.alignment import soft_dtw
    >>> a, b = np.array([[0.0], [1.0]]), np.array([[0.0], [1.0], [2.0]])
    >>> soft_dtw(a, b, gamma=1e-3)
    1.0
    """
    return float(_totals(*_checked(a, b, gamma, max_memory_mb, 2), gamma)[-1, -1])


def soft_dtw_gradient(a, b, gamma=1.0, *, max_memory_mb=512):
    """Return the gradient of :func:`soft_dtw` with respect to the first sequence.

    Parameters
    ----------
    a : ndarray of shape (n, n_features)
        Frames of the first sequence.
    b : ndarray of shape (m, n_features)
        Frames of the second sequence.
    gamma : float, default=1.0
        How soft, in units of squared distance.
    max_memory_mb : float, default=512
        Refuse work that needs more memory than so many megabytes (1e6 bytes).

    Returns
    -------
    gradient : ndarray of shape (n, n_features)
        Of ``a``; float32 where that is.

    Raises
    ------
    ValueError
        When gamma is not positive, the columns differ or the memory does not suffice.

    References
    ----------
    .. [1] M. Cuturi and M. Blondel, "Soft-DTW: a differentiable loss function for time-series",
       ICML 2017. arXiv:1703.01541

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.alignment import soft_dtw_gradient
    >>> soft_dtw_gradient(np.array([[3.0]]), np.array([[1.0], [2.0]]))
    array([[6.]])
    """
    dtype = np.float32 if np.asarray(a).dtype == np.float32 else np.float64
    a, b = _checked(a, b, gamma, max_memory_mb, 3)
    visits = _visits(a, b, gamma)
    gradient = 2 * (visits.sum(axis=1)[:, None] * a - visits @ b)
    return gradient.astype(dtype)


def soft_dtw_alignment(a, b, gamma=1.0, *, max_memory_mb=512):
    """Return the expected path: how probable it is that two frames meet.

    Paths are drawn with probabilities in proportion to exp(-cost / gamma).

    Parameters
    ----------
    a : ndarray of shape (n, n_features)
        Frames of the first sequence.
    b : ndarray of shape (m, n_features)
        Frames of the second sequence.
    gamma : float, default=1.0
        How soft, in units of squared distance; towards 0 it is the best path as a matrix.
    max_memory_mb : float, default=512
        Refuse work that needs more memory than so many megabytes (1e6 bytes).

    Returns
    -------
    alignment : ndarray of shape (n, m)
        Values in [0, 1]; both ends are 1. It is the gradient of :func:`soft_dtw` with respect
        to the squared distances.

    Raises
    ------
    ValueError
        When gamma is not positive, the columns differ or the memory does not suffice.

    References
    ----------
    .. [1] M. Cuturi and M. Blondel, "Soft-DTW: a differentiable loss function for time-series",
       ICML 2017. arXiv:1703.01541

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.alignment import soft_dtw_alignment
    >>> a = np.array([[0.0], [1.0], [2.0]])
    >>> soft_dtw_alignment(a, a, gamma=0.01).round(3)
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    return _visits(*_checked(a, b, gamma, max_memory_mb, 3), gamma).copy()


def _checked(a, b, gamma, max_memory_mb, n_matrices):
    if not gamma > 0:
        raise ValueError(
            f"gamma must be positive, got {gamma!r}. For gamma = 0 use dtw_path, the hard minimum."
        )
    a, b = check_pair(a, b)
    n, m = len(a), len(b)
    # Of costs, totals and visits, two or three are there at once.
    fix = "Soft-DTW keeps whole matrices: cut the clips, or use a higher limit."
    check_memory(8 * n_matrices * (n + 1) * (m + 1), n, m, max_memory_mb, fix)
    return a.astype(np.float64), b.astype(np.float64)


def _totals(a, b, gamma):
    # Imported here, so that importing the library does not load numba.
    from ._soft_kernel import soften

    return soften(squared_distances(a, b), float(gamma))


def _visits(a, b, gamma):
    from ._soft_kernel import spread_back

    return spread_back(_totals(a, b, gamma), float(gamma))


def squared_distances(a, b):
    """Return squared Euclidean distances (n, m) from a matrix product of centred data."""
    origin = b.mean(axis=0)
    a, b = a - origin, b - origin
    squared = a @ b.T
    squared *= -2
    squared += np.einsum("ij,ij->i", a, a)[:, None]
    squared += np.einsum("ij,ij->i", b, b)
    return np.maximum(squared, 0, out=squared)
