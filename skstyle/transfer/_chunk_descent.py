"""Descent of one sequence, chunk by chunk."""

import numpy as np

from ._chunks import cut, join


def descend_in_chunks(
    descend, make_loss, start, content, *, pad, chunk_length, overlap, max_seconds=None
):
    """Lower the loss of every chunk of a sequence, and put the chunks together.

    Parameters
    ----------
    descend : callable
        ``descend(loss, start, max_seconds=...)`` returns what is left of a chunk and its losses.
    make_loss : callable
        From a chunk of the content, or None, to a loss such as :class:`StyleLoss`.
    start : float32 ndarray of shape (n_frames, n_bins) or (n_times,)
    content : ndarray like start, or None
    pad : callable
        Makes a chunk long enough for the loss, at its end.
    chunk_length, overlap : int
        As of :func:`cut`.
    max_seconds : float, optional
        For the whole sequence.

    Returns
    -------
    z : ndarray like start
    curve : ndarray of shape (n_steps + 1,)
        Mean over chunks of the loss at the start and after every step, weighted by their lengths.
    content_loss, style_loss : float
        At the end, likewise.
    """
    chunks = cut(len(start), chunk_length, overlap)
    shares = np.array([c.stop - c.start for c in chunks], dtype=float)
    shares /= shares.sum()
    pieces, curves, ends = [], [], []
    for chunk, share in zip(chunks, shares, strict=True):
        piece = start[chunk]
        loss = make_loss(None if content is None else pad(content[chunk]))
        seconds = None if max_seconds is None else max_seconds * share
        z, curve = descend(loss, pad(piece), max_seconds=seconds)
        pieces.append(z[: len(piece)])
        curves.append(curve)
        ends.append(loss.values(z))
    longest = max(map(len, curves))
    curve = shares @ [np.pad(c, (0, longest - len(c)), mode="edge") for c in curves]
    return join(pieces, chunks), curve, *(shares @ ends)
