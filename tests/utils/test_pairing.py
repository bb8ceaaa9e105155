"""Frames, sequences and the paths between them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import BayesianRidge, LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline

from skstyle.compose import AlignedRegressor, ContextRegressor, StreamRegressor
from skstyle.trajectory import TrajectoryRegressor
from skstyle.utils.pairing import (
    check_paths,
    fit_on_paths,
    in_dtype_of,
    pair_frames,
    paired_score,
    predict_sequences,
    refuse_paths,
    split,
    stack,
    stack_context,
    straight_paths,
    takes_sequences,
)

LENGTHS = (4, 1, 6)


class Recorder(RegressorMixin, BaseEstimator):
    """A regressor of sequences that remembers what it was given."""

    def fit(self, X, y, paths=None):
        self.given_ = X, y, paths
        return self

    def predict(self, X, factor=1):
        assert isinstance(X, list)
        return [factor * x for x in X]


def pairs(n_targets=2, dtype=float):
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 3)).astype(dtype) for n in LENGTHS]
    y = [rng.normal(size=(n + 2, n_targets)).astype(dtype) for n in LENGTHS]
    return X, y, [np.column_stack([np.arange(n), np.arange(n) + 2]) for n in LENGTHS]


def test_splitting_undoes_stacking():
    X, _, _ = pairs()
    for a, b in zip(X, split(stack(X), X), strict=True):
        np.testing.assert_array_equal(a, b)


def test_stacked_frames_are_a_copy():
    X, _, _ = pairs()
    stack(X[:1])[:] = 0
    assert X[0].any()


def test_single_outputs_become_columns():
    parts = split(np.arange(11.0), pairs()[0])
    assert [p.shape for p in parts] == [(4, 1), (1, 1), (6, 1)]
    assert parts[2][0, 0] == 5


@pytest.mark.parametrize(
    ("regressor", "expected"),
    [
        (Ridge(), False),
        (make_pipeline(Ridge()), False),
        (AlignedRegressor(Ridge()), False),
        (Recorder(), True),
        (TrajectoryRegressor(Ridge()), True),
        (ContextRegressor(Ridge()), True),
        (StreamRegressor([]), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_regressors_of_sequences_are_known_by_their_paths(regressor, expected):
    assert takes_sequences(regressor) is expected


def test_straight_paths_pair_frame_t_with_frame_t():
    X, _, _ = pairs()
    for x, path in zip(X, straight_paths(X, X), strict=True):
        np.testing.assert_array_equal(path, np.column_stack([np.arange(len(x))] * 2))


def test_straight_paths_need_equal_lengths():
    X, y, _ = pairs()
    y[0] = y[0][:4]
    with pytest.raises(ValueError, match=r"X\[1\] has 1 frames and y\[1\] has 3: without paths"):
        straight_paths(X, y)


def test_paired_frames_follow_the_paths():
    X, y, paths = pairs()
    paths[0] = np.array([[0, 0], [0, 1], [3, 5]])
    source, target = pair_frames(X, y, paths)
    np.testing.assert_array_equal(source[:3], X[0][[0, 0, 3]])
    np.testing.assert_array_equal(target[:3], y[0][[0, 1, 5]])
    assert len(source) == len(target) == 3 + 1 + 6


def test_good_paths_are_taken_as_they_are():
    X, y, paths = pairs()
    for a, b in zip(check_paths(X, y, paths), paths, strict=True):
        assert a is b
    assert check_paths(X, y, [p.tolist() for p in paths])[2].shape == (6, 2)
    for a, b in zip(check_paths(X, X, None), straight_paths(X, X), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (np.zeros((3, 2)), r"paths\[1\] has shape \(3, 2\) and dtype float64, expected integers"),
        (np.zeros((2, 3), int), r"paths\[1\] has shape \(2, 3\) and dtype int64"),
        (np.zeros(2, int), r"paths\[1\] has shape \(2,\)"),
        (np.zeros((0, 2), int), r"paths\[1\] has shape \(0, 2\)"),
        (np.array([[0, 0], [1, 1]]), r"paths\[1\] leads through frames 0 to 1 of X\[1\], which"),
        (np.array([[0, 7]]), r"frames 7 to 7 of y\[1\], which has frames 0 to 2"),
        (np.array([[0, -1]]), r"frames -1 to -1 of y\[1\]"),
    ],
)
def test_wrong_paths_are_named(path, sentence):
    X, y, paths = pairs()
    paths[1] = path
    with pytest.raises(ValueError, match=sentence):
        check_paths(X, y, paths)


def test_every_pair_needs_a_path():
    X, y, paths = pairs()
    with pytest.raises(ValueError, match="X has 3 clips and paths has 2"):
        check_paths(X, y, paths[:2])


def test_frames_have_no_paths():
    refuse_paths(None)
    with pytest.raises(ValueError, match="X is one array of frames: pass lists"):
        refuse_paths(pairs()[2])


def test_regressors_of_frames_are_fitted_on_the_paired_frames():
    X, y, paths = pairs()
    expected = Ridge().fit(*pair_frames(X, y, paths))
    np.testing.assert_array_equal(fit_on_paths(Ridge(), X, y, paths).coef_, expected.coef_)


def test_a_single_column_of_targets_is_flat():
    """Trap: regressors of one output warn of, or refuse, a column."""
    X, y, paths = pairs(n_targets=1)
    model = fit_on_paths(BayesianRidge(), X, y, paths)
    assert [p.shape for p in predict_sequences(model, X)] == [(4, 1), (1, 1), (6, 1)]


def test_regressors_of_sequences_get_all_as_it_is():
    X, y, paths = pairs()
    model = fit_on_paths(Recorder(), X, y, paths)
    assert all(a is b for a, b in zip(model.given_, (X, y, paths), strict=True))


def test_options_reach_either_kind_of_regressor():
    X, y, paths = pairs(n_targets=1)
    np.testing.assert_array_equal(predict_sequences(Recorder(), X, factor=3)[2], 3 * X[2])
    model = fit_on_paths(BayesianRidge(), X, y, paths)
    mean, std = predict_sequences(model, X, return_std=True)
    expected = model.predict(X[2], return_std=True)
    np.testing.assert_allclose(mean[2][:, 0], expected[0])
    np.testing.assert_allclose(std[2][:, 0], expected[1])


def test_predictions_take_the_dtype_of_every_clip():
    given = [np.zeros((2, 1), np.float32), np.zeros((2, 1))]
    found = [np.ones((2, 1)), np.ones((2, 1))]
    mean, std = in_dtype_of((found, found), given)
    assert [p.dtype for p in mean] == [p.dtype for p in std] == [np.float32, np.float64]
    assert mean[1] is found[1]
    assert in_dtype_of(found[0], given[0]).dtype == np.float32


def test_score_weighs_the_frames_of_all_sequences():
    X, _, _ = pairs()
    y = [x @ np.ones((3, 2)) + np.arange(len(x))[:, None] for x in X]
    model = ContextRegressor(LinearRegression(), n_context=0).fit(X, y)
    weights = np.arange(11.0)
    expected = r2_score(stack(y), stack(model.predict(X)), sample_weight=weights)
    assert expected < 0.99
    assert paired_score(model, X, y, weights) == pytest.approx(expected)
    flat = paired_score(model, stack(X), stack(y), weights)
    assert flat == pytest.approx(expected)


def test_context_by_hand():
    x = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    expected = [[1, 10, 1, 10, 2, 20], [1, 10, 2, 20, 3, 30], [2, 20, 3, 30, 3, 30]]
    np.testing.assert_array_equal(stack_context(x, 1), expected)
    np.testing.assert_array_equal(stack_context(x, 0), x)


@settings(max_examples=30, deadline=None)
@given(n_frames=st.integers(1, 12), n_context=st.integers(0, 9), n_columns=st.integers(1, 3))
def test_ends_are_repeated_and_the_middle_is_the_frame_itself(n_frames, n_context, n_columns):
    x = np.random.default_rng(n_frames).normal(size=(n_frames, n_columns)).astype(np.float32)
    padded = np.pad(x, ((n_context, n_context), (0, 0)), mode="edge")
    expected = np.hstack([padded[k : k + n_frames] for k in range(2 * n_context + 1)])
    found = stack_context(x, n_context)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
