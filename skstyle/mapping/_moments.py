"""The two steps of expectation-maximisation, and the sums over frames that pass between them.

Sums add up. Frames may come in blocks, clips or shares of a corpus, in threads, processes or
one after the other: the moments of all frames are the ``+`` of the moments of the parts::

    spread = sum(spread_of(clip) for clip in clips)
    ...
    moments = sum(em_sums(spread.standardise(clip), *mixture) for clip in clips)
    mixture = m_step(moments)

Here ``sum`` may run over the results of ``joblib.Parallel`` with any backend.
"""

from collections import namedtuple

import numpy as np

from ..utils.parallel import map_blocks
from . import _shapes
from ._gaussians import posteriors, prepare, second_moments

# 2048 rows of 100 features are 1.6 MB: a block stays in cache between its passes.
BLOCK_ROWS = 2048
# Fixed, so that the order of summation does not depend on the number of threads.
_MAX_CHUNKS = 16


class Moments(namedtuple("Moments", ["mass", "first", "second", "log_likelihood", "n_frames"])):
    """Sums over frames of r, r x, r x x' by component, of log-likelihoods, and of 1.

    The sum of two Moments is that of all their frames.
    """

    __slots__ = ()

    def __add__(self, other):
        return Moments(*(a + b for a, b in zip(self, other, strict=True)))

    def __radd__(self, zero):
        # So that the built-in sum, which starts from 0, works.
        return self if zero == 0 else NotImplemented

    def __mul__(self, factor):
        return Moments(*(a * factor for a in self))

    @property
    def bound(self):
        """Mean log-likelihood of a frame, nats, less the penalty of the regularisation."""
        return float(self.log_likelihood / self.n_frames)


class Spread(namedtuple("Spread", ["n_frames", "mean", "deviation", "low", "high"])):
    """Number, mean, sum of squared deviations, minimum and maximum of frames, by column.

    The sum of two Spreads is that of all their frames [1]_.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample
       variance", Am. Stat. 37(3), 1983. https://doi.org/10.1080/00031305.1983.10483115
    """

    __slots__ = ()

    def __add__(self, other):
        n_frames = self.n_frames + other.n_frames
        shift = other.mean - self.mean
        mean = self.mean + shift * (other.n_frames / n_frames)
        between = shift**2 * (self.n_frames * other.n_frames / n_frames)
        low, high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        return Spread(n_frames, mean, self.deviation + other.deviation + between, low, high)

    def __radd__(self, zero):
        return self if zero == 0 else NotImplemented

    @property
    def scale(self):
        """Standard deviations; 1 for a constant column."""
        with np.errstate(over="ignore", invalid="ignore"):
            scale = np.sqrt(self.deviation / self.n_frames)
        if not np.isfinite(scale).all():
            raise ValueError("The variance of a feature overflows float64: rescale the features.")
        # The variance of a smaller feature would underflow.
        constant = (self.low == self.high) | (scale < 1e-150)
        return np.where(constant, 1.0, scale)

    def standardise(self, X, dtype=np.float64):
        """Return ``(X - mean) / scale``, worked out in float64, as a new array of `dtype`."""
        Z = np.empty(X.shape, dtype=dtype)
        scale = self.scale
        for rows in _blocks(0, len(X), BLOCK_ROWS):
            Z[rows] = (X[rows] - self.mean) / scale
        return Z


def spread_of(X, block_rows=BLOCK_ROWS):
    """Measure the Spread of an array of frames.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_columns)
    block_rows : int, default=2048

    Returns
    -------
    spread : Spread
    """
    return sum(_spread_of_block(X[rows]) for rows in _blocks(0, len(X), block_rows))


def _spread_of_block(X):
    X = X.astype(np.float64, copy=False)
    low, high = X.min(axis=0), X.max(axis=0)
    # The mean of equal numbers is not always that number.
    mean = np.where(low == high, low, X.mean(axis=0))
    with np.errstate(over="ignore"):
        deviation = ((X - mean) ** 2).sum(axis=0)
    return Spread(len(X), mean, deviation, low, high)


def moments_of(X, resp, covariance_type="full"):
    """Sum the sufficient statistics of a block of frames.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_columns)
        Standardised frames: the moments are about zero.
    resp : ndarray of shape (n_components, n_frames)
    covariance_type : {"block_diag", "diag", "full", "tied"}, default="full"

    Returns
    -------
    moments : Moments
        Its log-likelihood is 0.
    """
    first = (resp.astype(X.dtype, copy=False) @ X).astype(np.float64, copy=False)
    second = second_moments(X, resp, covariance_type).astype(np.float64, copy=False)
    return Moments(resp.sum(axis=1), first, second, 0.0, len(X))


