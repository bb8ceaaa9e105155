"""Dynamic time warping: the path of least summed distance between two sequences.

References
----------
.. [1] H. Sakoe and S. Chiba, "Dynamic programming algorithm optimization for spoken word
   recognition", IEEE Trans. ASSP 26, 1978. doi:10.1109/TASSP.1978.1163055
.. [2] S. Salvador and P. Chan, "Toward accurate dynamic time warping in linear time and space",
   Intelligent Data Analysis 11, 2007. doi:10.3233/IDA-2007-11508
"""

import numpy as np

from ..utils.validation import as_float
from ._window import band_limits, halve, has_way, path_limits

# Weights of the steps (1, 1), (1, 0) and (0, 1), by name of the slope.
WEIGHTS = {
    "unit": (1, 1, 1),
    "symmetric": (2, 1, 1),
    "asymmetric": (1, 0, 1),
    "p05": (2, 1, 1),
    "p1": (2, 1, 1),
}
# Steps that may follow a diagonal one in the same direction, where that is bounded.
LONGEST_RUN = {"p1": 1, "p05": 2}
# The coarsest level has about so many frames beside the radius.
COARSEST = 32


def dtw_path(
    a,
    b,
    band=None,
    *,
    slope="unit",
    multi_resolution=False,
    radius=32,
    max_memory_mb=512,
):
    """Find the monotone path of least summed Euclidean distance between two sequences.

    Steps are (1, 1), (1, 0) and (0, 1); ties prefer the diagonal.

    Parameters
    ----------
    a : ndarray of shape (n, n_features)
        Frames of the first sequence.
    b : ndarray of shape (m, n_features)
        Frames of the second sequence.
    band : float, optional
        Half-width of the Sakoe-Chiba band as a share of the longer sequence.
    slope : {"unit", "symmetric", "asymmetric", "p05", "p1"}, default="unit"
        What steps weigh and may do; see Notes.
    multi_resolution : bool, default=False
        True searches at half the resolution first, and so on down, and looks only around the
        path that was found there: memory grows with n and no longer with n * m. The path is
        near the best one, and mostly is it.
    radius : int, default=32
        Frames that ``multi_resolution`` looks at on every side of the coarser path.
    max_memory_mb : float, default=512
        Refuse work that needs more memory than so many megabytes (1e6 bytes).

    Returns
    -------
    path : ndarray of int, shape (n_steps, 2)
        Pairs of indices from (0, 0) to (n - 1, m - 1).
    cost : float
        Weighted sum of the distances on the path, in float64.

    Raises
    ------
    ValueError
        When the columns differ, the memory does not suffice, or no path has the slope.

    Notes
    -----
    ============ ====================================== ===========================================
    slope        weight of a step                       paths
    ============ ====================================== ===========================================
    unit         1                                      all
    symmetric    frames it moves on, in a and b         all; P = 0 of [1]_
    asymmetric   frames it moves on in b                all; frames of a can be passed for nothing
    p05          as symmetric                           at most 2 steps aside for each diagonal one
    p1           as symmetric                           at most 1 step aside for each diagonal one
    ============ ====================================== ===========================================

    Bounded slopes need sequences of similar lengths: the longer one has at most three (p05) or
    two (p1) times as many steps as the shorter one.

    The first three search in float32, whatever comes in: data are centred and scaled by a power
    of two, distances come from differences (equal frames are at distance 0), and sums are kept
    above the least of their row. The path is the best one to about seven digits of its cost.
    Bounded slopes search in float64. A move takes one byte for each cell of the window, and
    about 130 more a row.

    References
    ----------
    .. [1] H. Sakoe and S. Chiba, "Dynamic programming algorithm optimization for spoken word
       recognition", IEEE Trans. ASSP 26, 1978. doi:10.1109/TASSP.1978.1163055
    .. [2] S. Salvador and P. Chan, "Toward accurate dynamic time warping in linear time and
       space", Intelligent Data Analysis 11, 2007. doi:10.3233/IDA-2007-11508

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.alignment import dtw_path
    >>> path, cost = dtw_path(np.array([[0.0], [0.0], [1.0]]), np.array([[0.0], [1.0], [1.5]]))
    >>> path.tolist(), cost
    ([[0, 0], [1, 0], [2, 1], [2, 2]], 0.5)
    """
    check_options(band, slope, radius, max_memory_mb)
    a, b = check_pair(a, b)
    n, m = len(a), len(b)
    check_slope(n, m, slope)
    p, q = centred_pair(a, b)
    if multi_resolution:
        path = _coarse_to_fine(p, q, band, slope, int(radius), max_memory_mb)
    else:
        path = _search(p, q, *band_limits(n, m, band), slope, max_memory_mb)
    if path is None:
        raise ValueError(
            f"No path of slope {slope!r} between {n} and {m} frames stays within band={band}. "
            "Use a wider band, or slope='symmetric'."
        )
    return path, path_cost(a, b, path, slope)


def check_pair(a, b):
    """Check two sequences that are compared frame by frame."""
    a, b = as_float(a, "a", 2, "frame"), as_float(b, "b", 2, "frame")
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"a has {a.shape[1]} features and b has {b.shape[1]}, expected as many.")
    return a, b


