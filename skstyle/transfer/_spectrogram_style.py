"""Style transfer on spectrograms, from clips to clips."""

from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from ..base import SignalTransformer
from ..signal import PhaseReconstructor, STFTTransformer
from ..signal._fourier import frame_count
from ..utils.rates import check_sample_rate
from ..utils.validation import restore
from ._gram_style import GramStyleTransformer
from ._levels import OVERLAP, at_unit_level, hop_of, level_of, without_offset
from ._mixable_style import refuse_foreign_style
from ._style import Style


class SpectrogramStyleTransformer(SignalTransformer):
    """Analyse clips, give their spectrograms a style, and find phases.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    transformer : GramStyleTransformer, optional
        What changes the magnitudes. By default one with its default settings.
    stft : STFTTransformer, optional
        The analysis, and by its ``phase`` the synthesis. Its ``output`` must be the
        ``representation`` of the transformer. By default magnitudes of windows of 64 ms, and
        ``phase=PhaseReconstructor(init="source")``: phases are found from those of the content.
    random_state : int, RandomState instance or None, default=None
        Seed of the default ``transformer``. Same seed, same bytes.
    n_jobs : int, optional
        Number of clips handled at once by the parts that are not given.
    verbose : int, default=0
        1 shows progress of these.

    Attributes
    ----------
    style_ : Style
        What was measured, or was given to ``fit``, such as ``0.3 * a + 0.7 * b``.
    stft_, transformer_ : estimators
        The fitted parts. ``transformer_.loss_curve_`` tells the losses of the clips that were
        transformed last.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    make_style_transfer : Any method by name.
    WaveformStyleTransformer : Descent of the waveform, without phases to be found.

    Notes
    -----
    A ``Pipeline`` of the parts does nearly the same. Here ``fit`` takes a :class:`Style`, too, and
    transforms nothing, containers of every kind keep the phases of the content, a constant offset
    is taken off, and what comes out is as loud as the content.

    In a grid search clips of a style and of contents go in one list: ``cv`` must split it so that
    every training part is the style and every test part holds contents.

    References
    ----------
    .. [1] D. Ulyanov and V. Lebedev, "Audio texture synthesis and style transfer", 2016.
       https://dmitryulyanov.github.io/audio-texture-synthesis-and-style-transfer/
    .. [2] E. Grinstein, N. Q. K. Duong, A. Ozerov and P. Pérez, "Audio style transfer", IEEE
       ICASSP, 2018. doi:10.1109/ICASSP.2018.8461711

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle import GramStyleTransformer, SpectrogramStyleTransformer
    >>> rng = np.random.default_rng(0)
    >>> content, style = np.sin(np.arange(6000) / 10), 0.1 * rng.normal(size=8000)
    >>> gram = GramStyleTransformer(max_iter=5, random_state=0)
    >>> transfer = SpectrogramStyleTransformer(8000, gram).fit([style])
    >>> out = transfer.transform([content])
    >>> len(out[0]), bool(np.isclose(np.std(out[0]), np.std(content), rtol=0.01))
    (6000, True)
    """

    def __init__(
        self,
        sample_rate,
        transformer=None,
        *,
        stft=None,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.transformer = transformer
        self.stft = stft
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X, y=None):
        """Measure the style.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array, 2-D array (n_clips, n_times) or Style
            Mono signals in [-1, 1] of any lengths and levels, all of one style; or a style that
            was measured before.
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            When a clip is empty, stereo, of integers or not finite, all clips are silent, the two
            parts differ in what a spectrum is, or a style was measured in another way.
        """
        check_sample_rate(self.sample_rate)
        shared = {"n_jobs": self.n_jobs, "verbose": self.verbose}
        defaults = {**default_stft(self.sample_rate), **shared}
        self.stft_ = _part(self, "stft", STFTTransformer, **defaults)
        self.transformer_ = _part(
            self, "transformer", GramStyleTransformer, random_state=self.random_state, **shared
        )
        if self.stft_.output != self.transformer_.representation:
            raise ValueError(
                f"stft has output={self.stft_.output!r}, and transformer "
                f"representation={self.transformer_.representation!r}: give both the same."
            )
        refuse_foreign_style(X, self, Style)
        if isinstance(X, Style):
            self.stft_.fit([np.zeros(self.stft_.n_fft, np.float32)])
            self.transformer_.fit(self._without_rate(X))
        else:
            self.transformer_.fit(self.stft_.fit_transform(self._prepared(X, reset=True)[1]))
        self.style_ = self._with_rate(self.transformer_.style_)
        return self

    def measure(self, X):
        """Measure a style as ``fit`` does, with the same filters, and leave ``style_`` alone.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)

        Returns
        -------
        style : Style
            To be compared with ``style_`` or mixed with it.
        """
        check_is_fitted(self)
        spectra = self.stft_.transform(self._prepared(X)[1])
        return self._with_rate(self.transformer_.measure(spectra))

    def transform(self, X):
        """Give clips the style.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            The contents: mono signals in [-1, 1] of any lengths.

        Returns
        -------
        signals : list of 1-D arrays
            As long and as loud (root mean square, a constant offset apart) as the contents, in
            their dtype and the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a clip is empty, stereo, of integers or not finite, or when a step
            before has made another sample rate.

        Warns
        -----
        SilentClipWarning
            Silence stays silence.
        """
        check_is_fitted(self)
        clips, items, factors = self._prepared(X)
        spectra = self.transformer_.transform(self.stft_.transform(items))
        signals = self.stft_.inverse_transform(spectra)
        out = [
            (at_unit_level(y)[0] * np.float64(factor) if level_of(y) else np.zeros_like(x)).astype(
                x.dtype
            )
            for x, y, factor in zip(clips.items, signals, factors, strict=True)
        ]
        return restore(out, clips.kind, clips.trail)

    def sample(self, n_times, n_clips=1):
        """Make textures: the style without a content.

        Parameters
        ----------
        n_times : int
            Length in samples.
        n_clips : int, default=1
            Each from noise of its own.

        Returns
        -------
        signals : list of 1-D arrays
            At a root mean square of 0.1, in float32.
        """
        check_is_fitted(self)
        check_scalar(n_times, "n_times", Integral, min_val=1)
        spectra = self.transformer_.sample(frame_count(n_times, self.stft_.hop_length_), n_clips)
        # There are no phases to begin with.
        stft = clone(self.stft_).set_params(phase=None)
        signals = stft.fit([np.zeros(stft.n_fft)]).inverse_transform(spectra)
        signals = [at_unit_level(x)[0] if level_of(x) else x for x in signals]
        return [np.pad(x, (0, max(n_times - len(x), 0)))[:n_times] for x in signals]

    def _with_rate(self, style):
        """Return a style that knows its sample rate: spectrograms do not."""
        origin = {**style.origin, "sample_rate": float(self.sample_rate)}
        return Style(style.layers, style.spectrum, origin, level=style.level, weight=style.weight)

    def _without_rate(self, style):
        """Return a style as spectrograms have it, of this sample rate or none."""
        origin = dict(style.origin)
        rate = origin.pop("sample_rate", self.sample_rate)
        if rate != self.sample_rate:
            raise ValueError(
                f"The style was measured at {rate:g} Hz, and sample_rate is "
                f"{self.sample_rate:g} Hz. Measure it on clips that are resampled."
            )
        return Style(style.layers, style.spectrum, origin, level=style.level, weight=style.weight)

    def _prepared(self, X, reset=False):
        """Return the clips; a list of them without offset, at unit level; and what undoes it."""
        clips = self._check_signals(X, reset=reset)
        items = [without_offset(x, self.sample_rate) for x in clips.items]
        pairs = [at_unit_level(x) if level_of(x) else (np.zeros_like(x), 0.0) for x in items]
        return clips, *map(list, zip(*pairs, strict=True))


def default_stft(sample_rate):
    """Return parameters of an analysis by windows of 64 ms, or a little more.

    Parameters
    ----------
    sample_rate : float
        In Hz.

    Returns
    -------
    parameters : dict
        Of :class:`~skstyle.signal.STFTTransformer`.
    """
    return {
        "n_fft": OVERLAP * hop_of(sample_rate),
        "output": "magnitude",
        "phase": PhaseReconstructor(init="source"),
    }


def _part(model, name, kind, **parameters):
    """Return a copy of an estimator among the parameters, or one with defaults."""
    given = getattr(model, name)
    if given is None:
        return kind(**parameters)
    if not isinstance(given, kind):
        raise TypeError(f"{name} must be a {kind.__name__} or None, got {given!r}.")
    return clone(given)
