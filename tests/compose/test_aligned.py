"""Aligned regression of sequences whose timing differs."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score

from skstyle.alignment import CTWAligner, DTWAligner
from skstyle.compose import AlignedRegressor, ContextRegressor, StreamRegressor
from skstyle.mapping import JointGMMRegressor
from skstyle.trajectory import (
    GlobalVarianceScaler,
    ModulationSpectrumScaler,
    TrajectoryRegressor,
)

A = np.array([[1.2, 0.3, 0.0], [-0.2, 0.9, 0.1], [0.0, 0.2, 1.1]])


def smooth(n, rng):
    return np.cumsum(rng.normal(size=(n, 3)), axis=0)


def pairs(n_pairs=4, shift=0.0):
    """Sources, and targets that are ``x A + shift`` with some frames said twice."""
    rng = np.random.default_rng(0)
    X = [smooth(n, rng) for n in range(40, 40 + 10 * n_pairs, 10)]
    indices = [np.sort(np.r_[np.arange(len(x)), rng.integers(0, len(x), 9)]) for x in X]
    return X, [x[i] @ A + shift for x, i in zip(X, indices, strict=True)], indices


def objects(items):
    out = np.empty(len(items), object)
    out[:] = items
    return out


def test_finds_the_map_and_the_true_paths():
    X, y, indices = pairs()
    model = AlignedRegressor(LinearRegression(), n_iter=8).fit(X, y)
    np.testing.assert_allclose(model.regressor_.coef_.T, A, atol=1e-6)
    for path, index in zip(model.paths_, indices, strict=True):
        np.testing.assert_array_equal(path, np.column_stack([index, np.arange(len(index))]))


def test_rounds_bring_the_sides_together():
    X, y, _ = pairs(shift=2.0)
    model = AlignedRegressor(LinearRegression(), n_iter=6).fit(X, y)
    assert model.distortion_.shape == (6,)
    assert model.distortion_[1] < 0.8 * model.distortion_[0]
    assert model.distortion_[-1] <= model.distortion_[1] + 1e-9


def test_first_round_measures_the_distance_before_any_conversion():
    X, y, _ = pairs()
    model = AlignedRegressor(LinearRegression(), n_iter=1).fit(X, y)
    steps = [
        np.linalg.norm(a[p[:, 0]] - b[p[:, 1]], axis=1)
        for a, b, p in zip(X, y, DTWAligner().align(X, y), strict=True)
    ]
    assert model.distortion_[0] == pytest.approx(np.concatenate(steps).mean())


def test_equal_timing_is_plain_regression():
    X, _, _ = pairs()
    y = [x @ A for x in X]
    model = AlignedRegressor(Ridge(alpha=0.1), n_iter=4).fit(X, y)
    plain = Ridge(alpha=0.1).fit(np.concatenate(X), np.concatenate(y))
    np.testing.assert_allclose(model.regressor_.coef_, plain.coef_, atol=1e-6)


def test_plain_frames_are_fitted_once_and_as_they_are():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    y = X @ A
    model = AlignedRegressor(LinearRegression()).fit(X, y)
    np.testing.assert_allclose(model.predict(X), y)
    assert model.score(X, y) == pytest.approx(1)
    assert not hasattr(model, "paths_")


def test_prediction_keeps_time_and_container():
    X, y, _ = pairs()
    model = AlignedRegressor(LinearRegression()).fit(X, y)
    assert [p.shape for p in model.predict(X)] == [x.shape for x in X]
    assert isinstance(model.predict(tuple(X)), list)
    out = model.predict(objects(X))
    assert out.dtype == object
    assert out.shape == (4,)


def test_lists_of_equal_lengths_are_still_sequences():
    """Trap: numpy coercion stacks equal lengths."""
    rng = np.random.default_rng(0)
    X = [smooth(30, rng) for _ in range(3)]
    y = [x @ A for x in X]
    model = AlignedRegressor(LinearRegression(), n_iter=2).fit(X, y)
    assert len(model.paths_) == 3
    predicted = model.predict(X)
    assert isinstance(predicted, list)
    np.testing.assert_allclose(predicted[2], y[2], atol=1e-8)
    assert model.score(X, y) == pytest.approx(1)


def test_stacked_sequences_mirror():
    rng = np.random.default_rng(0)
    X = np.stack([smooth(30, rng) for _ in range(3)])
    model = AlignedRegressor(LinearRegression()).fit(X, X @ A)
    assert model.predict(X).shape == (3, 30, 3)


def test_score_aligns_before_it_compares():
    X, y, _ = pairs()
    model = AlignedRegressor(LinearRegression(), n_iter=8).fit(X, y)
    assert model.score(X, y) == pytest.approx(1, abs=1e-6)
    bad = AlignedRegressor(Ridge(alpha=1e6)).fit(X, y)
    assert bad.score(X, y) < 0.9


def test_score_of_frames_takes_weights():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 2))
    w = rng.uniform(size=40)
    model = AlignedRegressor(Ridge()).fit(X, y)
    expected = r2_score(y, model.predict(X), sample_weight=w)
    assert model.score(X, y, sample_weight=w) == pytest.approx(expected)


def test_aligner_is_cloned_and_used():
    X, y, _ = pairs()
    aligner = DTWAligner(columns=[1, 2], band=0.3)
    model = AlignedRegressor(LinearRegression(), aligner=aligner).fit(X, y)
    assert model.aligner_ is not aligner
    assert model.aligner_.get_params() == aligner.get_params()


def test_parameters_are_searched():
    X, y, _ = pairs(6)
    search = GridSearchCV(
        AlignedRegressor(Ridge()), {"regressor__alpha": [1e-3, 1e5]}, cv=3, error_score="raise"
    )
    assert search.fit(X, y).best_params_ == {"regressor__alpha": 1e-3}


def test_cross_validation_of_ragged_sequences():
    X, y, _ = pairs(6)
    model = AlignedRegressor(LinearRegression())
    assert (cross_val_score(model, X, y, cv=3, error_score="raise") > 0.9).all()
    predicted = cross_val_predict(model, objects(X), objects(y), cv=3)
    assert predicted.dtype == object
    assert [p.shape for p in predicted] == [x.shape for x in X]


def test_inputs_are_not_written_to():
    X, y, _ = pairs(2)
    for clip in X + y:
        clip.flags.writeable = False
    model = AlignedRegressor(LinearRegression(), n_iter=2).fit(X, y)
    assert len(model.predict(X)) == 2


@pytest.mark.parametrize("n_iter", [0, 1.5])
def test_wrong_rounds_are_told_in_fit(n_iter):
    X, y, _ = pairs(2)
    with pytest.raises(ValueError, match="n_iter must be a positive integer"):
        clone(AlignedRegressor(Ridge(), n_iter=n_iter)).fit(X, y)


def test_numbers_of_clips_must_pair():
    X, y, _ = pairs(3)
    with pytest.raises(ValueError, match="X has 3 clips and y has 2"):
        AlignedRegressor(Ridge()).fit(X, y[:2])
    model = AlignedRegressor(Ridge()).fit(X, y)
    with pytest.raises(ValueError, match="clips"):
        model.score(X, y[:2])


def test_unfitted_and_wrong_width_are_told():
    X, y, _ = pairs(2)
    with pytest.raises(NotFittedError):
        AlignedRegressor(Ridge()).predict(X)
    model = AlignedRegressor(Ridge()).fit(X, y)
    with pytest.raises(ValueError, match="X has 2 features, but AlignedRegressor is expecting 3"):
        model.predict([x[:, :2] for x in X])


def test_signals_are_sent_to_a_feature_extractor():
    with pytest.raises(ValueError, match="feature extractor"):
        AlignedRegressor(Ridge()).fit([np.zeros(80)] * 2, [np.zeros(90)] * 2)


# ---------------------------------------------------------------- regressors of sequences


SEQUENCE_REGRESSORS = {
    "trajectory": TrajectoryRegressor(Ridge()),
    "context": ContextRegressor(Ridge(), n_context=1),
    "mixture": TrajectoryRegressor(JointGMMRegressor(2, random_state=0)),
    "streams": StreamRegressor([("a", TrajectoryRegressor(Ridge()), [0, 1]), ("b", Ridge(), [2])]),
}


@pytest.mark.parametrize("kind", SEQUENCE_REGRESSORS)
def test_regressors_of_sequences_get_sequences_and_the_last_paths(kind):
    X, y, _ = pairs()
    regressor = SEQUENCE_REGRESSORS[kind]
    model = AlignedRegressor(regressor, n_iter=2).fit(X, y)
    again = clone(regressor).fit(X, y, paths=model.paths_)
    for a, b in zip(model.predict(X), again.predict(X), strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.score(X, y) > 0.8


def test_trajectories_of_aligned_clips_find_the_map():
    """Differences are those of whole clips: repeated frames would spoil them."""
    X, y, _ = pairs()
    model = AlignedRegressor(TrajectoryRegressor(LinearRegression(), windows=()), n_iter=8)
    for p, x in zip(model.fit(X, y).predict(X), X, strict=True):
        np.testing.assert_allclose(p, x @ A, atol=1e-6)


def test_distances_fall_with_regressors_of_sequences():
    X, y, _ = pairs(shift=2.0)
    model = AlignedRegressor(TrajectoryRegressor(Ridge()), n_iter=4).fit(X, y)
    assert model.distortion_.shape == (4,)
    assert (model.distortion_[1:] < 0.8 * model.distortion_[0]).all()


def test_distances_are_those_of_the_compared_columns():
    X, y, _ = pairs()
    aligner = DTWAligner(columns=[1, 2])
    model = AlignedRegressor(LinearRegression(), aligner=aligner, n_iter=1).fit(X, y)
    narrow = [[x[:, 1:] for x in side] for side in (X, y)]
    alone = AlignedRegressor(LinearRegression(), n_iter=1).fit(*narrow)
    np.testing.assert_allclose(model.distortion_, alone.distortion_)


def test_rounds_are_told_when_asked(capsys):
    X, y, _ = pairs(2)
    AlignedRegressor(Ridge(), n_iter=2).fit(X, y)
    assert capsys.readouterr().err == ""
    model = AlignedRegressor(Ridge(), n_iter=2, verbose=1).fit(X, y)
    out, told = capsys.readouterr()
    assert out == ""
    assert told.splitlines() == [
        f"round {r} of 2: distance {d:.4g}" for r, d in enumerate(model.distortion_, 1)
    ]


# ---------------------------------------------------------------- post-filters


@pytest.mark.parametrize("kind", ["trajectory", "streams"])
@pytest.mark.parametrize("post_filter", [GlobalVarianceScaler(), ModulationSpectrumScaler()])
def test_post_filter_learns_from_converted_clips_and_targets(kind, post_filter):
    X, y, _ = pairs()
    regressor = SEQUENCE_REGRESSORS[kind]
    plain = AlignedRegressor(regressor).fit(X, y)
    model = AlignedRegressor(regressor, post_filter=post_filter).fit(X, y)
    np.testing.assert_array_equal(model.distortion_, plain.distortion_)
    expected = clone(post_filter).fit(plain.predict(X), y).transform(plain.predict(X))
    for a, b in zip(model.predict(X), expected, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not hasattr(post_filter, "n_features_in_")
    assert not hasattr(plain, "post_filter_")


def test_post_filter_gives_the_variance_of_the_targets():
    X, y, _ = pairs()
    y = [t + np.random.default_rng(1).normal(size=t.shape) for t in y]
    muffled, lively = (
        AlignedRegressor(Ridge(300.0), post_filter=f).fit(X, y).predict(X)
        for f in (None, GlobalVarianceScaler())
    )
    wanted = np.mean([t.var(axis=0) for t in y], axis=0)
    assert (np.mean([p.var(axis=0) for p in muffled], axis=0) < 0.95 * wanted).all()
    np.testing.assert_allclose(np.mean([p.var(axis=0) for p in lively], axis=0), wanted)


def test_frames_pass_the_post_filter_by():
    X, y, _ = pairs()
    rows = np.concatenate(X)
    model = AlignedRegressor(Ridge(), post_filter=GlobalVarianceScaler())
    model.fit(X, y)
    np.testing.assert_array_equal(model.predict(rows), model.regressor_.predict(rows))
    model.fit(rows, rows @ A)
    assert not any(hasattr(model, name) for name in ("post_filter_", "paths_", "distortion_"))
    np.testing.assert_allclose(model.predict(X)[1], Ridge().fit(rows, rows @ A).predict(X[1]))
    assert model.score(X, y) > 0.99


# ---------------------------------------------------------------- other columns in X and y


def spaces(n_pairs=3):
    """Smooth sources of two columns, and slower targets of four, two of which depend on them."""
    rng = np.random.default_rng(0)
    X, y, times = [], [], []
    for n in range(80, 80 + 20 * n_pairs, 20):
        t = np.linspace(0, 1, n)
        late = np.linspace(0, 1, n + 30) ** 1.5
        phase = rng.uniform(0, 6)
        waves = [np.column_stack([np.sin(9 * s + phase), np.cos(5 * s)]) for s in (t, late)]
        X.append(waves[0])
        noise = 0.05 * rng.normal(size=(n + 30, 2))
        y.append(np.column_stack([noise, 3 * waves[1][:, 0] + 1, waves[1].sum(axis=1)]))
        times.append((t, late))
    return X, y, times


@pytest.mark.parametrize("aligner", [CTWAligner(2), CTWAligner(2, columns_y=[2, 3])])
@pytest.mark.parametrize("n_iter", [1, 3])
def test_canonical_alignment_of_other_numbers_of_columns(aligner, n_iter):
    X, y, times = spaces()
    model = AlignedRegressor(LinearRegression(), aligner=aligner, n_iter=n_iter).fit(X, y)
    # From the second round on, converted clips have the columns of the targets.
    assert np.isfinite(model.distortion_[1:]).all()
    assert np.isnan(model.distortion_[0]) == (aligner.columns_y is None)
    errors = [
        np.abs(t[p[:, 0]] - late[p[:, 1]]).mean()
        for (t, late), p in zip(times, model.paths_, strict=True)
    ]
    assert max(errors) < 0.03
    assert [p.shape for p in model.predict(X)] == [(len(x), 4) for x in X]
    assert model.score([x[::2] for x in X], y) > 0.45  # of two columns, the others are noise


@pytest.mark.parametrize("n_iter", [1, 3])
@pytest.mark.parametrize("turned", [False, True])
def test_chosen_columns_are_those_of_either_side(n_iter, turned):
    """Trap: columns of X were looked for in y, and in converted clips, which have those of y."""
    X, y, _ = spaces()
    columns, columns_y = [0, 1], [3, 2]
    if turned:
        X, y, columns, columns_y = y, X, columns_y, columns
    aligner = CTWAligner(2, columns=columns, columns_y=columns_y)
    model = AlignedRegressor(LinearRegression(), aligner=aligner, n_iter=n_iter).fit(X, y)
    a = np.concatenate([x[p[:, 0]] for x, p in zip(X, model.paths_, strict=True)])
    b = np.concatenate([t[p[:, 1]] for t, p in zip(y, model.paths_, strict=True)])
    if n_iter == 1:
        distance = np.linalg.norm(a[:, columns] - b[:, columns_y], axis=1).mean()
        assert model.distortion_[0] == pytest.approx(distance)
    else:
        assert model.distortion_[-1] < 0.5 * model.distortion_[0]
    assert model.aligner_.get_params() == aligner.get_params()
    assert np.isfinite(model.score(X, y))


def test_level_columns_are_those_of_either_side():
    X, y, _ = spaces()
    X = [np.column_stack([x, x[:, 0]]) for x in X]
    X = [np.column_stack([np.where(np.arange(len(x)) < 10, -9, 0), x]) for x in X]
    y = [np.column_stack([t, np.where(np.arange(len(t)) < 20, -9, 0)]) for t in y]
    aligner = CTWAligner(2, columns=[1, 2], columns_y=[2, 3], level_column=0, level_column_y=4)
    for n_iter in (1, 3):
        model = AlignedRegressor(Ridge(), aligner=aligner, n_iter=n_iter).fit(X, y)
        assert all(p[:, 1].min() == 20 for p in model.paths_)
        if n_iter == 1:  # later rounds take the level of converted clips
            assert all(p[:, 0].min() == 10 for p in model.paths_)


def test_comparing_other_columns_is_refused():
    X, y, _ = spaces()
    with pytest.raises(ValueError, match="X has 2 features and y has 4: alignment compares"):
        AlignedRegressor(Ridge()).fit(X, y)


# ---------------------------------------------------------------- odd clips


def uneven():
    """Clips ten times as long as their partners, either way, and a pair of single frames."""
    rng = np.random.default_rng(0)
    X = [smooth(20, rng), smooth(1, rng), np.repeat(smooth(20, rng), 10, axis=0)]
    return X, [np.repeat(X[0], 10, axis=0) @ A, X[1] @ A, X[2][::10] @ A]


@pytest.mark.parametrize("kind", ["frames", *SEQUENCE_REGRESSORS])
@pytest.mark.parametrize("post_filter", [None, GlobalVarianceScaler(), ModulationSpectrumScaler()])
def test_lengths_may_differ_ten_times_and_be_one(kind, post_filter):
    X, y = uneven()
    regressor = SEQUENCE_REGRESSORS.get(kind, Ridge())
    model = AlignedRegressor(regressor, post_filter=post_filter).fit(X, y)
    assert [p.shape for p in model.predict(X)] == [x.shape for x in X]
    assert all(np.isfinite(p).all() for p in model.predict(X))
    assert [len(np.unique(p[:, 1])) for p in model.paths_] == [200, 1, 20]
    assert np.isfinite(model.distortion_).all()


def test_frames_against_clips_of_one_frame():
    X, y = uneven()
    model = AlignedRegressor(Ridge()).fit(X, [t[:1] for t in y])
    assert [len(p) for p in model.paths_] == [20, 1, 200]


def test_single_frames_alone():
    X, y = uneven()
    for regressor in (Ridge(), TrajectoryRegressor(Ridge())):
        model = AlignedRegressor(regressor, post_filter=GlobalVarianceScaler())
        predicted = model.fit(X[1:2], y[1:2]).predict(X)
        np.testing.assert_allclose(predicted[1], y[1])
        assert [p.shape for p in predicted] == [x.shape for x in X]


def test_pairs_that_cannot_be_matched_are_named():
    X, y = uneven()
    with pytest.raises(ValueError, match=r"X\[0\] and y\[0\]: 20 and 200 frames cannot be matched"):
        AlignedRegressor(Ridge(), aligner=DTWAligner(slope="p1")).fit(X, y)


@pytest.mark.parametrize("kind", ["frames", "trajectory"])
@pytest.mark.parametrize(("value", "label"), [(np.nan, "NaN"), (np.inf, "inf")])
def test_broken_clips_are_named(kind, value, label):
    X, y, _ = pairs(3)
    model = AlignedRegressor(SEQUENCE_REGRESSORS.get(kind, Ridge()))
    broken_x, broken_y = [x.copy() for x in X], [t.copy() for t in y]
    broken_x[1][7, 2] = broken_y[2][0, 0] = value
    with pytest.raises(ValueError, match=rf"X\[1\] contains {label} \(first at frame 7 of 50\)"):
        model.fit(broken_x, y)
    with pytest.raises(ValueError, match=rf"y\[2\] contains {label} \(first at frame 0"):
        model.fit(X, broken_y)
    model.fit(X, y)
    with pytest.raises(ValueError, match=rf"X\[1\] contains {label}"):
        model.predict(broken_x)
    with pytest.raises(ValueError, match=rf"y\[2\] contains {label}"):
        model.score(X, broken_y)


def test_float32_stays_though_targets_are_float64():
    X, y, _ = pairs()
    X = [x.astype(np.float32) for x in X]
    for post_filter in (None, GlobalVarianceScaler()):
        model = AlignedRegressor(Ridge(), post_filter=post_filter).fit(X, y)
        assert {p.dtype for p in model.predict(X)} == {np.dtype(np.float32)}
    assert model.fit(X[0], X[0] @ A).predict(X[0]).dtype == np.float32
    assert model.predict(X[0].astype(float)).dtype == np.float64


def test_weights_of_sequences_are_refused():
    X, y, _ = pairs(2)
    model = AlignedRegressor(Ridge()).fit(X, y)
    with pytest.raises(ValueError, match="sample_weight has one weight a frame"):
        model.score(X, y, sample_weight=np.ones(90))
