"""What makes a style, measured on activations: pure functions of one layer, by name.

A layer is a tensor ``(n_filters, n_frames, ...)``; N is the number of filters, M that of positions.
Every statistic is a dict of arrays that do not grow with M, means over positions, so that they can
be averaged over clips, mixed, and compared by their mean squared difference.
"""

from functools import lru_cache

import numpy as np
import torch

N_LAGS = 64
N_DIRECTIONS = 128
N_QUANTILES = 64
N_WAVES = 512
# Widths of the Gaussian kernels, in units of the square root of the number of filters.
KERNEL_WIDTHS = (0.1, 0.3, 1.0, 3.0)
# Of means beside Gram matrices.
MEAN_WEIGHT = 0.1
# Keeps roots differentiable at zero.
_EPS = 1e-8


def gram(F):
    """Gram matrix of a layer, a mean over positions.

    Parameters
    ----------
    F : tensor of shape (n_filters, n_frames, ...)

    Returns
    -------
    statistics : dict
        "gram" (n_filters, n_filters): ``G_ij / M = (1 / M) sum_k F_ik F_jk`` [1]_.

    References
    ----------
    .. [1] L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional
       neural networks", IEEE CVPR, 2016. doi:10.1109/CVPR.2016.265
    """
    F = F.flatten(1)
    return {"gram": F @ F.T / F.shape[1]}


def centred_gram(F):
    """Means of a layer, and the Gram matrix of what is left without them.

    Parameters
    ----------
    F : tensor of shape (n_filters, n_frames, ...)

    Returns
    -------
    statistics : dict
        "gram" (n_filters, n_filters), and "mean" (n_filters,), of which squares count a tenth.
    """
    F = F.flatten(1)
    mean = F.mean(dim=1)
    return {**gram(F - mean[:, None]), "mean": MEAN_WEIGHT**0.5 * mean}


def mean_covariance(F):
    """Mean and covariance of a layer: what whitening and colouring change.

    Parameters
    ----------
    F : tensor of shape (n_filters, n_frames, ...)

    Returns
    -------
    statistics : dict
        "mean" (n_filters,) and "covariance" (n_filters, n_filters), divided by the number of
        positions.

    References
    ----------
    .. [1] Y. Li, C. Fang, J. Yang, Z. Wang, X. Lu and M.-H. Yang, "Universal style transfer via
       feature transforms", NeurIPS, 2017. https://arxiv.org/abs/1705.08086
    """
    F = F.flatten(1)
    mean = F.mean(dim=1)
    return {"mean": mean, "covariance": gram(F - mean[:, None])["gram"]}


def gram_autocorrelation(F):
    """Gram matrix, and how every filter repeats over time [1]_.

    Parameters
    ----------
    F : tensor of shape (n_filters, n_frames, ...)

    Returns
    -------
    statistics : dict
        "gram" (n_filters, n_filters) and "autocorrelation" (n_filters, 64), of lags 1 to 64:
        ``(1 / M) sum_t F_i(t) F_i(t + lag)``, without means.

    References
    ----------
    .. [1] J. M. Antognini, M. Hoffman and R. J. Weiss, "Audio texture synthesis with random
       neural networks: improving diversity and quality", IEEE ICASSP, 2019.
       doi:10.1109/ICASSP.2019.8682598
    """
    series = F - F.flatten(1).mean(dim=1).view(-1, *[1] * (F.ndim - 1))
    n = F.shape[1]
    # Long enough that ends do not meet.
    power = torch.fft.rfft(series, n=n + N_LAGS, dim=1).abs().square()
    products = torch.fft.irfft(power, n=n + N_LAGS, dim=1)[:, 1 : N_LAGS + 1]
    if products.ndim > 2:
        products = products.flatten(2).mean(dim=2)
    return {**gram(F), "autocorrelation": products / n}


