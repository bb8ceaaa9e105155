"""Pairs of signals as measures take them, checked and at one level, and the mean at the end."""

import warnings
from numbers import Real

import numpy as np

from ..exceptions import SilentClipWarning
from ..features import MelSpectrogram
from ..signal._loudness import SILENT_DB, rms_level
from ..utils.rates import check_resampled, check_sample_rate
from ..utils.validation import check_paired, check_signals


def signal_pairs(y_true, y_pred, sample_rate, level_db, *, paired=True):
    """Check two collections of signals and bring every clip to one level.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays
    sample_rate : float
        In Hz. A list that remembers another rate is refused.
    level_db : float or None
        Level of the root mean square of what goes out, in dB where a constant of 1 has 0; None
        leaves clips as they are. Silent ones stay silent.
    paired : bool, default=True
        Whether there have to be as many clips on both sides.

    Returns
    -------
    y_true, y_pred : list of ndarray
        float64.

    Warns
    -----
    SilentClipWarning
        A clip is silent, below -140 dB.
    """
    check_sample_rate(sample_rate)
    if level_db is not None and not (isinstance(level_db, Real) and np.isfinite(level_db)):
        raise ValueError(f"level_db must be a number of dB, or None; got {level_db!r}.")
    named = (("y_true", y_true), ("y_pred", y_pred))
    sides = [(name, check_signals(y, name=name)) for name, y in named]
    for name, clips in sides:
        check_resampled(clips.trail, sample_rate, f"{name} is compared at sample_rate")
    if paired:
        check_paired(sides[0][1].items, sides[1][1].items, name_x="y_true", name_y="y_pred")
    out = []
    for name, clips in sides:
        levels = [rms_level(x) for x in clips.items]
        for i, level in enumerate(levels):
            if level < SILENT_DB:
                message = f"{name}[{i}] is silent: there is nothing to compare but its silence."
                warnings.warn(message, SilentClipWarning, stacklevel=3)
        out.append([_at_level(*pair, level_db) for pair in zip(clips.items, levels, strict=True)])
    return tuple(out)


def _at_level(x, level, level_db):
    if level < SILENT_DB:
        return np.zeros(len(x))
    x = x.astype(np.float64)
    return x if level_db is None else x * 10 ** ((level_db - level) / 20)


def log_mel(clips, sample_rate, *, n_fft, hop_length, n_mels, floor_db, n_jobs=None):
    """Levels of mel bands in dB, above the power of 1, of the frames centred within each clip.

    Parameters
    ----------
    clips : list of ndarray
        Checked signals.
    sample_rate : float
        In Hz.
    n_fft, hop_length, n_mels, floor_db, n_jobs
        As in :class:`~skstyle.features.MelSpectrogram`.

    Returns
    -------
    levels : list of ndarray of shape (n_times // hop_length + 1, n_mels)
    """
    mel = MelSpectrogram(
        sample_rate,
        n_fft=n_fft,
        hop_length=hop_length,
        n_mels=n_mels,
        output="db",
        floor_db=floor_db,
        n_jobs=n_jobs,
    )
    levels = mel.fit_transform(list(clips))
    # A frame behind the end sees a part of a clip that depends on the remainder of its length.
    return [a[: len(x) // mel.hop_length_ + 1] for a, x in zip(levels, clips, strict=True)]


def summarise(values, average, sample_weight):
    """Return the mean over clips as a float, or one value a clip.

    Parameters
    ----------
    values : list of float
    average : bool
    sample_weight : array of shape (n_clips,) or None

    Returns
    -------
    summary : float, or ndarray of shape (n_clips,)
    """
    values = np.array(values, dtype=float)
    return float(np.average(values, weights=sample_weight)) if average else values


def converted(estimator, X):
    """Return what an estimator makes of clips, by ``predict`` or else by ``transform``."""
    convert = estimator.predict if hasattr(estimator, "predict") else estimator.transform
    return convert(X)
