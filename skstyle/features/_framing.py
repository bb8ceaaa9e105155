"""Frames of a signal around given times, as one array."""

import math

import numpy as np

# Frames handled at once: bounds the memory of every analysis, whatever the clip length.
BLOCK = 512


def n_frames_of(n_times, hop):
    """Return the number of frames of a clip; frame t is centred at sample ``t * hop``."""
    return int(math.floor((n_times - 1) / hop + 1e-9)) + 1


def n_times_of(n_frames, hop):
    """Return the length of the longest clip that has ``n_frames`` frames."""
    return int(math.ceil(n_frames * hop - 1e-9))


def blocks(n, size=BLOCK):
    """Yield slices of at most ``size`` that cover ``range(n)``."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def centred_frames(x, centres, half_width):
    """Cut ``2 * half_width + 1`` samples around every centre, zeros outside of the signal.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    centres : ndarray of int, shape (n_frames,)
    half_width : int

    Returns
    -------
    frames : ndarray of shape (n_frames, 2 * half_width + 1)
    """
    first, last = int(centres.min()) - half_width, int(centres.max()) + half_width + 1
    inside = x[max(first, 0) : max(last, 0)]
    padded = np.pad(inside, (max(-first, 0), max(last - max(len(x), max(first, 0)), 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half_width + 1)
    return windows[centres - half_width - first]
