"""Fréchet distance: closed forms, scipy's square root, embeddings, refusals."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from skstyle.metrics import frechet_distance
from skstyle.metrics._pairs import log_mel

RATE = 16000


def frames(n=200, n_features=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, n_features)) @ rng.standard_normal((n_features, n_features))


def test_shift_and_scale_have_closed_forms():
    X = frames()
    variance = X.var(axis=0).sum()
    assert frechet_distance([X], [X + 2]) == pytest.approx(4 * 4)
    about_mean = X.mean(axis=0) + 3 * (X - X.mean(axis=0))
    assert frechet_distance([X], [about_mean]) == pytest.approx(4 * variance)
    assert frechet_distance([X], [about_mean]) == pytest.approx(frechet_distance([about_mean], [X]))


def test_scipys_square_root_agrees():
    X, Y = frames(), frames(300, seed=1) + 1
    S, T = np.cov(X.T, bias=True), np.cov(Y.T, bias=True)
    shift = ((X.mean(axis=0) - Y.mean(axis=0)) ** 2).sum()
    expected = shift + np.trace(S + T - 2 * sqrtm(S @ T).real)
    assert frechet_distance([X], [Y]) == pytest.approx(expected)


def test_clips_are_pooled_and_need_not_pair():
    X, Y = frames(), frames(seed=1)
    whole = frechet_distance([X], [Y])
    assert frechet_distance([X[:50], X[50:]], [Y[:20], Y[20:30], Y[30:]]) == pytest.approx(whole)


def test_rotations_and_orders_do_not_matter():
    X, Y = frames(), frames(seed=1)
    Q, _ = np.linalg.qr(frames(4, seed=2))
    whole = frechet_distance([X], [Y])
    assert frechet_distance([X @ Q], [Y @ Q]) == pytest.approx(whole)
    assert frechet_distance([X[::-1]], [Y]) == pytest.approx(whole)


def test_singular_covariances():
    X = frames(n_features=3)
    flat = np.column_stack([X, X[:, 0], np.zeros(len(X))])
    moved = flat + np.array([0, 0, 0, 0, 2.0])
    assert frechet_distance([flat], [moved]) == pytest.approx(4)
    assert frechet_distance([X[:1]], [X[:1] + 1]) == pytest.approx(3)
    few = frames(5, 40), frames(6, 40, seed=1)
    assert frechet_distance(*([f] for f in few)) > 0
    assert frechet_distance([few[0]], [few[0]]) == pytest.approx(0, abs=1e-6)


def test_signals_are_compared_by_mel_levels(speakers):
    X, y = (part[:2] for part in speakers)
    plain = frechet_distance(y, X, sample_rate=RATE, level_db=None)
    settings = {"n_fft": 1024, "hop_length": 256, "n_mels": 80, "floor_db": -60.0}
    levels = [log_mel([x.astype(float) for x in part], RATE, **settings) for part in (y, X)]
    assert frechet_distance(*levels) == pytest.approx(plain)
    unpaired = frechet_distance(y, X[:1], sample_rate=RATE)
    assert unpaired > 0


def test_embeddings_are_frames():
    rng = np.random.default_rng(0)
    X, Y = ([rng.standard_normal(50) + shift for _ in range(6)] for shift in (0, 1))

    def embed(x):
        return np.array([x.mean(), x.std()])

    found = frechet_distance(X, Y, sample_rate=RATE, features=embed, level_db=None)
    matrices = [[np.stack([embed(x) for x in side])] for side in (X, Y)]
    assert found == pytest.approx(frechet_distance(*matrices))
    assert found > 0.5


def test_features_may_be_made_of_sequences():
    X, Y = frames(), frames(seed=1)
    halves = frechet_distance([X], [Y], features=lambda x: x[:, :2])
    assert halves == pytest.approx(frechet_distance([X[:, :2]], [Y[:, :2]]))


def test_refusals(speakers):
    X, Y = frames(), frames(n_features=3)
    with pytest.raises(ValueError, match="Signals need their sample rate"):
        frechet_distance(*speakers)
    with pytest.raises(ValueError, match="those of one clip in a list"):
        frechet_distance(X, X)  # rows of a matrix are signals
    with pytest.raises(ValueError, match=r"have \[3, 4\] features: all need the same"):
        frechet_distance([X], [Y])
    with pytest.raises(ValueError, match=r"y_pred\[0\] contains NaN \(first at frame 0"):
        frechet_distance([X], [np.full((3, 4), np.nan)])
    with pytest.raises(ValueError, match=r"The features of y_true\[0\] contains NaN"):
        frechet_distance([X], [X], features=lambda x: x * np.nan)
    with pytest.raises(TypeError, match="features must be a function of one clip, got str"):
        frechet_distance([X], [X], features="vggish")
