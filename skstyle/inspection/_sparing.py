"""Alignment of clips of any length, and the distortion along it."""

import numpy as np
from sklearn.base import clone

from ..alignment import DTWAligner
from ..alignment._dtw import estimate_bytes
from ..alignment._window import band_limits
from ..metrics._distortion import path_distortion
from ..metrics._speech_frames import SpeechFrames, frame_paths


def align_sparingly(aligner, x, y):
    """Align two sequences, from coarse to fine where the whole matrix does not fit into memory.

    Parameters
    ----------
    aligner : aligner
        Not changed. Those with ``multi_resolution`` use it on pairs that need more than their
        ``max_memory_mb``.
    x, y : ndarray of shape (n_frames, n_features)

    Returns
    -------
    path : ndarray of int, shape (n_steps, 2)
    """
    if isinstance(aligner, DTWAligner) and not aligner.multi_resolution:
        if _needs_more(aligner, x, y):
            aligner = clone(aligner).set_params(multi_resolution=True)
    return aligner.align([x], [y])[0]


def _needs_more(aligner, x, y):
    """Tell whether a search of the whole matrix takes more memory than an aligner may use."""
    n = len(aligner._active(x))
    m = len(getattr(aligner, "_active_y", aligner._active)(y))
    low, high = band_limits(n, m, aligner.band)
    needed = estimate_bytes(low, high, n, m, max(x.shape[1], y.shape[1]), aligner.slope)
    return needed > aligner.max_memory_mb * 1e6


def distortions(a, b):
    """Return the mel-cepstral distortion of every pair, without silence, at any length.

    Parameters
    ----------
    a, b : list of ndarray of shape (n_frames, order + 1)

    Returns
    -------
    distortions : ndarray of shape (n_clips,)
        In dB.
    """
    sides = [[SpeechFrames(mcep, None) for mcep in side] for side in (a, b)]
    paths = frame_paths(*sides)
    return np.array([path_distortion(*item) for item in zip(a, b, paths, strict=True)])
