"""Convolutions that padding does not change, and the crops they are trained on."""

import numpy as np
import pytest
import torch

from skstyle.neural._conv_stack import ConvStack, Crops
from skstyle.neural._vae_loss import VAELoss
from skstyle.neural._vae_net import VAENet, in_blocks


def stack(n_inputs=3, n_outputs=2, sizes=(8, 8), kernel_size=5):
    torch.manual_seed(0)
    return ConvStack(n_inputs, n_outputs, sizes, kernel_size).double()


def net(**options):
    torch.manual_seed(0)

    def make(n_inputs, n_outputs):
        return ConvStack(n_inputs, n_outputs, (8,), 5)

    return VAENet(3, 2, make, make, **options).double()


@pytest.mark.parametrize("kernel_size", [1, 3, 7])
def test_a_frame_depends_on_its_reach(kernel_size):
    module = stack(kernel_size=kernel_size)
    x = torch.randn(60, 3, dtype=torch.float64)
    changed = x.clone()
    changed[30] += 1
    moved = (module(x) - module(changed)).abs().sum(dim=1) > 0
    assert module.reach == 2 * (kernel_size // 2)
    assert torch.nonzero(moved).ravel().tolist() == [*range(30 - module.reach, 31 + module.reach)]


@pytest.mark.parametrize("padding", [1, 5, 40])
def test_padding_changes_nothing(padding):
    module, x = stack(), torch.randn(2, 20, 3, dtype=torch.float64)
    padded = torch.full((2, 20 + padding, 3), torch.nan, dtype=torch.float64)
    padded[:, :20] = x
    mask = torch.zeros(2, 20 + padding)
    mask[:, :20] = 1
    torch.testing.assert_close(module(padded, mask)[:, :20], module(x))
    torch.testing.assert_close(module(x[0]), module(x)[0])


@pytest.mark.parametrize("padding", [1, 5, 40])
def test_losses_and_gradients_do_not_see_padding(padding):
    x = torch.randn(2, 20, 3, dtype=torch.float64)
    noise = torch.randn(2, 20, 2, dtype=torch.float64)

    def run(x, noise, mask):
        module = net(n_styles=2, style_dim=1)
        style = torch.tensor([[0], [1]])
        loss = VAELoss()(module(x, style, noise, mask), {"x": x, "mask": mask})
        loss.backward()
        return loss, [p.grad for p in module.parameters()]

    mask = torch.ones(2, 20)
    mask[1, 15:] = 0
    grow = torch.nn.functional.pad
    found = run(grow(x, (0, 0, 0, padding), value=7.0), grow(noise, (0, 0, 0, padding)),
                grow(mask, (0, padding)))  # fmt: skip
    torch.testing.assert_close(found, run(x, noise, mask))


@pytest.mark.parametrize("length", [1, 7, 30, 1000])
def test_the_loss_of_crops_is_that_of_whole_sequences(length):
    rng = np.random.default_rng(0)
    items = [rng.normal(size=(n, 3)).astype(np.float32) for n in (90, 1, 41)]
    styles = np.array([1, 0, 1])
    module = net(n_styles=2, style_dim=2)
    reach = module.encoder.reach + module.decoder.reach
    crops = Crops(items, styles, length, reach)
    inputs, targets = crops[:]
    assert crops.n_frames() == 132
    loss = VAELoss()
    noise = torch.zeros(*inputs["x"].shape[:2], 2)
    found = loss(module(inputs["x"].double(), inputs["style"], noise, inputs["mask"]), targets)
    expected = 0.0
    for x, style in zip(items, styles, strict=True):
        x = torch.from_numpy(x).double()
        noise = torch.zeros(len(x), 2)
        expected += len(x) * loss(module(x, torch.tensor(style), noise), {"x": x})
    torch.testing.assert_close(found, expected / 132, rtol=1e-5, atol=1e-5)


def test_blocks_leave_no_trace():
    module = stack()
    x = np.random.default_rng(0).normal(size=(9000, 3))
    (found,) = in_blocks(module, x, module.reach)
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-12)
