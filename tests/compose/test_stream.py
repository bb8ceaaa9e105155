"""Every stream to its own regressor."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV

from skstyle.compose import StreamRegressor


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
