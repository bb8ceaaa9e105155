"""Paired sequences as crops of one length, for training."""

from collections import namedtuple

import numpy as np
import torch
from torch.utils.data import Dataset

from ..features._delta import DELTA, apply_window

# A column that varies by less of its size is constant but for rounding.
_CONSTANT = 1e-12


def onto_source_time(values, path, n_frames):
    """Mean of the target frames that a path pairs with every source frame.

    Parameters
    ----------
    values : ndarray of shape (n_target_frames, n_columns)
    path : int array of shape (n_steps, 2)
        Source and target frames.
    n_frames : int
        Of the source.

    Returns
    -------
    means : ndarray of shape (n_frames, n_columns)
        Zero where nothing is paired.
    paired : ndarray of bool, shape (n_frames,)
    """
    counts = np.bincount(path[:, 0], minlength=n_frames)
    order = np.argsort(path[:, 0], kind="stable")
    paired = counts > 0
    starts = np.cumsum(counts)[paired] - counts[paired]
    means = np.zeros((n_frames, values.shape[1]))
    means[paired] = np.add.reduceat(values[path[order, 1]].astype(np.float64), starts)
    means[paired] /= counts[paired, None]
    return means, paired


def rectangular_identity(x, n_targets):
    """Return E x for all frames: leading columns, and zeros where there are none.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_features)
    n_targets : int

    Returns
    -------
    out : ndarray of shape (n_frames, n_targets)
    """
    out = np.zeros((len(x), n_targets), dtype=x.dtype)
    shared = min(n_targets, x.shape[1])
    out[:, :shared] = x[:, :shared]
    return out


def standardised(x, scales):
    """Return statics and deltas as the sub-networks see them, (n_frames, 2 * n_features)."""
    static = (x - scales["mean_x"]) / scales["std_x"]
    return np.hstack([static, apply_window(x, DELTA) / scales["std_delta_x"]])


# A source, its target and the target's deltas on the time of the source, and which frames have
# a target.
Sequence = namedtuple("Sequence", ["x", "target", "target_delta", "paired"])


def lay_onto_source(X, y, paths):
    """Lay targets and their deltas onto the time of their sources.

    Parameters
    ----------
    X, y : list of ndarrays (n_frames, n_columns)
    paths : list of int arrays (n_steps, 2)

    Returns
    -------
    sequences : list of Sequence
        In float64.
    """
    sequences = []
    for source, target, path in zip(X, y, paths, strict=True):
        source, target = source.astype(np.float64), target.astype(np.float64)
        means, paired = onto_source_time(target, path, len(source))
        # Deltas of whole sequences: an alignment repeats frames.
        deltas, _ = onto_source_time(apply_window(target, DELTA), path, len(source))
        sequences.append(Sequence(source, means, deltas, paired))
    return sequences


def measure_scales(sequences):
    """Return means and deviations over the frames that have a target.

    Parameters
    ----------
    sequences : list of Sequence

    Returns
    -------
    scales : dict of str to ndarray of shape (n_columns,)
        "mean_x", "std_x", "std_delta_x", "std_y" and "std_delta_y". Columns that do not vary
        have a deviation of 1.
    """
    x, target, target_delta, delta = (
        np.concatenate(part)
        for part in zip(
            *(
                [a[s.paired] for a in (s.x, s.target, s.target_delta, apply_window(s.x, DELTA))]
                for s in sequences
            ),
            strict=True,
        )
    )
    return {
        "mean_x": x.mean(axis=0),
        "std_x": _deviation(x),
        "std_delta_x": _deviation(delta),
        "std_y": _deviation(target),
        "std_delta_y": _deviation(target_delta),
    }


def _deviation(frames):
    std = frames.std(axis=0)
    return np.where(std > _CONSTANT * np.abs(frames).max(axis=0), std, 1.0)


class Crops(Dataset):
    """Pieces of paired sequences, padded to one length.

    Parameters
    ----------
    sequences : list of Sequence
    scales : dict of str to ndarray
        As of :func:`measure_scales`.
    offset : ndarray of shape (n_features,)
        Taken away from the frames that are mapped.
    length : int
        Frames of a crop.

    Attributes
    ----------
    inputs : dict of str to tensor of shape (n_crops, n_times, ...)
        What :class:`TimeVariantNet` is given.
    targets : dict of str to tensor of shape (n_crops, n_times, ...)
        What :class:`TrajectoryLoss` compares with: changes of statics and deltas, and which
        frames count.
    """

    def __init__(self, sequences, scales, offset, length):
        length = min(length, max(len(s.x) for s in sequences))
        pieces = [
            (i, start, min(start + length, len(s.x)))
            for i, s in enumerate(sequences)
            for start in range(0, len(s.x), length)
            if s.paired[start : start + length].any()
        ]
        shape = (len(pieces), length)
        n_features, n_targets = sequences[0].x.shape[1], sequences[0].target.shape[1]
        self.inputs = {
            "context": torch.zeros(*shape, 2 * n_features),
            "x": torch.zeros(*shape, n_features),
            "n_frames": torch.tensor([end - start for _, start, end in pieces]),
            "delta_weight": torch.ones(shape),
        }
        self.targets = {
            "statics": torch.zeros(*shape, n_targets),
            "deltas": torch.zeros(*shape, n_targets),
            "paired": torch.zeros(shape),
        }
        whole = [_changes(s, scales, offset) for s in sequences]
        for row, (i, start, end) in enumerate(pieces):
            for name, values in whole[i].items():
                store = self.inputs if name in self.inputs else self.targets
                store[name][row, : end - start] = torch.from_numpy(values[start:end])
            # Deltas at a cut look at frames of another crop.
            weight = self.inputs["delta_weight"][row]
            weight[0] = float(start == 0)
            if end < len(sequences[i].x):
                weight[end - start - 1] = 0

    def __len__(self):
        return len(self.inputs["x"])

    def __getitem__(self, index):
        parts = self.inputs, self.targets
        return tuple({name: a[index] for name, a in part.items()} for part in parts)

    # A whole batch is one look-up.
    __getitems__ = __getitem__


def _changes(sequence, scales, offset):
    """Return what crops are cut from: what the net sees, and how it should change it."""
    x, target, target_delta, paired = sequence
    n_targets = target.shape[1]
    found = {
        "context": standardised(x, scales),
        "x": x - offset,
        "statics": target - rectangular_identity(x, n_targets),
        "deltas": target_delta - rectangular_identity(apply_window(x, DELTA), n_targets),
        "paired": paired,
    }
    return {name: values.astype(np.float32) for name, values in found.items()}
