"""Fit any regressor on paired sequences of different lengths."""

import sys

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, MultiOutputMixin, RegressorMixin, clone
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted, validate_data

from ..alignment import DTWAligner
from ..utils.pairing import fit_on_paths, in_dtype_of, pair_frames, predict_sequences
from ..utils.validation import check_paired, check_sequences, is_matrix, restore_frames


def among_targets(aligner):
    """Return an aligner of converted sequences, which have the columns of the targets.

    Parameters
    ----------
    aligner : aligner
        Its ``columns_y`` and ``level_column_y``, where it has such and they are set, tell what
        the columns of the targets are.

    Returns
    -------
    aligner : aligner
        Another one where columns differ.
    """
    moved = {}
    for name in ("columns", "level_column"):
        target = getattr(aligner, f"{name}_y", None)
        if target is not None:
            moved[name] = target
    return clone(aligner).set_params(**moved) if moved else aligner


def path_distance(aligner, X, y, paths):
    """Return the mean distance on paths of the columns that an aligner compares.

    Parameters
    ----------
    aligner : aligner
        Its ``columns`` of X and ``columns_y`` of y, where it has such, are compared.
    X, y : list of arrays (n_frames, n_features)
    paths : list of int arrays (n_steps, 2)

    Returns
    -------
    distance : float
        nan where the numbers of columns differ.
    """
    columns = getattr(aligner, "columns", None)
    columns_y = getattr(aligner, "columns_y", None)
    columns = slice(None) if columns is None else columns
    columns_y = columns if columns_y is None else columns_y
    a, b = pair_frames(X, y, paths)
    a, b = a[:, columns], b[:, columns_y]
    if a.shape != b.shape:
        return np.nan
    return np.sqrt(((a - b) ** 2).sum(axis=1)).mean()


