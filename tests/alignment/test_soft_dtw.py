"""Soft time warping against all paths written out, finite differences and the hard minimum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.alignment import soft_dtw, soft_dtw_alignment, soft_dtw_gradient
from skstyle.alignment._soft_dtw import squared_distances

sizes = st.integers(1, 5)
gammas = st.sampled_from([1e-3, 0.1, 1.0, 30.0])
seeds = st.integers(0, 10**6)


def frames(n, seed=0, n_features=2):
    return np.random.default_rng(seed).normal(size=(n, n_features))


def costs(a, b):
    return ((a[:, None] - b[None]) ** 2).sum(axis=2)


def all_paths(n, m):
    """Every monotone path between two corners."""
    if n == m == 1:
        return [[(0, 0)]]
    before = [(n - 1, m - 1), (n - 1, m), (n, m - 1)]
    return [p + [(n - 1, m - 1)] for k, o in before if k and o for p in all_paths(k, o)]


def least_cost(d):
    total = np.full(np.add(d.shape, 1), np.inf)
    total[0, 0] = 0
    for i, j in np.ndindex(d.shape):
        total[i + 1, j + 1] = d[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return total[-1, -1]


@settings(max_examples=60, deadline=None)
@given(n=sizes, m=sizes, gamma=gammas, seed=seeds)
def test_all_paths_written_out(n, m, gamma, seed):
    a, b = frames(n, seed), frames(m, seed + 1)
    d = costs(a, b)
    paths = all_paths(n, m)
    sums = np.array([sum(d[cell] for cell in path) for path in paths])
    weights = np.exp((sums.min() - sums) / gamma)
    value = sums.min() - gamma * np.log(weights.sum())
    assert soft_dtw(a, b, gamma) == pytest.approx(value, rel=1e-9, abs=1e-9)
    expected = np.zeros((n, m))
    for path, weight in zip(paths, weights / weights.sum(), strict=True):
        for cell in path:
            expected[cell] += weight
    found = soft_dtw_alignment(a, b, gamma)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 8), m=st.integers(1, 8), gamma=st.sampled_from([0.1, 1.0, 10]), seed=seeds)
def test_gradient_is_that_of_finite_differences(n, m, gamma, seed):
    a, b = frames(n, seed), frames(m, seed + 1)
    found = soft_dtw_gradient(a, b, gamma)
    expected = np.empty_like(a)
    step = 1e-5
    for index in np.ndindex(a.shape):
        up, down = a.copy(), a.copy()
        up[index] += step
        down[index] -= step
        expected[index] = (soft_dtw(up, b, gamma) - soft_dtw(down, b, gamma)) / (2 * step)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("gamma", [1e-3, 1e-9, 1e-300])
def test_towards_zero_it_is_the_hard_minimum(gamma):
    a, b = frames(40), frames(55, 1)
    hard = least_cost(costs(a, b))
    assert soft_dtw(a, b, gamma) == pytest.approx(hard, abs=100 * gamma, rel=1e-12)
    alignment = soft_dtw_alignment(a, b, gamma)
    if gamma < 1e-3:
        assert set(np.unique(alignment.round(6))) == {0, 1}
        assert (alignment * costs(a, b)).sum() == pytest.approx(hard)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 60), m=st.integers(1, 60), gamma=gammas, seed=seeds)
def test_alignment_is_a_flow_from_corner_to_corner(n, m, gamma, seed):
    alignment = soft_dtw_alignment(frames(n, seed), frames(m, seed + 1), gamma)
    assert alignment.min() >= 0
    assert alignment.max() <= 1 + 1e-9
    assert alignment[0, 0] == pytest.approx(1)
    assert alignment[-1, -1] == 1
    assert (alignment.sum(axis=0) >= 1 - 1e-9).all()
    assert (alignment.sum(axis=1) >= 1 - 1e-9).all()


@pytest.mark.parametrize("scale", [1e-150, 1e-6, 1e6, 1e150])
def test_no_scale_overflows(scale):
    a, b = scale * frames(30), scale * frames(20, 1)
    assert np.isfinite(soft_dtw(a, b, 1.0))
    assert np.isfinite(soft_dtw_alignment(a, b, 1.0)).all()
    assert np.isfinite(soft_dtw_gradient(a, b, 1.0)).all()


def test_value_is_the_same_both_ways():
    a, b = frames(20), frames(31, 1)
    assert soft_dtw(a, b) == pytest.approx(soft_dtw(b, a))
    np.testing.assert_allclose(soft_dtw_alignment(a, b), soft_dtw_alignment(b, a).T, atol=1e-9)


def test_softer_is_less():
    a, b = frames(20), frames(31, 1)
    values = [soft_dtw(a, b, gamma) for gamma in (1e-3, 0.1, 1, 10)]
    assert (np.diff(values) < 0).all()


def test_gradient_descends():
    a, b = frames(15), frames(12, 1)
    first = soft_dtw(a, b)
    for _ in range(50):
        a = a - 0.05 * soft_dtw_gradient(a, b)
    assert soft_dtw(a, b) < first - 5


def test_float32_stays_and_input_is_kept():
    a, b = frames(9).astype(np.float32), frames(7, 1).astype(np.float32)
    a.flags.writeable = b.flags.writeable = False
    assert soft_dtw_gradient(a, b).dtype == np.float32
    assert soft_dtw_gradient(a.astype(float), b).dtype == np.float64


def test_distances_far_from_the_origin_keep_their_digits():
    a, b = frames(6), frames(4, 1)
    np.testing.assert_allclose(squared_distances(a + 1e6, b + 1e6), costs(a, b), rtol=1e-6)


@pytest.mark.parametrize("function", [soft_dtw, soft_dtw_gradient, soft_dtw_alignment])
def test_what_is_refused(function):
    with pytest.raises(ValueError, match="gamma must be positive, got 0"):
        function(frames(3), frames(3), 0)
    with pytest.raises(ValueError, match="3 features and b has 2"):
        function(frames(3, n_features=3), frames(3))
    with pytest.raises(ValueError, match="a is empty"):
        function(frames(0), frames(3))
    zeros = np.zeros((100_000, 1))
    with pytest.raises(ValueError, match="needs about .* MB, more than max_memory_mb=512. Soft"):
        function(zeros, zeros)
    with pytest.raises(ValueError, match="more than max_memory_mb=0.01"):
        function(frames(50), frames(50), max_memory_mb=0.01)
