"""The modules of variational autoencoders: encoder, decoder and what joins them."""

import copy

import torch
from torch import nn

from ._training import one_thread
from ._vae_loss import reparametrise

# Of what is encoded and of what is decoded, in units of standardised columns. A column that is
# learned by heart would have a variance of zero, and an infinite likelihood.
_BOUND = 12.0
_LOWEST_DECODED = -10.0
# Frames that pass through a net at once when nothing is trained.
_BLOCK = 4096


def multilayer(n_inputs, n_outputs, hidden_layer_sizes):
    """Linear layers with smooth rectifiers between them.

    Parameters
    ----------
    n_inputs, n_outputs : int
    hidden_layer_sizes : sequence of int

    Returns
    -------
    module : torch.nn.Module
    """
    layers = []
    for size in hidden_layer_sizes:
        layers += [nn.Linear(n_inputs, size), nn.SiLU()]
        n_inputs = size
    return nn.Sequential(*layers, nn.Linear(n_inputs, n_outputs))


def make_module(wanted, name, n_inputs, n_outputs, hidden_layer_sizes):
    """Make an encoder or a decoder of what a user gave for it.

    Parameters
    ----------
    wanted : None, torch.nn.Module or callable
        None makes linear layers; a module is copied; ``wanted(n_inputs, n_outputs)`` makes one.
    name : str
        What messages call it.
    n_inputs, n_outputs : int
    hidden_layer_sizes : sequence of int

    Returns
    -------
    module : torch.nn.Module

    Raises
    ------
    TypeError
        When what was given is no module, and makes none.
    ValueError
        When the module does not take so many columns, or gives out others.
    """
    if wanted is None:
        return multilayer(n_inputs, n_outputs, hidden_layer_sizes)
    if isinstance(wanted, nn.Module):
        module = copy.deepcopy(wanted).float()
    else:
        module = wanted(n_inputs, n_outputs) if callable(wanted) else wanted
    if not isinstance(module, nn.Module):
        raise TypeError(
            f"{name} must be a torch.nn.Module, or a function of the numbers of columns that go in "
            f"and come out, ({n_inputs}, {n_outputs}) here, that makes one; got {module!r}."
        )
    _probe(module, name, n_inputs, n_outputs)
    return module


@torch.no_grad()
def _probe(module, name, n_inputs, n_outputs):
    """Let two frames of zeros through."""
    training = module.training
    try:
        out = module.eval()(torch.zeros(2, n_inputs))
    except Exception as e:  # torch raises many kinds
        raise ValueError(f"{name} must take {n_inputs} columns, but it does not: {e}") from e
    module.train(training)
    shape = tuple(getattr(out, "shape", ()))
    if shape != (2, n_outputs):
        raise ValueError(
            f"{name} must make {n_outputs} columns of {n_inputs}, but of an array of shape "
            f"{(2, n_inputs)} it makes one of shape {shape}. An encoder gives out the means and "
            "then the logarithms of the variances of all latent dimensions."
        )


class VAENet(nn.Module):
    """Encodes frames to Gaussians, draws from them, and decodes what was drawn.

    Parameters
    ----------
    n_features, latent_dim : int
    encoder, decoder : None, torch.nn.Module or callable
        As in :func:`make_module`. The encoder makes ``2 * latent_dim`` columns of `n_features`,
        the decoder `n_features` of `latent_dim`; both take `style_dim` more, at the end, where
        there are styles.
    hidden_layer_sizes : sequence of int
        Where encoder or decoder is None; the decoder has them the other way round.
    log_variance_offset : tensor of shape (n_features,), optional
        The decoder's variances are these, times one number that is learned. By default every
        column has a number of its own.
    n_styles, style_dim : int
        Styles that there are codes for, and the numbers in a code. 0: frames have no style.
    """

    def __init__(
        self,
        n_features,
        latent_dim,
        encoder=None,
        decoder=None,
        hidden_layer_sizes=(128, 128),
        log_variance_offset=None,
        n_styles=0,
        style_dim=0,
    ):
        super().__init__()
        sizes = tuple(hidden_layer_sizes)
        self.latent_dim = latent_dim
        self.encoder = make_module(
            encoder, "encoder", n_features + style_dim, 2 * latent_dim, sizes
        )
        self.decoder = make_module(
            decoder, "decoder", latent_dim + style_dim, n_features, sizes[::-1]
        )
        one = log_variance_offset is not None
        offset = torch.as_tensor(log_variance_offset) if one else torch.zeros(n_features)
        self.register_buffer("offset", offset.float())
        self.log_variance = nn.Parameter(torch.zeros(1 if one else n_features))
        self.styles = nn.Embedding(n_styles, style_dim) if n_styles else None

    def code(self, style):
        """Return codes of styles.

        Parameters
        ----------
        style : None, int tensor of shape (...) or float tensor of shape (..., style_dim)
            Numbers of styles, or codes, which come back as they are.

        Returns
        -------
        code : None or tensor of shape (..., style_dim)
        """
        if style is None or style.is_floating_point():
            return style
        return self.styles(style)

    def encode(self, x, style=None, mask=None):
        """Return means and logarithms of variances of the codes of frames.

        Parameters
        ----------
        x : tensor of shape (..., n_features)
            Standardised.
        style : as in :meth:`code`
        mask : tensor of shape (n_clips, n_times), optional
            For modules that look at neighbouring frames: 0 where there is padding.

        Returns
        -------
        mean, log_variance : tensors of shape (..., latent_dim)
        """
        x = _beside(x, self.code(style))
        mean, log_variance = _apply(self.encoder, x, mask).chunk(2, dim=-1)
        return mean, log_variance.clamp(-_BOUND, _BOUND)

    def decode(self, z, style=None, mask=None):
        """Return the frames that codes stand for, (..., n_features), standardised."""
        return _apply(self.decoder, _beside(z, self.code(style)), mask)

    def decoded_log_variance(self):
        """Return the logarithms of the variances of frames around what is decoded."""
        return (self.log_variance + self.offset).clamp(min=_LOWEST_DECODED)

    def forward(self, x, style=None, noise=None, mask=None):
        """Return decoded frames, their log-variances, and the two of the codes."""
        mean, log_variance = self.encode(x, style, mask)
        noise = torch.randn_like(mean) if noise is None else noise
        decoded = self.decode(reparametrise(mean, log_variance, noise), style, mask)
        return decoded, self.decoded_log_variance(), mean, log_variance


def _beside(x, code):
    if code is None:
        return x
    return torch.cat([x, code.expand(*x.shape[:-1], -1)], dim=-1)


def _apply(module, x, mask):
    return module(x) if mask is None else module(x, mask)


def reach_of(module):
    """Return how many frames on either side a module looks at; linear layers at none."""
    return getattr(module, "reach", 0)


@torch.no_grad()
def in_blocks(function, x, reach=0):
    """Call a function of frames block by block, on one thread.

    Parameters
    ----------
    function : callable
        Of a tensor; returns a tensor, or a tuple of such.
    x : ndarray of shape (n_frames, n_columns)
    reach : int, default=0
        Frames on either side that the function looks at: with them, blocks leave no trace.

    Returns
    -------
    parts : list of ndarrays (n_frames, ...)
    """
    blocks = []
    with one_thread():
        for start in range(0, len(x), _BLOCK):
            before = min(reach, start)
            found = function(torch.from_numpy(x[start - before : start + _BLOCK + reach]))
            found = found if isinstance(found, tuple) else (found,)
            blocks.append([part[before : before + _BLOCK] for part in found])
    return [torch.cat(part).numpy() for part in zip(*blocks, strict=True)]
