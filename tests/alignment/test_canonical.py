"""Canonical correlations against known truths."""

import numpy as np
import pytest
from sklearn.cross_decomposition import CCA

from skstyle.alignment._canonical import PairedMoments, canonical_projections, inverse_root


def related(n=400, seed=0):
    """Two views of three hidden variables, with noise in other directions."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(n, 3)) * [3, 1, 0.3]
    x = np.column_stack([hidden, rng.normal(size=(n, 2))]) @ rng.normal(size=(5, 5))
    y = np.column_stack([hidden, 5 * rng.normal(size=(n, 1))]) @ rng.normal(size=(4, 4))
    return x + 100, y - 30


def moments(x, y, parts=1):
    sums = PairedMoments(x[0], y[0])
    for a, b in zip(np.array_split(x, parts), np.array_split(y, parts), strict=True):
        sums.add(a, b)
    return sums.covariances()


@pytest.mark.parametrize("parts", [1, 7])
def test_moments_add_up(parts):
    x, y = related()
    mean_x, mean_y, xx, yy, xy = moments(x, y, parts)
    np.testing.assert_allclose(mean_x, x.mean(axis=0))
    np.testing.assert_allclose(mean_y, y.mean(axis=0))
    whole = np.cov(x.T, y.T, bias=True)
    np.testing.assert_allclose(np.block([[xx, xy], [xy.T, yy]]), whole, rtol=1e-9)


def test_hidden_variables_correlate_fully_and_noise_does_not():
    x, y = related()
    _, _, *cov = moments(x, y)
    u, v, correlations = canonical_projections(*cov, n_components=4, reg=0)
    np.testing.assert_allclose(correlations[:3], 1, atol=1e-6)
    assert correlations[3] < 0.2
    p, q = (x - x.mean(axis=0)) @ u, (y - y.mean(axis=0)) @ v
    np.testing.assert_allclose(p.T @ p / len(x), np.eye(4), atol=1e-6)
    np.testing.assert_allclose(q.T @ q / len(x), np.eye(4), atol=1e-6)
    np.testing.assert_allclose(p.T @ q / len(x), np.diag(correlations), atol=1e-6)


def test_correlations_are_those_of_sklearn():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4))
    y = x[:, :3] + rng.normal(size=(300, 3)) * [0.3, 1, 3]
    _, _, *cov = moments(x, y)
    correlations = canonical_projections(*cov, n_components=3, reg=0)[2]
    p, q = CCA(3, tol=1e-12, max_iter=10_000).fit_transform(x, y)
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(p.T, q.T, strict=True)]
    np.testing.assert_allclose(correlations, expected, atol=1e-6)


def test_components_are_chosen_by_correlation():
    x, y = related()
    _, _, *cov = moments(x, y)
    assert canonical_projections(*cov)[0].shape == (5, 3)


def test_constant_and_doubled_columns_are_left_out():
    x, y = related()
    x = np.column_stack([x, np.full(len(x), 7.0), x[:, 0]])
    _, _, *cov = moments(x, y)
    u, _, correlations = canonical_projections(*cov, n_components=4, reg=0)
    assert np.isfinite(u).all()
    assert correlations[0] <= 1 + 1e-6
    assert inverse_root(np.zeros((3, 3)), 1e-3).shape == (3, 0)


def test_ridge_shrinks_correlations():
    x, y = related()
    _, _, *cov = moments(x, y)
    hard, soft = (canonical_projections(*cov, n_components=4, reg=r)[2] for r in (1e-9, 1))
    assert (soft < hard).all()
