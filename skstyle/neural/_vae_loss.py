"""What variational autoencoders are trained for: the evidence lower bound and its terms."""

import math

import torch
from torch import nn

_LOG_2PI = math.log(2 * math.pi)
# A latent dimension whose mean varies by no more than this says nothing about the frame.
ACTIVE_VARIANCE = 0.01


def gaussian_kl(mean, log_variance):
    """Divergence of N(mean, variance) from N(0, 1), a number for every dimension.

    Parameters
    ----------
    mean, log_variance : tensors of one shape

    Returns
    -------
    kl : tensor of that shape
        In nats.
    """
    return -0.5 * (1 + log_variance - mean.square() - log_variance.exp())


def gaussian_log_likelihood(x, mean, log_variance):
    """Logarithm of the density of N(mean, variance) at x, summed over columns.

    Parameters
    ----------
    x, mean : tensors of shape (..., n_columns)
    log_variance : tensor that broadcasts to them

    Returns
    -------
    log_likelihood : tensor of shape (...)
        In nats.
    """
    squares = (x - mean).square() * (-log_variance).exp()
    return -0.5 * (_LOG_2PI + log_variance + squares).sum(dim=-1)


def reparametrise(mean, log_variance, noise):
    """Draw from N(mean, variance) such that gradients reach both.

    Parameters
    ----------
    mean, log_variance : tensors of one shape
    noise : tensor that broadcasts to them
        Of N(0, 1).

    Returns
    -------
    z : tensor
    """
    return mean + (0.5 * log_variance).exp() * noise


def masked_mean(values, mask=None):
    """Mean over all frames but those that only fill up.

    Parameters
    ----------
    values : tensor of shape (n_frames,), (n_clips, n_times) or with further columns
    mask : tensor of shape (n_frames,) or (n_clips, n_times), optional
        1 where there is a frame, 0 where there is padding.

    Returns
    -------
    mean : tensor with the shape of the columns, () where there are none
        Zero where nothing counts.
    """
    if mask is None:
        return values.mean(dim=0)
    frames = mask.dim()
    # What stands in padding may be anything, and infinity times zero is no number.
    keep = mask.reshape(*mask.shape, *[1] * (values.dim() - frames)) > 0
    total = torch.where(keep, values, 0.0).sum(dim=tuple(range(frames)))
    return total / mask.sum().clamp(min=1)


def with_free_bits(kl, free_bits):
    """Cost of mean divergences, none of which is cheaper than what is free.

    Parameters
    ----------
    kl : tensor of shape (latent_dim,)
        Means over a batch.
    free_bits : float
        Nats that a dimension may use without a cost.

    Returns
    -------
    cost : tensor of shape ()
    """
    return kl.clamp(min=free_bits).sum()


def matched_noise(n_draws, n_columns, generator):
    """Draws of N(0, 1) whose mean is exactly 0 and whose covariance is exactly I.

    Means of quadratic functions over them are exact.

    Parameters
    ----------
    n_draws : int
        An even number, at least ``2 * n_columns``.
    n_columns : int
    generator : torch.Generator

    Returns
    -------
    noise : tensor of shape (n_draws, n_columns)
        In float64.
    """
    half = torch.randn(n_draws // 2, n_columns, generator=generator, dtype=torch.float64)
    noise = torch.cat([half, -half])
    factor = torch.linalg.cholesky(noise.T @ noise / n_draws)
    return torch.linalg.solve_triangular(factor, noise.T, upper=False).T


class VAELoss(nn.Module):
    """Negative evidence lower bound of frames, with a weight for the divergence.

    Parameters
    ----------
    beta : float
        Weight of the divergence once warm-up is over.
    free_bits : float
        Nats a dimension that cost nothing.
    log_scale : float
        Sum of the logarithms of what columns were divided by: with it, likelihoods are those of
        the frames as they came in.

    Attributes
    ----------
    state : dict
        "warmup": share of `beta` that counts in training, 1 after warm-up. "terms": two tensors of
        shape (), of the last batch, reconstruction (the negative log-likelihood) and divergence.
    """

    def __init__(self, beta=1.0, free_bits=0.0, log_scale=0.0):
        super().__init__()
        self.beta, self.free_bits, self.log_scale = beta, free_bits, log_scale
        # In a dict: every attribute of a module that is set costs as much as a small layer.
        self.state = {"warmup": 1.0, "terms": None}

    def forward(self, outputs, targets):
        """Return the loss of a batch.

        Parameters
        ----------
        outputs : tuple of tensors
            What :class:`VAENet` returns.
        targets : dict of str to tensor
            "x", the frames; "mask" where some of them are padding.

        Returns
        -------
        loss : tensor of shape ()
            In nats a frame.
        """
        decoded, log_variance_x, mean, log_variance = outputs
        mask = targets.get("mask")
        likelihood = gaussian_log_likelihood(targets["x"], decoded, log_variance_x)
        reconstruction = self.log_scale - masked_mean(likelihood, mask)
        kl = masked_mean(gaussian_kl(mean, log_variance), mask)
        self.state["terms"] = reconstruction.detach(), kl.detach().sum()
        cost = with_free_bits(kl, self.free_bits) if self.free_bits else kl.sum()
        weight = self.beta * (self.state["warmup"] if self.training else 1.0)
        return reconstruction + weight * cost
