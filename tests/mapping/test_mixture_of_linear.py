"""MixtureOfLinearRegressor against least squares, known pieces and known warps."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC

from skstyle import TrajectoryRegressor
from skstyle.mapping import MixtureOfLinearRegressor, warping_matrix

GATES = {
    "gmm": "gmm",
    "kmeans": "kmeans",
    "soft": LogisticRegression(),
    "hard": LinearSVC(),
    "clusterer": KMeans(3),
    "mixture": GaussianMixture(3),
}
STRUCTURES = ["full", "diag", "tridiag", "warp"]


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 4)) + 3 * rng.integers(2, size=(1500, 1))
    Y = np.tanh(X @ rng.normal(size=(4, 3))) + 0.1 * rng.normal(size=(1500, 3))
    return X, Y


@pytest.fixture(scope="module")
def pieces():
    """Three clouds far apart, with an affine map of its own in each, and no noise."""
    rng = np.random.default_rng(0)
    which = np.repeat([0, 1, 2], 200)
    centres = 50.0 * np.eye(4)[which]
    X = centres + rng.normal(size=(600, 4))
    A, b = rng.normal(size=(3, 4, 4)), rng.normal(size=(3, 4))
    return X, np.einsum("nij,nj->ni", A[which], X) + b[which], which, A, b


@pytest.fixture(scope="module", params=list(GATES))
def gated(request, frames):
    model = MixtureOfLinearRegressor(3, gate=GATES[request.param], random_state=0)
    return model.fit(*frames)


@pytest.fixture(scope="module", params=STRUCTURES)
def structured(request, frames):
    return MixtureOfLinearRegressor(4, structure=request.param, random_state=0).fit(*frames)


# --- closed forms -------------------------------------------------------------------------


@pytest.mark.parametrize("gate", ["gmm", "kmeans", "soft", "hard"])
@pytest.mark.parametrize("ridge", [0.0, 1000.0, np.inf])
def test_one_class_is_linear_regression(frames, gate, ridge):
    X, Y = frames
    model = MixtureOfLinearRegressor(1, gate=GATES[gate], ridge=ridge, random_state=0).fit(X, Y)
    linear = LinearRegression().fit(X, Y)
    np.testing.assert_allclose(model.coef_[0], linear.coef_, atol=1e-10)
    np.testing.assert_allclose(model.intercept_[0], linear.intercept_, atol=1e-10)
    np.testing.assert_allclose(model.predict(X), linear.predict(X), atol=1e-10)


def test_classes_without_ridge_are_weighted_linear_regressions(frames):
    X, Y = frames
    model = MixtureOfLinearRegressor(3, ridge=0, random_state=0).fit(X, Y)
    for m, weights in enumerate(model.component_posteriors(X).T):
        linear = LinearRegression().fit(X, Y, sample_weight=weights)
        np.testing.assert_allclose(model.coef_[m], linear.coef_, atol=1e-9)
        np.testing.assert_allclose(model.intercept_[m], linear.intercept_, atol=1e-9)


@pytest.mark.parametrize("gate", ["gmm", "kmeans", "hard", "clusterer", "mixture"])
def test_pieces_are_recovered(pieces, gate):
    X, Y, which, A, b = pieces
    model = MixtureOfLinearRegressor(3, gate=GATES[gate], ridge=0, random_state=0).fit(X, Y)
    found, offset = model.transition(X)
    np.testing.assert_allclose(found, A[which], atol=1e-8)
    np.testing.assert_allclose(offset, b[which], atol=1e-6)
    np.testing.assert_allclose(model.predict(X), Y, atol=1e-8)


def test_infinite_ridge_gives_all_classes_one_matrix(frames):
    model = MixtureOfLinearRegressor(3, ridge=np.inf, random_state=0).fit(*frames)
    np.testing.assert_allclose(model.coef_[1:], model.coef_[:1].repeat(2, axis=0), atol=1e-12)
    assert np.ptp(model.intercept_, axis=0).max() > 0.1


def test_ridge_helps_where_frames_are_few():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(660, 10))
    Y = X @ rng.normal(size=(10, 3)) + rng.normal(size=(660, 3))
    alone, leaning = (
        MixtureOfLinearRegressor(4, ridge=r, random_state=0).fit(X[:60], Y[:60]) for r in (0, 1000)
    )
    assert leaning.score(X[60:], Y[60:]) > alone.score(X[60:], Y[60:]) + 0.05


def test_mixture_beats_one_line_on_a_bent_map(frames):
    X, Y = frames
    one, many = (
        MixtureOfLinearRegressor(m, ridge=10, random_state=0)
        .fit(X[:1000], Y[:1000])
        .score(X[1000:], Y[1000:])
        for m in (1, 8)
    )
    assert many > one + 0.05


# --- structures ---------------------------------------------------------------------------


def test_diagonal_is_a_regression_for_each_column(frames):
    X, Y = frames
    model = MixtureOfLinearRegressor(1, structure="diag").fit(X, Y)
    for d in range(3):
        linear = LinearRegression().fit(X[:, d : d + 1], Y[:, d])
        np.testing.assert_allclose(
            model.predict(X)[:, d], linear.predict(X[:, d : d + 1]), atol=1e-10
        )


def test_tridiagonal_sees_neighbours(frames):
    X, Y = frames
    model = MixtureOfLinearRegressor(1, structure="tridiag").fit(X, Y)
    for d, seen in enumerate([[0, 1], [0, 1, 2], [1, 2, 3]]):
        linear = LinearRegression().fit(X[:, seen], Y[:, d])
        np.testing.assert_allclose(model.coef_[0, d, seen], linear.coef_, atol=1e-10)


def test_targets_beyond_the_features_are_means_of_their_classes(frames):
    X, Y = frames[0][:, :1], frames[1]
    model = MixtureOfLinearRegressor(3, gate="kmeans", structure="diag", random_state=0).fit(X, Y)
    which = model.component_posteriors(X).argmax(axis=1)
    for m in range(3):
        mine = model.predict(X)[which == m, 1:]
        expected = np.broadcast_to(Y[which == m, 1:].mean(axis=0), mine.shape)
        np.testing.assert_allclose(mine, expected, atol=1e-10)


def test_known_warps_are_recovered():
    rng = np.random.default_rng(0)
    which = np.repeat([0, 1], 400)
    X = rng.normal(size=(800, 12)) + 30.0 * which[:, None]
    alpha = np.array([0.08, -0.05])
    Y = np.einsum("nij,nj->ni", warping_matrix(alpha[which], 12), X) + which[:, None] - 0.5
    model = MixtureOfLinearRegressor(2, structure="warp", ridge=0, random_state=0).fit(X, Y)
    found = model.component_posteriors(X) @ model.alpha_
    np.testing.assert_allclose(found, alpha[which], atol=1e-6)
    np.testing.assert_allclose(model.predict(X), Y, atol=1e-3)
    np.testing.assert_array_equal(model.coef_, warping_matrix(model.alpha_, 12))


@pytest.mark.parametrize("structure", ["diag", "tridiag", "warp"])
def test_blocks_of_columns_stay_apart(structure):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 8))
    Y = X + 0.1 * rng.normal(size=(300, 8))
    model = MixtureOfLinearRegressor(2, structure=structure, order=4, random_state=0).fit(X, Y)
    np.testing.assert_array_equal(model.coef_[:, :4, 4:], 0.0)
    np.testing.assert_array_equal(model.coef_[:, 4:, :4], 0.0)
    if structure == "warp":
        np.testing.assert_array_equal(model.coef_[:, :4, :4], model.coef_[:, 4:, 4:])


def test_order_of_other_columns_has_a_sentence(frames):
    X, Y = frames
    for order, y in ((4, Y), (3, X)):
        with pytest.raises(ValueError, match=f"order={order} needs X and y of the same columns"):
            MixtureOfLinearRegressor(2, structure="warp", order=order).fit(X, y)


def test_an_earlier_warp_is_forgotten(frames):
    model = MixtureOfLinearRegressor(2, structure="warp", random_state=0).fit(*frames)
    assert model.alpha_.shape == (2,)
    assert not hasattr(model.set_params(structure="full").fit(*frames), "alpha_")


# --- what is used in every frame ----------------------------------------------------------


def test_transition_is_the_prediction(gated, frames):
    X = frames[0]
    A, b = gated.transition(X)
    assert A.shape == (1500, 3, 4)
    assert b.shape == (1500, 3)
    np.testing.assert_allclose(np.einsum("nij,nj->ni", A, X) + b, gated.predict(X), atol=1e-12)


def test_transition_of_every_structure(structured, frames):
    X = frames[0]
    A, b = structured.transition(X)
    predicted = structured.predict(X)
    np.testing.assert_allclose(np.einsum("nij,nj->ni", A, X) + b, predicted, atol=1e-12)


def test_attributes(gated, frames):
    n_components = gated.gate_.n_components
    assert gated.coef_.shape == (n_components, 3, 4)
    assert gated.intercept_.shape == (n_components, 3)
    resp = gated.component_posteriors(frames[0])
    assert resp.shape == (1500, n_components)
    np.testing.assert_allclose(resp.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(gated.weights_, resp.mean(axis=0), atol=1e-9)


def test_inside_trajectories():
    rng = np.random.default_rng(0)
    X = [np.cumsum(rng.normal(size=(n, 4)), axis=0) for n in (60, 80)]
    Y = [np.tanh(x) for x in X]
    for structure in STRUCTURES:
        regressor = MixtureOfLinearRegressor(2, structure=structure, order=4, random_state=0)
        predicted = TrajectoryRegressor(regressor).fit(X, Y).predict(X)
        assert [p.shape for p in predicted] == [(60, 4), (80, 4)]


# --- data of all kinds --------------------------------------------------------------------


def test_one_dimensional_target(frames):
    X, Y = frames
    flat = MixtureOfLinearRegressor(3, random_state=0).fit(X, Y[:, 0])
    column = MixtureOfLinearRegressor(3, random_state=0).fit(X, Y[:, :1])
    assert flat.predict(X).shape == (1500,)
    assert column.predict(X).shape == (1500, 1)
    np.testing.assert_array_equal(flat.predict(X), column.predict(X)[:, 0])
    assert flat.coef_.shape == (3, 1, 4)
    assert flat.transition(X)[1].shape == (1500, 1)


def test_float32_stays_float32(frames):
    X, Y = (a.astype(np.float32) for a in frames)
    model = MixtureOfLinearRegressor(4, random_state=0).fit(X, Y)
    for out in (model.predict(X), model.component_posteriors(X), *model.transition(X)):
        assert out.dtype == np.float32
    assert model.predict(X.astype(np.float64)).dtype == np.float64
    double = MixtureOfLinearRegressor(4, random_state=0).fit(*frames)
    np.testing.assert_allclose(model.predict(X), double.predict(frames[0]), atol=1e-3)


@pytest.mark.parametrize("scale_x, scale_y", [(1e6, 1e-6), (1e-6, 1e6)])
@pytest.mark.parametrize("structure", ["full", "tridiag"])
def test_units_do_not_matter(frames, structure, scale_x, scale_y):
    X, Y = frames
    plain, scaled = (
        MixtureOfLinearRegressor(4, structure=structure, random_state=0)
        .fit(X * sx, Y * sy)
        .predict(X * sx)
        / sy
        for sx, sy in ((1.0, 1.0), (scale_x, scale_y))
    )
    np.testing.assert_allclose(scaled, plain, atol=1e-6)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_common_unit_does_not_matter(frames, structure):
    X, Y = frames
    plain, scaled = (
        MixtureOfLinearRegressor(4, structure=structure, random_state=0)
        .fit(X * s, Y * s)
        .predict(X * s)
        / s
        for s in (1.0, 1e6)
    )
    np.testing.assert_allclose(scaled, plain, atol=1e-5)


def test_large_offsets_do_not_matter(frames):
    X, Y = frames
    plain = MixtureOfLinearRegressor(4, random_state=0).fit(X, Y).predict(X)
    moved = MixtureOfLinearRegressor(4, random_state=0).fit(X + 1e5, Y - 1e5).predict(X + 1e5)
    np.testing.assert_allclose(moved + 1e5, plain, atol=1e-6)


def test_constant_columns(frames):
    X, Y = frames
    plain = MixtureOfLinearRegressor(4, random_state=0).fit(X, Y)
    X1, Y1 = (np.column_stack([a, np.full(len(a), 0.1)]) for a in (X, Y))
    model = MixtureOfLinearRegressor(4, random_state=0).fit(X1, Y1)
    np.testing.assert_allclose(model.predict(X1)[:, :-1], plain.predict(X), atol=1e-6)
    np.testing.assert_allclose(model.predict(X1)[:, -1], 0.1, rtol=1e-9)


def test_duplicated_frames(frames):
    X, Y = (np.repeat(a[:5], 10, axis=0) for a in frames)
    with pytest.warns(ConvergenceWarning, match="8 classes were asked for and 5 found"):
        model = MixtureOfLinearRegressor(8, random_state=0).fit(X, Y)
    assert model.coef_.shape == (5, 3, 4)
    np.testing.assert_allclose(model.predict(X), Y, atol=1e-3)


def test_a_far_outlier(frames):
    X, Y = (a.copy() for a in frames)
    X[0], Y[0] = 1e6, 1e6
    model = MixtureOfLinearRegressor(4, random_state=0).fit(X, Y)
    assert np.isfinite(model.predict(X)).all()


def test_frames_far_from_all_training_data(gated):
    assert np.isfinite(gated.predict([[1e8] * 4, [-1e8] * 4])).all()


def test_nan_and_wrong_columns_have_a_sentence(gated, frames):
    X, Y = frames
    broken = X.copy()
    broken[3, 1] = np.nan
    with pytest.raises(ValueError, match="contains NaN"):
        clone(gated).fit(broken, Y)
    with pytest.raises(ValueError, match="contains NaN"):
        gated.predict(broken)
    with pytest.raises(ValueError, match="X has 3 features"):
        gated.predict(X[:, :3])


def test_inputs_are_not_written_to(gated, frames, tmp_path):
    stored = []
    for name, array in zip("xy", frames, strict=True):
        path = tmp_path / f"{name}.npy"
        np.save(path, array)
        stored.append(np.load(path, mmap_mode="r"))
    predicted = clone(gated).fit(*stored).predict(stored[0])
    np.testing.assert_allclose(predicted, gated.predict(frames[0]))


def test_same_seed_same_bytes(gated, frames):
    again = clone(gated).fit(*frames)
    assert again.predict(frames[0]).tobytes() == gated.predict(frames[0]).tobytes()


def test_pickle(gated, frames):
    copy = pickle.loads(pickle.dumps(gated))
    assert copy.predict(frames[0]).tobytes() == gated.predict(frames[0]).tobytes()


def test_pieces_of_frames_give_the_same(structured, frames):
    X = np.concatenate([frames[0]] * 6)  # more than one block
    parts = np.concatenate([structured.predict(X[i : i + 500]) for i in range(0, len(X), 500)])
    np.testing.assert_allclose(structured.predict(X), parts, atol=1e-12)


@pytest.mark.parametrize(
    "parameters, error, message",
    [
        ({"n_components": 0}, ValueError, "n_components"),
        ({"n_components": 2.5}, TypeError, "n_components"),
        ({"ridge": -1.0}, ValueError, "ridge"),
        ({"ridge": "much"}, TypeError, "ridge"),
        ({"structure": "band"}, ValueError, "structure must be one of"),
        ({"order": 0}, ValueError, "order"),
        ({"order": 2.0}, TypeError, "order"),
        ({"gate": "soft"}, ValueError, "gate must be one of"),
        ({"gate": LinearRegression()}, TypeError, "gate needs fit and predict"),
        ({"n_components": 2000}, ValueError, "n_components=2000 needs at least 2000 frames"),
    ],
)
def test_bad_parameters_have_a_sentence(frames, parameters, error, message):
    with pytest.raises(error, match=message):
        MixtureOfLinearRegressor(**parameters).fit(*frames)


def test_grid_search(frames):
    X, Y = frames
    search = GridSearchCV(
        MixtureOfLinearRegressor(ridge=10, random_state=0, gate=LogisticRegression()),
        {"n_components": [1, 8], "gate__C": [0.1, 1.0]},
        cv=3,
        error_score="raise",
    ).fit(X, Y)
    assert search.best_params_["n_components"] == 8
