"""The modules of the sequence model: content and style go in, frames and a stop token come out."""

import torch
from torch import nn
from torch.nn import functional as F

from ._attention import ForwardAttention
from ._sequence_encoders import ContentEncoder, ReferenceEncoder
from ._vae_loss import reparametrise

# Share of what was said last that is hidden from the decoder, when it is used as well as in
# training: without it, the decoder goes on from frames and does not read.
_HIDDEN = 0.5
_PRENET = (128, 64)
_ATTENTION = 192
# States that are left to read matter to the stop token up to here.
_NEAR_THE_END = 5.0


class Prenet(nn.Module):
    """Describes the last frame, with dropout that is never switched off."""

    def __init__(self, n_features):
        super().__init__()
        sizes = (n_features, *_PRENET)
        pairs = zip(sizes, sizes[1:], strict=False)
        self.layers = nn.ModuleList([nn.Linear(before, after) for before, after in pairs])

    def masks(self, n_steps, generator):
        """Draw what is hidden at every step, for all clips alike: list of (n_steps, size)."""
        kept = torch.rand(n_steps, sum(_PRENET), generator=generator) >= _HIDDEN
        return [mask / (1 - _HIDDEN) for mask in kept.split(_PRENET, dim=1)]

    def forward(self, frames, masks=None):
        """Return (..., size) of (..., n_features); by random masks, unless they are given."""
        for i, layer in enumerate(self.layers):
            frames = F.relu(layer(frames))
            frames = F.dropout(frames, _HIDDEN) if masks is None else frames * masks[i]
        return frames


