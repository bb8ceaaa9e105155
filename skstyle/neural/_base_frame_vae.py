"""What is behind the variational autoencoder of frames: how it is fitted."""

import numpy as np

from ..utils.pairing import stack
from ..utils.validation import check_sequences, is_matrix
from ._base_vae import BaseVAE
from ._vae_training import cut_runs

# Frames that the bound of a checkpoint is measured on, at most.
_MOST_JUDGED = 1000


class BaseFrameVAE(BaseVAE):
    """Base of the autoencoder that is told no styles; the public class has the parameters."""

    def _fit(self, X):
        """Train all epochs that are left, and judge by sequences that are held out."""
        self._check_parameters()
        goes_on = self.warm_start and hasattr(self, "module_")
        items = check_sequences(X, estimator=self, reset=not goes_on).items
        if is_matrix(X):
            items, _ = cut_runs(stack(items), np.zeros(len(items), dtype=int))
        if goes_on:
            self._check_same_sizes()
        else:
            self._begin(items, fraction=self.validation_fraction)
        train, held_out = (
            [items[i] for i in chosen]
            for chosen in self._split(len(items), self.validation_fraction)
        )
        self._train(train, held_out, self.n_epochs - len(self._training["rows"]))
        return self

    def _fit_one_epoch(self, X):
        """Train one epoch more on whatever comes in."""
        self._check_parameters()
        first = not hasattr(self, "module_")
        items = check_sequences(X, estimator=self, reset=first).items
        if first:
            self._begin(items)
        else:
            self._check_same_sizes()
        if self._training["watch"] is not None:
            self._training["module"] = self._training["watch"]["best"]
        self._train(items, [], 1)
        return self

    def _train(self, train, held_out, n_epochs):
        frames, judged = stack(train), stack(held_out or train)
        self._data = frames, judged[:: -(-len(judged) // _MOST_JUDGED)]
        try:
            self._go_on(self._frames(train), self._frames(held_out), n_epochs, self.callbacks)
        finally:
            self._data = frames, judged
            self._finish()
            del self._data

    def _finish(self):
        frames, judged = self._data
        self._measure_latent(*self._encode(frames))
        self.elbo_ = float(self._bounds(judged).mean())
