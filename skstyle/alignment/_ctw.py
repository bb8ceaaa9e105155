"""Canonical time warping: alignment of sequences that live in different spaces."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..utils.parallel import map_clips
from ..utils.validation import check_paired, check_sequences
from ._aligner import DTWAligner
from ._canonical import PairedMoments, canonical_projections


class CTWAligner(DTWAligner):
    """Align sequences where they correlate most: canonical correlations and time warping.

    Two sequences need neither the same columns nor the same units: a mel-cepstrum may be
    aligned with a spectrogram. Projections are shared by all clips.

    Parameters
    ----------
    n_components : int, optional
        Number of canonical projections that are compared; by default as many as hold 90 % of
        the sum of all canonical correlations.
    reg : float, default=1e-3
        Ridge on the covariances, as a share of the mean variance of the columns.
    n_iter : int, default=20
        Most rounds of {project, warp}.
    tol : float, default=1e-3
        Stop when the mean distance on the paths changes by less than this share.
    init : {"auto", "linear", "dtw"}, default="auto"
        First paths: "linear" stretches one clip evenly onto the other, "dtw" compares columns
        as they are, "auto" is "dtw" where both sides have as many columns, "linear" elsewhere.
    columns : slice or list of int, optional
        Columns of X that are used; all by default.
    columns_y : slice or list of int, optional
        Columns of y, or of the references; by default the same as of X.
    level_column : int, optional
        Column of X with the log amplitude of the frame. When given, silent frames take no part
        in :meth:`align`.
    level_column_y : int, optional
        The same for y; by default the same as of X.
    silence_db : float, default=30.0
        Frames this far below the loud frames of their clip are silent.
    band : float, optional
        Half-width of the Sakoe-Chiba band as a share of the longer clip, such as 0.1.
    slope : {"unit", "symmetric", "asymmetric", "p05", "p1"}, default="unit"
        As in :class:`DTWAligner`.
    multi_resolution : bool, default=False
        As in :class:`DTWAligner`.
    radius : int, default=32
        As in :class:`DTWAligner`.
    max_memory_mb : float, default=512
        A pair that needs more megabytes is refused before they are allocated.
    n_jobs : int, optional
        Number of pairs aligned at once.
    verbose : int, default=0
        1 shows progress, a line a round.

    Attributes
    ----------
    references_ : list of ndarray
        What ``transform`` warps onto. A single reference serves every sequence.
    n_features_in_ : int
        Number of columns.

    Notes
    -----
    With paths held, canonical correlation analysis finds projections of unit variance whose
    paired frames are nearest; with projections held, time warping finds the paths. The two
    alternate. Correlations need many more paired frames than columns.

    References
    ----------
    .. [1] F. Zhou and F. De la Torre, "Canonical time warping for alignment of human behavior",
       Advances in Neural Information Processing Systems 22, 2009.
    .. [2] F. Zhou and F. De la Torre, "Generalized canonical time warping", IEEE Trans. PAMI
       38, 2016. doi:10.1109/TPAMI.2015.2414429

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.alignment import CTWAligner
    >>> t = np.linspace(0, 1, 40)
    >>> X = [np.column_stack([np.sin(9 * t), t])]
    >>> y = [np.column_stack([1 - t**2, 5 * np.sin(9 * t**2), t**2])]
    >>> path = CTWAligner().align(X, y)[0]
    >>> bool(np.abs(t[path[:, 0]] - t[path[:, 1]] ** 2).max() < 0.05)
    True
    """

    def __init__(
        self,
        n_components=None,
        *,
        reg=1e-3,
        n_iter=20,
        tol=1e-3,
        init="auto",
        columns=None,
        columns_y=None,
        level_column=None,
        level_column_y=None,
        silence_db=30.0,
        band=None,
        slope="unit",
        multi_resolution=False,
        radius=32,
        max_memory_mb=512,
        n_jobs=None,
        verbose=0,
    ):
        super().__init__(
            columns=columns,
            level_column=level_column,
            silence_db=silence_db,
            band=band,
            slope=slope,
            multi_resolution=multi_resolution,
            radius=radius,
            max_memory_mb=max_memory_mb,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        self.n_components = n_components
        self.reg = reg
        self.n_iter = n_iter
        self.tol = tol
        self.init = init
        self.columns_y = columns_y
        self.level_column_y = level_column_y

    def _check_parameters(self):
        super()._check_parameters()
        for name in ("n_components", "n_iter"):
            value = getattr(self, name)
            if not (name == "n_components" and value is None) and (value < 1 or value % 1):
                raise ValueError(f"{name} must be a positive integer, got {value!r}.")
        for name in ("reg", "tol"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)!r}.")
        if self.init not in ("auto", "linear", "dtw"):
            raise ValueError(f"init must be 'auto', 'linear' or 'dtw', got {self.init!r}.")

    def align(self, X, y):
        """Return the index paths between paired sequences.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features)
            Sequences.
        y : list of arrays (n_frames, n_features_y)
            Paired sequences; lengths and columns may differ. Nothing of ``fit`` is used.

        Returns
        -------
        paths : list of int arrays (n_steps, 2)
            Frames of ``X[i]`` and of ``y[i]``. With ``level_column``, silent frames are
            left out of both.

        Raises
        ------
        ValueError
            When the numbers of clips differ, or when a pair needs too much memory or cannot be
            matched at the slope; the message names the pair.
        """
        self._check_parameters()
        X, y = check_sequences(X).items, check_sequences(y, name="y").items
        check_paired(X, y)
        names = [f"X[{i}] and y[{i}]" for i in range(len(X))]
        return self._find_paths(X, y, names, self._active)

    def _active_y(self, y):
        if self.level_column_y is None:
            return self._active(y)
        return DTWAligner(level_column=self.level_column_y, silence_db=self.silence_db)._active(y)

    def _find_paths(self, X, y, names, choose):
        choose_y = self._active_y if choose == self._active else choose
        keep_x, keep_y = [choose(x) for x in X], [choose_y(x) for x in y]
        columns = slice(None) if self.columns is None else self.columns
        columns_y = columns if self.columns_y is None else self.columns_y
        X = [x[k][:, columns] for x, k in zip(X, keep_x, strict=True)]
        y = [x[k][:, columns_y] for x, k in zip(y, keep_y, strict=True)]
        paths = self._alternate(X, y, names)
        return [
            np.column_stack([kx[p[:, 0]], ky[p[:, 1]]])
            for kx, ky, p in zip(keep_x, keep_y, paths, strict=True)
        ]

    def _alternate(self, X, y, names):
        same = X[0].shape[1] == y[0].shape[1]
        if self.init == "dtw" and not same:
            raise ValueError(
                f"init='dtw' compares columns, but X has {X[0].shape[1]} and y has "
                f"{y[0].shape[1]}. Use init='linear'."
            )
        if self.init == "linear" or not same:
            paths = [linear_path(len(a), len(b)) for a, b in zip(X, y, strict=True)]
        else:
            paths = self._warp_all(X, y, names, "init")
        distance = np.inf
        for r in range(int(self.n_iter)):
            mean_x, mean_y, u, v = self._project(X, y, paths)
            Z = [(x - mean_x) @ u for x in X]
            W = [(x - mean_y) @ v for x in y]
            paths = self._warp_all(Z, W, names, f"round {r + 1}")
            before, distance = distance, mean_distance(Z, W, paths)
            if abs(before - distance) <= self.tol * distance:
                return paths
        if self.n_iter > 1:
            warnings.warn(
                f"CTWAligner stopped after n_iter={self.n_iter} rounds; the mean distance "
                f"still changed from {before:.4g} to {distance:.4g}. Raise n_iter or tol.",
                ConvergenceWarning,
                stacklevel=4,
            )
        return paths

    def _project(self, X, y, paths):
        moments = PairedMoments(X[0].mean(axis=0), y[0].mean(axis=0))
        for a, b, p in zip(X, y, paths, strict=True):
            moments.add(a[p[:, 0]], b[p[:, 1]])
        mean_x, mean_y, *cov = moments.covariances()
        u, v, _ = canonical_projections(*cov, n_components=self.n_components, reg=self.reg)
        if u.shape[1] == 0:
            # Nothing varies, or there is one pair of frames: all frames are alike.
            u, v = np.zeros((len(mean_x), 1)), np.zeros((len(mean_y), 1))
        return mean_x, mean_y, u, v

    def _warp_all(self, X, y, names, stage):
        desc = f"{type(self).__name__}: {stage}"
        n_jobs, verbose = self.n_jobs, self.verbose
        return map_clips(self._dtw, X, y, names, n_jobs=n_jobs, verbose=verbose, desc=desc)


def linear_path(n, m):
    """Return the path that stretches ``n`` frames evenly onto ``m``."""
    steps = max(n, m)
    at = np.arange(steps) / max(steps - 1, 1)
    return np.column_stack([np.round(at * (n - 1)), np.round(at * (m - 1))]).astype(np.int64)


def mean_distance(X, y, paths):
    """Return the mean distance of paired frames over all paths."""
    total = steps = 0
    for a, b, p in zip(X, y, paths, strict=True):
        total += np.linalg.norm(a[p[:, 0]] - b[p[:, 1]], axis=1).sum()
        steps += len(p)
    return total / steps
