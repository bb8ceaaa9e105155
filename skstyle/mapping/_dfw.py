"""Dynamic frequency warping: bins of log spectra aligned as frames are, as matrices on cepstra.

``A = C W S``: cepstrum to log spectrum, bins of the source to bins of the target, log spectrum
to cepstrum. Every distance of two bins follows from second moments of cepstra, so that no
spectrum of a frame is ever computed.

References
----------
.. [1] T.-C. Zorila, D. Erro and I. Hernaez, "Improving the quality of standard GMM-based voice
   conversion systems by considering physically motivated linear transformations",
   IberSPEECH 2012. doi:10.1007/978-3-642-35292-8_4
"""

import numpy as np

from ._allpass import block_diagonal, move_together, sum_blocks

# Spectra of a few dozen cepstra are smooth: more bins move the matrices very little.
N_BINS = 128


def choose_n_bins(n_targets, n_features):
    """Number of bins for so many cepstra: more of them than half of it would be coarse."""
    return max(N_BINS, 2 * max(n_targets, n_features))


def spectrum_matrix(order, n_bins=N_BINS):
    """Matrix from cepstra c_1 .. c_order to log spectra.

    Bins are the middles of equal bands, ``w_k = pi (k + 1/2) / n_bins``, where cosines are
    orthogonal: ``S' S = n_bins / 2 I`` for ``order < n_bins``, so that ``2 / n_bins S'`` is the
    way back.

    Parameters
    ----------
    order, n_bins : int

    Returns
    -------
    S : ndarray of shape (n_bins, order)
        ``log|H(w_k)| - c_0`` is ``S @ c``.
    """
    omega = np.pi * (np.arange(n_bins) + 0.5) / n_bins
    return np.cos(omega[:, None] * np.arange(1, order + 1))


def bin_distances(C_xx, C_yx, C_yy, n_bins=N_BINS):
    """Squared distances of bins of target and source spectra, summed over frames.

    Parameters
    ----------
    C_xx : ndarray of shape (n_components, n_features, n_features)
        Second moments of source cepstra within classes.
    C_yx : ndarray of shape (n_components, n_targets, n_features)
    C_yy : ndarray of shape (n_components, n_targets, n_targets)
    n_bins : int

    Returns
    -------
    distances : ndarray of shape (n_components, n_bins, n_bins)
        ``sum_t p_t (Y_t[j] - X_t[i])^2`` at ``[j, i]``.
    """
    S_y, S_x = (spectrum_matrix(order, n_bins) for order in C_yx.shape[-2:])
    power_x = ((S_x @ C_xx) * S_x).sum(axis=-1)
    power_y = ((S_y @ C_yy) * S_y).sum(axis=-1)
    distances = power_y[:, :, None] + power_x[:, None, :] - 2.0 * (S_y @ C_yx @ S_x.T)
    return np.maximum(distances, 0.0)


def align_bins(distances, diagonal_weight):
    """Find the monotone paths of least distance through bins, both ends pinned.

    All paths are found at once, one anti-diagonal after the other.

    Parameters
    ----------
    distances : ndarray of shape (n_components, n_bins, n_bins)
        Of targets (rows) and sources (columns).
    diagonal_weight : float
        Cost of a diagonal step in distances of its bins; a straight step costs one. Below 2,
        what two straight steps cost, diagonals are preferred.

    Returns
    -------
    W : ndarray of shape (n_components, n_bins, n_bins)
        Target spectra from source spectra: the mean of the source bins that a target bin meets.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._dfw import align_bins
    >>> align_bins(1.0 - np.eye(3)[None], diagonal_weight=1.5)
    array([[[1., 0., 0.],
            [0., 1., 0.],
            [0., 0., 1.]]])
    """
    steps = _best_steps(distances, diagonal_weight)
    n_components, n_bins, _ = distances.shape
    W = np.zeros(distances.shape)
    m = np.arange(n_components)
    j = i = np.full(n_components, n_bins - 1)
    for _ in range(2 * n_bins - 1):
        W[m, j, i] = 1.0
        step = steps[i + j, m, j]
        # Paths that are back at the start stay there.
        j, i = np.maximum(j - (step != _SOURCE), 0), np.maximum(i - (step != _TARGET), 0)
    return W / W.sum(axis=2, keepdims=True)


# What a step moves on: both bins, that of the target, or that of the source.
_BOTH, _TARGET, _SOURCE = range(3)


def _best_steps(distances, diagonal_weight):
    """Last step of the best path to bins j and i, at [j + i, :, j]; both first where equal."""
    n_components, n_bins, _ = distances.shape
    steps = np.full((2 * n_bins - 1, n_components, n_bins), _BOTH, dtype=np.int8)
    # Costs on the last two anti-diagonals, by j + 1, so that j - 1 always exists.
    before, last = (np.full((n_components, n_bins + 1), np.inf) for _ in range(2))
    last[:, 1] = distances[:, 0, 0]
    for k in range(1, 2 * n_bins - 1):
        j = np.arange(max(0, k - n_bins + 1), min(k, n_bins - 1) + 1)
        here = distances[:, j, k - j]
        both = before[:, j] + diagonal_weight * here
        costs = np.stack([both, last[:, j] + here, last[:, j + 1] + here])
        steps[k][:, j] = costs.argmin(axis=0)
        before, last = last, np.full_like(last, np.inf)
        last[:, j + 1] = costs.min(axis=0)
    return steps


def cepstral_matrix(W, n_targets, n_features):
    """Turn warps of log spectra to warps of cepstra.

    Parameters
    ----------
    W : ndarray of shape (..., n_bins, n_bins)
    n_targets, n_features : int
        Numbers of cepstra, c_0 apart.

    Returns
    -------
    A : ndarray of shape (..., n_targets, n_features)
        ``C W S``, where ``C = 2 / n_bins S'``.
    """
    n_bins = W.shape[-1]
    S_y, S_x = spectrum_matrix(n_targets, n_bins), spectrum_matrix(n_features, n_bins)
    return 2.0 / n_bins * (S_y.T @ W @ S_x)


def fit_paths(C_xx, C_yx, C_yy, n_blocks, diagonal_weight):
    """Find the warp of every class that brings the source nearest to the target.

    Parameters
    ----------
    C_xx : ndarray of shape (n_components, n_features, n_features)
        Second moments of source cepstra, about their means where a bias is fitted too.
    C_yx : ndarray of shape (n_components, n_targets, n_features)
    C_yy : ndarray of shape (n_components, n_targets, n_targets)
    n_blocks : int
        Columns come in so many blocks, as in [statics, deltas], each warped alone.
    diagonal_weight : float
        See :func:`align_bins`.

    Returns
    -------
    A : ndarray of shape (n_components, n_targets, n_features)
        Warps of cepstra.
    paths : ndarray of shape (n_components, n_bins)
        The source bin of every target bin, the mean where there are several; its own bin
        where the sides do not move together.
    """
    C_xx, C_yx, C_yy = (sum_blocks(C, n_blocks) for C in (C_xx, C_yx, C_yy))
    n_targets, n_features = C_yx.shape[1:]
    n_bins = choose_n_bins(n_targets, n_features)
    distances = bin_distances(C_xx, C_yx, C_yy, n_bins)
    # Otherwise the path would only look for bins of little power, in either side alone.
    distances[~move_together(C_yx, C_xx, C_yy)] = 0.0
    W = align_bins(distances, diagonal_weight)
    A = block_diagonal(cepstral_matrix(W, n_targets, n_features), n_blocks)
    return A, W @ np.arange(n_bins)
