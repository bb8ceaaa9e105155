"""The projections against their definitions, written out without blocks and shortcuts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import get_window

from skstyle.signal._fourier import frame_count, istft, stft
from skstyle.signal._griffin_lim import griffin_lim
from skstyle.signal._phase_steps import admm_step, fast_step, plain_step


def consistent(spectra, window, hop, n_times):
    """Project on the spectra of signals."""
    return stft(istft(spectra, window, hop, n_times), window, hop)


def with_magnitude(spectra, magnitude):
    """Project on the spectra of these magnitudes."""
    size = np.abs(spectra)
    return magnitude * np.where(size > 0, spectra / np.where(size > 0, size, 1), 1)


def random_problem(n_times, n_fft, hop, seed=0):
    """Magnitudes of no signal, with phases to start from."""
    rng = np.random.default_rng(seed)
    shape = frame_count(n_times, hop), n_fft // 2 + 1
    magnitude = rng.gamma(1.0, size=shape)
    phase = rng.uniform(-np.pi, np.pi, shape)
    phase[:, [0, -1]] = 0
    return magnitude, magnitude * np.exp(1j * phase)


WINDOW, HOP, N_TIMES = get_window("hann", 32), 8, 300
PROBLEM = random_problem(N_TIMES, 32, HOP)


def solve(**parameters):
    magnitude, start = PROBLEM
    return griffin_lim(magnitude, start.copy(), WINDOW, HOP, N_TIMES, **parameters)


def test_plain():
    magnitude, c = PROBLEM
    for _ in range(4):
        c = with_magnitude(consistent(c, WINDOW, HOP, N_TIMES), magnitude)
    np.testing.assert_allclose(solve(method="griffin-lim", n_iter=4)[0], c, atol=1e-10)


@pytest.mark.parametrize("momentum", [0.0, 0.7, 0.99])
def test_fast_is_that_of_perraudin(momentum):
    """Eqs. of the paper: t[n] = P1(P2(c[n-1])), c[n] = t[n] + momentum (t[n] - t[n-1])."""
    magnitude, c = PROBLEM
    last = consistent(c, WINDOW, HOP, N_TIMES)
    for _ in range(4):
        t = consistent(with_magnitude(c, magnitude), WINDOW, HOP, N_TIMES)
        c = t + momentum * (t - last)
        last = t
    found = solve(method="fast-griffin-lim", momentum=momentum, n_iter=4)[0]
    np.testing.assert_allclose(found, with_magnitude(c, magnitude), atol=1e-10)


@pytest.mark.parametrize("rho", [0.05, 0.2, 1.0])
def test_admm_is_that_of_masuyama(rho):
    """X = P2(Z - U), Y = X + U, Z = (rho Y + P1(Y)) / (1 + rho), U = Y - Z."""
    magnitude, z = PROBLEM
    u = np.zeros_like(z)
    for _ in range(5):
        x = with_magnitude(z - u, magnitude)
        y = x + u
        z = (rho * y + consistent(y, WINDOW, HOP, N_TIMES)) / (1 + rho)
        u = y - z
    # The first X is the start itself.
    found = solve(method="admm", rho=rho, n_iter=4)[0]
    np.testing.assert_allclose(found, x, atol=1e-9)


def test_zero_momentum_is_the_plain_method():
    fast = solve(method="fast-griffin-lim", momentum=0.0, n_iter=5)
    plain = solve(method="griffin-lim", n_iter=5)
    np.testing.assert_array_equal(fast[0], plain[0])
    np.testing.assert_array_equal(fast[1], plain[1])


@settings(max_examples=25, deadline=None)
@given(
    n_times=st.integers(1, 300),
    n_fft=st.sampled_from([8, 16, 31, 64]),
    overlap=st.integers(2, 8),
    window=st.sampled_from(["hann", "hamming", "blackman"]),
    seed=st.integers(0, 99),
)
def test_plain_never_gets_worse(n_times, n_fft, overlap, window, seed):
    """The theorem of Griffin and Lim, in the norm over the whole of each spectrum."""
    window, hop = get_window(window, n_fft), max(n_fft // overlap, 1)
    magnitude, start = random_problem(n_times, n_fft, hop, seed)
    twice = np.full(n_fft // 2 + 1, 2.0)
    twice[0] = 1
    if n_fft % 2 == 0:
        twice[-1] = 1
    else:
        start[:, -1] = magnitude[:, -1]
    last = np.inf
    for n_iter in range(6):
        c, _ = griffin_lim(
            magnitude, start.copy(), window, hop, n_times, method="griffin-lim", n_iter=n_iter
        )
        error = np.abs(consistent(c, window, hop, n_times)) - magnitude
        distance = np.sqrt((twice * error**2).sum())
        assert distance <= last * (1 + 1e-9)
        last = distance


def test_the_curve_of_the_plain_method_falls(speakers):
    window = get_window("hann", 512)
    magnitude = np.abs(stft(speakers[0][0], window, 128))
    start = magnitude.astype(np.complex64)
    n_times = len(speakers[0][0])
    curve = griffin_lim(magnitude, start, window, 128, n_times, method="griffin-lim")[1]
    assert len(curve) == 33
    assert (np.diff(curve) < 1e-6).all()
    assert curve[-1] < curve[0] / 3


@pytest.mark.parametrize("method", ["griffin-lim", "fast-griffin-lim", "admm"])
def test_tolerance_stops_early(method):
    whole = solve(method=method, n_iter=200)[1]
    spectra, curve = solve(method=method, n_iter=200, tol=1e-2)
    assert 3 <= len(curve) < 100
    np.testing.assert_allclose(curve, whole[: len(curve)], rtol=1e-9)
    # The step at which it noticed, and the one that it had taken meanwhile.
    assert abs(curve[-3] - curve[-2]) <= 1e-2 * curve[-2]
    # What is returned is that of the last value.
    shorter = solve(method=method, n_iter=len(curve) - 1)[0]
    np.testing.assert_allclose(spectra, shorter, atol=1e-10)


def test_no_tolerance_takes_every_step_even_at_the_goal():
    true = stft(np.random.default_rng(0).standard_normal(200), WINDOW, HOP)
    curve = griffin_lim(np.abs(true), true.copy(), WINDOW, HOP, 200, n_iter=6)[1]
    assert len(curve) == 7


@pytest.mark.parametrize("dtype", [np.complex128, np.complex64])
def test_zero_spectra_get_phase_zero(dtype):
    magnitude = np.array([[10.0, 2.0, 0.0]], np.zeros(0, dtype).real.dtype)
    real = magnitude.dtype.type
    zero = np.zeros((1, 3), dtype)
    for step, parameters in (
        (plain_step, ()),
        (fast_step, (zero.copy(), real(0.5))),
        (admm_step, (zero.copy(), real(0.8), real(0.8))),
    ):
        t, difference = np.array([[0, 0, 1]], dtype), np.empty_like(magnitude)
        step(t, magnitude, difference, *parameters)
        np.testing.assert_array_equal(t, [[10, 2, 0]])
        np.testing.assert_array_equal(difference, [[-10, -2, 1]])
