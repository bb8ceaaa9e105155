"""Checked windows for short-time transforms."""

from numbers import Real

import numpy as np
from scipy.signal import get_window

from ._fourier import covers_all_samples


def make_window(window, n_fft, win_length=None, hop_length=None):
    """Make the window of a transform and choose its hop.

    Parameters
    ----------
    window : str, tuple or array
        As in ``scipy.signal.get_window``, or the window itself.
    n_fft : int
        Size of the transform.
    win_length : int, optional
        At most ``n_fft``, which is the default.
    hop_length : int, optional
        ``win_length // 4`` by default.

    Returns
    -------
    window : ndarray of shape (n_fft,)
        With zeros on both sides of ``win_length``.
    hop_length : int

    Raises
    ------
    ValueError
        When a number is no possible length, or when the windows leave gaps (NOLA).
    """
    n_fft = whole_number(n_fft, "n_fft", minimum=2)
    win_length = n_fft if win_length is None else whole_number(win_length, "win_length")
    if win_length > n_fft:
        raise ValueError(f"win_length={win_length} is longer than n_fft={n_fft}.")
    hop = max(win_length // 4, 1) if hop_length is None else hop_length
    hop = whole_number(hop, "hop_length")
    values = window
    if isinstance(window, (str, tuple)):
        values = get_window(window, win_length)
    values = np.asarray(values, dtype=float)
    if values.shape != (win_length,):
        raise ValueError(f"window has shape {values.shape}, expected ({win_length},).")
    left = (n_fft - win_length) // 2
    values = np.pad(values, (left, n_fft - win_length - left))
    if not covers_all_samples(values, hop):
        raise ValueError(
            f"window={window!r} of {win_length} samples with hop_length={hop} leaves "
            "gaps that no inverse can fill (NOLA): use a smaller hop_length."
        )
    return values, hop


def window_centre(window):
    """Return the centre of the energy of a window, in samples from its start."""
    energy = np.asarray(window, dtype=float) ** 2
    return float(np.arange(len(energy)) @ energy / energy.sum())


def whole_number(value, name, minimum=1):
    """Return a parameter as an int, or say what it should be."""
    whole = isinstance(value, Real) and np.isfinite(value) and value == int(value)
    if not whole or value < minimum:
        raise ValueError(f"{name} must be an integer of at least {minimum}, got {value!r}.")
    return int(value)
