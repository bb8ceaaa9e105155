"""Gaussian densities of frames and weighted sums over frames, for every shape of covariance.

Whatever is as large as the frames is a matrix product. Full covariances are triangles: both
passes over the frames go through them in strips of columns, so that little more than half of
the products of square matrices is computed, by a few large products for all components.
"""

from collections import namedtuple

import numpy as np

from ._shapes import factorise, log_det_factor, penalty

# A strip of 32 components, 8 columns and 512 frames is 1 MB: it stays in cache.
_STRIP_ROWS = 512
_STRIP_COLUMNS = 8
# With fewer frames that matter to a component, gathering them is faster than all of them.
_SPARSE = 0.4

Density = namedtuple("Density", ["covariance_type", "offset", "origin", "maps"])
Density.__doc__ = """A mixture prepared for frames: see :func:`prepare`.

``offset`` (n_components,) is what does not depend on the frame, ``origin`` (n_columns,) is
subtracted from frames first, ``maps`` are the matrices they are then multiplied by.
"""


def _strips(n_columns):
    n_strips = max(1, round(n_columns / _STRIP_COLUMNS))
    edges = np.linspace(0, n_columns, n_strips + 1).round().astype(int)
    return list(zip(edges[:-1], edges[1:], strict=True))


# --- densities ----------------------------------------------------------------------------


def prepare(weights, means, covariances, covariance_type="full", reg_covar=0.0, dtype=np.float64):
    """Prepare a mixture for :func:`log_joint` and :func:`posteriors`.

    Parameters
    ----------
    weights : ndarray of shape (n_components,)
    means : ndarray of shape (n_components, n_columns)
    covariances : ndarray
        Of the shape that `covariance_type` says, see :mod:`skstyle.mapping._shapes`.
    covariance_type : {"block_diag", "diag", "full", "tied"}, default="full"
    reg_covar : float or ndarray of shape (n_columns,), default=0.0
        Variances of a noise that blurs the frames; densities become expected ones.
    dtype : dtype, default=float64
        Precision of the products of full covariances, which take almost all of the time.
        The other types always work in float64.

    Returns
    -------
    density : Density

    Raises
    ------
    SingularCovarianceError
        When a covariance is not positive definite.
    """
    factor = factorise(covariances, covariance_type)
    offset = np.log(weights) + log_det_factor(factor, covariance_type)
    offset -= 0.5 * means.shape[1] * np.log(2.0 * np.pi)
    offset -= penalty(factor, covariance_type, reg_covar)
    # About a common origin one product serves all components, and no digits get lost.
    origin = means.mean(axis=0)
    maps = _MAPS[covariance_type](means - origin, factor, dtype)
    return Density(covariance_type, offset, origin, maps)


def log_joint(X, density):
    """Log of weight times density, of every frame under every component.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_columns)
    density : Density

    Returns
    -------
    log_joint : ndarray of shape (n_components, n_frames)
        float64, in nats, finite also for frames far away from every component.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._gaussians import log_joint, prepare
    >>> density = prepare(np.ones(1), np.zeros((1, 2)), np.eye(2)[None])
    >>> log_joint(np.zeros((1, 2)), density).round(3)
    array([[-1.838]])
    """
    with np.errstate(over="ignore", invalid="ignore"):
        out = _QUADRATICS[density.covariance_type](X - density.origin.astype(X.dtype), density.maps)
    # Overflows of opposite signs leave nan: such a frame is far away.
    out[~(out < 1e300)] = 1e300
    out *= -0.5
    out += density.offset[:, None]
    return out


def posteriors(X, density):
    """Posterior probability of every component given every frame, by log-sum-exp.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_columns)
    density : Density

    Returns
    -------
    resp : ndarray of shape (n_components, n_frames)
        Columns sum to one.
    log_evidence : ndarray of shape (n_frames,)
        Log density of every frame under the mixture, in nats.
    """
    resp = log_joint(X, density)
    top = resp.max(axis=0)
    resp -= top
    np.exp(resp, out=resp)
    total = resp.sum(axis=0)
    resp /= total
    return resp, top + np.log(total)


def _maps_full(means, factor, dtype):
    # A first column of ones in the frames subtracts the whitened means.
    upper = np.concatenate([-(means[:, None] @ factor), factor], axis=1)
    maps = []
    for low, high in _strips(factor.shape[1]):
        strip = upper[:, : high + 1, low:high].swapaxes(1, 2)
        maps.append(np.ascontiguousarray(strip, dtype=dtype))
    return maps


def _quadratic_full(X, maps):
    rows = _with_ones(X, maps[0].dtype)
    out = np.zeros((len(maps[0]), len(X)))
    widest = max(strip[..., 0].size for strip in maps)
    buffer = np.empty(widest * min(_STRIP_ROWS, len(X)), dtype=maps[0].dtype)
    for start in range(0, len(X), _STRIP_ROWS):
        block, sums = rows[:, start : start + _STRIP_ROWS], out[:, start : start + _STRIP_ROWS]
        for strip in maps:
            n_components, width, height = strip.shape
            Y = buffer[: n_components * width * block.shape[1]].reshape(-1, block.shape[1])
            np.matmul(strip.reshape(-1, height), block[:height], out=Y)
            np.square(Y, out=Y)
            sums += np.add.reduce(Y.reshape(n_components, width, -1), axis=1)
    return out


