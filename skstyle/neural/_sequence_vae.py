"""Clips of a text, or of another clip's content, in the style of a reference."""

import warnings

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ..exceptions import UnstoppedWarning
from ..utils.validation import check_sequences
from ._base_sequence_vae import BaseSequenceVAE


class SequenceVAE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseSequenceVAE):
    """Say a text, or what another clip says, as a reference clip sounds.

    A reference encoder turns a clip into a style code z, a content encoder reads a text (or the
    frames of a clip), and an attention decoder makes frames of both, step by step, until its stop
    token fires. In training all three are given the same clip: since codes are short and held to
    N(0, 1), what is said has to come from the content, and the code is left with how.

    Parameters
    ----------
    content : {"text", "frames"}, default="text"
        What is said is given by a transcript, or by the frames of a clip of anyone.
    latent_dim : int, default=16
        Numbers in a style code.
    content_dim, decoder_dim : int, default=128 and 256
        Columns of the states of content and of the decoder.
    frames_per_step : int, default=5
        Frames that the decoder makes at once: more of them are quicker, and attention is learned
        sooner.
    dropout, frame_dropout : float, default=0.2
        In training, of the content encoder, and the share of frames that the decoder is not told
        before it makes the next ones: what it is not told it has to read.
    recurrent : bool, default=True
        Whether the content encoder sees all of the content, by a recurrent layer, or only three
        symbols on either side of each.
    symbols : str or list of str, default=None
        All symbols that transcripts may have; None takes those of the transcripts in ``fit``.
        Symbols that no training clip has are pronounced arbitrarily.
    beta : float, default=2e-4
        Weight of the divergence of codes from N(0, 1), in nats a clip, beside the mean square of
        errors in standardised columns. Greater values leave less in the code.
    warmup_epochs : float, default=50
        Over so many epochs the weight grows from 0.
    stop_weight : float, default=0.2
        Weight of the cross-entropy of the stop token.
    guide_weight : float, default=0.5
        Weight of a cost of attention far from the diagonal.
    n_epochs : int, default=250
        Passes over the training clips, at most.
    batch_size : int, default=32
        Clips of a step.
    learning_rate, last_learning_rate : float, default=1e-3 and 1e-4
        Of Adam: the first for 30 % of all epochs, then falling to the last.
    weight_decay : float, default=1e-6
    validation_fraction : float, default=0.0
        Share of the transcripts (with "frames", of the labels), whose clips are not trained on,
        but judged after every epoch.
    keep : {"last", "best"}, default="last"
        Which weights are used: the last ones, or those whose loss on held-out clips is least.
        That loss is measured with the true frames before each step given, and is least long before
        the model speaks best without them.
    patience : int, default=10
        With "best", epochs after warm-up without progress after which training stops.
    stop_threshold : float, default=0.5
        Probability of the stop token at which a clip ends.
    global_variance : float, default=1.0
        Speech that is learned is smoother than speech. Every column is stretched about its mean
        over the clip, 1 as far as training clips vary more than what is said of them, 0 not at
        all.
    max_length_ratio : float, default=1.2
        A clip that does not stop ends when it is so many times as long as it would be at the pace
        of the slowest training clips, the last 5 % left out; never before 20 steps.
    warm_start : bool, default=False
        Whether ``fit`` goes on where it was, up to `n_epochs` in all; as if it had not stopped,
        if `n_epochs` is the same, since the learning rate falls towards the last of them.
    checkpoint_path, log_path, callbacks, random_state, device : optional
        As in :class:`VAETransformer`. Training takes as many threads as torch is set to.
    verbose : int, default=0
        1 prints one line an epoch.

    Attributes
    ----------
    module_ : torch.nn.Module
        In float64.
    symbols_ : ndarray of str
        What transcripts may be made of, where content is text.
    stretch_ : ndarray of shape (n_features,)
        What columns are stretched by; measured when training is over, and 1 in a checkpoint.
    slowest_ : float
        Steps a symbol, or a state of four frames of content, that 95 % of the training clips do
        not exceed.
    kl_per_dim_ : ndarray of shape (latent_dim,)
        Nats that every number of the code says about a training clip, on average.
    active_units_ : int
        Numbers of the code whose mean varies by more than 0.01 over training clips. Batch
        normalisation of means keeps all of them in use: `kl_per_dim_` tells more.
    history_ : dict of str to ndarray of shape (n_epochs_run,)
        "train_loss", "train_reconstruction" (mean square of errors), "train_kl" (nats a clip),
        "kl_weight", "train_stop", "stop_accuracy" (share of steps), "diagonality" (share of
        attention within 0.15 of the diagonal), "learning_rate" and, where clips are held out,
        "valid_loss".
    best_epoch_ : int
        Number of epochs that the weights were trained for.
    stopped_ : bool ndarray of shape (n_contents,)
        Of the last ``predict``: whether the stop token ended the clip.
    stop_probabilities_ : list of ndarrays (n_steps_i + 1,)
        Of the last ``predict``: of the stop token at every step, and at the one that it stopped;
        that one is not there, where it did not.
    alignments_ : list of ndarrays (n_steps_i, n_states_i)
        Of the last ``predict``: weights of attention on symbols, or on groups of four frames.
    n_features_in_ : int

    Warns
    -----
    UnstoppedWarning
        When a clip ended at its greatest length.

    See Also
    --------
    VAETransport : Converts frame by frame, and sounds better with little training.
    skstyle.compose.SequenceVAEConverter : From signals to signals.

    Notes
    -----
    The loss of [1]_, for a clip x with content t, divided by a constant ::

        KL[q(z | x) || p(z)] - E_q[log p(x | z, t)] + l_stop

    The likelihood is Gaussian with one variance for all standardised columns: its logarithm is a
    mean square. A clip of N values whose errors have the variance v has the bound of the
    likelihood at ``beta = 2 v / N``, about 4e-5 for three seconds; the default is more, so that
    codes tell little of what is said.

    With a few minutes of speech, texts that were not in the training are spoken in the right voice
    and at the right pace, but are hard to understand. Contents of other clips fare better.

    References
    ----------
    .. [1] Y.-J. Zhang, S. Pan, L. He and Z.-H. Ling, "Learning latent representations for style
       control and transfer in end-to-end speech synthesis", ICASSP 2019.
       https://doi.org/10.1109/ICASSP.2019.8683623
    .. [2] E. Battenberg et al., "Location-relative attention mechanisms for robust long-form
       speech synthesis", ICASSP 2020. https://doi.org/10.1109/ICASSP40776.2020.9054106

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.neural import SequenceVAE
    >>> rng = np.random.default_rng(0)
    >>> sound = {"a": [1.0, 0.0, 0.0], "b": [0.0, 1.0, 0.0], " ": [0.0, 0.0, 1.0]}
    >>> texts = ["".join(rng.choice(list("ab "), size=12)) + "a" for _ in range(40)]
    >>> X = [np.repeat([sound[c] for c in text], 4, axis=0) for text in texts]
    >>> X = [x + 0.05 * rng.normal(size=x.shape) for x in X]
    >>> vae = SequenceVAE(
    ...     latent_dim=2, content_dim=16, decoder_dim=16, n_epochs=3, random_state=0
    ... ).fit(X, texts)
    >>> vae.transform(X).shape  # a style code of every clip
    (40, 2)
    >>> losses = vae.history_["train_loss"]
    >>> bool(losses[-1] < losses[0])  # a good model takes hundreds of epochs
    True
    """

    def __init__(
        self,
        content="text",
        *,
        latent_dim=16,
        content_dim=128,
        decoder_dim=256,
        frames_per_step=5,
        dropout=0.2,
        frame_dropout=0.2,
        recurrent=True,
        symbols=None,
        beta=2e-4,
        warmup_epochs=50,
        stop_weight=0.2,
        guide_weight=0.5,
        n_epochs=250,
        batch_size=32,
        learning_rate=1e-3,
        last_learning_rate=1e-4,
        weight_decay=1e-6,
        validation_fraction=0.0,
        keep="last",
        patience=10,
        stop_threshold=0.5,
        global_variance=1.0,
        max_length_ratio=1.2,
        warm_start=False,
        checkpoint_path=None,
        log_path=None,
        callbacks=None,
        random_state=None,
        device="cpu",
        verbose=0,
    ):
        self.content = content
        self.latent_dim = latent_dim
        self.content_dim = content_dim
        self.decoder_dim = decoder_dim
        self.frames_per_step = frames_per_step
        self.dropout = dropout
        self.frame_dropout = frame_dropout
        self.recurrent = recurrent
        self.symbols = symbols
        self.beta = beta
        self.warmup_epochs = warmup_epochs
        self.stop_weight = stop_weight
        self.guide_weight = guide_weight
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.last_learning_rate = last_learning_rate
        self.weight_decay = weight_decay
        self.validation_fraction = validation_fraction
        self.keep = keep
        self.patience = patience
        self.stop_threshold = stop_threshold
        self.global_variance = global_variance
        self.max_length_ratio = max_length_ratio
        self.warm_start = warm_start
        self.checkpoint_path = checkpoint_path
        self.log_path = log_path
        self.callbacks = callbacks
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    @property
    def _n_features_out(self):
        return self.module_.latent_dim

    def fit(self, X, y=None):
        """Train all encoders and the decoder.

        Parameters
        ----------
        X : list of arrays (n_frames_i, n_features)
            Log-mel frames of clips, or others; silence around the clips is better cut off.
        y : list of str, or of lists of symbols
            What is said in every clip: a text, or symbols such as phonemes. With "frames" any
            labels, or None: clips of one label say the same, and each is content for the others,
            so that content comes to be read whoever says it.

        Returns
        -------
        self : SequenceVAE

        Raises
        ------
        TypeError, ValueError
            When a clip has no transcript, or an empty one, there are no two clips, or a parameter
            is out of range.
        ArithmeticError
            When the loss is no finite number any more. The last good weights are kept.
        """
        return self._fit(X, y)

    def transform(self, X):
        """Return the style codes of clips.

        Parameters
        ----------
        X : list of arrays (n_frames_i, n_features)

        Returns
        -------
        codes : ndarray of shape (n_clips, latent_dim)
            Means of q(z | x). A mean over several clips of one voice is a style, too.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a sequence is empty or not finite, or when it has another number of
            columns than those of ``fit``.
        """
        check_is_fitted(self)
        X = check_sequences(X, estimator=self).items
        return self._codes([self._standardised(x) for x in X])[0].astype(self._dtype)

    def predict(self, X, style=None):
        """Say contents in a style.

        Parameters
        ----------
        X : list of str, or of lists of symbols; with "frames" of arrays (n_frames_i, n_features)
            What is said: texts, or clips of anyone.
        style : array (n_frames, n_features), array (latent_dim,) or list of these, default=None
            Who says it, and how: a clip, a code, which is a row of what ``transform`` returns, or
            a list of one for every content; codes may be an array (n_contents, latent_dim), too.
            None is the middle of all training clips.

        Returns
        -------
        frames : list of arrays (n_frames_i, n_features)
            A multiple of `frames_per_step` each. The dtype is that of the training clips.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a content is empty or has a symbol that was not in y, or a style is
            neither a code nor a clip of finite frames.
        """
        check_is_fitted(self)
        contents, restore = self._read_contents(X)
        z = self._read_styles(style, len(contents))
        limits = self._limits(contents)
        said = self._say(contents, z, limits)
        for i, part in enumerate(said):
            if not part.stopped:
                warnings.warn(
                    f"X[{i}] did not stop, and was ended after {limits[i]} steps: it may be unlike "
                    "the training clips. Train longer, lower stop_threshold, or see alignments_.",
                    UnstoppedWarning,
                    stacklevel=2,
                )
        return restore([part.frames for part in said])

    def score(self, X, y=None, style=None, sample_weight=None):
        """Return how much of the clips the model foretells, step by step.

        Parameters
        ----------
        X : list of arrays (n_frames_i, n_features)
        y : as in ``fit``
        style : as in ``predict``, default=None
            Of the clips. None takes the code of each clip itself.
        sample_weight : array of shape (n_clips,), optional

        Returns
        -------
        score : float
            One minus the mean square of errors in standardised columns, every step being given
            the frame before it: 1 is perfect, 0 what the mean of the training frames would have.
            It does not see where speech on its own goes astray.
        """
        check_is_fitted(self)
        X = check_sequences(X, estimator=self).items
        tokens, labels = self._read(X, y)
        numbers = np.unique(labels, return_inverse=True)[1]
        clips = self._utterances(X, self._contents(X, tokens), numbers)
        codes = self._codes(clips.x)[0]
        if style is not None:
            codes = self._read_styles(style, len(X))
        return 1 - float(np.average(self._errors(clips, codes), weights=sample_weight))
