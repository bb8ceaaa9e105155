"""The framework of time-variant linear transformations, as a torch module."""

import torch
from torch import nn

from ._trajectory_layer import trajectory
from ._warp_layer import WarpLayer

# All-pass constants between most voices, of children too, lie within. Not as wide as those that
# FrequencyWarpingRegressor searches: there truncation cannot be mended by a matrix.
MAX_WARP = 0.15
# Of precisions; beyond, statics or deltas alone decide, and the system may become singular.
_MAX_LOG_RATIO = 10.0
# Frames that are mapped at once: every one has a product with every matrix.
_BLOCK = 4096


class TimeVariantNet(nn.Module):
    """Four sub-networks that choose a linear transformation for every frame.

    All matrices and the other last layers are zero at first: what comes out is what comes in.

    Parameters
    ----------
    scales : dict of str to ndarray
        "mean_x", "std_x", "std_delta_x" of the source; "std_y", "std_delta_y" of the target.
    hidden_layer_sizes : sequence of int
        Of every sub-network.
    n_matrices : int
        A_t is a weighted sum of so many matrices, and of one that always counts.
    use_matrix, use_warp, use_bias, use_dynamics : bool
        Which sub-networks there are.
    dropout : float
        Share of hidden units left out in training.

    Notes
    -----
    Frames come in with their mean taken away, and what is computed is what changes,
    ``y_t - E x_t`` with E = W(0): small numbers, that float32 can tell, and nothing at all as
    long as all last layers are zero. Trajectories are linear in what is given, and the source's
    statics and deltas agree, so that E x_t can be added afterwards.
    """

    def __init__(
        self,
        scales,
        hidden_layer_sizes=(128, 128),
        n_matrices=16,
        use_matrix=True,
        use_warp=True,
        use_bias=True,
        use_dynamics=True,
        dropout=0.3,
    ):
        super().__init__()
        for name, values in scales.items():
            self.register_buffer(name, torch.as_tensor(values, dtype=torch.float32))
        self.n_features, self.n_targets = len(self.std_x), len(self.std_y)
        self.register_buffer("identity", torch.eye(self.n_targets, self.n_features))

        def subnetwork(n_outputs):
            return _subnetwork(2 * self.n_features, hidden_layer_sizes, n_outputs, dropout)

        self.matrix = self.warp = self.bias = self.dynamics = None
        if use_matrix:
            self.matrix = subnetwork(n_matrices)
            nn.init.normal_(self.matrix[-1].weight, std=hidden_layer_sizes[-1] ** -0.5)
            shape = (1 + n_matrices, self.n_targets, self.n_features)
            self.matrices = nn.Parameter(torch.zeros(shape))
        if use_warp:
            self.warp = subnetwork(1)
            self.warping = WarpLayer(self.n_targets, self.n_features, MAX_WARP)
        if use_bias:
            self.bias = subnetwork(self.n_features + self.n_targets)
        if use_dynamics:
            self.dynamics = subnetwork(self.n_targets)
            ratio = 2 * torch.log(self.std_y / self.std_delta_y)
            self.log_ratio = nn.Parameter(ratio.clamp(-_MAX_LOG_RATIO, _MAX_LOG_RATIO))

    def alpha(self, context):
        """Return the all-pass constant of every frame, (...)."""
        if self.warp is None:
            return context.new_zeros(context.shape[:-1])
        return self.warping.bound * torch.tanh(self.warp(context)[..., 0])

    def weights(self, context):
        """Return the weights of the matrices, (..., 1 + n_matrices); the first is 1."""
        weights = torch.tanh(self.matrix(context))
        return torch.cat([torch.ones_like(weights[..., :1]), weights], dim=-1)

    def biases(self, context):
        """Return the biases of source and target beside the source's mean."""
        if self.bias is None:
            like = context[..., : self.n_features]
            return torch.zeros_like(like), torch.zeros_like(like @ self.identity.T)
        source, target = self.bias(context).split([self.n_features, self.n_targets], dim=-1)
        return source * self.std_x, target * self.std_y

    def statics(self, context, x):
        """Return what is to be added to every frame, before it becomes a trajectory.

        Parameters
        ----------
        context : tensor of shape (..., 2 * n_features)
            Standardised statics and deltas, which the sub-networks see.
        x : tensor of shape (..., n_features)
            Frames without their mean; without biases, frames as they are.

        Returns
        -------
        change : tensor of shape (..., n_targets)
        """
        source, target = self.biases(context)
        x = x - source
        change = target - source @ self.identity.T
        if self.matrix is not None:
            # Every matrix times every frame is one product; then the weighted sum.
            products = (x / self.std_x) @ self.matrices.reshape(-1, self.n_features).T
            products = products.reshape(*x.shape[:-1], -1, self.n_targets)
            weights = self.weights(context)[..., None, :]
            change = change + (weights @ products)[..., 0, :] * self.std_y
        if self.warp is not None:
            change = change + self.warping(self.alpha(context), x)
        return change

    def frames(self, context, x):
        """Return the changes of statics, and of their deltas where there are dynamics."""
        statics = self.statics(context, x)
        if self.dynamics is None:
            return statics
        return torch.cat([statics, self.dynamics(context) * self.std_delta_y], dim=-1)

    def transition(self, context):
        """Return the matrices A_t + W(alpha_t), and the biases of source and target.

        Parameters
        ----------
        context : tensor of shape (..., 2 * n_features)

        Returns
        -------
        matrices : tensor of shape (..., n_targets, n_features)
        source : tensor of shape (..., n_features)
        target : tensor of shape (..., n_targets)
            The mean of the source is not in the biases.
        """
        matrices = self.identity.expand(*context.shape[:-1], -1, -1)
        if self.matrix is not None:
            A = torch.tensordot(self.weights(context), self.matrices, dims=1)
            matrices = matrices + A * self.std_y[:, None] / self.std_x
        if self.warp is not None:
            matrices = matrices + self.warping.matrix(self.alpha(context))
        return matrices, *self.biases(context)

    def smooth(self, frames, n_frames=None, delta_weight=None):
        """Turn changes of statics and deltas into trajectories.

        Parameters
        ----------
        frames : tensor of shape (n_clips, n_times, n_blocks * n_targets)
            From :meth:`frames`.
        n_frames : int tensor of shape (n_clips,), optional
            Where clips end.
        delta_weight : tensor of shape (n_clips, n_times), optional
            Zero where deltas reach beyond what was cut out of a clip.

        Returns
        -------
        change : tensor of shape (n_clips, n_times, n_targets)
        """
        if self.dynamics is None:
            return frames
        ratio = self.log_ratio.clamp(-_MAX_LOG_RATIO, _MAX_LOG_RATIO).exp()
        ratio = ratio.expand(*frames.shape[:2], -1)
        if delta_weight is not None:
            ratio = ratio * delta_weight[..., None]
        precision = torch.cat([torch.ones_like(ratio), ratio], dim=-1)
        return trajectory(frames, precision, n_frames)

    def forward(self, context, x, n_frames=None, delta_weight=None):
        """Return changes of trajectories, and of the frames that they are made of."""
        frames = self.frames(context, x)
        return self.smooth(frames, n_frames, delta_weight), frames


@torch.no_grad()
def in_blocks(function, context, x):
    """Call a function of contexts and frames block by block.

    Parameters
    ----------
    function : callable
        Of two tensors; returns a tensor, or a tuple of such.
    context, x : ndarrays (n_frames, n_columns)

    Returns
    -------
    parts : list of ndarrays (n_frames, ...)
    """
    blocks = []
    for start in range(0, len(x), _BLOCK):
        found = function(*(torch.from_numpy(a[start : start + _BLOCK]) for a in (context, x)))
        blocks.append(found if isinstance(found, tuple) else (found,))
    return [torch.cat(part).numpy() for part in zip(*blocks, strict=True)]


def _subnetwork(n_inputs, hidden_layer_sizes, n_outputs, dropout):
    """Hidden layers with dropout, and a last layer of zeros."""
    layers = []
    for size in hidden_layer_sizes:
        layers += [nn.Linear(n_inputs, size), nn.Tanh(), nn.Dropout(dropout)]
        n_inputs = size
    last = nn.Linear(n_inputs, n_outputs)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*layers, last)
