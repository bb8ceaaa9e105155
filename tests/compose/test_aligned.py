"""Aligned regression of sequences whose timing differs."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score

from skstyle.alignment import DTWAligner
from skstyle.compose import AlignedRegressor

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
