"""Clouds of frames carried to others."""

import numpy as np
import pytest

from skstyle.mapping._transport import frechet_distance
from skstyle.transfer._sliced_transport import gaussian_transport, random_bases, sliced_transport


@pytest.fixture
def clouds():
    rng = np.random.default_rng(0)
    source = rng.normal(size=(300, 4)) * [1.0, 2.0, 3.0, 4.0]
    corners = rng.choice([-10.0, 10.0], size=(500, 4))
    return source, corners + rng.normal(size=(500, 4)) + 3.0


def test_gaussian_transport_carries_mean_and_covariance(clouds):
    source, target = clouds
    mapped = gaussian_transport(source, target, shrinkage=0.0)
    assert frechet_distance(mapped, target) < 1e-6
    np.testing.assert_allclose(mapped.mean(axis=0), target.mean(axis=0))


def test_bases_are_orthonormal_and_seeded():
    bases = random_bases(5, 3, np.random.RandomState(0))
    np.testing.assert_allclose(bases @ bases.transpose(0, 2, 1), [np.eye(5)] * 3, atol=1e-12)
    np.testing.assert_array_equal(bases, random_bases(5, 3, np.random.RandomState(0)))


def test_on_a_line_the_order_statistics_are_those_of_the_target():
    source, target = np.array([[3.0], [1.0], [2.0]]), np.array([[10.0], [30.0], [20.0]])
    mapped = sliced_transport(source, target, np.ones((1, 1, 1)), resolution=0)
    np.testing.assert_allclose(mapped, [[30.0], [10.0], [20.0]])


def test_quantiles_of_fewer_frames_are_interpolated():
    source = np.arange(4.0)[:, None]
    target = np.array([[0.0], [8.0]])
    mapped = sliced_transport(source, target, np.ones((1, 1, 1)), resolution=0)
    # Quantiles 1/8, 3/8, 5/8, 7/8 between those at 1/4 and 3/4, and no farther.
    np.testing.assert_allclose(mapped[:, 0], [0.0, 2.0, 6.0, 8.0])
    np.testing.assert_allclose(
        sliced_transport(source, target[:1], np.ones((1, 1, 1)), resolution=0), 0.0
    )


def test_many_steps_find_what_gaussians_cannot(clouds):
    source, target = clouds
    gaussian = gaussian_transport(source, target, shrinkage=0.0)
    mapped = sliced_transport(gaussian, target, random_bases(4, 60, np.random.RandomState(0)), 0)

    def share_near_corners(X):
        return np.mean(np.abs(np.abs(X - 3.0) - 10.0) < 3.0)

    assert share_near_corners(gaussian) < 0.4
    assert share_near_corners(mapped) > 0.9


def test_equal_frames_stay_equal(clouds):
    _, target = clouds
    source = np.zeros((50, 4)) + 1e-9 * np.random.default_rng(1).normal(size=(50, 4))
    mapped = sliced_transport(source, target, random_bases(4, 8, np.random.RandomState(0)), 0.1)
    assert np.ptp(mapped, axis=0).max() < 1e-6


def test_inputs_are_kept(clouds):
    source, target = (a.copy() for a in clouds)
    for a in (source, target):
        a.flags.writeable = False
    bases = random_bases(4, 2, np.random.RandomState(0))
    for mapped in (
        sliced_transport(source, target, bases),
        gaussian_transport(source, target, shrinkage=0.1),
    ):
        assert not np.shares_memory(mapped, source) and not np.shares_memory(mapped, target)
    for kept, made in zip((source, target), clouds, strict=True):
        np.testing.assert_array_equal(kept, made)
