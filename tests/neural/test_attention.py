"""Attention that only moves forward, against plain formulas and differences."""

import numpy as np
import pytest
import torch

from skstyle.neural._attention import START, ForwardAttention, logistic_weights, off_diagonal


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


def attention(pace=1.0, n_inputs=3, n_content=4, moves=True):
    torch.manual_seed(0)
    cell = ForwardAttention(n_inputs, n_content, n_hidden=5, pace=pace)
    if moves:  # at first a step is the same whatever is read
        torch.nn.init.normal_(cell.move.weight, std=0.5)
    return cell.double()


def run(cell, said, states, n_content):
    """Every step: positions (n_clips, n_steps), weights, and what was read."""
    where, positions, weights, read = cell.start(states), [], [], []
    for step in said.unbind(dim=1):
        where, weight = cell(step, where, states, n_content)
        positions.append(where[2])
        weights.append(weight)
        read.append(where[1])
    return tuple(torch.stack(part, dim=1) for part in (positions, weights, read))


# --- weights ------------------------------------------------------------------------------


@pytest.mark.parametrize("position", [START, 0.0, 1.3, 4.0])
@pytest.mark.parametrize("width", [0.05, 0.6, 3.0])
def test_weights_are_what_a_logistic_distribution_puts_on_states(position, width):
    n_content, n_states = 5, 7
    found = logistic_weights(numbers(position), numbers(width), numbers(n_content), n_states)[0]

    def below(edge):
        return 1 / (1 + np.exp(-(edge - position) / width))

    expected = np.array([below(j + 0.5) - below(j - 0.5) for j in range(n_content)])
    np.testing.assert_allclose(found[:n_content], expected / expected.sum(), atol=1e-5)
    assert (found[n_content:] == 0).all()
    assert found.sum().item() == pytest.approx(1, abs=1e-5)


def test_narrow_weights_read_one_state_and_wide_ones_all():
    one = logistic_weights(numbers(2), numbers(0.02), numbers(4), 4)[0]
    np.testing.assert_allclose(one, [0, 0, 1, 0], atol=1e-5)
    np.testing.assert_allclose(
        logistic_weights(numbers(1.5), numbers(50), numbers(4), 4)[0], 0.25, atol=1e-3
    )
    # As much to the left as to the right.
    even = logistic_weights(numbers(2), numbers(0.7), numbers(5), 5)[0]
    torch.testing.assert_close(even, even.flip(0))


def test_padding_does_not_change_weights():
    position, width, n_content = numbers(0.4, 2.0, 5.0), numbers(0.5, 1.0, 2.0), numbers(3, 4, 6)
    short = logistic_weights(position, width, n_content, 6)
    long = logistic_weights(position, width, n_content, 30)
    torch.testing.assert_close(long[:, :6], short, rtol=0, atol=0)
    assert (long[:, 6:] == 0).all()


def test_weights_have_the_gradients_of_differences():
    position, width = numbers(0.3, 1.7).requires_grad_(), numbers(0.4, 0.9).requires_grad_()
    n_content = numbers(3, 5)
    assert torch.autograd.gradcheck(
        lambda p, w: logistic_weights(p, w, n_content, 5), (position, width)
    )


# --- distances ----------------------------------------------------------------------------


def test_distances_from_the_diagonal_by_hand():
    found = off_diagonal(torch.zeros(2, 3, 4), torch.tensor([2, 4]), torch.tensor([2, 3]))
    step, state = [0, 0.5, 1], [0, 0.5, 1, 1.5]
    expected = np.abs(np.subtract.outer(step, state))
    np.testing.assert_allclose(found[0], expected, atol=1e-6)
    step, state = [0, 1 / 3, 2 / 3], [0, 0.25, 0.5, 0.75]
    np.testing.assert_allclose(found[1], np.abs(np.subtract.outer(step, state)), atol=1e-6)


# --- the cell -----------------------------------------------------------------------------


@pytest.mark.parametrize("pace", [0.2, 1.0, 2.5])
def test_it_begins_at_the_pace_of_the_clips(pace):
    states = draw(2, 30, 4)
    found = run(attention(pace, moves=False), draw(2, 4, 3), states, numbers(30, 30))[0]
    expected = START + pace * np.arange(1, 5)
    np.testing.assert_allclose(found.detach(), [expected, expected], rtol=1e-5)


def test_positions_only_grow_and_end_at_the_last_state():
    cell = attention(pace=0.8)
    n_content = numbers(6, 3)
    positions, weights, _ = run(cell, 3 * draw(2, 15, 3), draw(2, 6, 4), n_content)
    assert (positions.diff(dim=1) >= 0).all() and (positions[:, 0] > START).all()
    assert positions[:, -1].tolist() == [5, 2]
    assert (weights[1, :, 3:] == 0).all() and (weights >= 0).all()
    np.testing.assert_allclose(weights.detach().sum(dim=2), 1, atol=1e-4)


def test_the_first_state_is_read_first():
    cell = attention(pace=0.5, moves=False)
    _, weights, _ = run(cell, draw(1, 3, 3), draw(1, 8, 4), numbers(8))
    assert weights[0, 0].argmax() == 0
    hidden, read, position = cell.start(draw(1, 8, 4))
    assert (hidden == 0).all() and position.tolist() == [START]
    torch.testing.assert_close(read, draw(1, 8, 4)[:, 0])


def test_what_is_read_is_the_mean_of_states_by_weights():
    states = draw(2, 6, 4)
    _, weights, read = run(attention(), draw(2, 5, 3), states, numbers(6, 4))
    torch.testing.assert_close(read, weights @ states)


def test_states_after_the_content_change_nothing():
    cell, said, states = attention(), draw(2, 5, 3), draw(2, 6, 4)
    n_content = numbers(6, 3)
    more = torch.cat([states, torch.full((2, 9, 4), 7.0, dtype=torch.float64)], dim=1)
    more[1, 3:6] = -50
    for short, long in zip(
        run(cell, said, states, n_content), run(cell, said, more, n_content), strict=True
    ):
        torch.testing.assert_close(long[:, :, :6] if long.dim() == 3 else long, short)


def test_the_cell_has_the_gradients_of_differences():
    cell = attention()
    n_content = numbers(5, 3)
    said, states = draw(2, 3, 3).requires_grad_(), draw(2, 5, 4, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: run(cell, a, b, n_content), (said, states))

    def by_weights(weight, bias):
        state = {**dict(cell.named_parameters()), "move.weight": weight, "move.bias": bias}
        where = cell.start(states.detach())
        for step in said.detach().unbind(dim=1):
            where, weights = torch.func.functional_call(
                cell, state, (step, where, states.detach(), n_content)
            )
        return where[2], weights

    parts = [p.detach().clone().requires_grad_() for p in cell.move.parameters()]
    assert torch.autograd.gradcheck(by_weights, parts)
