"""The warp layer beside the matrices of all-pass warping."""

import numpy as np
import pytest
import torch

from skstyle.mapping import warping_matrix
from skstyle.neural._warp_layer import WarpLayer, warp_polynomials

SHAPES = [(24, 24), (1, 1), (5, 3), (3, 5), (40, 40)]


@pytest.mark.parametrize(("n_targets", "n_features"), SHAPES)
def test_polynomials_are_the_warping_matrix(n_targets, n_features):
    layer = WarpLayer(n_targets, n_features, 0.15).double()
    exact = warp_polynomials(n_targets, n_features, 0.15)
    layer.coefficients = torch.from_numpy(exact)
    alpha = torch.linspace(-0.15, 0.15, 31, dtype=torch.float64)
    expected = warping_matrix(alpha.numpy(), n_targets, n_features)
    found = layer.matrix(alpha).numpy() + np.eye(n_targets, n_features)
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_weights_of_training_are_exact_enough():
    alpha = torch.linspace(-0.15, 0.15, 31)
    found = WarpLayer(24, 24, 0.15).matrix(alpha).numpy() + np.eye(24)
    np.testing.assert_allclose(found, warping_matrix(alpha.numpy(), 24), atol=1e-5)


@pytest.mark.parametrize(("n_targets", "n_features"), SHAPES)
def test_nothing_is_added_at_zero(n_targets, n_features):
    x = torch.randn(4, 6, n_features)
    assert (WarpLayer(n_targets, n_features, 0.15)(torch.zeros(4, 6), x) == 0).all()


def test_every_frame_has_its_own_constant():
    layer = WarpLayer(6, 4, 0.2).double()
    alpha = 0.2 * torch.tanh(torch.randn(3, 7, dtype=torch.float64))
    x = torch.randn(3, 7, 4, dtype=torch.float64)
    W = warping_matrix(alpha.numpy(), 6, 4) - np.eye(6, 4)
    expected = np.einsum("btij,btj->bti", W, x.numpy())
    np.testing.assert_allclose(layer(alpha, x), expected, atol=1e-6)
    np.testing.assert_allclose(layer.matrix(alpha), W, atol=1e-6)


def test_gradients_are_those_of_finite_differences():
    layer = WarpLayer(6, 4, 0.2).double()
    alpha = (0.1 * torch.randn(5, dtype=torch.float64)).clamp(-0.19, 0.19).requires_grad_()
    x = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (alpha, x), rtol=1e-4)


def test_degree_grows_with_the_bound():
    assert len(warp_polynomials(24, 24, 0.05)) < len(warp_polynomials(24, 24, 0.2)) <= 48
    assert len(warp_polynomials(1, 1, 0.15)) == 2  # 1 - alpha²
