"""Short-time Fourier transform with an exact inverse, as an estimator."""

import warnings

import numpy as np
from scipy import signal as sps

from ..base import InvertibleMixin, SignalTransformer
from ._fourier import covers_all_samples, istft, stft

OUTPUTS = ("complex", "magnitude", "log-magnitude")


class STFTTransformer(InvertibleMixin, SignalTransformer):
    """Short-time Fourier transform of signals; time first.

    Parameters
    ----------
    n_fft : int, default=1024
        Size of the transform in samples.
    hop_length : int, optional
        Samples between frames; ``win_length // 4`` by default.
    win_length : int, optional
        Length of the window, at most ``n_fft``, which is the default.
    window : str, tuple or array, default="hann"
        As in ``scipy.signal.get_window``, or the window itself.
    output : {"complex", "magnitude", "log-magnitude"}, default="complex"
        What the columns hold; the logarithm is natural.
    floor : float, default=1e-10
        Magnitudes below it are raised to it before the logarithm.
    n_iter : int, default=32
        Iterations of Griffin-Lim in the inverse, where phases are missing.
    n_jobs : int, optional
        Number of clips transformed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    window_ : ndarray of shape (n_fft,)
        The window, with zeros on both sides of ``win_length``.
    hop_length_ : int
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    Notes
    -----
    Frame t is centred at sample ``t * hop_length``; zeros surround the clip. With
    ``output="complex"`` the inverse is exact for every window and hop that overlap without
    gaps (NOLA, checked in ``fit``), and every length is kept; windows that barely overlap
    cost digits in float32. Magnitudes are inverted by
    librosa's fast Griffin-Lim algorithm, from zero phases.

    References
    ----------
    .. [1] D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier
       transform", IEEE Trans. ASSP 32, 1984. doi:10.1109/TASSP.1984.1164317

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import STFTTransformer
    >>> X = [np.sin(np.arange(5000) / 10), np.cos(np.arange(777) / 20)]
    >>> stft = STFTTransformer(n_fft=512)
    >>> again = stft.inverse_transform(stft.fit_transform(X))
    >>> [bool(np.allclose(a, x)) for a, x in zip(again, X)]
    [True, True]
    """

    def __init__(
        self,
        *,
        n_fft=1024,
        hop_length=None,
        win_length=None,
        window="hann",
        output="complex",
        floor=1e-10,
        n_iter=32,
        n_jobs=None,
        verbose=0,
    ):
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.output = output
        self.floor = floor
        self.n_iter = n_iter
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _fit(self, items):
        if self.output not in OUTPUTS:
            raise ValueError(f"output must be one of {OUTPUTS}, got {self.output!r}.")
        if self.floor <= 0:
            raise ValueError(f"floor must be positive, got {self.floor}.")
        n_fft = _positive(self.n_fft, "n_fft", minimum=2)
        win_length = n_fft if self.win_length is None else _positive(self.win_length, "win_length")
        if win_length > n_fft:
            raise ValueError(f"win_length={win_length} is longer than n_fft={n_fft}.")
        hop = max(win_length // 4, 1) if self.hop_length is None else self.hop_length
        self.hop_length_ = _positive(hop, "hop_length")
        if isinstance(self.window, (str, tuple)):
            window = sps.get_window(self.window, win_length)
        else:
            window = np.asarray(self.window, dtype=float)
            if window.shape != (win_length,):
                raise ValueError(f"window has shape {window.shape}, expected ({win_length},).")
        left = (n_fft - win_length) // 2
        self.window_ = np.pad(window, (left, n_fft - win_length - left))
        if not covers_all_samples(self.window_, self.hop_length_):
            raise ValueError(
                f"window={self.window!r} of {win_length} samples with hop_length={hop} leaves "
                "gaps that no inverse can fill (NOLA): use a smaller hop_length."
            )

    def _transform_one(self, x):
        spectra = stft(x, self.window_, self.hop_length_)
        if self.output == "complex":
            return spectra
        magnitude = np.abs(spectra)
        if self.output == "magnitude":
            return magnitude
        return np.log(np.maximum(magnitude, magnitude.dtype.type(self.floor)))

    def _inverse_one(self, spectra, n_times):
        if spectra.shape[1] != len(self.window_) // 2 + 1:
            raise ValueError(
                f"Expected spectra of {len(self.window_) // 2 + 1} bins, got {spectra.shape[1]}."
            )
        longest = (len(spectra) - 1) * self.hop_length_ + 1
        n_times = longest if n_times is None else n_times
        shortest = max(longest - self.hop_length_, 0) + 1
        if not shortest <= n_times <= longest:
            raise ValueError(
                f"{len(spectra)} frames belong to clips of {shortest} to {longest} samples, "
                f"not to n_times={n_times}."
            )
        if self.output != "complex":
            magnitude = np.exp(spectra) if self.output == "log-magnitude" else spectra
            spectra = self._phases_for(magnitude)
        return istft(spectra, self.window_, self.hop_length_, n_times)

    def _phases_for(self, magnitude):
        """Complete magnitudes by Griffin-Lim, on our own frames."""
        import librosa

        n_fft = len(self.window_)
        with warnings.catch_warnings():
            # Frames of a short clip are mostly padding, which is no mistake here.
            warnings.filterwarnings("ignore", message="n_fft=")
            x = librosa.griffinlim(
                np.ascontiguousarray(magnitude.T),
                n_iter=self.n_iter,
                hop_length=self.hop_length_,
                n_fft=n_fft,
                window=self.window_,
                init=None,
                length=(len(magnitude) - 1) * self.hop_length_ + 1,
            )
        phases = stft(x.astype(magnitude.dtype), self.window_, self.hop_length_)
        return magnitude * np.exp(1j * np.angle(phases))


def _positive(value, name, minimum=1):
    if value != int(value) or value < minimum:
        raise ValueError(f"{name} must be an integer of at least {minimum}, got {value!r}.")
    return int(value)
