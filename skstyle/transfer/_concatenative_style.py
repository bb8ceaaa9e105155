"""Style transfer by concatenation of the style's own sounds."""

from functools import partial

import numpy as np

from ._band_gains import silence_gains, smooth_gains
from ._frame_costs import frame_costs
from ._levels import at_unit_level, level_of, make_analysis, sounding
from ._notes import find_notes, mean_levels, place_notes
from ._overlap_add import join_runs, retune_runs, runs_of
from ._style_bank import analyse_frames, make_bank, pitch_of, shifted_frames
from ._style_transformer import StyleTransformer
from ._timed_transport import sounds_of, timed_frames, timed_transport

# What distinguishes frames lies below; recordings differ in how far up they reach.
F_MAX_HZ = 8000.0
# Transport of the content's frames to the style's, as in TransportStyleTransformer; time may
# weigh less where frames are chosen after all.
N_STEPS, SHRINKAGE, SMOOTHING, TIME_WEIGHT = 8, 0.1, 1.0, 100.0
# How far a piece may be moved so that periods go on: half of one at 60 Hz.
REACH_S = 0.008


class ConcatenativeStyleTransformer(StyleTransformer):
    """Put clips together anew from the sounds of a style: audio mosaicing, or musaicing.

    For every frame of the content the most suitable frame of the style is chosen, in pieces as
    long as may be. The result holds the style's own sounds, at the pitches of the content, as
    far as the style has them or can be shifted to them.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    max_shift : int, default=5
        The style is shifted in pitch by up to so many semitones, up and down.
    max_retune : float, default=1.0
        Pieces of the style whose pitch is off by up to so many semitones are read faster or
        slower, so that they are in tune. 0 leaves all as they are.
    note_weight : float, default=0.4
        Share of the target that is the style's notes put in the places of the content's, 0 to 1.
        The rest is the transport of the content's frames to the style's.
    fine_weight : float, default=20.0
        Weight of the fine spectrum, the harmonics without the envelope, in dB: what frames cost
        whose harmonics are uncorrelated.
    pitch_weight : float, default=5.0
        Weight of a semitone between two pitches, in dB; two semitones count at most.
    shift_weight : float, default=0.3
        Cost of a semitone of shift, in dB.
    jump_cost : float, default=40.0
        Cost of not going on to the next frame of the style, in dB. More makes longer pieces.
    n_mels : int, default=80
        Number of bands in which levels are compared, below 8 kHz.
    random_state : int, RandomState or None, default=None
        Seed of the directions of sliced transport. Same seed, same bytes.
    n_jobs : int, optional
        Number of clips transformed, or shifted copies of the style made, at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    style_ : SoundStyle
        The clips of ``fit`` at one level; or what was given to it, such as ``0.3 * a + 0.7 * b``.
    bases_ : ndarray of shape (8, n_mels + 1, n_mels + 1)
        Directions of sliced transport, in columns.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    TransportStyleTransformer : Filters the content; for sounds without pitch.

    Notes
    -----
    The target is the levels of the content's frames, carried to the style's distribution by
    optimal transport, averaged with those of a note of the style in the place of each note of
    the content (only where both have the same pitch). A frame of the style costs the distance of
    its levels from the target (root mean square over mel bands, dB), and ::

        fine_weight (1 - correlation) + pitch_weight min(|semitones apart|, 2)
            + shift_weight |semitones of shift|

    of its fine spectrum and its pitch with those of the content. Frames without a pitch have no
    cost of pitch. The Viterbi algorithm finds the path of least cost through all frames, in which
    a jump costs ``jump_cost`` [1]_ [2]_. The pieces keep their phases: each is moved by up to
    8 ms so that it fits the one before, and faded in over 16 ms [3]_.

    The costs are worked out block by block, and a path keeps one bit for each pair of frames: a
    content of three minutes with a style of ten seconds needs some hundreds of MB. A minute of
    style at 44.1 kHz takes about 200 MB in the estimator.

    Of a mixture of styles the sounds chosen from each are added up, with their weights as shares
    of the power: they play together.

    Where the content is silent, 60 dB below its loudest frame, so is the result: a style need not
    hold any silence.

    The style may be tuned otherwise than the content, by up to half a semitone; and where it lacks
    a pitch, one of its own that is a semitone away may win over a shifted one. Such pieces are
    read at the speed that puts them in tune, with band-limited interpolation, and divided where
    they would be a frame late or early. What is off by less than a quarter of a semitone, the
    tuning apart, is the style's own intonation, and is kept.

    The result is as loud as the content as a whole. Its peaks may be higher: see
    :class:`~skstyle.signal.PeakGuard`.

    References
    ----------
    .. [1] A. Zils, F. Pachet, "Musical mosaicing", Proc. COST G-6 Conf. Digital Audio Effects
       (DAFX-01), Limerick, 2001.
    .. [2] D. Schwarz, "Corpus-based concatenative synthesis", IEEE Signal Process. Mag. 24(2),
       2007. https://doi.org/10.1109/MSP.2007.323274
    .. [3] W. Verhelst, M. Roelands, "An overlap-add technique based on waveform similarity (WSOLA)
       for high quality time-scale modification of speech", ICASSP 1993.
       https://doi.org/10.1109/ICASSP.1993.319366

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer import ConcatenativeStyleTransformer
    >>> phase = 2 * np.pi * np.arange(16000) / 16000
    >>> pure = [0.1 * np.sin(f0 * phase) for f0 in (220, 330)]
    >>> rich = sum(np.sin(k * 277.2 * phase) / k for k in range(1, 20))
    >>> transfer = ConcatenativeStyleTransformer(16000, random_state=0).fit([rich])
    >>> shifted = transfer.transform(pure)
    >>> [int(np.abs(np.fft.rfft(x * np.hanning(16000)))[:400].argmax()) for x in shifted]
    [220, 330]
    """

    def __init__(
        self,
        sample_rate,
        *,
        max_shift=5,
        max_retune=1.0,
        note_weight=0.4,
        fine_weight=20.0,
        pitch_weight=5.0,
        shift_weight=0.3,
        jump_cost=40.0,
        n_mels=80,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.max_shift = max_shift
        self.max_retune = max_retune
        self.note_weight = note_weight
        self.fine_weight = fine_weight
        self.pitch_weight = pitch_weight
        self.shift_weight = shift_weight
        self.jump_cost = jump_cost
        self.n_mels = n_mels
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _check_parameters(self):
        self._check_whole_numbers(n_mels=2, max_shift=0)
        self._check_numbers(
            max_retune=0, note_weight=0, fine_weight=0, pitch_weight=0, shift_weight=0, jump_cost=0
        )
        if self.note_weight > 1:
            raise ValueError(f"note_weight must lie between 0 and 1, got {self.note_weight!r}.")
        for name in ("max_shift", "max_retune"):
            value = getattr(self, name)
            if value > 12:
                raise ValueError(f"{name} must be at most 12 semitones, an octave, got {value!r}.")

    def _learn(self, style):
        self._analysis = make_analysis(self.sample_rate, self.n_mels, F_MAX_HZ)
        self._banks = [self._make_bank(part.clips) for part in style.parts]
        self.bases_ = self._draw_bases(N_STEPS)

    def _make_bank(self, clips):
        """Shift clips and measure their frames; and those of the clips as they are, with time."""
        pitches = self._map(partial(pitch_of, analysis=self._analysis), clips)
        semitones = range(-int(self.max_shift), int(self.max_shift) + 1)
        jobs = [(x, p, k) for k in semitones for x, p in zip(clips, pitches, strict=True)]
        shift = partial(shifted_frames, analysis=self._analysis)
        sources, features = zip(*self._map(shift, *zip(*jobs, strict=True)), strict=True)
        shifts = [k for _, _, k in jobs]
        unshifted = [f.mel for k, f in zip(shifts, features, strict=True) if k == 0]
        frames = [timed_frames(levels, self._analysis, TIME_WEIGHT) for levels in unshifted]
        bank = make_bank(shifts, list(sources), list(features), self.shift_weight)
        return bank, np.concatenate([sounds_of(f) for f in frames])

    def _stylise(self, x):
        found = analyse_frames(x, self._analysis)
        out = np.zeros_like(x)
        for share, (bank, frames) in zip(self.style_.weights, self._banks, strict=True):
            y = self._choose(found, bank, frames, len(x))
            if level_of(y):
                out += x.dtype.type(np.sqrt(share)) * at_unit_level(y)[0]
        return out * silence_gains(found.mel, len(x), self._analysis.hop_length)

    def _choose(self, found, bank, others, n_times):
        """Return sounds of one bank in the places of the frames that were found."""
        wanted = found._replace(mel=self._target(found, bank, others))
        costs = frame_costs(
            wanted,
            bank.features,
            self.shift_weight * np.abs(bank.shift),
            (self.fine_weight, self.pitch_weight),
        )
        # Imported here, so that importing the library does not load numba.
        from ._viterbi import best_path

        first_of_clip = bank.frame == 0
        path = best_path(costs, len(wanted.mel), first_of_clip, float(self.jump_cost))
        starts, stops = runs_of(path, first_of_clip)
        errors = found.pitch - bank.features.pitch[path]
        starts, stops, speeds = retune_runs(starts, stops, errors, float(self.max_retune))
        at = path[starts]
        runs = list(zip(starts, stops, bank.source[at], bank.frame[at], strict=True))
        hop_length, reach = self._analysis.hop_length, int(REACH_S * self.sample_rate)
        return join_runs(bank.sources, runs, hop_length, n_times, hop_length, reach, speeds)

    def _target(self, found, bank, others):
        """Levels that the frames of the content should have."""
        frames = timed_frames(found.mel, self._analysis, TIME_WEIGHT)
        heard = sounding(found.mel)
        wanted = frames.copy()
        wanted[heard] = timed_transport(frames[heard], others, self.bases_, SHRINKAGE)
        gains = smooth_gains((wanted - frames)[:, :-1], SMOOTHING)
        wanted = frames[:, :-1] + gains
        if self.note_weight:
            notes = find_notes(found.mel, found.pitch)
            notes = notes._replace(levels=mean_levels(wanted, notes.start, notes.stop))
            path = place_notes(notes, bank.notes)
            placed = path >= 0
            played = bank.features.mel[path[placed]]
            wanted[placed] += self.note_weight * (played - wanted[placed])
        return wanted
