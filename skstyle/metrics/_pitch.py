"""Errors of pitch along aligned frames, as functions and as scorers."""

import numpy as np

from ..exceptions import UnvoicedClipWarning
from ..utils.rates import converted_sample_rate
from ._pairs import converted, summarise
from ._scorers import requestable
from ._speech_frames import aligned_pitches, warn_unknown

# Pairs of voiced frames below which statistics of pitch are chance.
MIN_VOICED = 5
UNITS = {"log": 1.0, "cents": 1200 / np.log(2), "semitones": 12 / np.log(2)}


def log_f0_rmse(
    y_true,
    y_pred,
    *,
    sample_rate,
    unit="log",
    f0_min_hz=71.0,
    f0_max_hz=600.0,
    f0=None,
    align=True,
    silence_db=30.0,
    band=None,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Root mean square error of the logarithm of F0; 0 for identical clips.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays
        Signals.
    sample_rate : float
        In Hz.
    unit : {"log", "cents", "semitones"}, default="log"
        Natural logarithm of F0, which papers call log-F0 RMSE, or steps of music: 0.1 are 173
        cents or 1.73 semitones.
    f0_min_hz, f0_max_hz : float, default=71.0 and 600.0
        Range of the pitch search.
    f0 : callable, optional
        Another pitch tracker: ``f0(x, sample_rate, times)`` returns Hz at every time (in
        seconds), 0 or NaN where unvoiced.
    align : bool, default=True
        Compare along the path of dynamic time warping of the mel-cepstra, as
        :func:`mel_cepstral_distortion` does; False compares frame by frame, silence too, up to
        the end of the shorter clip.
    silence_db : float or None, default=30.0
        Frames whose c_0 lies this far below the loud frames (95th percentile) of their clip
        are left out before the alignment. None keeps all.
    band : float, optional
        Half-width of the alignment's Sakoe-Chiba band as a share of the longer clip. Clips of
        more than about two minutes are aligned from coarse to fine.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    error : float, or ndarray of shape (n_clips,)
        In the unit. nan where two clips share fewer than 5 voiced frames; means leave it out.

    Raises
    ------
    ValueError
        When the numbers of clips differ.

    Warns
    -----
    UnvoicedClipWarning
        Two clips share fewer than 5 voiced frames.
    SilentClipWarning
        A signal is silent.

    See Also
    --------
    log_f0_correlation : Blind to a constant ratio of pitches.
    voicing_error : Of the frames that are left out here.

    Notes
    -----
    .. math:: \sqrt{\frac{1}{|V|} \sum_{t \in V} (\ln f_t - \ln \hat f_t)^2}

    over the steps V of the path where both frames are voiced [1]_; then the mean over clips.
    One octave error of the tracker weighs as much as 144 errors of a semitone.

    References
    ----------
    .. [1] D. J. Hermes, "Measuring the perceptual similarity of pitch contours", J. Speech,
       Language, and Hearing Research 41(1), 1998. doi:10.1044/jslhr.4101.73

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import log_f0_rmse
    >>> X, y = make_parallel_speakers(n_sentences=2, f0_ratio=1.5, random_state=0)
    >>> log_f0_rmse(X, X, sample_rate=16000)
    0.0
    >>> round(log_f0_rmse(y, X, sample_rate=16000, unit="semitones"))  # a fifth
    7
    """
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {sorted(UNITS)}, got {unit!r}.")
    search = {"f0_min_hz": f0_min_hz, "f0_max_hz": f0_max_hz, "f0": f0}
    along = {"align": align, "silence_db": silence_db, "band": band}
    pitches = aligned_pitches(y_true, y_pred, sample_rate, search, along, n_jobs)
    values = UNITS[unit] * np.array([log_f0_difference(*pair) for pair in pitches])
    warn_unknown(values, f"share fewer than {MIN_VOICED} voiced frames", UnvoicedClipWarning)
    return summarise(values, average, sample_weight)


def log_f0_correlation(
    y_true,
    y_pred,
    *,
    sample_rate,
    f0_min_hz=71.0,
    f0_max_hz=600.0,
    f0=None,
    align=True,
    silence_db=30.0,
    band=None,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Correlation of the logarithm of F0 along two clips; 1 for identical ones, at least -1.

    It tells whether the melody of speech goes up and down at the same places, in whatever
    register and range.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays
        Signals.
    sample_rate : float
        In Hz.
    f0_min_hz, f0_max_hz : float, default=71.0 and 600.0
        Range of the pitch search.
    f0 : callable, optional
        Another pitch tracker, as in :func:`log_f0_rmse`.
    align : bool, default=True
        Compare along the path of dynamic time warping of the mel-cepstra; False compares frame
        by frame, silence too, up to the end of the shorter clip.
    silence_db : float or None, default=30.0
        Frames whose c_0 lies this far below the loud frames (95th percentile) of their clip
        are left out before the alignment. None keeps all.
    band : float, optional
        Half-width of the alignment's Sakoe-Chiba band as a share of the longer clip. Clips of
        more than about two minutes are aligned from coarse to fine.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    correlation : float, or ndarray of shape (n_clips,)
        Between -1 and 1; more is better. nan where there is none; means leave it out.

    Raises
    ------
    ValueError
        When the numbers of clips differ.

    Warns
    -----
    UnvoicedClipWarning
        Two clips share fewer than 5 voiced frames, or the pitch of one of them does not move.
    SilentClipWarning
        A signal is silent.

    Notes
    -----
    Pearson's correlation over the steps of the path where both frames are voiced [1]_; then the
    mean over clips.

    References
    ----------
    .. [1] D. J. Hermes, "Measuring the perceptual similarity of pitch contours", J. Speech,
       Language, and Hearing Research 41(1), 1998. doi:10.1044/jslhr.4101.73

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import log_f0_correlation
    >>> X, y = make_parallel_speakers(n_sentences=2, f0_ratio=1.5, random_state=0)
    >>> log_f0_correlation(y, X, sample_rate=16000) > 0.8  # the same melody, a fifth higher
    True
    """
    search = {"f0_min_hz": f0_min_hz, "f0_max_hz": f0_max_hz, "f0": f0}
    along = {"align": align, "silence_db": silence_db, "band": band}
    pitches = aligned_pitches(y_true, y_pred, sample_rate, search, along, n_jobs)
    values = np.array([pitch_correlation(*pair) for pair in pitches])
    reason = f"share fewer than {MIN_VOICED} voiced frames, or one of them has a constant pitch"
    warn_unknown(values, reason, UnvoicedClipWarning)
    return summarise(values, average, sample_weight)


def log_f0_difference(true, pred):
    """Root mean square difference of the natural logarithms where both are voiced.

    Parameters
    ----------
    true, pred : ndarray of shape (n_steps,)
        In Hz, 0 where unvoiced.

    Returns
    -------
    difference : float
        nan if fewer than ``MIN_VOICED`` steps are voiced on both sides.
    """
    p, q = _both_voiced(true, pred)
    return float(np.sqrt(np.mean((p - q) ** 2))) if len(p) >= MIN_VOICED else np.nan


def pitch_correlation(true, pred):
    """Pearson's correlation of the logarithms where both are voiced.

    Parameters
    ----------
    true, pred : ndarray of shape (n_steps,)
        In Hz, 0 where unvoiced.

    Returns
    -------
    correlation : float
        nan if there are too few steps, or one side is constant but for rounding.
    """
    p, q = _both_voiced(true, pred)
    if len(p) < MIN_VOICED:
        return np.nan
    p, q = p - p.mean(), q - q.mean()
    norms = np.linalg.norm(p), np.linalg.norm(q)
    # A millionth of a neper is far below what any tracker tells.
    if min(norms) < 1e-6 * np.sqrt(len(p)):
        return np.nan
    return float(np.clip((p / norms[0]) @ (q / norms[1]), -1, 1))


def _both_voiced(true, pred):
    """Natural logarithms of the steps where both are voiced."""
    both = (true > 0) & (pred > 0)
    return np.log(true[both]), np.log(pred[both])


@requestable
def neg_log_f0_rmse_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative log-F0 RMSE of its waveforms.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score.

    Parameters
    ----------
    estimator : estimator with predict or transform
        From signals to signals. y has the sample rate of what comes out of its steps, behind a
        Resampler the new one.
    X, y : list of 1-D arrays
        Paired signals.
    sample_weight : array of shape (n_clips,), optional

    Returns
    -------
    score : float
        Greater is better; 0 has the pitches of the target.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import neg_log_f0_rmse_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_log_f0_rmse_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -log_f0_rmse(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )


@requestable
def log_f0_correlation_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the correlation of log-F0.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score.

    Parameters
    ----------
    estimator : estimator with predict or transform
        From signals to signals. y has the sample rate of what comes out of its steps, behind a
        Resampler the new one.
    X, y : list of 1-D arrays
        Paired signals.
    sample_weight : array of shape (n_clips,), optional

    Returns
    -------
    score : float
        Greater is better; 1 has the melody of the target.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import log_f0_correlation_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [log_f0_correlation_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return log_f0_correlation(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
