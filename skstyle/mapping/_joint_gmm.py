"""Regression by a Gaussian mixture of source and target frames together."""

from collections import namedtuple
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted, validate_data

from ._gaussians import SHAPES, matmul, posteriors, precision_cholesky
from ._mixture import fit_mixture

# The expectations of a block, rows * n_components * n_targets, should stay in cache.
_BLOCK_ROWS = 1024

Conditional = namedtuple("Conditional", ["coef", "covariances", "factor_x"])
Conditional.__doc__ = """p(y | x, m): regression matrices, covariances, and the factor of xx."""


def condition(covariances, n_features):
    """Condition the last coordinates of every Gaussian on the first.

    Parameters
    ----------
    covariances : ndarray of shape (n_components, n_features + n_targets, \
            n_features + n_targets)
        Joint covariances of z = [x; y].
    n_features : int
        How many coordinates are x.

    Returns
    -------
    conditional : Conditional
        ``coef`` (n_components, n_targets, n_features), S_yx S_xx^-1; ``covariances``
        (n_components, n_targets, n_targets), S_yy - S_yx S_xx^-1 S_xy; ``factor_x``
        (n_components, n_features, n_features), U with S_xx^-1 = U U'.
    """
    xx = covariances[:, :n_features, :n_features]
    yx = covariances[:, n_features:, :n_features]
    yy = covariances[:, n_features:, n_features:]
    factor = precision_cholesky(np.ascontiguousarray(xx))
    whitened = yx @ factor
    coef = whitened @ factor.swapaxes(1, 2)
    return Conditional(coef, yy - whitened @ whitened.swapaxes(1, 2), factor)


def expectations(X, means_x, means_y, coef):
    """Expected target of every frame under every component: E = mu_y + A (x - mu_x).

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    means_x : ndarray of shape (n_components, n_features)
    means_y : ndarray of shape (n_components, n_targets)
    coef : ndarray of shape (n_components, n_targets, n_features)

    Returns
    -------
    E : ndarray of shape (n_frames, n_components, n_targets)
    """
    n_components, n_targets, n_features = coef.shape
    # About a common origin: one product serves all components, and features far from zero
    # lose no digits.
    origin = means_x.mean(axis=0)
    intercept = means_y - np.einsum("mqp,mp->mq", coef, means_x - origin)
    maps = np.ascontiguousarray(coef.reshape(-1, n_features).T)
    E = matmul(X - origin, maps).reshape(len(X), n_components, n_targets)
    E += intercept
    return E


def mixture_mean(resp, E):
    """Mean of the conditional mixture, (n_frames, n_targets)."""
    return np.einsum("nm,nmq->nq", resp, E)


def mixture_variance(resp, E, mean, covariances):
    """Variance of every target under the conditional mixture, (n_frames, n_targets)."""
    within = resp @ np.diagonal(covariances, axis1=1, axis2=2)
    return np.maximum(within + np.einsum("nm,nmq->nq", resp, (E - mean[:, None]) ** 2), 0.0)


def mixture_covariance(resp, E, mean, covariances):
    """Covariance of the conditional mixture by the law of total covariance.

    Parameters
    ----------
    resp : ndarray of shape (n_frames, n_components)
    E : ndarray of shape (n_frames, n_components, n_targets)
    mean : ndarray of shape (n_frames, n_targets)
    covariances : ndarray of shape (n_components, n_targets, n_targets)

    Returns
    -------
    covariance : ndarray of shape (n_frames, n_targets, n_targets)
    """
    spread = np.sqrt(resp)[:, :, None] * (E - mean[:, None])
    return np.tensordot(resp, covariances, axes=1) + spread.swapaxes(1, 2) @ spread


class JointGMMRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Map frames to frames by a Gaussian mixture of both, z = [x; y].

    The classic of parallel voice conversion: a soft partition of the frames with one linear
    regression in every part.

    Parameters
    ----------
    n_components : int, default=8
        Number of Gaussians. With some thousand frames of static features 8 to 16 are best.
    covariance_type : {"full", "diag"}, default="full"
        Shape of the joint covariances. "diag" has no cross-covariance: the prediction is the
        posterior-weighted mean of targets, a soft codebook.
    reg_covar : float, default=1e-3
        Added to every variance, as a fraction of that feature's variance over all frames, so
        that units do not matter. It works as a ridge.
    max_iter : int, default=100
        Largest number of EM iterations.
    tol : float, default=1e-3
        EM stops when the mean log-likelihood of a frame gains less, nats.
    n_init : int, default=1
        Number of k-means starts; the best likelihood wins.
    random_state : int, RandomState or None, default=None
        Seed of the k-means starts. Same seed, same bytes.
    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    weights_ : ndarray of shape (n_components,)
        May be shorter than asked, with a warning, when distinct frames are too few.
    means_x_ : ndarray of shape (n_components, n_features)
    means_y_ : ndarray of shape (n_components, n_targets)
    covariances_ : ndarray of shape (n_components, n_features + n_targets, \
            n_features + n_targets), or (n_components, n_features + n_targets) for "diag"
        Joint covariances.
    coef_ : ndarray of shape (n_components, n_targets, n_features)
        Regression matrix of every component.
    conditional_covariances_ : ndarray of shape (n_components, n_targets, n_targets)
        Covariance of y given x within every component.
    log_likelihood_ : ndarray of shape (n_iter_,)
        Mean log-likelihood of a frame at each iteration, nats, less the penalty that
        `reg_covar` stands for; never decreases.
    lower_bound_ : float
        Its last value.
    n_iter_ : int
    converged_ : bool
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X has column names.

    Notes
    -----
    ``P(m|x) ~ w_m N(x; mu_m^x, S_m^xx)``,
    ``y(x) = sum_m P(m|x) (mu_m^y + S_m^yx (S_m^xx)^-1 (x - mu_m^x))``.
    EM and prediction work in float64 whatever comes in, since covariances square the
    condition of the data; predictions have the dtype of X.

    References
    ----------
    .. [1] Y. Stylianou, O. Cappe, E. Moulines, "Continuous probabilistic transform for voice
       conversion", IEEE Trans. Speech Audio Process. 6(2), 1998.
       https://doi.org/10.1109/89.661472
    .. [2] A. Kain, M. W. Macon, "Spectral voice conversion for text-to-speech synthesis",
       ICASSP 1998. https://doi.org/10.1109/ICASSP.1998.674423

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import JointGMMRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(-2, 2, size=(500, 1))
    >>> y = np.abs(X) + 0.01 * rng.normal(size=(500, 1))
    >>> model = JointGMMRegressor(n_components=4, random_state=0).fit(X, y)
    >>> model.predict([[-1.0], [1.0]]).round(1)
    array([[1.],
           [1.]])
    >>> mean, std = model.predict(X, return_std=True)
    >>> std.shape
    (500, 1)
    """

    def __init__(
        self,
        n_components=8,
        *,
        covariance_type="full",
        reg_covar=1e-3,
        max_iter=100,
        tol=1e-3,
        n_init=1,
        random_state=None,
        verbose=0,
    ):
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.tol = tol
        self.n_init = n_init
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y):
        """Fit the joint mixture.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Source frames.
        y : array-like of shape (n_frames, n_targets) or (n_frames,)
            Target frames, aligned with those of X.

        Returns
        -------
        self : JointGMMRegressor

        Raises
        ------
        ValueError
            When there are fewer frames than components, or a parameter is out of range.

        Warns
        -----
        ConvergenceWarning
            When components were left without frames, or `max_iter` came before `tol`.
        """
        self._check_parameters()
        X, y = validate_data(
            self,
            X,
            y,
            dtype=[np.float64, np.float32],
            multi_output=True,
            y_numeric=True,
            ensure_min_samples=2,
        )
        self._single_target = y.ndim == 1
        mixture = fit_mixture(
            np.column_stack([X, y]),
            self.n_components,
            covariance_type=self.covariance_type,
            reg_covar=self.reg_covar,
            max_iter=self.max_iter,
            tol=self.tol,
            n_init=self.n_init,
            random_state=self.random_state,
            verbose=self.verbose,
        )
        self.weights_, self.covariances_ = mixture.weights, mixture.covariances
        self.means_x_, self.means_y_ = np.split(mixture.means, [X.shape[1]], axis=1)
        self.coef_, self.conditional_covariances_, self._factor_x = condition(
            SHAPES[self.covariance_type].dense(self.covariances_), X.shape[1]
        )
        self.log_likelihood_ = mixture.log_likelihood
        self.lower_bound_ = float(mixture.log_likelihood[-1])
        self.n_iter_ = len(mixture.log_likelihood)
        self.converged_ = mixture.converged
        return self

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
            The dtype is that of X.
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
        for start in range(0, len(X), _BLOCK_ROWS):
            block = slice(start, start + _BLOCK_ROWS)
            frames = X[block].astype(np.float64)
            resp, _ = self._posteriors(frames)
            E = expectations(frames, self.means_x_, self.means_y_, self.coef_)
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
            resp[block] = self._posteriors(X[block].astype(np.float64))[0]
        return resp

    def _check_frames(self, X):
        check_is_fitted(self)
        return validate_data(self, X, reset=False, dtype=[np.float64, np.float32])

    def _posteriors(self, frames):
        return posteriors(frames, self.weights_, self.means_x_, self._factor_x)

    def _check_parameters(self):
        for name in ("n_components", "max_iter", "n_init"):
            check_scalar(getattr(self, name), name, Integral, min_val=1)
        for name in ("reg_covar", "tol"):
            check_scalar(getattr(self, name), name, Real, min_val=0)
        if self.covariance_type not in SHAPES:
            raise ValueError(
                f"covariance_type must be one of {sorted(SHAPES)}, got {self.covariance_type!r}."
            )
