"""Features of spectrograms from convolutions with random filters."""

from numbers import Integral

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, check_scalar
from torch.nn.functional import conv1d, conv2d, pad

from ._infinite_filters import surround


class RandomConvFeatures(BaseEstimator):
    """Convolutions over time with random filters, frequency bins as channels, and a rectifier.

    Parameters
    ----------
    kernel_widths : tuple or array of int, default=(11,)
        In frames; every width is a layer of its own, beside the others.
    n_filters : int or None, default=1024
        Of every layer. None is the limit of infinitely many, for Gram matrices ("gram" and
        "centred-gram") in :class:`GramStyleTransformer` alone: nothing is drawn, and a few thousand
        frames of the clips stand for the style.
    random_state : int, RandomState instance or None, default=None
        Draws the filters. None lets the estimator that uses them draw a seed, from its own.

    See Also
    --------
    RandomConv2dFeatures : Filters that move along frequency too.
    ModuleFeatures : Any torch module.

    Notes
    -----
    Weights are normal with variance ``2 / (n_bins * width)``, so that activations have the size
    of the input whatever the width. Silence surrounds a clip: there are as many positions as
    frames. Filters over time with bins as channels know where in frequency they are; they made
    better sounds than two-dimensional and trained ones [1]_ [2]_. The weights are float32.

    Of infinitely many such filters, the rectified activations of patches x, y, both of d numbers,
    have the mean product [3]_ ::

        k(x, y) = |x| |y| (sin t + (pi - t) cos t) / (pi d),   cos t = x y / (|x| |y|)

    and Gram matrices of patches x of a clip and s of a style the mean squared difference
    ``mean k(x, x')^2 - 2 mean k(x, s)^2 + mean k(s, s')^2``: no matrix is formed, and the chance
    of the filters is gone. Time grows with the frames of the clip, of a chunk at most, times those
    of the style: of all clips of ``fit`` 4096 are kept, drawn with the seed of the transformer.
    Mixtures have the frames of all. Here "centred-gram" takes the mean over all of them off, where
    finitely many filters take off that of each clip.

    References
    ----------
    .. [1] D. Ulyanov and V. Lebedev, "Audio texture synthesis and style transfer", 2016.
       https://dmitryulyanov.github.io/audio-texture-synthesis-and-style-transfer/
    .. [2] E. Grinstein, N. Q. K. Duong, A. Ozerov and P. Pérez, "Audio style transfer", IEEE
       ICASSP, 2018. doi:10.1109/ICASSP.2018.8461711
    .. [3] Y. Cho and L. K. Saul, "Kernel methods for deep learning", NIPS, 2009.
       https://papers.nips.cc/paper/3628-kernel-methods-for-deep-learning

    Examples
    --------
    >>> import torch
    >>> from skstyle.transfer import RandomConvFeatures
    >>> features = RandomConvFeatures((3, 9), n_filters=16, random_state=0)
    >>> activations = features.build(n_bins=33)
    >>> [tuple(layer.shape) for layer in activations(torch.ones(50, 33))]
    [(16, 50), (16, 50)]
    """

    def __init__(self, kernel_widths=(11,), *, n_filters=1024, random_state=None):
        self.kernel_widths = kernel_widths
        self.n_filters = n_filters
        self.random_state = random_state

    @property
    def widest(self):
        """Frames that the widest filter sees."""
        return max(self._widths())

    def _widths(self):
        return _whole_numbers(self.kernel_widths, "kernel_widths", "(3, 11, 31)")

    def build(self, n_bins, device="cpu"):
        """Draw the filters.

        Parameters
        ----------
        n_bins : int
            Columns of the sequences.
        device : str, default="cpu"

        Returns
        -------
        activations : callable
            From a float32 tensor (n_frames, n_bins) to a list of tensors (n_filters, n_frames),
            one a layer; of infinitely many filters, to the patches that they see.
        """
        widths = self._widths()
        if self.n_filters is None:
            return lambda z: [surround(z, width) for width in widths]
        check_scalar(self.n_filters, "n_filters", Integral, min_val=1)
        rng = _generator(self.random_state)
        kernels = [_draw(rng, (self.n_filters, n_bins, w), n_bins * w, device) for w in widths]

        def activations(z):
            layers = []
            for kernel in kernels:
                left = (kernel.shape[2] - 1) // 2
                padded = pad(z.T[None], (left, kernel.shape[2] - 1 - left))
                layers.append(conv1d(padded, kernel)[0].relu())
            return layers

        return activations


