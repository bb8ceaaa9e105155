"""The module beside the equations of the framework."""

import numpy as np
import pytest
import torch

from skstyle.mapping import warping_matrix
from skstyle.neural._time_variant_net import MAX_WARP, TimeVariantNet
from skstyle.trajectory import mlpg

PARTS = ("use_matrix", "use_warp", "use_bias", "use_dynamics")


def make_net(n_features=4, n_targets=3, seed=0, trained=True, **options):
    """A net in float64; trained means that no last layer is zero."""
    rng = np.random.default_rng(seed)
    scales = {"mean_x": rng.normal(size=n_features)}
    for name, n in (("std_x", n_features), ("std_delta_x", n_features)):
        scales[name] = rng.uniform(0.5, 2, n)
    for name in ("std_y", "std_delta_y"):
        scales[name] = rng.uniform(0.5, 2, n_targets)
    torch.manual_seed(seed)
    net = TimeVariantNet(scales, (8,), 5, dropout=0.0, **options).double()
    if trained:
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.add_(0.3 * torch.randn_like(parameter))
    return net


def inputs(n_features=4, shape=(2, 9), seed=1):
    torch.manual_seed(seed)
    return (
        torch.randn(*shape, 2 * n_features, dtype=torch.float64),
        torch.randn(*shape, n_features, dtype=torch.float64),
    )


@pytest.mark.parametrize("n_targets", [2, 4, 6])
@pytest.mark.parametrize("without", [None, *PARTS])
def test_an_untrained_net_changes_nothing(without, n_targets):
    options = {} if without is None else {without: False}
    net = make_net(n_targets=n_targets, trained=False, **options)
    change, frames = net(*inputs())
    assert (change == 0).all() and (frames == 0).all()
    matrices, source, target = net.transition(inputs()[0])
    assert (matrices == torch.eye(n_targets, 4)).all()
    assert (source == 0).all() and (target == 0).all()


@pytest.mark.parametrize("without", [None, *PARTS])
def test_statics_are_the_equation_of_the_framework(without):
    net = make_net(**({} if without is None else {without: False}))
    context, x = inputs()
    matrices, source, target = net.transition(context)
    expected = (matrices @ (x - source)[..., None])[..., 0] + target
    identity = torch.eye(3, 4, dtype=torch.float64)
    torch.testing.assert_close(net.statics(context, x) + x @ identity.T, expected)


def test_matrices_are_those_of_the_parts():
    net = make_net()
    context, _ = inputs()
    with torch.no_grad():
        matrices, _, _ = net.transition(context)
        alpha, weights = net.alpha(context).numpy(), net.weights(context).numpy()
        bases = net.matrices.numpy()
    assert np.abs(alpha).max() < MAX_WARP and np.ptp(alpha) > 0
    A = np.einsum("btk,kij->btij", weights, bases)
    A *= net.std_y.numpy()[:, None] / net.std_x.numpy()
    np.testing.assert_allclose(matrices, A + warping_matrix(alpha, 3, 4), atol=1e-6)


def test_trajectories_are_those_of_mlpg():
    net = make_net()
    with torch.no_grad():
        change, frames = net(*inputs())
        ratio = net.log_ratio.exp().numpy()
    for y, mean in zip(change.numpy(), frames.numpy(), strict=True):
        np.testing.assert_allclose(y, mlpg(mean, np.r_[np.ones(3), ratio]), atol=1e-10)


def test_without_dynamics_frames_are_the_result():
    net = make_net(use_dynamics=False)
    change, frames = net(*inputs())
    assert frames.shape == (2, 9, 3)
    assert torch.equal(change, frames)


def test_all_parts_have_gradients():
    net = make_net()
    change, _ = net(*inputs(), torch.tensor([9, 5]), torch.ones(2, 9, dtype=torch.float64))
    change.square().sum().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad.abs().max() > 0, name


def test_zero_layers_learn_at_the_first_step():
    net = make_net(trained=False)
    change, _ = net(*inputs())
    (change - 1).square().sum().backward()
    for parameter in (net.matrices, net.warp[-1].weight, net.bias[-1].weight):
        assert parameter.grad.abs().max() > 0
    assert net.dynamics[-1].weight.grad.abs().max() > 0


def test_precisions_of_columns_that_hardly_move_stay_finite():
    net = make_net(trained=False)
    with torch.no_grad():
        net.log_ratio.fill_(1e9)
        change, _ = net(*inputs())
    assert torch.isfinite(change).all()