def _with_ones(X, dtype):
    """Transposed frames below a row of ones."""
    rows = np.ones((X.shape[1] + 1, len(X)), dtype=dtype)
    rows[1:] = X.T
    return rows


def _maps_tied(means, factor, dtype):
    return factor, means @ factor


def _quadratic_tied(X, maps):
    factor, means = maps
    Y = X @ factor
    out = -2.0 * (means @ Y.T)
    out += (means**2).sum(axis=1)[:, None]
    out += np.einsum("ij,ij->i", Y, Y)
    return np.maximum(out, 0.0, out=out)


def _maps_diag(means, factor, dtype):
    precisions = factor**2
    constant = (means**2 * precisions).sum(axis=1)[:, None]
    return precisions, -2.0 * means * precisions, constant


def _quadratic_diag(X, maps):
    squares, linear, constant = maps
    X = X.astype(np.float64, copy=False)
    out = squares @ (X**2).T + linear @ X.T + constant
    return np.maximum(out, 0.0, out=out)


def _maps_block_diag(means, factor, dtype):
    precisions = factor @ factor.swapaxes(-1, -2)
    p = factor.shape[1]
    squares = np.concatenate([precisions[..., 0, 0], precisions[..., 1, 1]], axis=1)
    cross = 2.0 * precisions[..., 0, 1]
    other = np.roll(means, p, axis=1)
    linear = -2.0 * means * squares - other * np.tile(cross, 2)
    constant = (means**2 * squares).sum(axis=1) + (means[:, :p] * means[:, p:] * cross).sum(axis=1)
    return squares, linear, constant[:, None], cross


def _quadratic_block_diag(X, maps):
    X = X.astype(np.float64, copy=False)
    p = X.shape[1] // 2
    out = maps[0] @ (X**2).T + maps[1] @ X.T + maps[2]
    out += maps[3] @ (X[:, :p] * X[:, p:]).T
    return np.maximum(out, 0.0, out=out)


_MAPS = {
    "full": _maps_full,
    "tied": _maps_tied,
    "diag": _maps_diag,
    "block_diag": _maps_block_diag,
}
_QUADRATICS = {
    "full": _quadratic_full,
    "tied": _quadratic_tied,
    "diag": _quadratic_diag,
    "block_diag": _quadratic_block_diag,
}


# --- second moments -----------------------------------------------------------------------


def second_moments(X, resp, covariance_type="full"):
    """Sums over frames of ``r x x'``, by component.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_columns)
    resp : ndarray of shape (n_components, n_frames)
        Exact zeros save time.
    covariance_type : {"block_diag", "diag", "full", "tied"}, default="full"

    Returns
    -------
    second : ndarray, float64
        In the shape of the covariances, of which only the lower triangles count for "full";
        for "tied" the sum over all components, to which `resp` must sum to one.
    """
    if covariance_type == "full":
        if np.count_nonzero(resp) < _SPARSE * resp.size:
            return _second_full_sparse(X, resp)
        return _second_full(X, resp)
    X = X.astype(np.float64, copy=False)
    if covariance_type == "tied":
        return X.T @ X
    squares = resp @ X**2
    if covariance_type == "diag":
        return squares
    p = X.shape[1] // 2
    second = np.empty((len(resp), p, 2, 2))
    second[..., 0, 0], second[..., 1, 1] = squares[:, :p], squares[:, p:]
    second[..., 0, 1] = second[..., 1, 0] = resp @ (X[:, :p] * X[:, p:])
    return second


def _second_full_sparse(X, resp):
    out = np.empty((len(resp), X.shape[1], X.shape[1]))
    for k, r in enumerate(resp):
        rows = np.flatnonzero(r)
        D = X[rows]
        D *= np.sqrt(r[rows]).astype(X.dtype)[:, None]
        out[k] = D.T @ D
    return out


def _second_full(X, resp):
    n_components, n_columns = len(resp), X.shape[1]
    rows = np.ascontiguousarray(X.T)
    resp = resp.astype(X.dtype, copy=False)[:, None]
    strips = _strips(n_columns)
    sums = [np.zeros((n_components * (high - low), high)) for low, high in strips]
    widest = max(map(len, sums))
    buffer = np.empty(widest * min(_STRIP_ROWS, len(X)), dtype=X.dtype)
    for start in range(0, len(X), _STRIP_ROWS):
        block = rows[:, start : start + _STRIP_ROWS]
        r = resp[..., start : start + _STRIP_ROWS]
        for (low, high), total in zip(strips, sums, strict=True):
            weighted = buffer[: len(total) * block.shape[1]].reshape(
                n_components, high - low, block.shape[1]
            )
            np.multiply(r, block[low:high], out=weighted)
            total += weighted.reshape(len(total), -1) @ block[:high].T
    out = np.zeros((n_components, n_columns, n_columns))
    for (low, high), total in zip(strips, sums, strict=True):
        out[:, low:high, :high] = total.reshape(n_components, high - low, high)
    return out
