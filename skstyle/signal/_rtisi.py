"""Phases frame by frame with a look ahead: real-time iterative spectrogram inversion.

References
----------
.. [1] X. Zhu, G. T. Beauregard and L. L. Wyse, "Real-time signal estimation from modified
   short-time Fourier transform magnitude spectra", IEEE TASLP 15, 2007.
   doi:10.1109/TASL.2007.899236
"""

import numpy as np
from scipy import fft

from ._window import window_centre

# Where windows have just begun to cover the signal, sums of frames are divided by no less
# than this part of the full sum of squared windows: estimates there are poor.
LEAST_COVER = 0.02


def rtisi_la(magnitude, window, hop_length, n_times, n_iter=32):
    """Estimate the phases of one frame after the other [1]_.

    A frame enters with the phases of the signal so far, is renewed by Griffin-Lim together
    with the frames that overlap it, and is kept when ``n_fft / hop_length - 1`` later ones
    have entered. Instead of the asymmetric windows of the paper, the signal at work is the
    least-squares one of the frames that cover it so far.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_fft // 2 + 1)
        Of the order of one.
    window : ndarray of shape (n_fft,)
    hop_length : int
    n_times : int
        Length of the signal; zeros surround it.
    n_iter : int, default=32
        How often every frame is renewed, at least.

    Returns
    -------
    spectra : complex ndarray of shape (n_frames, n_fft // 2 + 1)
        The magnitudes with their phases.
    """
    from ._phase_steps import plain_step

    n_frames, n_bins = magnitude.shape
    n_fft, real = len(window), magnitude.dtype.type
    centred = np.exp(-2j * np.pi * window_centre(window) / n_fft * np.arange(n_bins))
    window = window.astype(real)
    squared = window**2
    look_ahead = min(-(-n_fft // hop_length) - 1, n_frames - 1)
    n_rounds = -(-n_iter // (look_ahead + 1))
    inside = np.zeros((n_frames + look_ahead) * hop_length + n_fft, real)
    inside[n_fft // 2 : n_fft // 2 + n_times] = 1
    least = real(LEAST_COVER * max(squared[k::hop_length].sum() for k in range(hop_length)))
    # All of these begin with the oldest frame at work. The past holds the sum of the frames
    # before it, and that of their squared windows.
    length = look_ahead * hop_length + n_fft
    places = [slice(k * hop_length, k * hop_length + n_fft) for k in range(look_ahead + 1)]
    past, past_cover, x = (np.zeros(length, real) for _ in range(3))
    frames = np.lib.stride_tricks.sliding_window_view(x, n_fft)[::hop_length]
    work = np.zeros((look_ahead + 1, n_fft), real)
    difference = np.empty((look_ahead + 1, n_bins), real)
    spectra = np.empty(magnitude.shape, np.result_type(real, np.complex64))
    for newest in range(n_frames):
        oldest = max(newest - look_ahead, 0)
        if newest > look_ahead:
            past[:n_fft] += work[0]
            past_cover[:n_fft] += squared
            for memory in (past, past_cover):
                memory[:-hop_length] = memory[hop_length:]
                memory[-hop_length:] = 0
            work[:-1] = work[1:]
        last = newest - oldest
        work[last] = 0
        # First the new frame alone, from the signal without it, then all of them.
        for k in range(n_rounds + 1):
            if k < 2:
                cover = past_cover.copy()
                for place in places[: last + k]:
                    cover[place] += squared
                scale = inside[oldest * hop_length :][:length] / np.maximum(cover, least)
            x[:] = past
            for place, frame in zip(places, work, strict=True):
                x[place] += frame
            x *= scale
            first = 0 if k else last
            t = fft.rfft(frames[first : last + 1] * window, axis=1)
            if not k and not t.any():
                t[:] = centred
            plain_step(t, magnitude[oldest + first : newest + 1], difference[first : last + 1])
            np.multiply(fft.irfft(t, n_fft, axis=1), window, out=work[first : last + 1])
            spectra[oldest + first : newest + 1] = t
    return spectra
