"""Parameters of estimators that are trained, checked."""

from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils import check_scalar

# Of fewer sequences none can be spared.
_FEWEST_TO_HOLD_OUT = 3
PARTS = ("use_matrix", "use_warp", "use_bias", "use_dynamics")


def check_parameters(regressor):
    """Refuse parameters that make no sense, with a sentence.

    Parameters
    ----------
    regressor : NeuralTimeVariantRegressor
    """
    sizes = regressor.hidden_layer_sizes
    if not isinstance(sizes, (tuple, list)) or not sizes:
        raise ValueError(f"hidden_layer_sizes must be a tuple such as (128, 128), got {sizes!r}.")
    for size in sizes:
        check_scalar(size, "hidden_layer_sizes", Integral, min_val=1)
    for name in ("n_matrices", "batch_size", "crop_length", "patience"):
        check_scalar(getattr(regressor, name), name, Integral, min_val=1)
    check_scalar(regressor.n_epochs, "n_epochs", Integral, min_val=0)
    check_scalar(
        regressor.learning_rate, "learning_rate", Real, min_val=0, include_boundaries="neither"
    )
    refuse_infinite(
        regressor,
        ("learning_rate", "frame_weight", "weight_decay", "dropout", "validation_fraction"),
    )
    for name in ("frame_weight", "weight_decay"):
        check_scalar(getattr(regressor, name), name, Real, min_val=0)
    for name in ("dropout", "validation_fraction"):
        check_scalar(
            getattr(regressor, name), name, Real, min_val=0, max_val=1, include_boundaries="left"
        )
    if not any(getattr(regressor, name) for name in PARTS):
        raise ValueError(f"At least one of {', '.join(PARTS)} must be True.")
    check_device(regressor.device)


def refuse_infinite(estimator, names):
    """Tell of parameters that are no finite numbers, which no bound finds.

    Parameters
    ----------
    estimator : estimator
    names : sequence of str
        Parameters that are numbers; others are left to other checks.
    """
    for name in names:
        value = getattr(estimator, name)
        if isinstance(value, Real) and not np.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value!r}.")


def count_held_out(fraction, n_sequences):
    """Return how many sequences are held out: at least one, where there are enough.

    Parameters
    ----------
    fraction : float
    n_sequences : int

    Returns
    -------
    n_held_out : int
    """
    n_held_out = round(fraction * n_sequences)
    if fraction > 0 and n_sequences >= _FEWEST_TO_HOLD_OUT:
        n_held_out = max(1, n_held_out)
    if n_held_out == n_sequences:
        raise ValueError(
            f"validation_fraction={fraction} leaves none of {n_sequences} sequences to train on."
        )
    return n_held_out


def check_device(device):
    """Tell of devices that torch does not know, or does not find.

    Parameters
    ----------
    device : str
    """
    try:
        kind = torch.device(device).type
    except (RuntimeError, TypeError) as e:
        raise ValueError(f'device must be "cpu" or "cuda", got {device!r}.') from e
    if kind == "cuda" and not torch.cuda.is_available():
        raise ValueError(f'device={device!r}, but torch finds no GPU here: use device="cpu".')
    try:
        torch.zeros(1, device=device).sum().item()
    except Exception as e:  # torch raises many kinds
        raise ValueError(f'device={device!r} does not work here: use device="cpu".') from e
