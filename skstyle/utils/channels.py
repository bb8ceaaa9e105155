"""Channels of a sound file: which one is the signal."""

from numbers import Integral

import numpy as np

CHOICES = ("raise", "mix", "first")


def check_mono(mono):
    """Refuse what does not tell how several channels become one.

    Parameters
    ----------
    mono : {"raise", "mix", "first"} or int
        As in :func:`skstyle.audio.read_clip`.
    """
    is_index = isinstance(mono, Integral) and not isinstance(mono, bool) and mono >= 0
    if not is_index and not (isinstance(mono, str) and mono in CHOICES):
        raise ValueError(f"mono must be 'raise', 'mix', 'first' or a channel index, got {mono!r}.")


def one_channel(data, mono, path):
    """Return one signal of all channels.

    Parameters
    ----------
    data : ndarray of shape (n_times, n_channels)
    mono : {"raise", "mix", "first"} or int
    path : pathlib.Path
        Of the file, for messages.

    Returns
    -------
    signal : ndarray of shape (n_times,)
    """
    n_channels = data.shape[1]
    if mono == "raise" and n_channels > 1:
        raise ValueError(
            f"{path} has {n_channels} channels, expected one. Choose mono='mix' (their mean), "
            "mono='first', or the index of a channel (mono=1)."
        )
    if mono == "mix":
        return data.mean(axis=1, dtype=data.dtype)
    channel = 0 if isinstance(mono, str) else int(mono)
    if channel >= n_channels:
        raise ValueError(f"{path} has {n_channels} channel(s): there is no channel {channel}.")
    return np.ascontiguousarray(data[:, channel])
