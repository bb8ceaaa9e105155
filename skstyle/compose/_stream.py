"""Send feature streams to regressors of their own."""

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin, clone
from sklearn.utils.metaestimators import _BaseComposition
from sklearn.utils.validation import check_is_fitted, validate_data

from ..utils.pairing import check_paths, fit_on_paths, paired_score, predict_sequences, refuse_paths
from ..utils.validation import check_paired, check_sequences, is_matrix, restore_frames


class StreamRegressor(MultiOutputMixin, RegressorMixin, _BaseComposition):
    """Regress every stream of columns by its own regressor.

    What ColumnTransformer is to transformers: the lf0 columns of a voice may go to a
    mean-variance map, the mel-cepstrum to a mixture, and the rest is passed through. Frames
    come as one array; sequences come as lists, and streams whose regressor looks at more than
    one frame (:class:`~skstyle.trajectory.TrajectoryRegressor`) get them whole.

    Parameters
    ----------
    streams : list of (name, regressor, columns)
        ``columns`` is a slice or list of ints, the same for X and y, or a pair of such:
        (columns of X, columns of y). Negative indices and open slices count from the end.
        A regressor may be ``"passthrough"``: columns of X are copied.
    remainder : "passthrough" or regressor, default="passthrough"
        Output columns that belong to no stream are copied from X, or regressed on all of X.

    Attributes
    ----------
    streams_ : list of (name, regressor, columns of X, columns of y)
        The fitted clones, the remainder last.
    n_features_in_ : int
    n_outputs_ : int

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from skstyle.compose import StreamRegressor
    >>> X = np.arange(8.0).reshape(4, 2)
    >>> model = StreamRegressor([("double", LinearRegression(), [0])]).fit(X, 2 * X)
    >>> model.predict(X)[3].round(6)
    array([12.,  7.])
    """

    def __init__(self, streams, *, remainder="passthrough"):
        self.streams = streams
        self.remainder = remainder

    @property
    def _named(self):
        # Pairs, as sklearn's composition tools expect; the columns stay where they are.
        try:
            return [(name, regressor) for name, regressor, _ in self.streams]
        except (TypeError, ValueError):
            return self.streams  # fit complains, as scikit-learn wants it

    @_named.setter
    def _named(self, pairs):
        self.streams = [
            (name, regressor, columns)
            for (name, regressor), (_, _, columns) in zip(pairs, self.streams, strict=True)
        ]

    def get_params(self, deep=True):
        """Return the parameters, those of the streams under their names.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        params : dict
        """
        return self._get_params("_named", deep=deep)

    def set_params(self, **params):
        """Set parameters, such as ``mcep__n_components``.

        Parameters
        ----------
        **params : dict

        Returns
        -------
        self : object
        """
        return self._set_params("_named", **params)

    def fit(self, X, y, paths=None):
        """Fit every stream.

        Parameters
        ----------
        X : ndarray of shape (n_frames, n_features), or list of such
            Frames; or sequences, which streams of whole sequences need.
        y : ndarray of shape (n_frames, n_targets) or (n_frames,), or list of such
        paths : list of int arrays (n_steps, 2), optional
            Frames of ``X[i]`` and of ``y[i]`` that belong together, for lists; by default
            frame t of both.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            When X and y do not pair up, frames are not finite, columns do not exist or are in two
            streams, two streams have one name, or columns are to be copied that X does not have.
        """
        if is_matrix(X):
            refuse_paths(paths)
            X, y = validate_data(self, X, y, multi_output=True, dtype=[np.float64, np.float32])
            self._flat = y.ndim == 1
            y = y.reshape(len(y), -1)
            n_features, self.n_outputs_ = X.shape[1], y.shape[1]
        else:
            X = check_sequences(X, estimator=self, reset=True).items
            y = check_sequences(y, name="y").items
            check_paired(X, y)
            paths = check_paths(X, y, paths)
            self._flat = False
            n_features, self.n_outputs_ = X[0].shape[1], y[0].shape[1]
        self._validate_names([name for name, _, _ in self.streams])
        covered = np.zeros(self.n_outputs_, dtype=int)
        self.streams_ = []
        for name, regressor, columns in self.streams:
            columns_x, columns_y = _resolve(columns, n_features, self.n_outputs_, name)
            covered[columns_y] += 1
            fitted = self._fit_stream(name, regressor, columns_x, columns_y, X, y, paths)
            self.streams_.append((name, fitted, columns_x, columns_y))
        if covered.max(initial=0) > 1:
            raise ValueError(f"Columns {np.flatnonzero(covered > 1)} of y are in two streams.")
        rest = np.flatnonzero(covered == 0)
        if len(rest):
            copied = isinstance(self.remainder, str)
            columns_x = rest if copied else np.arange(n_features)
            fitted = self._fit_stream("remainder", self.remainder, columns_x, rest, X, y, paths)
            self.streams_.append(("remainder", fitted, columns_x, rest))
        return self

    def _fit_stream(self, name, regressor, columns_x, columns_y, X, y, paths):
        if isinstance(regressor, str):
            if regressor != "passthrough":
                raise ValueError(
                    f"Stream {name!r}: expected a regressor or 'passthrough', got {regressor!r}."
                )
            if len(columns_x) != len(columns_y) or columns_x.max(initial=0) >= self.n_features_in_:
                raise ValueError(
                    f"Stream {name!r} copies columns of X to columns {list(columns_y)} of y, "
                    f"but X has {self.n_features_in_} columns: give these outputs a regressor."
                )
            return regressor
        if isinstance(X, list):
            X, y = [x[:, columns_x] for x in X], [t[:, columns_y] for t in y]
            return fit_on_paths(clone(regressor), X, y, paths)
        target = y[:, columns_y]
        return clone(regressor).fit(
            X[:, columns_x], target.ravel() if len(columns_y) == 1 else target
        )

    def predict(self, X):
        """Predict every stream and put the columns together.

        Parameters
        ----------
        X : ndarray of shape (n_frames, n_features), or list of such
            Frames or sequences.

        Returns
        -------
        y : ndarray of shape (n_frames, n_targets) or (n_frames,), or list of such
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when frames are not finite, or when X has another number of columns than
            that of ``fit``.
        """
        check_is_fitted(self, "streams_")
        if is_matrix(X):
            X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
            y = np.empty((len(X), self.n_outputs_), dtype=X.dtype)
            for _, regressor, columns_x, columns_y in self.streams_:
                part = X[:, columns_x]
                if not isinstance(regressor, str):
                    part = regressor.predict(part).reshape(len(X), -1)
                y[:, columns_y] = part
            return y[:, 0] if self._flat else y
        clips = check_sequences(X, estimator=self)
        out = [np.empty((len(x), self.n_outputs_), dtype=x.dtype) for x in clips.items]
        for _, regressor, columns_x, columns_y in self.streams_:
            parts = [x[:, columns_x] for x in clips.items]
            if not isinstance(regressor, str):
                parts = predict_sequences(regressor, parts)
            for y, part in zip(out, parts, strict=True):
                y[:, columns_y] = part
        return restore_frames(out, X, clips.kind, clips.trail)

    def score(self, X, y, sample_weight=None):
        """Return R² of the predictions, frame t against frame t.

        Parameters
        ----------
        X, y : as in fit
            Frames, or paired sequences of equal lengths; AlignedRegressor scores others.
        sample_weight : array of shape (n_frames,), optional
            Weights of all frames, of all sequences.

        Returns
        -------
        score : float
        """
        return paired_score(self, X, y, sample_weight)


def _resolve(columns, n_features, n_outputs, name):
    """Turn a selector, or a pair of them, into two arrays of indices."""
    pair = isinstance(columns, tuple) and len(columns) == 2
    if pair and not any(isinstance(c, (int, np.integer)) for c in columns):
        columns_x, columns_y = columns
    else:
        columns_x = columns_y = columns
    try:
        return np.arange(n_features)[_as_index(columns_x)], np.arange(n_outputs)[
            _as_index(columns_y)
        ]
    except IndexError as e:
        raise ValueError(
            f"Stream {name!r} selects columns that do not exist among {n_features} features "
            f"and {n_outputs} targets: {e}."
        ) from e


def _as_index(columns):
    if isinstance(columns, slice):
        return columns
    index = np.atleast_1d(np.asarray(columns))
    return index if index.dtype == bool else index.astype(int)
