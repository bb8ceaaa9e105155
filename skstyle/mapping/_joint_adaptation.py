"""Take a fitted joint mixture to another voice."""

import copy
import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_array, check_is_fitted

from ..utils.validation import refuse_sequences
from . import _shapes
from ._adaptation import adapt_frames, fold, total_moments
from ._joint_frames import Layout

SIDES = ("source", "target")


class AdaptationMixin:
    """Adaptation of a joint mixture to frames of one side alone."""

    def adapt(self, X, side="source", *, prior=5.0, max_iter=200, tol=1e-3):
        """Adapt the mixture to another voice, from frames that need no partners.

        A conversion learned from many pairs serves a new source, or a new target, of which a
        few sentences are known. They may say anything.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Frames of the new voice; (n_frames, n_targets) for ``side="target"``. Silence is
            better left out.
        side : {"source", "target"}, default="source"
            Which voice is replaced.
        prior : float, default=5.0
            How strongly the mixture is held to what it was, in frames a column: as if it had
            produced so many of X itself. Few frames then change little.
        max_iter : int, default=200
            Largest number of EM iterations.
        tol : float, default=1e-3
            EM stops when the mean log-likelihood of a frame gains less, nats.

        Returns
        -------
        adapted : JointGMMRegressor
            A new model; this one stays as it was. Its ``adaptation_`` has ``coef`` (n_columns,
            n_columns) and ``intercept`` (n_columns,), the affine map that takes frames of the new
            voice to the old one, further ``log_likelihood``, the curve of EM, and
            ``converged``. Likelihoods of `fit` stay as they were.

        Raises
        ------
        ValueError
            When X has not the columns of that side, or a parameter is out of range.

        Warns
        -----
        ConvergenceWarning
            When `max_iter` came before `tol`.

        Notes
        -----
        Constrained maximum likelihood linear regression (CMLLR): ``A x + b`` in front of the
        mixture, folded into its means and covariances. "diag" and "block_diag" covariances
        stay so: A is diagonal then.

        References
        ----------
        .. [1] M. J. F. Gales, "Maximum likelihood linear transformations for HMM-based speech
           recognition", Comput. Speech Lang. 12(2), 1998.
           https://doi.org/10.1006/csla.1998.0043

        Examples
        --------
        >>> import numpy as np
        >>> from skstyle.mapping import JointGMMRegressor
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(2000, 1)) + rng.choice([-3, 3], size=(2000, 1))
        >>> model = JointGMMRegressor(2, random_state=0).fit(X, np.abs(X))
        >>> other = 2 * X[1000:] + 7  # a voice that was never paired
        >>> adapted = model.adapt(other)
        >>> bool(np.allclose(adapted.predict(other), np.abs(X[1000:]), atol=0.2))
        True
        """
        check_is_fitted(self)
        _check_parameters(side, prior, max_iter, tol)
        layout = Layout(self.means_x_.shape[1], self.means_y_.shape[1], self.covariance_type)
        columns = layout.x if side == "source" else layout.y
        X = self._check_side(X, side)
        weights, means, covariances = self._mixture(layout)
        marginal = _marginal(covariances, self.covariance_type, columns)
        found = adapt_frames(
            X.astype(np.float64, copy=False),
            weights,
            means[:, columns],
            *marginal,
            prior=prior * X.shape[1],
            max_iter=max_iter,
            tol=tol,
        )
        if not found.converged:
            warnings.warn(
                f"EM stopped at max_iter={max_iter} before the gain fell below tol. Increase "
                "max_iter or tol.",
                ConvergenceWarning,
                stacklevel=2,
            )
        adapted = copy.deepcopy(self)
        folded = fold(means, covariances, self.covariance_type, columns, found)
        adapted._spread = _spread_of_mixture(self._spread, weights, *folded, self.covariance_type)
        adapted._store(layout, weights, *folded)
        adapted.adaptation_ = found
        return adapted

    def _check_side(self, X, side):
        refuse_sequences(X)
        if side == "source":
            return self._check_frames(X)
        if self._single_target and np.ndim(X) == 1:
            X = np.reshape(X, (-1, 1))
        X = check_array(X, dtype=[np.float64, np.float32])
        n_targets = self.means_y_.shape[1]
        if X.shape[1] != n_targets:
            raise ValueError(
                f"X has {X.shape[1]} columns, but the targets of this model have {n_targets}. "
                "With side='target' pass frames of the new target."
            )
        return X


def _check_parameters(side, prior, max_iter, tol):
    if not isinstance(side, str) or side not in SIDES:
        raise ValueError(f"side must be one of {list(SIDES)}, got {side!r}.")
    check_scalar(prior, "prior", Real, min_val=0, include_boundaries="neither")
    check_scalar(max_iter, "max_iter", Integral, min_val=1)
    check_scalar(tol, "tol", Real, min_val=0)


def _marginal(covariances, covariance_type, columns):
    """Covariances of the columns of one side alone, and their type."""
    if covariance_type == "diag":
        return covariances[:, columns], "diag"
    if covariance_type == "block_diag":
        side = int(columns.start > 0)
        return covariances[:, : columns.stop - columns.start, side, side], "diag"
    return covariances[..., columns, columns], covariance_type


def _spread_of_mixture(before, weights, means, covariances, covariance_type):
    """Spread of the frames that a mixture stands for; where they end is moved along."""
    dense = _shapes.dense(covariances, covariance_type, len(weights))
    mean, covariance = total_moments(weights, means, dense)
    deviation = before.n_frames * np.diagonal(covariance)
    moved = np.sqrt(deviation / before.n_frames) / before.scale
    low, high = ((end - before.mean) * moved + mean for end in (before.low, before.high))
    return before._replace(mean=mean, deviation=deviation, low=low, high=high)
