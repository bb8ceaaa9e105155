"""What is behind the sequence model: how clips and contents become batches, and speech."""

import sys
from collections import namedtuple
from contextlib import nullcontext

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state
from torch.nn.utils.rnn import pad_sequence

from ..utils.labels import check_labels
from ..utils.pairing import stack
from ..utils.validation import LIST, OBJECT, check_paired, check_sequences, restore
from ._resumable import Resumable, fresh_training
from ._sequence_checks import check_options, others_of, read_codes, split_groups
from ._sequence_loss import SequenceLoss, squared_error
from ._sequence_net import SequenceVAENet
from ._sequence_training import SEQUENCE_RECORDED, SequenceWatch
from ._symbols import as_tokens, read_symbols
from ._utterances import LengthBatches, Utterances, stack_content
from ._vae_loss import ACTIVE_VARIANCE, gaussian_kl

_FEWEST_CLIPS = 2
# Share of the lowest values of a column that pass for silence.
_SILENCE = 1.0
# What training that goes on cannot change.
_FIXED = (
    "content",
    "latent_dim",
    "frames_per_step",
    "content_dim",
    "decoder_dim",
    "recurrent",
)
# Share of training clips that are no slower than what limits are reckoned from.
_SLOWEST = 95
# Clips that are said at once, and steps that any clip may have.
_BLOCK = 64
_FEWEST_STEPS = 20
# Training clips whose variance is compared with what is said, and the most it is stretched by.
_COMPARED = 64
_WIDEST = 2.0

Said = namedtuple("Said", ["frames", "stop", "weights", "stopped"])
Said.__doc__ = """A clip that was made: frames, the probability of the stop token at every step, the
weights of attention (n_steps, n_states), and whether it stopped by itself."""


def in_double(inputs):
    """Return tensors of floats in float64, and others as they are."""
    return {name: a.double() if a.is_floating_point() else a for name, a in inputs.items()}


