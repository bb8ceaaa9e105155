"""Regression by a Gaussian mixture of source and target frames together."""

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from ..utils.validation import refuse_sequences
from . import _shapes
from ._conditional import condition
from ._conditional_mixture import ConditionalMixtureMixin
from ._gaussians import prepare
from ._joint_adaptation import AdaptationMixin
from ._joint_checks import check_continuation, check_parameters
from ._joint_density import JointDensityMixin
from ._joint_frames import Layout, affordable_components, fit_by_bic
from ._mixture import fit_mixture, warn_about
from ._stepwise import Progress, step


class JointGMMRegressor(
    ConditionalMixtureMixin,
    JointDensityMixin,
    AdaptationMixin,
    MultiOutputMixin,
    RegressorMixin,
    BaseEstimator,
):
    """Map frames to frames by a Gaussian mixture of both, z = [x; y].

    The classic of parallel voice conversion: a soft partition of the frames with one linear
    regression in every part.

    Parameters
    ----------
    n_components : int, "auto" or "bic", default=8
        Number of Gaussians. "auto" takes a power of two that the number of frames can feed: one
        for about 12 frames a column of [x; y], which was near the best for speech. "bic" doubles
        it from 1 as long as the Bayesian information criterion falls.
    covariance_type : {"full", "tied", "block_diag", "diag"}, default="full"
        Shape of the joint covariances. "tied": all components share one full covariance, so
        that all regressions have one slope. "block_diag": column d of X goes with column d of
        y and with no other. "diag" has no cross-covariance: the prediction is the
        posterior-weighted mean of targets, a soft codebook.
    mode : {"direct", "differential"}, default="direct"
        What `predict` and `score` are about: y, or the difference y - x, with which the source
        can be filtered. X and y need the same columns for it. The fit is the same.
    reg_covar : float, default=1e-3
        Added to every variance, as a fraction of that feature's variance over all frames, so
        that units do not matter. It works as a ridge.
    max_iter : int, default=100
        Largest number of EM iterations.
    tol : float, default=1e-3
        EM stops when the mean log-likelihood of a frame gains less, nats.
    n_init : int, default=1
        Number of starts; the best likelihood wins.
    init : {"k-means++", "random"}, default="k-means++"
        Start from clusters of k-means, or from frames drawn at random.
    max_components : int, default=32
        Largest number that "auto" and "bic" choose.
    learning_decay : float, default=0.7
        In `partial_fit`, how fast new batches lose weight: between 0.5 (exclusive) and 1.
    learning_offset : float, default=2.0
        In `partial_fit`, larger values give the first batches less weight; at least 1.
    warm_start : bool, default=False
        Whether a second `fit` starts from the mixture of the first.
    random_state : int, RandomState or None, default=None
        Seed of the starts and of `sample_y`. Same seed, same bytes.
    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    weights_ : ndarray of shape (n_components,)
        May be shorter than asked, with a warning, when distinct frames are too few.
    means_x_ : ndarray of shape (n_components, n_features)
    means_y_ : ndarray of shape (n_components, n_targets)
    covariances_ : ndarray
        Joint covariances. "full": (n_components, n_columns, n_columns), where n_columns is
        n_features + n_targets. "tied": (n_columns, n_columns). "diag": (n_components,
        n_columns). "block_diag": (n_components, max(n_features, n_targets), 2, 2), with a
        variance of 1 and no covariance in place of missing partners.
    coef_ : ndarray of shape (n_components, n_targets, n_features)
        Regression matrix of every component, of the difference in differential mode.
    conditional_covariances_ : ndarray of shape (n_components, n_targets, n_targets)
        Covariance of y given x within every component, which is that of y - x too.
    log_likelihood_ : ndarray
        Mean log-likelihood of a frame at each iteration, nats, less the penalty that
        `reg_covar` stands for; never decreases, for float32 beyond 1e-4. After a repair of
        components it starts anew. After `partial_fit` one value a batch: what the batch was
        worth before it was learned.
    lower_bound_ : float
        Its last value.
    n_iter_ : int
        Number of iterations, or of batches.
    converged_ : bool
    bic_path_ : dict of int to float
        With "bic": its value for every number of components tried.
    n_samples_seen_ : int
        Number of frames learned, over all calls of `partial_fit`.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X has column names.
    adaptation_ : Adaptation
        After `adapt`: the affine map from frames of the new voice to the old.

    Notes
    -----
    ``P(m|x) ~ w_m N(x; mu_m^x, S_m^xx)``,
    ``y(x) = sum_m P(m|x) (mu_m^y + S_m^yx (S_m^xx)^-1 (x - mu_m^x))`` [1]_ [2]_.
    The mixture of [x; y - x] is a linear map of that of [x; y] [3]_: its prediction is
    ``y(x) - x``.

    With float32 X the products over frames of `fit` are float32 and all sums float64, unless
    `reg_covar` is below 1e-4 or a frame is farther than about ``900 sqrt(reg_covar)`` standard
    deviations from the mean; prediction works in float64 whatever comes in. Predictions have
    the dtype of X. As many threads work as BLAS has (see ``threadpoolctl``); the bytes do not
    depend on their number.

    References
    ----------
    .. [1] Y. Stylianou, O. Cappe, E. Moulines, "Continuous probabilistic transform for voice
       conversion", IEEE Trans. Speech Audio Process. 6(2), 1998.
       https://doi.org/10.1109/89.661472
    .. [2] A. Kain, M. W. Macon, "Spectral voice conversion for text-to-speech synthesis",
       ICASSP 1998. https://doi.org/10.1109/ICASSP.1998.674423
    .. [3] K. Kobayashi, T. Toda, G. Neubig, S. Sakti, S. Nakamura, "Statistical singing voice
       conversion with direct waveform modification based on the spectrum differential",
       Interspeech 2014. https://doi.org/10.21437/Interspeech.2014-539

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
        mode="direct",
        reg_covar=1e-3,
        max_iter=100,
        tol=1e-3,
        n_init=1,
        init="k-means++",
        max_components=32,
        learning_decay=0.7,
        learning_offset=2.0,
        warm_start=False,
        random_state=None,
        verbose=0,
    ):
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.mode = mode
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.tol = tol
        self.n_init = n_init
        self.init = init
        self.max_components = max_components
        self.learning_decay = learning_decay
        self.learning_offset = learning_offset
        self.warm_start = warm_start
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
            When there are fewer frames than components, a parameter is out of range, or a
            warm start does not fit.

        Warns
        -----
        ConvergenceWarning
            When components were repaired or dropped, or `max_iter` came before `tol`.
        """
        check_parameters(self)
        X, y = self._check_pairs(X, y, reset=True)
        layout = self._layout_of(X, y)
        for name in ("bic_path_", "adaptation_"):  # of an earlier fit
            self.__dict__.pop(name, None)
        start, n_components = None, self.n_components
        if self.warm_start and hasattr(self, "weights_"):
            start, n_components = self._warm_mixture(layout), len(self.weights_)
        parameters = {
            "covariance_type": self.covariance_type,
            "reg_covar": layout.reg_covar(self.reg_covar),
            "max_iter": self.max_iter,
            "tol": self.tol,
            "n_init": self.n_init,
            "init": self.init,
            "random_state": self.random_state,
            "verbose": self.verbose,
        }
        joint = layout.join(X, y)
        if n_components == "auto":
            n_components = affordable_components(*joint.shape, self.max_components)
        if n_components == "bic":
            mixture, self.bic_path_ = fit_by_bic(joint, layout, self.max_components, **parameters)
        else:
            mixture = fit_mixture(joint, n_components, start=start, **parameters)
        self._single_target = y.ndim == 1
        self._asked = self.n_components, self.covariance_type
        self._store(layout, *mixture[:3])
        self._spread, self.n_samples_seen_ = mixture.spread, len(X)
        self._store_curve(layout.bound(mixture.log_likelihood))
        self.n_iter_, self.converged_ = mixture.n_iter, mixture.converged
        return self

    def partial_fit(self, X, y):
        """Learn from one more batch of frames, such as a clip, by stepwise EM.

        A corpus larger than memory is read clip by clip, several times if wanted. The first
        batch, or `fit` before, starts the components: it should hold some clips, and must hold
        `n_components` frames; "auto" and "bic" look at this batch alone.

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
            When the first batch has fewer frames than components, or columns changed.

        Warns
        -----
        ConvergenceWarning
            When components were repaired or dropped.
        """
        check_parameters(self)
        first = not hasattr(self, "weights_")
        X, y = self._check_pairs(X, y, reset=first)
        layout = self._layout_of(X, y)
        joint = layout.join(X, y)
        n_components, before, curve = self.n_components, None, []
        if first and n_components == "auto":
            n_components = affordable_components(*joint.shape, self.max_components)
        if first and n_components == "bic":
            chosen = clone(self).fit(X, y)
            n_components, self.bic_path_ = len(chosen.weights_), chosen.bic_path_
        if not first:
            mixture = self._warm_mixture(layout)
            n_components = len(self.weights_)
            before = Progress(mixture, self._spread, None, 0)
            curve = self.log_likelihood_
        after = step(
            joint,
            before,
            n_components=n_components,
            covariance_type=self.covariance_type,
            reg_covar=layout.reg_covar(self.reg_covar),
            learning_decay=self.learning_decay,
            learning_offset=self.learning_offset,
            init=self.init,
            random_state=check_random_state(self.random_state),
        )
        warn_about(len(after.mixture[0]), n_components, after.n_repaired)
        self._single_target = y.ndim == 1
        self._asked = self.n_components, self.covariance_type
        self._store(layout, *after.mixture)
        self._spread, self.n_samples_seen_ = after.spread, after.spread.n_frames
        self._store_curve(np.append(curve, layout.bound(after.bound)))
        self.n_iter_, self.converged_ = len(self.log_likelihood_), False
        return self

    def _store(self, layout, weights, means, covariances):
        self.weights_, self.covariances_ = weights, covariances
        self.means_x_, self.means_y_ = means[:, layout.x].copy(), means[:, layout.y].copy()
        full = layout.real(covariances, self.covariance_type, len(weights))
        self.coef_, self.conditional_covariances_ = condition(full, layout.n_features)
        self._targets = self.means_y_
        if self.mode == "differential":
            self.coef_ -= np.eye(layout.n_features)
            self._targets = self.means_y_ - self.means_x_
        marginal = _shapes.marginal(covariances, self.covariance_type, layout.n_features)
        self._density_x = prepare(weights, self.means_x_, *marginal)

    def _store_curve(self, curve):
        self.log_likelihood_ = curve
        self.lower_bound_ = float(curve[-1])

    def _mixture(self, layout):
        means = layout.join(self.means_x_, self.means_y_)
        return self.weights_, means, self.covariances_

    def _warm_mixture(self, layout):
        """Return the mixture to go on from, if that is possible."""
        check_continuation(self, layout)
        return self._mixture(layout)

    # --- checks ---------------------------------------------------------------------------

    def _check_pairs(self, X, y, reset):
        refuse_sequences(X)
        return validate_data(
            self,
            X,
            y,
            reset=reset,
            dtype=[np.float64, np.float32],
            multi_output=True,
            y_numeric=True,
            ensure_min_samples=2 if reset else 1,
        )

    def _layout_of(self, X, y):
        n_targets = 1 if y.ndim == 1 else y.shape[1]
        if self.mode == "differential" and n_targets != X.shape[1]:
            raise ValueError(
                "mode='differential' needs the same columns in X and y, got "
                f"{X.shape[1]} and {n_targets}. Use mode='direct'."
            )
        return Layout(X.shape[1], n_targets, self.covariance_type)
