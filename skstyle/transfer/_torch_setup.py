"""Where torch computes, and on how many threads."""

from contextlib import contextmanager

import torch


def check_device(device):
    """Tell of devices that torch does not know, or does not find.

    Parameters
    ----------
    device : str
    """
    try:
        kind = torch.device(device).type
    except (RuntimeError, TypeError) as e:
        raise ValueError(f'device must be "cpu" or "cuda", got {device!r}.') from e
    if kind == "cuda" and not torch.cuda.is_available():
        raise ValueError(f'device={device!r}, but torch finds no GPU here: use device="cpu".')


def as_tensor(a, device="cpu"):
    """Return an array as a tensor; one that must not be written to, as workers get, is copied.

    Parameters
    ----------
    a : ndarray
    device : str, default="cpu"

    Returns
    -------
    tensor : torch.Tensor
    """
    return torch.from_numpy(a if a.flags.writeable else a.copy()).to(device)


@contextmanager
def one_thread():
    """Let torch compute on one thread, and as before afterwards.

    The bytes must not depend on how many cores there are: a descent makes a difference of one
    rounding error a large one. Clips go to workers instead.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
