"""Steps equal for loud and for quiet sounds."""

import numpy as np
import pytest

from skstyle.signal._fourier import frame_count
from skstyle.transfer._descent import descend
from skstyle.transfer._levels import at_unit_level, level_of
from skstyle.transfer._waveform_steering import (
    CONTRAST,
    SteeredLoss,
    descend_steered,
    log_levels,
    reach_of,
    shaped_noise,
    steer,
)

N_FFT = 64


def noise(n_times=700, seed=0, dtype=np.float64):
    x = np.random.default_rng(seed).standard_normal(n_times).astype(dtype)
    return (x * dtype(0.1)).astype(dtype)


def random_reach(n_times=700, seed=1):
    shape = (frame_count(n_times, N_FFT // 4), N_FFT // 2 + 1)
    return np.exp(np.random.default_rng(seed).standard_normal(shape))


def test_levels_are_logarithms_and_silence_is_zero():
    x = np.concatenate([noise(), np.zeros(300)])
    levels = log_levels(x, N_FFT)
    assert levels.shape == (frame_count(1000, 16), 33) and not levels[-10:].any()
    assert levels[:40].mean() == pytest.approx(np.log(CONTRAST), rel=0.1)
    louder = log_levels(10 * x, N_FFT)[5:35]
    assert (louder - levels[5:35]).mean() == pytest.approx(np.log(10), rel=0.01)


def test_reach_follows_the_clip_and_the_style():
    levels = np.full((4, 3), 5.0)
    levels[2:] = 2.0
    reach = reach_of(levels, np.array([1.0, 2.0, 9.0]))
    assert reach.mean() == pytest.approx(1) and (reach > 0).all()
    # No less than what is there; more where the style is loud; less in quiet frames.
    assert reach[0, 0] == reach[0, 1] and reach[0, 2] > 10 * reach[0, 0]
    assert (reach[2] < reach[0]).all()


def test_a_reach_of_one_is_the_identity():
    x = noise()
    y = steer(x, np.ones_like(random_reach()))
    np.testing.assert_allclose(y[N_FFT:-N_FFT], x[N_FFT:-N_FFT], atol=1e-12)


def test_the_filter_is_symmetric_and_positive_definite():
    reach = random_reach(100)
    P = np.stack([steer(row, reach) for row in np.eye(100)])
    np.testing.assert_allclose(P, P.T, atol=1e-12)
    assert np.linalg.eigvalsh(P).min() > 1e-3


def test_dtype_stays():
    assert steer(noise(dtype=np.float32), random_reach().astype(np.float32)).dtype == np.float32


def test_gradient_of_a_steered_loss_agrees_with_finite_differences():
    A = np.random.default_rng(2).standard_normal((60, 60))

    def loss(x):
        return float(np.sum(np.tanh(A @ x))), A.T @ (1 - np.tanh(A @ x) ** 2)

    start, reach = noise(60, 3), random_reach(60)
    steered = SteeredLoss(loss, start, reach)
    np.testing.assert_allclose(steered.waveform(start), start)
    u = start + noise(60, 4)
    _, gradient = steered(u)
    for i in (0, 7, 31, 59):
        step = np.zeros(60)
        step[i] = 1e-6
        slope = (steered(u + step)[0] - steered(u - step)[0]) / 2e-6
        assert gradient[i] == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_peaks_are_cut_off():
    wanted = 40 * noise(300, 5)

    def loss(x):
        assert np.abs(x).max() < 2.401
        return float(np.sum((x - wanted) ** 2)), 2 * (x - wanted)

    x, losses = descend_steered(loss, 0.5 * noise(300, 6), np.zeros(33), max_iter=60)
    assert np.abs(x).max() == pytest.approx(2.4) and losses[-1] < 0.5 * losses[0]
    loud = noise(300, 7)
    loud[100] = 3.0
    np.testing.assert_array_equal(
        descend_steered(lambda x: (0.0, 0 * x), loud, np.zeros(33), max_iter=3)[0], loud
    )


def test_steering_gets_further_in_as_many_steps():
    # Levels of a spectrum that spans 60 dB, to be reached from those of another one.
    n = 512
    tilt = 10 ** (-3 * np.arange(n // 2 + 1) / (n // 2))
    rng = np.random.default_rng(0)
    start, wanted = (
        np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * t) for t in (tilt, tilt[::-1])
    )
    start, wanted = at_unit_level(start)[0], at_unit_level(wanted)[0]
    start, wanted = start.astype(np.float64), wanted.astype(np.float64)
    target = np.log(np.abs(np.fft.rfft(wanted)) ** 2 + 1e-6)

    def loss(x):
        X = np.fft.rfft(x)
        power = np.abs(X) ** 2 + 1e-6
        away = np.log(power) - target
        G = 4 * away / power * X
        # The adjoint of rfft: inner bins stand for two.
        G[[0, -1]] *= 2
        return float(np.sum(away**2)), n * np.fft.irfft(G, n) / 2

    _, bare = descend(loss, start, lower=-np.inf, max_iter=45)
    levels = log_levels(wanted, N_FFT).mean(axis=0)
    x, steered = descend_steered(loss, start, levels, max_iter=45)
    assert steered[0] == bare[0] and steered[-1] < 0.5 * bare[-1]
    assert (np.diff(steered) < 0).all() and len(steered) == 46
    assert loss(x)[0] == steered[-1]


def test_noise_has_the_spectrum_of_the_style():
    levels = np.linspace(8, 3, 33).astype(np.float32)
    spectrum = np.stack([levels, 0.1 + 0 * levels, levels + 1])
    x = shaped_noise(20000, spectrum, np.random.default_rng(0))
    assert x.dtype == np.float32 and len(x) == 20000
    assert level_of(x) == pytest.approx(0.1, rel=1e-4)
    made = log_levels(x, N_FFT).mean(axis=0)
    away = made - levels
    assert np.abs(away - away.mean())[2:-2].max() < 0.3
    again = shaped_noise(20000, spectrum, np.random.default_rng(0))
    np.testing.assert_array_equal(x, again)
    other = shaped_noise(20000, spectrum, np.random.default_rng(1))
    assert not np.array_equal(x, other)
    silent = shaped_noise(50, np.zeros((3, 33), np.float32), np.random.default_rng(0))
    assert silent.shape == (50,) and not silent.any()
