"""Trajectories from regressors of frames."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingRegressor, ExtraTreesRegressor
from sklearn.exceptions import NotFittedError
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import BayesianRidge, LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle import JointGMMRegressor
from skstyle.exceptions import LoneSequenceWarning
from skstyle.features import DeltaFeatures
from skstyle.trajectory import DELTA, DELTA_DELTA, TrajectoryRegressor, mlpg, mlpg_with_gv
from skstyle.trajectory._gaussians import is_single_output

A = np.array([[1.2, 0.3], [-0.2, 0.9], [0.5, -0.4]])
LENGTHS = (60, 45, 80, 52)


def walks(lengths=LENGTHS, seed=0, n_columns=3):
    rng = np.random.default_rng(seed)
    return [np.cumsum(rng.normal(size=(n, n_columns)), axis=0) for n in lengths]


def noisy_sines(seed=0):
    """Clean waves, and the same behind noise."""
    rng = np.random.default_rng(seed)
    clean = [
        np.column_stack([np.sin(0.1 * np.arange(n)), np.cos(0.07 * np.arange(n))]) for n in LENGTHS
    ]
    return [y + 0.4 * rng.normal(size=y.shape) for y in clean], clean


def dynamic(items):
    return DeltaFeatures().fit_transform(items)


def objects(items):
    out = np.empty(len(items), object)
    out[:] = items
    return out


@pytest.mark.parametrize("windows", [(), (DELTA,), (DELTA, DELTA_DELTA)])
@pytest.mark.parametrize("regressor", [LinearRegression(), BayesianRidge()])
def test_linear_data_give_the_exact_answer(regressor, windows):
    X = walks()
    y = [x @ A + 3 for x in X]
    model = TrajectoryRegressor(regressor, windows=windows).fit(X, y)
    new = walks((33, 1, 70), seed=5)
    for p, x in zip(model.predict(new), new, strict=True):
        np.testing.assert_allclose(p, x @ A + 3, atol=1e-6)
    assert model.score(X, y) == pytest.approx(1)


def test_constant_spread_is_that_of_the_residuals():
    X, y = noisy_sines()
    model = TrajectoryRegressor(Ridge()).fit(X, y)
    frames, targets = np.vstack(dynamic(X)), np.vstack(dynamic(y))
    plain = Ridge().fit(frames, targets)
    variance = ((targets - plain.predict(frames)) ** 2).mean(axis=0)
    np.testing.assert_allclose(model.residual_variance_, variance)
    expected = mlpg(plain.predict(dynamic(X)[2]), 1 / variance, return_std=True)
    found = model.predict(X, return_std=True)
    np.testing.assert_allclose(found[0][2], expected[0], atol=1e-12)
    np.testing.assert_allclose(found[1][2], expected[1], atol=1e-12)


@pytest.mark.parametrize(
    "regressor", [BayesianRidge(), JointGMMRegressor(4, random_state=0)], ids=["bayes", "gmm"]
)
def test_own_spread_of_every_frame_is_used(regressor):
    X, y = noisy_sines()
    model = TrajectoryRegressor(regressor).fit(X, y)
    assert model.residual_variance_ is None
    frames, targets = np.vstack(dynamic(X)), np.vstack(dynamic(y))
    x = dynamic(X)[1]
    if isinstance(regressor, BayesianRidge):
        assert len(model.regressors_) == 4
        told = [
            clone(regressor).fit(frames, t).predict(x, return_std=True)
            for t in np.ascontiguousarray(targets.T)
        ]
        mean, std = (np.column_stack(part) for part in zip(*told, strict=True))
    else:
        mean, std = clone(regressor).fit(frames, targets).predict(x, return_std=True)
    assert np.ptp(std, axis=0).min() > 0
    np.testing.assert_allclose(model.predict(X)[1], mlpg(mean, 1 / std**2), atol=1e-9)


@pytest.mark.parametrize(
    "regressor",
    [
        Ridge(),
        BayesianRidge(),
        JointGMMRegressor(4, random_state=0),
        ExtraTreesRegressor(20, min_samples_leaf=5, random_state=0),
        KNeighborsRegressor(10),
        make_pipeline(StandardScaler(), BayesianRidge()),
    ],
    ids=lambda r: type(r).__name__,
)
def test_trajectories_are_smoother_than_frames_and_nearer_to_the_truth(regressor):
    X, y = noisy_sines()
    X_new, y_new = noisy_sines(seed=1)
    models = [TrajectoryRegressor(regressor, windows=w).fit(X, y) for w in ((DELTA,), ())]
    trajectories, frames = (m.predict(X_new) for m in models)
    error, error_of_frames = (
        np.mean([np.abs(p - t).mean() for p, t in zip(found, y_new, strict=True)])
        for found in (trajectories, frames)
    )
    assert error < 0.95 * error_of_frames
    rough, rough_frames = (
        np.mean([np.abs(np.diff(p, axis=0)).mean() for p in found])
        for found in (trajectories, frames)
    )
    assert rough < 0.6 * rough_frames


def test_gaussian_process_on_few_frames():
    X, y = noisy_sines()
    X, y = [x[:25] for x in X[:3]], [x[:25] for x in y[:3]]
    kernel = RBF(2.0, "fixed") + WhiteKernel(0.1, "fixed")
    model = TrajectoryRegressor(GaussianProcessRegressor(kernel, normalize_y=True)).fit(X, y)
    out, std = model.predict(X, return_std=True)
    rough = GaussianProcessRegressor(kernel, normalize_y=True)
    rough = rough.fit(np.vstack(X), np.vstack(y)).predict(X[0])
    assert np.abs(np.diff(out[0], axis=0)).mean() < np.abs(np.diff(rough, axis=0)).mean()
    assert all((s > 0).all() for s in std)


def test_paths_pair_frames_after_the_windows():
    X = walks()
    rng = np.random.default_rng(1)
    index = [np.sort(np.r_[np.arange(len(x)), rng.integers(0, len(x), 15)]) for x in X]
    y = [x @ A for x in X]
    # Every frame of the path is right, and some are visited several times.
    paths = [np.column_stack([i, i]) for i in index]
    model = TrajectoryRegressor(LinearRegression()).fit(X, y, paths=paths)
    np.testing.assert_allclose(model.predict(X)[0], y[0], atol=1e-8)
    # Deltas of the repeated frames themselves would be wrong.
    longer = [x[i] for x, i in zip(X, index, strict=True)]
    assert not np.allclose(dynamic(longer)[0], dynamic(X)[0][index[0]])


def test_paths_between_sequences_of_different_lengths():
    X = walks()
    y = [np.vstack([np.full((7, 2), 50.0), x @ A]) for x in X]
    paths = [np.column_stack([np.arange(1, len(x)), np.arange(8, len(x) + 7)]) for x in X]
    model = TrajectoryRegressor(LinearRegression()).fit(X, y, paths=paths)
    np.testing.assert_allclose(model.predict(X)[1], X[1] @ A, atol=1e-8)


def test_a_regressor_of_sequences_gets_whole_sequences():
    X, y = noisy_sines()
    paths = [np.repeat(np.arange(len(x)), 2)[:, None].repeat(2, axis=1) for x in X]
    nested = TrajectoryRegressor(TrajectoryRegressor(Ridge(), windows=(DELTA_DELTA,)))
    model = nested.fit(X, y, paths=paths)
    inner = TrajectoryRegressor(Ridge(), windows=(DELTA_DELTA,))
    mean, std = inner.fit(dynamic(X), dynamic(y), paths=paths).predict(dynamic(X), return_std=True)
    np.testing.assert_allclose(model.predict(X)[0], mlpg(mean[0], std[0] ** -2.0), atol=1e-9)


def test_held_out_residuals_tell_more_of_what_is_known_by_heart():
    X, y = noisy_sines()
    forest = ExtraTreesRegressor(20, random_state=0)
    fitted = TrajectoryRegressor(forest).fit(X, y)
    held_out = TrajectoryRegressor(forest, cv=2).fit(X, y)
    assert (fitted.residual_variance_ < 1e-20).all()
    assert (held_out.residual_variance_ > 1e-3).all()
    np.testing.assert_array_equal(
        fitted.regressors_[0].predict(dynamic(X)[0]), held_out.regressors_[0].predict(dynamic(X)[0])
    )
    assert np.isfinite(fitted.predict(X)[0]).all()


def test_global_variance_comes_to_the_target():
    X, y = noisy_sines()
    y = [x + 0.1 * np.random.default_rng(9).normal(size=x.shape) for x in y]
    model = TrajectoryRegressor(Ridge(200.0), global_variance="optimise").fit(X, y)
    plain = TrajectoryRegressor(Ridge(200.0)).fit(X, y)
    variance = np.array([x.var(axis=0) for x in y])
    np.testing.assert_allclose(model.gv_mean_, variance.mean(axis=0))
    now, before = (
        np.abs(np.log(np.mean([p.var(axis=0) for p in m.predict(X)], axis=0) / model.gv_mean_))
        for m in (model, plain)
    )
    assert (now < 0.5 * before).all()
    mean = plain.regressors_[0].predict(dynamic(X)[0])
    expected = mlpg_with_gv(mean, 1 / plain.residual_variance_, model.gv_mean_, model.gv_variance_)
    found, std = model.predict(X, return_std=True)
    np.testing.assert_allclose(found[0], expected)
    np.testing.assert_allclose(std[0], plain.predict(X, return_std=True)[1][0])


def test_columns_without_global_variance():
    X, y = noisy_sines()
    options = {"global_variance": "optimise", "gv_columns": [1]}
    model = TrajectoryRegressor(Ridge(200.0), **options).fit(X, y)
    plain = TrajectoryRegressor(Ridge(200.0)).fit(X, y)
    found, expected = model.predict(X)[0], plain.predict(X)[0]
    np.testing.assert_array_equal(found[:, 0], expected[:, 0])
    assert found[:, 1].var() > expected[:, 1].var()
    with pytest.raises(ValueError, match="gv_columns=.* is no choice among 2 columns"):
        TrajectoryRegressor(Ridge(), global_variance="optimise", gv_columns=[4]).fit(X, y)


def test_one_clip_is_enough_for_global_variance():
    X, y = noisy_sines()
    model = TrajectoryRegressor(Ridge(), global_variance="optimise").fit(X[:1], y[:1])
    assert (model.gv_variance_ > 0).all()
    assert np.isfinite(model.predict(X)[2]).all()


@pytest.mark.parametrize("regressor", [Ridge(), BayesianRidge(), JointGMMRegressor(2)])
def test_targets_that_hardly_move(regressor):
    """Trap: second differences of a ramp, or all of a constant, have no variance."""
    X = walks()
    y = [np.column_stack([0.3 * np.arange(len(x)), np.full(len(x), 0.1)]) for x in X]
    model = TrajectoryRegressor(
        regressor, windows=(DELTA, DELTA_DELTA), global_variance="optimise"
    ).fit(X, y)
    for p in model.predict(X):
        assert np.isfinite(p).all()
        np.testing.assert_allclose(p[:, 1], 0.1, atol=1e-6)


def test_scale_of_the_features_does_not_matter():
    X, y = noisy_sines()
    expected = TrajectoryRegressor(LinearRegression()).fit(X, y).predict(X)[0]
    for scale in (1e-6, 1e6):
        model = TrajectoryRegressor(LinearRegression())
        model.fit([x * scale for x in X], [x * scale for x in y])
        found = model.predict([x * scale for x in X])[0] / scale
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_one_column_and_no_windows():
    X = walks(n_columns=1)
    y = [2 * x for x in X]
    model = TrajectoryRegressor(BayesianRidge(), windows=()).fit(X, y)
    assert [p.shape for p in model.predict(X)] == [x.shape for x in X]
    np.testing.assert_allclose(model.predict(X)[0], y[0], atol=1e-6)


def test_containers_mirror():
    X, y = noisy_sines()
    model = TrajectoryRegressor(Ridge()).fit(objects(X), objects(y))
    out = model.predict(X)
    assert isinstance(out, list)
    found, std = model.predict(objects(X), return_std=True)
    assert found.dtype == std.dtype == object
    np.testing.assert_array_equal(found[1], out[1])
    short = np.stack([x[:40] for x in X])
    assert model.predict(short).shape == (4, 40, 2)
    np.testing.assert_allclose(model.predict(short)[1], model.predict([X[1][:40]])[0], atol=1e-12)


def test_clips_do_not_mix():
    X, y = noisy_sines()
    model = TrajectoryRegressor(JointGMMRegressor(2, random_state=0)).fit(X, y)
    whole = model.predict(X)
    np.testing.assert_allclose(model.predict(X[2:3])[0], whole[2], atol=1e-12)
    np.testing.assert_allclose(model.predict(X[::-1])[0], whole[-1], atol=1e-12)


@pytest.mark.parametrize("regressor", [Ridge(), BayesianRidge()])
def test_plain_arrays_are_one_frame_sequences(regressor):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    with pytest.warns(LoneSequenceWarning, match="all differences are zero"):
        model = TrajectoryRegressor(regressor).fit(X, y)
    with pytest.warns(LoneSequenceWarning):
        out, std = model.predict(X, return_std=True)
    assert out.shape == std.shape == y.shape
    as_list = TrajectoryRegressor(regressor).fit(list(X[:, None]), list(y[:, None]))
    found, found_std = as_list.predict(list(X[:, None]), return_std=True)
    np.testing.assert_allclose(out, np.vstack(found), atol=1e-12)
    np.testing.assert_allclose(std, np.vstack(found_std), atol=1e-12)
    with pytest.warns(LoneSequenceWarning):
        assert TrajectoryRegressor(regressor).fit(X, y[:, 0]).predict(X).shape == (30,)


def test_float32_is_kept():
    X, y = ([x.astype(np.float32) for x in side] for side in noisy_sines())
    for regressor in (Ridge(), BayesianRidge(), JointGMMRegressor(2, random_state=0)):
        model = TrajectoryRegressor(regressor, global_variance="optimise").fit(X, y)
        found = model.predict(X, return_std=True)
        assert {p.dtype for part in found for p in part} == {np.dtype(np.float32)}


def test_parameters_are_searched_and_scored():
    X, y = noisy_sines()
    search = GridSearchCV(
        TrajectoryRegressor(Ridge()), {"regressor__alpha": [1.0, 1e6]}, cv=2, error_score="raise"
    )
    assert search.fit(X, y).best_params_ == {"regressor__alpha": 1.0}
    scores = cross_val_score(TrajectoryRegressor(Ridge()), X, y, cv=2, error_score="raise")
    assert (scores > 0.5).all()


def test_inputs_are_not_written_to():
    X, y = noisy_sines()
    for clip in X + y:
        clip.flags.writeable = False
    model = TrajectoryRegressor(Ridge(), windows=(), global_variance="optimise")
    assert len(model.fit(X, y).predict(X)) == 4


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"windows": DELTA}, "tuple of windows"),
        ({"global_variance": "yes"}, 'global_variance must be "none" or "optimise"'),
        ({"cv": 1}, "cv must be None or an integer of at least 2"),
        ({"cv": 9}, "cv=9 needs at least 9 sequences, got n_samples = 4"),
    ],
)
def test_wrong_parameters_are_told_in_fit(parameters, message):
    with pytest.raises(ValueError, match=message):
        TrajectoryRegressor(Ridge(), **parameters).fit(*noisy_sines())


def test_sequences_must_pair():
    X, y = noisy_sines()
    with pytest.raises(ValueError, match="X has 4 clips and y has 3"):
        TrajectoryRegressor(Ridge()).fit(X, y[:3])
    with pytest.raises(ValueError, match=r"X\[1\] has 45 frames and y\[1\] has 44"):
        TrajectoryRegressor(Ridge()).fit(X, [y[0], y[1][1:], *y[2:]])
    with pytest.raises(ValueError, match="X has 4 clips and paths has 3"):
        TrajectoryRegressor(Ridge()).fit(X, y, paths=[np.zeros((1, 2), int)] * 3)
    model = TrajectoryRegressor(Ridge()).fit(X, y)
    with pytest.raises(ValueError, match="frame t is paired with frame t"):
        model.score(X, [x[1:] for x in y])
    with pytest.raises(NotFittedError):
        TrajectoryRegressor(Ridge()).predict(X)
    with pytest.raises(ValueError, match="X has 1 features, but TrajectoryRegressor is expecting"):
        model.predict([x[:, :1] for x in X])


@pytest.mark.parametrize(
    "regressor",
    [
        MLPRegressor(),
        make_pipeline(StandardScaler(), MLPRegressor()),
        TransformedTargetRegressor(MLPRegressor(), transformer=StandardScaler()),
        BaggingRegressor(Ridge()),
        Ridge(),
    ],
)
def test_regressors_of_many_columns_are_fitted_once(regressor):
    assert not is_single_output(regressor)


def test_regressors_of_one_column_are_told():
    assert is_single_output(BayesianRidge())
    assert is_single_output(make_pipeline(StandardScaler(), BayesianRidge()))
