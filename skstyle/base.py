"""Base classes that write the loop over clips; a subclass writes the maths for one clip.

``SignalTransformer``     signals  -> sequences   ``_transform_one(x)``
``SequenceTransformer``   sequences -> sequences  ``_transform_one(x)``
``InvertibleMixin``       adds ``inverse_transform`` by ``_inverse_one``
"""

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .utils.parallel import map_clips
from .utils.validation import check_sequences, check_signals, recall, restore, restore_frames


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
        """
        self._fit(check_signals(X, estimator=self, reset=True).items)
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
        """
        check_is_fitted(self)
        clips = check_signals(X, estimator=self)
        out = self._map(self._transform_one, clips.items)
        self._inspect(clips.items, out, [f"X[{i}]" for i in range(len(out))])
        return restore(out, clips.kind, (*clips.trail, self._record(clips.items)))

    def _record(self, items):
        """What the inverse needs to know of the clips, a tuple of values for each name."""
        return {"n_times": tuple(len(x) for x in items)}

    def _inspect(self, items, out, names):
        """Warn of odd clips by name, here, where warnings of workers would be lost."""


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
            Feature sequences.
        n_times : sequence of int, optional
            For transformers of signals: length of each clip in samples. By default the
            lengths that ``transform`` left beside its list, and without them the longest
            clip that has this number of frames.

        Returns
        -------
        clips : list of arrays
            In the kind of container that X is.
        """
        check_is_fitted(self)
        clips = check_sequences(X, complex_ok=True)
        if not isinstance(self, SignalTransformer):
            out = self._map(self._inverse_one, clips.items)
            return restore_frames(out, X, clips.kind, clips.trail)
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
        return restore(self._map(self._inverse_one, clips.items, *columns), clips.kind, rest)
