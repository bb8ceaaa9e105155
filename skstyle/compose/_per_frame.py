"""Lift a frame-level transformer to sequences."""

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, TransformerMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ..utils.labels import are_labels, check_labels
from ..utils.pairing import split, stack
from ..utils.validation import check_sequences, restore_frames


def _has(method):
    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), method)
        return True

    return check


class PerFrame(MetaEstimatorMixin, TransformerMixin, BaseEstimator):
    """Apply a transformer of frames to sequences: stack, apply, split.

    Parameters
    ----------
    estimator : transformer
        Any transformer of 2-D arrays, such as StandardScaler or PCA. It sees the frames
        of all clips as one array, and their labels where there are any.

    Attributes
    ----------
    estimator_ : transformer
        The fitted clone.
    n_features_in_ : int
        Number of columns.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skstyle.compose import PerFrame
    >>> X = [np.array([[0.0], [2.0]]), np.array([[4.0], [6.0], [8.0]])]
    >>> [len(x) for x in PerFrame(StandardScaler()).fit_transform(X)]
    [2, 3]
    """

    def __init__(self, estimator):
        self.estimator = estimator

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        target = get_tags(self.estimator).target_tags
        tags.target_tags.required = target.required
        tags.target_tags.one_d_labels = target.one_d_labels
        return tags

    def fit(self, X, y=None):
        """Fit the transformer on the frames of all clips.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array of frames
        y : array-like of shape (n_clips,), optional
            Labels of the clips, such as speakers: the transformer gets one a frame. Targets that
            are clips themselves, which a Pipeline hands to all of its steps, are not for it.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            When there is not one label for every clip.
        """
        clips = check_sequences(X, estimator=self, reset=True)
        labels = None
        if y is not None and (self._needs_labels() or are_labels(y)):
            labels = np.repeat(check_labels(clips.items, y), [len(x) for x in clips.items])
        self.estimator_ = clone(self.estimator).fit(stack(clips.items), labels)
        return self

    def transform(self, X):
        """Transform every frame.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array of frames

        Returns
        -------
        sequences : list of arrays (n_frames, n_features_out)
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a sequence is empty or not finite, or when it has another number of
            columns than those of ``fit``.
        """
        return self._apply("transform", X, self)

    @available_if(_has("inverse_transform"))
    def inverse_transform(self, X):
        """Undo the transformer on every frame.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features_out), 1-D object array or 2-D array

        Returns
        -------
        sequences : list of arrays (n_frames, n_features)
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, or when a sequence is empty or not finite.
        """
        return self._apply("inverse_transform", X, None)

    def _needs_labels(self):
        return get_tags(self.estimator).target_tags.required

    def _apply(self, method, X, estimator):
        check_is_fitted(self)
        clips = check_sequences(X, estimator=estimator)
        frames = getattr(self.estimator_, method)(stack(clips.items))
        return restore_frames(split(np.asarray(frames), clips.items), X, clips.kind, clips.trail)
