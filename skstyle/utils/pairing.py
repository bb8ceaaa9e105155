"""Sequences as frames and back, and the frames that paths pair.

Some regressors look at more than one frame: they need whole sequences, before alignment has
repeated frames. Their ``fit`` takes ``paths`` beside two lists of sequences; all others are
fitted on the frames that the paths pair.
"""

import numpy as np
from sklearn.utils.validation import has_fit_parameter


def stack(items):
    """Return all frames of all sequences as one new array (n_frames, n_features)."""
    return np.concatenate(items)


def split(frames, items):
    """Cut an array of frames into pieces as long as ``items``."""
    frames = np.asarray(frames)
    if frames.ndim == 1:
        frames = frames[:, None]
    return np.split(frames, np.cumsum([len(x) for x in items])[:-1])


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
