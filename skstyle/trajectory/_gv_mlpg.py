"""The most likely trajectory whose variance is likely too: global variance inside the search."""

import numpy as np

from ..features._delta import DELTA
from ._global_variance import variance_along_time
from ._mlpg import check_gaussians, factored_equations
from ._windows import check_windows

# Steps that the line search tries, in units of the Gauss-Newton step.
_STEPS = 2.0 ** np.arange(3, -25, -1)


def mlpg_with_gv(
    mean,
    precision,
    gv_mean,
    gv_variance,
    windows=(DELTA,),
    *,
    weight=None,
    max_iter=50,
    tol=1e-6,
    return_objective=False,
):
    """Trajectory that is likely frame by frame and has a likely variance along time.

    MLPG smooths: its trajectories vary less than speech does. Here the variance of every
    column, its global variance (GV), has a Gaussian of its own.

    Parameters
    ----------
    mean : ndarray of shape (n_frames, (1 + len(windows)) * n_columns)
        As in :func:`mlpg`.
    precision : ndarray of the same shape, or one row ((1 + len(windows)) * n_columns,)
        Inverse variances.
    gv_mean : array-like of shape (n_columns,)
        Mean of the global variance.
    gv_variance : array-like of shape (n_columns,)
        Variance of the global variance, above 0. Infinity leaves a column, such as c_0, to
        plain MLPG.
    windows : tuple of sequences of float, default=((-0.5, 0.0, 0.5),)
        Windows of the dynamic blocks.
    weight : float, optional
        Weight of the frames' log-likelihood, omega; by default 1 / (n_blocks * n_frames).
    max_iter : int, default=50
        Largest number of steps.
    tol : float, default=1e-6
        The search ends when no column gains more, nats.
    return_objective : bool, default=False
        Also return the objective at every step.

    Returns
    -------
    trajectory : ndarray of shape (n_frames, n_columns)
        The dtype of the mean.
    objective : ndarray of shape (n_iter + 1, n_columns)
        Only with `return_objective`; up to a constant, and never falling.

    Raises
    ------
    ValueError
        As in :func:`mlpg`, and when the variances of GV are not above 0.

    Notes
    -----
    Maximises ``omega log P(Y | X) + log N(v(y); gv_mean, gv_variance)`` [1]_, v(y) the variance
    of a column along time, from the MLPG trajectory scaled to ``gv_mean``. The direction is the
    gradient, multiplied by the inverse of ``omega W' P W + grad v grad v' / gv_variance``
    (Gauss-Newton), which costs one banded solve; the step is the best of powers of two.

    References
    ----------
    .. [1] T. Toda, A. W. Black and K. Tokuda, "Voice conversion based on maximum-likelihood
       estimation of spectral parameter trajectory", IEEE Trans. ASLP 15, 2007.
       doi:10.1109/TASL.2007.907344

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.trajectory import mlpg, mlpg_with_gv
    >>> static = np.sin(np.arange(40.0))[:, None]
    >>> mean, precision = np.hstack([static, 0 * static]), np.array([1.0, 4.0])
    >>> mlpg(mean, precision).var(axis=0).round(2)
    array([0.04])
    >>> mlpg_with_gv(mean, precision, [0.5], [1e-4]).var(axis=0).round(2)
    array([0.5])
    """
    windows = check_windows(windows)
    dtype, mean, precision = check_gaussians(mean, precision, windows)
    n_columns = mean.shape[1] // (1 + len(windows))
    target = _check_row(gv_mean, "gv_mean", n_columns)
    spread = _check_row(gv_variance, "gv_variance", n_columns)
    if not (spread > 0).all() or not (np.isfinite(target) & (target >= 0)).all():
        raise ValueError(
            "gv_mean must be finite and at least 0, and gv_variance above 0 in every column; "
            "infinity leaves a column out."
        )
    if weight is None:
        weight = 1.0 / ((1 + len(windows)) * len(mean))
    elif not weight > 0:
        raise ValueError(f"weight must be positive, got {weight!r}.")
    from ._banded import solve

    band, factors, y = factored_equations(mean, precision, windows, keep=True)
    solve(factors, y)
    most_likely = y.copy()
    now = variance_along_time(y)
    spread = np.where(now > 0, spread, np.inf)  # what does not move cannot be stretched
    y = scale_variance(y, np.where(np.isfinite(spread), target, now))
    objective = [gv_objective(y, most_likely, band, weight, target, spread)[0]]
    for _ in range(max_iter):
        y, value = _step(y, most_likely, band, factors, weight, target, spread)
        objective.append(value)
        if not (objective[-1] - objective[-2] > tol).any():
            break
    y = y.astype(dtype, copy=False)
    return (y, np.array(objective)) if return_objective else y


