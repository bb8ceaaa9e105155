"""Join pieces of signals where a path jumps, so that periods go on across the joint.

References
----------
.. [1] W. Verhelst and M. Roelands, "An overlap-add technique based on waveform similarity
   (WSOLA) for high quality time-scale modification of speech", ICASSP 1993.
   doi:10.1109/ICASSP.1993.319366
"""

import numpy as np

# Power of a place below this share of the most powerful one is silence, similar to nothing.
SILENT_SHARE = 1e-6


def runs_of(path, first_of_clip):
    """Find where a path goes on from frame to frame.

    Parameters
    ----------
    path : ndarray of int, shape (n_frames,)
    first_of_clip : ndarray of bool, shape (n_states,)

    Returns
    -------
    starts, stops : ndarrays of int, shape (n_runs,)
        Frames ``starts[i]`` to ``stops[i] - 1`` are one run.
    """
    breaks = (np.diff(path) != 1) | first_of_clip[path[1:]]
    edges = np.concatenate([[0], np.flatnonzero(breaks) + 1, [len(path)]])
    return edges[:-1], edges[1:]


def join_runs(sources, runs, hop_length, n_times, fade, reach):
    """Put pieces one behind the other, each moved a little so that it fits the one before.

    Parameters
    ----------
    sources : list of ndarrays
        Signals that pieces are taken from.
    runs : list of tuples (start, stop, source, frame)
        Frames from ``start`` to ``stop - 1`` are those of ``sources[source]`` from ``frame`` on.
    hop_length : int
        Samples between frames.
    n_times : int
        Length of the result.
    fade : int
        Samples for which two pieces overlap; halfway between the last frame of one and the
        first frame of the other.
    reach : int
        Samples by which a piece may be moved at most, either way.

    Returns
    -------
    y : ndarray of shape (n_times,)
        Of the dtype of the sources.

    Notes
    -----
    The displacement is that of the greatest normalised correlation with what is there [1]_. Ramps
    add up to one.
    """
    half = fade // 2
    lead = half + hop_length
    dtype = sources[0].dtype
    out = np.zeros(n_times + 2 * lead + hop_length, dtype)
    up = (0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * half) + 0.5) / max(2 * half, 1))).astype(dtype)
    for i, (start, stop, source, frame) in enumerate(runs):
        x = sources[source]
        # Pieces meet half a hop before their first frame.
        begin = start * hop_length - hop_length // 2 - half
        end = min(stop * hop_length - hop_length // 2 + half, n_times + lead)
        if begin >= n_times:
            break
        there = begin + (frame - start) * hop_length
        if i:
            what = out[lead + begin : lead + begin + 2 * half]
            there += _best_shift(x, there, what, reach)
        piece = _cut(x, there, end - begin)
        if i:
            piece[: 2 * half] *= up[: len(piece)]
        if i + 1 < len(runs) and 2 * half <= len(piece):
            piece[len(piece) - 2 * half :] *= up[::-1]
        out[lead + begin : lead + begin + len(piece)] += piece
    return out[lead : lead + n_times].copy()


def _cut(x, start, length):
    """Copy samples, with zeros beyond the ends."""
    piece = np.zeros(length, x.dtype)
    low, high = max(start, 0), min(start + length, len(x))
    if low < high:
        piece[low - start : high - start] = x[low:high]
    return piece


def _best_shift(x, start, faded, reach):
    """Displacement at which x is most like what fades out; of equal ones, the smallest."""
    around = _cut(x, start - reach, len(faded) + 2 * reach).astype(np.float64)
    likeness = np.correlate(around, faded.astype(np.float64), "valid")
    power = np.concatenate([[0.0], np.cumsum(around**2)])
    power = power[len(faded) :] - power[: len(power) - len(faded)]
    likeness /= np.sqrt(np.maximum(power, SILENT_SHARE * power.max()) + np.finfo(float).tiny)
    offsets = np.arange(-reach, reach + 1)
    order = np.argsort(np.abs(offsets), kind="stable")
    return int(offsets[order][np.argmax(likeness[order])])
