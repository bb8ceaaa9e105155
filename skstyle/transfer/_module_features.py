"""Features from any torch module, and the choice among features."""

from hashlib import sha256
from numbers import Integral

import numpy as np
import torch
from sklearn.base import BaseEstimator, clone

from ._infinite_style import is_infinite
from ._random_conv import RandomConv2dFeatures, RandomConvFeatures

LAYOUTS = ("channels", "image")
NAMED = {"random-conv": RandomConvFeatures, "random-conv-2d": RandomConv2dFeatures}


class ModuleFeatures(BaseEstimator):
    """Activations of any torch module, such as a pretrained net.

    Parameters
    ----------
    module : torch.nn.Module or callable
        Gets a float32 tensor with a batch of one. A module computes as in evaluation, and its
        weights stay as they are.
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
            module = module.to(device)
        elif self.layers is not None:
            raise ValueError("layers are names of submodules: they need a torch.nn.Module.")
        if self.layers is not None:
            known = dict(module.named_modules())
            missing = [name for name in self.layers if name not in known]
            if missing or not len(self.layers):
                raise ValueError(f"layers {missing} are not among {sorted(known)[1:]}.")

        def activations(z):
            z = z.T[None] if self.layout == "channels" else z[None, None]
            return [_without_batch(a) for a in self._run(module, z)]

        return activations

    def _run(self, module, z):
        """Return the layers, with the module as it was before."""
        if not isinstance(module, torch.nn.Module):
            return _as_list(module(z))
        caught, hooks = {}, []
        training = [m for m in module.modules() if m.training]
        learning = [p for p in module.parameters() if p.requires_grad]
        for name in self.layers or ():
            hook = _Catcher(caught, name)
            hooks.append(module.get_submodule(name).register_forward_hook(hook))
        try:
            for p in learning:
                p.requires_grad_(False)
            module.eval()
            out = module(z)
        finally:
            for hook in hooks:
                hook.remove()
            for p in learning:
                p.requires_grad_(True)
            for m in training:
                m.training = True
        return _as_list(out) if self.layers is None else [caught[name] for name in self.layers]


class _Catcher:
    """Keeps what a submodule returns."""

    def __init__(self, caught, name):
        self.caught = caught
        self.name = name

    def __call__(self, module, inputs, output):
        # What comes later may overwrite it, as ReLU(inplace=True) does.
        self.caught[self.name] = output.clone()


def origin_of(features):
    """Tell features apart: what two measurements must have in common to be compared.

    Parameters
    ----------
    features : object
        With parameters as estimators have them.

    Returns
    -------
    origin : str
        The same in every process. A module is told by its weights, too.
    """
    said = [f"{name}={_plain(value)}" for name, value in sorted(features.get_params(False).items())]
    return f"{type(features).__name__}({', '.join(said)})"


def _plain(value):
    """Write a parameter in one way, whatever container or type of number holds it."""
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_plain, value))})"
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, torch.nn.Module):
        digest = sha256()
        for name, weights in value.state_dict().items():
            digest.update(name.encode())
            digest.update(weights.detach().cpu().numpy().tobytes())
        return f"{type(value).__qualname__}:{digest.hexdigest()[:16]}"
    if callable(value):
        return getattr(value, "__qualname__", type(value).__qualname__)
    return repr(value)


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
            drawn = seed if given is None else given.randint(np.iinfo(np.int32).max)
            features.random_state = int(drawn)
        return features
    if callable(features):
        return ModuleFeatures(features)
    raise ValueError(
        f"features must be one of {tuple(NAMED)}, an object such as RandomConvFeatures() or a "
        f"torch module, got {features!r}."
    )
