"""Ratio of the variances of mel-cepstra along time, as a function and as a scorer."""

import numpy as np

from ..exceptions import SilentClipWarning
from ..trajectory._global_variance import variance_along_time
from ..utils.rates import converted_sample_rate
from ._pairs import converted, summarise
from ._scorers import requestable
from ._speech_frames import speech_pairs, spoken_cepstra, warn_unknown


def global_variance_log_ratio(
    y_true,
    y_pred,
    *,
    sample_rate=None,
    order=24,
    alpha="auto",
    signed=False,
    silence_db=30.0,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Log ratio of the variances of mel-cepstra along time; 0 for identical clips.

    Statistical conversion smooths: its cepstra vary less than those of speech, and it sounds
    muffled. This tells by how much.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays, or list of arrays (n_frames, order + 1)
        Signals, which are analysed by :class:`~skstyle.features.MelCepstrum`; or mel-cepstra,
        c_0 first. They need not be aligned, and may differ in length.
    sample_rate : float, optional
        In Hz; needed for signals.
    order : int, default=24
        Order of the analysis of signals.
    alpha : float or "auto", default="auto"
        All-pass constant of the analysis of signals.
    signed : bool, default=False
        True keeps the sign: negative where y_pred varies less, and too much in one coefficient
        makes up for too little in another. False takes the magnitude of every coefficient.
    silence_db : float or None, default=30.0
        Frames whose c_0 lies this far below the loud frames (95th percentile) of their clip
        are left out. None keeps all.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    ratio : float, or ndarray of shape (n_clips,)
        Natural logarithm; 0.69 is half or double the variance. Infinite if a coefficient is
        constant on one side only; nan if no coefficient varies, and means leave it out.

    Raises
    ------
    ValueError
        When the numbers of clips differ, or signals come without a sample rate.

    Warns
    -----
    SilentClipWarning
        A signal is silent, or nothing varies in a clip.

    See Also
    --------
    skstyle.trajectory.GlobalVarianceScaler : Gives converted cepstra the variance of speech.
    modulation_spectrum_rmse : The same for every speed of movement.

    Notes
    -----
    .. math:: \frac{1}{D} \sum_{d=1}^{D} |\ln \hat v_d - \ln v_d|

    with the variances v of c_1 to c_D over the frames of a clip [1]_; then the mean over clips.

    References
    ----------
    .. [1] T. Toda, A. W. Black and K. Tokuda, "Voice conversion based on maximum-likelihood
       estimation of spectral parameter trajectory", IEEE Trans. ASLP 15(8), 2007.
       doi:10.1109/TASL.2007.907344

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.metrics import global_variance_log_ratio
    >>> speech = [np.random.default_rng(0).standard_normal((200, 25))]
    >>> flat = [0.5 * speech[0]]
    >>> round(global_variance_log_ratio(speech, flat, silence_db=None, signed=True), 4)  # ln 1/4
    -1.3863
    """
    sides = speech_pairs(
        y_true, y_pred, sample_rate, cepstra_ok=True, order=order, alpha=alpha, n_jobs=n_jobs
    )
    values = np.array(
        [
            variance_log_ratio(*(spoken_cepstra(clip, silence_db) for clip in pair), signed)
            for pair in zip(*sides, strict=True)
        ]
    )
    warn_unknown(values, "have no movement to compare", SilentClipWarning)
    return summarise(values, average, sample_weight)


def variance_log_ratio(true, pred, signed=False):
    """Mean over columns of the log ratio of variances along time.

    Parameters
    ----------
    true, pred : ndarray of shape (n_frames, n_columns)
        Of any lengths; columns that are constant in both are left out.
    signed : bool, default=False

    Returns
    -------
    ratio : float
        nan if all columns of one are constant.
    """
    if true.shape[1] != pred.shape[1]:
        raise ValueError(
            f"y_true has {true.shape[1]} coefficients above c_0 and y_pred has {pred.shape[1]}: "
            "mel-cepstra of one order are compared."
        )
    variances = np.array([variance_along_time(x) for x in (true, pred)])
    if not variances.any(axis=1).all():
        return np.nan
    with np.errstate(divide="ignore"):
        logs = np.log(variances[:, variances.any(axis=0)])
    ratios = logs[1] - logs[0]
    return float(np.mean(ratios if signed else np.abs(ratios)))


@requestable
def neg_global_variance_log_ratio_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative magnitude of its log ratio of variances.

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
        Greater is better; 0 varies as the target does.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import neg_global_variance_log_ratio_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_global_variance_log_ratio_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -global_variance_log_ratio(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
