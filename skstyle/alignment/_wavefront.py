"""The recursion of dynamic time warping along anti-diagonals, for the vector units.

Cells of one anti-diagonal do not wait for each other. Strips of ``STRIP`` rows are swept along
their diagonals, a row a lane; squared distances of four columns are summed at once from
differences, so that equal frames are at distance zero, and laid out by diagonals in a ring.

Functions get whole arrays, and numbers that tell where to begin: slices would be counted by the
memory manager, many times a diagonal. Indices are unsigned: signed ones would be asked whether
they are negative, and LLVM would not vectorise.
"""

import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from ..utils.compile import compile_cached

STRIP = 64
LANES = 16  # ranges of rows are rounded to whole vectors; what lies outside becomes infinite
RING = 2 * STRIP
FOUR = 4
SUMS = STRIP + 16  # one diagonal of sums, and what keeps two of them apart
SECOND, THIRD, FOURTH = STRIP, 2 * STRIP, 3 * STRIP


@intrinsic
def _muladd(typing_context, x, y, z):
    """Return x * y + z: one instruction where the processor has it."""

    def generate(context, builder, signature, arguments):
        kind = arguments[0].type
        function = ir.FunctionType(kind, [kind] * 3)
        fused = builder.module.declare_intrinsic("llvm.fmuladd", [kind], function)
        return builder.call(fused, arguments)

    return x(x, x, x), generate


@compile_cached
def _four_columns(a, start, b, j0, j1, j2, j3, n, out):
    """Sum squared differences of ``n`` rows to four columns, four features at a time."""
    n_features = b.shape[1]
    for r in range(4 * STRIP):
        out[r] = 0
    f = 0
    while f + 4 <= n_features:
        s0, s1, s2, s3 = b[j0, f], b[j0, f + 1], b[j0, f + 2], b[j0, f + 3]
        t0, t1, t2, t3 = b[j1, f], b[j1, f + 1], b[j1, f + 2], b[j1, f + 3]
        u0, u1, u2, u3 = b[j2, f], b[j2, f + 1], b[j2, f + 2], b[j2, f + 3]
        v0, v1, v2, v3 = b[j3, f], b[j3, f + 1], b[j3, f + 2], b[j3, f + 3]
        at = f * STRIP + start
        for r in range(n):
            x0, x1 = a[np.uintp(at + r)], a[np.uintp(at + SECOND + r)]
            x2, x3 = a[np.uintp(at + THIRD + r)], a[np.uintp(at + FOURTH + r)]
            d0, d1, d2, d3 = x0 - s0, x1 - s1, x2 - s2, x3 - s3
            total = _muladd(d1, d1, _muladd(d0, d0, out[r]))
            out[r] = _muladd(d3, d3, _muladd(d2, d2, total))
            d0, d1, d2, d3 = x0 - t0, x1 - t1, x2 - t2, x3 - t3
            total = _muladd(d1, d1, _muladd(d0, d0, out[SECOND + r]))
            out[SECOND + r] = _muladd(d3, d3, _muladd(d2, d2, total))
            d0, d1, d2, d3 = x0 - u0, x1 - u1, x2 - u2, x3 - u3
            total = _muladd(d1, d1, _muladd(d0, d0, out[THIRD + r]))
            out[THIRD + r] = _muladd(d3, d3, _muladd(d2, d2, total))
            d0, d1, d2, d3 = x0 - v0, x1 - v1, x2 - v2, x3 - v3
            total = _muladd(d1, d1, _muladd(d0, d0, out[FOURTH + r]))
            out[FOURTH + r] = _muladd(d3, d3, _muladd(d2, d2, total))
        f += 4
    while f < n_features:
        s0, t0, u0, v0 = b[j0, f], b[j1, f], b[j2, f], b[j3, f]
        at = f * STRIP + start
        for r in range(n):
            x0 = a[np.uintp(at + r)]
            d0, d1, d2, d3 = x0 - s0, x0 - t0, x0 - u0, x0 - v0
            out[r] = _muladd(d0, d0, out[r])
            out[SECOND + r] = _muladd(d1, d1, out[SECOND + r])
            out[THIRD + r] = _muladd(d2, d2, out[THIRD + r])
            out[FOURTH + r] = _muladd(d3, d3, out[FOURTH + r])
        f += 1


