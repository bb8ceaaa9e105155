"""Gains of bands that change from frame to frame."""

import numpy as np
import pytest

from skstyle.transfer._band_gains import (
    apply_gains,
    bins_between_bands,
    silence_gains,
    smooth_gains,
)
from skstyle.transfer._levels import FLOOR_DB, log_mel, make_analysis


@pytest.fixture(scope="module")
def analysis():
    return make_analysis(16000, 24)


@pytest.fixture(scope="module")
def noise():
    return (0.1 * np.random.default_rng(0).standard_normal(9000)).astype(np.float32)


def n_frames(x, analysis):
    return len(log_mel(x, analysis))


def test_no_gain_is_the_identity(noise, analysis):
    y = apply_gains(noise, np.zeros((n_frames(noise, analysis), 24)), analysis)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, noise, atol=1e-6)


def test_one_gain_for_all_is_a_factor(noise, analysis):
    y = apply_gains(noise, np.full((n_frames(noise, analysis), 24), -20.0), analysis)
    np.testing.assert_allclose(y, 0.1 * noise, atol=1e-6)


def test_gains_are_bounded(noise, analysis):
    gains = np.full((n_frames(noise, analysis), 24), 1000.0)
    louder, softer = apply_gains(noise, gains, analysis), apply_gains(noise, -gains, analysis)
    np.testing.assert_allclose(louder, 100 * noise, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(softer, 1e-4 * noise, atol=1e-7)


def test_bands_are_raised_where_they_are(noise, analysis):
    gains = np.zeros((n_frames(noise, analysis), 24))
    gains[:, 12] = 20.0
    change = log_mel(apply_gains(noise, gains, analysis), analysis) - log_mel(noise, analysis)
    change = change[4:-4].mean(axis=0)
    assert change[12] > 10 and np.abs(change[:10]).max() < 0.5 and np.abs(change[15:]).max() < 0.5


def test_weights_are_shares(analysis):
    weights = bins_between_bands(analysis)
    np.testing.assert_allclose(weights.sum(axis=0), 1)
    assert weights.min() >= 0


def test_smoothing_keeps_constants_and_means():
    gains = np.zeros((50, 2))
    gains[20] = 1.0
    smooth = smooth_gains(gains, 3.0)
    np.testing.assert_allclose(smooth.sum(axis=0), 1)
    assert smooth.max() < 0.2
    np.testing.assert_allclose(smooth_gains(np.full((5, 2), 7.0), 3.0), 7)
    np.testing.assert_array_equal(smooth_gains(gains, 0), gains)


def test_silence_is_kept_silent():
    levels = np.full((6, 24), -10.0)
    levels[3] -= 45  # quiet, no silence
    levels[4] -= 55  # between; less the floor, 0.6 dB lower
    levels[5] = FLOOR_DB
    gains = silence_gains(levels, 6 * 100, 100)
    np.testing.assert_allclose(gains[[0, 100, 300]], 1, rtol=1e-5)
    assert 20 * np.log10(gains[400]) == pytest.approx(-33.5, abs=0.1)
    assert not gains[500:].any() and gains.dtype == np.float32
