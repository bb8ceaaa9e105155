"""Spectral convergence, as a function and as a scorer."""

from functools import partial

import numpy as np

from ..signal._window import make_window
from ..utils.parallel import map_clips
from ..utils.rates import converted_sample_rate
from ..utils.validation import check_paired, check_sequences
from ._blocks import frame_blocks
from ._pairs import converted, first_ndim, signal_pairs, summarise
from ._scorers import requestable


def spectral_convergence(
    y_true,
    y_pred,
    *,
    sample_rate=None,
    n_fft=1024,
    hop_length=256,
    level_db=-20.0,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Relative distance of magnitude spectra; 0 for identical clips.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays, or list of arrays (n_frames, n_bins)
        Signals; or magnitudes, which are compared as they are.
    sample_rate : float, optional
        In Hz; needed for signals.
    n_fft, hop_length : int, default=1024 and 256
        Of the analysis of signals, in samples, with a Hann window. Values are comparable between
        equal settings at equal rates; the defaults are for 16 kHz.
    level_db : float or None, default=-20.0
        Every signal is brought to this level (root mean square) first, in dB where a constant
        of 1 has 0. None compares them as loud as they are: half the amplitude is then a
        distance of 0.5.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    distance : float, or ndarray of shape (n_clips,)
        A number without unit, at least 0; that of silence is 1. It is relative to y_true, and
        not the same if the sides change places; infinite if only y_true is silent.

    Raises
    ------
    ValueError
        When the numbers of clips or of bins differ, or signals come without a sample rate.

    Warns
    -----
    SilentClipWarning
        A signal is silent.

    See Also
    --------
    multi_resolution_stft_distance : With quiet bins too, at several resolutions.
    log_spectral_distance : In dB, of mel bands.

    Notes
    -----
    .. math:: \frac{\| S - \hat S \|_F}{\| S \|_F}

    of the magnitudes S of all frames centred within a clip, up to the end of the shorter one
    [1]_; as a loss it comes from [2]_. Loud bins decide it. Frames are compared one by one: it is
    for resynthesis, and methods that keep the timing of the source.

    References
    ----------
    .. [1] N. Sturmel and L. Daudet, "Signal reconstruction from STFT magnitude: a state of the
       art", 14th Int. Conference on Digital Audio Effects (DAFx-11), 2011.
    .. [2] S. Ö. Arık, H. Jun and G. Diamos, "Fast spectrogram inversion using multi-head
       convolutional neural networks", IEEE Signal Processing Letters 26(1), 2019.
       doi:10.1109/LSP.2018.2880284

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.metrics import spectral_convergence
    >>> x = np.random.default_rng(0).standard_normal(16000)
    >>> spectral_convergence([x], [0.5 * x], sample_rate=16000) < 1e-6
    True
    >>> round(spectral_convergence([x], [0.5 * x], sample_rate=16000, level_db=None), 6)
    0.5
    """
    if first_ndim(y_true) == 1:
        if sample_rate is None:
            raise ValueError(
                "Signals need their sample rate to be compared: pass sample_rate=... (Hz), "
                "or pass magnitudes (n_frames, n_bins)."
            )
        window, hop_length = make_window("hann", n_fft, hop_length=hop_length)
        sides = signal_pairs(y_true, y_pred, sample_rate, level_db)
        compare = partial(convergence_of_signals, window=window, hop_length=hop_length)
        values = map_clips(compare, *sides, n_jobs=n_jobs)
    else:
        a = check_sequences(y_true, name="y_true").items
        b = check_sequences(y_pred, name="y_pred").items
        check_paired(a, b, name_x="y_true", name_y="y_pred")
        if a[0].shape[1] != b[0].shape[1]:
            raise ValueError(
                f"y_true has {a[0].shape[1]} features and y_pred has {b[0].shape[1]}: magnitudes "
                "of the same bins are compared."
            )
        values = [convergence(*pair) for pair in zip(a, b, strict=True)]
    return summarise(values, average, sample_weight)


def convergence_of_signals(a, b, window, hop_length):
    """Spectral convergence, with a few frames in memory at a time.

    Parameters
    ----------
    a, b : ndarray of shape (n_times,)
    window : ndarray of shape (n_fft,)
    hop_length : int

    Returns
    -------
    distance : float
    """
    blocks = zip(*(frame_blocks(x, window, hop_length, np.abs) for x in (a, b)), strict=False)
    sums = np.sum([squared_norms(*pair) for pair in blocks], axis=0)
    return ratio_of_norms(*sums)


def convergence(a, b):
    """Norm of the difference beside the norm of the first, up to the shorter end.

    Parameters
    ----------
    a, b : ndarray of shape (n_frames, n_bins)

    Returns
    -------
    distance : float
        Infinite if only the first is zero.
    """
    return ratio_of_norms(*squared_norms(a, b))


def squared_norms(a, b):
    """Return the squared norms of the difference and of the first, up to the shorter end.

    Parameters
    ----------
    a, b : ndarray of shape (n_frames, n_bins)

    Returns
    -------
    apart, size : float
    """
    n_frames = min(len(a), len(b))
    a, b = (side[:n_frames].astype(np.float64, copy=False) for side in (a, b))
    return np.linalg.norm(a - b) ** 2, np.linalg.norm(a) ** 2


def ratio_of_norms(apart, size):
    """Return the ratio of two norms that are given as squares; infinite if only the second is 0.

    Parameters
    ----------
    apart, size : float

    Returns
    -------
    ratio : float
    """
    return float(np.sqrt(apart / size)) if size > 0 else np.inf if apart > 0 else 0.0


@requestable
def neg_spectral_convergence_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative spectral convergence.

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
    >>> from skstyle.metrics import neg_spectral_convergence_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_spectral_convergence_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -spectral_convergence(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