class AlignedRegressor(MetaEstimatorMixin, MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Align paired sequences, fit any regressor, convert, align again.

    Parameters
    ----------
    regressor : regressor
        Any regressor of 2-D arrays with several outputs; or one of whole sequences, whose
        ``fit`` takes ``paths``, such as :class:`~skstyle.trajectory.TrajectoryRegressor`.
    aligner : aligner, optional
        Has ``align(X, y)``; by default ``DTWAligner()``.
    n_iter : int, default=3
        Rounds of {align, fit, convert}. From the second round on, the *converted* sequences
        are aligned with the targets, which mends paths that two voices had pulled apart.
    post_filter : transformer of sequences, optional
        Fitted on the converted training sequences and the targets after the last round, and
        applied to what is predicted, such as
        :class:`~skstyle.trajectory.GlobalVarianceScaler`. Only for lists; a 2-D array of frames
        passes it by.
    verbose : int, default=0
        1 prints the distance of every round.

    Attributes
    ----------
    regressor_ : regressor
        The fitted clone of the last round.
    aligner_ : aligner
    paths_ : list of int arrays (n_steps, 2)
        Frames of ``X[i]`` and ``y[i]`` that the last round paired. Only after lists.
    distortion_ : ndarray of shape (n_iter,)
        Mean distance on the paths that every round was fitted on, in units of the features
        that the aligner compares; nan where it compares other numbers of them in X and y, as
        the first round of :class:`~skstyle.alignment.CTWAligner` may. Only after lists.
    post_filter_ : transformer
        Only with `post_filter`, after lists.
    n_features_in_ : int

    Notes
    -----
    A plain 2-D array of frames is taken as aligned already: the regressor is fitted once.

    References
    ----------
    .. [1] T. Toda, A. W. Black and K. Tokuda, "Voice conversion based on maximum-likelihood
       estimation of spectral parameter trajectory", IEEE Trans. ASLP 15, 2007.
       doi:10.1109/TASL.2007.907344

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from skstyle.compose import AlignedRegressor
    >>> X = [np.array([[0.0], [1.0], [2.0]])]
    >>> y = [np.array([[0.0], [0.0], [1.0], [2.0]])]
    >>> model = AlignedRegressor(Ridge(alpha=1e-9)).fit(X, y)
    >>> model.predict(X)[0].ravel().round(3) + 0.0
    array([0., 1., 2.])
    """

    def __init__(self, regressor, *, aligner=None, n_iter=3, post_filter=None, verbose=0):
        self.regressor = regressor
        self.aligner = aligner
        self.n_iter = n_iter
        self.post_filter = post_filter
        self.verbose = verbose

    def fit(self, X, y):
        """Align and fit.

        Parameters
        ----------
        X, y : list of arrays (n_frames, n_features), 1-D object arrays, or 2-D arrays
            Paired sequences of any lengths; or frames paired already.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            When X and y do not have as many sequences, a sequence is empty, not finite or of other
            columns than the first, or `n_iter` is no positive integer.
        """
        if self.n_iter < 1 or self.n_iter != int(self.n_iter):
            raise ValueError(f"n_iter must be a positive integer, got {self.n_iter!r}.")
        self.aligner_ = DTWAligner() if self.aligner is None else clone(self.aligner)
        for name in ("paths_", "distortion_", "post_filter_"):
            self.__dict__.pop(name, None)  # of an earlier fit on lists
        if is_matrix(X):
            X, y = validate_data(self, X, y, multi_output=True, dtype=[np.float64, np.float32])
            self.regressor_ = clone(self.regressor).fit(X, y)
            return self
        X = check_sequences(X, estimator=self, reset=True).items
        y = check_sequences(y, name="y").items
        check_paired(X, y)
        self.distortion_ = np.empty(int(self.n_iter))
        moved, aligner = X, self.aligner_
        for r in range(int(self.n_iter)):
            self.paths_ = aligner.align(moved, y)
            self.distortion_[r] = path_distance(aligner, moved, y, self.paths_)
            if self.verbose:
                print(
                    f"round {r + 1} of {self.n_iter}: distance {self.distortion_[r]:.4g}",
                    file=sys.stderr,
                )
            self.regressor_ = fit_on_paths(clone(self.regressor), X, y, self.paths_)
            if r + 1 < self.n_iter:
                moved, aligner = predict_sequences(self.regressor_, X), among_targets(aligner)
        if self.post_filter is not None:
            converted = predict_sequences(self.regressor_, X)
            self.post_filter_ = clone(self.post_filter).fit(converted, y)
        return self

    def predict(self, X):
        """Convert every frame.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array of frames

        Returns
        -------
        y : list of arrays (n_frames, n_targets)
            In the kind of container that X is, in its dtype; as many frames as X has.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a sequence is empty or not finite, or when it has another number of
            columns than those of ``fit``.
        """
        check_is_fitted(self)
        if is_matrix(X):
            X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
            return in_dtype_of(self.regressor_.predict(X), X)
        clips = check_sequences(X, estimator=self)
        found = predict_sequences(self.regressor_, clips.items)
        if hasattr(self, "post_filter_"):
            found = self.post_filter_.transform(found)
        found = in_dtype_of(found, clips.items)
        return restore_frames(found, X, clips.kind, clips.trail)

    def score(self, X, y, sample_weight=None):
        """Return R² of the converted frames, aligned with the targets first.

        Parameters
        ----------
        X, y : as in fit
        sample_weight : array of shape (n_frames,), optional
            Only for plain frames.

        Returns
        -------
        score : float
        """
        predicted = self.predict(X)
        if is_matrix(X):
            return r2_score(y, predicted, sample_weight=sample_weight)
        if sample_weight is not None:
            raise ValueError(
                "sample_weight has one weight a frame, but an alignment repeats frames of "
                "sequences: leave it out, or score frames that are paired already."
            )
        predicted, y = check_sequences(predicted).items, check_sequences(y, name="y").items
        check_paired(predicted, y)
        paths = among_targets(self.aligner_).align(predicted, y)
        found, wanted = pair_frames(predicted, y, paths)
        return r2_score(wanted, found)
