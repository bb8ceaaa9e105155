"""Mel-cepstral distortion along the best path: used by measures and by scores."""

import numpy as np

from ._aligner import DTWAligner, check_same_columns

# Nepers of c_m to decibels of spectrum: 10 / ln 10 * sqrt(2) (Kubichek 1993).
MCD_CONSTANT = 10 / np.log(10) * np.sqrt(2)


def mel_cepstral_distances(a, b, *, silence_db=30.0, band=None, align=True, n_jobs=None):
    """Return the distortion of every pair of mel-cepstra, in decibels.

    Parameters
    ----------
    a, b : list of arrays (n_frames, order + 1)
        c_0 first; it is not compared, and only tells silence.
    silence_db : float or None, default=30.0
        Frames this far below the loud frames of their clip are left out; None keeps all.
    band : float, optional
        Half-width of the Sakoe-Chiba band as a share of the longer clip.
    align : bool, default=True
        False compares frame t with frame t, silence too, for clips of equal timing.
    n_jobs : int, optional

    Returns
    -------
    distances : ndarray of shape (n_clips,)
        Mean over the path of the root of each frame.
    """
    check_same_columns(a, b)
    if align:
        aligner = DTWAligner(
            columns=slice(1, None),
            level_column=None if silence_db is None else 0,
            silence_db=30.0 if silence_db is None else silence_db,
            band=band,
            n_jobs=n_jobs,
        )
        paths = aligner.align(a, b)
    else:
        paths = [
            np.repeat(np.arange(min(len(x), len(y)))[:, None], 2, axis=1)
            for x, y in zip(a, b, strict=True)
        ]
    return np.array([_mean_distance(*item) for item in zip(a, b, paths, strict=True)])


def _mean_distance(a, b, path):
    difference = a[path[:, 0], 1:].astype(np.float64) - b[path[:, 1], 1:]
    return MCD_CONSTANT * np.sqrt((difference**2).sum(axis=1)).mean()
