"""The nearest of many exemplars: exact, in blocks, by matrix products."""

from collections import namedtuple

import numpy as np

from ..utils.parallel import map_blocks

# Distances of one block of queries: 8 MB in float32, a part of what caches hold.
_BLOCK_DISTANCES = 2**21
_BLOCK_QUERIES = 256
# Groups of so many exemplars tell by their nearest which distances can be left out.
_GROUP = 64
# Squares of smaller and of larger numbers leave the range of float32.
_SMALLEST, _LARGEST = 1e-15, 1e15
# So many exemplars tell where their middle is.
_MIDDLE = 1000

Table = namedtuple("Table", ["origin", "products"])
Table.__doc__ = """Exemplars prepared for queries: see :func:`prepare`.

``origin`` (n_features,) is subtracted from queries first; with a one behind them, they are then
multiplied by ``products`` (n_features + 1, n_exemplars).
"""


def merge_equal(X, y):
    """Merge pairs with one source frame: an alignment repeats frames.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    y : ndarray of shape (n_frames, n_targets)

    Returns
    -------
    X : ndarray of shape (n_exemplars, n_features)
        Sorted, so that the order of the pairs does not matter.
    y : ndarray of shape (n_exemplars, n_targets)
        Means of the targets that go with one source frame, in the dtype of y.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._neighbours import merge_equal
    >>> merge_equal(np.array([[2.0], [1.0], [2.0]]), np.array([[4.0], [5.0], [8.0]]))
    (array([[1.], [2.]]), array([[5.], [6.]]))
    """
    order = np.lexsort(np.column_stack([X, y]).T[::-1])
    X, y = X[order], y[order]
    first = np.flatnonzero(np.r_[True, (X[1:] != X[:-1]).any(axis=1)])
    counts = np.diff(np.r_[first, len(X)])
    sums = np.add.reduceat(y, first, axis=0, dtype=np.float64)
    return X[first], (sums / counts[:, None]).astype(y.dtype)


def measurable(*sides):
    """Return arrays in float64 where squares of their float32 would be infinite, or nothing.

    Parameters
    ----------
    *sides : ndarrays of float32 or float64

    Returns
    -------
    sides : list of ndarrays
        The same, where float32 can tell distances.
    """
    largest = [np.abs(A).max() for A in sides]
    if all(size == 0 or _SMALLEST < size < _LARGEST for size in largest):
        return list(sides)
    return [A.astype(np.float64, copy=False) for A in sides]


def prepare(exemplars):
    """Prepare exemplars for :func:`distances`.

    Parameters
    ----------
    exemplars : ndarray of shape (n_exemplars, n_features)

    Returns
    -------
    table : Table
    """
    # About the middle of the exemplars, |b|² - 2 x'b loses no digits to a common offset.
    some = exemplars[:: max(1, len(exemplars) // _MIDDLE)]
    origin = np.median(some, axis=0).astype(exemplars.dtype)
    centred = exemplars - origin
    squares = np.einsum("nd,nd->n", centred, centred)
    return Table(origin, np.concatenate([-2 * centred.T, squares[None]]))


def distances(queries, table):
    """Squared Euclidean distances of queries to exemplars, each less a constant of its query.

    Parameters
    ----------
    queries : ndarray of shape (n_queries, n_features)
        In the dtype of the exemplars.
    table : Table

    Returns
    -------
    distances : ndarray of shape (n_queries, n_exemplars)
    """
    ones = np.ones((len(queries), 1), dtype=queries.dtype)
    return np.concatenate([queries - table.origin, ones], axis=1) @ table.products


def blocks(n_queries, n_exemplars):
    """Return slices of queries whose distances fit into memory."""
    step = min(_BLOCK_QUERIES, max(1, _BLOCK_DISTANCES // n_exemplars))
    return [slice(start, start + step) for start in range(0, n_queries, step)]


def nearest(queries, exemplars, n_neighbors):
    """Find the exemplars that are nearest to every query, in Euclidean distance.

    Parameters
    ----------
    queries : ndarray of shape (n_queries, n_features)
    exemplars : ndarray of shape (n_exemplars, n_features)
        In the dtype of the queries.
    n_neighbors : int
        At most n_exemplars.

    Returns
    -------
    indices : int ndarray of shape (n_queries, n_neighbors)
        Nearest first.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping._neighbours import nearest
    >>> nearest(np.array([[0.9]]), np.array([[5.0], [0.0], [1.0]]), 2)
    array([[2, 1]])
    """
    table = prepare(exemplars)

    def nearest_of(rows):
        return smallest(distances(queries[rows], table), n_neighbors)

    return np.concatenate([*map_blocks(nearest_of, blocks(len(queries), len(exemplars)))])


def smallest(distances, n_smallest):
    """Find the smallest values of every row.

    Parameters
    ----------
    distances : ndarray of shape (n_rows, n_columns)
    n_smallest : int
        At most n_columns.

    Returns
    -------
    indices : int ndarray of shape (n_rows, n_smallest)
        Columns, the smallest value first; of equal values the leftmost.

    Notes
    -----
    Columns are dealt out to groups. Where n groups have a value below some bound, n values are
    below it: the n-th smallest minimum of the groups bounds the n-th smallest value, and little
    more than n values are left to sort. This is many times faster than ``numpy.argpartition``
    of all columns.
    """
    bound = _upper_bound(distances, n_smallest)
    row, column = np.divmod(np.flatnonzero((distances <= bound).ravel()), distances.shape[1])
    counts = np.bincount(row, minlength=len(distances))
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    values = np.full((len(distances), counts.max()), np.inf, dtype=distances.dtype)
    columns = np.zeros(values.shape, dtype=np.intp)
    values[row, place], columns[row, place] = distances[row, column], column
    order = np.argsort(values, axis=1, kind="stable")[:, :n_smallest]
    return np.take_along_axis(columns, order, axis=1)


def _upper_bound(distances, n_smallest):
    """Bound the n-th smallest value of every row from above, (n_rows, 1)."""
    n_columns = distances.shape[1]
    size = min(_GROUP, max(1, n_columns // (4 * n_smallest)))
    n_groups = n_columns // size
    # Neighbouring columns, which are often alike, are in different groups.
    minima = distances[:, :n_groups].copy()
    for start in range(n_groups, n_groups * size, n_groups):
        np.minimum(minima, distances[:, start : start + n_groups], out=minima)
    minima.partition(n_smallest - 1, axis=1)
    return minima[:, n_smallest - 1 : n_smallest]
