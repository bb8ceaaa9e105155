"""Pitch of sounds whose pitch is known."""

import numpy as np
import pytest

from skstyle.features._f0 import f0_candidates, track_f0
from skstyle.features._viterbi import best_path

RATE = 16000
CENTRES = np.arange(0, RATE, 80)
# Frames whose whole window lies inside of one second.
INSIDE = slice(10, -10)


def f0_of(x, rate=RATE, low=71.0, high=600.0):
    centres = np.arange(0, len(x), rate // 200)
    return track_f0(x, rate, centres, 0.005, low, high)


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
    found = track_f0(x, rate, centres, 0.005, 71, 600)
    np.testing.assert_allclose(found[INSIDE], 150, rtol=0.01)


def test_pitch_of_a_chirp():
    contour = np.linspace(100, 200, RATE)
    phase = 2 * np.pi * np.cumsum(contour) / RATE
    x = sum(np.cos(k * phase) / k for k in range(1, 20)) / 4
    np.testing.assert_allclose(f0_of(x)[INSIDE], contour[CENTRES][INSIDE], rtol=0.01)


def test_missing_fundamental_is_heard():
    t = np.arange(RATE) / RATE
    x = sum(np.cos(2 * np.pi * 120 * k * t) for k in range(3, 12)) / 20
    np.testing.assert_allclose(f0_of(x)[INSIDE], 120, rtol=0.01)


def test_silence_is_unvoiced():
    assert not f0_of(np.zeros(RATE)).any()


def test_constant_is_unvoiced():
    assert not f0_of(np.full(RATE, 0.3)).any()


def test_white_noise_is_mostly_unvoiced():
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    assert (f0_of(noise) > 0).mean() < 0.05


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
    assert not track_f0(np.ones(n_times), RATE, np.array([0]), 0.005, 71, 600).any()


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


def test_candidates_are_ranked_and_padded():
    f0, strength, intensity = f0_candidates(pulses(200), RATE, CENTRES, 71, 600)
    assert f0.shape == strength.shape
    assert (np.isneginf(strength) == (f0 == 0)).all()
    assert ((intensity > 0.5) & (intensity <= 1)).all()
    best = np.take_along_axis(f0, strength.argmax(axis=1)[:, None], axis=1)[INSIDE]
    np.testing.assert_allclose(best, 200, rtol=0.01)


def exhaustive(octaves, strength, unvoiced, jump, change):
    """Score of the best of all paths."""
    n, k = strength.shape
    scores = []
    for states in np.ndindex(*[k + 1] * n):
        total = sum(strength[t, s] if s < k else unvoiced[t] for t, s in enumerate(states))
        for t in range(1, n):
            i, j = states[t - 1], states[t]
            if i < k and j < k:
                total -= jump * abs(octaves[t, j] - octaves[t - 1, i])
            elif i != j:
                total -= change
        scores.append(total)
    return max(scores)


def score_of(path, octaves, strength, unvoiced, jump, change):
    total = 0.0
    for t, s in enumerate(path):
        total += strength[t, s] if s >= 0 else unvoiced[t]
        if t and s >= 0 and path[t - 1] >= 0:
            total -= jump * abs(octaves[t, s] - octaves[t - 1, path[t - 1]])
        elif t and (s >= 0) != (path[t - 1] >= 0):
            total -= change
    return total


@pytest.mark.parametrize("seed", range(5))
def test_search_finds_the_best_of_all_paths(seed):
    rng = np.random.default_rng(seed)
    octaves, strength = rng.normal(size=(5, 2)), rng.uniform(size=(5, 2))
    strength[rng.random((5, 2)) < 0.2] = -np.inf
    unvoiced = rng.uniform(size=5)
    args = (octaves, strength, unvoiced, 0.2, 0.15)
    path = best_path(*args)
    assert score_of(path, *args) == pytest.approx(exhaustive(*args))
