"""Unpaired maps of frames: moments, labels, classes, bad input."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle.mapping import CorrelationAlignment, GaussianTransport, WhiteningColoring
from skstyle.mapping._class_maps import apply_class_maps, fit_class_maps
from skstyle.mapping._transport import (
    correlation_map,
    monge_map,
    shrunk_covariances,
    triangular_map,
)

MAPS = {
    GaussianTransport: monge_map,
    CorrelationAlignment: correlation_map,
    WhiteningColoring: triangular_map,
}
every_map = pytest.mark.parametrize("Map", MAPS)


@pytest.fixture(scope="module")
def frames():
    """Frames of three domains, shuffled, and their labels."""
    rng = np.random.default_rng(0)
    parts = [
        rng.normal(size=(n, 4)) @ rng.normal(size=(4, 4)) + m
        for n, m in ((300, 0), (400, 5), (200, -3))
    ]
    X, y = np.concatenate(parts), np.repeat(["anna", "ben", "carla"], [300, 400, 200])
    order = rng.permutation(len(X))
    return X[order], y[order]


def two(frames):
    X, y = frames
    return X[y != "carla"], y[y != "carla"]


@every_map
def test_moments_become_those_of_the_target(Map, frames):
    X, y = two(frames)
    mapped = Map("ben", shrinkage=0).fit(X, y).transform(X[y == "anna"])
    target = X[y == "ben"]
    np.testing.assert_allclose(mapped.mean(axis=0), target.mean(axis=0), atol=1e-10)
    np.testing.assert_allclose(np.cov(mapped.T, bias=True), np.cov(target.T, bias=True), atol=1e-10)


@every_map
@pytest.mark.parametrize("shrinkage", [0.3, "auto"])
def test_the_map_is_the_formula(Map, frames, shrinkage):
    X, y = two(frames)
    model = Map("ben", shrinkage=shrinkage).fit(X, y)
    source, target = X[y == "anna"], X[y == "ben"]
    A = MAPS[Map](*shrunk_covariances(source, target, shrinkage))
    np.testing.assert_allclose(model.coef_, A, rtol=1e-12)
    np.testing.assert_allclose(model.mean_source_, source.mean(axis=0))
    np.testing.assert_allclose(model.mean_target_, target.mean(axis=0))
    expected = X @ model.coef_.T + model.intercept_
    np.testing.assert_allclose(model.transform(X), expected, atol=1e-10)


@every_map
@pytest.mark.parametrize("shrinkage", [0, 0.3, 1, "auto"])
def test_round_trip(Map, frames, shrinkage):
    X, y = two(frames)
    model = Map("ben", shrinkage=shrinkage).fit(X, y)
    np.testing.assert_allclose(model.inverse_transform(model.transform(X)), X, atol=1e-9)
    back = Map("anna", shrinkage=shrinkage).fit(X, y)
    np.testing.assert_allclose(model.inverse_transform(X), back.transform(X), atol=1e-9)


@every_map
def test_equal_domains_stay(Map, frames):
    X = frames[0]
    model = Map().fit(np.concatenate([X, X]), np.repeat([0, 1], len(X)))
    np.testing.assert_allclose(model.transform(X), X, atol=1e-10)


def test_source_and_target_are_chosen(frames):
    X, y = frames
    model = GaussianTransport(shrinkage=0).fit(X, y)
    assert model.target_ == "carla"
    assert list(model.classes_) == ["anna", "ben", "carla"]
    np.testing.assert_allclose(model.mean_source_, X[y != "carla"].mean(axis=0))
    chosen = GaussianTransport("anna", source="ben", shrinkage=0).fit(X, y)
    both = y != "carla"
    alone = GaussianTransport("anna", shrinkage=0).fit(X[both], y[both])
    np.testing.assert_array_equal(chosen.transform(X), alone.transform(X))


def test_labels_of_any_type(frames):
    X, y = two(frames)
    expected = GaussianTransport("anna").fit(X, y).transform(X)
    numbers = np.where(y == "anna", 7, 30)
    for labels, target in (
        (numbers, 7),
        (numbers.tolist(), 7),
        (y.astype(object), "anna"),
        (y.tolist(), "anna"),
        (y == "anna", True),
    ):
        model = GaussianTransport(target).fit(X, labels)
        np.testing.assert_array_equal(model.transform(X), expected)
        assert model.target_ == target


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"target": "dora"}, r"target='dora' is none of the labels in y, \['anna', 'ben', 'c"),
        ({"target": 1}, "target=1 is none of the labels"),
        ({"source": "dora"}, "source='dora' is none of the labels"),
        ({"target": "ben", "source": "ben"}, "source='ben' is the target too"),
        ({"shrinkage": "some"}, "shrinkage must be 'auto' or between 0 and 1, got 'some'"),
        ({"shrinkage": 1.5}, "shrinkage == 1.5, must be <= 1"),
        ({"n_components": 0}, "n_components == 0, must be >= 1"),
        ({"n_components": 10**6}, "needs at least 1000000 frames"),
    ],
)
def test_bad_parameters_have_a_sentence(frames, parameters, message):
    with pytest.raises(ValueError, match=message):
        GaussianTransport(**parameters).fit(*frames)


def test_one_domain_has_a_sentence(frames):
    X = frames[0]
    with pytest.raises(ValueError, match="y has one class only, 'anna': .*two domains"):
        GaussianTransport().fit(X, ["anna"] * len(X))


def test_missing_labels_have_a_sentence(frames):
    with pytest.raises(ValueError, match="requires y to be passed"):
        GaussianTransport().fit(frames[0], None)


@pytest.mark.parametrize("method", ["transform", "inverse_transform"])
def test_bad_frames_have_a_sentence(frames, method):
    X, y = frames
    call = getattr(GaussianTransport().fit(X, y), method)
    with pytest.raises(ValueError, match="X has 3 features, but GaussianTransport is expecting 4"):
        call(X[:, :3])
    bad = X.copy()
    bad[3, 1] = np.nan
    with pytest.raises(ValueError, match="contains NaN"):
        call(bad)
    with pytest.raises(ValueError, match="contains NaN"):
        GaussianTransport().fit(bad, y)


@every_map
@pytest.mark.parametrize("single", ["anna", "ben"])
def test_a_single_frame_shifts_the_mean_alone(Map, frames, single):
    X, y = two(frames)
    keep = (y != single) | (np.cumsum(y == single) == 1)
    model = Map("ben").fit(X[keep], y[keep])
    shift = model.mean_target_ - model.mean_source_
    np.testing.assert_allclose(model.transform(X), X + shift, atol=1e-9)


@every_map
@pytest.mark.parametrize("n_components", [1, 2])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_rank_deficient_frames(Map, n_components):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 30))
    X[:, 3] = 2.0
    X[:, 5] = X[:, 4]
    y = np.repeat([0, 1], 6)
    for shrinkage in (0, 0.3, "auto"):
        model = Map(shrinkage=shrinkage, n_components=n_components, random_state=0).fit(X, y)
        mapped = model.transform(X[y == 0])
        assert np.isfinite(mapped).all()
        np.testing.assert_allclose(mapped[:, 3], 2.0)


@every_map
def test_units_and_offsets_of_all_columns(Map, frames):
    X, y = frames
    expected = Map().fit(X, y).transform(X)
    for unit in (1e-10, 1e10):
        np.testing.assert_allclose(Map().fit(unit * X, y).transform(unit * X) / unit, expected)
    far = Map().fit(X + 1e6, y).transform(X + 1e6) - 1e6
    np.testing.assert_allclose(far, expected, atol=1e-7)


@every_map
@pytest.mark.parametrize("n_components", [1, 3])
def test_dtypes(Map, frames, n_components):
    X, y = frames
    model = Map(n_components=n_components, random_state=0)
    expected = model.fit(X, y).transform(X)
    single = model.fit(X.astype(np.float32), y).transform(X.astype(np.float32))
    assert single.dtype == np.float32
    assert expected.dtype == np.float64
    np.testing.assert_allclose(single, expected, atol=2e-3)


def test_inputs_stay_and_may_be_read_only(frames):
    X, y = (a.copy() for a in frames)
    X.setflags(write=False)
    y.setflags(write=False)
    model = GaussianTransport(n_components=2, random_state=0).fit(X, y)
    model.transform(X)
    np.testing.assert_array_equal(X, frames[0])


def test_same_seed_same_bytes_and_pickle(frames):
    X, y = frames
    model = GaussianTransport(n_components=3, random_state=0).fit(X, y)
    expected = model.transform(X)
    np.testing.assert_array_equal(clone(model).fit(X, y).transform(X), expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).transform(X), expected)


def test_names_and_pandas(frames):
    pd = pytest.importorskip("pandas")
    X, y = frames
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = GaussianTransport().set_output(transform="pandas").fit(frame, y)
    assert list(model.transform(frame).columns) == list("abcd")
    assert list(model.get_feature_names_out()) == list("abcd")


def test_in_a_pipeline_with_grid_search(frames):
    X, y = frames

    def nearness(model, X, y):
        mapped, target = model.transform(X[y != "carla"]), X[y == "carla"]
        mapped = model[0].inverse_transform(mapped)
        return -np.abs(mapped.mean(axis=0) - target.mean(axis=0)).max()

    search = GridSearchCV(
        make_pipeline(StandardScaler(), GaussianTransport()),
        {"gaussiantransport__shrinkage": [0.0, 0.5, "auto"]},
        scoring=nearness,
        cv=3,
        error_score="raise",
    ).fit(X, y)
    assert search.best_score_ > -1.5


# --- classes ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def regimes():
    """Two classes of frames, which the target moves apart: no single affine map does that."""
    rng = np.random.default_rng(0)
    which = rng.integers(2, size=6000)
    X = rng.normal(size=(6000, 2)) + np.array([[-4.0, 0.0], [4.0, 0.0]])[which]
    Y = X * np.array([[1.0, 0.3], [1.0, 2.0]])[which]
    return X[:3000], Y[3000:], Y[:3000]


@every_map
def test_classes_follow_what_one_map_cannot(Map, regimes):
    X, Y, truth = regimes
    frames, labels = np.concatenate([X, Y]), np.repeat([0, 1], [len(X), len(Y)])

    def error(n_components):
        model = Map(n_components=n_components, random_state=0, shrinkage=0).fit(frames, labels)
        return np.sqrt(np.mean((model.transform(X) - truth) ** 2))

    assert error(2) < 0.4 * error(1)


def test_classes_have_no_inverse(frames):
    model = GaussianTransport(n_components=2, random_state=0).fit(*frames)
    assert not hasattr(model, "inverse_transform")
    with pytest.raises(AttributeError) as error:
        model.inverse_transform(frames[0])
    assert "n_components=2 the map depends on the frame" in str(error.value.__cause__)


def test_few_frames_leave_classes_without_effect(frames):
    X, y = two(frames)
    few = np.r_[np.flatnonzero(y == "anna")[:8], np.flatnonzero(y == "ben")[:8]]
    one = GaussianTransport("ben").fit(X[few], y[few]).transform(X)
    more = GaussianTransport("ben", n_components=2, random_state=0).fit(X[few], y[few])
    spread = np.abs(one - X).mean()
    assert np.abs(more.transform(X) - one).mean() < 0.15 * spread


def test_one_class_is_nearly_one_map(regimes):
    """The prior is a share of 80 frames in 3000."""
    X, Y, _ = regimes
    maps = fit_class_maps(X, Y, monge_map, 1, 0)
    moved = apply_class_maps(X, maps)
    np.testing.assert_allclose(moved.mean(axis=0), Y.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(moved.T), np.cov(Y.T), atol=0.1)


def test_blocks_of_frames_do_not_show(regimes):
    X, Y, _ = regimes
    maps = fit_class_maps(X, Y, monge_map, 3, 0)
    whole = apply_class_maps(X, maps)
    np.testing.assert_allclose(apply_class_maps(X[2500:], maps), whole[2500:], atol=1e-12)


@every_map
@pytest.mark.parametrize("ratio", [1e4, 1e6])
def test_columns_of_very_different_units(Map, frames, ratio):
    """Hz beside a flag: the small column must not be lost beside the large one."""
    X, y = frames
    units = np.ones(X.shape[1])
    units[0] = ratio
    model = Map(target="anna", source="ben", shrinkage=0).fit(X * units, y)
    mapped = model.transform((X * units)[y == "ben"]) / units
    np.testing.assert_allclose(mapped.std(axis=0), X[y == "anna"].std(axis=0), rtol=1e-4)
