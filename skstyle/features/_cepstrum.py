"""Mel-cepstra: cepstra on a frequency axis warped by an all-pass filter, as matrices.

log|H(w)| = sum_m c_m cos(m w~),  w~ = w + 2 arctan(alpha sin w / (1 - alpha cos w))

References
----------
.. [1] A. V. Oppenheim and D. H. Johnson, "Discrete representation of signals",
   Proc. IEEE 60, 1972, pp. 681-691. doi:10.1109/PROC.1972.8727
.. [2] K. Tokuda, T. Kobayashi, T. Masuko and S. Imai, "Mel-generalized cepstral analysis",
   ICSLP 1994.
"""

from functools import lru_cache

import numpy as np
from scipy import fft, optimize, signal


def warp_frequency(omega, alpha):
    """Map angular frequencies in [0, pi] by the first-order all-pass filter."""
    return omega + 2 * np.arctan2(alpha * np.sin(omega), 1 - alpha * np.cos(omega))


@lru_cache(maxsize=32)
def auto_alpha(sample_rate):
    """Return the all-pass constant that is nearest to the mel scale at a sample rate.

    Parameters
    ----------
    sample_rate : float
        In Hz.

    Returns
    -------
    alpha : float
        0.41 at 16 kHz, 0.455 at 22.05 kHz, 0.544 at 44.1 kHz.
    """
    omega = np.linspace(0, np.pi, 1001)
    mel = np.log1p(omega / np.pi * sample_rate / 2 / 1000)
    mel *= np.pi / mel[-1]

    def distance(alpha):
        return np.mean((warp_frequency(omega, alpha) - mel) ** 2)

    found = optimize.minimize_scalar(distance, bounds=(0, 0.9), method="bounded")
    return round(float(found.x), 3)


def freqt_matrix(n_in, order, alpha):
    """Return the matrix that warps ``n_in`` cepstral coefficients to order ``order``.

    Column j holds the first coefficients of the j-th power of the all-pass filter
    (z^-1 + alpha) / (1 + alpha z^-1).

    Parameters
    ----------
    n_in : int
        Number of coefficients before the warp, c_0 included.
    order : int
        Index of the last coefficient after the warp.
    alpha : float
        In (-1, 1); positive values stretch the low frequencies.

    Returns
    -------
    matrix : ndarray of shape (order + 1, n_in)
    """
    matrix = np.zeros((order + 1, n_in))
    column = np.zeros(order + 1)
    column[0] = 1.0
    for j in range(n_in):
        matrix[:, j] = column
        column = signal.lfilter([alpha, 1.0], [1.0, alpha], column)
    return matrix


@lru_cache(maxsize=16)
def _analysis_matrix(n_bins, order, alpha):
    """Log power spectrum -> mel-cepstrum, as one matrix of shape (n_bins, order + 1)."""
    # Row k is the cepstrum of log|H|^2 = 1 at bin k; c_0 counts half for log|H|.
    cepstra = fft.irfft(np.eye(n_bins), axis=1)[:, :n_bins]
    cepstra[:, [0, -1]] /= 2
    return cepstra @ freqt_matrix(n_bins, order, alpha).T


def mel_cepstrum(power, order, alpha):
    """Compute mel-cepstra from power spectra.

    Parameters
    ----------
    power : ndarray of shape (n_frames, n_bins)
        Positive power spectra from 0 to half the sample rate.
    order : int
        Index of the last coefficient.
    alpha : float
        All-pass constant.

    Returns
    -------
    mcep : ndarray of shape (n_frames, order + 1)
        ``c_0`` first; natural logarithm of amplitude.
    """
    return np.log(power) @ _analysis_matrix(power.shape[1], order, alpha)


def power_from_mel_cepstrum(mcep, n_fft, alpha):
    """Compute power spectra from mel-cepstra: the inverse of :func:`mel_cepstrum`.

    Parameters
    ----------
    mcep : ndarray of shape (n_frames, order + 1)
    n_fft : int
        Even.
    alpha : float

    Returns
    -------
    power : ndarray of shape (n_frames, n_fft // 2 + 1)
    """
    return np.exp(2 * log_amplitude(mcep, n_fft, alpha))


def log_amplitude(mcep, n_fft, alpha):
    """Return log|H| of mel-cepstra on the bins of a real FFT."""
    omega = warp_frequency(np.linspace(0, np.pi, n_fft // 2 + 1), alpha)
    return mcep @ np.cos(np.arange(mcep.shape[1])[:, None] * omega)


def log_power(mcep, n_fft, alpha):
    """Return the logarithm of the mean power of every frame, over all frequencies."""
    doubled = 2 * log_amplitude(mcep, n_fft, alpha)
    peak = doubled.max(axis=1)
    return peak + np.log(np.exp(doubled - peak[:, None]).mean(axis=1))
