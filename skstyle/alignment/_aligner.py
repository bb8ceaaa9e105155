"""Align feature sequences in time."""

from functools import partial

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..base import SequenceTransformer
from ..features._activity import active_frames
from ..utils.parallel import map_clips
from ..utils.validation import check_paired, check_sequences, is_matrix, restore_frames
from ._dtw import check_options, dtw_path


class DTWAligner(SequenceTransformer):
    """Warp sequences onto the time base of references by dynamic time warping.

    Parameters
    ----------
    columns : slice or list of int, optional
        Columns that are compared (Euclidean distance); all by default. Leave c_0 out to
        compare timbre and not loudness.
    level_column : int, optional
        Column with the log amplitude of the frame (c_0 of a mel-cepstrum). When given,
        silent frames take no part in :meth:`align`.
    silence_db : float, default=30.0
        Frames this far below the loud frames of their clip are silent.
    band : float, optional
        Half-width of the Sakoe-Chiba band as a share of the longer clip, such as 0.1.
    slope : {"unit", "symmetric", "asymmetric", "p05", "p1"}, default="unit"
        What steps weigh and whether runs of one direction are bounded, as in
        :func:`dtw_path`: "p05" and "p1" are Sakoe and Chiba's symmetric forms of P = 1/2 and
        P = 1, and "asymmetric" weighs every frame of the reference (of y) once.
    multi_resolution : bool, default=False
        True aligns halved clips first, and so on down, and looks only around the path that was
        found there: the memory grows with the number of frames, not with its square.
    radius : int, default=32
        Frames that ``multi_resolution`` looks at on every side of the coarser path.
    max_memory_mb : float, default=512
        A pair that needs more megabytes is refused before they are allocated.
    n_jobs : int, optional
        Number of pairs aligned at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    references_ : list of ndarray
        What ``transform`` warps onto. A single reference serves every sequence.
    n_features_in_ : int
        Number of columns.

    Notes
    -----
    Memory is about one byte per pair of frames that may meet: 155 MB for two clips of 60 s at
    5 ms and 25 columns, 39 MB with a band of 0.1, 13 MB with ``multi_resolution``. Distances are
    float32 within the search, whatever comes in; :func:`dtw_path` tells what that means.

    References
    ----------
    .. [1] H. Sakoe and S. Chiba, "Dynamic programming algorithm optimization for spoken
       word recognition", IEEE Trans. ASSP 26, 1978. doi:10.1109/TASSP.1978.1163055

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.alignment import DTWAligner
    >>> slow = np.array([[0.0], [0.0], [1.0], [2.0]])
    >>> fast = np.array([[0.0], [1.0], [2.0]])
    >>> DTWAligner().fit([slow]).transform([fast])[0].ravel()
    array([0., 0., 1., 2.])
    """

    def __init__(
        self,
        *,
        columns=None,
        level_column=None,
        silence_db=30.0,
        band=None,
        slope="unit",
        multi_resolution=False,
        radius=32,
        max_memory_mb=512,
        n_jobs=None,
        verbose=0,
    ):
        self.columns = columns
        self.level_column = level_column
        self.silence_db = silence_db
        self.band = band
        self.slope = slope
        self.multi_resolution = multi_resolution
        self.radius = radius
        self.max_memory_mb = max_memory_mb
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _check_parameters(self):
        if self.silence_db <= 0:
            raise ValueError(f"silence_db must be positive, got {self.silence_db}.")
        check_options(self.band, self.slope, self.radius, self.max_memory_mb)

    def _fit(self, items):
        self._check_parameters()
        self.references_ = [x.copy() for x in items]

    def transform(self, X):
        """Warp every sequence onto the time base of its reference.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features)
            As many sequences as references, or any number when there is one reference.

        Returns
        -------
        sequences : list of arrays (n_frames_of_reference, n_features)
            Where several frames fall on one reference frame, their mean.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when there are not as many sequences as references, a sequence is empty
            or not finite, or no path is allowed by the window, the slope or the memory.
        """
        check_is_fitted(self)
        clips = check_sequences(X, estimator=self)
        if is_matrix(X):
            # One frame warped onto one frame is itself.
            return restore_frames([x.copy() for x in clips.items], X, clips.kind)
        references = self.references_
        if len(references) == 1:
            references = references * len(clips.items)
        check_paired(clips.items, references, name_y="the references of fit")
        self._check_parameters()
        names = [f"X[{i}] and its reference" for i in range(len(references))]
        paths = self._find_paths(clips.items, references, names, _all_frames)
        out = [_warp(x, path) for x, path in zip(clips.items, paths, strict=True)]
        return restore_frames(out, X, clips.kind)

    def align(self, X, y):
        """Return the index paths between paired sequences.

        Parameters
        ----------
        X, y : list of arrays (n_frames, n_features)
            Paired sequences; lengths may differ. Nothing of ``fit`` is used.

        Returns
        -------
        paths : list of int arrays (n_steps, 2)
            Frames of ``X[i]`` and of ``y[i]``. With ``level_column``, silent frames are
            left out of both.

        Raises
        ------
        ValueError
            When the numbers of clips or of columns differ, or when a pair needs too much memory
            or cannot be matched at the slope; the message names the pair.
        """
        self._check_parameters()
        X, y = check_sequences(X).items, check_sequences(y, name="y").items
        check_paired(X, y)
        check_same_columns(X, y)
        names = [f"X[{i}] and y[{i}]" for i in range(len(X))]
        return self._find_paths(X, y, names, self._active)

    def _find_paths(self, X, y, names, choose):
        """Align pairs of checked clips; ``choose`` tells which frames of a clip take part."""
        return map_clips(
            partial(self._path_one, choose),
            names,
            X,
            y,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
            desc=type(self).__name__,
        )

    def _path_one(self, choose, name, x, y):
        columns = slice(None) if self.columns is None else self.columns
        keep_x, keep_y = choose(x), choose(y)
        path = self._dtw(x[keep_x][:, columns], y[keep_y][:, columns], name)
        return np.column_stack([keep_x[path[:, 0]], keep_y[path[:, 1]]])

    def _dtw(self, a, b, name):
        try:
            return dtw_path(
                a,
                b,
                self.band,
                slope=self.slope,
                multi_resolution=self.multi_resolution,
                radius=self.radius,
                max_memory_mb=self.max_memory_mb,
            )[0]
        except ValueError as e:
            raise ValueError(f"{name}: {e}") from e

    def _active(self, x):
        if self.level_column is None:
            return _all_frames(x)
        return np.flatnonzero(active_frames(x[:, self.level_column], self.silence_db))


def check_same_columns(X, y):
    """Check that two lists of sequences have the same number of columns."""
    if X[0].shape[1] != y[0].shape[1]:
        raise ValueError(
            f"X has {X[0].shape[1]} features and y has {y[0].shape[1]}: alignment compares "
            "frames and needs the same columns on both sides (CTWAligner does not)."
        )


def _all_frames(x):
    return np.arange(len(x))


def _warp(x, path):
    """Return the mean of the frames that meet each frame of the reference."""
    counts = np.bincount(path[:, 1])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(x[path[:, 0]].astype(np.float64), starts, axis=0)
    return (sums / counts[:, None]).astype(x.dtype)
