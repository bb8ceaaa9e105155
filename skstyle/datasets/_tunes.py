"""Tunes on synthetic instruments, to try style transfer on, with the truth at hand."""

from collections import namedtuple
from numbers import Real

import numpy as np
from sklearn.utils import check_random_state

from ..utils.rates import check_sample_rate

# Pitch (MIDI number, 60 is middle C) and length in beats of every note; all traditional or out of
# copyright. The openings only.
TUNES = {
    "ode_to_joy": "64 1, 64 1, 65 1, 67 1, 67 1, 65 1, 64 1, 62 1, 60 1, 60 1, 62 1, 64 1, "
    "64 1.5, 62 0.5, 62 2",
    "frere_jacques": "60 1, 62 1, 64 1, 60 1, 60 1, 62 1, 64 1, 60 1, 64 1, 65 1, 67 2, "
    "64 1, 65 1, 67 2",
    "twinkle": "60 1, 60 1, 67 1, 67 1, 69 1, 69 1, 67 2, 65 1, 65 1, 64 1, 64 1, 62 1, 62 1, 60 2",
}

# Partials fall by tilt dB an octave, even ones by so much more; they stretch by inharmonicity.
# Notes rise in attack seconds, fade by decay dB a second, higher partials faster; vibrato in cents;
# breath is noise around the note, relative to it. Formants: (Hz, octaves wide, dB).
_Instrument = namedtuple(
    "_Instrument", "tilt even stretch attack decay vibrato breath formants", defaults=((),)
)
INSTRUMENTS = {
    "flute": _Instrument(-14, 0, 0, 0.06, 0, 12, 0.02),
    "clarinet": _Instrument(-7, -18, 0, 0.03, 0, 0, 0.004, ((1500, 0.8, 8),)),
    "fiddle": _Instrument(-5, 0, 0, 0.08, 0, 20, 0.01, ((500, 0.5, 6), (2800, 0.6, 10))),
    "guitar": _Instrument(-6, 0, 1e-4, 0.003, 14, 0, 0, ((220, 0.8, 4),)),
    "bells": _Instrument(-3, -6, 4e-3, 0.002, 9, 0, 0),
}
_RMS = 0.1
_RELEASE_S = 0.03
_VIBRATO_HZ = 5.5
# Partials above this part of the sample rate are left out.
_HIGHEST = 0.45


def make_tune(
    tune="ode_to_joy",
    instrument="flute",
    *,
    sample_rate=16000,
    transpose=0,
    beat=0.35,
    random_state=None,
):
    """Play a tune on a synthetic instrument.

    The same tune on another instrument has the same notes at the same times: the truth for
    transfer of style.

    Parameters
    ----------
    tune : {"ode_to_joy", "frere_jacques", "twinkle"} or sequence of (pitch, beats), \
            default="ode_to_joy"
        A name, or notes: pitches as MIDI numbers (60 is middle C; None is a rest), and lengths in
        beats.
    instrument : {"flute", "clarinet", "fiddle", "guitar", "bells"}, default="flute"
    sample_rate : float, default=16000
        In Hz.
    transpose : float, default=0
        In semitones.
    beat : float, default=0.35
        In seconds.
    random_state : int, RandomState instance or None, default=None
        Of phases and breath. The same seed gives the same bytes.

    Returns
    -------
    signal : ndarray of shape (n_times,)
        Single precision, at a root mean square of 0.1.

    Raises
    ------
    TypeError, ValueError
        When a name is unknown or a number out of range.

    Examples
    --------
    >>> from skstyle.datasets import make_tune
    >>> flute = make_tune("ode_to_joy", "flute", random_state=0)
    >>> guitar = make_tune("ode_to_joy", "guitar", random_state=0)
    >>> len(flute) == len(guitar), flute.dtype
    (True, dtype('float32'))
    """
    rate = float(check_sample_rate(sample_rate))
    if not isinstance(instrument, str) or instrument not in INSTRUMENTS:
        raise ValueError(f"instrument must be one of {tuple(INSTRUMENTS)}, got {instrument!r}.")
    for name, value in (("transpose", transpose), ("beat", beat)):
        if not isinstance(value, Real) or isinstance(value, bool) or not np.isfinite(value):
            raise TypeError(f"{name} must be a number, got {value!r}.")
    if beat <= 0:
        raise ValueError(f"beat must be above 0 s, got {beat!r}.")
    notes = _check_notes(tune, transpose)
    rng = check_random_state(random_state)
    ends = np.round(np.cumsum([0, *(beats for _, beats in notes)]) * beat * rate).astype(int)
    if np.diff(ends).min() < 1:
        raise ValueError(f"A note lasts less than a sample: beat={beat!r} is too short for it.")
    signal = np.zeros(ends[-1])
    for (pitch, _), start, stop in zip(notes, ends[:-1], ends[1:], strict=True):
        if pitch is not None:
            f0 = 440 * 2 ** ((pitch - 69) / 12)
            if f0 > _HIGHEST * rate:
                raise ValueError(
                    f"A note of {f0:.0f} Hz is too high for a sample rate of {rate:g} Hz."
                )
            signal[start:stop] += _play(INSTRUMENTS[instrument], f0, stop - start, rate, rng)
    level = np.sqrt(np.mean(signal**2))
    return (signal * (_RMS / level if level else 0)).astype(np.float32)


