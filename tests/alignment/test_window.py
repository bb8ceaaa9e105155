"""Windows that a path may visit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.alignment._window import band_limits, halve, has_way, path_limits

sizes = st.integers(1, 60)


@settings(max_examples=100, deadline=None)
@given(n=sizes, m=sizes, band=st.none() | st.floats(1e-6, 1))
def test_bands_have_a_way_from_end_to_end(n, m, band):
    low, high = band_limits(n, m, band)
    assert low[0] == 0
    assert high[-1] == m
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
    assert has_way(low, high)


def test_no_band_is_everything():
    low, high = band_limits(3, 5, None)
    assert low.tolist() == [0, 0, 0]
    assert high.tolist() == [5, 5, 5]


def test_band_is_about_the_line_between_the_ends():
    low, high = band_limits(200, 100, 0.1)
    middle = np.arange(200) * 99 / 199
    assert (middle - low <= 21).all()
    assert (high - middle <= 22.5).all()


@settings(max_examples=60, deadline=None)
@given(n=sizes, m=sizes, radius=st.integers(1, 9), seed=st.integers(0, 10**6))
def test_windows_of_coarse_paths(n, m, radius, seed):
    coarse = [[0, 0]]
    rng = np.random.default_rng(seed)
    last = [(n + 1) // 2 - 1, (m + 1) // 2 - 1]
    while coarse[-1] != last:
        moves = [[1, 1], [1, 0], [0, 1]]
        ahead = [[p + q for p, q in zip(coarse[-1], move, strict=True)] for move in moves]
        ahead = [p for p in ahead if p[0] <= last[0] and p[1] <= last[1]]
        coarse.append(ahead[rng.integers(len(ahead))])
    low, high = path_limits(np.array(coarse), n, m, radius)
    assert low[0] == 0
    assert high[-1] == m
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
    assert has_way(low, high)
    # All that the path covers, and the radius around it.
    for i, j in coarse:
        for row in range(max(2 * i - radius, 0), min(2 * i + radius + 1, n)):
            assert low[row] <= max(2 * j - radius, 0)
            assert high[row] >= min(2 * j + 2 + radius, m)


def test_halves_are_means_and_the_last_stays():
    x = np.array([[1.0, 0], [3, 0], [5, 2], [7, 4], [9, 8]])
    np.testing.assert_array_equal(halve(x), [[2, 0], [6, 3], [9, 8]])
    np.testing.assert_array_equal(halve(x[:4]), [[2, 0], [6, 3]])
    np.testing.assert_array_equal(halve(x[:1]), x[:1])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [([0, 2], [2, 4], True), ([0, 3], [2, 4], False), ([0, 1], [2, 1], False)],
)
def test_gaps_are_seen(low, high, expected):
    assert has_way(np.array(low), np.array(high)) is expected
