"""What all variational autoencoders have in common: how they are fitted, and go on."""

from numbers import Integral, Real

import numpy as np
import torch
from sklearn.base import TransformerMixin
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state, check_scalar
from sklearn.utils.validation import check_is_fitted

from ..utils.pairing import stack
from ..utils.validation import check_sequences, restore_frames
from ._checks import check_device, count_held_out, refuse_infinite
from ._resumable import Resumable, fresh_training
from ._vae_loss import (
    ACTIVE_VARIANCE,
    VAELoss,
    gaussian_kl,
    gaussian_log_likelihood,
    matched_noise,
    reparametrise,
)
from ._vae_net import VAENet, in_blocks, reach_of
from ._vae_training import Frames, Watch

VARIANCES = ("column", "one")
# Draws of noise that an evidence lower bound is a mean over; twice the dimensions at least.
_DRAWS = 16
# What training that goes on cannot change.
_FIXED = ("latent_dim", "hidden_layer_sizes", "decoder_variance", "style_dim", "kernel_size")


class BaseVAE(TransformerMixin, Resumable):
    """Base of estimators around a :class:`VAENet`.

    A subclass has the parameters that ``_check_parameters`` looks at, validates what comes in,
    and calls ``_begin`` and ``_go_on``. ``_scaler`` standardises frames, ``_training`` is what
    training needs to go on.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

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
        numbers = ("beta", "warmup_epochs", "free_bits", "weight_decay")
        refuse_infinite(self, ("learning_rate", "validation_fraction", *numbers))
        for name in numbers:
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

    def _begin(self, items, styles=None, fraction=0.0):
        """Choose what is held out, standardise the rest, and make a module."""
        random_state = check_random_state(self.random_state)
        self._split_seed, seed = random_state.randint(np.iinfo(np.int32).max, size=2)
        train, _ = self._split(len(items), fraction, styles)
        frames = stack([items[i] for i in train])
        self._dtype, frames = frames.dtype, frames.astype(np.float64)
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
                *self._modules(),
                self.hidden_layer_sizes,
                offset,
                *self._style_sizes(),
            )
            self._training = fresh_training(module)
        self.module_ = module.double().eval()
        self._sizes = self._current_sizes()
        self.history_, self.best_epoch_ = {}, 0

    def _modules(self):
        """Return encoder and decoder, or what makes them."""
        return self.encoder, self.decoder

    def _style_sizes(self):
        """Return how many styles there are, and how many numbers tell one."""
        return 0, 0

    def _current_sizes(self):
        """Return the parameters that training which goes on cannot change."""
        sizes = {name: getattr(self, name) for name in _FIXED if hasattr(self, name)}
        return sizes | {"hidden_layer_sizes": tuple(self.hidden_layer_sizes)}

    def _check_same_sizes(self):
        """Tell of parameters that training which goes on cannot change."""
        for name, now in self._current_sizes().items():
            if now != self._sizes[name]:
                raise ValueError(
                    f"Training goes on with {name}={self._sizes[name]!r}, but it is {now!r} now. "
                    "Begin anew: fit with warm_start=False."
                )

    def _split(self, n_sequences, fraction, styles=None):
        """Return the indices of sequences to train on, and of those held out.

        Of every style at least one sequence is trained on.
        """
        order = np.random.RandomState(self._split_seed).permutation(n_sequences)
        n_held_out = count_held_out(fraction, n_sequences) if fraction else 0
        train, held_out = order[n_held_out:], order[:n_held_out]
        if styles is not None:
            _, firsts = np.unique(styles[held_out], return_index=True)
            missing = held_out[firsts][~np.isin(styles[held_out[firsts]], styles[train])]
            train, held_out = np.append(train, missing), np.setdiff1d(held_out, missing)
        return np.sort(train), np.sort(held_out)

    def _frames(self, items, styles=None):
        """Return the standardised frames of sequences, or None where there are no sequences."""
        if not len(items):
            return None
        if styles is not None:
            styles = np.repeat(styles, [len(x) for x in items])
        return Frames(self._standardised(stack(items)), styles)

    def _standardised(self, frames):
        return self._scaler.transform(frames.astype(np.float64))

    def _make_loss(self):
        return VAELoss(self.beta, self.free_bits, float(np.log(self._scaler.scale_).sum()))

    def _make_watch(self, held_out, state):
        return Watch(held_out, self.warmup_epochs, self.patience, state)

    # --- what the fitted module says ------------------------------------------------------

    def _encode(self, frames, style=None):
        """Return means and log-variances of the codes of frames as they came in, float64."""
        module = self.module_
        x = self._standardised(frames)
        return in_blocks(lambda x: module.encode(x, style), x, reach_of(module.encoder))

    def _decode(self, z, style=None):
        """Return the frames that codes stand for, float64."""
        module = self.module_
        z = z.astype(np.float64)
        (decoded,) = in_blocks(lambda z: module.decode(z, style), z, reach_of(module.decoder))
        return self._scaler.inverse_transform(decoded)

    def _measure_latent(self, mean, log_variance):
        """Tell how much every latent dimension says."""
        kl = gaussian_kl(torch.from_numpy(mean), torch.from_numpy(log_variance))
        self.kl_per_dim_ = kl.mean(dim=0).numpy()
        self.active_units_ = int((mean.var(axis=0) > ACTIVE_VARIANCE).sum())

    def _bounds(self, frames, style=None, noise=None):
        """Return evidence lower bounds of frames, (n_frames,), float64.

        They are means over draws, the rows of `noise`; without any over so many that they tell
        good models from better ones.
        """
        module = self.module_
        generator = torch.Generator().manual_seed(0)
        if noise is None:
            n_draws = max(_DRAWS, 2 * module.latent_dim)
            noise = matched_noise(n_draws, module.latent_dim, generator)
        n_draws = len(noise)
        reaches = [reach_of(part) for part in (module.encoder, module.decoder)]

        def bounds(x):
            mean, log_variance = module.encode(x, style)
            likelihood = 0.0
            first = torch.zeros(1, dtype=torch.long)
            if reaches[1]:
                # Neighbours that are decoded together have draws of their own.
                first = torch.randint(n_draws, (len(x),), generator=generator)
            for i in range(n_draws):
                z = reparametrise(mean, log_variance, noise[(first + i) % n_draws])
                decoded = module.decode(z, style)
                log_variance_x = module.decoded_log_variance()
                likelihood = likelihood + gaussian_log_likelihood(x, decoded, log_variance_x)
            return likelihood / n_draws - gaussian_kl(mean, log_variance).sum(dim=-1)

        (found,) = in_blocks(bounds, self._standardised(frames), sum(reaches))
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
