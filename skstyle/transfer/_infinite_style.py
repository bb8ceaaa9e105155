"""Styles of infinitely many random filters: what is measured, and the loss."""

import torch

from ._infinite_filters import content_distance, product, squared_distance
from ._random_conv import RandomConvFeatures
from ._style_frames import keep_blocks
from ._style_loss import StyleLoss
from ._torch_setup import as_tensor, one_thread

# And whether means are taken off before.
CENTRED = {"gram": False, "centred-gram": True}


def is_infinite(features):
    """Tell whether features are the limit of infinitely many filters.

    Parameters
    ----------
    features : object

    Returns
    -------
    infinite : bool
    """
    return isinstance(features, RandomConvFeatures) and features.n_filters is None


def check_infinite(features, style_statistic):
    """Check that a statistic is known for infinitely many filters.

    Parameters
    ----------
    features : object
    style_statistic : str
    """
    if is_infinite(features) and style_statistic not in CENTRED:
        raise ValueError(
            f"n_filters=None, infinitely many, is known for style_statistic in {tuple(CENTRED)}, "
            f"got {style_statistic!r}: give a number of filters, such as n_filters=1024."
        )


def refuse_infinite(features, user):
    """Refuse infinitely many filters where activations themselves are needed.

    Parameters
    ----------
    features : object
    user : str
        Name of the class.
    """
    if is_infinite(features):
        raise ValueError(
            f"{user} needs activations, and n_filters=None, infinitely many, has none: give a "
            "number of filters, such as n_filters=1024."
        )


def measure_patches(patches, blocks, share):
    """Measure one layer: keep its frames, of which the loss is made.

    Parameters
    ----------
    patches : Patches
    blocks, share
        As of :func:`draw_blocks`.

    Returns
    -------
    statistics : dict of tensors
        "frames" and "weights".
    """
    layer = keep_blocks(patches.frames.cpu().numpy(), patches.width, blocks, share)
    return {name: as_tensor(a) for name, a in layer.items()}


def frames_distance(layer, other, *, centred):
    """Style loss of one layer between two styles.

    Parameters
    ----------
    layer, other : dict of ndarray
        With "frames" and "weights".
    centred : bool

    Returns
    -------
    loss : float
    """
    a, b = ([as_tensor(x[name]) for name in ("frames", "weights")] for x in (layer, other))
    with torch.no_grad(), one_thread():
        return float(squared_distance(*a, *b, centred=centred))


class InfiniteStyleLoss(StyleLoss):
    """Loss of one clip as :class:`StyleLoss`, for infinitely many filters.

    Parameters are the same; the statistic is told by the origin of the style.
    """

    def __init__(self, activations, statistic, style, **options):
        super().__init__(activations, statistic, style, **options)
        self.centred = CENTRED[style.origin["style_statistic"]]
        with torch.no_grad():
            for target in self.targets:
                both = target["frames"], target["weights"]
                target["constant"] = product(*both, *both, centred=self.centred)

    def style_distance(self, F, target):
        """Return the style loss of one layer."""
        n_patches = len(F.frames) - F.width + 1
        return squared_distance(
            F.frames,
            F.frames.new_full((n_patches,), 1 / n_patches),
            target["frames"],
            target["weights"],
            centred=self.centred,
            constant=target["constant"],
        )

    def content_distance(self, F, P):
        """Return the content loss of one layer."""
        return content_distance(F, P)
