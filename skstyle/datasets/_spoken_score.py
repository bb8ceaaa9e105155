"""The score of a synthetic sentence: formants, pitch, voicing and frication over time.

Tracks are on a control grid, in the source's time until they are given another.
"""

from collections import namedtuple

import numpy as np
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import PchipInterpolator

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

F0_HZ = 120.0
CONTROL_S = 0.001
# Glottal pulses weaker than this are not spoken, and the truth calls their time unvoiced.
VOICING_MIN = 0.03

_VOWEL, _FRICATIVE, _PAUSE = 0, 1, 2
Score = namedtuple("Score", ["times", "formants", "f0", "voicing", "frication"])
Score.__doc__ = """Control tracks: seconds, log-formants (n_points, 4), pitch in Hz, gains of
voicing and of every fricative (3, n_points)."""


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


def write_score(rng, duration):
    """Draw a sentence.

    Parameters
    ----------
    rng : RandomState
    duration : float
        In seconds.

    Returns
    -------
    score : Score
        In the source's time.
    """
    kinds, indices, bounds = _draw_phones(rng, duration)
    times = np.arange(0, duration + CONTROL_S, CONTROL_S)
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
    log_f0 -= np.median(log_f0[voicing > VOICING_MIN])
    return Score(times, formants, F0_HZ * np.exp(log_f0), voicing, frication)


def _smooth(track, seconds):
    """Smooth a control track with a Hann window."""
    window = np.hanning(round(seconds / CONTROL_S) + 2)
    padded = np.pad(track, len(window) // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="same")[len(window) // 2 :][: len(track)]


def warp_times(rng, times, strength):
    """Return the target's time of each source time.

    Parameters
    ----------
    rng : RandomState
    times : ndarray of shape (n_points,)
        In seconds.
    strength : float
        Largest relative difference of the local pace.

    Returns
    -------
    warped : ndarray of shape (n_points,)
        In seconds.
    """
    # Monotone interpolation stays within its knots: the pace never leaves 1 +- strength.
    knots = np.linspace(0, times[-1], max(2, round(times[-1] / 0.3) + 1))
    pace = 1 + strength * PchipInterpolator(knots, rng.uniform(-1, 1, len(knots)))(times)
    return cumulative_trapezoid(pace, times, initial=0)


def retime(score, times, source_times):
    """Return a score in another time.

    Parameters
    ----------
    score : Score
    times : ndarray of shape (n_points,)
        The new ones, in seconds.
    source_times : ndarray of shape (n_points,)
        Where each of them is in the score, in seconds.

    Returns
    -------
    retimed : Score
    """

    def at(track):
        return np.interp(source_times, score.times, track)

    formants = np.stack([at(track) for track in score.formants.T], axis=1)
    frication = np.stack([at(track) for track in score.frication])
    return Score(times, formants, at(score.f0), at(score.voicing), frication)
