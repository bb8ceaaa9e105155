"""One linear map for every class of frames, where nobody knows which frames correspond."""

from collections import namedtuple

import numpy as np

from ._gaussians import posteriors, prepare, second_moments
from ._mixture import fit_mixture
from ._moments import BLOCK_ROWS
from ._shapes import dense

# The classes only sort frames: diagonal covariances, a loose stop and a part of the frames did
# it as well as full covariances, EM to its end and all frames, in a fraction of the time.
_CLASS_COVARIANCE = "diag"
_REG_COVAR = 0.03
_TOL = 0.01
_ENOUGH_FRAMES = 20_000
# A class is held to "no change" as if it had so many frames more. Neighbouring frames repeat
# each other: with 50 and with 10 sentences 10 times fewer did harm, and 10 times more undid
# what classes gain.
_PRIOR_FRAMES_PER_COLUMN = 40

ClassMaps = namedtuple("ClassMaps", ["density", "coef", "source", "target"])
ClassMaps.__doc__ = """A soft partition of frames and a map in every class.

``density`` is the prepared mixture; ``coef`` (n_classes, n_features, n_features) maps about the
means ``source`` to the means ``target``, both (n_classes, n_features).
"""


def fit_class_maps(source, target, linear_map, n_components, random_state):
    """Refine a map of all frames class by class.

    Parameters
    ----------
    source : ndarray of shape (n_source, n_features)
        Frames of the source, already mapped as a whole: only then does a part of the space
        mean the same on both sides.
    target : ndarray of shape (n_target, n_features)
    linear_map : callable
        From the covariances of source and target to a matrix.
    n_components : int
        Number of classes.
    random_state : int, RandomState or None

    Returns
    -------
    maps : ClassMaps

    Notes
    -----
    One mixture of the frames of both sides is the partition; in every class its posteriors
    weigh the frames of each side. To both it adds frames of the mixture itself, the same on
    both sides, for which no change is the answer.
    """
    both = np.concatenate([source, target])
    mixture = fit_mixture(
        both[:: -(-len(both) // _ENOUGH_FRAMES)],
        n_components,
        covariance_type=_CLASS_COVARIANCE,
        reg_covar=_REG_COVAR,
        tol=_TOL,
        random_state=random_state,
    )
    covariances = dense(mixture.covariances, _CLASS_COVARIANCE, len(mixture.weights))
    density = prepare(*mixture[:3], _CLASS_COVARIANCE)
    means_x, covariances_x = _class_moments(source, density, mixture.means, covariances)
    means_y, covariances_y = _class_moments(target, density, mixture.means, covariances)
    pairs = zip(covariances_x, covariances_y, strict=True)
    return ClassMaps(density, np.array([linear_map(x, y) for x, y in pairs]), means_x, means_y)


def apply_class_maps(X, maps):
    """Map frames by all classes, weighted by their posteriors.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
        Frames already mapped as a whole.
    maps : ClassMaps

    Returns
    -------
    Y : ndarray of shape (n_frames, n_features), float64
    """
    Y = np.empty(X.shape)
    for start in range(0, len(X), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        resp = posteriors(X[rows], maps.density)[0][:, :, None]
        moved = (X[rows] - maps.source[:, None]) @ maps.coef.swapaxes(1, 2) + maps.target[:, None]
        Y[rows] = (resp * moved).sum(axis=0)
    return Y


def _class_moments(X, density, prior_means, prior_covariances):
    """Means and covariances of the frames of every class, and of those of the prior."""
    prior = _PRIOR_FRAMES_PER_COLUMN * X.shape[1]
    resp = posteriors(X, density)[0]
    # About the overall mean no digits get lost.
    origin = prior_means.mean(axis=0)
    centred, means = X - origin, prior_means - origin
    total = (resp.sum(axis=1) + prior)[:, None]
    second = np.tril(second_moments(centred, resp))
    second += np.tril(second, -1).swapaxes(1, 2)
    second += prior * (prior_covariances + means[:, :, None] * means[:, None, :])
    means = (resp @ centred + prior * means) / total
    return means + origin, second / total[:, :, None] - means[:, :, None] * means[:, None, :]
