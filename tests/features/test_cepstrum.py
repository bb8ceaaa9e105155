"""Mel-cepstra against the recursion, the closed formula and themselves."""

from math import comb, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.features._cepstrum import (
    auto_alpha,
    freqt_matrix,
    log_amplitude,
    mel_cepstrum,
    power_from_mel_cepstrum,
    warp_frequency,
)


def freqt(c, order, alpha):
    """Oppenheim's recursion, one coefficient after the other (as in SPTK)."""
    g = np.zeros(order + 1)
    for value in c[::-1]:
        previous = g.copy()
        g[0] = value + alpha * previous[0]
        if order >= 1:
            g[1] = (1 - alpha**2) * previous[0] + alpha * previous[1]
        for m in range(2, order + 1):
            g[m] = previous[m - 1] + alpha * (previous[m] - g[m - 1])
    return g


def closed_form(order, alpha):
    """W_ij of c_1 .. c_order, by the formula of METHODS section 3."""
    W = np.zeros((order, order))
    for i in range(1, order + 1):
        for j in range(1, order + 1):
            for m in range(max(0, j - i), j + 1):
                ratio = factorial(m + i - 1) / factorial(m + i - j)
                sign = (-1) ** (m + i + j)
                W[i - 1, j - 1] += comb(j, m) * ratio * sign * alpha ** (2 * m + i - j)
            W[i - 1, j - 1] /= factorial(j - 1)
    return W


@settings(max_examples=25, deadline=None)
@given(
    n_in=st.integers(1, 30),
    order=st.integers(0, 30),
    alpha=st.floats(-0.7, 0.7),
    seed=st.integers(0, 2**31),
)
def test_matrix_is_the_recursion(n_in, order, alpha, seed):
    c = np.random.default_rng(seed).normal(size=n_in)
    expected = freqt(c, order, alpha)
    np.testing.assert_allclose(freqt_matrix(n_in, order, alpha) @ c, expected, atol=1e-9)


@pytest.mark.parametrize("alpha", [-0.2, -0.05, 0.1, 0.2])
def test_matrix_is_the_closed_formula(alpha):
    """Both ways to write the same matrix agree, c_0 apart."""
    W = freqt_matrix(25, 24, alpha)[1:, 1:]
    np.testing.assert_allclose(W, closed_form(24, alpha), atol=1e-9)


def test_no_warp_is_the_identity():
    np.testing.assert_array_equal(freqt_matrix(25, 24, 0.0), np.eye(25))


@pytest.mark.parametrize(("a", "b"), [(0.1, 0.05), (0.15, -0.1), (-0.08, -0.1)])
def test_warps_compose_in_the_leading_block(a, b):
    both = freqt_matrix(25, 24, (a + b) / (1 + a * b))
    after = freqt_matrix(25, 24, a) @ freqt_matrix(25, 24, b)
    np.testing.assert_allclose(after[:9, :9], both[:9, :9], atol=1e-8)


def test_warp_back_is_the_inverse():
    there = freqt_matrix(10, 200, 0.41)
    back = freqt_matrix(201, 9, -0.41)
    np.testing.assert_allclose(back @ there, np.eye(10), atol=1e-10)


def test_first_row_collects_powers_of_alpha():
    """c^_0 = c_0 + sum_n alpha^n c_n."""
    np.testing.assert_allclose(freqt_matrix(8, 3, 0.3)[0], 0.3 ** np.arange(8))


@pytest.mark.parametrize("alpha", [-0.5, 0.0, 0.42])
def test_frequency_warp_keeps_the_ends_and_grows(alpha):
    omega = np.linspace(0, np.pi, 101)
    warped = warp_frequency(omega, alpha)
    np.testing.assert_allclose(warped[[0, -1]], [0, np.pi], atol=1e-12)
    assert (np.diff(warped) > 0).all()
    np.testing.assert_allclose(warp_frequency(warped, -alpha), omega, atol=1e-12)


def test_warped_cepstrum_has_the_spectrum_at_the_warped_frequency():
    """The all-pass substitution itself: S^(w^) = S(w)."""
    c = np.random.default_rng(0).normal(size=6) / 3
    warped = freqt_matrix(6, 120, 0.41) @ c
    omega = np.linspace(0, np.pi, 50)
    plain = np.cos(np.outer(omega, np.arange(6))) @ c
    new = np.cos(np.outer(warp_frequency(omega, 0.41), np.arange(121))) @ warped
    np.testing.assert_allclose(new, plain, atol=1e-10)


@pytest.mark.parametrize(
    ("rate", "alpha"), [(16000, 0.41), (22050, 0.455), (24000, 0.466), (44100, 0.544)]
)
def test_alpha_of_the_table(rate, alpha):
    assert auto_alpha(rate) == pytest.approx(alpha, abs=0.005)


def test_alpha_grows_with_the_rate():
    alphas = [auto_alpha(r) for r in (8000, 16000, 32000, 48000)]
    assert alphas == sorted(set(alphas))


@settings(max_examples=20, deadline=None)
@given(order=st.integers(1, 30), alpha=st.floats(0, 0.55), seed=st.integers(0, 2**31))
def test_spectrum_of_a_mel_cepstrum_gives_it_back(order, alpha, seed):
    rng = np.random.default_rng(seed)
    mcep = rng.normal(size=(3, order + 1)) / np.arange(1, order + 2)
    power = power_from_mel_cepstrum(mcep, 1024, alpha)
    np.testing.assert_allclose(mel_cepstrum(power, order, alpha), mcep, atol=1e-6)


def test_power_gain_moves_only_c0():
    power = np.random.default_rng(0).uniform(0.1, 2, size=(4, 257))
    change = mel_cepstrum(9.0 * power, 24, 0.41) - mel_cepstrum(power, 24, 0.41)
    np.testing.assert_allclose(change[:, 0], 0.5 * np.log(9.0), atol=1e-10)
    np.testing.assert_allclose(change[:, 1:], 0, atol=1e-10)


def test_flat_spectrum_is_c0_alone():
    mcep = mel_cepstrum(np.full((1, 129), np.e**2), 5, 0.3)
    np.testing.assert_allclose(mcep, [[1, 0, 0, 0, 0, 0]], atol=1e-12)


def test_log_amplitude_is_the_cosine_series():
    mcep = np.array([[0.5, -0.3, 0.2]])
    omega = warp_frequency(np.linspace(0, np.pi, 9), 0.4)
    expected = 0.5 - 0.3 * np.cos(omega) + 0.2 * np.cos(2 * omega)
    np.testing.assert_allclose(log_amplitude(mcep, 16, 0.4)[0], expected, atol=1e-12)
