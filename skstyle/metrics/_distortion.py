"""Mel-cepstral distortion, as a function and as a scorer."""

import numpy as np

from ..alignment._distortion import MCD_CONSTANT
from ..utils.rates import converted_sample_rate
from ._pairs import converted, summarise
from ._scorers import requestable
from ._speech_frames import frame_paths, speech_pairs


def mel_cepstral_distortion(
    y_true,
    y_pred,
    *,
    sample_rate=None,
    order=24,
    alpha="auto",
    include_c0=False,
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
    include_c0 : bool, default=False
        Compare c_0 (loudness) too, as some papers do: the sum starts at d = 0, and the gain of a
        clip matters. The path is that of c_1 and above either way.
    align : bool, default=True
        Compare along the path of dynamic time warping; False compares frame by frame,
        silence too, up to the end of the shorter clip.
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
    distortion : float, or ndarray of shape (n_clips,)
        In dB.

    Raises
    ------
    ValueError
        When the numbers of clips differ, or signals come without a sample rate.

    Warns
    -----
    SilentClipWarning
        A signal is silent; it is analysed as silence.

    Notes
    -----
    .. math:: \frac{10}{\ln 10} \frac{1}{T} \sum_t
              \sqrt{2 \sum_{d=1}^{24} (c_{t,d} - \hat c_{t,d})^2}

    The root is taken per frame, then the mean over the T steps of the path, then the mean
    over clips. c_0 (loudness) is left out by default.

    Mel-cepstra speak of the whole band, and a sound without its top is counted for it. At 22.05
    kHz, inversions of mel spectra that end at 8 kHz leave half an octave empty: speech that a
    steep filter cuts off there is 19 dB from itself.

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
    sides = speech_pairs(
        y_true, y_pred, sample_rate, cepstra_ok=True, order=order, alpha=alpha, n_jobs=n_jobs
    )
    paths = frame_paths(*sides, align=align, silence_db=silence_db, band=band, n_jobs=n_jobs)
    values = [
        path_distortion(true.mcep, pred.mcep, path, include_c0)
        for true, pred, path in zip(*sides, paths, strict=True)
    ]
    return summarise(values, average, sample_weight)


def path_distortion(a, b, path, include_c0=False):
    """Mean over a path of the distance of mel-cepstra, in dB.

    Parameters
    ----------
    a, b : ndarray of shape (n_frames, order + 1)
    path : int ndarray of shape (n_steps, 2)
    include_c0 : bool, default=False

    Returns
    -------
    distortion : float
    """
    first = 0 if include_c0 else 1
    difference = a[path[:, 0], first:].astype(np.float64) - b[path[:, 1], first:]
    return float(MCD_CONSTANT * np.sqrt((difference**2).sum(axis=1)).mean())


@requestable
def neg_mel_cepstral_distortion_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative MCD of its waveforms, in dB.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score. The converted signals are
    analysed again, so that synthesis counts too; ``SignalConverter.score`` compares the
    converted features instead, which is faster.

    A Resampler before the converter goes well with cross-validation. Behind it, score a fitted
    pipeline: cross-validation gives one y to ``fit``, which wants the rate of the converter, and
    to the scorer, which wants that of the output.

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
    >>> from skstyle.metrics import neg_mel_cepstral_distortion_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_mel_cepstral_distortion_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -mel_cepstral_distortion(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
