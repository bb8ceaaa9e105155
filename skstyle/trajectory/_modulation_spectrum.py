"""Modulation spectrum: how fast the columns of a sequence move."""

from collections import namedtuple
from numbers import Integral

import numpy as np

from ._global_variance import variance_along_time
from ._post_filter import PostFilter

# Bins so far below the mean of their segment are rounding, as a share of its amplitude.
_FLOOR = 1e-6

LogSpectra = namedtuple("LogSpectra", ["mean", "std"])
LogSpectra.__doc__ = """Mean and deviation over segments, (n_bins, n_columns); nan if unknown."""


def centre(x):
    """Take the mean off every column, in float64; constant columns become 0 exactly."""
    out = x - x.mean(axis=0, dtype=np.float64)
    out[:, variance_along_time(x) == 0] = 0.0
    return out


def taper(length):
    """Square root of a Hann window, whose squares add to 1 at half overlap."""
    return np.sin(np.pi * np.arange(length) / length)


def modulation_spectra(x, length):
    """Fourier transforms of the windowed segments of every column.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_columns)
    length : int
        Even number of frames in a segment; segments overlap by half, and the first begins half
        a segment before the clip.

    Returns
    -------
    spectra : complex ndarray of shape (n_segments, length // 2 + 1, n_columns)
    """
    half = length // 2
    n_blocks = -(-len(x) // half) + 2
    padded = np.zeros((n_blocks * half, x.shape[1]))
    padded[half : half + len(x)] = x
    blocks = padded.reshape(n_blocks, half, -1)
    segments = np.concatenate([blocks[:-1], blocks[1:]], axis=1)
    return np.fft.rfft(segments * taper(length)[:, None], axis=1)


def overlap_add(spectra, n_frames):
    """Inverse of :func:`modulation_spectra`.

    Parameters
    ----------
    spectra : complex ndarray of shape (n_segments, n_bins, n_columns)
    n_frames : int

    Returns
    -------
    x : ndarray of shape (n_frames, n_columns)
    """
    length = 2 * (spectra.shape[1] - 1)
    half = length // 2
    segments = np.fft.irfft(spectra, length, axis=1) * taper(length)[:, None]
    blocks = np.zeros((len(segments) + 1, half, spectra.shape[2]))
    blocks[:-1] += segments[:, :half]
    blocks[1:] += segments[:, half:]
    return blocks.reshape(-1, spectra.shape[2])[half : half + n_frames]


def log_amplitude(spectra):
    """Logarithm of amplitude, kept off minus infinity, and which segments hold anything.

    Parameters
    ----------
    spectra : complex ndarray of shape (n_segments, n_bins, n_columns)

    Returns
    -------
    log : ndarray of shape (n_segments, n_bins, n_columns)
    moves : ndarray of bool, shape (n_segments, 1, n_columns)
    """
    amplitude = np.abs(spectra)
    typical = amplitude.mean(axis=1, keepdims=True)
    moves = typical > 0
    return np.log(np.maximum(amplitude, _FLOOR * np.where(moves, typical, 1.0))), moves


def log_spectra_statistics(items, length):
    """Mean and deviation of log modulation spectra over all segments.

    Parameters
    ----------
    items : list of arrays (n_frames, n_columns)
    length : int

    Returns
    -------
    statistics : LogSpectra
        nan for columns that are constant in all sequences.
    """
    found = [log_amplitude(modulation_spectra(centre(x), length)) for x in items]
    log = np.concatenate([log for log, _ in found])
    moves = np.concatenate([moves for _, moves in found])
    count = moves.sum(axis=0).astype(np.float64)
    count[count == 0] = np.nan
    mean = np.where(moves, log, 0.0).sum(axis=0) / count
    square = np.where(moves, log - mean, 0.0) ** 2
    return LogSpectra(mean, np.sqrt(square.sum(axis=0) / count))


class ModulationSpectrumScaler(PostFilter):
    """Give converted sequences the modulation spectrum of target sequences.

    Conversion slows movements down: the faster a modulation, the more of it is lost. Global
    variance restores their sum; this post-filter restores every modulation frequency.

    Parameters
    ----------
    morph : float, default=1.0
        0 changes nothing, 1 goes all the way to the target's statistics.
    columns : slice or list of int, optional
        Columns that are filtered; all by default. Leave c_0 out to leave the level alone.
    segment_length : int, default=64
        Even number of frames in a segment, 320 ms at 5 ms. Segments overlap by half, so clips
        of any length pass.
    n_jobs : int, optional
        Number of clips filtered at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    mean_converted_, std_converted_, mean_target_, std_target_ : ndarrays of shape \
            (segment_length // 2 + 1, n_features)
        Statistics of the log amplitude at each modulation frequency; bin k is at ``k /
        segment_length`` of the frame rate. nan for columns that are constant everywhere.
    n_features_in_ : int

    Notes
    -----
    With s the log amplitude of a bin, ``s' = (1 - morph) s + morph (std_target / std_converted
    (s - mean_converted) + mean_target)`` [1]_, phases kept, in windowed segments [2]_. The mean
    of every clip is kept apart. The filter adds to the clip what it changes, so that where it
    changes nothing, it changes no bit.

    References
    ----------
    .. [1] S. Takamichi, T. Toda, G. Neubig, S. Sakti and S. Nakamura, "A postfilter to modify
       the modulation spectrum in HMM-based speech synthesis", ICASSP 2014.
       doi:10.1109/ICASSP.2014.6853604
    .. [2] S. Takamichi, T. Toda, A. W. Black, G. Neubig, S. Sakti and S. Nakamura,
       "Postfilters to modify the modulation spectrum for statistical parametric speech
       synthesis", IEEE/ACM Trans. ASLP 24, 2016. doi:10.1109/TASLP.2016.2522655

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.trajectory import ModulationSpectrumScaler
    >>> rng = np.random.default_rng(0)
    >>> target = [rng.normal(size=(200, 2)) for _ in range(4)]
    >>> smooth = [x + np.roll(x, 1, axis=0) for x in target]  # fast movements are gone
    >>> scaler = ModulationSpectrumScaler().fit(smooth, target)
    >>> fast = [np.abs(np.fft.rfft(x, axis=0))[80:].mean() for x in (target[0], smooth[0])]
    >>> filtered = np.abs(np.fft.rfft(scaler.transform(smooth)[0], axis=0))[80:].mean()
    >>> bool(fast[1] < 0.4 * fast[0] and filtered > 0.7 * fast[0])
    True
    """

    def __init__(self, *, morph=1.0, columns=None, segment_length=64, n_jobs=None, verbose=0):
        self.morph = morph
        self.columns = columns
        self.segment_length = segment_length
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _check_parameters(self):
        super()._check_parameters()
        n = self.segment_length
        if not isinstance(n, Integral) or n < 4 or n % 2:
            raise ValueError(f"segment_length must be an even integer of at least 4, got {n!r}.")

    def _measure(self, items):
        return log_spectra_statistics(items, self.segment_length)

    def _learn(self, converted, targets):
        self.mean_converted_, self.std_converted_ = converted
        self.mean_target_, self.std_target_ = targets
        varies = (converted.std > 0) & np.isfinite(targets.std)
        ratio = np.where(varies, targets.std, 1.0) / np.where(varies, converted.std, 1.0)
        known = self._chosen & np.isfinite(converted.mean) & np.isfinite(targets.mean)
        self._slope = np.where(known, ratio - 1, 0.0)
        self._shift = np.where(known, targets.mean - converted.mean, 0.0)
        self._origin = np.where(known, converted.mean, 0.0)

    def _transform_one(self, x):
        spectra = modulation_spectra(centre(x), self.segment_length)
        log, _ = log_amplitude(spectra)
        gain = np.expm1(self.morph * (self._slope * (log - self._origin) + self._shift))
        return (x + overlap_add(gain * spectra, len(x))).astype(x.dtype, copy=False)
