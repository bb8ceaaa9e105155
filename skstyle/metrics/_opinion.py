"""Mean opinion scores by a predictor of the user, as a function and as a scorer."""

import warnings
from functools import partial

from ..exceptions import SilentClipWarning
from ..utils.rates import check_sample_rate
from ._callables import as_numbers, call_for_clips, check_callable, describe, is_silent
from ._pairs import converted, rated_signals, summarise, told_sample_rate
from ._scorers import ClipScorer

# Regressions overshoot the ends of the scale; what lies further off is on another scale.
OVERSHOOT = 0.5


def mean_opinion_score(
    y_pred,
    *,
    sample_rate,
    predictor,
    scale=(1.0, 5.0),
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    """Mean opinion score (MOS) that a net predicts: how natural listeners would find clips.

    No net comes with the library; any function will do.

    Parameters
    ----------
    y_pred : list of 1-D arrays
        Signals.
    sample_rate : float
        In Hz.
    predictor : callable
        ``predictor(signal, sample_rate)`` returns a number; a net that wants another rate
        resamples by itself.
    scale : (float, float), default=(1.0, 5.0)
        Worst and best opinion. Predictions may pass its ends by half a point.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once, each by a process: the predictor has to be picklable.

    Returns
    -------
    score : float, or ndarray of shape (n_clips,)
        More is better.

    Raises
    ------
    TypeError
        When the predictor is no function.
    ValueError
        When it returns no number, or one off the scale; the message names the clip.

    Warns
    -----
    SilentClipWarning
        A signal is silent; the predictor is asked all the same.

    See Also
    --------
    word_error_rate : Whether the words are kept.

    References
    ----------
    .. [1] C.-C. Lo, S.-W. Fu, W.-C. Huang, X. Wang, J. Yamagishi, Y. Tsao and H.-M. Wang,
       "MOSNet: deep learning-based objective assessment for voice conversion", Interspeech 2019.
       doi:10.21437/Interspeech.2019-2003

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.metrics import mean_opinion_score
    >>> def dislikes_clipping(x, sample_rate):
    ...     return 5 - 4 * np.mean(np.abs(x) > 0.99)
    >>> mean_opinion_score([np.zeros(9) + 0.5], sample_rate=16000, predictor=dislikes_clipping)
    5.0
    """
    check_sample_rate(sample_rate)
    ends = _check_settings(predictor, scale)
    clips = rated_signals(y_pred, "y_pred", sample_rate)
    for i, x in enumerate(clips):
        if is_silent(x):
            message = f"y_pred[{i}] is silent: opinions of it mean little."
            warnings.warn(message, SilentClipWarning, stacklevel=2)
    read = partial(_read_score, ends)
    values = call_for_clips(predictor, clips, sample_rate, read, n_jobs=n_jobs)
    return summarise(values, average, sample_weight)


def _check_settings(predictor, scale):
    """Return the ends of the scale."""
    check_callable(predictor, "predictor", "predictor(signal, sample_rate) -> number")
    ends = as_numbers(scale)
    if ends is None or ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"scale must be the worst and the best opinion, got {scale!r}.")
    return ends


def _read_score(ends, value, name):
    number = as_numbers(value)
    if number is None or number.size != 1:
        raise ValueError(
            f"predictor returned {describe(value)} for {name}, expected one finite number."
        )
    number = float(number.reshape(()))
    if not ends[0] - OVERSHOOT <= number <= ends[1] + OVERSHOOT:
        raise ValueError(
            f"predictor returned {number:g} for {name}, expected an opinion from {ends[0]:g} to "
            f"{ends[1]:g}. If it has another scale, pass scale=(worst, best)."
        )
    return number


def make_mean_opinion_score_scorer(predictor, *, scale=(1.0, 5.0)):
    """Make a scorer of predicted opinions of what a converter makes.

    Parameters
    ----------
    predictor : callable
        ``predictor(signal, sample_rate)`` returns a number, as in :func:`mean_opinion_score`.
        The scorer can be pickled if it can.
    scale : (float, float), default=(1.0, 5.0)
        Worst and best opinion.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y=None, sample_weight=None)``, greater is better; y is not looked
        at.

    Raises
    ------
    TypeError, ValueError
        When the predictor is no function, or the scale is none.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.metrics import make_mean_opinion_score_scorer
    >>> def dislikes_clipping(x, sample_rate):
    ...     return 5 - 4 * np.mean(np.abs(x) > 0.99)
    >>> scorer = make_mean_opinion_score_scorer(dislikes_clipping)  # scoring=scorer
    """
    _check_settings(predictor, scale)
    keywords = {"predictor": predictor, "scale": scale}
    return ClipScorer(_score, keywords, name="mean_opinion_score_scorer")


def _score(estimator, X, y=None, sample_weight=None, *, predictor, scale):
    sample_rate = told_sample_rate(estimator)
    return mean_opinion_score(
        converted(estimator, X),
        sample_rate=sample_rate,
        predictor=predictor,
        scale=scale,
        sample_weight=sample_weight,
    )
