"""The difference is taken and undone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.signal import Preemphasis


def noise(n_times, dtype=float):
    return (0.1 * np.random.default_rng(0).standard_normal(n_times)).astype(dtype)


def test_difference_in_closed_form():
    y = Preemphasis(0.5).fit_transform([np.array([1.0, 2.0, 4.0])])[0]
    np.testing.assert_array_equal(y, [1, 1.5, 3])


@pytest.mark.parametrize("frequency", [0.01, 0.1, 0.4])
def test_gain_of_a_tone(frequency):
    x = np.cos(2 * np.pi * frequency * np.arange(20000))
    y = Preemphasis(0.9).fit_transform([x])[0]
    gain = abs(1 - 0.9 * np.exp(-2j * np.pi * frequency))
    assert y[100:].std() / x[100:].std() == pytest.approx(gain, rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 2000),
    st.sampled_from([-0.9, 0.0, 0.5, 0.97, 0.999]),
    st.sampled_from([(np.float64, 1e-13), (np.float32, 2e-6)]),
    st.floats(-0.5, 0.5),
)
def test_inverse_is_exact(n_times, coefficient, precision, offset):
    dtype, tolerance = precision
    x = noise(n_times, dtype) + dtype(offset)
    emphasis = Preemphasis(coefficient)
    again = emphasis.inverse_transform(emphasis.fit_transform([x]))[0]
    assert again.dtype == dtype
    np.testing.assert_allclose(again, x, atol=tolerance / (1 - abs(coefficient)) ** 0.5)


def test_offset_of_a_long_float32_clip_does_not_drift():
    """In float32, the recursion makes the rounding of the bass 1 / (1 - 0.97) times greater."""
    x = np.full(10**6, 0.3, np.float32)
    emphasis = Preemphasis()
    again = emphasis.inverse_transform(emphasis.fit_transform([x]))[0]
    np.testing.assert_allclose(again, x, rtol=1e-6)


def test_coefficient_is_remembered():
    x = noise(100)
    Y = Preemphasis(0.5).fit_transform([x])
    np.testing.assert_allclose(Preemphasis(0.9).inverse_transform(Y)[0], x, atol=1e-14)
    with_own = Preemphasis(0.5).inverse_transform(list(Y))[0]
    np.testing.assert_allclose(with_own, x, atol=1e-14)


@pytest.mark.parametrize("coefficient", [1, -1.0, 1.5, np.nan, "0.97"])
def test_wrong_coefficients_are_told(coefficient):
    with pytest.raises(ValueError, match=r"coefficient must lie in \(-1, 1\), got"):
        Preemphasis(coefficient).fit([noise(10)])
