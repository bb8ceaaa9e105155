"""Features from any torch module, and the choice among features."""

import re
from copy import deepcopy
from functools import partial
from hashlib import sha256
from numbers import Integral
from threading import local
from types import CodeType

import numpy as np
import torch
from sklearn.base import BaseEstimator, clone
from sklearn.utils import check_random_state

from ._infinite_style import is_infinite
from ._random_conv import RandomConv2dFeatures, RandomConvFeatures

LAYOUTS = ("channels", "image")
NAMED = {"random-conv": RandomConvFeatures, "random-conv-2d": RandomConv2dFeatures}


class ModuleFeatures(BaseEstimator):
    """Activations of any torch module, such as a pretrained net.

    Parameters
    ----------
    module : torch.nn.Module or callable
        Gets a float32 tensor with a batch of one. A module is copied: it computes as in
        evaluation, and yours stays as it is.
    layers : sequence of str, optional
        Names of submodules whose outputs are the layers. By default what the module returns: a
        tensor or a list of tensors.
    layout : {"channels", "image"}, default="channels"
        Shape of the input: (1, n_bins, n_frames) as for convolutions over time, or
        (1, 1, n_frames, n_bins) as for those over time and frequency.
    widest : int, default=1
        Fewest frames that the module can take.

    See Also
    --------
    RandomConvFeatures : Needs no training, and is hard to beat.

    Notes
    -----
    The input is ``log(1 + contrast * magnitude / level)``, as in :class:`GramStyleTransformer`:
    a module that wants other numbers begins with a layer that makes them. Layers are
    (1, n_filters, n_frames, ...): time is the first dimension after the filters.

    References
    ----------
    .. [1] L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional
       neural networks", IEEE CVPR, 2016. doi:10.1109/CVPR.2016.265

    Examples
    --------
    >>> import torch
    >>> from skstyle.transfer import ModuleFeatures
    >>> net = torch.nn.Sequential(torch.nn.Conv1d(33, 8, 5), torch.nn.ReLU())
    >>> activations = ModuleFeatures(net, layers=("1",), widest=5).build(n_bins=33)
    >>> [tuple(layer.shape) for layer in activations(torch.ones(50, 33))]
    [(8, 46)]
    """

    def __init__(self, module, *, layers=None, layout="channels", widest=1):
        self.module = module
        self.layers = layers
        self.layout = layout
        self.widest = widest

    def build(self, n_bins, device="cpu"):
        """Check the module.

        Parameters
        ----------
        n_bins : int
            Columns of the sequences.
        device : str, default="cpu"

        Returns
        -------
        activations : callable
            From a float32 tensor (n_frames, n_bins) to a list of tensors (n_filters,
            n_positions, ...), one a layer.
        """
        if self.layout not in LAYOUTS:
            raise ValueError(f"layout must be one of {LAYOUTS}, got {self.layout!r}.")
        module = self.module
        if not callable(module):
            raise ValueError(f"module must be a torch module or callable, got {module!r}.")
        if isinstance(module, torch.nn.Module):
            # Hooks and settings go to a copy: other threads may use the module, and its owner does.
            module = deepcopy(module).eval().requires_grad_(False).to(device)
        elif self.layers is not None:
            raise ValueError("layers are names of submodules: they need a torch.nn.Module.")
        run = module if self.layers is None else _LayersOf(module, self.layers)

        def activations(z):
            z = z.T[None] if self.layout == "channels" else z[None, None]
            try:
                out = run(z)
            except torch.cuda.OutOfMemoryError:
                raise
            except RuntimeError as e:
                axes = "n_bins, n_frames" if self.layout == "channels" else "1, n_frames, n_bins"
                raise ValueError(
                    f"The module could not take an input of shape {tuple(z.shape)}, which is "
                    f"(1, {axes}): {e} If it needs more frames, say how many: widest=, now "
                    f"{self.widest!r}."
                ) from e
            return [_without_batch(a) for a in _as_list(out)]

        return activations


