"""What a joint mixture can be asked for, and what it can go on from."""

from numbers import Integral, Real

from sklearn.utils import check_scalar

from . import _shapes
from ._start import INITS

MODES = ("direct", "differential")


def check_parameters(model):
    """Check the parameters of a joint mixture, in ``fit``."""
    if model.n_components not in ("auto", "bic"):
        if isinstance(model.n_components, str):
            raise ValueError(
                f"n_components must be an int, 'auto' or 'bic', got {model.n_components!r}."
            )
        check_scalar(model.n_components, "n_components", Integral, min_val=1)
    for name in ("max_iter", "n_init", "max_components"):
        check_scalar(getattr(model, name), name, Integral, min_val=1)
    for name in ("reg_covar", "tol"):
        check_scalar(getattr(model, name), name, Real, min_val=0)
    check_scalar(
        model.learning_decay,
        "learning_decay",
        Real,
        min_val=0.5,
        max_val=1.0,
        include_boundaries="right",
    )
    check_scalar(model.learning_offset, "learning_offset", Real, min_val=1.0)
    for name, choices in (
        ("covariance_type", _shapes.COVARIANCE_TYPES),
        ("mode", MODES),
        ("init", INITS),
    ):
        if getattr(model, name) not in choices:
            raise ValueError(
                f"{name} must be one of {sorted(choices)}, got {getattr(model, name)!r}."
            )


def check_continuation(model, layout):
    """Check that a fitted mixture can go on with frames of a layout, and its parameters now."""
    before = model.means_x_.shape[1], model.means_y_.shape[1]
    if before != (layout.n_features, layout.n_targets):
        raise ValueError(
            f"This mixture was fitted to {before[0]} columns of X and {before[1]} of y, and "
            f"cannot go on with {layout.n_features} and {layout.n_targets}. Fit a new one, "
            "with warm_start=False."
        )
    for name, old, new in (
        ("n_components", model._asked[0], model.n_components),
        ("covariance_type", model._asked[1], model.covariance_type),
    ):
        if old != new:
            raise ValueError(
                f"This mixture was fitted with {name}={old!r} and cannot go on with "
                f"{name}={new!r}. Fit a new one, with warm_start=False."
            )
