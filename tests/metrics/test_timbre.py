"""Distance of timbre: librosa's formula, what it sees and what not."""

import numpy as np
import pytest
from scipy.signal import lfilter

from skstyle.metrics import timbre_distance
from skstyle.metrics._timbre import cosine_distance, mfcc_statistics

RATE = 16000


def by_librosa(a, b):
    librosa = pytest.importorskip("librosa")
    vectors = []
    for x in (a, b):
        x = 0.1 * x / np.sqrt(np.mean(x**2))
        mfcc = librosa.feature.mfcc(y=x, sr=RATE, n_mfcc=13)[1:]
        vectors.append(np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)]))
    return 1 - vectors[0] @ vectors[1] / np.prod([np.linalg.norm(v) for v in vectors])


@pytest.mark.parametrize("cut", [0, 1, 3000])
def test_librosa_agrees(speakers, cut):
    for x, y in zip(*(part[:2] for part in speakers), strict=True):
        x = x[: len(x) - cut].astype(float)
        found = timbre_distance([y], [x], sample_rate=RATE)
        assert found == pytest.approx(by_librosa(y.astype(float), x), abs=1e-7)
        # Other numbers of coefficients are other measures.
        assert timbre_distance([y], [x], sample_rate=RATE, n_mfcc=20) != found


def test_order_in_time_does_not_matter():
    x = np.random.default_rng(0).standard_normal(8193) * np.geomspace(1, 0.05, 8193)
    assert timbre_distance([x], [x[::-1]], sample_rate=RATE) < 1e-9


def test_a_filter_is_heard(speakers):
    X = [x.astype(float) for x in speakers[0]]
    distances = [
        timbre_distance(X, [lfilter([1, -a], [1], x) for x in X], sample_rate=RATE)
        for a in (0.1, 0.5, 0.95)
    ]
    assert 0 < distances[0] < distances[1] < distances[2] < 2


def test_repeating_a_clip_changes_little():
    x = np.random.default_rng(0).standard_normal(16384)
    other = lfilter([1], [1, -0.9], x)
    repeated = timbre_distance([x], [np.tile(x, 5)], sample_rate=RATE)
    assert repeated < 0.01 * timbre_distance([x], [other], sample_rate=RATE)


def test_statistics_are_means_then_spreads_without_loudness():
    levels = 10 * np.random.default_rng(0).standard_normal((30, 16))
    found = mfcc_statistics(levels, 5, 1000.0)
    assert found.shape == (10,)
    np.testing.assert_allclose(mfcc_statistics(levels + 7, 5, 1000.0), found, atol=1e-9)
    # c_m is the product with a cosine.
    basis = np.sqrt(2 / 16) * np.cos(np.pi / 16 * (np.arange(16) + 0.5))
    np.testing.assert_allclose(found[0], (levels @ basis).mean())
    np.testing.assert_allclose(found[5], (levels @ basis).std())


def test_levels_far_below_the_top_are_raised():
    levels = np.zeros((3, 8))
    levels[:, 5] = -300
    raised = mfcc_statistics(levels, 3, 80.0)
    levels[:, 5] = -80
    np.testing.assert_array_equal(raised, mfcc_statistics(levels, 3, 80.0))


def test_cosines():
    u, v = np.array([3.0, 0.0]), np.array([0.0, 5.0])
    assert cosine_distance(u, v) == 1
    assert cosine_distance(u, 7 * u) == 0
    assert cosine_distance(u, -u) == 2
    assert cosine_distance(u, 0 * u) == cosine_distance(0 * u, u) == 1
    assert cosine_distance(0 * u, 0 * v) == 0


@pytest.mark.parametrize("n_mfcc", [0, 128, 200])
def test_numbers_of_coefficients_that_there_are_not(speakers, n_mfcc):
    with pytest.raises(ValueError, match="Expected 1 <= n_mfcc < n_mels"):
        timbre_distance(*speakers, sample_rate=RATE, n_mfcc=n_mfcc)


def test_top_must_be_above(speakers):
    with pytest.raises(ValueError, match="top_db must be positive"):
        timbre_distance(*speakers, sample_rate=RATE, top_db=0)
