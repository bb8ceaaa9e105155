"""Least squares within classes of frames: every class has weights, means and one matrix.

All classes lean on the moments that they have in common, as covariances do in regularised
discriminant analysis [1]_: classes of few frames then get the matrix that all would share.

References
----------
.. [1] J. H. Friedman, "Regularized discriminant analysis", J. Am. Stat. Assoc. 84(405), 1989.
   doi:10.1080/01621459.1989.10478752
"""

from collections import namedtuple

import numpy as np

# 4096 rows of 100 features are 3 MB.
_BLOCK_ROWS = 4096
# A weight below rounding, beside the others of its frame, changes nothing.
_NEGLIGIBLE = np.finfo(np.float64).eps
# Eigenvalues below this share of the largest are rounding: such directions get no slope.
_RCOND = 1e-13

ClassMoments = namedtuple("ClassMoments", ["mass", "mean_x", "mean_y", "xx", "yx", "yy"])
ClassMoments.__doc__ = """What least squares need to know of the frames of every class.

``mass`` (n_components,) are sums of weights, ``mean_x`` (n_components, n_features) and
``mean_y`` (n_components, n_targets) weighted means; ``xx`` (n_components, n_features,
n_features), ``yx`` (n_components, n_targets, n_features) and ``yy`` (n_components, n_targets,
n_targets) are weighted covariances about them.
"""


def class_moments(X, y, resp):
    """Measure the moments of source and target in every class.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    y : ndarray of shape (n_frames, n_targets)
    resp : ndarray of shape (n_frames, n_components)
        Weights of the classes in every frame. Exact zeros save time.

    Returns
    -------
    moments : ClassMoments
        A class without frames has the means of all, and no covariance.

    Notes
    -----
    In two passes, means first: classes that are narrow and far apart lose no digits. One block
    of frames of one class at a time: beside the moments, little memory is needed.
    """
    n_components, n_features = resp.shape[1], X.shape[1]
    # Beside a frame of theirs, constant columns are exactly zero.
    origin = np.r_[X[0], y[0]].astype(np.float64)
    mass = np.zeros(n_components)
    mean = np.zeros((n_components, len(origin)))
    both = np.zeros((n_components, len(origin), len(origin)))
    for m, r in enumerate(np.ascontiguousarray(resp.T)):
        blocks = _blocks(np.flatnonzero(r > _NEGLIGIBLE))
        mass[m] = sum(r[rows].sum() for rows in blocks)
        if mass[m] == 0:
            mean[m] = np.r_[X.mean(axis=0), y.mean(axis=0, dtype=np.float64)] - origin
            continue
        r /= mass[m]
        for rows in blocks:
            mean[m] += r[rows] @ (np.column_stack([X[rows], y[rows]]) - origin)
        for rows in blocks:
            centred = np.column_stack([X[rows], y[rows]]) - origin - mean[m]
            both[m] += centred.T @ (centred * r[rows, None])
    mean += origin
    x, t = slice(0, n_features), slice(n_features, None)
    return ClassMoments(mass, mean[:, x], mean[:, t], both[:, x, x], both[:, t, x], both[:, t, t])


def _blocks(rows):
    return [rows[i : i + _BLOCK_ROWS] for i in range(0, len(rows), _BLOCK_ROWS)]


def lean_on_common(moments, ridge):
    """Mix the covariances of every class with those that all classes have in common.

    Parameters
    ----------
    moments : ClassMoments
    ridge : float
        The common ones, averages over frames within classes, count as so many frames.

    Returns
    -------
    moments : ClassMoments
        Means are those of the classes still.
    """
    mass = moments.mass
    share = mass / mass.sum()
    # From the other side, 1 - ridge / (mass + ridge), infinity would be no number.
    own = np.divide(mass, mass + ridge, out=np.zeros_like(mass), where=mass > 0)
    own = own[:, None, None]
    xx, yx = (
        own * C + (1.0 - own) * np.tensordot(share, C, axes=1) for C in (moments.xx, moments.yx)
    )
    return moments._replace(xx=xx, yx=yx)


# --- matrices -----------------------------------------------------------------------------


def full_matrices(xx, yx):
    """Least-squares matrices: every target sees every feature.

    Parameters
    ----------
    xx : ndarray of shape (..., n_features, n_features)
        Covariances of standardised features.
    yx : ndarray of shape (..., n_targets, n_features)

    Returns
    -------
    A : ndarray of shape (..., n_targets, n_features)
        The smallest ones where features depend on each other.
    """
    values, vectors = np.linalg.eigh(xx)
    safe = values > _RCOND * xx.shape[-1] * np.abs(values).max(axis=-1, keepdims=True)
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=safe)
    return ((yx @ vectors) * inverse[..., None, :]) @ vectors.swapaxes(-1, -2)


def banded_matrices(xx, yx, n_neighbors, n_blocks=1):
    """Least-squares matrices in which target d sees features d - n_neighbors .. d + n_neighbors.

    Parameters
    ----------
    xx : ndarray of shape (n_components, n_features, n_features)
        Covariances of standardised features.
    yx : ndarray of shape (n_components, n_targets, n_features)
    n_neighbors : int
        0 makes them diagonal, 1 tri-diagonal.
    n_blocks : int, default=1
        Features and targets come in so many blocks, each with a band of its own.

    Returns
    -------
    A : ndarray of shape (n_components, n_targets, n_features)
        Rows of targets without any such feature are zero.
    """
    n_components, n_targets, n_features = yx.shape
    seen, exists = _band(n_targets, n_features, n_neighbors, n_blocks)
    # Small systems, one for each target; features that do not exist are constant in them.
    both = exists[:, :, None] & exists[:, None, :]
    small_xx = xx[:, seen[:, :, None], seen[:, None, :]] * both
    targets = np.arange(n_targets)[:, None]
    small_yx = yx[:, targets, seen] * exists
    slopes = full_matrices(small_xx, small_yx[:, :, None])[:, :, 0]
    A = np.zeros((n_components, n_targets, n_features))
    which, column = np.nonzero(exists)
    A[:, which, seen[exists]] = slopes[:, which, column]
    return A


def _band(n_targets, n_features, n_neighbors, n_blocks):
    """Features that every target sees, (n_targets, 2 * n_neighbors + 1), and if they exist."""
    rows, columns = n_targets // n_blocks, n_features // n_blocks
    block, within = np.divmod(np.arange(n_targets), rows)
    seen = within[:, None] + np.arange(-n_neighbors, n_neighbors + 1)
    exists = (seen >= 0) & (seen < columns)
    return np.where(exists, seen + columns * block[:, None], 0), exists


# --- predictions --------------------------------------------------------------------------


def weighted_predictions(X, resp, coef, mean_x, mean_y):
    """Sum the predictions of all classes by their weights in every frame.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    resp : ndarray of shape (n_frames, n_components)
        Rows sum to one.
    coef : ndarray of shape (n_components, n_targets, n_features)
    mean_x : ndarray of shape (n_components, n_features)
    mean_y : ndarray of shape (n_components, n_targets)

    Returns
    -------
    y : ndarray of shape (n_frames, n_targets)
        ``sum_m r_m (mean_y_m + A_m (x - mean_x_m))``, in float64.
    """
    y = np.zeros((len(X), mean_y.shape[1]))
    for m, r in enumerate(resp.T):
        # Most frames belong to one or two classes.
        for rows in _blocks(np.flatnonzero(r > _NEGLIGIBLE)):
            found = (X[rows] - mean_x[m]) @ coef[m].T
            found += mean_y[m]
            found *= r[rows, None]
            y[rows] += found
    return y
