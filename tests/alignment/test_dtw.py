"""Dynamic time warping against exhaustive sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.alignment._dtw import BLOCK_ROWS, band_limits, dtw_path, euclidean_block


def frames(n, seed=0, n_features=3, dtype=float):
    return np.random.default_rng(seed).normal(size=(n, n_features)).astype(dtype)


def distances(a, b):
    return np.linalg.norm(a[:, None] - b[None], axis=2)


def least_cost(d, allowed=None):
    """Textbook dynamic programming, cell by cell."""
    total = np.full(d.shape, np.inf)
    for i, j in np.ndindex(d.shape):
        if allowed is not None and not allowed[i, j]:
            continue
        before = [total[p] for p in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if min(p) >= 0]
        total[i, j] = d[i, j] + (min(before) if before else 0)
    return total[-1, -1]


def assert_path(path, n, m):
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [n - 1, m - 1]
    assert {tuple(s) for s in np.diff(path, axis=0)} <= {(1, 1), (1, 0), (0, 1)}


sizes = st.integers(1, 14)


@settings(max_examples=40, deadline=None)
@given(n=sizes, m=sizes, seed=st.integers(0, 10**6))
def test_cost_is_the_least_and_the_path_has_it(n, m, seed):
    a, b = frames(n, seed), frames(m, seed + 1)
    path, cost = dtw_path(a, b)
    d = distances(a, b)
    assert_path(path, n, m)
    assert cost == pytest.approx(least_cost(d))
    assert d[path[:, 0], path[:, 1]].sum() == pytest.approx(cost)


@settings(max_examples=40, deadline=None)
@given(n=sizes, m=sizes, band=st.floats(0.01, 1), seed=st.integers(0, 10**6))
def test_band_limits_the_path(n, m, band, seed):
    a, b = frames(n, seed), frames(m, seed + 1)
    low, high = band_limits(n, m, band)
    columns = np.arange(m)
    allowed = (columns >= low[:, None]) & (columns < high[:, None])
    path, cost = dtw_path(a, b, band)
    assert_path(path, n, m)
    assert allowed[path[:, 0], path[:, 1]].all()
    assert cost == pytest.approx(least_cost(distances(a, b), allowed))


@pytest.mark.parametrize("n", [1, 2, 300])
def test_identical_sequences_give_the_diagonal(n):
    path, cost = dtw_path(frames(n), frames(n))
    np.testing.assert_array_equal(path, np.repeat(np.arange(n)[:, None], 2, axis=1))
    assert cost == pytest.approx(0, abs=1e-4)


def test_ties_prefer_the_diagonal():
    path, cost = dtw_path(np.zeros((5, 2)), np.zeros((5, 2)))
    assert len(path) == 5
    assert cost == 0


def test_warped_copy_gives_the_true_path():
    a = frames(60)
    index = np.sort(np.r_[np.arange(60), np.random.default_rng(1).integers(0, 60, 25)])
    path, cost = dtw_path(a, a[index])
    np.testing.assert_array_equal(path, np.column_stack([index, np.arange(85)]))
    assert cost == pytest.approx(0, abs=1e-4)


def test_more_rows_than_a_block():
    n = 2 * BLOCK_ROWS + 37
    a, b = frames(n, 0, 2), frames(280, 1, 2)
    path, cost = dtw_path(a, b)
    assert_path(path, n, 280)
    assert cost == pytest.approx(least_cost(distances(a, b)))


def test_turning_the_pair_turns_the_cost_not():
    a, b = frames(40), frames(55, 1)
    assert dtw_path(a, b)[1] == pytest.approx(dtw_path(b, a)[1])


def test_narrow_band_costs_more():
    a = np.sin(np.arange(100) / 5)[:, None]
    b = np.roll(a, 20)
    assert dtw_path(a, b, 0.05)[1] > dtw_path(a, b)[1] + 1


def test_band_keeps_to_the_diagonal_of_long_pairs():
    path, _ = dtw_path(frames(200), frames(100, 1), 0.1)
    assert np.abs(path[:, 1] - path[:, 0] * 99 / 199).max() <= 0.1 * 200 + 1


@pytest.mark.parametrize("band", [0.01, 0.5, None])
@pytest.mark.parametrize(("n", "m"), [(1, 50), (50, 1), (2, 90), (90, 2), (1, 1)])
def test_very_different_lengths_have_a_path(n, m, band):
    path, cost = dtw_path(frames(n), frames(m, 1), band)
    assert_path(path, n, m)
    assert np.isfinite(cost)


def test_float32_finds_the_same_path():
    a, b = frames(80), frames(70, 1)
    path, cost = dtw_path(a, b)
    path32, cost32 = dtw_path(a.astype(np.float32), b.astype(np.float32))
    np.testing.assert_array_equal(path32, path)
    assert cost32 == pytest.approx(cost, rel=1e-5)


def test_distance_far_from_the_origin_keeps_its_digits():
    a, b = frames(30), frames(30, 1)
    assert dtw_path(a + 1e6, b + 1e6)[1] == pytest.approx(dtw_path(a, b)[1], rel=1e-6)


def test_read_only_input():
    a, b = frames(20), frames(25, 1)
    expected = dtw_path(a, b)[1]
    a.flags.writeable = b.flags.writeable = False
    assert dtw_path(a, b)[1] == expected


def test_block_of_distances():
    a, b = frames(6), frames(4, 1)
    found = euclidean_block(a, b, (b**2).sum(axis=1))
    np.testing.assert_allclose(found, distances(a, b), atol=1e-7)
