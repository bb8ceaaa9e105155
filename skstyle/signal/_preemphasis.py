"""First-order emphasis of the treble, with its exact inverse."""

from numbers import Real

import numpy as np
from scipy import signal as sps

from ..base import SignalFilter


class Preemphasis(SignalFilter):
    """Raise the treble by ``y[n] = x[n] - coefficient * x[n - 1]``.

    Parameters
    ----------
    coefficient : float, default=0.97
        Between -1 and 1; the sample before the first one is 0.

    Attributes
    ----------
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    Notes
    -----
    The inverse is the recursion ``x[n] = y[n] + coefficient * x[n - 1]``, with the
    coefficient that the list remembers. Both are computed in float64, for the recursion makes
    rounding errors of the bass up to ``1 / (1 - coefficient)`` times greater.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import Preemphasis
    >>> emphasis = Preemphasis(0.5)
    >>> bright = emphasis.fit_transform([np.array([1.0, 1.0, 0.0])])
    >>> bright[0]
    array([ 1. ,  0.5, -0.5])
    >>> emphasis.inverse_transform(bright)[0]
    array([1., 1., 0.])
    """

    _recalls = ("coefficient",)

    def __init__(self, coefficient=0.97):
        self.coefficient = coefficient

    def _fit(self, items):
        if not isinstance(self.coefficient, Real) or not -1 < self.coefficient < 1:
            raise ValueError(f"coefficient must lie in (-1, 1), got {self.coefficient!r}.")

    def _measure_one(self, x):
        return (self.coefficient,)

    def _transform_one(self, x, coefficient):
        y = x.astype(np.float64)
        y[1:] -= np.multiply(x[:-1], coefficient, dtype=np.float64)
        return y.astype(x.dtype, copy=False)

    def _inverse_one(self, y, coefficient):
        coefficient = self.coefficient if coefficient is None else coefficient
        return sps.lfilter([1], [1, -coefficient], y.astype(np.float64)).astype(y.dtype, copy=False)
