"""Nearest exemplars against scikit-learn's and against sorting everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from skstyle.mapping._neighbours import blocks, merge_equal, nearest, smallest


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    # Neighbouring rows are alike, as the frames of speech are.
    return np.cumsum(rng.normal(size=(2000, 6)), axis=0), 20 * rng.normal(size=(300, 6))


@pytest.mark.parametrize("n_neighbors", [1, 7, 100, 2000])
def test_neighbours_are_those_of_sklearn(frames, n_neighbors):
    exemplars, queries = frames
    model = NearestNeighbors(n_neighbors=n_neighbors, algorithm="brute").fit(exemplars)
    expected = model.kneighbors(queries, return_distance=False)
    np.testing.assert_array_equal(nearest(queries, exemplars, n_neighbors), expected)


def test_float32_finds_neighbours_as_near(frames):
    """Rounding may swap neighbours that are equally far."""
    exemplars, queries = (A.astype(np.float32) for A in frames)
    found = exemplars[nearest(queries, exemplars, 20)].astype(float)
    model = NearestNeighbors(n_neighbors=20, algorithm="brute").fit(frames[0])
    expected = model.kneighbors(frames[1])[0]
    distances = np.sqrt(((found - frames[1][:, None]) ** 2).sum(axis=2))
    np.testing.assert_allclose(distances, expected, rtol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_common_offset_loses_no_digits(frames, dtype):
    exemplars, queries = (np.round(A).astype(dtype) for A in frames)
    near = nearest(queries[:50], exemplars, 1)
    far = nearest(queries[:50] + 2**14, exemplars + 2**14, 1)
    np.testing.assert_array_equal(near, far)


def test_an_outlier_spoils_nothing(frames):
    exemplars, queries = (A.astype(np.float32) for A in frames)
    spoilt = np.concatenate([exemplars, np.full((1, 6), 1e6, dtype=np.float32)])
    np.testing.assert_array_equal(nearest(queries, spoilt, 5), nearest(queries, exemplars, 5))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    shape=st.tuples(st.integers(1, 5), st.integers(1, 400)),
    n_levels=st.integers(1, 1000),
    data=st.data(),
)
def test_smallest_is_a_stable_sort(seed, shape, n_levels, data):
    n_smallest = data.draw(st.integers(1, shape[1]))
    values = np.random.default_rng(seed).integers(n_levels, size=shape).astype(float)
    expected = np.argsort(values, axis=1, kind="stable")[:, :n_smallest]
    np.testing.assert_array_equal(smallest(values, n_smallest), expected)


def test_smallest_of_infinite_values():
    values = np.full((2, 40), np.inf)
    values[1, 30] = 0
    np.testing.assert_array_equal(smallest(values, 3), [[0, 1, 2], [30, 0, 1]])


@pytest.mark.parametrize("n_exemplars", [1, 10**5, 10**9])
def test_blocks_hold_every_query_once(n_exemplars):
    rows = np.concatenate([np.arange(600)[rows] for rows in blocks(600, n_exemplars)])
    np.testing.assert_array_equal(rows, np.arange(600))


def test_few_queries_at_a_time(frames, monkeypatch):
    exemplars, queries = frames
    expected = nearest(queries, exemplars, 9)
    monkeypatch.setattr("skstyle.mapping._neighbours._BLOCK_QUERIES", 7)
    np.testing.assert_array_equal(nearest(queries, exemplars, 9), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_merged_pairs_have_mean_targets(dtype):
    rng = np.random.default_rng(0)
    X = rng.integers(3, size=(60, 2)).astype(dtype)
    y = rng.normal(size=(60, 4)).astype(dtype)
    exemplars, targets = merge_equal(X, y)
    assert exemplars.dtype == targets.dtype == dtype
    assert len(exemplars) == len(np.unique(X, axis=0)) == 9
    for x, t in zip(exemplars, targets, strict=True):
        expected = y[(X == x).all(axis=1)].mean(axis=0)
        np.testing.assert_allclose(t, expected, rtol=1e-5, atol=1e-6)


def test_merging_does_not_depend_on_the_order():
    rng = np.random.default_rng(0)
    X, y = rng.integers(4, size=(50, 1)).astype(float), rng.normal(size=(50, 2))
    order = rng.permutation(50)
    for a, b in zip(merge_equal(X, y), merge_equal(X[order], y[order]), strict=True):
        assert a.tobytes() == b.tobytes()


def test_distinct_pairs_are_kept_as_they_are():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2, 50, 3)).astype(np.float32)
    exemplars, targets = merge_equal(X, y)
    order = np.argsort(X[:, 0])
    np.testing.assert_array_equal(exemplars, X[order])
    np.testing.assert_array_equal(targets, y[order])
