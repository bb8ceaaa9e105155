"""Levels in dB of what transformers of signals make, and where they lie."""

from collections import namedtuple

import numpy as np
from scipy import fft
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ..features._activity import DB_PER_NEPER
from ..features._cepstrum import log_amplitude
from ..features._mel_spectrogram import level_to_bands
from ..signal._fourier import BLOCK_SIZE, frame_count
from ..signal._outputs import decode_magnitude, join_parts
from ..signal._window import make_window
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
    """Return the spectrogram of a signal, with about as many columns as are shown.

    Parameters
    ----------
    signal : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.

    Returns
    -------
    levels : Levels
        Of long signals every column is the mean power of several frames, so that no sound is
        left out.
    """
    win_length = max(round(WINDOW_S * sample_rate), 16)
    n_fft = 2 ** int(np.ceil(np.log2(win_length)) + 1)
    hop, n_together = _column(len(signal), win_length)
    window, _ = make_window("hann", n_fft, win_length, hop)
    db = to_db(_mean_magnitudes(signal, window, hop, n_together))
    times = (np.arange(len(db)) * n_together + (n_together - 1) / 2) * hop / sample_rate
    frequencies = np.linspace(0, sample_rate / 2, db.shape[1])
    return Levels(db, times, frequencies, len(signal) / sample_rate, "linear")


def _column(n_times, win_length):
    """Return the hop of frames, a quarter of a window at most, and how many share a column."""
    width = max(win_length // 8, -(-n_times // MAX_COLUMNS))
    n_together = -(-width // (win_length // 4))
    return -(-width // n_together), n_together


def _mean_magnitudes(signal, window, hop, n_together):
    """Return the root of the mean power of every so many frames, a few columns at a time.

    Parameters
    ----------
    signal : ndarray of shape (n_times,)
    window : ndarray of shape (n_fft,)
    hop, n_together : int

    Returns
    -------
    magnitudes : ndarray of shape (n_columns, n_fft // 2 + 1)
    """
    n_fft, n_frames = len(window), frame_count(len(signal), hop)
    window = window.astype(signal.dtype)
    n_columns = -(-n_frames // n_together)
    out = np.empty((n_columns, n_fft // 2 + 1), signal.dtype)
    at_once = max(BLOCK_SIZE // (n_fft * n_together), 1)
    for column in range(0, n_columns, at_once):
        first = column * n_together
        last = min(first + at_once * n_together, n_frames) - 1
        start, stop = first * hop - n_fft // 2, last * hop + n_fft - n_fft // 2
        samples = signal[max(start, 0) : stop]
        around = max(-start, 0), stop - max(start, 0) - len(samples)
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, around), n_fft)[::hop]
        magnitudes = np.abs(fft.rfft(frames * window, axis=1))
        if n_together > 1:
            starts = np.arange(0, len(magnitudes), n_together)
            counts = np.diff(starts, append=len(magnitudes))
            # In float64, where squares of anything in float32 have a place.
            power = np.add.reduceat(magnitudes.astype(np.float64) ** 2, starts)
            magnitudes = np.sqrt(power / counts[:, None])
        out[column : column + at_once] = magnitudes
    return out


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
