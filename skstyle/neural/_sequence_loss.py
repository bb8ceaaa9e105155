"""What the sequence model is trained for: errors of frames, divergence, and the stop token."""

import torch
from torch import nn
from torch.nn import functional as F

from ._attention import off_diagonal
from ._vae_loss import gaussian_kl

# A stop is one step of fifty: it counts for more.
_STOP_WEIGHT = 4.0
# As shares of the content: what is free beside the diagonal, since nobody speaks evenly, and how
# soon more of it costs; and the band whose weight is reported.
_FREE = 0.12
_GUIDE_WIDTH = 0.08
BAND = 0.15


def clip_means(values, mask):
    """Mean over the steps of every clip that are no padding.

    Parameters
    ----------
    values, mask : tensors of shape (n_clips, n_steps)

    Returns
    -------
    means : tensor of shape (n_clips,)
    """
    return torch.where(mask > 0, values, 0.0).sum(dim=1) / mask.sum(dim=1).clamp(min=1)


def squared_error(decoded, x, mask):
    """Mean square of the errors of frames, clip by clip.

    Parameters
    ----------
    decoded, x : tensors of shape (n_clips, n_times, n_features)
    mask : tensor of shape (n_clips, n_times)

    Returns
    -------
    error : tensor of shape (n_clips,)
    """
    return clip_means((decoded - x).square().mean(dim=2), mask)


def stop_cross_entropy(logits, targets, mask):
    """Cross-entropy of the stop token, stops counting for more; clip by clip.

    Parameters
    ----------
    logits, targets, mask : tensors of shape (n_clips, n_steps)

    Returns
    -------
    loss : tensor of shape (n_clips,)
    """
    weight = torch.tensor(_STOP_WEIGHT, device=logits.device)
    loss = F.binary_cross_entropy_with_logits(logits, targets, reduction="none", pos_weight=weight)
    return clip_means(loss, mask)


def diagonal_guide(weights, n_content, n_steps, mask):
    """Cost of attention far from an even reading, and the share of it that is near.

    As in [1]_, but for a band around the diagonal that costs nothing.

    Parameters
    ----------
    weights : tensor of shape (n_clips, n_steps, n_states)
    n_content, n_steps : tensors of shape (n_clips,)
    mask : tensor of shape (n_clips, n_steps)

    Returns
    -------
    cost : tensor of shape (n_clips,)
        Between 0 and 1.
    near : tensor of shape (n_clips,)
        Share of the weight within :data:`BAND` of the diagonal.

    References
    ----------
    .. [1] H. Tachibana, K. Uenoyama and S. Aihara, "Efficiently trainable text-to-speech system
       based on deep convolutional networks with guided attention", ICASSP 2018.
       https://doi.org/10.1109/ICASSP.2018.8461829
    """
    distance = off_diagonal(weights, n_content, n_steps)
    beyond = (distance - _FREE).clamp(min=0)
    far = 1 - torch.exp(-0.5 * (beyond / _GUIDE_WIDTH).square())
    cost = clip_means((weights * far).sum(dim=2), mask)
    return cost, clip_means((weights * (distance <= BAND)).sum(dim=2), mask)


class SequenceLoss(nn.Module):
    """Errors of frames, plus a weighted divergence of codes, the stop token and the guide.

    Parameters
    ----------
    beta : float
        Weight of the divergence, in nats a clip, once warm-up is over.
    stop_weight, guide_weight : float
        Weights of the stop token's loss and of the guide of attention.

    Attributes
    ----------
    state : dict
        "warmup": share of `beta` that counts in training, 1 after warm-up. "terms": tensors of
        shape (), of the last batch: errors of frames, divergence, loss of the stop token, share
        of steps whose stop is right, share of attention near the diagonal.
    """

    def __init__(self, beta, stop_weight, guide_weight):
        super().__init__()
        self.beta, self.stop_weight, self.guide_weight = beta, stop_weight, guide_weight
        self.state = {"warmup": 1.0, "terms": None}

    def forward(self, outputs, targets):
        """Return the loss of a batch.

        Parameters
        ----------
        outputs : tuple of tensors
            What :class:`SequenceVAENet` returns.
        targets : dict of str to tensor
            "x", the frames; "stop" and "mask" (n_clips, n_steps), the stop token and where a step
            is no padding; "n_content" and "n_steps", without those that only stop.

        Returns
        -------
        loss : tensor of shape ()
        """
        decoded, logits, weights, mean, log_variance = outputs
        stop, mask = targets["stop"], targets["mask"]
        frames_per_step = decoded.shape[1] // mask.shape[1]
        error = squared_error(
            decoded, targets["x"], mask.repeat_interleave(frames_per_step, dim=1)
        ).mean()
        kl = gaussian_kl(mean, log_variance).sum(dim=1).mean()
        stop_loss = stop_cross_entropy(logits, stop, mask).mean()
        right = clip_means(((logits > 0) == (stop > 0)).float(), mask).mean()
        guide, near = (
            part.mean()
            for part in diagonal_guide(
                weights, targets["n_content"], targets["n_steps"], mask * (1 - stop)
            )
        )
        terms = error, kl, stop_loss, right, near
        self.state["terms"] = tuple(term.detach() for term in terms)
        weight = self.beta * (self.state["warmup"] if self.training else 1.0)
        return error + weight * kl + self.stop_weight * stop_loss + self.guide_weight * guide
