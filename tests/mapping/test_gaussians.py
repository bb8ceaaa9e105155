"""Densities and second moments against scipy and the definition."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from skstyle.mapping import _gaussians, _shapes
from skstyle.mapping._gaussians import log_joint, posteriors, prepare, second_moments
from skstyle.mapping._shapes import COVARIANCE_TYPES

K = 3


def a_mixture(covariance_type, n_columns=4, seed=1):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(K, n_columns, 2 * n_columns))
    full = A @ A.swapaxes(1, 2)
    half = n_columns // 2
    covariances = {
        "full": full,
        "tied": full[0],
        "diag": np.einsum("kii->ki", full).copy(),
        "block_diag": np.einsum("kadbd->kdab", full.reshape(K, 2, half, 2, half)).copy(),
    }[covariance_type]
    return rng.dirichlet(np.ones(K)), 4 * rng.normal(size=(K, n_columns)), covariances


@pytest.mark.parametrize("n_columns", [2, 4, 40])
@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_log_joint_matches_scipy(covariance_type, n_columns):
    weights, means, covariances = a_mixture(covariance_type, n_columns)
    # More frames than fit into one strip.
    X = 4 * np.random.default_rng(2).normal(size=(_gaussians._STRIP_ROWS + 50, n_columns))
    ours = log_joint(X, prepare(weights, means, covariances, covariance_type))
    dense = _shapes.dense(covariances, covariance_type, K)
    theirs = [
        np.log(w) + multivariate_normal(m, c).logpdf(X)
        for w, m, c in zip(weights, means, dense, strict=True)
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_blurred_densities_are_expectations(covariance_type):
    weights, means, covariances = a_mixture(covariance_type)
    noise = np.array([0.1, 0.2, 0.3, 0.4])
    density = prepare(weights, means, covariances, covariance_type, noise)
    # Sigma points have the covariance of the noise, and a log density is quadratic.
    x = np.ones((1, 4))
    around = np.concatenate([x + s * np.diag(2 * np.sqrt(noise)) for s in (1, -1)])
    plain = log_joint(around, prepare(weights, means, covariances, covariance_type))
    np.testing.assert_allclose(log_joint(x, density)[:, 0], plain.mean(axis=1), rtol=1e-10)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_posteriors_sum_to_one_even_far_away(covariance_type, dtype):
    density = prepare(*a_mixture(covariance_type), covariance_type, dtype=dtype)
    far = 1e200 if dtype == np.float64 else 1e30
    X = np.stack([np.zeros(4), np.full(4, 1e6), np.full(4, -far), [far, -far, -far, far]])
    resp, log_evidence = posteriors(X.astype(dtype), density)
    np.testing.assert_allclose(resp.sum(axis=0), 1.0, rtol=1e-12)
    assert np.isfinite(log_evidence).all()


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_densities_keep_digits_far_from_zero(covariance_type):
    weights, means, covariances = a_mixture(covariance_type)
    X = np.random.default_rng(2).normal(size=(50, 4))
    near = log_joint(X, prepare(weights, means, covariances, covariance_type))
    far = log_joint(X + 1e6, prepare(weights, means + 1e6, covariances, covariance_type))
    np.testing.assert_allclose(far, near, rtol=1e-6)


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_float32_is_close(covariance_type):
    mixture = a_mixture(covariance_type)
    X = np.random.default_rng(2).normal(size=(50, 4)).astype(np.float32)
    narrow = log_joint(X, prepare(*mixture, covariance_type, dtype=np.float32))
    wide = log_joint(X.astype(np.float64), prepare(*mixture, covariance_type))
    assert narrow.dtype == np.float64
    np.testing.assert_allclose(narrow, wide, rtol=1e-4)


@pytest.mark.parametrize("share", [0.1, 1.0])  # few frames matter, or all
@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_second_moments_are_the_definition(covariance_type, share):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(700, 40))
    resp = rng.dirichlet(np.ones(K), size=700).T
    if covariance_type != "tied":
        resp *= rng.uniform(size=resp.shape) < share
    full = np.einsum("kn,ni,nj->kij", resp, X, X)
    ours = second_moments(X, resp, covariance_type)
    if covariance_type == "full":
        np.testing.assert_allclose(np.tril(ours), np.tril(full), atol=1e-10)
    elif covariance_type == "tied":
        np.testing.assert_allclose(ours, full.sum(axis=0), atol=1e-10)
    elif covariance_type == "diag":
        np.testing.assert_allclose(ours, np.einsum("kii->ki", full), atol=1e-10)
    else:
        blocks = np.einsum("kadbd->kdab", full.reshape(K, 2, 20, 2, 20))
        np.testing.assert_allclose(ours, blocks, atol=1e-10)
