"""Mel-cepstral distortion, as a function and as a scorer."""

import numpy as np

from ..alignment._distortion import mel_cepstral_distances
from ..features import MelCepstrum
from ..utils.rates import check_sample_rate, common_sample_rate
from ..utils.validation import check_paired, check_sequences, check_signals


def mel_cepstral_distortion(
    y_true,
    y_pred,
    *,
    sample_rate=None,
    order=24,
    alpha="auto",
    align=True,
    silence_db=30.0,
    band=None,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Mel-cepstral distortion (MCD) in decibels; 0 for identical clips.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays, or list of arrays (n_frames, order + 1)
        Signals, which are analysed by :class:`~skstyle.features.MelCepstrum`; or mel-cepstra,
        c_0 first.
    sample_rate : float, optional
        In Hz; needed for signals.
    order : int, default=24
        Order of the analysis of signals.
    alpha : float or "auto", default="auto"
        All-pass constant of the analysis of signals.
    align : bool, default=True
        Compare along the path of dynamic time warping; False compares frame by frame,
        silence too, up to the end of the shorter clip.
    silence_db : float or None, default=30.0
        Frames whose c_0 lies this far below the loud frames (95th percentile) of their clip
        are left out before the alignment. None keeps all.
    band : float, optional
        Half-width of the alignment's Sakoe-Chiba band as a share of the longer clip.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    distortion : float, or ndarray of shape (n_clips,)
        In dB.

    Raises
    ------
    ValueError
        When the numbers of clips differ, or signals come without a sample rate.

    Notes
    -----
    .. math:: \frac{10}{\ln 10} \frac{1}{T} \sum_t
              \sqrt{2 \sum_{d=1}^{24} (c_{t,d} - \hat c_{t,d})^2}

    The root is taken per frame, then the mean over the T steps of the path, then the mean
    over clips. c_0 (loudness) is left out.

    References
    ----------
    .. [1] R. Kubichek, "Mel-cepstral distance measure for objective speech quality
       assessment", IEEE PacRim 1993. doi:10.1109/PACRIM.1993.407206

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import mel_cepstral_distortion
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> mel_cepstral_distortion(X, X, sample_rate=16000)
    0.0
    >>> mel_cepstral_distortion(y, X, sample_rate=16000) > 3
    True
    """
    if _first_ndim(y_true) == 1:
        if sample_rate is None:
            raise ValueError(
                "Signals need their sample rate to be compared: pass sample_rate=... (Hz), "
                "or pass mel-cepstra (n_frames, order + 1)."
            )
        check_sample_rate(sample_rate)
        y_true = check_signals(y_true, name="y_true").items
        y_pred = check_signals(y_pred, name="y_pred").items
        check_paired(y_true, y_pred, name_x="y_true", name_y="y_pred")
        analysis = MelCepstrum(
            sample_rate, order=order, alpha=alpha, learn_f0_range=False, n_jobs=n_jobs
        )
        y_true, y_pred = analysis.fit_transform(y_true), analysis.transform(y_pred)
    else:
        y_true = check_sequences(y_true, name="y_true").items
        y_pred = check_sequences(y_pred, name="y_pred").items
        check_paired(y_true, y_pred, name_x="y_true", name_y="y_pred")
    distances = mel_cepstral_distances(
        y_true, y_pred, silence_db=silence_db, band=band, align=align, n_jobs=n_jobs
    )
    return float(np.average(distances, weights=sample_weight)) if average else distances


def _first_ndim(clips):
    """Tell signals (1) from sequences (2); rows of a 2-D array are signals."""
    if isinstance(clips, np.ndarray) and clips.dtype != object:
        return max(clips.ndim - 1, 1)
    return np.ndim(clips[0]) if len(clips) else 1


def neg_mel_cepstral_distortion_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative MCD of its waveforms, in dB.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score. The converted signals are
    analysed again, so that synthesis counts too; ``SignalConverter.score`` compares the
    converted features instead, which is faster.

    Parameters
    ----------
    estimator : estimator with predict
        From signals to signals; the sample rate is that of its steps.
    X, y : list of 1-D arrays
        Paired signals.
    sample_weight : array of shape (n_clips,), optional

    Returns
    -------
    score : float
        Greater is better; 0 is the target itself.
    """
    return -mel_cepstral_distortion(
        y,
        estimator.predict(X),
        sample_rate=common_sample_rate(estimator),
        sample_weight=sample_weight,
    )
