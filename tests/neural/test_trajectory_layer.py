"""The trajectory layer beside mlpg, dense algebra and finite differences."""

import numpy as np
import pytest
import torch

from skstyle.neural import trajectory
from skstyle.trajectory import mlpg

LENGTHS = torch.tensor([7, 4, 1, 2])


def gaussians(n_clips=4, n_times=7, n_columns=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shape = (n_clips, n_times, 2 * n_columns)
    mean = torch.randn(shape, generator=generator, dtype=torch.float64)
    precision = torch.rand(shape, generator=generator, dtype=torch.float64) + 0.2
    return mean, precision


def test_clips_are_those_of_mlpg():
    mean, precision = gaussians()
    found = trajectory(mean, precision, LENGTHS)
    for y, m, p, n in zip(found, mean, precision, LENGTHS, strict=True):
        expected = mlpg(m[:n].numpy(), p[:n].numpy())
        np.testing.assert_allclose(y[:n], expected, rtol=1e-12, atol=1e-13)
        assert (y[n:] == 0).all()


def test_without_lengths_clips_fill_the_array():
    mean, precision = gaussians()
    full = torch.full((4,), 7)
    assert torch.equal(trajectory(mean, precision), trajectory(mean, precision, full))


@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_gradients_are_those_of_finite_differences(lengths):
    mean, precision = (a.requires_grad_() for a in gaussians())
    # rtol is the wanted accuracy; atol is for gradients that are zero.
    assert torch.autograd.gradcheck(
        lambda m, p: trajectory(m, p, lengths), (mean, precision), eps=1e-6, rtol=1e-4, atol=1e-8
    )


def test_gradients_are_those_of_dense_algebra():
    mean, precision = (a.requires_grad_() for a in gaussians(n_clips=1, n_columns=1))
    delta = np.zeros((7, 7))
    for t in range(7):
        delta[t, max(t - 1, 0)] -= 0.5
        delta[t, min(t + 1, 6)] += 0.5
    W = torch.from_numpy(np.vstack([np.eye(7), delta]))
    m, p = (a[0].T.reshape(-1) for a in (mean, precision))
    dense = torch.linalg.solve(W.T @ (p[:, None] * W), W.T @ (p * m))
    weight = torch.linspace(-1, 2, 7, dtype=torch.float64)
    expected = torch.autograd.grad((weight * dense).sum(), (mean, precision))
    y = trajectory(mean, precision)[0, :, 0]
    torch.testing.assert_close(y, dense)
    found = torch.autograd.grad((weight * y).sum(), (mean, precision))
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b)


def test_padding_has_no_influence_and_no_gradient():
    mean, precision = gaussians()
    other = mean.clone(), precision.clone()
    for clip, n in enumerate(LENGTHS):
        other[0][clip, n:] = 1e6
        other[1][clip, n:] = 0.0
    leaves = [a.requires_grad_() for a in (mean, precision)], [a.requires_grad_() for a in other]
    first, second = (trajectory(*pair, LENGTHS) for pair in leaves)
    assert torch.equal(first, second)
    weight = torch.ones_like(first)  # a gradient on padding does nothing
    for y, pair in zip((first, second), leaves, strict=True):
        y.backward(weight)
        for clip, n in enumerate(LENGTHS):
            assert all((a.grad[clip, n:] == 0).all() for a in pair)
    for a, b in zip(*leaves, strict=True):
        inside = torch.arange(7)[None, :] < LENGTHS[:, None]
        assert torch.equal(a.grad[inside], b.grad[inside])


def test_deltas_of_precision_zero_do_not_count():
    mean, precision = gaussians()
    precision[..., 3:] = 0
    torch.testing.assert_close(trajectory(mean, precision), mean[..., :3])


def test_consistent_means_come_back():
    x = torch.randn(2, 9, 3, dtype=torch.float64)
    padded = torch.cat([x[:, :1], x, x[:, -1:]], dim=1)
    mean = torch.cat([x, 0.5 * (padded[:, 2:] - padded[:, :-2])], dim=-1)
    torch.testing.assert_close(trajectory(mean, torch.full_like(mean, 3.0)), x)


def test_float32_is_kept_and_inputs_are_not_written_to():
    mean, precision = (a.float() for a in gaussians())
    before = mean.clone(), precision.clone()
    mean.requires_grad_()
    y = trajectory(mean, precision, LENGTHS)
    y.sum().backward()
    assert y.dtype == mean.grad.dtype == torch.float32
    assert torch.equal(mean.detach(), before[0]) and torch.equal(precision, before[1])
    exact = trajectory(*(a.double() for a in before), LENGTHS)
    torch.testing.assert_close(y.detach().double(), exact, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "shapes", [((2, 5), (2, 5)), ((2, 5, 3), (2, 5, 3)), ((2, 5, 4), (1, 5, 4))]
)
def test_shapes_are_checked(shapes):
    with pytest.raises(ValueError, match=r"expected \(n_clips, n_times, 2 \* n_columns\)"):
        trajectory(*(torch.ones(s) for s in shapes))


@pytest.mark.parametrize("lengths", [[0, 5], [5, 6], [5]])
def test_lengths_are_checked(lengths):
    with pytest.raises(ValueError, match="2 numbers from 1 to 5"):
        trajectory(torch.ones(2, 5, 4), torch.ones(2, 5, 4), torch.tensor(lengths))


def test_open_values_are_told():
    precision = torch.ones(2, 5, 4)
    precision[1, :, 1] = 0
    precision[1, :, 3] = 0
    with pytest.raises(ValueError, match="leave column 1 of clip 1 open"):
        trajectory(torch.ones(2, 5, 4), precision)