class SequenceVAENet(nn.Module):
    """An encoder of styles, an encoder of contents, and a decoder that reads the latter.

    Parameters
    ----------
    n_features : int
        Columns of frames.
    latent_dim : int
        Numbers in the code of a style.
    n_symbols : int
        As in :class:`ContentEncoder`.
    n_inputs : int
        Columns of contents, where those are frames.
    content_dim, decoder_dim : int
        Columns of the states of content, and of the decoder.
    frames_per_step : int
        Frames that the decoder makes at once.
    dropout, frame_dropout : float
        Of the encoder of contents, and shares of frames that are hidden from the decoder as a
        whole; in training.
    recurrent : bool
        As in :class:`ContentEncoder`.
    pace : float
        States of content that a step moves on by, to begin with.
    """

    def __init__(
        self,
        n_features,
        latent_dim,
        n_symbols=0,
        n_inputs=0,
        content_dim=128,
        decoder_dim=256,
        frames_per_step=5,
        dropout=0.1,
        frame_dropout=0.0,
        recurrent=False,
        pace=1.0,
    ):
        super().__init__()
        self.n_features, self.latent_dim = n_features, latent_dim
        self.frames_per_step, self.frame_dropout = frames_per_step, frame_dropout
        self.content = ContentEncoder(n_symbols, n_inputs, content_dim, dropout, recurrent)
        self.reference = ReferenceEncoder(n_features, latent_dim)
        self.lift = nn.Linear(latent_dim, content_dim)
        self.prenet = Prenet(n_features)
        self.attention = ForwardAttention(_PRENET[-1], content_dim, _ATTENTION, pace)
        self.recurrent = nn.GRU(_ATTENTION + content_dim, decoder_dim, batch_first=True)
        self.out = nn.Linear(decoder_dim + content_dim, frames_per_step * n_features)
        self.stop = nn.Linear(decoder_dim + content_dim + 2, 1)

    def states(self, content, n_content, z):
        """Return states of contents, told the style: (n_clips, n_states, content_dim)."""
        return self.content(content, n_content) + self.lift(z)[:, None]

    def forward(self, content, n_content, x, n_frames, z=None, generator=None):
        """Say contents, every step from the frame before it as it was said.

        Parameters
        ----------
        content, n_content : tensors
            As in :class:`ContentEncoder`.
        x : tensor of shape (n_clips, n_times, n_features)
            What was said; `n_times` is a multiple of `frames_per_step`.
        n_frames : int tensor of shape (n_clips,)
        z : tensor of shape (n_clips, latent_dim), optional
            Codes of styles; by default drawn from what x stands for, its mean out of training.
        generator : torch.Generator, optional
            Draws the dropout of the prenet, the same for all clips.

        Returns
        -------
        decoded : tensor of shape (n_clips, n_times, n_features)
        stop : tensor of shape (n_clips, n_steps)
            Logits.
        weights : tensor of shape (n_clips, n_steps, n_states)
            Of attention.
        mean, log_variance : tensors of shape (n_clips, latent_dim)
        """
        mean, log_variance = self.reference(x, n_frames)
        if z is None:
            noise = torch.randn_like(mean) if self.training else torch.zeros_like(mean)
            z = reparametrise(mean, log_variance, noise)
        states = self.states(content, n_content, z)
        n_states = n_content.to(x.dtype)
        before = x[:, self.frames_per_step - 1 :: self.frames_per_step]
        before = F.pad(before, (0, 0, 1, -1))
        if self.training and self.frame_dropout:
            # Alone it will have to read, where it cannot rely on what it said.
            before = before * (torch.rand_like(before[..., :1]) >= self.frame_dropout)
        masks = None
        if generator is not None:
            masks = [mask.to(states) for mask in self.prenet.masks(before.shape[1], generator)]
        where, weights, read = self.attention.start(states), [], []
        for said in self.prenet(before, masks).unbind(dim=1):
            where, weight = self.attention(said, where, states, n_states)
            weights.append(weight)
            read.append(where)
        hidden, context, position = (torch.stack(part, dim=1) for part in zip(*read, strict=True))
        recurrent, _ = self.recurrent(torch.cat([hidden, context], dim=2))
        decoded, stop = self._output(recurrent, context, n_states[:, None] - 1 - position)
        return decoded.reshape(x.shape), stop, torch.stack(weights, dim=1), mean, log_variance

    def _output(self, recurrent, context, left):
        """Return frames of steps (..., frames_per_step * n_features), and logits of the stop."""
        told = torch.cat([recurrent, context], dim=-1)
        end = torch.stack([left.clamp(max=_NEAR_THE_END), (left < 0.5).to(left.dtype)], dim=-1)
        return self.out(told), self.stop(torch.cat([told, end], dim=-1))[..., 0]

    @torch.no_grad()
    def generate(self, content, n_content, z, n_steps, generator, threshold=0.0):
        """Say contents, every step from the frame before it as the decoder made it.

        Parameters
        ----------
        content, n_content : tensors
            As in :class:`ContentEncoder`.
        z : tensor of shape (n_clips, latent_dim)
        n_steps : int tensor of shape (n_clips,)
            Every clip ends there at last.
        generator : torch.Generator
            Draws the dropout of the prenet.
        threshold : float
            Logit at which a clip stops.

        Returns
        -------
        decoded : tensor of shape (n_clips, n_steps_run, frames_per_step, n_features)
        stop : tensor of shape (n_clips, n_steps_run)
            Logits.
        weights : tensor of shape (n_clips, n_steps_run, n_states)
        lengths : int tensor of shape (n_clips,)
            Steps before the stop.
        stopped : bool tensor of shape (n_clips,)
            Whether the stop token was the reason.
        """
        states = self.states(content, n_content, z)
        n_states = n_content.to(states.dtype)
        drawn = self.prenet.masks(int(n_steps.max()), generator)
        where, memory = self.attention.start(states), None
        frames = states.new_zeros(len(states), self.frames_per_step, self.n_features)
        stopped = torch.zeros(len(states), dtype=torch.bool)
        lengths = n_steps.clone()
        found = []
        for step in range(int(n_steps.max())):
            masks = [mask[step].to(states) for mask in drawn]
            said = self.prenet(frames[:, -1], masks)
            where, weight = self.attention(said, where, states, n_states)
            hidden, context, position = where
            recurrent, memory = self.recurrent(torch.cat([hidden, context], dim=1)[:, None], memory)
            frames, stop = self._output(recurrent[:, 0], context, n_states - 1 - position)
            frames = frames.unflatten(1, (self.frames_per_step, self.n_features))
            found.append((frames, stop, weight))
            now = (stop.cpu() > threshold) & ~stopped & (step < n_steps) & (step > 0)
            lengths[now] = step
            stopped |= now
            if (stopped | (step >= n_steps - 1)).all():
                break
        decoded, stop, weights = (torch.stack(part, dim=1) for part in zip(*found, strict=True))
        return decoded, stop, weights, lengths, stopped
