"""Posteriors of mixture components, found wherever the mixture is within a fitted estimator."""

import numpy as np
from sklearn.pipeline import Pipeline

from ..trajectory._windows import append_dynamic
from ..utils.pairing import stack_context
from ..utils.validation import check_sequences, check_signals


class NoComponents(TypeError):
    """Nothing within an estimator has component posteriors."""


def posteriors_of(estimator, x):
    """Return the posteriors of the components for the frames of one clip.

    Parameters
    ----------
    estimator : fitted estimator
        A mixture, or a converter, a search or a composition that holds one.
    x : array-like of shape (n_times,) or (n_frames, n_features)
        What its ``predict`` takes for one clip: a signal or a sequence.

    Returns
    -------
    posteriors : ndarray of shape (n_frames, n_components)

    Raises
    ------
    NoComponents
    """
    inner = getattr(estimator, "best_estimator_", None)
    if inner is not None:
        return posteriors_of(inner, x)
    if isinstance(estimator, Pipeline):
        for _, step in estimator.steps[:-1]:
            if step not in (None, "passthrough"):
                x = step.transform([x])[0] if np.ndim(x) == 1 else step.transform(x)
        return posteriors_of(estimator.steps[-1][1], x)
    if hasattr(estimator, "source_features_") and hasattr(estimator, "regressor_"):
        signals = check_signals([x], name="x").items
        return posteriors_of(estimator.regressor_, estimator.source_features_.transform(signals)[0])
    if np.ndim(x) == 1:
        raise NoComponents(_none_in(estimator))
    x = check_sequences([x], name="x").items[0]
    if hasattr(estimator, "component_posteriors"):
        return np.asarray(estimator.component_posteriors(x))
    if hasattr(estimator, "streams_"):
        for _, regressor, columns, _ in estimator.streams_:
            try:
                return posteriors_of(regressor, x[:, columns])
            except NoComponents:
                continue
    elif hasattr(estimator, "windows") and getattr(estimator, "regressors_", None):
        if len(estimator.regressors_) == 1:
            return posteriors_of(estimator.regressors_[0], append_dynamic(x, estimator.windows))
    elif hasattr(estimator, "regressor_"):
        n_context = getattr(estimator, "n_context", 0)
        x = stack_context(x, n_context) if n_context else x
        return posteriors_of(estimator.regressor_, x)
    raise NoComponents(_none_in(estimator))


def _none_in(estimator):
    return (
        f"{type(estimator).__name__} holds no fitted mixture: expected component_posteriors, as "
        "JointGMMRegressor, MixtureOfLinearRegressor and what is built of them have."
    )
