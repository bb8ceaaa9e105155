"""Mel filters, and spectra that fit to mel bands: matrices and non-negative least squares."""

import numpy as np
from scipy import sparse

MEL_SCALES = ("slaney", "htk")
NORMS = ("slaney", None)
# The scale of Slaney is linear up to 1000 Hz and logarithmic above, 27 mel for a factor of 6.4.
LINEAR_HZ_PER_MEL = 200 / 3
BREAK_HZ = 1000.0
LOG_STEP = np.log(6.4) / 27

# Frames solved at once: their spectra stay in the cache.
BLOCK = 64
# Weights of the norm beside the error, relative to the power of a filter; the last one counts.
REGULARISATIONS = (1e-5, 1e-10)
# Level below the loudest band where the interpolated spectrum ends, as a part of its power.
LOWEST_LEVEL = 1e-6


def hz_to_mel(hz, scale="slaney"):
    """Map frequencies in Hz to one of the two mel scales in use ("slaney" or "htk")."""
    hz = np.asarray(hz, dtype=float)
    if scale == "htk":
        return 2595 * np.log10(1 + hz / 700)
    steps = np.log(np.maximum(hz, BREAK_HZ) / BREAK_HZ) / LOG_STEP
    return np.minimum(hz, BREAK_HZ) / LINEAR_HZ_PER_MEL + steps


def mel_to_hz(mel, scale="slaney"):
    """Undo :func:`hz_to_mel`."""
    mel = np.asarray(mel, dtype=float)
    if scale == "htk":
        return 700 * (10 ** (mel / 2595) - 1)
    steps = np.maximum(mel - BREAK_HZ / LINEAR_HZ_PER_MEL, 0)
    low = np.minimum(mel * LINEAR_HZ_PER_MEL, BREAK_HZ)
    return low * np.exp(LOG_STEP * steps)


def highest_frequency(sample_rate, f_min_hz, f_max_hz=None):
    """Return where the last of all bands ends, and refuse ranges that hold none.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    f_min_hz : float
        Where the first band begins.
    f_max_hz : float, optional
        Where the last one ends; half of the sample rate by default.

    Returns
    -------
    f_max_hz : float
    """
    highest = sample_rate / 2
    f_max_hz = highest if f_max_hz is None else f_max_hz
    if f_max_hz > highest:
        raise ValueError(
            f"f_max_hz={f_max_hz} is above half of sample_rate={sample_rate}: use "
            f"f_max_hz={highest:g} or less, or resample the clips to {2 * f_max_hz:g} Hz or more."
        )
    if not 0 <= f_min_hz < f_max_hz:
        raise ValueError(
            f"Expected 0 <= f_min_hz < f_max_hz, got f_min_hz={f_min_hz} and f_max_hz={f_max_hz}."
        )
    return f_max_hz


