"""Periodic, noisy, and in between."""

import numpy as np
import pytest

from skstyle.features._aperiodicity import (
    FLOOR_DB,
    HIGH_POWER,
    LOW_HZ,
    LOW_POWER,
    _hann_autocorrelation,
    band_aperiodicity,
    band_edges,
)

RATE = 16000
CENTRES = np.arange(0, RATE, 80)
INSIDE = slice(20, -20)


def pulses(f0):
    period = RATE // f0
    x = np.zeros(RATE)
    x[::period] = np.sqrt(period)
    return x


def noise(power):
    return np.sqrt(power) * np.random.default_rng(0).standard_normal(RATE)


# What the estimate is raised to in every band, to make up for vibrato.
POWERS = np.where(band_edges(RATE)[1:] <= LOW_HZ, LOW_POWER, HIGH_POWER)


def estimate(x, f0):
    """Aperiodicity of frames inside of a sound whose period is whole."""
    f0 = np.full(len(CENTRES), RATE / (RATE // f0))
    return band_aperiodicity(x, RATE, CENTRES, f0, 1024)[INSIDE]


def mean_share_db(x, f0):
    """Mean aperiodic share of every band in dB, the powers undone."""
    return 10 * np.log10((10 ** (estimate(x, f0) / POWERS / 10)).mean(axis=0))


@pytest.mark.parametrize("f0", [100, 200])
def test_pulses_are_periodic(f0):
    assert (estimate(pulses(f0), f0) < -15).all()


@pytest.mark.parametrize("f0", [100, 200])
def test_noise_is_aperiodic(f0):
    assert (mean_share_db(noise(1.0), f0) > -2).all()
    assert (np.median(estimate(noise(1.0), f0), axis=0) > -6).all()


@pytest.mark.parametrize("f0", [100, 200])
@pytest.mark.parametrize("power", [0.1, 0.3, 1.0])
def test_mixture_shows_the_share_of_the_noise(f0, power):
    found = mean_share_db(pulses(f0) + noise(power), f0)
    np.testing.assert_allclose(found, 10 * np.log10(power / (1 + power)), atol=2)


@pytest.mark.parametrize("f0", [100, 200])
def test_more_noise_is_more_aperiodic(f0):
    medians = [np.median(estimate(pulses(f0) + noise(p), f0), axis=0) for p in (0, 0.1, 0.3, 1, 10)]
    assert (np.diff(medians, axis=0) > 0).all()


def test_noise_of_one_band_stays_there():
    spectrum = np.fft.rfft(noise(1.0))
    spectrum[: len(spectrum) // 2] = 0
    x = pulses(125) + np.fft.irfft(spectrum)
    assert (estimate(x, 125)[:, :2] < -20).all()
    np.testing.assert_allclose(mean_share_db(x, 125)[-2:], -3, atol=1.5)


def test_values_stay_between_the_floor_and_zero(speakers):
    x = speakers[0][0].astype(float)
    centres = np.arange(0, len(x), 80)
    db = band_aperiodicity(x, RATE, centres, np.full(len(centres), 130.0), 1024)
    assert db.min() >= FLOOR_DB
    assert db.max() <= 0


def test_unvoiced_frames_are_all_noise():
    f0 = np.where(np.arange(len(CENTRES)) < 100, 100.0, 0.0)
    db = band_aperiodicity(pulses(100), RATE, CENTRES, f0, 1024)
    assert (db[100:] == 0).all()
    assert (db[20:100] < -10).all()
    assert not band_aperiodicity(pulses(100), RATE, CENTRES, 0 * f0, 1024).any()


@pytest.mark.parametrize("gain", [1e-3, 10.0])
def test_gain_does_not_matter(gain):
    x = pulses(100) + noise(0.1)
    np.testing.assert_allclose(mean_share_db(gain * x, 100), mean_share_db(x, 100), atol=1e-6)


@pytest.mark.parametrize(
    ("rate", "edges"),
    [
        (8000, [0, 1000, 2000, 4000]),
        (16000, [0, 1000, 2000, 4000, 6000, 8000]),
        (22050, [0, 1000, 2000, 4000, 6000, 8000, 11025]),
        (48000, [0, 1000, 2000, 4000, 6000, 8000, 12000, 16000, 24000]),
    ],
)
def test_edges_of_the_bands(rate, edges):
    np.testing.assert_array_equal(band_edges(rate), edges)


def test_window_autocorrelation_is_that_of_a_hann_window():
    n = 4001
    window = np.hanning(n)
    exact = np.correlate(window, window, mode="full")[n - 1 :] / (window**2).sum()
    lags = np.array([0, 400, 1000, 2000, 3000])
    np.testing.assert_allclose(_hann_autocorrelation(lags / n), exact[lags], atol=1e-3)