@compile_cached
def _store_four(columns, begin, end, ring, cell):
    """Store four cells a row; each row begins one diagonal and one lane later."""
    for r in range(begin, end):
        at = cell + r * (STRIP + 1)
        ring[np.uintp(at)] = columns[r]
        ring[np.uintp(at + SECOND)] = columns[SECOND + r]
        ring[np.uintp(at + THIRD)] = columns[THIRD + r]
        ring[np.uintp(at + FOURTH)] = columns[FOURTH + r]


@compile_cached
def _lay_by_diagonals(columns, n, first, j, ring):
    """Put the cells of columns j to j + 3 into the rows of the ring that hold their diagonals."""
    top = (j + first) & (RING - 1)
    inside = min(max(RING - FOUR + 1 - top, 0), n)
    around = min(RING - top, n)
    _store_four(columns, 0, inside, ring, top * STRIP + first)
    for r in range(inside, around):
        for q in range(FOUR):
            at = (top + r + q) & (RING - 1)
            ring[at * STRIP + first + r] = columns[q * STRIP + r]
    _store_four(columns, around, n, ring, (top - RING) * STRIP + first)


@compile_cached
def _sum_diagonal(squared, cell, sums, before, previous, total, steps, move, n, weights):
    """Sum ``n`` cells of one anti-diagonal: no cell needs another one of it."""
    w_diagonal, w_up, w_left = weights[0], weights[1], weights[2]
    for r in range(n):
        distance = np.float32(np.sqrt(squared[np.uintp(cell + r)]))
        best = sums[np.uintp(before + r)] + w_diagonal * distance
        by_up = sums[np.uintp(previous + r)] + w_up * distance
        by_left = sums[np.uintp(previous + r + 1)] + w_left * distance
        step = 0
        if by_up < best:
            step = 1
        best = min(best, by_up)
        if by_left < best:
            step = 2
        sums[np.uintp(total + r + 1)] = min(best, by_left)
        steps[np.uintp(move + r)] = step


