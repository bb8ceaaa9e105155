"""LocallyLinearRegressor against affine truths, loops and bad input."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors

from skstyle import AlignedRegressor, ContextRegressor, TrajectoryRegressor
from skstyle.mapping import LocallyLinearRegressor
from skstyle.mapping._locally_linear import balance

METHODS = ["embedding", "transformation"]


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(900, 4)) + 3 * rng.integers(2, size=(900, 1))
    Y = np.tanh(X @ rng.normal(size=(4, 3))) + 0.1 * rng.normal(size=(900, 3))
    return X, Y


@pytest.fixture(scope="module", params=METHODS)
def model(request, frames):
    return LocallyLinearRegressor(30, method=request.param).fit(*frames)


@pytest.mark.parametrize("joint_selection", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_an_affine_truth_is_found_exactly(method, joint_selection):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 4))
    A = rng.normal(size=(4, 4))
    if method == "transformation":
        A = np.triu(np.tril(A, 1), -1)
    b = rng.normal(size=4)
    model = LocallyLinearRegressor(
        20, method=method, reg=1e-10, joint_selection=joint_selection
    ).fit(X, X @ A.T + b)
    queries = 0.3 * rng.normal(size=(50, 4))
    np.testing.assert_allclose(model.predict(queries), queries @ A.T + b, atol=1e-6)
    slopes, biases = model.transition(queries)
    np.testing.assert_allclose(slopes, np.tile(A, (50, 1, 1)), atol=1e-6)
    np.testing.assert_allclose(biases, np.tile(b, (50, 1)), atol=1e-6)
    std = model.predict(queries, return_std=True)[1]
    np.testing.assert_allclose(std, 0, atol=1e-6)


def one_frame(model, x):
    """Embedding and selection straight from their definitions, for one frame."""
    bx, by, k = model.exemplars_x_, model.exemplars_y_, model.n_neighbors

    def solve(rows):
        differences = bx[rows] - x
        gram = differences @ differences.T
        gram += model.reg * np.trace(gram) * np.eye(k)
        weights = np.linalg.solve(gram, np.ones(k))
        return weights / weights.sum() @ by[rows]

    distances = ((bx - x) ** 2).sum(axis=1)
    y = solve(np.argsort(distances)[:k])
    if not model.joint_selection:
        return y
    distances = distances + model.joint_scale_**2 * ((by - y) ** 2).sum(axis=1)
    return solve(np.argsort(distances)[:k])


@pytest.mark.parametrize("joint_selection", [False, True])
@pytest.mark.parametrize("n_neighbors", [3, 25])
def test_prediction_is_that_of_a_loop(frames, n_neighbors, joint_selection):
    model = LocallyLinearRegressor(n_neighbors, joint_selection=joint_selection).fit(*frames)
    queries = frames[0][:40] + 0.1
    expected = [one_frame(model, x) for x in queries]
    np.testing.assert_allclose(model.predict(queries), expected, rtol=1e-7, atol=1e-9)


def test_without_joint_selection_neighbours_are_those_of_sklearn(frames):
    X, Y = frames
    model = LocallyLinearRegressor(10, joint_selection=False).fit(X, Y)
    queries = X[:60] + 0.05
    indices, weights = model.neighbors(queries)
    nearest = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(model.exemplars_x_)
    np.testing.assert_array_equal(indices, nearest.kneighbors(queries, return_distance=False))
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-12)
    rebuilt = (weights[:, None] @ model.exemplars_y_[indices])[:, 0]
    np.testing.assert_allclose(rebuilt, model.predict(queries), rtol=1e-10)


def test_joint_selection_settles_on_one_of_two_targets():
    """One x goes with two targets: all neighbours together would meet in the middle."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    y = np.where(rng.random((600, 1)) < 0.7, 1.0, -1.0) + 0.01 * rng.normal(size=(600, 1))
    once, twice = (
        LocallyLinearRegressor(40, joint_selection=joint).fit(X, y).predict(0.5 * X[:100])
        for joint in (False, True)
    )
    assert np.abs(np.abs(once) - 1).mean() > 0.4
    assert np.abs(np.abs(twice) - 1).mean() < 0.1


def test_neighbors_belong_to_the_embedding(frames):
    model = LocallyLinearRegressor(method="transformation").fit(*frames)
    assert not hasattr(model, "neighbors")


def test_transition_is_the_prediction(model, frames):
    X = frames[0][:70]
    A, b = model.transition(X)
    assert A.shape == (70, 3, 4)
    assert b.shape == (70, 3)
    np.testing.assert_allclose((A @ X[..., None])[..., 0] + b, model.predict(X), rtol=1e-8)
    if model.method == "transformation":
        assert not A[:, 0, 2:].any()
        assert not A[:, 2, 0].any()


