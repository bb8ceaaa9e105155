"""Base classes that write the loop over clips; a subclass writes the maths for one clip.

``SignalTransformer``     signals  -> sequences   ``_transform_one(x)``
``SignalFilter``          signals   -> signals    ``_measure_one(x)``, ``_transform_one(x, ...)``
``SequenceTransformer``   sequences -> sequences  ``_transform_one(x)``
``InvertibleMixin``       adds ``inverse_transform`` by ``_inverse_one``
"""

from functools import partial

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .utils.clip_list import recall
from .utils.parallel import map_clips
from .utils.rates import check_resampled
from .utils.validation import (
    ARRAY,
    OBJECT,
    check_sequences,
    check_signals,
    restore,
    restore_frames,
)


class _ClipwiseTransformer(TransformerMixin, BaseEstimator):
    """What both levels share: progress, workers and the hook for ``fit``."""

    def _map(self, function, *collections):
        return map_clips(
            function,
            *collections,
            n_jobs=getattr(self, "n_jobs", None),
            verbose=getattr(self, "verbose", 0),
            desc=type(self).__name__,
        )

    def _fit(self, items):
        """Check parameters and learn from the validated clips of ``fit``."""


class SignalTransformer(_ClipwiseTransformer):
    """Base of analyses: a signal of ``n_times`` samples in, ``(n_frames, n_features)`` out."""

    # The parameter that tells the rate of the signals that come in.
    _rate_in = "sample_rate"

    def fit(self, X, y=None):
        """Check the parameters and learn what the analysis needs.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1].
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            When a parameter is out of range, there are no clips, or a clip is empty, stereo, of
            integers or not finite; also when a step before has made another sample rate than the
            one expected here.
        """
        self._fit(self._check_signals(X, reset=True).items)
        return self

    def transform(self, X):
        """Analyse every signal.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1].

        Returns
        -------
        sequences : list of arrays (n_frames, n_features)
            In the kind of container that X is. A list also remembers the lengths of the
            clips, so that the inverse keeps them.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when there are no clips, or a clip is empty, stereo, of integers or not
            finite; also when a step before has made another sample rate than the one expected here.
        """
        check_is_fitted(self)
        clips = self._check_signals(X)
        names = _names(clips.items)
        out = self._map(partial(_naming_clip, self._transform_one), names, clips.items)
        self._inspect(clips.items, out, _names(out))
        return restore(out, clips.kind, (*clips.trail, self._record(clips.items)))

    def _record(self, items):
        """What the inverse needs to know of the clips, a tuple of values for each name."""
        return {"n_times": tuple(len(x) for x in items)}

    def _inspect(self, items, out, names):
        """Warn of odd clips by name, here, where warnings of workers would be lost."""

    def _check_signals(self, X, reset=False):
        """Check the clips, and their rate where a step before has changed it."""
        clips = check_signals(X, estimator=self, reset=reset)
        wanted = getattr(self, self._rate_in, None)
        check_resampled(clips.trail, wanted, f"{type(self).__name__} has {self._rate_in}")
        return clips

    def _check_output(self, X):
        """Check what the inverse is given."""
        return check_sequences(X, complex_ok=True)


class SequenceTransformer(_ClipwiseTransformer):
    """Base of maps between sequences. Rows of a 2-D array are sequences of one frame."""

    def fit(self, X, y=None):
        """Check the parameters and learn what the transformer needs.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array
            In a 2-D array every row is a sequence of its own, of one frame.
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            When a parameter is out of range, there are no sequences, or a sequence is empty, not
            finite, not of two dimensions or of other columns than the first.
        """
        self._fit(check_sequences(X, estimator=self, reset=True).items)
        return self

    def transform(self, X):
        """Transform every sequence.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array

        Returns
        -------
        sequences : list of arrays (n_frames, n_features_out)
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a sequence is empty, not finite or not of two dimensions, or when
            it has another number of columns than those of ``fit``.
        """
        check_is_fitted(self)
        clips = check_sequences(X, estimator=self)
        out = self._map(self._transform_one, clips.items)
        return restore_frames(out, X, clips.kind, clips.trail)


