"""Let any frame-level regressor see the frames around."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, MultiOutputMixin, RegressorMixin, clone
from sklearn.utils import check_scalar, get_tags
from sklearn.utils.validation import check_is_fitted, validate_data

from ..utils.pairing import (
    check_paths,
    fit_on_paths,
    in_dtype_of,
    paired_score,
    predict_sequences,
    refuse_paths,
    stack_context,
)
from ..utils.validation import check_paired, check_sequences, is_matrix, restore_frames


class ContextRegressor(MetaEstimatorMixin, MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Regress every frame on itself and on the frames around it.

    Frames of 5 ms hardly tell where a sound is going. With some frames of context any regressor
    of scikit-learn does, at the price of as many times more features.

    Parameters
    ----------
    regressor : regressor
        Of frames.
    n_context : int, default=5
        Frames on either side.

    Attributes
    ----------
    regressor_ : regressor
        The fitted clone.
    n_features_in_ : int
        Columns of one frame.

    See Also
    --------
    skstyle.trajectory.TrajectoryRegressor : Smooth trajectories out of frames and differences.

    Notes
    -----
    Context is taken from whole sequences, before an alignment repeats frames:
    :class:`AlignedRegressor` hands ``paths`` down. In a 2-D array every row is a sequence of one
    frame, whose context is itself.

    References
    ----------
    .. [1] E. Helander, H. Silen, T. Virtanen and M. Gabbouj, "Voice conversion using dynamic
       kernel partial least squares regression", IEEE Trans. ASLP 20, 2012.
       doi:10.1109/TASL.2011.2165944

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from skstyle.compose import ContextRegressor
    >>> x = np.random.default_rng(0).normal(size=(40, 1))
    >>> late = np.concatenate([x[:1], x[:-1]])
    >>> model = ContextRegressor(LinearRegression(), n_context=1).fit([x], [late])
    >>> bool(np.allclose(model.predict([x])[0], late))
    True
    """

    def __init__(self, regressor, *, n_context=5):
        self.regressor = regressor
        self.n_context = n_context

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = get_tags(self.regressor).target_tags.multi_output
        return tags

    def fit(self, X, y, paths=None):
        """Stack the context, pair the frames and fit.

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
        ValueError, TypeError
            When X and y do not have as many sequences, two that are paired differ in length and
            there are no paths, a sequence is empty or not finite, or `n_context` is negative.
        """
        check_scalar(self.n_context, "n_context", Integral, min_val=0)
        if is_matrix(X):
            refuse_paths(paths)
            X, y = validate_data(self, X, y, multi_output=True, dtype=[np.float64, np.float32])
            frames = np.tile(X, 2 * self.n_context + 1)
            self.regressor_ = clone(self.regressor).fit(frames, y)
            return self
        X = check_sequences(X, estimator=self, reset=True).items
        y = check_sequences(y, name="y").items
        check_paired(X, y)
        paths = check_paths(X, y, paths)
        X = [stack_context(x, self.n_context) for x in X]
        self.regressor_ = fit_on_paths(clone(self.regressor), X, y, paths)
        return self

    def predict(self, X, **options):
        """Predict every frame from its surroundings.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array
        **options
            Passed on to the regressor, such as ``return_std=True``.

        Returns
        -------
        y : list of arrays (n_frames, n_targets)
            In the kind of container that X is, in its dtype; a tuple of such where the regressor
            returns one.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a sequence is empty or not finite, or when it has another number of
            columns than those of ``fit``.
        """
        check_is_fitted(self)
        if is_matrix(X):
            X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
            found = self.regressor_.predict(np.tile(X, 2 * self.n_context + 1), **options)
            return in_dtype_of(found, X)
        clips = check_sequences(X, estimator=self)
        items = [stack_context(x, self.n_context) for x in clips.items]
        found = in_dtype_of(predict_sequences(self.regressor_, items, **options), items)
        if isinstance(found, tuple):
            return tuple(restore_frames(part, X, clips.kind, clips.trail) for part in found)
        return restore_frames(found, X, clips.kind, clips.trail)

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
