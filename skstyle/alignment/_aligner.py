"""Align feature sequences in time."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..base import SequenceTransformer
from ..utils.parallel import map_clips
from ..utils.validation import check_paired, check_sequences, is_matrix, restore_frames

# Natural logarithm of amplitude (the unit of c_0) in decibels.
DB_PER_NEPER = 20 / np.log(10)


def active_frames(level, threshold_db):
    """Tell which frames are not silence.

    Parameters
    ----------
    level : ndarray of shape (n_frames,)
        Natural logarithm of amplitude, as c_0 of a mel-cepstrum.
    threshold_db : float
        Frames so far below the loud frames of the clip (the 95th percentile) are silence.

    Returns
    -------
    active : ndarray of bool, shape (n_frames,)
    """
    db = level * DB_PER_NEPER
    return db >= np.quantile(db, 0.95) - threshold_db


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
    Steps (1, 1), (1, 0) and (0, 1) of equal weight. Memory is one byte per pair of frames:
    144 MB for two clips of 60 s at 5 ms.

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
        self, *, columns=None, level_column=None, silence_db=30.0, band=None, n_jobs=None, verbose=0
    ):
        self.columns = columns
        self.level_column = level_column
        self.silence_db = silence_db
        self.band = band
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _check_parameters(self):
        if self.silence_db <= 0:
            raise ValueError(f"silence_db must be positive, got {self.silence_db}.")
        if self.band is not None and not 0 < self.band <= 1:
            raise ValueError(f"band must lie in (0, 1], got {self.band}.")

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
        out = self._map(self._warp_one, clips.items, references)
        return restore_frames(out, X, clips.kind)

    def _warp_one(self, x, reference):
        columns = slice(None) if self.columns is None else self.columns
        path = _path(x[:, columns], reference[:, columns], self.band)
        counts = np.bincount(path[:, 1], minlength=len(reference))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        sums = np.add.reduceat(x[path[:, 0]].astype(np.float64), starts, axis=0)
        return (sums / counts[:, None]).astype(x.dtype)

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
            When the numbers of clips or of columns differ.
        """
        self._check_parameters()
        X, y = check_sequences(X).items, check_sequences(y, name="y").items
        check_paired(X, y)
        check_same_columns(X, y)
        return map_clips(
            self._align_one, X, y, n_jobs=self.n_jobs, verbose=self.verbose, desc="DTWAligner"
        )

    def _align_one(self, x, y):
        columns = slice(None) if self.columns is None else self.columns
        keep_x, keep_y = self._active(x), self._active(y)
        path = _path(x[keep_x][:, columns], y[keep_y][:, columns], self.band)
        return np.column_stack([keep_x[path[:, 0]], keep_y[path[:, 1]]])

    def _active(self, x):
        if self.level_column is None:
            return np.arange(len(x))
        return np.flatnonzero(active_frames(x[:, self.level_column], self.silence_db))


def check_same_columns(X, y):
    """Check that two lists of sequences have the same number of columns."""
    if X[0].shape[1] != y[0].shape[1]:
        raise ValueError(
            f"X has {X[0].shape[1]} features and y has {y[0].shape[1]}: alignment compares "
            "frames and needs the same columns on both sides."
        )


def _path(a, b, band):
    # Imported here, so that importing the library does not load numba.
    from ._dtw import dtw_path

    return dtw_path(a, b, band)[0]
