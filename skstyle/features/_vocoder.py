"""Source-filter vocoder: pitch, voicing, mel-cepstrum and band aperiodicity."""

import warnings
from functools import partial

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..base import InvertibleMixin
from ..exceptions import UnvoicedClipWarning
from ..signal._silence import SILENT_PEAK
from ..utils.validation import check_paired, check_sequences, restore
from ._activity import DB_PER_NEPER
from ._aperiodicity import FLOOR_DB, band_aperiodicity, band_edges
from ._cepstrum import log_amplitude, log_power
from ._differential import apply_filter, check_frames
from ._framing import n_frames_of, n_times_of
from ._mel_cepstrum import PitchAdaptiveAnalysis
from ._rumble import remove_rumble, rumble_cutoff
from ._synthesis import synthesise

# Pitch written where a clip has no voiced frame at all; vuv tells that it means nothing.
NO_PITCH_HZ = 150.0
# Mean aperiodicity of the lowest band above which a section of the contour is no voice.
NOISE_DB = -4.0


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
        Range of the pitch search.
    f0 : callable, optional
        Another pitch tracker: ``f0(x, sample_rate, times)`` returns Hz at every time (in
        seconds), 0 or NaN where unvoiced.
    learn_f0_range : bool, default=True
        Narrow the range to the speaker of ``fit``, an octave beyond the pitches on both
        sides. False searches the whole range, for clips of many speakers.
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
    f0_min_, f0_max_ : float
        Range of the pitch search after ``fit``, in Hz.
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
    F0 by Harvest [1]_, envelope by CheapTrick [2]_, aperiodicity by the autocorrelation of
    each band at one period. Synthesis adds pulses through minimum-phase filters to noise
    filtered in short windows; the lowest frequencies of voiced frames are all periodic, and what
    lies below the lowest pitch of a clip is taken out.
    Weak voicing counts as voiced, as in Harvest: the aperiodicity tells how noisy it is.
    Harvest follows the fundamental itself, which telephone bands leave out; give those
    another tracker by ``f0``.

    References
    ----------
    .. [1] M. Morise, "Harvest: a high-performance fundamental frequency estimator from
       speech signals", Interspeech 2017. doi:10.21437/Interspeech.2017-68
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
        f0=None,
        learn_f0_range=True,
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
            f0=f0,
            learn_f0_range=learn_f0_range,
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
        if self.f0 is None:
            f0 = np.where(noise_sections(f0, bap), 0, f0)
        bap[f0 == 0] = 0
        lf0 = interpolate_log_f0(f0)
        return np.column_stack([lf0, f0 > 0, mcep, bap]).astype(x.dtype)

    def match_power(self, X, reference, gain_db=0.0):
        """Give every frame the power of a reference frame, by its c_0.

        Parameters
        ----------
        X, reference : list of arrays (n_frames, n_features)
            Sequences of this vocoder; ``X[i]`` and ``reference[i]`` have equal timing.
        gain_db : float, default=0
            How much louder than the reference.

        Returns
        -------
        sequences : list of arrays (n_frames, n_features)
            X with another c_0.
        """
        check_is_fitted(self)
        return [self._match_one(x, r, gain_db) for x, r in zip(X, reference, strict=True)]

    def apply_filter(self, X, source, target):
        """Filter signals by the ratio of two envelopes, those of all mel-cepstra with c_0.

        Pitch, breath and phases stay those of the signals.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1].
        source, target : list of arrays (n_frames, n_features)
            Sequences of this vocoder: those of X, and others with the same timing.

        Returns
        -------
        signals : list of 1-D arrays
            In the kind of container that X is.

        See Also
        --------
        skstyle.features.apply_filter : The same for one signal and mel-cepstra.
        """
        check_is_fitted(self)
        clips = self._check_signals(X)
        columns = self.feature_blocks_["mcep"]
        cepstra = []
        for sequences, name in ((source, "source"), (target, "target")):
            sequences = check_sequences(sequences, name=name).items
            check_paired(clips.items, sequences, name_y=name)
            cepstra.append([s[:, columns] for s in sequences])
        for i, (x, a, b) in enumerate(zip(clips.items, *cepstra, strict=True)):
            check_frames(len(x), a, b, self.hop_, f"X[{i}]", int(self.order))
        run = partial(
            apply_filter,
            sample_rate=self.sample_rate,
            alpha=self.alpha_,
            frame_period_ms=self.frame_period_ms,
        )
        return restore(self._map(run, clips.items, *cepstra), clips.kind, clips.trail)

    def _match_one(self, x, reference, gain_db):
        columns = self.feature_blocks_["mcep"]
        want, have = (log_power(s[:, columns], self.n_fft_, self.alpha_) for s in (reference, x))
        out = x.copy()
        out[:, columns.start] += (want - have) / 2 + gain_db / DB_PER_NEPER
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
        mcep, bap = (frames[:, self.feature_blocks_[name]] for name in ("mcep", "bap"))

        def decode(first, last):
            envelope = log_amplitude(mcep[first:last], self.n_fft_, self.alpha_)
            return envelope, spread_bands(bap[first:last], self.sample_rate, self.n_fft_)

        rng = np.random.default_rng(self._seed)
        x = synthesise(f0, decode, self.hop_, n_times, rng)
        return remove_rumble(x, rumble_cutoff(f0)).astype(sequence.dtype)


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


def noise_sections(f0, bap):
    """Tell the frames of voiced sections that are mere noise, even in the lowest band."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], f0 > 0, [0]]).astype(np.int8)))
    noise = np.zeros(len(f0), bool)
    for start, end in edges.reshape(-1, 2):
        noise[start:end] = bap[start:end, 0].mean() > NOISE_DB
    return noise


def interpolate_log_f0(f0):
    """Return the logarithm of F0, interpolated through unvoiced frames (where f0 is 0)."""
    voiced = np.flatnonzero(f0 > 0)
    if len(voiced) == 0:
        return np.full(len(f0), np.log(NO_PITCH_HZ))
    return np.interp(np.arange(len(f0)), voiced, np.log(f0[voiced]))


def spread_bands(bap, sample_rate, n_fft):
    """Interpolate band aperiodicities in dB over the bins; a share of power in [0, 1].

    From the middle of the lowest band down to 0 Hz the sound grows all periodic: what is
    left of a weak voice is its fundamental.
    """
    edges = band_edges(sample_rate)
    frequency = np.linspace(0, sample_rate / 2, n_fft // 2 + 1)
    knots = np.concatenate([[0], (edges[1:] + edges[:-1]) / 2])
    position = np.interp(frequency, knots, np.arange(len(knots)))
    low = np.minimum(position.astype(int), len(knots) - 2)
    fraction = position - low
    levels = np.column_stack([np.full(len(bap), FLOOR_DB), np.clip(bap, FLOOR_DB, 0)])
    db = levels[:, low] * (1 - fraction) + levels[:, low + 1] * fraction
    return 10 ** (db / 10)
