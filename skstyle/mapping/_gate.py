"""Gates: which class a source frame belongs to, or how much of it to every class.

Regressors that are linear within classes share them. A fitted gate has ``n_components`` and
``posteriors(X)``, the weights of the classes in every frame, and can be pickled.
"""

import warnings

import numpy as np
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from ._gaussians import posteriors, prepare
from ._mixture import check_enough_frames, fit_mixture
from ._moments import BLOCK_ROWS, spread_of
from ._start import nearest, start_mixture

GATES = ("gmm", "kmeans")
# Of the variance of a column. Of 0.03, 0.1 and 0.3 the best in distortion on held-out speech.
_REG_COVAR = 0.1
# Ten times sooner than for densities: twice as fast, and frames divide as well.
_TOL = 1e-2


def check_gate(gate):
    """Refuse what :func:`fit_gate` cannot use."""
    if isinstance(gate, str):
        if gate not in GATES:
            raise ValueError(
                f"gate must be one of {sorted(GATES)}, a classifier or a clusterer, got {gate!r}."
            )
        return
    usable = hasattr(gate, "fit") and (hasattr(gate, "predict") or hasattr(gate, "predict_proba"))
    if isinstance(gate, type) or not usable or is_regressor(gate):
        raise TypeError(
            "gate needs fit and predict or predict_proba, as instances of classifiers, mixtures "
            f"and clusterers of new frames have, got {gate!r}."
        )


def fit_gate(gate, X, y, n_components, random_state):
    """Learn to weigh classes of source frames.

    Parameters
    ----------
    gate : {"gmm", "kmeans"}, classifier or clusterer
        "gmm": posteriors of a Gaussian mixture of X. "kmeans": the nearest of the means of X,
        in units of standard deviations. A classifier learns to tell, from X alone, the classes
        that k-means finds among frames of [X, y]; a clusterer or a mixture is fitted to X, and
        has as many classes as it finds. ``predict_proba`` counts where there is one; otherwise
        frames belong to one class each.
    X : ndarray of shape (n_frames, n_features)
        Finite frames.
    y : ndarray of shape (n_frames, n_targets)
        Their targets, which only a classifier needs.
    n_components : int
        Number of classes; a clusterer knows its own.
    random_state : int, RandomState or None
        Also of a given estimator, where its own is None.

    Returns
    -------
    gate_ : GaussianGate, NearestGate, EstimatorGate or ConstantGate
        With fewer classes than `n_components` when distinct frames are too few.

    Raises
    ------
    ValueError
        When there are fewer frames than classes, or the name is unknown.
    TypeError
        When `gate` is no such estimator.

    Warns
    -----
    ConvergenceWarning
        When there are fewer classes than asked.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._gate import fit_gate
    >>> X = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> fit_gate("kmeans", X, X, 2, random_state=0).posteriors([[0.2], [4.0]]).sum(axis=0)
    array([1., 1.])
    """
    check_gate(gate)
    rng = check_random_state(random_state)
    if not isinstance(gate, str):
        # Some estimators refuse other floats in predict than in fit.
        X = X.astype(np.float64, copy=False)
    if not isinstance(gate, str) and not is_classifier(gate):
        return _fit_clusterer(gate, X, rng)
    check_enough_frames(X, n_components)
    if gate == "gmm":
        found = _fit_gaussians(X, n_components, rng)
    elif gate == "kmeans":
        found = _fit_nearest(X, n_components, rng)
    else:
        found = _fit_classifier(gate, X, y, n_components, rng)
    if found.n_components < n_components:
        warnings.warn(
            f"{n_components} classes were asked for and {found.n_components} found: there are "
            "too few distinct frames. Use fewer components.",
            ConvergenceWarning,
            stacklevel=3,
        )
    return found


def _fit_gaussians(X, n_components, rng):
    with warnings.catch_warnings():
        # They speak of parameters that gates do not have.
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture = fit_mixture(X, n_components, reg_covar=_REG_COVAR, tol=_TOL, random_state=rng)
    return GaussianGate(prepare(*mixture[:4]))


