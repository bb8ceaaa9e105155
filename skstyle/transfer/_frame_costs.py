"""How little a frame of the style would do for a frame of the content.

References
----------
.. [1] A. J. Hunt, A. W. Black, "Unit selection in a concatenative speech synthesis system using a
   large speech database", ICASSP 1996. doi:10.1109/ICASSP.1996.541110
"""

from collections import namedtuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..signal._fourier import stft

# The fine spectrum: so many places an octave, in this range, relative to a mean over octaves.
PLACES_PER_OCTAVE = 36
FINE_RANGE_HZ = (110.0, 4000.0)
SMOOTH_OCTAVES = 0.5
# Levels further below the loudest place of a frame are not told apart, nor those of near silence.
FINE_RANGE_DB = 50.0
SILENT_AMPLITUDE = 1e-4
# Pitches farther apart than this, in semitones, are equally wrong.
WIDEST_INTERVAL = 2.0
# Frames of the content whose costs are in memory at once.
BLOCK_FRAMES = 64

FrameFeatures = namedtuple("FrameFeatures", ["mel", "fine", "pitch"])
FrameFeatures.__doc__ = """Of every frame: levels (n_frames, n_mels) in dB, the fine spectrum
(n_frames, n_places) of length one or zero, and the pitch (n_frames,) in semitones, NaN where
there is none."""


def fine_spectrum(x, analysis):
    """Measure the harmonics of every frame, without the envelope, as unit vectors.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
        At unit level.
    analysis : Analysis

    Returns
    -------
    fine : ndarray of shape (n_frames, n_places)
        In dB relative to the places around, scaled to length one; zero in silence.
    """
    window = analysis.window
    low, high = FINE_RANGE_HZ
    high = min(high, 0.45 * analysis.sample_rate)
    n_places = max(int(PLACES_PER_OCTAVE * np.log2(high / low)), 2)
    places = low * 2 ** (np.arange(n_places) / PLACES_PER_OCTAVE)
    at = places * (len(window) / analysis.sample_rate)
    left = at.astype(int)
    share = (at - left).astype(x.dtype)

    def levels(spectra):
        magnitude = np.abs(spectra) * x.dtype.type(2 / window.sum())
        between = magnitude[:, left] * (1 - share) + magnitude[:, left + 1] * share
        loudest = np.maximum(between.max(axis=1, keepdims=True), SILENT_AMPLITUDE)
        return np.log10(np.maximum(between / loudest, 10 ** (-FINE_RANGE_DB / 20)))

    fine = stft(x, window, analysis.hop_length, encode=levels)
    fine -= gaussian_filter1d(fine, SMOOTH_OCTAVES * PLACES_PER_OCTAVE, axis=1, mode="nearest")
    length = np.linalg.norm(fine, axis=1, keepdims=True)
    return fine / np.where(length > 1e-3, length, np.inf)


def frame_costs(wanted, offered, extra, weights):
    """Yield the costs of all frames offered beside some of those that are wanted.

    Parameters
    ----------
    wanted : FrameFeatures
        ``n_wanted`` frames of the content; ``mel`` holds the levels that they should have.
    offered : FrameFeatures
        ``n_offered`` frames of the style.
    extra : ndarray of shape (n_offered,)
        Cost of each of these frames, whatever is wanted.
    weights : tuple of float
        Of the fine spectrum and of a semitone.

    Yields
    ------
    costs : ndarray of shape (n_block, n_offered), float32
        The same memory every time. Distance of levels (root mean square over bands, dB) plus
        ``w_fine (1 - correlation)`` plus ``w_pitch`` for every semitone up to two.
    """
    w_fine, w_pitch = weights
    n_mels = wanted.mel.shape[1]
    centre = offered.mel.mean(axis=0)
    b = (offered.mel - centre).astype(np.float32)
    a = (wanted.mel - centre).astype(np.float32)
    squares = np.einsum("ij,ij->i", b, b) / n_mels
    b_mel, b_fine = np.ascontiguousarray(b.T), np.ascontiguousarray(offered.fine.T)
    extra = (extra + w_fine).astype(np.float32)
    pitch_b = offered.pitch.astype(np.float32)
    pitch_a = wanted.pitch.astype(np.float32)
    buffers = [np.empty((min(BLOCK_FRAMES, len(a)), len(b)), np.float32) for _ in range(2)]
    for start in range(0, len(a), BLOCK_FRAMES):
        rows = slice(start, start + BLOCK_FRAMES)
        n = len(a[rows])
        costs, term = (buffer[:n] for buffer in buffers)
        np.matmul(a[rows] * np.float32(-2 / n_mels), b_mel, out=costs)
        costs += squares
        costs += (np.einsum("ij,ij->i", a[rows], a[rows]) / n_mels)[:, None]
        np.sqrt(np.maximum(costs, 0, out=costs), out=costs)
        np.matmul(wanted.fine[rows] * np.float32(-w_fine), b_fine, out=term)
        costs += term
        costs += extra
        if w_pitch:
            np.subtract(pitch_a[rows, None], pitch_b, out=term)
            np.abs(term, out=term)
            # Where either has no pitch, neither is wrong.
            np.nan_to_num(np.minimum(term, WIDEST_INTERVAL, out=term), copy=False)
            term *= np.float32(w_pitch)
            costs += term
        yield costs
