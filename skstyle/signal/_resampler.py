"""Change of sample rate, as a function and as an estimator."""

from fractions import Fraction

import numpy as np

from ..base import SignalFilter
from ..utils.rates import check_sample_rate
from ..utils.validation import as_float

QUALITIES = ("soxr_vhq", "soxr_hq", "soxr_mq", "soxr_lq", "soxr_qq")


def resample(signal, from_rate, to_rate, *, quality="soxr_hq"):
    """Change the sample rate of a signal (band-limited, high quality).

    Parameters
    ----------
    signal : ndarray of shape (n_times,)
        float32 or float64.
    from_rate, to_rate : float
        Rates in Hz.
    quality : {"soxr_vhq", "soxr_hq", "soxr_mq", "soxr_lq", "soxr_qq"}, default="soxr_hq"
        From the best to the quickest.

    Returns
    -------
    signal : ndarray of shape (ceil(n_times * to_rate / from_rate),)
        Of the same dtype; the very input when both rates are equal.

    Raises
    ------
    ValueError, TypeError
        When a rate is no positive number in Hz, or the signal is empty, stereo, of integers or
        not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.audio import resample
    >>> resample(np.zeros(24000, dtype="float32"), 24000, 16000).shape
    (16000,)
    """
    check_sample_rate(from_rate)
    check_sample_rate(to_rate)
    signal = as_float(signal, "signal", 1, "sample")
    if from_rate == to_rate:
        return signal
    import librosa

    # soxr rounds the length, down too: with zeros behind the clip its last sample is computed.
    padded = np.pad(signal, (0, int(2 * from_rate / to_rate) + 2))
    out = librosa.resample(
        padded, orig_sr=from_rate, target_sr=to_rate, res_type=quality, fix=False
    )
    return out[: resampled_length(len(signal), from_rate, to_rate)]


def resampled_length(n_times, from_rate, to_rate):
    """Return ``ceil(n_times * to_rate / from_rate)``, free of rounding errors.

    Parameters
    ----------
    n_times : int
    from_rate, to_rate : float
        Rates in Hz.

    Returns
    -------
    n_times : int
    """
    return -int(-n_times * Fraction(float(to_rate)) // Fraction(float(from_rate)))


class Resampler(SignalFilter):
    """Change the sample rate of signals; the inverse gives the rate and the lengths back.

    Parameters
    ----------
    orig_rate : float
        Sample rate of the signals that come in, in Hz.
    sample_rate : float
        Sample rate of the signals that go out, in Hz: that of the next step. Where they
        differ, the fit of the next step says so.
    quality : {"soxr_vhq", "soxr_hq", "soxr_mq", "soxr_lq", "soxr_qq"}, default="soxr_hq"
        From the best to the quickest.

    Attributes
    ----------
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    skstyle.audio.resample : The same for one signal.

    Notes
    -----
    A clip of n samples comes out with ``ceil(n * sample_rate / orig_rate)``. The inverse
    gives back the n samples that the list remembers; without memory, the nearest whole number
    to ``n * orig_rate / sample_rate``. What lies above half of the lower rate is lost. Zeros
    are assumed around a clip. All qualities but "soxr_vhq" compute in single precision, with
    errors about 130 dB below the signal. The peak of a clipped signal grows: put
    :class:`~skstyle.signal.PeakGuard` behind.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import Resampler
    >>> X = [np.sin(np.arange(44100) / 20), np.cos(np.arange(1001) / 30)]
    >>> resampler = Resampler(44100, 16000)
    >>> slow = resampler.fit_transform(X)
    >>> [len(x) for x in slow]
    [16000, 364]
    >>> [len(x) for x in resampler.inverse_transform(slow)]
    [44100, 1001]
    """

    _rate_in = "orig_rate"
    # The rate marks the record as a resampler's, and steps behind compare it with theirs.
    _recalls = ("n_times", "sample_rate")

    def __init__(self, orig_rate, sample_rate, *, quality="soxr_hq"):
        self.orig_rate = orig_rate
        self.sample_rate = sample_rate
        self.quality = quality

    def _fit(self, items):
        for name in ("orig_rate", "sample_rate"):
            try:
                check_sample_rate(getattr(self, name))
            except (TypeError, ValueError) as e:
                raise type(e)(f"{name} of Resampler: {e}") from e
        if self.quality not in QUALITIES:
            raise ValueError(f"quality must be one of {QUALITIES}, got {self.quality!r}.")

    def _measure_one(self, x):
        return len(x), self.sample_rate

    def _transform_one(self, x, n_times, sample_rate):
        return resample(x, self.orig_rate, self.sample_rate, quality=self.quality)

    def _inverse_one(self, y, n_times, sample_rate):
        if sample_rate is not None and sample_rate != self.sample_rate:
            raise ValueError(
                f"the clip was resampled to {sample_rate} Hz, and this Resampler leads back "
                f"from sample_rate={self.sample_rate}."
            )
        if n_times is None:
            n_times = max(round(len(y) * self.orig_rate / self.sample_rate), 1)
        elif len(y) != (wanted := resampled_length(n_times, self.orig_rate, self.sample_rate)):
            raise ValueError(
                f"expected {wanted} samples, for the clip had {n_times} at {self.orig_rate} Hz; "
                f"got {len(y)}. Something between changed its length: use list(X) to forget "
                "the lengths."
            )
        return resample(y, self.sample_rate, self.orig_rate, quality=self.quality)[:n_times]
