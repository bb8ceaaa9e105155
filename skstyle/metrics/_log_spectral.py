"""Log-spectral distance, as a function and as a scorer."""

import numpy as np

from ..utils.rates import converted_sample_rate
from ..utils.validation import check_paired, check_sequences
from ._pairs import converted, first_ndim, log_mel, signal_pairs, summarise
from ._paths import PairAligner, check_alignment
from ._scorers import requestable


def log_spectral_distance(
    y_true,
    y_pred,
    *,
    sample_rate=None,
    n_fft=1024,
    hop_length=256,
    n_mels=80,
    floor_db=-60.0,
    level_db=-20.0,
    align=False,
    band=None,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Distance of log-mel spectra (LSD) in decibels; 0 for identical clips.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays, or list of arrays (n_frames, n_bands)
        Signals; or levels in dB, of any bands or bins, which are compared as they are.
    sample_rate : float, optional
        In Hz; needed for signals.
    n_fft, hop_length : int, default=1024 and 256
        Of the analysis of signals, in samples. Values are comparable between equal settings at
        equal rates; the defaults are for 16 kHz.
    n_mels : int, default=80
        Number of mel bands of the analysis.
    floor_db : float, default=-60.0
        Lower levels of bands are raised to it.
    level_db : float or None, default=-20.0
        Every signal is brought to this level (root mean square) first, in dB where a constant
        of 1 has 0. None compares them as loud as they are.
    align : bool, default=False
        Compare along the path of dynamic time warping; False compares frame by frame, up to
        the end of the shorter clip.
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
    distance : float, or ndarray of shape (n_clips,)
        In dB.

    Raises
    ------
    ValueError
        When the numbers of clips or of bands differ, or signals come without a sample rate.

    Warns
    -----
    SilentClipWarning
        A signal is silent; it is compared as one at the floor.

    See Also
    --------
    mel_cepstral_distortion : Of spectral envelopes, for speech.

    Notes
    -----
    .. math:: \frac{1}{T} \sum_t \sqrt{\frac{1}{K} \sum_{k=1}^{K} (L_{t,k} - \hat L_{t,k})^2}

    The root is taken per frame, then the mean over T frames or steps of the path, then the mean
    over clips [1]_. The frames are those centred within a clip, as librosa counts them.

    References
    ----------
    .. [1] A. H. Gray and J. D. Markel, "Distance measures for speech processing", IEEE Trans.
       ASSP 24, 1976. doi:10.1109/TASSP.1976.1162849

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import log_spectral_distance
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> log_spectral_distance(X, [2 * x for x in X], sample_rate=16000) < 1e-6
    True
    >>> log_spectral_distance(y, X, sample_rate=16000, align=True) > 3
    True
    """
    check_alignment(align, band)
    if first_ndim(y_true) == 1:
        if sample_rate is None:
            raise ValueError(
                "Signals need their sample rate to be compared: pass sample_rate=... (Hz), "
                "or pass levels in dB (n_frames, n_bands)."
            )
        sides = signal_pairs(y_true, y_pred, sample_rate, level_db)
        settings = {"n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
        settings |= {"floor_db": floor_db, "n_jobs": n_jobs}
        a, b = (log_mel(side, sample_rate, **settings) for side in sides)
    else:
        a = check_sequences(y_true, name="y_true").items
        b = check_sequences(y_pred, name="y_pred").items
        check_paired(a, b, name_x="y_true", name_y="y_pred")
        if a[0].shape[1] != b[0].shape[1]:
            raise ValueError(
                f"y_true has {a[0].shape[1]} features and y_pred has {b[0].shape[1]}: levels of "
                "the same bands are compared."
            )
    if align:
        paths = PairAligner(band=band, n_jobs=n_jobs).align(a, b)
        a = [x[path[:, 0]] for x, path in zip(a, paths, strict=True)]
        b = [x[path[:, 1]] for x, path in zip(b, paths, strict=True)]
    distances = [level_distance(*pair) for pair in zip(a, b, strict=True)]
    return summarise(distances, average, sample_weight)


def level_distance(a, b):
    """Mean over frames of the root mean square difference, up to the shorter end.

    Parameters
    ----------
    a, b : ndarray of shape (n_frames, n_bands)
        In dB.

    Returns
    -------
    distance : float
        In dB.
    """
    n_frames = min(len(a), len(b))
    difference = a[:n_frames].astype(np.float64) - b[:n_frames]
    return float(np.sqrt((difference**2).mean(axis=1)).mean())


@requestable
def neg_log_spectral_distance_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative log-spectral distance, in dB.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score. Frames are compared one by one,
    for methods that keep the timing of the source.

    Parameters
    ----------
    estimator : estimator with predict or transform
        From signals to signals. y has the sample rate of what comes out of its steps, behind a
        Resampler the new one.
    X, y : list of 1-D arrays
        Sources, and what they should become.
    sample_weight : array of shape (n_clips,), optional

    Returns
    -------
    score : float
        Greater is better; 0 is the target itself.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import neg_log_spectral_distance_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_log_spectral_distance_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -log_spectral_distance(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
