"""Does a clip play notes? Melodies hold their pitches; voices glide, rain has none."""

import numpy as np

from ._levels import log_mel, power_of
from ._style_bank import pitch_of

# Frames so far below the loudest do not count.
RANGE_DB = 30.0
# A pitch is held where it is within so many semitones of that so many frames before (48 ms).
TOLERANCE, LAG = 0.5, 3


def held_share(levels, pitch):
    """Measure how much of a clip holds a pitch.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
        In dB.
    pitch : ndarray of shape (n_frames,)
        In semitones, NaN where there is none.

    Returns
    -------
    share : float
        Of the loud frames, 0 to 1; 0 for a clip of fewer than four frames.
    """
    loud = (power_of(levels) > -RANGE_DB)[LAG:]
    if not loud.any():
        return 0.0
    # Not a number where either has no pitch, which is no pitch held.
    held = np.abs(pitch[LAG:] - pitch[:-LAG]) < TOLERANCE
    return float(held[loud].mean())


def share_of_pitches_held(x, analysis):
    """Measure how much of a signal holds a pitch.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
        At unit level.
    analysis : Analysis

    Returns
    -------
    share : float
        See :func:`held_share`.
    """

    return held_share(log_mel(x, analysis), pitch_of(x, analysis))
