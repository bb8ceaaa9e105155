"""What a mixture of source and target frames says of targets, given sources."""

from numbers import Integral

import numpy as np
from sklearn.metrics import r2_score
from sklearn.utils import check_random_state, check_scalar
from sklearn.utils.validation import check_is_fitted, validate_data

from ..utils.validation import refuse_sequences
from ._conditional import (
    draw,
    expectations,
    mixture_covariance,
    mixture_mean,
    mixture_variance,
)
from ._gaussians import posteriors

# The expectations of a block, rows * n_components * n_targets, should stay in cache.
_BLOCK_ROWS = 1024


class ConditionalMixtureMixin:
    """The methods of a fitted joint mixture that take source frames.

    They need ``weights_``, ``means_x_``, ``coef_`` and ``conditional_covariances_``, further
    ``_targets``, the expected targets at ``means_x_``, ``_density_x``, the prepared mixture
    of sources, and ``_single_target``.
    """

    def predict(self, X, return_std=False, return_cov=False):
        """Expected target frame of every source frame, and how sure that is.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
        return_std : bool, default=False
            Also return the standard deviation of every target.
        return_cov : bool, default=False
            Also return the covariance of the targets of a frame.

        Returns
        -------
        y : ndarray of shape (n_frames, n_targets), or (n_frames,) after a 1-D y in fit
            The difference to X in differential mode. The dtype is that of X.
        y_std : ndarray, same shape as y
            Only with `return_std`.
        y_cov : ndarray of shape (n_frames, n_targets, n_targets)
            Only with `return_cov`. Frames are independent of each other.

        Raises
        ------
        ValueError
            When both `return_std` and `return_cov` are asked for.
        """
        if return_std and return_cov:
            raise ValueError("Ask for return_std or for return_cov, not for both.")
        X = self._check_frames(X)
        n_targets = self.means_y_.shape[1]
        y = np.empty((len(X), n_targets), dtype=X.dtype)
        spread = None
        if return_std or return_cov:
            spread = np.empty(y.shape + (n_targets,) * bool(return_cov), dtype=X.dtype)
        for block, resp, E in self._components(X):
            y[block] = mean = mixture_mean(resp, E)
            if return_std:
                spread[block] = np.sqrt(
                    mixture_variance(resp, E, mean, self.conditional_covariances_)
                )
            elif return_cov:
                spread[block] = mixture_covariance(resp, E, mean, self.conditional_covariances_)
        if self._single_target:
            y = y[:, 0]
            spread = spread[:, 0] if return_std else spread
        return y if spread is None else (y, spread)

    def component_posteriors(self, X):
        """Posterior probability of every component, P(m|x).

        (scikit-learn keeps the name ``predict_proba`` from regressors.)

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)

        Returns
        -------
        resp : ndarray of shape (n_frames, n_components)
            Rows sum to one; dtype of X.
        """
        X = self._check_frames(X)
        resp = np.empty((len(X), len(self.weights_)), dtype=X.dtype)
        for start in range(0, len(X), _BLOCK_ROWS):
            block = slice(start, start + _BLOCK_ROWS)
            resp[block] = self._posteriors(X[block].astype(np.float64))
        return resp

    def predict_components(self, X):
        """Give posteriors and expected targets of every component.

        With `conditional_covariances_` they are the whole distribution of y given x, which
        maximum-likelihood trajectories need.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)

        Returns
        -------
        resp : ndarray of shape (n_frames, n_components)
            Posteriors P(m|x); dtype of X.
        E : ndarray of shape (n_frames, n_components, n_targets)
            Expected targets within each component; dtype of X. Also after a 1-D y in fit.
        """
        X = self._check_frames(X)
        resp = np.empty((len(X), len(self.weights_)), dtype=X.dtype)
        E = np.empty((*resp.shape, self.means_y_.shape[1]), dtype=X.dtype)
        for block, resp_of_block, E_of_block in self._components(X):
            resp[block], E[block] = resp_of_block, E_of_block
        return resp, E

    def sample_y(self, X, n_samples=1, random_state=None):
        """Draw target frames from their distribution given the source frames.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
        n_samples : int, default=1
            Number of draws for every frame.
        random_state : int, RandomState or None, default=None
            None takes the one of the constructor.

        Returns
        -------
        samples : ndarray of shape (n_frames, n_targets, n_samples), or (n_frames, n_samples) \
                after a 1-D y in fit
            Drawn independently of each other; dtype of X.
        """
        check_scalar(n_samples, "n_samples", Integral, min_val=1)
        X = self._check_frames(X)
        rng = check_random_state(self.random_state if random_state is None else random_state)
        samples = np.empty((len(X), self.means_y_.shape[1], n_samples), dtype=X.dtype)
        for block, resp, E in self._components(X):
            samples[block] = draw(resp, E, self.conditional_covariances_, n_samples, rng)
        return samples[:, 0] if self._single_target else samples

    def score(self, X, y, sample_weight=None):
        """Coefficient of determination R2 of the prediction.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
        y : array-like of shape (n_frames, n_targets) or (n_frames,)
            Target frames, in differential mode too, where R2 is about y - x.
        sample_weight : array-like of shape (n_frames,), optional

        Returns
        -------
        score : float
        """
        predicted = self.predict(X)
        if self.mode == "differential":
            y = np.asarray(y) - np.asarray(X).reshape(np.shape(y))
        return r2_score(y, predicted, sample_weight=sample_weight)

    def _components(self, X):
        """Yield slices of frames with their posteriors and expectations, in float64."""
        for start in range(0, len(X), _BLOCK_ROWS):
            block = slice(start, start + _BLOCK_ROWS)
            frames = X[block].astype(np.float64)
            E = expectations(frames, self.means_x_, self._targets, self.coef_)
            yield block, self._posteriors(frames), E

    def _posteriors(self, frames):
        return np.ascontiguousarray(posteriors(frames, self._density_x)[0].T)

    def _check_frames(self, X):
        check_is_fitted(self)
        refuse_sequences(X)
        return validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
