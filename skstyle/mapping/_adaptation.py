"""Fit frames to a Gaussian mixture by an affine map of them: pure functions on arrays.

The map is a matrix W = [A b], which takes x to ``W [x; 1]``.
"""

from collections import namedtuple

import numpy as np

from . import _shapes
from ._moments import em_sums
from ._transport import moments, triangular_map

# Where covariances are full, the best row depends on the other rows: so many rounds an M-step.
_ROUNDS = 3

Adaptation = namedtuple("Adaptation", ["coef", "intercept", "log_likelihood", "converged"])
Adaptation.__doc__ = """An affine map of frames, ``coef @ x + intercept``, and how it was found.

``log_likelihood`` is the curve, one value an iteration: the mean of a frame in nats, less the
penalty of the prior, which is zero for the identity. It never decreases.
"""

_Sums = namedtuple("_Sums", ["n", "first", "second"])
_Sums.__doc__ = """Sums over frames z = [x; 1], by component: of 1, of z, of z z'."""


def adapt_frames(X, weights, means, covariances, covariance_type, *, prior, max_iter, tol):
    """Find the affine map that makes frames likeliest under a mixture.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    weights : ndarray of shape (n_components,)
    means : ndarray of shape (n_components, n_features)
    covariances : ndarray
    covariance_type : {"diag", "full", "tied"}
        With "diag" the map scales and shifts every column by itself.
    prior : float
        Above zero. So many frames of the mixture itself, which ask for the identity, are added.
    max_iter : int
    tol : float
        Stop when the mean log-likelihood of a frame gains less, nats.

    Returns
    -------
    adaptation : Adaptation

    Notes
    -----
    Constrained maximum likelihood linear regression [1]_: EM, with the rows of the map in turn
    as the M-step, each in closed form given the others. Full covariances only make other rows
    appear in what is linear in a row. EM goes to the nearest maximum, so it starts from the map
    that matches mean and covariance of the whole.

    References
    ----------
    .. [1] M. J. F. Gales, "Maximum likelihood linear transformations for HMM-based speech
       recognition", Comput. Speech Lang. 12(2), 1998. https://doi.org/10.1006/csla.1998.0043
    """
    covariances = _shapes.dense(covariances, covariance_type, len(weights))
    centre, spread = total_moments(weights, means, covariances)
    # In standard units the result does not depend on the units of the columns.
    scale = np.sqrt(np.diagonal(spread))
    X, means = (X - centre) / scale, (means - centre) / scale
    covariances = covariances / np.outer(scale, scale)
    precisions = np.linalg.inv(covariances)
    diagonal = covariance_type == "diag"
    prior_sums = _prior_sums(prior * weights, means, covariances)
    W = _start(X, spread / np.outer(scale, scale), prior, diagonal)
    curve, converged = [], False
    while not converged and len(curve) < max_iter:
        found = em_sums(X @ W[:, :-1].T + W[:, -1], weights, means, covariances)
        held = _mapped(prior_sums, W)
        log_det = np.linalg.slogdet(W[:, :-1])[1]
        penalty = _penalty(held, means, precisions) - prior * log_det
        curve.append(found.bound + log_det - penalty / len(X))
        converged = len(curve) > 1 and curve[-1] - curve[-2] < tol
        if not converged:
            total = _Sums(*(a + b for a, b in zip(_with_ones(found), held, strict=True)))
            W = _m_step(total, means, precisions, diagonal) @ _square(W)
    coef = W[:, :-1] * scale[:, None] / scale
    intercept = centre + scale * W[:, -1] - coef @ centre
    return Adaptation(coef, intercept, np.array(curve) - np.log(scale).sum(), converged)


def fold(means, covariances, covariance_type, columns, adaptation):
    """Put the map of some columns inside a mixture: that of frames before they are mapped.

    Parameters
    ----------
    means : ndarray of shape (n_components, n_columns)
    covariances : ndarray
    covariance_type : {"block_diag", "diag", "full", "tied"}
        For "block_diag" and "diag" the map is diagonal.
    columns : slice
        Which columns the map is about.
    adaptation : Adaptation

    Returns
    -------
    means, covariances : ndarrays
        New ones, of the same shapes.
    """
    inverse = np.linalg.inv(adaptation.coef)
    means = means.copy()
    means[:, columns] = (means[:, columns] - adaptation.intercept) @ inverse.T
    if covariance_type in ("block_diag", "diag"):
        scale = np.ones(means.shape[1])
        scale[columns] = np.diagonal(inverse)
        return means, _shapes.rescale(covariances, scale, covariance_type)
    B = np.eye(means.shape[1])
    B[columns, columns] = inverse
    moved = B @ covariances @ B.T
    return means, 0.5 * (moved + moved.swapaxes(-1, -2))


