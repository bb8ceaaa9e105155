"""Phases by integration of their gradient, which the magnitudes tell (PGHI).

References
----------
.. [1] Z. Průša, P. Balazs and P. L. Søndergaard, "A noniterative method for reconstruction of
   phase from STFT magnitude", IEEE/ACM TASLP 25, 2017. doi:10.1109/TASLP.2017.2678166
"""

import numpy as np
from scipy.optimize import minimize_scalar

from ._window import window_centre

# Magnitudes below this part of the largest get random phases.
RELATIVE_TOLERANCE = 1e-6
# Steps of loudness between these and the loudest, of 0.015 dB: as good as an exact order.
N_LEVELS = 8192


def pghi(magnitude, window, hop_length, rng):
    """Estimate phases from the slopes of the logarithmic magnitudes [1]_.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_fft // 2 + 1)
        Not all zero.
    window : ndarray of shape (n_fft,)
    hop_length : int
    rng : numpy.random.Generator
        For the phases of coefficients that are too quiet.

    Returns
    -------
    phase : ndarray of shape (n_frames, n_fft // 2 + 1)
        Radians, as in :func:`skstyle.signal._fourier.stft`.
    """
    from ._phase_heap import integrate

    n_frames, n_bins = magnitude.shape
    n_fft = len(window)
    real = magnitude.dtype.type
    s = magnitude / magnitude.max()
    np.maximum(s, real(RELATIVE_TOLERANCE / 10), out=s)  # no cliffs beside silence
    np.log(s, out=s)
    loudest = s.argmax(axis=1) + n_bins * np.arange(n_frames)
    seeds = loudest[np.argsort(-s.ravel()[loudest], kind="stable")]
    gamma = gaussian_gamma(window)
    phase = rng.random(s.shape, dtype=real)
    phase *= real(2 * np.pi)
    integrate(
        s,
        seeds,
        np.log(RELATIVE_TOLERANCE),
        N_LEVELS,
        hop_length * n_fft / gamma,
        -gamma / (hop_length * n_fft),
        2 * np.pi * hop_length / n_fft,
        phase,
        np.zeros(s.shape, bool),
    )
    # So far phases belong to the centre of the window, those of stft to its first sample.
    phase -= (2 * np.pi * (window_centre(window) * np.arange(n_bins) / n_fft % 1)).astype(real)
    return phase


def gaussian_gamma(window):
    r"""Fit the Gaussian :math:`\exp(-\pi n^2 / \gamma)` to a window.

    Least squares over all n give the constants of [1]_ within 0.1 %: 0.256 for a Hann
    window, times the square of its length.

    Parameters
    ----------
    window : ndarray of shape (n_fft,)

    Returns
    -------
    gamma : float
        In squared samples.
    """
    n2 = (np.arange(len(window)) - window_centre(window)) ** 2
    shape = np.abs(window) / np.abs(window).max()

    def misfit(log_gamma):
        gamma = np.exp(log_gamma)
        return np.sqrt(gamma / 2) - 2 * np.exp(-np.pi * n2 / gamma) @ shape

    widest = max(len(window), 2)
    found = minimize_scalar(misfit, bounds=(-2, 2 * np.log(widest) + 1), method="bounded")
    return float(np.exp(found.x))
