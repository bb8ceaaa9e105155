"""Any regressor as a teller of Gaussians: a mean and a spread for every frame."""

from inspect import Parameter, signature

import numpy as np
from sklearn.base import clone
from sklearn.utils import get_tags

from ..utils.pairing import fit_on_paths, predict_sequences

# Their tags in scikit-learn 1.9 tell of one output, but they take many.
MANY_OUTPUTS = ("MLPRegressor", "BaggingRegressor")


def has_return_std(regressor):
    """Tell whether a regressor, or the one that it wraps, predicts a spread.

    A Pipeline passes options on to its last step, and so do regressors whose ``predict`` takes
    any, such as ContextRegressor.
    """
    if hasattr(regressor, "steps"):
        regressor = regressor.steps[-1][1]
    options = signature(regressor.predict).parameters
    if "return_std" in options:
        return True
    passed_on = any(option.kind == Parameter.VAR_KEYWORD for option in options.values())
    return passed_on and hasattr(regressor, "regressor") and has_return_std(regressor.regressor)


def is_single_output(regressor):
    """Tell whether a regressor needs one clone for every column of the targets."""
    inner = regressor
    while hasattr(inner, "steps") or hasattr(inner, "regressor"):
        inner = inner.steps[-1][1] if hasattr(inner, "steps") else inner.regressor
    if type(inner).__name__ in MANY_OUTPUTS:
        return False
    return not get_tags(regressor).target_tags.multi_output


def fit_regressors(regressor, X, y, paths):
    """Fit clones of a regressor on paired sequences.

    Parameters
    ----------
    regressor : regressor
        Of frames or of sequences.
    X, y : list of arrays (n_frames, n_features)
    paths : list of int arrays (n_steps, 2)

    Returns
    -------
    regressors : list of regressors
        One, or one for every column of y where one predicts a single column.
    """
    if not is_single_output(regressor):
        return [fit_on_paths(clone(regressor), X, y, paths)]
    columns = ([t[:, [k]] for t in y] for k in range(y[0].shape[1]))
    return [fit_on_paths(clone(regressor), X, column, paths) for column in columns]


def predict_gaussians(regressors, items, return_std):
    """Predict mean and spread of every frame.

    Parameters
    ----------
    regressors : list of regressors
        As from :func:`fit_regressors`.
    items : list of arrays (n_frames, n_features)
    return_std : bool
        Whether to ask for the spread.

    Returns
    -------
    mean : list of arrays (n_frames, n_targets)
    std : list of the same, or None
    """
    options = {"return_std": True} if return_std else {}
    found = [predict_sequences(r, items, **options) for r in regressors]
    if not return_std:
        return _side_by_side(found), None
    return _side_by_side([mean for mean, _ in found]), _side_by_side([std for _, std in found])


def _side_by_side(found):
    return found[0] if len(found) == 1 else [np.hstack(parts) for parts in zip(*found, strict=True)]
