"""Alignment of sequences that live in different spaces."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge

from skstyle.alignment import CTWAligner, DTWAligner
from skstyle.alignment._ctw import linear_path, mean_distance
from skstyle.compose import AlignedRegressor
from skstyle.features._activity import DB_PER_NEPER


def view(time, n_features, seed):
    """A trajectory of two hidden variables seen by random sensors, with some noise."""
    rng = np.random.default_rng(seed)
    sensors, offset = rng.normal(size=(2, n_features)), rng.normal(size=n_features)
    hidden = np.column_stack([np.sin(9 * time), np.cos(5 * time + 1)])
    return hidden @ sensors + offset + 0.02 * rng.normal(size=(len(time), n_features))


def pair(n=120, m=90, power=1.5, n_features_y=4, seed=0):
    """Two views of one trajectory at two timings, and the true time of both."""
    t, s = np.linspace(0, 1, n), np.linspace(0, 1, m) ** power
    return view(t, 3, seed), view(s, n_features_y, seed + 1), t, s


def error(path, t, s):
    return np.abs(t[path[:, 0]] - s[path[:, 1]]).mean()


@pytest.mark.parametrize("power", [1.0, 1.5, 0.7])
def test_different_columns_are_aligned(power):
    x, y, t, s = pair(power=power)
    path = CTWAligner(2).align([x], [y])[0]
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [len(x) - 1, len(y) - 1]
    assert error(path, t, s) < 0.015
    if power != 1:
        assert error(linear_path(len(t), len(s)), t, s) > 0.05


def test_mixed_columns_are_aligned_better_than_by_distance():
    x, y, t, s = pair(n_features_y=3)
    assert error(CTWAligner(2).align([x], [y])[0], t, s) < 0.015
    assert error(DTWAligner().align([x], [y])[0], t, s) > 0.03


def test_equal_spaces_are_aligned_as_by_distance():
    x, _, t, s = pair()
    y = view(s, 3, 0)
    expected = DTWAligner().align([x], [y])[0]
    for init in ("auto", "dtw", "linear"):
        assert error(CTWAligner(2, init=init).align([x], [y])[0], t, s) < 0.02
    assert error(expected, t, s) < 0.02


def test_projections_are_shared_by_all_clips():
    # One clip is far too short for correlations of its own.
    t, s = np.linspace(0, 1, 120), np.linspace(0, 1, 90) ** 1.5
    X, y = [view(t, 3, 0), view(t, 3, 0)[:9]], [view(s, 4, 1), view(s, 4, 1)[:15]]
    paths = CTWAligner(2, init="linear").align(X, y)
    assert error(paths[0], t, s) < 0.02
    assert error(paths[1], t, s) < 0.02


def test_transform_warps_onto_references():
    x, _, t, s = pair()
    y = view(s, 3, 0)
    out = CTWAligner().fit([y]).transform([x])[0]
    assert out.shape == y.shape
    assert np.abs(out - y).mean() < 0.15


def test_columns_of_both_sides():
    x, y, t, s = pair()
    rng = np.random.default_rng(5)
    noisy_x = np.column_stack([50 * rng.normal(size=len(x)), x])
    noisy_y = np.column_stack([y, 50 * rng.normal(size=(len(y), 2))])
    aligner = CTWAligner(2, columns=slice(1, None), columns_y=[0, 1, 2, 3])
    np.testing.assert_array_equal(
        aligner.align([noisy_x], [noisy_y])[0], CTWAligner(2).align([x], [y])[0]
    )


def test_silence_takes_no_part():
    x, y, _, _ = pair()
    silence = -50 / DB_PER_NEPER
    x = np.column_stack([np.r_[np.full(7, silence), np.zeros(len(x) - 7)], x])
    y = np.column_stack([y, np.r_[np.zeros(len(y) - 5), np.full(5, silence)]])
    aligner = CTWAligner(2, columns=slice(1, None), columns_y=slice(4))
    aligner.set_params(level_column=0, level_column_y=4)
    path = aligner.align([x], [y])[0]
    assert set(path[:, 0]) == set(range(7, len(x)))
    assert set(path[:, 1]) == set(range(len(y) - 5))
    # Both levels in one place need to be told once.
    y = y[:, [4, 0, 1, 2, 3]]
    aligner.set_params(columns_y=None, level_column_y=None)
    np.testing.assert_array_equal(aligner.align([x], [y])[0], path)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 20), (20, 1), (10, 100)])
@pytest.mark.parametrize("init", ["auto", "linear"])
def test_odd_lengths(n, m, init):
    path = CTWAligner(init=init).align([view(np.linspace(0, 1, n), 3, 0)], [np.ones((m, 3))])[0]
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [n - 1, m - 1]


def test_input_is_kept_and_work_is_shared():
    x, y, _, _ = pair()
    x.flags.writeable = y.flags.writeable = False
    one, two = (CTWAligner(2, n_jobs=n).align([x, x[:50]], [y, y[:60]]) for n in (1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_it_serves_the_aligned_regressor():
    t, s = np.linspace(0, 1, 120), np.linspace(0, 1, 90) ** 1.5
    X, y = [view(t, 3, 0)], [view(s, 3, 1)]
    model = AlignedRegressor(Ridge(1e-3), aligner=CTWAligner(2), n_iter=1).fit(X, y)
    plain = AlignedRegressor(Ridge(1e-3), n_iter=1).fit(X, y)
    truth = [view(t, 3, 1)]
    assert np.abs(model.predict(X)[0] - truth[0]).mean() < 0.1
    assert np.abs(plain.predict(X)[0] - truth[0]).mean() > 0.1


def test_rounds_that_do_not_suffice_are_told():
    x, y, _, _ = pair()
    with pytest.warns(ConvergenceWarning, match="stopped after n_iter=2 rounds"):
        CTWAligner(2, n_iter=2, tol=0).align([x], [y])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_components": 0}, "n_components must be a positive integer, got 0"),
        ({"n_iter": 1.5}, "n_iter must be a positive integer, got 1.5"),
        ({"reg": -1}, "reg must not be negative, got -1"),
        ({"tol": -1}, "tol must not be negative, got -1"),
        ({"init": "random"}, "init must be 'auto', 'linear' or 'dtw', got 'random'"),
        ({"slope": "steep"}, "slope must be one of"),
    ],
)
def test_wrong_parameters_are_told(options, message):
    aligner = clone(CTWAligner(**options))
    for call in (lambda: aligner.fit([np.ones((3, 2))]), lambda: aligner.align([], [])):
        with pytest.raises(ValueError, match=message):
            call()


def test_distances_of_different_columns_are_refused():
    x, y, _, _ = pair()
    with pytest.raises(ValueError, match="X has 3 and y has 4. Use init='linear'"):
        CTWAligner(init="dtw").align([x], [y])
    with pytest.raises(ValueError, match="X has 1 clips and y has 2"):
        CTWAligner().align([x], [y, y])
    with pytest.raises(ValueError, match=r"X\[1\] and y\[1\]: 120 and 20 frames cannot"):
        CTWAligner(slope="p1").align([x, x], [y, y[:20]])


def test_linear_paths_and_mean_distances():
    assert linear_path(1, 3).tolist() == [[0, 0], [0, 1], [0, 2]]
    assert linear_path(3, 3).tolist() == [[0, 0], [1, 1], [2, 2]]
    X, y = [np.zeros((2, 2)), np.zeros((1, 2))], [np.array([[3.0, 4], [0, 0]]), np.ones((1, 2))]
    paths = [linear_path(2, 2), linear_path(1, 1)]
    assert mean_distance(X, y, paths) == pytest.approx((5 + 0 + np.sqrt(2)) / 3)
