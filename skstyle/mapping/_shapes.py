"""Shapes of covariances: what depends on ``covariance_type`` and not on frames.

All matrices are float64. The factor U of a covariance is upper triangular, with
``inv(covariance) = U @ U.T``. Arrays of covariances and of factors have the shapes

==============  ==============================================================
``full``        (n_components, n_columns, n_columns)
``tied``        (n_columns, n_columns), the same for all components
``diag``        (n_components, n_columns)
``block_diag``  (n_components, n_columns / 2, 2, 2): column d goes with column
                n_columns / 2 + d, and with no other
==============  ==============================================================
"""

import numpy as np

COVARIANCE_TYPES = ("block_diag", "diag", "full", "tied")

# In units of standardised data rounding leaves 1e-16 where a variance should be zero.
_SINGULAR = 1e-14


class SingularCovarianceError(ValueError):
    """Some covariances are not positive definite; ``components`` tells which."""

    def __init__(self, components):
        self.components = components
        super().__init__(
            f"The covariance of component {components[0]} is not positive definite: too few or "
            "too regular frames for it. Increase reg_covar, or use fewer components."
        )


def factorise(covariances, covariance_type="full", floor=0.0):
    """Factor the inverse of every covariance.

    Parameters
    ----------
    covariances : ndarray
    covariance_type : {"block_diag", "diag", "full", "tied"}, default="full"
    floor : float, default=0.0
        Pivots (variances given the columns before) of at most this much count as zero.

    Returns
    -------
    factor : ndarray, same shape as covariances
        For "diag" the reciprocal standard deviations.

    Raises
    ------
    SingularCovarianceError
        When a covariance is not positive definite.
    """
    covariances = np.asarray(covariances, dtype=np.float64)
    if covariance_type == "diag":
        _refuse(~(covariances > floor).all(axis=1))
        return 1.0 / np.sqrt(covariances)
    if covariance_type == "block_diag":
        return _factorise_blocks(covariances, floor)
    dense = covariances if covariance_type == "full" else covariances[None]
    lower = np.empty_like(dense)
    bad = np.zeros(len(dense), dtype=bool)
    for k, covariance in enumerate(dense):
        try:
            lower[k] = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            bad[k] = True
            continue
        bad[k] = not (np.diagonal(lower[k]) ** 2 > floor).all()
    _refuse(bad)
    upper = np.triu(np.linalg.inv(lower).swapaxes(1, 2))
    return upper if covariance_type == "full" else upper[0]


def _factorise_blocks(covariances, floor):
    xx, xy, yy = covariances[..., 0, 0], covariances[..., 0, 1], covariances[..., 1, 1]
    safe = np.where(xx > 0, xx, 1.0)
    rest = yy - xy**2 / safe
    _refuse(~((xx > floor) & (rest > floor)).all(axis=1))
    factor = np.zeros(covariances.shape)
    factor[..., 0, 0] = 1.0 / np.sqrt(xx)
    factor[..., 1, 1] = 1.0 / np.sqrt(rest)
    factor[..., 0, 1] = -xy / xx * factor[..., 1, 1]
    return factor


def _refuse(bad):
    if bad.any():
        raise SingularCovarianceError(np.flatnonzero(bad))


def singular_components(covariances, covariance_type):
    """Return the indices of components whose covariance is singular, on standardised data."""
    try:
        factorise(covariances, covariance_type, floor=_SINGULAR)
    except SingularCovarianceError as error:
        return error.components
    return np.empty(0, dtype=int)


def log_det_factor(factor, covariance_type):
    """``log det U`` of every component, (n_components,); a scalar for "tied"."""
    if covariance_type == "diag":
        return np.log(factor).sum(axis=1)
    diagonal = np.log(np.diagonal(factor, axis1=-2, axis2=-1))
    return diagonal.sum(axis=(1, 2) if covariance_type == "block_diag" else -1)


def penalty(factor, covariance_type, reg_covar):
    """``tr(diag(reg_covar) inv(covariance)) / 2`` of every component; a scalar for "tied"."""
    if covariance_type == "diag":
        return 0.5 * (factor**2 * reg_covar).sum(axis=1)
    precisions = (factor**2).sum(axis=-1)  # the diagonal of U U'
    if covariance_type == "block_diag":
        precisions = precisions.swapaxes(1, 2).reshape(len(factor), -1)
    return 0.5 * (precisions * reg_covar).sum(axis=-1)


