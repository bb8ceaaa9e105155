"""Regress frames with their differences, and find the trajectory that agrees with both."""

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, MultiOutputMixin, RegressorMixin
from sklearn.model_selection import KFold
from sklearn.utils.validation import check_is_fitted, validate_data

from ..features._delta import DELTA
from ..utils.pairing import check_paths, pair_frames, paired_score, refuse_paths, stack
from ..utils.validation import check_paired, check_sequences, is_matrix, restore_frames
from ._gaussians import fit_regressors, has_return_std, predict_gaussians
from ._global_variance import clip_variances
from ._gv_mlpg import mlpg_with_gv
from ._mlpg import mlpg
from ._post_filter import choose_columns, warn_of_one_frame
from ._windows import append_dynamic, check_windows

# A variance is at least this share of its column's variance over the training frames.
_VARIANCE_FLOOR = 1e-6
# A dynamic column counts as varying by at least this share of the variance of its static one.
_DYNAMIC_FLOOR = 1e-3
# The deviation of global variance between clips is at least this share of its mean.
_GV_DEVIATION_FLOOR = 0.1


def variance_floor(targets, n_blocks):
    """Return variances that no frame may go below, so that W' P W can be factored.

    Parameters
    ----------
    targets : ndarray of shape (n_frames, n_blocks * n_columns)
        Statics and what the windows make of them.
    n_blocks : int

    Returns
    -------
    floor : ndarray of shape (n_blocks * n_columns,)
    """
    variance = targets.var(axis=0, dtype=np.float64).reshape(n_blocks, -1)
    # Differences may not vary at all, as the second ones of a ramp: statics count there.
    floor = _VARIANCE_FLOOR * np.maximum(variance, _DYNAMIC_FLOOR * variance[0])
    return np.where(floor > 0, floor, 1.0).ravel()