class BaseSequenceVAE(Resumable):
    """Base of the sequence model; the public class has the parameters."""

    _recorded = SEQUENCE_RECORDED
    _batches = LengthBatches
    # Its layers are large enough for all threads that torch is set to.
    _threads = staticmethod(nullcontext)

    # --- training -------------------------------------------------------------------------

    def _fit(self, X, y):
        """Check, begin or go on, and train."""
        check_options(self)
        goes_on = self.warm_start and hasattr(self, "module_")
        X = check_sequences(X, estimator=self, reset=not goes_on).items
        tokens, labels = self._read(X, y)
        if not goes_on:
            random_state = check_random_state(self.random_state)
            limit = np.iinfo(np.int32).max
            self._split_seed, self._speech_seed, seed = random_state.randint(limit, size=3)
            if self.content == "text":
                self._symbols = read_symbols(self.symbols, tokens)
                self.symbols_ = self._symbols.symbols
        else:
            self._check_same_sizes()
        contents = self._contents(X, tokens)
        numbers = np.unique(labels, return_inverse=True)[1]
        train, held_out = split_groups(numbers, self.validation_fraction, self._split_seed)
        if len(train) < _FEWEST_CLIPS:
            raise ValueError(
                f"{len(train)} clip to train on (n_samples = {len(train)}), expected at least "
                f"{_FEWEST_CLIPS}: styles are told by what differs. Give more clips, or "
                "validation_fraction=0."
            )
        if not goes_on:
            sizes = np.array([len(contents[i]) for i in train])
            if self.content == "frames":
                sizes = [sizes[others].min() for others in others_of(numbers[train])]
            self._begin([X[i] for i in train], sizes, contents[0], seed)
        parts = [
            self._utterances([X[i] for i in rows], [contents[i] for i in rows], numbers[rows])
            for rows in (train, held_out)
        ]
        self._data = parts[0]
        try:
            n_epochs = self.n_epochs - len(self._training["rows"])
            self._go_on(parts[0], parts[1] if len(held_out) else None, n_epochs, self.callbacks)
        finally:
            self._finish()
            del self._data
        if self.global_variance:
            self.stretch_ = np.ones(self.n_features_in_)
            self._measure_variance(parts[0])
        return self

    def _read(self, X, y, name="y"):
        """Return the symbols of texts (None where content is frames), and what clips say."""
        if self.content == "text":
            if y is None:
                raise ValueError(
                    f"requires y to be passed, but the target {name} is None: a transcript of "
                    'every clip is needed, such as ["Hello.", ...]. Without any, content="frames" '
                    "reads clips."
                )
            tokens = as_tokens(y, name)
            check_paired(X, tokens, name_y=name)
            return tokens, [" ".join(row) for row in tokens]
        if y is None:
            return None, np.arange(len(X))
        return None, check_labels(X, y)

    def _contents(self, X, tokens, name="y"):
        """Return contents as numbers of symbols, or as stacked frames."""
        if self.content == "text":
            return self._symbols.numbers(tokens, name)
        return [stack_content(x) for x in X]

    def _begin(self, X, n_content, content, seed):
        """Standardise, and make a module."""
        frames = stack(X)
        self._dtype = frames.dtype
        self._scaler = StandardScaler().fit(frames.astype(np.float64))
        lowest = np.percentile(frames, _SILENCE, axis=0).astype(np.float64)
        self._silence = self._scaler.transform(lowest[None])[0].astype(np.float32)
        n_steps = -(-np.array([len(x) for x in X]) // self.frames_per_step)
        self.slowest_ = float(np.percentile(n_steps / n_content, _SLOWEST))
        text = self.content == "text"
        self._sizes = {name: getattr(self, name) for name in _FIXED}
        with torch.random.fork_rng():
            torch.manual_seed(int(seed))
            module = SequenceVAENet(
                frames.shape[1],
                self.latent_dim,
                n_symbols=len(self._symbols) + 1 if text else 0,
                n_inputs=0 if text else content.shape[1],
                content_dim=self.content_dim,
                decoder_dim=self.decoder_dim,
                frames_per_step=self.frames_per_step,
                dropout=self.dropout,
                frame_dropout=self.frame_dropout,
                recurrent=self.recurrent,
                pace=float(np.sum(n_content) / n_steps.sum()),
            )
            self._training = fresh_training(module)
        self.module_ = module.double().eval()
        self._last, self.history_, self.best_epoch_ = {}, {}, 0
        self.stretch_ = np.ones(frames.shape[1])

    def _standardised(self, x):
        return self._scaler.transform(x.astype(np.float64)).astype(np.float32)

    def _utterances(self, X, contents, numbers):
        same = others_of(numbers) if self.content == "frames" else None
        x = [self._standardised(x) for x in X]
        return Utterances(x, contents, same, self.module_.frames_per_step, self._silence)

    def _make_loss(self):
        return SequenceLoss(self.beta, self.stop_weight, self.guide_weight)

    def _make_watch(self, held_out, state):
        return SequenceWatch(
            held_out,
            self.warmup_epochs,
            self.patience,
            state,
            keep=self.keep,
            n_epochs=self.n_epochs,
            learning_rates=(self.learning_rate, self.last_learning_rate),
        )

    def _finish(self):
        """Tell how much every number of the code says."""
        mean, log_variance = self._codes(self._data.x)
        kl = gaussian_kl(torch.from_numpy(mean), torch.from_numpy(log_variance))
        self.kl_per_dim_ = kl.mean(dim=0).numpy()
        self.active_units_ = int((mean.var(axis=0) > ACTIVE_VARIANCE).sum())

    def _measure_variance(self, clips):
        """Compare how much columns vary in training clips, and in what is said of them."""
        rows = np.unique(np.linspace(0, len(clips) - 1, _COMPARED).astype(int))
        contents = [clips.contents[i].numpy() for i in clips.sources(rows)]
        true = [clips.x[i].numpy() for i in rows]
        if self.verbose:
            print(f"speak {len(rows)} training clips", file=sys.stderr, flush=True)
        n_steps = np.array([len(x) for x in true]) / self.module_.frames_per_step
        limits = np.ceil(self.max_length_ratio * n_steps).astype(int)
        said = self._say(contents, self._codes(true)[0], limits)
        self._last = {}
        spread = np.sqrt(np.mean([x.var(axis=0, dtype=np.float64) for x in true], axis=0))
        reached = self._scaler.scale_ * spread
        missing = np.sqrt(np.mean([x.frames.var(axis=0, dtype=np.float64) for x in said], axis=0))
        ratio = reached / np.where(missing > 0, missing, 1.0)
        self.stretch_ = np.where((missing > 0) & (reached > 0), np.clip(ratio, 1.0, _WIDEST), 1.0)

    # --- what a fitted model does ---------------------------------------------------------

    def _of_last(self, name, what):
        if name not in getattr(self, "_last", {}):
            raise AttributeError(f"{what} is known after predict: call it first.")
        return self._last[name]

    @property
    def stopped_(self):
        """Whether the stop token ended each clip of the last ``predict``."""
        return np.array(self._of_last("stopped", "stopped_"))

    @property
    def stop_probabilities_(self):
        """Probabilities of the stop token at every step of the last ``predict``."""
        return self._of_last("stop", "stop_probabilities_")

    @property
    def alignments_(self):
        """Weights of attention in the last ``predict``."""
        return self._of_last("weights", "alignments_")

    def _check_same_sizes(self):
        """Tell of sizes that training which goes on cannot change."""
        for name in _FIXED:
            before, now = self._sizes[name], getattr(self, name)
            if before != now:
                raise ValueError(
                    f"Training goes on with {name}={before!r}, but it is {now!r} now. Begin anew: "
                    "fit with warm_start=False."
                )

    @torch.no_grad()
    def _codes(self, x):
        """Return means and log-variances of the codes of standardised clips."""
        found = []
        for clip in x:
            clip = torch.as_tensor(clip).double()
            found.append(self.module_.reference(clip[None], torch.tensor([len(clip)])))
        return [torch.cat(part).numpy() for part in zip(*found, strict=True)]

    def _read_contents(self, X):
        """Return contents to say, and what puts frames into the container that fits."""
        if self.content == "text":
            return self._contents(None, as_tokens(X, "X"), "X"), list
        clips = check_sequences(X, estimator=self)
        contents = self._contents(clips.items, None)
        # Clips of one length may come out at several: no array holds them.
        kind = OBJECT if clips.kind == OBJECT else LIST
        return contents, lambda items: restore(items, kind)

    def _read_styles(self, style, n_contents):
        """Return a code for every content."""
        if getattr(style, "shape", None) == (n_contents, self.module_.latent_dim):
            if self.module_.latent_dim == self.n_features_in_:
                raise ValueError(
                    f"style has shape {np.shape(style)}: {n_contents} codes, or a clip? Give codes "
                    "as a list, list(codes), and a clip in a list for every content."
                )
            style = list(np.asarray(style))
        return read_codes(style, n_contents, self.module_.latent_dim, self._encode_style)

    def _encode_style(self, clip, name):
        try:
            (clip,) = check_sequences([clip], estimator=self, name=name).items
        except (TypeError, ValueError) as e:
            raise type(e)(str(e).replace(f"{name}[0]", name)) from e
        return self._codes([self._standardised(clip)])[0][0]

    def _limits(self, contents):
        """Return the most steps that contents may have."""
        sizes = np.array([len(c) for c in contents])
        limits = np.ceil(self.max_length_ratio * self.slowest_ * sizes).astype(int)
        return np.maximum(limits, _FEWEST_STEPS)

    def _say(self, contents, z, limits):
        """Say contents in styles; list of :class:`Said`."""
        sizes = np.array([len(c) for c in contents])
        order = np.argsort(sizes, kind="stable")
        found = [None] * len(contents)
        for start in range(0, len(order), _BLOCK):
            rows = order[start : start + _BLOCK]
            block = self._say_block([contents[i] for i in rows], z[rows], limits[rows])
            for i, said in zip(rows, block, strict=True):
                found[i] = said
        for name in Said._fields[1:]:
            self._last[name] = [getattr(said, name) for said in found]
        return found

    def _say_block(self, contents, z, limits):
        sizes = [len(c) for c in contents]
        contents = [torch.from_numpy(c) for c in contents]
        threshold = float(np.log(self.stop_threshold) - np.log1p(-self.stop_threshold))
        decoded, stop, weights, lengths, stopped = self.module_.generate(
            in_double({"content": pad_sequence(contents, batch_first=True)})["content"],
            torch.tensor(sizes),
            torch.from_numpy(z),
            torch.from_numpy(limits),
            torch.Generator().manual_seed(int(self._speech_seed)),
            threshold,
        )
        stop = torch.sigmoid(stop)
        said = []
        for i, (n, n_states) in enumerate(zip(lengths.tolist(), sizes, strict=True)):
            frames = decoded[i, :n].flatten(0, 1).numpy().astype(np.float64)
            frames = self._scaler.inverse_transform(frames)
            mean = frames.mean(axis=0) if len(frames) else 0.0
            factor = 1 + self.global_variance * (self.stretch_ - 1)
            frames = (mean + factor * (frames - mean)).astype(self._dtype)
            part = weights[i, :n, :n_states].numpy()
            # The step that it stops at makes no frames.
            probability = stop[i, : n + int(stopped[i])].numpy()
            said.append(Said(frames, probability, part, bool(stopped[i])))
        return said

    @torch.no_grad()
    def _errors(self, clips, codes):
        """Return mean squares of errors after true frames, in given styles, (n_clips,)."""
        order = np.argsort(clips.lengths(), kind="stable")
        errors = np.empty(len(clips))
        for rows in np.array_split(order, -(-len(clips) // self.batch_size)):
            inputs, targets = clips.batch(rows)
            inputs = in_double(inputs | {"z": torch.from_numpy(codes[rows])})
            # The same dropout in the prenet for every clip and every score.
            generator = torch.Generator().manual_seed(int(self._speech_seed))
            decoded = self.module_(**inputs, generator=generator)[0]
            mask = targets["mask"] * (1 - targets["stop"])
            mask = mask.repeat_interleave(self.module_.frames_per_step, dim=1)
            errors[rows] = squared_error(decoded, inputs["x"], mask).numpy()
        return errors
