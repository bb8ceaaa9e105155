"""Gaussian mixtures by expectation-maximisation: pure functions on arrays of frames.

Frames pass in blocks, so the memory needed beyond the data is
``O(block * (n_components + n_features))``, and one standardised copy of the data.
"""

import warnings
from collections import namedtuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from ._gaussians import SHAPES, matmul, posteriors, precision_cholesky

# 2048 rows of 100 features are 1.6 MB: a block stays in cache between its passes.
BLOCK_ROWS = 2048

Mixture = namedtuple(
    "Mixture",
    ["weights", "means", "covariances", "covariance_type", "log_likelihood", "converged"],
)
Mixture.__doc__ = """A fitted mixture; ``log_likelihood`` is the curve, one value an iteration."""

Moments = namedtuple("Moments", ["mass", "first", "second"])
Moments.__doc__ = """Sums over frames of r, r x, and r (x - pivot)(x - pivot)' by component."""

# --- the two steps ------------------------------------------------------------------------


def moments_of(X, resp, pivots, covariance_type="full"):
    """Sum the sufficient statistics of a block of frames.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    resp : ndarray of shape (n_frames, n_components)
    pivots : ndarray of shape (n_components, n_features)
        Points about which second moments are taken. Near the means nothing cancels later.
    covariance_type : {"full", "diag"}, default="full"

    Returns
    -------
    moments : Moments
    """
    second = SHAPES[covariance_type].second(X, resp, pivots)
    return Moments(resp.sum(axis=0), matmul(resp.T, X), second)


def _blocks(n_frames, block_rows):
    return [slice(i, min(i + block_rows, n_frames)) for i in range(0, n_frames, block_rows)]


def _total(moments):
    """Sum moments over blocks, in the memory of the first."""
    moments = iter(moments)
    total = next(moments)
    for block in moments:
        for a, b in zip(total, block, strict=True):
            a += b
    return total


def em_sums(
    X, weights, means, covariances, covariance_type="full", reg_covar=0.0, block_rows=BLOCK_ROWS
):
    """E step: sufficient statistics of all frames, and the bound of these parameters.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features), float64
    weights, means, covariances, covariance_type
        The current mixture.
    reg_covar : float, default=0.0
        What the M step adds to the variances, in squared units of X.
    block_rows : int, default=2048

    Returns
    -------
    moments : Moments
        About the current means.
    bound : float
        Mean log-likelihood of a frame, nats, minus the regularisation's penalty.

    Notes
    -----
    Adding ``reg_covar`` to the variances is the exact M step for frames blurred with noise
    of that variance, whose expected log density is lower by ``reg_covar tr(inv(S_k)) / 2``.
    With this term in the E step too, the bound never decreases, which plain EM followed by
    a repair of the covariances does not promise.
    """
    factor = precision_cholesky(covariances, covariance_type)
    penalty = 0.5 * reg_covar * (factor.reshape(len(factor), -1) ** 2).sum(axis=1)
    bound = 0.0

    def block_moments(block):
        nonlocal bound
        resp, log_evidence = posteriors(X[block], weights, means, factor, covariance_type, -penalty)
        bound += log_evidence.sum()
        # Below rounding beside the frame's best component; most frames have few that matter.
        resp[resp < np.finfo(np.float64).eps] = 0.0
        return moments_of(X[block], resp, means, covariance_type)

    moments = _total(block_moments(block) for block in _blocks(len(X), block_rows))
    return moments, bound / len(X)


def m_step(moments, pivots, covariance_type="full", reg_covar=0.0):
    """M step: the mixture of largest bound, given sufficient statistics.

    Parameters
    ----------
    moments : Moments
        From :func:`em_sums` or :func:`moments_of`.
    pivots : ndarray of shape (n_components, n_features)
        The points the second moments are about.
    covariance_type : {"full", "diag"}, default="full"
    reg_covar : float, default=0.0
        Added to every variance, in squared units of the features.

    Returns
    -------
    weights, means, covariances : ndarrays
        Components left without frames are dropped, which leaves the likelihood as it is.
    """
    alive = moments.mass > 1e-10
    mass, first, second = (a[alive] for a in moments)
    means = first / mass[:, None]
    second /= mass.reshape(-1, *[1] * (second.ndim - 1))
    covariances = SHAPES[covariance_type].centre(second, means - pivots[alive], reg_covar)
    return mass / mass.sum(), means, covariances


# --- fitting ------------------------------------------------------------------------------


def standardise(X):
    """Centre and scale every feature, in float64.

    Returns
    -------
    Z : ndarray of shape (n_frames, n_features)
    mean, scale : ndarrays of shape (n_features,)
        ``X = Z * scale + mean``; the scale of a constant feature is 1.
    """
    Z = np.array(X, dtype=np.float64)
    constant = Z.max(axis=0) == Z.min(axis=0)
    mean = np.where(constant, Z[0], Z.mean(axis=0))
    Z -= mean
    scale = np.sqrt(np.einsum("ij,ij->j", Z, Z) / len(Z))
    if not np.isfinite(scale).all():
        raise ValueError("The variance of a feature overflows float64: rescale the features.")
    # The variance of a smaller feature would underflow.
    scale[constant | (scale < 1e-150)] = 1.0
    Z /= scale
    return Z, mean, scale


