"""Frequency warping with another all-pass constant for every frame, differentiable."""

import numpy as np
import torch
from torch import nn

from ..mapping import warping_matrix

# Coefficients that sum up to less are rounding, or nothing that is heard.
_NEGLIGIBLE = 1e-8
# Enough for 60 coefficients of cepstra; spectra of hundreds of bins are not warped this way.
_MAX_DEGREE = 64


def warp_polynomials(n_targets, n_features, bound):
    """Return the coefficients of Chebyshev polynomials whose sum is W(alpha) - W(0).

    Parameters
    ----------
    n_targets, n_features : int
        Rows and columns of W.
    bound : float
        The sum holds for all-pass constants in [-bound, bound].

    Returns
    -------
    coefficients : ndarray of shape (degree, n_targets, n_features)
        ``W(bound * a) - W(0) = sum_k (T_k(a) - T_k(0)) coefficients[k - 1]``.

    Notes
    -----
    Element (i, j) of W is a polynomial of degree i + j in alpha, so that interpolation at as many
    Chebyshev nodes is exact; the last coefficients are negligible for small bounds.
    """
    n_nodes = 1 + min(n_targets + n_features, _MAX_DEGREE)
    angles = np.pi * (np.arange(n_nodes) + 0.5) / n_nodes
    W = warping_matrix(bound * np.cos(angles), n_targets, n_features)
    transform = 2 / n_nodes * np.cos(np.arange(1, n_nodes)[:, None] * angles)
    coefficients = np.tensordot(transform, W, axes=1)
    remaining = np.abs(coefficients).max(axis=(1, 2))[::-1].cumsum()[::-1]
    return coefficients[: max(1, int((remaining > _NEGLIGIBLE).sum()))]


class WarpLayer(nn.Module):
    """What warping adds to a frame: (W(alpha) - W(0)) x, exactly zero where alpha is.

    Parameters
    ----------
    n_targets, n_features : int
    bound : float
        Largest all-pass constant.
    """

    def __init__(self, n_targets, n_features, bound):
        super().__init__()
        self.bound = bound
        coefficients = warp_polynomials(n_targets, n_features, bound)
        self.register_buffer("coefficients", torch.from_numpy(coefficients).float())
        at_zero = np.cos(0.5 * np.pi * np.arange(1, len(coefficients) + 1)).round()
        self.register_buffer("at_zero", torch.from_numpy(at_zero).float())

    def polynomials(self, alpha):
        """Return T_k(alpha / bound) - T_k(0), of shape (..., degree)."""
        a = alpha / self.bound
        values = [torch.ones_like(a), a]
        while len(values) <= len(self.coefficients):
            values.append(2 * a * values[-1] - values[-2])
        return torch.stack(values[1:], dim=-1) - self.at_zero

    def forward(self, alpha, x):
        """Return (W(alpha) - W(0)) x.

        Parameters
        ----------
        alpha : tensor of shape (...)
            Within the bound.
        x : tensor of shape (..., n_features)

        Returns
        -------
        out : tensor of shape (..., n_targets)
        """
        degree, n_targets, n_features = self.coefficients.shape
        moved = x @ self.coefficients.reshape(-1, n_features).T
        moved = moved.reshape(*x.shape[:-1], degree, n_targets)
        return (self.polynomials(alpha)[..., None, :] @ moved)[..., 0, :]

    def matrix(self, alpha):
        """Return W(alpha) - W(0), of shape (..., n_targets, n_features)."""
        return torch.tensordot(self.polynomials(alpha), self.coefficients, dims=1)
