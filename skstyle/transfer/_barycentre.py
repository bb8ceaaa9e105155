"""The distance of Gaussians, and the one between others.

References
----------
.. [1] P. C. Alvarez-Esteban, E. del Barrio, J. A. Cuesta-Albertos and C. Matran, "A fixed-point
   approach to barycenters in Wasserstein space", J. Math. Anal. Appl. 441(2), 2016.
   doi:10.1016/j.jmaa.2016.04.045
"""

import numpy as np

from ..mapping._transport import root_between, square_roots

# Steps at most, and the relative change at which they end.
MAX_ITER, TOL = 200, 1e-10
# Added to variances, as a share of the mean variance: flat clouds have no inverse.
RIDGE = 1e-6
# Differences below this share of the variances are rounding.
ROUNDING = 1e-11


def gaussian_distance(a, b):
    """Squared distance of two Gaussians, each a mean and a covariance.

    ``|m_a - m_b|^2 + tr(S_a + S_b - 2 (S_a^1/2 S_b S_a^1/2)^1/2)``

    Parameters
    ----------
    a, b : tuples of ndarrays of shapes (n_features,) and (n_features, n_features)

    Returns
    -------
    distance : float
    """
    (mean_a, S_a), (mean_b, S_b) = a, b
    total = np.trace(S_a) + np.trace(S_b)
    between = root_between(square_roots(S_a)[0], square_roots(S_b)[0])
    spread = total - 2 * np.trace(between)
    distance = ((mean_a - mean_b) ** 2).sum() + max(spread, 0.0)
    return float(distance) if distance > ROUNDING * total else 0.0


def gaussian_barycentre(covariances, weights):
    """Covariance of the Gaussian whose weighted squared distance from others is least.

    Its mean is the weighted mean of theirs.

    Parameters
    ----------
    covariances : list of ndarrays of shape (n_features, n_features)
    weights : sequence of float
        They sum to one.

    Returns
    -------
    covariance : ndarray of shape (n_features, n_features)

    Notes
    -----
    The fixed point [1]_ of ``S = S^-1/2 (sum_i w_i (S^1/2 C_i S^1/2)^1/2)^2 S^-1/2``. Two
    Gaussians have it on the line of optimal transport from one to the other.
    """
    if len(covariances) == 1:
        return covariances[0]
    ridge = RIDGE * max(np.trace(C) for C in covariances) / len(covariances[0])
    covariances = [C + ridge * np.eye(len(C)) for C in covariances]
    S = np.einsum("k,kij->ij", np.asarray(weights, float), covariances)
    for _ in range(MAX_ITER):
        root, inverse = square_roots(S)
        between = sum(
            w * square_roots(root @ C @ root)[0] for w, C in zip(weights, covariances, strict=True)
        )
        new = inverse @ between @ between @ inverse
        new = (new + new.T) / 2
        done = np.abs(new - S).max() <= TOL * np.abs(S).max()
        S = new
        if done:
            break
    return S
