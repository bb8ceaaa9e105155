"""Folds of clips: how they are made, that they take every clip once, and what they are called."""

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
