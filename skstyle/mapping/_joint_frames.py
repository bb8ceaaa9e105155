"""Source and target frames as one, and what a joint mixture says of them."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from . import _shapes
from ._gaussians import posteriors, prepare
from ._mixture import fit_mixture
from ._moments import BLOCK_ROWS

# On one pair of voices, the best of 1 to 32 full components in distortion on held-out sentences,
# with 4, 9, 20 and 50 training sentences: neighbouring frames repeat each other.
FRAMES_PER_COLUMN = 12

_HALF_LOG_2PI = 0.5 * np.log(2.0 * np.pi)


class Layout:
    """Which columns of joint frames are source and target.

    For "block_diag" column d of the source goes with column d of the target. A column without
    a partner stands beside zeros, whose variance is held at 1: they change nothing.
    """

    def __init__(self, n_features, n_targets, covariance_type):
        self.n_features, self.n_targets = n_features, n_targets
        self.half = n_features
        if covariance_type == "block_diag":
            self.half = max(n_features, n_targets)
        self.n_columns = self.half + n_targets
        if covariance_type == "block_diag":
            self.n_columns = 2 * self.half
        self.x = slice(0, n_features)
        self.y = slice(self.half, self.half + n_targets)
        self.n_zeros = self.n_columns - n_features - n_targets

    def join(self, X, y):
        """Joint frames, (n_frames, n_columns), in the dtype of X."""
        y = y.reshape(len(y), -1)
        if self.n_zeros == 0:
            return np.column_stack([X, y]).astype(X.dtype, copy=False)
        joint = np.zeros((len(X), self.n_columns), dtype=X.dtype)
        joint[:, self.x], joint[:, self.y] = X, y
        return joint

    def reg_covar(self, reg_covar):
        """Regularisation by column."""
        if self.n_zeros == 0:
            return reg_covar
        by_column = np.ones(self.n_columns)
        by_column[self.x] = by_column[self.y] = reg_covar
        return by_column

    def real(self, covariances, covariance_type, n_components):
        """Full covariances of [x; y] without the zeros."""
        full = _shapes.dense(covariances, covariance_type, n_components)
        if self.n_zeros == 0:
            return full
        columns = np.r_[self.x, self.y]
        return full[:, columns[:, None], columns]

    def bound(self, bound):
        """Bound without the zeros: what they and their penalty add is constant."""
        return bound + self.n_zeros * (_HALF_LOG_2PI + 0.5)

    def log_density(self, joint, weights, means, covariances, covariance_type):
        """Log density of every joint frame, (n_frames,), in nats and float64."""
        density = prepare(weights, means, covariances, covariance_type)
        out = np.empty(len(joint))
        for start in range(0, len(joint), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            out[rows] = posteriors(joint[rows].astype(np.float64, copy=False), density)[1]
        return out + self.n_zeros * _HALF_LOG_2PI


def affordable_components(n_frames, n_columns, max_components):
    """Return how many components so many frames can feed.

    Parameters
    ----------
    n_frames, n_columns : int
        Shape of the joint frames.
    max_components : int

    Returns
    -------
    n_components : int
        The power of two that is nearest to one component for ``FRAMES_PER_COLUMN`` frames a
        column.
    """
    nearest = np.round(np.log2(n_frames / (FRAMES_PER_COLUMN * n_columns)))
    return int(min(2 ** max(nearest, 0), max_components))


def information_criterion(log_density, n_parameters, weight):
    """``weight * n_parameters - 2 log L``: less is better."""
    return float(weight * n_parameters - 2.0 * log_density.sum())


def fit_by_bic(joint, layout, max_components, covariance_type, **parameters):
    """Double the number of components as long as the BIC falls.

    Parameters
    ----------
    joint : ndarray of shape (n_frames, n_columns)
    layout : Layout
    max_components : int
    covariance_type : str
    **parameters
        Of :func:`~skstyle.mapping._mixture.fit_mixture`.

    Returns
    -------
    mixture : Mixture
        The best one. Warnings of the others are not heard.
    path : dict of int to float
        The BIC of every number of components tried.

    References
    ----------
    .. [1] G. Schwarz, "Estimating the dimension of a model", Ann. Stat. 6(2), 1978.
       https://doi.org/10.1214/aos/1176344136
    """
    best, heard, path = None, [], {}
    n_components = 1
    while n_components <= min(max_components, len(joint)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                mixture = fit_mixture(
                    joint, n_components, covariance_type=covariance_type, **parameters
                )
            except _shapes.SingularCovarianceError:
                if best is None:
                    raise
                break
        log_density = layout.log_density(joint, *mixture[:3], covariance_type)
        n_parameters = _shapes.n_parameters(
            len(mixture.weights), layout.n_features, layout.n_targets, covariance_type
        )
        path[n_components] = information_criterion(log_density, n_parameters, np.log(len(joint)))
        if best is not None and path[n_components] >= min(list(path.values())[:-1]):
            break
        best, heard = mixture, caught
        if len(mixture.weights) < n_components:
            break
        n_components *= 2
    for warning in heard:
        if issubclass(warning.category, ConvergenceWarning):
            warnings.warn(str(warning.message), ConvergenceWarning, stacklevel=4)
    return best, path
