"""Global variance inside the search for a trajectory."""

import numpy as np
import pytest

from skstyle.trajectory import DELTA, DELTA_DELTA, mlpg, mlpg_with_gv
from skstyle.trajectory._gv_mlpg import gv_objective, multiply_band, scale_variance
from skstyle.trajectory._mlpg import factored_equations
from skstyle.trajectory._windows import append_dynamic


@pytest.fixture
def case():
    """Noisy Gaussians of four columns, and a global variance above that of MLPG."""
    rng = np.random.default_rng(0)
    static = 0.1 * np.cumsum(rng.normal(size=(300, 4)), axis=0)
    mean = np.hstack([static + 0.3 * rng.normal(size=static.shape), 0.05 * static])
    precision = rng.uniform(1, 20, size=mean.shape)
    wanted = 1.5 * mlpg(mean, precision).var(axis=0)
    return mean, precision, wanted, (0.1 * wanted) ** 2


def log_likelihood(y, mean, precision, windows=(DELTA,)):
    """Log-likelihood of every column up to its constant, from the definition."""
    bad = precision * (append_dynamic(y, windows) - mean) ** 2
    return -0.5 * bad.sum(axis=0).reshape(1 + len(windows), -1).sum(axis=0)


def objective_of(case, windows=(DELTA,), weight=0.01):
    mean, precision, wanted, spread = case
    band, _, _ = factored_equations(mean, precision, windows, keep=True)
    most_likely = mlpg(mean, precision, windows)
    return lambda y: gv_objective(y, most_likely, band, weight, wanted, spread)


def test_objective_is_that_of_the_definition(case):
    mean, precision, wanted, spread = case
    objective, best = objective_of(case), mlpg(mean, precision)
    y = best + np.random.default_rng(1).normal(size=best.shape)
    gain = log_likelihood(y, mean, precision) - log_likelihood(best, mean, precision)
    expected = 0.01 * gain - 0.5 * (y.var(axis=0) - wanted) ** 2 / spread
    np.testing.assert_allclose(objective(y)[0], expected, rtol=1e-10)


def test_gradient_is_the_difference_quotient(case):
    mean, precision, _, _ = case
    objective = objective_of(case)
    rng = np.random.default_rng(1)
    y = mlpg(mean, precision) + 0.1 * rng.normal(size=(300, 4))
    gradient = objective(y)[1]
    for t in (0, 1, 150, 299):
        step = np.zeros_like(y)
        step[t] = 1e-5
        quotient = (objective(y + step)[0] - objective(y - step)[0]) / 2e-5
        np.testing.assert_allclose(gradient[t], quotient, rtol=1e-5, atol=1e-7)


def test_band_times_vector():
    rng = np.random.default_rng(0)
    for n in (1, 2, 7):
        band, e = rng.normal(size=(n, 3, 2)), rng.normal(size=(n, 2))
        for d in range(2):
            A = np.zeros((n, n))
            for t in range(n):
                for k in range(min(2, t) + 1):
                    A[t, t - k] = A[t - k, t] = band[t, k, d]
            np.testing.assert_allclose(multiply_band(band, e)[:, d], A @ e[:, d], atol=1e-12)


def test_objective_never_falls_and_ends_at_a_maximum(case):
    y, objective = mlpg_with_gv(*case, return_objective=True, tol=1e-12, max_iter=200)
    assert (np.diff(objective, axis=0) >= 0).all()
    assert (objective[-1] > objective[0]).all()
    value, gradient = objective_of(case, weight=1 / 600)(y)
    np.testing.assert_allclose(value, objective[-1], rtol=1e-9)
    assert np.abs(gradient).max() < 1e-5


def test_variance_comes_to_the_target_and_likelihood_falls_little(case):
    mean, precision, wanted, spread = case
    plain = mlpg(mean, precision)
    y = mlpg_with_gv(*case)
    scaled = scale_variance(plain, wanted)
    np.testing.assert_allclose(y.var(axis=0), wanted, rtol=0.02)
    lost, lost_by_scaling = (
        log_likelihood(plain, mean, precision) - log_likelihood(z, mean, precision)
        for z in (y, scaled)
    )
    assert (lost > 0).all()
    assert (lost < 0.85 * lost_by_scaling).all()


def test_a_tight_target_is_met_exactly(case):
    mean, precision, wanted, _ = case
    y = mlpg_with_gv(mean, precision, wanted, (1e-3 * wanted) ** 2)
    np.testing.assert_allclose(y.var(axis=0), wanted, rtol=1e-4)


def test_an_open_target_leaves_mlpg(case):
    mean, precision, wanted, _ = case
    y = mlpg_with_gv(mean, precision, wanted, np.full(4, np.inf))
    np.testing.assert_array_equal(y, mlpg(mean, precision))


def test_infinite_variance_leaves_one_column(case):
    mean, precision, wanted, spread = case
    spread = spread.copy()
    spread[0] = np.inf
    y = mlpg_with_gv(mean, precision, wanted, spread)
    np.testing.assert_array_equal(y[:, 0], mlpg(mean, precision)[:, 0])
    np.testing.assert_allclose(y[:, 1:], mlpg_with_gv(*case)[:, 1:], atol=1e-2)


def test_less_variance_can_be_wanted(case):
    mean, precision, wanted, spread = case
    y = mlpg_with_gv(mean, precision, 0.5 * wanted, spread / 4)
    np.testing.assert_allclose(y.var(axis=0), 0.5 * wanted, rtol=0.05)


def test_much_weight_on_the_frames_is_mlpg(case):
    mean, precision, _, _ = case
    y = mlpg_with_gv(*case, weight=1e6)
    np.testing.assert_allclose(y, mlpg(mean, precision), atol=1e-4)


def test_one_frame_and_constant_columns_are_mlpg():
    for n in (1, 20):
        mean, precision = np.ones((n, 2)) * [1.0, 0.0], np.ones((n, 2))
        found = mlpg_with_gv(mean, precision, [1.0], [0.1])
        np.testing.assert_allclose(found, np.ones((n, 1)), atol=1e-12)


def test_two_windows_and_float32(case):
    mean, precision, wanted, spread = case
    mean = np.hstack([mean, np.zeros((300, 4))]).astype(np.float32)
    precision = np.hstack([precision, np.ones((300, 4))])
    before = mean.copy()
    y, objective = mlpg_with_gv(
        mean, precision, wanted, spread, (DELTA, DELTA_DELTA), return_objective=True
    )
    assert y.dtype == np.float32
    assert (np.diff(objective, axis=0) >= 0).all()
    np.testing.assert_allclose(y.var(axis=0), wanted, rtol=0.05)
    np.testing.assert_array_equal(mean, before)


@pytest.mark.parametrize(
    ("gv_mean", "gv_variance", "options", "message"),
    [
        ([1.0], [1.0], {}, r"gv_mean has shape \(1,\), expected \(4,\)"),
        (np.ones(4), np.zeros(4), {}, "gv_variance above 0"),
        (-np.ones(4), np.ones(4), {}, "gv_mean must be finite and at least 0"),
        (np.ones(4), np.ones(4), {"weight": 0}, "weight must be positive"),
    ],
)
def test_wrong_statistics_are_told(case, gv_mean, gv_variance, options, message):
    with pytest.raises(ValueError, match=message):
        mlpg_with_gv(*case[:2], gv_mean, gv_variance, **options)
