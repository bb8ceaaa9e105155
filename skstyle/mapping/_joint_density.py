"""How likely pairs of frames are under a fitted joint mixture."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from . import _shapes
from ._joint_frames import information_criterion


class JointDensityMixin:
    """Likelihood and information criteria of a joint mixture."""

    def log_likelihood(self, X, y):
        """Log density of every pair of frames under the joint mixture.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
        y : array-like of shape (n_frames, n_targets) or (n_frames,)

        Returns
        -------
        log_density : ndarray of shape (n_frames,)
            In nats, float64.
        """
        check_is_fitted(self)
        X, y = self._check_pairs(X, y, reset=False)
        layout = self._layout_of(X, y)
        mixture = self._mixture(layout)
        return layout.log_density(layout.join(X, y), *mixture, self.covariance_type)

    def bic(self, X, y):
        """Bayesian information criterion of pairs of frames; less is better.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
        y : array-like of shape (n_frames, n_targets) or (n_frames,)

        Returns
        -------
        bic : float
        """
        log_density = self.log_likelihood(X, y)
        weight = np.log(len(log_density))
        return information_criterion(log_density, self._n_parameters(), weight)

    def aic(self, X, y):
        """Akaike information criterion of pairs of frames; less is better.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
        y : array-like of shape (n_frames, n_targets) or (n_frames,)

        Returns
        -------
        aic : float
        """
        return information_criterion(self.log_likelihood(X, y), self._n_parameters(), 2.0)

    def _n_parameters(self):
        p, q = self.means_x_.shape[1], self.means_y_.shape[1]
        return _shapes.n_parameters(len(self.weights_), p, q, self.covariance_type)
