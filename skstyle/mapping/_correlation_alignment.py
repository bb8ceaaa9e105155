"""Correlation alignment of two domains."""

from ._domain_map import DomainMap
from ._transport import correlation_map


class CorrelationAlignment(DomainMap):
    """Give frames of one domain the mean and the covariance of another (CORAL).

    Frames are whitened by the symmetric square root of their own covariance, and coloured by
    that of the target's.

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
    GaussianTransport : Of all maps that match both moments, the one that moves frames least.
    WhiteningColoring : Whitens and colours by triangular factors.

    Notes
    -----
    ``T(x) = S_y^1/2 S_x^-1/2 (x - m_x) + m_y``. The paper [1]_ aligns covariances alone and adds
    the identity to both; here the means are matched too, and `shrinkage` regularises.

    References
    ----------
    .. [1] B. Sun, J. Feng, K. Saenko, "Return of frustratingly easy domain adaptation", AAAI
       2016. https://doi.org/10.1609/aaai.v30i1.10306

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import CorrelationAlignment
    >>> rng = np.random.default_rng(0)
    >>> anna, ben = rng.normal(size=(300, 2)), rng.normal(size=(400, 2)) * [1.0, 3.0] + 5.0
    >>> X, y = np.concatenate([anna, ben]), ["anna"] * 300 + ["ben"] * 400
    >>> mapped = CorrelationAlignment(target="ben", shrinkage=0).fit(X, y).transform(anna)
    >>> bool(np.allclose(np.cov(mapped.T, bias=True), np.cov(ben.T, bias=True)))
    True
    """

    _linear_map = staticmethod(correlation_map)
