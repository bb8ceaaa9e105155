"""Keep signals within full scale by one gain for the whole clip."""

import warnings
from numbers import Real

import numpy as np

from ..base import SignalFilter
from ..exceptions import ClippingWarning


def peak_of(x):
    """Return the greatest magnitude of a signal, without a copy of it."""
    return float(max(x.max(), -x.min()))


def peak_gain(x, limit, target):
    """Return the gain that brings a signal to ``target`` when its peak is beyond ``limit``.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    limit : float
        Greatest peak that is let through.
    target : float
        Peak of what is scaled.

    Returns
    -------
    gain : float
        At most 1.
    """
    peak = peak_of(x)
    return target / peak if peak > limit else 1.0


def apply_gain(x, gain):
    """Return a signal times a gain, in its own dtype; the very input for a gain of 1 or None."""
    return x if gain is None or gain == 1 else x * x.dtype.type(gain)


def remove_gain(x, gain):
    """Undo :func:`apply_gain`; None is also a gain that nobody remembers."""
    return x if gain is None or gain == 1 else x / x.dtype.type(gain)


def warn_of_peak(x, gain, limit, name, stacklevel):
    """Warn that a clip is scaled; it tells the peak and the gain."""
    warnings.warn(
        f"{name} has a peak of {peak_of(x):.3g}, beyond {limit:g}: the whole clip is scaled by "
        f"{20 * np.log10(gain):.1f} dB.",
        ClippingWarning,
        stacklevel=stacklevel + 1,
    )


class PeakGuard(SignalFilter):
    """Scale clips whose peak is too high, as a whole: they are never clipped.

    Parameters
    ----------
    peak : float, default=0.99
        Greatest peak that is let through, where 1 is full scale (-0.1 dBFS by default).
        Clips beyond it are scaled down to it; no clip is ever scaled up.
    warn : bool, default=True
        Name the clips that are scaled, and their gains, in a warning.

    Attributes
    ----------
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    Warns
    -----
    ClippingWarning
        A clip was scaled; it tells the gain in dB.

    Notes
    -----
    The peak is that of the samples; between them the sound may be a little louder. The
    inverse undoes the gains that the list remembers; without memory it changes nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import PeakGuard
    >>> X = [np.array([0.5, -0.25]), np.array([1.0, -2.0])]
    >>> guard = PeakGuard(peak=0.5, warn=False)
    >>> safe = guard.fit_transform(X)
    >>> safe[1]
    array([ 0.25, -0.5 ])
    >>> guard.inverse_transform(safe)[1]
    array([ 1., -2.])
    """

    _recalls = ("peak_gain",)

    def __init__(self, peak=0.99, *, warn=True):
        self.peak = peak
        self.warn = warn

    def _fit(self, items):
        check_peak(self.peak)

    def _measure_one(self, x):
        # Rounding may leave a scaled clip a bit above the limit: it is not scaled again.
        return (peak_gain(x, self.peak * (1 + 1e-6), self.peak),)

    def _transform_one(self, x, gain):
        return apply_gain(x, gain)

    def _inverse_one(self, y, gain):
        return remove_gain(y, gain)

    def _warn(self, items, names, gains):
        for x, name, gain in zip(items, names, gains, strict=True):
            if self.warn and gain < 1:
                warn_of_peak(x, gain, self.peak, name, stacklevel=4)


def check_peak(peak):
    """Refuse what is no peak, such as a level in dB."""
    if isinstance(peak, bool) or not isinstance(peak, Real) or not 0 < peak < np.inf:
        raise ValueError(
            f"peak must be a positive number where 1 is full scale, got {peak!r}. "
            "A level in dBFS is 10 ** (level / 20)."
        )
