"""Filters that count, and harmonics that agree."""

import numpy as np
import pytest

from skstyle.features._f0_candidates import (
    CHANNELS_PER_OCTAVE,
    agreements,
    channel_frequencies,
    channel_map,
    refine,
)

RATE = 8000
TIMES = np.arange(1000) * 0.001
CHANNELS = channel_frequencies(71, 600)
INSIDE = slice(100, -100)


def harmonics(f0, n=10):
    t = np.arange(RATE) / RATE
    return sum(np.cos(2 * np.pi * f0 * k * t) / k for k in range(1, n + 1)) / 3


def test_channels_cover_more_than_the_range():
    assert CHANNELS[0] < 71 < 600 < CHANNELS[-1]
    np.testing.assert_allclose(np.diff(np.log2(CHANNELS)), 1 / CHANNELS_PER_OCTAVE)


@pytest.mark.parametrize("f0", [83.0, 150.0, 411.0])
def test_channels_around_a_tone_count_it(f0):
    heard = channel_map(harmonics(f0), RATE, TIMES, CHANNELS)[INSIDE]
    near = np.abs(CHANNELS / f0 - 1) < 0.08
    np.testing.assert_allclose(heard[:, near], f0, rtol=2e-3)
    _, found = agreements(heard)
    assert (np.abs(found / f0 - 1) < 0.01).mean() > 0.3


def test_channels_do_not_hear_silence():
    assert not channel_map(np.zeros(RATE), RATE, TIMES, CHANNELS).any()


def test_agreements_need_ten_channels():
    heard = np.zeros((3, 40), np.float32)
    heard[0, 5:15] = np.arange(100, 110)
    heard[1, 5:14] = 100
    heard[2, :12] = 200
    heard[2, 28:] = 300
    frames, f0 = agreements(heard)
    np.testing.assert_array_equal(frames, [0, 2, 2])
    np.testing.assert_allclose(f0, [104.5, 200, 300])


@pytest.mark.parametrize("f0", [83.0, 150.0, 411.0])
def test_harmonics_correct_a_wrong_guess(f0):
    frames = np.arange(200, 800, 10)
    found = refine(harmonics(f0), RATE, TIMES, frames, np.full(60, 1.03 * f0), 71, 600)
    np.testing.assert_allclose(found[1], f0, rtol=5e-3)
    # Three frames on both sides are reached.
    assert len(found[0]) == 60 * 7
    assert (np.diff(found[0]) >= 0).all()


def test_score_falls_with_the_noise():
    x = harmonics(150)
    noise = np.random.default_rng(0).standard_normal(RATE)
    frames = np.arange(200, 800, 10)
    scores = [
        np.median(refine(x + a * noise, RATE, TIMES, frames, np.full(60, 150.0), 71, 600)[2])
        for a in (0, 0.1, 1)
    ]
    assert scores[0] > scores[1] > scores[2]


def test_candidates_outside_of_the_range_are_dropped():
    frames = np.arange(200, 800, 10)
    found = refine(harmonics(150), RATE, TIMES, frames, np.full(60, 150.0), 160, 600)
    assert len(found[0]) == 0


def test_no_candidates_give_none():
    frames, f0, score = refine(np.zeros(RATE), RATE, TIMES, np.zeros(0, int), np.zeros(0), 71, 600)
    assert len(frames) == len(f0) == len(score) == 0
