"""What post-filters share: statistics of converted and of target sequences."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.utils.validation import check_array

from ..base import SequenceTransformer
from ..exceptions import LoneSequenceWarning
from ..utils.validation import check_sequences, is_matrix


def warn_of_one_frame(X, n_sequences, consequence, stacklevel=3):
    """Warn that a plain 2-D array is read as one-frame sequences."""
    if is_matrix(X) and n_sequences > 1:
        warnings.warn(
            f"A plain 2-D array is read as one-frame sequences, so {consequence}. Wrap one "
            "sequence in a list: [x].",
            LoneSequenceWarning,
            stacklevel=stacklevel,
        )


def choose_columns(columns, n_columns, name="columns"):
    """Return a mask of chosen columns.

    Parameters
    ----------
    columns : slice, list of int or None
        None chooses all.
    n_columns : int
    name : str, default="columns"
        What messages call the parameter.

    Returns
    -------
    chosen : ndarray of bool, shape (n_columns,)
    """
    chosen = np.zeros(n_columns, dtype=bool)
    try:
        chosen[slice(None) if columns is None else columns] = True
    except (IndexError, TypeError) as e:
        raise ValueError(f"{name}={columns!r} is no choice among {n_columns} columns: {e}.") from e
    return chosen


class PostFilter(SequenceTransformer):
    """Base of maps that bring statistics of converted sequences to those of targets.

    A subclass writes ``_measure(items)``, statistics of a list of sequences, ``_learn(converted,
    targets)``, which takes two of these, and ``_transform_one``.
    """

    _one_frame = "nothing varies and all passes through"

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X, y):
        """Learn the statistics of both sides.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array
            Converted training sequences: what the steps before make of the sources.
        y : list of arrays (n_frames, n_features), 1-D object array or 2-D array
            Target sequences. Lengths may differ from those of X, and so may the number of
            sequences.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            When the columns of X and y differ, or a parameter is out of range.

        Warns
        -----
        LoneSequenceWarning
            A plain 2-D array came in: its rows are sequences of one frame, which do not vary.
        """
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None: it "
                "learns from converted sequences X and target sequences y."
            )
        clips = check_sequences(X, estimator=self, reset=True)
        self._check_parameters()
        if is_matrix(X):
            # Frames vary along no time, whatever y is.
            check_array(y, ensure_2d=False, dtype="numeric", input_name="y")
            targets = [np.zeros((1, self.n_features_in_))]
            warn_of_one_frame(X, len(clips.items), self._one_frame)
        else:
            targets = check_sequences(y, name="y").items
        if targets[0].shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {self.n_features_in_} features and y has {targets[0].shape[1]}: "
                "statistics are compared column by column."
            )
        self._learn(self._measure(clips.items), self._measure(targets))
        return self

    def transform(self, X):
        """Filter every sequence.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array

        Returns
        -------
        sequences : list of arrays (n_frames, n_features)
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a sequence is empty, not finite or not of two dimensions, or when
            it has another number of columns than those of ``fit``.
        """
        out = super().transform(X)
        warn_of_one_frame(X, len(out), self._one_frame)
        return out

    def _check_parameters(self):
        if not isinstance(self.morph, Real) or not 0 <= self.morph < np.inf:
            raise ValueError(f"morph must be a number of at least 0, got {self.morph!r}.")
        self._chosen = choose_columns(self.columns, self.n_features_in_)

    def _check_level(self):
        column, n_columns = self.level_column, self.n_features_in_
        if not self.silence_db > 0:
            raise ValueError(f"silence_db must be positive, got {self.silence_db!r}.")
        if column is None:
            return
        if not isinstance(column, Integral) or not -n_columns <= column < n_columns:
            raise ValueError(
                f"level_column={column!r} is not one of the {n_columns} columns; it is the "
                "number of the column with the log amplitude, or None."
            )
