"""Two synthetic speakers who say the same sentences, with the truth about both.

A sentence is a score: formants, pitch, voicing and frication over time, on a control grid of
the source's time. A speaker renders a score: vocal tract, pitch, bandwidths, tilt. Everything
is written in continuous time and frequency, so one speaker is the same at any sample rate.
"""

from collections import namedtuple
from numbers import Integral, Real

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import PchipInterpolator
from sklearn.utils import Bunch, check_random_state

from ..utils.rates import check_sample_rate

# F1 to F3: averages of men (Peterson & Barney 1952); F4, of which they measured none, typical.
_VOWELS = np.array(
    [
        (270, 2290, 3010, 3600),  # heed
        (530, 1840, 2480, 3500),  # head
        (660, 1720, 2410, 3450),  # had
        (730, 1090, 2440, 3400),  # hod
        (570, 840, 2410, 3350),  # hawed
        (300, 870, 2240, 3300),  # who'd
    ],
    dtype=float,
)
# Where formants point while the fricatives s, sh and f are spoken.
_LOCI = np.array([(320, 1700, 2600, 3500), (300, 1900, 2500, 3400), (340, 1100, 2200, 3400)], float)
_FRICATIVE_DB = np.array([-5.0, -5.0, -13.0])
# Per fricative: corner of the high-pass and centre of the peak in Hz, width in octaves.
_FRICATION = ((3800, 6200, 0.45), (1900, 3000, 0.5), (1200, 6500, 1.5))

_BANDWIDTHS = np.array([70.0, 90.0, 130.0, 200.0])
# Formants above F4 are those of a uniform tube: the odd multiples of 500 Hz.
_TUBE_FORMANTS = np.array([500.0, 1500.0, 2500.0, 3500.0])
_TUBE_BANDWIDTH = 250.0
_F0_HZ = 120.0
_PEAK = 0.5
_CONTROL_S = 0.001
_TRUTH_S = 0.005
_RESPONSE_S = 0.064
# Room before each pulse for the ringing of its band-limited onset.
_LEAD = 32
# Glottal pulses weaker than this are not spoken, and the truth calls their time unvoiced.
_VOICING_MIN = 0.03

_VOWEL, _FRICATIVE, _PAUSE = 0, 1, 2
_Score = namedtuple("_Score", ["times", "formants", "f0", "voicing", "frication"])
_Speaker = namedtuple("_Speaker", ["tract", "f0", "bandwidth", "glottis_hz", "tilt_hz"])


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
        _Speaker(tract=1.0, f0=1.0, bandwidth=1.0, glottis_hz=200.0, tilt_hz=4000.0),
        _Speaker(vocal_tract_ratio, f0_ratio, bandwidth=1.2, glottis_hz=300.0, tilt_hz=2500.0),
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
    score = _write_score(rng, n_source / rate)
    warped = _warp(rng, score.times, time_warp)
    n_target = round(np.interp(n_source / rate, score.times, warped) * rate)
    clock = np.arange(0, n_target / rate + _CONTROL_S, _CONTROL_S)
    score_target = _retime(score, clock, np.interp(clock, warped, score.times))

    source, target = speakers
    turbulence, floor, turbulence_target, floor_target, floor_ideal = rng.randint(2**31 - 1, size=5)
    X = _render(score, source, n_source, rate, noise, turbulence, floor)
    y = _render(score_target, target, n_target, rate, noise, turbulence_target, floor_target)
    if not return_truth:
        return X, y
    # The ideal conversion keeps the very turbulence of the source, not only its statistics.
    ideal = _render(score, target, n_source, rate, noise, turbulence, floor_ideal)
    grid, grid_target = _truth_grid(n_source / rate), _truth_grid(n_target / rate)
    path = np.stack([grid, np.interp(grid, score.times, warped)], axis=1)
    return X, y, ideal, path, _f0(score, source, grid), _f0(score_target, target, grid_target)


def _truth_grid(seconds):
    return _TRUTH_S * np.arange(int(seconds / _TRUTH_S + 1e-9) + 1)


def _f0(score, speaker, times):
    f0 = speaker.f0 * np.interp(times, score.times, score.f0)
    return np.where(np.interp(times, score.times, score.voicing) > _VOICING_MIN, f0, 0.0)