def test_std_is_the_residual_of_the_neighbours(frames):
    X, Y = frames
    model = LocallyLinearRegressor(30).fit(X, Y)
    mean, std = model.predict(X[:50], return_std=True)
    np.testing.assert_allclose(mean, model.predict(X[:50]), rtol=1e-9)
    A, b = model.transition(X[:50])
    indices, _ = model.neighbors(X[:50])
    for t in range(50):
        rows = indices[t]
        residuals = model.exemplars_y_[rows] - model.exemplars_x_[rows] @ A[t].T - b[t]
        np.testing.assert_allclose(std[t], np.sqrt((residuals**2).mean(axis=0)), rtol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_all_pairs_where_there_are_fewer_than_neighbours(frames, method):
    X, Y = (A[:20] for A in frames)
    few, many = (LocallyLinearRegressor(k, method=method).fit(X, Y) for k in (20, 5000))
    np.testing.assert_array_equal(few.predict(X), many.predict(X))


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_the_pairs_does_not_matter(frames, method):
    X, Y = (np.concatenate([A, A[:100]]) for A in frames)
    order = np.random.default_rng(1).permutation(len(X))
    a, b = (
        LocallyLinearRegressor(20, method=method).fit(X[rows], Y[rows]).predict(X[:50])
        for rows in (np.arange(len(X)), order)
    )
    assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_repeated_pairs_change_nothing(frames, method):
    X, Y = frames
    once = LocallyLinearRegressor(20, method=method).fit(X, Y)
    many = clone(once).fit(np.repeat(X, 3, axis=0), np.repeat(Y, 3, axis=0))
    np.testing.assert_allclose(many.predict(X), once.predict(X), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(many.exemplars_x_, once.exemplars_x_)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_scale_and_shift_go_along(frames, method, dtype, scale):
    """Powers of two, nearly: rounding alone may choose another neighbour."""
    scale = 2.0 ** np.round(np.log2(scale))
    X, Y = (A.astype(dtype) for A in frames)
    plain = LocallyLinearRegressor(30, method=method).fit(X, Y).predict(X[:80])
    scaled = LocallyLinearRegressor(30, method=method).fit(scale * X, 4 * Y)
    tolerance = 1e-3 if dtype == np.float32 else 1e-8
    np.testing.assert_allclose(scaled.predict(scale * X[:80]), 4 * plain, atol=tolerance)
    shifted = LocallyLinearRegressor(30, method=method).fit(X + dtype(8), Y - dtype(16))
    found = np.median(np.abs(shifted.predict(X[:80] + dtype(8)) - (plain - 16)))
    assert found < tolerance


def test_much_regularisation_is_nearest_neighbours(frames):
    X, Y = frames
    model = LocallyLinearRegressor(12, reg=1e9, joint_selection=False).fit(X, Y)
    expected = KNeighborsRegressor(12).fit(X, Y).predict(X[:50] + 0.1)
    np.testing.assert_allclose(model.predict(X[:50] + 0.1), expected, atol=1e-6)


def test_blocks_do_not_matter(frames, monkeypatch):
    model = LocallyLinearRegressor(30).fit(*frames)
    expected = model.predict(frames[0], return_std=True)
    monkeypatch.setattr("skstyle.mapping._locally_linear._BLOCK_NUMBERS", 1000)
    for a, b in zip(model.predict(frames[0], return_std=True), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_float32_is_near_float64(frames, method):
    single = tuple(A.astype(np.float32) for A in frames)
    a = LocallyLinearRegressor(30, method=method).fit(*single)
    b = LocallyLinearRegressor(30, method=method).fit(*(A.astype(float) for A in single))
    found, expected = a.predict(single[0]), b.predict(single[0].astype(float))
    assert found.dtype == np.float32
    assert expected.dtype == np.float64
    assert a.exemplars_x_.dtype == np.float32
    assert np.median(np.abs(found - expected)) < 1e-5
    for part in (*a.transition(single[0]), *a.predict(single[0], return_std=True)):
        assert part.dtype == np.float32


def test_little_regularisation_works_in_float64(frames):
    X, Y = (A.astype(np.float32) for A in frames)
    model = LocallyLinearRegressor(30, reg=1e-8).fit(X, Y)
    assert model.exemplars_x_.dtype == np.float64
    assert model.predict(X).dtype == np.float32


def test_balance_gives_both_sides_one_variance(frames):
    X, Y = frames
    scale = balance(X, Y)
    assert (scale * Y).var(axis=0).sum() == pytest.approx(X.var(axis=0).sum())
    assert balance(X, np.ones((900, 2))) == 0


def test_one_target_is_a_vector(frames):
    X, Y = frames
    model = LocallyLinearRegressor(30).fit(X, Y[:, 0])
    mean, std = model.predict(X[:9], return_std=True)
    assert mean.shape == std.shape == (9,)
    column = LocallyLinearRegressor(30).fit(X, Y[:, :1])
    np.testing.assert_array_equal(column.predict(X[:9])[:, 0], model.predict(X[:9]))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda X: np.zeros_like(X),
        lambda X: np.repeat(X[:3], 20, axis=0),
        lambda X: X[:1],
        lambda X: X * 1e6,
        lambda X: X * 1e-6,
        lambda X: X[:, [0] * X.shape[1]],
        lambda X: np.where(np.arange(len(X))[:, None] == 0, 1e6, X),
    ],
    ids=["constant", "duplicated", "one frame", "1e6", "1e-6", "singular", "outlier"],
)
def test_bad_frames_give_finite_predictions(frames, method, dtype, spoil):
    X, Y = (spoil(A[:60]).astype(dtype) for A in frames)
    for n_neighbors in (1, 5, 100):
        model = LocallyLinearRegressor(n_neighbors, method=method).fit(X, Y)
        for part in (*model.predict(X, return_std=True), *model.transition(X)):
            assert np.isfinite(part).all()


@pytest.mark.parametrize("side", [0, 1])
def test_nan_is_refused(frames, side):
    pair = [A.copy() for A in frames]
    pair[side][7, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        LocallyLinearRegressor().fit(*pair)


def test_wrong_columns_and_no_fit_have_a_sentence(model, frames):
    with pytest.raises(ValueError, match="X has 3 features"):
        model.predict(frames[0][:, :3])
    with pytest.raises(NotFittedError):
        LocallyLinearRegressor().predict(frames[0])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_neighbors": 0}, ValueError, "n_neighbors"),
        ({"n_neighbors": 2.5}, TypeError, "n_neighbors"),
        ({"reg": 0}, ValueError, "reg"),
        ({"reg": -1.0}, ValueError, "reg"),
        ({"method": "warp"}, ValueError, "method must be one of .* got 'warp'"),
    ],
)
def test_bad_parameters_have_a_sentence(frames, parameters, error, message):
    with pytest.raises(error, match=message):
        LocallyLinearRegressor(**parameters).fit(*frames)


