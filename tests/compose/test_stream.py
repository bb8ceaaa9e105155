"""Every stream to its own regressor."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import BayesianRidge, LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV

from skstyle.compose import AlignedRegressor, ContextRegressor, StreamRegressor
from skstyle.trajectory import TrajectoryRegressor


def data(n_features=5, n_targets=5):
    rng = np.random.default_rng(0)
    return rng.normal(size=(60, n_features)), rng.normal(size=(60, n_targets))


SELECTORS = {
    "list": [1, 2],
    "tuple of ints": (1, 2),
    "array": np.array([1, 2]),
    "slice": slice(1, 3),
    "negative list": [-4, -3],
    "negative slice": slice(-4, -2),
    "mask": [False, True, True, False, False],
}


@pytest.mark.parametrize("columns", SELECTORS.values(), ids=SELECTORS)
def test_selectors_name_the_same_columns(columns):
    X, y = data()
    model = StreamRegressor([("a", LinearRegression(), columns)]).fit(X, y)
    predicted = model.predict(X)
    expected = LinearRegression().fit(X[:, 1:3], y[:, 1:3]).predict(X[:, 1:3])
    np.testing.assert_allclose(predicted[:, 1:3], expected)
    np.testing.assert_array_equal(predicted[:, [0, 3, 4]], X[:, [0, 3, 4]])


def test_open_slices_count_from_the_end():
    X, y = data()
    model = StreamRegressor([("a", DummyRegressor(), slice(2, None))]).fit(X, y)
    np.testing.assert_allclose(model.predict(X)[:, 2:], np.tile(y[:, 2:].mean(axis=0), (60, 1)))
    np.testing.assert_array_equal(model.predict(X)[:, :2], X[:, :2])


@pytest.mark.parametrize(
    "columns", [([0, 1, 4], slice(2, 4)), (slice(0, 2), [3]), ([0], [1, 2, 3])]
)
def test_pairs_choose_columns_on_either_side(columns):
    X, y = data()
    model = StreamRegressor([("a", LinearRegression(), columns)]).fit(X, y)
    a, b = X[:, columns[0]], y[:, columns[1]]
    np.testing.assert_allclose(
        model.predict(X)[:, columns[1]], LinearRegression().fit(a, b).predict(a)
    )


def test_single_column_and_single_int():
    X, y = data()
    for columns in ([2], 2, slice(2, 3)):
        model = StreamRegressor([("a", Ridge(), columns)]).fit(X, y)
        expected = Ridge().fit(X[:, [2]], y[:, 2]).predict(X[:, [2]])
        np.testing.assert_allclose(model.predict(X)[:, 2], expected)


def test_streams_do_not_see_each_other():
    X, y = data()
    streams = [("a", LinearRegression(), [0, 1]), ("b", LinearRegression(), [2, 3, 4])]
    together = StreamRegressor(streams).fit(X, y).predict(X)
    changed = X.copy()
    changed[:, 2:] += 1
    np.testing.assert_array_equal(
        StreamRegressor(streams).fit(changed, y).predict(changed)[:, :2], together[:, :2]
    )


def test_passthrough_copies_and_may_permute():
    X, y = data()
    model = StreamRegressor([("swap", "passthrough", ([1, 0], [0, 1]))]).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), X[:, [1, 0, 2, 3, 4]])


def test_remainder_regressor_sees_all_columns():
    X, y = data()
    model = StreamRegressor([("a", Ridge(), [0])], remainder=LinearRegression()).fit(X, y)
    expected = LinearRegression().fit(X, y[:, 1:]).predict(X)
    np.testing.assert_allclose(model.predict(X)[:, 1:], expected)
    assert model.streams_[-1][0] == "remainder"


def test_remainder_regressor_allows_other_widths():
    X, y = data(3, 6)
    model = StreamRegressor([("a", Ridge(), [0])], remainder=LinearRegression()).fit(X, y)
    assert model.predict(X).shape == (60, 6)


def test_one_target():
    X, y = data()
    model = StreamRegressor([("a", Ridge(), (slice(None), [0]))]).fit(X, y[:, 0])
    np.testing.assert_allclose(model.predict(X), Ridge().fit(X, y[:, 0]).predict(X))


def test_float32_stays():
    X, y = (a.astype(np.float32) for a in data())
    assert StreamRegressor([("a", Ridge(), [0])]).fit(X, y).predict(X).dtype == np.float32


def test_set_params_by_name():
    model = StreamRegressor([("a", Ridge(), [0]), ("b", Ridge(), [1])])
    model.set_params(a__alpha=7.0, b=LinearRegression(), remainder=DummyRegressor())
    assert model.get_params()["a__alpha"] == 7.0
    assert model.streams[0][1].alpha == 7.0
    assert isinstance(model.streams[1][1], LinearRegression)
    assert model.streams[1][2] == [1]
    assert isinstance(model.remainder, DummyRegressor)


def test_a_stream_may_be_set_to_passthrough():
    X, y = data()
    model = StreamRegressor([("a", Ridge(), [0])]).set_params(a="passthrough").fit(X, y)
    np.testing.assert_array_equal(model.predict(X), X)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="Invalid parameter 'c'"):
        StreamRegressor([("a", Ridge(), [0])]).set_params(c__alpha=1)


def test_clones_share_nothing():
    model = StreamRegressor([("a", Ridge(alpha=2.0), slice(0, 2))])
    other = clone(model).set_params(a__alpha=5.0)
    assert model.streams[0][1].alpha == 2.0
    assert other.streams[0][2] == slice(0, 2)


def test_regressors_are_cloned():
    ridge = Ridge()
    StreamRegressor([("a", ridge, [0])]).fit(*data())
    assert not hasattr(ridge, "coef_")


def test_names_are_searched():
    X, _ = data()
    model = StreamRegressor([("a", Ridge(), slice(0, 5))])
    search = GridSearchCV(model, {"a__alpha": [1e-6, 1e4]}, cv=3, error_score="raise")
    assert search.fit(X, 3 * X).best_params_ == {"a__alpha": 1e-6}


def test_inputs_are_not_written_to():
    X, y = data()
    X.flags.writeable = y.flags.writeable = False
    model = StreamRegressor([("a", Ridge(), [0])]).fit(X, y)
    predicted = model.predict(X)
    predicted[:] = 0
    assert X.any()


@pytest.mark.parametrize(
    ("streams", "sentence"),
    [
        ([("a", Ridge(), [0, 1]), ("b", Ridge(), [1])], r"Columns \[1\] of y are in two streams"),
        ([("a", Ridge(), [7])], "Stream 'a' selects columns that do not exist among 5 features"),
        ([("a", Ridge(), ([0], [9]))], "Stream 'a' selects columns that do not exist"),
        ([("a", "drop", [0])], "Stream 'a': expected a regressor or 'passthrough', got 'drop'"),
        ([("a", "passthrough", ([0, 1], [2]))], "Stream 'a' copies columns of X"),
        ([("a", Ridge(), [0]), ("a", Ridge(), [1])], "Names provided are not unique"),
        ([("a__b", Ridge(), [0])], "must not contain __"),
        ([("remainder", Ridge(), [0])], "conflict with constructor arguments"),
    ],
)
def test_wrong_streams_are_told_in_fit(streams, sentence):
    """Trap: ``__init__`` and ``clone`` must not raise."""
    model = clone(StreamRegressor(streams))
    with pytest.raises(ValueError, match=sentence):
        model.fit(*data())


def test_outputs_without_a_source_need_a_regressor():
    with pytest.raises(ValueError, match="'remainder' copies.*X has 3 columns.*a regressor"):
        StreamRegressor([("a", Ridge(), [0])]).fit(*data(3, 6))


def test_wrong_remainder_is_told():
    with pytest.raises(ValueError, match="expected a regressor or 'passthrough', got 'drop'"):
        StreamRegressor([("a", Ridge(), [0])], remainder="drop").fit(*data())


def test_wrong_width_is_told():
    model = StreamRegressor([("a", Ridge(), [0])]).fit(*data())
    with pytest.raises(ValueError, match="X has 4 features, but StreamRegressor is expecting 5"):
        model.predict(np.ones((3, 4)))


# ---------------------------------------------------------------- lists of sequences


def clips(lengths=(30, 1, 45), n_columns=5, seed=0):
    rng = np.random.default_rng(seed)
    return [np.cumsum(rng.normal(size=(n, n_columns)), axis=0) for n in lengths]


def sequences(lengths=(30, 1, 45)):
    return clips(lengths), clips(lengths, seed=1)


def objects(items):
    out = np.empty(len(items), object)
    out[:] = items
    return out


def streams():
    """One of whole sequences, one of frames with a single target, and one that is copied."""
    return [
        ("smooth", TrajectoryRegressor(Ridge()), slice(0, 2)),
        ("one", Ridge(), ([0, 4], [2])),
        ("same", "passthrough", [3]),
    ]


def test_frames_of_lists_are_fitted_as_those_of_one_array():
    X, y = sequences()
    model = StreamRegressor([("a", Ridge(), [0, 1]), ("b", Ridge(), [2])])
    flat = clone(model).fit(np.concatenate(X), np.concatenate(y))
    model.fit(X, y)
    for p, x in zip(model.predict(X), X, strict=True):
        np.testing.assert_allclose(p, flat.predict(x), atol=1e-12)
    np.testing.assert_allclose(model.predict(X[0]), flat.predict(X[0]), atol=1e-12)


def test_streams_of_sequences_get_them_whole():
    X, y = sequences()
    found = StreamRegressor(streams()).fit(X, y).predict(X)
    alone = TrajectoryRegressor(Ridge()).fit([x[:, :2] for x in X], [t[:, :2] for t in y])
    frames = np.concatenate(X)[:, [0, 4]]
    one = Ridge().fit(frames, np.concatenate(y)[:, 2])
    for p, x, smooth in zip(found, X, alone.predict([x[:, :2] for x in X]), strict=True):
        np.testing.assert_allclose(p[:, :2], smooth, atol=1e-12)
        np.testing.assert_allclose(p[:, 2], one.predict(x[:, [0, 4]]))
        np.testing.assert_array_equal(p[:, 3:], x[:, 3:])


def test_paths_reach_both_kinds_of_streams():
    X = clips()
    y = [np.repeat(x * [2, -1, 1, 1, 1], 3, axis=0) for x in X]
    paths = [np.column_stack([np.arange(3 * len(x)) // 3, np.arange(3 * len(x))]) for x in X]
    context = ContextRegressor(LinearRegression(), n_context=0)
    model = StreamRegressor([("a", context, [0]), ("b", LinearRegression(), [1])])
    for p, x in zip(model.fit(X, y, paths=paths).predict(X), X, strict=True):
        np.testing.assert_allclose(p, x * [2, -1, 1, 1, 1], atol=1e-9)


def test_alignment_hands_its_paths_down():
    X = clips((40, 50, 60))
    y = [np.repeat(x, 2, axis=0) + 1 for x in X]
    model = AlignedRegressor(StreamRegressor(streams())).fit(X, y)
    smooth = model.regressor_.streams_[0][1]
    assert smooth.regressors_[0].coef_.shape == (4, 4)
    again = StreamRegressor(streams()).fit(X, y, paths=model.paths_)
    for a, b in zip(model.predict(X), again.predict(X), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("n_context", [0, 2])
@pytest.mark.parametrize("column", [2, [2], slice(2, 3)])
def test_single_columns_of_lists(column, n_context):
    X, y = sequences()
    context = ContextRegressor(BayesianRidge(), n_context=n_context)
    model = StreamRegressor([("a", context, column)]).fit(X, y)
    alone = clone(context).fit([x[:, 2:3] for x in X], [t[:, 2:3] for t in y])
    for p, a in zip(model.predict(X), alone.predict([x[:, 2:3] for x in X]), strict=True):
        np.testing.assert_allclose(p[:, 2:3], a, atol=1e-12)


def test_single_targets_of_lists_stay_columns():
    X, y = sequences()
    model = StreamRegressor([("a", BayesianRidge(), (slice(None), [0]))])
    model.fit(X, [t[:, :1] for t in y])
    assert [p.shape for p in model.predict(X)] == [(30, 1), (1, 1), (45, 1)]


def test_passthrough_alone_copies_sequences():
    X, y = sequences()
    model = StreamRegressor([("swap", "passthrough", ([1, 0], [0, 1]))]).fit(X, y)
    predicted = model.predict(X)
    for p, x in zip(predicted, X, strict=True):
        np.testing.assert_array_equal(p, x[:, [1, 0, 2, 3, 4]])
        assert not np.shares_memory(p, x)


def test_remainder_of_sequences_sees_all_columns():
    X, y = sequences()
    model = StreamRegressor([("a", Ridge(), [0])], remainder=TrajectoryRegressor(Ridge()))
    found = model.fit(X, y).predict(X)
    alone = TrajectoryRegressor(Ridge()).fit(X, [t[:, 1:] for t in y]).predict(X)
    np.testing.assert_allclose(found[2][:, 1:], alone[2], atol=1e-12)


def test_containers_mirror():
    X, y = sequences((20, 20, 20))
    expected = StreamRegressor(streams()).fit(X, y).predict(X)
    for pack in (list, tuple, objects, np.stack):
        model = StreamRegressor(streams()).fit(pack(X), pack(y))
        found = model.predict(pack(X))
        assert isinstance(found, list if pack in (list, tuple) else np.ndarray)
        assert getattr(found, "dtype", None) == {objects: object, np.stack: float}.get(pack)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_float32_sequences_stay():
    X, y = sequences()
    model = StreamRegressor(streams()).fit([x.astype(np.float32) for x in X], y)
    assert {p.dtype for p in model.predict([x.astype(np.float32) for x in X])} == {
        np.dtype(np.float32)
    }


def test_score_of_ragged_lists_is_that_of_their_frames():
    """Trap: scikit-learn's r2_score makes one array of a list."""
    X, y = sequences()
    weights = np.random.default_rng(0).uniform(size=76)
    model = StreamRegressor([("a", Ridge(), slice(None))]).fit(X, y)
    flat = np.concatenate(X), np.concatenate(y)
    assert model.score(X, y) == pytest.approx(model.score(*flat))
    expected = r2_score(flat[1], model.predict(flat[0]), sample_weight=weights)
    assert model.score(X, y, sample_weight=weights) == pytest.approx(expected)