class RandomConv2dFeatures(BaseEstimator):
    """Convolutions over time and frequency with random filters, and a rectifier.

    Parameters
    ----------
    kernel_sizes : tuple of (int, int), default=((11, 11),)
        Frames and bins; every size is a layer of its own, beside the others.
    n_filters : int, default=64
        Of every layer.
    strides : (int, int), default=(2, 2)
        Frames and bins between positions.
    random_state : int, RandomState instance or None, default=None
        Draws the filters. None lets the estimator that uses them draw a seed, from its own.

    See Also
    --------
    RandomConvFeatures : Filters that see all bins at once.

    Notes
    -----
    The statistics do not know where in frequency a pattern is: a sound an octave higher has the
    same ones. Silence surrounds a clip.

    References
    ----------
    .. [1] J. M. Antognini, M. Hoffman and R. J. Weiss, "Audio texture synthesis with random
       neural networks", IEEE ICASSP, 2019. doi:10.1109/ICASSP.2019.8682598

    Examples
    --------
    >>> import torch
    >>> from skstyle.transfer import RandomConv2dFeatures
    >>> activations = RandomConv2dFeatures(n_filters=8, random_state=0).build(n_bins=33)
    >>> [tuple(layer.shape) for layer in activations(torch.ones(50, 33))]
    [(8, 25, 17)]
    """

    def __init__(
        self, kernel_sizes=((11, 11),), *, n_filters=64, strides=(2, 2), random_state=None
    ):
        self.kernel_sizes = kernel_sizes
        self.n_filters = n_filters
        self.strides = strides
        self.random_state = random_state

    @property
    def widest(self):
        """Frames that the widest filter sees."""
        return max(size[0] for size in self._sizes())

    def _sizes(self):
        sizes = _as_list(self.kernel_sizes)
        if not sizes or not all(map(_as_list, sizes)):
            raise ValueError(
                f"kernel_sizes must be pairs such as ((11, 11),), got {self.kernel_sizes!r}."
            )
        return [_pair(size, "kernel_sizes") for size in sizes]

    def build(self, n_bins, device="cpu"):
        """Draw the filters.

        Parameters
        ----------
        n_bins : int
            Columns of the sequences.
        device : str, default="cpu"

        Returns
        -------
        activations : callable
            From a float32 tensor (n_frames, n_bins) to a list of tensors (n_filters,
            n_frames_out, n_bins_out), one a layer.
        """
        sizes = self._sizes()
        strides = _pair(self.strides, "strides")
        check_scalar(self.n_filters, "n_filters", Integral, min_val=1)
        rng = _generator(self.random_state)
        kernels = [
            _draw(rng, (self.n_filters, 1, *size), size[0] * size[1], device) for size in sizes
        ]

        def activations(z):
            layers = []
            for kernel in kernels:
                # Last dimension first, as torch pads.
                margins = []
                for width in kernel.shape[:1:-1]:
                    margins += [(width - 1) // 2, width - 1 - (width - 1) // 2]
                padded = pad(z[None, None], margins)
                layers.append(conv2d(padded, kernel, stride=strides)[0].relu())
            return layers

        return activations


def _generator(random_state):
    """Return a generator that draws float32."""
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
    return np.random.default_rng(seed)


def _draw(rng, shape, fan_in, device):
    weights = rng.standard_normal(shape, dtype=np.float32)
    weights *= np.float32(np.sqrt(2 / fan_in))
    return torch.from_numpy(weights).to(device)


def _as_list(values):
    """Return what tuples, lists and arrays hold, and None for anything else."""
    if isinstance(values, np.ndarray) and values.ndim:
        return values.tolist()
    return list(values) if isinstance(values, (tuple, list)) else None


def _whole_numbers(values, name, example):
    numbers = _as_list(values)
    if not numbers or any(_as_list(number) is not None for number in numbers):
        raise ValueError(f"{name} must be a tuple such as {example}, got {values!r}.")
    for number in numbers:
        check_scalar(number, name, Integral, min_val=1)
    return [int(number) for number in numbers]


def _pair(values, name):
    values = _whole_numbers(values, name, "(11, 11)")
    if len(values) != 2:
        raise ValueError(f"{name} must have two numbers, of frames and of bins, got {values!r}.")
    return values
