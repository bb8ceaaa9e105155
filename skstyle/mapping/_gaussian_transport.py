"""Optimal transport between Gaussians."""

from ._domain_map import DomainMap
from ._transport import monge_map


class GaussianTransport(DomainMap):
    """Carry frames of one domain to another by the optimal transport of Gaussians.

    No pairs are needed: the frames of each side are a cloud with a mean and a covariance, and
    of all affine maps between the two this one moves frames least. For cepstra it moves a
    voice to another and leaves what is said in place.

    Parameters
    ----------
    target : label, default=None
        Domain to map to, one of the labels in y. None takes the last one in sorted order.
    source : label, default=None
        Domain to map from. None takes all others, pooled.
    shrinkage : float or "auto", default=0.3
        How far the covariances of both sides go towards equal variances, between 0 and 1, in
        units of the columns' standard deviations. 0 matches the sample covariances exactly.
        "auto" is that of Ledoit and Wolf, for frames that are independent of each other;
        neighbouring frames of speech are not, and 0.3 was better for them.
    n_components : int, default=1
        With more, the mapped source and the target share a mixture of so many classes, and
        every class has a further map of its own, held to no change where frames are few. 8
        were best for speech, from about a minute of each voice on.
    random_state : int, RandomState or None, default=None
        Seed of the classes. Same seed, same bytes.

    Attributes
    ----------
    classes_ : ndarray of shape (n_domains,)
        Labels in y, sorted.
    target_ : label
    mean_source_, mean_target_ : ndarrays of shape (n_features,)
    coef_ : ndarray of shape (n_features, n_features)
        The map of all frames, before that of their classes.
    intercept_ : ndarray of shape (n_features,)
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X has column names.

    See Also
    --------
    WhiteningColoring : Does not depend on the units of the columns.
    CorrelationAlignment : Whitens and colours by symmetric square roots.

    Notes
    -----
    ``T(x) = A (x - m_x) + m_y``, ``A = S_x^-1/2 (S_x^1/2 S_y S_x^1/2)^1/2 S_x^-1/2`` [1]_ [2]_.
    A is symmetric and positive definite. How far a frame is moved is measured in the units of
    the columns: cepstra should keep theirs, in which distance is that of log spectra.

    References
    ----------
    .. [1] G. Peyre, M. Cuturi, "Computational optimal transport", Found. Trends Mach. Learn.
       11(5-6), 2019, remark 2.31. https://doi.org/10.1561/2200000073
    .. [2] M. Knott, C. S. Smith, "On the optimal mapping of distributions", J. Optim. Theory
       Appl. 43(1), 1984. https://doi.org/10.1007/BF00934745

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import GaussianTransport
    >>> rng = np.random.default_rng(0)
    >>> anna, ben = rng.normal(size=(300, 2)), rng.normal(size=(400, 2)) * [1.0, 3.0] + 5.0
    >>> X, y = np.concatenate([anna, ben]), ["anna"] * 300 + ["ben"] * 400
    >>> transport = GaussianTransport(target="ben").fit(X, y)
    >>> mapped = transport.transform(anna)
    >>> bool(np.allclose(mapped.mean(axis=0), ben.mean(axis=0)))
    True
    >>> bool(np.allclose(transport.inverse_transform(mapped), anna))
    True
    """

    _linear_map = staticmethod(monge_map)
