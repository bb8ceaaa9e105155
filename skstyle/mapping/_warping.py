"""Frequency warping by an all-pass filter, as matrices that act on cepstra.

References
----------
.. [1] A. V. Oppenheim and D. H. Johnson, "Discrete representation of signals",
   Proc. IEEE 60, 1972, pp. 681-691. doi:10.1109/PROC.1972.8727
.. [2] M. Pitz and H. Ney, "Vocal tract normalization equals linear transformation in cepstral
   space", IEEE Trans. Speech Audio Process. 13(5), 2005. doi:10.1109/TSA.2005.848881
"""

from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar


def warping_matrix(alpha, order, n_features=None):
    """Matrix that warps the frequency axis of cepstra by a first-order all-pass filter.

    Parameters
    ----------
    alpha : float or array-like of shape (...)
        All-pass constants in (-1, 1). Positive values move formants up, 0 leaves them.
    order : int
        Number of coefficients that come out: c_1 .. c_order. c_0, the level, stays apart.
    n_features : int, optional
        Number of coefficients that come in; as many by default.

    Returns
    -------
    W : ndarray of shape (..., order, n_features)
        The warped cepstrum is ``W @ c``; float64.

    Raises
    ------
    ValueError
        When a constant is not inside (-1, 1).

    Notes
    -----
    ``S_warped(w + 2 arctan(alpha sin w / (1 - alpha cos w))) = S(w)``, for log spectra S on any
    frequency axis, that of mel-cepstra too: all-pass warps of all-pass warps are all-pass warps
    [1]_. The matrix [2]_ is built by the recursion of the cepstra of powers of the all-pass
    filter, which rounds better than the closed sum. What the warp moves beyond `order` is cut
    off, so W(a) W(b) is W((a + b) / (1 + ab)) in the leading coefficients only.

    References
    ----------
    .. [1] A. V. Oppenheim and D. H. Johnson, "Discrete representation of signals",
       Proc. IEEE 60, 1972, pp. 681-691. doi:10.1109/PROC.1972.8727
    .. [2] M. Pitz and H. Ney, "Vocal tract normalization equals linear transformation in
       cepstral space", IEEE Trans. Speech Audio Process. 13(5), 2005.
       doi:10.1109/TSA.2005.848881

    Examples
    --------
    >>> from skstyle.mapping import warping_matrix
    >>> warping_matrix(0.0, 2)
    array([[1., 0.],
           [0., 1.]])
    >>> warping_matrix(0.1, 2).round(3)
    array([[ 0.99 ,  0.198],
           [-0.099,  0.96 ]])
    """
    check_scalar(order, "order", Integral, min_val=1)
    n_features = order if n_features is None else n_features
    check_scalar(n_features, "n_features", Integral, min_val=1)
    alpha = np.asarray(alpha, dtype=np.float64)
    if not (np.abs(alpha) < 1).all():
        worst = alpha.flat[np.argmax(~(np.abs(alpha) < 1))]
        raise ValueError(f"alpha must lie inside (-1, 1), got {worst:.6g}.")
    # Rows and columns first, so that every step works on all constants at once.
    W = np.zeros((order + 1, n_features + 1, *alpha.shape))
    W[0, 0] = 1.0
    for j in range(1, n_features + 1):
        # The column before, through (z^-1 + alpha) / (1 + alpha z^-1).
        W[0, j] = alpha * W[0, j - 1]
        for i in range(1, order + 1):
            W[i, j] = W[i - 1, j - 1] + alpha * (W[i, j - 1] - W[i - 1, j])
    return np.ascontiguousarray(np.moveaxis(W[1:, 1:], (0, 1), (-2, -1)))
