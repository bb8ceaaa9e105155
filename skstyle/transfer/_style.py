"""A style: statistics of activations, apart from the clips that they were measured on."""

from functools import partial

import numpy as np

from ._mixable_style import MixableStyle
from ._style_frames import join_layers

# E_l = 1 / (4 N^2 M^2) sum_ij (G_ij - A_ij)^2, where G and A are M times our means.
GATYS = 0.25


def layer_distance(statistics, targets):
    """Style loss of one layer, of arrays or of tensors.

    Parameters
    ----------
    statistics, targets : dict of str to array
        With the same names and shapes.

    Returns
    -------
    loss : scalar
        For Gram matrices ``E_l = 1 / (4 N^2) sum_ij (G_ij / M - A_ij / M')^2``, a quarter of the
        mean squared difference; for several statistics, the sum.
    """
    return GATYS * sum(((statistics[name] - targets[name]) ** 2).mean() for name in targets)


def check_layer_weights(layer_weights, n_layers):
    """Return one weight a layer, which sum to one.

    Parameters
    ----------
    layer_weights : sequence of float or None
        None weighs all alike.
    n_layers : int

    Returns
    -------
    weights : list of float
    """
    if layer_weights is None:
        return [1 / n_layers] * n_layers
    weights = [float(w) for w in np.ravel(layer_weights)]
    if len(weights) != n_layers:
        raise ValueError(f"layer_weights has {len(weights)} weights for {n_layers} layers.")
    if not all(0 <= w < np.inf for w in weights) or sum(weights) == 0:
        raise ValueError(
            f"layer_weights must not be negative, and not all zero, got {layer_weights!r}."
        )
    return [w / sum(weights) for w in weights]


class Style(MixableStyle):
    """What a style is: statistics of activations, layer by layer.

    ``0.3 * a + 0.7 * b`` is a style between two others: the weighted mean of what was measured.
    Weights count relative to each other.

    Parameters
    ----------
    layers : list of dict of str to ndarray
        Statistics of each layer, such as ``{"gram": ...}``; of infinitely many filters frames of
        the clips, ``{"frames": ..., "weights": ...}``, which mixtures have of both.
    spectrum : ndarray of shape (3, n_bins)
        Mean, standard deviation and maximum of the compressed magnitudes of every bin.
    origin : dict of str to object
        What the statistics were measured with. Styles of different origin cannot be compared.
    level : float, default=1.0
        Root mean square of the magnitudes, for sounds that are made of the style alone.
    weight : float, default=1.0
        In sums.

    See Also
    --------
    GramStyleTransformer : Measures styles, and puts clips into them.

    Notes
    -----
    Distances are Euclidean in the space of statistics, ``sqrt(sum_l w_l E_l)``, and mixtures lie
    on straight lines in it. For Gram matrices E_l is that of Gatys et al. [1]_ with means over
    positions in place of sums, so that clips of different lengths can be compared.

    References
    ----------
    .. [1] L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional
       neural networks", IEEE CVPR, 2016. doi:10.1109/CVPR.2016.265

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer import Style
    >>> a, b = (Style([{"gram": g * np.eye(2)}], np.ones((3, 3)), {}) for g in (1.0, 3.0))
    >>> mixed = 0.25 * a + 0.75 * b
    >>> mixed.layers[0]["gram"][0, 0], round(a.distance(mixed) / a.distance(b), 3)
    (np.float64(2.5), 0.75)
    """

    def __init__(self, layers, spectrum, origin, *, level=1.0, weight=1.0):
        self.layers = layers
        self.spectrum = spectrum
        self.origin = origin
        self.level = level
        self.weight = weight

    @property
    def n_bins(self):
        """Columns of the sequences that the style was measured on."""
        return self.spectrum.shape[1]

    def distance(self, other, layer_weights=None):
        """Distance to another style.

        Parameters
        ----------
        other : Style
            Measured with the same features and statistic.
        layer_weights : sequence of float, optional
            Of every layer, relative to each other; all alike by default.

        Returns
        -------
        distance : float
            0 for the same style.
        """
        self.check_comparable(other)
        weights = check_layer_weights(layer_weights, len(self.layers))
        losses = map(self._layer_distance(), self.layers, other.layers)
        return float(np.sqrt(sum(w * e for w, e in zip(weights, losses, strict=True))))

    def check_origin(self, origin):
        """Check that something else is measured in the same way.

        Parameters
        ----------
        origin : dict of str to object

        Raises
        ------
        ValueError
            Telling what differs.
        """
        for name in sorted(self.origin.keys() | origin.keys()):
            ours, theirs = self.origin.get(name), origin.get(name)
            if ours != theirs:
                raise ValueError(
                    f"The styles were measured with different {name}: {ours} and {theirs}. "
                    "Measure both with one fitted transformer, transformer.measure(clips), or "
                    "give both the same parameters and the same integer random_state."
                )

    def check_comparable(self, other):
        """Check that something else is a style that was measured in the same way.

        Parameters
        ----------
        other : Style

        Raises
        ------
        TypeError, ValueError
            Telling what differs.
        """
        if not isinstance(other, Style):
            raise TypeError(f"Expected a Style, got {type(other).__name__}.")
        self.check_origin(other.origin)

    def _mixed(self, other, share):
        def mean(a, b):
            return (a + share * (b - a)).astype(a.dtype)

        layers = [
            join_layers([ours, theirs], [1 - share, share])
            if "frames" in ours
            else {name: mean(values, theirs[name]) for name, values in ours.items()}
            for ours, theirs in zip(self.layers, other.layers, strict=True)
        ]
        spectrum = mean(self.spectrum, other.spectrum)
        level = self.level + share * (other.level - self.level)
        return Style(layers, spectrum, self.origin, level=level)

    def _layer_distance(self):
        """Return what compares layers."""
        if "frames" not in self.layers[0]:
            return layer_distance
        # Needs torch, which those who only load or mix styles may not have.
        from ._infinite_style import CENTRED, frames_distance

        return partial(frames_distance, centred=CENTRED[self.origin["style_statistic"]])

    def _with_weight(self, weight):
        return Style(self.layers, self.spectrum, self.origin, level=self.level, weight=weight)

    def __repr__(self):
        shapes = [
            ", ".join(f"{name} {values.shape}" for name, values in layer.items())
            for layer in self.layers
        ]
        return f"Style({'; '.join(shapes)})"


def mean_style(styles, weights):
    """Return the weighted mean of styles, of weight 1.

    Parameters
    ----------
    styles : list of Style
    weights : list of float

    Returns
    -------
    style : Style
    """
    total = None
    for style, weight in zip(styles, weights, strict=True):
        share = style._with_weight(float(weight))
        total = share if total is None else total + share
    return total._with_weight(1.0)