def total_moments(weights, means, covariances):
    """Mean and covariance of a whole mixture."""
    mean = weights @ means
    centred = means - mean
    within = np.tensordot(weights, covariances, axes=1)
    return mean, within + (centred.T * weights) @ centred


def _start(X, spread, prior, diagonal):
    """Match mean and covariance to those of a mixture of mean zero, with frames of the prior."""
    mean, covariance = moments(X)
    share = len(X) / (len(X) + prior)
    covariance = share * covariance + (1.0 - share) * (spread + share * np.outer(mean, mean))
    if diagonal:
        covariance, spread = (np.diag(np.diagonal(S)) for S in (covariance, spread))
    A = triangular_map(covariance, spread)
    return np.column_stack([A, -A @ (share * mean)])


def _square(W):
    """The map as a matrix that takes [x; 1] to [A x + b; 1]."""
    return np.vstack([W, np.eye(W.shape[1])[-1:]])


def _with_ones(moments):
    """Sums over frames [x; 1] from those over x."""
    n, first = moments.mass, moments.first
    lower = np.tril(moments.second)
    second = np.empty((len(n), first.shape[1] + 1, first.shape[1] + 1))
    second[:, :-1, :-1] = lower + np.tril(lower, -1).swapaxes(1, 2)
    second[:, :-1, -1] = second[:, -1, :-1] = first
    second[:, -1, -1] = n
    return _Sums(n, np.column_stack([first, n]), second)


def _prior_sums(n, means, covariances):
    """Sums over n frames of every component, on average."""
    first = np.column_stack([means, np.ones(len(means))])
    second = first[:, :, None] * first[:, None, :]
    second[:, :-1, :-1] += covariances
    return _Sums(n, n[:, None] * first, n[:, None, None] * second)


def _mapped(sums, W):
    """Sums over the mapped frames."""
    square = _square(W)
    return _Sums(sums.n, sums.first @ square.T, square @ sums.second @ square.T)


def _penalty(sums, means, precisions):
    """How much farther than its own frames are frames from their components; nats."""
    squares = np.einsum("kij,kij->", precisions, sums.second[:, :-1, :-1])
    weighted = np.einsum("kij,kj->ki", precisions, means)
    squares -= np.sum((2.0 * sums.first[:, :-1] - sums.n[:, None] * means) * weighted)
    return 0.5 * (squares - sums.n.sum() * means.shape[1])


def _m_step(sums, means, precisions, diagonal):
    """Return the map that raises the expected log-likelihood, row by row from the identity."""
    n_features = means.shape[1]
    W = np.eye(n_features, n_features + 1)
    for _ in range(1 if diagonal else _ROUNDS):
        for i in range(n_features):
            free = np.array([i, n_features]) if diagonal else np.arange(n_features + 1)
            quadratic, linear = _row_terms(i, W, sums, means, precisions)
            # A row's product with this column is det A, relative to what it is now.
            column = np.append(np.linalg.inv(W[:, :-1])[:, i], 0.0)
            W[i, free] = _best_row(
                quadratic[np.ix_(free, free)], linear[free], column[free], sums.n.sum()
            )
    return W


def _row_terms(i, W, sums, means, precisions):
    """Of the expected log-likelihood, what is quadratic and what is linear in row i."""
    P = precisions[:, i]
    quadratic = np.tensordot(P[:, i], sums.second, axes=1)
    linear = np.einsum("kj,kj->k", P, means) @ sums.first
    linear -= np.einsum("kj,kjz->z", P @ W, sums.second) - quadratic @ W[i]
    return quadratic, linear


def _best_row(quadratic, linear, column, n):
    """Maximise ``n log(c'w) + l'w - w'Hw / 2`` where ``c'w > 0``: the map keeps its orientation."""
    at_column, at_linear = np.linalg.solve(quadratic, np.column_stack([column, linear])).T
    a, b = column @ at_column, column @ at_linear
    # The gradient is zero at w = H^-1 (l + x c), where a x^2 + b x = n.
    root = np.hypot(b, 2.0 * np.sqrt(a * n))
    x = 2.0 * n / (b + root) if b > 0 else (root - b) / (2.0 * a)
    return at_linear + x * at_column
