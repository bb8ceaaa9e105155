"""Gram matrices of infinitely many random filters, compared without ever being formed."""

from collections import namedtuple

import torch
from torch.nn.functional import pad

from ._style import GATYS
from ._style_statistics import MEAN_WEIGHT

# Silence has this length, so that it has a direction.
TINY = 1e-6

Patches = namedtuple("Patches", ["frames", "width"])
Patches.__doc__ = """What all filters of one width see: frames, a tensor of shape
(n_patches + width - 1, n_bins), of which every ``width`` neighbours are a patch."""


def surround(z, width):
    """Put silence around a sequence, so that there is a patch for every frame.

    Parameters
    ----------
    z : tensor of shape (n_frames, n_bins)
    width : int

    Returns
    -------
    patches : Patches
        As many as frames.
    """
    left = (width - 1) // 2
    return Patches(pad(z, (0, 0, left, width - 1 - left)), width)


def squared_distance(frames, weights, targets, target_weights, *, centred, constant=None):
    """Style loss of one layer of infinitely many filters.

    Parameters
    ----------
    frames : tensor of shape (n_patches + width - 1, n_bins)
    weights : tensor of shape (n_patches,)
        Relative to each other.
    targets, target_weights : tensors of shapes (m_patches + width - 1, n_bins) and (m_patches,)
        Of the style. They get no gradients.
    centred : bool
        Whether means are taken off before, and compared beside.
    constant : tensor of shape (), optional
        :func:`product` of the targets with themselves, when it is known.

    Returns
    -------
    loss : tensor of shape ()

    Notes
    -----
    With filters drawn from a normal distribution of variance ``2 / (n_bins width)`` the rectified
    activations of two patches x, y of d numbers have the mean product over filters [1]_ ::

        k(x, y) = |x| |y| (sin t + (pi - t) cos t) / (pi d),   cos t = x y / (|x| |y|)

    and matrices G, of patches x of a clip, and A, of patches s of a style, the distance ::

        |G - A|^2 / N^2 = mean k(x, x')^2 - 2 mean k(x, s)^2 + mean k(s, s')^2

    as N, the number of filters, grows. Kernels without their means over rows and columns do the
    same for centred matrices.

    References
    ----------
    .. [1] Y. Cho and L. K. Saul, "Kernel methods for deep learning", NIPS, 2009.
       https://papers.nips.cc/paper/3628-kernel-methods-for-deep-learning
    """
    if constant is None:
        constant = product(targets, target_weights, targets, target_weights, centred=centred)
    own = product(frames, weights, frames.detach(), weights, centred=centred)
    # By symmetry: either factor has half of the gradient.
    own = 2 * own - own.detach()
    cross = product(frames, weights, targets, target_weights, centred=centred)
    # What rounding leaves of nothing may be below it.
    return GATYS * (own - 2 * cross + constant).clamp(min=0)


def product(x, p, y, q, *, centred):
    """Inner product of the statistics of two layers.

    Parameters
    ----------
    x, p : tensors of shapes (n_patches + width - 1, n_bins) and (n_patches,)
        Frames, and weights of the patches in them.
    y, q : tensors of shapes (m_patches + width - 1, n_bins) and (m_patches,)
    centred : bool

    Returns
    -------
    product : tensor of shape ()
        Of Gram matrices, divided by the square of the number of filters.
    """
    width = len(x) - len(p) + 1
    p, q = p / p.sum(), q / q.sum()
    lengths = _lengths(x, width)[:, None], _lengths(y, width)
    k = _ArcCosine.apply(_DiagonalSums.apply(x @ y.T, width), *lengths)
    k = k / (torch.pi * width * x.shape[1])
    if not centred:
        return _mean(k.square(), p, q)
    rows, columns = k @ q, p @ k
    mean = p @ rows
    k = k - rows[:, None] - (columns - mean)
    return _mean(k.square(), p, q) + MEAN_WEIGHT * mean.double()


def content_distance(patches, others):
    """Content loss of one layer of infinitely many filters.

    Parameters
    ----------
    patches, others : Patches
        As many of what comes out as of the content.

    Returns
    -------
    loss : tensor of shape ()
        ``1/2 mean [k(x, x) - 2 k(x, y) + k(y, y)]`` over patches x, and y in their places.
    """
    (x, width), (y, _) = patches, others
    a, b = _lengths(x, width), _lengths(y, width)
    k = _ArcCosine.apply(_sums((x * y).sum(dim=1), width), a, b) / torch.pi
    return 0.5 * (a.square() - 2 * k + b.square()).mean() / (width * x.shape[1])


class _DiagonalSums(torch.autograd.Function):
    """``P_ij = sum_k Q_i+k,j+k`` for k below the width: products of patches from those of frames.

    Its adjoint spreads every number along its diagonal.
    """

    @staticmethod
    def forward(ctx, Q, width):
        ctx.width = width
        return _sums(Q, width)

    @staticmethod
    def backward(ctx, P):
        margin = ctx.width - 1
        return _sums(pad(P, [margin] * 4), ctx.width), None


class _ArcCosine(torch.autograd.Function):
    """``|x| |y| (sin t + (pi - t) cos t)`` of products ``x y`` and of both lengths.

    Smooth, though the angle t between like patches is not. No gradient for the second length.
    """

    @staticmethod
    def forward(ctx, products, a, b):
        both = a * b
        cosine = (products / both).clamp_(-1, 1)
        sine = (1 - cosine.square()).sqrt_()
        angle = torch.pi - cosine.acos()
        ctx.save_for_backward(angle, sine, a, b)
        return cosine.mul_(angle).add_(sine).mul_(both)

    @staticmethod
    def backward(ctx, slope):
        angle, sine, a, b = ctx.saved_tensors
        by_length = slope * sine
        # Lengths of rows of a matrix, or of each product.
        by_length = (by_length @ b)[:, None] if slope.ndim == 2 else by_length * b
        return slope * angle, by_length, None


def _sums(Q, width):
    """Sum ``width`` neighbours along every diagonal of a matrix, or along a vector."""

    def part(powers, begin, size):
        return powers[tuple(slice(begin, begin + n) for n in size)]

    size = [n - width + 1 for n in Q.shape]
    # Sums of 1, 2, 4, ... neighbours; the width is put together of them.
    out, begin, length, powers = Q.new_zeros(size), 0, 1, Q
    while True:
        if width & length:
            out = out + part(powers, begin, size)
            begin += length
        if begin == width:
            return out
        left = [n - length for n in powers.shape]
        powers = part(powers, 0, left) + part(powers, length, left)
        length *= 2


def _lengths(frames, width):
    return _sums(frames.square().sum(dim=1), width).clamp(min=TINY**2).sqrt()


def _mean(k, p, q):
    """Weighted mean of a matrix; what is left of a difference of such needs all digits."""
    return (p * (k @ q)).sum(dtype=torch.float64)
