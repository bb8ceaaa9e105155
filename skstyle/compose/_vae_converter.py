"""Conversion between any of several voices, learned from unrelated sentences of all of them."""

import copy
import warnings

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted, validate_data

from ..exceptions import SilentClipWarning
from ..mapping import GaussianTransport
from ..signal._silence import SILENT_PEAK, speech_level
from ..utils.labels import check_labels, choose_domains, find_classes, label_number
from ..utils.pairing import stack
from ..utils.validation import is_matrix
from ._conversion import names_of
from ._one_way import OneWay, Streams, Style, takes_whole
from ._unpaired import UnpairedConverter
from ._unpaired_streams import PitchMap, active_parts, columns_of


class VAEConverter(UnpairedConverter):
    """Convert voices to each other by a variational autoencoder of all of them.

    One fit on sentences of several voices, which need not say the same, and every voice can be
    converted to every other, or to a voice that comes later: see ``style_from``.

    Parameters
    ----------
    features : transformer
        From signals to sequences and back, such as
        :class:`~skstyle.features.SourceFilterVocoder`. A clone is fitted on every voice, and makes
        its sound.
    vae : VAETransport or ConvVAETransport, optional
        Maps timbre: mel-cepstra without c_0, the level; other features as a whole. The default
        counts errors as mel-cepstral distortion does. ``set_params(vae__beta=1.0)`` needs one
        that was given; this is the default, to copy::

            VAETransport(
                decoder_variance="one", beta=1.3, n_epochs=30, learning_rate=0.002, random_state=0
            )

        Its own `target` and `source` are not used.
    target : label, optional
        Of the voice that ``predict`` converts to; by default the last one in sorted order.
    source : label, optional
        Of the voice that ``predict`` converts from; by default it is recognised.
    silence_db : float, default=30.0
        Frames so far below the loud ones of their clip do not count in the fit.
    synthesis : {"vocoder", "differential"}, default="vocoder"
        How the sound is made: see :class:`SignalConverter`.
    level : {"target", "source", "free"}, default="target"
        How loud the result is: see :class:`SignalConverter`.
    memory : str, joblib.Memory or None, default=None
        Where analyses are cached, clip by clip. Without it every call of ``convert`` analyses its
        clips anew: give one where the same clips become several voices.
    n_jobs : int, optional
        Number of clips analysed or synthesised at once.
    verbose : int, default=0
        1 shows progress, one line a stage.

    Attributes
    ----------
    classes_ : ndarray
        All labels, sorted.
    target_ : label
    vae_ : VAETransport or ConvVAETransport
        The fitted clone. It does not know the labels: its styles are their numbers, 0 for the
        first of ``classes_``.
    source_features_ : transformer
        Fitted on all voices.
    target_features_ : transformer
        That of ``target_``.
    style_features_ : list of transformer
        Fitted on one voice each, in the order of ``classes_``.
    sample_rate_ : float or None
        The one sample rate of all steps, in Hz.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    UnpairedConverter : Converts to one voice, by other maps.

    Notes
    -----
    Timbre is mapped as in [1]_. Whose voice a clip is need not be told: it is taken for the known
    voice that fits its frames best, the target left out. The median pitch of the clip becomes that
    of the target, and the spread of pitch is scaled as the target's is to that of all other
    voices. Breathiness is moved by a :class:`~skstyle.mapping.GaussianTransport` from all other
    voices.

    References
    ----------
    .. [1] C.-C. Hsu, H.-T. Hwang, Y.-C. Wu, Y. Tsao and H.-M. Wang, "Voice conversion from
       non-parallel corpora using variational auto-encoder", APSIPA 2016.
       https://doi.org/10.1109/APSIPA.2016.7820786

    Examples
    --------
    >>> from skstyle.compose import VAEConverter
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.features import SourceFilterVocoder
    >>> from skstyle.neural import VAETransport
    >>> anna, ben = make_parallel_speakers(n_sentences=4, random_state=0)
    >>> X, speakers = anna[:2] + ben[2:], ["anna"] * 2 + ["ben"] * 2  # no sentence in common
    >>> vae = VAETransport(n_epochs=5, random_state=0)
    >>> converter = VAEConverter(SourceFilterVocoder(16000), vae).fit(X, speakers)
    >>> as_ben = converter.convert(anna[2:3], "ben")
    >>> as_anna = converter.convert(ben[:1], "anna")
    >>> len(as_anna[0]) == len(ben[0])
    True
    """

    def __init__(
        self,
        features,
        vae=None,
        *,
        target=None,
        source=None,
        silence_db=30.0,
        synthesis="vocoder",
        level="target",
        memory=None,
        n_jobs=None,
        verbose=0,
    ):
        self.features = features
        self.vae = vae
        self.target = target
        self.source = source
        self.silence_db = silence_db
        self.synthesis = synthesis
        self.level = level
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X, y):
        """Learn all voices from their clips.

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
            When a voice is wholly silent, there are no two of them, a clip is not a mono float
            signal, or the sample rates of two steps differ.
        """
        self._check_options()
        if is_matrix(X):
            X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
            X = list(X)
        X = self._check_clips(X)
        y = check_labels(X, y)
        self.classes_ = find_classes(y)
        self.target_, _ = choose_domains(self.classes_, self.target, self.source)
        voices = []
        for label in self.classes_:
            voices.append(self._audible(X, np.flatnonzero(y == label), label))
        self.source_features_ = clone(self.features).fit([X[i] for i in np.concatenate(voices)])
        measured = []
        for label, rows in zip(self.classes_, voices, strict=True):
            clips = [X[i] for i in rows]
            measured.append(self._measure(clips, names_of("X", rows), f"analyse {label}"))
        self.style_features_ = [features for features, _, _ in measured]
        sequences = [found for _, _, found in measured]
        self._fit_vae(sequences)
        self._known = [self._beside_timbre(x) for x in sequences]
        self._styles = [
            self._describe(
                *measured[i][:2], i, self._known[i], self._known[:i] + self._known[i + 1 :]
            )
            for i in range(len(measured))
        ]
        self._turn(self._styles[label_number(self.classes_, self.target_, "target")], self.source)
        return self

    def _measure(self, clips, names, desc):
        """Return features fitted on clips of a voice, its level, and its audible frames."""
        features = clone(self.features).fit(clips)
        sequences = self._analyse(features, clips, names, desc)
        blocks = getattr(features, "feature_blocks_", {})
        level = float(np.median([speech_level(x) for x in clips]))
        return features, level, active_parts(sequences, blocks, self.silence_db)

    def _audible(self, X, rows, label):
        audible = [i for i in rows if np.abs(X[i]).max() >= SILENT_PEAK]
        for i in sorted(set(rows.tolist()) - set(audible)):
            message = f"X[{i}] is silent: it was left out."
            warnings.warn(message, SilentClipWarning, stacklevel=3)
        if not audible:
            raise ValueError(
                f"All clips of {label!s} are silent: an audible one of every voice is needed."
            )
        return np.array(audible)

    def _fit_vae(self, voices):
        """Learn timbre from the sequences of all voices."""
        vae = default_vae() if self.vae is None else clone(self.vae)
        sequences = [x for voice in voices for x in voice]
        numbers = np.repeat(np.arange(len(voices)), [len(voice) for voice in voices])
        blocks = getattr(self.style_features_[0], "feature_blocks_", {})
        timbre, *breath = columns_of(blocks, sequences[0].shape[1])
        pitch = [blocks["lf0"].start, blocks["vuv"].start] if "lf0" in blocks else []
        self._streams = Streams(blocks, timbre, breath, pitch, self.silence_db)
        X = [x[:, timbre] for x in sequences]
        if not takes_whole(vae):
            X, numbers = stack(X), np.repeat(numbers, [len(x) for x in X])
        self.vae_ = vae.set_params(target=None, source=None).fit(X, numbers)

    def _beside_timbre(self, sequences):
        """Return frames of pitch, and those of breathiness, which every pair of voices needs."""
        streams, frames = self._streams, stack(sequences)
        return frames[:, streams.pitch], [frames[:, columns] for columns in streams.breath]

    def _describe(self, features, level, code, own, others):
        """Put together what makes a voice, beside others."""
        pitch = PitchMap([x for x, _ in others], own[0]) if self._streams.pitch else None
        breath = []
        for k, target in enumerate(own[1]):
            source = np.concatenate([x[k] for _, x in others])
            sides = np.repeat([False, True], [len(source), len(target)])
            transport = GaussianTransport(target=True)
            breath.append(transport.fit(np.concatenate([source, target]), sides))
        return Style(features, level, code, pitch, breath)

    def style_from(self, X):
        """Describe a voice that was not in the fit, so that others can be converted to it.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            A few seconds of that voice, or more, mono at ``sample_rate_``.

        Returns
        -------
        style : Style
            For ``convert(X, target=style)``.
        """
        check_is_fitted(self)
        clips = self._check_clips(X)
        rows = self._audible(clips, np.arange(len(clips)), "the new voice")
        clips = [clips[i] for i in rows]
        features, level, found = self._measure(clips, names_of("X", rows), "analyse style")
        timbre = [x[:, self._streams.timbre] for x in found]
        code = self.vae_.style_from(timbre if takes_whole(self.vae_) else stack(timbre))
        return self._describe(features, level, code, self._beside_timbre(found), self._known)

    def convert(self, X, target, source=None):
        """Convert signals to any voice.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1] at ``sample_rate_``.
        target : label or Style
            One of ``classes_``, or what ``style_from`` returned.
        source : label, optional
            Whose voice all clips of X are. By default it is recognised, clip by clip.

        Returns
        -------
        signals : list of 1-D arrays
            As long as their sources, in their dtype and the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a label was not in y, or a clip is empty, stereo, of integers or
            not finite.
        """
        check_is_fitted(self)
        if not isinstance(target, Style):
            if np.ndim(target):
                raise ValueError(
                    f"target is an array of shape {np.shape(target)}, expected one of the labels "
                    f"{self.classes_.tolist()}, or what style_from returns: a code alone has "
                    "neither pitch nor level."
                )
            target = self._styles[label_number(self.classes_, target, "target")]
        return copy.copy(self)._turn(target, source).predict(X)

    def _turn(self, style, source=None):
        """Make this a converter to one voice."""
        chosen = None if source is None else label_number(self.classes_, source, "source")
        self.target_features_ = style.features
        self.regressor_ = OneWay(self.vae_, self._streams, style, chosen)
        return self

    def _convert(self, items):
        names = names_of("X", range(len(items)))
        # Timbre and level both ask whose voices these are: it is found out once.
        source = self.regressor_.hear(self._analyse(self.source_features_, items, names, "analyse"))
        converted = self.regressor_.predict(source)
        return source, self._match_level(converted, source, self._gains_db(source))

    def _level_gains(self, source):
        levels = [self._styles[i].level for i in self.regressor_.hear(source).voices]
        return [self.regressor_.style.level - level for level in levels]


def default_vae():
    """Return an autoencoder that suits mel-cepstra; chosen on recorded voices."""
    from ..neural import VAETransport  # torch is optional

    return VAETransport(
        decoder_variance="one", beta=1.3, n_epochs=30, learning_rate=0.002, random_state=0
    )
