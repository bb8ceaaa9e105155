"""Training that can stop and go on as if it had not: the part that all autoencoders share."""

import copy

import numpy as np
import torch
from sklearn.base import BaseEstimator

from ..utils.persistence import save_model
from ._epoch_logs import RECORDED, EpochLine, log_callbacks
from ._training import Diverged, divergence, one_thread
from ._vae_training import AfterEpoch, Batches, Patience, copied, make_net


def fresh_training(module):
    """Return what training needs to begin: weights, and torch's random numbers as they are.

    Parameters
    ----------
    module : torch.nn.Module

    Returns
    -------
    training : dict
    """
    return {
        "module": copied(module.state_dict()),
        "optimizer": None,
        "random": torch.get_rng_state(),
        "rows": [],
        "watch": None,
    }


def on_cpu(state):
    """Copy what an optimizer has gathered, such that it loads where there is no GPU.

    Parameters
    ----------
    state : dict, list, tensor or number

    Returns
    -------
    state : as `state`
    """
    if isinstance(state, dict):
        return {name: on_cpu(values) for name, values in state.items()}
    if isinstance(state, (list, tuple)):
        return type(state)(map(on_cpu, state))
    return state.detach().cpu().clone() if torch.is_tensor(state) else state


class Resumable(BaseEstimator):
    """Base of estimators that train a ``module_`` by skorch, and go on where they were.

    A subclass says what is minimised (``_make_loss``) and what watches over it (``_make_watch``),
    and puts :func:`fresh_training` into ``_training`` before the first step. It has the parameters
    `batch_size`, `learning_rate`, `weight_decay`, `device`, `log_path`, `checkpoint_path`,
    `callbacks` and `verbose`.
    """

    # What is kept of an epoch, how batches are made, and on how many threads: small nets gain
    # nothing from more than one.
    _recorded = RECORDED
    _batches = Batches
    _threads = staticmethod(one_thread)

    def _go_on(self, dataset, held_out, n_epochs, callbacks=()):
        """Train for so many epochs more, and keep the best weights.

        Raises
        ------
        ArithmeticError
            When the loss is no finite number any more. The best weights before are kept.
        """
        begun = self._training
        watch = self._make_watch(held_out, begun["watch"])
        if n_epochs < 1 or watch.exhausted():
            return
        module = copy.deepcopy(self.module_).float()
        module.load_state_dict(begun["module"])
        every = [("watch", watch), *log_callbacks(self.log_path, self._recorded)]
        if self.verbose:
            every.append(("line", EpochLine()))
        if self.checkpoint_path is not None:
            every.append(("save", AfterEpoch(lambda net: self._save(net, watch))))
        every += [(f"callback_{i}", c) for i, c in enumerate(callbacks or ())]
        net = make_net(
            module,
            self._make_loss(),
            [*every, ("stop", Patience(watch))],
            n_epochs=n_epochs,
            batches=self._batches,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            device=self.device,
        )
        for row in begun["rows"]:
            net.history.new_epoch()
            for name, value in row.items():
                net.history.record(name, value)
        if begun["optimizer"] is not None:
            net.optimizer_.load_state_dict(begun["optimizer"])
            for group in net.optimizer_.param_groups:
                group.update(lr=self.learning_rate, weight_decay=self.weight_decay)
        diverged = False
        # Noise and dropout draw from torch's own generator: it is put back afterwards.
        with torch.random.fork_rng(), self._threads():
            torch.set_rng_state(begun["random"])
            try:
                net.partial_fit(dataset)
            except Diverged:
                diverged = True
                if watch.batch <= 1 and watch.before is not None:
                    # The weights of the last epoch never had a loss.
                    watch.best_epoch, watch.best, watch.epoch = watch.before
            self._store(net, watch, diverged)
        if diverged:
            raise divergence(self, len(net.history), "kept")

    def _store(self, net, watch, diverged=False):
        """Keep the best weights for use, and the last ones to go on with."""
        self.module_.load_state_dict(watch.best)
        self.best_epoch_ = watch.best_epoch
        rows = [{k: v for k, v in row.items() if k != "batches"} for row in net.history]
        if len(rows) > watch.epoch:
            # The broken epoch left only a part of a row; what goes on starts at the best weights.
            rows = rows[: watch.epoch]
        self._training = {
            "module": watch.best if diverged else copied(net.module_.state_dict()),
            "optimizer": None if diverged else on_cpu(net.optimizer_.state_dict()),
            "random": torch.get_rng_state(),
            "rows": rows,
            "watch": watch.state(),
        }
        found = {k: np.array([row[k] for row in rows if k in row]) for k in self._recorded}
        self.history_ = {k: values for k, values in found.items() if len(values)}

    def _save(self, net, watch):
        """Save what there is so far."""
        twin = copy.copy(self)
        twin.module_ = copy.deepcopy(self.module_)
        # Callbacks may hold files, which cannot be saved.
        twin.callbacks = None
        twin._store(net, watch)
        # Training draws what it would have drawn, whatever is drawn here.
        with torch.random.fork_rng():
            twin._finish()
        twin.__dict__.pop("_data", None)
        save_model(twin, self.checkpoint_path)

    def _finish(self):
        """Measure what is documented of a fitted model: after training, and for checkpoints.

        What it needs to see is in ``_data`` while training runs, and is never saved.
        """
