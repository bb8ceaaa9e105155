"""Speech from texts, or from what other clips say, in the style of a reference clip."""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted, check_memory

from ..signal import SilenceTrimmer
from ..signal._silence import SILENT_PEAK
from ..utils.parallel import map_clips
from ..utils.rates import check_resampled, common_sample_rate
from ..utils.validation import check_signals
from ._conversion import _analyse_clip, _analyse_named, names_of


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
    post_filter : transformer of sequences, optional
        Fitted on what the model says of the training clips, in their own styles, and on these;
        then it follows every prediction, such as
        :class:`~skstyle.trajectory.GlobalVarianceScaler`: means of many renderings are muffled.
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
    features_, post_filter_ : transformers
    vae_ : SequenceVAE
        The fitted clones. After ``predict`` ``vae_.stopped_`` and ``vae_.alignments_`` tell how it
        went.
    sample_rate_ : float or None
        The one sample rate of all steps, in Hz.

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
        post_filter=None,
        trim_db=40.0,
        memory=None,
        n_jobs=None,
        verbose=0,
    ):
        self.features = features
        self.vae = vae
        self.vocoder = vocoder
        self.post_filter = post_filter
        self.trim_db = trim_db
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

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
            When a clip is silent, or no mono float signal, or has no transcript, or the sample
            rates of two steps differ.
        """
        self.sample_rate_ = common_sample_rate(self)
        check_scalar(self.trim_db, "trim_db", (int, float), min_val=0, include_boundaries="neither")
        if self.vocoder is not None and not callable(self.vocoder):
            raise TypeError(
                f"vocoder must be a function of frames that returns a signal, got {self.vocoder!r}."
            )
        if self.vae is None:
            from ..neural import SequenceVAE  # torch is optional

            vae = SequenceVAE()
        else:
            vae = clone(self.vae)
        clips = self._check(X, "X")
        self.features_ = clone(self.features).fit(clips)
        frames = self._analyse(clips, "X", "analyse")
        self.vae_ = vae.fit(frames, y)
        if self.post_filter is not None:
            said = self.vae_.predict(
                frames if self.vae_.content == "frames" else y, list(self.vae_.transform(frames))
            )
            self.post_filter_ = clone(self.post_filter).fit(said, frames)
        return self

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
        return self.vae_.transform(self._analyse(self._check(X, "X"), "X", "analyse style"))

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
        """
        frames = self.predict_features(X, style)
        make = partial(_make_sound, self.features_, self.vocoder)
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
            X = self._analyse(self._check(X, "X"), "X", "analyse content")
        frames = self.vae_.predict(X, self._styles(style))
        return frames if self.post_filter is None else self.post_filter_.transform(frames)

    def _styles(self, style):
        """Replace clips by their codes."""
        if style is None:
            return None
        alone = hasattr(style, "ndim") and style.ndim == 1 and style.dtype != object
        styles = [style] if alone else list(style)
        latent_dim = self.vae_.module_.latent_dim
        rows = [i for i, item in enumerate(styles) if np.shape(item) != (latent_dim,)]
        if rows:
            clips = self._check([styles[i] for i in rows], "style")
            codes = self.vae_.transform(self._analyse(clips, "style", "analyse style"))
            for i, code in zip(rows, codes, strict=True):
                styles[i] = code
        return styles[0] if alone else styles

    def _check(self, X, name):
        """Check signals, and cut off the silence around them."""
        clips = check_signals(X, name=name)
        check_resampled(clips.trail, self.sample_rate_, "The converter has sample_rate")
        for i, x in enumerate(clips.items):
            if np.abs(x).max() < SILENT_PEAK:
                raise ValueError(f"{name}[{i}] is silent: it says nothing. Leave it out.")
        if self.sample_rate_ is None:
            return clips.items
        trimmer = SilenceTrimmer(self.sample_rate_, threshold_db=-self.trim_db)
        return [np.asarray(x) for x in trimmer.fit_transform(clips.items)]

    def _analyse(self, clips, name, desc):
        analyse = partial(
            _analyse_named, check_memory(self.memory).cache(_analyse_clip), self.features_
        )
        return map_clips(
            analyse,
            clips,
            names_of(name, range(len(clips))),
            n_jobs=self.n_jobs,
            verbose=self.verbose,
            desc=desc,
        )


def _make_sound(features, vocoder, frames):
    """Make the signal of one clip."""
    if vocoder is None:
        return np.asarray(features.inverse_transform([frames])[0])
    signal = np.asarray(vocoder(frames))
    if signal.ndim != 1 or not np.isfinite(signal).all():
        raise ValueError(
            f"vocoder returned an array of shape {signal.shape}, expected a 1-D signal of finite "
            f"numbers for frames of shape {frames.shape}."
        )
    return signal.astype(frames.dtype, copy=False)
