"""The affine map that fits frames to a mixture: EM, its rows, its prior."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from skstyle.mapping._adaptation import adapt_frames, fold, total_moments

OPTIONS = {"prior": 1e-3, "max_iter": 500, "tol": 1e-9}


def mixture(seed=0, n=3, d=2):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n, d, 2 * d))
    covariances = A @ A.swapaxes(1, 2) / (2 * d)
    return rng.dirichlet(np.full(n, 9.0)), 3 * rng.normal(size=(n, d)), covariances


def draw(weights, means, covariances, n, seed=1):
    rng = np.random.default_rng(seed)
    which = rng.choice(len(weights), size=n, p=weights)
    noise = rng.normal(size=(n, means.shape[1]))
    return means[which] + np.einsum("nij,nj->ni", np.linalg.cholesky(covariances)[which], noise)


def log_likelihood(X, A, b, weights, means, covariances):
    """Mean log density of frames that are mapped into a mixture, from the definition."""
    density = sum(
        w * multivariate_normal(m, S).pdf(X @ A.T + b)
        for w, m, S in zip(weights, means, covariances, strict=True)
    )
    return np.log(density).mean() + np.linalg.slogdet(A)[1]


def test_curve_is_the_log_likelihood_and_never_falls():
    parts = mixture()
    X = draw(*parts, 400) @ np.array([[1.5, 0.4], [-0.3, 0.7]]) + 2.0
    found = adapt_frames(X, *parts, "full", **OPTIONS)
    assert found.converged
    assert np.diff(found.log_likelihood).min() > -1e-10
    expected = log_likelihood(X, found.coef, found.intercept, *parts)
    assert found.log_likelihood[-1] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("prior", [5.0, 100.0])
@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag"])
def test_penalised_curve_never_falls(prior, covariance_type):
    weights, means, covariances = mixture(n=4, d=3)
    if covariance_type == "tied":
        covariances = covariances[0]
    if covariance_type == "diag":
        covariances = np.diagonal(covariances, axis1=1, axis2=2)
    X = np.random.default_rng(0).normal(size=(60, 3)) * [1, 5, 0.1] + [0, 9, 1]
    found = adapt_frames(
        X, weights, means, covariances, covariance_type, prior=prior, max_iter=200, tol=1e-8
    )
    assert np.diff(found.log_likelihood).min() > -1e-10
    if covariance_type == "diag":
        np.testing.assert_array_equal(found.coef, np.diag(np.diagonal(found.coef)))
    assert np.linalg.det(found.coef) > 0


def test_it_is_a_maximum():
    parts = mixture()
    X = draw(*parts, 300) @ np.array([[1.2, 0.2], [-0.3, 0.9]]) + 1.0
    found = adapt_frames(X, *parts, "full", **OPTIONS)

    def cost(W):
        W = W.reshape(2, 3)
        return -log_likelihood(X, W[:, :2], W[:, 2], *parts)

    W = np.column_stack([found.coef, found.intercept])
    best = minimize(cost, W.ravel(), tol=1e-9)
    np.testing.assert_allclose(best.x.reshape(2, 3), W, atol=2e-3)


def test_one_component_matches_its_moments():
    weights, means, covariances = np.ones(1), np.array([[1.0, 2.0]]), mixture()[2][:1]
    X = np.random.default_rng(0).normal(size=(500, 2)) @ [[1, 0.5], [0, 3]] - 4.0
    found = adapt_frames(X, weights, means, covariances, "full", **OPTIONS)
    mapped = X @ found.coef.T + found.intercept
    np.testing.assert_allclose(mapped.mean(axis=0), means[0], atol=1e-4)
    np.testing.assert_allclose(np.cov(mapped.T, bias=True), covariances[0], atol=1e-4)


def test_frames_of_the_mixture_itself_give_the_identity():
    parts = mixture()
    found = adapt_frames(draw(*parts, 20_000), *parts, "full", **OPTIONS)
    np.testing.assert_allclose(found.coef, np.eye(2), atol=0.03)
    np.testing.assert_allclose(found.intercept, 0, atol=0.05)


def test_a_known_affine_map_is_undone():
    parts = mixture()
    A, b = np.array([[1.5, 0.4], [-0.3, 0.7]]), np.array([3.0, -2.0])
    X = np.linalg.solve(A, (draw(*parts, 20_000) - b).T).T
    found = adapt_frames(X, *parts, "full", **OPTIONS)
    np.testing.assert_allclose(found.coef, A, atol=0.05)
    np.testing.assert_allclose(found.intercept, b, atol=0.1)


def test_the_prior_holds_to_the_identity():
    parts = mixture()
    X = draw(*parts, 50) * [2.0, 0.5] + 5.0
    away = [
        np.abs(adapt_frames(X, *parts, "full", **OPTIONS | {"prior": p}).coef - np.eye(2)).max()
        for p in (100.0, 1e4, 1e6, 1e8)
    ]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 1e-5


def test_units_do_not_matter():
    weights, means, covariances = mixture()
    X = draw(weights, means, covariances, 200) * 1.3 + 1.0
    units = np.array([1e-6, 1e6])
    options = {"prior": 5.0, "max_iter": 30, "tol": 1e-6}
    plain = adapt_frames(X, weights, means, covariances, "full", **options)
    scaled = adapt_frames(
        X * units, weights, means * units, covariances * np.outer(units, units), "full", **options
    )
    np.testing.assert_allclose(scaled.coef * units / units[:, None], plain.coef, rtol=1e-6)
    np.testing.assert_allclose(scaled.intercept / units, plain.intercept, rtol=1e-6)
    np.testing.assert_allclose(
        scaled.log_likelihood, plain.log_likelihood - np.log(units).sum(), atol=1e-8
    )


def test_fold_is_the_mixture_of_unmapped_frames():
    weights, means, covariances = mixture()
    X = draw(weights, means, covariances, 100) * 1.3 + 1.0
    found = adapt_frames(X, weights, means, covariances, "full", **OPTIONS)
    folded = fold(means, covariances, "full", slice(0, 2), found)
    assert log_likelihood(X, np.eye(2), np.zeros(2), weights, *folded) == pytest.approx(
        log_likelihood(X, found.coef, found.intercept, weights, means, covariances)
    )


def test_total_moments_match_monte_carlo():
    parts = mixture()
    X = draw(*parts, 200_000)
    mean, covariance = total_moments(*parts)
    np.testing.assert_allclose(mean, X.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(covariance, np.cov(X.T), atol=0.1)
