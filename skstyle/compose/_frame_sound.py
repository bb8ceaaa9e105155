"""Sound of frames that a model made."""

import numpy as np
from scipy.ndimage import gaussian_filter1d

# Deviation, in bands, of the weights of those that are around one.
_AROUND = 1.5


def sharpen(frames, sharpness):
    """Let bands differ more from the mean of those around them.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, n_bands)
    sharpness : float
        What of the difference is added.

    Returns
    -------
    sharper : ndarray of shape (n_frames, n_bands)
        In the dtype of frames.
    """
    return frames + sharpness * (frames - gaussian_filter1d(frames, _AROUND, axis=1))


def make_sound(features, vocoder, sharpness, frames):
    """Make the signal of one clip.

    Parameters
    ----------
    features : transformer
        Its inverse makes the sound, where there is no vocoder.
    vocoder : callable or None
    sharpness : float
        As in :func:`sharpen`, without a vocoder.
    frames : ndarray of shape (n_frames, n_features)

    Returns
    -------
    signal : ndarray of shape (n_times,)
    """
    if vocoder is None:
        frames = sharpen(frames, sharpness).astype(frames.dtype, copy=False)
        return np.asarray(features.inverse_transform([frames])[0])
    signal = np.asarray(vocoder(frames))
    if signal.ndim != 1 or not np.isfinite(signal).all():
        raise ValueError(
            f"vocoder returned an array of shape {signal.shape}, expected a 1-D signal of finite "
            f"numbers for frames of shape {frames.shape}."
        )
    return signal.astype(frames.dtype, copy=False)
