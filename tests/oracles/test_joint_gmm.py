"""Conditional means and covariances beside gmr's."""

import numpy as np
import pytest

from skstyle.mapping import JointGMMRegressor

gmr = pytest.importorskip("gmr", reason="gmr is not here: make test-oracles installs it")

TYPES = ["full", "tied", "block_diag", "diag"]


@pytest.fixture(scope="module", params=TYPES)
def pair(request):
    """Our regressor, fitted, and the same joint mixture in gmr."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 5)) + 3 * rng.integers(2, size=(2000, 1))
    Y = np.tanh(X @ rng.normal(size=(5, 5))) + 0.1 * rng.normal(size=(2000, 5))
    ours = JointGMMRegressor(6, covariance_type=request.param, random_state=0).fit(X, Y)
    theirs = gmr.GMM(
        n_components=6,
        priors=ours.weights_,
        means=np.hstack([ours.means_x_, ours.means_y_]),
        covariances=full_covariances(ours),
    )
    return ours, theirs, X


def full_covariances(model):
    """Joint covariances as full matrices, written out from the documented shapes."""
    c = model.covariances_
    if model.covariance_type == "tied":
        return np.stack([c] * len(model.weights_))
    if model.covariance_type == "diag":
        return np.stack([np.diag(variances) for variances in c])
    if model.covariance_type == "block_diag":
        return np.stack(
            [np.block([[np.diag(b[:, i, j]) for j in (0, 1)] for i in (0, 1)]) for b in c]
        )
    return c


def test_conditional_mean(pair):
    ours, theirs, X = pair
    expected = theirs.predict(np.arange(5), X)
    np.testing.assert_allclose(ours.predict(X), expected, rtol=0, atol=1e-8)


def test_components_and_covariances(pair):
    ours, theirs, X = pair
    resp, E = ours.predict_components(X[:50])
    for x, weights, means in zip(X[:50], resp, E, strict=True):
        conditional = theirs.condition(np.arange(5), x)
        np.testing.assert_allclose(weights, conditional.priors, rtol=0, atol=1e-8)
        np.testing.assert_allclose(means, conditional.means, rtol=0, atol=1e-8)
        np.testing.assert_allclose(
            ours.conditional_covariances_, conditional.covariances, rtol=0, atol=1e-8
        )


def test_one_gaussian_of_the_conditional(pair):
    ours, theirs, X = pair
    _, covariance = ours.predict(X[:50], return_cov=True)
    for x, ours_x in zip(X[:50], covariance, strict=True):
        one = theirs.condition(np.arange(5), x).to_mvn()
        np.testing.assert_allclose(ours_x, one.covariance, rtol=0, atol=1e-8)