def moments(F):
    """Mean and standard deviation of every filter, as in adaptive instance normalisation [1]_.

    Parameters
    ----------
    F : tensor of shape (n_filters, n_frames, ...)

    Returns
    -------
    statistics : dict
        "mean" and "deviation", (n_filters,) each.

    References
    ----------
    .. [1] X. Huang and S. Belongie, "Arbitrary style transfer in real-time with adaptive instance
       normalization", IEEE ICCV, 2017. doi:10.1109/ICCV.2017.167
    """
    F = F.flatten(1)
    variance, mean = torch.var_mean(F, dim=1, correction=0)
    return {"mean": mean, "deviation": (variance + _EPS).sqrt()}


def sliced_wasserstein(F):
    """Distribution of activations, along fixed random directions [1]_.

    Parameters
    ----------
    F : tensor of shape (n_filters, n_frames, ...)

    Returns
    -------
    statistics : dict
        "quantiles" (128, 64): of the projections. The mean squared difference of two is their
        squared sliced 2-Wasserstein distance.

    References
    ----------
    .. [1] E. Heitz, K. Vanhoey, T. Chambon and L. Belcour, "A sliced Wasserstein loss for neural
       texture synthesis", IEEE CVPR, 2021. doi:10.1109/CVPR46437.2021.00929
    """
    F = F.flatten(1)
    ordered = (_directions(F.shape[0]).to(F) @ F).sort(dim=1).values
    M = F.shape[1]
    # Sorted values stand at (k + 1/2) / M; between them the quantile function is a line.
    at = (torch.arange(N_QUANTILES, device=F.device) + 0.5) * (M / N_QUANTILES) - 0.5
    at = at.clamp(0, M - 1)
    below = at.floor().long()
    above = (below + 1).clamp(max=M - 1)
    return {"quantiles": torch.lerp(ordered[:, below], ordered[:, above], (at - below).to(F))}


def mmd(F):
    """Distribution of activations, by random waves.

    Parameters
    ----------
    F : tensor of shape (n_filters, n_frames, ...)

    Returns
    -------
    statistics : dict
        "waves" (512,): means of ``sqrt(2) cos(w F + b)``. The mean squared difference of two is
        about the squared maximum mean discrepancy of a sum of Gaussian kernels [1]_ [2]_.

    References
    ----------
    .. [1] A. Gretton et al., "A kernel two-sample test", JMLR 13, 2012.
       https://jmlr.org/papers/v13/gretton12a.html
    .. [2] Y. Li, N. Wang, J. Liu and X. Hou, "Demystifying neural style transfer", IJCAI, 2017.
       doi:10.24963/ijcai.2017/310
    """
    F = F.flatten(1)
    waves, phases = (a.to(F) for a in _waves(F.shape[0]))
    return {"waves": np.sqrt(2) * torch.cos(waves @ F + phases).mean(dim=1)}


@lru_cache(maxsize=8)
def _directions(n_filters):
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((N_DIRECTIONS, n_filters))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return torch.from_numpy(rows.astype(np.float32))


@lru_cache(maxsize=8)
def _waves(n_filters):
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((N_WAVES, n_filters)) / np.sqrt(n_filters)
    rows /= np.resize(KERNEL_WIDTHS, N_WAVES)[:, None]
    phases = rng.uniform(0, 2 * np.pi, (N_WAVES, 1))
    return tuple(torch.from_numpy(a.astype(np.float32)) for a in (rows, phases))


STATISTICS = {
    "gram": gram,
    "centred-gram": centred_gram,
    "gram+autocorrelation": gram_autocorrelation,
    "moments": moments,
    "whitening-coloring": mean_covariance,
    "sliced-wasserstein": sliced_wasserstein,
    "mmd": mmd,
}


def check_statistic(name):
    """Check that there is such a statistic.

    Parameters
    ----------
    name : str
    """
    if name not in STATISTICS:
        raise ValueError(f"style_statistic must be one of {tuple(STATISTICS)}, got {name!r}.")
