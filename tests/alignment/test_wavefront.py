"""The sweep along anti-diagonals in windows of any shape."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.alignment._wavefront import STRIP, count_diagonals, wavefront_path
from skstyle.alignment._window import has_way


def frames(n, seed, n_features):
    return np.random.default_rng(seed).normal(size=(n, n_features)).astype(np.float32)


def window(n, m, seed, widest):
    """Rising limits of any shape that let a path through, some by a corner only."""
    rng = np.random.default_rng(seed)
    middle = np.sort(rng.integers(0, m, n))
    low = np.maximum(middle - rng.integers(0, widest + 1, n), 0)
    low = np.minimum.accumulate(low[::-1])[::-1]
    high = np.maximum.accumulate(np.minimum(middle + 1 + rng.integers(0, widest + 1, n), m))
    low[0], high[-1] = 0, m
    low[1:] = np.minimum(low[1:], high[:-1])
    return low, high


def least_cost(a, b, low, high, weights):
    d = np.linalg.norm(a[:, None].astype(float) - b[None], axis=2)
    total = np.full(d.shape, np.inf)
    for i in range(len(a)):
        for j in range(low[i], high[i]):
            before = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
            total[i, j] = 0.0 if i == j == 0 else np.inf
            for p, w in zip(before, weights, strict=True):
                if min(p) >= 0:
                    total[i, j] = min(total[i, j], total[p] + w * d[i, j])
            if i == j == 0:
                total[i, j] = weights[0] * d[i, j]
    return total[-1, -1], d


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 2 * STRIP + 9),
    m=st.integers(1, 90),
    n_features=st.sampled_from([1, 3, 4, 5, 8, 11]),
    widest=st.sampled_from([0, 1, 5, 40]),
    weights=st.sampled_from([(1, 1, 1), (2, 1, 1), (1, 0, 1)]),
    seed=st.integers(0, 10**6),
)
def test_any_window(n, m, n_features, widest, weights, seed):
    a, b = frames(n, seed, n_features), frames(m, seed + 1, n_features)
    low, high = window(n, m, seed, widest)
    assert has_way(low, high)
    path = wavefront_path(a, b, low, high, weights)
    expected, d = least_cost(a, b, low, high, weights)
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [n - 1, m - 1]
    assert (path[:, 1] >= low[path[:, 0]]).all()
    assert (path[:, 1] < high[path[:, 0]]).all()
    moves = np.diff(path, axis=0, prepend=[[-1, -1]])
    taken = np.select([moves.all(axis=1), moves[:, 0] == 1], weights[:2], weights[2])
    assert (taken * d[path[:, 0], path[:, 1]]).sum() == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_a_window_with_a_gap_has_no_path():
    a = frames(6, 0, 2)
    low, high = np.array([0, 0, 0, 4, 4, 4]), np.array([2, 2, 2, 6, 6, 6])
    assert not has_way(low, high)
    assert wavefront_path(a, a, low, high, (1, 1, 1)) is None


def test_diagonals_are_counted_by_strip():
    n, m = STRIP + 1, 10
    counts = count_diagonals(np.zeros(n, int), np.full(n, m))
    assert counts.tolist() == [m + STRIP - 1, m]


def test_input_is_read_only():
    a, b = frames(70, 0, 5), frames(60, 1, 5)
    a.flags.writeable = b.flags.writeable = False
    low, high = np.zeros(70, int), np.full(70, 60)
    low.flags.writeable = high.flags.writeable = False
    assert len(wavefront_path(a, b, low, high, (1, 1, 1))) >= 70
