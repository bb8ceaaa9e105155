"""Styles as vectors, for classifiers and nearest neighbours."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..utils.validation import check_sequences
from ._descent_settings import check_number
from ._infinite_style import refuse_infinite
from ._style_meter import StyleMeter, warn_of_silence


class GramFeatures(StyleMeter):
    """Statistics of random features of spectrograms, one vector a clip.

    Vectors of one length for clips of any length: for the classifiers of scikit-learn, and for
    neighbours.

    Parameters
    ----------
    features : {"random-conv", "random-conv-2d"}, features or torch module, default="random-conv"
        As in :class:`GramStyleTransformer`, but with 128 filters where only named.
    style_statistic : {"gram", "centred-gram", "gram+autocorrelation", "moments", \
            "whitening-coloring", "sliced-wasserstein", "mmd"}, default="gram"
        As in :class:`GramStyleTransformer`.
    power : float, default=0.5
        Every number x becomes ``sign(x) |x|**power``, which keeps the few large ones from deciding
        alone. The vector of every layer is then brought to length 1.
    representation : {"magnitude", "power", "log1p", "log-magnitude"}, default="magnitude"
        What the sequences hold, as ``output`` of :class:`STFTTransformer`.
    contrast : float, default=1000
        As in :class:`GramStyleTransformer`.
    random_state : int, RandomState instance or None, default=None
        Draws the filters.
    device : str, default="cpu"
    n_jobs : int, optional
        Number of clips measured at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    features_ : object
        The features, with their seed.
    n_features_in_ : int
        Number of bins.

    Warns
    -----
    SilentClipWarning
        A clip is silent: its vector is zero.
    ShortClipWarning
        A clip has fewer frames than the widest filter.

    See Also
    --------
    GramStyleTransformer : Changes clips until they have such statistics.

    Notes
    -----
    Of a Gram matrix the upper triangle is taken, with 128 filters 8256 numbers. Powers and lengths
    are as in bilinear pooling [1]_. Nothing is learned from the clips of ``fit`` but the number of
    bins.

    References
    ----------
    .. [1] T.-Y. Lin, A. RoyChowdhury and S. Maji, "Bilinear CNN models for fine-grained visual
       recognition", IEEE ICCV, 2015. doi:10.1109/ICCV.2015.170

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from skstyle import GramFeatures, STFTTransformer
    >>> rng = np.random.default_rng(0)
    >>> noises = [rng.normal(size=n) for n in (4000, 5000, 6000)]
    >>> hums = [np.sign(np.sin(np.arange(n) / 12)) for n in (4500, 5500, 6500)]
    >>> pipeline = make_pipeline(
    ...     STFTTransformer(n_fft=256, output="magnitude"),
    ...     GramFeatures(random_state=0),
    ...     KNeighborsClassifier(1),
    ... )
    >>> X, y = noises[:2] + hums[:2], ["noise", "noise", "hum", "hum"]
    >>> pipeline.fit(X, y).predict([noises[2], hums[2]])
    array(['noise', 'hum'], dtype='<U5')
    """

    _n_filters = 128

    def __init__(
        self,
        features="random-conv",
        *,
        style_statistic="gram",
        power=0.5,
        representation="magnitude",
        contrast=1000,
        random_state=None,
        device="cpu",
        n_jobs=None,
        verbose=0,
    ):
        self.features = features
        self.style_statistic = style_statistic
        self.power = power
        self.representation = representation
        self.contrast = contrast
        self.random_state = random_state
        self.device = device
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _fit(self, items):
        check_number(self, "power", above_zero=True)
        self._start_meter()
        refuse_infinite(self.features_, "GramFeatures")
        self._read(items)

    def transform(self, X):
        """Measure every sequence.

        Parameters
        ----------
        X : list of arrays (n_frames, n_bins), 1-D object array or 2-D array
            Of any lengths. In a 2-D array every row is a sequence of its own, of one frame.

        Returns
        -------
        vectors : ndarray of shape (n_clips, n_statistics)

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when magnitudes are negative or not finite, or have another number of
            bins than those of ``fit``.
        """
        check_is_fitted(self)
        items = check_sequences(X, estimator=self).items
        magnitudes, levels = self._read(items)
        warn_of_silence(levels, "its vector is zero")
        vectors = self._map(self._vector, magnitudes, levels)
        n_statistics = max(len(v) for v in vectors)
        if n_statistics == 0:
            # Silence has as many statistics as a sound.
            n_statistics = len(self._vector(np.ones_like(magnitudes[0]), 1.0))
        out = np.zeros((len(vectors), n_statistics), np.result_type(*{x.dtype for x in items}))
        for row, vector in zip(out, vectors, strict=True):
            row[: len(vector)] = vector
        return out

    def _vector(self, magnitude, level):
        if level == 0:
            return np.empty(0, np.float32)
        (statistic,) = self._statistics([len(magnitude)])
        style = self._measure_one(magnitude, level, statistic)
        return np.concatenate([_as_vector(layer, self.power) for layer in style.layers])


def _as_vector(layer, power):
    """Return the statistics of a layer as one vector of length 1, of powers of its numbers."""
    parts = []
    for name, statistic in layer.items():
        if name in ("gram", "covariance"):
            statistic = statistic[np.triu_indices(len(statistic))]
        parts.append(statistic.ravel())
    vector = np.concatenate(parts)
    vector = np.sign(vector) * np.abs(vector) ** power
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else vector
