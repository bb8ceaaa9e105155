"""Distance of short-time spectra at several resolutions, as a function and as a scorer."""

from functools import partial
from numbers import Real

import numpy as np

from ..signal._window import make_window
from ..utils.parallel import map_clips
from ..utils.rates import converted_sample_rate
from ._blocks import frame_blocks
from ._pairs import converted, signal_pairs, summarise
from ._scorers import requestable
from ._spectral_convergence import ratio_of_norms, squared_norms


def multi_resolution_stft_distance(
    y_true,
    y_pred,
    *,
    sample_rate,
    n_ffts=(512, 1024, 2048),
    hop_lengths=(50, 120, 240),
    win_lengths=(240, 600, 1200),
    floor_db=-70.0,
    level_db=-20.0,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Distance of spectra, loud bins and quiet ones, at several resolutions; 0 if identical.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays
        Signals.
    sample_rate : float
        In Hz.
    n_ffts : tuple of int, default=(512, 1024, 2048)
        Length of the Fourier transform of every resolution, in samples: those of [1]_, there at
        24 kHz.
    hop_lengths : tuple of int, default=(50, 120, 240)
        Samples between frames.
    win_lengths : tuple of int, default=(240, 600, 1200)
        Lengths of the window, which is Hann's.
    floor_db : float, default=-70.0
        Lower magnitudes are raised to it before the logarithm, where a magnitude of 1 has 0 dB.
    level_db : float or None, default=-20.0
        Every signal is brought to this level (root mean square) first, in dB where a constant
        of 1 has 0. None compares them as loud as they are.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    distance : float, or ndarray of shape (n_clips,)
        A number without unit, at least 0. The first half of it is relative to y_true, so that it
        is not the same if the sides change places; infinite if only y_true is silent.

    Raises
    ------
    ValueError
        When the numbers of clips differ, or those of the parameters of resolutions.

    Warns
    -----
    SilentClipWarning
        A signal is silent.

    See Also
    --------
    spectral_convergence : Its first half, at one resolution.

    Notes
    -----
    .. math:: \frac{1}{R} \sum_r \left( \frac{\| S_r - \hat S_r \|_F}{\| S_r \|_F}
              + \frac{1}{N_r} \| \ln S_r - \ln \hat S_r \|_1 \right)

    of the N magnitudes S of all frames centred within a clip, up to the end of the shorter one
    [1]_. It was made as a loss of vocoders: frames are compared one by one.

    References
    ----------
    .. [1] R. Yamamoto, E. Song and J.-M. Kim, "Parallel WaveGAN: a fast waveform generation model
       based on generative adversarial networks with multi-resolution spectrogram", ICASSP 2020.
       doi:10.1109/ICASSP40776.2020.9053795

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.metrics import multi_resolution_stft_distance
    >>> x = np.random.default_rng(0).standard_normal(16000)
    >>> half = multi_resolution_stft_distance([x], [x / 2], sample_rate=16000, level_db=None)
    >>> round(half, 4)  # 1/2 + ln 2
    1.1931
    """
    if not (isinstance(floor_db, Real) and np.isfinite(floor_db)):
        raise ValueError(f"floor_db must be a number of dB, got {floor_db!r}.")
    resolutions = make_resolutions(n_ffts, hop_lengths, win_lengths)
    sides = signal_pairs(y_true, y_pred, sample_rate, level_db)
    compare = partial(distance_of_signals, resolutions=resolutions, floor=10 ** (floor_db / 20))
    return summarise(map_clips(compare, *sides, n_jobs=n_jobs), average, sample_weight)


def make_resolutions(n_ffts, hop_lengths, win_lengths):
    """Make the window and the hop of every resolution.

    Parameters
    ----------
    n_ffts, hop_lengths, win_lengths : tuple of int

    Returns
    -------
    resolutions : list of (window, hop_length)
    """
    given = {"n_ffts": n_ffts, "hop_lengths": hop_lengths, "win_lengths": win_lengths}
    for name, values in given.items():
        if np.ndim(values) != 1 or len(values) == 0:
            raise ValueError(f"{name} must be a tuple of integers, got {values!r}.")
    if len({len(values) for values in given.values()}) > 1:
        counts = ", ".join(f"{len(values)} {name}" for name, values in given.items())
        raise ValueError(f"Every resolution needs one value of each, got {counts}.")
    return [
        make_window("hann", n_fft, win_length, hop_length)
        for n_fft, hop_length, win_length in zip(n_ffts, hop_lengths, win_lengths, strict=True)
    ]


def distance_of_signals(a, b, resolutions, floor):
    """Mean over resolutions of spectral convergence and mean difference of log magnitudes.

    Parameters
    ----------
    a, b : ndarray of shape (n_times,)
    resolutions : list of (window, hop_length)
    floor : float
        Least magnitude that is told from 0.

    Returns
    -------
    distance : float
    """
    return float(np.mean([_at_resolution(a, b, *pair, floor) for pair in resolutions]))


def _at_resolution(a, b, window, hop_length, floor):
    """Sum over blocks of frames: spectra of a long clip need not fit into memory."""
    norms, apart, n_bins = np.zeros(2), 0.0, 0
    sides = (frame_blocks(x, window, hop_length, np.abs) for x in (a, b))
    for pair in zip(*sides, strict=False):
        norms += squared_norms(*pair)
        n_frames = min(map(len, pair))
        logs = [np.log(np.maximum(s[:n_frames], floor)) for s in pair]
        apart += np.abs(logs[0] - logs[1]).sum()
        n_bins += logs[0].size
    return ratio_of_norms(*norms) + apart / n_bins


@requestable
def neg_multi_resolution_stft_distance_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative multi-resolution STFT distance.

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
    >>> from skstyle.metrics import neg_multi_resolution_stft_distance_scorer as scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -multi_resolution_stft_distance(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
