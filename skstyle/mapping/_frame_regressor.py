"""What all regressors of frames have in common: checks at the door, shapes at the exit."""

from abc import abstractmethod

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ..utils.validation import refuse_sequences


class FrameRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Base of regressors of frames.

    A subclass calls ``_check_pairs`` in ``fit`` and writes ``_predict``.
    """

    def _check_pairs(self, X, y, ensure_min_samples=1):
        """Check paired frames, and remember whether y was 1-D.

        Returns
        -------
        X : ndarray of shape (n_frames, n_features)
            float32 or float64.
        y : ndarray of shape (n_frames, n_targets)
            In the dtype of X.
        """
        refuse_sequences(X)
        X, y = validate_data(
            self,
            X,
            y,
            dtype=[np.float64, np.float32],
            multi_output=True,
            y_numeric=True,
            ensure_min_samples=ensure_min_samples,
        )
        self._single_target = y.ndim == 1
        return X, y.reshape(len(y), -1).astype(X.dtype, copy=False)

    def _check_frames(self, X):
        """Check source frames against those of fit."""
        check_is_fitted(self)
        refuse_sequences(X)
        return validate_data(self, X, reset=False, dtype=[np.float64, np.float32])

    def predict(self, X):
        """Map every frame.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Source frames.

        Returns
        -------
        y : ndarray of shape (n_frames, n_targets), or (n_frames,) after a 1-D y in fit
            The dtype is that of X.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when X is a list of sequences, not finite, or has another number of
            columns than that of ``fit``.
        """
        X = self._check_frames(X)
        y = self._predict(X).astype(X.dtype, copy=False)
        return y[:, 0] if self._single_target else y

    @abstractmethod
    def _predict(self, X):
        """Map checked frames to (n_frames, n_targets)."""
