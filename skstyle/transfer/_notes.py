"""Notes of a clip, and the notes of a style put in their places.

A note ends where its spectrum changes: the tone stops, or another one starts. What lies between
belongs to the note behind, as the hand that is laid on the strings belongs to what it will play.
"""

from collections import namedtuple

import numpy as np
from scipy.signal import find_peaks

# Levels over so many frames are compared with those over as many frames before, as far down as
# this below the loudest band; the root mean square change in dB that ends a note; and the
# shortest note, in frames.
WIDTH = 3
RANGE_DB = 60.0
LEAST_CHANGE_DB = 6.0
SHORTEST = 10
# A note has the pitch that it has on the median, if it has one in this share of its frames.
VOICED_SHARE = 0.3
# What is wrong with a note of the style: pitch (a semitone, as far as it may be off), length (for
# half of it), mean levels (a dB).
PITCH_WEIGHT, LENGTH_WEIGHT, LEVEL_WEIGHT = 10.0, 5.0, 0.5
WIDEST_INTERVAL = 1.0
# The attack, in frames, is never stretched.
ATTACK = 10

Notes = namedtuple("Notes", ["start", "stop", "pitch", "levels", "cost"])
Notes.__doc__ = """Of every note: first frame and the one behind the last, pitch in semitones or
NaN, mean levels (n_notes, n_mels) in dB, and what it costs to take it at all."""


def change_of_levels(levels):
    """Measure how much the spectrum changes at every frame.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
        In dB.

    Returns
    -------
    change : ndarray of shape (n_frames,)
        Root mean square over bands of the difference between this frame with those behind and
        those before, in dB.
    """
    n = len(levels)
    heard = np.maximum(levels, levels.max() - RANGE_DB).astype(np.float64)
    sums = np.pad(heard, ((WIDTH, WIDTH), (0, 0)), mode="edge").cumsum(axis=0)
    sums = np.pad(sums, ((1, 0), (0, 0)))
    before = sums[WIDTH : WIDTH + n] - sums[:n]
    behind = sums[2 * WIDTH : 2 * WIDTH + n] - sums[WIDTH : WIDTH + n]
    return np.sqrt(((behind - before) ** 2).mean(axis=1)) / WIDTH


def note_starts(levels):
    """Find where notes begin.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
        In dB.

    Returns
    -------
    starts : ndarray of int, shape (n_notes,)
        Ascending; the first is 0.
    """
    peaks, _ = find_peaks(change_of_levels(levels), height=LEAST_CHANGE_DB, distance=WIDTH)
    starts = [0]
    for peak in peaks:
        if peak - starts[-1] >= SHORTEST:
            starts.append(int(peak))
    return np.array(starts)


def find_notes(levels, pitch, cost=0.0):
    """Divide a clip into notes.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
        In dB.
    pitch : ndarray of shape (n_frames,)
        In semitones, NaN where there is none.
    cost : float, default=0.0
        What it costs to take one of them.

    Returns
    -------
    notes : Notes
        At least one; they cover all frames.
    """
    starts = note_starts(levels)
    stops = np.append(starts[1:], len(levels))
    pitches = np.full(len(starts), np.nan)
    for i, (a, b) in enumerate(zip(starts, stops, strict=True)):
        voiced = np.isfinite(pitch[a:b])
        if voiced.mean() > VOICED_SHARE:
            pitches[i] = np.median(pitch[a:b][voiced])
    means = mean_levels(levels, starts, stops)
    return Notes(starts, stops, pitches, means, np.full(len(starts), cost))


def mean_levels(levels, starts, stops):
    """Return the mean of the levels of every note, (n_notes, n_mels)."""
    return np.add.reduceat(levels, starts, axis=0) / (stops - starts)[:, None]


def place_notes(wanted, offered):
    """Choose a note of the style for every note of the content that has a pitch.

    Parameters
    ----------
    wanted : Notes
        Of the content, with the levels that they should have.
    offered : Notes
        Of the style.

    Returns
    -------
    path : ndarray of int, shape (n_frames,)
        Frame of the style for every frame of the content; -1 where no note is as high.
    """
    path = np.full(wanted.stop[-1], -1)
    lengths = offered.stop - offered.start
    for start, stop, pitch, levels, _ in zip(*wanted, strict=True):
        n = stop - start
        interval = np.abs(pitch - offered.pitch)
        fits = interval <= WIDEST_INTERVAL  # false without pitch
        if not fits.any():
            continue
        cost = offered.cost + PITCH_WEIGHT * np.where(fits, interval, np.inf)
        cost += LENGTH_WEIGHT * np.maximum(np.log2(n / lengths), 0)
        cost += LEVEL_WEIGHT * np.sqrt(((offered.levels - levels) ** 2).mean(axis=1))
        best = int(np.argmin(cost))
        path[start:stop] = offered.start[best] + stretched(n, int(lengths[best]))
    return path


def stretched(n_wanted, n_offered):
    """Return which frames of a note to take for a longer one; a shorter one is cut off.

    Parameters
    ----------
    n_wanted, n_offered : int
        Lengths in frames.

    Returns
    -------
    frames : ndarray of int, shape (n_wanted,)
        Ascending, from 0.

    Examples
    --------
    >>> from skstyle.transfer._notes import stretched
    >>> stretched(4, 12), stretched(18, 14)[8:]
    (array([0, 1, 2, 3]), array([ 8,  9, 10, 10, 11, 11, 12, 12, 13, 13]))
    """
    frames = np.arange(n_wanted)
    attack = min(ATTACK, n_offered)
    if n_wanted <= n_offered:
        return frames
    late = attack + (frames - attack) * (n_offered - attack) // (n_wanted - attack)
    return np.minimum(np.where(frames < attack, frames, late), n_offered - 1)
