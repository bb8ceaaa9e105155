"""Synthetic tunes: pitches, lengths, levels, and what tells instruments apart."""

import numpy as np
import pytest

from skstyle.datasets import make_tune
from skstyle.datasets._tunes import INSTRUMENTS, TUNES


def strongest_hz(x, sample_rate):
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)), n=8 * len(x)))
    return spectrum.argmax() * sample_rate / (8 * len(x))


@pytest.mark.parametrize("instrument", INSTRUMENTS)
@pytest.mark.parametrize("sample_rate", [8000, 16000, 44100])
def test_notes_have_their_pitch(instrument, sample_rate):
    notes = [(69, 1), (71, 1), (None, 0.5), (60, 1)]
    x = make_tune(notes, instrument, sample_rate=sample_rate, beat=0.4, random_state=0)
    assert len(x) == round(3.5 * 0.4 * sample_rate)
    for start, f0 in ((0, 440.0), (0.4, 493.88), (1.0, 261.63)):
        note = x[int(start * sample_rate) : int((start + 0.4) * sample_rate)]
        partial = strongest_hz(note, sample_rate) / f0
        # The strongest partial is a low one; those of bells are stretched.
        assert abs(partial - round(partial)) < 0.03 * round(partial)
        assert 1 <= round(partial) <= 6


def test_rests_are_silent():
    x = make_tune([(60, 1), (None, 1)], "clarinet", beat=0.5, random_state=0)
    assert np.all(x[8000:] == 0)
    assert not np.any(make_tune([(None, 1)], random_state=0))


@pytest.mark.parametrize("tune", TUNES)
def test_instruments_keep_the_time_and_the_level(tune):
    clips = [make_tune(tune, instrument, random_state=0) for instrument in INSTRUMENTS]
    assert len({len(x) for x in clips}) == 1
    for x in clips:
        assert x.dtype == np.float32
        assert np.abs(x).max() < 1
        np.testing.assert_allclose(np.sqrt(np.mean(x.astype(float) ** 2)), 0.1, rtol=1e-5)


def test_transposed_by_an_octave():
    low, high = (make_tune([(60, 1)], "flute", transpose=k, random_state=0) for k in (0, 12))
    np.testing.assert_allclose(strongest_hz(high, 16000), 2 * strongest_hz(low, 16000), rtol=0.01)


def test_same_seed_same_bytes():
    a, b, c = (make_tune("twinkle", "fiddle", random_state=seed) for seed in (0, 0, 1))
    assert a.tobytes() == b.tobytes() != c.tobytes()


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"tune": "jingle"}, ValueError, "tune must be notes or one of"),
        ({"tune": []}, ValueError, "list of notes"),
        ({"tune": 5}, ValueError, "list of notes"),
        ({"tune": [60, 62]}, ValueError, "A note is"),
        ({"tune": [("C4", 1)]}, ValueError, "A note is"),
        ({"tune": [(60, np.inf)]}, ValueError, "A note is"),
        ({"transpose": -200}, ValueError, "when it is transposed"),
        ({"tune": [(120, 1)], "sample_rate": 8000}, ValueError, "too high for a sample rate"),
        ({"beat": 1e-6}, ValueError, "less than a sample"),
        ({"instrument": ["flute"]}, ValueError, "instrument must be one of"),
        ({"tune": [(60, 0)]}, ValueError, "A note is"),
        ({"tune": [(200, 1)]}, ValueError, "A note is"),
        ({"instrument": "kazoo"}, ValueError, "instrument must be one of"),
        ({"transpose": "up"}, TypeError, "transpose must be a number"),
        ({"beat": 0}, ValueError, "beat must be above 0 s"),
        ({"sample_rate": 16}, ValueError, "kHz"),
    ],
)
def test_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        make_tune(**parameters)