def _draw_phones(rng, duration):
    """Draw kinds, indices and bounds in seconds of the phones of one sentence."""
    phones = [(_PAUSE, 0, rng.uniform(0.06, 0.12))]
    spoken, end = phones[0][2], rng.uniform(0.08, 0.15)
    while len(phones) == 1 or spoken + end < duration:
        n_before = len(phones)
        if rng.uniform() < 0.6:
            phones.append((_FRICATIVE, rng.randint(3), rng.uniform(0.07, 0.13)))
        for _ in range(1 + (rng.uniform() < 0.3)):
            phones.append((_VOWEL, rng.randint(len(_VOWELS)), rng.uniform(0.11, 0.24)))
        if rng.uniform() < 0.35:
            phones.append((_PAUSE, 0, rng.uniform(0.04, 0.14)))
        spoken += sum(length for *_, length in phones[n_before:])
    phones.append((_PAUSE, 0, end))
    kinds, indices, lengths = (np.array(column) for column in zip(*phones, strict=True))
    bounds = np.r_[0.0, np.cumsum(lengths)]
    return kinds, indices, bounds * (duration / bounds[-1])


def _write_score(rng, duration):
    """Draw a sentence and return its control tracks in the source's time."""
    kinds, indices, bounds = _draw_phones(rng, duration)
    times = np.arange(0, duration + _CONTROL_S, _CONTROL_S)
    starts, lengths = bounds[:-1], np.diff(bounds)
    vowels, fricatives = np.flatnonzero(kinds == _VOWEL), np.flatnonzero(kinds == _FRICATIVE)

    # A vowel holds from 30 % to 70 % of its time, a fricative passes its locus in the middle.
    where = np.r_[vowels, fricatives, vowels]
    share = np.repeat([0.3, 0.5, 0.7], [len(vowels), len(fricatives), len(vowels)])
    loci = np.vstack([_VOWELS[indices[vowels]], _LOCI[indices[fricatives]]])
    loci = np.vstack([loci, _VOWELS[indices[vowels]]])
    knots = starts[where] + share * lengths[where]
    order = np.argsort(knots)
    moves = PchipInterpolator(knots[order], np.log(loci[order]))
    formants = moves(np.clip(times, knots[order[0]], knots[order[-1]]))

    phone = np.clip(np.searchsorted(bounds, times, side="right") - 1, 0, len(kinds) - 1)
    level_db = rng.uniform(-3, 3, len(kinds)) - 3 * starts / duration
    level_db[fricatives] = _FRICATIVE_DB[indices[fricatives]] - 3 * starts[fricatives] / duration
    level = 10 ** (level_db / 20)
    voicing = _smooth((level * (kinds == _VOWEL))[phone], 0.04)
    is_spoken = (kinds == _FRICATIVE)[:, None] & (indices[:, None] == np.arange(3))
    frication = np.stack(
        [_smooth(column, 0.03) for column in (level[:, None] * is_spoken)[phone].T]
    )

    accents = rng.uniform(-0.05, 0.18, len(kinds)) * (kinds == _VOWEL)
    log_f0 = _smooth(accents[phone], 0.2) - 0.25 * times / duration
    log_f0 -= np.median(log_f0[voicing > _VOICING_MIN])
    return _Score(times, formants, _F0_HZ * np.exp(log_f0), voicing, frication)


