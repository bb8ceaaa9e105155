"""What regressors with one linear map for every class of frames do once they are fitted."""

import numpy as np

from ._frame_regressor import FrameRegressor
from ._weighted_regression import weighted_predictions


class GatedLinearRegressor(FrameRegressor):
    """Base of regressors that weigh the linear maps of a few classes, frame by frame.

    The ``fit`` of a subclass leaves ``gate_``, ``coef_`` and ``intercept_``, and the means
    ``_means_x`` and ``_means_y`` about which the maps were fitted.
    """

    def _weigh(self, X):
        """Weigh the classes in every frame, (n_frames, n_components); float64."""
        return self.gate_.posteriors(X)

    def _predict(self, X):
        return weighted_predictions(X, self._weigh(X), self.coef_, self._means_x, self._means_y)

    def component_posteriors(self, X):
        """Weigh the classes in every frame, P(m|x).

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)

        Returns
        -------
        resp : ndarray of shape (n_frames, n_components)
            Rows sum to one; dtype of X.
        """
        X = self._check_frames(X)
        return self._weigh(X).astype(X.dtype, copy=False)

    def transition(self, X):
        """Give the linear map of every frame: ``y_t = A_t x_t + b_t`` is the prediction.

        The maps of many frames are large: ask for a clip, not for a corpus.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)

        Returns
        -------
        A : ndarray of shape (n_frames, n_targets, n_features)
            Dtype of X.
        b : ndarray of shape (n_frames, n_targets)
            Dtype of X. Also after a 1-D y in fit.
        """
        X = self._check_frames(X)
        weights = self._weigh(X)
        A = np.tensordot(weights.astype(X.dtype), self.coef_.astype(X.dtype), axes=1)
        return A, (weights @ self.intercept_).astype(X.dtype, copy=False)
