"""Source-filter vocoder: pitch, voicing, mel-cepstrum and band aperiodicity."""

import warnings

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..base import InvertibleMixin
from ..exceptions import UnvoicedClipWarning
from ._aperiodicity import FLOOR_DB, band_aperiodicity, band_edges
from ._cepstrum import log_amplitude, log_power
from ._framing import n_frames_of, n_times_of
from ._mel_cepstrum import SILENT_PEAK, PitchAdaptiveAnalysis
from ._synthesis import synthesise

# Pitch written where a clip has no voiced frame at all; vuv tells that it means nothing.
NO_PITCH_HZ = 150.0


class SourceFilterVocoder(InvertibleMixin, PitchAdaptiveAnalysis):
    """Speech as pitch, voicing, mel-cepstrum and band aperiodicity, and back to sound.

    A sequence has the columns

    * ``lf0``: natural logarithm of F0 in Hz, interpolated where unvoiced,
    * ``vuv``: 1 in voiced frames, 0 elsewhere,
    * ``mcep``: mel-cepstrum c_0 .. c_order of the spectral envelope,
    * ``bap``: aperiodicity of every band in dB, -40 (all periodic) to 0 (all noise); the share
      of noise in the power, raised to a power that makes up for vibrato within a window.

    ``feature_blocks_`` says where each of them is. All streams have the same frames.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    order : int, default=24
        Index of the last mel-cepstral coefficient.
    alpha : float or "auto", default="auto"
        All-pass constant of the frequency warp; "auto" is nearest to the mel scale
        (0.41 at 16 kHz, 0.455 at 22.05 kHz).
    frame_period_ms : float, default=5.0
        Time between frames in milliseconds.
    f0_min_hz, f0_max_hz : float, default=71.0 and 600.0
        Range of the pitch search; every clip narrows it around its own pitch.
    random_state : int, RandomState or None, default=0
        Seed of the noise in the inverse. Every clip starts from the same seed, so that
        neither the order of the clips nor ``n_jobs`` changes the result.
    n_jobs : int, optional
        Number of clips analysed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    feature_blocks_ : dict of str to slice
        Columns of "lf0", "vuv", "mcep" and "bap".
    alpha_ : float
        All-pass constant used.
    hop_ : float
        Samples between frames; need not be whole.
    n_fft_ : int
        Size of the transforms.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    Warns
    -----
    SilentClipWarning
        A clip is digital silence; it comes back as silence.
    ShortClipWarning
        A clip is shorter than one frame and was padded with zeros.
    UnvoicedClipWarning
        No pitch was found in a clip; it comes back as noise.

    Notes
    -----
    F0 by autocorrelation and Viterbi search [1]_, envelope by CheapTrick [2]_, aperiodicity
    by the autocorrelation of each band at one period. Synthesis adds pulses through
    minimum-phase filters to noise filtered in short windows.

    References
    ----------
    .. [1] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
       harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993.
    .. [2] M. Morise, "CheapTrick, a spectral envelope estimator for high-quality speech
       synthesis", Speech Communication 67, 2015. doi:10.1016/j.specom.2014.09.003

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.features import SourceFilterVocoder
    >>> X, _ = make_parallel_speakers(n_sentences=1, random_state=0)
    >>> vocoder = SourceFilterVocoder(sample_rate=16000).fit(X)
    >>> vocoder.feature_blocks_["mcep"]
    slice(2, 27, None)
    >>> again = vocoder.inverse_transform(vocoder.transform(X))
    >>> len(again[0]) == len(X[0])
    True
    """

    def __init__(
        self,
        sample_rate,
        *,
        order=24,
        alpha="auto",
        frame_period_ms=5.0,
        f0_min_hz=71.0,
        f0_max_hz=600.0,
        random_state=0,
        n_jobs=None,
        verbose=0,
    ):
        super().__init__(
            sample_rate,
            order=order,
            alpha=alpha,
            frame_period_ms=frame_period_ms,
            f0_min_hz=f0_min_hz,
            f0_max_hz=f0_max_hz,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        self.random_state = random_state

    def _fit(self, items):
        super()._fit(items)
        self.feature_blocks_ = feature_blocks(self.sample_rate, int(self.order))
        self._seed = int(check_random_state(self.random_state).randint(2**31 - 1))

    def _inspect(self, items, out, names):
        super()._inspect(items, out, names)
        for x, sequence, name in zip(items, out, names, strict=True):
            # Shorter than the pitch window, nothing can be found.
            audible = (
                np.abs(x).max() >= SILENT_PEAK and len(x) >= 3 * self.sample_rate / self.f0_min_hz
            )
            if audible and not sequence[:, 1].any():
                message = (
                    f"{name} has no voiced frame between {self.f0_min_hz:g} and "
                    f"{self.f0_max_hz:g} Hz: it is analysed as noise."
                )
                warnings.warn(message, UnvoicedClipWarning, stacklevel=3)

    def _transform_one(self, x):
        samples, centres, f0, mcep = self._analyse(x)
        bap = band_aperiodicity(samples, self.sample_rate, centres, f0, self.n_fft_)
        lf0 = interpolate_log_f0(f0)
        return np.column_stack([lf0, f0 > 0, mcep, bap]).astype(x.dtype)

    def match_power(self, X, reference):
        """Give every frame the power of a reference frame, by its c_0.

        Parameters
        ----------
        X, reference : list of arrays (n_frames, n_features)
            Sequences of this vocoder; ``X[i]`` and ``reference[i]`` have equal timing.

        Returns
        -------
        sequences : list of arrays (n_frames, n_features)
            X with another c_0.
        """
        check_is_fitted(self)
        return [self._match_one(x, r) for x, r in zip(X, reference, strict=True)]

    def _match_one(self, x, reference):
        columns = self.feature_blocks_["mcep"]
        want, have = (log_power(s[:, columns], self.n_fft_, self.alpha_) for s in (reference, x))
        out = x.copy()
        out[:, columns.start] += (want - have) / 2
        return out

    def _inverse_one(self, sequence, n_times):
        width = self.feature_blocks_["bap"].stop
        if sequence.shape[1] != width:
            raise ValueError(
                f"Expected sequences of {width} columns (lf0, vuv, mcep, bap), got "
                f"{sequence.shape[1]}: the inverse needs the order and the sample rate of "
                "the analysis."
            )
        if n_times is None:
            n_times = n_times_of(len(sequence), self.hop_)
        elif n_frames_of(n_times, self.hop_) != len(sequence):
            raise ValueError(
                f"A clip of n_times={n_times} samples has {n_frames_of(n_times, self.hop_)} "
                f"frames, this sequence has {len(sequence)}."
            )
        frames = sequence.astype(np.float64)
        lf0, vuv = frames[:, 0], frames[:, 1]
        highest = np.log(self.sample_rate / 2)
        f0 = np.where(vuv > 0.5, np.exp(np.minimum(lf0, highest)), 0) / self.sample_rate
        envelope = log_amplitude(frames[:, self.feature_blocks_["mcep"]], self.n_fft_, self.alpha_)
        noise = spread_bands(frames[:, self.feature_blocks_["bap"]], self.sample_rate, self.n_fft_)
        rng = np.random.default_rng(self._seed)
        return synthesise(f0, envelope, noise, self.hop_, n_times, rng).astype(sequence.dtype)


def feature_blocks(sample_rate, order):
    """Return the columns of each stream of a :class:`SourceFilterVocoder`.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    order : int
        Order of the mel-cepstrum.

    Returns
    -------
    blocks : dict of str to slice
    """
    n_bands = len(band_edges(sample_rate)) - 1
    end = 3 + order
    return {
        "lf0": slice(0, 1),
        "vuv": slice(1, 2),
        "mcep": slice(2, end),
        "bap": slice(end, end + n_bands),
    }


def interpolate_log_f0(f0):
    """Return the logarithm of F0, interpolated through unvoiced frames (where f0 is 0)."""
    voiced = np.flatnonzero(f0 > 0)
    if len(voiced) == 0:
        return np.full(len(f0), np.log(NO_PITCH_HZ))
    return np.interp(np.arange(len(f0)), voiced, np.log(f0[voiced]))


def spread_bands(bap, sample_rate, n_fft):
    """Interpolate band aperiodicities in dB over the bins; a share of power in [0, 1]."""
    edges = band_edges(sample_rate)
    frequency = np.linspace(0, sample_rate / 2, n_fft // 2 + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    position = np.interp(frequency, centres, np.arange(len(centres)))
    low = np.minimum(position.astype(int), max(len(centres) - 2, 0))
    high = np.minimum(low + 1, len(centres) - 1)
    fraction = position - low
    db = bap[:, low] * (1 - fraction) + bap[:, high] * fraction
    return 10 ** (np.clip(db, FLOOR_DB, 0) / 10)
