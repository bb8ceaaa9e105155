"""The all-pass warp between two sides, found from their second moments alone.

``sum_t p_t |y_t - W(alpha) x_t - b|^2`` depends on the frames through weighted second moments
only, so a whole search over alpha, for all classes at once, costs a few small products.
"""

import numpy as np

from ._warping import warping_matrix

# Low frequencies move by (1 + alpha) / (1 - alpha): by half at this bound, a man's vocal tract
# against a small child's. Beyond it the error may fall only because truncation takes energy.
BOUND = 0.2

# Odd, so that 0 is on the grid, and finer than the valleys of the error for 24 coefficients.
_N_GRID = 41
# Every round looks between the neighbours of the best point, at ten times the precision.
_N_ZOOM = 21
_N_ROUNDS = 6
# Cross-moments below this share of the others are rounding: the sides do not move together.
_NOTHING = 1e-13


def block_warping_matrix(alpha, n_targets, n_features, n_blocks=1):
    """Matrix that warps every block of columns alone, all by one alpha.

    Parameters
    ----------
    alpha : float or ndarray of shape (...)
    n_targets, n_features : int
        Numbers of columns, all blocks together.
    n_blocks : int, default=1
        [statics, deltas] are two blocks.

    Returns
    -------
    W : ndarray of shape (..., n_targets, n_features)
        float64, zero off the diagonal of blocks.
    """
    block = warping_matrix(alpha, n_targets // n_blocks, n_features // n_blocks)
    return block_diagonal(block, n_blocks)


def block_diagonal(A, n_blocks):
    """Repeat matrices (..., n_rows, n_columns) down the diagonal of larger ones."""
    if n_blocks == 1:
        return A
    *stack, rows, columns = A.shape
    blocks = np.zeros((*stack, n_blocks, rows, n_blocks, columns))
    for b in range(n_blocks):
        blocks[..., b, :, b, :] = A
    return blocks.reshape(*stack, n_blocks * rows, n_blocks * columns)


def sum_blocks(C, n_blocks):
    """Sum the diagonal blocks of matrices (..., n_rows, n_columns): what one warp sees."""
    rows, columns = C.shape[-2] // n_blocks, C.shape[-1] // n_blocks
    blocks = C.reshape(*C.shape[:-2], n_blocks, rows, n_blocks, columns)
    return np.einsum("...bibj->...ij", blocks)


def warping_error(alpha, C_xx, C_yx):
    """Squared error of warps, without what does not depend on them.

    Parameters
    ----------
    alpha : ndarray of shape (n_components, n_alphas) or (1, n_alphas)
    C_xx : ndarray of shape (n_components, n_features, n_features)
    C_yx : ndarray of shape (n_components, n_targets, n_features)

    Returns
    -------
    error : ndarray of shape (n_components, n_alphas)
        ``tr(W C_xx W') - 2 tr(W' C_yx)``
    """
    W = warping_matrix(alpha, *C_yx.shape[-2:])
    return ((W @ C_xx[:, None] - 2.0 * C_yx[:, None]) * W).sum(axis=(-2, -1))


def fit_alpha(C_xx, C_yx, n_blocks=1, bound=BOUND):
    """Find the all-pass constants that bring the source nearest to the target.

    Parameters
    ----------
    C_xx : ndarray of shape (..., n_features, n_features)
        Weighted second moments of the source, of every class. About the means when a bias is
        fitted too: ``sum_t p_t (x_t - mean_x) (x_t - mean_x)'``.
    C_yx : ndarray of shape (..., n_targets, n_features)
        Moments of target and source, ``sum_t p_t (y_t - mean_y) (x_t - mean_x)'``.
    n_blocks : int, default=1
        Columns come in so many blocks, as in [statics, deltas], each warped alone.
    bound : float, default=0.2
        Largest absolute value of alpha, below 1.

    Returns
    -------
    alpha : ndarray of shape (...)
        float64; argmin of ``sum_t p_t |y_t - W(alpha) x_t - b|^2`` to about 1e-8, and 0 where
        the sides do not move together, so that the error tells nothing of a warp.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import warping_matrix
    >>> from skstyle.mapping._allpass import fit_alpha
    >>> x = np.random.default_rng(0).normal(size=(500, 8))
    >>> y = x @ warping_matrix(0.05, 8).T
    >>> round(float(fit_alpha(x.T @ x, y.T @ x)), 6)
    0.05
    """
    shape = C_xx.shape[:-2]
    C_xx, C_yx = (
        sum_blocks(np.asarray(C, dtype=np.float64), n_blocks).reshape(-1, *_block(C, n_blocks))
        for C in (C_xx, C_yx)
    )
    half = _N_GRID // 2
    step = bound / half
    # The smallest first, which wins where errors are equal.
    steps = np.array(sorted(range(-half, half + 1), key=abs))
    alpha = _best(step * steps[None], C_xx, C_yx)
    for _ in range(_N_ROUNDS):
        grid = alpha[:, None] + step * np.linspace(-1, 1, _N_ZOOM)
        alpha = _best(np.clip(grid, -bound, bound), C_xx, C_yx)
        step *= 2 / (_N_ZOOM - 1)
    return np.where(move_together(C_yx, C_xx), alpha, 0.0).reshape(shape)


def move_together(C_yx, *others):
    """Whether cross-moments (n_components, ...) are more than rounding beside others."""
    scale = np.max([np.abs(C).max(axis=(1, 2)) for C in others], axis=0)
    return np.abs(C_yx).max(axis=(1, 2)) > _NOTHING * scale


def _block(C, n_blocks):
    return C.shape[-2] // n_blocks, C.shape[-1] // n_blocks


def _best(grid, C_xx, C_yx):
    """Point of least error of every component."""
    error = warping_error(grid, C_xx, C_yx)
    grid = np.broadcast_to(grid, error.shape)
    return grid[np.arange(len(grid)), error.argmin(axis=1)]
