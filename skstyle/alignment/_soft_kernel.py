"""The recursions of soft dynamic time warping, forwards and backwards."""

import numpy as np

from ..utils.compile import compile_cached


@compile_cached
def soften(costs, gamma):
    """Sum costs by the soft minimum.

    Parameters
    ----------
    costs : float64 ndarray of shape (n, m)
    gamma : float

    Returns
    -------
    totals : ndarray of shape (n + 1, m + 1)
        Soft-minimal sums; infinite in front, zero in the corner.
    """
    n, m = costs.shape
    totals = np.full((n + 1, m + 1), np.inf)
    totals[0, 0] = 0
    for i in range(n):
        for j in range(m):
            x, y, z = totals[i, j], totals[i, j + 1], totals[i + 1, j]
            # The least is taken out, so that no power overflows and one of them is 1.
            least = min(x, y, z)
            mass = np.exp((least - x) / gamma)
            mass += np.exp((least - y) / gamma)
            mass += np.exp((least - z) / gamma)
            totals[i + 1, j + 1] = costs[i, j] + least - gamma * np.log(mass)
    return totals


@compile_cached
def spread_back(totals, gamma):
    """Return how probable it is that a path visits each cell.

    The probability of a cell is shared among its three predecessors, in proportion to
    exp(-total / gamma): shares of one sum to one whatever the rounding of the totals.
    """
    n, m = totals.shape[0] - 1, totals.shape[1] - 1
    visits = np.zeros((n + 1, m + 1))
    visits[n, m] = 1
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            x, y, z = totals[i, j], totals[i, j + 1], totals[i + 1, j]
            least = min(x, y, z)
            p = np.exp((least - x) / gamma)
            q = np.exp((least - y) / gamma)
            s = np.exp((least - z) / gamma)
            share = visits[i + 1, j + 1] / (p + q + s)
            visits[i, j] += share * p
            visits[i, j + 1] += share * q
            visits[i + 1, j] += share * s
    return visits[1:, 1:]
