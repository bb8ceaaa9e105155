"""Change of duration without change of pitch, and of pitch without change of duration.

References
----------
.. [1] W. Verhelst and M. Roelands, "An overlap-add technique based on waveform similarity
   (WSOLA) for high quality time-scale modification of speech", ICASSP 1993.
   doi:10.1109/ICASSP.1993.319366
"""

import numpy as np
from scipy import signal

from ..utils.rates import check_sample_rate
from ..utils.validation import as_float
from ._resampler import resample

# Length of a piece, and how far from its place it may be taken, in periods of the lowest pitch:
# the way to and fro must be a whole one, and events are moved by no more than need be.
PIECE_PERIODS, REACH_PERIODS = 2.0, 0.5
LOWEST_F0_HZ = 20
# Power below this share of the neighbours' is silence, similar to nothing.
SILENT_SHARE = 1e-6
# Factors beyond are no speech any more.
LOWEST_FACTOR, HIGHEST_FACTOR = 0.25, 4.0
# Where the empty band of a lowered clip begins, as a share of the highest frequency left.
FILL_FROM = 0.95
FILL_TAPS = 255


def time_stretch(x, sample_rate, factor, *, f0_min_hz=71.0):
    """Make a signal longer or shorter, at the same pitch.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
        float32 or float64, in [-1, 1].
    sample_rate : float
        In Hz.
    factor : float
        How much longer it becomes, 0.25 to 4.
    f0_min_hz : float, default=71
        Lowest pitch to be kept whole, above 20. A higher one moves events less.

    Returns
    -------
    y : ndarray of shape (round(factor * n_times),)
        At least one sample, of the same dtype.

    Raises
    ------
    ValueError
        When x is empty, stereo, of integers or not finite, or `factor` or `f0_min_hz` is out of
        its range.

    See Also
    --------
    shift_pitch : Another pitch, at the same length.

    Notes
    -----
    WSOLA [1]_: pieces of two periods of the lowest pitch (28 ms) are taken from the signal at
    another rate than they are added up at. Every piece is sought within half a period of its
    place so that it is most similar (normalised correlation) to what followed the last
    piece, by which periods stay whole. Events are moved by half a period at most. Pieces that
    are not alike partly cancel: white noise loses up to 0.8 dB. Single clicks may come twice
    in a longer signal, and weaker in a shorter one.

    References
    ----------
    .. [1] W. Verhelst and M. Roelands, "An overlap-add technique based on waveform similarity
       (WSOLA) for high quality time-scale modification of speech", ICASSP 1993.
       doi:10.1109/ICASSP.1993.319366

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import time_stretch
    >>> time_stretch(np.sin(np.arange(16000) / 10), 16000, 1.5).shape
    (24000,)
    """
    x = _check(x, sample_rate, factor, "factor", f0_min_hz)
    n_out = max(int(round(factor * len(x))), 1)
    return _stretch(x, sample_rate / f0_min_hz, factor, n_out)


def shift_pitch(x, sample_rate, ratio, *, fill=False, f0_min_hz=71.0):
    """Raise or lower the pitch of a signal, formants and all, at the same length.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
        float32 or float64, in [-1, 1].
    sample_rate : float
        In Hz.
    ratio : float
        Pitch of the result over that of x, 0.25 to 4.
    fill : bool, default=False
        A lowered clip has nothing above ``ratio * sample_rate / 2``. True takes that band
        from x, as it is: in speech it is mostly noise.
    f0_min_hz : float, default=71
        Lowest pitch of x to be kept whole, above 20. A higher one moves events less.

    Returns
    -------
    y : ndarray of shape (n_times,)
        Of the same dtype.

    Raises
    ------
    ValueError
        When x is empty, stereo, of integers or not finite, or `ratio` or `f0_min_hz` is out of
        its range.

    See Also
    --------
    time_stretch : Another length, at the same pitch.

    Notes
    -----
    The signal is stretched by the ratio, and resampled by the same ratio [1]_.

    References
    ----------
    .. [1] K. Kobayashi, T. Toda and S. Nakamura, "F0 transformation techniques for statistical
       voice conversion with direct waveform modification with spectral differential",
       IEEE SLT 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import shift_pitch
    >>> shift_pitch(np.sin(np.arange(16000) / 10), 16000, 1.5).shape
    (16000,)
    """
    x = _check(x, sample_rate, ratio, "ratio", f0_min_hz)
    stretched = _stretch(x, sample_rate / f0_min_hz, ratio, int(np.ceil(ratio * len(x))))
    # Only the quotient of the rates matters.
    y = resample(stretched, ratio * 1e5, 1e5)[: len(x)]
    return _fill_band(y, x, ratio) if fill and ratio < 1 else y


