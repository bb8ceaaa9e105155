"""Scores of a search, sorted by the parameters that were tried."""

from collections import namedtuple
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator

Axis = namedtuple("Axis", ["name", "values", "labels"])
Axis.__doc__ = (
    """One parameter: its full name, the distinct values in order, what they are called."""
)

# Values that span less than this are on a linear axis whatever their steps.
GEOMETRIC_SPAN = 4
NOT_SET = "not set"


def find_metric(cv_results, metric=None):
    """Return the name under which the scores of one metric are kept.

    Parameters
    ----------
    cv_results : dict
    metric : str, optional
        By default the only one.

    Returns
    -------
    metric : str
    """
    start = "mean_test_"
    known = [key[len(start) :] for key in cv_results if key.startswith(start)]
    if not known:
        raise ValueError("cv_results holds no mean_test_... : pass the cv_results_ of a search.")
    if metric is None and len(known) == 1:
        return known[0]
    if metric not in known:
        raise ValueError(f"metric={metric!r} is none of {known}: choose one of them.")
    return metric


def varied_parameters(cv_results):
    """Return the names of the parameters that took more than one value."""
    start = "param_"
    names = [key[len(start) :] for key in cv_results if key.startswith(start)]
    return [n for n in names if len(make_axis(n, parameter_values(cv_results, n)).values) > 1]


def choose_parameters(cv_results, params):
    """Return the full names of the parameters to show.

    Parameters
    ----------
    cv_results : dict
    params : str, sequence of str or None

    Returns
    -------
    names : list of str
    """
    start = "param_"
    every = [key[len(start) :] for key in cv_results if key.startswith(start)]
    if params is None:
        names = varied_parameters(cv_results) or every[:1]
        if len(names) > 2:
            raise ValueError(
                f"{len(names)} parameters were varied, {names}: choose one or two of them, "
                "params=[...]; of the others the best values count."
            )
        return names
    names = []
    for wanted in [params] if isinstance(params, str) else params:
        found = [n for n in every if n == wanted] or [n for n in every if n.endswith(f"__{wanted}")]
        if len(found) != 1:
            raise ValueError(
                f"params: {wanted!r} names {len(found)} of the parameters {every}, expected one."
            )
        names += found
    if not 1 <= len(set(names)) == len(names) <= 2:
        raise ValueError(f"params: choose one or two different parameters, got {names}.")
    return names


def parameter_values(cv_results, name):
    """Return the values of one parameter, one a candidate; NOT_SET where a grid lacks it."""
    values = cv_results[f"param_{name}"]
    missing = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else [False] * len(values)
    raw = np.ma.getdata(values)
    return [NOT_SET if m else _plain(v) for v, m in zip(raw, missing, strict=True)]


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def make_axis(name, values):
    """Sort the distinct values of a parameter: numbers by size, others as they come."""
    numbers = all(is_number(v) for v in values)
    if numbers:
        distinct = sorted(set(values))
        return Axis(name, distinct, [f"{v:.4g}" for v in distinct])
    distinct, keys = [], []
    for value in values:
        if repr(value) not in keys:
            distinct.append(value)
            keys.append(repr(value))
    labels = [short_label(v) for v in distinct]
    if len(set(labels)) < len(labels):
        labels = [_one_line(v) for v in distinct]
    return Axis(name, distinct, labels)


def place_of(axis, value):
    """Return where on an axis a value is."""
    if is_number(value) and value in axis.values:
        return axis.values.index(value)
    return [repr(v) for v in axis.values].index(repr(value))


def is_number(value):
    """Tell numbers, which have an axis, from truth values and names."""
    return isinstance(value, Real) and not isinstance(value, bool)


def short_label(value):
    """Return what a value is called in a picture."""
    if isinstance(value, BaseEstimator):
        return type(value).__name__
    if callable(value) and hasattr(value, "__name__"):
        return value.__name__
    return str(value)


def _one_line(value):
    return " ".join(repr(value).split())


def short_names(names):
    """Return the last parts of parameter names, as many as tell them apart."""
    for n_parts in range(1, 20):
        short = ["__".join(name.split("__")[-n_parts:]) for name in names]
        if len(set(short)) == len(names):
            return short
    return list(names)


def is_geometric(values):
    """Tell values whose ratios are more even than their differences.

    Parameters
    ----------
    values : list of float
        Sorted and distinct.
    """
    values = np.asarray(values, dtype=float)
    if len(values) < 3 or values[0] <= 0 or values[-1] < GEOMETRIC_SPAN * values[0]:
        return False
    unevenness = [np.std(d) / np.mean(d) for d in (np.diff(np.log(values)), np.diff(values))]
    return bool(unevenness[0] < unevenness[1])


def best_of(scores):
    """Return the index of the best of some scores, or None where all failed."""
    scores = np.asarray(scores, dtype=float)
    return None if np.isnan(scores).all() else int(np.nanargmax(scores))


def replaced_rows(cv_results):
    """Tell which rows a later round of a halving search has measured again.

    Parameters
    ----------
    cv_results : dict

    Returns
    -------
    replaced : ndarray of bool, shape (n_candidates,), or None
        None where there are no rounds.
    """
    if "iter" not in cv_results or "params" not in cv_results:
        return None
    keys = [repr(sorted(params.items())) for params in cv_results["params"]]
    last = {}
    for key, number in zip(keys, cv_results["iter"], strict=True):
        last[key] = max(number, last.get(key, number))
    pairs = zip(keys, cv_results["iter"], strict=True)
    return np.array([number < last[key] for key, number in pairs])


def chosen_index(search, metric):
    """Return the index of the candidate that a fitted search has chosen by a metric, or None."""
    index = getattr(search, "best_index_", None)
    refit = getattr(search, "refit", None)
    if index is None or (metric is not None and isinstance(refit, str) and metric != refit):
        return None
    return int(index)
