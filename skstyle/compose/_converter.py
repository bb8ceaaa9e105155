"""Signals in, signals out: analyse both sides, regress, synthesise."""

import sys

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted, validate_data

from ..alignment._distortion import mel_cepstral_distances
from ..features import MelCepstrum
from ..features._cepstrum import mel_cepstrum, power_from_mel_cepstrum
from ..utils.labels import refuse_labels
from ..utils.validation import check_paired, check_signals, is_matrix
from ._conversion import BaseConverter, names_of
from ._pairs import audible_pairs


class SignalConverter(BaseConverter):
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
        self._check_options()
        if is_matrix(X):
            X, y = validate_data(self, X, y, multi_output=True, dtype=[np.float64, np.float32])
            X, y = list(X), list(y.reshape(len(y), -1).astype(X.dtype))
        X = self._check_clips(X)
        refuse_labels(y)
        y = self._check_clips(y, name="y")
        check_paired(X, y)
        kept = audible_pairs(X, y)
        X, y = [X[i] for i in kept], [y[i] for i in kept]
        source, target = self._analyse_sides(X, y, names_of("X", kept), names_of("y", kept))
        if self.verbose:
            print(f"fit {type(self.regressor).__name__} on {len(X)} pairs", file=sys.stderr)
        self.regressor_ = clone(self.regressor).fit(source, target)
        return self

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
            a = self._analyse(standard, signals, names_of("X", range(len(X))), "analyse converted")
        b = self._analyse(standard, y, names_of("y", range(len(y))), "analyse target")
        distances = mel_cepstral_distances(a, b, n_jobs=self.n_jobs)
        return -float(np.average(distances, weights=sample_weight))


def _to_standard(sequences, vocoder, standard):
    """Express the mel-cepstra of any order and warp as those of the standard analysis."""
    cepstra = [s[:, vocoder.feature_blocks_["mcep"]] for s in sequences]
    if (vocoder.order, vocoder.alpha_) == (standard.order, standard.alpha_):
        return cepstra
    powers = (power_from_mel_cepstrum(c, vocoder.n_fft_, vocoder.alpha_) for c in cepstra)
    return [mel_cepstrum(p, standard.order, standard.alpha_) for p in powers]
