"""Gains of mel bands, applied to the spectra of a clip whose phases are kept."""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..signal._fourier import istft, stft
from ._levels import FLOOR_DB, RANGE_DB, power_of

# Gains are bounded: what a band holds of nothing stays nothing.
HIGHEST_DB, LOWEST_DB = 40.0, -80.0
# Power of a frame, relative to the loudest, at which it begins to be silence.
QUIET_DB = -50.0


def smooth_gains(gains, n_frames):
    """Smooth gains along time by a Gaussian.

    Parameters
    ----------
    gains : ndarray of shape (n_frames, n_mels)
        In dB.
    n_frames : float
        Standard deviation in frames; 0 leaves the gains as they are.

    Returns
    -------
    smooth : ndarray of shape (n_frames, n_mels)
    """
    if not n_frames:
        return gains
    # Wider than the clip makes no difference, and takes long.
    return gaussian_filter1d(gains, min(n_frames, len(gains)), axis=0, mode="nearest")


def bins_between_bands(analysis):
    """Return the weights that interpolate linearly between the centres of bands.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    weights : ndarray of shape (n_mels, n_bins)
        Below the lowest centre and above the highest, those of the last band.
    """
    n_bins, n_mels = analysis.filters.shape
    frequencies = np.arange(n_bins) * (analysis.sample_rate / len(analysis.window))
    return np.stack([np.interp(frequencies, analysis.centres, row) for row in np.eye(n_mels)])


def apply_gains(x, gains, analysis):
    """Filter a signal by gains that change from frame to frame.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    gains : ndarray of shape (n_frames, n_mels)
        In dB, one row for every frame of the analysis.
    analysis : Analysis

    Returns
    -------
    y : ndarray of shape (n_times,)
    """
    spectra = stft(x, analysis.window, analysis.hop_length)
    factors = np.exp(np.clip(gains, LOWEST_DB, HIGHEST_DB) * (np.log(10) / 20))
    weights = bins_between_bands(analysis)
    spectra *= (factors @ weights).astype(x.dtype)
    return istft(spectra, analysis.window, analysis.hop_length, len(x))


def silence_gains(levels, n_times, hop_length):
    """Return the gains that silence what stands in the places of silence.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
        Of the clip that tells where there is silence, in dB.
    n_times, hop_length : int
        Length of the other signal, and samples between frames.

    Returns
    -------
    gains : ndarray of shape (n_times,), float32
        1 where a frame is at most 50 dB below the loudest; the power of the frame itself, relative
        to that one, below 60 dB; in between, of both.
    """
    power = power_of(levels)
    db = np.where(power > -RANGE_DB, np.interp(power, [-RANGE_DB, QUIET_DB], [-RANGE_DB, 0]), power)
    gains = 10 ** (db / 20)
    gains[levels.max(axis=1) <= FLOOR_DB] = 0
    at = np.arange(len(levels)) * hop_length
    return np.interp(np.arange(n_times), at, gains).astype(np.float32)
