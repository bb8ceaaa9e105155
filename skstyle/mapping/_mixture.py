"""Gaussian mixtures by expectation-maximisation: pure functions on arrays of frames.

Frames pass in blocks, so the memory needed beyond the data is one standardised copy of it,
the sums of the covariances, and ``O(block * n_components)`` numbers in each thread.
"""

import warnings
from collections import namedtuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from . import _shapes
from ._moments import BLOCK_ROWS, em_sums, m_step, spread_of
from ._start import split_widest, start_mixture, without

# Rounding of float32 is 1e-7 of the second moments; covariances need a floor well above it.
_FLOAT32_REG_COVAR = 1e-4
# Second moments grow with the square of the farthest frame, in standard deviations.
_FLOAT32_ROUNDING = 10 * np.finfo(np.float32).eps
# Below this much regularisation rounding can leave a covariance singular.
_SAFE_REG_COVAR = 1e-10

Mixture = namedtuple(
    "Mixture",
    [
        "weights",
        "means",
        "covariances",
        "covariance_type",
        "log_likelihood",
        "n_iter",
        "converged",
        "spread",
    ],
)
Mixture.__doc__ = """A fitted mixture, in the units of the data.

``log_likelihood`` is the curve, one value an iteration; after a repair it starts anew.
``spread`` describes the frames.
"""


class _Repair:
    """Replace components without frames, or with a singular covariance, and remember it."""

    def __init__(self, Z, n_components, covariance_type, reg_covar):
        self.Z, self.wanted = Z, n_components
        self.covariance_type, self.reg_covar = covariance_type, reg_covar
        self.n_repaired = 0
        self.enough = None

    def __call__(self, mixture):
        """Return the mixture with all wanted components, if the frames allow it."""
        lost = self._singular(mixture[2])
        n_left = len(mixture[0]) - len(lost)
        if n_left == 0 or (len(lost) and self.covariance_type == "tied"):
            raise _shapes.SingularCovarianceError(lost)
        if len(lost):
            mixture = without(*mixture, self.covariance_type, lost)
        missing = self.wanted - n_left
        if missing == 0:
            return mixture, False
        if not self._worth_while(missing):
            self.wanted = n_left
            return mixture, len(lost) > 0
        self.n_repaired += missing
        return split_widest(*mixture, self.covariance_type, missing), True

    def _singular(self, covariances):
        if np.min(self.reg_covar) >= _SAFE_REG_COVAR:
            return []
        return _shapes.singular_components(covariances, self.covariance_type)

    def _worth_while(self, missing):
        """Whether there are frames for all components, and not all was tried in vain."""
        if self.enough is None:
            self.enough = _has_distinct_rows(self.Z, self.wanted)
        return self.enough and self.n_repaired + missing <= 2 * self.wanted


def _has_distinct_rows(Z, n):
    """Whether there are n different rows; most often the first few tell."""
    return any(len(np.unique(Z[:m], axis=0)) >= n for m in (2 * n, len(Z)))


def _iterate(Z, start, repair, max_iter, tol, block_rows, progress):
    """Alternate E and M from a start until the bound gains less than tol."""
    covariance_type, reg_covar = repair.covariance_type, repair.reg_covar
    mixture, _ = repair(start)
    curve, n_iter = [], 0
    for _ in progress(range(max_iter)):
        moments = em_sums(Z, *mixture, covariance_type, reg_covar, block_rows)
        n_iter += 1
        curve.append(moments.bound)
        mixture, repaired = repair(m_step(moments, covariance_type, reg_covar))
        if len(curve) > 1 and curve[-1] - curve[-2] < tol and not repaired:
            return mixture, curve, n_iter, True
        if repaired and n_iter < max_iter:
            curve = []
    return mixture, curve, n_iter, False


