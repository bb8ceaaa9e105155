"""Join pieces of signals where a path jumps, so that periods go on across the joint.

References
----------
.. [1] W. Verhelst and M. Roelands, "An overlap-add technique based on waveform similarity
   (WSOLA) for high quality time-scale modification of speech", ICASSP 1993.
   doi:10.1109/ICASSP.1993.319366
"""

import numpy as np

# A style that is tuned otherwise by less than this, in semitones, is not; where errors agree less
# than this, there is no tuning.
LEAST_TUNING, LEAST_AGREEMENT = 0.15, 0.3
# Pitch errors up to this beside the tuning are intonation, which is the style's own.
WIDEST_INTONATION = 0.25
# A piece that is read at another speed is no longer than what loses or gains so many frames: the
# next one starts where it should.
DRIFT = 1.0
# Zero crossings of the interpolation on either side, and samples interpolated at once.
CROSSINGS, BLOCK_TIMES = 16, 2048
# Power of a place below this share of the most powerful one is silence, similar to nothing.
SILENT_SHARE = 1e-6


def runs_of(path, first_of_clip):
    """Find where a path goes on from frame to frame.

    Parameters
    ----------
    path : ndarray of int, shape (n_frames,)
    first_of_clip : ndarray of bool, shape (n_states,)

    Returns
    -------
    starts, stops : ndarrays of int, shape (n_runs,)
        Frames ``starts[i]`` to ``stops[i] - 1`` are one run.
    """
    breaks = (np.diff(path) != 1) | first_of_clip[path[1:]]
    edges = np.concatenate([[0], np.flatnonzero(breaks) + 1, [len(path)]])
    return edges[:-1], edges[1:]


def tuning_of(errors):
    """Measure how far a style is tuned below the content, up to whole semitones.

    Parameters
    ----------
    errors : ndarray of shape (n_frames,)
        Semitones from the pitch that a frame has up to the one that it should have; NaN where
        either is none.

    Returns
    -------
    tuning : float
        Between -0.5 and 0.5 semitones: the circular mean of errors. 0 where it is small, or where
        errors are of any size.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer._overlap_add import tuning_of
    >>> round(tuning_of(np.array([0.4, -0.6, np.nan, 1.4])), 2), tuning_of(np.array([0.1, 0.9]))
    (0.4, 0.0)
    """
    errors = errors[np.isfinite(errors)]
    if not len(errors):
        return 0.0
    mean = np.exp(2j * np.pi * errors).mean()
    tuning = float(np.angle(mean)) / (2 * np.pi)
    return tuning if min(abs(mean) - LEAST_AGREEMENT, abs(tuning) - LEAST_TUNING) > 0 else 0.0


