"""Embeddings of voices: the classical one, and how those of clips are compared."""

import warnings

import numpy as np

from ..exceptions import SilentClipWarning
from ._callables import as_numbers, call_for_clips, describe, is_silent
from ._pairs import log_mel
from ._timbre import mfcc_statistics

# Of the classical embedding: frames and hops in seconds, bands, coefficients, range in dB.
FRAME_S, HOP_S, N_MELS, N_MFCC, TOP_DB = 0.032, 0.008, 60, 30, 50.0
# Source and target nearer than this leave no way to go.
SHORTEST_WAY = 1e-6


def long_term_cepstrum(x, sample_rate):
    """Means and standard deviations of MFCC: a classical embedding of a voice.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.

    Returns
    -------
    embedding : ndarray of shape (60,)
        c_1 to c_30 in dB. Levels 50 dB below the highest one are raised to there.
    """
    n_fft = 2 ** int(np.ceil(np.log2(FRAME_S * sample_rate)))
    settings = {"n_fft": n_fft, "hop_length": round(HOP_S * sample_rate), "n_mels": N_MELS}
    x = x.astype(np.float64) / np.abs(x).max()
    (levels,) = log_mel([x], sample_rate, floor_db=-150.0, **settings)
    return mfcc_statistics(levels, N_MFCC, TOP_DB)


def reference_voices(vectors, reference, n_clips):
    """Return the voice that every clip is compared with.

    Parameters
    ----------
    vectors : ndarray of shape (n_targets, n_features)
        Embeddings of the target at length one; nan for silent clips.
    reference : {"others", "same", "all"}
    n_clips : int

    Returns
    -------
    voices : ndarray of shape (n_clips, n_features)
        Of any length; nan where nothing is known.
    """
    if reference == "same":
        return vectors
    known = np.isfinite(vectors).all(axis=1)
    filled = np.where(known[:, None], vectors, 0.0)
    if reference == "all":
        voices = np.repeat(filled.sum(axis=0, keepdims=True), n_clips, axis=0)
    else:
        # Not the sum without one: rounding must not let a clip be compared with itself.
        others = ~np.eye(len(vectors), dtype=bool)
        voices = np.array([filled[row].sum(axis=0) for row in others])
    return np.where(voices.any(axis=1, keepdims=True), voices, np.nan)


def share_of_way(values, start, end):
    """Return where values lie between start (0) and end (1), nan where there is no way.

    Parameters
    ----------
    values, start, end : ndarray of shape (n_clips,)

    Returns
    -------
    shares : ndarray of shape (n_clips,)
    """
    way = end - start
    possible = np.abs(way) > SHORTEST_WAY
    return np.where(possible, (values - start) / np.where(possible, way, 1.0), np.nan)


def as_matrices(sides):
    """Stack embeddings, and check that all are equally long.

    Parameters
    ----------
    sides : dict of str to list of (ndarray or None)
        Collections by name; None for silent clips.

    Returns
    -------
    matrices : dict of str to ndarray of shape (n_clips, n_features)
        nan for silent clips.
    """
    widths = {
        name: sorted({len(v) for v in found if v is not None}) for name, found in sides.items()
    }
    if len({width for side in widths.values() for width in side}) > 1:
        seen = ", ".join(f"{side} for {name}" for name, side in widths.items())
        raise ValueError(f"embedder returned vectors of different lengths: {seen}.")
    width = max((width for side in widths.values() for width in side), default=1)
    unknown = np.full(width, np.nan)
    return {
        name: np.array([unknown if v is None else v for v in found])
        for name, found in sides.items()
    }


def embed_clips(embedder, clips, *, sample_rate, name, n_jobs):
    """Return embeddings at length one; None for silent clips.

    Parameters
    ----------
    embedder : callable
    clips : list of ndarray
    sample_rate : float
    name : str
        What messages call the collection.
    n_jobs : int or None

    Returns
    -------
    vectors : list of (ndarray or None)
    """
    sounding = [None if is_silent(x) else x for x in clips]
    for i in (i for i, x in enumerate(sounding) if x is None):
        message = f"{name}[{i}] is silent: it has no voice, and the means leave it out."
        warnings.warn(message, SilentClipWarning, stacklevel=4)
    return call_for_clips(embedder, sounding, sample_rate, _read_vector, name=name, n_jobs=n_jobs)


def _read_vector(value, name):
    vector = as_numbers(value)
    if vector is not None and vector.ndim == 2 and len(vector) == 1:
        vector = vector[0]  # nets return batches of one
    if vector is None or vector.ndim != 1 or len(vector) == 0 or not vector.any():
        raise ValueError(
            f"embedder returned {describe(value)} for {name}, expected a vector of finite "
            "numbers that are not all zero."
        )
    return vector / np.linalg.norm(vector)


def cosines(vectors, voices):
    """Cosines of embeddings at length one and voices of any length, row by row.

    Parameters
    ----------
    vectors, voices : ndarray of shape (n_clips, n_features)

    Returns
    -------
    cosines : ndarray of shape (n_clips,)
    """
    norms = np.linalg.norm(voices, axis=1)
    return np.einsum("ij,ij->i", vectors, voices) / norms
