"""The loss of style transfer, on activations, with its gradient."""

import numpy as np
import torch

from ._style import Style, layer_distance
from ._torch_setup import as_tensor


def content_distance(F, P):
    """Content loss of one layer: ``1 / (N M) * 1/2 sum_ij (F_ij - P_ij)^2``.

    Parameters
    ----------
    F, P : tensors of the same shape
        Activations of what comes out and of the content.

    Returns
    -------
    loss : tensor of shape ()
    """
    return 0.5 * (F - P).square().mean()


def measure_style(z, activations, statistic, origin, *, level=1.0, device="cpu"):
    """Measure the style of one clip.

    Parameters
    ----------
    z : float32 ndarray of shape (n_frames, n_bins)
        Compressed magnitudes.
    activations : callable
        From a tensor like z to a list of layers.
    statistic : callable
        From a layer to a dict of tensors.
    origin : dict
        As in :class:`Style`.
    level : float, default=1.0
        As in :class:`Style`.
    device : str, default="cpu"
        Where the activations are computed.

    Returns
    -------
    style : Style
    """
    with torch.no_grad():
        measured = [statistic(F) for F in activations(as_tensor(z, device))]
    layers = [{name: a.cpu().numpy() for name, a in layer.items()} for layer in measured]
    spectrum = np.stack([z.mean(axis=0), z.std(axis=0), z.max(axis=0)])
    return Style(layers, spectrum, origin, level=level)


class StyleLoss:
    """``alpha * sum_l w_l L_content,l + beta * sum_l w_l E_l``, and more, of one clip.

    Parameters
    ----------
    activations, statistic : callable
        As in :func:`measure_style`.
    style : Style
    layer_weights : list of float
    content_weight, style_weight : float
        alpha and beta.
    content : float32 ndarray of shape (n_frames, n_bins) or None
        Not needed with a content weight of 0.
    terms : sequence of (float, callable)
        Weights and further losses, functions of a tensor like z.
    device : str
    """

    def __init__(
        self,
        activations,
        statistic,
        style,
        *,
        layer_weights,
        content_weight,
        style_weight,
        content,
        terms=(),
        device="cpu",
    ):
        self.activations = activations
        self.statistic = statistic
        self.layer_weights = layer_weights
        self.content_weight = content_weight
        self.style_weight = style_weight
        self.terms = terms
        self.device = device
        self.targets = [
            {name: as_tensor(a, device) for name, a in layer.items()} for layer in style.layers
        ]
        self.content = None
        if content is not None:
            with torch.no_grad():
                self.content = self.activations(as_tensor(content, device))

    def parts(self, z, of_content=True):
        """Return both losses, without their weights.

        Parameters
        ----------
        z : tensor of shape (n_frames, n_bins)
        of_content : bool, default=True
            Whether the content loss is worked out.

        Returns
        -------
        content, style : tensors of shape ()
            The content loss is zero where there is no content.
        """
        layers = self.activations(z)
        style = sum(
            w * self.style_distance(F, target)
            for w, F, target in zip(self.layer_weights, layers, self.targets, strict=True)
        )
        content = z.new_zeros(())
        if of_content and self.content is not None:
            content = sum(
                w * self.content_distance(F, P)
                for w, F, P in zip(self.layer_weights, layers, self.content, strict=True)
            )
        return content, style

    def style_distance(self, F, target):
        """Return the style loss of one layer."""
        return layer_distance(self.statistic(F), target)

    def content_distance(self, F, P):
        """Return the content loss of one layer."""
        return content_distance(F, P)

    def values(self, z):
        """Return both losses of an array, as floats without their weights."""
        with torch.no_grad():
            content, style = self.parts(self._tensor(z))
        return float(content), float(style)

    def __call__(self, z):
        """Return the loss and its gradient.

        Parameters
        ----------
        z : ndarray of shape (n_frames, n_bins)

        Returns
        -------
        loss : float
        gradient : float32 ndarray of shape (n_frames, n_bins)
        """
        tensor = self._tensor(z).requires_grad_()
        content, style = self.parts(tensor, of_content=bool(self.content_weight))
        loss = self.style_weight * style
        if self.content_weight:
            loss = loss + self.content_weight * content
        for weight, term in self.terms:
            loss = loss + weight * term(tensor)
        (gradient,) = torch.autograd.grad(loss, tensor)
        return loss.item(), gradient.cpu().numpy()

    def _tensor(self, z):
        return as_tensor(np.asarray(z, dtype=np.float32), self.device)
