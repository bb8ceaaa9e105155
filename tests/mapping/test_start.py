"""Where EM starts, and what replaces lost components."""

import numpy as np
import pytest

from skstyle.mapping import _shapes
from skstyle.mapping._moments import em_sums
from skstyle.mapping._shapes import COVARIANCE_TYPES as TYPES
from skstyle.mapping._start import INITS, nearest, split_widest, start_mixture, without


def clusters(seed=0):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(300, 4)) * 0.1 + np.repeat([[-1.0], [0.0], [1.0]], 100, axis=0)
    return (Z - Z.mean(axis=0)) / Z.std(axis=0)


def test_nearest_is_the_nearest():
    rng = np.random.default_rng(0)
    X, centres = rng.normal(size=(50, 3)), rng.normal(size=(7, 3))
    distances = np.linalg.norm(X[:, None] - centres, axis=2)
    np.testing.assert_array_equal(nearest(X, centres), distances.argmin(axis=1))


@pytest.mark.parametrize("covariance_type", TYPES)
def test_kmeans_start_finds_the_clusters(covariance_type):
    Z = clusters()
    weights, means, _ = start_mixture(Z, 3, covariance_type, random_state=np.random.RandomState(0))
    np.testing.assert_allclose(weights, 1 / 3)
    order = np.argsort(means[:, 0])
    np.testing.assert_allclose(means[order], Z.reshape(3, 100, 4).mean(axis=1), atol=1e-12)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_random_start_takes_frames(covariance_type):
    Z = clusters()
    weights, means, covariances = start_mixture(
        Z, 5, covariance_type, init="random", random_state=np.random.RandomState(0)
    )
    np.testing.assert_allclose(weights, 0.2)
    assert all((Z == mean).all(axis=1).any() for mean in means)
    full = _shapes.dense(covariances, covariance_type, 5)
    np.testing.assert_allclose(np.einsum("kii->ki", full), 1.0, rtol=1e-10)


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("covariance_type", TYPES)
def test_same_seed_same_bytes(covariance_type, init):
    a, b = (
        start_mixture(
            clusters(), 4, covariance_type, init=init, random_state=np.random.RandomState(3)
        )
        for _ in range(2)
    )
    assert all(x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("covariance_type", TYPES)
def test_split_keeps_mass_and_mean_and_helps(covariance_type):
    Z = clusters()
    one = start_mixture(Z, 1, covariance_type, 1e-3, random_state=np.random.RandomState(0))
    two = split_widest(*one, covariance_type, 1)
    assert len(two[0]) == 2
    assert two[0].sum() == pytest.approx(1.0)
    np.testing.assert_allclose(two[0] @ two[1], one[0] @ one[1], atol=1e-12)
    assert not np.allclose(two[1][0], two[1][1])
    assert np.isfinite(em_sums(Z, *two, covariance_type).bound)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_without(covariance_type):
    mixture = start_mixture(clusters(), 3, covariance_type, random_state=np.random.RandomState(0))
    weights, means, covariances = without(*mixture, covariance_type, [1])
    np.testing.assert_allclose(weights, 0.5)
    np.testing.assert_array_equal(means, mixture[1][[0, 2]])
    assert len(_shapes.dense(covariances, covariance_type, 2)) == 2
