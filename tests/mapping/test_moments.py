"""Sums over frames: they add up whatever the parts, the threads and the processes."""

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from skstyle.mapping import _shapes
from skstyle.mapping._moments import (
    em_sums,
    expected_moments,
    m_step,
    moments_of,
    spread_of,
)
from skstyle.mapping._shapes import COVARIANCE_TYPES


def blobs(n_frames=600, n_features=6, n_classes=4, seed=0):
    rng = np.random.default_rng(seed)
    centres = 3 * rng.normal(size=(n_classes, n_features))
    mixing = rng.normal(size=(n_features, n_features))
    noise = rng.normal(size=(n_frames, n_features)) @ mixing
    return noise + centres[rng.integers(n_classes, size=n_frames)]


def a_start(covariance_type, n_components=3, n_features=6, seed=1):
    """Weights, means and wide covariances for standardised frames."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n_components, n_features, 2 * n_features))
    full = A @ A.swapaxes(1, 2)
    half = n_features // 2
    covariances = {
        "full": full,
        "tied": full[0],
        "diag": np.einsum("kii->ki", full).copy(),
        "block_diag": np.einsum("kadbd->kdab", full.reshape(n_components, 2, half, 2, half)).copy(),
    }[covariance_type]
    weights = rng.dirichlet(np.ones(n_components))
    return weights, rng.normal(size=(n_components, n_features)), covariances


def dense_of(mixture, covariance_type):
    return _shapes.dense(mixture[2], covariance_type, len(mixture[0]))


def assert_same_moments(a, b, rtol):
    for one, other in zip(a, b, strict=True):
        one, other = (np.tril(s) if np.ndim(s) == 3 else s for s in (one, other))
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol * np.abs(one).max())


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_likelihood_path_is_that_of_sklearn(covariance_type):
    Z = spread_of(blobs()).standardise(blobs())
    mixture = a_start(covariance_type)
    sklearn_type = "full" if covariance_type == "block_diag" else covariance_type
    precisions = np.linalg.inv(dense_of(mixture, covariance_type))
    if covariance_type == "diag":
        precisions = np.einsum("kii->ki", precisions)
    elif covariance_type == "tied":
        precisions = precisions[0]
    for n_iter in range(1, 21) if covariance_type != "block_diag" else [1]:
        moments = em_sums(Z, *mixture, covariance_type)
        if n_iter in (1, 2, 5, 20):
            reference = GaussianMixture(
                3,
                covariance_type=sklearn_type,
                weights_init=a_start(covariance_type)[0],
                means_init=a_start(covariance_type)[1],
                precisions_init=precisions,
                reg_covar=0.0,
                max_iter=n_iter,
                tol=0,
            )
            with pytest.warns(UserWarning, match="did not converge"):
                reference.fit(Z)
            assert moments.bound == pytest.approx(reference.lower_bound_, abs=1e-6)
        mixture = m_step(moments, covariance_type)
    if covariance_type != "block_diag":
        np.testing.assert_allclose(mixture[0], reference.weights_, atol=1e-6)
        np.testing.assert_allclose(mixture[1], reference.means_, atol=1e-6)
        np.testing.assert_allclose(mixture[2], reference.covariances_, atol=1e-6)


def test_block_diag_is_full_on_each_pair_of_columns():
    Z = spread_of(blobs(n_features=2)).standardise(blobs(n_features=2))
    weights, means = np.array([0.5, 0.5]), np.array([[-1.0, 0.0], [1.0, 0.5]])
    blocks, full = (weights, means, np.tile(np.eye(2), (2, 1, 1, 1))), None
    full = weights, means, np.tile(np.eye(2), (2, 1, 1))
    for _ in range(15):
        moments = em_sums(Z, *blocks, "block_diag"), em_sums(Z, *full, "full")
        blocks, full = m_step(moments[0], "block_diag"), m_step(moments[1], "full")
        assert moments[0].bound == pytest.approx(moments[1].bound, abs=1e-10)
    np.testing.assert_allclose(blocks[2][:, 0], full[2], atol=1e-9)


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_sums_over_clips_equal_those_of_all_frames(covariance_type, backend):
    X = blobs(n_frames=3000)
    clips = np.split(X, [100, 101, 900, 2950])
    run = Parallel(n_jobs=2, backend=backend)
    spread = sum(run(delayed(spread_of)(clip) for clip in clips))
    whole = spread_of(X)
    assert_same_moments(spread, whole, 1e-12)
    mixture = together = a_start(covariance_type)
    for _ in range(3):
        parts = run(
            delayed(em_sums)(spread.standardise(clip), *mixture, covariance_type, 1e-3)
            for clip in clips
        )
        moments = sum(parts)
        expected = em_sums(whole.standardise(X), *together, covariance_type, 1e-3)
        assert_same_moments(moments, expected, 1e-10)
        assert moments.bound == pytest.approx(expected.bound, abs=1e-10)
        mixture = m_step(moments, covariance_type, 1e-3)
        together = m_step(expected, covariance_type, 1e-3)
    for a, b in zip(mixture, together, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10)


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_bytes_do_not_depend_on_the_number_of_threads(covariance_type, dtype):
    X = blobs(n_frames=5000).astype(dtype)
    results = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            results.append(em_sums(X, *a_start(covariance_type), covariance_type, block_rows=300))
    for a, b in zip(*results, strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_float32_sums_are_close(covariance_type):
    X = blobs(n_frames=5000)
    wide, narrow = (
        em_sums(X.astype(dtype), *a_start(covariance_type), covariance_type)
        for dtype in (np.float64, np.float32)
    )
    assert narrow.second.dtype == np.float64
    assert_same_moments(narrow, wide, 1e-4)


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_expected_moments_are_those_the_m_step_came_from(covariance_type):
    X = blobs()
    moments = em_sums(X, *a_start(covariance_type), covariance_type)
    mixture = m_step(moments, covariance_type, 0.1)
    again = expected_moments(*mixture, covariance_type, 0.1) * len(X)
    assert_same_moments(again[:3], moments[:3], 1e-10)


def test_spread_of_a_constant_column_is_exact():
    X = np.full((1000, 1), 0.1)
    for spread in (spread_of(X), spread_of(X[:7]) + spread_of(X[7:])):
        assert spread.mean == 0.1
        assert spread.scale == 1.0
    np.testing.assert_array_equal(spread.standardise(X), 0.0)


@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_spread_is_mean_and_variance(offset):
    X = blobs() + offset
    spread = spread_of(X, block_rows=37)
    np.testing.assert_allclose(spread.mean, X.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(spread.scale, X.std(axis=0), rtol=1e-7)


def test_variances_that_overflow():
    with pytest.raises(ValueError, match="overflows float64"):
        _ = spread_of(blobs(50) * 1e200).scale


def test_repeating_every_frame_changes_nothing():
    X = blobs(200)
    resp = np.eye(3)[np.arange(len(X)) % 3].T
    once = m_step(moments_of(X, resp))
    twice = m_step(moments_of(np.concatenate([X, X]), np.concatenate([resp, resp], axis=1)))
    for a, b in zip(once, twice, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_empty_component_is_dropped_by_the_m_step(covariance_type):
    X = blobs(50)
    resp = np.zeros((2, 50))
    resp[1] = 1.0
    weights, means, _ = m_step(moments_of(X, resp, covariance_type), covariance_type)
    np.testing.assert_array_equal(weights, [1.0])
    np.testing.assert_allclose(means, X.mean(axis=0, keepdims=True))


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_m_step_does_not_write_into_the_moments(covariance_type):
    X = blobs(50)
    moments = moments_of(X, np.ones((1, 50)), covariance_type)
    before = [np.copy(a) for a in moments]
    m_step(moments, covariance_type, 0.1)
    for a, b in zip(moments, before, strict=True):
        np.testing.assert_array_equal(a, b)