def _check_notes(tune, transpose):
    """Return notes as pairs of a pitch, transposed, or None, and a length in beats."""
    if isinstance(tune, str):
        if tune not in TUNES:
            raise ValueError(f"tune must be notes or one of {tuple(TUNES)}, got {tune!r}.")
        tune = [tuple(map(float, note.split())) for note in TUNES[tune].split(", ")]
    if not isinstance(tune, (list, tuple)) or not len(tune):
        raise ValueError(f"tune must be a name or a list of notes, got {tune!r}.")
    notes = []
    for note in tune:
        try:
            pitch, beats = note
            sounds = pitch is not None
            fits = 0 < beats < np.inf and (not sounds or 0 <= pitch + transpose <= 127)
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise ValueError(
                "A note is (pitch, beats), such as (60, 1.5), with a MIDI number that lies from 0 "
                f"to 127 when it is transposed, or None for a rest; got {note!r}."
            )
        notes.append((pitch + transpose if sounds else None, beats))
    return notes


def _play(instrument, f0, n_times, rate, rng):
    """Return one note: partials with envelopes of their own, and breath."""
    times = np.arange(n_times) / rate
    n_partials = max(int(_HIGHEST * rate / f0), 1)
    k = np.arange(1, n_partials + 1)
    frequencies = f0 * k * np.sqrt(1 + instrument.stretch * k**2)
    audible = (frequencies < _HIGHEST * rate) | (k == 1)
    k, frequencies = k[audible], frequencies[audible]
    level = instrument.tilt * np.log2(k) + np.where(k % 2, 0, instrument.even)
    for centre, width, gain in instrument.formants:
        level = level + gain * np.exp(-0.5 * (np.log2(frequencies / centre) / width) ** 2)

    # Cents are small: the phase of a vibrato is that of its sine, integrated.
    depth = (2 ** (instrument.vibrato / 1200) - 1) / (2 * np.pi * _VIBRATO_HZ)
    swing = times - depth * np.cos(2 * np.pi * _VIBRATO_HZ * times)
    phases = rng.uniform(0, 2 * np.pi, len(k))
    # One row a partial would be large for low notes at high rates: sums come partial by partial.
    note = np.zeros(n_times)
    for frequency, decibel, phase in zip(frequencies, level, phases, strict=True):
        fade = -instrument.decay * (frequency / f0) ** 0.5 * times
        note += 10 ** ((decibel + fade) / 20) * np.sin(2 * np.pi * frequency * swing + phase)
    breath = rng.standard_normal(n_times) * instrument.breath
    rise = np.minimum(times / instrument.attack, 1)
    fall = np.minimum((n_times - np.arange(n_times)) / (rate * _RELEASE_S), 1)
    return (note + breath) * np.sin(0.5 * np.pi * rise) ** 2 * fall
