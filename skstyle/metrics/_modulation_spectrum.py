"""Distance of the modulation spectra of mel-cepstra, as a function and as a scorer."""

from numbers import Integral, Real

import numpy as np

from ..exceptions import SilentClipWarning
from ..trajectory._modulation_spectrum import centre, log_amplitude, taper
from ..utils.rates import converted_sample_rate
from ._pairs import converted, summarise
from ._scorers import requestable
from ._speech_frames import speech_pairs, spoken_cepstra, warn_unknown

# Nepers of amplitude to decibels.
DB = 20 / np.log(10)
# Frames a second of the analysis.
FRAME_RATE_HZ = 200.0


def modulation_spectrum_rmse(
    y_true,
    y_pred,
    *,
    sample_rate=None,
    order=24,
    alpha="auto",
    segment_length=64,
    f_max_hz=50.0,
    silence_db=30.0,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Root mean square difference of log modulation spectra, in dB; 0 for identical clips.

    It tells how much of the fast and slow movements of mel-cepstra is missing or too many;
    statistical conversion loses the fast ones.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays, or list of arrays (n_frames, order + 1)
        Signals, which are analysed by :class:`~skstyle.features.MelCepstrum`; or mel-cepstra
        every 5 ms, c_0 first. They need not be aligned, and may differ in length.
    sample_rate : float, optional
        In Hz; needed for signals.
    order : int, default=24
        Order of the analysis of signals.
    alpha : float or "auto", default="auto"
        All-pass constant of the analysis of signals.
    segment_length : int or None, default=64
        Even number of frames in a segment, 320 ms; segments overlap by half, and their log
        spectra are averaged over a clip. None takes a clip as one segment, as long as the longer
        of the two.
    f_max_hz : float, default=50.0
        Highest modulation frequency; faster movements of cepstra are hardly heard.
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
    error : float, or ndarray of shape (n_clips,)
        In dB. Infinite if a coefficient is constant on one side only; nan if no coefficient
        varies, and means leave it out.

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
    skstyle.trajectory.ModulationSpectrumScaler : Gives converted cepstra the one of speech.

    Notes
    -----
    .. math:: \sqrt{\frac{1}{D K} \sum_{d=1}^{D} \sum_k (S_{d,k} - \hat S_{d,k})^2}

    where S is the power of the Fourier transform over time of c_d at modulation frequency k, in
    dB [1]_, the mean of c_d taken off; then the mean over clips. Shorter clips are padded with
    zeros to one segment; the power of a clip as one segment is that of a frame, so that its length
    does not matter.

    Log spectra of single segments scatter by 5.6 dB: as one segment each, two noises of one
    spectrum are 7.9 dB apart. The mean over the segments of 3 s leaves 2 dB.

    References
    ----------
    .. [1] S. Takamichi, T. Toda, A. W. Black, G. Neubig, S. Sakti and S. Nakamura,
       "Postfilters to modify the modulation spectrum for statistical parametric speech
       synthesis", IEEE/ACM Trans. ASLP 24, 2016. doi:10.1109/TASLP.2016.2522655

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.metrics import modulation_spectrum_rmse
    >>> speech = [np.random.default_rng(0).standard_normal((600, 25))]
    >>> weak = [0.5 * speech[0]]
    >>> round(modulation_spectrum_rmse(speech, weak, silence_db=None), 2)  # 20 log10(2)
    6.02
    """
    n = segment_length
    if n is not None and not (isinstance(n, Integral) and n >= 4 and n % 2 == 0):
        raise ValueError(
            f"segment_length must be an even integer of at least 4, or None; got {n!r}."
        )
    slowest = FRAME_RATE_HZ / (n or 4)
    if not (isinstance(f_max_hz, Real) and slowest <= f_max_hz <= FRAME_RATE_HZ / 2):
        raise ValueError(
            f"f_max_hz must lie between {slowest:g} and {FRAME_RATE_HZ / 2:g} Hz, half the rate "
            f"of frames; got {f_max_hz!r}."
        )
    sides = speech_pairs(
        y_true, y_pred, sample_rate, cepstra_ok=True, order=order, alpha=alpha, n_jobs=n_jobs
    )
    values = np.array(
        [
            modulation_distance(*(spoken_cepstra(clip, silence_db) for clip in pair), n, f_max_hz)
            for pair in zip(*sides, strict=True)
        ]
    )
    warn_unknown(values, "have no movement to compare", SilentClipWarning)
    return summarise(values, average, sample_weight)


def modulation_distance(true, pred, segment_length=64, f_max_hz=50.0):
    """Root mean square difference of two log modulation spectra.

    Parameters
    ----------
    true, pred : ndarray of shape (n_frames, n_columns)
        float64, every 5 ms; columns that are constant in both are left out.
    segment_length : int or None, default=64
    f_max_hz : float, default=50.0

    Returns
    -------
    distance : float
        In dB; nan if all columns of one are constant.
    """
    if true.shape[1] != pred.shape[1]:
        raise ValueError(
            f"y_true has {true.shape[1]} coefficients above c_0 and y_pred has {pred.shape[1]}: "
            "mel-cepstra of one order are compared."
        )
    centred = [centre(x) for x in (true, pred)]
    moves = np.array([x.any(axis=0) for x in centred])
    if not moves.any(axis=1).all():
        return np.nan
    if (moves[0] != moves[1]).any():
        return np.inf
    length = segment_length or max(len(true), len(pred), 4)
    # Of a clip as a whole, bin 0 is the mean, which is taken off.
    bins = slice(0 if segment_length else 1, int(f_max_hz * length / FRAME_RATE_HZ) + 1)
    a, b = (modulation_levels(x[:, moves[0]], length, segment_length is None) for x in centred)
    return float(np.sqrt(np.mean((a[bins] - b[bins]) ** 2)))


def modulation_levels(x, length, whole=False):
    """Mean over segments of the log power of every modulation frequency.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_columns)
        Without its mean.
    length : int
        Frames in a segment. A shorter sequence is padded; frames that do not fill one half of a
        segment at the end are left out.
    whole : bool, default=False
        The sequence is one segment, without a window, and its power that of one frame.

    Returns
    -------
    levels : ndarray of shape (length // 2 + 1, n_columns)
        In dB.
    """
    n_frames = len(x)
    if n_frames < length:
        x = np.pad(x, ((0, length - n_frames), (0, 0)))
    if whole:
        segments = x[None] / np.sqrt(n_frames)
    else:
        windows = np.lib.stride_tricks.sliding_window_view(x, length, axis=0)
        segments = windows[:: length // 2].transpose(0, 2, 1) * taper(length)[:, None]
    return DB * log_amplitude(np.fft.rfft(segments, axis=1))[0].mean(axis=0)


@requestable
def neg_modulation_spectrum_rmse_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative distance of modulation spectra, in dB.

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
        Greater is better; 0 moves as the target does.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import neg_modulation_spectrum_rmse_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_modulation_spectrum_rmse_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -modulation_spectrum_rmse(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
