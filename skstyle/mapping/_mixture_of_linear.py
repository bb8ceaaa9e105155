"""Regression by one linear map in every class of frames, weighted by a gate."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state, check_scalar

from ._allpass import block_warping_matrix, fit_alpha
from ._gate import check_gate, fit_gate
from ._gated_linear import GatedLinearRegressor
from ._moments import spread_of
from ._weighted_regression import (
    banded_matrices,
    class_moments,
    full_matrices,
    lean_on_common,
)

STRUCTURES = ("full", "diag", "tridiag", "warp")


class MixtureOfLinearRegressor(GatedLinearRegressor):
    """Map every frame by a matrix of its own: a weighted sum of those of a few classes.

    A gate looks at the source frame and weighs the classes; every class has a matrix and an
    offset by weighted least squares. Soft weights change the matrix smoothly along time.

    Parameters
    ----------
    n_components : int, default=8
        Number of classes. A clusterer given as gate brings its own.
    gate : {"gmm", "kmeans"}, classifier or clusterer, default="gmm"
        How classes are told. "gmm": by the posteriors of a Gaussian mixture of X [1]_.
        "kmeans": hard, by the nearest centre [2]_. A scikit-learn classifier learns to tell from
        X the clusters that k-means finds among frames of [X, y]. A clusterer or mixture is
        fitted to X. Estimators are cloned; where they have ``predict_proba`` it gives the
        weights, otherwise ``predict`` gives hard classes.
    ridge : float, default=1000.0
        Pulls the matrices towards each other: the covariances that all classes have in common
        count in every class as so many frames. 0 leaves every class alone, infinity gives all
        one matrix. Units of X and y do not matter.
    structure : {"full", "diag", "tridiag", "warp"}, default="full"
        What the matrices may be. "diag": target d sees feature d only. "tridiag": and its
        neighbours d - 1 and d + 1. "warp": the warp of the frequency axis of cepstra by an
        all-pass filter, one number a class, see :func:`warping_matrix`.
    order : int, optional
        Number of columns that belong together. Inside a
        :class:`~skstyle.trajectory.TrajectoryRegressor` columns are [statics, differences]:
        with ``order`` the number of statics, either is banded or warped alone. By default all
        columns are one block. The full structure does not need it.
    random_state : int, RandomState or None, default=None
        Seed of the gate. Same seed, same bytes.

    Attributes
    ----------
    coef_ : ndarray of shape (n_components, n_targets, n_features)
        Matrix of every class.
    intercept_ : ndarray of shape (n_components, n_targets)
        Offset of every class.
    alpha_ : ndarray of shape (n_components,)
        With "warp": the all-pass constant of every class; positive moves formants up.
    weights_ : ndarray of shape (n_components,)
        Share of the training frames in every class.
    gate_ : object
        The fitted gate. It may have fewer classes than asked, with a warning, when distinct
        frames are too few.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X has column names.

    See Also
    --------
    FrequencyWarpingRegressor : Warps by more ways, with classes made for them.
    JointGMMRegressor : Classes that source and target choose together.
    LocallyLinearRegressor : A matrix out of the nearest pairs of every frame.

    Notes
    -----
    ``y(x) = sum_m P(m|x) (A_m x + b_m)``. Every class is fitted alone, to frames weighted by
    P(m|x) [3]_: ``A_m = S_m^yx (S_m^xx)^-1``, ``b_m = mean_m(y) - A_m mean_m(x)``, where
    ``S_m = (N_m C_m + ridge C) / (N_m + ridge)`` mixes the covariances C_m of the N_m frames of
    the class with C, the mean over all frames of covariances within classes. With a single
    class this is ordinary least squares. Least squares for all classes at once [1]_ were no
    better on held-out speech, at many times the cost.

    With "diag" and "tridiag", targets beyond the columns of X see no feature: they are the
    weighted means of their classes.

    References
    ----------
    .. [1] Y. Stylianou, O. Cappe, E. Moulines, "Continuous probabilistic transform for voice
       conversion", IEEE Trans. Speech Audio Process. 6(2), 1998. doi:10.1109/89.661472
    .. [2] H. Valbret, E. Moulines, J. P. Tubach, "Voice transformation using PSOLA technique",
       Speech Commun. 11(2-3), 1992. doi:10.1016/0167-6393(92)90012-V
    .. [3] H. Ye, S. Young, "Quality-enhanced voice morphing using maximum likelihood
       transformations", IEEE Trans. Audio Speech Lang. Process. 14(4), 2006.
       doi:10.1109/TSA.2005.860839

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import MixtureOfLinearRegressor
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> model = MixtureOfLinearRegressor(2, gate="kmeans", ridge=0, random_state=0)
    >>> model.fit(X, np.abs(X)).predict([[-0.5], [0.25]]).round(3)
    array([[0.5 ],
           [0.25]])
    >>> A, b = model.transition([[-0.5], [0.25]])
    >>> A.ravel().round(2)
    array([-1.,  1.])
    """

    def __init__(
        self,
        n_components=8,
        *,
        gate="gmm",
        ridge=1000.0,
        structure="full",
        order=None,
        random_state=None,
    ):
        self.n_components = n_components
        self.gate = gate
        self.ridge = ridge
        self.structure = structure
        self.order = order
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Targets that look at one column of X cannot know the others.
        tags.regressor_tags.poor_score = self.structure != "full"
        return tags

    def fit(self, X, y):
        """Fit the gate, then the map of every class.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Source frames.
        y : array-like of shape (n_frames, n_targets) or (n_frames,)
            Target frames, aligned with those of X.

        Returns
        -------
        self : MixtureOfLinearRegressor

        Raises
        ------
        ValueError
            When there are fewer frames than classes, a parameter is out of range, or columns
            are no blocks of `order`.
        TypeError
            When `gate` is no estimator that can weigh classes.

        Warns
        -----
        ConvergenceWarning
            When there are fewer classes than asked.
        """
        self._check_parameters()
        X, y = self._check_pairs(X, y)
        n_blocks = self._count_blocks(X.shape[1], y.shape[1])
        rng = check_random_state(self.random_state)
        self.gate_ = fit_gate(self.gate, X, y, self.n_components, rng)
        spread = spread_of(X)
        moments = class_moments(spread.standardise(X), y, self.gate_.posteriors(X))
        self.weights_ = moments.mass / moments.mass.sum()
        self._fit_matrices(lean_on_common(moments, self.ridge), spread.scale, n_blocks)
        self._means_x = moments.mean_x * spread.scale + spread.mean
        self._means_y = moments.mean_y
        self.intercept_ = self._means_y - np.einsum("mqp,mp->mq", self.coef_, self._means_x)
        return self

    def _fit_matrices(self, moments, scale, n_blocks):
        """Matrices in the units of the data, from moments of standardised features."""
        self.__dict__.pop("alpha_", None)  # of an earlier fit
        xx, yx = moments.xx, moments.yx
        if self.structure == "warp":
            # A warp knows no units but those of cepstra.
            self.alpha_ = fit_alpha(xx * np.outer(scale, scale), yx * scale, n_blocks)
            self.coef_ = block_warping_matrix(self.alpha_, *yx.shape[1:], n_blocks)
        elif self.structure == "full":
            self.coef_ = full_matrices(xx, yx) / scale
        else:
            n_neighbors = int(self.structure == "tridiag")
            self.coef_ = banded_matrices(xx, yx, n_neighbors, n_blocks) / scale

    # --- checks ---------------------------------------------------------------------------

    def _check_parameters(self):
        check_scalar(self.n_components, "n_components", Integral, min_val=1)
        check_scalar(self.ridge, "ridge", Real, min_val=0)
        if self.structure not in STRUCTURES:
            raise ValueError(
                f"structure must be one of {sorted(STRUCTURES)}, got {self.structure!r}."
            )
        if self.order is not None:
            check_scalar(self.order, "order", Integral, min_val=1)
        check_gate(self.gate)

    def _count_blocks(self, n_features, n_targets):
        if self.order is None or self.structure == "full":
            return 1
        if n_features != n_targets or n_features % self.order:
            raise ValueError(
                f"order={self.order} needs X and y of the same columns, one or more blocks of "
                f"{self.order}, got {n_features} and {n_targets}. With order=None all columns "
                "are one block."
            )
        return n_features // self.order
