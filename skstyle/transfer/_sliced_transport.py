"""Carry a cloud of frames to another: by the map of Gaussians, then along random directions."""

import numpy as np

from ..mapping._transport import monge_map, shrunk_covariances

# Values closer together than this on a line share what they are carried to. Frames of a steady
# tone differ by rounding only, and must not be spread over all that the style does.
RESOLUTION = 3.0


def gaussian_transport(source, target, shrinkage):
    """Carry mean and covariance of frames to those of others, moving frames least.

    Parameters
    ----------
    source, target : ndarrays of shape (n_frames, n_features)
        Any numbers of frames.
    shrinkage : float
        See :func:`~skstyle.mapping._transport.shrunk_covariances`.

    Returns
    -------
    mapped : ndarray of shape (n_frames, n_features), float64
        The frames of the source.
    """
    mean_source, mean_target = source.mean(axis=0), target.mean(axis=0)
    A = monge_map(*shrunk_covariances(source, target, shrinkage))
    return (source - mean_source) @ A + mean_target


def random_bases(n_features, n_steps, rng):
    """Draw orthonormal bases, uniformly among all.

    Parameters
    ----------
    n_features, n_steps : int
    rng : numpy.random.RandomState

    Returns
    -------
    bases : ndarray of shape (n_steps, n_features, n_features)
        Directions are the columns of each.
    """
    Q, R = np.linalg.qr(rng.standard_normal((n_steps, n_features, n_features)))
    return Q * np.sign(np.diagonal(R, axis1=1, axis2=2))[:, None, :]


def sliced_transport(source, target, bases, resolution=RESOLUTION):
    """Carry a cloud to another by optimal transport along one direction after the other.

    Parameters
    ----------
    source : ndarray of shape (n_source, n_features)
    target : ndarray of shape (n_target, n_features)
    bases : ndarray of shape (n_steps, n_features, n_features)
        See :func:`random_bases`.
    resolution : float, default=3.0
        In units of the features; 0 matches the target exactly.

    Returns
    -------
    mapped : ndarray of shape (n_source, n_features)

    Notes
    -----
    In every step both clouds are projected on the directions of a basis, and the k-th smallest
    value of the source becomes the k-th smallest of the target: the optimal transport on a line.
    Repeated for random bases, the clouds become the same in all directions [1]_ [2]_. A value is
    carried to the mean of where those within ``resolution`` of it would go, which makes the map
    continuous, up to rounding.

    References
    ----------
    .. [1] F. Pitie, A. C. Kokaram, R. Dahyot, "Automated colour grading using colour
       distribution transfer", Comput. Vis. Image Underst. 107(1-2), 2007.
       https://doi.org/10.1016/j.cviu.2006.11.011
    .. [2] N. Bonneel, J. Rabin, G. Peyre, H. Pfister, "Sliced and Radon Wasserstein barycenters of
       measures", J. Math. Imaging Vis. 51, 2015. https://doi.org/10.1007/s10851-014-0506-3
    """
    mapped = np.array(source, dtype=np.float64)
    ranks = (np.arange(len(source)) + 0.5) / len(source)
    known = (np.arange(len(target)) + 0.5) / len(target)
    for basis in bases:
        wanted = np.sort(target @ basis, axis=0)
        if len(source) != len(target):
            wanted = _interpolate_rows(ranks, known, wanted)
        projected = mapped @ basis
        order = np.argsort(projected, axis=0, kind="stable")
        if resolution:
            ascending = np.take_along_axis(projected, order, axis=0)
            wanted = _mean_of_neighbours(ascending, wanted, resolution)
        carried = np.empty_like(projected)
        np.put_along_axis(carried, order, wanted, axis=0)
        mapped += (carried - projected) @ basis.T
    return mapped


def _interpolate_rows(at, known, rows):
    """Interpolate rows known at ascending places, all columns at once; ends are continued."""
    if len(known) == 1:
        return np.repeat(rows, len(at), axis=0)
    right = np.clip(np.searchsorted(known, at), 1, len(known) - 1)
    share = (at - known[right - 1]) / (known[right] - known[right - 1])
    share = np.clip(share, 0, 1)[:, None]
    return rows[right - 1] * (1 - share) + rows[right] * share


def _mean_of_neighbours(ascending, values, width):
    """Average values whose places, ascending in every column, lie within a width."""
    n, n_columns = ascending.shape
    # One search for all columns: each is moved beyond the one before.
    step = np.ptp(ascending) + 3 * width
    at = (ascending + step * np.arange(n_columns)).T.ravel()
    low = np.searchsorted(at, at - width, side="left")
    high = np.searchsorted(at, at + width, side="right")
    sums = np.concatenate([[0.0], np.cumsum(values.T)])
    return ((sums[high] - sums[low]) / (high - low)).reshape(n_columns, n).T
