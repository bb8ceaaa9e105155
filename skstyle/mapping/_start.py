"""Where expectation-maximisation starts: clusters of frames, or frames drawn at random."""

import numpy as np
from sklearn.cluster import kmeans_plusplus

from . import _shapes
from ._moments import BLOCK_ROWS, _sum_over_blocks, m_step, moments_of

INITS = ("k-means++", "random")
# Clusters move little after this; EM moves them on.
_LLOYD_ROUNDS = 20


def nearest(X, centres):
    """Index of the nearest centre of every frame, (n_frames,)."""
    half = 0.5 * (centres**2).sum(axis=1)
    return (X @ centres.T - half).argmax(axis=1)


def _hard(labels, n_components):
    return (labels == np.arange(n_components)[:, None]).astype(np.float64)


def _lloyd(Z, centres, block_rows):
    """Move centres to the means of their frames until no frame changes sides."""
    n_components, before = len(centres), None

    def sums(rows):
        labels[rows] = nearest(Z[rows], centres)
        return moments_of(Z[rows], _hard(labels[rows], n_components), "diag")

    for _ in range(_LLOYD_ROUNDS):
        labels = np.empty(len(Z), dtype=np.intp)
        total = _sum_over_blocks(sums, len(Z), block_rows)
        if before is not None and np.array_equal(labels, before):
            break
        before, filled = labels, total.mass > 0
        centres = centres.copy()
        centres[filled] = total.first[filled] / total.mass[filled, None]
    return before


def start_mixture(
    Z,
    n_components,
    covariance_type="full",
    reg_covar=0.0,
    init="k-means++",
    random_state=None,
    block_rows=BLOCK_ROWS,
):
    """Choose the first mixture.

    Parameters
    ----------
    Z : ndarray of shape (n_frames, n_columns)
        Standardised frames.
    n_components : int
    covariance_type : str, default="full"
    reg_covar : float, default=0.0
    init : {"k-means++", "random"}, default="k-means++"
        The clusters of k-means, seeded by k-means++; or as means frames drawn at random, with
        the covariance of all frames each.
    random_state : int, RandomState or None, default=None
    block_rows : int, default=2048

    Returns
    -------
    weights, means, covariances : ndarrays
        Of fewer components when clusters were left empty.
    """
    if init == "random":
        chosen = random_state.choice(len(Z), n_components, replace=False)
        means = Z[chosen].astype(np.float64)
        everything = _hard_moments(
            Z, np.zeros(len(Z), dtype=np.intp), 1, covariance_type, block_rows
        )
        _, _, covariances = m_step(everything, covariance_type, reg_covar)
        if covariance_type != "tied":
            covariances = np.repeat(covariances, n_components, axis=0)
        return np.full(n_components, 1 / n_components), means, covariances
    centres, _ = kmeans_plusplus(Z, n_components, random_state=random_state)
    labels = _lloyd(Z, centres, block_rows)
    moments = _hard_moments(Z, labels, n_components, covariance_type, block_rows)
    return m_step(moments, covariance_type, reg_covar)


def _hard_moments(Z, labels, n_components, covariance_type, block_rows):
    def sums(rows):
        return moments_of(Z[rows], _hard(labels[rows], n_components), covariance_type)

    return _sum_over_blocks(sums, len(Z), block_rows)


# --- lost components ----------------------------------------------------------------------


def split_widest(weights, means, covariances, covariance_type, n_more):
    """Replace lost components by halves of the widest and heaviest ones.

    A component is split along its principal axis, half a standard deviation to either side,
    which keeps its mean; EM then shapes the halves.

    Parameters
    ----------
    weights, means, covariances, covariance_type
        A mixture of standardised frames.
    n_more : int
        How many components to add, each by one split.

    Returns
    -------
    weights, means, covariances : ndarrays
    """
    for _ in range(n_more):
        dense = _shapes.dense(covariances, covariance_type, len(weights))
        values, vectors = np.linalg.eigh(dense)
        k = int(np.argmax(weights * values[:, -1]))
        shift = 0.5 * np.sqrt(values[k, -1]) * vectors[k, :, -1]
        weights = np.append(weights, weights[k] / 2)
        weights[k] /= 2
        means = np.vstack([means, means[k] + shift])
        means[k] -= shift
        if covariance_type != "tied":
            covariances = np.concatenate([covariances, covariances[k : k + 1]])
    return weights, means, covariances


def without(weights, means, covariances, covariance_type, lost):
    """Return the mixture without some components."""
    weights, means = np.delete(weights, lost), np.delete(means, lost, axis=0)
    if covariance_type != "tied":
        covariances = np.delete(covariances, lost, axis=0)
    return weights / weights.sum(), means, covariances
