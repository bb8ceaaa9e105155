"""Dynamic features: differences along time, appended to the frames."""

import warnings

import numpy as np

from ..base import InvertibleMixin, SequenceTransformer
from ..exceptions import LoneSequenceWarning
from ..utils.validation import is_matrix

DELTA = (-0.5, 0.0, 0.5)
DELTA_DELTA = (1.0, -2.0, 1.0)


def apply_window(frames, window):
    """Correlate every column with a window of odd length, edges repeated.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_features)
    window : sequence of float

    Returns
    -------
    out : ndarray of shape (n_frames, n_features)
    """
    half = len(window) // 2
    padded = np.pad(frames, ((half, half), (0, 0)), mode="edge")
    out = np.zeros_like(frames)
    for k, w in enumerate(window):
        if w:
            out += frames.dtype.type(w) * padded[k : k + len(frames)]
    return out


class DeltaFeatures(InvertibleMixin, SequenceTransformer):
    """Append first, and second, differences along time to every frame.

    Parameters
    ----------
    order : {1, 2}, default=1
        1 appends deltas, 2 deltas and delta-deltas.
    n_jobs : int, optional
        Number of clips transformed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns before the deltas.

    Warns
    -----
    LoneSequenceWarning
        A plain 2-D array came in: its rows are taken as sequences of one frame, whose
        deltas are zero. Wrap one sequence in a list.

    Notes
    -----
    The windows are [-0.5, 0, 0.5] and [1, -2, 1]; the first and last frames are repeated
    beyond the ends [1]_. The inverse keeps the static columns.

    References
    ----------
    .. [1] S. Furui, "Speaker-independent isolated word recognition using dynamic features of
       speech spectrum", IEEE Trans. ASSP 34, 1986. doi:10.1109/TASSP.1986.1164788

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.features import DeltaFeatures
    >>> DeltaFeatures().fit_transform([np.array([[0.0], [1.0], [4.0]])])[0]
    array([[0. , 0.5],
           [1. , 2. ],
           [4. , 1.5]])
    """

    def __init__(self, *, order=1, n_jobs=None, verbose=0):
        self.order = order
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _fit(self, items):
        if self.order not in (1, 2):
            raise ValueError(f"order must be 1 or 2, got {self.order!r}.")

    def transform(self, X):
        """Append the differences.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array

        Returns
        -------
        sequences : list of arrays (n_frames, (order + 1) * n_features)
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a sequence is empty, not finite or not of two dimensions, or when
            it has another number of columns than those of ``fit``.
        """
        out = super().transform(X)
        if is_matrix(X) and len(out) > 1:
            warnings.warn(
                "A plain 2-D array is read as one-frame sequences, so all deltas are zero. "
                "Wrap one sequence in a list: [x].",
                LoneSequenceWarning,
                stacklevel=2,
            )
        return out

    def _transform_one(self, x):
        windows = (DELTA, DELTA_DELTA)[: self.order]
        return np.hstack([x, *(apply_window(x, w) for w in windows)])

    def _inverse_one(self, x):
        if x.shape[1] != (self.order + 1) * self.n_features_in_:
            raise ValueError(
                f"Expected {(self.order + 1) * self.n_features_in_} columns, got {x.shape[1]}."
            )
        return np.ascontiguousarray(x[:, : self.n_features_in_])
