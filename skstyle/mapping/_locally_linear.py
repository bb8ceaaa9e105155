"""Regression by linear maps out of the nearest exemplars of every frame."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_scalar
from sklearn.utils.metaestimators import available_if

from ..utils.parallel import map_blocks
from ._frame_regressor import FrameRegressor
from ._local_maps import (
    embed,
    embedding_maps,
    reconstruction_weights,
    transform,
    transformation_maps,
)
from ._neighbours import blocks, distances, measurable, merge_equal, prepare, smallest

# How frames are mapped, and the same as matrices and biases.
_METHODS = {
    "embedding": (embed, embedding_maps),
    "transformation": (transform, transformation_maps),
}
# Below this, float32 would lose more of the moments than the regularisation adds.
_FLOAT32_REG = 1e-4
# Numbers in one block of neighbours and their targets: 2 MB in float32.
_BLOCK_NUMBERS = 2**19


def balance(X, y):
    """Return the factor that gives y the total variance of X; 0 where y is constant."""
    spread_x, spread_y = (A.var(axis=0, dtype=np.float64).sum() for A in (X, y))
    return float(np.sqrt(spread_x / spread_y)) if spread_y > 0 else 0.0


def _is_embedding(model):
    return model.method == "embedding"


class LocallyLinearRegressor(FrameRegressor):
    """Map every frame by a linear map of its own, out of its nearest training pairs.

    Nothing is trained: the pairs are kept. A frame is compared with all of them, and what the
    nearest ones tell of the target decides.

    Parameters
    ----------
    n_neighbors : int, default=100
        Pairs that a frame is mapped by; all, where there are fewer. More of them give smoother
        and less lively targets.
    method : {"embedding", "transformation"}, default="embedding"
        "embedding": weights that rebuild the frame from its neighbours add up their targets
        [1]_. "transformation": least squares on the neighbours, with a tri-diagonal matrix:
        target j hears of features j - 1, j and j + 1 [2]_.
    reg : float, default=0.1
        Positive. Ridge, as a fraction of the mean squared distance of the neighbours from the
        frame, so that units do not matter. Large values lead to the mean of the neighbours'
        targets.
    joint_selection : bool, default=True
        Whether neighbours are looked for twice: by x, and then by x and the first prediction
        together. The second ones agree about the target [2]_: nearer to it and livelier, at
        not quite twice the time.

    Attributes
    ----------
    exemplars_x_ : ndarray of shape (n_exemplars, n_features)
        Source frames of the training pairs, sorted.
    exemplars_y_ : ndarray of shape (n_exemplars, n_targets)
        Their targets: the mean of them where one source frame has several.
    joint_scale_ : float
        What targets are multiplied by in the second search: both sides then have one total
        variance.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X has column names.

    See Also
    --------
    skstyle.compose.ContextRegressor : Compares frames with what is around them.
    skstyle.mapping.KNNFrameRegressor : Needs no pairs.

    Notes
    -----
    The weights of "embedding" minimise ``|x - sum_k w_k x_k|² + reg tr(G) |w|²`` under
    ``sum_k w_k = 1``, with the Gram matrix G of the differences ``x_k - x``. That is a ridge
    regression of the targets on the neighbours, with a free bias: both methods are
    ``y = A x + b``, and `transition` returns A and b.

    Beside [2]_, "transformation" takes the pairs themselves for centres of a codebook, and its
    least squares have the same ridge.

    Neighbours are found exactly, by matrix products in blocks. All is float32 where X was in
    `fit`, unless `reg` is below 1e-4 or squares would leave its range.

    References
    ----------
    .. [1] Y.-C. Wu, H.-T. Hwang, C.-C. Hsu, Y. Tsao, H.-M. Wang, "Locally linear embedding for
       exemplar-based spectral conversion", Interspeech 2016.
       https://doi.org/10.21437/Interspeech.2016-567
    .. [2] V. Popa, H. Silen, J. Nurminen, M. Gabbouj, "Local linear transformation for voice
       conversion", ICASSP 2012. https://doi.org/10.1109/ICASSP.2012.6288922

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import LocallyLinearRegressor
    >>> X = np.linspace(-2, 2, 401)[:, None]
    >>> model = LocallyLinearRegressor(n_neighbors=9).fit(X, np.abs(X))
    >>> model.predict([[-1.0], [1.0]]).round(2)
    array([[1.],
           [1.]])
    >>> A, b = model.transition([[-1.0], [1.0]])
    >>> A.ravel().round(1)
    array([-0.9,  0.9])
    """

    def __init__(self, n_neighbors=100, *, method="embedding", reg=0.1, joint_selection=True):
        self.n_neighbors = n_neighbors
        self.method = method
        self.reg = reg
        self.joint_selection = joint_selection

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # A hundred neighbours, regularised for noisy pairs, are too many for a toy problem.
        tags.regressor_tags.poor_score = True
        return tags

    def fit(self, X, y):
        """Keep the pairs.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Source frames.
        y : array-like of shape (n_frames, n_targets) or (n_frames,)
            Target frames, aligned with those of X.

        Returns
        -------
        self : LocallyLinearRegressor

        Raises
        ------
        ValueError
            When a parameter is out of range.
        """
        check_scalar(self.n_neighbors, "n_neighbors", Integral, min_val=1)
        check_scalar(self.reg, "reg", Real, min_val=0, include_boundaries="neither")
        if self.method not in list(_METHODS):
            raise ValueError(f"method must be one of {list(_METHODS)}, got {self.method!r}.")
        X, y = self._check_pairs(X, y)
        if self.reg < _FLOAT32_REG:
            X, y = X.astype(np.float64, copy=False), y.astype(np.float64, copy=False)
        self.exemplars_x_, self.exemplars_y_ = merge_equal(*measurable(X, y))
        self.joint_scale_ = balance(self.exemplars_x_, self.exemplars_y_)
        return self

    def predict(self, X, return_std=False):
        """Map every frame.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Source frames.
        return_std : bool, default=False
            Also return how far the neighbours' targets are from the map, root mean square:
            :class:`~skstyle.trajectory.TrajectoryRegressor` asks for it.

        Returns
        -------
        y : ndarray of shape (n_frames, n_targets), or (n_frames,) after a 1-D y in fit
            The dtype is that of X.
        y_std : ndarray of the same shape
            Only with `return_std`.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when X is a list of sequences, not finite, or has another number of
            columns than that of ``fit``.
        """
        if not return_std:
            return super().predict(X)
        X = self._check_frames(X)
        parts = self._by_blocks(self._mean_and_std, X)
        return tuple(part[:, 0] if self._single_target else part for part in parts)

    def transition(self, X):
        """Return the matrix and the bias of every frame, ``y = A x + b``.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Source frames.

        Returns
        -------
        A : ndarray of shape (n_frames, n_targets, n_features)
        b : ndarray of shape (n_frames, n_targets)
        """
        return self._by_blocks(self._maps, self._check_frames(X))

    @available_if(_is_embedding)
    def neighbors(self, X):
        """Return the pairs that every frame is made of, and their weights.

        Only with ``method="embedding"``.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Source frames.

        Returns
        -------
        indices : int ndarray of shape (n_frames, n_neighbors)
            Rows of `exemplars_x_` and `exemplars_y_`, nearest first.
        weights : ndarray of shape (n_frames, n_neighbors)
            They sum to one; some may be negative.
        """
        return self._by_blocks(self._weights, self._check_frames(X))

    def _predict(self, X):
        return self._by_blocks(self._map, X)[0]

    # --- blocks of frames -----------------------------------------------------------------

    def _by_blocks(self, function, X):
        """Apply ``function(frames, indices of their neighbours)`` to all frames, in threads.

        It returns a tuple of arrays; their blocks are put together, in the dtype of X.
        """
        frames = X.astype(self.exemplars_x_.dtype, copy=False)
        scale = frames.dtype.type(self.joint_scale_)
        tables = prepare(self.exemplars_x_), prepare(scale * self.exemplars_y_)

        def run(rows):
            return function(frames[rows], self._select(frames[rows], *tables, scale))

        found = zip(*map_blocks(run, blocks(len(X), len(self.exemplars_x_))), strict=True)
        parts = (np.concatenate(part) for part in found)
        return tuple(
            part.astype(X.dtype, copy=False) if part.dtype.kind == "f" else part for part in parts
        )

    def _select(self, x, table_x, table_y, scale):
        """Return the neighbours of every frame, (n_frames, n_neighbors)."""
        n_neighbors = min(self.n_neighbors, len(self.exemplars_x_))
        found = distances(x, table_x)
        indices = smallest(found, n_neighbors)
        if self.joint_selection:
            found += distances(scale * self._map(x, indices)[0], table_y)
            indices = smallest(found, n_neighbors)
        return indices

    def _map(self, x, indices):
        return self._each(_METHODS[self.method][0], x, indices)

    def _maps(self, x, indices):
        return self._each(_METHODS[self.method][1], x, indices)

    def _weights(self, x, indices):
        def weights(x, neighbours, targets, reg):
            return reconstruction_weights(x, neighbours, reg)

        return indices, *self._each(weights, x, indices)

    def _mean_and_std(self, x, indices):
        maps = _METHODS[self.method][1]

        def mean_and_std(x, neighbours, targets, reg):
            A, b = maps(x, neighbours, targets, reg)
            residuals = targets - neighbours @ A.swapaxes(1, 2) - b[:, None]
            return (A @ x[..., None])[..., 0] + b, np.sqrt((residuals**2).mean(axis=1))

        return self._each(mean_and_std, x, indices)

    def _each(self, function, x, indices):
        """Apply ``function(frames, neighbours, targets, reg)`` to a few frames at a time."""
        n_columns = x.shape[1] + self.exemplars_y_.shape[1]
        step = max(1, _BLOCK_NUMBERS // (indices.shape[1] * n_columns))
        found = []
        for start in range(0, len(x), step):
            rows = indices[start : start + step]
            part = function(
                x[start : start + step], self.exemplars_x_[rows], self.exemplars_y_[rows], self.reg
            )
            found.append(part if isinstance(part, tuple) else (part,))
        return tuple(np.concatenate(part) for part in zip(*found, strict=True))
