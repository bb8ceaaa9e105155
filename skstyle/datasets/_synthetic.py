"""Two synthetic speakers who say the same sentences, with the truth about both.

A sentence is a score (``_spoken_score``), which speakers render (``_synthetic_voice``), each in a
timing of its own. Everything is written in continuous time and frequency, so one speaker is the
same at any sample rate.
"""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import Bunch, check_random_state

from ..utils.rates import check_sample_rate
from ._spoken_score import CONTROL_S, VOICING_MIN, retime, warp_times, write_score
from ._synthetic_voice import Speaker, render

_TRUTH_S = 0.005


def make_parallel_speakers(
    n_sentences=12,
    *,
    sample_rate=16000,
    vocal_tract_ratio=1.15,
    f0_ratio=1.5,
    time_warp=0.15,
    duration=1.5,
    noise=0.001,
    random_state=None,
    return_truth=False,
):
    """Make sentences of vowels, fricatives and pauses, said by two speakers.

    The target speaker says what the source says with formants and pitch multiplied, with
    other bandwidths and another spectral tilt, at a locally different pace.

    Parameters
    ----------
    n_sentences : int, default=12
        The first sentences do not depend on it.
    sample_rate : float, default=16000
        In Hz.
    vocal_tract_ratio : float, default=1.15
        Formants of the target over formants of the source.
    f0_ratio : float, default=1.5
        Fundamental frequency of the target over that of the source, whose median is 120 Hz.
    time_warp : float, default=0.15
        Largest relative difference of the local pace, in [0, 0.5). With 0, both speakers
        have the same timing.
    duration : float, default=1.5
        Mean length of the source's sentences in seconds, at least 0.3; they vary by 20 %.
    noise : float, default=0.001
        Standard deviation of the white background noise; 0.001 is -60 dB of full scale.
        With 0, pauses are digital silence.
    random_state : int, RandomState instance or None, default=None
        The same seed gives the same bytes.
    return_truth : bool, default=False
        Return also what a perfect conversion would know.

    Returns
    -------
    X, y : list of ndarray of shape (n_times,)
        Source and target clips, float32, with a peak of about 0.5.
    truth : :class:`~sklearn.utils.Bunch`
        Only with ``return_truth=True``. Lists with one item per sentence:

        targets : ndarray of shape (n_times,)
            The target voice in the timing of the source: the ideal conversion of ``X[i]``.
        paths : ndarray of shape (n_points, 2)
            Source time and target time in seconds of the same event, strictly increasing,
            every 5 ms of source time.
        f0_source, f0_target : ndarray of shape (n_points,)
            Fundamental frequency in Hz every 5 ms of the clip's own time, 0 where unvoiced.
        ids : str
            Names such as ``"sentence-000"``.

    Raises
    ------
    TypeError, ValueError
        When a parameter is out of range.

    Notes
    -----
    A voiced stretch is a sum of band-limited glottal pulses, each of the spectrum

    .. math:: \\frac{jf}{(1 + jf/f_g)^2 (1 + jf/f_t)}
              \\prod_i \\frac{\\rho_i^2}{\\rho_i^2 - f^2 + jfB_i}, \\quad
              \\rho_i^2 = F_i^2 + B_i^2 / 4

    with the formants :math:`F_i` [1]_ and bandwidths :math:`B_i` at the time of the pulse: the
    cascade branch of a formant synthesiser [2]_ in continuous time. Above the fourth, formants
    are those of a uniform tube. Fricatives are white noise through fixed filters. Formants
    move monotonically from vowel to vowel by way of the loci of consonants.

    References
    ----------
    .. [1] G. E. Peterson and H. L. Barney (1952). Control methods used in a study of the
       vowels. J. Acoust. Soc. Am. 24, 175-184. https://doi.org/10.1121/1.1906875
    .. [2] D. H. Klatt (1980). Software for a cascade/parallel formant synthesizer.
       J. Acoust. Soc. Am. 67, 971-995. https://doi.org/10.1121/1.383940

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> X, y, truth = make_parallel_speakers(2, random_state=0, return_truth=True)
    >>> len(X), len(y), X[0].dtype
    (2, 2, dtype('float32'))
    >>> truth.targets[0].shape == X[0].shape
    True
    >>> truth.ids
    ['sentence-000', 'sentence-001']
    """
    _check_parameters(n_sentences, vocal_tract_ratio, f0_ratio, time_warp, duration, noise)
    rate = float(check_sample_rate(sample_rate))
    speakers = (
        Speaker(tract=1.0, f0=1.0, bandwidth=1.0, glottis_hz=200.0, tilt_hz=4000.0),
        Speaker(vocal_tract_ratio, f0_ratio, bandwidth=1.2, glottis_hz=300.0, tilt_hz=2500.0),
    )
    # A seed of its own for every sentence keeps the first ones when n_sentences grows.
    root = check_random_state(random_state).randint(2**31 - 1, size=2)
    rows = [
        _make_sentence([*root, i], speakers, rate, time_warp, duration, noise, return_truth)
        for i in range(n_sentences)
    ]
    X, y, *truth = (list(column) for column in zip(*rows, strict=True))
    if not return_truth:
        return X, y
    names = ("targets", "paths", "f0_source", "f0_target")
    ids = [f"sentence-{i:03d}" for i in range(n_sentences)]
    return X, y, Bunch(**dict(zip(names, truth, strict=True)), ids=ids)


