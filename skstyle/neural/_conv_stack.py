"""Convolutions over time that padding does not change, and the crops they are trained on."""

import numpy as np
import torch
from torch import nn

from ._vae_training import Frames


class ConvStack(nn.Module):
    """Convolutions over time with smooth rectifiers, then a linear layer.

    Beyond the ends of a sequence, and where a mask is 0, there are zeros before every layer.

    Parameters
    ----------
    n_inputs, n_outputs : int
    hidden_layer_sizes : sequence of int
    kernel_size : int
        Frames that a layer looks at, an odd number.

    Attributes
    ----------
    reach : int
        Frames on either side of one that it depends on.
    """

    def __init__(self, n_inputs, n_outputs, hidden_layer_sizes, kernel_size):
        super().__init__()
        sizes = [n_inputs, *hidden_layer_sizes]
        half = kernel_size // 2
        self.convolutions = nn.ModuleList(
            nn.Conv1d(a, b, kernel_size, padding=half)
            for a, b in zip(sizes[:-1], sizes[1:], strict=True)
        )
        self.linear = nn.Linear(sizes[-1], n_outputs)
        self.reach = half * len(hidden_layer_sizes)

    def forward(self, x, mask=None):
        """Return what comes of sequences.

        Parameters
        ----------
        x : tensor of shape (n_times, n_inputs) or (n_clips, n_times, n_inputs)
        mask : tensor of shape (n_clips, n_times), optional
            0 where there is padding, which may hold anything.

        Returns
        -------
        out : tensor of shape (..., n_outputs)
        """
        x = x.transpose(-1, -2)
        for convolution in self.convolutions:
            if mask is not None:
                x = torch.where(mask[:, None] > 0, x, 0.0)
            x = nn.functional.silu(convolution(x))
        return self.linear(x.transpose(-1, -2))


class Crops(Frames):
    """Pieces of sequences, with as many frames around them as count for what becomes of them.

    The mean loss of all pieces is thus that of the whole sequences.

    Parameters
    ----------
    items : list of ndarrays (n_frames, n_features)
        Standardised.
    styles : int array of shape (n_sequences,) or None
    length : int
        Frames of a piece, at most.
    reach : int
        Frames on either side that are seen, but judged in another piece.
    """

    def __init__(self, items, styles, length, reach):
        length = min(length, max(map(len, items)))
        pieces = []
        for i, item in enumerate(items):
            # All of about one length.
            edges = np.linspace(0, len(item), -(-len(item) // length) + 1).astype(int)
            pieces += [(i, a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
        shape = (len(pieces), length + 2 * reach)
        x = np.zeros((*shape, items[0].shape[1]), dtype=np.float32)
        seen, judged = np.zeros((2, *shape), dtype=np.float32)
        for row, (i, a, b) in enumerate(pieces):
            start, end = max(0, a - reach), min(len(items[i]), b + reach)
            at = slice(start - a + reach, end - a + reach)
            x[row, at] = items[i][start:end]
            seen[row, at] = 1
            judged[row, reach : reach + b - a] = 1
        owners = [i for i, _, _ in pieces]
        super().__init__(x, None if styles is None else np.asarray(styles)[owners], judged)
        self.inputs["mask"] = torch.from_numpy(seen)