def _check_row(row, name, n_columns):
    row = np.asarray(row, dtype=np.float64)
    if row.shape != (n_columns,):
        raise ValueError(f"{name} has shape {row.shape}, expected ({n_columns},).")
    return row


def scale_variance(y, variance):
    """Scale every column about its mean to a variance; constant columns stay.

    Parameters
    ----------
    y : ndarray of shape (n_frames, n_columns)
    variance : ndarray of shape (n_columns,)

    Returns
    -------
    scaled : ndarray of shape (n_frames, n_columns)
    """
    now = variance_along_time(y)
    factor = np.where(now > 0, np.sqrt(variance / np.where(now > 0, now, 1.0)), 1.0)
    return y + (factor - 1) * (y - y.mean(axis=0))


def multiply_band(band, e):
    """Multiply a symmetric matrix, given by its lower band, with a vector, in every column.

    Parameters
    ----------
    band : ndarray of shape (n_frames, width, n_columns)
    e : ndarray of shape (n_frames, n_columns)

    Returns
    -------
    out : ndarray of shape (n_frames, n_columns)
    """
    out = band[:, 0] * e
    for k in range(1, min(band.shape[1], len(e))):
        out[k:] += band[k:, k] * e[:-k]
        out[:-k] += band[k:, k] * e[k:]
    return out


def gv_objective(y, most_likely, band, weight, gv_mean, gv_variance):
    """Objective of every column and its gradient.

    Parameters
    ----------
    y, most_likely : ndarray of shape (n_frames, n_columns)
        A trajectory and that of MLPG, about which the log-likelihood is a parabola.
    band : ndarray of shape (n_frames, width, n_columns)
        W' P W.
    weight : float
    gv_mean, gv_variance : ndarray of shape (n_columns,)

    Returns
    -------
    value : ndarray of shape (n_columns,)
        ``weight log P(Y | X) + log N(v(y))``, less what does not depend on y.
    gradient : ndarray of shape (n_frames, n_columns)
    """
    e = y - most_likely
    bent = multiply_band(band, e)
    excess = y.var(axis=0) - gv_mean
    value = -0.5 * weight * (e * bent).sum(axis=0) - 0.5 * excess**2 / gv_variance
    slope = 2 / len(y) * (y - y.mean(axis=0))
    return value, -weight * bent - excess / gv_variance * slope


def _step(y, most_likely, band, factors, weight, gv_mean, gv_variance):
    """Take the best step along the Gauss-Newton direction, in every column by itself."""
    from ._banded import solve

    e = y - most_likely
    centred = y - y.mean(axis=0)
    variance = (centred**2).mean(axis=0)
    slope = 2 / len(y) * centred
    solved = slope.copy()
    solve(factors, solved)
    # (weight A + s s' / gv_variance)^-1 gradient, by Sherman and Morrison.
    direction = -e - (variance - gv_mean) / (gv_variance * weight) * solved
    share = (slope * direction).sum(axis=0)
    direction -= solved * (share / (gv_variance * weight + (slope * solved).sum(axis=0)))
    # Along a line the likelihood is a parabola and the variance another: steps cost nothing.
    bent = multiply_band(band, direction)
    moved = direction - direction.mean(axis=0)
    first, second = 2 * (centred * moved).mean(axis=0), (moved**2).mean(axis=0)
    a = np.concatenate([[0.0], _STEPS])[:, None]
    fall = a * (e * bent).sum(axis=0) + 0.5 * a**2 * (direction * bent).sum(axis=0)
    fall += 0.5 * (e * multiply_band(band, e)).sum(axis=0)
    excess = variance + a * first + a**2 * second - gv_mean
    values = -weight * fall - 0.5 * excess**2 / gv_variance
    best = values.argmax(axis=0)
    columns = np.arange(len(best))
    return y + a[best, 0] * direction, values[best, columns]
