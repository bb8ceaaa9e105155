"""Long sequences in chunks that overlap, and back."""

import numpy as np


def cut(n_frames, chunk_length, overlap):
    """Cut a sequence into chunks of nearly equal length that overlap.

    Parameters
    ----------
    n_frames : int
    chunk_length : int
        Longest chunk, in frames.
    overlap : int
        Frames that two neighbours share, fewer than ``chunk_length``.

    Returns
    -------
    chunks : list of slice

    Examples
    --------
    >>> from skstyle.transfer._chunks import cut
    >>> cut(10, 12, 2), cut(10, 6, 2)
    ([slice(0, 10, None)], [slice(0, 6, None), slice(4, 10, None)])
    """
    if n_frames <= chunk_length:
        return [slice(0, n_frames)]
    n_chunks = -(-(n_frames - overlap) // (chunk_length - overlap))
    edges = np.linspace(0, n_frames - overlap, n_chunks + 1).round().astype(int)
    return [slice(int(a), int(b) + overlap) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def join(pieces, chunks):
    """Put chunks together; where two overlap, one fades into the other.

    Parameters
    ----------
    pieces : list of ndarray of shape (n_frames_piece, n_bins) or (n_times_piece,)
    chunks : list of slice
        As of :func:`cut`.

    Returns
    -------
    x : ndarray of shape (n_frames, n_bins) or (n_times,)
    """
    if len(pieces) == 1:
        return pieces[0]
    out = np.zeros((chunks[-1].stop, *pieces[0].shape[1:]), pieces[0].dtype)
    # A weight for every row of them, whatever a row is.
    total = np.zeros((len(out), *[1] * (out.ndim - 1)), out.dtype)
    for i, (piece, chunk) in enumerate(zip(pieces, chunks, strict=True)):
        fade = np.ones((len(piece), *total.shape[1:]), piece.dtype)
        if i > 0:
            n = chunks[i - 1].stop - chunk.start
            fade[:n] *= _ramp(n).reshape(-1, *fade.shape[1:])
        if i + 1 < len(chunks):
            n = chunk.stop - chunks[i + 1].start
            fade[len(fade) - n :] *= _ramp(n)[::-1].reshape(-1, *fade.shape[1:])
        out[chunk] += fade * piece
        total[chunk] += fade
    return out / total


def _ramp(n):
    """Rise from nearly 0 to nearly 1."""
    return (np.arange(n) + 0.5) / max(n, 1)
