"""Linear maps out of a few neighbours, for a whole block of frames at once.

Frames are x (n_frames, n_features), their neighbours (n_frames, n_neighbors, n_features), and
the targets of these (n_frames, n_neighbors, n_targets). In the notes C are the k neighbours of
one frame and Y their targets, both without their means; o is x without the mean of the
neighbours; r is `reg` times the mean squared distance of the neighbours from x.
"""

import numpy as np


def _centre(items):
    """Return the means over the neighbours, (n_frames, n_columns), and the items without them."""
    mean = items.mean(axis=1)
    return mean, items - mean[:, None]


def _ridge(spread, offset, reg):
    """Return r of every frame, (n_frames,): 1 where all neighbours are x itself.

    `spread` is the total variance of the neighbours, (n_frames,).
    """
    r = reg * (spread + np.einsum("nd,nd->n", offset, offset))
    r[r == 0] = 1
    return r


def _add_to_diagonal(matrices, r):
    diagonal = np.einsum("nii->ni", matrices)
    diagonal += r[:, None]


# --- locally linear embedding -------------------------------------------------------------


def reconstruction_weights(x, neighbours, reg):
    """Find weights that rebuild every frame from its neighbours, and sum to one.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_features)
    neighbours : ndarray of shape (n_frames, n_neighbors, n_features)
    reg : float
        Positive.

    Returns
    -------
    weights : ndarray of shape (n_frames, n_neighbors)

    Notes
    -----
    They minimise ``|x - sum_k w_k b_k|² + reg tr(G) |w|²`` under ``sum_k w_k = 1``, G being the
    Gram matrix of the differences b_k - x. What k w is more than one is a ridge regression,
    ``C (C'C / k + r)^-1 o = (CC' / k + r)^-1 C o``: a system as large as the number of features
    or of neighbours, whichever is less.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._local_maps import reconstruction_weights
    >>> reconstruction_weights(np.array([[0.25]]), np.array([[[0.0], [1.0]]]), 1e-9).round(6)
    array([[0.75, 0.25]])
    """
    mean, centred = _centre(neighbours)
    offset = x - mean
    system, few_features = _smaller_system(centred, offset, reg)
    if few_features:
        weights = centred @ np.linalg.solve(system, offset[..., None])
    else:
        weights = np.linalg.solve(system, centred @ offset[..., None])
    weights = 1 + weights[..., 0]
    return weights / weights.sum(axis=1, keepdims=True)


def embed(x, neighbours, targets, reg):
    """Add up the targets of the neighbours with the weights that rebuild x.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_features)
    neighbours : ndarray of shape (n_frames, n_neighbors, n_features)
    targets : ndarray of shape (n_frames, n_neighbors, n_targets)
    reg : float
        Positive.

    Returns
    -------
    y : ndarray of shape (n_frames, n_targets)
    """
    return (reconstruction_weights(x, neighbours, reg)[:, None] @ targets)[:, 0]


def embedding_maps(x, neighbours, targets, reg):
    """Write :func:`embed` as one matrix and one bias for every frame.

    Parameters
    ----------
    x, neighbours, targets, reg : as in :func:`embed`

    Returns
    -------
    A : ndarray of shape (n_frames, n_targets, n_features)
        ``Y'C (C'C / k + r)^-1 / k``.
    b : ndarray of shape (n_frames, n_targets)
    """
    mean, centred = _centre(neighbours)
    mean_target, centred_targets = _centre(targets)
    system, few_features = _smaller_system(centred, x - mean, reg)
    transposed = centred.swapaxes(1, 2)
    if few_features:
        A = np.linalg.solve(system, transposed @ centred_targets)
    else:
        A = transposed @ np.linalg.solve(system, centred_targets)
    A = A.swapaxes(1, 2) / centred.shape[1]
    return A, mean_target - (A @ mean[..., None])[..., 0]


def _smaller_system(centred, offset, reg):
    """Return ``C'C / k + r`` and True, or ``CC' / k + r`` and False where that is smaller."""
    n_neighbors, n_features = centred.shape[1:]
    few_features = n_features < n_neighbors
    transposed = centred.swapaxes(1, 2)
    system = transposed @ centred if few_features else centred @ transposed
    system /= n_neighbors
    # Both systems have the total variance of the neighbours as their trace.
    _add_to_diagonal(system, _ridge(np.einsum("nii->n", system), offset, reg))
    return system, few_features


# --- local linear transformation ----------------------------------------------------------


def transform(x, neighbours, targets, reg):
    """Map every frame by a tri-diagonal least-squares fit of its neighbours.

    Parameters
    ----------
    x, neighbours, targets, reg : as in :func:`embed`

    Returns
    -------
    y : ndarray of shape (n_frames, n_targets)
    """
    bands, mean, mean_target = _bands(x, neighbours, targets, reg)
    n_targets = targets.shape[2]
    wide = _widen(x - mean, n_targets)
    return mean_target + sum(bands[..., i] * wide[..., i : i + n_targets] for i in range(3))


def transformation_maps(x, neighbours, targets, reg):
    """Write :func:`transform` as one matrix and one bias for every frame.

    Parameters
    ----------
    x, neighbours, targets, reg : as in :func:`embed`

    Returns
    -------
    A : ndarray of shape (n_frames, n_targets, n_features)
        Target j hears of features j - 1, j and j + 1, where they exist.
    b : ndarray of shape (n_frames, n_targets)
    """
    bands, mean, mean_target = _bands(x, neighbours, targets, reg)
    n_frames, n_targets, _ = bands.shape
    n_features = x.shape[1]
    A = np.zeros((n_frames, n_targets, max(n_features, n_targets) + 2), dtype=bands.dtype)
    rows = np.arange(n_targets)
    for i in range(3):
        A[:, rows, rows + i] = bands[..., i]
    A = np.ascontiguousarray(A[..., 1 : n_features + 1])
    return A, mean_target - (A @ mean[..., None])[..., 0]


def _bands(x, neighbours, targets, reg):
    """Return the three diagonals, (n_frames, n_targets, 3), and the means on both sides."""
    mean, centred = _centre(neighbours)
    mean_target, centred_targets = _centre(targets)
    n_neighbors, n_targets = targets.shape[1:]
    wide = _widen(centred, n_targets)
    columns = [wide[..., i : i + n_targets] for i in range(3)]
    system = np.empty((len(x), n_targets, 3, 3), dtype=centred.dtype)
    right = np.empty((len(x), n_targets, 3, 1), dtype=centred.dtype)
    for i in range(3):
        right[..., i, 0] = np.einsum("nkd,nkd->nd", columns[i], centred_targets)
        for j in range(i, 3):
            products = np.einsum("nkd,nkd->nd", columns[i], columns[j])
            system[..., i, j] = system[..., j, i] = products
    system /= n_neighbors
    spread = np.einsum("nkd,nkd->n", centred, centred) / n_neighbors
    r = np.repeat(_ridge(spread, x - mean, reg), n_targets)
    _add_to_diagonal(system.reshape(-1, 3, 3), r)
    return np.linalg.solve(system, right / n_neighbors)[..., 0], mean, mean_target


def _widen(x, n_targets):
    """Put a zero before the first feature, and zeros behind up to the last target."""
    n_features = x.shape[-1]
    wide = np.zeros((*x.shape[:-1], max(n_features, n_targets) + 2), dtype=x.dtype)
    wide[..., 1 : n_features + 1] = x
    return wide
