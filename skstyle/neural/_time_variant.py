"""One linear transformation for every frame, chosen by neural networks."""

import numpy as np
import torch
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from ..trajectory._post_filter import warn_of_one_frame
from ..utils.pairing import check_paths, paired_score, refuse_paths
from ..utils.validation import check_paired, check_sequences, is_matrix, restore_frames
from ._checks import PARTS, check_parameters, count_held_out
from ._crops import Crops, lay_onto_source, measure_scales, rectangular_identity
from ._frame_transformations import FrameTransformationsMixin
from ._time_variant_net import TimeVariantNet
from ._training import (
    Diverged,
    HeldOut,
    TrajectoryLoss,
    divergence,
    make_net,
    one_thread,
    start_from_least_squares,
)


class NeuralTimeVariantRegressor(
    FrameTransformationsMixin, MultiOutputMixin, RegressorMixin, BaseEstimator
):
    """Map sequences by one linear transformation a frame, which neural networks choose.

    Four sub-networks look at every frame and its delta. They choose a matrix, a warp of the
    frequency axis, biases and deltas; the trajectory that agrees best with frames and deltas
    comes out. They are trained through that trajectory.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default=(128, 128)
        Of every sub-network.
    n_matrices : int, default=16
        The matrix of a frame is a weighted sum of so many, and of one that always counts.
    use_matrix, use_warp, use_bias, use_dynamics : bool, default=True
        Which sub-networks there are. The warp is meant for cepstra without c_0; it starts at the
        best single one, and beside a matrix it hardly matters to the error. Without dynamics,
        frames come out as they are mapped, not as a trajectory.
    frame_weight : float, default=1.0
        Weight of the squared errors of mapped frames and of their deltas beside that of the
        trajectory. Trajectories alone (0) leave much open, and are learned by heart.
    n_epochs : int, default=40
        Passes over the training frames. 0 returns the source as it is.
    batch_size : int, default=512
        Frames of a step, in whole crops.
    crop_length : int, default=64
        Sequences are cut into pieces of so many frames to be trained on.
    learning_rate : float, default=0.002
    weight_decay : float, default=0.3
        Share of every matrix that is lost in a step, by the learning rate.
    dropout : float, default=0.3
        Share of hidden units that are left out in training.
    validation_fraction : float, default=0.1
        Share of the sequences, at least one of three or more, that is not trained on, but tells
        when to stop. 0 runs all epochs, as one or two sequences do: 5 to 10 epochs are enough for
        these.
    patience : int, default=5
        Epochs without progress on held-out sequences after which training stops.
    random_state : int, RandomState instance or None, default=None
        Draws first weights, held-out sequences, batches and dropout. The random numbers of torch
        and numpy are left alone.
    device : str, default="cpu"
        Where to train, such as "cuda". The fitted net lives on the CPU.
    verbose : int, default=0
        1 prints one line an epoch.

    Attributes
    ----------
    net_ : skorch.NeuralNet
    module_ : torch.nn.Module
        That of the net, in float64: the weights that held-out sequences liked best, averaged over
        steps.
    history_ : dict of str to ndarray of shape (n_epochs_run,)
        "train_loss", with dropout and with the errors of frames; "valid_loss", of trajectories
        alone, where there are held-out sequences. In units of the target's mean variance.
    best_epoch_ : int
        Number of epochs that the weights were trained for.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        When X is one array with column names.

    Warns
    -----
    LoneSequenceWarning
        A plain 2-D array came in: its rows are taken as sequences of one frame, whose
        differences are zero. Wrap one sequence in a list.

    See Also
    --------
    skstyle.trajectory.TrajectoryRegressor : Trajectories from any regressor of frames.
    skstyle.mapping.JointGMMRegressor : As many linear transformations as there are components.

    Notes
    -----
    With X_t = [x_t; delta x_t], all G neural networks and W all-pass warping [1]_ ::

        y_t = (G_A(X_t) + W(G_alpha(X_t))) (x_t - b_src,t) + b_tgt,t,   [b_src; b_tgt] = G_b(X_t)
        delta y_t = delta x_t + G_delta(X_t)
        y = MLPG([y_t; delta y_t]),   loss = mean squared error of y

    Source and target are in one feature space: before training nothing changes, and the source
    comes out.

    What is ours beside the framework: G_A weighs `n_matrices` shared matrices, and one that always
    counts; training starts at the best single warp, matrix and bias, and biases at the mean of the
    source; the loss has errors of frames and deltas beside that of trajectories (`frame_weight`);
    precisions are one learned number a column. Errors count in the units of the target, as in
    mel-cepstral distortion; scale columns of different units before.

    It makes its own trajectories: leave it out of TrajectoryRegressor.

    Targets are laid onto the time of the source: the mean of all frames that a path pairs with
    one. Deltas come from whole sequences.

    References
    ----------
    .. [1] G. Kotani, D. Saito and N. Minematsu, "Voice conversion based on deep neural networks
       for time-variant linear transformations", APSIPA ASC 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.neural import NeuralTimeVariantRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = [np.cumsum(rng.normal(size=(n, 2)), axis=0) for n in (80, 120, 100)]
    >>> y = [np.abs(x) for x in X]
    >>> model = NeuralTimeVariantRegressor(n_epochs=30, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.9
    True
    >>> model.transition(X)[0][0].shape  # a matrix for every frame
    (80, 2, 2)
    """

    def __init__(
        self,
        hidden_layer_sizes=(128, 128),
        *,
        n_matrices=16,
        use_matrix=True,
        use_warp=True,
        use_bias=True,
        use_dynamics=True,
        frame_weight=1.0,
        n_epochs=40,
        batch_size=512,
        crop_length=64,
        learning_rate=0.002,
        weight_decay=0.3,
        dropout=0.3,
        validation_fraction=0.1,
        patience=5,
        random_state=None,
        device="cpu",
        verbose=0,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.n_matrices = n_matrices
        self.use_matrix = use_matrix
        self.use_warp = use_warp
        self.use_bias = use_bias
        self.use_dynamics = use_dynamics
        self.frame_weight = frame_weight
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.crop_length = crop_length
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    # make_voice_converter puts no TrajectoryRegressor around it.
    _makes_trajectories = True

    def fit(self, X, y, paths=None):
        """Train the sub-networks through the trajectories that come out.

        Parameters
        ----------
        X, y : list of arrays (n_frames, n_features), 1-D object arrays, or 2-D arrays
            Paired sequences.
        paths : list of int arrays (n_steps, 2), optional
            Frames of ``X[i]`` and of ``y[i]`` that belong together; by default frame t of both,
            and then paired sequences have one length.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            When sequences do not pair up, a parameter is out of range, or a device is not there.
        ArithmeticError
            When the loss is no finite number any more. The best weights before are kept, and
            ``predict`` works with them.
        """
        check_parameters(self)
        X, y = self._check_pairs(X, y, paths)
        paths = check_paths(X, y, paths)
        random_state = check_random_state(self.random_state)
        order = random_state.permutation(len(X))
        n_held_out = count_held_out(self.validation_fraction, len(X))
        train, held_out = np.sort(order[n_held_out:]), np.sort(order[:n_held_out])
        # Dropout draws from torch's own generator: it is put back afterwards.
        with torch.random.fork_rng(), one_thread():
            torch.manual_seed(random_state.randint(np.iinfo(np.int32).max))
            self._train(X, y, paths, train, held_out)
        return self

    def _check_pairs(self, X, y, paths):
        if is_matrix(X):
            refuse_paths(paths)
            X, y = validate_data(
                self, X, y, multi_output=True, y_numeric=True, dtype=[np.float64, np.float32]
            )
            self._single_target = y.ndim == 1
            warn_of_one_frame(X, len(X), "all differences are zero", stacklevel=4)
            return list(X[:, None]), list(y.reshape(len(y), 1, -1))
        self._single_target = False
        X = check_sequences(X, estimator=self, reset=True).items
        y = check_sequences(y, name="y").items
        check_paired(X, y)
        return X, y

    def _train(self, X, y, paths, train, held_out):
        sequences = lay_onto_source(X, y, paths)
        train, held_out = ([sequences[i] for i in chosen] for chosen in (train, held_out))
        self._scales = measure_scales(train)
        mean = self._scales["mean_x"]
        self._offset = mean if self.use_bias else np.zeros_like(mean)
        train_crops, held_out_crops = (
            Crops(part, self._scales, self._offset, self.crop_length) if part else None
            for part in (train, held_out)
        )
        module = TimeVariantNet(
            self._scales,
            self.hidden_layer_sizes,
            self.n_matrices,
            dropout=self.dropout,
            **{name: getattr(self, name) for name in PARTS},
        )
        crops_a_batch = max(1, self.batch_size // train_crops.inputs["x"].shape[1])
        watch = HeldOut(held_out_crops, crops_a_batch)
        loss = TrajectoryLoss(
            *(np.sqrt(np.mean(self._scales[name] ** 2)) for name in ("std_y", "std_delta_y")),
            self.frame_weight,
        )
        self.net_ = make_net(
            module,
            loss,
            watch,
            n_epochs=self.n_epochs,
            patience=self.patience,
            crops_a_batch=crops_a_batch,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            verbose=self.verbose,
            device=self.device,
        )
        diverged = False
        if self.n_epochs:
            start_from_least_squares(self.module_, train_crops)
            try:
                self.net_.partial_fit(train_crops)
            except Diverged:
                diverged = True
        self._finish(watch)
        if diverged:
            raise divergence(self, len(self.net_.history), "kept, and predict works with them")

    def _finish(self, watch):
        """Keep the best weights, and drop what only training needed."""
        self.best_epoch_ = 0
        if self.n_epochs:
            self.best_epoch_ = watch.best_epoch
            self.module_.load_state_dict(watch.best)
        self.net_.set_params(callbacks=None)
        self.module_.cpu().double().eval()
        rows = self.net_.history
        names = ["train_loss", "valid_loss"][: 1 if watch.crops is None else 2]
        self.history_ = {
            name: np.array([row[name] for row in rows if name in row]) for name in names
        }

    @property
    def module_(self):
        """The fitted torch module."""
        return self.net_.module_

    def predict(self, X):
        """Predict the trajectory of every sequence.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array

        Returns
        -------
        y : list of arrays (n_frames, n_targets)
            In the kind of container that X is, in its dtype. After a 1-D y in fit, 1-D.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a sequence is empty or not finite, or when it has another number of
            columns than those of ``fit``.
        """
        clips = self._check_sources(X)
        frames = self._by_frame(self.module_.frames, clips.items)
        if is_matrix(X):  # as many sequences of one frame at once
            changes = self._smooth(np.concatenate(frames)[:, None])
        else:
            changes = [self._smooth(f[None])[0] for f in frames]
        items = [
            (rectangular_identity(x, self.module_.n_targets) + change).astype(x.dtype, copy=False)
            for x, change in zip(clips.items, changes, strict=True)
        ]
        out = restore_frames(items, X, clips.kind, clips.trail)
        return out[:, 0] if self._single_target and is_matrix(X) else out

    @torch.no_grad()
    def _smooth(self, frames):
        return self.module_.smooth(torch.from_numpy(frames)).numpy()

    def score(self, X, y, sample_weight=None):
        """Return R² of the trajectories, frame t against frame t.

        Parameters
        ----------
        X, y : as in fit
            Paired sequences of equal lengths; AlignedRegressor scores others.
        sample_weight : array of shape (n_frames,), optional
            Weights of all frames of all sequences.

        Returns
        -------
        score : float
        """
        return paired_score(self, X, y, sample_weight)
