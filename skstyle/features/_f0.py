"""Fundamental frequency: candidates of every millisecond joined to smooth lines.

References
----------
.. [1] M. Morise, "Harvest: a high-performance fundamental frequency estimator from speech
   signals", Interspeech 2017, pp. 2321-2325. doi:10.21437/Interspeech.2017-68
"""

import numpy as np
from scipy import signal

from ._f0_candidates import agreements, channel_frequencies, channel_map, refine
from ._framing import blocks

# Harmonics are read below 4 kHz.
WORKING_RATE_HZ = 8000
FRAME_S = 0.001
# Constants of Morise 2017 for frames of a millisecond; lines of 7 frames, as there, follow
# more noise.
LONELY_TOLERANCE = 0.05
MAX_STEP = 0.008
MIN_LENGTH = 8
EXTENSION_TOLERANCE = 0.18
EXTENSION_FRAMES = 100
PATIENCE = 4
MIN_PERIODS = 2.2
MAX_GAP = 9
SMOOTHING_HZ = 30.0
# Candidates so far below the loudest part of the clip are rounding, not sound.
SILENCE = 1e-4
# Long clips are searched in pieces; the filters need to hear a little more on both sides.
PIECE_S, CONTEXT_S = 20.0, 0.15
# What a learned range leaves free beyond the pitches of the speaker.
FREE_OCTAVES = 1.0
MIN_LEARNED_FRAMES = 50


def track_f0(x, sample_rate, centres, f0_min, f0_max):
    """Track the fundamental frequency of one signal.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.
    centres : ndarray of int, shape (n_frames,)
        Middle sample of every frame.
    f0_min, f0_max : float
        Range of the search in Hz.

    Returns
    -------
    f0 : ndarray of shape (n_frames,)
        In Hz, 0 where the frame is unvoiced.

    Notes
    -----
    As in Harvest [1]_, weak voicing between and behind vowels counts as voiced: the
    aperiodicity tells how much of it is noise.
    """
    factor = max(int(round(sample_rate / WORKING_RATE_HZ)), 1)
    low_rate = signal.resample_poly(x - x.mean(), 1, factor)
    rate = sample_rate / factor
    n_frames = int(centres[-1] / sample_rate / FRAME_S) + 2
    if np.abs(low_rate).max() < 1e-9 or len(low_rate) < 3 * rate / f0_max:
        return np.zeros(len(centres))
    frames, f0, score = _candidates(low_rate, rate, n_frames, f0_min, f0_max)
    contour = _join(frames, f0, score, n_frames)
    nearest = np.round(centres / sample_rate / FRAME_S).astype(int)
    return _smooth(contour)[nearest]


def learned_range(f0, f0_min, f0_max):
    """Return the range of a speaker, an octave wider than the pitches on both sides.

    Parameters
    ----------
    f0 : ndarray of shape (n_frames,)
        Pitches of a wide search in Hz, 0 where unvoiced.
    f0_min, f0_max : float
        Range of the wide search in Hz, returned when there is too little to learn from.

    Returns
    -------
    f0_min, f0_max : float
        In Hz, half octaves from the wide range, so that a few clips more or less seldom
        change an analysis.
    """
    voiced = f0[f0 > 0]
    if len(voiced) < MIN_LEARNED_FRAMES:
        return float(f0_min), float(f0_max)
    low, high = np.quantile(voiced, [0.05, 0.95]) * [2**-FREE_OCTAVES, 2**FREE_OCTAVES]
    up = max(np.floor(2 * np.log2(low / f0_min)), 0)
    down = max(np.floor(2 * np.log2(f0_max / high)), 0)
    return float(f0_min * 2 ** (up / 2)), float(f0_max / 2 ** (down / 2))


def _candidates(x, rate, n_frames, f0_min, f0_max):
    """Search a whole clip piece by piece: bounded memory whatever the length."""
    channels = channel_frequencies(f0_min, f0_max)
    loud = _level(x, rate, n_frames, f0_min)
    loud = loud > SILENCE * loud.max()
    found = []
    for piece in blocks(n_frames, int(PIECE_S / FRAME_S)):
        start = max(int((piece.start * FRAME_S - CONTEXT_S) * rate), 0)
        end = int(np.ceil((piece.stop * FRAME_S + CONTEXT_S) * rate))
        times = np.arange(piece.start, piece.stop) * FRAME_S - start / rate
        heard = channel_map(x[start:end], rate, times, channels)
        heard[~loud[piece]] = 0
        frames, f0 = agreements(heard)
        frames, f0, score = refine(x[start:end], rate, times, frames, f0, f0_min, f0_max)
        found.append((frames + piece.start, f0, score))
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


def _level(x, rate, n_frames, f0_min):
    """Root mean square around every frame, over two of the longest periods."""
    half = int(np.ceil(rate / f0_min))
    energy = np.concatenate([[0], np.cumsum(x.astype(np.float64) ** 2)])
    middle = np.round(np.arange(n_frames) * FRAME_S * rate).astype(int)
    low, high = np.clip(middle - half, 0, len(x)), np.clip(middle + half, 0, len(x))
    return np.sqrt(np.maximum(energy[high] - energy[low], 0) / (2 * half))


def _join(frames, f0, score, n_frames):
    # Imported here, so that importing the library does not load numba.
    from ._f0_contour import bridge_gaps, drop_lonely, extend_and_merge, steady_contour

    first = np.searchsorted(frames, np.arange(n_frames + 1))
    drop_lonely(first, f0, score, LONELY_TOLERANCE)
    contour = steady_contour(first, f0, score, MAX_STEP, MIN_LENGTH)
    contour = extend_and_merge(
        contour,
        first,
        f0,
        score,
        EXTENSION_TOLERANCE,
        EXTENSION_FRAMES,
        PATIENCE,
        MIN_PERIODS / FRAME_S,
    )
    bridge_gaps(contour, MAX_GAP)
    return contour


def _smooth(contour):
    """Low-pass every voiced section for itself, forwards and backwards."""
    b, a = signal.butter(2, 2 * SMOOTHING_HZ * FRAME_S)
    padding = int(0.1 / FRAME_S)
    out = np.zeros_like(contour)
    change = np.flatnonzero(np.diff(np.concatenate([[0], contour > 0, [0]]).astype(np.int8)))
    for start, end in zip(change[::2], change[1::2], strict=True):
        section = np.pad(contour[start:end], padding, mode="edge")
        section = signal.filtfilt(b, a, section, padlen=0)
        out[start:end] = section[padding:-padding]
    return out