def em_sums(
    X, weights, means, covariances, covariance_type="full", reg_covar=0.0, block_rows=BLOCK_ROWS
):
    """E step: sufficient statistics of frames, and the bound of these parameters.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_columns), float64 or float32
        Standardised frames: all of them, or one of the parts whose moments will be added.
    weights, means, covariances, covariance_type
        The current mixture.
    reg_covar : float or ndarray of shape (n_columns,), default=0.0
        What the M step adds to the variances, in squared units of X.
    block_rows : int, default=2048
        The memory needed is ``O(block_rows * n_components + n_components * n_columns ** 2)``
        in each thread.

    Returns
    -------
    moments : Moments

    Notes
    -----
    Adding ``reg_covar`` to the variances is the exact M step for frames blurred with noise
    of that variance, whose expected log density is lower by ``reg_covar tr(inv(S_k)) / 2``.
    With this term in the E step too, the bound never decreases, which plain EM followed by
    a repair of the covariances does not promise.

    Blocks of frames run in as many threads as BLAS has; the bytes do not depend on how many.
    float32 frames are multiplied in float32 and summed up in float64.
    """
    density = prepare(weights, means, covariances, covariance_type, reg_covar, X.dtype)
    negligible = np.finfo(X.dtype).eps

    def of_block(rows):
        resp, log_evidence = posteriors(X[rows], density)
        # Below rounding beside the frame's best component; most frames have few that matter.
        resp[resp < negligible] = 0.0
        return moments_of(X[rows], resp, covariance_type)._replace(
            log_likelihood=log_evidence.sum()
        )

    return _sum_over_blocks(of_block, len(X), block_rows)


def m_step(moments, covariance_type="full", reg_covar=0.0):
    """M step: the mixture of largest bound, given sufficient statistics.

    Parameters
    ----------
    moments : Moments
        From :func:`em_sums` or :func:`moments_of`.
    covariance_type : {"block_diag", "diag", "full", "tied"}, default="full"
    reg_covar : float or ndarray of shape (n_columns,), default=0.0
        Added to every variance, in squared units of the columns.

    Returns
    -------
    weights, means, covariances : ndarrays
        Components left without frames are dropped, which leaves the likelihood as it is.
    """
    mass, first, second = moments[:3]
    if covariance_type == "tied":
        second = second / moments.n_frames
    alive = mass > 1e-10
    mass, first = mass[alive], first[alive]
    if covariance_type != "tied":
        second = second[alive] / mass.reshape(-1, *[1] * (second.ndim - 1))
    weights, means = mass / mass.sum(), first / mass[:, None]
    covariances = _shapes.centre(second, means, weights, covariance_type, reg_covar)
    return weights, means, covariances


def expected_moments(weights, means, covariances, covariance_type="full", reg_covar=0.0):
    """Moments of one frame, on average, that :func:`m_step` turns into this mixture.

    Parameters
    ----------
    weights, means, covariances, covariance_type
        A mixture.
    reg_covar : float or ndarray of shape (n_columns,), default=0.0
        What the variances contain of it.

    Returns
    -------
    moments : Moments
    """
    second = _shapes.uncentre(covariances, means, weights, covariance_type, reg_covar)
    if covariance_type != "tied":
        second *= weights.reshape(-1, *[1] * (second.ndim - 1))
    return Moments(weights, weights[:, None] * means, second, 0.0, 1)


# --- blocks of frames in threads ----------------------------------------------------------


def _blocks(start, stop, n_rows):
    return [slice(i, min(i + n_rows, stop)) for i in range(start, stop, n_rows)]


def _sum_over_blocks(function, n_frames, block_rows):
    """Sum ``function(rows)`` over all blocks of rows, in the same order whatever the threads."""

    def of_chunk(chunk):
        total = None
        for rows in _blocks(chunk.start, chunk.stop, block_rows):
            part = function(rows)
            total = part if total is None else _add_into(total, part)
        return total

    blocks_per_chunk = -(-n_frames // (block_rows * _MAX_CHUNKS))
    chunks = _blocks(0, n_frames, blocks_per_chunk * block_rows)
    return sum(map_blocks(of_chunk, chunks))


def _add_into(total, part):
    """Add in the memory of the first."""
    for a, b in zip(total[:3], part[:3], strict=True):
        a += b
    return Moments(*total[:3], *(a + b for a, b in zip(total[3:], part[3:], strict=True)))
