"""Regression by warps of the frequency axis, one for every class of frames."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, check_scalar
from sklearn.utils.metaestimators import available_if

from ._allpass import block_warping_matrix, fit_alpha
from ._dfw import fit_paths
from ._gate import GaussianGate
from ._gated_linear import GatedLinearRegressor
from ._gaussians import prepare
from ._joint_frames import affordable_components
from ._mixture import fit_mixture, warn_about
from ._weighted_regression import class_moments

WARPS = ("allpass", "dfw")
# How many leading coefficients of a block a bias may move; None: all.
RESIDUALS = {"bias": None, "tilt": 1, "none": 0}

# On held-out speech more classes gained little.
_MAX_COMPONENTS = 128
# One shape for all classes told many of them apart better than full covariances, in a tenth of
# the time, and after a few steps of EM as well as after a hundred.
_COVARIANCE_TYPE, _REG_COVAR, _MAX_ITER = "tied", 0.03, 10
# Classes that matter so little beside the first of a frame are dropped: three of 128 are left.
_NEGLIGIBLE = 0.01


def outer(a, b):
    """Outer product of the rows of two matrices, one for each row."""
    return a[:, :, None] * b[:, None]


def _is_allpass(model):
    if model.warp != "allpass":
        raise AttributeError(f'warping needs warp="allpass", got {model.warp!r}.')
    return True


class FrequencyWarpingRegressor(GatedLinearRegressor):
    """Move the formants of every frame, add a bias, and leave all else alone.

    A voice differs from another by the length of its vocal tract first: formants sit higher or
    lower. Here every class of frames has a warp of the frequency axis, and a bias, which
    moves the mean of the class to where it is in the target. What a frame has beside the mean
    of its class is warped but never averaged: the details of the source stay, where regression
    would smooth them away.

    Parameters
    ----------
    warp : {"allpass", "dfw"}, default="allpass"
        "allpass": the warp of a first-order all-pass filter, one number a class. "dfw":
        dynamic frequency warping, any monotone warp.
    n_components : int or "auto", default="auto"
        Number of classes: the components of a Gaussian mixture of X, with a covariance in
        common. "auto" takes a power of two that the number of frames can feed, up to 128.
    residual : {"bias", "tilt", "none"}, default="bias"
        What is done about the gap between warped source and target, in every class. "bias"
        closes it. "tilt" adds a spectral tilt only, a bias of c_1. "none" warps and does
        nothing else. Between voices of one sex, the last two change little.
    diagonal_weight : float, default=1.5
        For "dfw": cost of going on by a bin on both sides, from 1 to below 2. Near 1 warps
        stay near none; near 2 they find closer bins, pass some over and average others,
        which smooths spectra.
    order : int, optional
        Number of columns that are one cepstrum. Inside a
        :class:`~skstyle.trajectory.TrajectoryRegressor`, and so in
        :func:`~skstyle.compose.make_voice_converter` too, X is [statics, differences]: pass the
        number of statics, and either is warped alone, by one warp. By default all columns are
        one cepstrum.
    random_state : int, RandomState or None, default=None
        Seed of the classes. Same seed, same bytes.

    Attributes
    ----------
    alpha_ : ndarray of shape (n_components,)
        With "allpass": the all-pass constants, in [-0.2, 0.2]; positive moves formants up.
    warping_path_ : ndarray of shape (n_components, n_bins)
        With "dfw": the source bin that every target bin gets, or the mean of several. Bins are
        equal bands of the cepstra's frequency axis, from 0 to half the sample rate.
    coef_ : ndarray of shape (n_components, n_targets, n_features)
        Matrix of every class.
    intercept_ : ndarray of shape (n_components, n_targets)
        Offset of every class.
    weights_ : ndarray of shape (n_components,)
        Share of the training frames in every class.
    gate_ : GaussianGate
        Its ``posteriors(X)`` weigh the classes. It may have fewer than asked, with a warning,
        when distinct frames are too few.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X has column names.

    See Also
    --------
    MixtureOfLinearRegressor : Matrices of any kind, behind any gate.
    skstyle.neural.NeuralTimeVariantRegressor : A warp for every frame, beside a matrix.

    Notes
    -----
    ``y(x) = sum_m P(m|x) (A_m x + b_m)``. X and y are cepstra without c_0, the level. Their
    frequency axis may be warped already, as that of mel-cepstra is: warps of warps are warps.
    Columns beyond the shorter side count as zero there.

    * "allpass" [1]_: ``A_m = W(alpha_m)``, see :func:`warping_matrix`, with the alpha of least
      squared error over the frames of the class. Where classes overlap, their matrices are
      averaged, not their alphas.
    * "dfw" [2]_: ``A_m = C W_m S``. S makes log spectra of cepstra, C is the way back, and W_m
      follows the path of least squared distance through the bins of source and target, which
      are compared about their means where a bias is fitted too. Bins are midpoints of bands:
      their cosines are orthogonal, and C needs no regularisation as in [2]_.
    * ``b_m = mean_m(y) - A_m mean_m(x)``, weighted by P(m|x). Least squares for the biases of
      all classes at once [1]_ were no better on held-out speech.

    Classes that matter less to a frame than a hundredth of its first are left out of it.

    References
    ----------
    .. [1] D. Erro, E. Navas, I. Hernaez, "Parametric voice conversion based on bilinear
       frequency warping plus amplitude scaling", IEEE Trans. Audio Speech Lang. Process. 21(3),
       2013. doi:10.1109/TASL.2012.2227735
    .. [2] T.-C. Zorila, D. Erro, I. Hernaez, "Improving the quality of standard GMM-based voice
       conversion systems by considering physically motivated linear transformations",
       IberSPEECH 2012. doi:10.1007/978-3-642-35292-8_4

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import FrequencyWarpingRegressor, warping_matrix
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 12)) / np.arange(1, 13)
    >>> y = X @ warping_matrix(0.08, 12).T + 0.5
    >>> model = FrequencyWarpingRegressor(n_components=1).fit(X, y)
    >>> model.alpha_.round(3)
    array([0.08])
    >>> bool(np.allclose(model.predict(X), y, atol=1e-6))
    True
    """

    def __init__(
        self,
        warp="allpass",
        n_components="auto",
        *,
        residual="bias",
        diagonal_weight=1.5,
        order=None,
        random_state=None,
    ):
        self.warp = warp
        self.n_components = n_components
        self.residual = residual
        self.diagonal_weight = diagonal_weight
        self.order = order
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Columns that are no cepstra follow no warp.
        tags.regressor_tags.poor_score = True
        return tags

    def fit(self, X, y):
        """Fit the classes, then the warp and the bias of each.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Source frames: cepstra without c_0.
        y : array-like of shape (n_frames, n_targets) or (n_frames,)
            Target frames, aligned with those of X.

        Returns
        -------
        self : FrequencyWarpingRegressor

        Raises
        ------
        ValueError
            When there are fewer frames than classes, a parameter is out of range, or columns
            are no blocks of `order`.

        Warns
        -----
        ConvergenceWarning
            When there are fewer classes than asked.
        """
        self._check_parameters()
        X, y = self._check_pairs(X, y)
        n_blocks = self._count_blocks(X.shape[1], y.shape[1])
        self.gate_ = self._fit_gate(X, n_blocks)
        weights = self._weigh(X)
        self.weights_ = weights.mean(axis=0)
        self._fit_classes(class_moments(X, y, weights), n_blocks)
        return self

    def _fit_gate(self, X, n_blocks):
        n_components, n_wanted = self.n_components, 1
        if n_components == "auto":
            n_columns = X.shape[1] // n_blocks
            n_components = affordable_components(len(X), n_columns, _MAX_COMPONENTS)
        else:
            n_wanted = n_components
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            mixture = fit_mixture(
                X,
                n_components,
                covariance_type=_COVARIANCE_TYPE,
                reg_covar=_REG_COVAR,
                max_iter=_MAX_ITER,
                random_state=check_random_state(self.random_state),
            )
        warn_about(len(mixture.weights), n_wanted, n_repaired=0)
        return GaussianGate(prepare(*mixture[:4]))

    def _fit_classes(self, moments, n_blocks):
        """Warp and bias of every class, from its moments."""
        x, y = moments.mean_x, moments.mean_y
        xx, yx, yy = moments.xx, moments.yx, moments.yy
        if self.residual != "bias":
            # No bias will close the gap of the means: closing it is left to the warp.
            xx, yx, yy = xx + outer(x, x), yx + outer(y, x), yy + outer(y, y)
        self._fit_warps(xx, yx, yy, n_blocks)
        self._means_x = x
        moved = np.einsum("mqp,mp->mq", self.coef_, x)
        free = self._free_columns(y.shape[1], n_blocks)
        self._means_y = np.where(free, y, moved)
        self.intercept_ = self._means_y - moved

    def _fit_warps(self, C_xx, C_yx, C_yy, n_blocks):
        for name in ("alpha_", "warping_path_"):  # of an earlier fit
            self.__dict__.pop(name, None)
        if self.warp == "allpass":
            self.alpha_ = fit_alpha(C_xx, C_yx, n_blocks)
            self.coef_ = block_warping_matrix(self.alpha_, *C_yx.shape[1:], n_blocks)
            return
        self.coef_, self.warping_path_ = fit_paths(C_xx, C_yx, C_yy, n_blocks, self.diagonal_weight)

    def _free_columns(self, n_targets, n_blocks):
        """Which targets the bias may move."""
        free = np.zeros((n_blocks, n_targets // n_blocks), dtype=bool)
        free[:, : RESIDUALS[self.residual]] = True
        return free.ravel()

    # --- predictions ----------------------------------------------------------------------

    def _weigh(self, X):
        """Weigh the classes in every frame, most of them by zero; float64."""
        weights = self.gate_.posteriors(X)
        weights[weights < _NEGLIGIBLE * weights.max(axis=1, keepdims=True)] = 0.0
        return weights / weights.sum(axis=1, keepdims=True)

    @available_if(_is_allpass)
    def warping(self, X):
        """Give the all-pass constant of every frame, a curve to lay over the spectrogram.

        Only with ``warp="allpass"``.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)

        Returns
        -------
        alpha : ndarray of shape (n_frames,)
            ``sum_m P(m|x) alpha_m``; dtype of X. Positive where formants move up. A summary:
            what maps the frame is the mean of the matrices of its classes.
        """
        X = self._check_frames(X)
        return (self._weigh(X) @ self.alpha_).astype(X.dtype, copy=False)

    # --- checks ---------------------------------------------------------------------------

    def _check_parameters(self):
        for name, choices in (("warp", WARPS), ("residual", RESIDUALS)):
            if getattr(self, name) not in list(choices):
                raise ValueError(
                    f"{name} must be one of {sorted(choices)}, got {getattr(self, name)!r}."
                )
        if isinstance(self.n_components, str):
            if self.n_components != "auto":
                raise ValueError(
                    f"n_components must be an int or 'auto', got {self.n_components!r}."
                )
        else:
            check_scalar(self.n_components, "n_components", Integral, min_val=1)
        check_scalar(
            self.diagonal_weight,
            "diagonal_weight",
            Real,
            min_val=1.0,
            max_val=2.0,
            include_boundaries="left",
        )
        if self.order is not None:
            check_scalar(self.order, "order", Integral, min_val=1)

    def _count_blocks(self, n_features, n_targets):
        if self.order is None:
            return 1
        n_blocks, rest = divmod(n_features, self.order)
        if rest or n_blocks == 0 or n_targets % n_blocks:
            raise ValueError(
                f"order={self.order} needs columns of X that are one or more blocks of "
                f"{self.order}, and as many blocks in y; got {n_features} and {n_targets} "
                "columns. With order=None all columns are one block."
            )
        return n_blocks
