"""All measures of speech at once, from one analysis of every clip."""

import numpy as np

from ..utils.rates import converted_sample_rate
from ._distortion import path_distortion
from ._global_variance import variance_log_ratio
from ._modulation_spectrum import modulation_distance
from ._pairs import converted, summarise
from ._pitch import log_f0_difference, pitch_correlation
from ._scorers import requestable
from ._speech_frames import frame_paths, speech_pairs, spoken_cepstra
from ._voicing import voicing_disagreement

SPEECH_MEASURES = (
    "mel_cepstral_distortion",
    "log_f0_rmse",
    "log_f0_correlation",
    "voicing_error",
    "global_variance_log_ratio",
    "modulation_spectrum_rmse",
)

# Of these, more is better.
SIMILARITIES = ("log_f0_correlation",)


def speech_measures(
    y_true,
    y_pred,
    *,
    measures=SPEECH_MEASURES,
    align=True,
    silence_db=30.0,
    band=None,
    n_jobs=None,
):
    """Compare analysed clips by several measures along one path.

    Parameters
    ----------
    y_true, y_pred : list of SpeechFrames
        Of ``analyse_speech``; paired.
    measures : iterable of str, default=SPEECH_MEASURES
    align, silence_db, band, n_jobs
        As in ``frame_paths``.

    Returns
    -------
    values : dict of str to ndarray of shape (n_clips,)
        Those of the public functions with ``average=False``, at their defaults; nan where a clip
        has none. Nobody is warned.
    """
    unknown = sorted(set(measures) - set(SPEECH_MEASURES))
    if unknown:
        raise ValueError(f"Unknown measures {unknown}; expected some of {SPEECH_MEASURES}.")
    along = {"align": align, "silence_db": silence_db, "band": band, "n_jobs": n_jobs}
    paths = frame_paths(y_true, y_pred, **along)
    rows = [
        _compare(*item, tuple(measures), silence_db)
        for item in zip(y_true, y_pred, paths, strict=True)
    ]
    return {name: np.array([row[name] for row in rows]) for name in measures}


def _compare(true, pred, path, measures, silence_db):
    """Return a dict from names to values of one pair."""
    i, j = path.T
    f0 = true.f0[i], pred.f0[j]
    spoken = spoken_cepstra(true, silence_db), spoken_cepstra(pred, silence_db)
    functions = {
        "mel_cepstral_distortion": lambda: path_distortion(true.mcep, pred.mcep, path),
        "log_f0_rmse": lambda: log_f0_difference(*f0),
        "log_f0_correlation": lambda: pitch_correlation(*f0),
        "voicing_error": lambda: voicing_disagreement(*f0),
        "global_variance_log_ratio": lambda: variance_log_ratio(*spoken),
        "modulation_spectrum_rmse": lambda: modulation_distance(*spoken),
    }
    return {name: functions[name]() for name in measures}


@requestable
def speech_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by all measures of speech, from one conversion and analysis.

    Pass it as ``scoring=`` to cross_validate, or to GridSearchCV with ``refit=`` the name of one.
    A dict of scorers would convert the clips once for each.

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
    scores : dict of str to float
        "neg_mel_cepstral_distortion", "neg_log_f0_rmse", "log_f0_correlation",
        "neg_voicing_error", "neg_global_variance_log_ratio" and "neg_modulation_spectrum_rmse";
        greater is better. Clips without a value are left out of the means; nan if no clip has one.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Warns
    -----
    SilentClipWarning
        A signal is silent.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.model_selection import cross_validate
    >>> from skstyle import make_voice_converter
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import speech_scorer
    >>> X, y = make_parallel_speakers(n_sentences=4, duration=0.6, random_state=0)
    >>> converter = make_voice_converter(16000, Ridge(), trajectory=False, n_iter=1)
    >>> scores = cross_validate(converter, X, y, cv=2, scoring=speech_scorer)
    >>> scores["test_neg_mel_cepstral_distortion"].shape
    (2,)
    """
    sides = speech_pairs(y, converted(estimator, X), converted_sample_rate(estimator))
    scores = {}
    for name, values in speech_measures(*sides).items():
        mean = summarise(values, True, sample_weight)
        scores |= {name: mean} if name in SIMILARITIES else {f"neg_{name}": -mean}
    return scores
