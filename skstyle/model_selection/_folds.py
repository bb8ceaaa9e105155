"""Folds of clips: how they are made, that they take every clip once, and what they are called."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.model_selection import GroupKFold, check_cv

N_SPLITS = 5
# So many clips are named in a message.
_N_NAMED = 5


def make_splitter(cv, y, groups, n_clips):
    """Return scikit-learn's splitter.

    Parameters
    ----------
    cv : int, splitter, iterable of (train, test) or None
        As in :func:`~skstyle.model_selection.cross_val_convert`.
    y, groups : sequence or None
    n_clips : int

    Returns
    -------
    splitter : object with split
    """
    if cv is None:
        most = n_clips if groups is None else len(np.unique(groups))
        if most < 2:
            what = "clip" if groups is None else "group"
            raise ValueError(
                f"There is 1 {what}, and at least 2 are needed: one to convert and others to "
                "learn from."
            )
        cv = min(N_SPLITS, most)
    if groups is not None and isinstance(cv, Integral):
        # Groups are told for a purpose; KFold would pass over them.
        return GroupKFold(int(cv))
    return check_cv(cv, y)


def check_groups(groups):
    """Refuse groups that tell clips of nobody.

    Parameters
    ----------
    groups : sequence or None

    Returns
    -------
    groups : ndarray of shape (n_clips,), or None
    """
    if groups is None:
        return None
    labels = np.asarray(groups)
    if labels.ndim != 1:
        raise ValueError(f"groups has shape {labels.shape}, expected one label for every clip.")
    missing = [i for i, label in enumerate(labels) if label is None or label != label]
    if missing:
        raise ValueError(
            f"groups[{missing[0]}] is {labels[missing[0]]}: every clip needs a group. Pass "
            "groups=None if there are none."
        )
    return labels


def split_clips(splitter, n_clips, labels, for_split):
    """Split clips, and tell what a splitter lacks.

    Parameters
    ----------
    splitter : object with split
    n_clips : int
    labels : ndarray of shape (n_clips,) or None
        One label a clip, where y has such.
    for_split : dict
        Groups, and what else it is given.

    Returns
    -------
    folds : list of (train, test)
        Arrays of indices.
    """
    try:
        with warnings.catch_warnings():
            # Whether groups have stayed together is looked at in the folds themselves.
            warnings.filterwarnings("ignore", message="The groups parameter is ignored")
            folds = list(splitter.split(np.empty((n_clips, 0)), labels, **for_split))
    except (TypeError, ValueError) as e:
        lack = "" if labels is not None else " It was given no labels: y has not one a clip."
        name = type(splitter).__name__
        raise ValueError(f"{name} cannot split {n_clips} clips: {e}{lack}") from e
    if not folds:
        raise ValueError(
            "cv has no fold: expected a number of folds, a splitter, or pairs of training and "
            "test indices."
        )
    return [tuple(np.arange(n_clips)[part] for part in fold) for fold in folds]


def check_partition(folds, n_clips):
    """Check that every clip is in the test part of one fold.

    Parameters
    ----------
    folds : list of (train, test)
        Indices of clips.
    n_clips : int

    Raises
    ------
    ValueError
        It tells which clips are left out, or come twice.
    """
    tested = np.concatenate([np.arange(n_clips)[test] for _, test in folds])
    counts = np.bincount(tested, minlength=n_clips)
    for wrong, told in ((counts == 0, "in none"), (counts > 1, "in several")):
        if wrong.any():
            clips = names_of_clips(np.flatnonzero(wrong))
            raise ValueError(
                f"Every clip must be in the test part of one fold, and {clips} "
                f"{'is' if wrong.sum() == 1 else 'are'} {told} of the {len(folds)}. Use a "
                "splitter that takes every clip once, such as KFold or GroupKFold."
            )


def check_apart(folds, groups):
    """Check that no clip is converted by a model that knows it, or its group.

    Parameters
    ----------
    folds : list of (train, test)
        Indices of clips.
    groups : ndarray of shape (n_clips,), or None

    Raises
    ------
    ValueError
        It names the first fold where one is on both sides.
    """
    for number, (train, test) in enumerate(folds, 1):
        both = np.intersect1d(train, test)
        if len(both):
            raise ValueError(
                f"Fold {number} of {len(folds)} is fitted on {names_of_clips(both)}, and converts "
                "the same: a clip must not be on both sides of a split."
            )
        if groups is None:
            continue
        known = set(groups[train].tolist()) & set(groups[test].tolist())
        if known:
            shared = next(label for label in groups[test].tolist() if label in known)
            raise ValueError(
                f"Fold {number} of {len(folds)} has group {shared!r} on both sides, but clips of "
                "one group must stay together. Use cv=GroupKFold(...), or a number of folds; or "
                "leave groups out."
            )


def names_of_clips(indices):
    """Return such as "X[0], X[4] and 7 more" for indices of clips.

    Parameters
    ----------
    indices : sequence of int

    Returns
    -------
    names : str
    """
    names = [f"X[{i}]" for i in indices]
    if len(names) > _N_NAMED + 1:
        return f"{', '.join(names[:_N_NAMED])} and {len(names) - _N_NAMED} more"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
