"""The frames of a style, at every pitch that they are shifted to."""

from collections import namedtuple

import numpy as np

from ..features._f0 import track_f0
from ..signal import shift_pitch
from ..signal._fourier import frame_count
from ._frame_costs import FrameFeatures, fine_spectrum
from ._levels import log_mel
from ._notes import Notes, find_notes

# Range of pitches that are tracked, less where the sample rate is low.
F0_RANGE_HZ = (60.0, 1600.0)
LEAST_RATE_OVER_F0 = 5.0
REFERENCE_HZ = 440.0

StyleBank = namedtuple("StyleBank", ["sources", "features", "source", "frame", "shift", "notes"])
StyleBank.__doc__ = """Shifted clips (list of signals), and of every frame of each: its features,
the number of its source, its number there and its shift in semitones; the notes among them."""


def pitch_of(x, analysis):
    """Track the pitch of a signal.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    analysis : Analysis

    Returns
    -------
    pitch : ndarray of shape (n_frames,)
        In semitones above 440 Hz; NaN where there is none.
    """
    rate, hop_length = analysis.sample_rate, analysis.hop_length
    centres = np.arange(frame_count(len(x), hop_length)) * hop_length
    f0_min, f0_max = F0_RANGE_HZ
    f0_max = min(f0_max, rate / LEAST_RATE_OVER_F0)
    f0 = track_f0(x, rate, np.minimum(centres, len(x) - 1), f0_min, f0_max)
    voiced = f0 > 0
    return np.where(voiced, 12 * np.log2(np.where(voiced, f0, 1) / REFERENCE_HZ), np.nan)


def analyse_frames(x, analysis):
    """Measure all that frames are compared by.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
        At unit level.
    analysis : Analysis

    Returns
    -------
    features : FrameFeatures
    """
    return FrameFeatures(log_mel(x, analysis), fine_spectrum(x, analysis), pitch_of(x, analysis))


def shifted_frames(x, pitch, semitones, analysis):
    """Shift the pitch of a signal, and measure its frames.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
        At unit level.
    pitch : ndarray of shape (n_frames,)
        Of x, in semitones.
    semitones : int
    analysis : Analysis

    Returns
    -------
    shifted : ndarray of shape (n_times,)
    features : FrameFeatures
    """
    if semitones:
        x = shift_pitch(x, analysis.sample_rate, 2 ** (semitones / 12))
    features = FrameFeatures(log_mel(x, analysis), fine_spectrum(x, analysis), pitch + semitones)
    return x, features


def make_bank(shifts, sources, features, shift_weight):
    """Put the frames of all shifted clips into one row of states.

    Parameters
    ----------
    shifts : list of int
        Semitones of every source.
    sources : list of ndarrays of shape (n_times,)
    features : list of FrameFeatures
    shift_weight : float
        What a semitone of shift costs.

    Returns
    -------
    bank : StyleBank
    """
    lengths = [len(f.pitch) for f in features]
    first = np.cumsum([0, *lengths[:-1]])
    notes = []
    for shift, f, offset in zip(shifts, features, first, strict=True):
        found = find_notes(f.mel, f.pitch, cost=shift_weight * abs(shift))
        notes.append(found._replace(start=found.start + offset, stop=found.stop + offset))
    return StyleBank(
        sources,
        FrameFeatures(*map(np.concatenate, zip(*features, strict=True))),
        np.repeat(np.arange(len(sources)), lengths),
        np.concatenate([np.arange(n) for n in lengths]),
        np.repeat(shifts, lengths),
        Notes(*map(np.concatenate, zip(*notes, strict=True))),
    )
