"""What a sequence model reads: encoders of content, and of the style of a reference."""

import torch
from torch import nn
from torch.nn import functional as F

# Of the content encoder: three symbols on either side of every one.
_KERNEL = 3
_N_CONVOLUTIONS = 3
# Of the reference encoder.
_CHANNELS = (32, 32, 64, 64, 128, 128)
# A step of the running means of batches.
_MOMENTUM = 0.1
_FIRST_LOG_VARIANCE = -2.0


def mask_of(lengths, n_times):
    """Return 1 where there is something and 0 in padding, (n_clips, n_times)."""
    return (torch.arange(n_times, device=lengths.device) < lengths[:, None]).float()


class ResidualConvolution(nn.Module):
    """A convolution over time that adds to what it is given."""

    def __init__(self, n_columns, kernel_size, dropout):
        super().__init__()
        self.norm = nn.LayerNorm(n_columns)
        self.convolution = nn.Conv1d(n_columns, n_columns, kernel_size, padding=kernel_size // 2)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        """Return (n_clips, n_times, n_columns), zero where the mask (n_clips, n_times, 1) is."""
        added = self.convolution((self.norm(x) * mask).transpose(1, 2)).transpose(1, 2)
        return (x + self.dropout(F.relu(added))) * mask


class ContentEncoder(nn.Module):
    """States of a text, or of the frames of a clip.

    Three convolutions see three symbols on either side.

    Parameters
    ----------
    n_symbols : int
        Symbols of texts, 0 being padding. 0: content is frames.
    n_inputs : int
        Columns of frames, where content is frames.
    n_columns : int
        Of the states.
    dropout : float
    recurrent : bool
        Whether a recurrent layer sees all of the content.
    """

    def __init__(self, n_symbols, n_inputs, n_columns, dropout, recurrent=False):
        super().__init__()
        if n_symbols:
            self.first = nn.Embedding(n_symbols, n_columns, padding_idx=0)
        else:
            self.first = nn.Linear(n_inputs, n_columns)
        self.dropout = nn.Dropout(dropout)
        self.convolutions = nn.ModuleList(
            [ResidualConvolution(n_columns, _KERNEL, dropout) for _ in range(_N_CONVOLUTIONS)]
        )
        self.recurrent = None
        if recurrent:
            self.recurrent = nn.GRU(n_columns, n_columns // 2, batch_first=True, bidirectional=True)

    def forward(self, content, n_content):
        """Encode contents.

        Parameters
        ----------
        content : int tensor of shape (n_clips, n_states), or float with columns
        n_content : int tensor of shape (n_clips,)

        Returns
        -------
        states : tensor of shape (n_clips, n_states, n_columns)
            What padding holds changes nothing before it.
        """
        mask = mask_of(n_content, content.shape[1])[..., None]
        x = self.dropout(self.first(content)) * mask
        for convolution in self.convolutions:
            x = convolution(x, mask)
        if self.recurrent is None:
            return x
        packed = nn.utils.rnn.pack_padded_sequence(
            x, n_content.cpu(), batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(
            self.recurrent(packed)[0], batch_first=True, total_length=content.shape[1]
        )
        return states


class MaskedBatchNorm(nn.BatchNorm2d):
    """Batch normalisation of images whose rows are partly padding."""

    def forward(self, x, mask):
        """Normalise (n_clips, n_channels, n_times, n_bands) by what the mask lets count."""
        if not self.training:
            return super().forward(x)
        counts = mask[:, None, :, None]
        n = counts.sum() * x.shape[3]
        mean = (x * counts).sum(dim=(0, 2, 3), keepdim=True) / n
        centred = x - mean
        variance = (centred.square() * counts).sum(dim=(0, 2, 3), keepdim=True) / n
        with torch.no_grad():
            self.running_mean.lerp_(mean.flatten(), _MOMENTUM)
            self.running_var.lerp_(variance.flatten(), _MOMENTUM)
        scale = self.weight[:, None, None] / (variance + self.eps).sqrt()
        return centred * scale + self.bias[:, None, None]


class ReferenceEncoder(nn.Module):
    """The Gaussian over style codes that a clip stands for.

    Six convolutions of every second frame and band [1]_, a recurrent layer, and its last state
    beside the mean of all.

    Parameters
    ----------
    n_features : int
    latent_dim : int
    n_hidden : int, default=128

    References
    ----------
    .. [1] Y.-J. Zhang, S. Pan, L. He and Z.-H. Ling, "Learning latent representations for style
       control and transfer in end-to-end speech synthesis", ICASSP 2019.
       https://doi.org/10.1109/ICASSP.2019.8683623
    """

    def __init__(self, n_features, latent_dim, n_hidden=128):
        super().__init__()
        channels = (1, *_CHANNELS)
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(before, after, 3, stride=2, padding=1)
                for before, after in zip(channels, channels[1:], strict=False)
            ]
        )
        self.norms = nn.ModuleList([MaskedBatchNorm(n) for n in _CHANNELS])
        n_bands = n_features
        for _ in _CHANNELS:
            n_bands = (n_bands + 1) // 2
        self.recurrent = nn.GRU(_CHANNELS[-1] * n_bands, n_hidden, batch_first=True)
        self.mean = nn.Linear(2 * n_hidden, latent_dim)
        self.log_variance = nn.Linear(2 * n_hidden, latent_dim)
        # A mean that every batch spreads out cannot be ignored: collapse is held off.
        self.norm = nn.BatchNorm1d(latent_dim)
        nn.init.zeros_(self.log_variance.weight)
        nn.init.constant_(self.log_variance.bias, _FIRST_LOG_VARIANCE)

    def forward(self, x, n_frames):
        """Return means and log-variances of codes.

        Parameters
        ----------
        x : tensor of shape (n_clips, n_times, n_features)
        n_frames : int tensor of shape (n_clips,)

        Returns
        -------
        mean, log_variance : tensors of shape (n_clips, latent_dim)
        """
        mask = mask_of(n_frames, x.shape[1])
        x = x[:, None] * mask[:, None, :, None]
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = convolution(x)
            n_frames = (n_frames + 1) // 2
            mask = mask_of(n_frames, x.shape[2])
            x = F.relu(norm(x, mask)) * mask[:, None, :, None]
        states, _ = self.recurrent(x.transpose(1, 2).flatten(2))
        rows = torch.arange(len(x), device=x.device)
        last = states[rows, n_frames - 1]
        mean = (states * mask[..., None]).sum(dim=1) / n_frames[:, None]
        summary = torch.cat([last, mean], dim=1)
        return self.norm(self.mean(summary)), self.log_variance(summary).clamp(-12, 12)
