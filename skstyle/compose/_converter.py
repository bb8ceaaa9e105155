"""Signals in, signals out: analyse both sides, regress, synthesise."""

import sys
import warnings
from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted, check_memory, validate_data

from ..alignment._distortion import mel_cepstral_distances
from ..exceptions import SilentClipWarning, SkstyleWarning
from ..features import MelCepstrum
from ..features._cepstrum import mel_cepstrum, power_from_mel_cepstrum
from ..features._differential import pitch_ratio
from ..signal._silence import SILENT_PEAK, speech_level
from ..utils.parallel import map_clips
from ..utils.rates import check_resampled, common_sample_rate
from ..utils.validation import check_paired, check_signals, is_matrix, restore
from ._pairs import audible_pairs
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


class SignalConverter(MetaEstimatorMixin, TransformerMixin, BaseEstimator):
    """Convert signals through features: the ragged TransformedTargetRegressor.

    Parameters
    ----------
    features : transformer
        From signals to sequences and back (``inverse_transform``), such as
        :class:`~skstyle.features.SourceFilterVocoder` or a Pipeline. One clone is fitted on
        the source, another on the target, and the latter makes the sound.
    regressor : regressor of sequences
        Such as :class:`~skstyle.compose.AlignedRegressor`.
    synthesis : {"vocoder", "differential"}, default="vocoder"
        "vocoder" makes the sound from the converted features alone (``inverse_transform``).
        "differential" shifts the pitch of the source clip by one ratio and filters it by the
        difference of the envelopes (``apply_filter``): breath, phases and the shape of the
        intonation stay those of the source [1]_.
    level : {"source", "target", "free"}, default="source"
        "source" gives every converted frame the power of its source frame, where the features
        can (``match_power``). "target" does so too, and makes the whole as loud as the target's
        clips were on the median. "free" leaves the level to the regressor.
    memory : str, joblib.Memory or None, default=None
        Where analyses are cached, clip by clip. Grid searches analyse every clip once, and
        the next search not at all.
    n_jobs : int, optional
        Number of clips analysed or synthesised at once.
    verbose : int, default=0
        1 shows progress, one line a stage.

    Attributes
    ----------
    source_features_, target_features_ : transformer
        The fitted clones.
    regressor_ : regressor
    level_gain_ : float
        How much louder the target's clips are than the source's, in dB.
    sample_rate_ : float or None
        The one sample rate of all steps, in Hz.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    make_voice_converter : A good default.

    Notes
    -----
    Silent clips do not take part in the fit, and are converted to silence; both with a
    warning. The result is as long as its source.

    The ratio of "differential" is the median one of a clip, over voiced frames; changes
    within 1 % are left. Of the converted features only the mel-cepstra and that ratio are
    heard, and the score on features says the same for both kinds of synthesis.

    References
    ----------
    .. [1] K. Kobayashi, T. Toda and S. Nakamura, "F0 transformation techniques for statistical
       voice conversion with direct waveform modification with spectral differential",
       IEEE SLT 2016.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from skstyle.compose import AlignedRegressor, SignalConverter
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.features import SourceFilterVocoder
    >>> X, y = make_parallel_speakers(n_sentences=3, random_state=0)
    >>> converter = SignalConverter(SourceFilterVocoder(16000), AlignedRegressor(Ridge()))
    >>> converted = converter.fit(X[:2], y[:2]).predict(X[2:])
    >>> len(converted[0]) == len(X[2])
    True
    """

    def __init__(
        self,
        features,
        regressor,
        *,
        synthesis="vocoder",
        level="source",
        memory=None,
        n_jobs=None,
        verbose=0,
    ):
        self.features = features
        self.regressor = regressor
        self.synthesis = synthesis
        self.level = level
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        return tags

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

    def fit(self, X, y):
        """Learn to convert source clips to target clips.

        Parameters
        ----------
        X, y : list of 1-D arrays, 1-D object arrays or 2-D arrays (n_clips, n_times)
            Paired mono signals in [-1, 1]; ``X[i]`` and ``y[i]`` say the same sentence, at
            any lengths.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            When X and y do not pair up, a clip is not a mono float signal, the sample rates
            of two steps differ, all clips are silent, or the features cannot do the synthesis.
        """
        if self.synthesis not in ("vocoder", "differential"):
            raise ValueError(
                f"synthesis must be 'vocoder' or 'differential', got {self.synthesis!r}."
            )
        if self.level not in ("source", "target", "free"):
            raise ValueError(f"level must be 'source', 'target' or 'free', got {self.level!r}.")
        self.sample_rate_ = common_sample_rate(self)
        if is_matrix(X):
            X, y = validate_data(self, X, y, multi_output=True, dtype=[np.float64, np.float32])
            X, y = list(X), list(y.reshape(len(y), -1).astype(X.dtype))
        clips, targets = check_signals(X, estimator=self), check_signals(y, name="y")
        for trail in (clips.trail, targets.trail):
            check_resampled(trail, self.sample_rate_, "The converter has sample_rate")
        X, y = clips.items, targets.items
        check_paired(X, y)
        kept = audible_pairs(X, y)
        X, y = [X[i] for i in kept], [y[i] for i in kept]
        self.level_gain_ = float(
            np.median([*map(speech_level, y)]) - np.median([*map(speech_level, X)])
        )
        self.source_features_ = clone(self.features).fit(X)
        self.target_features_ = clone(self.features).fit(y)
        if self.synthesis == "differential":
            check_can_filter(self.target_features_, self.sample_rate_)
        source = self._analyse(self.source_features_, X, _names("X", kept), "analyse source")
        target = self._analyse(self.target_features_, y, _names("y", kept), "analyse target")
        if self.verbose:
            print(f"fit {type(self.regressor).__name__} on {len(X)} pairs", file=sys.stderr)
        self.regressor_ = clone(self.regressor).fit(source, target)
        return self

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
        names = _names("X", range(len(items)))
        source = self._analyse(self.source_features_, items, names, "analyse")
        converted = self.regressor_.predict(source)
        return source, self._match_level(converted, source, self._gain_db())

    def _gain_db(self):
        """How much louder than its source every clip becomes."""
        matches = hasattr(self.target_features_, "match_power")
        return self.level_gain_ if matches and self.level == "target" else 0.0

    def _match_level(self, converted, reference, gain_db):
        match = getattr(self.target_features_, "match_power", None)
        if match is None or self.level == "free":
            return converted
        return match(converted, reference, gain_db=gain_db)

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
        converted = self._match_level(converted, own, 0.0)
        run = partial(filter_clip, features, sample_rate=self.sample_rate_)
        filtered = self._map(run, shifted, own, converted, desc="filter")
        # The gain of the filter is bounded: what is the same everywhere is left to the sound.
        gain = 10 ** (self._gain_db() / 20)
        return [(x * gain).astype(x.dtype, copy=False) for x in filtered]

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
        """
        return self.predict(X)

    def score(self, X, y, sample_weight=None):
        """Return the negative mel-cepstral distortion to the targets, in dB.

        Parameters
        ----------
        X, y : list of 1-D arrays
            Paired signals.
        sample_weight : array of shape (n_clips,), optional

        Returns
        -------
        score : float
            Greater is better; 0 is the target itself. Measured in one space, mel-cepstra of
            order 24, whatever the order of the features: on converted features where they
            hold a mel-cepstrum, and else by analysing the converted signals.
        """
        check_is_fitted(self)
        X, y = check_signals(X, estimator=self).items, check_signals(y, name="y").items
        check_paired(X, y)
        if self.sample_rate_ is None:
            raise ValueError(
                "The score compares mel-cepstra and needs a sample rate, but no step has "
                "one: pass scoring=..., or use features with a sample_rate."
            )
        standard = MelCepstrum(self.sample_rate_, learn_f0_range=False).fit(y)
        if "mcep" in getattr(self.target_features_, "feature_blocks_", {}):
            a = _to_standard(self.predict_features(X), self.target_features_, standard)
        else:
            signals = self.predict(X)
            a = self._analyse(standard, signals, _names("X", range(len(X))), "analyse converted")
        b = self._analyse(standard, y, _names("y", range(len(y))), "analyse target")
        distances = mel_cepstral_distances(a, b, n_jobs=self.n_jobs)
        return -float(np.average(distances, weights=sample_weight))


def _to_standard(sequences, vocoder, standard):
    """Express the mel-cepstra of any order and warp as those of the standard analysis."""
    cepstra = [s[:, vocoder.feature_blocks_["mcep"]] for s in sequences]
    if (vocoder.order, vocoder.alpha_) == (standard.order, standard.alpha_):
        return cepstra
    powers = (power_from_mel_cepstrum(c, vocoder.n_fft_, vocoder.alpha_) for c in cepstra)
    return [mel_cepstrum(p, standard.order, standard.alpha_) for p in powers]


def _names(name, indices):
    return [f"{name}[{i}]" for i in indices]
