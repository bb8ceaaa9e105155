"""Pulses where they belong, gains that hold, filters of minimum phase."""

import numpy as np
import pytest
from scipy import signal

from skstyle.features import _synthesis
from skstyle.features._synthesis import (
    interpolate_frames,
    minimum_phase,
    overlap_add,
    pulse_times,
    synthesise,
)

N_BINS = 513


def steady(level=0.0, share=0.0):
    """All frames alike, whatever is asked for."""
    return lambda first, last: tuple(np.full((last - first, N_BINS), v) for v in (level, share))


def rms_db(x):
    return 10 * np.log10(np.mean(x**2))


def make(f0, level=0.0, share=0.0, n_times=16000, seed=0):
    """Synthesise with a flat envelope; f0 in cycles per sample, one value a frame."""
    return synthesise(f0, steady(level, share), 80.0, n_times, np.random.default_rng(seed))


@pytest.mark.parametrize("f0", [0.005, 0.0101, 1 / 77.7])
def test_pulses_are_one_period_apart(f0):
    times, periods = pulse_times(np.full(200, f0), 80.0, 16000)
    np.testing.assert_allclose(np.diff(times), 1 / f0, rtol=1e-9)
    np.testing.assert_allclose(periods, 1 / f0, rtol=1e-9)
    assert len(times) == pytest.approx(16000 * f0, abs=2)


def test_periods_follow_a_glide():
    f0 = np.linspace(0.005, 0.015, 200)
    times, periods = pulse_times(f0, 80.0, 16000)
    np.testing.assert_allclose(np.diff(times), periods[1:], rtol=0.02)
    contour = np.interp(times, np.arange(200) * 80.0, f0)
    np.testing.assert_allclose(1 / periods, contour, rtol=0.01)


def test_no_pulses_where_unvoiced():
    f0 = np.where(np.arange(200) < 100, 0.01, 0)
    times, _ = pulse_times(f0, 80.0, 16000)
    assert 70 < len(times) <= 81
    assert times.max() <= 100 * 80
    assert all(len(part) == 0 for part in pulse_times(np.zeros(10), 80.0, 800))


def test_pulses_of_long_clips_are_found_in_pieces(monkeypatch):
    f0 = np.interp(np.arange(200), [0, 100, 199], [0.005, 0.02, 0.009])
    whole = pulse_times(f0, 80.0, 16000)
    monkeypatch.setattr(_synthesis, "SAMPLES_AT_ONCE", 1001)
    np.testing.assert_allclose(pulse_times(f0, 80.0, 16000), whole, rtol=1e-9)


def test_only_the_frames_in_need_are_decoded():
    asked = []

    def decode(first, last):
        asked.append(last - first)
        return steady(share=0.5)(first, last)

    synthesise(np.full(2000, 0.01), decode, 80.0, 160000, np.random.default_rng(0))
    assert max(asked) < 300


def test_frames_are_interpolated_linearly_and_held_at_the_ends():
    frames = np.array([[0.0], [10.0], [40.0]])
    at = interpolate_frames(frames, np.array([-5.0, 0, 4, 8, 12, 16, 99]), 8.0)
    np.testing.assert_allclose(at.ravel(), [0, 0, 5, 10, 25, 40, 40])
    np.testing.assert_array_equal(interpolate_frames(frames[:1], np.array([3.0]), 8.0), [[0]])


def test_minimum_phase_keeps_the_amplitude_and_finds_the_filter():
    """An all-pole filter with poles inside the circle is its own minimum phase."""
    a = np.poly([0.9 * np.exp(0.5j), 0.9 * np.exp(-0.5j), -0.5]).real
    _, h = signal.freqz(1, a, worN=N_BINS, include_nyquist=True)
    found = minimum_phase(np.log(np.abs(h))[None])[0]
    np.testing.assert_allclose(np.abs(found), np.abs(h), rtol=1e-10)
    np.testing.assert_allclose(found, h, rtol=1e-6)


def test_overlap_add_cuts_at_both_ends():
    out = np.full(5, 10.0)
    overlap_add(np.ones((3, 4)), np.array([-2, 1, 3]), out)
    np.testing.assert_array_equal(out, [11, 12, 11, 12, 12])
    overlap_add(np.ones((1, 4)), np.array([5]), out)
    np.testing.assert_array_equal(out, [11, 12, 11, 12, 12])


@pytest.mark.parametrize("f0", [0.005, 0.00937])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_flat_envelope_gives_power_one(f0, share):
    assert rms_db(make(np.full(200, f0), share=share)) == pytest.approx(0, abs=0.5)


def test_unvoiced_is_noise_of_power_one_from_end_to_end():
    x = np.array([make(np.zeros(200), seed=s) for s in range(30)])
    for part in (slice(0, 400), slice(8000, 8400), slice(-400, None)):
        assert rms_db(x[:, part]) == pytest.approx(0, abs=0.5)
    spectrum = np.mean(np.abs(np.fft.rfft(x[:, :4000])) ** 2, axis=0) / 4000
    assert 10 * np.log10(spectrum[20:-20]).std() < 1.2


def test_level_is_the_envelope():
    for f0 in (np.zeros(200), np.full(200, 0.01)):
        gain = rms_db(make(f0, level=-2.0)) - rms_db(make(f0))
        assert gain == pytest.approx(20 * np.log10(np.e) * -2.0, abs=1e-3)


def test_unvoiced_frames_have_no_periodic_part():
    x = make(np.zeros(200), share=0.0)
    np.testing.assert_array_equal(x, make(np.zeros(200), share=1.0))


def test_voiced_part_is_periodic():
    x = make(np.full(200, 0.01))
    np.testing.assert_allclose(x[4000:8000], x[4100:8100], atol=0.02)


def test_fractional_delays_neither_wrap_nor_lose_power():
    """A period of 77.7 samples puts every pulse between samples."""
    x = make(np.full(200, 1 / 77.7))
    peaks = np.array([np.abs(x[a : a + 78]).max() for a in range(2000, 12000, 78)])
    assert peaks.max() / peaks.min() < 2
    spectrum = np.abs(np.fft.rfft(x[2000:12000] * np.hanning(10000))) ** 2
    frequency = np.arange(len(spectrum)) / 10000
    harmonic = np.abs(frequency * 77.7 - np.round(frequency * 77.7)) < 0.05
    assert spectrum[~harmonic].sum() < 1e-3 * spectrum.sum()
    first = int(pulse_times(np.full(200, 1 / 77.7), 80.0, 16000)[0][0])
    assert np.abs(x[: first - 40]).max() < 0.05 * np.abs(x).max()


@pytest.mark.parametrize("n_times", [1, 7, 79, 81, 4001])
def test_length_is_exact(n_times):
    f0 = np.full(-(-n_times // 80), 0.01)
    x = make(f0, share=0.5, n_times=n_times)
    assert x.shape == (n_times,)
    assert np.isfinite(x).all()


def test_hop_need_not_be_whole():
    x = synthesise(np.full(200, 0.01), steady(share=0.5), 110.25, 22050, np.random.default_rng(0))
    assert rms_db(x) == pytest.approx(0, abs=0.5)


def test_seed_decides():
    f0 = np.zeros(50)
    assert make(f0).tobytes() == make(f0).tobytes()
    assert not np.array_equal(make(f0), make(f0, seed=1))