def _check_parameters(n_sentences, vocal_tract_ratio, f0_ratio, time_warp, duration, noise):
    if not isinstance(n_sentences, Integral) or isinstance(n_sentences, bool):
        raise TypeError(f"n_sentences must be an integer, got {n_sentences!r}.")
    if n_sentences < 1:
        raise ValueError(f"n_sentences must be at least 1, got {n_sentences}.")
    for name, value, fits, expected in (
        ("vocal_tract_ratio", vocal_tract_ratio, lambda v: v > 0, "positive"),
        ("f0_ratio", f0_ratio, lambda v: v > 0, "positive"),
        ("time_warp", time_warp, lambda v: 0 <= v < 0.5, "in [0, 0.5)"),
        ("duration", duration, lambda v: v >= 0.3, "at least 0.3 s"),
        ("noise", noise, lambda v: v >= 0, "0 or more"),
    ):
        if not isinstance(value, Real) or isinstance(value, bool):
            raise TypeError(f"{name} must be a number, got {value!r}.")
        if not (np.isfinite(value) and fits(value)):
            raise ValueError(f"{name} must be {expected}, got {value!r}.")


def _make_sentence(seed, speakers, rate, time_warp, duration, noise, return_truth):
    """Return source clip, target clip and, if asked, what truth says about them."""
    rng = np.random.RandomState(seed)
    n_source = round(duration * rng.uniform(0.8, 1.2) * rate)
    score = write_score(rng, n_source / rate)
    warped = warp_times(rng, score.times, time_warp)
    n_target = round(np.interp(n_source / rate, score.times, warped) * rate)
    clock = np.arange(0, n_target / rate + CONTROL_S, CONTROL_S)
    score_target = retime(score, clock, np.interp(clock, warped, score.times))

    source, target = speakers
    turbulence, floor, turbulence_target, floor_target, floor_ideal = rng.randint(2**31 - 1, size=5)
    X = render(score, source, n_source, rate, noise, turbulence, floor)
    y = render(score_target, target, n_target, rate, noise, turbulence_target, floor_target)
    if not return_truth:
        return X, y
    # The ideal conversion keeps the very turbulence of the source, not only its statistics.
    ideal = render(score, target, n_source, rate, noise, turbulence, floor_ideal)
    grid, grid_target = _truth_grid(n_source / rate), _truth_grid(n_target / rate)
    path = np.stack([grid, np.interp(grid, score.times, warped)], axis=1)
    return X, y, ideal, path, _f0(score, source, grid), _f0(score_target, target, grid_target)


def _truth_grid(seconds):
    return _TRUTH_S * np.arange(int(seconds / _TRUTH_S + 1e-9) + 1)


def _f0(score, speaker, times):
    f0 = speaker.f0 * np.interp(times, score.times, score.f0)
    return np.where(np.interp(times, score.times, score.voicing) > VOICING_MIN, f0, 0.0)
