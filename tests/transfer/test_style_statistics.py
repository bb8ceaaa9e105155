"""Statistics of activations against their equations."""

import numpy as np
import pytest
import torch

from skstyle.transfer._style import layer_distance
from skstyle.transfer._style_statistics import N_LAGS, STATISTICS, check_statistic

NAMES = sorted(STATISTICS)


def layer(seed=0, shape=(5, 40)):
    return np.random.default_rng(seed).normal(size=shape)


def measure(name, F):
    return {key: a.numpy() for key, a in STATISTICS[name](torch.from_numpy(F)).items()}


def test_gram_loss_is_that_of_the_paper_where_lengths_agree():
    F, S = layer(0), layer(1)
    n_filters, n_positions = F.shape
    G, A = F @ F.T, S @ S.T
    expected = ((G - A) ** 2).sum() / (4 * n_filters**2 * n_positions**2)
    assert layer_distance(measure("gram", F), measure("gram", S)) == pytest.approx(expected)


def test_centred_gram_is_the_covariance_and_the_mean():
    F = layer()
    got = measure("centred-gram", F)
    np.testing.assert_allclose(got["gram"], np.cov(F, bias=True), atol=1e-12)
    np.testing.assert_allclose(got["mean"] ** 2, 0.1 * F.mean(axis=1) ** 2)


def test_autocorrelation_is_the_sum_over_pairs_of_frames():
    F = layer(shape=(3, 50))
    centred = F - F.mean(axis=1, keepdims=True)
    got = measure("gram+autocorrelation", F)["autocorrelation"]
    assert got.shape == (3, N_LAGS)
    for lag in range(1, N_LAGS + 1):
        products = centred[:, lag:] * centred[:, : max(50 - lag, 0)]
        np.testing.assert_allclose(got[:, lag - 1], products.sum(axis=1) / 50, atol=1e-12)


def test_autocorrelation_is_a_mean_over_what_is_not_time():
    F = layer(shape=(3, 50, 4))
    got = measure("gram+autocorrelation", F)["autocorrelation"]
    centred = F - F.mean(axis=(1, 2), keepdims=True)
    expected = (centred[:, 2:] * centred[:, :-2]).sum(axis=1).mean(axis=1) / 50
    np.testing.assert_allclose(got[:, 1], expected, atol=1e-12)


def test_moments_are_mean_and_deviation():
    F = layer()
    got = measure("moments", F)
    np.testing.assert_allclose(got["mean"], F.mean(axis=1))
    np.testing.assert_allclose(got["deviation"], F.std(axis=1), rtol=1e-6)


def test_sliced_wasserstein_of_a_shift_is_the_shift_seen_from_all_sides():
    F = layer(shape=(6, 300))
    shift = np.array([3.0, 0, 0, 0, 0, 4.0])
    a, b = (measure("sliced-wasserstein", x)["quantiles"] for x in (F, F + shift[:, None]))
    # The mean of (direction . shift)^2 over all directions is |shift|^2 / n.
    assert ((a - b) ** 2).mean() == pytest.approx(25 / 6, rel=0.25)


def test_sliced_wasserstein_does_not_see_order_nor_repetition():
    F = layer(shape=(4, 64))
    a = measure("sliced-wasserstein", F)["quantiles"]
    b = measure("sliced-wasserstein", F[:, ::-1].copy())["quantiles"]
    np.testing.assert_allclose(a, b)
    c = measure("sliced-wasserstein", np.repeat(F, 2, axis=1))["quantiles"]
    assert np.abs(a - c).mean() < 0.1 * np.abs(a).mean()


def test_mmd_is_near_that_of_the_kernels():
    F, S = layer(0, (4, 60)), layer(1, (4, 80)) + 0.5
    waves = [measure("mmd", x)["waves"] for x in (F, S)]

    def kernel(a, b):
        square = ((a[:, :, None] - b[:, None, :]) ** 2).sum(axis=0) / 4
        return np.mean([np.exp(-square / (2 * w**2)).mean() for w in (0.1, 0.3, 1.0, 3.0)])

    expected = kernel(F, F) + kernel(S, S) - 2 * kernel(F, S)
    assert ((waves[0] - waves[1]) ** 2).mean() == pytest.approx(expected, rel=0.3)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_agree_with_finite_differences(name):
    target = {key: torch.from_numpy(a) for key, a in measure(name, layer(1, (4, 30))).items()}

    def loss(F):
        return layer_distance(STATISTICS[name](F), target)

    F = torch.from_numpy(layer(0, (4, 20))).requires_grad_()
    assert torch.autograd.gradcheck(loss, F, eps=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_statistics_do_not_grow_with_the_number_of_positions(name):
    rng = np.random.default_rng(0)
    small, large = (measure(name, np.abs(rng.normal(size=(4, n)))) for n in (2000, 8000))
    for key in small:
        assert small[key].shape == large[key].shape
        np.testing.assert_allclose(small[key], large[key], atol=0.15, rtol=0.2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (3, 2, 2)])
def test_one_position_is_enough(name, shape):
    F = torch.zeros(shape, requires_grad=True)
    measured = STATISTICS[name](F)
    (gradient,) = torch.autograd.grad(sum(a.sum() for a in measured.values()), F)
    assert all(torch.isfinite(a).all() for a in measured.values())
    assert torch.isfinite(gradient).all()


def test_unknown_statistics_are_refused():
    with pytest.raises(ValueError, match="style_statistic must be one of .*'gram'.*got 'gramm'"):
        check_statistic("gramm")
