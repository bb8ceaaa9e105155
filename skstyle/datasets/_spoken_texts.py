"""Texts of a language of six letters, spoken by synthetic voices."""

import numpy as np
from scipy.signal import lfilter
from sklearn.utils import check_random_state

from ..utils.rates import check_sample_rate

# Two resonances of every letter in Hz. A blank is a pause.
LETTERS = {
    "a": (800, 1200),
    "e": (500, 1900),
    "i": (300, 2300),
    "o": (500, 900),
    "u": (320, 650),
    "m": (250, 1300),
}
# Pitch in Hz, and a factor of the resonances: a short throat has high ones.
VOICES = {"anna": (210, 1.2), "ben": (110, 1.0), "carl": (150, 0.85)}
_PAUSE = (500, 1500)
_LETTER_S = (0.08, 0.13)
_BREATH = 0.003
# Radius of the poles at 8 kHz: resonances are 90 Hz wide at any rate.
_RADIUS_8K = 0.965
_PEAK = 0.3
# Resonances lie below half of it.
_LEAST_RATE_HZ = 6000


def make_spoken_text(text="oui amie", voice="anna", *, sample_rate=8000, random_state=None):
    """Say a text in a language of six letters, each of which is a steady sound.

    Parameters
    ----------
    text : str, default="oui amie"
        Of the letters a, e, i, o, u and m, and blanks, which are pauses.
    voice : {"anna", "ben", "carl"}, default="anna"
        They differ in pitch and in the length of the throat.
    sample_rate : float, default=8000
        In Hz.
    random_state : int, RandomState instance or None, default=None
        Of the tempo, the pitch and the breath. The same seed gives the same bytes.

    Returns
    -------
    signal : ndarray of shape (n_times,)
        Single precision, with a peak of 0.3.

    Raises
    ------
    TypeError, ValueError
        When a letter or a name is unknown, or the sample rate is below 6000 Hz.

    Notes
    -----
    Pulses of falling pitch go through two resonators of second order, which keep their state from
    letter to letter. A letter lasts 80 to 130 ms, the same in the whole text.

    Examples
    --------
    >>> from skstyle.datasets import make_spoken_text
    >>> clip = make_spoken_text("oui amie", "ben", random_state=0)
    >>> clip.dtype, bool(8 * 0.08 < len(clip) / 8000 < 8 * 0.13)
    (dtype('float32'), True)
    """
    rate = float(check_sample_rate(sample_rate))
    if rate < _LEAST_RATE_HZ:
        raise ValueError(f"sample_rate must be at least {_LEAST_RATE_HZ} Hz, got {rate:g} Hz.")
    if not isinstance(voice, str) or voice not in VOICES:
        raise ValueError(f"voice must be one of {tuple(VOICES)}, got {voice!r}.")
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {text!r}.")
    unknown = sorted(set(text) - set(LETTERS) - {" "})
    if unknown or not text.strip():
        raise ValueError(
            f"text must be of the letters {''.join(LETTERS)!r}, and blanks between, got {text!r}."
        )
    rng = check_random_state(random_state)
    pitch, throat = VOICES[voice]
    n = int(rate * rng.uniform(*_LETTER_S))
    contour = pitch * rng.uniform(0.93, 1.07) * np.linspace(1.1, 0.9, n * len(text))
    pulses = np.diff(np.floor(np.cumsum(contour) / rate), prepend=0)
    pulses += _BREATH * rng.normal(size=pulses.size)
    radius = _RADIUS_8K ** (8000 / rate)
    parts, states = [], np.zeros((2, 2))
    for letter, x in zip(text, pulses.reshape(len(text), n), strict=True):
        x = x * (letter != " ")
        for k, frequency in enumerate(LETTERS.get(letter, _PAUSE)):
            pole = radius * np.exp(2j * np.pi * frequency * throat / rate)
            x, states[k] = lfilter([1], [1, -2 * pole.real, abs(pole) ** 2], x, zi=states[k])
        parts.append(x)
    signal = np.concatenate(parts)
    return (_PEAK * signal / np.abs(signal).max()).astype(np.float32)
