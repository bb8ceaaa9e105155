"""Clips and what is said in them, as batches of one length."""

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

# Steps after the end that teach the stop token. More than one, so that a late one is seen, too.
STOP_STEPS = 2
# Frames of content that are one state.
STACKED = 4
# Lengths that may share a batch: deviation of a draw, in frames.
_MIXED = 20.0
# Frames of a batch, padding included: about a gigabyte in training.
_MOST_FRAMES = 32_000


def stack_content(x):
    """Make the frames of a clip into states that tell little of the voice.

    The mean of every column is taken away, and the level of changes set to one; four frames make
    a state.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_features)

    Returns
    -------
    content : float32 array of shape (ceil(n_frames / 4), 4 * n_features)
    """
    x = np.asarray(x, dtype=np.float64)
    x = x - x.mean(axis=0)
    x /= max(x.std(), np.finfo(np.float32).eps)
    missing = -len(x) % STACKED
    x = np.pad(x, ((0, missing), (0, 0)), mode="edge")
    return x.reshape(-1, STACKED * x.shape[1]).astype(np.float32)


class Utterances(Dataset):
    """Standardised clips and their contents.

    Parameters
    ----------
    x : list of float32 arrays (n_frames, n_features)
    contents : list of int64 arrays (n_states,) or float32 arrays (n_states, n_inputs)
    groups : list of int arrays, optional
        For every clip the numbers of all contents that are as good: one of them is drawn.
    frames_per_step : int
    silence : ndarray of shape (n_features,)
        What follows clips.
    """

    def __init__(self, x, contents, groups, frames_per_step, silence):
        self.x = [torch.from_numpy(np.ascontiguousarray(a, dtype=np.float32)) for a in x]
        self.contents = [torch.from_numpy(a) for a in contents]
        self.groups = groups
        self.frames_per_step = frames_per_step
        self.silence = torch.from_numpy(np.asarray(silence, dtype=np.float32))

    def __len__(self):
        return len(self.x)

    def lengths(self):
        """Return the frames of every clip, (n_clips,)."""
        return np.array([len(x) for x in self.x])

    def sources(self, rows, draw=False):
        """Return whose contents go with clips: drawn, or else the first one that is as good."""
        if self.groups is None:
            return rows
        picks = torch.rand(len(rows)).tolist() if draw else [0.0] * len(rows)
        groups = [self.groups[i] for i in rows]
        return [g[int(pick * len(g))] for g, pick in zip(groups, picks, strict=True)]

    def batch(self, rows, draw=False):
        """Return a batch.

        Parameters
        ----------
        rows : int sequence
            Numbers of clips.
        draw : bool, default=False
            Whether contents are drawn from those that are as good, by torch's own generator.

        Returns
        -------
        inputs, targets : dicts of str to tensor
            As :class:`SequenceVAENet` and :class:`SequenceLoss` take them.
        """
        contents = [self.contents[i] for i in self.sources(rows, draw)]
        n_content = torch.tensor([len(c) for c in contents])
        clips = [self.x[i] for i in rows]
        n_frames = torch.tensor([len(x) for x in clips])
        n_steps = -(-n_frames // self.frames_per_step)
        n_padded = int(n_steps.max()) + STOP_STEPS
        x = self.silence.repeat(len(rows), n_padded * self.frames_per_step, 1)
        for row, clip in zip(x, clips, strict=True):
            row[: len(clip)] = clip
        step = torch.arange(n_padded)
        inputs = {
            "content": pad_sequence(contents, batch_first=True),
            "n_content": n_content,
            "x": x,
            "n_frames": n_frames,
        }
        targets = {
            "x": x,
            "stop": (step >= n_steps[:, None]).float(),
            "mask": (step < n_steps[:, None] + STOP_STEPS).float(),
            "n_content": n_content,
            "n_steps": n_steps,
        }
        return inputs, targets


class LengthBatches:
    """Batches of clips that are about as long, in a new order every time.

    Parameters
    ----------
    dataset : Utterances
    batch_size : int
        About so many clips; fewer, where they are very long, and never a single one unless there
        is only one.
    shuffle : bool, default=False
    """

    def __init__(self, dataset, batch_size, shuffle=False):
        self.dataset, self.shuffle = dataset, shuffle
        n = len(dataset)
        self.n_batches = max(1, min(-(-n // batch_size), n // 2))

    def __len__(self):
        return len(self._cut(torch.from_numpy(self.dataset.lengths()).double()))

    def __iter__(self):
        lengths = torch.from_numpy(self.dataset.lengths()).double()
        if self.shuffle:
            lengths = lengths + _MIXED * torch.randn(len(lengths), dtype=torch.float64)
        batches = self._cut(lengths)
        order = torch.randperm(len(batches)) if self.shuffle else torch.arange(len(batches))
        for i in order.tolist():
            yield self.dataset.batch(batches[i].tolist(), draw=self.shuffle)

    def _cut(self, lengths):
        """Cut clips into batches by their lengths; those that memory would not hold again."""
        batches = []
        for rows in lengths.argsort(stable=True).tensor_split(self.n_batches):
            n_pieces = -(-int(lengths[rows].max() * len(rows)) // _MOST_FRAMES)
            batches += rows.tensor_split(max(1, min(n_pieces, len(rows) // 2)))
        return batches
