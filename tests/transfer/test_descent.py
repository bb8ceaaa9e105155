"""Descent."""

from time import sleep

import numpy as np
import pytest

from skstyle.transfer._descent import descend


def valley(x):
    """Rosenbrock's function in pairs."""
    a, b = x[0], x[1]
    loss = np.sum((1 - a) ** 2 + 100 * (b - a**2) ** 2)
    return loss, np.stack([-2 * (1 - a) - 400 * a * (b - a**2), 200 * (b - a**2)])


def test_finds_the_minimum_and_never_rises():
    x, losses = descend(valley, np.zeros((2, 5)), max_iter=200)
    np.testing.assert_allclose(x, 1, atol=1e-3)
    assert (np.diff(losses) <= 0).all() and len(losses) > 5
    assert losses[0] == valley(np.zeros((2, 5)))[0]
    assert losses[-1] == pytest.approx(valley(x)[0])


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_units_of_the_loss_do_not_matter(scale):
    def scaled(x):
        loss, gradient = valley(x)
        return scale * loss, scale * gradient

    x, losses = descend(scaled, np.zeros((2, 5)), max_iter=200)
    np.testing.assert_allclose(x, 1, atol=1e-3)
    assert losses[0] == scale * valley(np.zeros((2, 5)))[0]


def test_stops_after_max_iter():
    start = np.zeros((2, 5))
    assert len(descend(valley, start, max_iter=7)[1]) == 8
    x, losses = descend(valley, start, max_iter=0)
    np.testing.assert_array_equal(x, start)
    assert len(losses) == 1


def test_stops_when_little_is_won():
    n = [len(descend(valley, np.zeros((2, 5)), max_iter=200, tol=tol)[1]) for tol in (0.5, 0)]
    assert n[0] < n[1]


def test_stops_when_time_is_over():
    def slow(x):
        sleep(0.01)
        return valley(x)

    _, losses = descend(slow, np.zeros((2, 5)), max_iter=200, max_seconds=1e-9)
    assert len(losses) == 2


def test_a_loss_of_zero_is_left_alone():
    start = np.ones((2, 5), np.float32)
    x, losses = descend(valley, start, max_iter=9)
    np.testing.assert_array_equal(x, 1)
    assert losses.tolist() == [0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_stays_within_bounds_and_finds_the_best_there(dtype):
    rng = np.random.default_rng(0)
    A = rng.normal(size=(12, 12))
    A = A @ A.T + np.eye(12)
    wanted = rng.normal(size=12) * 2
    upper = np.full(12, 1.5, dtype)

    def bowl(x):
        assert x.dtype == dtype and (x >= 0).all() and (x <= upper).all()
        away = x - wanted
        return float(away @ A @ away), (2 * A @ away).astype(dtype)

    x, losses = descend(bowl, np.full(12, 0.5, dtype), upper=upper, max_iter=500)
    assert (np.diff(losses) < 0).all()
    slope = 2 * A @ (x - wanted)
    # Where the best is on a bound, the loss would fall only beyond it.
    assert (slope[x == 0] >= -1e-3).all() and (slope[x == upper] <= 1e-3).all()
    assert np.abs(slope[(x > 0) & (x < upper)]).max() < (1e-2 if dtype == np.float32 else 1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_lower_bound_below_zero(dtype):
    wanted = np.array([-3.0, -1.0, 0.5, 9.0], dtype)
    lower = np.array([-2.0, -2.0, -2.0, -2.0], dtype)

    def bowl(x):
        assert x.dtype == dtype and (x >= lower).all() and (x <= 2).all()
        return float(np.sum((x - wanted) ** 2)), 2 * (x - wanted)

    x, losses = descend(bowl, np.zeros(4, dtype), lower=lower, upper=2.0, max_iter=50)
    np.testing.assert_allclose(x, [-2, -1, 0.5, 2], atol=1e-3)
    assert (np.diff(losses) < 0).all()
    unbounded, _ = descend(
        lambda x: (float(np.sum((x - wanted) ** 2)), 2 * (x - wanted)),
        np.zeros(4, dtype),
        lower=-np.inf,
        max_iter=50,
    )
    np.testing.assert_allclose(unbounded, wanted, atol=1e-3)


def test_a_wrong_gradient_ends_the_descent():
    def lying(x):
        loss, gradient = valley(x)
        return loss, -gradient

    start = np.full((2, 5), 0.5)
    x, losses = descend(lying, start, max_iter=50)
    np.testing.assert_array_equal(x, start)
    assert len(losses) == 1


def test_a_search_that_failed_is_no_step():
    calls = 0

    def odd(x):
        nonlocal calls
        calls += 1
        loss, gradient = valley(x)
        # One whole search finds nothing better.
        return loss + (10 if 6 <= calls < 6 + 20 else 0), gradient

    x, losses = descend(odd, np.zeros((2, 5)), max_iter=12)
    assert calls > 26
    assert len(losses) == 13
