"""Training of variational autoencoders: batches, and what watches over them."""

import math
from time import perf_counter

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import Callback
from torch.utils.data import Dataset

from ._training import Diverged

# Neighbouring frames are nearly the same: whole runs of so many are held out.
_RUN = 100
# Of short arrays the runs are shorter, so that one of them can be spared.
_FEWEST_RUNS = 10
# Held-out frames that are judged at once.
_BLOCK = 4096


class Frames(Dataset):
    """Standardised frames, or crops of sequences, with their styles.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_features) or (n_crops, n_times, n_features)
    style : int array of shape (n_frames,), optional
        Number of the style of every frame, or of every crop.
    mask : ndarray of shape (n_crops, n_times), optional
        0 where crops are only filled up.
    """

    def __init__(self, x, style=None, mask=None):
        x = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))
        self.x, self.inputs, self.targets = x, {}, {}
        if style is not None:
            style = torch.from_numpy(np.asarray(style, dtype=np.int64))
            # One style for all frames of a crop.
            self.inputs["style"] = style.reshape(-1, *[1] * (x.dim() - 2))
        if mask is not None:
            self.targets["mask"] = torch.from_numpy(np.asarray(mask, dtype=np.float32))

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        x = self.x[index]
        parts = self.inputs, self.targets
        return tuple({"x": x, **{name: a[index] for name, a in part.items()}} for part in parts)

    def n_frames(self):
        """Return how many frames there are without padding."""
        if "mask" in self.targets:
            return float(self.targets["mask"].sum())
        return self.x[..., 0].numel()


