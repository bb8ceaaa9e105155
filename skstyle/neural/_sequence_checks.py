"""The options, groups and styles of the sequence model, checked."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_scalar

from ._checks import check_device, count_held_out, refuse_infinite

CONTENTS = ("text", "frames")
KEEP = ("last", "best")


def check_options(model):
    """Refuse parameters that make no sense, with a sentence.

    Parameters
    ----------
    model : SequenceVAE
    """
    for name, known in (("content", CONTENTS), ("keep", KEEP)):
        if getattr(model, name) not in known:
            raise ValueError(
                f"{name} must be one of {', '.join(map(repr, known))}, got "
                f"{getattr(model, name)!r}."
            )
    refuse_infinite(model, model.get_params(deep=False))
    for name in ("latent_dim", "decoder_dim", "frames_per_step", "batch_size", "patience"):
        check_scalar(getattr(model, name), name, Integral, min_val=1)
    check_scalar(model.content_dim, "content_dim", Integral, min_val=2)
    if model.content_dim % 2:
        raise ValueError(f"content_dim must be even, got {model.content_dim}.")
    check_scalar(model.n_epochs, "n_epochs", Integral, min_val=0)
    for name in ("learning_rate", "last_learning_rate", "max_length_ratio"):
        check_scalar(getattr(model, name), name, Real, min_val=0, include_boundaries="neither")
    for name in (
        "beta",
        "warmup_epochs",
        "stop_weight",
        "guide_weight",
        "weight_decay",
        "global_variance",
    ):
        check_scalar(getattr(model, name), name, Real, min_val=0)
    for name in ("dropout", "frame_dropout", "validation_fraction"):
        check_scalar(
            getattr(model, name), name, Real, min_val=0, max_val=1, include_boundaries="left"
        )
    check_scalar(
        model.stop_threshold,
        "stop_threshold",
        Real,
        min_val=0,
        max_val=1,
        include_boundaries="neither",
    )
    if model.keep == "best" and not model.validation_fraction:
        raise ValueError('keep="best" needs clips to judge by: set validation_fraction=0.1.')
    check_device(model.device)


def split_groups(numbers, fraction, seed):
    """Choose what is trained on and what is held out, such that no group is in both.

    Parameters
    ----------
    numbers : int array of shape (n_clips,)
        What every clip says.
    fraction : float
        Share of the groups to hold out.
    seed : int

    Returns
    -------
    train, held_out : int arrays
        Numbers of clips, sorted.
    """
    groups = np.unique(numbers)
    n_held_out = count_held_out(fraction, len(groups)) if fraction else 0
    order = np.random.RandomState(seed).permutation(groups)
    chosen = np.isin(numbers, order[:n_held_out])
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def others_of(numbers):
    """Return for every clip the others that say the same; itself, where there are none.

    Parameters
    ----------
    numbers : int array of shape (n_clips,)

    Returns
    -------
    others : list of int arrays
    """
    found = []
    for i, number in enumerate(numbers):
        same = np.flatnonzero(numbers == number)
        # The next one first, so that all are read where the first is taken.
        same = np.roll(same, -int(np.searchsorted(same, i)))
        found.append(same[1:] if len(same) > 1 else same)
    return found


def read_codes(style, n_contents, latent_dim, encode, clip_ndim=2):
    """Return a style code for every content.

    Parameters
    ----------
    style : None, clip, array (latent_dim,), or list of clips and such arrays
    n_contents : int or None
        None leaves it open how many a list has.
    latent_dim : int
    encode : callable
        Of a clip, and what messages call it; returns its code (latent_dim,).
    clip_ndim : int, default=2
        Of clips: frames have two dimensions, signals one.

    Returns
    -------
    codes : ndarray of shape (n_contents, latent_dim)
        One code alone, where `style` is no list and `n_contents` is open.
    """
    if style is None:
        return np.zeros((n_contents or 1, latent_dim))
    if isinstance(style, str) or not hasattr(style, "__len__"):
        raise TypeError(
            f"style is {style!r}, expected a clip, a code of {latent_dim} numbers, or a list of "
            "one for every content."
        )
    alone = hasattr(style, "ndim") and style.dtype != object and style.ndim <= clip_ndim
    styles = [style] if alone else list(style)
    if not alone and n_contents is not None and len(styles) != n_contents:
        raise ValueError(
            f"style is a list of {len(styles)} and there are {n_contents} contents: give one style "
            "for all of them, as an array, or one for each."
        )
    codes = np.empty((len(styles), latent_dim))
    for i, item in enumerate(styles):
        name = "style" if alone else f"style[{i}]"
        shape = np.shape(item)
        if shape != (latent_dim,) and (len(shape) != 1 or clip_ndim == 1):
            codes[i] = encode(item, name)
            continue
        code = np.asarray(item, dtype=np.float64)
        if code.shape != (latent_dim,) or not np.isfinite(code).all():
            raise ValueError(
                f"{name} has shape {code.shape}, expected a clip (n_frames, n_features) or a code "
                f"of {latent_dim} finite numbers, as transform returns."
            )
        codes[i] = code
    return np.repeat(codes, n_contents or 1, axis=0) if alone else codes
