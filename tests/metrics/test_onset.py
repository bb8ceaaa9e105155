"""F1 of onsets: pairing is optimal, onsets are where they were put."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from skstyle.metrics import onset_f1
from skstyle.metrics._onset import f1_of_times, onset_times, rise_of_level
from skstyle.metrics._pairs import log_mel

RATE = 16000
DETECTOR = {
    "n_fft": 512,
    "hop_length": 160,
    "n_mels": 40,
    "floor_db": -60.0,
    "lag": 2,
    "max_size": 3,
    "delta": 0.07,
}
TIMES = np.array([0.31, 0.62, 1.1, 1.5, 2.3, 2.61])


def notes(times=TIMES, vibrato_hz=0.0, decay=0.12, rate=RATE):
    """Harmonic notes that start at these times and die away."""
    rng = np.random.default_rng(0)
    x = 1e-4 * rng.standard_normal(int((max(times) + 0.7) * rate))
    t = np.arange(len(x)) / rate
    for start, hz in zip(
        times, rng.permutation(220 * 2 ** (np.arange(len(times)) / 6)), strict=True
    ):
        since = np.maximum(t - start, 0)
        phase = 2 * np.pi * hz * since + vibrato_hz * np.sin(2 * np.pi * 6 * since)
        x += (
            (t >= start) * np.exp(-since / decay) * sum(np.sin(k * phase) / k for k in (1, 2, 3, 4))
        )
    return 0.1 * x / np.sqrt(np.mean(x**2))


times = st.lists(st.integers(0, 300), max_size=12, unique=True).map(
    lambda ms: np.sort(np.array(ms, dtype=float)) / 1000
)


@given(times, times)
@settings(max_examples=200, deadline=None)
def test_as_many_onsets_as_possible_are_paired(a, b):
    expected = 1.0
    if len(a) + len(b):
        near = np.abs(a[:, None] - b) <= 0.05 + 1e-9
        found = maximum_bipartite_matching(csr_array(near)) if near.size else np.zeros(0)
        expected = 2 * (found >= 0).sum() / (len(a) + len(b)) if near.size else 0.0
    assert f1_of_times(a, b, 0.05) == f1_of_times(b, a, 0.05) == pytest.approx(expected)


def test_tolerance_is_included():
    a = np.array([0.1, 0.2])
    assert f1_of_times(a, a + 0.05, 0.05) == 1
    assert f1_of_times(a, a + 0.06, 0.05) == 0.5  # 0.16 and 0.2
    assert f1_of_times(a, a - 0.051, 0.02) == 0
    assert f1_of_times(a, a[:1], 0.05) == pytest.approx(2 / 3)
    assert f1_of_times(a, np.array([]), 0.05) == 0


def test_onsets_are_found_where_they_are():
    found = onset_times(notes(), sample_rate=RATE, **DETECTOR)
    assert found.shape == TIMES.shape
    assert np.abs(found - TIMES).max() < 0.03


@pytest.mark.parametrize(("shift_ms", "expected"), [(0, 1.0), (30, 1.0), (80, 0.0)])
def test_shifts_within_the_tolerance_agree(shift_ms, expected):
    x = notes()
    late = np.pad(x, (shift_ms * RATE // 1000, 0))
    assert onset_f1([x], [late], sample_rate=RATE) == expected
    wide = onset_f1([x], [late], sample_rate=RATE, tolerance_ms=100.0)
    assert wide == 1


def test_missing_onsets_count():
    found = onset_f1([notes()], [notes(TIMES[[0, 1, 3, 5]])], sample_rate=RATE)
    assert found == pytest.approx(2 * 4 / 10)


def test_timbre_does_not_matter():
    x = notes()
    assert onset_f1([x], [np.tanh(20 * x)], sample_rate=RATE) == 1
    assert onset_f1([x], [notes(decay=0.2)], sample_rate=RATE) == 1


def test_rates_do_not_matter_much():
    x = notes(rate=44100)
    assert onset_f1([x], [x], sample_rate=44100) == 1
    found = onset_times(x, sample_rate=44100, **{**DETECTOR, "n_fft": 1411, "hop_length": 441})
    assert found.shape == TIMES.shape
    assert np.abs(found - TIMES).max() < 0.03


def test_vibrato_hardly_rises():
    x = notes(np.array([0.3]), vibrato_hz=3.0, decay=2.0)
    mel = {"n_fft": 512, "hop_length": 160, "n_mels": 80, "floor_db": -60.0}
    (levels,) = log_mel([x], RATE, **mel)
    held = levels[35:95]  # the note has begun
    alone, beside = (rise_of_level(held, 2, m).max() for m in (1, 3))
    assert beside < 0.5 * alone


def test_rises_are_measured_against_neighbours():
    levels = np.zeros((6, 5))
    levels[3:, 2] = 10.0
    np.testing.assert_array_equal(rise_of_level(levels, 1, 1), [0, 0, 0, 2, 0, 0])
    np.testing.assert_array_equal(rise_of_level(levels, 2, 1), [0, 0, 0, 2, 2, 0])
    moved = levels.copy()
    moved[3:, 2], moved[:3, 3] = 10.0, 10.0  # from one band to the next
    assert rise_of_level(moved, 1, 1).any()
    assert not rise_of_level(moved, 1, 3).any()
    assert not rise_of_level(levels[:1], 2, 3).any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tolerance_ms": -1}, "tolerance_ms must be a number of at least 0"),
        ({"delta": np.nan}, "delta must be a number of at least 0"),
        ({"frame_ms": 0}, "frame_ms must be positive, in milliseconds"),
        ({"hop_ms": np.inf}, "hop_ms must be positive, in milliseconds"),
        ({"lag": 0}, "lag must be an integer of at least 1"),
        ({"max_size": 0}, "max_size must be an integer of at least 1"),
        ({"hop_ms": 100.0}, "leaves gaps"),
    ],
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises(ValueError, match=message):
        onset_f1([notes()], [notes()], sample_rate=RATE, **settings)
