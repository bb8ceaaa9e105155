"""Voice conversion without pairs: any sentences of one voice, any others of another."""

import sys
import warnings

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from ..exceptions import SilentClipWarning
from ..mapping import GaussianTransport
from ..mapping._transport import frechet_distance
from ..signal._silence import SILENT_PEAK
from ..utils.labels import check_labels, choose_domains, find_classes, split_domains
from ..utils.pairing import stack
from ..utils.validation import check_signals, is_matrix
from ._conversion import BaseConverter, names_of
from ._unpaired_streams import UnpairedStreams, active_parts, check_transport, columns_of


class UnpairedConverter(BaseConverter):
    """Convert a voice to another, learned from unrelated sentences of both.

    Nothing is aligned, and no transcript is needed: the frames of one voice are carried to the
    distribution of the other's [1]_, or replaced by frames of the other.

    Parameters
    ----------
    features : transformer
        From signals to sequences and back, such as
        :class:`~skstyle.features.SourceFilterVocoder`. One clone is fitted on the source, another
        on the target, and the latter makes the sound.
    transport : transformer or regressor, optional
        A transformer of frames that is fitted on frames and their domains, by default
        ``GaussianTransport()``, whose own ``source`` and ``target`` are not used; or a regressor of
        sequences that needs no pairs, ``KNNFrameRegressor(dictionary="target")``. Mel-cepstra
        (without c_0, the level) and aperiodicities get clones of their own; other features are
        mapped as a whole.
    target : label, optional
        Of the voice to convert to; by default the last one in sorted order.
    source : label, optional
        Of the voice to convert from; by default all others together.
    post_filter : transformer of sequences, optional
        Fitted on the converted clips of the source and on those of the target, such as
        :class:`~skstyle.trajectory.GlobalVarianceScaler`.
    silence_db : float, default=30.0
        Frames so far below the loud ones of their clip do not count in the fit.
    synthesis : {"vocoder", "differential"}, default="vocoder"
        How the sound is made: see :class:`SignalConverter`.
    level : {"target", "source", "free"}, default="target"
        How loud the result is: see :class:`SignalConverter`.
    memory : str, joblib.Memory or None, default=None
        Where analyses are cached, clip by clip.
    n_jobs : int, optional
        Number of clips analysed or synthesised at once.
    verbose : int, default=0
        1 shows progress, one line a stage.

    Attributes
    ----------
    classes_ : ndarray
        All labels, sorted.
    target_ : label
    source_features_, target_features_ : transformer
        The fitted clones.
    level_gain_ : float
        How much louder the target's clips are than the source's, in dB.
    sample_rate_ : float or None
        The one sample rate of all steps, in Hz.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    make_unpaired_converter : A good default.
    SignalConverter : Better where the same sentences were said by both.

    Notes
    -----
    Clips of both voices are needed in every fit: cross-validate with StratifiedKFold.

    Pitch moves to the target's median and quartiles. Several source voices are one cloud of
    timbre; the pitch of their clips is moved by the median of each. Silent clips do not take part
    in the fit. A minute of each voice is little, a few seconds are too little.

    References
    ----------
    .. [1] G. Peyre and M. Cuturi, "Computational optimal transport", Found. Trends Mach.
       Learn. 11, 2019. doi:10.1561/2200000073

    Examples
    --------
    >>> from skstyle.compose import UnpairedConverter
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.features import SourceFilterVocoder
    >>> anna, ben = make_parallel_speakers(n_sentences=6, random_state=0)
    >>> X, speakers = anna[:3] + ben[3:], ["anna"] * 3 + ["ben"] * 3  # no sentence in common
    >>> converter = UnpairedConverter(SourceFilterVocoder(16000), target="ben")
    >>> converted = converter.fit(X, speakers).predict(anna[3:4])
    >>> len(converted[0]) == len(anna[3])
    True
    """

    def __init__(
        self,
        features,
        transport=None,
        *,
        target=None,
        source=None,
        post_filter=None,
        silence_db=30.0,
        synthesis="vocoder",
        level="target",
        memory=None,
        n_jobs=None,
        verbose=0,
    ):
        self.features = features
        self.transport = transport
        self.target = target
        self.source = source
        self.post_filter = post_filter
        self.silence_db = silence_db
        self.synthesis = synthesis
        self.level = level
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.one_d_labels = True
        return tags

    def fit(self, X, y):
        """Learn two voices from their clips.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1], of all voices.
        y : array-like of shape (n_clips,)
            Whose voice every clip is.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            When a voice is missing or wholly silent, a clip is not a mono float signal, the
            sample rates of two steps differ, or the features cannot do the synthesis.
        """
        self._check_options()
        transport = GaussianTransport() if self.transport is None else self.transport
        check_transport(transport)
        if is_matrix(X):
            X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
            X = list(X)
        X = self._check_clips(X)
        y = check_labels(X, y)
        self.classes_ = find_classes(y)
        self.target_, _ = choose_domains(self.classes_, self.target, self.source)
        here, there = self._sides(y, _audible(X))
        source, target = self._analyse_sides(
            [X[i] for i in here], [X[i] for i in there], names_of("X", here), names_of("X", there)
        )
        if self.verbose:
            print(
                f"fit {type(transport).__name__} on {len(here)} clips of the source and "
                f"{len(there)} of the target",
                file=sys.stderr,
            )
        blocks = getattr(self.target_features_, "feature_blocks_", {})
        streams = UnpairedStreams(transport, blocks, self.silence_db, self.post_filter)
        self.regressor_ = streams.fit(source, target, y[here])
        return self

    def _sides(self, y, usable=True):
        """Return the indices of the clips to convert, and of those of the target."""
        sides = split_domains(y, self.target_, self.source)
        here, there = (np.flatnonzero(side & usable) for side in sides)
        if not (len(here) and len(there)):
            wanted = "any other" if self.source is None else repr(self.source)
            raise ValueError(
                f"Clips of two voices are needed: got {len(here)} audible ones of the source "
                f"({wanted}) and {len(there)} of the target ({self.target_!s}). In "
                "cross-validation, StratifiedKFold keeps both in every part."
            )
        return here, there

    def score(self, X, y, sample_weight=None):
        """Return how near the converted clips come to the target's, as distributions.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
        y : array-like of shape (n_clips,)
            Whose voice every clip is; clips of the target and others.
        sample_weight : None
            Not used: frames of all clips count alike.

        Returns
        -------
        score : float
            The negative Frechet distance of mel-cepstra (of all features where there are none),
            without silence. Greater is better; 0 is best. Where paired clips exist,
            :func:`~skstyle.metrics.mel_cepstral_distortion` tells more.
        """
        check_is_fitted(self)
        X = check_signals(X, estimator=self).items
        y = check_labels(X, y)
        here, there = ([X[i] for i in side] for side in self._sides(y))
        wanted = self._analyse(
            self.target_features_, there, names_of("y", range(len(there))), "analyse target"
        )
        return -frechet_distance(self._timbre(self._convert(here)[1]), self._timbre(wanted))

    def _timbre(self, sequences):
        """Return the frames that the score compares."""
        blocks = getattr(self.target_features_, "feature_blocks_", {})
        frames = stack(active_parts(sequences, blocks, self.silence_db))
        return frames[:, columns_of(blocks, frames.shape[1])[0]]


def _audible(X):
    """Tell which clips are not silent; warn of the others."""
    audible = np.array([np.abs(x).max() >= SILENT_PEAK for x in X])
    for i in np.flatnonzero(~audible):
        message = f"X[{i}] is silent: it was left out."
        warnings.warn(message, SilentClipWarning, stacklevel=3)
    return audible
