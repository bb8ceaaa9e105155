"""Distance of timbre by statistics of MFCC, as a function and as a scorer."""

import numpy as np
from scipy.fft import dct

from ..utils.rates import converted_sample_rate
from ._pairs import converted, log_mel, signal_pairs, summarise
from ._scorers import requestable

# Levels of bands below it are rounding; so is a norm of MFCC, in dB.
LOWEST_DB = -100.0
FLAT_DB = 1e-6


def timbre_distance(
    y_true,
    y_pred,
    *,
    sample_rate,
    n_mfcc=12,
    n_fft=2048,
    hop_length=512,
    n_mels=128,
    top_db=80.0,
    level_db=-20.0,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Distance of the mean and spread of MFCC; 0 for identical clips, at most 2.

    It hardly depends on what is played or said, and when: the clips may differ in content and
    length.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays
        Signals.
    sample_rate : float
        In Hz.
    n_mfcc : int, default=12
        Number of coefficients; the first is c_1, loudness (c_0) is left out.
    n_fft, hop_length : int, default=2048 and 512
        Of the analysis, in samples. The defaults are for 16 kHz and above.
    n_mels : int, default=128
        Number of mel bands.
    top_db : float, default=80.0
        Levels this far below the highest one of their clip are raised to there.
    level_db : float or None, default=-20.0
        Every signal is brought to this level (root mean square) first, in dB where a constant
        of 1 has 0. None leaves them as loud as they are.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    distance : float, or ndarray of shape (n_clips,)
        A number without unit, between 0 and 2.

    Raises
    ------
    ValueError
        When the numbers of clips differ.

    Warns
    -----
    SilentClipWarning
        A signal is silent. Its distance is 1, and 0 from another silent one.

    See Also
    --------
    gram_distance : Of more statistics, such as which bands sound together.

    Notes
    -----
    .. math:: 1 - \frac{v \cdot \hat v}{|v| |\hat v|}

    where v holds the means over time of the MFCC [1]_ of a clip, then their standard deviations.
    The MFCC are an orthonormal DCT of the levels of mel bands in dB, as in librosa.

    References
    ----------
    .. [1] S. B. Davis and P. Mermelstein, "Comparison of parametric representations for
       monosyllabic word recognition in continuously spoken sentences", IEEE Trans. ASSP 28, 1980.
       doi:10.1109/TASSP.1980.1163420

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import timbre_distance
    >>> X, _ = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> another = timbre_distance(X, X[::-1], sample_rate=16000)  # another sentence
    >>> brighter = timbre_distance(X, [np.diff(x) for x in X], sample_rate=16000)
    >>> brighter > another
    True
    """
    if not 1 <= n_mfcc < n_mels:
        raise ValueError(
            f"Expected 1 <= n_mfcc < n_mels, got n_mfcc={n_mfcc} and n_mels={n_mels}: c_0 is left "
            "out."
        )
    if not top_db > 0:
        raise ValueError(f"top_db must be positive, got {top_db!r}.")
    sides = signal_pairs(y_true, y_pred, sample_rate, level_db)
    settings = {"n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
    a, b = (
        log_mel(side, sample_rate, floor_db=LOWEST_DB, n_jobs=n_jobs, **settings) for side in sides
    )
    distances = [
        cosine_distance(mfcc_statistics(p, n_mfcc, top_db), mfcc_statistics(q, n_mfcc, top_db))
        for p, q in zip(a, b, strict=True)
    ]
    return summarise(distances, average, sample_weight)


def mfcc_statistics(levels, n_mfcc, top_db):
    """Means, then standard deviations of the MFCC from c_1 on.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_mels)
        In dB.
    n_mfcc : int
    top_db : float

    Returns
    -------
    statistics : ndarray of shape (2 * n_mfcc,)
    """
    levels = np.maximum(levels, levels.max() - top_db)
    mfcc = dct(levels, axis=1, norm="ortho")[:, 1 : n_mfcc + 1]
    return np.concatenate([mfcc.mean(axis=0), mfcc.std(axis=0)])


def cosine_distance(u, v):
    """One minus the cosine; 1 if one of them is zero, 0 if both are."""
    norms = np.linalg.norm(u), np.linalg.norm(v)
    if min(norms) < FLAT_DB:
        return float(max(norms) >= FLAT_DB)
    return max(float(1 - (u @ v) / (norms[0] * norms[1])), 0.0)


@requestable
def neg_timbre_distance_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative distance of timbre.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score.

    Parameters
    ----------
    estimator : estimator with predict or transform
        From signals to signals. y has the sample rate of what comes out of its steps, behind a
        Resampler the new one.
    X, y : list of 1-D arrays
        Sources, and for each a clip of the timbre that it should get.
    sample_weight : array of shape (n_clips,), optional

    Returns
    -------
    score : float
        Greater is better; 0 is the timbre of the target.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import neg_timbre_distance_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_timbre_distance_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -timbre_distance(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
