"""Match mean and variance: the classic map of log-F0."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ..exceptions import UnvoicedClipWarning

# Quartiles of a normal distribution are so many standard deviations apart.
QUARTILES = 1.3489795


def mean_and_std(A):
    """Mean and standard deviation of every column, in float64; nan where spread is unknown.

    Parameters
    ----------
    A : ndarray of shape (n_frames, n_columns)
        At least one frame.

    Returns
    -------
    mean, std : ndarrays of shape (n_columns,)
        ``std`` is 0 for a constant column, and nan when there is one frame only.
    """
    constant = A.max(axis=0) == A.min(axis=0)
    mean = np.where(constant, A[0], A.mean(axis=0, dtype=np.float64))
    std = np.where(constant, 0.0, A.std(axis=0, dtype=np.float64))
    return mean, std if len(A) > 1 else np.full_like(std, np.nan)


def median_and_spread(A):
    """Median and interquartile range of every column, as mean and deviation of a normal one.

    Parameters
    ----------
    A : ndarray of shape (n_frames, n_columns)
        At least one frame.

    Returns
    -------
    mean, std : ndarrays of shape (n_columns,)
        As :func:`mean_and_std`.
    """
    low, middle, high = np.quantile(A, [0.25, 0.5, 0.75], axis=0)
    spread = (high - low) / QUARTILES
    return middle, spread if len(A) > 1 else np.full_like(spread, np.nan)


def slope(std_x, std_y):
    """``std_y / std_x``, and 1 where that says nothing: constant x, or a single frame."""
    known = (std_x > 0) & np.isfinite(std_y)
    return np.where(known, std_y / np.where(known, std_x, 1.0), 1.0)


def standardised_average(X, mean, std):
    """Average of the standardised columns of X, (n_frames,); a constant column adds 0."""
    known = std > 0
    return ((X - mean) * known / np.where(known, std, 1.0)).mean(axis=1, dtype=np.float64)


class MeanVarianceRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Give every column the mean and the variance of its target.

    For log-F0 this is the log-Gaussian normalised transformation: pitch moves to the target
    speaker's register and range and keeps its contour. It needs no alignment: only the
    statistics of both sides count.

    Parameters
    ----------
    voicing_column : int or None, default=None
        Column of X and of y that holds a 0/1 voicing flag. Frames whose flag is below 0.5 are
        left out of the statistics, on each side by its own flag; all frames are mapped; the
        flag itself passes through from X unchanged.
    robust : bool, default=False
        True measures medians and interquartile ranges, which a pitch tracker's octave errors
        and creaky ends of sentences hardly move. A column whose middle half is constant counts
        as constant.

    Attributes
    ----------
    mean_x_, std_x_ : ndarrays of shape (n_features,)
        Statistics of the (voiced) frames of X.
    mean_y_, std_y_ : ndarrays of shape (n_targets,)
        Statistics of the (voiced) frames of y.
    scale_ : ndarray of shape (n_targets,)
        Slopes.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X has column names.

    Notes
    -----
    ``y = std_y / std_x (x - mean_x) + mean_y`` column by column, with slope 1 where x is
    constant or one side has a single frame. The input of log-F0 is in log(Hz) already.

    When X and y differ in their number of columns, no column has a target of its own, and
    each target is driven by one common signal: the average of the standardised columns of X,
    scaled to the target's mean and variance. A single column of X thus drives all targets.

    References
    ----------
    .. [1] T. Toda, A. W. Black, K. Tokuda, "Voice conversion based on maximum-likelihood
       estimation of spectral parameter trajectory", IEEE Trans. Audio Speech Lang. Process.
       15(8), 2007. https://doi.org/10.1109/TASL.2007.907344

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import MeanVarianceRegressor
    >>> lf0_x = np.log([[100.0], [110.0], [121.0]])
    >>> lf0_y = np.log([[200.0], [220.0], [242.0]])
    >>> model = MeanVarianceRegressor().fit(lf0_x, lf0_y)
    >>> np.exp(model.predict(np.log([[105.0]]))).round(1)
    array([[210.]])
    """

    def __init__(self, *, voicing_column=None, robust=False):
        self.voicing_column = voicing_column
        self.robust = robust

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags

    def fit(self, X, y):
        """Measure means and variances.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Source frames.
        y : array-like of shape (n_frames, n_targets) or (n_frames,)
            Target frames; with `voicing_column` as many columns as X.

        Returns
        -------
        self : MeanVarianceRegressor

        Raises
        ------
        ValueError
            When `voicing_column` is not a column of X, or y lacks it.

        Warns
        -----
        UnvoicedClipWarning
            When a side has no voiced frame: the map is then the identity.
        """
        X, y = validate_data(
            self,
            X,
            y,
            dtype=[np.float64, np.float32],
            multi_output=True,
            y_numeric=True,
        )
        self._single_target = y.ndim == 1
        y = y.reshape(len(y), -1)
        if self.voicing_column is None:
            self._fit_statistics(X, y)
        else:
            self._fit_voiced(X, y)
        return self

    def _fit_statistics(self, X, y):
        measure = median_and_spread if self.robust else mean_and_std
        self.mean_x_, self.std_x_ = measure(X)
        self.mean_y_, self.std_y_ = measure(y)
        std = self.std_x_
        self._common_mean = 0.0
        if X.shape[1] != y.shape[1]:
            common = standardised_average(X, self.mean_x_, self.std_x_)
            self._common_mean, std = measure(common[:, None])
        self.scale_ = slope(std, self.std_y_)

    def _fit_voiced(self, X, y):
        flag = self._check_voicing_column(X, y)
        voiced_x, voiced_y = (A[A[:, flag] >= 0.5] for A in (X, y))
        if len(voiced_x) and len(voiced_y):
            self._fit_statistics(voiced_x, voiced_y)
        else:
            side = "y" if len(voiced_x) else "X"
            warnings.warn(
                f"{side} has no voiced frame (column {flag} is below 0.5 in all {len(X)} "
                "frames): the fitted map is the identity.",
                UnvoicedClipWarning,
                stacklevel=3,
            )
            self.mean_x_, self.mean_y_ = np.zeros((2, X.shape[1]))
            self.std_x_, self.std_y_, self.scale_ = np.ones((3, X.shape[1]))
        # With these the affine map returns the flag to the last bit.
        self.mean_x_[flag] = self.mean_y_[flag] = 0.0
        self.std_x_[flag] = self.std_y_[flag] = self.scale_[flag] = 1.0

    def _check_voicing_column(self, X, y):
        flag, n_columns = self.voicing_column, X.shape[1]
        if not isinstance(flag, Integral) or isinstance(flag, bool):
            raise TypeError(f"voicing_column must be an int or None, got {flag!r}.")
        if not -n_columns <= flag < n_columns:
            raise ValueError(f"voicing_column={flag} is not one of the {n_columns} columns of X.")
        if y.shape[1] != n_columns:
            raise ValueError(
                f"With voicing_column={flag}, y needs the columns of X, the flag among them: X "
                f"has {n_columns} columns and y has {y.shape[1]}."
            )
        return int(flag) % n_columns

    def predict(self, X):
        """Map frames, voiced or not, by the fitted statistics.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)

        Returns
        -------
        y : ndarray of shape (n_frames, n_targets), or (n_frames,) after a 1-D y in fit
            The dtype is that of X.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when X is not finite, or has another number of columns than that of
            ``fit``.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        if len(self.mean_x_) == len(self.mean_y_):
            y = (X - self.mean_x_) * self.scale_ + self.mean_y_
        else:
            common = standardised_average(X, self.mean_x_, self.std_x_)
            y = (common[:, None] - self._common_mean) * self.scale_ + self.mean_y_
        y = y.astype(X.dtype, copy=False)
        return y[:, 0] if self._single_target else y
