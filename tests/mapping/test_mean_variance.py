"""MeanVarianceRegressor: moments, voicing, degenerate statistics."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from skstyle.exceptions import UnvoicedClipWarning
from skstyle.mapping import MeanVarianceRegressor


@parametrize_with_checks([MeanVarianceRegressor(), MeanVarianceRegressor(robust=True)])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_sklearn_common(estimator, check):
    assert check(estimator) is None


@pytest.fixture
def pitch():
    """Log-F0 and voicing of two speakers, voiced in different frames; unvoiced lf0 is junk."""
    rng = np.random.default_rng(0)
    flags = rng.random((2, 400)) < 0.6
    lf0 = np.stack([4.8 + 0.15 * rng.normal(size=400), 5.4 + 0.25 * rng.normal(size=400)])
    lf0[~flags] = -1e10
    return [np.column_stack(pair) for pair in zip(lf0, flags, strict=True)]


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    n_targets=st.integers(1, 4),
    n_features=st.integers(1, 4),
    exponent=st.integers(-6, 6),
)
def test_moments_of_the_training_prediction_are_those_of_y(seed, n_targets, n_features, exponent):
    rng = np.random.default_rng(seed)
    X = 10.0**exponent * (rng.normal(size=(60, n_features)) + 3)
    y = rng.normal(size=(60, n_targets)) * rng.uniform(0.1, 9, n_targets) - 5
    predicted = MeanVarianceRegressor().fit(X, y).predict(X)
    np.testing.assert_allclose(predicted.mean(axis=0), y.mean(axis=0), rtol=1e-8)
    np.testing.assert_allclose(predicted.std(axis=0), y.std(axis=0), rtol=1e-6)


def test_the_formula():
    rng = np.random.default_rng(0)
    X, y = rng.normal(2, 3, size=(50, 2)), rng.normal(-1, 2, size=(50, 2))
    expected = y.std(axis=0) / X.std(axis=0) * (X - X.mean(axis=0)) + y.mean(axis=0)
    model = MeanVarianceRegressor().fit(X, y)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(model.scale_, y.std(axis=0) / X.std(axis=0))


def test_one_column_drives_all_targets():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 1)), rng.normal(size=(50, 3)) * [1, 2, 3]
    predicted = MeanVarianceRegressor().fit(X, y).predict(X)
    for j in range(3):
        alone = MeanVarianceRegressor().fit(X, y[:, j]).predict(X)
        np.testing.assert_allclose(predicted[:, j], alone, rtol=1e-12, atol=1e-12)


def test_voiced_statistics_are_independent_of_each_other(pitch):
    X, y = pitch
    model = MeanVarianceRegressor(voicing_column=1).fit(X, y)
    voiced_x, voiced_y = X[X[:, 1] == 1, 0], y[y[:, 1] == 1, 0]
    assert model.mean_x_[0] == pytest.approx(voiced_x.mean())
    assert model.mean_y_[0] == pytest.approx(voiced_y.mean())
    assert model.scale_[0] == pytest.approx(voiced_y.std() / voiced_x.std())
    predicted = model.predict(X)[X[:, 1] == 1, 0]
    assert predicted.mean() == pytest.approx(voiced_y.mean())
    assert predicted.std() == pytest.approx(voiced_y.std())


@pytest.mark.parametrize("column", [1, -1])
def test_flag_passes_through_to_the_last_bit(pitch, column):
    X, y = pitch
    X[:, 1] = np.where(X[:, 1] == 1, 0.9, 0.1)
    predicted = MeanVarianceRegressor(voicing_column=column).fit(X, y).predict(X)
    np.testing.assert_array_equal(predicted[:, 1], X[:, 1])


@pytest.mark.parametrize("silent, name", [(0, "X"), (1, "y")])
def test_no_voiced_frame_gives_the_identity_and_a_warning(pitch, silent, name):
    pitch[silent][:, 1] = 0
    X, y = pitch
    with pytest.warns(UnvoicedClipWarning, match=f"{name} has no voiced frame"):
        model = MeanVarianceRegressor(voicing_column=1).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), X)


def test_constant_x_is_shifted_only():
    y = np.random.default_rng(0).normal(3, 2, size=(40, 1))
    model = MeanVarianceRegressor().fit(np.full((40, 1), 0.1), y)
    assert model.scale_[0] == 1.0
    np.testing.assert_allclose(model.predict([[0.1], [1.1]])[:, 0], y.mean() + [0, 1])


def test_one_voiced_frame_shifts_only(pitch):
    X, y = pitch
    y[:, 1] = 0
    y[3] = [5.0, 1.0]
    model = MeanVarianceRegressor(voicing_column=1).fit(X, y)
    assert model.scale_[0] == 1.0
    assert model.mean_y_[0] == 5.0


def test_constant_columns_among_others_of_x():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), rng.normal(size=50)
    X1 = np.column_stack([X, np.full(50, 0.1)])
    plain, padded = (MeanVarianceRegressor().fit(A, y).predict(A) for A in (X, X1))
    np.testing.assert_allclose(padded, plain, rtol=1e-10)


def test_float32_stays_float32_and_y_keeps_its_shape():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2, 50, 1)).astype(np.float32)
    predicted = MeanVarianceRegressor().fit(X, y).predict(X)
    assert predicted.dtype == np.float32
    assert predicted.shape == (50, 1)
    assert MeanVarianceRegressor().fit(X, y[:, 0]).predict(X).shape == (50,)
    wide = MeanVarianceRegressor().fit(X, np.hstack([y, y])).predict(X)
    assert wide.dtype == np.float32


def test_inputs_are_not_written_to(pitch):
    before = [a.copy() for a in pitch]
    for a in pitch:
        a.flags.writeable = False
    MeanVarianceRegressor(voicing_column=1).fit(*pitch).predict(pitch[0])
    for a, b in zip(pitch, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_clone_and_pickle(pitch):
    X, y = pitch
    model = MeanVarianceRegressor(voicing_column=1).fit(X, y)
    expected = model.predict(X).tobytes()
    assert pickle.loads(pickle.dumps(model)).predict(X).tobytes() == expected
    assert clone(model).fit(X, y).predict(X).tobytes() == expected


@pytest.mark.parametrize(
    "column, error, message",
    [
        (2, ValueError, "voicing_column=2 is not one of the 2 columns"),
        (-3, ValueError, "voicing_column=-3"),
        ("vuv", TypeError, "must be an int or None"),
        (True, TypeError, "must be an int or None"),
        (0.0, TypeError, "must be an int or None"),
    ],
)
def test_bad_voicing_column(pitch, column, error, message):
    with pytest.raises(error, match=message):
        MeanVarianceRegressor(voicing_column=column).fit(*pitch)


def test_y_needs_the_flag_too(pitch):
    X, y = pitch
    with pytest.raises(ValueError, match="X has 2 columns and y has 1"):
        MeanVarianceRegressor(voicing_column=1).fit(X, y[:, 0])


# ---------------------------------------------------------------- medians and quartiles


def quartiles(A):
    return np.quantile(A, [0.25, 0.5, 0.75], axis=0)


@pytest.mark.parametrize(("n_features", "n_targets"), [(2, 2), (3, 2), (1, 3)])
def test_robust_prediction_has_the_quartiles_of_y(n_features, n_targets):
    """Trap: the average of standardised columns has a median of its own, unlike a mean."""
    rng = np.random.default_rng(0)
    X = rng.gamma(1, size=(501, n_features))
    y = 3 * rng.gamma(1, size=(501, n_targets)) - 5
    low, middle, high = quartiles(MeanVarianceRegressor(robust=True).fit(X, y).predict(X))
    expected = quartiles(y)
    np.testing.assert_allclose(middle, expected[1])
    np.testing.assert_allclose(high - low, expected[2] - expected[0])


def test_robust_statistics_of_normal_frames_are_mean_and_deviation():
    A = np.random.default_rng(0).normal(5, 0.3, size=(20000, 2))
    model = MeanVarianceRegressor(robust=True).fit(A, A)
    np.testing.assert_allclose(model.mean_x_, 5, atol=0.01)
    np.testing.assert_allclose(model.std_x_, 0.3, rtol=0.03)
    assert model.mean_x_.dtype == model.std_x_.dtype == np.float64


def test_outliers_hardly_move_the_robust_map():
    """One frame in 20 is an octave too low, as trackers have it."""
    rng = np.random.default_rng(0)
    X, y = 4.8 + 0.15 * rng.normal(size=(400, 1)), 5.4 + 0.25 * rng.normal(size=(400, 1))
    wrong = y.copy()
    wrong[::20] -= np.log(2)
    moved = {}
    for robust in (False, True):
        clean, spoilt = (
            MeanVarianceRegressor(robust=robust).fit(X, t).predict(X) for t in (y, wrong)
        )
        moved[robust] = np.abs(spoilt - clean).max()
    assert moved[True] < 0.06
    assert moved[True] < 0.3 * moved[False]


def test_robust_voicing_leaves_unvoiced_frames_out(pitch):
    X, y = pitch
    model = MeanVarianceRegressor(voicing_column=1, robust=True).fit(X, y)
    assert model.mean_x_[0] == pytest.approx(np.median(X[X[:, 1] == 1, 0]))
    assert model.mean_y_[0] == pytest.approx(np.median(y[y[:, 1] == 1, 0]))
    np.testing.assert_array_equal(model.predict(X)[:, 1], X[:, 1])


@pytest.mark.parametrize("few", [0, 3])
def test_robust_constant_x_is_shifted_only(few):
    """Where the middle half is constant, a few other frames do not count."""
    y = np.random.default_rng(0).normal(3, 2, size=(40, 1))
    X = np.full((40, 1), 0.1)
    X[:few] = 9
    model = MeanVarianceRegressor(robust=True).fit(X, y)
    assert model.std_x_[0] == 0
    assert model.scale_[0] == 1
    np.testing.assert_allclose(model.predict([[0.1], [1.1]])[:, 0], np.median(y) + [0, 1])


def test_robust_constant_y_is_met():
    X = np.random.default_rng(0).normal(size=(40, 2))
    predicted = MeanVarianceRegressor(robust=True).fit(X, np.full((40, 2), 7.5)).predict(X)
    np.testing.assert_array_equal(predicted, np.full((40, 2), 7.5))


def test_robust_single_frame_shifts_only():
    model = MeanVarianceRegressor(robust=True).fit([[1.0, 2.0]], [[5.0, 4.0]])
    assert np.isnan(model.std_x_).all()
    np.testing.assert_array_equal(model.scale_, 1)
    np.testing.assert_allclose(model.predict([[2.0, 2.5]]), [[6.0, 4.5]])


def test_robust_float32_stays_float32():
    X, y = np.random.default_rng(0).normal(size=(2, 50, 1)).astype(np.float32)
    assert MeanVarianceRegressor(robust=True).fit(X, y).predict(X).dtype == np.float32