def _outer(means, weights, covariance_type):
    """Products of the means, in the shape of the covariances."""
    if covariance_type == "diag":
        return means**2
    if covariance_type == "tied":
        return (means.T * weights) @ means
    if covariance_type == "block_diag":
        pairs = means.reshape(len(means), 2, -1).swapaxes(1, 2)
        return pairs[..., :, None] * pairs[..., None, :]
    return means[:, :, None] * means[:, None, :]


def _add_to_diagonal(covariances, covariance_type, reg_covar):
    reg_covar = np.broadcast_to(reg_covar, n_columns_of(covariances, covariance_type))
    if covariance_type == "diag":
        covariances += reg_covar
    elif covariance_type == "block_diag":
        np.einsum("...ii->...i", covariances)[...] += reg_covar.reshape(2, -1).T
    else:
        np.einsum("...ii->...i", covariances)[...] += reg_covar


def centre(second, means, weights, covariance_type, reg_covar):
    """Covariances from mean second moments about zero.

    Parameters
    ----------
    second : ndarray, shape of covariances
        Means of ``x x'`` by component, lower triangles; of all frames for "tied".
    means : ndarray of shape (n_components, n_columns)
    weights : ndarray of shape (n_components,)
    covariance_type : str
    reg_covar : float or ndarray of shape (n_columns,)
        Added to the variances.

    Returns
    -------
    covariances : ndarray
    """
    covariances = second - _outer(means, weights, covariance_type)
    if covariance_type == "full":
        lower = np.tril(covariances)
        covariances = lower + np.tril(lower, -1).swapaxes(1, 2)
    if covariance_type == "diag":
        np.maximum(covariances, 0.0, out=covariances)
    _add_to_diagonal(covariances, covariance_type, reg_covar)
    return covariances


def uncentre(covariances, means, weights, covariance_type, reg_covar):
    """Mean second moments about zero: the inverse of :func:`centre`."""
    second = np.array(covariances)
    _add_to_diagonal(second, covariance_type, np.negative(reg_covar))
    return second + _outer(means, weights, covariance_type)


def rescale(covariances, scale, covariance_type):
    """Covariances of the columns multiplied by `scale`."""
    if covariance_type == "diag":
        return covariances * scale**2
    if covariance_type == "block_diag":
        scale = scale.reshape(2, -1).T
    return covariances * (scale[..., :, None] * scale[..., None, :])


def dense(covariances, covariance_type, n_components):
    """As full matrices, (n_components, n_columns, n_columns)."""
    if covariance_type == "diag":
        return covariances[:, :, None] * np.eye(covariances.shape[1])
    if covariance_type == "tied":
        return np.broadcast_to(covariances, (n_components, *covariances.shape))
    if covariance_type == "block_diag":
        p = covariances.shape[1]
        out = np.zeros((n_components, 2, p, 2, p))
        np.einsum("kadbd->kabd", out)[...] = covariances.transpose(0, 2, 3, 1)
        return out.reshape(n_components, 2 * p, 2 * p)
    return covariances


def marginal(covariances, covariance_type, n_features):
    """Covariances of the first columns alone, and their type."""
    if covariance_type == "diag":
        return covariances[:, :n_features], "diag"
    if covariance_type == "block_diag":
        return covariances[:, :n_features, 0, 0], "diag"
    return np.ascontiguousarray(covariances[..., :n_features, :n_features]), covariance_type


def pooled(covariances, weights, covariance_type):
    """Every covariance replaced by their mean."""
    if covariance_type == "tied":
        return covariances
    mean = np.tensordot(weights / weights.sum(), covariances, axes=1)
    return np.repeat(mean[None], len(covariances), axis=0)


def n_columns_of(covariances, covariance_type):
    """How many columns the frames of these covariances have."""
    return covariances.shape[1] * (2 if covariance_type == "block_diag" else 1)


def n_parameters(n_components, n_features, n_targets, covariance_type):
    """Free parameters of a mixture: weights, means and covariances."""
    n_columns = n_features + n_targets
    covariances = {
        "full": n_components * n_columns * (n_columns + 1) // 2,
        "tied": n_columns * (n_columns + 1) // 2,
        "diag": n_components * n_columns,
        "block_diag": n_components * (n_columns + min(n_features, n_targets)),
    }[covariance_type]
    return n_components - 1 + n_components * n_columns + covariances
