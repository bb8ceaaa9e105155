"""Replace frames by the nearest frames of the target, with or without pairs."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted, validate_data

from ..utils.pairing import (
    check_paths,
    in_dtype_of,
    pair_frames,
    paired_score,
    refuse_paths,
    split,
    stack,
    stack_context,
)
from ..utils.validation import check_paired, check_sequences, is_matrix, restore_frames
from ._mean_variance import mean_and_std, slope
from ._neighbours import measurable, merge_equal, nearest

DICTIONARIES = ("paired", "target")
# Numbers in one block of neighbours' targets: 8 MB in float32.
_BLOCK_NUMBERS = 2**21


def match_moments(X, y):
    """Find the map that gives X the mean and the variance of every column of y.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    y : ndarray of shape (any, n_targets)
        Frames that need not belong to those of X.

    Returns
    -------
    A : ndarray of shape (n_targets, n_features)
        Diagonal where there are as many features as targets. Otherwise no column has a target
        of its own, and all targets follow the average of the standardised features.
    b : ndarray of shape (n_targets,)

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._knn import match_moments
    >>> match_moments(np.array([[0.0], [2.0]]), np.array([[1.0], [7.0], [4.0], [4.0]]))[1]
    array([1.87867966])
    """
    mean_x, std_x = mean_and_std(X)
    mean_y, std_y = mean_and_std(y)
    if len(mean_x) == len(mean_y):
        A = np.diag(slope(std_x, std_y))
    else:
        known = std_x > 0
        average = known / np.where(known, std_x, 1.0) / len(std_x)
        A = slope(((X - mean_x) @ average).std(), std_y)[:, None] * average
    return A, mean_y - A @ mean_x


class KNNFrameRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Replace every frame by the mean of the nearest frames, compared with what is around them.

    With ``dictionary="target"`` it needs no pairs: any sentences of both voices will do, and
    no path is looked at.

    Parameters
    ----------
    n_neighbors : int, default=32
        Frames that are averaged; all, where there are fewer. More of them are nearer to the
        target on average, and less lively.
    dictionary : {"paired", "target"}, default="paired"
        "paired": a frame is compared with the source frames of the training pairs, and gets
        the targets of the nearest. "target": a frame is given the target's mean and variance,
        column by column, and is then compared with the target's frames themselves [1]_.
    n_context : int, default=5
        Frames on either side that are compared too.

    Attributes
    ----------
    keys_ : ndarray of shape (n_exemplars, (2 * n_context + 1) * n_columns)
        What frames are compared with, sorted; columns of X if paired, of y if not.
    values_ : ndarray of shape (n_exemplars, n_targets)
        Targets that go with them.
    coef_ : ndarray of shape (n_targets, n_features)
        Only with "target": what makes a frame comparable is ``coef_ @ x + intercept_``.
    intercept_ : ndarray of shape (n_targets,)
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X is one array with column names.

    See Also
    --------
    LocallyLinearRegressor : Fits the nearest pairs instead of averaging.
    skstyle.mapping.GaussianTransport : Moves frames without pairs by a linear map.

    Notes
    -----
    The networks of [1]_ compare features that hardly know a speaker, by their cosine. Here
    features are plain, made comparable by means and variances, and compared by distance.

    With "target" the distance is in units of the target's features, as mel-cepstral distortion
    is: standardised columns would let the highest coefficients count as much as the lowest.
    Where X and y have different columns, all targets follow one signal, the average of the
    standardised features. In a 2-D array every row is a sequence of one frame.

    References
    ----------
    .. [1] M. Baas, B. van Niekerk, H. Kamper, "Voice conversion with just nearest neighbors",
       Interspeech 2023. https://doi.org/10.21437/Interspeech.2023-419

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import KNNFrameRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = [rng.normal(size=(n, 2)) for n in (300, 400)]
    >>> y = [3 * rng.normal(size=(n, 2)) + 5 for n in (500, 200, 100)]
    >>> model = KNNFrameRegressor(4, dictionary="target", n_context=0).fit(X, y)
    >>> model.predict([np.zeros((1, 2))])[0].round()
    array([[5., 5.]])
    """

    def __init__(self, n_neighbors=32, *, dictionary="paired", n_context=5):
        self.n_neighbors = n_neighbors
        self.dictionary = dictionary
        self.n_context = n_context

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags

    @property
    def _needs_pairs(self):
        return self.dictionary != "target"

    def fit(self, X, y, paths=None):
        """Keep the frames.

        Parameters
        ----------
        X, y : list of arrays (n_frames, n_features), 1-D object arrays, or 2-D arrays
            Sequences of both sides. With ``dictionary="target"`` lists need not pair up: they
            may hold any sentences, and different numbers of them.
        paths : list of int arrays (n_steps, 2), optional
            Frames of ``X[i]`` and of ``y[i]`` that belong together; by default frame t of both,
            and then paired sequences have one length. Not used with ``dictionary="target"``.

        Returns
        -------
        self : KNNFrameRegressor

        Raises
        ------
        ValueError
            When a parameter is out of range, or paired sequences do not pair up.
        """
        check_scalar(self.n_neighbors, "n_neighbors", Integral, min_val=1)
        check_scalar(self.n_context, "n_context", Integral, min_val=0)
        if self.dictionary not in DICTIONARIES:
            raise ValueError(f"dictionary must be one of {DICTIONARIES}, got {self.dictionary!r}.")
        self._single_target = False
        for name in ("coef_", "intercept_"):  # of an earlier fit
            self.__dict__.pop(name, None)
        self._n_context = self.n_context  # of the keys, whatever is set later
        if is_matrix(X):
            refuse_paths(paths)
            X, y = self._check_frames(X, y)
        else:
            X = check_sequences(X, estimator=self, reset=True).items
            y = check_sequences(y, name="y").items
        if self.dictionary == "target":
            keys, values = self._keep_targets(X, y)
        else:
            keys, values = self._keep_pairs(X, y, paths)
        # Repeated frames would be neighbours all at once.
        self.keys_, self.values_ = merge_equal(measurable(keys)[0], values)
        return self

    def _check_frames(self, X, y):
        X, y = validate_data(
            self, X, y, dtype=[np.float64, np.float32], multi_output=True, y_numeric=True
        )
        self._single_target = y.ndim == 1
        return X, y.reshape(len(y), -1).astype(X.dtype, copy=False)

    def _keep_pairs(self, X, y, paths):
        if is_matrix(X):
            return self._surroundings(X), y
        check_paired(X, y)
        paths = check_paths(X, y, paths)
        return pair_frames([stack_context(x, self._n_context) for x in X], y, paths)

    def _keep_targets(self, X, y):
        frames, targets = (A if is_matrix(A) else stack(A) for A in (X, y))
        self.coef_, self.intercept_ = match_moments(frames, targets)
        return self._surroundings(y), targets

    def _surroundings(self, X):
        """Return every frame of all sequences with its context, or rows with themselves."""
        if is_matrix(X):
            return np.tile(X, 2 * self._n_context + 1)
        return stack([stack_context(x, self._n_context) for x in X])

    def predict(self, X, return_std=False):
        """Replace every frame.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array
        return_std : bool, default=False
            Also return the standard deviation of the frames that were averaged:
            :class:`~skstyle.trajectory.TrajectoryRegressor` asks for it.

        Returns
        -------
        y : list of arrays (n_frames, n_targets)
            In the kind of container that X is, in its dtype. After a 1-D y in fit, 1-D.
        y_std : list of arrays (n_frames, n_targets)
            Only with `return_std`.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when frames are not finite, or have another number of columns than those
            of ``fit``.
        """
        check_is_fitted(self)
        if is_matrix(X):
            X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
            parts = in_dtype_of(self._average(X, return_std), X)
            parts = tuple(part[:, 0] if self._single_target else part for part in parts)
            return parts if return_std else parts[0]
        clips = check_sequences(X, estimator=self)
        parts = (split(part, clips.items) for part in self._average(clips.items, return_std))
        parts = tuple(
            restore_frames(in_dtype_of(part, clips.items), X, clips.kind, clips.trail)
            for part in parts
        )
        return parts if return_std else parts[0]

    def _average(self, X, return_std):
        """Return the means of the neighbours' targets, and their deviations if wanted."""
        if hasattr(self, "coef_"):
            X = self._move(X) if is_matrix(X) else [self._move(x) for x in X]
        keys = self._surroundings(X).astype(self.keys_.dtype, copy=False)
        n_neighbors = min(self.n_neighbors, len(self.keys_))
        indices = nearest(keys, self.keys_, n_neighbors)
        step = max(1, _BLOCK_NUMBERS // (n_neighbors * self.values_.shape[1]))
        blocks = [self.values_[indices[s : s + step]] for s in range(0, len(indices), step)]
        means = np.concatenate([block.mean(axis=1) for block in blocks])
        if not return_std:
            return (means,)
        return means, np.concatenate([block.std(axis=1) for block in blocks])

    def _move(self, x):
        return (x @ self.coef_.T + self.intercept_).astype(x.dtype, copy=False)

    def score(self, X, y, sample_weight=None):
        """Return R² of the predictions, frame t against frame t.

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
