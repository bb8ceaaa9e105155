"""Differences along time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.exceptions import LoneSequenceWarning
from skstyle.features import DeltaFeatures
from skstyle.features._delta import apply_window


def sequences(seed=0, lengths=(7, 1, 4)):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, 3)) for n in lengths]


def test_deltas_of_a_line_are_its_slope():
    x = 3.0 * np.arange(6.0)[:, None]
    out = DeltaFeatures(order=2).fit_transform([x])[0]
    np.testing.assert_allclose(out[1:-1], np.column_stack([x, 0 * x + 3, 0 * x])[1:-1])
    np.testing.assert_allclose(out[[0, -1], 1], 1.5)


def test_second_differences_of_a_parabola():
    x = np.arange(6.0)[:, None] ** 2
    out = DeltaFeatures(order=2).fit_transform([x])[0]
    np.testing.assert_allclose(out[1:-1, 2], 2)
    np.testing.assert_allclose(out[1:-1, 1], 2 * np.arange(1, 5))


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 12), seed=st.integers(0, 1000))
def test_window_is_a_correlation_with_repeated_edges(n, seed):
    x = np.random.default_rng(seed).normal(size=(n, 2))
    window = (0.3, -1.0, 0.2, 0.0, 2.0)
    padded = np.pad(x, ((2, 2), (0, 0)), mode="edge")
    expected = np.stack([np.correlate(c, window, mode="valid") for c in padded.T], axis=1)
    np.testing.assert_allclose(apply_window(x, window), expected, atol=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_inverse_keeps_the_statics(order):
    X = sequences()
    delta = DeltaFeatures(order=order).fit(X)
    out = delta.transform(X)
    assert [x.shape[1] for x in out] == [3 * (order + 1)] * 3
    for x, back in zip(X, delta.inverse_transform(out), strict=True):
        np.testing.assert_array_equal(back, x)


def test_one_frame_has_no_differences():
    out = DeltaFeatures(order=2).fit_transform([np.ones((1, 2))])[0]
    np.testing.assert_array_equal(out, [[1, 1, 0, 0, 0, 0]])


def test_float32_stays():
    assert DeltaFeatures().fit_transform([np.ones((3, 2), np.float32)])[0].dtype == np.float32


def test_clips_do_not_leak_into_each_other():
    X = sequences()
    together = DeltaFeatures().fit_transform(X)
    alone = [DeltaFeatures().fit_transform([x])[0] for x in X]
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_array_equal(a, b)


def test_plain_matrix_warns_that_deltas_are_zero():
    delta = DeltaFeatures().fit(np.ones((3, 2)))
    with pytest.warns(LoneSequenceWarning, match=r"Wrap one sequence in a list: \[x\]"):
        out = delta.transform(np.arange(6.0).reshape(3, 2))
    assert not out[:, 2:].any()


@pytest.mark.parametrize("order", [0, 3, "1"])
def test_wrong_order_is_told_in_fit(order):
    delta = DeltaFeatures(order=order)
    with pytest.raises(ValueError, match="order must be 1 or 2"):
        delta.fit(sequences())


def test_inverse_of_wrong_width_is_explained():
    delta = DeltaFeatures().fit(sequences())
    with pytest.raises(ValueError, match="Expected 6 columns, got 5"):
        delta.inverse_transform([np.ones((4, 5))])
