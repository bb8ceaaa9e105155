"""Checks of the parameters of style transfer by descent."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_scalar

from ._style import check_layer_weights
from ._whitening_coloring import NAME as CLOSED_FORM

INITS = ("content", "noise", "style")
# Parameters that the fitted style depends on.
FIXED = ("features", "style_statistic", "representation", "contrast", "init", "diversity_weight")
# Terms that only descent can lower, of which the last two pull towards content or style.
TERMS = ("diversity_weight", "envelope_weight", "spectral_envelope_weight")


def check_descent(model, terms=()):
    """Check the parameters that all transformers by descent have.

    Parameters
    ----------
    model : estimator
    terms : sequence of str
        Names of further weights of what shall be near the content or the style.
    """
    weights = ("content_weight", "style_weight", *terms)
    for name in (*weights, "tol"):
        check_number(model, name)
    if not any(getattr(model, name) for name in weights):
        raise ValueError("content_weight and style_weight are both 0: nothing to match.")
    if model.init not in INITS:
        raise ValueError(f"init must be one of {INITS}, got {model.init!r}.")
    check_scalar(model.max_iter, "max_iter", Integral, min_val=0)
    if model.max_seconds is not None:
        check_number(model, "max_seconds", above_zero=True)


def check_settings(model):
    """Check the parameters of descent on spectrograms.

    Parameters
    ----------
    model : GramStyleTransformer
    """
    check_descent(model, TERMS[1:])
    check_number(model, "diversity_weight")
    if model.style_statistic == CLOSED_FORM:
        for name in TERMS:
            if getattr(model, name):
                raise ValueError(
                    f"{name}={getattr(model, name)!r}, but style_statistic={CLOSED_FORM!r} does "
                    "not descend on a loss: set it to 0, or choose another statistic."
                )
    check_scalar(model.chunk_length, "chunk_length", Integral, min_val=2)
    check_scalar(model.overlap, "overlap", Integral, min_val=0, max_val=model.chunk_length // 2)


def check_waveform_settings(model):
    """Check the parameters of descent on waveforms.

    Parameters
    ----------
    model : WaveformStyleTransformer
    """
    check_descent(model)
    check_number(model, "chunk_seconds", above_zero=True)
    check_number(model, "overlap_seconds")
    if model.overlap_seconds > model.chunk_seconds / 2:
        raise ValueError(
            f"overlap_seconds must be at most half of chunk_seconds={model.chunk_seconds}, got "
            f"{model.overlap_seconds}."
        )


def check_style(model):
    """Check parameters beside the style that was measured, and keep those that it depends on.

    Parameters
    ----------
    model : GramStyleTransformer
    """
    check_layer_weights(model.layer_weights, len(model.style_.layers))
    check_chunk(model, "chunk_length", model.features_.widest)
    model._fitted_with = {name: getattr(model, name) for name in FIXED}


def check_unchanged(model):
    """Check that parameters are valid, and those of the fitted style as they were in ``fit``.

    Parameters
    ----------
    model : GramStyleTransformer
    """
    for name, value in model._fitted_with.items():
        now = getattr(model, name)
        if now is not value and now != value:
            raise ValueError(f"{name} was {value!r} in fit, and is {now!r} now: fit again.")
    check_settings(model)


def check_chunk(model, name, shortest):
    """Check that chunks are not shorter than the widest filter.

    Parameters
    ----------
    model : estimator
    name : str
        Of the parameter that tells their length.
    shortest : float
        What the widest filter sees, in the same unit.
    """
    if getattr(model, name) < shortest:
        raise ValueError(
            f"{name} must be at least what the widest filter sees, {shortest:.3g}, got "
            f"{getattr(model, name)}."
        )


def check_number(model, name, *, above_zero=False):
    """Check that a parameter is a finite number of at least, or above, zero.

    Parameters
    ----------
    model : estimator
    name : str
    above_zero : bool, default=False
    """
    value = getattr(model, name)
    if isinstance(value, bool):
        raise TypeError(f"{name} must be a number, got {value!r}.")
    boundaries = "neither" if above_zero else "both"
    check_scalar(value, name, Real, min_val=0, include_boundaries=boundaries)
    if not np.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {value!r}.")
