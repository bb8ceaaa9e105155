"""The modules of variational autoencoders, and what users put in their place."""

import numpy as np
import pytest
import torch
from torch import nn

from skstyle.neural._vae_net import VAENet, in_blocks, make_module


def make(**options):
    torch.manual_seed(0)
    return VAENet(5, 2, hidden_layer_sizes=(8, 4), **options)


def test_shapes():
    net = make()
    x = torch.randn(7, 5)
    decoded, log_variance_x, mean, log_variance = net(x)
    assert decoded.shape == (7, 5) and log_variance_x.shape == (5,)
    assert mean.shape == log_variance.shape == (7, 2)
    assert net(torch.randn(3, 7, 5))[0].shape == (3, 7, 5)
    assert net.decode(torch.randn(4, 2)).shape == (4, 5)
    sizes = [m.out_features for m in net.modules() if isinstance(m, nn.Linear)]
    assert sizes == [8, 4, 4, 4, 8, 5]


def test_noise_that_is_given_is_used():
    net = make()
    x = torch.randn(7, 5)
    mean, log_variance = net.encode(x)
    still = net(x, noise=torch.zeros(7, 2))[0]
    torch.testing.assert_close(still, net.decode(mean))
    moved = net(x, noise=torch.ones(7, 2))[0]
    torch.testing.assert_close(moved, net.decode(mean + (0.5 * log_variance).exp()))


def test_styles_reach_both_sides():
    net = make(n_styles=3, style_dim=4)
    x, z = torch.randn(7, 5), torch.randn(7, 2)
    style = torch.tensor([0, 1, 2, 0, 1, 2, 0])
    assert not torch.equal(net.encode(x, style)[0], net.encode(x, 0 * style)[0])
    assert not torch.equal(net.decode(z, style), net.decode(z, 0 * style))
    # A code stands for itself: that of a voice that was never seen.
    torch.testing.assert_close(net.decode(z, net.code(style)), net.decode(z, style))
    # One style for all frames of a clip.
    clips = torch.randn(2, 6, 5)
    assert net(clips, torch.tensor([[0], [2]]))[0].shape == clips.shape
    assert net.code(None) is None


def test_one_variance_is_one_in_the_units_of_the_columns():
    scale = np.array([1.0, 10.0, 0.1, 2.0, 5.0])
    net = make(log_variance_offset=-2 * np.log(scale))
    assert net.log_variance.shape == (1,)
    variance = net.decoded_log_variance().exp().detach().numpy() * scale**2
    np.testing.assert_allclose(variance, variance[0], rtol=1e-5)


def test_a_module_is_copied():
    mine = nn.Linear(5, 4)
    net = make(encoder=mine)
    assert net.encoder is not mine
    torch.testing.assert_close(net.encoder.weight, mine.weight)
    with torch.no_grad():
        net.encoder.weight.zero_()
    assert (mine.weight != 0).all()


def test_a_function_makes_a_module_of_the_right_size():
    net = make(encoder=nn.Linear, decoder=lambda n, m: nn.Sequential(nn.Linear(n, m), nn.Tanh()))
    assert net.encoder.weight.shape == (4, 5)
    assert net.decode(torch.randn(9, 2)).abs().max() <= 1


def test_the_mode_of_a_module_is_kept():
    module = make_module(nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2)), "encoder", 3, 2, ())
    assert module.training and module[0].num_batches_tracked == 0


@pytest.mark.parametrize("wanted", ["linear", 3, lambda n, m: "linear"])
def test_what_is_no_module_is_told(wanted):
    with pytest.raises(TypeError, match=r"encoder must be a torch.nn.Module, or a function of"):
        make(encoder=wanted)


def test_columns_that_do_not_fit_are_told():
    with pytest.raises(ValueError, match="encoder must take 5 columns, but it does not"):
        make(encoder=nn.Linear(6, 4))
    with pytest.raises(ValueError, match=r"encoder must make 4 columns of 5.* of shape \(2, 3\)"):
        make(encoder=nn.Linear(5, 3))
    with pytest.raises(ValueError, match=r"decoder must make 5 columns of 2.* of shape \(2, 2\)"):
        make(decoder=nn.Identity())


def test_variances_are_bounded():
    net = make()
    _, log_variance = net.encode(1e20 * torch.ones(2, 5))
    assert log_variance.abs().max() <= 12
    with torch.no_grad():
        net.log_variance.fill_(-1e9)
    assert net.decoded_log_variance().exp().min() > 0


def test_blocks_do_not_show():
    x = np.random.default_rng(0).normal(size=(10000, 3))
    a, b = in_blocks(lambda x: (2 * x, x[:, 0]), x)
    np.testing.assert_array_equal(a, 2 * x)
    assert b.shape == (10000,)