def retune_runs(starts, stops, errors, widest):
    """Choose the speed at which runs are read, so that they are in tune; long ones are divided.

    Parameters
    ----------
    starts, stops : ndarrays of int, shape (n_runs,)
        See :func:`runs_of`.
    errors : ndarray of shape (n_frames,)
        As in :func:`tuning_of`.
    widest : float
        Errors of more semitones are other notes, which stay what they are; 0 leaves all as it is.

    Returns
    -------
    starts, stops : ndarrays of int, shape (n_pieces,)
    speeds : ndarray of shape (n_pieces,)
        They undo the median error; but where that is within a quarter of a semitone of the tuning,
        or of the tuning and a semitone, only this. What has no pitch is tuned as the rest.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer._overlap_add import retune_runs
    >>> errors = np.array([1.0, np.nan, 1.0, 0.1, -0.1, 12.0])
    >>> starts, stops, speeds = retune_runs(np.array([0, 3]), np.array([3, 6]), errors, 1.0)
    >>> starts, stops, speeds.round(4)
    (array([0, 3]), array([3, 6]), array([1.0595, 1.    ]))
    """
    tuning = tuning_of(errors)
    tuning = tuning if abs(tuning) <= widest else 0.0
    edges, speeds = [], []
    for start, stop in zip(starts, stops, strict=True):
        heard = errors[start:stop]
        heard = heard[np.abs(heard) <= widest]  # false without pitch
        error = float(np.median(heard)) if len(heard) else tuning
        in_tune = tuning + np.round(error - tuning)
        if abs(error - in_tune) <= WIDEST_INTONATION:
            error = in_tune
        speed = 2 ** (error / 12)
        n_pieces = int(np.ceil((stop - start) * abs(speed - 1) / DRIFT)) or 1
        n_pieces = min(n_pieces, stop - start)
        edges.append(start + (stop - start) * np.arange(n_pieces) // n_pieces)
        speeds.append(np.full(n_pieces, speed))
    starts = np.concatenate(edges)
    return starts, np.append(starts[1:], stops[-1]), np.concatenate(speeds)


def join_runs(sources, runs, hop_length, n_times, fade, reach, speeds=None):
    """Put pieces one behind the other, each moved a little so that it fits the one before.

    Parameters
    ----------
    sources : list of ndarrays
        Signals that pieces are taken from.
    runs : list of tuples (start, stop, source, frame)
        Frames from ``start`` to ``stop - 1`` are those of ``sources[source]`` from ``frame`` on.
    hop_length : int
        Samples between frames.
    n_times : int
        Length of the result.
    fade : int
        Samples for which two pieces overlap; halfway between the last frame of one and the
        first frame of the other.
    reach : int
        Samples by which a piece may be moved at most, either way.
    speeds : ndarray of shape (n_runs,), optional
        Of reading: 2 is an octave up, and takes twice as much of the source from ``frame`` on. 1
        copies.

    Returns
    -------
    y : ndarray of shape (n_times,)
        Of the dtype of the sources.

    Notes
    -----
    The displacement is that of the greatest normalised correlation with what is there [1]_. Ramps
    add up to one.
    """
    half = fade // 2
    lead = half + hop_length
    dtype = sources[0].dtype
    out = np.zeros(n_times + 2 * lead + hop_length, dtype)
    up = (0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * half) + 0.5) / max(2 * half, 1))).astype(dtype)
    for i, (start, stop, source, frame) in enumerate(runs):
        x = sources[source]
        speed = 1.0 if speeds is None else float(speeds[i])
        # Pieces meet half a hop before their first frame.
        begin = start * hop_length - hop_length // 2 - half
        end = min(stop * hop_length - hop_length // 2 + half, n_times + lead)
        if begin >= n_times:
            break
        there = _start_of(x, frame * hop_length, begin - start * hop_length, end - begin, speed)
        if i:
            what = out[lead + begin : lead + begin + 2 * half]
            there += speed * _best_shift(x, there, what, reach, speed)
        piece = _read(x, there, end - begin, speed)
        if i:
            piece[: 2 * half] *= up[: len(piece)]
        if i + 1 < len(runs) and 2 * half <= len(piece):
            piece[len(piece) - 2 * half :] *= up[::-1]
        out[lead + begin : lead + begin + len(piece)] += piece
    return out[lead : lead + n_times].copy()


def _start_of(x, at, lead, length, speed):
    """Return where to begin reading, so that x is at a place after a lead, and goes far enough."""
    start = at + speed * lead
    # Read faster, a piece may end beyond the end of x by no more than it would if it was copied.
    beyond = start + speed * length - max(len(x), at + lead + length)
    return start - min(max(beyond, 0), max(start, 0))


def _read(x, start, length, speed):
    """Read a signal from a place between samples on, faster or slower, band-limited."""
    if speed == 1:
        return _cut(x, int(start), length)
    # Faster, what would lie above half of the sample rate is left out.
    cut = min(1 / speed, 1)
    reach = int(np.ceil(CROSSINGS / cut))
    taps = np.arange(1 - reach, reach + 1)
    y = np.empty(length, x.dtype)
    for begin in range(0, length, BLOCK_TIMES):
        at = start + speed * np.arange(begin, min(begin + BLOCK_TIMES, length))
        left = np.floor(at).astype(int)
        low = left[0] - reach
        around = _cut(x, low, left[-1] + reach + 1 - low)
        away = taps - (at - left)[:, None]
        weights = cut * np.sinc(cut * away) * np.cos(0.5 * np.pi / reach * away) ** 2
        samples = around[(left - low)[:, None] + taps]
        y[begin : begin + len(at)] = np.einsum("ij,ij->i", samples, weights)
    return y


def _cut(x, start, length):
    """Copy samples, with zeros beyond the ends."""
    piece = np.zeros(length, x.dtype)
    low, high = max(start, 0), min(start + length, len(x))
    if low < high:
        piece[low - start : high - start] = x[low:high]
    return piece


def _best_shift(x, start, faded, reach, speed):
    """Displacement at which x is most like what fades out; of equal ones, the smallest."""
    around = _read(x, start - speed * reach, len(faded) + 2 * reach, speed)
    around = around.astype(np.float64)
    likeness = np.correlate(around, faded.astype(np.float64), "valid")
    power = np.concatenate([[0.0], np.cumsum(around**2)])
    power = power[len(faded) :] - power[: len(power) - len(faded)]
    likeness /= np.sqrt(np.maximum(power, SILENT_SHARE * power.max()) + np.finfo(float).tiny)
    offsets = np.arange(-reach, reach + 1)
    order = np.argsort(np.abs(offsets), kind="stable")
    return int(offsets[order][np.argmax(likeness[order])])
