"""Transport of frames that know how long ago their note began.

A plucked string fades and a bowed one does not: what the levels of a frame should be depends on
when it sounds. The time since the note began is one more coordinate, so heavy that frames are
carried to frames as old.
"""

import numpy as np

from ._levels import sounding
from ._notes import note_starts
from ._sliced_transport import gaussian_transport, sliced_transport

# Of time: frames at which the octaves begin, and those after which all are old.
YOUNG, OLD = 5.0, 40
# Bands that tell where notes begin end here.
F_MAX_HZ = 8000.0
# Frames compared with those of the style at once.
BLOCK_FRAMES = 256


def timed_frames(levels, analysis, weight):
    """Put the time since the note began beside the levels of every frame.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
        In dB.
    analysis : Analysis
    weight : float
        Of an octave of time, in dB.

    Returns
    -------
    frames : ndarray of shape (n_frames, n_mels + 1), float64
        The last column is ``weight log2(1 + age / 5)``, with an age of at most 40 frames; 0 in
        a clip of one note.
    """
    starts = note_starts(levels[:, analysis.centres <= F_MAX_HZ])
    ages = np.zeros(len(levels))
    if len(starts) > 1:
        ages = np.arange(len(levels)) - np.repeat(starts, np.diff([*starts, len(levels)]))
        ages = weight * np.log2(1 + np.minimum(ages, OLD) / YOUNG)
    return np.column_stack([levels, ages]).astype(np.float64)


def timed_transport(source, target, bases, shrinkage):
    """Carry frames to the distribution of others, in levels and time.

    Parameters
    ----------
    source, target : ndarrays of shape (n_frames, n_mels + 1)
        See :func:`timed_frames`.
    bases : ndarray of shape (n_steps, n_mels + 1, n_mels + 1)
        See :func:`~skstyle.transfer._sliced_transport.random_bases`.
    shrinkage : float
        Of the covariances.

    Returns
    -------
    mapped : ndarray of shape (n_source, n_mels + 1)
    """
    if not (source[:, -1].any() and target[:, -1].any()):
        # One side has no notes, and tells nothing of time.
        source, target = (np.column_stack([a[:, :-1], 0 * a[:, -1]]) for a in (source, target))
    return sliced_transport(gaussian_transport(source, target, shrinkage), target, bases)


def sounds_of(frames):
    """Leave out the silence between sounds, which is no part of a distribution.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_mels + 1)
        See :func:`timed_frames`.

    Returns
    -------
    frames : ndarray of shape (n_sounding, n_mels + 1)
    """
    return frames[sounding(frames[:, :-1])]


def mean_of_nearest(frames, others, n_neighbors):
    """Replace frames by the mean of those that are nearest to them.

    What is carried along random directions is like no frame in all of its bands; the mean of
    real ones is.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_features)
    others : ndarray of shape (n_others, n_features)
    n_neighbors : int
        Or all others, where there are not so many.

    Returns
    -------
    means : ndarray of shape (n_frames, n_features)
    """
    n = min(n_neighbors, len(others))
    means = np.empty_like(frames)
    squares = np.einsum("ij,ij->i", others, others)
    for start in range(0, len(frames), BLOCK_FRAMES):
        rows = slice(start, start + BLOCK_FRAMES)
        distances = squares - 2 * frames[rows] @ others.T
        nearest = np.argpartition(distances, n - 1, axis=1)[:, :n]
        means[rows] = others[nearest].mean(axis=1)
    return means
