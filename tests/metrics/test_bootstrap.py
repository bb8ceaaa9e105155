"""Intervals of means, beside those of scipy and beside what must hold of them."""

import numpy as np
import pytest
from scipy import stats

from skstyle.metrics._bootstrap import draw_clips, mean_interval


def draws(n_clips, n_resamples=2000, seed=0):
    return draw_clips(n_clips, n_resamples, np.random.RandomState(seed))


def test_as_many_clips_are_drawn_as_there_are():
    counts = draws(7)
    assert counts.shape == (2000, 7) and (counts.sum(axis=1) == 7).all()
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=0.1)
    np.testing.assert_array_equal(counts, draws(7))
    assert (counts != draws(7, seed=1)).any()


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("skewed", [False, True])
def test_interval_is_that_of_scipy(skewed, confidence):
    rng = np.random.default_rng(0)
    x = rng.exponential(size=35) if skewed else rng.standard_normal(35)
    mean, low, high = mean_interval(x, draws(35, 20000), confidence)
    options = {"confidence_level": confidence, "n_resamples": 20000, "method": "BCa"}
    wanted = stats.bootstrap((x,), np.mean, rng=np.random.default_rng(1), **options)
    assert mean == pytest.approx(x.mean())
    wide = wanted.confidence_interval.high - wanted.confidence_interval.low
    assert low == pytest.approx(wanted.confidence_interval.low, abs=0.05 * wide)
    assert high == pytest.approx(wanted.confidence_interval.high, abs=0.05 * wide)
    # Skewed values leave more room above.
    assert (high - mean > 1.1 * (mean - low)) == skewed


def test_intervals_hold_the_true_mean_as_often_as_they_say():
    rng = np.random.default_rng(0)
    counts = draws(50, 500)
    inside = 0
    for _ in range(1000):
        _, low, high = mean_interval(rng.standard_normal(50), counts, 0.9)
        inside += low < 0 < high
    assert 0.86 < inside / 1000 < 0.93


def test_moved_scaled_and_turned_over():
    x = np.random.default_rng(0).exponential(size=20)
    counts = draws(20, 4001)
    mean, low, high = mean_interval(x, counts, 0.95)
    assert low < mean < high
    moved = 3 * np.array([mean, low, high]) + 5
    np.testing.assert_allclose(mean_interval(3 * x + 5, counts, 0.95), moved)
    np.testing.assert_allclose(mean_interval(-x, counts, 0.95), [-mean, -high, -low], rtol=1e-6)


def test_more_confidence_is_wider():
    x = np.random.default_rng(0).standard_normal(20)
    widths = [np.diff(mean_interval(x, draws(20), c)[1:])[0] for c in (0.5, 0.8, 0.95, 0.99)]
    assert (np.diff(widths) > 0).all()


def test_equal_values_have_no_spread():
    assert mean_interval(np.full(6, 0.1), draws(6), 0.95) == pytest.approx((0.1, 0.1, 0.1))
    assert mean_interval(np.zeros(6), draws(6), 0.95) == (0, 0, 0)


def test_two_values():
    mean, low, high = mean_interval(np.array([1.0, 3.0]), draws(2), 0.95)
    assert (mean, low, high) == (2, 1, 3)


def test_nan_is_left_out():
    x = np.random.default_rng(0).standard_normal(12)
    holes = np.insert(x, [0, 5, 12], np.nan)
    found = mean_interval(holes, draws(15, 20000), 0.95)
    np.testing.assert_allclose(found, mean_interval(x, draws(12, 20000), 0.95), atol=0.03)
    # Two values among many are missed by some of the draws.
    few = np.full(100, np.nan)
    few[[3, 50]] = 1, 3
    assert mean_interval(few, draws(100), 0.95) == (2, 1, 3)


@pytest.mark.parametrize(
    ("values", "mean"), [([np.nan, 2.0], 2.0), ([np.nan, np.nan], np.nan), ([1, np.inf], np.inf)]
)
def test_without_an_interval(values, mean):
    found = mean_interval(np.array(values), draws(2), 0.95)
    np.testing.assert_array_equal(found, [mean, np.nan, np.nan])


def test_few_draws_are_finite():
    for seed in range(20):
        found = mean_interval(np.array([1.0, 2.0, 9.0]), draws(3, 2, seed), 0.95)
        assert np.isfinite(found).all()
