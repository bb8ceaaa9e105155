"""The code of a style that was never trained on."""

import numpy as np
import torch

from ._training import one_thread
from ._vae_loss import VAELoss

_N_STEPS = 200
_LEARNING_RATE = 0.05
# So many frames, spread evenly, tell a style.
_MOST_FRAMES = 1000


def fit_code(module, frames, n_steps=_N_STEPS):
    """Find the code of a style under which frames have the greatest evidence lower bound.

    The search begins at the mean of the known codes, and at the best of them; the better end wins.

    Parameters
    ----------
    module : VAENet
        With styles, in float64; it is not changed.
    frames : Frames
        Standardised.
    n_steps : int

    Returns
    -------
    code : ndarray of shape (style_dim,)
    """
    step = -(-frames.n_frames() // _MOST_FRAMES)
    inputs, targets = (
        {name: values.double() for name, values in part.items()} for part in frames[:: int(step)]
    )
    x = inputs["x"]
    # The same noise for every code: what is searched does not move.
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(*x.shape[:-1], module.latent_dim, generator=generator, dtype=x.dtype)
    loss = VAELoss()

    def cost(code):
        return loss(module(**inputs, style=code, noise=noise), targets)

    known = module.styles.weight.detach()
    with one_thread():
        nearest = min(known, key=lambda code: cost(code).item())
        ends = [_descend(cost, start, n_steps) for start in (known.mean(dim=0), nearest)]
        best = min([nearest, *ends], key=lambda code: cost(code).item())
    return best.numpy().copy()


def _descend(cost, start, n_steps):
    """Return the code that a search from another one ends at."""
    code = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([code], lr=_LEARNING_RATE)
    for _ in range(n_steps):
        (code.grad,) = torch.autograd.grad(cost(code), [code])
        optimizer.step()
    return code.detach()


def check_code(code, style_dim):
    """Return a code as a float64 tensor of shape (style_dim,), or tell that it is none."""
    code = np.array(code, dtype=np.float64)
    if code.shape != (style_dim,):
        raise ValueError(
            f"target has shape {code.shape}, expected a label or a code of shape ({style_dim},), "
            "such as style_from returns."
        )
    return torch.from_numpy(code)
