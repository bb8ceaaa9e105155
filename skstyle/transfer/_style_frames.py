"""Frames that stand for a style: which are kept, and how they are joined.

A layer is ``{"frames": (n_patches + width - 1, n_bins), "weights": (n_patches,)}``: every ``width``
neighbouring frames are a patch. Joined layers are a layer; patches across a joint weigh nothing.
"""

import numpy as np

# Kept of all clips together: descent takes time with every one of them.
MAX_FRAMES = 4096
# That are kept side by side.
BLOCK = 64


def draw_blocks(lengths, width, rng, max_frames=MAX_FRAMES):
    """Draw which frames of clips are kept.

    Parameters
    ----------
    lengths : list of int
        Frames of every clip.
    width : int
        Of the widest patch, which sees the neighbours, too.
    rng : numpy.random.Generator
    max_frames : int, default=4096
        More frames than these, neighbours between clips counted, are thinned out.

    Returns
    -------
    blocks : list of list of (int, int)
        First frame and end of what is kept of every clip.
    share : float
        What is kept of all.

    Notes
    -----
    Clips lie on one line. It is cut into parts of one length, of each a block of 64 frames is kept,
    so that all times of all clips have their share.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer._style_frames import draw_blocks
    >>> draw_blocks([50, 3000], 11, np.random.default_rng(0))
    ([[(0, 50)], [(0, 3000)]], 1.0)
    >>> blocks, share = draw_blocks([3000, 9000], 11, np.random.default_rng(0))
    >>> [sum(stop - start for start, stop in clip) for clip in blocks]
    [1024, 3072]
    """
    ends = np.cumsum(np.add(lengths, width - 1))
    total = int(ends[-1])
    if total <= max_frames:
        return [[(0, int(n))] for n in lengths], 1.0
    n_parts = max(max_frames // BLOCK, 1)
    edges = np.linspace(0, total, n_parts + 1).astype(int)
    starts = rng.integers(edges[:-1], edges[1:] - BLOCK, endpoint=True)
    blocks = []
    for end, length in zip(ends, lengths, strict=True):
        first = starts - (end - length - width + 1)
        first, stop = np.maximum(first, 0), np.minimum(first + BLOCK, length)
        pairs = zip(first.tolist(), stop.tolist(), strict=True)
        blocks.append([pair for pair in pairs if pair[0] < pair[1]])
    return blocks, n_parts * BLOCK / total


def keep_blocks(frames, width, blocks, share):
    """Keep blocks of a clip.

    Parameters
    ----------
    frames : ndarray of shape (n_patches + width - 1, n_bins)
    width : int
    blocks : list of (int, int)
    share : float
        As of :func:`draw_blocks`: what is kept weighs so much more.

    Returns
    -------
    layer : dict
    """
    weight = np.float32(1 / (share * (len(frames) - width + 1)))
    empty = {"frames": frames[:0], "weights": np.empty(0, np.float32)}
    parts = [
        {
            "frames": frames[start : stop + width - 1],
            "weights": np.full(stop - start, weight),
        }
        for start, stop in blocks
    ]
    return join_layers([empty, *parts])


def join_layers(layers, shares=None):
    """Join layers, without those that weigh nothing.

    Parameters
    ----------
    layers : list of dict
    shares : list of float, optional
        What their weights are multiplied with; 1 by default.

    Returns
    -------
    layer : dict
    """
    if shares is None:
        shares = [1.0] * len(layers)
    some = [(a, s) for a, s in zip(layers, shares, strict=True) if s and len(a["weights"])]
    if not some:
        return layers[0]
    weights = []
    for layer, share in some:
        across = len(layer["frames"]) - len(layer["weights"])
        weights += [np.float32(share) * layer["weights"], np.zeros(across, np.float32)]
    frames = np.concatenate([layer["frames"] for layer, _ in some])
    return {"frames": frames, "weights": np.concatenate(weights[:-1])}
