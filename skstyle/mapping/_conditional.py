"""The distribution of targets given features, in a mixture of both."""

from collections import namedtuple

import numpy as np

from ._shapes import factorise

Conditional = namedtuple("Conditional", ["coef", "covariances"])
Conditional.__doc__ = """p(y | x, m): regression matrices and covariances."""


def condition(covariances, n_features):
    """Condition the last coordinates of every Gaussian on the first.

    Parameters
    ----------
    covariances : ndarray of shape (n_components, n_features + n_targets, \
            n_features + n_targets)
        Joint covariances of z = [x; y].
    n_features : int
        How many coordinates are x.

    Returns
    -------
    conditional : Conditional
        ``coef`` (n_components, n_targets, n_features), S_yx S_xx^-1; ``covariances``
        (n_components, n_targets, n_targets), S_yy - S_yx S_xx^-1 S_xy.
    """
    xx = covariances[:, :n_features, :n_features]
    yx = covariances[:, n_features:, :n_features]
    yy = covariances[:, n_features:, n_features:]
    factor = factorise(xx)
    whitened = yx @ factor
    coef = whitened @ factor.swapaxes(1, 2)
    return Conditional(coef, yy - whitened @ whitened.swapaxes(1, 2))


def expectations(X, means_x, means_y, coef):
    """Expected target of every frame under every component: E = mu_y + A (x - mu_x).

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_features)
    means_x : ndarray of shape (n_components, n_features)
    means_y : ndarray of shape (n_components, n_targets)
    coef : ndarray of shape (n_components, n_targets, n_features)

    Returns
    -------
    E : ndarray of shape (n_frames, n_components, n_targets)
    """
    n_components, n_targets, n_features = coef.shape
    # About a common origin: one product serves all components, and features far from zero
    # lose no digits.
    origin = means_x.mean(axis=0)
    intercept = means_y - np.einsum("mqp,mp->mq", coef, means_x - origin)
    E = (X - origin) @ coef.reshape(-1, n_features).T
    E = E.reshape(len(X), n_components, n_targets)
    E += intercept
    return E


def mixture_mean(resp, E):
    """Mean of the conditional mixture, (n_frames, n_targets)."""
    return (resp[:, None] @ E)[:, 0]


def mixture_variance(resp, E, mean, covariances):
    """Variance of every target under the conditional mixture, (n_frames, n_targets)."""
    within = resp @ np.diagonal(covariances, axis1=1, axis2=2)
    between = mixture_mean(resp, (E - mean[:, None]) ** 2)
    return np.maximum(within + between, 0.0)


def mixture_covariance(resp, E, mean, covariances):
    """Covariance of the conditional mixture by the law of total covariance.

    Parameters
    ----------
    resp : ndarray of shape (n_frames, n_components)
    E : ndarray of shape (n_frames, n_components, n_targets)
    mean : ndarray of shape (n_frames, n_targets)
    covariances : ndarray of shape (n_components, n_targets, n_targets)

    Returns
    -------
    covariance : ndarray of shape (n_frames, n_targets, n_targets)
    """
    spread = np.sqrt(resp)[:, :, None] * (E - mean[:, None])
    return np.tensordot(resp, covariances, axes=1) + spread.swapaxes(1, 2) @ spread


def draw(resp, E, covariances, n_samples, rng):
    """Draw targets from the conditional mixture of every frame.

    Parameters
    ----------
    resp : ndarray of shape (n_frames, n_components)
    E : ndarray of shape (n_frames, n_components, n_targets)
    covariances : ndarray of shape (n_components, n_targets, n_targets)
    n_samples : int
    rng : RandomState

    Returns
    -------
    samples : ndarray of shape (n_frames, n_targets, n_samples)
        Frames and samples are independent of each other.
    """
    n_frames, n_components, n_targets = E.shape
    cumulative = np.cumsum(resp, axis=1)
    uniform = rng.uniform(size=(n_frames, n_samples)) * cumulative[:, -1:]
    chosen = (uniform[:, None] >= cumulative[:, :, None]).sum(axis=1)
    chosen = np.minimum(chosen, n_components - 1)
    samples = np.take_along_axis(E, chosen[:, :, None], axis=1)
    noise = rng.standard_normal(samples.shape)
    for m, root in enumerate(_roots(covariances)):
        mine = chosen == m
        samples[mine] += noise[mine] @ root.T
    return samples.swapaxes(1, 2)


def _roots(covariances):
    """Matrices L with ``L L' = covariance``, also where it is singular."""
    values, vectors = np.linalg.eigh(covariances)
    return vectors * np.sqrt(np.maximum(values, 0.0))[:, None]