class TrajectoryRegressor(MetaEstimatorMixin, MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Fit any regressor on frames and their differences, predict smooth trajectories.

    A regressor of frames jumps from frame to frame. This one also predicts the differences
    along time, and returns the trajectory that is most likely under both (MLPG).

    Parameters
    ----------
    regressor : regressor
        Of frames, with one output or many, or of sequences. Where its ``predict`` takes
        ``return_std`` (JointGMMRegressor, BayesianRidge, GaussianProcessRegressor, ...), every
        frame has a spread of its own; otherwise that of the residuals serves all frames.
    windows : tuple of sequences of float, default=((-0.5, 0.0, 0.5),)
        Windows of odd length, whose outputs are appended to whole sequences of X and of y;
        ``skstyle.trajectory.DELTA`` and ``DELTA_DELTA`` are the usual ones.
    cv : int, optional
        Number of folds of sequences that give held-out residuals. Without it they are those of
        the fit, which tell little of a regressor that knows its training frames by heart, as
        forests and nearest neighbours do. Not used where there is ``return_std``.
    global_variance : {"none", "optimise"}, default="none"
        "optimise" looks for a trajectory whose variance along time is likely too, see
        :func:`mlpg_with_gv`.
    gv_columns : slice or list of int, optional
        Columns of y whose global variance counts; all by default. Leave c_0 out to leave the
        level alone.

    Attributes
    ----------
    regressors_ : list of regressors
        The fitted clone; or one for each column of ``[y, windows of y]``.
    residual_variance_ : ndarray of shape ((1 + len(windows)) * n_targets,) or None
        None where the regressor tells its own spread.
    variance_floor_ : ndarray of shape ((1 + len(windows)) * n_targets,)
        No variance counts as less: about 1e-6 of the column's variance in fit.
    gv_mean_, gv_variance_ : ndarrays of shape (n_targets,)
        Of the target's global variance, over sequences; infinite variance leaves a column out.
    n_features_in_ : int

    Warns
    -----
    LoneSequenceWarning
        A plain 2-D array came in: its rows are taken as sequences of one frame, whose
        differences are zero. Wrap one sequence in a list.

    Notes
    -----
    ``y = (W' D^-1 W)^-1 W' D^-1 E``, with E the predicted means and D the predicted variances
    [1]_. Windows are applied before frames are paired, so that frames that an alignment repeats
    spoil no difference; :class:`~skstyle.compose.AlignedRegressor` hands ``paths`` down.

    References
    ----------
    .. [1] T. Toda, A. W. Black and K. Tokuda, "Voice conversion based on maximum-likelihood
       estimation of spectral parameter trajectory", IEEE Trans. ASLP 15, 2007.
       doi:10.1109/TASL.2007.907344

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from skstyle.trajectory import TrajectoryRegressor
    >>> rng = np.random.default_rng(0)
    >>> clean = [np.sin(0.1 * np.arange(n))[:, None] for n in (80, 120, 100)]
    >>> X = [y + 0.3 * rng.normal(size=y.shape) for y in clean]
    >>> frames = Ridge().fit(np.concatenate(X), np.concatenate(clean)).predict(X[0])
    >>> trajectory = TrajectoryRegressor(Ridge()).fit(X, clean).predict(X)[0]
    >>> rough, smooth = (np.abs(np.diff(p.ravel())).mean() for p in (frames, trajectory))
    >>> bool(smooth < 0.5 * rough)
    True
    """

    def __init__(
        self, regressor, *, windows=(DELTA,), cv=None, global_variance="none", gv_columns=None
    ):
        self.regressor = regressor
        self.windows = windows
        self.cv = cv
        self.global_variance = global_variance
        self.gv_columns = gv_columns

    # make_voice_converter puts no other around it.
    _makes_trajectories = True

    def fit(self, X, y, paths=None):
        """Append differences to both sides, pair the frames and fit.

        Parameters
        ----------
        X, y : list of arrays (n_frames, n_features), 1-D object arrays, or 2-D arrays
            Paired sequences.
        paths : list of int arrays (n_steps, 2), optional
            Frames of ``X[i]`` and of ``y[i]`` that belong together; by default frame t of both,
            and then paired sequences have one length.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            When sequences do not pair up, or a parameter is out of range.
        """
        windows = self._check_parameters()
        X, y = self._check_pairs(X, y, paths)
        if self.cv is not None and len(X) < self.cv:
            raise ValueError(
                f"cv={self.cv} needs at least {self.cv} sequences, got n_samples = {len(X)}."
            )
        paths = check_paths(X, y, paths)
        dynamic_x = [append_dynamic(x, windows) for x in X]
        dynamic_y = [append_dynamic(x, windows) for x in y]
        self.regressors_ = fit_regressors(self.regressor, dynamic_x, dynamic_y, paths)
        self.variance_floor_ = variance_floor(stack(dynamic_y), 1 + len(windows))
        self.residual_variance_ = None
        if not has_return_std(self.regressors_[0]):
            residuals = self._residuals(dynamic_x, dynamic_y, paths)
            self.residual_variance_ = (residuals**2).mean(axis=0, dtype=np.float64)
        if self.global_variance == "optimise":
            self._learn_global_variance(y)
        return self

    def _check_parameters(self):
        if self.global_variance not in ("none", "optimise"):
            raise ValueError(
                f'global_variance must be "none" or "optimise", got {self.global_variance!r}.'
            )
        if self.cv is not None and (self.cv != int(self.cv) or self.cv < 2):
            raise ValueError(f"cv must be None or an integer of at least 2, got {self.cv!r}.")
        return check_windows(self.windows)

    def _check_pairs(self, X, y, paths):
        if is_matrix(X):
            refuse_paths(paths)
            X, y = validate_data(self, X, y, multi_output=True, dtype=[np.float64, np.float32])
            self._single_target = y.ndim == 1
            warn_of_one_frame(X, len(X), "all differences are zero", stacklevel=4)
            y = y.reshape(len(y), -1)
            if y.dtype not in (np.float32, np.float64):
                y = y.astype(np.float64)
            return list(X[:, None]), list(y[:, None])
        self._single_target = False
        X = check_sequences(X, estimator=self, reset=True).items
        y = check_sequences(y, name="y").items
        check_paired(X, y)
        return X, y

    def _residuals(self, X, y, paths):
        """Differences of targets and predictions on the paths, held out where cv says so."""
        rounds = [(np.arange(len(X)),) * 2]
        if self.cv is not None:
            rounds = KFold(int(self.cv)).split(X)
        found = []
        for train, test in rounds:
            regressors = self.regressors_
            if self.cv is not None:
                parts = ([items[i] for i in train] for items in (X, y, paths))
                regressors = fit_regressors(self.regressor, *parts)
            mean, _ = predict_gaussians(regressors, [X[i] for i in test], False)
            predicted, target = pair_frames(mean, *([a[i] for i in test] for a in (y, paths)))
            found.append(target - predicted)
        return np.concatenate(found)

    def _learn_global_variance(self, y):
        variances = clip_variances(y)
        n_targets = y[0].shape[1]
        self.gv_mean_ = np.zeros(n_targets)
        self.gv_variance_ = np.full(n_targets, np.inf)
        if not len(variances):
            return
        self.gv_mean_ = variances.mean(axis=0)
        counts = choose_columns(self.gv_columns, n_targets, "gv_columns") & (self.gv_mean_ > 0)
        floor = (_GV_DEVIATION_FLOOR * self.gv_mean_) ** 2
        self.gv_variance_[counts] = np.maximum(variances.var(axis=0), floor)[counts]

    def predict(self, X, return_std=False):
        """Predict the most likely trajectory of every sequence.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array
        return_std : bool, default=False
            Also return the standard deviation of every value, that of MLPG.

        Returns
        -------
        y : list of arrays (n_frames, n_targets)
            In the kind of container that X is, in its dtype. After a 1-D y in fit, 1-D.
        y_std : list of arrays (n_frames, n_targets)
            Only with `return_std`.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a sequence is empty or not finite, or when it has another number of
            columns than those of ``fit``.
        """
        check_is_fitted(self)
        clips = check_sequences(X, estimator=self)
        warn_of_one_frame(X, len(clips.items), "all differences are zero")
        windows = check_windows(self.windows)
        items = [append_dynamic(x, windows) for x in clips.items]
        told = self.residual_variance_ is None
        means, stds = predict_gaussians(self.regressors_, items, told)
        if told:
            variances = [np.maximum(np.square(s, dtype=float), self.variance_floor_) for s in stds]
        else:
            variances = [np.maximum(self.residual_variance_, self.variance_floor_)] * len(items)
        precisions = [1 / v for v in variances]
        if is_matrix(X):
            found = self._one_frame_each(means, precisions, windows, return_std)
        else:
            found = [
                self._trajectory(*gaussians, windows, return_std)
                for gaussians in zip(means, precisions, strict=True)
            ]
        out = tuple(self._restore(part, X, clips) for part in zip(*found, strict=True))
        return out if return_std else out[0]

    def _trajectory(self, mean, precision, windows, return_std):
        """Return a trajectory, and its deviation if wanted."""
        if not return_std and self.global_variance == "none":
            return (mlpg(mean, precision, windows),)
        y, std = mlpg(mean, precision, windows, return_std=True)
        if self.global_variance == "optimise":
            y = mlpg_with_gv(mean, precision, self.gv_mean_, self.gv_variance_, windows)
        return (y, std) if return_std else (y,)

    def _one_frame_each(self, means, precisions, windows, return_std):
        """As many sequences of one frame: their columns side by side are one sequence."""
        shape = (len(means), 1 + len(windows), -1)
        mean, precision = (
            np.stack(items).reshape(shape).swapaxes(0, 1).reshape(1, -1)
            for items in (means, precisions)
        )
        found = mlpg(mean, precision, windows, return_std=True)
        sequences = (part.reshape(len(means), 1, -1) for part in found[: 1 + return_std])
        return list(zip(*sequences, strict=True))

    def _restore(self, part, X, clips):
        items = [p.astype(x.dtype, copy=False) for p, x in zip(part, clips.items, strict=True)]
        out = restore_frames(items, X, clips.kind, clips.trail)
        return out[:, 0] if self._single_target and is_matrix(X) else out

    def score(self, X, y, sample_weight=None):
        """Return R² of the trajectories, frame t against frame t.

        Parameters
        ----------
        X, y : as in fit
            Paired sequences of equal lengths; AlignedRegressor scores others.
        sample_weight : array of shape (n_frames,), optional
            Weights of all frames of all sequences.

        Returns
        -------
        score : float
        """
        return paired_score(self, X, y, sample_weight)
