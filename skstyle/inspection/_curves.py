"""Curves of learning, found in the attributes of fitted estimators."""

from collections import namedtuple
from numbers import Number

import numpy as np
from sklearn.base import BaseEstimator

Panel = namedtuple("Panel", ["title", "curves", "step", "best"])
Panel.__doc__ = """Curves that share an axis: a title, a dict of str to arrays, what is counted
along the abscissa ("epoch", "step", "iteration", "round"), and where the best was, or None."""

# What is measured alike stands together: quantity -> name in history_ -> name in the legend.
QUANTITIES = {
    "loss": {
        "train_loss": "training",
        "valid_loss": "held out",
        "train_reconstruction": "reconstruction",
    },
    "KL divergence": {"train_kl": "training"},
    "KL weight": {"kl_weight": "weight"},
    "share": {"stop_accuracy": "stops that are right", "diagonality": "attention on diagonal"},
    "loss of stops": {"train_stop": "training"},
    "learning rate": {"learning_rate": "rate"},
}


def group_curves(history, step="epoch", best=None):
    """Put curves of one unit into one panel.

    Parameters
    ----------
    history : dict of str to array-like of shape (n_steps,)
        Names that are known have panels of their own; all others share one.
    step : str, default="epoch"
    best : int, optional

    Returns
    -------
    panels : list of Panel
    """
    left = {name: as_curve(values, name) for name, values in history.items()}
    panels = []
    for title, names in QUANTITIES.items():
        found = {said: left.pop(name) for name, said in names.items() if name in left}
        if found:
            panels.append(Panel(title, found, step, best))
    if left:
        curves = {name.replace("_", " "): values for name, values in left.items()}
        panels.append(Panel("" if not panels else "others", curves, step, best))
    return panels


def as_curve(values, name):
    """Return one curve as an array of floats."""
    try:
        curve = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as e:
        raise ValueError(f"Curve {name!r} holds no numbers, one a step: {e}.") from e
    if curve.ndim != 1 or not len(curve):
        raise ValueError(
            f"Curve {name!r} has shape {curve.shape}, expected one number a step, (n_steps,)."
        )
    return curve


def find_panels(estimator, prefix="", seen=()):
    """Return the curves of a fitted estimator, and of those that it holds.

    Parameters
    ----------
    estimator : fitted estimator
    prefix : str
        What the titles of the panels begin with.
    seen : tuple of estimators
        Those that hold this one; attributes may lead back to them.

    Returns
    -------
    panels : list of Panel
    """
    panels = [p._replace(title=f"{prefix}{p.title}") for p in _own_panels(estimator)]
    seen = (*seen, estimator)
    for name, inner in _held(estimator):
        if not any(inner is one for one in seen):
            panels += find_panels(inner, f"{prefix}{name}: " if name else prefix, seen)
    return panels


def _own_panels(estimator):
    panels = []
    history = getattr(estimator, "history_", None)
    if isinstance(history, dict) and history:
        best = getattr(estimator, "best_epoch_", None)
        panels += group_curves({k: v for k, v in history.items() if len(v)}, best=best)
    curves = getattr(estimator, "loss_curve_", None)
    if curves is not None and len(curves):
        if isinstance(curves[0], Number):  # as those of scikit-learn's nets
            panels.append(Panel("loss", {"training": as_curve(curves, "loss")}, "iteration", None))
        else:
            clips = {f"clip {i}": as_curve(c, f"loss_curve_[{i}]") for i, c in enumerate(curves)}
            panels.append(Panel("loss", clips, "step", None))
    for name in ("log_likelihood_", "lower_bounds_"):
        bound = getattr(estimator, name, None)
        if np.ndim(bound) == 1 and len(bound):
            curve = {"training": as_curve(bound, name)}
            panels.append(Panel("log-likelihood (nats)", curve, "iteration", None))
    distances = getattr(estimator, "distortion_", None)
    if np.ndim(distances) == 1 and len(distances):
        curve = {"training": as_curve(distances, "distortion_")}
        panels.append(Panel("distance of aligned frames", curve, "round", None))
    return panels


def _held(estimator):
    """Yield the name and the estimator of all fitted ones that an estimator holds."""
    for step in getattr(estimator, "steps", None) or ():
        if isinstance(step[1], BaseEstimator):
            yield step[0], step[1]
    for attribute, value in getattr(estimator, "__dict__", {}).items():
        if not attribute.endswith("_") or attribute.startswith("_"):
            continue
        if isinstance(value, BaseEstimator):
            yield "", value
        elif isinstance(value, (list, tuple)):
            several = len(value) > 1
            for i, item in enumerate(value):
                if isinstance(item, BaseEstimator):
                    yield str(i) if several else "", item
                elif isinstance(item, tuple) and len(item) > 1 and isinstance(item[0], str):
                    if isinstance(item[1], BaseEstimator):
                        yield item[0], item[1]