def _smooth(track, seconds):
    """Smooth a control track with a Hann window."""
    window = np.hanning(round(seconds / _CONTROL_S) + 2)
    padded = np.pad(track, len(window) // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="same")[len(window) // 2 :][: len(track)]


def _warp(rng, times, strength):
    """Return the target's time of each source time, in seconds."""
    # Monotone interpolation stays within its knots: the pace never leaves 1 +- strength.
    knots = np.linspace(0, times[-1], max(2, round(times[-1] / 0.3) + 1))
    pace = 1 + strength * PchipInterpolator(knots, rng.uniform(-1, 1, len(knots)))(times)
    return cumulative_trapezoid(pace, times, initial=0)


def _retime(score, times, source_times):
    """Return a score in another time, given the source's time of each new time."""

    def at(track):
        return np.interp(source_times, score.times, track)

    formants = np.stack([at(track) for track in score.formants.T], axis=1)
    frication = np.stack([at(track) for track in score.frication])
    return _Score(times, formants, at(score.f0), at(score.voicing), frication)


def _render(score, speaker, n_times, rate, noise, turbulence_seed, noise_seed):
    """Let a speaker say a score."""
    clip = _voice(score, speaker, n_times, rate)
    clip += _fricate(score, speaker, n_times, rate, np.random.RandomState(turbulence_seed))
    clip *= _PEAK / max(np.abs(clip).max(), np.finfo(float).tiny)
    clip += noise * np.random.RandomState(noise_seed).standard_normal(n_times)
    return clip.astype(np.float32)


def _voice(score, speaker, n_times, rate):
    """Add up glottal pulses, each through the vocal tract of its moment."""
    cycles = cumulative_trapezoid(speaker.f0 * score.f0, score.times, initial=0)
    at = np.interp(np.arange(1, int(cycles[-1]) + 1), cycles, score.times)
    gain = np.interp(at, score.times, score.voicing)
    at, gain = at[gain > _VOICING_MIN], gain[gain > _VOICING_MIN]
    formants = np.stack([np.interp(at, score.times, track) for track in score.formants.T], axis=1)

    n_fft = next_fast_len(2 * _LEAD + round(_RESPONSE_S * rate), real=True)
    freqs = np.fft.rfftfreq(n_fft, 1 / rate)
    spectra = _tract_response(freqs, np.exp(formants), speaker)
    # All pulses get the same energy (power 1 at 120 Hz): the score alone sets how loud a vowel is.
    power = 2 * np.einsum("pf,pf->p", spectra.real, spectra.real)
    power += 2 * np.einsum("pf,pf->p", spectra.imag, spectra.imag)
    gain = gain * np.sqrt(rate / _F0_HZ * n_fft / power)
    first = np.floor(at * rate).astype(int)
    delay = at * rate - first + _LEAD
    spectra *= gain[:, None] * np.exp(-2j * np.pi / rate * delay[:, None] * freqs)
    pulses = irfft(spectra, n_fft, axis=1)

    where = first[:, None] + np.arange(n_fft)
    n_sum = n_times + _LEAD + n_fft
    total = np.bincount(where.ravel(), weights=pulses.ravel(), minlength=n_sum)
    # Without any pulse, bincount answers with integers.
    return total[_LEAD : _LEAD + n_times].astype(float, copy=False)


def _tract_response(freqs, formants, speaker):
    """Return the spectra of glottal pulses through a vocal tract.

    Parameters
    ----------
    freqs : ndarray of shape (n_freqs,)
        In Hz.
    formants : ndarray of shape (n_pulses, 4)
        In Hz, of the source.
    speaker : _Speaker

    Returns
    -------
    spectra : ndarray of shape (n_pulses, n_freqs), complex
    """
    jf = 1j * freqs
    fixed = jf / ((1 + jf / speaker.glottis_hz) ** 2 * (1 + jf / speaker.tilt_hz))
    # All resonances of the uniform tube in closed form, without its first four.
    tube = jf / speaker.tract
    fixed /= np.cosh(np.pi / 1000 * (tube + _TUBE_BANDWIDTH / 2))
    for centre in _TUBE_FORMANTS:
        rho2 = centre**2 + _TUBE_BANDWIDTH**2 / 4
        fixed *= 1 + tube * (tube + _TUBE_BANDWIDTH) / rho2
    # Fading out the last tenth of the band keeps the band limit from ringing.
    fixed *= np.cos(np.pi / 2 * np.clip(freqs / freqs[-1] * 10 - 9, 0, 1)) ** 2
    bandwidths = speaker.bandwidth * _BANDWIDTHS
    rho2 = (speaker.tract * formants) ** 2 + bandwidths**2 / 4
    denominator = np.ones((len(formants), len(freqs)), dtype=complex)
    for i, bandwidth in enumerate(bandwidths):
        denominator *= (rho2[:, i, None] - freqs**2) + jf * bandwidth
    return rho2.prod(axis=1, keepdims=True) * fixed / denominator


def _fricate(score, speaker, n_times, rate, rng):
    """Filter white noise into fricatives, each with its own gain over time."""
    n_fft = next_fast_len(n_times, real=True)
    # White noise of one power per Hz, whatever the rate.
    white = rfft(rng.standard_normal(n_times) * np.sqrt(rate / 16000), n_fft)
    freqs = np.fft.rfftfreq(n_fft, 1 / rate)
    times = np.arange(n_times) / rate
    total = np.zeros(n_times)
    for gain, (corner, peak, octaves) in zip(score.frication, _FRICATION, strict=True):
        high = (freqs / (speaker.tract * corner)) ** 2
        distance = np.log2(np.maximum(freqs, 1) / (speaker.tract * peak)) / octaves
        shape = high / np.sqrt(1 + high**2) * np.exp(-0.5 * distance**2)
        total += np.interp(times, score.times, gain) * irfft(white * shape, n_fft)[:n_times]
    return total
