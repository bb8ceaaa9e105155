"""Phases by alternating projections: Griffin-Lim, its fast version and ADMM.

Every iteration goes to the nearest spectra that are those of a signal, and from there to the
nearest ones that have the wanted magnitudes. Analysis, new phases and synthesis follow each
other block by block, so that the spectra stay in the cache.

References
----------
.. [1] D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier
   transform", IEEE Trans. ASSP 32, 1984. doi:10.1109/TASSP.1984.1164317
.. [2] N. Perraudin, P. Balazs and P. L. Søndergaard, "A fast Griffin-Lim algorithm", IEEE
   WASPAA, 2013. doi:10.1109/WASPAA.2013.6701851
.. [3] Y. Masuyama, K. Yatabe and Y. Oikawa, "Griffin-Lim like phase recovery via alternating
   direction method of multipliers", IEEE SPL 26, 2019. doi:10.1109/LSP.2018.2884026
"""

import numpy as np
from scipy import fft

from ._fourier import add_frames, mirrored, room_for, sum_of_windows, unpad

# Samples of the frames in one block: they stay in the cache of a core.
BLOCK_SIZE = 2**17


def griffin_lim(
    magnitude,
    spectra,
    window,
    hop_length,
    n_times,
    *,
    method="fast-griffin-lim",
    n_iter=32,
    tol=0.0,
    momentum=0.99,
    rho=0.2,
    pad_mode="constant",
):
    """Renew phases until the spectra are those of a signal, as nearly as they can be.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_fft // 2 + 1)
        Not all zero, and of the order of one: squares must not overflow.
    spectra : complex ndarray of shape (n_frames, n_fft // 2 + 1)
        The magnitudes with the phases to start from. Overwritten by the result.
    window : ndarray of shape (n_fft,)
    hop_length : int
    n_times : int
        Length of the signal.
    method : {"griffin-lim", "fast-griffin-lim", "admm"}, default="fast-griffin-lim"
        Plain [1]_, with momentum [2]_, or by the method of multipliers [3]_.
    n_iter : int, default=32
    tol : float, default=0.0
        Stop when the spectral convergence changes by less than this part of itself.
    momentum : float, default=0.99
        Of the fast version.
    rho : float, default=0.2
        Penalty of ADMM.
    pad_mode : {"constant", "reflect", "edge"}, default="constant"
        What surrounds the signal.

    Returns
    -------
    spectra : complex ndarray of shape (n_frames, n_fft // 2 + 1)
        The magnitudes with the new phases.
    convergence : ndarray of shape (n_done + 1,)
        Spectral convergence at the start and after every iteration.
    """
    step = _step_of(method, spectra, momentum, rho)
    window = window.astype(magnitude.dtype)
    weight = _inverse_weight(window, hop_length, len(magnitude), n_times, pad_mode)
    total = room_for(len(magnitude), len(window), hop_length, window.dtype)
    x = np.zeros_like(total)  # with its padding
    for block in _blocks(magnitude, window):
        _synthesise(spectra[block], window, hop_length, block.start, total)
    _nearest_signal(total, weight, len(window), pad_mode, x)
    convergence = []
    for k in range(n_iter):
        keep = tol > 0 or k == n_iter - 1
        total[:] = 0
        error = 0.0
        for block, t in _analyse(x, magnitude, window, hop_length):
            difference = np.empty_like(magnitude[block])
            step(block, t, magnitude[block], difference)
            error += _squared_norm(difference)
            if keep:
                spectra[block] = t
            _synthesise(t, window, hop_length, block.start, total)
        _nearest_signal(total, weight, len(window), pad_mode, x)
        convergence.append(error)
        if tol > 0 and k and abs(np.diff(np.sqrt(convergence[-2:]))[0]) <= tol * error**0.5:
            break
    blocks = _analyse(x, magnitude, window, hop_length)
    convergence.append(sum(_squared_norm(np.abs(t) - magnitude[block]) for block, t in blocks))
    return spectra, np.sqrt(convergence) / np.linalg.norm(magnitude)


def _step_of(method, spectra, momentum, rho):
    """Return the step of a method, with its memory, as a function of a block."""
    from ._phase_steps import admm_step, fast_step, plain_step

    real = spectra.real.dtype.type
    if method == "admm":
        state, kept, rest = spectra.copy(), real(1 / (1 + rho)), real(1 - rho)
        return lambda block, *arrays: admm_step(*arrays, state[block], kept, rest)
    if method == "fast-griffin-lim" and momentum:
        # From zeros, the first step goes straight on.
        state, momentum = np.zeros_like(spectra), real(momentum)
        return lambda block, *arrays: fast_step(*arrays, state[block], momentum)
    return lambda block, *arrays: plain_step(*arrays)


def _squared_norm(difference):
    d = difference.ravel()
    return float(d @ d)


def _blocks(magnitude, window):
    """Yield slices of frames, so many as the cache can hold."""
    size = max(BLOCK_SIZE // len(window), 1)
    for start in range(0, len(magnitude), size):
        yield slice(start, min(start + size, len(magnitude)))


def _analyse(x, magnitude, window, hop_length):
    """Yield the spectra of a padded signal, block by block."""
    frames = np.lib.stride_tricks.sliding_window_view(x, len(window))[::hop_length]
    for block in _blocks(magnitude, window):
        yield block, fft.rfft(frames[block] * window, axis=1, overwrite_x=True)


def _synthesise(spectra, window, hop_length, first, total):
    """Add windowed frames to the sum, from this frame on."""
    frames = fft.irfft(spectra, len(window), axis=1)
    frames *= window
    add_frames(total, frames, hop_length, first)


def _nearest_signal(total, weight, n_fft, pad_mode, x):
    """Turn a sum of windowed frames into the least-squares signal, and pad it."""
    clip = x[n_fft // 2 :][: len(weight)]
    np.multiply(unpad(total, len(weight), n_fft, pad_mode), weight, out=clip)
    for part, source in mirrored(len(x), n_fft // 2, len(weight), pad_mode):
        x[part] = clip[source]


def _inverse_weight(window, hop_length, n_frames, n_times, pad_mode):
    total = sum_of_windows(window**2, hop_length, n_frames)
    total = unpad(total, n_times, len(window), pad_mode)
    covered = total > np.finfo(total.dtype).tiny
    return np.divide(1, total, out=np.zeros_like(total), where=covered)
