"""The recursion of phase gradient heap integration, compiled."""

import numpy as np

from ..utils.compile import compile_cached


@compile_cached
def integrate(log_magnitude, seeds, lowest, n_levels, per_hop, per_bin, advance, phase, known):
    """Sum the gradient of the phase along ridges, loudest coefficients first.

    The border of what is known waits in one list for each level of loudness; with many
    levels this is the heap of the paper, without its logarithm.

    Parameters
    ----------
    log_magnitude : ndarray of shape (n_frames, n_bins)
        Natural logarithm.
    seeds : ndarray of int, shape (n_seeds,)
        Where to start first, as indices into the flat array; then from all that is left. The
        phase is zero at every start that was not reached from one before.
    lowest : float
        Coefficients below are left alone.
    n_levels : int
        Number of levels of loudness between ``lowest`` and zero.
    per_hop : float
        Radians per hop for a slope of one neper per bin.
    per_bin : float
        Radians per bin for a slope of one neper per hop.
    advance : float
        Radians per hop for every bin of frequency.
    phase : ndarray of shape (n_frames, n_bins)
        Filled in where it becomes known, within one turn of zero.
    known : ndarray of bool, shape (n_frames, n_bins)
        Set to True there.
    """
    n_frames, n_bins = log_magnitude.shape
    waiting = np.full(n_levels, -1, np.int64)
    after = np.empty(n_frames * n_bins, np.int32)
    scale = (n_levels - 1) / -lowest
    turn = 2 * np.pi
    for i in range(len(seeds) + n_frames * n_bins):
        seed = seeds[i] if i < len(seeds) else i - len(seeds)
        t, k = seed // n_bins, seed % n_bins
        if known[t, k] or log_magnitude[t, k] < lowest:
            continue
        known[t, k] = True
        phase[t, k] = 0.0
        top = int((log_magnitude[t, k] - lowest) * scale)
        after[seed] = waiting[top]
        waiting[top] = seed
        while top >= 0:
            cell = waiting[top]
            if cell < 0:
                top -= 1
                continue
            waiting[top] = after[cell]
            t, k = cell // n_bins, cell % n_bins
            for side in range(4):
                # the two neighbours in time, then those in frequency
                step = 1 - 2 * (side % 2)
                u, j = (t + step, k) if side < 2 else (t, k + step)
                if u < 0 or u >= n_frames or j < 0 or j >= n_bins or known[u, j]:
                    continue
                if log_magnitude[u, j] < lowest:
                    continue
                if side < 2:
                    slope = _along_bins(log_magnitude, t, k) + _along_bins(log_magnitude, u, k)
                    change = per_hop * slope / 2 + advance * k
                else:
                    slope = _along_hops(log_magnitude, t, k) + _along_hops(log_magnitude, t, j)
                    change = per_bin * slope / 2
                value = phase[t, k] + step * change
                phase[u, j] = value - turn * np.round(value / turn)
                known[u, j] = True
                level = int((log_magnitude[u, j] - lowest) * scale)
                neighbour = u * n_bins + j
                after[neighbour] = waiting[level]
                waiting[level] = neighbour
                top = max(top, level)


@compile_cached
def _along_bins(s, t, k):
    """Central difference over bins; spectra of real signals are mirrored at both ends."""
    if k == 0 or k == s.shape[1] - 1:
        return 0.0
    return (s[t, k + 1] - s[t, k - 1]) / 2


@compile_cached
def _along_hops(s, t, k):
    """Central difference over frames, one-sided at both ends."""
    before, behind = max(t - 1, 0), min(t + 1, s.shape[0] - 1)
    return (s[behind, k] - s[before, k]) / max(behind - before, 1)
