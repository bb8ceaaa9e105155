"""The short-time Fourier transform and its least-squares inverse, as functions.

References
----------
.. [1] D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier
   transform", IEEE Trans. ASSP 32, 1984. doi:10.1109/TASSP.1984.1164317
"""

import numpy as np
from scipy import fft

# Frames transformed at once.
BLOCK = 1024


def stft(x, window, hop_length):
    """Return the spectra of frames centred at every multiple of the hop.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    window : ndarray of shape (n_fft,)
    hop_length : int

    Returns
    -------
    spectra : ndarray of shape (n_frames, n_fft // 2 + 1)
        ``n_frames = ceil((n_times - 1) / hop_length) + 1``: the last frame is centred at or
        behind the last sample. Zeros surround the signal.
    """
    n_fft = len(window)
    n_frames = -(-(len(x) - 1) // hop_length) + 1
    left = n_fft // 2
    right = (n_frames - 1) * hop_length + n_fft - left - len(x)
    padded = np.pad(x, (left, max(right, 0)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length][:n_frames]
    dtype = np.complex64 if x.dtype == np.float32 else np.complex128
    window = window.astype(x.dtype)
    out = np.empty((n_frames, n_fft // 2 + 1), dtype)
    for start in range(0, n_frames, BLOCK):
        block = slice(start, start + BLOCK)
        out[block] = fft.rfft(frames[block] * window, axis=1)
    return out


def istft(spectra, window, hop_length, n_times):
    """Return the signal whose STFT is nearest to ``spectra`` in least squares [1]_.

    Parameters
    ----------
    spectra : ndarray of shape (n_frames, n_fft // 2 + 1)
    window : ndarray of shape (n_fft,)
    hop_length : int
    n_times : int
        Samples to return.

    Returns
    -------
    x : ndarray of shape (n_times,)
    """
    n_fft = len(window)
    frames = fft.irfft(spectra, n_fft, axis=1)
    window = window.astype(frames.dtype)
    frames *= window
    x = overlap_add(frames, hop_length)
    weight = overlap_add(np.broadcast_to(window**2, frames.shape), hop_length)
    left = n_fft // 2
    x, weight = x[left : left + n_times], weight[left : left + n_times]
    np.divide(x, weight, out=x, where=weight > np.finfo(x.dtype).tiny)
    return x if len(x) == n_times else np.pad(x, (0, n_times - len(x)))


def overlap_add(frames, hop_length):
    """Sum frames at every hop, one pass for every hop within a frame."""
    n_frames, length = frames.shape
    n_passes = -(-length // hop_length)
    out = np.zeros((n_frames + n_passes) * hop_length, frames.dtype)
    for k in range(n_passes):
        piece = frames[:, k * hop_length : (k + 1) * hop_length]
        rows = out[k * hop_length :][: n_frames * hop_length].reshape(n_frames, hop_length)
        rows[:, : piece.shape[1]] += piece
    return out


def covers_all_samples(window, hop_length):
    """Tell whether windows at every hop leave no gap, not even at the ends of a clip (NOLA).

    Parameters
    ----------
    window : ndarray of shape (n_fft,)
    hop_length : int

    Returns
    -------
    covered : bool
    """
    n_fft = len(window)
    left = n_fft // 2
    n_frames = 2 * -(-n_fft // hop_length) + 2
    weight = overlap_add(np.broadcast_to(window**2, (n_frames, n_fft)), hop_length)
    # From the centre of the first frame to that of the last: what a clip can reach.
    reached = weight[left : left + (n_frames - 1) * hop_length + 1]
    return bool(reached.min() > 1e-10 * max(weight.max(), 1e-300))
