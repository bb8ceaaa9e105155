"""Training of the time-variant net: its loss, its start, and what watches over it."""

import sys
from contextlib import contextmanager
from time import perf_counter

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import Callback, EarlyStopping
from skorch.utils import noop
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader

from ..mapping._allpass import fit_alpha

# Weights are averaged over about so many of the last steps.
_AVERAGED_STEPS = 100
_MAX_GRADIENT = 5.0
# Nearer to its bound a warp has no gradient to come back by.
_NEAR_BOUND = 0.9
# Share of a standardised column's squares.
_RIDGE = 1e-3


class Diverged(ArithmeticError):
    """The loss or its gradient is no finite number."""


def divergence(estimator, epoch, kept):
    """Return the error that tells of a loss that is no finite number.

    Parameters
    ----------
    estimator : estimator
        With ``learning_rate`` and ``best_epoch_``.
    epoch : int
        In which it was seen.
    kept : str
        What became of the best weights.

    Returns
    -------
    error : ArithmeticError
    """
    return ArithmeticError(
        f"The loss is no finite number any more in epoch {epoch}: lower "
        f"learning_rate={estimator.learning_rate}. The weights of epoch {estimator.best_epoch_} "
        f"are {kept}."
    )


class TrajectoryLoss(nn.Module):
    """Mean squared error of trajectories, and while training of the frames they are made of.

    Parameters
    ----------
    scale, delta_scale : float
        Deviations that errors of statics and of deltas are measured in.
    frame_weight : float
        Weight of the errors of frames, statics and deltas, beside those of trajectories.
    """

    def __init__(self, scale, delta_scale, frame_weight):
        super().__init__()
        self.scale = scale
        self.delta_scale = delta_scale
        self.frame_weight = frame_weight

    def forward(self, predicted, targets):
        """Return the loss of a batch.

        Parameters
        ----------
        predicted : tuple of tensors
            What :class:`TimeVariantNet` returns.
        targets : dict of str to tensor
            What :class:`Crops` holds.

        Returns
        -------
        loss : tensor of shape ()
        """
        change, frames = predicted
        statics, deltas, paired = (targets[name] for name in ("statics", "deltas", "paired"))
        n_targets = statics.shape[-1]
        loss = _mean_square((change - statics) / self.scale, paired)
        # Without deltas, trajectories are the frames.
        if not self.training or frames.shape[-1] == n_targets:
            return loss
        error = (frames[..., :n_targets] - statics) / self.scale
        delta_error = (frames[..., n_targets:] - deltas) / self.delta_scale
        of_frames = _mean_square(error, paired) + _mean_square(delta_error, paired)
        return loss + self.frame_weight * of_frames


def _mean_square(errors, weights):
    return (errors.square().mean(dim=-1) * weights).sum() / weights.sum().clamp(min=1)


