"""Spectra of a waveform as a net sees them, so that gradients reach the waveform."""

import numpy as np
import torch
from scipy.signal import get_window

from ..signal._fourier import frame_count, mirrored
from ._levels import UNIT_RMS

# Frames that overlap.
OVERLAP = 4
# What a net sees; and columns for every bin.
SPECTRA = {"log1p": 1, "real-imag": 2}
# Keeps roots differentiable at zero.
_EPS = 1e-6


def window_of(n_fft):
    """Return the window of frames that overlap four times.

    Parameters
    ----------
    n_fft : int
        A multiple of four.

    Returns
    -------
    window : ndarray of shape (n_fft,)
    """
    return get_window("hann", n_fft)


def level_of_bins(window):
    """Return the root mean square of the magnitudes of a signal at unit level.

    Parameters
    ----------
    window : ndarray of shape (n_fft,)

    Returns
    -------
    level : float
        Of noise in the mean, by Parseval; silent parts of a clip do not change it.
    """
    return UNIT_RMS * float(np.sqrt(np.sum(window**2)))


def spectra_of(x, window):
    """Return the spectra of frames centred at every quarter of the window.

    Parameters
    ----------
    x : tensor of shape (n_times,)
    window : tensor of shape (n_fft,)

    Returns
    -------
    spectra : complex tensor of shape (n_frames, n_fft // 2 + 1)
        As of ``STFTTransformer(n_fft, pad_mode="reflect")``: cut ends are no clicks. Gradients go
        through it.
    """
    n_fft, n_times = len(window), len(x)
    hop_length = n_fft // OVERLAP
    n_frames = frame_count(n_times, hop_length)
    n_padded = (n_frames - 1) * hop_length + n_fft
    before, behind = (
        x[torch.from_numpy(source).to(x.device)]
        for _, source in mirrored(n_padded, n_fft // 2, n_times, "reflect")
    )
    # Frames are rows of hops side by side: their gradient is a sum of a few slices.
    hops = torch.cat([before, x, behind]).reshape(-1, hop_length)
    frames = torch.cat([hops[k : n_frames + k] for k in range(OVERLAP)], dim=1)
    return torch.fft.rfft(frames * window)


def encode(spectra, contrast, what):
    """Write spectra as a net sees them.

    Parameters
    ----------
    spectra : complex tensor of shape (n_frames, n_bins)
        In units of the level of bins.
    contrast : float
        About what lies ``20 log10(contrast)`` dB below the level is lost.
    what : {"log1p", "real-imag"}
        Magnitudes M as ``log(1 + (contrast M)^2) / 2``, which is ``log(contrast M)`` where they
        are large and flat where they are zero; or real and imaginary parts side by side, with
        magnitudes compressed so and phases kept.

    Returns
    -------
    z : tensor of shape (n_frames, n_bins) or (n_frames, 2 * n_bins)
    """
    spectra = spectra * contrast
    power = spectra.real**2 + spectra.imag**2
    compressed = 0.5 * torch.log1p(power)
    if what == "log1p":
        return compressed
    factor = compressed / torch.sqrt(power + _EPS)
    return torch.cat([spectra.real * factor, spectra.imag * factor], dim=1)


class WaveformActivations:
    """Layers of nets that see a waveform through windows of several lengths.

    Parameters
    ----------
    features : list of objects with ``build(n_columns, device)``
        One for every length of window.
    n_ffts : list of int
    what : {"log1p", "real-imag"}
    contrast : float
    device : str, default="cpu"
    """

    def __init__(self, features, n_ffts, what, contrast, device="cpu"):
        self.what = what
        self.contrast = contrast
        self.nets = [
            f.build(SPECTRA[what] * (n_fft // 2 + 1), device)
            for f, n_fft in zip(features, n_ffts, strict=True)
        ]
        self.windows = []
        for n_fft in n_ffts:
            window = window_of(n_fft)
            # Spectra come out in units of their level.
            window = torch.from_numpy(window / level_of_bins(window))
            self.windows.append(window.to(device))

    def __call__(self, x):
        """Return the layers of all nets.

        Parameters
        ----------
        x : tensor of shape (n_times,)
            At unit level.

        Returns
        -------
        layers : list of tensors (n_filters, n_positions, ...)
        """
        layers = []
        for net, window in zip(self.nets, self.windows, strict=True):
            z = encode(spectra_of(x, window.to(x.dtype)), self.contrast, self.what)
            layers += net(z)
        return layers


def shortest(widests, n_ffts):
    """Return how many samples have enough frames for the widest filter at every window.

    Parameters
    ----------
    widests : list of int
        Frames that the widest filter sees.
    n_ffts : list of int

    Returns
    -------
    n_times : int
    """
    return max((w - 2) * (n // OVERLAP) + 2 for w, n in zip(widests, n_ffts, strict=True))