class _LayersOf:
    """A module that returns what submodules return; threads may call it at the same time."""

    def __init__(self, module, names):
        known = dict(module.named_modules())
        missing = [name for name in names if name not in known]
        if missing or not len(names):
            raise ValueError(f"layers {missing} are not among {sorted(known)[1:]}.")
        self.module = module
        self.names = names
        self.caught = local()
        for name in names:
            known[name].register_forward_hook(partial(self._catch, name))

    def _catch(self, name, module, inputs, output):
        # What comes later may overwrite it, as ReLU(inplace=True) does.
        is_tensor = isinstance(output, torch.Tensor)
        self.caught.layers[name] = output.clone() if is_tensor else output

    def __call__(self, z):
        self.caught.layers = layers = {}
        try:
            self.module(z)
        finally:
            # Nothing of a clip stays in memory.
            del self.caught.layers
        unused = [name for name in self.names if name not in layers]
        if unused:
            raise ValueError(f"layers {unused} are in the module, but it does not call them.")
        return [layers[name] for name in self.names]


def origin_of(features):
    """Tell features apart: what two measurements must have in common to be compared.

    Parameters
    ----------
    features : object
        With parameters as estimators have them.

    Returns
    -------
    origin : str
        The same in every process. A module is told by its layers and weights, too, and a function
        by its code, but not by what is around it.
    """
    said = [f"{name}={_plain(value)}" for name, value in sorted(features.get_params(False).items())]
    return f"{type(features).__name__}({', '.join(said)})"


def _plain(value):
    """Write a parameter in one way, whatever container or type of number holds it."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_plain, value))})"
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, torch.nn.Module):
        parts = [_without_address(value).encode()]
        for name, weights in value.state_dict().items():
            # As bytes, for numpy does not know all types of torch.
            raw = weights.detach().cpu().reshape(-1).view(torch.uint8)
            parts += [name.encode(), raw.numpy().tobytes()]
        return f"{type(value).__qualname__}:{_digest(parts)}"
    if hasattr(value, "__code__"):
        parts = [*_code_parts(value.__code__), _plain(value.__defaults__).encode()]
        return f"{value.__qualname__}:{_digest(parts)}"
    if callable(value):
        return getattr(value, "__qualname__", type(value).__qualname__)
    return _without_address(value)


def _code_parts(code):
    """Yield bytes that tell what a function does, the same in every process."""
    yield code.co_code
    yield repr(code.co_names).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_parts(constant)
        elif isinstance(constant, frozenset):
            # Its order is another in every process.
            yield repr(sorted(map(repr, constant))).encode()
        else:
            yield repr(constant).encode()


def _digest(parts):
    digest = sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:16]


def _without_address(value):
    return re.sub(" at 0x[0-9a-fA-F]+", "", repr(value))


def _as_list(out):
    return list(out) if isinstance(out, (tuple, list)) else [out]


def _without_batch(layer):
    if not isinstance(layer, torch.Tensor) or layer.ndim < 3 or len(layer) != 1:
        seen = tuple(layer.shape) if isinstance(layer, torch.Tensor) else type(layer).__name__
        raise ValueError(
            f"A layer of features is {seen}, expected a tensor (1, n_filters, n_positions, ...)."
        )
    return layer[0]


def resolve_features(features, seed, n_filters=None):
    """Return an object with ``build`` for what users give as features.

    Parameters
    ----------
    features : str, RandomConvFeatures, torch.nn.Module or callable
    seed : int
        For random features without a seed of their own.
    n_filters : int, optional
        For features that are only named.

    Returns
    -------
    features : object
        A copy, but of modules.
    """
    if isinstance(features, str):
        if features not in NAMED:
            raise ValueError(
                f"features must be one of {tuple(NAMED)}, an object such as RandomConvFeatures() "
                f"or a torch module, got {features!r}."
            )
        features = NAMED[features]()
        if n_filters is not None:
            features.n_filters = n_filters
    if isinstance(features, ModuleFeatures):
        return features
    if hasattr(features, "build"):
        features = clone(features)
        given = getattr(features, "random_state", seed)
        if is_infinite(features):
            features.random_state = None  # infinitely many filters are the same for all seeds
        elif not isinstance(given, Integral):
            # A number tells whether two styles were measured alike.
            if given is not None:
                seed = check_random_state(given).randint(np.iinfo(np.int32).max)
            features.random_state = int(seed)
        return features
    if callable(features):
        return ModuleFeatures(features)
    raise ValueError(
        f"features must be one of {tuple(NAMED)}, an object such as RandomConvFeatures() or a "
        f"torch module, got {features!r}."
    )
