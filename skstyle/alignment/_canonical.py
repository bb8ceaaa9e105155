"""Canonical correlations of paired frames, from moments that add up over clips."""

import numpy as np


class PairedMoments:
    """Sums of paired frames, their squares and their products; clips are added one by one.

    Parameters
    ----------
    origin_x, origin_y : ndarrays of shape (p,) and (q,)
        A point near the data: what is summed is relative to it, and keeps its digits.
    """

    def __init__(self, origin_x, origin_y):
        self.origin = np.concatenate([origin_x, origin_y])
        self.split = len(origin_x)
        self.count = 0
        self.first = np.zeros(len(self.origin))
        self.second = np.zeros((len(self.origin),) * 2)

    def add(self, x, y):
        """Add frames x (n, p) and y (n, q) that belong together."""
        both = np.concatenate([x, y], axis=1).astype(np.float64) - self.origin
        self.count += len(both)
        self.first += both.sum(axis=0)
        self.second += both.T @ both

    def covariances(self):
        """Return means of x and y, and the covariances xx, yy and xy."""
        mean = self.first / self.count
        cov = self.second / self.count - np.outer(mean, mean)
        p = self.split
        mean = mean + self.origin
        return mean[:p], mean[p:], cov[:p, :p], cov[p:, p:], cov[:p, p:]


def inverse_root(cov, reg):
    """Return W (p, rank) with W.T @ (cov + ridge) @ W = I; constant directions are left out."""
    values, vectors = np.linalg.eigh(cov)
    ridge = reg * max(values.mean(), 0)
    kept = values > 1e-10 * max(values[-1], 0)
    return vectors[:, kept] / np.sqrt(values[kept] + ridge)


def canonical_projections(cov_xx, cov_yy, cov_xy, *, n_components=None, reg=1e-3):
    """Find the projections of x and y that correlate most.

    Parameters
    ----------
    cov_xx : ndarray of shape (p, p)
    cov_yy : ndarray of shape (q, q)
    cov_xy : ndarray of shape (p, q)
    n_components : int, optional
        Number of projections; by default as many as hold 90 % of the sum of correlations.
    reg : float, default=1e-3
        Ridge on each covariance as a share of its mean variance.

    Returns
    -------
    u : ndarray of shape (p, n_components)
        Projections of x, of unit variance.
    v : ndarray of shape (q, n_components)
        Projections of y.
    correlations : ndarray of shape (n_components,)
        Falling.
    """
    root_x, root_y = inverse_root(cov_xx, reg), inverse_root(cov_yy, reg)
    left, correlations, right = np.linalg.svd(root_x.T @ cov_xy @ root_y, full_matrices=False)
    if n_components is None:
        held = np.cumsum(correlations)
        n_components = int(np.searchsorted(held, 0.9 * held[-1])) + 1 if len(held) else 0
    chosen = slice(min(n_components, len(correlations)))
    return root_x @ left[:, chosen], root_y @ right.T[:, chosen], correlations[chosen]
