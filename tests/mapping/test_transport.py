"""Maps between covariances against their closed forms."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from sklearn.covariance import ledoit_wolf

from skstyle.mapping._transport import (
    correlation_map,
    frechet_distance,
    moments,
    monge_map,
    shrunk_covariances,
    square_roots,
    triangular_map,
    triangular_roots,
)

MAPS = [monge_map, correlation_map, triangular_map]


def covariance(seed, n=6, rank=None):
    A = np.random.default_rng(seed).normal(size=(n, rank or 3 * n))
    return A @ A.T / A.shape[1]


@pytest.mark.parametrize("linear_map", MAPS)
def test_covariance_becomes_that_of_the_target(linear_map):
    S, T = covariance(0), covariance(1)
    A = linear_map(S, T)
    np.testing.assert_allclose(A @ S @ A.T, T, atol=1e-10)


@pytest.mark.parametrize("linear_map", MAPS)
def test_equal_covariances_give_the_identity(linear_map):
    S = covariance(0)
    np.testing.assert_allclose(linear_map(S, S), np.eye(6), atol=1e-10)


@pytest.mark.parametrize("linear_map", MAPS)
def test_the_map_back_is_the_inverse(linear_map):
    S, T = covariance(0), covariance(1)
    np.testing.assert_allclose(linear_map(S, T) @ linear_map(T, S), np.eye(6), atol=1e-10)


def test_the_monge_map_is_the_textbook_formula():
    S, T = covariance(0), covariance(1)
    root = sqrtm(S)
    inverse = np.linalg.inv(root)
    A = monge_map(S, T)
    np.testing.assert_allclose(A, inverse @ sqrtm(root @ T @ root) @ inverse, atol=1e-10)
    np.testing.assert_array_equal(A, A.T)
    assert np.linalg.eigvalsh(A).min() > 0


def test_the_monge_map_moves_least():
    """Every map that matches the covariances is T^1/2 Q S^-1/2, with a rotation Q."""
    S, T = covariance(0), covariance(1)
    root, inverse = square_roots(T)[0], square_roots(S)[1]
    rng = np.random.default_rng(2)
    rotations = [np.linalg.qr(rng.normal(size=(6, 6)))[0] for _ in range(50)]
    others = [f(S, T) for f in MAPS[1:]] + [root @ Q @ inverse for Q in rotations]

    def cost(A):
        D = A - np.eye(6)
        return np.trace(D @ S @ D.T)

    least = cost(monge_map(S, T))
    assert least < min(map(cost, others))
    X, Y = (np.sqrt(6) * np.concatenate([R, -R]) for R in (square_roots(S)[0], root))
    assert frechet_distance(X, Y + 2.0) == pytest.approx(least + 6 * 2.0**2, rel=1e-9)


def test_the_other_maps_are_their_formulas():
    S, T = covariance(0), covariance(1)
    np.testing.assert_allclose(
        correlation_map(S, T), sqrtm(T) @ np.linalg.inv(sqrtm(S)), atol=1e-10
    )
    lower = np.linalg.cholesky(T) @ np.linalg.inv(np.linalg.cholesky(S))
    np.testing.assert_allclose(triangular_map(S, T), lower, atol=1e-10)


def test_the_triangular_map_does_not_depend_on_units():
    S, T = covariance(0), covariance(1)
    units = np.logspace(-8, 8, 6)
    scaled = triangular_map(S * np.outer(units, units), T * np.outer(units, units))
    A = scaled / units[:, None] * units
    np.testing.assert_allclose(A, triangular_map(S, T), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("roots", [square_roots, triangular_roots])
def test_roots_of_singular_covariances(roots):
    S = covariance(0, rank=3)
    S[:, 0] = S[0] = 0.0  # a constant column
    root, inverse = roots(S)
    np.testing.assert_allclose(root @ root.T, S, atol=1e-12)
    np.testing.assert_allclose(root @ inverse @ root, root, atol=1e-10)
    np.testing.assert_array_equal(roots(np.zeros((2, 2))), np.zeros((2, 2, 2)))


@pytest.mark.parametrize("linear_map", MAPS)
def test_singular_targets_are_reached(linear_map):
    S, T = covariance(0), covariance(1, rank=2)
    A = linear_map(S, T)
    np.testing.assert_allclose(A @ S @ A.T, T, atol=1e-8)


@pytest.mark.parametrize("linear_map", MAPS)
def test_singular_sources_give_finite_maps(linear_map):
    S, T = covariance(0, rank=2), covariance(1)
    A = linear_map(S, T)
    assert np.isfinite(A).all()
    assert np.linalg.matrix_rank(A @ S @ A.T, tol=1e-8) == 2


def test_moments_far_from_zero():
    X = np.random.default_rng(0).normal(size=(100, 3))
    mean, S = moments(X + 1e6)
    np.testing.assert_allclose(mean, X.mean(axis=0) + 1e6, rtol=1e-12)
    np.testing.assert_allclose(S, np.cov(X.T, bias=True), rtol=1e-8, atol=1e-9)


def test_shrinkage_goes_from_the_sample_to_equal_variances():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(50, 3)) @ np.diag([1, 5, 9]), rng.normal(size=(80, 3))
    none = shrunk_covariances(X, Y, 0.0)
    half, whole = (shrunk_covariances(X, Y, s)[0] for s in (0.5, 1.0))
    np.testing.assert_allclose(none[0], np.cov(X.T, bias=True), atol=1e-12)
    np.testing.assert_allclose(none[1], np.cov(Y.T, bias=True), atol=1e-12)
    np.testing.assert_allclose(half, (none[0] + whole) / 2, atol=1e-12)
    scale = np.sqrt((X.var(axis=0) + Y.var(axis=0)) / 2)
    standard = whole / np.outer(scale, scale)
    np.testing.assert_allclose(standard, np.eye(3) * standard[0, 0], atol=1e-12)
    assert np.trace(standard) == pytest.approx((X.var(axis=0) / scale**2).sum())


def test_automatic_shrinkage_is_that_of_sklearn_in_standard_units():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(40, 5)) * [1, 2, 3, 4, 100], rng.normal(size=(60, 5))
    scale = np.sqrt((X.var(axis=0) + Y.var(axis=0)) / 2)
    for Z, S in zip((X, Y), shrunk_covariances(X, Y, "auto"), strict=True):
        np.testing.assert_allclose(S / np.outer(scale, scale), ledoit_wolf(Z / scale)[0])


def test_a_single_frame_takes_the_spread_of_the_other_side():
    X = np.random.default_rng(0).normal(size=(30, 3))
    S, T = shrunk_covariances(X, X[:1], 0.1)
    np.testing.assert_array_equal(S, T)
    S, T = shrunk_covariances(X[:1], X[1:2], "auto")
    np.testing.assert_array_equal(S, np.eye(3))
    np.testing.assert_array_equal(T, np.eye(3))
