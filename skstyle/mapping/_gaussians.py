"""Gaussian densities, for every shape of covariance.

Whatever depends on ``covariance_type`` is one of the small functions of a `Shape`; the EM of
:mod:`skstyle.mapping._mixture` never asks which. All matrices are float64. The factor U of a
covariance is upper triangular with ``inv(covariance) = U @ U.T``; of a diagonal it is the
reciprocal standard deviations.
"""

from collections import namedtuple

import numpy as np
from scipy.linalg.blas import dgemm, dsyrk, dtrmm
from scipy.linalg.lapack import dpotrf, dtrtri

Shape = namedtuple(
    "Shape", ["factor", "diagonal", "quadratic", "second", "centre", "rescale", "dense"]
)
Shape.__doc__ = """The operations of one shape of covariances.

``factor(covariances)``
    The factors U.
``diagonal(factor)``
    Their diagonals, (n_components, n_features).
``quadratic(X, means, factor)``
    Squared Mahalanobis distances, (n_frames, n_components).
``second(X, resp, pivots)``
    Sums over frames of ``r (x - pivot)(x - pivot)'``, by component.
``centre(second, shift, reg_covar)``
    Covariances from mean second moments about points `shift` away from the means.
``rescale(covariances, scale)``
    The covariances of features multiplied by `scale`.
``dense(covariances)``
    As full matrices, (n_components, n_features, n_features).
"""


def matmul(A, B):
    """``A @ B`` for C-contiguous float64 matrices, through scipy's BLAS.

    numpy and scipy each bring a BLAS with threads of its own, and threads that wait spin:
    triangular products by the one and ``@`` by the other, in turn, ran four times slower
    than either alone.
    """
    return dgemm(1.0, B.T, A.T).T


# --- full covariances: (n_components, n_features, n_features) -----------------------------


def _factor_full(covariances):
    upper = np.empty(covariances.shape)
    for k, covariance in enumerate(covariances):
        lower, info = dpotrf(covariance.T, lower=1)
        if info > 0:
            raise ValueError(
                f"The covariance of component {k} is not positive definite: too few or too "
                "regular frames for it. Increase reg_covar, or use fewer components."
            )
        upper[k] = dtrtri(lower, lower=1)[0].T
    return upper


def _diagonal_full(upper):
    return np.diagonal(upper, axis1=1, axis2=2)


def _quadratic_full(X, means, upper):
    out = np.empty((len(means), len(X)))
    D = np.empty(X.shape)
    for k, mean in enumerate(means):
        np.subtract(X, mean, out=D)
        # The triangular product does half the work of a square one, in place.
        Y = dtrmm(1.0, upper[k].T, D.T, lower=1, overwrite_b=1)
        np.einsum("ji,ji->i", Y, Y, out=out[k])
    return out.T


def _second_full(X, resp, pivots):
    out = np.empty((len(pivots), X.shape[1], X.shape[1]))  # lower triangles only
    for k, pivot in enumerate(pivots):
        rows = np.flatnonzero(resp[:, k])
        D = X[rows]
        D -= pivot
        D *= np.sqrt(resp[rows, k])[:, None]
        out[k] = dsyrk(1.0, D.T).T
    return out


def _centre_full(second, shift, reg_covar):
    second = np.tril(second) + np.tril(second, -1).swapaxes(1, 2)
    covariances = second - shift[:, :, None] * shift[:, None, :]
    np.einsum("kii->ki", covariances)[...] += reg_covar
    return covariances


def _rescale_full(covariances, scale):
    return covariances * (scale[:, None] * scale)


def _dense_full(covariances):
    return covariances


# --- diagonal covariances: (n_components, n_features) -------------------------------------


def _factor_diag(covariances):
    if not (covariances > 0).all():
        raise ValueError("A component has a feature of zero variance. Increase reg_covar.")
    return 1.0 / np.sqrt(covariances)


def _diagonal_diag(upper):
    return upper


