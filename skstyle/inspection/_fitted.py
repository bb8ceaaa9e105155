"""Fitted converters, wherever they are within searches and chains, and what goes through them."""

import numpy as np
from sklearn.pipeline import Pipeline

from ..metrics._pairs import converted
from ..utils.rates import check_sample_rate, common_sample_rate
from ..utils.validation import as_float, check_paired, check_signals


def one_signal(x, name):
    """Check one mono signal, and tell it from a list of clips.

    Parameters
    ----------
    x : array-like of shape (n_times,)
    name : str
        What messages call it.

    Returns
    -------
    signal : ndarray of shape (n_times,)
        float32 or float64; no copy of what was fine already.
    """
    if _is_container(x):
        refuse_several(x, name)
        if len(x) and not any(isinstance(value, str) for value in x):
            x = np.asarray(x, dtype=np.float64)
    if np.size(x) == 0 and x is not None:
        raise ValueError(f"{name} is empty: expected one signal of shape (n_times,).")
    if x is None:
        raise TypeError(f"{name} is None: expected one signal of shape (n_times,).")
    return as_float(x, name, 1, "sample")


def _is_container(x):
    return isinstance(x, (list, tuple)) or getattr(getattr(x, "dtype", None), "kind", "") == "O"


def refuse_several(x, name):
    """Tell that one clip was expected where several were given."""
    if _is_container(x) and any(hasattr(item, "__array__") and np.ndim(item) for item in x):
        number = "1 clip" if len(x) == 1 else f"{len(x)} clips"
        raise ValueError(f"{name} is a list of {number}, expected one alone: pass {name}[0].")


def best_of_search(estimator):
    """Return what a fitted search has chosen, and any other estimator itself."""
    return getattr(estimator, "best_estimator_", estimator)


def split_chain(estimator):
    """Find the converter within a fitted chain.

    Parameters
    ----------
    estimator : fitted estimator
        A converter, or a search or a Pipeline of which one step is a converter.

    Returns
    -------
    before : list of fitted transformers
    converter : fitted converter or None
        It has ``predict_features``; None where there is no such.
    after : list of fitted transformers
    """
    estimator = best_of_search(estimator)
    if isinstance(estimator, Pipeline):
        steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
        for i, step in enumerate(steps):
            before, converter, after = split_chain(step)
            if converter is not None:
                return steps[:i] + before, converter, after + steps[i + 1 :]
    elif hasattr(estimator, "predict_features"):
        return [], estimator, []
    return [], None, []


def pass_through(steps, clips):
    """Return what transformers make of clips, one after the other."""
    for step in steps:
        clips = step.transform(clips)
    return clips


def rate_of(estimator, sample_rate=None):
    """Return the sample rate that an estimator has, or else the one that was given.

    Parameters
    ----------
    estimator : fitted estimator
        Its ``sample_rate_`` counts, or those among its parameters.
    sample_rate : float, optional
        In Hz. One that differs is refused.

    Returns
    -------
    sample_rate : float
        In Hz.
    """
    estimator = best_of_search(estimator)
    known = getattr(estimator, "sample_rate_", None)
    if known is None and hasattr(estimator, "get_params"):
        known = common_sample_rate(estimator)
    name = type(estimator).__name__
    if known is None and sample_rate is None:
        raise ValueError(f"{name} has no sample rate: pass sample_rate=... (Hz).")
    if None not in (known, sample_rate) and known != sample_rate:
        raise ValueError(
            f"{name} has sample_rate={known}, but sample_rate={sample_rate} was given. Leave it "
            "out, and pass clips at the rate of the converter."
        )
    made = _rate_made(estimator, known)
    if made != known:
        raise ValueError(
            f"{name} takes clips of {known} Hz and makes clips of {made} Hz, but they are compared "
            "at one rate. Resample the clips before, and leave the Resampler out of the chain."
        )
    return check_sample_rate(sample_rate if known is None else known)


def _rate_made(estimator, rate):
    """Return the rate of what comes out of a chain that takes one."""
    if isinstance(estimator, Pipeline):
        for _, step in estimator.steps:
            rate = _rate_made(step, rate)
    return estimator.sample_rate if hasattr(estimator, "orig_rate") else rate


def convert(estimator, clips):
    """Convert copies of clips, by ``predict`` or else by ``transform``.

    Parameters
    ----------
    estimator : fitted estimator
        From signals to signals.
    clips : list of ndarray of shape (n_times,)

    Returns
    -------
    converted : list of ndarray of shape (n_times,)
    """
    name = type(estimator).__name__
    if not hasattr(estimator, "predict") and not hasattr(estimator, "transform"):
        raise TypeError(f"{name} has no predict and no transform: expected a fitted converter.")
    made = converted(estimator, [x.copy() for x in clips])
    if len(made) and np.ndim(made[0]) != 1:
        method = "predict" if hasattr(estimator, "predict") else "transform"
        missing = "" if method == "predict" else " no predict, and"
        raise TypeError(
            f"{name} has{missing} a {method} that makes no signals but items of shape "
            f"{np.shape(made[0])}: expected a fitted converter."
        )
    check_paired(made, clips, name_x=f"What {name} makes", name_y="its input")
    check_signals(made, name="converted")
    return made
