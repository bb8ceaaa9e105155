"""Sequences as frames and back, and the frames that paths pair.

Some regressors look at more than one frame: they need whole sequences, before alignment has
repeated frames. Their ``fit`` takes ``paths`` beside two lists of sequences; all others are
fitted on the frames that the paths pair.
"""

import numpy as np
from sklearn.metrics import r2_score
from sklearn.utils.validation import has_fit_parameter

from .validation import check_paired, check_sequences, is_matrix


def stack(items):
    """Return all frames of all sequences as one new array (n_frames, n_features)."""
    return np.concatenate(items)


def split(frames, items):
    """Cut an array of frames into pieces as long as ``items``."""
    frames = np.asarray(frames)
    if frames.ndim == 1:
        frames = frames[:, None]
    return np.split(frames, np.cumsum([len(x) for x in items])[:-1])


def stack_context(x, n_context):
    """Put the frames before and after beside every frame.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_features)
    n_context : int
        Frames on either side; the first and last frames are repeated beyond the ends.

    Returns
    -------
    out : ndarray of shape (n_frames, (2 * n_context + 1) * n_features)
        Earlier frames first.
    """
    index = np.arange(len(x))[:, None] + np.arange(-n_context, n_context + 1)
    return x[np.clip(index, 0, len(x) - 1)].reshape(len(x), -1)


def takes_sequences(regressor):
    """Tell whether a regressor is fitted on whole sequences and paths."""
    return has_fit_parameter(regressor, "paths")


def straight_paths(X, y):
    """Return the paths that pair frame t with frame t.

    Parameters
    ----------
    X, y : list of arrays (n_frames, n_features)

    Returns
    -------
    paths : list of int arrays (n_frames, 2)

    Raises
    ------
    ValueError
        When two sequences differ in length.
    """
    for i, (a, b) in enumerate(zip(X, y, strict=True)):
        if len(a) != len(b):
            raise ValueError(
                f"X[{i}] has {len(a)} frames and y[{i}] has {len(b)}: without paths, frame t is "
                "paired with frame t. Align them first (AlignedRegressor does)."
            )
    return [np.repeat(np.arange(len(a))[:, None], 2, axis=1) for a in X]


def check_paths(X, y, paths):
    """Check paths against the sequences they pair.

    Parameters
    ----------
    X, y : list of arrays (n_frames, n_features)
    paths : list of int arrays (n_steps, 2), or None
        None pairs frame t with frame t.

    Returns
    -------
    paths : list of int arrays (n_steps, 2)

    Raises
    ------
    ValueError
        When there are not as many paths as sequences, or a path is no list of pairs of frames
        that exist; the message names it.
    """
    if paths is None:
        return straight_paths(X, y)
    check_paired(X, paths, name_y="paths")
    paths = [np.asarray(path) for path in paths]
    for i, (a, b, path) in enumerate(zip(X, y, paths, strict=True)):
        if path.ndim != 2 or path.shape[1] != 2 or not len(path) or path.dtype.kind not in "iu":
            raise ValueError(
                f"paths[{i}] has shape {path.shape} and dtype {path.dtype}, expected integers of "
                f"shape (n_steps, 2): a frame of X[{i}] and a frame of y[{i}] in every row."
            )
        for side, clip, at in (("X", a, path[:, 0]), ("y", b, path[:, 1])):
            if at.min() < 0 or at.max() >= len(clip):
                raise ValueError(
                    f"paths[{i}] leads through frames {at.min()} to {at.max()} of {side}[{i}], "
                    f"which has frames 0 to {len(clip) - 1}. Align the very sequences that are "
                    "fitted."
                )
    return paths


def refuse_paths(paths):
    """Tell that frames in one array have no paths."""
    if paths is not None:
        raise ValueError(
            "paths pair the frames of sequences, but X is one array of frames: pass lists of "
            "sequences, or frames that are paired already and no paths."
        )


def pair_frames(X, y, paths):
    """Return the frames that paths pair, of all sequences.

    Parameters
    ----------
    X, y : list of arrays (n_frames, n_features)
    paths : list of int arrays (n_steps, 2)

    Returns
    -------
    source, target : ndarrays of shape (n_steps of all paths, n_features)
    """
    source = stack([a[p[:, 0]] for a, p in zip(X, paths, strict=True)])
    target = stack([b[p[:, 1]] for b, p in zip(y, paths, strict=True)])
    return source, target


def fit_on_paths(regressor, X, y, paths):
    """Fit a regressor on paired sequences: whole ones, or the frames that the paths pair.

    Parameters
    ----------
    regressor : regressor
        Fitted in place.
    X, y : list of arrays (n_frames, n_features)
    paths : list of int arrays (n_steps, 2)

    Returns
    -------
    regressor : regressor
    """
    if takes_sequences(regressor):
        return regressor.fit(X, y, paths=paths)
    source, target = pair_frames(X, y, paths)
    return regressor.fit(source, target.ravel() if target.shape[1] == 1 else target)


def predict_sequences(regressor, items, **options):
    """Predict sequences by a regressor of either kind.

    Parameters
    ----------
    regressor : fitted regressor
    items : list of arrays (n_frames, n_features)
    **options
        Passed on to ``predict``, such as ``return_std=True``.

    Returns
    -------
    sequences : list of arrays (n_frames, n_targets)
        One such list for each value that ``predict`` returns.
    """
    if takes_sequences(regressor):
        return regressor.predict(items, **options)
    found = regressor.predict(stack(items), **options)
    if isinstance(found, tuple):
        return tuple(split(part, items) for part in found)
    return split(found, items)


def in_dtype_of(found, given):
    """Return predictions in the dtype of what they were made of.

    Parameters
    ----------
    found : ndarray, list of ndarrays, or tuple of such
    given : ndarray, or list of as many ndarrays

    Returns
    -------
    found : of the same structure
    """
    if isinstance(found, tuple):
        return tuple(in_dtype_of(part, given) for part in found)
    if isinstance(given, list):
        return [y.astype(x.dtype, copy=False) for y, x in zip(found, given, strict=True)]
    return found.astype(given.dtype, copy=False)


def paired_score(regressor, X, y, sample_weight=None):
    """Return R² of what a regressor predicts, frame t against frame t.

    Parameters
    ----------
    regressor : fitted regressor
        Its ``predict`` takes both arrays of frames and lists of sequences.
    X, y : list of arrays (n_frames, n_features), 1-D object arrays, or 2-D arrays
        Paired sequences of equal lengths, or frames.
    sample_weight : array of shape (n_frames,), optional
        Weights of all frames of all sequences.

    Returns
    -------
    score : float
    """
    predicted = regressor.predict(X)
    if is_matrix(X):
        return r2_score(y, predicted, sample_weight=sample_weight)
    predicted, y = check_sequences(predicted).items, check_sequences(y, name="y").items
    check_paired(predicted, y)
    straight_paths(predicted, y)
    return r2_score(stack(y), stack(predicted), sample_weight=sample_weight)