def _fit_nearest(X, n_components, rng):
    spread = spread_of(X)
    _, centres, _ = start_mixture(spread.standardise(X), n_components, "diag", random_state=rng)
    return NearestGate(spread.mean, spread.scale, centres)


def _fit_classifier(classifier, X, y, n_components, rng):
    joint = np.column_stack([X, y])
    labels = _fit_nearest(joint, n_components, rng).labels(joint)
    classes, labels = np.unique(labels, return_inverse=True)
    if len(classes) == 1:
        return ConstantGate(1)  # many classifiers refuse a single class
    classifier = _seeded(classifier, rng).fit(X, labels)
    return EstimatorGate(classifier, np.bincount(labels) / len(labels))


def _fit_clusterer(clusterer, X, rng):
    clusterer = _seeded(clusterer, rng).fit(X)
    if hasattr(clusterer, "predict_proba"):
        return EstimatorGate(clusterer, clusterer.predict_proba(X).mean(axis=0))
    classes, n_frames = np.unique(clusterer.predict(X), return_counts=True)
    return EstimatorGate(clusterer, n_frames / len(X), classes)


def _seeded(estimator, rng):
    """Clone an estimator, with seeds where it has none."""
    estimator = clone(estimator)
    seeds = {
        name: rng.randint(np.iinfo(np.int32).max)
        for name, value in sorted(estimator.get_params().items(), key=lambda item: item[0])
        if name.split("__")[-1] == "random_state" and value is None
    }
    return estimator.set_params(**seeds)


# --- fitted gates -------------------------------------------------------------------------


class GaussianGate:
    """Posteriors of a Gaussian mixture."""

    def __init__(self, density):
        self.density = density
        self.n_components = len(density.offset)

    def posteriors(self, X):
        """Return P(m|x) of every frame, (n_frames, n_components), in float64."""
        X = np.asarray(X)
        out = np.empty((len(X), self.n_components))
        for start in range(0, len(X), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            out[rows] = posteriors(X[rows].astype(np.float64), self.density)[0].T
        return out


class NearestGate:
    """One for the nearest centre, zero for the others."""

    def __init__(self, mean, scale, centres):
        self.mean, self.scale, self.centres = mean, scale, centres
        self.n_components = len(centres)

    def labels(self, X):
        """Return the index of the nearest centre of every frame."""
        return nearest((X - self.mean) / self.scale, self.centres)

    def posteriors(self, X):
        """Return the class of every frame as zeros and ones, (n_frames, n_components)."""
        return _one_hot(self.labels(X), np.arange(self.n_components))


class EstimatorGate:
    """What an estimator says: a classifier, a mixture, or a clusterer of new frames.

    Parameters
    ----------
    estimator : object
        Fitted.
    shares : ndarray of shape (n_components,)
        Of the training frames; they speak for frames of which the estimator says nothing.
    classes : ndarray of shape (n_components,), optional
        What its ``predict`` calls them; 0, 1, ... by default.
    """

    def __init__(self, estimator, shares, classes=None):
        self.estimator, self.shares = estimator, shares
        self.classes = np.arange(len(shares)) if classes is None else classes
        self.n_components = len(shares)

    def posteriors(self, X):
        """Return the weights of the classes in every frame, (n_frames, n_components)."""
        X = np.asarray(X, dtype=np.float64)
        if hasattr(self.estimator, "predict_proba"):
            weights = np.array(self.estimator.predict_proba(X), dtype=np.float64)
        else:
            weights = _one_hot(self.estimator.predict(X), self.classes)
        total = weights.sum(axis=1)
        silent = ~(np.isfinite(total) & (total > 0))
        weights[silent], total[silent] = self.shares, 1.0
        return weights / total[:, None]


class ConstantGate:
    """The same weights in every frame."""

    def __init__(self, n_components):
        self.n_components = n_components

    def posteriors(self, X):
        """Return equal weights, (n_frames, n_components)."""
        return np.full((len(X), self.n_components), 1.0 / self.n_components)


def _one_hot(labels, classes):
    return (np.asarray(labels)[:, None] == classes).astype(np.float64)