def fit_mixture(
    X,
    n_components,
    *,
    covariance_type="full",
    reg_covar=1e-3,
    max_iter=100,
    tol=1e-3,
    n_init=1,
    init="k-means++",
    start=None,
    random_state=None,
    verbose=0,
    block_rows=BLOCK_ROWS,
):
    """Fit a Gaussian mixture by expectation-maximisation.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_columns)
        Finite frames. With float32 the products over frames are float32, unless covariances
        would drown in rounding: `reg_covar` below 1e-4, or frames far from all others, 29
        standard deviations where it is 1e-3. Sums are float64.
    n_components : int
    covariance_type : {"block_diag", "diag", "full", "tied"}, default="full"
    reg_covar : float or ndarray of shape (n_columns,), default=1e-3
        Added to every variance, as a fraction of the column's variance over all frames:
        the fit does not depend on the units of the columns.
    max_iter : int, default=100
    tol : float, default=1e-3
        Stop when the mean log-likelihood of a frame gains less, nats.
    n_init : int, default=1
        Number of starts; the best final bound wins.
    init : {"k-means++", "random"}, default="k-means++"
    start : tuple of ndarrays, optional
        Weights, means and covariances to start from, in the units of X, instead of `init`.
    random_state : int, RandomState or None, default=None
    verbose : int, default=0
        1 shows a progress bar.
    block_rows : int, default=2048
        Number of frames worked on at once in a thread.

    Returns
    -------
    mixture : Mixture
        With fewer than `n_components` components when there are fewer distinct frames.

    Raises
    ------
    ValueError
        When there are fewer frames than components, or when covariances are singular.

    Warns
    -----
    ConvergenceWarning
        When components were repaired or dropped, or when `max_iter` came first.

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
    check_enough_frames(X, n_components)
    rng = check_random_state(random_state)
    spread = spread_of(X)
    Z = spread.standardise(X, dtype=work_dtype(X, reg_covar, spread))
    best = None
    for attempt in range(1 if start is not None else n_init):
        if start is None:
            initial = start_mixture(
                Z, n_components, covariance_type, reg_covar, init, rng, block_rows
            )
        else:
            initial = to_standard(start, spread, covariance_type)
        repair = _Repair(Z, n_components, covariance_type, reg_covar)
        progress = _progress(verbose, f"EM {attempt + 1}/{n_init}")
        found = *_iterate(Z, initial, repair, max_iter, tol, block_rows, progress), repair
        if best is None or found[1][-1] > best[1][-1]:
            best = found
    mixture, curve, n_iter, converged, repair = best
    warn_about(len(mixture[0]), n_components, repair.n_repaired)
    if not converged:
        warnings.warn(
            f"EM stopped at max_iter={max_iter} before the gain fell below tol. Increase "
            "max_iter or tol.",
            ConvergenceWarning,
            stacklevel=3,
        )
    curve = np.array(curve) - np.log(spread.scale).sum()
    mixture = from_standard(mixture, spread, covariance_type)
    return Mixture(*mixture, covariance_type, curve, n_iter, converged, spread)


def work_dtype(X, reg_covar, spread):
    """Precision of the products over frames; float64 where float32 would drown covariances."""
    if X.dtype != np.float32 or np.min(reg_covar) < _FLOAT32_REG_COVAR:
        return np.float64
    reach = np.maximum(spread.high - spread.mean, spread.mean - spread.low) / spread.scale
    return np.float32 if (reach**2 * _FLOAT32_ROUNDING <= reg_covar).all() else np.float64


def to_standard(mixture, spread, covariance_type):
    """Return a mixture in the units of the data as one of standardised frames."""
    weights, means, covariances = mixture
    scale = spread.scale
    covariances = _shapes.rescale(covariances, 1.0 / scale, covariance_type)
    return weights, (means - spread.mean) / scale, covariances


def from_standard(mixture, spread, covariance_type):
    """Return a mixture of standardised frames in the units of the data."""
    weights, means, covariances = mixture
    scale = spread.scale
    covariances = _shapes.rescale(covariances, scale, covariance_type)
    return weights, means * scale + spread.mean, covariances


def check_enough_frames(X, n_components):
    """Refuse fewer frames than components."""
    if len(X) < n_components:
        raise ValueError(
            f"n_components={n_components} needs at least {n_components} frames, got {len(X)} "
            f"sample{'s' * (len(X) != 1)}. Use fewer components or more frames."
        )


def _progress(verbose, desc):
    if not verbose:
        return iter
    from tqdm.auto import tqdm

    return lambda steps: tqdm(steps, desc=desc, unit="iteration")


def warn_about(n_found, n_components, n_repaired):
    """Warn of components that were repaired or dropped."""
    if n_repaired:
        warnings.warn(
            f"{n_repaired} time{'s' * (n_repaired > 1)} a component was left without frames or "
            "collapsed to a singular covariance, and was replaced by one half of the widest "
            "component. Use fewer components, or increase reg_covar.",
            ConvergenceWarning,
            stacklevel=4,
        )
    if n_found < n_components:
        warnings.warn(
            f"{n_components - n_found} of {n_components} components were left without frames "
            f"and dropped, {n_found} remain: there are too few distinct frames.",
            ConvergenceWarning,
            stacklevel=4,
        )
