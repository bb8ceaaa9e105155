"""Terms of the sequence model's loss against plain formulas and differences."""

import math

import numpy as np
import pytest
import torch

from skstyle.neural._sequence_loss import (
    _FREE,
    _GUIDE_WIDTH,
    BAND,
    SequenceLoss,
    clip_means,
    diagonal_guide,
    squared_error,
    stop_cross_entropy,
)
from skstyle.neural._vae_loss import gaussian_kl, reparametrise


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def mask_of(*lengths, n_steps):
    return (torch.arange(n_steps) < torch.tensor(lengths)[:, None]).double()


def longer(x, n_more, value):
    return torch.cat([x, torch.full((x.shape[0], n_more, *x.shape[2:]), value)], dim=1)


def batch(seed=0):
    """Outputs and targets of three clips of 4, 2 and 1 steps of two frames, and a stop."""
    decoded, weights = draw(3, 10, 3, seed=seed), draw(3, 5, 4, seed=seed + 1).softmax(dim=2)
    outputs = decoded, draw(3, 5, seed=2), weights, draw(3, 2, seed=3), draw(3, 2, seed=4)
    n_steps = torch.tensor([4, 2, 1])
    targets = {
        "x": draw(3, 10, 3, seed=5),
        "stop": (torch.arange(5) >= n_steps[:, None]).double(),
        "mask": mask_of(5, 3, 2, n_steps=5),
        "n_content": torch.tensor([4, 3, 1]),
        "n_steps": n_steps,
    }
    return outputs, targets


# --- means and errors ---------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.0, 1e9, math.inf, math.nan])
def test_means_of_clips_leave_padding_out(value):
    values = torch.tensor([[1.0, 2.0, 6.0], [5.0, value, value], [value] * 3])
    assert clip_means(values, mask_of(3, 1, 0, n_steps=3)).tolist() == [3, 5, 0]


def test_errors_by_hand():
    x = torch.zeros(2, 2, 2)
    decoded = torch.tensor([[[1.0, 3.0], [0.0, 0.0]], [[2.0, 0.0], [9.0, 9.0]]])
    assert squared_error(decoded, x, mask_of(2, 1, n_steps=2)).tolist() == [2.5, 2]


# --- the stop token -----------------------------------------------------------------------


def test_stop_loss_is_a_cross_entropy_where_stops_count_for_four():
    logits, mask = draw(2, 4), mask_of(4, 2, n_steps=4)
    stops = torch.tensor([[0, 0, 1, 1], [0, 1, 1, 1]]).double()
    p = 1 / (1 + np.exp(-logits.numpy()))
    cost = -(4 * stops.numpy() * np.log(p) + (1 - stops.numpy()) * np.log(1 - p))
    expected = [cost[0].mean(), cost[1, :2].mean()]
    np.testing.assert_allclose(stop_cross_entropy(logits, stops, mask), expected, rtol=1e-6)


def test_stop_loss_has_the_gradients_of_differences():
    logits, mask = 2 * draw(2, 4), mask_of(4, 2, n_steps=4)
    stops = torch.tensor([[0, 0, 1, 1], [0, 1, 1, 1]]).double()
    logits.requires_grad_()
    assert torch.autograd.gradcheck(lambda a: stop_cross_entropy(a, stops, mask), (logits,))
    stop_cross_entropy(logits, stops, mask).sum().backward()
    assert (logits.grad[1, 2:] == 0).all() and (logits.grad[mask > 0] != 0).all()


def test_stops_that_are_sure_and_right_cost_nothing():
    stops = torch.tensor([[0.0, 0.0, 1.0]])
    mask = torch.ones(1, 3)
    assert stop_cross_entropy(50 * (2 * stops - 1), stops, mask).item() < 1e-6
    assert stop_cross_entropy(50 * (1 - 2 * stops), stops, mask).item() > 50


# --- the divergence -----------------------------------------------------------------------


