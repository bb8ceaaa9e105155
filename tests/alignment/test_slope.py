"""Paths of bounded slope against sums over patterns written out."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from skstyle.alignment import dtw_path
from skstyle.alignment._slope import BLOCK_ROWS, euclidean_block
from skstyle.alignment._window import band_limits

# Cells of every pattern, seen from its last one, and what they weigh (Sakoe and Chiba, table I).
PATTERNS = {
    "p1": [
        ((1, 1), [((0, 0), 2)]),
        ((2, 1), [((1, 0), 2), ((0, 0), 1)]),
        ((1, 2), [((0, 1), 2), ((0, 0), 1)]),
    ],
}
PATTERNS["p05"] = [
    *PATTERNS["p1"],
    ((3, 1), [((2, 0), 2), ((1, 0), 1), ((0, 0), 1)]),
    ((1, 3), [((0, 2), 2), ((0, 1), 1), ((0, 0), 1)]),
]
TIMES = {"p1": 2, "p05": 3}
slopes = st.sampled_from(sorted(PATTERNS))
sizes = st.integers(1, 16)


def frames(n, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 2))


def distances(a, b):
    return np.linalg.norm(a[:, None] - b[None], axis=2)


def least_cost(d, slope):
    total = np.full(d.shape, np.inf)
    total[0, 0] = 2 * d[0, 0]
    for i, j in np.ndindex(d.shape):
        for (di, dj), cells in PATTERNS[slope]:
            if i >= di and j >= dj:
                cost = sum(w * d[i - ci, j - cj] for (ci, cj), w in cells)
                total[i, j] = min(total[i, j], total[i - di, j - dj] + cost)
    return total[-1, -1]


def assert_slope(path, n, m, times):
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [n - 1, m - 1]
    run = 0
    for move in np.diff(path, axis=0).tolist():
        assert move in ([1, 1], [1, 0], [0, 1])
        run = 1 if move == [1, 1] else run + 1
        assert run <= times


@settings(max_examples=60, deadline=None)
@given(n=sizes, m=sizes, slope=slopes, seed=st.integers(0, 10**6))
def test_cost_is_the_least_of_the_patterns(n, m, slope, seed):
    short, long = sorted((n, m))
    assume(long - 1 <= TIMES[slope] * (short - 1))
    a, b = frames(n, seed), frames(m, seed + 1)
    path, cost = dtw_path(a, b, slope=slope)
    assert_slope(path, n, m, TIMES[slope])
    assert cost == pytest.approx(least_cost(distances(a, b), slope))


@pytest.mark.parametrize("slope", sorted(PATTERNS))
def test_more_rows_than_a_block(slope):
    n, m = BLOCK_ROWS + 37, 200
    a, b = frames(n), frames(m, 1)
    path, cost = dtw_path(a, b, slope=slope)
    assert_slope(path, n, m, TIMES[slope])
    assert cost == pytest.approx(least_cost(distances(a, b), slope))


@pytest.mark.parametrize("slope", sorted(PATTERNS))
@pytest.mark.parametrize("n", [1, 2, 50])
def test_identical_sequences_give_the_diagonal(slope, n):
    path, cost = dtw_path(frames(n), frames(n), slope=slope)
    np.testing.assert_array_equal(path, np.repeat(np.arange(n)[:, None], 2, axis=1))
    assert cost == 0


@pytest.mark.parametrize("slope", sorted(PATTERNS))
@pytest.mark.parametrize("extra", [{}, {"band": 0.1}, {"multi_resolution": True, "radius": 3}])
def test_narrow_windows_keep_the_slope(slope, extra):
    a, b = frames(240), frames(200, 1)
    path, cost = dtw_path(a, b, slope=slope, **extra)
    assert_slope(path, 240, 200, TIMES[slope])
    assert cost >= dtw_path(a, b, slope=slope)[1] * (1 - 1e-9)
    if "band" in extra:
        low, high = band_limits(240, 200, 0.1)
        assert (path[:, 1] >= low[path[:, 0]]).all()
        assert (path[:, 1] < high[path[:, 0]]).all()


@pytest.mark.parametrize(("slope", "n", "m"), [("p1", 41, 21), ("p1", 21, 41), ("p05", 21, 61)])
@pytest.mark.parametrize("multi_resolution", [False, True])
def test_steepest_pairs_have_one_path(slope, n, m, multi_resolution):
    a, b = frames(4 * (n - 1) + 1), frames(4 * (m - 1) + 1, 1)
    path, _ = dtw_path(a, b, slope=slope, multi_resolution=multi_resolution, radius=2)
    assert_slope(path, len(a), len(b), TIMES[slope])


@pytest.mark.parametrize(
    ("slope", "n", "m", "most"), [("p1", 42, 21, 41), ("p05", 21, 62, 61), ("p1", 1, 2, 1)]
)
def test_too_different_lengths_are_told(slope, n, m, most):
    with pytest.raises(ValueError, match=rf"{n} and {m} frames cannot.*at most {most} frames"):
        dtw_path(frames(n), frames(m), slope=slope)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 60), m=st.integers(1, 60), slope=slopes)
def test_the_narrowest_band_has_a_path_of_every_slope(n, m, slope):
    short, long = sorted((n, m))
    assume(long - 1 <= TIMES[slope] * (short - 1))
    path, _ = dtw_path(frames(n), frames(m, 1), 1e-9, slope=slope)
    assert_slope(path, n, m, TIMES[slope])


def test_block_of_distances():
    a, b = frames(6), frames(4, 1)
    found = euclidean_block(a, b, (b**2).sum(axis=1))
    np.testing.assert_allclose(found, distances(a, b), atol=1e-7)
