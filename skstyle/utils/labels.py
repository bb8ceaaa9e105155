"""Labels of clips and of frames: whose voice they are."""

import numpy as np
from sklearn.utils.validation import column_or_1d


def check_labels(X, y):
    """Check that every clip has a label, such as its speaker.

    Parameters
    ----------
    X : list
        Collection of clips.
    y : array-like of shape (n_clips,)

    Returns
    -------
    y : ndarray of shape (n_clips,)

    Raises
    ------
    ValueError
        When y is no column of labels, not as long as X, or lacks some.
    """
    if y is None:
        raise ValueError(
            "requires y to be passed, but the target y is None: one label a clip is needed, such "
            "as ['anna', 'ben', ...]."
        )
    if hasattr(y, "__array__"):
        y = np.asarray(y)
    if isinstance(y, str) or not hasattr(y, "__len__") or getattr(y, "ndim", 1) == 0:
        raise ValueError(f"y is {y!r}, expected labels, one a clip, such as ['anna', 'ben', ...].")
    for i, label in enumerate(y):
        if np.ndim(label) and (np.ndim(label) > 1 or np.size(label) != 1):
            raise ValueError(
                f"y[{i}] is an array of shape {np.shape(label)}, expected labels, one a clip, such "
                "as ['anna', 'ben', ...]. For paired clips use make_voice_converter; here X holds "
                "the clips of all voices."
            )
    y = column_or_1d(y)
    if len(X) != len(y):
        raise ValueError(
            f"X has {len(X)} clips and y has {len(y)} labels: one label a clip is needed. Found "
            "input variables with inconsistent numbers of samples."
        )
    for i, label in enumerate(y):
        if label is None or label != label:
            raise ValueError(f"y[{i}] is {label}: every clip needs a label. Remove it from X too.")
    return y


def are_labels(y):
    """Tell labels, one for every clip, from targets that are clips themselves.

    Parameters
    ----------
    y : array-like or list of clips
    """
    if hasattr(y, "__array__"):
        y = np.asarray(y)
    return np.ndim(next(iter(y), ())) == 0


def refuse_labels(y):
    """Tell that clips were expected in y, not labels.

    Parameters
    ----------
    y : object
        What was given beside a list of clips.
    """
    scalars = isinstance(y, (list, tuple)) and y and all(np.ndim(label) == 0 for label in y)
    if scalars or (getattr(y, "ndim", 0) == 1 and np.asarray(y).dtype.kind in "biufUS"):
        raise ValueError(
            "y holds labels, expected the paired clips of the target. For clips that do not pair "
            "up use make_unpaired_converter, which takes the clips of both voices and labels."
        )


def find_classes(y):
    """Return the labels in y, sorted.

    Parameters
    ----------
    y : ndarray of shape (n_labels,)

    Returns
    -------
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        When labels of different types cannot be sorted.
    """
    try:
        return np.unique(y)
    except TypeError as e:
        kinds = sorted({type(label).__name__ for label in y})
        raise ValueError(f"Labels are of one type, got {' and '.join(kinds)}.") from e


def label_number(classes, label, name):
    """Return which of the known labels one is.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    label : label
    name : str
        What messages call it.

    Returns
    -------
    number : int

    Raises
    ------
    ValueError
        When it is none of them.
    """
    known = classes.tolist()
    if np.ndim(label) or label not in known:
        raise ValueError(
            f"{name}={label!r} is none of the labels in y, {known}. Choose one of them, of the "
            "same type."
        )
    return known.index(label)


def choose_domains(classes, target, source):
    """Return the label of the target and that of the source, which must differ.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        All labels, sorted.
    target : label or None
        None takes the last.
    source : label or None
        None means all others.

    Returns
    -------
    target : label
    source : label or None

    Raises
    ------
    ValueError
        When there are no two labels, or one is not among them.
    """
    known = classes.tolist()
    if len(known) < 2:
        raise ValueError(
            f"y has one class only, {known[0]!r}: two domains are needed, a source and a target. "
            "Pass both together, and label each by its own."
        )
    for name, label in (("target", target), ("source", source)):
        if label is not None:
            label_number(classes, label, name)
    target = classes[-1] if target is None else target
    if source is not None and source == target:
        raise ValueError(f"source={source!r} is the target too. Name two labels of {known}.")
    return target, source


def split_domains(y, target, source):
    """Tell which labels are of the source, and which of the target.

    Parameters
    ----------
    y : ndarray of shape (n_labels,)
    target, source : label
        As from :func:`choose_domains`.

    Returns
    -------
    at_source, at_target : ndarrays of bool, shape (n_labels,)
    """
    at_target = y == target
    return (~at_target if source is None else y == source), at_target
