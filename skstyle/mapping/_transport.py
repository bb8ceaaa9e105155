"""Linear maps that carry the covariance of one cloud of frames to that of another.

Pure functions on covariances, symmetric and positive semi-definite, in float64. Where the source
does not vary there is nothing to carry: the maps are zero there.
"""

import numpy as np
from sklearn.covariance import ledoit_wolf_shrinkage

# Eigenvalues are exact to about so many times the largest one and their number.
_EPS = np.finfo(np.float64).eps


def square_roots(covariance):
    """Symmetric square root of a covariance, and its pseudo-inverse.

    Parameters
    ----------
    covariance : ndarray of shape (n_features, n_features)

    Returns
    -------
    root, inverse_root : ndarrays of shape (n_features, n_features)
        ``root @ root`` is the covariance; ``inverse_root @ root`` projects on where it is not zero.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._transport import square_roots
    >>> root, inverse_root = square_roots(np.diag([4.0, 0.0]))
    >>> root.diagonal(), inverse_root.diagonal()
    (array([2., 0.]), array([0.5, 0. ]))
    """
    values, vectors = np.linalg.eigh(covariance)
    known = values > len(values) * _EPS * values[-1]
    roots = np.sqrt(np.where(known, values, 0.0))
    inverse = known / np.where(known, roots, 1.0)
    return (vectors * roots) @ vectors.T, (vectors * inverse) @ vectors.T


def monge_map(source, target):
    """Map of least mean squared displacement between two Gaussians.

    ``S^-1/2 (S^1/2 T S^1/2)^1/2 S^-1/2``, symmetric and positive semi-definite [1]_.

    Parameters
    ----------
    source, target : ndarrays of shape (n_features, n_features)
        Covariances S and T.

    Returns
    -------
    A : ndarray of shape (n_features, n_features)
        ``A S A'`` is T.

    References
    ----------
    .. [1] G. Peyre, M. Cuturi, "Computational optimal transport", Found. Trends Mach. Learn.
       11(5-6), 2019, remark 2.31. https://doi.org/10.1561/2200000073
    """
    root, inverse_root = square_roots(source)
    A = inverse_root @ root_between(root, square_roots(target)[0]) @ inverse_root
    return 0.5 * (A + A.T)


def root_between(root_x, root_y):
    """``(root_x root_y^2 root_x)^1/2`` of symmetric matrices, (n_features, n_features).

    By singular values: eigenvalues of the product would be squares, whose small ones are lost
    beside large ones where columns have very different units.
    """
    _, singular, right = np.linalg.svd(root_y @ root_x)
    return (right.T * singular) @ right


def correlation_map(source, target):
    """Whiten by the symmetric square root, colour by the other's: ``T^1/2 S^-1/2``.

    Parameters
    ----------
    source, target : ndarrays of shape (n_features, n_features)
        Covariances S and T.

    Returns
    -------
    A : ndarray of shape (n_features, n_features)
        ``A S A'`` is T.
    """
    return square_roots(target)[0] @ square_roots(source)[1]


def triangular_map(source, target):
    """Whiten by the Cholesky factor, colour by the other's: ``L_T L_S^-1``.

    Parameters
    ----------
    source, target : ndarrays of shape (n_features, n_features)
        Covariances S and T.

    Returns
    -------
    A : ndarray of shape (n_features, n_features)
        ``A S A'`` is T. Lower triangular where S has full rank. Does not depend on the units of
        the columns.
    """
    return triangular_roots(target)[0] @ triangular_roots(source)[1]


def triangular_roots(covariance):
    """Cholesky factor of a covariance, also of a singular one, and its pseudo-inverse.

    Parameters
    ----------
    covariance : ndarray of shape (n_features, n_features)

    Returns
    -------
    lower, inverse : ndarrays of shape (n_features, n_features)
        ``lower @ lower.T`` is the covariance.
    """
    # In standard units a column of small numbers is not taken for a constant one.
    scale = np.sqrt(np.diagonal(covariance))
    scale = np.where(scale > 0, scale, 1.0)
    root, inverse_root = square_roots(covariance / np.outer(scale, scale))
    # Of ``root = Q U`` the covariance is ``U' U``: U' is the factor, up to signs.
    Q, upper = np.linalg.qr(root)
    signs = np.where(np.diagonal(upper) < 0, -1.0, 1.0)[:, None]
    return scale[:, None] * (signs * upper).T, signs * (Q.T @ inverse_root) / scale


def moments(X):
    """Mean and covariance of frames (divided by their number), in float64.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)

    Returns
    -------
    mean : ndarray of shape (n_features,)
    covariance : ndarray of shape (n_features, n_features)
    """
    mean = X.mean(axis=0, dtype=np.float64)
    centred = X - mean
    return mean, centred.T @ centred / len(X)


def shrunk_covariances(source, target, shrinkage):
    """Covariances of two clouds of frames, each shrunk towards equal variances.

    Units of the columns do not matter: every column is measured by its standard deviation in
    both clouds.

    Parameters
    ----------
    source, target : ndarrays of shape (n_frames, n_features)
        The spread of a single frame is unknown: it takes that of the other side.
    shrinkage : float or "auto"
        Between 0, no shrinkage, and 1. "auto" is that of Ledoit and Wolf [1]_ on each side.

    Returns
    -------
    source, target : ndarrays of shape (n_features, n_features)

    References
    ----------
    .. [1] O. Ledoit, M. Wolf, "A well-conditioned estimator for large-dimensional covariance
       matrices", J. Multivar. Anal. 88(2), 2004. https://doi.org/10.1016/S0047-259X(03)00096-4
    """
    known = [X for X in (source, target) if len(X) > 1]
    if not known:
        return np.eye(source.shape[1]), np.eye(source.shape[1])
    raw = [moments(X)[1] for X in known]
    scale = np.sqrt(np.mean([np.diagonal(S) for S in raw], axis=0))
    scale = np.where(scale > 0, scale, 1.0)
    shrunk = [
        _shrink(S, scale, ledoit_wolf_shrinkage(X / scale) if shrinkage == "auto" else shrinkage)
        for S, X in zip(raw, known, strict=True)
    ]
    return shrunk[0], shrunk[-1]


def _shrink(covariance, scale, shrinkage):
    level = np.mean(np.diagonal(covariance) / scale**2)
    return (1.0 - shrinkage) * covariance + np.diag(shrinkage * level * scale**2)


def frechet_distance(X, Y):
    """Squared distance of two clouds of frames, as if both were Gaussian.

    ``|m_X - m_Y|^2 + tr(S_X + S_Y - 2 (S_X^1/2 S_Y S_X^1/2)^1/2)``: what the Monge map has to
    move, on the mean.

    Parameters
    ----------
    X, Y : ndarrays of shape (n_frames, n_features)

    Returns
    -------
    distance : float
        0 where means and covariances agree.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._transport import frechet_distance
    >>> X = np.array([[-1.0], [1.0]])
    >>> round(frechet_distance(X, 3 * X + 1), 6)  # 1 for the means, (3 - 1)^2 for the spreads
    5.0
    """
    (mean_x, S_x), (mean_y, S_y) = moments(X), moments(Y)
    between = root_between(square_roots(S_x)[0], square_roots(S_y)[0])
    spread = np.trace(S_x) + np.trace(S_y) - 2.0 * np.trace(between)
    return float(((mean_x - mean_y) ** 2).sum() + max(spread, 0.0))
