"""Where torch computes, and on how many threads."""

from threading import Lock, local

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


class _OneTorchThread:
    """Let torch compute on one thread, and as before afterwards.

    Contexts may overlap in several threads, and be inside each other in one.
    """

    def __init__(self):
        self.lock = Lock()
        self.depth = 0
        self.before = None
        self.here = local()

    def __enter__(self):
        with self.lock:
            # Every thread has a count of its own. It begins with the last that any thread set, when
            # it first asks or computes, whatever was set in it before: so ask, then set.
            found = torch.get_num_threads()
            if self.depth == 0:
                self.before = found
            self.depth += 1
            self.here.depth = getattr(self.here, "depth", 0) + 1
            torch.set_num_threads(1)

    def __exit__(self, *error):
        with self.lock:
            self.depth -= 1
            self.here.depth -= 1
            # Other threads keep the 1 that they have set. Nobody else can lift that of this one,
            # and what it finds at its start may be the 1 of another: all go back to the first.
            if self.here.depth == 0:
                torch.set_num_threads(self.before)


_ONE_TORCH_THREAD = _OneTorchThread()


def one_thread():
    """Let torch compute on one thread, and as before afterwards.

    The bytes must not depend on how many cores there are: a descent makes a difference of one
    rounding error a large one. Clips go to workers instead.

    Returns
    -------
    context : context manager
        May overlap with others in several threads.
    """
    return _ONE_TORCH_THREAD