@compile_cached
def _sweep_strip(a, b, low, high, weights, edge, below, steps):
    """Sum the cells of a strip of rows, diagonal by diagonal.

    Parameters
    ----------
    a : float32 ndarray of shape (n_features * STRIP,)
        Frames of the strip, feature by feature.
    b : float32 ndarray of shape (m, n_features)
    low, high : int ndarrays of shape (n_rows,)
        Columns [low, high) of every row: neither falls, and no row leaves a gap.
    weights : float32 ndarray of shape (3,)
        Of the steps (1, 1), (1, 0) and (0, 1).
    edge : float32 ndarray of shape (m + STRIP + 3,)
        Sums of the row above at ``[j + 1]``; infinite where there are none.
    below : float32 ndarray, as ``edge``
        Receives the sums of the last row; infinite before.
    steps : uint8 ndarray of shape (n_diagonals * STRIP,)
        Receives the move that led to every cell, diagonal by diagonal, from that of column
        low[0] in the first row.
    """
    n_rows, n_columns = low.shape[0], b.shape[0]
    k0, last = low[0], high[n_rows - 1]
    squared = np.zeros(RING * STRIP, np.float32)
    columns = np.empty(4 * STRIP, np.float32)
    # Slot r + 1 is row r; slot 0 is the row above.
    sums = np.full(3 * SUMS, np.inf, np.float32)
    before, previous, total = 0, SUMS, 2 * SUMS
    sums[before], sums[previous] = edge[k0], edge[k0 + 1]
    first, end = 0, 0  # rows [first, end) have a cell on the diagonal
    first_of, end_of = 0, 0  # the same for the four columns from j
    j = k0
    for k in range(k0, k0 + steps.shape[0] // STRIP):
        if j <= k and j < last:
            while end_of < n_rows and low[end_of] <= j + 3:
                end_of += 1
            while first_of < n_rows and high[first_of] <= j:
                first_of += 1
            start = first_of // LANES * LANES
            n = (end_of + LANES - 1) // LANES * LANES - start
            j1, j2, j3 = min(j + 1, last - 1), min(j + 2, last - 1), min(j + 3, last - 1)
            _four_columns(a, start, b, j, j1, j2, j3, n, columns)
            _lay_by_diagonals(columns, n, start, j, squared)
            j += 4
        while end < n_rows and low[end] + end <= k:
            end += 1
        while first < n_rows and high[first] + first <= k:
            first += 1
        start = first // LANES * LANES
        stop = (end + LANES - 1) // LANES * LANES
        if start < stop:
            _sum_diagonal(
                squared,
                (k & (RING - 1)) * STRIP + start,
                sums,
                before + start,
                previous + start,
                total + start,
                steps,
                (k - k0) * STRIP + start,
                stop - start,
                weights,
            )
        for r in range(start, first + 1):
            sums[total + r] = np.inf
        for r in range(end, min(stop + 1, STRIP)):
            sums[total + r + 1] = np.inf
        sums[total] = edge[k + 2]
        column = k - n_rows + 1
        if end == n_rows and first < n_rows and 0 <= column < n_columns:
            below[column + 1] = sums[total + n_rows]
        before, previous, total = previous, total, before


@compile_cached
def _sweep(strips, b, low, high, weights, offsets, steps):
    """Sum strip after strip; return whether there is a way to the last cell."""
    n, m = low.shape[0], b.shape[0]
    edge = np.full(m + STRIP + 3, np.inf, np.float32)
    edge[0] = 0
    for s in range(strips.shape[0]):
        start, stop = s * STRIP, min((s + 1) * STRIP, n)
        part = steps[offsets[s] * STRIP : offsets[s + 1] * STRIP]
        below = np.full_like(edge, np.inf)
        _sweep_strip(strips[s], b, low[start:stop], high[start:stop], weights, edge, below, part)
        least = below.min()
        if not np.isfinite(least):
            return False
        # Sums are kept above the least of their row: long clips lose no digits.
        edge = below - least
    return np.isfinite(edge[m])


@compile_cached
def _trace(steps, offsets, starts, n, m):
    """Follow the steps of all strips back from the last cell; the path is returned forwards."""
    i, j = n - 1, m - 1
    path = np.empty((n + m - 1, 2), np.int64)
    at = path.shape[0]
    while True:
        at -= 1
        path[at, 0], path[at, 1] = i, j
        if i == 0 and j == 0:
            break
        s = i // STRIP
        r = i - s * STRIP
        step = steps[(offsets[s] + j + r - starts[s]) * STRIP + r]
        if step != 2:
            i -= 1
        if step != 1:
            j -= 1
    return path[at:].copy()


def count_diagonals(low, high):
    """Return the number of diagonals of every strip."""
    firsts = np.arange(0, len(low), STRIP)
    lasts = np.minimum(firsts + STRIP, len(low)) - 1
    return high[lasts] - low[firsts] + lasts - firsts


def wavefront_path(a, b, low, high, weights):
    """Find the path of least weighted distance within a window.

    Parameters
    ----------
    a, b : float32 ndarrays of shape (n, n_features) and (m, n_features)
    low, high : int ndarrays of shape (n,)
        Columns [low, high) that every row may use.
    weights : tuple of 3 floats
        Of the steps (1, 1), (1, 0) and (0, 1).

    Returns
    -------
    path : ndarray of int, shape (n_steps, 2), or None
        None where the window has no way through.
    """
    n, m = len(a), len(b)
    counts = count_diagonals(low, high)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    steps = np.empty(offsets[-1] * STRIP, np.uint8)
    strips = np.zeros((len(counts) * STRIP, a.shape[1]), np.float32)
    strips[:n] = a
    strips = strips.reshape(len(counts), STRIP, -1).transpose(0, 2, 1).reshape(len(counts), -1)
    if not _sweep(strips, b, low, high, np.array(weights, np.float32), offsets, steps):
        return None
    return _trace(steps, offsets, low[::STRIP], n, m)
