"""Speech from texts, or from what other clips say, in the style of a reference clip."""

import warnings
from functools import partial
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted, check_memory

from ..exceptions import SilentClipWarning
from ..signal import SilenceTrimmer
from ..signal._silence import SILENT_PEAK
from ..utils.parallel import map_clips
from ..utils.rates import check_resampled, common_sample_rate
from ..utils.validation import LIST, OBJECT, check_paired, check_signals, restore
from ._conversion import _analyse_clip, _analyse_named, names_of
from ._frame_sound import make_sound


class SequenceVAEConverter(MetaEstimatorMixin, BaseEstimator):
    """Say a text, or what another clip says, as a reference clip sounds.

    With ``SequenceVAE(content="frames")``, ``predict(contents, style=clip)`` makes a clip of the
    content of one clip and the style of another; with texts, speech of a transcript.

    Parameters
    ----------
    features : transformer
        From signals to sequences and back, such as a logarithmic
        :class:`~skstyle.features.MelSpectrogram`, whose inverse finds phases.
    vae : SequenceVAE, optional
        By default ``SequenceVAE()``, which reads texts.
    vocoder : callable, optional
        Makes the sound instead of the inverse of `features`: of an array (n_frames, n_features) it
        returns a 1-D signal at the rate of `features`, such as a pretrained neural vocoder whose
        mel spectrogram has the same settings.
    sharpness : float, default=0.5
        Harmonics of speech that is learned are blurred, and it is heard as a whisper: in sound,
        though not in ``predict_features``, every band differs so much more from those around it.
        Only where `features` are bands, which have ``frequencies_``, and phases are found without
        a `vocoder`; 0 leaves them.
    trim_db : float, default=40.0
        What is further below the loudest part of its clip is cut off at both ends before the fit,
        and off reference clips: silence around speech is no part of what is said.
    memory : str, joblib.Memory or None, default=None
        Where analyses are cached, clip by clip.
    n_jobs : int, optional
        Number of clips analysed or synthesised at once.
    verbose : int, default=0
        1 shows progress, one line a stage.

    Attributes
    ----------
    features_ : transformer
    vae_ : SequenceVAE
        The fitted clones. After ``predict`` ``vae_.stopped_`` and ``vae_.alignments_`` tell how it
        went.
    sample_rate_ : float or None
        The one sample rate of all steps, in Hz.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    VAEConverter : Converts frame by frame: clearer, in the rhythm of the source.

    References
    ----------
    .. [1] Y.-J. Zhang, S. Pan, L. He and Z.-H. Ling, "Learning latent representations for style
       control and transfer in end-to-end speech synthesis", ICASSP 2019.
       https://doi.org/10.1109/ICASSP.2019.8683623

    Examples
    --------
    >>> from skstyle.compose import SequenceVAEConverter
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.features import MelSpectrogram
    >>> from skstyle.neural import SequenceVAE
    >>> anna, ben = make_parallel_speakers(n_sentences=4, random_state=0)
    >>> X, said = anna + ben, [0, 1, 2, 3] * 2  # clips of one label say the same
    >>> mel = MelSpectrogram(16000, n_fft=1024, n_mels=20, output="log")
    >>> vae = SequenceVAE("frames", content_dim=16, decoder_dim=16, n_epochs=2, random_state=0)
    >>> converter = SequenceVAEConverter(mel, vae).fit(X, said)
    >>> converter.style_from(ben).shape
    (16,)
    """

    def __init__(
        self,
        features,
        vae=None,
        *,
        vocoder=None,
        sharpness=0.5,
        trim_db=40.0,
        memory=None,
        n_jobs=None,
        verbose=0,
    ):
        self.features = features
        self.vae = vae
        self.vocoder = vocoder
        self.sharpness = sharpness
        self.trim_db = trim_db
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.one_d_labels = True
        return tags

    def fit(self, X, y=None):
        """Learn to speak from clips of several voices.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1].
        y : list of str
            What is said in every clip. Where content is frames: any labels, or None; clips of one
            label say the same.

        Returns
        -------
        self : SequenceVAEConverter

        Raises
        ------
        TypeError, ValueError
            When a clip is no mono float signal or has no transcript, all are silent, or the sample
            rates of two steps differ.
        """
        self.sample_rate_ = common_sample_rate(self)
        check_scalar(self.trim_db, "trim_db", Real, min_val=0, include_boundaries="neither")
        check_scalar(self.sharpness, "sharpness", Real, min_val=0)
        if self.vocoder is not None and not callable(self.vocoder):
            raise TypeError(
                f"vocoder must be a function of frames that returns a signal, got {self.vocoder!r}."
            )
        if self.vae is None:
            from ..neural import SequenceVAE  # torch is optional

            vae = SequenceVAE()
        else:
            vae = clone(self.vae)
        clips = self._check(X, "X", reset=True).items
        if y is not None:
            y = list(y)
            check_paired(clips, y)
            if vae.content == "text":
                from ..neural._symbols import as_tokens

                as_tokens(y)  # before silent clips go, and numbers with them
        rows = self._audible(clips)
        names = names_of("X", rows)
        clips = self._trim([clips[i] for i in rows])
        self.features_ = clone(self.features).fit(clips)
        frames = self._analyse(clips, names, "analyse")
        self.vae_ = vae.fit(frames, None if y is None else [y[i] for i in rows])
        return self

    def score(self, X, y=None, sample_weight=None):
        """Return how much of the clips the model foretells: ``SequenceVAE.score``.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
        y : as in ``fit``
        sample_weight : array of shape (n_clips,), optional

        Returns
        -------
        score : float
            1 is perfect, 0 what the mean of the training frames would have.
        """
        check_is_fitted(self)
        clips = self._trim(self._check(X, "X").items)
        frames = self._analyse(clips, names_of("X", range(len(clips))), "analyse")
        return self.vae_.score(frames, y, sample_weight=sample_weight)

    def style_from(self, X):
        """Return the style that clips have in common, for ``predict(..., style=code)``.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Of one voice, for example.

        Returns
        -------
        code : ndarray of shape (latent_dim,)
            The mean of the codes of all clips.
        """
        return self.style_codes(X).mean(axis=0)

    def style_codes(self, X):
        """Return the style code of every clip.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)

        Returns
        -------
        codes : ndarray of shape (n_clips, latent_dim)
        """
        check_is_fitted(self)
        clips = self._check(X, "X").items
        for i, x in enumerate(clips):
            _refuse_silence(x, f"X[{i}]")
        names = names_of("X", range(len(clips)))
        return self.vae_.transform(self._analyse(self._trim(clips), names, "analyse style"))

    def predict(self, X, style=None):
        """Say contents in a style.

        Parameters
        ----------
        X : list of str; where content is frames, list of 1-D arrays (n_times_i,)
            What is said: texts, or clips of anyone at ``sample_rate_``.
        style : 1-D array (n_times,), 1-D array (latent_dim,) or list of these, default=None
            Who says it, and how: a clip, a code as ``style_from`` returns it, or a list of one for
            every content. None is the middle of all training clips.

        Returns
        -------
        signals : list of 1-D arrays
            As long as the decoder makes them.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a clip is empty, stereo, of integers or not finite, a text is empty
            or has a symbol that was not in those of ``fit``, or a style is no known label or code.
        """
        signals = self.synthesise(self.predict_features(X, style))
        if self.vae_.content == "text":
            return signals
        clips = check_signals(X)
        for i, x in enumerate(clips.items):
            if np.abs(x).max() < SILENT_PEAK:
                message = f"X[{i}] is silent: it was converted to silence."
                warnings.warn(message, SilentClipWarning, stacklevel=2)
                signals[i] = np.zeros_like(x)
        # Clips of one length come out at several: no array holds them.
        return restore(signals, OBJECT if clips.kind == OBJECT else LIST)

    def synthesise(self, frames):
        """Return the sound of frames that ``predict_features`` made, or others.

        Parameters
        ----------
        frames : list of arrays (n_frames_i, n_features)

        Returns
        -------
        signals : list of 1-D arrays
        """
        check_is_fitted(self)
        banded = hasattr(self.features_, "frequencies_")
        sharpness = self.sharpness if banded else 0.0
        make = partial(make_sound, self.features_, self.vocoder, sharpness)
        return map_clips(make, frames, n_jobs=self.n_jobs, verbose=self.verbose, desc="synthesise")

    def predict_features(self, X, style=None):
        """Return the frames that ``predict`` makes the sound of.

        Parameters
        ----------
        X : list of str or of 1-D arrays
            As in ``predict``.
        style : array or list, default=None
            As in ``predict``.

        Returns
        -------
        frames : list of arrays (n_frames_i, n_features)
        """
        check_is_fitted(self)
        if self.vae_.content == "frames":
            clips = self._trim(self._check(X, "X").items)
            X = self._analyse(clips, names_of("X", range(len(clips))), "analyse content")
        if style is not None:
            from ..neural._sequence_checks import read_codes

            alone = hasattr(style, "ndim") and style.ndim == 1 and style.dtype != object
            latent_dim = self.vae_.module_.latent_dim
            codes = read_codes(style, None, latent_dim, self._encode_style, clip_ndim=1)
            style = codes[0] if alone else list(codes)
        return self.vae_.predict(X, style)

    def _encode_style(self, clip, name):
        """Return the code of one clip, called by its name in messages."""
        try:
            clips = self._check([clip], name).items
        except (TypeError, ValueError) as e:
            raise type(e)(str(e).replace(f"{name}[0]", name)) from e
        _refuse_silence(clips[0], name)
        return self.vae_.transform(self._analyse(self._trim(clips), [name], "analyse style"))[0]

    def _check(self, X, name, reset=False):
        """Check signals, and their rate where a step before has changed it."""
        clips = check_signals(X, estimator=self if name == "X" else None, reset=reset, name=name)
        check_resampled(clips.trail, self.sample_rate_, "The converter has sample_rate")
        return clips

    def _audible(self, clips):
        """Return which clips are not silent; warn of the others."""
        silent = [np.abs(x).max() < SILENT_PEAK for x in clips]
        for i in np.flatnonzero(silent):
            message = f"X[{i}] is silent: it was left out."
            warnings.warn(message, SilentClipWarning, stacklevel=3)
        if all(silent):
            raise ValueError("All clips are silent: there is nothing to learn from.")
        return np.flatnonzero(~np.array(silent))

    def _trim(self, clips):
        """Cut off the silence around clips."""
        if self.sample_rate_ is None:
            return clips
        trimmer = SilenceTrimmer(self.sample_rate_, threshold_db=-self.trim_db)
        with warnings.catch_warnings():
            # What is silent is the matter of those who ask.
            warnings.simplefilter("ignore", SilentClipWarning)
            return list(trimmer.fit_transform(clips))

    def _analyse(self, clips, names, desc):
        analyse = partial(
            _analyse_named, check_memory(self.memory).cache(_analyse_clip), self.features_
        )
        return map_clips(
            analyse,
            clips,
            names,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
            desc=desc,
        )


def _refuse_silence(clip, name):
    if np.abs(clip).max() < SILENT_PEAK:
        raise ValueError(f"{name} is silent: it has no style. Leave it out.")
