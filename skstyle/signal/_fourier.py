"""The short-time Fourier transform and its least-squares inverse, as functions.

References
----------
.. [1] D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier
   transform", IEEE Trans. ASSP 32, 1984. doi:10.1109/TASSP.1984.1164317
"""

import numpy as np
from scipy import fft

# Samples of the frames transformed at once: they and their spectra stay in the cache of a
# core, and no clip needs all of its frames in memory.
BLOCK_SIZE = 2**16
PAD_MODES = ("constant", "reflect", "edge")


def stft(x, window, hop_length, *, pad_mode="constant", encode=None):
    """Return the spectra of frames centred at every multiple of the hop.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    window : ndarray of shape (n_fft,)
    hop_length : int
    pad_mode : {"constant", "reflect", "edge"}, default="constant"
        What surrounds the signal: zeros, its mirror image, or its first and last sample.
    encode : callable, optional
        Writes rows of complex spectra in another form, such as ``numpy.abs``. It is called for
        a few frames at a time, so that the spectra themselves need no memory.

    Returns
    -------
    spectra : ndarray of shape (n_frames, n_fft // 2 + 1)
        Or what ``encode`` makes of them. ``n_frames = ceil((n_times - 1) / hop_length) + 1``:
        the last frame is centred at or behind the last sample.
    """
    n_fft = len(window)
    n_frames = frame_count(len(x), hop_length)
    padded = pad(x, n_fft, hop_length, pad_mode)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]
    window = window.astype(x.dtype)
    size = max(BLOCK_SIZE // n_fft, 1)
    buffer = np.empty((min(size, n_frames), n_fft), x.dtype)
    out = None
    for start in range(0, n_frames, size):
        block = slice(start, min(start + size, n_frames))
        windowed = np.multiply(frames[block], window, out=buffer[: block.stop - start])
        rows = fft.rfft(windowed, axis=1)
        rows = rows if encode is None else encode(rows)
        if out is None:
            out = np.empty((n_frames, rows.shape[1]), rows.dtype)
        out[block] = rows
    return out


def istft(spectra, window, hop_length, n_times, *, pad_mode="constant", decode=None):
    """Return the signal whose STFT is nearest to ``spectra`` in least squares [1]_.

    Parameters
    ----------
    spectra : ndarray of shape (n_frames, n_fft // 2 + 1)
    window : ndarray of shape (n_fft,)
    hop_length : int
    n_times : int
        Samples to return.
    pad_mode : {"constant", "reflect", "edge"}, default="constant"
        That of the STFT. Mirrored samples in the frames count for those that they mirror.
    decode : callable, optional
        Makes complex spectra out of rows that hold them in another form.

    Returns
    -------
    x : ndarray of shape (n_times,)
    """
    n_fft, n_frames = len(window), len(spectra)
    size = max(BLOCK_SIZE // n_fft, 1)
    padded = None
    for start in range(0, n_frames, size):
        rows = spectra[start : start + size]
        frames = fft.irfft(rows if decode is None else decode(rows), n_fft, axis=1)
        if padded is None:
            window = window.astype(frames.dtype)
            padded = room_for(n_frames, n_fft, hop_length, frames.dtype)
        frames *= window
        add_frames(padded, frames, hop_length, start)
    weight = sum_of_windows(window**2, hop_length, n_frames)
    x = unpad(padded, n_times, n_fft, pad_mode)
    weight = unpad(weight, n_times, n_fft, pad_mode)
    np.divide(x, weight, out=x, where=weight > np.finfo(x.dtype).tiny)
    return x


def frame_count(n_times, hop_length):
    """Return the number of frames: the last one is centred at or behind the last sample."""
    return -(-(n_times - 1) // hop_length) + 1


def overlap_add(frames, hop_length):
    """Sum frames at every hop.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, length)
    hop_length : int

    Returns
    -------
    x : ndarray
        Whole hops, with zeros behind the last frame.
    """
    out = room_for(*frames.shape, hop_length, frames.dtype)
    add_frames(out, frames, hop_length)
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


def room_for(n_frames, length, hop_length, dtype):
    return np.zeros((n_frames + -(-length // hop_length)) * hop_length, dtype)


def add_frames(out, frames, hop_length, first=0):
    """Add frames at ``first * hop_length`` and every hop behind, one pass for every overlap."""
    n_frames, length = frames.shape
    for k in range(-(-length // hop_length)):
        piece = frames[:, k * hop_length : (k + 1) * hop_length]
        rows = out[(first + k) * hop_length :][: n_frames * hop_length]
        rows.reshape(n_frames, hop_length)[:, : piece.shape[1]] += piece


def sum_of_windows(square, hop_length, n_frames):
    """Overlap-add one frame many times; in the middle the sum repeats itself every hop."""
    n_passes = -(-len(square) // hop_length)
    few = min(n_frames, 2 * n_passes)
    ends = overlap_add(np.broadcast_to(square, (few, len(square))), hop_length)
    if few == n_frames:
        return ends
    out = room_for(n_frames, len(square), hop_length, square.dtype)
    start, stop = n_passes * hop_length, n_frames * hop_length
    out[:start] = ends[:start]
    out[start:stop].reshape(-1, hop_length)[:] = ends[start : start + hop_length]
    out[stop:] = ends[few * hop_length :]
    return out


def pad(x, n_fft, hop_length, pad_mode):
    left = n_fft // 2
    n_padded = (frame_count(len(x), hop_length) - 1) * hop_length + n_fft
    out = np.zeros(n_padded, x.dtype)
    out[left : left + len(x)] = x
    for part, source in mirrored(n_padded, left, len(x), pad_mode):
        out[part] = x[source]
    return out


def unpad(padded, n_times, n_fft, pad_mode):
    """Cut the clip out; what was padded by copies of samples is added to them (adjoint)."""
    left = n_fft // 2
    x = padded[left : left + n_times]
    if len(x) < n_times:
        return np.pad(x, (0, n_times - len(x)))
    for part, source in mirrored(len(padded), left, n_times, pad_mode):
        first = source.min(initial=0)
        copies = np.bincount(source - first, weights=padded[part])  # adds in float64
        x[first : first + len(copies)] += copies
    return x


def mirrored(n_padded, left, n_times, pad_mode):
    """Yield both paddings as slices, with the sample of the clip that each place repeats.

    Clips shorter than the padding are reflected to and fro, as often as it takes.
    """
    if pad_mode == "constant":
        return
    for part in (slice(0, left), slice(left + n_times, n_padded)):
        time = np.arange(part.start, part.stop) - left
        if pad_mode == "reflect":
            period = max(2 * (n_times - 1), 1)
            time = time % period
            time = np.minimum(time, period - time)
        yield part, np.clip(time, 0, n_times - 1)
