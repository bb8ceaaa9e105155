"""Frames seen with those around them."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import BayesianRidge, LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor

from skstyle.compose import AlignedRegressor, ContextRegressor
from skstyle.mapping import JointGMMRegressor
from skstyle.trajectory import TrajectoryRegressor

LENGTHS = (40, 25, 60)


def noise(lengths=LENGTHS, n_columns=2, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, n_columns)) for n in lengths]


def shifted(x, by):
    return x[np.clip(np.arange(len(x)) + by, 0, len(x) - 1)]


def echoes(X):
    """Every frame is a sum of itself, the frame before and the one two frames later."""
    return [x + 0.5 * shifted(x, -1) - 0.3 * shifted(x, 2) for x in X]


def objects(items):
    out = np.empty(len(items), object)
    out[:] = items
    return out


def test_what_lies_within_the_context_is_found():
    X = noise()
    model = ContextRegressor(LinearRegression(), n_context=2).fit(X, echoes(X))
    new = noise((31, 1, 3), seed=1)
    for p, t in zip(model.predict(new), echoes(new), strict=True):
        np.testing.assert_allclose(p, t, atol=1e-10)
    assert model.score(X, echoes(X)) == pytest.approx(1)
    short = ContextRegressor(LinearRegression(), n_context=1).fit(X, echoes(X))
    assert short.score(X, echoes(X)) < 0.97


def test_no_context_is_the_regressor_alone():
    X = noise()
    y = echoes(X)
    model = ContextRegressor(Ridge(), n_context=0).fit(X, y)
    plain = Ridge().fit(np.concatenate(X), np.concatenate(y))
    np.testing.assert_allclose(model.predict(X)[1], plain.predict(X[1]))


def test_context_ends_with_the_clip():
    X = noise()
    model = ContextRegressor(LinearRegression(), n_context=2).fit(X, echoes(X))
    together, alone = model.predict(X)[1], model.predict(X[1:2])[0]
    np.testing.assert_allclose(together, alone, atol=1e-12)


def test_context_is_taken_before_frames_are_paired():
    X = noise()
    rng = np.random.default_rng(2)
    at = [np.sort(np.r_[np.arange(len(x)), rng.integers(0, len(x), 9)]) for x in X]
    y = [t[i] for t, i in zip(echoes(X), at, strict=True)]
    paths = [np.column_stack([i, np.arange(len(i))]) for i in at]
    model = ContextRegressor(LinearRegression(), n_context=2).fit(X, y, paths=paths)
    for p, t in zip(model.predict(X), echoes(X), strict=True):
        np.testing.assert_allclose(p, t, atol=1e-10)


def test_alignment_hands_its_paths_down():
    t = [np.linspace(0, 6, n) for n in (60, 75, 90)]
    X = [np.column_stack([np.sin(s), np.cos(1.3 * s)]) for s in t]
    y = [np.repeat(e, 2, axis=0) for e in echoes(X)]
    model = AlignedRegressor(ContextRegressor(Ridge(1e-6), n_context=2)).fit(X, y)
    assert model.regressor_.regressor_.coef_.shape == (2, 10)
    assert model.score(X, y) > 0.99


@pytest.mark.parametrize("outside", [True, False])
def test_context_goes_with_trajectories_either_way_round(outside):
    X = noise()
    regressor = LinearRegression()
    if outside:
        model = ContextRegressor(TrajectoryRegressor(regressor), n_context=2)
    else:
        model = TrajectoryRegressor(ContextRegressor(regressor, n_context=2))
    model.fit(X, echoes(X))
    assert [p.shape for p in model.predict(X)] == [x.shape for x in X]
    assert model.score(X, echoes(X)) > 0.999


def test_rows_of_an_array_are_their_own_context():
    X, y = np.concatenate(noise()), np.concatenate(echoes(noise()))
    model = ContextRegressor(Ridge(), n_context=3).fit(X, y)
    plain = Ridge().fit(np.tile(X, 7), y)
    np.testing.assert_allclose(model.predict(X), plain.predict(np.tile(X, 7)))
    np.testing.assert_allclose(model.predict(X[:, None]), plain.predict(np.tile(X, 7))[:, None])
    assert model.fit(X, y[:, 0]).predict(X).shape == (len(X),)


def test_spread_is_passed_on_in_every_container():
    X = noise()
    y = [t[:, :1] for t in echoes(X)]
    model = ContextRegressor(BayesianRidge(), n_context=1).fit(X, y)
    mean, std = model.predict(X, return_std=True)
    assert [p.shape for p in std] == [(n, 1) for n in LENGTHS]
    np.testing.assert_array_equal(mean[2], model.predict(X)[2])
    assert all(part.dtype == object for part in model.predict(objects(X), return_std=True))
    assert [part.shape for part in model.predict(X[0], return_std=True)] == [(40,), (40,)]


def test_containers_mirror():
    X = noise((30, 30, 30))
    model = ContextRegressor(Ridge(), n_context=1).fit(X, echoes(X))
    expected = model.predict(X)
    assert isinstance(expected, list)
    assert isinstance(model.predict(tuple(X)), list)
    out = model.predict(objects(X))
    assert out.dtype == object
    np.testing.assert_array_equal(out[2], expected[2])
    stacked = model.predict(np.stack(X))
    assert isinstance(stacked, np.ndarray)
    np.testing.assert_array_equal(stacked, np.stack(expected))
    again = clone(model).fit(np.stack(X), np.stack(echoes(X))).predict(objects(X))
    np.testing.assert_allclose(again[1], expected[1])


@pytest.mark.parametrize(
    "regressor", [Ridge(), KNeighborsRegressor(3), JointGMMRegressor(2, random_state=0)]
)
def test_float32_stays_though_targets_are_float64(regressor):
    X = [x.astype(np.float32) for x in noise()]
    model = ContextRegressor(regressor, n_context=1).fit(X, echoes(noise()))
    assert {p.dtype for p in model.predict(X)} == {np.dtype(np.float32)}
    assert model.predict(X[0]).dtype == np.float32
    assert model.predict(noise())[0].dtype == np.float64


def test_context_is_searched():
    X = noise((30, 30, 30, 30))
    model = ContextRegressor(LinearRegression())
    search = GridSearchCV(model, {"n_context": [0, 2]}, cv=2, error_score="raise")
    assert search.fit(X, echoes(X)).best_params_ == {"n_context": 2}


def test_inputs_are_not_written_to():
    X, y = noise(), echoes(noise())
    for clip in X + y:
        clip.flags.writeable = False
    ridge = Ridge()
    predicted = ContextRegressor(ridge, n_context=1).fit(X, y).predict(X)
    predicted[0][:] = 0
    assert X[0].any()
    assert not hasattr(ridge, "coef_")


@pytest.mark.parametrize(("n_context", "error"), [(-1, ValueError), (1.5, TypeError)])
def test_wrong_contexts_are_told_in_fit(n_context, error):
    model = clone(ContextRegressor(Ridge(), n_context=n_context))
    with pytest.raises(error, match="n_context"):
        model.fit(noise(), echoes(noise()))


def test_clips_are_named():
    X, y = noise(), echoes(noise())
    broken = [X[0], np.where(np.arange(25)[:, None] == 7, np.nan, X[1]), X[2]]
    model = ContextRegressor(Ridge(), n_context=1)
    with pytest.raises(ValueError, match=r"X\[1\] contains NaN \(first at frame 7 of 25\)"):
        model.fit(broken, y)
    with pytest.raises(ValueError, match=r"X\[2\] has 60 frames and y\[2\] has 59"):
        model.fit(X, [*y[:2], y[2][:-1]])
    with pytest.raises(ValueError, match=r"paths\[0\] leads through frames 0 to 99 of X\[0\]"):
        model.fit(X, y, paths=[np.array([[0, 0], [99, 1]])] * 3)
    with pytest.raises(ValueError, match="X is one array of frames"):
        model.fit(X[0], y[0], paths=[np.zeros((1, 2), int)])


def test_unfitted_and_wrong_width_are_told():
    X = noise()
    with pytest.raises(NotFittedError):
        ContextRegressor(Ridge()).predict(X)
    model = ContextRegressor(Ridge()).fit(X, echoes(X))
    with pytest.raises(ValueError, match="X has 1 features, but ContextRegressor is expecting 2"):
        model.predict([x[:, :1] for x in X])


def test_spread_of_the_regressor_inside_reaches_the_trajectory():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(40, 2)) for _ in range(3)]
    model = TrajectoryRegressor(ContextRegressor(JointGMMRegressor(1), n_context=1)).fit(X, X)
    assert model.residual_variance_ is None
    model = TrajectoryRegressor(ContextRegressor(Ridge(), n_context=1)).fit(X, X)
    assert model.residual_variance_.shape == (4,)


def test_regressors_of_one_column_are_fitted_column_by_column():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(40, 2)) for _ in range(3)]
    model = TrajectoryRegressor(ContextRegressor(BayesianRidge(), n_context=1)).fit(X, X)
    assert len(model.regressors_) == 4
    assert model.residual_variance_ is None
    np.testing.assert_allclose(model.predict(X)[0], X[0], atol=1e-3)
