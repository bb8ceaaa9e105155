"""What all converters of signals do: analyse, convert sequences, synthesise."""

import warnings
from abc import abstractmethod
from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted, check_memory

from ..exceptions import SilentClipWarning, SkstyleWarning
from ..features._differential import pitch_ratio
from ..signal._silence import SILENT_PEAK, speech_level
from ..utils.parallel import map_clips
from ..utils.rates import check_resampled, common_sample_rate
from ..utils.validation import check_signals, restore
from ._rendering import check_can_filter, filter_clip, shift_clip, synthesise_clip

# Part of the key of cached analyses: raise it when an analysis changes.
ANALYSIS_VERSION = 2


def _analyse_clip(features, clip, version):
    """Analyse one clip; a module-level function, so that joblib can cache it by content."""
    with warnings.catch_warnings():
        # Raised again in the main process, where the clip has a name.
        warnings.simplefilter("ignore", SkstyleWarning)
        return features.transform([clip])[0]


def _analyse_named(analyse, features, clip, name):
    """Analyse one clip; errors call it by the name that it has outside of the worker."""
    try:
        return analyse(features, clip, version=ANALYSIS_VERSION)
    except ValueError as e:
        raise ValueError(str(e).replace("X[0]", name or "a clip", 1)) from e


class BaseConverter(MetaEstimatorMixin, TransformerMixin, BaseEstimator):
    """Base of converters of signals.

    A subclass has the parameters ``features``, ``synthesis``, ``level``, ``memory``, ``n_jobs``
    and ``verbose``; its ``fit`` calls ``_check_options``, ``_check_clips`` and ``_analyse_sides``
    and leaves a regressor of sequences in ``regressor_``.
    """

    @abstractmethod
    def fit(self, X, y):
        """Learn to convert."""

    def _check_options(self):
        if self.synthesis not in ("vocoder", "differential"):
            raise ValueError(
                f"synthesis must be 'vocoder' or 'differential', got {self.synthesis!r}."
            )
        if self.level not in ("source", "target", "free"):
            raise ValueError(f"level must be 'source', 'target' or 'free', got {self.level!r}.")
        self.sample_rate_ = common_sample_rate(self)

    def _check_clips(self, X, name="X"):
        """Check signals in fit, and their rate where a step before has changed it."""
        clips = check_signals(X, estimator=self if name == "X" else None, name=name)
        check_resampled(clips.trail, self.sample_rate_, "The converter has sample_rate")
        return clips.items

    def _analyse_sides(self, X, y, names_x, names_y):
        """Fit the features of both sides, and return the sequences of both."""
        self.level_gain_ = float(
            np.median([*map(speech_level, y)]) - np.median([*map(speech_level, X)])
        )
        self.source_features_ = clone(self.features).fit(X)
        self.target_features_ = clone(self.features).fit(y)
        if self.synthesis == "differential":
            check_can_filter(self.target_features_, self.sample_rate_)
        source = self._analyse(self.source_features_, X, names_x, "analyse source")
        target = self._analyse(self.target_features_, y, names_y, "analyse target")
        return source, target

    def _map(self, function, *collections, desc):
        return map_clips(
            function, *collections, n_jobs=self.n_jobs, verbose=self.verbose, desc=desc
        )

    def _analyse(self, features, items, names, desc):
        cached = check_memory(self.memory).cache(_analyse_clip)
        analyse = partial(_analyse_named, cached, features)
        known = [""] * len(items) if names is None else names
        sequences = self._map(analyse, items, known, desc=desc)
        if names is not None and hasattr(features, "_inspect"):
            with warnings.catch_warnings():
                # Silence is the converter's own matter: it leaves it out, or keeps it.
                warnings.simplefilter("ignore", SilentClipWarning)
                features._inspect(items, sequences, names)
        return sequences

    def predict_features(self, X):
        """Return the converted features, before any synthesis.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)

        Returns
        -------
        sequences : list of arrays (n_frames, n_features)
        """
        check_is_fitted(self)
        return self._convert(check_signals(X, estimator=self).items)[1]

    def _convert(self, items):
        """Return the sequences of the clips, and the converted ones."""
        names = names_of("X", range(len(items)))
        source = self._analyse(self.source_features_, items, names, "analyse")
        converted = self.regressor_.predict(source)
        return source, self._match_level(converted, source, self._gains_db(source))

    def _gains_db(self, source):
        """How much louder than its source every clip becomes."""
        matches = hasattr(self.target_features_, "match_power")
        louder = matches and self.level == "target"
        return self._level_gains(source) if louder else [0.0] * len(source)

    def _level_gains(self, source):
        """How much louder the target speaks than the voice of every clip."""
        return [self.level_gain_] * len(source)

    def _match_level(self, converted, reference, gains_db):
        match = getattr(self.target_features_, "match_power", None)
        if match is None or self.level == "free":
            return converted
        return [
            match([x], [r], gain_db=gain)[0]
            for x, r, gain in zip(converted, reference, gains_db, strict=True)
        ]

    def _synthesise(self, items, converted):
        synthesise = partial(synthesise_clip, self.target_features_)
        return self._map(synthesise, items, converted, desc="synthesise")

    def _filter(self, items, source, converted):
        """Shift the pitch of every clip, and filter from what it is then to what it shall be."""
        features = self.target_features_
        pairs = zip(source, converted, strict=True)
        ratios = [pitch_ratio(a, b, features.feature_blocks_) for a, b in pairs]
        shift = partial(shift_clip, features=self.source_features_, sample_rate=self.sample_rate_)
        shifted = self._map(shift, items, ratios, desc="shift pitch")
        moved = [i for i, ratio in enumerate(ratios) if ratio != 1]
        analysed = self._analyse(features, [shifted[i] for i in moved], None, "analyse shifted")
        own = list((dict(enumerate(source)) | dict(zip(moved, analysed, strict=True))).values())
        # A shift moves events a little: levels of the source would come too early or too late.
        converted = self._match_level(converted, own, [0.0] * len(own))
        run = partial(filter_clip, features, sample_rate=self.sample_rate_)
        filtered = self._map(run, shifted, own, converted, desc="filter")
        # The gain of the filter is bounded: what is the same everywhere is left to the sound.
        gains = [10 ** (gain / 20) for gain in self._gains_db(source)]
        return [(x * g).astype(x.dtype, copy=False) for x, g in zip(filtered, gains, strict=True)]

    def predict(self, X):
        """Convert signals.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1] at ``sample_rate_``.

        Returns
        -------
        signals : list of 1-D arrays
            As long as their sources, in their dtype and the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a clip is empty, stereo, of integers or not finite, or when clips
            were resampled to another rate than that of the converter.
        """
        check_is_fitted(self)
        clips = check_signals(X, estimator=self)
        check_resampled(clips.trail, self.sample_rate_, "The converter has sample_rate")
        source, converted = self._convert(clips.items)
        if self.synthesis == "differential":
            signals = self._filter(clips.items, source, converted)
        else:
            signals = self._synthesise(clips.items, converted)
        out = []
        for i, (x, signal) in enumerate(zip(clips.items, signals, strict=True)):
            if np.abs(x).max() < SILENT_PEAK:
                message = f"X[{i}] is silent: it was converted to silence."
                warnings.warn(message, SilentClipWarning, stacklevel=2)
                signal = np.zeros_like(x)
            out.append(signal.astype(x.dtype, copy=False))
        return restore(out, clips.kind, clips.trail)

    def transform(self, X):
        """Convert signals: :meth:`predict` under the name that Pipelines use.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)

        Returns
        -------
        signals : list of 1-D arrays

        Raises
        ------
        ValueError, TypeError
            As in :meth:`predict`.
        """
        return self.predict(X)


def names_of(name, indices):
    """Return what messages call the clips of a collection."""
    return [f"{name}[{i}]" for i in indices]
