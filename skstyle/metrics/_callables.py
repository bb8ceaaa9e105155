"""Functions of the user that judge clips: called by name, so that errors tell which clip."""

from functools import partial

import numpy as np

from ..signal._loudness import SILENT_DB, rms_level
from ..utils.parallel import map_clips


def check_callable(function, name, example):
    """Refuse what is no function.

    Parameters
    ----------
    function : object
    name : str
        Of the parameter.
    example : str
        What it is called like, such as "embedder(signal, sample_rate)".
    """
    if not callable(function):
        raise TypeError(f"{name} must be a function, {example}; got {type(function).__name__}.")


def call_for_clips(function, clips, sample_rate, read, name="y_pred", n_jobs=None):
    """Call a function of the user for every clip and read what it returns.

    Parameters
    ----------
    function : callable
        Gets a signal and the sample rate in Hz.
    clips : list of (ndarray or None)
        It gets copies of them. What is None has None as its value.
    sample_rate : float
        In Hz.
    read : callable
        Gets what the function returned and the name of the clip; returns a value or raises.
    name : str, default="y_pred"
        What messages call the collection.
    n_jobs : int, optional

    Returns
    -------
    values : list
    """
    call = partial(_call, function, sample_rate, read)
    return map_clips(call, [f"{name}[{i}]" for i in range(len(clips))], clips, n_jobs=n_jobs)


def _call(function, sample_rate, read, name, x):
    return None if x is None else read(function(x.copy(), sample_rate), name)


def as_numbers(value):
    """Return a float64 array, or None if it holds anything else than finite numbers."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):
        return None
    return array if np.isfinite(array).all() else None


def describe(value):
    """Say what was returned, in a few words."""
    shape = getattr(value, "shape", None)
    if shape is not None and shape != ():
        return f"{type(value).__name__} of shape {tuple(shape)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{type(value).__name__} {text[:50]}..."


def is_silent(x):
    """Tell digital silence, or what is as good as it."""
    return rms_level(x) < SILENT_DB