def cut_runs(X, styles):
    """Cut frames into runs of one style, some of which can be held out.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    styles : int array of shape (n_frames,)

    Returns
    -------
    items : list of ndarrays (n_frames, n_features)
    styles : int array of shape (n_runs,)
    """
    order = np.argsort(styles, kind="stable")
    items, found = [], []
    for style in np.unique(styles):
        rows = order[styles[order] == style]
        n_runs = max(len(rows) // _RUN, min(len(rows), _FEWEST_RUNS))
        items += [X[part] for part in np.array_split(rows, n_runs)]
        found += [style] * n_runs
    return items, np.array(found)


class Batches:
    """Batches of a data set, all of about one size, in a new order every time.

    Parameters
    ----------
    dataset : Frames
    batch_size : int
        At most so many rows. The last batch is no smaller than others: a batch of one row has
        no variance, which layers may ask for.
    shuffle : bool, default=False
    """

    def __init__(self, dataset, batch_size, shuffle=False):
        self.dataset, self.shuffle = dataset, shuffle
        self.n_batches = -(-len(dataset) // batch_size)

    def __len__(self):
        return self.n_batches

    def __iter__(self):
        n = len(self.dataset)
        order = torch.randperm(n) if self.shuffle else torch.arange(n)
        for rows in order.tensor_split(self.n_batches):
            yield self.dataset[rows]


class Watch(Callback):
    """Warm up the divergence, judge every epoch, and keep the best weights.

    Parameters
    ----------
    held_out : Frames or None
        Frames that are not trained on. Without any the last weights are kept.
    warmup_epochs : float
        Over so many epochs the weight of the divergence grows from 0, in a line.
    patience : int
        Training stops after so many epochs without progress on held-out frames. Those of
        warm-up do not count: then the loss that is minimised is another one.
    state : dict, optional
        What :meth:`state` said of training that goes on here.
    """

    # Of the loss, and of its terms in their order.
    names = ("train_loss", "train_reconstruction", "train_kl")

    def __init__(self, held_out, warmup_epochs, patience, state=None):
        self.held_out = held_out
        self.warmup_epochs = warmup_epochs
        self.patience = patience
        self.best = self.before = None
        self.epoch, self.best_epoch, self.best_loss = 0, 0, np.inf
        if state is not None:
            self.epoch, self.best = state["epoch"], state["best"]
            self.best_epoch = state["best_epoch"]
            # Weights that nothing is held out of have no loss that later ones could be told by.
            self.best_loss = np.inf if held_out is None else state["best_loss"]

    def state(self):
        """Return what training needs to go on as if it had not stopped."""
        names = ("epoch", "best", "best_epoch", "best_loss")
        return {name: getattr(self, name) for name in names}

    def exhausted(self):
        """Tell whether held-out frames have seen no progress for too long."""
        waited = self.epoch - max(self.best_epoch, self.warmup_epochs)
        return self.held_out is not None and waited >= self.patience

    def on_train_begin(self, net, **kwargs):
        """Take the first weights as the best so far."""
        if self.best is None:
            self._keep(net)

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        """Start to count."""
        self.n_batches = len(net.iterator_train(dataset_train, net.batch_size))
        self.batch = 0
        self.sums = [0.0] * len(self.names)
        self.begin = perf_counter()

    def on_batch_begin(self, net, training=True, **kwargs):
        """Raise the weight of the divergence."""
        done = self.epoch + self.batch / self.n_batches
        warm = not self.warmup_epochs or done >= self.warmup_epochs
        net.criterion_.state["warmup"] = 1.0 if warm else done / self.warmup_epochs

    def on_batch_end(self, net, batch=None, loss=None, **kwargs):
        """Add up the terms of the loss, and stop where there is none."""
        self.batch += 1
        n = len(batch[0]["x"])
        terms = (loss, *net.criterion_.state["terms"])
        self.sums = [total + n * term.item() for total, term in zip(self.sums, terms, strict=True)]
        if not math.isfinite(self.sums[0]):
            raise Diverged

    def on_epoch_end(self, net, dataset_train=None, **kwargs):
        """Judge the weights."""
        for name, total in zip(self.names, self.sums, strict=True):
            net.history.record(name, total / len(dataset_train))
        net.history.record("kl_weight", net.criterion_.beta * net.criterion_.state["warmup"])
        if self.held_out is None:
            # The loss of the last step is from before it.
            if not all(torch.isfinite(p).all() for p in net.module_.parameters()):
                raise Diverged
            self.epoch += 1
            self._keep(net)
        else:
            loss = self._loss(net)
            if not math.isfinite(loss):
                raise Diverged
            net.history.record("valid_loss", loss)
            self.epoch += 1
            if loss < self.best_loss:
                self.best_loss = loss
                self._keep(net)
        net.history.record("seconds", perf_counter() - self.begin)

    def _keep(self, net):
        self.before = (self.best_epoch, self.best, self.best_epoch) if self.best else None
        self.best_epoch = self.epoch
        self.best = copied(net.module_.state_dict())

    @torch.no_grad()
    def _loss(self, net):
        net.module_.eval()
        net.criterion_.eval()
        # The same noise every time, so that epochs compare, and none of the one that trains.
        generator = torch.Generator().manual_seed(0)
        total = 0.0
        frames_a_row = self.held_out.x[0, ..., 0].numel()
        for inputs, targets in Batches(self.held_out, max(1, _BLOCK // frames_a_row)):
            shape = (*inputs["x"].shape[:-1], net.module_.latent_dim)
            inputs["noise"] = torch.randn(shape, generator=generator)
            inputs, targets = (
                {name: a.to(net.device) for name, a in part.items()} for part in (inputs, targets)
            )
            n = float(targets["mask"].sum()) if "mask" in targets else len(inputs["x"])
            total += n * net.criterion_(net.module_(**inputs), targets).item()
        return total / self.held_out.n_frames()


class Patience(Callback):
    """Stop training that no longer helps; the last of all callbacks.

    Parameters
    ----------
    watch : Watch
    """

    def __init__(self, watch):
        self.watch = watch

    def on_epoch_end(self, net, **kwargs):
        """Stop as skorch's own EarlyStopping does."""
        if self.watch.exhausted():
            raise KeyboardInterrupt


class AfterEpoch(Callback):
    """Call a function of the net after every epoch."""

    def __init__(self, function):
        self.function = function

    def on_epoch_end(self, net, **kwargs):
        """Call it."""
        self.function(net)


def copied(state):
    """Copy the weights of a module, onto the CPU."""
    return {name: values.detach().cpu().clone() for name, values in state.items()}


class Net(NeuralNet):
    """skorch's net, but modules that train already are not told so at every step."""

    def _set_training(self, training=True):
        if self.module_.training != training or self.criterion_.training != training:
            super()._set_training(training)


def make_net(
    module,
    loss,
    callbacks,
    *,
    n_epochs,
    batch_size,
    learning_rate,
    weight_decay,
    device,
    batches=Batches,
):
    """Put a module into a skorch net that trains it.

    Parameters
    ----------
    module : VAENet
    loss : VAELoss
    callbacks : list of (str, Callback)
    n_epochs : int
        That are still to run.
    batch_size : int
    learning_rate, weight_decay : float
    device : str
    batches : callable, default=Batches
        Makes batches of what is trained on.

    Returns
    -------
    net : skorch.NeuralNet
        Initialised; ``net.partial_fit(frames)`` trains it.
    """
    net = Net(
        module,
        loss,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=weight_decay,
        lr=learning_rate,
        max_epochs=n_epochs,
        batch_size=batch_size,
        iterator_train=batches,
        iterator_train__shuffle=True,
        train_split=None,
        callbacks=callbacks,
        callbacks__print_log=None,
        callbacks__train_loss=None,
        callbacks__valid_loss=None,
        callbacks__epoch_timer=None,
        verbose=0,
        device=device,
    )
    return net.initialize()
