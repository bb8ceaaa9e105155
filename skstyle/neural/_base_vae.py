"""What all variational autoencoders have in common: how they are fitted, and go on."""

import copy
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state, check_scalar
from sklearn.utils.validation import check_is_fitted

from ..utils.pairing import stack
from ..utils.persistence import save_model
from ..utils.validation import check_sequences, restore_frames
from ._checks import check_device, count_held_out
from ._epoch_logs import RECORDED, EpochLine, log_callbacks
from ._training import Diverged, one_thread
from ._vae_loss import (
    ACTIVE_VARIANCE,
    VAELoss,
    gaussian_kl,
    gaussian_log_likelihood,
    matched_noise,
    reparametrise,
)
from ._vae_net import VAENet, in_blocks
from ._vae_training import AfterEpoch, Frames, Patience, Watch, copied, make_net

VARIANCES = ("column", "one")
# Draws of noise that an evidence lower bound is a mean over; twice the dimensions at least.
_DRAWS = 16


class BaseVAE(BaseEstimator):
    """Base of estimators around a :class:`VAENet`.

    A subclass has the parameters that ``_check_parameters`` looks at, validates what comes in,
    and calls ``_begin`` and ``_go_on``. ``_scaler`` standardises frames, ``_training`` is what
    training needs to go on.
    """

    def _check_parameters(self):
        sizes = self.hidden_layer_sizes
        if not isinstance(sizes, (tuple, list)):
            raise ValueError(
                f"hidden_layer_sizes must be a tuple such as (128, 128), got {sizes!r}."
            )
        for size in sizes:
            check_scalar(size, "hidden_layer_sizes", Integral, min_val=1)
        for name in ("latent_dim", "batch_size", "patience"):
            check_scalar(getattr(self, name), name, Integral, min_val=1)
        check_scalar(self.n_epochs, "n_epochs", Integral, min_val=0)
        check_scalar(
            self.learning_rate, "learning_rate", Real, min_val=0, include_boundaries="neither"
        )
        for name in ("beta", "warmup_epochs", "free_bits", "weight_decay"):
            check_scalar(getattr(self, name), name, Real, min_val=0)
        check_scalar(
            self.validation_fraction,
            "validation_fraction",
            Real,
            min_val=0,
            max_val=1,
            include_boundaries="left",
        )
        if self.decoder_variance not in VARIANCES:
            raise ValueError(
                f"decoder_variance must be 'column' or 'one', got {self.decoder_variance!r}."
            )
        check_device(self.device)

    # --- training -------------------------------------------------------------------------

    def _begin(self, items, n_styles=0, fraction=0.0):
        """Choose what is held out, standardise the rest, and make a module."""
        random_state = check_random_state(self.random_state)
        self._split_seed, seed = random_state.randint(np.iinfo(np.int32).max, size=2)
        train, _ = self._split(len(items), fraction)
        frames = stack([items[i] for i in train]).astype(np.float64)
        self._scaler = StandardScaler().fit(frames)
        offset = None
        if self.decoder_variance == "one":
            squares = self._scaler.scale_**2
            offset = np.log(squares.mean() / squares)
        with torch.random.fork_rng():
            torch.manual_seed(int(seed))
            module = VAENet(
                frames.shape[1],
                self.latent_dim,
                self.encoder,
                self.decoder,
                self.hidden_layer_sizes,
                offset,
                n_styles,
                getattr(self, "style_dim", 0),
            )
            self._training = {
                "module": copied(module.state_dict()),
                "optimizer": None,
                "random": torch.get_rng_state(),
                "rows": [],
                "watch": None,
            }
        self.module_ = module.double().eval()

    def _check_same_size(self):
        """Tell of a latent space that training which goes on cannot change."""
        if self.module_.latent_dim != self.latent_dim:
            raise ValueError(
                f"Training goes on with {self.module_.latent_dim} latent dimensions, but "
                f"latent_dim={self.latent_dim} now. Begin anew: fit with warm_start=False."
            )

    def _split(self, n_sequences, fraction):
        """Return the indices of sequences to train on, and of those held out."""
        order = np.random.RandomState(self._split_seed).permutation(n_sequences)
        n_held_out = count_held_out(fraction, n_sequences) if fraction else 0
        return np.sort(order[n_held_out:]), np.sort(order[:n_held_out])

    def _frames(self, items, styles=None):
        """Return the standardised frames of sequences, or None where there are no sequences."""
        if not len(items):
            return None
        if styles is not None:
            styles = np.repeat(styles, [len(x) for x in items])
        return Frames(self._standardised(stack(items)), styles)

    def _standardised(self, frames):
        return self._scaler.transform(frames.astype(np.float64))

    def _go_on(self, frames, held_out, n_epochs, callbacks=()):
        """Train for so many epochs more, and keep the best weights.

        Raises
        ------
        ArithmeticError
            When the loss is no finite number any more. The best weights before are kept.
        """
        begun = self._training
        warmup = self.warmup_epochs
        watch = Watch(held_out, warmup, self.patience, begun["watch"])
        if n_epochs < 1 or watch.exhausted():
            return
        module = copy.deepcopy(self.module_).float()
        module.load_state_dict(begun["module"])
        log_scale = float(np.log(self._scaler.scale_).sum())
        every = [("watch", watch), *log_callbacks(self.log_path)]
        if self.verbose:
            every.append(("line", EpochLine()))
        if self.checkpoint_path is not None:
            every.append(("save", AfterEpoch(lambda net: self._save(net, watch))))
        every += [(f"callback_{i}", c) for i, c in enumerate(callbacks or ())]
        net = make_net(
            module,
            VAELoss(self.beta, self.free_bits, log_scale),
            [*every, ("stop", Patience(watch))],
            n_epochs=n_epochs,
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
            net.optimizer_.param_groups[0]["lr"] = self.learning_rate
        diverged = False
        # Noise and dropout draw from torch's own generator: it is put back afterwards.
        with torch.random.fork_rng(), one_thread():
            torch.set_rng_state(begun["random"])
            try:
                net.partial_fit(frames)
            except Diverged:
                diverged = True
            self._store(net, watch, diverged)
        if diverged:
            raise ArithmeticError(
                f"The loss is no finite number any more in epoch {len(net.history)}: lower "
                f"learning_rate={self.learning_rate}. The weights of epoch {self.best_epoch_} are "
                "kept."
            )

    def _store(self, net, watch, diverged=False):
        """Keep the best weights for use, and the last ones to go on with."""
        self.module_.load_state_dict(watch.best)
        self.best_epoch_ = watch.best_epoch
        rows = [{k: v for k, v in row.items() if k != "batches"} for row in net.history]
        if diverged:
            # The broken epoch left only a part of a row; what goes on starts at the best weights.
            rows = rows[: watch.epoch]
        self._training = {
            "module": watch.best if diverged else copied(net.module_.state_dict()),
            "optimizer": None if diverged else copy.deepcopy(net.optimizer_.state_dict()),
            "random": torch.get_rng_state(),
            "rows": rows,
            "watch": watch.state(),
        }
        found = {k: np.array([row[k] for row in rows if k in row]) for k in RECORDED}
        self.history_ = {k: values for k, values in found.items() if len(values)}

    def _save(self, net, watch):
        """Save what there is so far."""
        twin = copy.copy(self)
        twin.module_ = copy.deepcopy(self.module_)
        # Callbacks may hold files, which cannot be saved.
        twin.callbacks = None
        twin._store(net, watch)
        save_model(twin, self.checkpoint_path)

    # --- what the fitted module says ------------------------------------------------------

    def _encode(self, frames, style=None):
        """Return means and log-variances of the codes of frames as they came in, float64."""
        return in_blocks(lambda x: self.module_.encode(x, style), self._standardised(frames))

    def _decode(self, z, style=None):
        """Return the frames that codes stand for, float64."""
        (decoded,) = in_blocks(lambda z: self.module_.decode(z, style), z.astype(np.float64))
        return self._scaler.inverse_transform(decoded)

    def _measure_latent(self, mean, log_variance):
        """Tell how much every latent dimension says."""
        kl = gaussian_kl(torch.from_numpy(mean), torch.from_numpy(log_variance))
        self.kl_per_dim_ = kl.mean(dim=0).numpy()
        self.active_units_ = int((mean.var(axis=0) > ACTIVE_VARIANCE).sum())

    def _bounds(self, frames, style=None):
        """Return evidence lower bounds of frames, (n_frames,), float64."""
        module = self.module_
        generator = torch.Generator().manual_seed(0)
        n_draws = max(_DRAWS, 2 * module.latent_dim)
        noise = matched_noise(n_draws, module.latent_dim, generator)

        def bounds(x):
            mean, log_variance = module.encode(x, style)
            likelihood = 0.0
            for draw in noise:
                decoded = module.decode(reparametrise(mean, log_variance, draw), style)
                log_variance_x = module.decoded_log_variance()
                likelihood = likelihood + gaussian_log_likelihood(x, decoded, log_variance_x)
            return likelihood / len(noise) - gaussian_kl(mean, log_variance).sum(dim=-1)

        (found,) = in_blocks(bounds, self._standardised(frames))
        return found - np.log(self._scaler.scale_).sum()

    def _by_frame(self, X, estimator, function):
        """Apply a function of all frames, and put what it returns back into clips."""
        check_is_fitted(self)
        clips = check_sequences(X, estimator=estimator)
        width, latent_dim = clips.items[0].shape[1], self.module_.latent_dim
        if estimator is None and width != latent_dim:
            raise ValueError(
                f"X has {width} columns, expected codes of latent_dim={latent_dim}, as transform "
                "makes them."
            )
        found = function(stack(clips.items))
        parts = np.split(found, np.cumsum([len(x) for x in clips.items])[:-1])
        items = [a.astype(x.dtype, copy=False) for a, x in zip(parts, clips.items, strict=True)]
        return restore_frames(items, X, clips.kind, clips.trail)
