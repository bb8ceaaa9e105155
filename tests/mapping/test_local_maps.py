"""Local linear maps against dense constrained systems, loops and scikit-learn's Ridge."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import Ridge

from skstyle.mapping._local_maps import (
    embed,
    embedding_maps,
    reconstruction_weights,
    transform,
    transformation_maps,
)

# More neighbours than features, and fewer: two systems for one solution.
SIZES = [(3, 12), (12, 5), (6, 6), (1, 4), (4, 1)]


def make(n_features, n_neighbors, n_targets=4, n_frames=7):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n_frames, n_features))
    neighbours = x[:, None] + rng.normal(size=(n_frames, n_neighbors, n_features)) + 0.3
    return x, neighbours, rng.normal(size=(n_frames, n_neighbors, n_targets)) + 5


def squared_distance(x, neighbours):
    return ((neighbours - x) ** 2).sum(axis=1).mean()


@pytest.mark.parametrize(("n_features", "n_neighbors"), SIZES)
@pytest.mark.parametrize("reg", [1e-3, 0.1, 10.0])
def test_weights_solve_the_constrained_problem(n_features, n_neighbors, reg):
    """The Karush-Kuhn-Tucker system of |x - B'w|² + reg tr(G) |w|² under sum w = 1."""
    x, neighbours, _ = make(n_features, n_neighbors)
    weights = reconstruction_weights(x, neighbours, reg)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-12)
    for x1, B, w in zip(x, neighbours, weights, strict=True):
        penalty = reg * ((B - x1) ** 2).sum()
        system = np.ones((n_neighbors + 1, n_neighbors + 1))
        system[:-1, :-1] = 2 * (B @ B.T + penalty * np.eye(n_neighbors))
        system[-1, -1] = 0
        expected = np.linalg.solve(system, np.append(2 * B @ x1, 1))[:-1]
        np.testing.assert_allclose(w, expected, rtol=1e-6, atol=1e-9)


def test_no_other_weights_are_better():
    x, neighbours, _ = make(3, 5, n_frames=1)
    x1, B = x[0], neighbours[0]
    penalty = 0.01 * ((B - x1) ** 2).sum()

    def cost(w):
        return ((x1 - w @ B) ** 2).sum() + penalty * (w**2).sum()

    constraint = {"type": "eq", "fun": lambda w: w.sum() - 1}
    found = minimize(cost, np.full(5, 0.2), constraints=constraint, options={"ftol": 1e-14})
    weights = reconstruction_weights(x, neighbours, 0.01)[0]
    np.testing.assert_allclose(weights, found.x, atol=1e-5)


@pytest.mark.parametrize(("n_features", "n_neighbors"), SIZES)
def test_embedding_is_a_ridge_regression_with_a_free_bias(n_features, n_neighbors):
    x, neighbours, targets = make(n_features, n_neighbors)
    A, b = embedding_maps(x, neighbours, targets, 0.1)
    assert A.shape == (7, 4, n_features)
    for i in range(len(x)):
        alpha = 0.1 * n_neighbors * squared_distance(x[i], neighbours[i])
        ridge = Ridge(alpha=alpha).fit(neighbours[i], targets[i])
        np.testing.assert_allclose(A[i], ridge.coef_, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(b[i], ridge.intercept_, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("n_features", "n_targets"), [(5, 5), (5, 2), (2, 5), (1, 1), (1, 3)])
def test_transformation_is_a_ridge_regression_on_three_columns(n_features, n_targets):
    x, neighbours, targets = make(n_features, 9, n_targets)
    A, b = transformation_maps(x, neighbours, targets, 0.1)
    expected = np.zeros_like(A)
    for i in range(len(x)):
        alpha = 0.1 * 9 * squared_distance(x[i], neighbours[i])
        for j in range(n_targets):
            columns = np.arange(max(0, j - 1), min(j + 2, n_features))
            if not len(columns):
                assert b[i, j] == pytest.approx(targets[i, :, j].mean())
                continue
            ridge = Ridge(alpha=alpha).fit(neighbours[i][:, columns], targets[i, :, j])
            expected[i, j, columns] = ridge.coef_
            assert b[i, j] == pytest.approx(ridge.intercept_)
    np.testing.assert_allclose(A, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("functions", [(embed, embedding_maps), (transform, transformation_maps)])
@pytest.mark.parametrize(("n_features", "n_neighbors"), SIZES)
def test_maps_do_what_the_short_cut_does(functions, n_features, n_neighbors):
    apply, maps = functions
    data = make(n_features, n_neighbors)
    A, b = maps(*data, 0.1)
    expected = (A @ data[0][..., None])[..., 0] + b
    np.testing.assert_allclose(apply(*data, 0.1), expected, rtol=1e-10)


@pytest.mark.parametrize("function", [embed, transform])
@pytest.mark.parametrize(("n_features", "n_neighbors"), SIZES)
def test_a_batch_is_a_loop(function, n_features, n_neighbors):
    data = make(n_features, n_neighbors)
    one_by_one = [function(*(part[i : i + 1] for part in data), 0.1)[0] for i in range(7)]
    np.testing.assert_allclose(function(*data, 0.1), one_by_one, rtol=1e-12)


@pytest.mark.parametrize("function", [embed, transform])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours_that_are_the_frame_itself_are_averaged(function, dtype):
    x = np.ones((2, 3), dtype=dtype)
    neighbours = np.repeat(x[:, None], 4, axis=1)
    targets = np.arange(24, dtype=dtype).reshape(2, 4, 3)
    y = function(x, neighbours, targets, 0.1)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, targets.mean(axis=1), rtol=1e-6)


def test_much_regularisation_is_the_mean_of_the_neighbours():
    x, neighbours, targets = make(3, 12)
    for function in (embed, transform):
        y = function(x, neighbours, targets, 1e9)
        np.testing.assert_allclose(y, targets.mean(axis=1), rtol=1e-6)


def test_an_exact_hit_gets_its_target():
    x, neighbours, targets = make(4, 5)
    x = neighbours[:, 2].copy()
    np.testing.assert_allclose(embed(x, neighbours, targets, 1e-10), targets[:, 2], rtol=1e-6)
