"""Any regressor as a teller of Gaussians: a mean and a spread for every frame."""

from inspect import signature

import numpy as np
from sklearn.base import clone
from sklearn.utils import get_tags

from ..utils.pairing import fit_on_paths, pair_frames, predict_sequences, takes_sequences


def has_return_std(regressor):
    """Tell whether a regressor, or the last step of a Pipeline, predicts a spread."""
    if hasattr(regressor, "steps"):
        regressor = regressor.steps[-1][1]
    return "return_std" in signature(regressor.predict).parameters


def is_single_output(regressor):
    """Tell whether a regressor needs one clone for every column of the targets."""
    return not takes_sequences(regressor) and not get_tags(regressor).target_tags.multi_output


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
    source, target = pair_frames(X, y, paths)
    return [clone(regressor).fit(source, column) for column in np.ascontiguousarray(target.T)]


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
