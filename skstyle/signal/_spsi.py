"""Phases in a single pass: every spectral peak advances by its own frequency (SPSI).

References
----------
.. [1] G. T. Beauregard, M. Harish and L. Wyse, "Single pass spectrogram inversion", IEEE
   International Conference on Digital Signal Processing, 2015. doi:10.1109/ICDSP.2015.7251907
"""

import numpy as np

from ._window import window_centre

# Frames analysed at once.
BLOCK = 256


def spsi(magnitude, window, hop_length):
    """Estimate phases from the frequencies of the peaks of every frame [1]_.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_fft // 2 + 1)
    window : ndarray of shape (n_fft,)
    hop_length : int

    Returns
    -------
    phase : ndarray of shape (n_frames, n_fft // 2 + 1)
        Radians, as in :func:`skstyle.signal._fourier.stft`.
    """
    n_frames, n_bins = magnitude.shape
    out = np.empty_like(magnitude)
    # In turns, at the centre of the window, where all bins of a peak agree.
    turns = np.zeros(n_bins)
    shift = window_centre(window) * np.arange(n_bins) / len(window)
    for start in range(0, n_frames, BLOCK):
        block = magnitude[start : start + BLOCK]
        peak = own_peaks(block)
        step = np.take_along_axis(peak_frequencies(block), peak, axis=1)
        step *= hop_length / len(window)
        for t in range(len(block)):
            turns = turns[peak[t]] + step[t]
            turns -= np.floor(turns)
            out[start + t] = 2 * np.pi * (turns - shift)
    return out


def own_peaks(magnitude):
    """Return for every bin the peak on whose slope it lies.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)

    Returns
    -------
    peak : ndarray of int, shape (n_frames, n_bins)
    """
    n_bins = magnitude.shape[1]
    bins = np.arange(n_bins)
    left, right = _neighbours(magnitude)
    to_left = (left >= magnitude) & (left >= right)
    to_right = (right > magnitude) & (right > left)
    peak = ~(to_left | to_right)
    before = np.maximum.accumulate(np.where(peak, bins, 0), axis=1)
    behind = np.where(peak, bins, n_bins - 1)[:, ::-1]
    behind = np.minimum.accumulate(behind, axis=1)[:, ::-1]
    return np.where(to_right, behind, before)


def peak_frequencies(magnitude):
    """Return the top of the parabola through every bin and its neighbours, in bins.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)

    Returns
    -------
    frequency : ndarray of shape (n_frames, n_bins)
        Of use at the peaks only, where it is within half a bin.
    """
    left, right = _neighbours(magnitude)
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = (left - right) / (left - 2 * magnitude + right) / 2
    offset[~(np.abs(offset) <= 0.5)] = 0
    offset[:, [0, -1]] = 0
    return np.arange(magnitude.shape[1]) + offset.astype(float)


def _neighbours(magnitude):
    """Return the bins to the left and to the right, -1 outside."""
    padded = np.pad(magnitude, ((0, 0), (1, 1)), constant_values=-1)
    return padded[:, :-2], padded[:, 2:]
