"""Spoken texts: pitches, resonances, pauses, and what a text may have."""

import numpy as np
import pytest

from skstyle.datasets import make_spoken_text
from skstyle.datasets._spoken_texts import LETTERS, VOICES


def spectrum_of(x, sample_rate):
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)), n=8 * len(x))) ** 2
    return np.arange(len(power)) * sample_rate / (8 * len(x)), power


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("sample_rate", [8000, 16000])
def test_voices_have_their_pitch(voice, sample_rate):
    x = make_spoken_text("aaaa", voice, sample_rate=sample_rate, random_state=0).astype(float)
    product = np.correlate(x, x, "full")[len(x) :]
    lags = np.arange(1, len(product) + 1) / sample_rate
    # Within an octave, lest a resonance be taken for it.
    pitch = VOICES[voice][0]
    inside = (lags > 1 / (1.4 * pitch)) & (lags < 1.4 / pitch)
    found = 1 / lags[inside][product[inside].argmax()]
    # It falls from 1.1 to 0.9 times itself, and varies by 7 %.
    assert abs(found / pitch - 1) < 0.18


def test_letters_differ_in_their_resonances():
    loudest = {}
    for letter, (first, second) in LETTERS.items():
        hz, power = spectrum_of(make_spoken_text(3 * letter, "ben", random_state=0), 8000)
        loudest[letter] = hz[power.argmax()]
        assert first - 120 < loudest[letter] < second + 120
    assert loudest["a"] > loudest["o"] > loudest["u"]


def test_a_blank_is_a_pause():
    x = make_spoken_text("a a", "anna", random_state=0)
    part = len(x) // 3
    levels = [np.abs(x[k * part : (k + 1) * part][part // 2 :]).max() for k in range(3)]
    assert levels[1] < 0.01 * min(levels[0], levels[2])


def test_length_and_level():
    clips = [make_spoken_text("oui amie", random_state=seed) for seed in range(20)]
    seconds = np.array([len(x) for x in clips]) / 8000 / 8
    assert 0.079 < seconds.min() < 0.09 < 0.12 < seconds.max() <= 0.13
    for x in clips:
        assert x.dtype == np.float32
        np.testing.assert_allclose(np.abs(x).max(), 0.3, rtol=1e-6)


def test_same_seed_same_bytes():
    a, b, c = (make_spoken_text("momie", random_state=seed).tobytes() for seed in (0, 0, 1))
    assert a == b != c


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"text": "non"}, ValueError, "of the letters 'aeioum'"),
        ({"text": " "}, ValueError, "of the letters"),
        ({"text": ""}, ValueError, "of the letters"),
        ({"text": 5}, TypeError, "text must be a str"),
        ({"voice": "dora"}, ValueError, "voice must be one of"),
        ({"sample_rate": 4000}, ValueError, "at least 6000 Hz"),
    ],
)
def test_what_does_not_fit(parameters, error, message):
    with pytest.raises(error, match=message):
        make_spoken_text(**parameters)
