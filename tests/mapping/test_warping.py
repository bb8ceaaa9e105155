"""Warping matrices against the freqt recursion, the closed sum and spectra."""

from math import comb, factorial

import numpy as np
import pytest

from skstyle.features._cepstrum import freqt_matrix, warp_frequency
from skstyle.mapping import warping_matrix


def closed_sum(alpha, order):
    """Pitz and Ney's sum, term by term: it cancels, so only small orders and constants work."""
    W = np.zeros((order, order))
    for i in range(1, order + 1):
        for j in range(1, order + 1):
            total = 0.0
            for m in range(max(0, j - i), j + 1):
                ratio = factorial(m + i - 1) // factorial(m + i - j)
                sign = (-1) ** (m + i + j)
                total += comb(j, m) * ratio * sign * alpha ** (2 * m + i - j)
            W[i - 1, j - 1] = total / factorial(j - 1)
    return W


def spectrum(c, omega):
    """Log spectra of cepstra c_1, c_2, ... at angular frequencies."""
    return np.cos(omega[:, None] * np.arange(1, len(c) + 1)) @ c


@pytest.mark.parametrize("order", [1, 2, 24, 60])
def test_no_warp_is_exactly_the_identity(order):
    np.testing.assert_array_equal(warping_matrix(0.0, order), np.eye(order))
    np.testing.assert_array_equal(warping_matrix(0.0, order, 7), np.eye(order, 7))


@pytest.mark.parametrize("alpha", [-0.6, -0.2, -0.01, 0.05, 0.2, 0.6, 0.9])
@pytest.mark.parametrize("order", [1, 8, 24, 60])
def test_equals_the_freqt_recursion(alpha, order):
    expected = freqt_matrix(order + 1, order, alpha)[1:, 1:]
    np.testing.assert_allclose(warping_matrix(alpha, order), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("alpha", [-0.2, -0.07, 0.03, 0.2])
def test_equals_the_closed_sum(alpha):
    W = warping_matrix(alpha, 24)
    np.testing.assert_allclose(W, closed_sum(alpha, 24), rtol=0, atol=1e-10)


@pytest.mark.parametrize("a", [-0.15, -0.08, 0.05, 0.15])
@pytest.mark.parametrize("b", [-0.15, 0.03, 0.15])
def test_warps_compose_in_the_leading_block(a, b):
    product = warping_matrix(a, 24) @ warping_matrix(b, 24)
    both = warping_matrix((a + b) / (1 + a * b), 24)
    np.testing.assert_allclose(product[:8, :8], both[:8, :8], rtol=0, atol=1e-12)


def test_warps_do_not_compose_where_they_are_cut_off():
    product = warping_matrix(0.15, 24) @ warping_matrix(-0.15, 24)
    assert np.abs(product - np.eye(24)).max() > 0.01


@pytest.mark.parametrize("alpha", [-0.2, 0.1, 0.2])
def test_the_opposite_warp_is_the_way_back(alpha):
    product = warping_matrix(-alpha, 12, 80) @ warping_matrix(alpha, 80, 12)
    np.testing.assert_allclose(product, np.eye(12), rtol=0, atol=1e-12)


@pytest.mark.parametrize("alpha", [-0.3, 0.1, 0.3])
def test_spectra_are_those_of_the_source_at_warped_frequencies(alpha):
    c = np.random.default_rng(0).normal(size=20) / np.arange(1, 21)
    warped = warping_matrix(alpha, 120, 20) @ c
    omega = np.linspace(0.0, np.pi, 101)
    # The level, which stays apart, takes what the warp moves to c_0.
    level = (alpha ** np.arange(1, 21)) @ c
    found = level + spectrum(warped, warp_frequency(omega, alpha))
    np.testing.assert_allclose(found, spectrum(c, omega), rtol=0, atol=1e-9)


def test_positive_constants_move_a_formant_up():
    omega = np.linspace(0.0, np.pi, 2001)
    # A resonance at a quarter of the axis: cepstrum of a pole pair.
    k = np.arange(1, 41)
    c = 2 * 0.9**k / k * np.cos(k * np.pi / 4)
    peaks = [
        omega[spectrum(warping_matrix(alpha, 60, 40) @ c, omega).argmax()]
        for alpha in (-0.1, 0.0, 0.1)
    ]
    expected = warp_frequency(np.pi / 4, np.array([-0.1, 0.0, 0.1]))
    np.testing.assert_allclose(peaks, expected, atol=0.02)


def test_many_constants_at_once():
    alpha = np.random.default_rng(0).uniform(-0.5, 0.5, size=(3, 2))
    W = warping_matrix(alpha, 6, 4)
    assert W.shape == (3, 2, 6, 4)
    assert W.dtype == np.float64
    assert W.flags.c_contiguous
    for index in np.ndindex(3, 2):
        np.testing.assert_array_equal(W[index], warping_matrix(alpha[index], 6, 4))
    assert warping_matrix([], 5).shape == (0, 5, 5)
    assert warping_matrix(np.float32(0.1), 5).dtype == np.float64


def test_rectangles_are_cut_from_squares():
    W = warping_matrix(0.2, 9)
    np.testing.assert_array_equal(warping_matrix(0.2, 9, 4), W[:, :4])
    np.testing.assert_array_equal(warping_matrix(0.2, 4, 9), W[:4])


@pytest.mark.parametrize("alpha", [1.0, -1.0, 2.5, np.nan, [0.1, 1.5]])
def test_constants_outside_the_unit_circle_have_a_sentence(alpha):
    with pytest.raises(ValueError, match=r"alpha must lie inside \(-1, 1\), got (-?1|2.5|nan|1.5)"):
        warping_matrix(alpha, 4)


@pytest.mark.parametrize(
    "sizes, error, message",
    [
        ((0,), ValueError, "order"),
        ((2.5,), TypeError, "order"),
        ((4, 0), ValueError, "n_features"),
    ],
)
def test_bad_sizes_have_a_sentence(sizes, error, message):
    with pytest.raises(error, match=message):
        warping_matrix(0.1, *sizes)
