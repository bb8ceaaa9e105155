"""Signals from magnitudes, as an estimator."""

from functools import partial

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..base import _ClipwiseTransformer, _names, _naming_clip
from ..utils.clip_list import recall
from ..utils.validation import check_sequences, check_signals, restore
from ._fourier import PAD_MODES, istft, stft
from ._reconstruction import (
    check_frames,
    check_magnitude,
    reconstruct_phase,
    reconstruction_settings,
)
from ._window import make_window


class PhaseReconstructor(_ClipwiseTransformer):
    """Signals from magnitudes alone: phases are estimated; time first.

    Parameters
    ----------
    hop_length : int, optional
        Samples between frames; ``win_length // 4`` by default. This and the window must be
        those of the transform that made the magnitudes.
    win_length : int, optional
        Length of the window, at most ``n_fft``, which is the default.
    n_fft : int, optional
        Size of the transform; by default the even one that has this number of bins.
    window : str, tuple or array, default="hann"
        As in ``scipy.signal.get_window``, or the window itself.
    pad_mode : {"constant", "reflect", "edge"}, default="constant"
        What surrounded the clips of the transform.
    method : {"griffin-lim", "fast-griffin-lim", "admm", "rtisi-la", "spsi", "pghi"}, \
            default="fast-griffin-lim"
        The first three improve the phases of a whole clip again and again: Griffin-Lim
        [1]_, the same with momentum [2]_, and the method of multipliers [3]_. "rtisi-la"
        does so frame by frame with a look ahead [4]_, "spsi" lets spectral peaks advance by
        their frequencies [5]_, "pghi" integrates the slopes of the logarithm [6]_.
    init : {"pghi", "spsi", "random", "zeros", "source"}, default="pghi"
        What the first three start from. "source" are the phases of the clips that the
        magnitudes were made from: they must come in a list from a
        ``STFTTransformer(keep_source=True)``.
    n_iter : int, default=32
        Iterations of the first four methods.
    tol : float, default=0.0
        The first three stop when the spectral convergence changes by less than this part of
        itself.
    momentum : float, default=0.99
        Of "fast-griffin-lim"; above 1 it need not converge.
    rho : float, default=0.2
        Penalty of "admm".
    random_state : int, RandomState instance or None, default=0
        For ``init="random"``, and for coefficients too quiet for "pghi". Every clip gets the
        same numbers, so that none depends on its neighbours.
    n_jobs : int, optional
        Number of clips reconstructed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    convergence_ : list of ndarray
        After ``fit_transform``: spectral convergence of each clip at the start and after
        every iteration, as in :func:`reconstruct_phase`. For other clips see ``reconstruct``.
    window_ : ndarray of shape (n_fft,)
        The window, with zeros on both sides of ``win_length``.
    hop_length_ : int
    n_features_in_ : int
        Number of bins.

    Notes
    -----
    Lists from :class:`STFTTransformer` tell how long the clips were; otherwise each becomes
    as long as its number of frames allows. Nothing is learned from the clips of ``fit`` but
    the number of bins.

    References
    ----------
    .. [1] D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier
       transform", IEEE Trans. ASSP 32, 1984. doi:10.1109/TASSP.1984.1164317
    .. [2] N. Perraudin, P. Balazs and P. L. Søndergaard, "A fast Griffin-Lim algorithm",
       IEEE WASPAA, 2013. doi:10.1109/WASPAA.2013.6701851
    .. [3] Y. Masuyama, K. Yatabe and Y. Oikawa, "Griffin-Lim like phase recovery via
       alternating direction method of multipliers", IEEE SPL 26, 2019.
       doi:10.1109/LSP.2018.2884026
    .. [4] X. Zhu, G. T. Beauregard and L. L. Wyse, "Real-time signal estimation from modified
       short-time Fourier transform magnitude spectra", IEEE TASLP 15, 2007.
       doi:10.1109/TASL.2007.899236
    .. [5] G. T. Beauregard, M. Harish and L. Wyse, "Single pass spectrogram inversion", IEEE
       DSP, 2015. doi:10.1109/ICDSP.2015.7251907
    .. [6] Z. Průša, P. Balazs and P. L. Søndergaard, "A noniterative method for
       reconstruction of phase from STFT magnitude", IEEE/ACM TASLP 25, 2017.
       doi:10.1109/TASLP.2017.2678166

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from skstyle.signal import PhaseReconstructor, STFTTransformer
    >>> X = [np.sin(np.arange(5000) / 10), np.cos(np.arange(777) / 20)]
    >>> stft = STFTTransformer(n_fft=256, output="magnitude")
    >>> pipeline = make_pipeline(stft, PhaseReconstructor())
    >>> [len(x) for x in pipeline.fit_transform(X)]
    [5000, 777]
    >>> len(pipeline[-1].convergence_), bool(pipeline[-1].convergence_[0][-1] < 0.05)
    (2, True)
    """

    def __init__(
        self,
        *,
        hop_length=None,
        win_length=None,
        n_fft=None,
        window="hann",
        pad_mode="constant",
        method="fast-griffin-lim",
        init="pghi",
        n_iter=32,
        tol=0.0,
        momentum=0.99,
        rho=0.2,
        random_state=0,
        n_jobs=None,
        verbose=0,
    ):
        self.hop_length = hop_length
        self.win_length = win_length
        self.n_fft = n_fft
        self.window = window
        self.pad_mode = pad_mode
        self.method = method
        self.init = init
        self.n_iter = n_iter
        self.tol = tol
        self.momentum = momentum
        self.rho = rho
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def convergence_(self):
        if getattr(self, "_convergence", None) is None:
            raise AttributeError(
                "convergence_ is there after fit_transform(X). For the curves of other clips "
                "use reconstruct(X), which returns them beside the signals."
            )
        return self._convergence

    def fit(self, X, y=None):
        """Check the parameters and the number of bins.

        Parameters
        ----------
        X : list of arrays (n_frames, n_bins), 1-D object array or numeric array
            Magnitudes. In a 2-D array every row is a sequence of its own, of one frame.
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError, TypeError
            When magnitudes are negative or not finite, have another number of bins than `n_fft`
            asks for, or a parameter is out of range.
        """
        clips = check_sequences(X, estimator=self, reset=True)
        n_bins = self.n_features_in_
        if n_bins < 2:
            raise ValueError(f"n_features={n_bins} is no spectrum: at least 2 bins are needed.")
        n_fft = 2 * (n_bins - 1) if self.n_fft is None else self.n_fft
        self.window_, self.hop_length_ = make_window(
            self.window, n_fft, self.win_length, self.hop_length
        )
        if self.pad_mode not in PAD_MODES:
            raise ValueError(f"pad_mode must be one of {PAD_MODES}, got {self.pad_mode!r}.")
        self._settings = phase_settings(self)
        self._convergence = None
        for name, magnitude in zip(_names(clips.items), clips.items, strict=True):
            _naming_clip(check_magnitude, name, magnitude, len(self.window_), self.hop_length_)
        return self

    def transform(self, X):
        """Make a signal of every sequence.

        Parameters
        ----------
        X : list of arrays (n_frames, n_bins), 1-D object array or numeric array
            Magnitudes.

        Returns
        -------
        signals : list of 1-D arrays
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when magnitudes are negative or not finite, or when they do not have the
            number of bins of ``fit``.
        """
        return self.reconstruct(X)[0]

    def fit_transform(self, X, y=None):
        """Fit, make a signal of every sequence, and keep ``convergence_``.

        Parameters
        ----------
        X : list of arrays (n_frames, n_bins), 1-D object array or numeric array
            Magnitudes.
        y : None
            Ignored.

        Returns
        -------
        signals : list of 1-D arrays
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            As in :meth:`fit`.
        """
        signals, self._convergence = self.fit(X).reconstruct(X)
        return signals

    def reconstruct(self, X, n_times=None):
        """Make a signal of every sequence, and tell how well it went.

        Parameters
        ----------
        X : list of arrays (n_frames, n_bins), 1-D object array or numeric array
            Magnitudes.
        n_times : sequence of int, optional
            Length of each signal in samples, by default what the list remembers.

        Returns
        -------
        signals : list of 1-D arrays
            In the kind of container that X is.
        convergence : list of ndarray
            As ``convergence_``.
        """
        check_is_fitted(self)
        clips = check_sequences(X, estimator=self)
        names = _names(clips.items)
        made = clips.trail[-1].get("frames") if clips.trail else None
        if made:
            check_frames(made[0], (self.window_.tobytes(), self.hop_length_, self.pad_mode))
        wants_source = self._settings["init"] == "source"
        wanted = ("n_times", "source") if wants_source else ("n_times",)
        record, rest = recall(clips.trail, wanted, len(names))
        if wants_source and record["source"][0] is None:
            raise ValueError(
                "init='source' needs the clips that the magnitudes were made from, and X does not "
                "hold them. Give it the list that STFTTransformer(keep_source=True) makes, or "
                "choose another init, such as 'pghi'."
            )
        if n_times is not None:
            if len(n_times) != len(names):
                raise ValueError(f"n_times has {len(n_times)} lengths for {len(names)} clips.")
            record["n_times"] = n_times
        sources = record.get("source", (None,) * len(names))
        one = partial(_naming_clip, self._reconstruct_one)
        out = self._map(one, names, clips.items, record["n_times"], sources)
        signals, convergence = zip(*out, strict=True)
        return restore(signals, clips.kind, rest), list(convergence)

    def inverse_transform(self, X):
        """Return the magnitudes of signals, as the transform before this step makes them.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Signals.

        Returns
        -------
        magnitudes : list of arrays (n_frames, n_bins)
            In the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, or when a signal is empty, stereo, of integers or not finite.
        """
        check_is_fitted(self)
        clips = check_signals(X)
        record = {"n_times": [len(x) for x in clips.items]}
        if self._settings["init"] == "source":
            record["source"] = clips.items
        out = self._map(self._analyse_one, clips.items)
        return restore(out, clips.kind, (*clips.trail, record))

    def _reconstruct_one(self, magnitude, n_times, source):
        n_times = check_magnitude(magnitude, len(self.window_), self.hop_length_, n_times)
        where = self.window_, self.hop_length_
        spectra, convergence = reconstruct_phase(
            magnitude,
            *where,
            source=source,
            n_times=n_times,
            pad_mode=self.pad_mode,
            **self._settings,
        )
        return istft(spectra, *where, n_times, pad_mode=self.pad_mode), convergence

    def _analyse_one(self, x):
        return stft(x, self.window_, self.hop_length_, pad_mode=self.pad_mode, encode=np.abs)


def phase_settings(phase):
    """Check how phases shall be found.

    Parameters
    ----------
    phase : None, str or PhaseReconstructor
        A string names the method.

    Returns
    -------
    settings : dict
        Keywords of :func:`reconstruct_phase`.
    """
    if phase is None or isinstance(phase, str):
        phase = PhaseReconstructor(method=phase or PhaseReconstructor().method)
    if not isinstance(phase, PhaseReconstructor):
        raise ValueError(
            f"phase must be None, the name of a method or a PhaseReconstructor, got {phase!r}."
        )
    return reconstruction_settings(phase)
