"""Whitening and colouring of frames: a style of means and covariances, in closed form.

The map is the optimal transport of Gaussians, or Monge map. It whitens and colours as every map
between two covariances does, and of all these it moves the frames least.
"""

import numpy as np
from sklearn.base import BaseEstimator

from ..mapping._transport import moments, monge_map
from ..utils.parallel import ONE_BLAS_THREAD

NAME = "whitening-coloring"
# Of covariances, towards independent bins: there are seldom more frames than bins.
SHRINKAGE = 0.1


class CompressedFrames(BaseEstimator):
    """Compressed frames as they are: the bins are the filters of the only layer."""

    widest = 1

    def build(self, n_bins, device="cpu"):
        """Return the activations, as those of :class:`RandomConvFeatures`.

        Parameters
        ----------
        n_bins : int
        device : str, default="cpu"

        Returns
        -------
        activations : callable
            From a tensor (n_frames, n_bins) to a list of one tensor (n_bins, n_frames).
        """
        return lambda z: [z.T]


def whiten_and_color(z, mean, covariance):
    """Give frames the mean and the covariance of a style.

    Parameters
    ----------
    z : float32 ndarray of shape (n_frames, n_bins)
    mean : ndarray of shape (n_bins,)
    covariance : ndarray of shape (n_bins, n_bins)

    Returns
    -------
    z : float32 ndarray of shape (n_frames, n_bins)

    Notes
    -----
    ``T(z) = mean + A (z - m)`` with the mean m of the frames and the symmetric A that makes their
    covariance that of the style and moves them least, the optimal transport of Gaussians. A tenth
    of both covariances is replaced by that of independent bins: where they agree nothing moves.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer._whitening_coloring import whiten_and_color
    >>> z = np.array([[0.0, 1.0], [0.0, -1.0], [1.0, 0.0], [-1.0, 0.0]], np.float32)
    >>> whiten_and_color(z, np.array([5.0, 5.0]), np.diag([2.0, 0.5]))[[0, 2]]
    array([[5., 6.],
           [7., 5.]], dtype=float32)
    """
    # Bytes must not depend on the number of cores.
    with ONE_BLAS_THREAD:
        own_mean, own = moments(z)
        A = monge_map(_shrunk(own), _shrunk(np.asarray(covariance, dtype=np.float64)))
        moved = (z - own_mean.astype(z.dtype)) @ A.T.astype(z.dtype)
    return moved + np.asarray(mean, dtype=z.dtype)


def _shrunk(covariance):
    """Return a covariance with weaker correlations."""
    return (1 - SHRINKAGE) * covariance + SHRINKAGE * np.diag(np.diagonal(covariance))
