"""KNNFrameRegressor against scikit-learn's neighbours, and without any pairs."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor

from skstyle import AlignedRegressor, ContextRegressor, StreamRegressor, TrajectoryRegressor
from skstyle.mapping import KNNFrameRegressor, MeanVarianceRegressor
from skstyle.mapping._knn import match_moments
from skstyle.testing import signal_checks


def voices(seed, lengths, n_features=3):
    """Slow columns of two voices that say different things; the second is 2x + 5."""
    rng = np.random.default_rng(seed)
    sides = []
    for lens in (lengths, lengths[::-1]):
        noise = [rng.normal(size=(n + 9, n_features)) for n in lens]
        kernel = np.ones(10) / np.sqrt(10)
        smooth = [np.stack([np.convolve(c, kernel, "valid") for c in x.T], axis=1) for x in noise]
        sides.append(smooth)
    return sides[0], [2 * y + 5 for y in sides[1]]


def _checks():
    for name, check in signal_checks(KNNFrameRegressor(dictionary="target"), level="sequence"):
        # It takes numbers of clips that differ: tested below.
        if name != "check_unpaired_numbers_are_refused":
            yield pytest.param(check, id=name)


@pytest.mark.parametrize("check", list(_checks()))
def test_our_checks_without_pairs(check):
    check()


@pytest.mark.parametrize(("n_features", "n_targets"), [(3, 3), (3, 2), (2, 4), (1, 3), (4, 1)])
def test_moments_are_matched(n_features, n_targets):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, n_features)) * [3] * n_features + 1
    y = rng.normal(size=(200, n_targets)) * np.arange(1, n_targets + 1) - 5
    A, b = match_moments(X, y)
    moved = X @ A.T + b
    np.testing.assert_allclose(moved.mean(axis=0), y.mean(axis=0))
    np.testing.assert_allclose(moved.std(axis=0), y.std(axis=0))
    # Frames that happen to be as many are what MeanVarianceRegressor does.
    same = MeanVarianceRegressor().fit(X[:200], y).predict(X[:200])
    A, b = match_moments(X[:200], y)
    np.testing.assert_allclose(X[:200] @ A.T + b, same, rtol=1e-10, atol=1e-10)


def test_pairs_are_those_of_sklearn_in_context():
    X, _ = voices(0, (120, 150))
    y = [np.tanh(x[:, :2]) for x in X]
    theirs = ContextRegressor(KNeighborsRegressor(7), n_context=2).fit(X, y)
    ours = KNNFrameRegressor(7, n_context=2).fit(X, y)
    queries, _ = voices(1, (60, 50))
    for a, b in zip(ours.predict(queries), theirs.predict(queries), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)
    assert ours.score(queries, [np.tanh(x[:, :2]) for x in queries]) > 0.5


def test_paths_pair_frames():
    X = [np.array([[0.0], [1.0], [2.0]])]
    y = [np.array([[5.0], [6.0], [7.0], [8.0]])]
    paths = [np.array([[0, 0], [1, 2], [2, 3]])]
    model = KNNFrameRegressor(1, n_context=0).fit(X, y, paths=paths)
    np.testing.assert_array_equal(model.predict(X)[0].ravel(), [5, 7, 8])
    with pytest.raises(ValueError, match="without paths"):
        KNNFrameRegressor().fit(X, y)


def test_without_pairs_the_target_is_found():
    """No frame of the two voices belongs together, and numbers of clips differ."""
    X, y = voices(0, (900, 700, 800))
    model = KNNFrameRegressor(4, dictionary="target", n_context=1).fit(X, y[:2])
    queries, _ = voices(2, (300,))
    wanted = 2 * queries[0] + 5
    error = np.abs(model.predict(queries)[0] - wanted).mean()
    assert error < 0.2 * np.abs(queries[0] - wanted).mean()


def test_without_pairs_paths_are_not_looked_at():
    X, y = voices(0, (90, 70))
    a = KNNFrameRegressor(4, dictionary="target").fit(X, y)
    b = clone(a).fit(X[::-1], y[::-1], paths=[np.zeros((1, 2), dtype=int)])
    for one, other in zip(a.predict(X), b.predict(X), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_without_pairs_the_result_is_made_of_target_frames():
    X, y = voices(0, (90, 70))
    found = KNNFrameRegressor(1, dictionary="target").fit(X, y).predict(X)
    targets = {row.tobytes() for clip in y for row in clip}
    assert all(row.tobytes() in targets for clip in found for row in clip)


def test_context_tells_rising_from_falling():
    up = np.linspace(0, 1, 50)[:, None]
    X = [up, up[::-1]]
    y = [np.ones((50, 1)), -np.ones((50, 1))]
    blind, seeing = (KNNFrameRegressor(2, n_context=c).fit(X, y).predict(X) for c in (0, 2))
    assert np.abs(blind[0]).max() < 1
    np.testing.assert_array_equal(seeing[0][5:-5], 1)


def test_std_is_that_of_the_neighbours():
    X, y = voices(0, (90, 70))
    mean, std = KNNFrameRegressor(6, dictionary="target").fit(X, y).predict(X, return_std=True)
    assert [s.shape for s in std] == [x.shape for x in X]
    assert min(s.min() for s in std) > 0
    once = KNNFrameRegressor(1, dictionary="target").fit(X, y).predict(X, return_std=True)[1]
    assert not any(s.any() for s in once)


@pytest.mark.parametrize("dictionary", ["paired", "target"])
def test_rows_of_an_array_are_sequences_of_one_frame(dictionary):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2, 60, 3))
    model = KNNFrameRegressor(5, dictionary=dictionary)
    rows = model.fit(X, y).predict(X)
    clips = clone(model).fit(list(X[:, None]), list(y[:, None])).predict(list(X[:, None]))
    np.testing.assert_allclose(rows, np.concatenate(clips), rtol=1e-10)
    assert model.fit(X, y[:, 0]).predict(X).shape == (60,)
    mean, std = model.predict(X, return_std=True)
    assert mean.shape == std.shape == (60,)
    with pytest.raises(ValueError, match="no paths"):
        model.fit(X, y, paths=[])


@pytest.mark.parametrize("dictionary", ["paired", "target"])
def test_bridges_of_sequences(dictionary):
    X, y = voices(0, (90, 70))
    inner = KNNFrameRegressor(5, dictionary=dictionary, n_context=1)
    streams = StreamRegressor([("all", inner, (slice(None), slice(None)))])
    for regressor in (inner, TrajectoryRegressor(inner), streams):
        found = AlignedRegressor(regressor, n_iter=1).fit(X, [x + 1 for x in X]).predict(X)
        assert [a.shape for a in found] == [x.shape for x in X]
        assert np.abs(np.concatenate(found) - np.concatenate(X) - 1).mean() < 0.5
    assert TrajectoryRegressor(inner).fit(X, X).residual_variance_ is None


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("dictionary", ["paired", "target"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda X: np.zeros_like(X),
        lambda X: np.repeat(X[:3], 20, axis=0),
        lambda X: X[:1],
        lambda X: X * 1e6,
        lambda X: X * 1e-6,
        lambda X: X[:, [0] * X.shape[1]],
        lambda X: np.where(np.arange(len(X))[:, None] == 0, 1e6, X),
    ],
    ids=["constant", "duplicated", "one frame", "1e6", "1e-6", "singular", "outlier"],
)
def test_bad_frames_give_finite_predictions(dictionary, dtype, spoil):
    X, y = ([spoil(side[0]).astype(dtype)] for side in voices(0, (60,)))
    for n_neighbors in (1, 100):
        model = KNNFrameRegressor(n_neighbors, dictionary=dictionary).fit(X, y)
        for part in model.predict(X, return_std=True):
            assert np.isfinite(part[0]).all()
            assert part[0].dtype == dtype


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_neighbors": 0}, ValueError, "n_neighbors"),
        ({"n_neighbors": 2.5}, TypeError, "n_neighbors"),
        ({"n_context": -1}, ValueError, "n_context"),
        ({"dictionary": "both"}, ValueError, "dictionary must be one of .* got 'both'"),
    ],
)
def test_bad_parameters_have_a_sentence(parameters, error, message):
    X, y = voices(0, (60,))
    with pytest.raises(error, match=message):
        KNNFrameRegressor(**parameters).fit(X, y)


def test_wrong_columns_and_no_fit_have_a_sentence():
    X, y = voices(0, (60,))
    with pytest.raises(NotFittedError):
        KNNFrameRegressor().predict(X)
    with pytest.raises(ValueError, match="X has 2 features"):
        KNNFrameRegressor().fit(X, y).predict([X[0][:, :2]])


def test_clone_and_pickle():
    X, y = voices(0, (60, 50))
    model = KNNFrameRegressor(dictionary="target").fit(X, y)
    expected = [a.tobytes() for a in model.predict(X)]
    for same in (pickle.loads(pickle.dumps(model)), clone(model).fit(X, y)):
        assert [a.tobytes() for a in same.predict(X)] == expected


def test_grid_search():
    X, _ = voices(0, (60,) * 6)
    y = [np.tanh(x) for x in X]
    grid = {"n_neighbors": [1, 4, 200], "n_context": [0, 3]}
    search = GridSearchCV(KNNFrameRegressor(), grid, cv=3, error_score="raise").fit(X, y)
    assert search.best_params_ == {"n_neighbors": 4, "n_context": 0}


@pytest.mark.parametrize("unit", [1e-22, 1e19])
def test_units_whose_squares_leave_float32(unit):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 3)).astype(np.float32), rng.normal(size=(200, 2))
    expected = KNNFrameRegressor(5, n_context=0).fit(X, y).predict(X[:20])
    scaled = X * np.float32(unit)
    found = KNNFrameRegressor(5, n_context=0).fit(scaled, y).predict(scaled[:20])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_was_fitted_counts_not_what_is_set_later():
    rng = np.random.default_rng(0)
    X, y = [rng.normal(size=(50, 2))], [rng.normal(size=(50, 2))]
    model = KNNFrameRegressor(3, dictionary="target", n_context=2).fit(X, y)
    before = model.predict(X)[0]
    model.set_params(dictionary="paired", n_context=0)
    np.testing.assert_array_equal(model.predict(X)[0], before)
    assert not hasattr(model.fit(X, y), "coef_")
