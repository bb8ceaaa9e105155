"""Which frames are speech, by their level."""

import numpy as np

# Natural logarithm of amplitude (the unit of c_0) in decibels.
DB_PER_NEPER = 20 / np.log(10)


def active_frames(level, threshold_db):
    """Tell which frames are not silence.

    Parameters
    ----------
    level : ndarray of shape (n_frames,)
        Natural logarithm of amplitude, as c_0 of a mel-cepstrum.
    threshold_db : float
        Frames so far below the loud frames of the clip (the 95th percentile) are silence.

    Returns
    -------
    active : ndarray of bool, shape (n_frames,)
    """
    db = level * DB_PER_NEPER
    return db >= np.quantile(db, 0.95) - threshold_db
