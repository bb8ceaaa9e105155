"""Levels of clips in mel bands, the same for every loudness and every sample rate.

A clip is measured at one root mean square, so that a louder copy has the same levels.
"""

from collections import namedtuple

import numpy as np
from scipy import fft
from scipy.signal import get_window

from ..features._mel import mel_filters
from ..signal._fourier import stft
from ..utils.rates import check_sample_rate

# The analysis: four frames overlap, of 64 ms or a little more.
HOP_S = 0.016
OVERLAP = 4
# Root mean square at which clips are measured.
UNIT_RMS = 0.1
# A level is power in a band as wide as this; a tone at the common root mean square has about 0 dB.
UNIT_HZ = 16000.0
# Lowest level of a band in dB.
FLOOR_DB = -74.0
# Quieter clips are silent: digital zeros, or what is left of them after a filter.
SILENT_RMS = 1e-7
# Frames so far below the loudest of their clip are silence between sounds.
RANGE_DB = 60.0
# An offset is taken off where it is more than this share of the root mean square, and where a clip
# is long enough to tell it from a low tone.
LEAST_OFFSET, LEAST_PERIOD_S = 0.05, 0.05

Analysis = namedtuple("Analysis", ["sample_rate", "window", "hop_length", "filters", "centres"])
Analysis.__doc__ = (
    """Window, hop in samples, mel filters (n_bins, n_mels) and their centres in Hz."""
)


def hop_of(sample_rate):
    """Return the hop of the analysis in samples, such that transforms are fast."""
    return fft.next_fast_len(max(int(round(HOP_S * sample_rate)), 2), real=True)


def make_analysis(sample_rate, n_mels, f_max_hz=np.inf):
    """Make the window and the mel filters for a sample rate.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    n_mels : int
    f_max_hz : float, optional
        Where the last band ends, or half of the sample rate where that is lower.

    Returns
    -------
    analysis : Analysis
    """
    check_sample_rate(sample_rate)
    hop_length = hop_of(sample_rate)
    n_fft = OVERLAP * hop_length
    f_max_hz = min(f_max_hz, sample_rate / 2)
    filters, centres = mel_filters(
        sample_rate, n_fft, n_mels, 0.0, f_max_hz, mel_scale="slaney", norm="slaney"
    )
    return Analysis(sample_rate, get_window("hann", n_fft), hop_length, filters, centres)


def level_of(x):
    """Return the root mean square of a signal, 0 when it is silent.

    Parameters
    ----------
    x : ndarray of shape (n_times,)

    Returns
    -------
    rms : float
    """
    peak = float(np.abs(x).max())
    if peak == 0:
        return 0.0
    # Squares of very small or very large numbers are no float32.
    scaled = np.asarray(x, np.float64) / peak
    rms = peak * float(np.sqrt(np.mean(scaled**2)))
    return rms if rms > SILENT_RMS else 0.0


def at_unit_level(x):
    """Return a signal at the level at which clips are measured, and the factor that undoes it.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
        Not silent.

    Returns
    -------
    scaled : ndarray of shape (n_times,), float32
    factor : float
        ``factor * scaled`` is x again.
    """
    factor = level_of(x) / UNIT_RMS
    return (np.asarray(x, np.float64) / factor).astype(np.float32), factor


def without_offset(x, sample_rate):
    """Take a constant offset off a signal, which is no sound.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.

    Returns
    -------
    y : ndarray of shape (n_times,)
        x itself where there is none; float64 otherwise.
    """
    if len(x) < LEAST_PERIOD_S * sample_rate:
        return x
    mean, median = np.mean(x, dtype=np.float64), np.float64(np.median(x))
    # Sounds between zeros may have a mean of their own, and pulses a median: an offset has both.
    both = abs(median - mean) < abs(mean) / 2
    return x - mean if both and abs(mean) > LEAST_OFFSET * level_of(x) else x


def power_of(levels):
    """Return the power of frames in dB relative to the loudest.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
        In dB.

    Returns
    -------
    power : ndarray of shape (n_frames,)
        At most 0.
    """
    # The floor is no power, in however many bands.
    power = (10 ** (levels.astype(np.float64) / 10) - 10 ** (FLOOR_DB / 10)).sum(axis=1)
    db = 10 * np.log10(np.maximum(power, 10 ** (2 * FLOOR_DB / 10)))
    return db - db.max()


def sounding(levels):
    """Tell frames that sound from silence.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
        In dB.

    Returns
    -------
    heard : ndarray of bool, shape (n_frames,)
        At least one is.
    """
    return power_of(levels) > -RANGE_DB


def log_mel(x, analysis):
    """Measure the levels of mel bands.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    analysis : Analysis

    Returns
    -------
    levels : ndarray of shape (n_frames, n_mels)
        In dB, at least FLOOR_DB.
    """
    window = analysis.window
    # A tone and a noise have the same levels at all sample rates.
    scale = UNIT_HZ / (len(window) * (window**2).sum())
    filters = (analysis.filters * scale).astype(x.dtype)

    def bands(spectra):
        return (spectra.real**2 + spectra.imag**2) @ filters

    power = stft(x, window, analysis.hop_length, encode=bands)
    return 10 * np.log10(np.maximum(power, x.dtype.type(10 ** (FLOOR_DB / 10))))
