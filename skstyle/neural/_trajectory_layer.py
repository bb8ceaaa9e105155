"""The most likely trajectory as a layer: MLPG with exact gradients.

Arrays of the solver are (n_frames, ..., n_clips, n_columns): columns of all clips side by side
are one banded solve.
"""

import numpy as np
import torch

from ..features._delta import DELTA
from ..trajectory._banded import factor, normal_equations, solve
from ..trajectory._windows import stack_windows

_WEIGHTS = stack_windows((DELTA,))
# Where a clip ends before its array does: the weights of its last two frames in the last delta.
_LAST_DELTA = (-0.5, 0.5)


def trajectory(mean, precision, n_frames=None):
    """Most likely static trajectories of several clips, as a differentiable function.

    Parameters
    ----------
    mean : tensor of shape (n_clips, n_times, 2 * n_columns)
        Static columns first, then their deltas.
    precision : tensor of the same shape
        Inverse variances, at least 0; above 0 for statics. A delta of precision 0 does not
        count.
    n_frames : int tensor of shape (n_clips,), optional
        Where clips end. Frames beyond are padding: zeros come out, and no gradient.

    Returns
    -------
    y : tensor of shape (n_clips, n_times, n_columns)

    Raises
    ------
    ValueError
        When shapes disagree, a clip has no frame or too many, or the precisions leave a value
        open.

    See Also
    --------
    skstyle.trajectory.mlpg : The same for one clip, on arrays.

    Notes
    -----
    With ``A = W' P W``, ``y = A^-1 W' P m`` and s = A^-1 g for the gradient g that comes in, the
    gradients are ``P W s`` for the means m and ``(W s) * (m - W y)`` for the precisions: one more
    solve by the same factors. Computed in float64 on the CPU, whatever comes in.

    References
    ----------
    .. [1] K. Tokuda, T. Yoshimura, T. Masuko, T. Kobayashi and T. Kitamura, "Speech parameter
       generation algorithms for HMM-based speech synthesis", ICASSP 2000.
       doi:10.1109/ICASSP.2000.861820

    Examples
    --------
    >>> import torch
    >>> from skstyle.neural import trajectory
    >>> mean = torch.tensor([[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]]])
    >>> precision = torch.tensor([1.0, 4.0]).expand_as(mean)
    >>> trajectory(mean, precision).ravel()
    tensor([0.3333, 0.3333, 0.6667, 0.6667])
    """
    if mean.ndim != 3 or mean.shape[2] % 2 or precision.shape != mean.shape:
        raise ValueError(
            f"mean has shape {tuple(mean.shape)} and precision {tuple(precision.shape)}, expected "
            "(n_clips, n_times, 2 * n_columns) of both."
        )
    n_clips, n_times = mean.shape[:2]
    if n_frames is None:
        n_frames = torch.full((n_clips,), n_times)
    if n_frames.shape != (n_clips,) or n_frames.min() < 1 or n_frames.max() > n_times:
        raise ValueError(
            f"n_frames must hold {n_clips} numbers from 1 to {n_times}, got {n_frames.tolist()}."
        )
    return _Trajectory.apply(mean, precision, n_frames)


class _Trajectory(torch.autograd.Function):
    @staticmethod
    def forward(ctx, mean, precision, n_frames):
        mean_, precision_ = _to_solver(mean), _to_solver(precision)
        last = n_frames.detach().cpu().numpy() - 1
        padding = np.arange(len(mean_))[:, None] > last
        for array in (mean_, precision_):
            array.swapaxes(1, 2)[padding] = 0
        factors, y = _solve_clips(mean_, precision_, last, padding)
        ctx.state = factors, mean_, precision_, y, last, padding
        return _from_solver(y, mean)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        factors, mean, precision, y, last, padding = ctx.state
        s = np.array(gradient.detach().cpu().numpy().swapaxes(0, 1), np.float64, order="C")
        s[padding] = 0
        solve(factors, s.reshape(len(s), -1))
        seen = _apply_windows(s, last)
        missed = mean - _apply_windows(y, last)
        missed.swapaxes(1, 2)[padding] = 0
        blocks = (
            array.swapaxes(1, 2).reshape(*s.shape[:2], -1)
            for array in (precision * seen, seen * missed)
        )
        return (*(_from_solver(block, gradient) for block in blocks), None)


def _to_solver(tensor):
    """Return a new float64 array (n_times, 2, n_clips, n_columns)."""
    array = tensor.detach().cpu().numpy()
    n_clips, n_times, _ = array.shape
    array = array.reshape(n_clips, n_times, 2, -1).transpose(1, 2, 0, 3)
    return np.array(array, dtype=np.float64, order="C")


def _from_solver(array, like):
    """Return (n_times, n_clips, n_columns) as a tensor of clips, where and what ``like`` is."""
    array = np.ascontiguousarray(array.swapaxes(0, 1))
    return torch.from_numpy(array).to(device=like.device, dtype=like.dtype)


def _solve_clips(mean, precision, last, padding):
    """Return the factors of W' P W of all clips, and their trajectories."""
    n_times, _, n_clips, n_columns = mean.shape
    precision = precision.copy()
    # Padding is tied to nothing, and pulled to zero.
    precision[:, 0][padding] = 1
    # W repeats the last frame at the end of the array; where a clip ends before, its last delta
    # reaches into padding, so that it is taken away and put in as it should be.
    clips = np.flatnonzero(last < n_times - 1)
    p, m = (array[last[clips], 1, clips] for array in (precision, mean))
    precision[last[clips], 1, clips] = 0
    band, y = normal_equations(mean.reshape(n_times, -1), precision.reshape(n_times, -1), _WEIGHTS)
    blocks = band.reshape(n_times, -1, n_clips, n_columns)
    y = y.reshape(n_times, n_clips, n_columns)
    # In a clip of one frame both weights meet, and cancel.
    longer = last[clips] > 0
    clips, p, m = clips[longer], p[longer], m[longer]
    end, (before, at) = last[clips], _LAST_DELTA
    blocks[end, 0, clips] += at * at * p
    blocks[end - 1, 0, clips] += before * before * p
    blocks[end, 1, clips] += at * before * p
    y[end, clips] += at * p * m
    y[end - 1, clips] += before * p * m
    frame, column = factor(band)
    if frame >= 0:
        raise ValueError(
            f"The precisions leave column {column % n_columns} of clip {column // n_columns} open "
            f"at frame {frame}: statics need a finite precision above 0."
        )
    solve(band, y.reshape(n_times, -1))
    return band, y


def _apply_windows(y, last):
    """Return W y: statics and deltas, (n_times, 2, n_clips, n_columns)."""
    out = np.zeros((len(y), 2, *y.shape[1:]))
    out[:, 0] = y
    padded = np.concatenate([y[:1], y, y[-1:]])
    out[:, 1] = 0.5 * (padded[2:] - padded[:-2])
    clips = np.arange(y.shape[1])
    before, at = _LAST_DELTA
    out[last, 1, clips] = at * y[last, clips] + before * y[np.maximum(last - 1, 0), clips]
    return out
