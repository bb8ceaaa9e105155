"""FrequencyWarpingRegressor: known warps, its formula, and input of all kinds."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from skstyle.mapping import FrequencyWarpingRegressor, warping_matrix
from skstyle.mapping._allpass import BOUND
from skstyle.trajectory import TrajectoryRegressor

WARPS = ["allpass", "dfw"]
ALPHA = np.array([0.1, -0.06])
BIAS = np.array([0.5, -0.3])


@pytest.fixture(scope="module")
def voices():
    """Source and target cepstra of two classes, each with a warp and a bias of its own."""
    rng = np.random.default_rng(0)
    which = rng.integers(2, size=3000)
    X = rng.normal(size=(3000, 12)) / np.arange(1, 13)
    X[:, 0] += 20.0 * which  # no frame lies between the classes
    y = np.einsum("nij,nj->ni", warping_matrix(ALPHA[which], 12), X) + BIAS[which][:, None]
    return X, y + 0.01 * rng.normal(size=y.shape), which


@pytest.fixture(scope="module", params=WARPS)
def model(request, voices):
    return FrequencyWarpingRegressor(request.param, 2, random_state=0).fit(*voices[:2])


# --- what it learns -----------------------------------------------------------------------


def test_finds_the_warp_of_every_class(voices):
    X, y, which = voices
    model = FrequencyWarpingRegressor("allpass", 2, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.warping(X), ALPHA[which], atol=2e-3)
    np.testing.assert_array_equal(model.coef_, warping_matrix(model.alpha_, 12))
    np.testing.assert_allclose(model.predict(X), y, atol=0.1)
    residual = y - model.predict(X)
    assert residual.std() < 0.012


def test_dfw_finds_the_warp_of_every_class(voices):
    X, y, which = voices
    model = FrequencyWarpingRegressor("dfw", 2, random_state=0).fit(X, y)
    alpha = ALPHA[which[model.component_posteriors(X).argmax(axis=0)]]
    bins = np.arange(model.warping_path_.shape[1])
    # A warp that moves formants up reads lower bins.
    mean_shift = (model.warping_path_ - bins).mean(axis=1)
    assert (np.sign(mean_shift) == -np.sign(alpha)).all()
    within = y - np.stack([y[which == k].mean(axis=0) for k in (0, 1)])[which]
    assert ((y - model.predict(X)) ** 2).sum() < 0.02 * (within**2).sum()


@pytest.mark.parametrize("warp", WARPS)
def test_identical_sides_are_left_alone(voices, warp):
    X = voices[0]
    model = FrequencyWarpingRegressor(warp, 4, random_state=0).fit(X, X)
    np.testing.assert_allclose(model.predict(X), X, rtol=0, atol=1e-6)


def test_no_all_pass_constant_fits_better(voices):
    X, y, _ = voices
    model = FrequencyWarpingRegressor(n_components=1).fit(X, y)
    best = ((y - model.predict(X)) ** 2).sum()
    for alpha in np.linspace(-BOUND, BOUND, 41):
        rest = y - X @ warping_matrix(alpha, 12).T
        assert best <= ((rest - rest.mean(axis=0)) ** 2).sum() * (1 + 1e-12)


# --- the formula --------------------------------------------------------------------------


def test_prediction_is_the_weighted_sum_over_classes(model, voices):
    X = voices[0][:50]
    weights = model.component_posteriors(X)
    expected = np.zeros((50, 12))
    for m in range(2):
        expected += weights[:, m, None] * (X @ model.coef_[m].T + model.intercept_[m])
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-10, atol=1e-10)


def test_posteriors_are_those_of_the_gate_but_for_negligible_ones(model, voices):
    X = np.concatenate([voices[0], np.linspace(voices[0][:1], voices[0][1], 50)[:, 0]])
    weights, gate = model.component_posteriors(X), model.gate_.posteriors(X)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(weights, gate, atol=0.011)
    small = gate < 0.009
    assert small.any()
    assert not weights[small].any()


def test_transition_reproduces_predict(model, voices):
    X = voices[0][:200]
    A, b = model.transition(X)
    assert A.shape == (200, 12, 12)
    assert b.shape == (200, 12)
    np.testing.assert_allclose(
        np.einsum("nij,nj->ni", A, X) + b, model.predict(X), rtol=1e-10, atol=1e-10
    )


def test_bias_closes_the_gap_of_weighted_means(model, voices):
    X, y, _ = voices
    weights = model.component_posteriors(X)
    weights = weights / weights.sum(axis=0)
    mapped = np.einsum("mqp,mp->mq", model.coef_, weights.T @ X) + model.intercept_
    np.testing.assert_allclose(mapped, weights.T @ y, atol=1e-10)


@pytest.mark.parametrize("warp", WARPS)
def test_residuals(voices, warp):
    X, y, _ = voices
    none, tilt, bias = (
        FrequencyWarpingRegressor(warp, 2, residual=r, random_state=0).fit(X, y)
        for r in ("none", "tilt", "bias")
    )
    assert not none.intercept_.any()
    assert tilt.intercept_[:, 0].all()
    assert not tilt.intercept_[:, 1:].any()
    assert bias.intercept_.all()
    errors = [((y - m.predict(X)) ** 2).mean() for m in (none, tilt, bias)]
    assert errors[0] > errors[1] > errors[2]


def test_without_a_bias_the_warp_alone_is_least_squares(voices):
    X, y, _ = voices
    model = FrequencyWarpingRegressor(n_components=1, residual="none").fit(X, y)
    best = ((y - model.predict(X)) ** 2).sum()
    for alpha in np.linspace(-BOUND, BOUND, 41):
        assert best <= ((y - X @ warping_matrix(alpha, 12).T) ** 2).sum() * (1 + 1e-12)


@pytest.mark.parametrize("warp", WARPS)
@pytest.mark.parametrize("residual", ["bias", "tilt", "none"])
def test_blocks_are_warped_alone(voices, warp, residual):
    X, y = (np.column_stack([a, a[::-1]]) for a in voices[:2])
    parameters = {"residual": residual, "random_state": 0}
    model = FrequencyWarpingRegressor(warp, 1, order=12, **parameters).fit(X, y)
    assert not model.coef_[0, :12, 12:].any()
    assert not model.coef_[0, 12:, :12].any()
    np.testing.assert_array_equal(model.coef_[0, :12, :12], model.coef_[0, 12:, 12:])
    alone = FrequencyWarpingRegressor(warp, 1, **parameters).fit(*voices[:2])
    np.testing.assert_allclose(model.predict(X)[:, :12], alone.predict(voices[0]), atol=1e-6)


@pytest.mark.parametrize("warp", WARPS)
@pytest.mark.parametrize("n_targets", [1, 7, 20])
def test_rectangles(voices, warp, n_targets):
    X = voices[0]
    y = X @ warping_matrix(0.05, n_targets, 12).T
    model = FrequencyWarpingRegressor(warp, 1).fit(X, y)
    assert model.coef_.shape == (1, n_targets, 12)
    assert model.intercept_.shape == (1, n_targets)
    assert ((model.predict(X) - y) ** 2).sum() < 0.05 * ((y - y.mean(axis=0)) ** 2).sum()


@pytest.mark.parametrize("warp", WARPS)
def test_inside_a_trajectory_regressor(warp):
    rng = np.random.default_rng(0)
    t = np.arange(120)[:, None]
    X = [np.sin(t * rng.uniform(0.02, 0.2, 8) + rng.uniform(0, 6, 8)) for _ in range(6)]
    y = [x @ warping_matrix(0.05, 8).T + 1.0 for x in X]
    model = TrajectoryRegressor(FrequencyWarpingRegressor(warp, 2, order=8, random_state=0))
    predicted = model.fit(X, y).predict(X)
    errors = [((p - b) ** 2).mean() for p, b in zip(predicted, y, strict=True)]
    assert max(errors) < (0.001 if warp == "allpass" else 0.02)


def test_auto_takes_more_classes_for_more_frames():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 4))
    few, many = (FrequencyWarpingRegressor(random_state=0).fit(X[:n], X[:n]) for n in (40, 600))
    assert (len(few.weights_), len(many.weights_)) == (1, 16)
    # Statics alone say how many classes frames can feed.
    wide = np.column_stack([X, X])
    assert len(FrequencyWarpingRegressor(order=4).fit(wide, wide).weights_) == 16


def test_attributes(model, voices):
    assert model.coef_.shape == (2, 12, 12)
    assert model.intercept_.shape == (2, 12)
    assert model.weights_.sum() == pytest.approx(1.0)
    if model.warp == "allpass":
        assert model.alpha_.shape == (2,)
        assert not hasattr(model, "warping_path_")
        return
    assert model.warping_path_.shape == (2, 128)
    assert (np.diff(model.warping_path_, axis=1) >= 0).all()
    assert not hasattr(model, "alpha_")


def test_a_second_fit_leaves_nothing_of_the_first(voices):
    model = FrequencyWarpingRegressor("dfw", 1).fit(*voices[:2])
    model.set_params(warp="allpass").fit(*voices[:2])
    assert not hasattr(model, "warping_path_")
    assert model.set_params(warp="dfw").fit(*voices[:2]).warping_path_.shape == (1, 128)
    assert not hasattr(model, "alpha_")


def test_only_the_all_pass_has_a_constant_for_every_frame(model, voices):
    if model.warp == "allpass":
        expected = model.component_posteriors(voices[0]) @ model.alpha_
        np.testing.assert_array_equal(model.warping(voices[0]), expected)
        return
    assert not hasattr(model, "warping")
    with pytest.raises(AttributeError, match="no attribute 'warping'"):
        model.warping(voices[0])


# --- input of all kinds -------------------------------------------------------------------


@pytest.mark.parametrize("warp", WARPS)
def test_one_dimensional_target(voices, warp):
    X, y, _ = voices
    flat = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(X, y[:, 0])
    column = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(X, y[:, :1])
    assert flat.predict(X).shape == (3000,)
    np.testing.assert_array_equal(flat.predict(X), column.predict(X)[:, 0])
    assert flat.transition(X[:5])[1].shape == (5, 1)


@pytest.mark.parametrize("warp", WARPS)
def test_float32_stays_float32(voices, warp):
    X, y = (a.astype(np.float32) for a in voices[:2])
    model = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(X, y)
    outputs = [model.predict(X), model.component_posteriors(X), *model.transition(X[:9])]
    if warp == "allpass":
        outputs.append(model.warping(X))
    assert {a.dtype for a in outputs} == {np.dtype(np.float32)}
    assert model.predict(voices[0]).dtype == np.float64
    double = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(*voices[:2])
    np.testing.assert_allclose(model.predict(X), double.predict(voices[0]), atol=1e-3)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
@pytest.mark.parametrize("warp", WARPS)
def test_units_do_not_matter(voices, warp, scale):
    X, y, _ = voices
    plain = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(X, y)
    scaled = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(X * scale, y * scale)
    np.testing.assert_allclose(scaled.predict(X * scale) / scale, plain.predict(X), atol=1e-6)


@pytest.mark.parametrize("warp", WARPS)
def test_large_offsets_do_not_matter(voices, warp):
    X, y, _ = voices
    plain = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(X, y).predict(X)
    moved = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(X + 1e5, y - 1e5)
    np.testing.assert_allclose(moved.predict(X + 1e5) + 1e5, plain, atol=1e-5)


@pytest.mark.parametrize("warp", WARPS)
def test_constant_sides(voices, warp):
    X, y, _ = voices
    model = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(X, np.full_like(y, 0.1))
    np.testing.assert_allclose(model.coef_, np.stack([np.eye(12)] * 2), atol=1e-12)
    np.testing.assert_allclose(model.predict(X).mean(axis=0), 0.1)
    silent = FrequencyWarpingRegressor(warp, 1).fit(np.ones((30, 4)), y[:30, :4])
    expected = np.tile(y[:30, :4].mean(axis=0), (30, 1))
    np.testing.assert_allclose(silent.predict(np.ones((30, 4))), expected, atol=1e-12)
    np.testing.assert_allclose(silent.coef_[0], np.eye(4), atol=1e-12)


def test_duplicated_frames(voices):
    X, y = (np.repeat(a[:3], 20, axis=0) for a in voices[:2])
    with pytest.warns(ConvergenceWarning, match="of 8 components were left without frames"):
        model = FrequencyWarpingRegressor(n_components=8, random_state=0).fit(X, y)
    assert len(model.alpha_) == len(model.weights_) == 3
    np.testing.assert_allclose(model.predict(X), y, atol=0.1)


def test_one_frame():
    model = FrequencyWarpingRegressor(n_components=1).fit([[1.0, 2.0]], [[3.0, 5.0]])
    np.testing.assert_allclose(model.predict([[1.0, 2.0]]), [[3.0, 5.0]])


def test_frames_far_from_all_training_data(model):
    predicted = model.predict([[1e8] * 12, [-1e8] * 12])
    assert np.isfinite(predicted).all()


def test_same_seed_same_bytes(voices):
    X, y, _ = voices
    a, b = (
        FrequencyWarpingRegressor(n_components=6, random_state=7).fit(X, y).predict(X)
        for _ in range(2)
    )
    assert a.tobytes() == b.tobytes()


def test_clone_and_pickle(model, voices):
    X, y, _ = voices
    copy = pickle.loads(pickle.dumps(model))
    assert copy.predict(X).tobytes() == model.predict(X).tobytes()
    again = clone(model).fit(X, y)
    assert again.predict(X).tobytes() == model.predict(X).tobytes()


def test_frames_do_not_depend_on_each_other(model, voices):
    X = voices[0]
    parts = np.concatenate([model.predict(X[i : i + 300]) for i in range(0, len(X), 300)])
    np.testing.assert_allclose(model.predict(X), parts, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("warp", WARPS)
def test_read_only_memmaps(voices, warp, tmp_path):
    maps = []
    for name, a in zip("Xy", voices[:2], strict=True):
        np.save(tmp_path / name, a)
        maps.append(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))
    model = FrequencyWarpingRegressor(warp, 2, random_state=0).fit(*maps)
    model.predict(maps[0])
    for a, b in zip(maps, voices[:2], strict=True):
        np.testing.assert_array_equal(a, b)


def test_grid_search(voices):
    X, y, _ = voices
    search = GridSearchCV(
        FrequencyWarpingRegressor(random_state=0),
        {"n_components": [1, 2], "residual": ["none", "bias"]},
        cv=3,
        error_score="raise",
    ).fit(X, y)
    assert search.best_params_ == {"n_components": 2, "residual": "bias"}


def test_nan_and_wrong_columns_have_a_sentence(model, voices):
    X, y = (a.copy() for a in voices[:2])
    with pytest.raises(ValueError, match="12 features"):
        model.predict(X[:, :5])
    X[3, 2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        clone(model).fit(X, y)
    with pytest.raises(ValueError, match="NaN"):
        model.predict(X)


@pytest.mark.parametrize(
    "parameters, error, message",
    [
        ({"warp": "mel"}, ValueError, r"warp must be one of \['allpass', 'dfw'\], got 'mel'"),
        ({"residual": "all"}, ValueError, "residual must be one of .* got 'all'"),
        ({"n_components": 0}, ValueError, "n_components"),
        ({"n_components": 2.5}, TypeError, "n_components"),
        ({"n_components": "bic"}, ValueError, "int or 'auto', got 'bic'"),
        ({"n_components": 4000}, ValueError, "n_components=4000 needs at least 4000 frames"),
        ({"diagonal_weight": 2.0}, ValueError, "diagonal_weight"),
        ({"diagonal_weight": 0.5}, ValueError, "diagonal_weight"),
        ({"order": 0}, ValueError, "order"),
        ({"order": 5}, ValueError, "order=5 needs columns of X .* got 12 and 12 columns"),
        ({"order": 24}, ValueError, "order=24 needs columns of X"),
    ],
)
def test_bad_parameters_have_a_sentence(voices, parameters, error, message):
    with pytest.raises(error, match=message):
        FrequencyWarpingRegressor(**parameters).fit(*voices[:2])


def test_blocks_of_both_sides_must_be_as_many(voices):
    X, y, _ = voices
    with pytest.raises(ValueError, match="got 12 and 5 columns"):
        FrequencyWarpingRegressor(order=6).fit(X, y[:, :5])
