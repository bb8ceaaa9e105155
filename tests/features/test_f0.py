"""Pitch of sounds whose pitch is known."""

import numpy as np
import pytest

from skstyle.features import _f0
from skstyle.features._f0 import learned_range, track_f0

RATE = 16000
CENTRES = np.arange(0, RATE, 80)
# Frames whose whole window lies inside of one second.
INSIDE = slice(10, -10)


def f0_of(x, rate=RATE, low=71.0, high=600.0):
    centres = np.arange(0, len(x), rate // 200)
    return track_f0(x, rate, centres, low, high)


def sine(f0, rate=RATE):
    return 0.5 * np.sin(2 * np.pi * f0 * np.arange(rate) / rate)


def pulses(f0, rate=RATE):
    """Band-limited pulses: all harmonics below 7 kHz, in cosine phase."""
    t = np.arange(rate) / rate
    harmonics = np.arange(1, int(7000 / f0))
    return np.cos(2 * np.pi * f0 * harmonics[:, None] * t).sum(axis=0) / len(harmonics) / 2


@pytest.mark.parametrize("sound", [sine, pulses])
@pytest.mark.parametrize("f0", [80.0, 117.3, 200.0, 311.0, 400.0])
def test_pitch_of_steady_sounds_within_one_percent(sound, f0):
    found = f0_of(sound(f0))[INSIDE]
    np.testing.assert_allclose(found, f0, rtol=0.01)


@pytest.mark.parametrize("rate", [8000, 44100])
def test_pitch_does_not_depend_on_the_rate(rate):
    x = sum(np.cos(2 * np.pi * 150 * k * np.arange(rate) / rate) for k in range(1, 20)) / 40
    centres = np.round(np.arange(200) * rate / 200).astype(int)
    found = track_f0(x, rate, centres, 71, 600)
    np.testing.assert_allclose(found[INSIDE], 150, rtol=0.01)


def test_pitch_of_a_chirp():
    contour = np.linspace(100, 200, RATE)
    phase = 2 * np.pi * np.cumsum(contour) / RATE
    x = sum(np.cos(k * phase) / k for k in range(1, 20)) / 4
    np.testing.assert_allclose(f0_of(x)[INSIDE], contour[CENTRES][INSIDE], rtol=0.01)


def test_silence_is_unvoiced():
    assert not f0_of(np.zeros(RATE)).any()


def test_constant_is_unvoiced():
    assert not f0_of(np.full(RATE, 0.3)).any()


def test_white_noise_is_mostly_unvoiced():
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    assert (f0_of(noise) > 0).mean() < 0.2


@pytest.mark.parametrize("gain", [1e-3, 7.0])
def test_gain_does_not_matter(speakers, gain):
    x = speakers[0][0].astype(float)
    np.testing.assert_allclose(f0_of(gain * x), f0_of(x), rtol=1e-6)


def test_pauses_between_tones_are_unvoiced():
    x = pulses(150) * (np.arange(RATE) // (RATE // 4) % 2)
    voiced = f0_of(x) > 0
    assert not voiced[10:40].any()
    assert voiced[60:90].all()
    assert not voiced[110:140].any()
    assert voiced[160:190].all()


def test_contour_stays_in_the_range():
    found = f0_of(pulses(300), low=100.0, high=250.0)
    assert ((found == 0) | ((found > 95) & (found < 255))).all()


@pytest.mark.parametrize("n_times", [1, 2, 50])
def test_tiny_clips_are_unvoiced(n_times):
    assert not track_f0(np.ones(n_times), RATE, np.array([0]), 71, 600).any()


def test_synthetic_voices_have_the_pitch_of_their_truth():
    from skstyle.datasets import make_parallel_speakers

    X, _, truth = make_parallel_speakers(2, random_state=1, return_truth=True)
    for x, expected in zip(X, truth.f0_source, strict=True):
        found = f0_of(x.astype(float))[: len(expected)]
        both = (found > 0) & (expected[: len(found)] > 0)
        error = np.abs(found[both] / expected[: len(found)][both] - 1)
        assert np.median(error) < 0.01
        assert (error > 0.2).mean() < 0.02
        assert ((found > 0) != (expected[: len(found)] > 0)).mean() < 0.15


def test_a_long_clip_in_pieces_is_the_same(speakers, monkeypatch):
    x = np.resize(np.concatenate(speakers[0][:3]).astype(float), 5 * RATE)
    whole = f0_of(x)
    monkeypatch.setattr(_f0, "PIECE_S", 1.3)
    pieces = f0_of(x)
    assert ((whole > 0) == (pieces > 0)).mean() > 0.97
    both = (whole > 0) & (pieces > 0)
    assert (np.abs(pieces[both] / whole[both] - 1) < 0.01).mean() > 0.97


def test_range_of_a_speaker_leaves_an_octave():
    low, high = learned_range(np.tile([0.0, 190, 200, 210], 100), 40, 1600)
    assert 40 < low <= 95
    assert 420 <= high < 1600
    # Half octaves from the wide range: similar speakers have the same one.
    assert np.log2(low / 40) * 2 == pytest.approx(round(np.log2(low / 40) * 2))
    assert learned_range(np.tile([0.0, 188, 201, 212], 100), 40, 1600) == (low, high)


def test_range_is_kept_when_there_is_little_to_learn_from():
    assert learned_range(np.tile([0, 200.0], 20), 71, 600) == (71, 600)
    assert learned_range(np.array([72.0, 599.0] * 100), 71, 600) == (71, 600)
