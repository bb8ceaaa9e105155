"""Bring clips to one loudness by one gain each."""

import warnings

import numpy as np

from ..base import SignalFilter
from ..exceptions import ClippingWarning, SilentClipWarning
from ..utils.rates import check_sample_rate
from ._bs1770 import check_loudness_rate, integrated_loudness
from ._peak_guard import apply_gain, check_peak, peak_of, remove_gain

METHODS = ("bs1770", "rms")
# Level below which a clip counts as silent: under the last bit of 24-bit audio.
SILENT_DB = -140.0


def rms_level(x):
    """Return the level of the root mean square of a signal.

    Parameters
    ----------
    x : ndarray of shape (n_times,)

    Returns
    -------
    level : float
        In dB, where 0 is a constant of 1; ``-inf`` for digital silence.
    """
    power = float(np.einsum("i,i->", x, x, dtype=np.float64)) / len(x)
    return 10 * float(np.log10(power)) if power > 0 else -np.inf


class LoudnessNormalizer(SignalFilter):
    """Scale every clip as a whole to one loudness.

    Parameters
    ----------
    sample_rate : float
        In Hz; at least 4000 for "bs1770".
    target : float, default=-23.0
        Loudness of the clips that go out: in LUFS for "bs1770" (-23 is that of EBU R 128),
        in dBFS of the mean square for "rms", where a sine at full scale has -3.01.
    method : {"bs1770", "rms"}, default="bs1770"
        How loudness is measured: gated and K-weighted after ITU-R BS.1770-4 [1]_, or the root
        mean square of the whole clip, pauses included.
    peak : float, optional
        Greatest peak that a gain may cause, where 1 is full scale; clips that reach it stay
        below the target. None lets them pass full scale, with a warning.

    Attributes
    ----------
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    Warns
    -----
    ClippingWarning
        With ``peak=None``, a clip that was scaled has a peak beyond 1. It is not clipped:
        put :class:`~skstyle.signal.PeakGuard` behind, or give ``peak``.
    SilentClipWarning
        A clip is silent (below -70 LUFS everywhere, or -140 dBFS); it passes unchanged.

    See Also
    --------
    integrated_loudness : The measure of BS.1770 as a function.

    Notes
    -----
    Clips shorter than 400 ms are measured as one block. The inverse undoes the gains that
    the list remembers; without memory it changes nothing.

    References
    ----------
    .. [1] Recommendation ITU-R BS.1770-4, "Algorithms to measure audio programme loudness
       and true-peak audio level", 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import LoudnessNormalizer, integrated_loudness
    >>> X = [0.01 * np.sin(np.arange(16000) / 3), 0.5 * np.sin(np.arange(9999) / 5)]
    >>> even = LoudnessNormalizer(sample_rate=16000).fit_transform(X)
    >>> [round(integrated_loudness(x, 16000), 3) for x in even]
    [-23.0, -23.0]
    """

    _recalls = ("loudness_gain",)

    def __init__(self, sample_rate, *, target=-23.0, method="bs1770", peak=None):
        self.sample_rate = sample_rate
        self.target = target
        self.method = method
        self.peak = peak

    def _fit(self, items):
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {METHODS}, got {self.method!r}.")
        check = check_loudness_rate if self.method == "bs1770" else check_sample_rate
        check(self.sample_rate)
        if not -70 < self.target <= 0:
            raise ValueError(
                f"target must lie above -70 and be at most 0, in dB below full scale; got "
                f"{self.target!r}."
            )
        if self.peak is not None:
            check_peak(self.peak)

    def _measure_one(self, x):
        if self.method == "bs1770":
            loudness = integrated_loudness(x, self.sample_rate)
        else:
            loudness = rms_level(x)
        if loudness < SILENT_DB:
            return (None,)
        gain = 10 ** ((self.target - loudness) / 20)
        return (gain if self.peak is None else min(gain, self.peak / peak_of(x)),)

    def _transform_one(self, x, gain):
        return apply_gain(x, gain)

    def _inverse_one(self, y, gain):
        return remove_gain(y, gain)

    def _warn(self, items, names, gains):
        for x, name, gain in zip(items, names, gains, strict=True):
            if gain is None:
                message = f"{name} is silent: it has no loudness, and passes unchanged."
                warnings.warn(message, SilentClipWarning, stacklevel=4)
            elif self.peak is None and (peak := gain * peak_of(x)) > 1:
                message = (
                    f"{name} has a peak of {peak:.3g} after a gain of {20 * np.log10(gain):.1f} "
                    f"dB, beyond 1: it is not clipped, but files cannot hold it. Put PeakGuard "
                    "behind, choose a lower target, or give peak=0.99."
                )
                warnings.warn(message, ClippingWarning, stacklevel=4)