def test_names_are_searched_in_lists():
    X = clips((30, 20, 45, 25))
    model = StreamRegressor([("a", TrajectoryRegressor(Ridge()), slice(0, 5))])
    grid = {"a__regressor__alpha": [1e-6, 1e6]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, [3 * x for x in X])
    assert search.best_params_ == {"a__regressor__alpha": 1e-6}


def test_sequences_are_not_written_to():
    X, y = sequences()
    for clip in X + y:
        clip.flags.writeable = False
    predicted = StreamRegressor(streams()).fit(X, y).predict(X)
    predicted[0][:] = 0
    assert X[0].any()


def test_clips_are_named():
    X, y = sequences()
    broken = [*X[:2], np.where(np.arange(45)[:, None] == 9, np.nan, X[2])]
    model = StreamRegressor(streams())
    with pytest.raises(ValueError, match=r"X\[2\] contains NaN \(first at frame 9 of 45\)"):
        model.fit(broken, y)
    with pytest.raises(ValueError, match=r"y\[2\] contains NaN"):
        model.fit(X, broken)
    with pytest.raises(ValueError, match=r"X\[0\] has 30 frames and y\[0\] has 29"):
        model.fit(X, [y[0][1:], *y[1:]])
    with pytest.raises(ValueError, match="X has 3 clips and y has 2"):
        model.fit(X, y[:2])
    with pytest.raises(ValueError, match=r"X\[1\] has 4 features, X\[0\] has 5"):
        model.fit([X[0], X[1][:, 1:], X[2]], y)
    model.fit(X, y)
    with pytest.raises(ValueError, match=r"X\[2\] contains NaN"):
        model.predict(broken)
    with pytest.raises(ValueError, match=r"X\[1\] has 1 frames and y\[1\] has 30"):
        model.score(X, [y[0], y[0], y[2]])


def test_wrong_paths_are_named():
    X, y = sequences()
    model = StreamRegressor(streams())
    path = np.array([[0, 0]])
    with pytest.raises(ValueError, match=r"paths\[1\] leads through frames 5 to 5 of y\[1\]"):
        model.fit(X, y, paths=[path, np.array([[0, 5]]), path])
    with pytest.raises(ValueError, match="X has 3 clips and paths has 1"):
        model.fit(X, y, paths=[path])
    with pytest.raises(ValueError, match="X is one array of frames"):
        model.fit(X[0], y[0], paths=[path])
