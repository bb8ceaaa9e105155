"""Error of voicing along aligned frames, as a function and as a scorer."""

import numpy as np

from ..utils.rates import converted_sample_rate
from ._pairs import converted, summarise
from ._scorers import requestable
from ._speech_frames import aligned_pitches


def voicing_error(
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
    """Share of aligned frames of which one is voiced and one is not; 0 for identical clips.

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
    error : float, or ndarray of shape (n_clips,)
        Between 0 and 1; 0.05 is what papers write as 5 %.

    Raises
    ------
    ValueError
        When the numbers of clips differ.

    Warns
    -----
    SilentClipWarning
        A signal is silent: it counts as unvoiced throughout.

    Notes
    -----
    Frames of silence are left out: they are easily agreed upon, and would make the error small.
    As in Harvest [1]_, whose lines of pitch the analysis follows, weak voicing counts as voiced.

    References
    ----------
    .. [1] M. Morise, "Harvest: a high-performance fundamental frequency estimator from
       speech signals", Interspeech 2017. doi:10.21437/Interspeech.2017-68

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import voicing_error
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> whispers = [0.1 * np.random.default_rng(0).standard_normal(len(x)) for x in X]
    >>> voicing_error(X, X, sample_rate=16000)
    0.0
    >>> voicing_error(y, X, sample_rate=16000) < voicing_error(y, whispers, sample_rate=16000)
    True
    """
    search = {"f0_min_hz": f0_min_hz, "f0_max_hz": f0_max_hz, "f0": f0}
    along = {"align": align, "silence_db": silence_db, "band": band}
    pitches = aligned_pitches(y_true, y_pred, sample_rate, search, along, n_jobs)
    values = [voicing_disagreement(*pair) for pair in pitches]
    return summarise(values, average, sample_weight)


def voicing_disagreement(true, pred):
    """Share of steps with one voiced and one unvoiced frame.

    Parameters
    ----------
    true, pred : ndarray of shape (n_steps,)
        F0, 0 where unvoiced.

    Returns
    -------
    share : float
    """
    return float(np.mean((true > 0) != (pred > 0)))


@requestable
def neg_voicing_error_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative share of wrongly voiced frames.

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
        Greater is better; 0 is voiced where the target is.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import neg_voicing_error_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_voicing_error_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -voicing_error(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
