"""Rumble: what lies below the lowest pitch of a clip is no voice."""

import numpy as np
from scipy import signal

# Below so large a share of its voiced frames, the pitch of a clip is creak or an error.
LOWEST_SHARE = 0.1
# The filter begins so far below that pitch, and falls by 48 dB an octave.
CUTOFF_SHARE = 0.7
ORDER = 4


def rumble_cutoff(f0):
    """Return the frequency below which a clip has no voice.

    Parameters
    ----------
    f0 : ndarray of shape (n_frames,)
        Pitch in any unit, 0 where unvoiced.

    Returns
    -------
    cutoff : float
        In the unit of f0; 0 for a clip without voice.
    """
    voiced = f0[f0 > 0]
    return CUTOFF_SHARE * float(np.quantile(voiced, LOWEST_SHARE)) if len(voiced) else 0.0


def remove_rumble(x, cutoff):
    """Take out what lies below a frequency, without moving anything in time.

    Mel-cepstra of low order hold no gap below the pitch: what is made of them, or filtered by
    them, rumbles there, where natural speech has next to nothing.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    cutoff : float
        In cycles per sample; the gain there is a half. 0 leaves the signal as it is.

    Returns
    -------
    y : ndarray of shape (n_times,)
        float64, or x itself.
    """
    if cutoff == 0:
        return x
    sections = signal.butter(ORDER, 2 * cutoff, "highpass", output="sos")
    around = min(int(3 / cutoff), len(x) - 1)
    rumble = x - signal.sosfiltfilt(sections, x, padtype="even", padlen=around)
    # Within two periods of an end nothing tells rumble from a voice that begins at once.
    from_end = np.minimum(np.arange(len(x)), np.arange(len(x))[::-1])
    rumble *= np.sin(np.pi / 2 * np.minimum(from_end * cutoff / 2, 1)) ** 2
    return x - rumble
