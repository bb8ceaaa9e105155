"""Gates: weights that sum to one, classes that are there, estimators of all kinds."""

import pickle

import numpy as np
import pytest
from sklearn.cluster import DBSCAN, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skstyle.mapping._gate import ConstantGate, EstimatorGate, check_gate, fit_gate

GATES = {
    "gmm": "gmm",
    "kmeans": "kmeans",
    "soft classifier": LogisticRegression(),
    "hard classifier": LinearSVC(),
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    "mixture": GaussianMixture(3),
    "clusterer": KMeans(3),
}
SOFT = {"gmm", "soft classifier", "pipeline", "mixture"}


@pytest.fixture(scope="module")
def clouds():
    """Three clouds of frames, of different sizes, and their targets."""
    rng = np.random.default_rng(0)
    which = np.repeat([0, 1, 2], [300, 200, 100])
    X = 12.0 * np.eye(3)[which] @ rng.normal(size=(3, 4)) + rng.normal(size=(600, 4))
    return X, 5.0 * which[:, None] + rng.normal(size=(600, 1)), which


@pytest.fixture(params=list(GATES))
def name(request):
    return request.param


def test_weights_sum_to_one(clouds, name):
    X, y, _ = clouds
    gate = fit_gate(GATES[name], X, y, 3, 0)
    weights = gate.posteriors(X)
    assert weights.shape == (600, gate.n_components) == (600, 3)
    assert weights.dtype == np.float64
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)
    assert np.isin(weights, [0, 1]).all() == (name not in SOFT)


def test_clouds_are_found(clouds, name):
    X, y, which = clouds
    found = fit_gate(GATES[name], X, y, 3, 0).posteriors(X).argmax(axis=1)
    # Every cloud goes to one class, and no two to the same.
    assert len({(int(a), int(b)) for a, b in zip(which, found, strict=True)}) == 3


def test_same_seed_same_bytes(clouds, name):
    X, y, _ = clouds
    a, b = (fit_gate(GATES[name], X, y, 4, 5).posteriors(X) for _ in range(2))
    assert a.tobytes() == b.tobytes()


def test_seed_of_the_estimator_counts(clouds):
    X, y, _ = clouds
    asked = KMeans(4, random_state=3, n_init=1, init="random", max_iter=1)
    a, b = (fit_gate(asked, X, y, 4, seed).posteriors(X) for seed in (0, 1))
    np.testing.assert_array_equal(a, b)
    assert asked.random_state == 3


def test_given_estimators_stay_unfitted(clouds):
    X, y, _ = clouds
    asked = LogisticRegression()
    fit_gate(asked, X, y, 3, 0)
    assert not hasattr(asked, "coef_")
    assert asked.random_state is None


def test_pickled_gates_say_the_same(clouds, name):
    X, y, _ = clouds
    gate = fit_gate(GATES[name], X, y, 3, 0)
    copy = pickle.loads(pickle.dumps(gate))
    assert copy.posteriors(X).tobytes() == gate.posteriors(X).tobytes()


def test_blocks_do_not_show(clouds, name):
    X, y, _ = clouds
    gate = fit_gate(GATES[name], X, y, 3, 0)
    many = gate.posteriors(np.concatenate([X] * 8))
    np.testing.assert_allclose(many[-len(X) :], gate.posteriors(X), atol=1e-12)


def test_float32_frames(clouds, name):
    X, y, _ = clouds
    gate = fit_gate(GATES[name], X.astype(np.float32), y.astype(np.float32), 3, 0)
    for dtype in (np.float32, np.float64):
        weights = gate.posteriors(X.astype(dtype))
        assert weights.dtype == np.float64
        np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)


def test_frames_far_away(clouds, name):
    X, y, _ = clouds
    weights = fit_gate(GATES[name], X, y, 3, 0).posteriors(np.array([[1e8] * 4, [-1e8] * 4]))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("gate", ["gmm", "kmeans"])
def test_units_do_not_matter(clouds, gate):
    X, y, _ = clouds
    units = np.array([1e-6, 1.0, 1e3, 1e6])
    plain = fit_gate(gate, X, y, 3, 0).posteriors(X)
    scaled = fit_gate(gate, X * units, y, 3, 0).posteriors(X * units)
    np.testing.assert_allclose(scaled, plain, atol=1e-6)


def test_a_classifier_learns_clusters_of_both_sides(clouds):
    # X alone has no clusters here: only y tells the classes, and X which of them is near.
    rng = np.random.default_rng(1)
    X = rng.uniform(-1, 1, size=(500, 1))
    y = np.where(X > 0.5, 10.0, -10.0)
    found = fit_gate(GaussianNB(), X, y, 2, 0).posteriors(X).argmax(axis=1)
    agreement = (found == (X[:, 0] > 0.5)).mean()
    assert max(agreement, 1 - agreement) > 0.95


def test_a_clusterer_brings_its_own_number(clouds):
    X, y, _ = clouds
    assert fit_gate(KMeans(5), X, y, 2, 0).n_components == 5


@pytest.mark.parametrize("gate", ["gmm", "kmeans", LogisticRegression()])
def test_too_few_distinct_frames(gate):
    X = np.repeat([[0.0], [1.0], [5.0]], 10, axis=0)
    with pytest.warns(ConvergenceWarning, match="4 classes were asked for and 3 found"):
        fitted = fit_gate(gate, X, X, 4, 0)
    assert fitted.posteriors(X).shape == (30, 3)


def test_a_single_class_needs_no_classifier(clouds):
    X, y, _ = clouds
    gate = fit_gate(LogisticRegression(), X, y, 1, 0)
    assert isinstance(gate, ConstantGate)
    np.testing.assert_array_equal(gate.posteriors(X), np.ones((600, 1)))


def test_silent_estimators_give_the_shares():
    class Unsure:
        def predict_proba(self, X):
            return np.where(X > 0, [[3.0, 1.0]], [[0.0, np.nan]])

    weights = EstimatorGate(Unsure(), np.array([0.2, 0.8])).posteriors([[1.0], [-1.0]])
    np.testing.assert_allclose(weights, [[0.75, 0.25], [0.2, 0.8]])


def test_too_few_frames():
    with pytest.raises(ValueError, match="n_components=3 needs at least 3 frames, got 2"):
        fit_gate("kmeans", np.eye(2), np.eye(2), 3, 0)


@pytest.mark.parametrize(
    "gate, error, message",
    [
        ("soft", ValueError, "one of .*'gmm', 'kmeans'.*, a classifier or a clusterer, got 'soft'"),
        (Ridge(), TypeError, "got Ridge"),
        (DBSCAN(), TypeError, "clusterers of new frames"),
        (KMeans, TypeError, "instances"),
        (None, TypeError, "got None"),
    ],
)
def test_what_is_no_gate(gate, error, message):
    with pytest.raises(error, match=message):
        check_gate(gate)