def _initial_moments(Z, n_components, covariance_type, random_state, block_rows):
    """Hard assignment of standardised frames to the clusters of k-means++ and Lloyd."""
    with warnings.catch_warnings():
        # Duplicated frames leave clusters empty; fit_mixture says so in its own words.
        warnings.simplefilter("ignore", ConvergenceWarning)
        kmeans = KMeans(n_components, n_init=1, random_state=random_state).fit(Z)
    hard, pivots = np.eye(n_components), kmeans.cluster_centers_
    moments = _total(
        moments_of(Z[block], hard[kmeans.labels_[block]], pivots, covariance_type)
        for block in _blocks(len(Z), block_rows)
    )
    return moments, pivots


def _iterate(Z, start, covariance_type, reg_covar, max_iter, tol, block_rows, progress):
    """Alternate E and M from a start until the bound gains less than tol."""
    weights, means, covariances = start
    curve = []
    for _ in progress(range(max_iter)):
        moments, bound = em_sums(
            Z, weights, means, covariances, covariance_type, reg_covar, block_rows
        )
        curve.append(bound)
        weights, means, covariances = m_step(moments, means, covariance_type, reg_covar)
        if len(curve) > 1 and curve[-1] - curve[-2] < tol:
            return weights, means, covariances, curve, True
    return weights, means, covariances, curve, False


def fit_mixture(
    X,
    n_components,
    *,
    covariance_type="full",
    reg_covar=1e-3,
    max_iter=100,
    tol=1e-3,
    n_init=1,
    random_state=None,
    verbose=0,
    block_rows=BLOCK_ROWS,
):
    """Fit a Gaussian mixture by expectation-maximisation.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
        Finite frames of any float dtype; the work is done in float64.
    n_components : int
    covariance_type : {"full", "diag"}, default="full"
    reg_covar : float, default=1e-3
        Added to every variance, as a fraction of the feature's variance over all frames:
        the fit does not depend on the units of the features.
    max_iter : int, default=100
    tol : float, default=1e-3
        Stop when the mean log-likelihood of a frame gains less, nats.
    n_init : int, default=1
        Number of k-means starts; the best final bound wins.
    random_state : int, RandomState or None, default=None
    verbose : int, default=0
        1 shows a progress bar.
    block_rows : int, default=2048
        Number of frames worked on at once.

    Returns
    -------
    mixture : Mixture
        With fewer than `n_components` components when some were left without frames.

    Raises
    ------
    ValueError
        When there are fewer frames than components, or when a covariance is singular.

    Warns
    -----
    ConvergenceWarning
        When components were dropped, or when `max_iter` came first.

    References
    ----------
    .. [1] A. P. Dempster, N. M. Laird, D. B. Rubin, "Maximum likelihood from incomplete data
       via the EM algorithm", J. R. Stat. Soc. B 39(1), 1977.
       https://doi.org/10.1111/j.2517-6161.1977.tb01600.x

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._mixture import fit_mixture
    >>> X = np.random.default_rng(0).normal(size=(200, 2)) + np.repeat([[0], [9]], 100, axis=0)
    >>> mixture = fit_mixture(X, 2, random_state=0)
    >>> mixture.weights.round(2)
    array([0.5, 0.5])
    """
    if len(X) < n_components:
        raise ValueError(
            f"n_components={n_components} needs at least {n_components} frames, got {len(X)} "
            f"sample{'s' * (len(X) != 1)}. Use fewer components or more frames."
        )
    rng = check_random_state(random_state)
    Z, mean, scale = standardise(X)
    best = None
    for start in range(n_init):
        seed = rng.randint(np.iinfo(np.int32).max)
        moments, pivots = _initial_moments(Z, n_components, covariance_type, seed, block_rows)
        initial = m_step(moments, pivots, covariance_type, reg_covar)
        progress = _progress(verbose, f"EM {start + 1}/{n_init}")
        found = _iterate(
            Z, initial, covariance_type, reg_covar, max_iter, tol, block_rows, progress
        )
        if best is None or found[3][-1] > best[3][-1]:
            best = found
    weights, means, covariances, curve, converged = best
    _warn_about(len(weights), n_components, converged, max_iter)
    covariances = SHAPES[covariance_type].rescale(covariances, scale)
    curve = np.array(curve) - np.log(scale).sum()
    return Mixture(weights, means * scale + mean, covariances, covariance_type, curve, converged)


def _progress(verbose, desc):
    if not verbose:
        return iter
    from tqdm.auto import tqdm

    return lambda steps: tqdm(steps, desc=desc, unit="iteration")


def _warn_about(n_found, n_components, converged, max_iter):
    if n_found < n_components:
        warnings.warn(
            f"{n_components - n_found} of {n_components} components were left without frames "
            f"and dropped, {n_found} remain: there are too few distinct frames.",
            ConvergenceWarning,
            stacklevel=4,
        )
    if not converged:
        warnings.warn(
            f"EM stopped at max_iter={max_iter} before the gain fell below tol. Increase "
            "max_iter or tol.",
            ConvergenceWarning,
            stacklevel=4,
        )
