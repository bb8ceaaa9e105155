"""The random net that judges style where the user has no net: one layer over time."""

import numpy as np
from sklearn.utils import check_random_state

from ..signal._window import whole_number
from ._pairs import log_mel

# Levels that enter the random net: dB above the floor, so that its input is about one.
DB_PER_UNIT = 20.0
# Of the random net, whose activations are held at once.
BLOCK_FRAMES = 8192


def random_filters(kernel_widths, n_channels, n_filters, random_state):
    """Draw the filters of a net without depth.

    Parameters
    ----------
    kernel_widths : tuple of int
    n_channels : int
    n_filters : int
    random_state : int, RandomState instance or None

    Returns
    -------
    filters : list of (weights, bias)
        ndarrays of shape (width, n_channels, n_filters) and (n_filters,), one pair a width.
    """
    if np.ndim(kernel_widths) != 1 or len(kernel_widths) == 0:
        raise ValueError(f"kernel_widths must be a tuple of integers, got {kernel_widths!r}.")
    widths = [whole_number(w, "Each of kernel_widths") for w in kernel_widths]
    n_filters = whole_number(n_filters, "n_filters")
    rng = check_random_state(random_state)
    filters = []
    for width in widths:
        scale = np.sqrt(2 / (width * n_channels))
        weights = scale * rng.standard_normal((width, n_channels, n_filters))
        filters.append((weights, rng.standard_normal(n_filters)))
    return filters


def input_of_net(x, *, sample_rate, n_fft, hop_length, n_mels, floor_db):
    """Levels of mel bands above the floor, in units of 20 dB: what the random net sees.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
    n_fft, hop_length, n_mels : int
    floor_db : float

    Returns
    -------
    levels : ndarray of shape (n_frames, n_mels)
    """
    settings = {"n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
    (levels,) = log_mel([x], sample_rate, floor_db=floor_db, **settings)
    return (levels - floor_db) / DB_PER_UNIT


def random_features(levels, filters):
    """Activations of the random net.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
    filters : list of (weights, bias)

    Returns
    -------
    layers : list of ndarray of shape (n_frames, n_filters)
    """
    return [np.maximum(convolve(levels, weights) + bias, 0) for weights, bias in filters]


def random_grams(levels, filters):
    """Gram matrices of the random net, with a block of its activations in memory at a time.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
    filters : list of (weights, bias)

    Returns
    -------
    grams : list of ndarray of shape (n_filters, n_filters)
    """
    margin = max(len(weights) for weights, _ in filters)
    sums = [0.0] * len(filters)
    for start in range(0, len(levels), BLOCK_FRAMES):
        first, stop = max(start - margin, 0), start + BLOCK_FRAMES
        for k, layer in enumerate(random_features(levels[first : stop + margin], filters)):
            layer = layer[start - first : stop - first]
            sums[k] = sums[k] + layer.T @ layer
    return [total / len(levels) for total in sums]


def convolve(x, weights):
    """Filter a sequence along time, with zeros around it; the length is kept.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_channels)
    weights : ndarray of shape (width, n_channels, n_filters)

    Returns
    -------
    out : ndarray of shape (n_frames, n_filters)
    """
    width = len(weights)
    padded = np.pad(x, ((width // 2, (width - 1) // 2), (0, 0)))
    # One product a tap: nothing as large as all windows side by side.
    return sum(padded[k : k + len(x)] @ taps for k, taps in enumerate(weights))
