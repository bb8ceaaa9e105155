"""Whitening and colouring of frames."""

from ._domain_map import DomainMap
from ._transport import triangular_map


class WhiteningColoring(DomainMap):
    """Whiten frames of one domain and colour them as another (WCT), by Cholesky factors.

    With triangular factors a column is made of itself and of those before it: put the
    important ones first, as cepstra have them.

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
    CorrelationAlignment : Whitens and colours by symmetric square roots.

    Notes
    -----
    ``T(x) = L_y L_x^-1 (x - m_x) + m_y``, where ``L L' = S`` are the lower triangular factors of
    the covariances. The paper [1]_ uses symmetric square roots, which
    :class:`CorrelationAlignment` does here. Triangular factors neither depend on the units of
    the columns nor on signs of eigenvectors, and had the least distortion on cepstra. Between
    Gaussians this is the Knothe-Rosenblatt rearrangement.

    References
    ----------
    .. [1] Y. Li, C. Fang, J. Yang, Z. Wang, X. Lu, M.-H. Yang, "Universal style transfer via
       feature transforms", NeurIPS 2017. https://doi.org/10.48550/arXiv.1705.08086

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.mapping import WhiteningColoring
    >>> rng = np.random.default_rng(0)
    >>> anna, ben = rng.normal(size=(300, 2)), rng.normal(size=(400, 2)) * [1.0, 3.0] + 5.0
    >>> X, y = np.concatenate([anna, ben]), ["anna"] * 300 + ["ben"] * 400
    >>> mapped = WhiteningColoring(target="ben", shrinkage=0).fit(X, y).transform(anna)
    >>> bool(np.allclose(np.cov(mapped.T, bias=True), np.cov(ben.T, bias=True)))
    True
    """

    _linear_map = staticmethod(triangular_map)