def test_divergence_and_draws_have_the_gradients_of_differences():
    mean, log_variance = draw(3, 2).requires_grad_(), draw(3, 2, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(gaussian_kl, (mean, log_variance))
    noise = draw(3, 2, seed=2)
    assert torch.autograd.gradcheck(
        lambda m, v: torch.tanh(reparametrise(m, v, noise)), (mean, log_variance)
    )


# --- the guide ----------------------------------------------------------------------------


def readings(states, n_states=6):
    """Weights that read one state at every step."""
    return torch.eye(n_states, dtype=torch.float64)[torch.tensor(states)][None]


def guide(weights, n_content=6, n_steps=6, mask=None):
    mask = torch.ones(weights.shape[:2]).double() if mask is None else mask
    parts = diagonal_guide(weights, torch.tensor([n_content]), torch.tensor([n_steps]), mask)
    return tuple(part.item() for part in parts)


def test_an_even_reading_is_free_and_others_cost_more_the_further_they_are():
    assert guide(readings(range(6))) == (0, 1)
    costs = [guide(readings([min(i + off, 5) for i in range(6)])) for off in range(6)]
    cost, near = np.transpose(costs)
    assert (np.diff(cost) >= 0).all() and (np.diff(near) <= 0).all()
    assert 0 < cost[1] < cost[2] and cost[5] < 1
    back, _ = guide(readings([5, 4, 3, 2, 1, 0]))
    assert 0.3 < back < 1


def test_a_little_beside_the_diagonal_is_free():
    n = 50
    for shift in (-1, 1):
        states = np.clip(np.arange(n) + shift * int(_FREE * n), 0, n - 1)
        cost, near = guide(readings(states.tolist(), n), n, n)
        assert cost == pytest.approx(0, abs=1e-9) and near == 1


def test_cost_and_share_of_the_band_by_hand():
    weights = torch.zeros(1, 2, 10).double()
    weights[0, 0, 2] = 1  # 0.2 off: not quite within the band
    weights[0, 1, [5, 9]] = torch.tensor([0.25, 0.75]).double()  # on it, and 0.4 off
    far = [1 - math.exp(-0.5 * (max(d - _FREE, 0) / _GUIDE_WIDTH) ** 2) for d in (0.2, 0.4)]
    cost, near = guide(weights, n_content=10, n_steps=2)
    assert cost == pytest.approx((far[0] + 0.75 * far[1]) / 2, rel=1e-6)
    assert BAND == 0.15 and near == pytest.approx(0.25 / 2)


def test_padding_does_not_change_the_guide():
    weights = draw(1, 6, 6).softmax(dim=2)
    expected = guide(weights)
    more = longer(weights, 3, math.nan)
    assert guide(more, mask=mask_of(6, n_steps=9)) == pytest.approx(expected)
    wide = torch.nn.functional.pad(weights, (0, 5))
    assert guide(wide) == pytest.approx(expected)


def test_the_guide_has_the_gradients_of_differences():
    raw, mask = draw(2, 3, 4).requires_grad_(), mask_of(3, 2, n_steps=3)
    n_content, n_steps = torch.tensor([4, 3]), torch.tensor([3, 2])
    assert torch.autograd.gradcheck(
        lambda a: diagonal_guide(a.softmax(dim=2), n_content, n_steps, mask)[0], (raw,)
    )


# --- all together -------------------------------------------------------------------------


def test_the_loss_is_the_weighted_sum_of_its_terms():
    outputs, targets = batch()
    decoded, logits, weights, mean, log_variance = outputs
    error = np.mean(
        [
            ((decoded[i, :n] - targets["x"][i, :n]) ** 2).mean().item()
            for i, n in enumerate((10, 6, 4))
        ]
    )
    kl = (0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)).sum(dim=1).mean().item()
    stop = stop_cross_entropy(logits, targets["stop"], targets["mask"]).mean().item()
    said = targets["mask"] * (1 - targets["stop"])
    assert said.sum(dim=1).tolist() == [4, 2, 1]
    cost, near = diagonal_guide(weights, targets["n_content"], targets["n_steps"], said)
    loss = SequenceLoss(beta=0.3, stop_weight=0.7, guide_weight=1.1)
    found = loss(outputs, targets).item()
    expected = error + 0.3 * kl + 0.7 * stop + 1.1 * cost.mean().item()
    assert found == pytest.approx(expected)
    hits = (logits > 0) == (targets["stop"] > 0)
    right = np.mean([hits[i, :n].double().mean() for i, n in enumerate((5, 3, 2))])
    terms = [term.item() for term in loss.state["terms"]]
    assert terms == pytest.approx([error, kl, stop, right, near.mean().item()])
    loss.state["warmup"] = 0.25
    assert loss(outputs, targets).item() == pytest.approx(expected - 0.75 * 0.3 * kl)
    assert loss.eval()(outputs, targets).item() == pytest.approx(expected)


@pytest.mark.parametrize("value", [0.0, -30.0, math.nan])
def test_padding_does_not_change_the_loss_nor_gradients(value):
    outputs, targets = batch()
    found = []
    for n_more in (0, 1, 40):
        decoded, logits, weights, *code = outputs
        long = (longer(decoded, 2 * n_more, value), longer(logits, n_more, value))
        long = [*long, longer(weights, n_more, value), *code]
        leaves = [a.clone().requires_grad_() for a in long]
        more = {name: targets[name] for name in ("n_content", "n_steps")}
        more["x"] = longer(targets["x"], 2 * n_more, 0.0)
        more["stop"] = longer(targets["stop"], n_more, 1.0)
        more["mask"] = longer(targets["mask"], n_more, 0.0)
        loss = SequenceLoss(0.3, 0.7, 1.1)
        total = loss(leaves, more)
        parts = [total, *loss.state["terms"]]
        if not math.isnan(value):
            total.backward()
            for leaf, first in zip(leaves, outputs, strict=True):
                kept, padding = leaf.grad.tensor_split([first.shape[1]], dim=1)
                assert (padding == 0).all()
                parts.append(kept)
        found.append(parts)
    for other in found[1:]:
        for a, b in zip(other, found[0], strict=True):
            torch.testing.assert_close(a, b)


def test_a_step_that_only_stops_is_not_guided():
    outputs, targets = batch()
    loss = SequenceLoss(0.0, 0.0, 1.0)
    weights = outputs[2].clone().requires_grad_()
    loss((*outputs[:2], weights, *outputs[3:]), targets).backward()
    assert (weights.grad[1, 2:] == 0).all() and (weights.grad[2, 1:] == 0).all()
    assert (weights.grad[0, :4].abs().sum(dim=1) > 0).all()
