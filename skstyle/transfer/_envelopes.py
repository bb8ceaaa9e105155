"""Further terms of the loss: envelopes of energy and of the spectrum, and diversity.

Each is a function of compressed magnitudes ``z``, a tensor (n_frames, n_bins), which does not grow
with the number of frames.
"""

from functools import lru_cache

import numpy as np
import torch
from scipy.fft import dct

# Quefrencies of a spectral envelope: no harmonics, which are those of the notes.
N_CEPSTRUM = 32
# The p-norm of correlations is near the largest of them.
NORM = 8
# Keeps roots differentiable at zero.
_EPS = 1e-30


def log_energies(z):
    """Logarithm of the root mean square of every frame.

    Parameters
    ----------
    z : tensor of shape (n_frames, n_bins)

    Returns
    -------
    energies : tensor of shape (n_frames,)
        ``1/2 log(1 + mean_b (contrast * magnitude_b / level)^2)``: 0 for silence, as z is.
    """
    return 0.5 * torch.expm1(z).square().mean(dim=1).log1p()


def energy_envelope_distance(z, energies):
    """Tell how far the envelope of energy is from another.

    Parameters
    ----------
    z : tensor of shape (n_frames, n_bins)
    energies : tensor of shape (n_frames,)
        As of :func:`log_energies`.

    Returns
    -------
    loss : tensor of shape ()
        ``1 / M * 1/2 sum_t (e_t - energies_t)^2``, over M frames.
    """
    return 0.5 * (log_energies(z) - energies).square().mean()


def spectral_envelope_distance(z, spectrum):
    """Tell how far the smoothed mean spectrum is from another.

    Parameters
    ----------
    z : tensor of shape (n_frames, n_bins)
    spectrum : tensor of shape (n_bins,)
        Mean of compressed magnitudes.

    Returns
    -------
    loss : tensor of shape ()
        ``1 / B * 1/2 sum_b d_b^2``, over B bins, of the difference d of both spectra without what
        lies above their first 32 cepstral coefficients.
    """
    basis = torch.from_numpy(_cosines(z.shape[1])).to(z)
    return 0.5 * (basis @ (z.mean(dim=0) - spectrum)).square().sum() / z.shape[1]


def likeness(z, reference):
    """Tell how much a sequence is a copy of another, shifted in time.

    Parameters
    ----------
    z : tensor of shape (n_frames, n_bins)
    reference : tensor of shape (n_frames_reference, n_bins)

    Returns
    -------
    loss : tensor of shape ()
        ``1/2 (sum_s c_s^8)^(1/4)``, about half the square of the largest correlation ``c_s``:
        of what is left of both without the mean spectrum of the reference, over shifts s in
        time. A half for a copy, little for others.
    """
    mean = reference.mean(dim=0)
    a, r = z - mean, reference - mean
    n = len(a) + len(r) - 1
    # Correlations of all shifts at once, summed over bins.
    spectra = [torch.fft.rfft(x, n=n, dim=0) for x in (a, r)]
    products = torch.fft.irfft((spectra[0] * spectra[1].conj()).sum(dim=1), n=n)
    # A clip that is cut out of a longer one is a copy, too.
    scale = (a.square().sum() * r.square().mean() * a.numel() + _EPS).sqrt()
    return 0.5 * ((products / scale).pow(NORM).sum() + _EPS).pow(2 / NORM)


@lru_cache(maxsize=8)
def _cosines(n_bins):
    """Orthonormal cosines of the lowest quefrencies, (n_cepstrum, n_bins)."""
    return dct(np.eye(n_bins), norm="ortho", axis=0)[:N_CEPSTRUM]