def _check(x, sample_rate, factor, name, f0_min_hz):
    check_sample_rate(sample_rate)
    if not LOWEST_F0_HZ <= f0_min_hz <= sample_rate / 2:
        raise ValueError(
            f"f0_min_hz must lie between {LOWEST_F0_HZ} and {sample_rate / 2:g}, half the sample "
            f"rate, got {f0_min_hz}."
        )
    if not LOWEST_FACTOR <= factor <= HIGHEST_FACTOR:
        raise ValueError(
            f"{name} must lie between {LOWEST_FACTOR:g} and {HIGHEST_FACTOR:g}, got {factor}."
        )
    return as_float(x, "x", 1, "sample")


def _stretch(x, period, factor, n_out):
    """Add up pieces of x, each one the most similar to what followed the last."""
    step = max(int(round(PIECE_PERIODS / 2 * period)), 1)
    reach = int(np.ceil(REACH_PERIODS * period))
    n_times = len(x)
    padded = np.pad(x.astype(np.float64), (2 * step + reach, 4 * step + reach))
    energy = np.concatenate([[0.0], np.cumsum(padded**2)])
    window = signal.windows.hann(2 * step, sym=False)
    # Of equal candidates, the one nearest to its place.
    offsets = np.arange(-reach, reach + 1)
    offsets = offsets[np.argsort(np.abs(offsets), kind="stable")]
    out = np.zeros(n_out + 3 * step)
    centre = 0
    # The piece of a centre begins here; pieces in the output are centred at every step.
    first = step + reach
    for at in range(0, n_out + step - 1, step):
        if at:
            # A piece may reach over the ends of the signal only where the output ends, too.
            low, high = min(step, at), n_times - min(step, n_out - at)
            ideal = max(min(round(at / factor), high), 0)
            wanted = padded[first + centre + step :][: 2 * step]
            around = padded[first + ideal - reach :][: 2 * (step + reach)]
            starts = first + ideal + np.arange(-reach, reach + 1)
            power = energy[starts + 2 * step] - energy[starts]
            power = np.maximum(power, SILENT_SHARE * power.max()) + np.finfo(float).tiny
            likeness = np.correlate(around, wanted, "valid") / np.sqrt(power)
            places = ideal + offsets
            allowed = (places >= low) & (places <= high)
            best = np.argmax(np.where(allowed, likeness[offsets + reach], -np.inf))
            centre = places[best] if allowed[best] else ideal
        out[at : at + 2 * step] += window * padded[first + centre :][: 2 * step]
    return out[step : step + n_out].astype(x.dtype)


def _fill_band(y, x, ratio):
    """Take what lies above the highest frequency of a lowered clip from the clip itself."""
    lowpass = signal.firwin(FILL_TAPS, FILL_FROM * ratio).astype(y.dtype)
    low = signal.oaconvolve(y - x, lowpass, mode="same" if len(y) >= FILL_TAPS else "full")
    if len(low) > len(y):
        low = low[FILL_TAPS // 2 :][: len(y)]
    return x + low
