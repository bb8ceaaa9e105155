"""Pairs of signals as measures take them, checked and at one level, and the mean at the end."""

import warnings
from numbers import Real

import numpy as np

from ..exceptions import SilentClipWarning
from ..features import MelSpectrogram
from ..signal._loudness import SILENT_DB, rms_level
from ..utils.rates import check_resampled, check_sample_rate, converted_sample_rate
from ..utils.validation import check_paired, check_signals


def signal_pairs(y_true, y_pred, sample_rate, level_db, *, paired=True, stacklevel=3):
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
    stacklevel : int, default=3
        Where warnings point to: the caller of the caller.

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
    true = rated_signals(y_true, "y_true", sample_rate)
    pred = rated_signals(y_pred, "y_pred", sample_rate)
    if paired:
        check_paired(true, pred, name_x="y_true", name_y="y_pred")
    out = []
    for name, items in (("y_true", true), ("y_pred", pred)):
        levels = [rms_level(x) for x in items]
        for i, level in enumerate(levels):
            if level < SILENT_DB:
                message = f"{name}[{i}] is silent: there is nothing to compare but its silence."
                warnings.warn(message, SilentClipWarning, stacklevel=stacklevel)
        out.append([_at_level(*pair, level_db) for pair in zip(items, levels, strict=True)])
    return tuple(out)


def rated_signals(y, name, sample_rate):
    """Check one collection of signals.

    Parameters
    ----------
    y : list of 1-D arrays
    name : str
        What messages call it.
    sample_rate : float
        In Hz. A list that remembers another rate is refused.

    Returns
    -------
    items : list of ndarray
    """
    check_collection(y, name)
    clips = check_signals(y, name=name)
    check_resampled(clips.trail, sample_rate, f"{name} is compared at sample_rate")
    return clips.items


def check_collection(y, name):
    """Refuse what cannot be looked at twice, or has no order.

    Parameters
    ----------
    y : object
    name : str
    """
    if isinstance(y, (dict, str, bytes)) or not hasattr(y, "__len__"):
        raise TypeError(
            f"{name} must be a list of clips, got {type(y).__name__}. Put one clip into a list, "
            f"and the values of a dict or a generator: list(...)."
        )


def _at_level(x, level, level_db):
    if level < SILENT_DB:
        return np.zeros(len(x))
    x = x.astype(np.float64)  # a copy
    if level_db is not None:
        x *= 10 ** ((level_db - level) / 20)
    return x


def first_ndim(clips):
    """Tell signals (1) from sequences (2); rows of a 2-D array are signals."""
    check_collection(clips, "y_true")
    if isinstance(clips, np.ndarray) and clips.dtype != object:
        return max(clips.ndim - 1, 1)
    return np.ndim(clips[0]) if len(clips) else 1


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
    """Return the mean over clips as a float, or one value a clip; nan is left out of the mean.

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
    if not average:
        return values
    weights = check_weights(sample_weight, len(values))
    # Clips without weight are left out whatever their value, which may be infinite.
    counted = ~np.isnan(values) & (weights > 0)
    if not counted.any():
        return np.nan
    return float(np.average(values[counted], weights=weights[counted]))


def check_weights(sample_weight, n_clips):
    """Return the weights of clips, which are 1 by default.

    Parameters
    ----------
    sample_weight : array of shape (n_clips,) or None
    n_clips : int

    Returns
    -------
    weights : ndarray of shape (n_clips,)
        At least 0, and not all zero.
    """
    if sample_weight is None:
        return np.ones(n_clips)
    try:
        weights = np.asarray(sample_weight, dtype=float)
    except (TypeError, ValueError) as e:
        raise ValueError(
            f"sample_weight must be numbers, one for each of {n_clips} clips; got "
            f"{sample_weight!r}."
        ) from e
    if weights.shape != (n_clips,):
        raise ValueError(
            f"sample_weight has shape {weights.shape}, expected one weight for each of "
            f"{n_clips} clips."
        )
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(wrong):
        i = wrong[0]
        raise ValueError(
            f"sample_weight[{i}] is {weights[i]:g}: weights are finite numbers of at least 0."
        )
    if not weights.any():
        raise ValueError(
            "sample_weight is 0 for every clip: there is nothing left to take the mean of. Give "
            "one clip at least a weight above 0."
        )
    return weights


def converted(estimator, X):
    """Return what an estimator makes of clips, by ``predict`` or else by ``transform``."""
    convert = estimator.predict if hasattr(estimator, "predict") else estimator.transform
    return convert(X)


def told_sample_rate(estimator):
    """Return the rate of what an estimator makes; refuse one that has none before it works."""
    rate = converted_sample_rate(estimator)
    if rate is None:
        raise ValueError(
            f"{type(estimator).__name__} has no sample rate, and what hears its clips needs one: "
            "no step tells it. Use steps with a sample_rate."
        )
    return rate
