"""Band aperiodicity: how much of the power of each band is not repeated a period later.

The share is raised to a power, because changes of pitch and level pass for noise.
"""

import numpy as np
from scipy import fft

from ._envelope import pitch_adaptive_power
from ._framing import blocks

BAND_EDGES_HZ = (0, 1000, 2000, 4000, 6000, 8000, 12000, 16000, 24000)
FLOOR_DB = -40.0
# A small error of pitch would look like noise at high harmonics: search around F0.
PITCH_STEPS = np.linspace(0.97, 1.03, 13)
# Periods in a window: fewer and noise looks periodic, more and vibrato looks like noise.
PERIODS = 3.0
# Changes of pitch and level within the window pass for noise. Powers of the share that make
# up for it, below and above 2 kHz, chosen by copy-synthesis of ten training sentences.
LOW_POWER, HIGH_POWER, LOW_HZ = 3.0, 1.5, 2000


def band_edges(sample_rate):
    """Return the edges of the aperiodicity bands in Hz, from 0 to half the rate.

    Parameters
    ----------
    sample_rate : float
        In Hz.

    Returns
    -------
    edges : ndarray of shape (n_bands + 1,)
    """
    inner = [e for e in BAND_EDGES_HZ if e < 0.45 * sample_rate]
    return np.array([*inner, sample_rate / 2])


def band_aperiodicity(x, sample_rate, centres, f0, n_fft):
    """Estimate the aperiodic share of the power in every band.

    The share is ``1 - r``, raised to a power; r is the autocorrelation of the band at one
    period, divided by that of the window. No band is filtered: the power spectrum is enough.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.
    centres : ndarray of int, shape (n_frames,)
    f0 : ndarray of shape (n_frames,)
        In Hz, 0 where unvoiced.
    n_fft : int
        At least three periods of the lowest pitch; rounded up if needed.

    Returns
    -------
    aperiodicity : ndarray of shape (n_frames, n_bands)
        In dB of power, between -40 and 0; 0 in unvoiced frames.
    """
    edges = band_edges(sample_rate)
    out = np.zeros((len(f0), len(edges) - 1))
    voiced = np.flatnonzero(f0 > 0)
    if len(voiced) == 0:
        return out
    need = PERIODS * sample_rate / f0[voiced].min() * 1.5
    n_fft = max(n_fft, int(2 ** np.ceil(np.log2(need))))
    frequency = fft.rfftfreq(n_fft, 1 / sample_rate)
    bands = np.searchsorted(edges, frequency, side="right") - 1
    members = np.equal.outer(np.minimum(bands, len(edges) - 2), np.arange(len(edges) - 1))
    members = members.astype(float)
    for block in blocks(len(voiced), 256):
        rows = voiced[block]
        pitch = f0[rows]
        power = pitch_adaptive_power(x, sample_rate, centres[rows], pitch, n_fft, PERIODS)
        total = power @ members
        best = np.full(total.shape, -1.0)
        for step in PITCH_STEPS:
            lag = 1 / (pitch * step)
            r = (power * np.cos(2 * np.pi * frequency * lag[:, None])) @ members
            best = np.maximum(best, r / _hann_autocorrelation(lag * pitch / PERIODS)[:, None])
        share = 1 - best / np.maximum(total, np.finfo(float).tiny)
        out[rows] = 10 * np.log10(np.clip(share, 10 ** (FLOOR_DB / 10), 1.0))
    power = np.where(edges[1:] <= LOW_HZ, LOW_POWER, HIGH_POWER)
    return np.maximum(out * power, FLOOR_DB)


def _hann_autocorrelation(u):
    """Autocorrelation of a Hann window at ``u`` of its length, 1 at zero (Boersma 1993)."""
    c = 2 * np.pi * u
    return (1 - u) * (2 / 3 + np.cos(c) / 3) + np.sin(c) / (2 * np.pi)