class InvertibleMixin:
    """Adds ``inverse_transform`` to either base; put it first among the bases."""

    # What ``_inverse_one`` wants of ``_record``, in order; None where nobody remembers.
    _recalls = ("n_times",)

    def inverse_transform(self, X, n_times=None):
        """Go back to what ``transform`` was given.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or numeric array
            Feature sequences; signals where ``transform`` makes signals.
        n_times : sequence of int, optional
            For transformers of signals: length of each clip in samples. By default the
            lengths that ``transform`` left beside its list, and without them what the number
            of frames or of samples tells.

        Returns
        -------
        clips : list of arrays
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, where one is needed; when a clip is empty, not finite or of another
            shape than ``transform`` gives, ``n_times`` has not one length a clip, or clips were
            added to a list that remembers their lengths, or removed.
        """
        check_is_fitted(self)
        if not isinstance(self, SignalTransformer):
            clips = check_sequences(X, complex_ok=True)
            out = self._map(self._inverse_one, clips.items)
            return restore_frames(out, X, clips.kind, clips.trail)
        clips = self._check_output(X)
        record, rest = recall(clips.trail, self._recalls, len(clips.items))
        if n_times is not None:
            if len(n_times) != len(clips.items):
                raise ValueError(
                    f"n_times has {len(n_times)} lengths for {len(clips.items)} clips."
                )
            record["n_times"] = n_times
        elif clips.kind == "array":
            # Rows of an array are all as long as those of fit.
            record["n_times"] = (getattr(self, "n_features_in_", None),) * len(clips.items)
        columns = (record[name] for name in self._recalls)
        inverse = partial(_naming_clip, self._inverse_one)
        out = self._map(inverse, _names(clips.items), clips.items, *columns)
        return restore(out, clips.kind, rest)


class SignalFilter(InvertibleMixin, SignalTransformer):
    """Base of filters: a signal in, a signal out; nothing is learned.

    What a filter finds out about a clip (a gain, where it is silent) is measured once:
    ``_measure_one(x)`` returns a value for each name in ``_recalls``,
    ``_transform_one(x, *values)`` applies them, the list remembers them, and
    ``_inverse_one(y, *values)`` undoes them. Where nobody remembers, they are None there.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def transform(self, X):
        """Filter every signal.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1].

        Returns
        -------
        signals : list of 1-D arrays
            In the kind of container that X is; rows of an array that come out at different
            lengths make a 1-D object array. A list also remembers what was done to each
            clip, so that the inverse can undo it.

        Raises
        ------
        ValueError, TypeError
            When a parameter is out of range, there are no clips, or a clip is empty, stereo, of
            integers or not finite; also when a step before has made another sample rate than the
            one expected here.
        """
        clips = self._check_signals(X)
        self._fit(clips.items)
        measured = self._map(self._measure_one, clips.items)
        columns = list(zip(*measured, strict=True))
        self._warn(clips.items, _names(clips.items), *columns)
        out = self._map(self._transform_one, clips.items, *columns)
        record = dict(zip(self._recalls, columns, strict=True))
        ragged = clips.kind == ARRAY and len({len(x) for x in out}) > 1
        return restore(out, OBJECT if ragged else clips.kind, (*clips.trail, record))

    def _warn(self, items, names, *columns):
        """Warn of odd clips by name."""

    def _check_output(self, X):
        self._fit(())
        return check_signals(X)


def _names(items):
    return [f"X[{i}]" for i in range(len(items))]


def _naming_clip(function, name, *values):
    """Call a function on one clip; its errors begin with the name of the clip."""
    try:
        return function(*values)
    except ValueError as e:
        raise ValueError(f"{name}: {e}") from e