def test_inputs_are_not_written_to(frames):
    X, Y = (A.copy() for A in frames)
    X.flags.writeable = Y.flags.writeable = False
    LocallyLinearRegressor(30).fit(X, Y).predict(X, return_std=True)
    np.testing.assert_array_equal(X, frames[0])
    np.testing.assert_array_equal(Y, frames[1])


def test_clone_and_pickle(model, frames):
    expected = model.predict(frames[0]).tobytes()
    assert pickle.loads(pickle.dumps(model)).predict(frames[0]).tobytes() == expected
    assert clone(model).fit(*frames).predict(frames[0]).tobytes() == expected


def test_grid_search(frames):
    grid = {"n_neighbors": [1, 30], "method": METHODS}
    search = GridSearchCV(LocallyLinearRegressor(), grid, cv=3, error_score="raise")
    assert search.fit(*frames).best_params_["n_neighbors"] == 30


@pytest.mark.parametrize("method", METHODS)
def test_bridges_of_sequences(method):
    rng = np.random.default_rng(0)
    X = [np.cumsum(rng.normal(size=(n, 3)), axis=0) for n in (60, 80, 70)]
    y = [np.repeat(x + 0.5, 2, axis=0) for x in X]
    frames = LocallyLinearRegressor(20, method=method)
    for inner in (frames, ContextRegressor(frames, n_context=2), TrajectoryRegressor(frames)):
        model = AlignedRegressor(inner, n_iter=2).fit(X, y)
        assert [a.shape for a in model.predict(X)] == [x.shape for x in X]
        assert model.score(X, y) > 0.9
    # Frames have spreads of their own: the trajectory needs no residuals.
    assert TrajectoryRegressor(frames).fit(X, X).residual_variance_ is None


@pytest.mark.parametrize("unit", [1e-22, 1e19])
def test_units_whose_squares_leave_float32(unit):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 3)).astype(np.float32), rng.normal(size=(200, 2))
    expected = LocallyLinearRegressor(5).fit(X, y).predict(X[:20])
    scaled = X * np.float32(unit)
    found = LocallyLinearRegressor(5).fit(scaled, y).predict(scaled[:20])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4)
