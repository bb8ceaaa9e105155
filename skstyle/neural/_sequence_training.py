"""What watches over the training of the sequence model."""

import torch
from torch.nn.utils import clip_grad_norm_

from ._epoch_logs import RECORDED
from ._training import Diverged
from ._utterances import LengthBatches
from ._vae_training import Watch

NAMES = (
    "train_loss",
    "train_reconstruction",
    "train_kl",
    "train_stop",
    "stop_accuracy",
    "diagonality",
)
SEQUENCE_RECORDED = (*RECORDED, "train_stop", "stop_accuracy", "diagonality", "learning_rate")
_MAX_GRADIENT = 1.0
# Share of training before the learning rate begins to fall.
_LEVEL = 0.3


def learning_rate_at(progress, first, last):
    """Return the learning rate: level to begin with, then falling by equal ratios.

    Parameters
    ----------
    progress : float
        Share of training that is done, 0 to 1.
    first, last : float

    Returns
    -------
    learning_rate : float
    """
    falling = min(max(progress - _LEVEL, 0) / (1 - _LEVEL), 1)
    return first * (last / first) ** falling


class SequenceWatch(Watch):
    """Warm up the divergence, lower the learning rate, judge every epoch, and keep weights.

    Parameters
    ----------
    held_out : Utterances or None
    warmup_epochs, patience, state
        As in :class:`Watch`.
    keep : {"last", "best"}
        Which weights are kept: those of the last epoch, or those that the held-out clips like
        best, when training may stop early.
    n_epochs : int
        In all.
    learning_rates : tuple of float
        The first and the last one.
    """

    names = NAMES

    def __init__(
        self, held_out, warmup_epochs, patience, state=None, *, keep, n_epochs, learning_rates
    ):
        super().__init__(held_out, warmup_epochs, patience, state)
        self.keep, self.n_epochs, self.learning_rates = keep, n_epochs, learning_rates

    def exhausted(self):
        """Tell whether held-out clips have seen no progress for too long."""
        return self.keep == "best" and super().exhausted()

    def on_batch_begin(self, net, training=True, **kwargs):
        """Set the weight of the divergence and the learning rate."""
        super().on_batch_begin(net, training=training, **kwargs)
        progress = (self.epoch + self.batch / self.n_batches) / self.n_epochs
        self.learning_rate = learning_rate_at(progress, *self.learning_rates)
        for group in net.optimizer_.param_groups:
            group["lr"] = self.learning_rate

    def on_grad_computed(self, net, named_parameters, **kwargs):
        """Bound the gradient, and stop before it makes weights infinite."""
        norm = clip_grad_norm_([p for _, p in named_parameters], _MAX_GRADIENT)
        if not torch.isfinite(norm):
            raise Diverged

    def on_epoch_end(self, net, dataset_train=None, **kwargs):
        """Judge the weights."""
        net.history.record("learning_rate", self.learning_rate)
        super().on_epoch_end(net, dataset_train=dataset_train, **kwargs)
        if self.keep == "last" and self.held_out is not None:
            self._keep(net)

    @torch.no_grad()
    def _loss(self, net):
        net.module_.eval()
        net.criterion_.eval()
        total = 0.0
        # The prenet hides frames at random here, too: the same ones every time.
        with torch.random.fork_rng():
            torch.manual_seed(0)
            for inputs, targets in LengthBatches(self.held_out, net.batch_size):
                inputs, targets = (
                    {name: a.to(net.device) for name, a in part.items()}
                    for part in (inputs, targets)
                )
                loss = net.criterion_(net.module_(**inputs), targets).item()
                total += len(inputs["x"]) * loss
        return total / len(self.held_out)