@contextmanager
def one_thread():
    """Let torch compute on one thread, and as before afterwards.

    Small products gain little from more, and lose a lot where other work keeps the cores busy;
    the bytes must not depend on how many cores there are.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def start_from_least_squares(module, crops):
    """Let a net start at the best single linear transformation, as far as it has the parts.

    The warp comes first, and the matrix makes up for what it leaves: the other way round a matrix
    would say it all, and the warp nothing.

    Parameters
    ----------
    module : TimeVariantNet
        Changed in place.
    crops : Crops
    """
    paired = crops.targets["paired"] > 0
    source, change = (a[paired].double() for a in (crops.inputs["x"], crops.targets["statics"]))
    if module.warp is not None:
        change = change - source @ start_from_best_warp(module, source, change).T
    source, target = source / module.std_x.cpu(), change / module.std_y.cpu()
    middle = torch.zeros(source.shape[1], dtype=torch.float64)
    level = torch.zeros(target.shape[1], dtype=torch.float64)
    if module.bias is not None:
        middle, level = source.mean(dim=0), target.mean(dim=0)
    with torch.no_grad():
        if module.matrix is not None:
            source = source - middle
            gram = source.T @ source + _RIDGE * len(source) * torch.eye(source.shape[1])
            A = torch.linalg.solve(gram, source.T @ (target - level)).T
            module.matrices[0].copy_(A)
            level = level - A @ middle
        if module.bias is not None:
            module.bias[-1].bias[module.n_features :].copy_(level)


def start_from_best_warp(module, source, change):
    """Let the warp of all frames start where a single one would be best.

    Parameters
    ----------
    module : TimeVariantNet
        Changed in place.
    source : tensor of shape (n_frames, n_features)
    change : tensor of shape (n_frames, n_targets)
        Of the frames that are wanted.

    Returns
    -------
    added : tensor of shape (n_targets, n_features)
        What the warp adds to the identity.
    """
    x = source - source.mean(dim=0)
    y = change + source @ module.identity.cpu().double().T
    y = y - y.mean(dim=0)
    bound = module.warping.bound
    alpha = float(fit_alpha((x.T @ x).numpy(), (y.T @ x).numpy(), bound=_NEAR_BOUND * bound))
    with torch.no_grad():
        module.warp[-1].bias.fill_(np.arctanh(alpha / bound))
        added = module.warping.matrix(torch.tensor(alpha, device=module.identity.device))
    return added.cpu().double()


class HeldOut(Callback):
    """Average weights over steps, and keep those that held-out clips like best.

    Parameters
    ----------
    crops : Crops or None
        Of clips that are not trained on. Without any, all epochs are run, and the last weights
        are kept.
    batch_size : int

    Attributes
    ----------
    best_epoch : int
        Number of epochs behind the weights that are kept.
    """

    def __init__(self, crops, batch_size):
        self.crops = crops
        self.batch_size = batch_size

    def on_train_begin(self, net, **kwargs):
        """Take the first weights as the best so far."""
        self.average = AveragedModel(net.module_, avg_fn=_moving_average)
        self.best_loss = np.inf
        self._keep(0)

    def on_grad_computed(self, net, named_parameters, **kwargs):
        """Bound the gradient, and stop before it makes weights infinite."""
        norm = clip_grad_norm_([p for _, p in named_parameters], _MAX_GRADIENT)
        if not torch.isfinite(norm):
            raise Diverged

    def on_batch_end(self, net, training=True, **kwargs):
        """Let the average follow."""
        self.average.update_parameters(net.module_)

    def on_epoch_end(self, net, **kwargs):
        """Judge the average."""
        epoch = len(net.history)
        if self.crops is None:
            self._keep(epoch)
            return
        loss = self._loss(net)
        if not np.isfinite(loss):
            raise Diverged
        net.history.record("valid_loss", loss)
        if loss < self.best_loss:
            self.best_loss = loss
            self._keep(epoch)

    def _keep(self, epoch):
        self.best_epoch = epoch
        state = self.average.module.state_dict()
        self.best = {name: values.clone() for name, values in state.items()}

    @torch.no_grad()
    def _loss(self, net):
        self.average.eval()
        net.criterion_.eval()
        total = n_paired = 0
        for inputs, targets in _loader(self.crops, batch_size=self.batch_size):
            inputs, targets = (
                {name: a.to(net.device) for name, a in part.items()} for part in (inputs, targets)
            )
            n = targets["paired"].sum().item()
            total += n * net.criterion_(self.average(**inputs), targets).item()
            n_paired += n
        return total / max(n_paired, 1)


def _moving_average(average, current, n_averaged):
    """Move towards the weights of this step, faster as long as there were few."""
    n = float(n_averaged)
    return average + max(1 / _AVERAGED_STEPS, 9 / (10 + n)) * (current - average)


class Progress(Callback):
    """Print one line an epoch."""

    def on_train_begin(self, net, **kwargs):
        """Start the watch."""
        self.start = self.before = perf_counter()

    def on_epoch_end(self, net, **kwargs):
        """Tell the losses, the seconds and how long it may take still."""
        now = perf_counter()
        row, epoch = net.history[-1], len(net.history)
        held_out = f", held out {row['valid_loss']:.4f}" if "valid_loss" in row else ""
        left = (now - self.start) / epoch * (net.max_epochs - epoch)
        print(
            f"epoch {epoch}/{net.max_epochs}: train {row['train_loss']:.4f}{held_out}, "
            f"{now - self.before:.1f} s, at most {left:.0f} s left",
            file=sys.stderr,
            flush=True,
        )
        self.before = now


def _as_it_is(batch):
    return batch


def _loader(crops, **options):
    return DataLoader(crops, collate_fn=_as_it_is, **options)


def make_net(
    module,
    loss,
    held_out,
    *,
    n_epochs,
    patience,
    crops_a_batch,
    learning_rate,
    weight_decay,
    verbose,
    device,
):
    """Put a module into a skorch net that trains it.

    Parameters
    ----------
    module : TimeVariantNet
    loss : TrajectoryLoss
    held_out : HeldOut
    n_epochs, patience : int
        Training stops after so many epochs, or so many without progress on held-out clips.
    crops_a_batch : int
    learning_rate, weight_decay : float
    verbose : int
    device : str

    Returns
    -------
    net : skorch.NeuralNet
        Initialised; ``net.partial_fit(crops)`` trains it.
    """
    callbacks = [("held_out", held_out)]
    if verbose:
        callbacks.append(("progress", Progress()))
    if held_out.crops is not None:
        callbacks.append(("stop", EarlyStopping(patience=patience, threshold=0, sink=noop)))
    free = {"weight_decay": 0.0}  # only matrices shrink
    net = NeuralNet(
        module,
        loss,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=weight_decay,
        optimizer__param_groups=[("*.bias", free), ("*log_ratio", free)],
        lr=learning_rate,
        max_epochs=n_epochs,
        batch_size=crops_a_batch,
        iterator_train=_loader,
        iterator_train__shuffle=True,
        train_split=None,
        callbacks=callbacks,
        callbacks__print_log=None,
        callbacks__valid_loss=None,
        callbacks__epoch_timer=None,
        verbose=0,
        device=device,
    )
    return net.initialize()
