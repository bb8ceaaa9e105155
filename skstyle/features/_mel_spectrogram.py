"""Mel spectrograms of signals, and signals from mel spectrograms."""

import warnings
from functools import partial
from math import floor
from numbers import Real

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..base import InvertibleMixin, SignalTransformer, _names, _naming_clip
from ..exceptions import EmptyFilterWarning
from ..signal import STFTTransformer
from ..signal._fourier import stft
from ..signal._window import whole_number
from ..utils.rates import check_sample_rate
from ..utils.validation import check_sequences, restore_frames
from ._mel import (
    MEL_SCALES,
    NORMS,
    clipped_pseudo_inverse,
    highest_frequency,
    mel_filters,
    nonnegative_inverse,
)

OUTPUTS = ("power", "db", "log")
INVERSES = ("nnls", "pinv")


class MelSpectrogram(InvertibleMixin, SignalTransformer):
    """Spectra summed up in bands that are equally wide on a mel scale; time first.

    Every setting that has to agree between two systems is a parameter of its own, and the
    level is absolute: no clip is scaled by what is in it.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    n_fft : int, default=2048
        Size of the transform in samples.
    hop_length : int, optional
        Samples between frames; ``win_length // 4`` by default.
    win_length : int, optional
        Length of the window, at most ``n_fft``, which is the default.
    window : str, tuple or array, default="hann"
        As in ``scipy.signal.get_window``, or the window itself.
    n_mels : int, default=80
        Number of bands.
    f_min_hz : float, default=0.0
        Where the first band begins.
    f_max_hz : float, optional
        Where the last band ends; half of the sample rate by default.
    mel_scale : {"slaney", "htk"}, default="slaney"
        "slaney" is linear below 1000 Hz and logarithmic above, as in librosa; "htk" is
        ``2595 log10(1 + f / 700)``.
    norm : {"slaney", None}, default="slaney"
        "slaney" gives every band an area of one over the frequencies in Hz, None a peak of
        one.
    power : {2.0, 1.0}, default=2.0
        What is summed: powers or magnitudes of the spectrum.
    output : {"power", "db", "log"}, default="power"
        "power" is the sum as it is (of magnitudes, where ``power=1.0``). "db" is its level in
        dB above ``reference``, which is 20 dB for ten times the amplitude with either
        ``power``; "log" is the natural logarithm of the sum over ``reference``.
    reference : float, default=1.0
        The sum that has 0 dB. Never a maximum of the clip.
    floor_db : float, default=-100.0
        Lowest level of "db" and "log", in dB above ``reference``; what is less is raised to
        it. -inf is refused: silence must have a level.
    pad_mode : {"constant", "reflect", "edge"}, default="constant"
        What surrounds a clip, as in :class:`~skstyle.signal.STFTTransformer`.
    inverse : {"nnls", "pinv"}, default="nnls"
        How the inverse finds spectra: the non-negative ones that fit best, or quickly by the
        pseudo-inverse, negative values set to zero.
    phase : None, str or PhaseReconstructor, optional
        How the inverse finds phases, as in :class:`~skstyle.signal.STFTTransformer`.
    keep_source : bool, default=False
        Whether a list that comes out holds on to the clips that it was made from, as in
        :class:`~skstyle.signal.STFTTransformer`.
    n_jobs : int, optional
        Number of clips transformed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    filters_ : ndarray of shape (n_fft // 2 + 1, n_mels)
        Weight of every bin in every band.
    frequencies_ : ndarray of shape (n_mels,)
        Centres of the bands in Hz.
    stft_ : STFTTransformer
        The fitted transform behind it.
    hop_length_ : int
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    Warns
    -----
    EmptyFilterWarning
        Bands so narrow that no bin falls into them; they are zero for every signal.

    See Also
    --------
    MelCepstrum : A spectral envelope without the traces of pitch.

    Notes
    -----
    Frame t is centred at sample ``t * hop_length``. On the frames that both have, it equals
    ``librosa.feature.melspectrogram(pad_mode="constant")``. In the inverse bands become spectra
    and spectra a signal; its length is kept. What bands do not resolve is lost, such as high
    harmonics, and phases are estimated. Bands at the floor come back at the floor.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.features import MelSpectrogram
    >>> X = [0.1 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)]
    >>> mel = MelSpectrogram(16000, n_fft=512, n_mels=40, output="db")
    >>> levels = mel.fit_transform(X)
    >>> levels[0].shape
    (64, 40)
    >>> round(float(mel.frequencies_[levels[0].mean(axis=0).argmax()]))
    441
    >>> louder = mel.transform([10 * X[0]])
    >>> bool(np.allclose(louder[0][5:-5, 5:9], levels[0][5:-5, 5:9] + 20))
    True
    """

    def __init__(
        self,
        sample_rate,
        *,
        n_fft=2048,
        hop_length=None,
        win_length=None,
        window="hann",
        n_mels=80,
        f_min_hz=0.0,
        f_max_hz=None,
        mel_scale="slaney",
        norm="slaney",
        power=2.0,
        output="power",
        reference=1.0,
        floor_db=-100.0,
        pad_mode="constant",
        inverse="nnls",
        phase=None,
        keep_source=False,
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.n_mels = n_mels
        self.f_min_hz = f_min_hz
        self.f_max_hz = f_max_hz
        self.mel_scale = mel_scale
        self.norm = norm
        self.power = power
        self.output = output
        self.reference = reference
        self.floor_db = floor_db
        self.pad_mode = pad_mode
        self.inverse = inverse
        self.phase = phase
        self.keep_source = keep_source
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _recalls(self):
        return self.stft_._recalls

    def _record(self, items):
        return self.stft_._record(items)

    def _fit(self, items):
        check_sample_rate(self.sample_rate)
        choices = (("mel_scale", MEL_SCALES), ("norm", NORMS), ("power", (2.0, 1.0)))
        for name, known in (*choices, ("output", OUTPUTS), ("inverse", INVERSES)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {known}, got {getattr(self, name)!r}.")
        if not (isinstance(self.reference, Real) and 0 < self.reference < np.inf):
            raise ValueError(f"reference must be positive, got {self.reference!r}.")
        if not (isinstance(self.floor_db, Real) and np.isfinite(self.floor_db)):
            raise ValueError(f"floor_db must be a number of dB, got {self.floor_db!r}.")
        n_mels = whole_number(self.n_mels, "n_mels")
        f_max_hz = highest_frequency(self.sample_rate, self.f_min_hz, self.f_max_hz)
        self.stft_ = STFTTransformer(
            n_fft=self.n_fft,
            hop_length=self.hop_length,
            win_length=self.win_length,
            window=self.window,
            output="magnitude",
            pad_mode=self.pad_mode,
            phase=self.phase,
            keep_source=self.keep_source,
        )
        self.stft_._fit(items)
        self.hop_length_ = self.stft_.hop_length_
        self.filters_, self.frequencies_ = mel_filters(
            self.sample_rate,
            len(self.stft_.window_),
            n_mels,
            self.f_min_hz,
            f_max_hz,
            mel_scale=self.mel_scale,
            norm=self.norm,
        )
        self._warn_of_empty_filters(f_max_hz)

    def _warn_of_empty_filters(self, f_max_hz):
        empty = np.flatnonzero(~self.filters_.any(axis=0))
        if len(empty) == 0:
            return
        # Between the ends of a band there is always a bin if they are more than one bin apart.
        n_fft = len(self.stft_.window_)
        edges = np.array([self.f_min_hz, *self.frequencies_, f_max_hz])
        enough = 2 ** (floor(np.log2(self.sample_rate / (edges[2:] - edges[:-2]).min())) + 1)
        message = (
            f"{len(empty)} of {len(self.frequencies_)} bands are empty, the first at "
            f"{self.frequencies_[empty[0]]:.0f} Hz: no bin of n_fft={n_fft} falls between their "
            f"ends. Use less n_mels, or n_fft={enough} (win_length may stay {n_fft})."
        )
        warnings.warn(message, EmptyFilterWarning, stacklevel=4)

    def _transform_one(self, x):
        filters = self.filters_.astype(x.dtype)

        def encode(spectra):
            if self.power == 1:
                return np.abs(spectra) @ filters
            return (spectra.real**2 + spectra.imag**2) @ filters

        where = self.stft_.window_, self.hop_length_
        bands = stft(x, *where, pad_mode=self.pad_mode, encode=encode)
        return bands_to_level(bands, self.output, self.power, self.reference, self.floor_db)

    def _inverse_one(self, bands, n_times, source=None):
        return self.stft_._inverse_one(self._magnitude_of(bands), n_times, source)

    def to_magnitude(self, X):
        """Return the magnitudes that fit to mel spectrograms, without phases.

        Parameters
        ----------
        X : list of arrays (n_frames, n_mels), 1-D object array or numeric array
            Sequences as ``transform`` makes them.

        Returns
        -------
        magnitudes : list of arrays (n_frames, n_fft // 2 + 1)
            In the kind of container that X is, with what the list remembers: a
            :class:`~skstyle.signal.PhaseReconstructor` can take it.
        """
        check_is_fitted(self)
        clips = check_sequences(X)
        one = partial(_naming_clip, self._magnitude_of)
        out = self._map(one, _names(clips.items), clips.items)
        return restore_frames(out, X, clips.kind, clips.trail)

    def _magnitude_of(self, bands):
        if bands.shape[1] != self.filters_.shape[1]:
            raise ValueError(
                f"Expected sequences of {self.filters_.shape[1]} bands, got {bands.shape[1]}: the "
                "inverse needs the settings of the analysis."
            )
        bands = level_to_bands(bands, self.output, self.power, self.reference)
        invert = nonnegative_inverse if self.inverse == "nnls" else clipped_pseudo_inverse
        spectra = invert(bands, self.filters_)
        return np.sqrt(spectra, out=spectra) if self.power == 2 else spectra


def bands_to_level(bands, output, power, reference, floor_db):
    """Turn sums over bands into the levels of :class:`MelSpectrogram`.

    Parameters
    ----------
    bands : ndarray of shape (n_frames, n_mels)
        Overwritten.
    output : {"power", "db", "log"}
    power : {2.0, 1.0}
        Whether powers or magnitudes were summed.
    reference : float
        The sum of 0 dB.
    floor_db : float
        Lowest level.

    Returns
    -------
    level : ndarray of shape (n_frames, n_mels)
    """
    if output == "power":
        return bands
    bands /= reference
    floor = max(10 ** (floor_db * power / 20), np.finfo(bands.dtype).tiny)
    np.maximum(bands, floor, out=bands)
    if output == "log":
        return np.log(bands, out=bands)
    level = np.log10(bands, out=bands)
    level *= 20 / power
    return level


def level_to_bands(level, output, power, reference):
    """Undo :func:`bands_to_level`.

    Parameters
    ----------
    level : ndarray of shape (n_frames, n_mels)
    output : {"power", "db", "log"}
    power : {2.0, 1.0}
    reference : float

    Returns
    -------
    bands : ndarray of shape (n_frames, n_mels)

    Raises
    ------
    ValueError
        When a level is so high that the sum is infinite.
    """
    if output == "power":
        return level
    with np.errstate(over="ignore"):
        bands = np.exp(level) if output == "log" else 10 ** (level * level.dtype.type(power / 20))
        bands *= reference
    if not np.isfinite(bands).all():
        raise ValueError(
            f"Levels up to {level.max():.4g} are too high. Does the inverse get what "
            f"output={output!r} gave?"
        )
    return bands
