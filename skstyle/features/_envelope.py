"""Spectral envelope without the traces of pitch, by an F0-adaptive window (CheapTrick).

References
----------
.. [1] M. Morise, "CheapTrick, a spectral envelope estimator for high-quality speech
   synthesis", Speech Communication 67, 2015, pp. 1-7. doi:10.1016/j.specom.2014.09.003
"""

import numpy as np
from scipy import fft

from ._framing import blocks, centred_frames

# Window of unvoiced frames: that of a voice this high.
UNVOICED_F0 = 500.0
# Weights of the spectral recovery lifter (Morise 2015, eq. 11).
Q0, Q1 = 1.18, -0.09
# Floor of the power spectrum, far below 16-bit noise (-98 dB of full scale).
FLOOR = 1e-14


def fft_size(sample_rate, f0_min):
    """Return the smallest power of two that holds three periods of the lowest pitch."""
    return int(2 ** np.ceil(np.log2(3.0 * sample_rate / f0_min + 1)))


def spectral_envelope(x, sample_rate, centres, f0, n_fft):
    """Estimate the power spectrum of the vocal tract at every frame.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.
    centres : ndarray of int, shape (n_frames,)
        Middle sample of every frame.
    f0 : ndarray of shape (n_frames,)
        In Hz, 0 where unvoiced.
    n_fft : int
        See :func:`fft_size`.

    Returns
    -------
    power : ndarray of shape (n_frames, n_fft // 2 + 1)
        Power spectral density; white noise of variance 1 has 1 everywhere.
    """
    pitch = np.where(f0 > 0, f0, UNVOICED_F0)
    # A pitch too low for n_fft is treated as the lowest that fits.
    pitch = np.maximum(pitch, 3.0 * sample_rate / (n_fft - 3))
    power = np.empty((len(f0), n_fft // 2 + 1))
    for block in blocks(len(f0), 256):
        spectrum = pitch_adaptive_power(x, sample_rate, centres[block], pitch[block], n_fft)
        power[block] = _smooth(spectrum, pitch[block], sample_rate, n_fft)
    return power


def pitch_adaptive_power(x, sample_rate, centres, pitch, n_fft, n_periods=3.0):
    """Return power spectra of Hann windows that are ``n_periods`` periods long."""
    half_lengths = 0.5 * n_periods * sample_rate / pitch
    half = int(np.ceil(half_lengths.max()))
    offsets = np.arange(-half, half + 1)
    phase = offsets / half_lengths[:, None]
    window = np.where(np.abs(phase) < 1, 0.5 + 0.5 * np.cos(np.pi * phase), 0.0)
    frames = centred_frames(x, centres, half)
    frames = frames - (frames * window).sum(1, keepdims=True) / window.sum(1, keepdims=True)
    window /= np.sqrt((window**2).sum(1, keepdims=True))
    return np.abs(fft.rfft(frames * window, n_fft, axis=1)) ** 2


def _smooth(power, pitch, sample_rate, n_fft):
    """Morise's three steps: fill DC, smooth over 2/3 of F0, smooth and recover by lifter."""
    power = _fill_dc(power, pitch, sample_rate / n_fft) + FLOOR
    power = _rectangular_mean(power, 2 / 3 * pitch * n_fft / sample_rate)
    log_power = np.log(np.maximum(power, FLOOR))
    quefrency = np.arange(n_fft // 2 + 1) / sample_rate
    turns = pitch[:, None] * quefrency
    lifter = np.sinc(turns) * (Q0 + 2 * Q1 * np.cos(2 * np.pi * turns))
    cepstrum = fft.irfft(log_power, axis=1)[:, : n_fft // 2 + 1] * lifter
    # The spectrum of an even real sequence is a cosine transform of its half.
    return np.exp(fft.dct(cepstrum, type=1, axis=1))


def _fill_dc(power, pitch, bin_hz):
    """Below F0, add the mirror image around F0 / 2: the window leaves a hole at DC."""
    n = min(int(np.ceil(pitch.max() / bin_hz)) + 1, power.shape[1])
    position = pitch[:, None] / bin_hz - np.arange(n)
    mirrored = _interpolate(power, np.clip(position, 0, power.shape[1] - 1.001))
    power = power.copy()
    power[:, :n] += np.where(position > 0, mirrored, 0.0)
    return power


def _interpolate(rows, position):
    """Linear interpolation of every row at its own fractional positions."""
    low = position.astype(np.intp)
    low = np.minimum(low, rows.shape[1] - 2)
    fraction = position - low
    a = np.take_along_axis(rows, low, axis=1)
    b = np.take_along_axis(rows, low + 1, axis=1)
    return a + fraction * (b - a)


def _rectangular_mean(power, widths):
    """Mean over a window of ``widths[i]`` bins in row i, by differences of the integral."""
    n_bins = power.shape[1]
    pad = int(np.ceil(widths.max() / 2)) + 2
    mirrored = np.pad(power, ((0, 0), (pad, pad)), mode="reflect")
    integral = np.zeros((len(power), mirrored.shape[1] + 1))
    np.cumsum(mirrored, axis=1, out=integral[:, 1:])
    centre = np.arange(n_bins) + pad + 0.5
    half = widths[:, None] / 2
    upper = _interpolate(integral, centre + half)
    return np.maximum(upper - _interpolate(integral, centre - half), 0) / widths[:, None]