def check_options(band, slope, radius, max_memory_mb):
    """Check the parameters that aligners share with :func:`dtw_path`."""
    if band is not None and not 0 < band <= 1:
        raise ValueError(f"band must lie in (0, 1], got {band}.")
    if slope not in WEIGHTS:
        raise ValueError(f"slope must be one of {list(WEIGHTS)}, got {slope!r}.")
    if not (radius >= 1 and radius == int(radius)):
        raise ValueError(f"radius must be a positive integer, got {radius!r}.")
    if not max_memory_mb > 0:
        raise ValueError(f"max_memory_mb must be positive, got {max_memory_mb!r}.")


def check_slope(n, m, slope):
    """Check that two lengths can be matched at a slope."""
    if slope not in LONGEST_RUN:
        return
    times = 1 + LONGEST_RUN[slope]
    short, long = sorted((n, m))
    if long - 1 > times * (short - 1):
        raise ValueError(
            f"{n} and {m} frames cannot be matched at slope={slope!r}: the longer sequence may "
            f"have at most {times * (short - 1) + 1} frames beside {short}. Use slope="
            f"'symmetric', or leave the pair out."
        )


def check_memory(n_bytes, n, m, max_memory_mb, fix):
    """Refuse work before its memory is allocated."""
    if n_bytes > max_memory_mb * 1e6:
        raise ValueError(
            f"Aligning {n} with {m} frames needs about {n_bytes / 1e6:.0f} MB, more than "
            f"max_memory_mb={max_memory_mb:g}. {fix}"
        )


def centred_pair(a, b):
    """Move two sequences to a common origin near them, and scale them to about one.

    The origin is a multiple of the scale, and that is a power of two: integers stay integers
    times a power of two, whose differences are exact in float32.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    origin = np.full(len(b), 1 / len(b)) @ b
    spread = max(np.abs(a - origin).max(), np.abs(b - origin).max())
    unit = 2.0 ** np.ceil(np.log2(spread)) if spread > 0 else 1.0
    origin = np.round(origin / unit) * unit
    return (a - origin) / unit, (b - origin) / unit


def path_cost(a, b, path, slope):
    """Return the weighted sum of the distances on a path, in float64."""
    difference = np.asarray(a, np.float64)[path[:, 0]] - np.asarray(b, np.float64)[path[:, 1]]
    distances = np.sqrt(np.einsum("ij,ij->i", difference, difference))
    diagonal, up, left = WEIGHTS[slope]
    moves = np.diff(path, axis=0, prepend=[[-1, -1]])
    weights = np.where(moves.all(axis=1), diagonal, np.where(moves[:, 0], up, left))
    return float(weights @ distances)


def estimate_bytes(low, high, n, m, n_features, slope):
    """Return about how many bytes a search in a window takes beside its input."""
    # The centred copies and what the path is written to.
    shared = (n + m) * (8 * n_features + 32)
    if slope in LONGEST_RUN:
        from ._slope import BLOCK_ROWS

        firsts = np.arange(0, n, BLOCK_ROWS)
        widest = (high[np.minimum(firsts + BLOCK_ROWS, n) - 1] - low[firsts]).max()
        return int(shared + (high - low).sum() + 8 * min(BLOCK_ROWS, n) * widest + 64 * m)
    from ._wavefront import STRIP, count_diagonals

    return int(shared + count_diagonals(low, high).sum() * STRIP + (n + m) * 4 * n_features)


def _search(a, b, low, high, slope, max_memory_mb):
    """Search a window of centred data; None where it has no way through."""
    # Imported here, so that importing the library does not load numba.
    from ._slope import slope_path
    from ._wavefront import wavefront_path

    n, m = len(a), len(b)
    if not has_way(low, high):
        return None
    needed = estimate_bytes(low, high, n, m, a.shape[1], slope)
    fix = "Use a band (band=0.1), multi_resolution=True, or a higher limit."
    check_memory(needed, n, m, max_memory_mb, fix)
    if slope in LONGEST_RUN:
        return slope_path(a, b, low, high, LONGEST_RUN[slope])
    a, b = np.ascontiguousarray(a, np.float32), np.ascontiguousarray(b, np.float32)
    return wavefront_path(a, b, low, high, WEIGHTS[slope])


def _coarse_to_fine(a, b, band, slope, radius, max_memory_mb):
    n, m = len(a), len(b)
    low, high = band_limits(n, m, band)
    if min(n, m) <= radius + COARSEST:
        return _search(a, b, low, high, slope, max_memory_mb)
    # Half the lengths may be too different for the slope; its weights do.
    coarse_slope = slope if slope not in LONGEST_RUN else "symmetric"
    coarse = _coarse_to_fine(halve(a), halve(b), band, coarse_slope, radius, max_memory_mb)
    while True:
        near_low, near_high = path_limits(coarse, n, m, radius)
        inside_low, inside_high = np.maximum(low, near_low), np.minimum(high, near_high)
        path = _search(a, b, inside_low, inside_high, slope, max_memory_mb)
        whole = (near_low <= low).all() and (near_high >= high).all()
        if path is not None or whole:
            return path
        # Bounded slopes and bands may need cells farther from the coarse path.
        radius *= 2
