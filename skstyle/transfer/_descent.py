"""Descent by limited-memory BFGS among numbers with bounds."""

from collections import deque
from time import perf_counter

import numpy as np

# Steps that the curvature is learned from.
MEMORY = 10
# Iterations over which progress is measured: a single one may be a short step.
PATIENCE = 5
# The very first step changes the numbers by this part of their length.
FIRST_STEP = 0.05
# A step is accepted when it brings this part of what the slope promises.
ARMIJO = 1e-4
MAX_HALVINGS = 20
# Flatter steps teach nothing but rounding errors.
CURVATURE = 1e-10


def descend(function, start, *, lower=0.0, upper=np.inf, max_iter, tol=0.0, max_seconds=None):
    """Lower a function of many numbers between bounds.

    Parameters
    ----------
    function : callable
        Takes an array like ``start`` and returns the loss and its gradient.
    start : ndarray
        Within the bounds.
    lower, upper : float or ndarray, default=0 and inf
        Broadcast against ``start``.
    max_iter : int
        0 returns the start.
    tol : float, default=0.0
        Stop when an iteration lowers the loss by less than this part of itself, on average over
        the last five.
    max_seconds : float, optional
        Stop after the iteration that ends later than this. The result then depends on the
        machine.

    Returns
    -------
    x : ndarray like start
    losses : ndarray of shape (n_iterations + 1,)
        At the start and after every step; they fall.

    Notes
    -----
    Limited-memory BFGS [1]_ of the numbers that are free to move, not pushed against their bounds,
    with steps projected back to the bounds (two metrics, [2]_) and shortened until the loss falls
    enough. Where no step lowers the loss, descent ends.

    References
    ----------
    .. [1] D. C. Liu and J. Nocedal, "On the limited memory BFGS method for large scale
       optimization", Math. Program. 45, 1989. doi:10.1007/BF01589116
    .. [2] D. P. Bertsekas, "Projected Newton methods for optimization problems with simple
       constraints", SIAM J. Control Optim. 20, 1982. doi:10.1137/0320018

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer._descent import descend
    >>> def parabola(x):
    ...     away = x - np.array([1.0, -1.0])
    ...     return np.sum(away**2), 2 * away
    >>> x, losses = descend(parabola, np.full(2, 3.0), max_iter=20)
    >>> bool(np.allclose(x, [1, 0])), bool(np.all(np.diff(losses) < 0))
    (True, True)
    """
    begin = perf_counter()
    x = np.array(start)
    loss, gradient = function(x)
    losses, pairs = [float(loss)], deque(maxlen=MEMORY)
    # A search that failed and is tried again is no step.
    while len(losses) <= max_iter:
        free = ((x > lower) | (gradient < 0)) & ((x < upper) | (gradient > 0))
        direction = np.where(free, -newton(np.where(free, gradient, 0), pairs), 0)
        if not np.vdot(gradient, direction) < 0:
            break  # nothing is steep any more
        step = 1.0 if pairs else _first_step(x, direction)
        found = _search(function, x, loss, gradient, direction, step, (lower, upper))
        if found is None:
            if not pairs:
                break
            pairs.clear()  # the curvature learned was wrong: once more without
            continue
        new, loss, new_gradient = found
        s, y = new - x, new_gradient - gradient
        if np.vdot(s, y) > CURVATURE * np.linalg.norm(s) * np.linalg.norm(y):
            pairs.append((s, y))
        x, gradient = new, new_gradient
        losses.append(float(loss))
        late = max_seconds is not None and perf_counter() - begin > max_seconds
        if late or _has_stalled(losses, tol):
            break
    return x, np.array(losses)


def newton(gradient, pairs):
    """Multiply a gradient by an inverse Hessian, by the two-loop recursion.

    Parameters
    ----------
    gradient : ndarray
    pairs : sequence of (ndarray, ndarray)
        Steps and changes of gradients, the latest last.

    Returns
    -------
    direction : ndarray
        The gradient itself without pairs.
    """
    q = gradient.copy()
    shares = []
    for s, y in reversed(pairs):
        share = float(np.vdot(s, q)) / float(np.vdot(s, y))
        q -= q.dtype.type(share) * y
        shares.append(share)
    if pairs:
        s, y = pairs[-1]
        q *= q.dtype.type(float(np.vdot(s, y)) / float(np.vdot(y, y)))
    for (s, y), share in zip(pairs, reversed(shares), strict=True):
        back = float(np.vdot(y, q)) / float(np.vdot(s, y))
        q += q.dtype.type(share - back) * s
    return q


def _first_step(x, direction):
    """Return a step that changes little: nothing is known of the curvature yet."""
    length = np.linalg.norm(x) or np.sqrt(x.size)
    return FIRST_STEP * float(length) / float(np.linalg.norm(direction))


def _search(function, x, loss, gradient, direction, step, bounds):
    """Shorten a step until the loss falls enough; None when it does not."""
    for _ in range(MAX_HALVINGS):
        new = np.clip(x + x.dtype.type(step) * direction, *bounds)
        new_loss, new_gradient = function(new)
        promised = float(np.vdot(gradient, new - x))
        if new_loss < loss and new_loss <= loss + ARMIJO * promised:
            return new, new_loss, new_gradient
        # The parabola through both losses and the slope, within bounds.
        bend = 2 * (new_loss - loss - promised)
        step *= float(np.clip(-promised / bend, 0.1, 0.5)) if bend > 0 else 0.5
    return None


def _has_stalled(losses, tol):
    """Tell whether the last iterations brought less than tol each."""
    if len(losses) <= PATIENCE:
        return False
    before, now = losses[-1 - PATIENCE], losses[-1]
    return before - now < PATIENCE * tol * before
