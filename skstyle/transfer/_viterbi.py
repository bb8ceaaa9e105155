"""Best path through the frames of a style: going on costs nothing, a jump costs the same anywhere.

The costs of all frames beside all states never are in memory at once: they come block by block,
and of every state only one bit is kept, whether the path jumped there.

References
----------
.. [1] G. D. Forney, "The Viterbi algorithm", Proc. IEEE 61(3), 1973. doi:10.1109/PROC.1973.9030
.. [2] A. J. Hunt, A. W. Black, "Unit selection in a concatenative speech synthesis system using a
   large speech database", ICASSP 1996. doi:10.1109/ICASSP.1996.541110
"""

import numpy as np

from ..utils.compile import compile_cached


def best_path(cost_blocks, n_frames, first_of_clip, jump):
    """Choose one state for every frame, so that costs and jumps are least in sum.

    Parameters
    ----------
    cost_blocks : iterable of ndarrays of shape (n_block, n_states), float32
        Costs of the frames, in order, every block for some of them.
    n_frames : int
        Number of frames of all blocks.
    first_of_clip : ndarray of bool, shape (n_states,)
        Where a state does not go on from the state before.
    jump : float
        Cost of a jump to any state.

    Returns
    -------
    path : ndarray of int, shape (n_frames,)
        Ties go to the state of least number, and to going on.
    """
    n_states = len(first_of_clip)
    jumped = np.zeros((n_frames, -(-n_states // 8)), np.uint8)
    origin = np.zeros(n_frames, np.int64)
    total = np.zeros(n_states)
    # Every state may be the first.
    start = 0
    for block in cost_blocks:
        for costs in (block[:1], block[1:]) if start == 0 else (block,):
            stop = start + len(costs)
            price = float(jump if start else 0)
            _advance(costs, total, first_of_clip, price, jumped[start:stop], origin[start:stop])
            start = stop
    return _trace_back(total, jumped, origin)


@compile_cached
def _advance(costs, total, first_of_clip, jump, jumped, origin):
    """Add a block of frames to the least sums of all states, in place."""
    n_states = len(total)
    for t in range(len(costs)):
        best = 0
        for k in range(1, n_states):
            if total[k] < total[best]:
                best = k
        origin[t] = best
        landed = total[best] + jump
        # Sums stay small, whatever the length: only differences count.
        base = total[best]
        before = np.inf
        for k in range(n_states):
            here = total[k]
            least = landed
            if not first_of_clip[k] and before <= landed:
                least = before
            else:
                jumped[t, k >> 3] |= np.uint8(1 << (k & 7))
            total[k] = least - base + costs[t, k]
            before = here


@compile_cached
def _trace_back(total, jumped, origin):
    n_frames = len(origin)
    path = np.empty(n_frames, np.int64)
    path[-1] = np.argmin(total)
    for t in range(n_frames - 1, 0, -1):
        k = path[t]
        if jumped[t, k >> 3] >> (k & 7) & 1:
            path[t - 1] = origin[t]
        else:
            path[t - 1] = k - 1
    return path
