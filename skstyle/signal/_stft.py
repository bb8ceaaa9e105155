"""Short-time Fourier transform with an exact inverse, as an estimator."""

from functools import partial
from numbers import Real

import numpy as np

from ..base import InvertibleMixin, SignalTransformer
from ._fourier import PAD_MODES, istft, stft
from ._outputs import (
    OUTPUTS,
    check_columns,
    check_length,
    decode_magnitude,
    encode_spectra,
    has_phases,
    join_parts,
)
from ._phase import phase_settings
from ._reconstruction import reconstruct_phase
from ._window import make_window


class STFTTransformer(InvertibleMixin, SignalTransformer):
    """Short-time Fourier transform of signals; time first.

    Parameters
    ----------
    n_fft : int, default=1024
        Size of the transform in samples.
    hop_length : int, optional
        Samples between frames; ``win_length // 4`` by default.
    win_length : int, optional
        Length of the window, at most ``n_fft``, which is the default.
    window : str, tuple or array, default="hann"
        As in ``scipy.signal.get_window``, or the window itself.
    output : {"complex", "real-imag", "magnitude", "power", "log1p", "log-magnitude"}, \
            default="complex"
        What the columns hold. "real-imag" has all real parts, then all imaginary parts, for
        estimators that refuse complex numbers; "power" is the squared magnitude, "log1p" the
        natural logarithm of 1 + magnitude, "log-magnitude" that of the magnitude.
    pad_mode : {"constant", "reflect", "edge"}, default="constant"
        What surrounds a clip: zeros, its mirror image, or its first and last sample. Every
        length will do; what is short is reflected to and fro.
    floor : float, default=1e-10
        Magnitudes below it are raised to it before the logarithm of "log-magnitude".
    phase : None, str or PhaseReconstructor, optional
        How the inverse finds phases for outputs that have none: a :class:`PhaseReconstructor`,
        whose window, hop and padding are not used, or the name of its method. None stands for
        its defaults.
    keep_source : bool, default=False
        Whether a list that comes out holds on to the clips that it was made from, so that
        ``PhaseReconstructor(init="source")`` can start from their phases. Nothing is copied,
        but a pickle of the list contains the clips. With such a ``phase`` of its own the
        transformer does so unasked.
    n_jobs : int, optional
        Number of clips transformed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    window_ : ndarray of shape (n_fft,)
        The window, with zeros on both sides of ``win_length``.
    hop_length_ : int
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    Notes
    -----
    Frame t is centred at sample ``t * hop_length``; there are
    ``ceil((n_times - 1) / hop_length) + 1`` frames. With "complex" and "real-imag" the inverse
    is exact for every window and hop that overlap without gaps (NOLA, checked in ``fit``), and
    every length is kept. The relative error is that of rounding, about 3e-7 in float32 and 3e-15
    in float64, and more where windows barely overlap. Of spectra that belong to no signal the
    inverse makes the nearest signal in least squares [1]_.
    Where phases are missing they are estimated, which leaves an error that can be heard
    with some sounds; magnitudes below zero, as models predict them, count as zero.

    References
    ----------
    .. [1] D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier
       transform", IEEE Trans. ASSP 32, 1984. doi:10.1109/TASSP.1984.1164317

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import STFTTransformer
    >>> X = [np.sin(np.arange(5000) / 10), np.cos(np.arange(777) / 20)]
    >>> stft = STFTTransformer(n_fft=512)
    >>> again = stft.inverse_transform(stft.fit_transform(X))
    >>> [bool(np.allclose(a, x)) for a, x in zip(again, X)]
    [True, True]
    """

    def __init__(
        self,
        *,
        n_fft=1024,
        hop_length=None,
        win_length=None,
        window="hann",
        output="complex",
        pad_mode="constant",
        floor=1e-10,
        phase=None,
        keep_source=False,
        n_jobs=None,
        verbose=0,
    ):
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.output = output
        self.pad_mode = pad_mode
        self.floor = floor
        self.phase = phase
        self.keep_source = keep_source
        self.n_jobs = n_jobs
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _fit(self, items):
        if self.output not in OUTPUTS:
            raise ValueError(f"output must be one of {OUTPUTS}, got {self.output!r}.")
        if self.pad_mode not in PAD_MODES:
            raise ValueError(f"pad_mode must be one of {PAD_MODES}, got {self.pad_mode!r}.")
        if not (isinstance(self.floor, Real) and 0 < self.floor < np.inf):
            raise ValueError(f"floor must be a positive number, got {self.floor!r}.")
        self.window_, self.hop_length_ = make_window(
            self.window, self.n_fft, self.win_length, self.hop_length
        )
        self._phase_settings = phase_settings(self.phase)

    @property
    def _recalls(self):
        starts_there = self._phase_settings["init"] == "source"
        return ("n_times", "source") if starts_there and self._lacks_phases else ("n_times",)

    @property
    def _lacks_phases(self):
        return not has_phases(self.output)

    def _record(self, items):
        record = super()._record(items)
        if self._lacks_phases:
            # So that a PhaseReconstructor of other frames is told.
            frames = (self.window_.tobytes(), self.hop_length_, self.pad_mode)
            record["frames"] = (frames,) * len(items)
        if self.keep_source or "source" in self._recalls:
            record["source"] = tuple(items)
        return record

    def _transform_one(self, x):
        encode = partial(encode_spectra, output=self.output, floor=self.floor)
        return stft(x, self.window_, self.hop_length_, pad_mode=self.pad_mode, encode=encode)

    def _inverse_one(self, spectra, n_times, source=None):
        check_columns(spectra, len(self.window_) // 2 + 1, self.output)
        n_times = check_length(len(spectra), self.hop_length_, n_times)
        if self._lacks_phases:
            if "source" in self._recalls and source is None:
                raise ValueError(
                    "The phase starts from init='source', but X does not hold the clips. Give "
                    "inverse_transform the list that transform made, or choose another init."
                )
            spectra, _ = reconstruct_phase(
                decode_magnitude(spectra, self.output),
                self.window_,
                self.hop_length_,
                source=source,
                n_times=n_times,
                pad_mode=self.pad_mode,
                **self._phase_settings,
            )
        return istft(
            spectra,
            self.window_,
            self.hop_length_,
            n_times,
            pad_mode=self.pad_mode,
            decode=join_parts if self.output == "real-imag" else None,
        )