def _quadratic_diag(X, means, upper):
    # Three products instead of a difference per component; about a common origin, so that
    # features far from zero lose no digits.
    origin = means.mean(axis=0)
    X, means, precisions = X - origin, means - origin, upper**2
    cross = matmul(X, np.ascontiguousarray((means * precisions).T))
    quadratic = matmul(X**2, np.ascontiguousarray(precisions.T)) - 2.0 * cross
    quadratic += (means**2 * precisions).sum(axis=1)
    return np.maximum(quadratic, 0.0, out=quadratic)


def _second_diag(X, resp, pivots):
    cross = matmul(resp.T, X) * pivots
    return matmul(resp.T, X**2) - 2.0 * cross + resp.sum(axis=0)[:, None] * pivots**2


def _centre_diag(second, shift, reg_covar):
    return np.maximum(second - shift**2, 0.0) + reg_covar


def _rescale_diag(covariances, scale):
    return covariances * scale**2


def _dense_diag(covariances):
    return covariances[:, :, None] * np.eye(covariances.shape[1])


SHAPES = {
    "full": Shape(
        _factor_full,
        _diagonal_full,
        _quadratic_full,
        _second_full,
        _centre_full,
        _rescale_full,
        _dense_full,
    ),
    "diag": Shape(
        _factor_diag,
        _diagonal_diag,
        _quadratic_diag,
        _second_diag,
        _centre_diag,
        _rescale_diag,
        _dense_diag,
    ),
}


# --- densities ----------------------------------------------------------------------------


def precision_cholesky(covariances, covariance_type="full"):
    """Factor the inverse of every covariance.

    Parameters
    ----------
    covariances : ndarray of shape (n_components, n_features, n_features) or \
            (n_components, n_features)
    covariance_type : {"full", "diag"}, default="full"

    Returns
    -------
    factor : ndarray, same shape as covariances
        Upper triangular U with ``inv(covariance) = U @ U.T``; for "diag" the reciprocal
        standard deviations.

    Raises
    ------
    ValueError
        When a covariance is not positive definite.
    """
    return SHAPES[covariance_type].factor(np.asarray(covariances, dtype=np.float64))


def log_gaussians(X, means, factor, covariance_type="full"):
    """Log density of every frame under every component.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    means : ndarray of shape (n_components, n_features)
    factor : ndarray
        From :func:`precision_cholesky`.
    covariance_type : {"full", "diag"}, default="full"

    Returns
    -------
    log_density : ndarray of shape (n_frames, n_components)
        float64, in nats, finite also for frames far away from every component.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._gaussians import log_gaussians
    >>> log_gaussians(np.zeros((1, 2)), np.zeros((1, 2)), np.eye(2)[None]).round(3)
    array([[-1.838]])
    """
    X = np.asarray(X, dtype=np.float64)
    shape = SHAPES[covariance_type]
    log_norm = np.log(shape.diagonal(factor)).sum(axis=1) - 0.5 * X.shape[1] * np.log(2.0 * np.pi)
    with np.errstate(over="ignore"):
        log_density = shape.quadratic(X, means, factor)
    np.minimum(log_density, 1e300, out=log_density)
    log_density *= -0.5
    log_density += log_norm
    return log_density


def posteriors(X, weights, means, factor, covariance_type="full", log_offset=0.0):
    """Posterior probability of every component given every frame, by log-sum-exp.

    Parameters
    ----------
    X, means, factor, covariance_type
        As in :func:`log_gaussians`.
    weights : ndarray of shape (n_components,)
    log_offset : float or ndarray of shape (n_components,), default=0.0
        Added to the log densities.

    Returns
    -------
    resp : ndarray of shape (n_frames, n_components)
        Rows sum to one.
    log_evidence : ndarray of shape (n_frames,)
        Log density of every frame under the mixture, in nats.
    """
    resp = log_gaussians(X, means, factor, covariance_type)
    resp += np.log(weights) + log_offset
    top = resp.max(axis=1, keepdims=True)
    resp -= top
    np.exp(resp, out=resp)
    total = resp.sum(axis=1, keepdims=True)
    resp /= total
    return resp, (top + np.log(total))[:, 0]
