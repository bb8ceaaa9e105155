"""The one recursion of pitch tracking that cannot be vectorised over frames."""

import numpy as np

from ..utils.compile import compile_cached


@compile_cached
def best_path(octaves, strength, unvoiced, jump_cost, voicing_cost):
    """Find the best sequence of candidates, -1 for unvoiced frames.

    Parameters
    ----------
    octaves : ndarray of shape (n_frames, n_candidates)
        log2 of the candidates.
    strength : ndarray of shape (n_frames, n_candidates)
        -inf where there is no candidate.
    unvoiced : ndarray of shape (n_frames,)
        Strength of the unvoiced candidate.
    jump_cost : float
        Per octave between neighbouring voiced frames.
    voicing_cost : float
        Per change between voiced and unvoiced.

    Returns
    -------
    path : ndarray of int, shape (n_frames,)
    """
    n, k = strength.shape
    back = np.empty((n, k + 1), np.int16)
    score = np.empty(k + 1)
    new = np.empty(k + 1)
    score[:k] = strength[0]
    score[k] = unvoiced[0]
    for t in range(1, n):
        for j in range(k + 1):
            if j < k and strength[t, j] == -np.inf:
                new[j] = -np.inf
                back[t, j] = k
                continue
            best, arg = -np.inf, k
            for i in range(k + 1):
                if score[i] == -np.inf:
                    continue
                if i < k and j < k:
                    cost = jump_cost * abs(octaves[t, j] - octaves[t - 1, i])
                elif i == j:
                    cost = 0.0
                else:
                    cost = voicing_cost
                if score[i] - cost > best:
                    best, arg = score[i] - cost, i
            new[j] = best + (strength[t, j] if j < k else unvoiced[t])
            back[t, j] = arg
        score[:] = new
    path = np.empty(n, np.int64)
    state = np.argmax(score)
    for t in range(n - 1, -1, -1):
        path[t] = state if state < k else -1
        state = back[t, state]
    return path
