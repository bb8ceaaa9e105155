"""Attention that only moves forward: where in the content a decoder is, step by step."""

import math

import torch
from torch import nn
from torch.nn import functional as F

# In states: narrower than this, a neighbour could never be reached by a gradient.
_NARROWEST = 0.05
_FIRST_WIDTH = 0.5
# Before the first state, so that a step of less than one reads the first one first.
START = -0.5


def logistic_weights(position, width, n_content, n_states):
    """Weights of states around a position: what a logistic distribution puts on every one.

    Parameters
    ----------
    position, width : tensors of shape (n_clips,)
        In states; the first one is at 0.
    n_content : float tensor of shape (n_clips,)
        States of every clip. Those after them are padding, and weigh nothing.
    n_states : int

    Returns
    -------
    weights : tensor of shape (n_clips, n_states)
        They sum up to 1.
    """
    edges = torch.arange(n_states + 1, dtype=position.dtype, device=position.device) - 0.5
    # All edges after the last state coincide, and nothing is between them.
    edges = torch.minimum(edges, n_content[:, None] - 0.5)
    below = torch.sigmoid((edges - position[:, None]) / width[:, None])
    weights = below[:, 1:] - below[:, :-1]
    return weights / (weights.sum(dim=1, keepdim=True) + 1e-6)


def off_diagonal(weights, n_content, n_steps):
    """Distances of states from where an even reading would be, as shares of the content.

    Parameters
    ----------
    weights : tensor of shape (n_clips, n_steps_padded, n_states)
    n_content, n_steps : tensors of shape (n_clips,)

    Returns
    -------
    distance : tensor of the shape of weights
    """
    step = torch.arange(weights.shape[1], device=weights.device) / n_steps[:, None].clamp(min=1)
    state = torch.arange(weights.shape[2], device=weights.device) / n_content[:, None]
    return (step[:, :, None] - state[:, None, :]).abs()


class ForwardAttention(nn.Module):
    """A recurrent cell that decides how far to move on in the content, and reads there.

    A mixture of one component: the discretised logistic of [1]_, whose position only grows, and
    ends at the last state.

    Parameters
    ----------
    n_inputs : int
        Columns of what was said last.
    n_content : int
        Columns of states.
    n_hidden : int
    pace : float
        States a step, to begin with: about as in the clips.

    References
    ----------
    .. [1] E. Battenberg et al., "Location-relative attention mechanisms for robust long-form
       speech synthesis", ICASSP 2020. https://doi.org/10.1109/ICASSP40776.2020.9054106
    """

    def __init__(self, n_inputs, n_content, n_hidden, pace):
        super().__init__()
        self.cell = nn.GRUCell(n_inputs + n_content, n_hidden)
        self.move = nn.Linear(n_hidden + n_content, 2)
        with torch.no_grad():
            self.move.weight.zero_()
            first = [math.log(math.expm1(value)) for value in (max(pace, 0.05), _FIRST_WIDTH)]
            self.move.bias.copy_(torch.tensor(first))

    def start(self, states):
        """Return where reading begins: hidden state, what is read and position."""
        hidden = states.new_zeros(len(states), self.cell.hidden_size)
        return hidden, states[:, 0], states.new_full((len(states),), START)

    def forward(self, said, where, states, n_content):
        """Move on by one step.

        Parameters
        ----------
        said : tensor of shape (n_clips, n_inputs)
        where : tuple
            What ``start`` or the step before returned.
        states : tensor of shape (n_clips, n_states, n_content)
        n_content : float tensor of shape (n_clips,)

        Returns
        -------
        where : tuple of tensors (n_clips, n_hidden), (n_clips, n_content), (n_clips,)
        weights : tensor of shape (n_clips, n_states)
        """
        hidden, read, position = where
        hidden = self.cell(torch.cat([said, read], dim=1), hidden)
        step, width = F.softplus(self.move(torch.cat([hidden, read], dim=1))).unbind(dim=1)
        position = torch.minimum(position + step, n_content - 1)
        weights = logistic_weights(position, width + _NARROWEST, n_content, states.shape[1])
        read = torch.bmm(weights[:, None], states)[:, 0]
        return (hidden, read, position), weights