def mel_filters(sample_rate, n_fft, n_mels, f_min_hz, f_max_hz, *, mel_scale, norm):
    """Return triangular filters that are equally spaced on a mel scale.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    n_fft : int
    n_mels : int
    f_min_hz, f_max_hz : float
        Where the first filter begins and the last one ends.
    mel_scale : {"slaney", "htk"}
    norm : {"slaney", None}
        "slaney" gives every filter an area of one over its frequencies in Hz, None a peak of
        one.

    Returns
    -------
    filters : ndarray of shape (n_fft // 2 + 1, n_mels)
    centres : ndarray of shape (n_mels,)
        In Hz.
    """
    low, high = hz_to_mel([f_min_hz, f_max_hz], mel_scale)
    edges = mel_to_hz(np.linspace(low, high, n_mels + 2), mel_scale)
    bins = np.arange(n_fft // 2 + 1)[:, None] * (sample_rate / n_fft)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    filters = np.maximum(np.minimum(rising, falling), 0)
    if norm == "slaney":
        filters *= 2 / (edges[2:] - edges[:-2])
    return filters, edges[1:-1]


def clipped_pseudo_inverse(mel, filters):
    """Return the smallest spectra with these mel bands, negative values set to zero.

    Parameters
    ----------
    mel : ndarray of shape (n_frames, n_mels)
    filters : ndarray of shape (n_bins, n_mels)

    Returns
    -------
    spectra : ndarray of shape (n_frames, n_bins)
        Quick, but no longer exact where something was cut.
    """
    spectra = mel @ np.linalg.pinv(filters).astype(mel.dtype)
    return np.maximum(spectra, 0, out=spectra)


def nonnegative_inverse(mel, filters, *, tol=1e-10, max_iter=100):
    """Return the non-negative spectra nearest to given mel bands in least squares.

    Parameters
    ----------
    mel : ndarray of shape (n_frames, n_mels)
    filters : ndarray of shape (n_bins, n_mels)
        Only neighbours may overlap, as those of :func:`mel_filters` do.
    tol : float, default=1e-10
        Largest violation of the optimality conditions, as a part of the largest band.
    max_iter : int, default=100
        Newton steps; less than ten are usual.

    Returns
    -------
    spectra : ndarray of shape (n_frames, n_bins)
        Of all spectra that fit equally well, the smallest in a norm that is relative to the
        spectrum interpolated between the bands.

    Notes
    -----
    Minimises ``|A p - s|^2 + e sum(p^2 / w)`` over p >= 0 for every frame, where w is the
    interpolated spectrum: corrections to it are multiplied, and few bins become zero. The
    minimum is ``p = w max(0, A' u)`` where the dual u, one number for each band, solves
    ``A (w max(0, A' u)) + e u = s``: a monotone, piecewise linear equation. Newton's method
    solves it for all frames of a block at once [1]_; as only neighbouring filters overlap,
    each step is a tridiagonal system. The weight e falls in stages, each of which starts
    from the last.

    References
    ----------
    .. [1] L. Qi and J. Sun, "A nonsmooth version of Newton's method", Mathematical Programming
       58, 1993. doi:10.1007/BF01581275
    """
    power = (filters**2).sum(axis=0)
    regularisations = power[power > 0].mean() * np.array(REGULARISATIONS)
    by_band = filters.T
    matrices = [
        sparse.csr_array(m) for m in (by_band, filters, by_band**2, by_band[:-1] * by_band[1:])
    ]
    out = np.empty((len(mel), len(filters)), mel.dtype)
    for start in range(0, len(mel), BLOCK):
        # A filter without bins can fit to nothing.
        target = np.where(power > 0, mel[start : start + BLOCK], 0).T.astype(float)
        scale = np.abs(target).max(axis=0)
        scale[scale == 0] = 1
        target /= scale
        smooth = interpolate_bands(target, filters)
        spectra = _solve_dual(target, smooth, matrices, regularisations, tol, max_iter)
        out[start : start + BLOCK] = (spectra * scale).T
    return out


def interpolate_bands(mel, filters):
    """Return positive spectra, on a scale from 0 to 1, whose logarithm is linear between bands.

    Parameters
    ----------
    mel : ndarray of shape (n_mels, n_frames)
    filters : ndarray of shape (n_bins, n_mels)

    Returns
    -------
    smooth : ndarray of shape (n_bins, n_frames)
    """
    tiny = np.finfo(float).tiny
    level = np.maximum(mel / np.maximum(filters.sum(axis=0), tiny)[:, None], 0)
    level = np.maximum(level / np.maximum(level.max(axis=0), tiny), LOWEST_LEVEL)
    share = filters / np.maximum(filters.max(axis=0), tiny)
    share /= np.maximum(share.sum(axis=1, keepdims=True), tiny)
    return np.exp(sparse.csr_array(share) @ np.log(level))


def _solve_dual(target, smooth, matrices, regularisations, tol, max_iter):
    """Newton's method on the dual, frames as columns; frames that are done are put aside."""
    analyse, spread, squares, overlaps = matrices
    found = np.zeros_like(smooth)
    todo = np.arange(target.shape[1])
    stage = np.zeros(len(todo), int)
    dual, factor = np.zeros_like(target), np.zeros_like(smooth)  # factor is A' u
    for _ in range(max_iter):
        spectra = smooth * np.maximum(factor, 0)
        error = analyse @ spectra - target
        reached = np.abs(error + regularisations[stage] * dual).max(axis=0) <= tol
        done = reached & (stage == len(regularisations) - 1)
        if done.any():
            found[:, todo[done]] = spectra[:, done]
            todo, stage, reached = todo[~done], stage[~done], reached[~done]
            dual, target, error = dual[:, ~done], target[:, ~done], error[:, ~done]
            factor, smooth = factor[:, ~done], smooth[:, ~done]
        if len(todo) == 0:
            return found
        stage = stage + reached
        weight = regularisations[stage]
        gradient = error + weight * dual
        active = np.where(factor >= 0, smooth, 0)  # at the start, all
        step = -solve_tridiagonal(squares @ active + weight, overlaps @ active, gradient)
        change = spread @ step
        length = _step_length(
            dual, factor, step, change, smooth, target, weight, (gradient * step).sum(axis=0)
        )
        dual = dual + length * step
        factor = factor + length * change
    found[:, todo] = smooth * np.maximum(factor, 0)
    return found


def _step_length(dual, factor, step, change, smooth, target, weight, slope):
    """Halve Newton steps as long as the dual objective falls too little (Armijo's rule)."""

    def objective(length):
        u, v = dual + length * step, np.maximum(factor + length * change, 0)
        norms = np.einsum("ij,ij,ij->j", smooth, v, v) + weight * np.einsum("ij,ij->j", u, u)
        return norms / 2 - np.einsum("ij,ij->j", u, target)

    length = np.zeros(len(weight))
    start = objective(length)
    length += 1
    for _ in range(30):
        goal = start + 1e-4 * length * slope + 1e-13 * np.abs(start)  # room for rounding
        far = objective(length) > goal
        if not far.any():
            break
        length[far] /= 2
    return length


def solve_tridiagonal(diagonal, beside, right):
    """Solve many symmetric, positive definite, tridiagonal systems, one in every column.

    Parameters
    ----------
    diagonal : ndarray of shape (n, n_systems)
    beside : ndarray of shape (n - 1, n_systems)
        Elements next to the diagonal.
    right : ndarray of shape (n, n_systems)

    Returns
    -------
    x : ndarray of shape (n, n_systems)
    """
    x, pivot = right.copy(), diagonal.copy()
    for i in range(1, len(x)):
        factor = beside[i - 1] / pivot[i - 1]
        pivot[i] -= factor * beside[i - 1]
        x[i] -= factor * x[i - 1]
    x[-1] /= pivot[-1]
    for i in range(len(x) - 2, -1, -1):
        x[i] = (x[i] - beside[i] * x[i + 1]) / pivot[i]
    return x
