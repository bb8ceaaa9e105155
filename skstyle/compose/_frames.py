"""Stack sequences to frames, and split frames to sequences."""

import numpy as np


def stack(items):
    """Return all frames of all sequences as one new array (n_frames, n_features)."""
    return np.concatenate(items)


def split(frames, items):
    """Cut an array of frames into pieces as long as ``items``."""
    frames = np.asarray(frames)
    if frames.ndim == 1:
        frames = frames[:, None]
    return np.split(frames, np.cumsum([len(x) for x in items])[:-1])
