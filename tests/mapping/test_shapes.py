"""Every shape of covariances against full matrices."""

import numpy as np
import pytest

from skstyle.mapping import _shapes
from skstyle.mapping._shapes import COVARIANCE_TYPES, SingularCovarianceError, factorise

K, D = 3, 6


def some_covariances(covariance_type, seed=1):
    rng = np.random.default_rng(seed)
    if covariance_type == "diag":
        return rng.uniform(0.5, 2.0, size=(K, D))
    if covariance_type == "block_diag":
        A = rng.normal(size=(K, D // 2, 2, 4))
    else:
        A = rng.normal(size=(K, D, 2 * D))
    covariances = A @ A.swapaxes(-1, -2)
    return covariances[0] if covariance_type == "tied" else covariances


@pytest.fixture(params=COVARIANCE_TYPES)
def case(request):
    covariances = some_covariances(request.param)
    return request.param, covariances, _shapes.dense(covariances, request.param, K)


def test_dense_block_diag_pairs_column_d_with_column_d_plus_half():
    covariances = some_covariances("block_diag")
    full = _shapes.dense(covariances, "block_diag", K)
    allowed = np.tile(np.eye(D // 2, dtype=bool), (2, 2))
    np.testing.assert_array_equal(full[:, ~allowed], 0.0)
    np.testing.assert_array_equal(full[:, 1, 4], covariances[:, 1, 0, 1])
    np.testing.assert_array_equal(full[:, 4, 4], covariances[:, 1, 1, 1])


def test_factor_inverts_the_covariance(case):
    covariance_type, covariances, full = case
    U = factorise(covariances, covariance_type)
    assert U.shape == covariances.shape
    if covariance_type == "diag":
        np.testing.assert_allclose(U**2 * covariances, 1.0, rtol=1e-12)
        return
    identity = np.broadcast_to(np.eye(U.shape[-1]), U.shape)
    np.testing.assert_allclose(U @ U.swapaxes(-1, -2) @ covariances, identity, atol=1e-9)
    np.testing.assert_array_equal(U, np.triu(U))


def test_log_determinant(case):
    covariance_type, covariances, full = case
    ours = _shapes.log_det_factor(factorise(covariances, covariance_type), covariance_type)
    np.testing.assert_allclose(
        np.broadcast_to(ours, K), -0.5 * np.linalg.slogdet(full)[1], rtol=1e-10
    )


def test_penalty_is_a_trace(case):
    covariance_type, covariances, full = case
    reg_covar = np.arange(1.0, D + 1)
    ours = _shapes.penalty(factorise(covariances, covariance_type), covariance_type, reg_covar)
    trace = [0.5 * np.trace(np.diag(reg_covar) @ np.linalg.inv(c)) for c in full]
    np.testing.assert_allclose(np.broadcast_to(ours, K), trace, rtol=1e-9)


def test_rescale_is_that_of_full_matrices(case):
    covariance_type, covariances, full = case
    scale = np.arange(1.0, D + 1)
    ours = _shapes.dense(_shapes.rescale(covariances, scale, covariance_type), covariance_type, K)
    np.testing.assert_allclose(ours, full * scale[:, None] * scale, rtol=1e-12)


def test_marginal(case):
    covariance_type, covariances, full = case
    ours, marginal_type = _shapes.marginal(covariances, covariance_type, D // 2)
    np.testing.assert_array_equal(
        _shapes.dense(ours, marginal_type, K), full[:, : D // 2, : D // 2]
    )


def test_centre_undoes_uncentre(case):
    covariance_type, covariances, _ = case
    rng = np.random.default_rng(0)
    means, weights, reg = rng.normal(size=(K, D)), rng.dirichlet(np.ones(K)), rng.uniform(size=D)
    second = _shapes.uncentre(covariances, means, weights, covariance_type, 0.1 * reg)
    again = _shapes.centre(second, means, weights, covariance_type, 0.1 * reg)
    np.testing.assert_allclose(again, covariances, atol=1e-12)


def test_pooled_is_the_weighted_mean(case):
    covariance_type, covariances, full = case
    weights = np.array([0.5, 0.25, 0.25])
    ours = _shapes.pooled(covariances, weights, covariance_type)
    expected = np.tensordot(weights, full, axes=1)
    for c in _shapes.dense(ours, covariance_type, K):
        np.testing.assert_allclose(c, expected, rtol=1e-12)


@pytest.mark.parametrize("covariance_type", ["full", "diag", "block_diag"])
def test_singular_components_are_named(covariance_type):
    covariances = some_covariances(covariance_type)
    covariances[1] = 0.0
    with pytest.raises(SingularCovarianceError, match="component 1 .* Increase reg_covar") as error:
        factorise(covariances, covariance_type)
    np.testing.assert_array_equal(error.value.components, [1])
    np.testing.assert_array_equal(_shapes.singular_components(covariances, covariance_type), [1])


def test_singular_up_to_rounding():
    direction = np.array([1.0, 1.0])
    nearly = np.outer(direction, direction) + 1e-15 * np.eye(2)
    assert len(_shapes.singular_components(nearly[None], "full")) == 1


@pytest.mark.parametrize(
    "covariance_type, expected",
    [("full", 2 * 10), ("tied", 10), ("diag", 2 * 4), ("block_diag", 2 * (4 + 1))],
)
def test_number_of_parameters(covariance_type, expected):
    # 2 components, 3 features and 1 target: 1 weight and 8 means beside the covariances.
    assert _shapes.n_parameters(2, 3, 1, covariance_type) == 1 + 8 + expected
