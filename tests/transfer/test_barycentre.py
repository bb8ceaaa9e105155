"""The distance of Gaussians and the one between."""

import numpy as np
import pytest

from skstyle.transfer._barycentre import gaussian_barycentre, gaussian_distance


def covariance(seed, n=5):
    x = np.random.default_rng(seed).standard_normal((n, 2 * n))
    return x @ x.T


def test_variances_that_commute_have_the_mean_of_standard_deviations():
    found = gaussian_barycentre([np.diag([1.0, 4.0]), np.diag([9.0, 16.0])], [0.25, 0.75])
    np.testing.assert_allclose(found, np.diag([2.5**2, 3.5**2]), rtol=1e-5)


def test_two_lie_on_a_line():
    a, b = covariance(0), covariance(1)
    zero = np.zeros(len(a))
    between = gaussian_barycentre([a, b], [0.3, 0.7])
    whole, *parts = (
        np.sqrt(gaussian_distance((zero, x), (zero, y)))
        for x, y in ((a, b), (a, between), (between, b))
    )
    np.testing.assert_allclose(parts, [0.7 * whole, 0.3 * whole], rtol=1e-4)


def test_the_barycentre_is_nearest_to_all():
    parts, weights = [covariance(k) for k in range(3)], [0.2, 0.3, 0.5]
    zero = np.zeros(5)

    def cost(S):
        sides = (gaussian_distance((zero, S), (zero, C)) for C in parts)
        return sum(w * d for w, d in zip(weights, sides, strict=True))

    found = gaussian_barycentre(parts, weights)
    rng = np.random.default_rng(9)
    for _ in range(10):
        step = 0.05 * rng.standard_normal((5, 5))
        assert cost(found) <= cost((np.eye(5) + step) @ found @ (np.eye(5) + step).T)


def test_flat_clouds():
    flat = np.zeros((4, 4))
    assert np.isfinite(gaussian_barycentre([flat, covariance(0, 4)], [0.5, 0.5])).all()
    np.testing.assert_array_equal(gaussian_barycentre([flat, flat], [0.5, 0.5]), flat)
    assert gaussian_barycentre([flat], [1.0]) is flat


def test_distance():
    a, b = covariance(0), covariance(1)
    zero, one = np.zeros(5), np.ones(5)
    assert gaussian_distance((zero, a), (zero, a)) == 0
    assert gaussian_distance((zero, a), (one, a)) == pytest.approx(5)
    forth, back = gaussian_distance((zero, a), (one, b)), gaussian_distance((one, b), (zero, a))
    assert forth == pytest.approx(back)
