"""Intervals of means by the bootstrap, from the same draws of clips for all that is compared."""

import numpy as np
from scipy.special import ndtr, ndtri


def draw_clips(n_clips, n_resamples, random_state):
    """Draw as many clips as there are, with replacement, many times.

    Parameters
    ----------
    n_clips, n_resamples : int
    random_state : RandomState

    Returns
    -------
    counts : int ndarray of shape (n_resamples, n_clips)
        How often every clip was drawn.
    """
    return random_state.multinomial(n_clips, np.full(n_clips, 1 / n_clips), size=n_resamples)


def mean_interval(values, counts, confidence):
    r"""Mean over clips, and its interval by the bootstrap (BCa); nan is left out.

    Parameters
    ----------
    values : ndarray of shape (n_clips,)
    counts : int ndarray of shape (n_resamples, n_clips)
        Of :func:`draw_clips`. The same counts for several sets of values make the intervals
        paired.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    mean, low, high : float
        nan without a value; low and high are nan with less than two, or with an infinite one.

    Notes
    -----
    The ends of the percentile interval are moved to the quantiles

    .. math:: \Phi\left(z_0 + \frac{z_0 + z}{1 - a (z_0 + z)}\right)

    where z is the standard normal quantile of the plain one, :math:`z_0` that of the share of
    means below the mean of all (ties count a half), and a the acceleration by the jackknife [1]_:
    a sixth of the skewness of the values over the root of their number.

    References
    ----------
    .. [1] B. Efron, "Better bootstrap confidence intervals", J. American Statistical Association
       82, 1987. doi:10.1080/01621459.1987.10478410
    """
    known = ~np.isnan(values)
    if not known.any():
        return np.nan, np.nan, np.nan
    x, counts = values[known], counts[:, known]
    mean = float(x.mean())
    if len(x) < 2 or not np.isfinite(mean):
        return mean, np.nan, np.nan
    if x.min() == x.max():
        return mean, mean, mean
    d = x - mean
    # Few values among many clips may be missed by a draw.
    n_drawn = counts.sum(axis=1)
    moves = (counts @ d)[n_drawn > 0] / n_drawn[n_drawn > 0]
    # Every clip drawn once gives the mean itself, but for rounding.
    ties = np.abs(moves) <= 1e-9 * np.ptp(x)
    below = np.mean((moves < 0) & ~ties) + np.mean(ties) / 2
    # All means on one side of the mean of all happens by chance alone: it is no infinity.
    margin = 0.5 / len(moves)
    bias = ndtri(np.clip(below, margin, 1 - margin))
    acceleration = (d**3).sum() / (6 * (d**2).sum() ** 1.5)
    moved = bias + ndtri([(1 - confidence) / 2, (1 + confidence) / 2])
    low, high = mean + np.quantile(moves, ndtr(bias + moved / (1 - acceleration * moved)))
    return mean, float(low), float(high)
