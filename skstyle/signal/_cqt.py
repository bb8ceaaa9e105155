"""Constant-Q transform, by librosa."""

from functools import partial
from numbers import Real

import numpy as np
from sklearn.utils import check_random_state

from ..base import InvertibleMixin, SignalTransformer
from ..utils.rates import check_sample_rate
from ._fourier import frame_count
from ._outputs import (
    OUTPUTS,
    check_columns,
    check_length,
    decode_magnitude,
    encode_spectra,
    has_phases,
    join_parts,
)
from ._window import whole_number

# librosa halves the rate with every octave: what is above this part of each band is attenuated.
PASS_BAND = 0.9


class CQTTransformer(InvertibleMixin, SignalTransformer):
    """Constant-Q transform of signals: bins at equal musical intervals; time first.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    hop_length : int, default=128
        Samples between frames. The inverse needs hops that are short beside the wavelets of
        the highest bins.
    f_min_hz : float, default=32.703
        Frequency of the first bin; C1 by default.
    n_bins : int, optional
        As many as fit below 0.45 times the sample rate by default: the inverse gets worse
        where wavelets reach into the highest twentieth of the band.
    bins_per_octave : int, default=24
    filter_scale : float, default=1.0
        Length of the wavelets beside the usual one; below 1 time is resolved better, and
        frequency worse.
    window : str or tuple, default="hann"
        Shape of the wavelets, as in ``scipy.signal.get_window``.
    output : {"complex", "real-imag", "magnitude", "power", "log1p", "log-magnitude"}, \
            default="complex"
        What the columns hold, as in :class:`STFTTransformer`.
    floor : float, default=1e-10
        Magnitudes below it are raised to it before the logarithm of "log-magnitude".
    n_iter : int, default=32
        Iterations of Griffin-Lim in the inverse of outputs without phases.
    random_state : int, RandomState instance or None, default=0
        Phases that Griffin-Lim starts from. Every clip gets the same numbers.
    n_jobs : int, optional
        Number of clips transformed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    frequencies_ : ndarray of shape (n_bins,)
        Of the bins, in Hz.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    STFTTransformer : With an exact inverse.

    Notes
    -----
    Frame t is centred at sample ``t * hop_length``, and there are as many as
    :class:`STFTTransformer` makes; zeros surround a clip. The transform and its inverses are
    those of librosa [1]_.

    The inverse is approximate, even with phases, and nothing comes back from below the first
    bin or above the last. Between them the error on sentences of four voices at 22.05 kHz was,
    in the median,

    ============== =============== ==========
    hop_length     bins_per_octave error
    ============== =============== ==========
    64             24              -27 dB
    128            24              -21 dB
    128            36              -25 dB
    256            24              -14 dB
    ============== =============== ==========

    It is the highest bins that suffer, where the wavelets are shorter than the hop, and
    sounds with much treble.

    References
    ----------
    .. [1] C. Schörkhuber and A. Klapuri, "Constant-Q transform toolbox for music processing",
       7th Sound and Music Computing Conference, 2010. doi:10.5281/zenodo.849741

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import CQTTransformer
    >>> X = [np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)]
    >>> cqt = CQTTransformer(16000, f_min_hz=110, bins_per_octave=12, output="magnitude")
    >>> spectra = cqt.fit_transform(X)
    >>> round(float(cqt.frequencies_[spectra[0].mean(axis=0).argmax()]))
    440
    """

    def __init__(
        self,
        sample_rate,
        *,
        hop_length=128,
        f_min_hz=32.703,
        n_bins=None,
        bins_per_octave=24,
        filter_scale=1.0,
        window="hann",
        output="complex",
        floor=1e-10,
        n_iter=32,
        random_state=0,
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.hop_length = hop_length
        self.f_min_hz = f_min_hz
        self.n_bins = n_bins
        self.bins_per_octave = bins_per_octave
        self.filter_scale = filter_scale
        self.window = window
        self.output = output
        self.floor = floor
        self.n_iter = n_iter
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _fit(self, items):
        check_sample_rate(self.sample_rate)
        if self.output not in OUTPUTS:
            raise ValueError(f"output must be one of {OUTPUTS}, got {self.output!r}.")
        for name in ("f_min_hz", "filter_scale", "floor"):
            value = getattr(self, name)
            if not (isinstance(value, Real) and 0 < value < np.inf):
                raise ValueError(f"{name} must be positive, got {value!r}.")
        per_octave = whole_number(self.bins_per_octave, "bins_per_octave")
        shape = self.f_min_hz, per_octave, self.filter_scale, self.window
        most = bins_below(self.sample_rate / 2, *shape)
        if most < 1:
            raise ValueError(
                f"f_min_hz={self.f_min_hz} is too high for sample_rate={self.sample_rate}: the "
                "wavelets reach above half of the rate."
            )
        if self.n_bins is None:
            n_bins = max(bins_below(PASS_BAND * self.sample_rate / 2, *shape), 1)
        elif (n_bins := whole_number(self.n_bins, "n_bins")) > most:
            raise ValueError(
                f"n_bins={n_bins} reach above half of sample_rate={self.sample_rate}: from "
                f"f_min_hz={self.f_min_hz} with bins_per_octave={per_octave}, n_bins={most} fit "
                "below."
            )
        whole_number(self.n_iter, "n_iter", minimum=0)
        self.frequencies_ = self.f_min_hz * 2 ** (np.arange(n_bins) / per_octave)
        # Of librosa's functions, the analysis and the inverses.
        self._settings = {
            "sr": self.sample_rate,
            "hop_length": whole_number(self.hop_length, "hop_length"),
            "bins_per_octave": per_octave,
            "filter_scale": self.filter_scale,
            "window": self.window,
        }
        self._seed = int(check_random_state(self.random_state).randint(2**31 - 1))

    def _transform_one(self, x):
        spectra = cqt(x, self.f_min_hz, len(self.frequencies_), **self._settings)
        return encode_spectra(spectra, self.output, self.floor)

    def _inverse_one(self, spectra, n_times):
        check_columns(spectra, len(self.frequencies_), self.output)
        n_times = check_length(len(spectra), self._settings["hop_length"], n_times)
        if has_phases(self.output):
            spectra = join_parts(spectra) if self.output == "real-imag" else spectra
            return icqt(spectra, self.f_min_hz, n_times, **self._settings)
        magnitude = decode_magnitude(spectra, self.output)
        griffin_lim = {"n_iter": self.n_iter, "seed": self._seed}
        return icqt(magnitude, self.f_min_hz, n_times, **griffin_lim, **self._settings)


def bins_below(limit_hz, f_min_hz, bins_per_octave, filter_scale=1.0, window="hann"):
    """Return how many wavelets with their bandwidths fit below a frequency."""
    _, reach = _first_wavelet(f_min_hz, 2 * limit_hz, bins_per_octave, filter_scale, window)
    return int(np.floor(bins_per_octave * np.log2(limit_hz / reach) + 1e-9)) + 1


def cqt(x, f_min_hz, n_bins, *, hop_length, **settings):
    """Return the constant-Q transform of a signal, of any length.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    f_min_hz : float
    n_bins : int
    hop_length : int
    **settings : dict
        Of ``librosa.cqt``: sr, bins_per_octave, filter_scale, window.

    Returns
    -------
    spectra : complex ndarray of shape (n_frames, n_bins)
    """
    import librosa

    n_frames = frame_count(len(x), hop_length)
    n_padded = _enough_hops(n_frames, hop_length, f_min_hz, **settings) * hop_length
    found = librosa.cqt(
        np.pad(x, (0, n_padded - len(x))),
        fmin=f_min_hz,
        n_bins=n_bins,
        hop_length=hop_length,
        **settings,
    )
    return np.ascontiguousarray(found[:, :n_frames].T)


def icqt(spectra, f_min_hz, n_times, *, hop_length, n_iter=None, seed=None, **settings):
    """Return the signal of a constant-Q transform, approximately.

    Parameters
    ----------
    spectra : ndarray of shape (n_frames, n_bins)
        Magnitudes, where ``n_iter`` is given.
    f_min_hz : float
    n_times : int
        Samples to return.
    hop_length : int
    n_iter : int, optional
        Iterations of Griffin-Lim.
    seed : int, optional
        Of the phases that it starts from.
    **settings : dict
        Of ``librosa.icqt``: sr, bins_per_octave, filter_scale, window.

    Returns
    -------
    x : ndarray of shape (n_times,)
    """
    import librosa

    # librosa counts octaves from the top in the analysis and from the bottom in the inverse:
    # they agree on whole octaves only. Empty bins below make them whole.
    per_octave = settings["bins_per_octave"]
    below = -spectra.shape[1] % per_octave
    f_min_hz = f_min_hz / 2 ** (below / per_octave)
    n_hops = _enough_hops(len(spectra), hop_length, f_min_hz, **settings)
    invert = librosa.icqt
    if n_iter is not None:
        invert = partial(librosa.griffinlim_cqt, n_iter=n_iter, random_state=seed)
    x = invert(
        np.pad(spectra.T, ((below, 0), (0, n_hops + 1 - len(spectra)))),
        fmin=f_min_hz,
        hop_length=hop_length,
        length=n_hops * hop_length,
        dtype=np.float32 if spectra.dtype in (np.float32, np.complex64) else np.float64,
        **settings,
    )
    return np.ascontiguousarray(x[:n_times])


def _enough_hops(n_frames, hop_length, f_min_hz, *, sr, bins_per_octave, filter_scale, window):
    """Return how many hops a clip needs: librosa wants it to be as long as its transforms."""
    length, _ = _first_wavelet(f_min_hz, sr, bins_per_octave, filter_scale, window)
    return max(n_frames, -(-(2 ** (int(np.log2(length)) + 2)) // hop_length))


def _first_wavelet(f_min_hz, sample_rate, bins_per_octave, filter_scale, window):
    """Return the length in samples of the longest wavelet, and how far up it reaches in Hz."""
    from librosa.filters import wavelet_lengths

    step = 2 ** (1 / bins_per_octave)
    lengths, reach = wavelet_lengths(
        freqs=np.array([f_min_hz]),
        sr=sample_rate,
        window=window,
        filter_scale=filter_scale,
        alpha=np.array([(step**2 - 1) / (step**2 + 1)]),
    )
    return lengths[0], reach
