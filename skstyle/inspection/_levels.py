"""Levels in dB of what transformers of signals make, and where they lie."""

from collections import namedtuple

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ..features._activity import DB_PER_NEPER
from ..features._cepstrum import log_amplitude
from ..features._mel_spectrogram import level_to_bands
from ..signal import STFTTransformer
from ..signal._outputs import decode_magnitude, join_parts
from ..utils.validation import check_sequences, check_signals
from ._picture import MAX_COLUMNS, thin

# Window of the spectrograms of signals: short enough for phones, long enough for harmonics.
WINDOW_S = 0.03
# Magnitudes below count as this much: -200 dB.
SMALLEST = 1e-10

Levels = namedtuple("Levels", ["db", "times", "frequencies", "duration", "scale"])
Levels.__doc__ = """Levels in dB (n_frames, n_bins), seconds of the frames, Hz of the bins, seconds
of the whole, and the scale of frequencies: "linear", "slaney", "htk" or "log"."""


def to_db(magnitude):
    """Turn magnitudes into dB; silence into -200 dB, without a warning."""
    return 20 * np.log10(np.maximum(magnitude, SMALLEST))


def levels_of_signal(signal, sample_rate):
    """Return the spectrogram of a signal, with at most as many columns as are shown.

    Parameters
    ----------
    signal : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.

    Returns
    -------
    levels : Levels
    """
    win_length = max(round(WINDOW_S * sample_rate), 16)
    n_fft = 2 ** int(np.ceil(np.log2(win_length)) + 1)
    hop = max(win_length // 8, -(-len(signal) // MAX_COLUMNS))
    stft = STFTTransformer(n_fft=n_fft, hop_length=hop, win_length=win_length, output="magnitude")
    db = to_db(stft.fit_transform([signal])[0])
    times = np.arange(len(db)) * hop / sample_rate
    frequencies = np.linspace(0, sample_rate / 2, db.shape[1])
    return Levels(db, times, frequencies, len(signal) / sample_rate, "linear")


def levels_of_transformer(transformer, x, sample_rate=None):
    """Return the levels of what a fitted transformer makes of a signal, or has made.

    Parameters
    ----------
    transformer : STFTTransformer, CQTTransformer, MelSpectrogram, MelCepstrum, \
            SourceFilterVocoder or a Pipeline that ends in one
    x : ndarray of shape (n_times,) or (n_frames, n_features)
        A signal, or a sequence of the transformer.
    sample_rate : float, optional
        In Hz, where the transformer does not know it.

    Returns
    -------
    levels : Levels
    """
    check_is_fitted(transformer)
    steps = [transformer]
    if isinstance(transformer, Pipeline):
        steps = [step for _, step in transformer.steps if step not in (None, "passthrough")]
    last = steps[-1]
    db_of, hop, frequencies, scale, known_rate = _reader(last)
    rates = [known_rate, *(getattr(step, "sample_rate", None) for step in reversed(steps))]
    rate = next((r for r in rates if r is not None), sample_rate)
    if rate is None:
        raise ValueError(f"{type(last).__name__} has no sample rate: pass sample_rate=... (Hz).")
    if sample_rate is not None and sample_rate != rate:
        raise ValueError(
            f"{type(last).__name__} has sample_rate={rate}, but sample_rate={sample_rate} was "
            "given. Leave it out."
        )
    if np.ndim(x) == 2:
        complex_ok = getattr(last, "output", None) == "complex"
        sequence = check_sequences([x], name="sequence", complex_ok=complex_ok).items[0]
    else:
        sequence = transformer.transform(check_signals([x], name="signal").items)[0]
    n_frames = len(sequence)
    db = db_of(thin(sequence))
    if frequencies is None:
        frequencies = np.linspace(0, rate / 2, db.shape[1])
    if db.shape[1] != len(frequencies):
        raise ValueError(
            f"The sequence has {db.shape[1]} bins, but {type(last).__name__} makes "
            f"{len(frequencies)}: pass the transformer that made it."
        )
    times = thin(np.arange(n_frames)) * hop / rate
    return Levels(db, times, frequencies, max(n_frames - 1, 1) * hop / rate, scale)


def _reader(step):
    """Return how to read a transformer: function to dB, hop, Hz of bins, scale, sample rate."""
    frequencies = getattr(step, "frequencies_", None)
    if hasattr(step, "alpha_") and hasattr(step, "hop_"):
        columns = getattr(step, "feature_blocks_", {"mcep": slice(None)})["mcep"]
        return (
            lambda s: DB_PER_NEPER * log_amplitude(s[:, columns], step.n_fft_, step.alpha_),
            step.hop_,
            None,
            "linear",
            step.sample_rate,
        )
    if hasattr(step, "mel_scale"):
        return (lambda s: _mel_db(step, s)), step.hop_length_, frequencies, step.mel_scale, None
    if getattr(step, "output", None) is None or not hasattr(step, "hop_length"):
        raise TypeError(
            f"{type(step).__name__} makes no spectra that can be drawn: expected a fitted "
            "STFTTransformer, CQTTransformer, MelSpectrogram, MelCepstrum or SourceFilterVocoder, "
            "or a Pipeline that ends in one."
        )
    hop = getattr(step, "hop_length_", step.hop_length)
    scale = "linear" if frequencies is None else "log"
    return (lambda s: to_db(_magnitude(s, step.output))), hop, frequencies, scale, None


def _magnitude(sequence, output):
    if output == "complex":
        return np.abs(sequence)
    if output == "real-imag":
        return np.abs(join_parts(sequence))
    return decode_magnitude(sequence.copy(), output)


def _mel_db(mel, sequence):
    if mel.output == "db":
        return sequence
    bands = level_to_bands(sequence.copy(), mel.output, mel.power, mel.reference)
    return to_db(np.sqrt(np.maximum(bands, 0)) if mel.power == 2 else bands)
