"""Stepwise expectation-maximisation: one batch of frames after the other."""

from collections import namedtuple

import numpy as np

from . import _shapes
from ._mixture import check_enough_frames, from_standard, to_standard, work_dtype
from ._moments import em_sums, expected_moments, m_step, spread_of
from ._start import split_widest, start_mixture

Progress = namedtuple("Progress", ["mixture", "spread", "bound", "n_repaired"])
Progress.__doc__ = """What stepwise EM knows: weights, means and covariances in the units of the
data, the Spread of all frames so far, the bound of the last batch before its step, and how
many components were repaired in it."""


def step_size(n_before, n_batch, learning_decay, learning_offset):
    """Weight of a batch against all batches before.

    With batches of one size this is ``(k + learning_offset) ** -learning_decay`` after k of
    them; a clip half as long counts less.
    """
    return float((n_before / n_batch + learning_offset) ** -learning_decay)


def step(
    X,
    before,
    *,
    n_components,
    covariance_type="full",
    reg_covar=1e-3,
    learning_decay=0.7,
    learning_offset=2.0,
    init="k-means++",
    random_state=None,
):
    """Update a mixture by one batch of frames.

    Parameters
    ----------
    X : ndarray of shape (n_frames, n_columns)
        The batch. The first one needs at least `n_components` frames.
    before : Progress or None
        What the batches before came to.
    n_components, covariance_type, reg_covar, init, random_state
        As in :func:`~skstyle.mapping._mixture.fit_mixture`; `reg_covar` is a fraction of the
        variances of all frames so far.
    learning_decay, learning_offset : floats
        See :func:`step_size`.

    Returns
    -------
    after : Progress

    Notes
    -----
    The sufficient statistics s per frame move towards those of the batch [1]_ [2]_:
    ``s <- (1 - eta) s + eta s_batch``. They are not stored: the mixture itself tells them.

    A full covariance needs more frames than columns. Until there were so many for every
    component, all components share one covariance.

    References
    ----------
    .. [1] O. Cappe, E. Moulines, "On-line expectation-maximization algorithm for latent data
       models", J. R. Stat. Soc. B 71(3), 2009.
       https://doi.org/10.1111/j.1467-9868.2009.00698.x
    .. [2] P. Liang, D. Klein, "Online EM for unsupervised models", NAACL 2009.
       https://doi.org/10.3115/1620754.1620843
    """
    batch = spread_of(X)
    spread = batch if before is None else before.spread + batch
    Z = spread.standardise(X, dtype=work_dtype(X, reg_covar, spread))
    few = covariance_type == "full" and spread.n_frames < n_components * (X.shape[1] + 1)
    if before is None:
        check_enough_frames(X, n_components)
        start = start_mixture(Z, n_components, covariance_type, reg_covar, init, random_state)
        if few:
            start = _share(start, covariance_type)
        moments = em_sums(Z, *start, covariance_type, reg_covar)
        statistics, bound = moments * (1.0 / len(X)), moments.bound
    else:
        mixture = to_standard(before.mixture, spread, covariance_type)
        contained = reg_covar * (before.spread.scale / spread.scale) ** 2
        moments = em_sums(Z, *mixture, covariance_type, contained)
        bound = moments.bound
        eta = step_size(before.spread.n_frames, len(X), learning_decay, learning_offset)
        if few:
            eta = len(X) / spread.n_frames
        old = expected_moments(*mixture, covariance_type, contained)
        statistics = old * (1.0 - eta) + moments * (eta / len(X))
    mixture = m_step(statistics, covariance_type, reg_covar)
    if few:
        mixture = _share(mixture, covariance_type)
    n_lost = 0
    if before is not None and len(mixture[0]) < len(before.mixture[0]):
        n_lost = len(before.mixture[0]) - len(mixture[0])
        mixture = split_widest(*mixture, covariance_type, n_lost)
    bound -= np.log(spread.scale).sum()
    return Progress(from_standard(mixture, spread, covariance_type), spread, float(bound), n_lost)


def _share(mixture, covariance_type):
    weights, means, covariances = mixture
    return weights, means, _shapes.pooled(covariances, weights, covariance_type)
