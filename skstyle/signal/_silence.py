"""Cut or mask silence in signals, so that the timing can be restored."""

import warnings
from itertools import pairwise
from numbers import Real

import numpy as np

from ..base import SignalFilter
from ..exceptions import SilentClipWarning
from ..utils.rates import check_sample_rate

MODES = ("trim", "remove", "mask")
# Peak below which a clip counts as silent: under the last bit of 24-bit audio.
SILENT_PEAK = 1e-7


def frame_powers(x, frame_length):
    """Return the mean squares of frames side by side; the last one may be short.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    frame_length : int

    Returns
    -------
    power : ndarray of shape (ceil(n_times / frame_length),)
    """
    whole = len(x) // frame_length * frame_length
    frames = x[:whole].reshape(-1, frame_length)
    power = np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / frame_length
    rest = x[whole:].astype(np.float64)
    return np.append(power, np.mean(rest**2)) if len(rest) else power


def speech_level(x, frame_length=512, range_db=30.0):
    """Return the mean power of the loud frames of a clip, in dB.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    frame_length : int, default=512
        In samples.
    range_db : float, default=30
        Frames that are further below the loudest one are pauses.

    Returns
    -------
    level : float
        In dB of full scale; that of :data:`SILENT_PEAK` for silence.
    """
    power = frame_powers(x, frame_length)
    loud = power[power >= power.max() * 10 ** (-range_db / 10)]
    return 10 * float(np.log10(max(loud.mean(), SILENT_PEAK**2)))


def loud_regions(x, threshold_db, frame_length, pad, min_silence, fade):
    """Find the regions of a clip that are not silent.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    threshold_db : float
        Frames that are further below the loudest one are silent.
    frame_length, pad, min_silence, fade : int
        In samples, as in :class:`SilenceTrimmer`.

    Returns
    -------
    kept : ndarray of shape (n_regions, 2)
        Start and stop in samples. There is room for a fade of its own at every side of a
        region that does not touch an end of the clip. A clip without signal is kept whole.
    """
    n_times = len(x)
    if max(x.max(), -x.min()) < SILENT_PEAK:
        return np.array([[0, n_times]])
    power = frame_powers(x, frame_length)
    loud = power >= power.max() * 10 ** (threshold_db / 10)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]])))
    starts = edges[::2] * frame_length
    stops = np.minimum(edges[1::2] * frame_length, n_times)
    pause = starts[1:] - stops[:-1]
    cut = (pause >= min_silence) & (pause > 2 * (pad + fade))
    starts = starts[np.append(True, cut)] - pad
    stops = stops[np.append(cut, True)] + pad
    starts[starts <= fade] = 0
    stops[stops >= n_times - fade] = n_times
    return np.column_stack([starts, stops])


def remove_silence(x, kept, fade):
    """Join the kept regions of a clip; silence fades out and in around them.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    kept : array-like of shape (n_regions, 2)
        As :func:`loud_regions` finds them.
    fade : int
        Samples of a fade. At a joint, one fade out and one fade in overlap.

    Returns
    -------
    y : ndarray of shape (removed_length(kept, n_times, fade),)
        Kept regions are in it untouched.
    """
    up = fade_in(fade, x.dtype)
    down = up[::-1]
    (first, _), (_, last) = kept[0], kept[-1]
    pieces = [x[first - fade : first] * up] if first > 0 else []
    for (start, stop), (following, _) in pairwise([*kept, (None, None)]):
        pieces.append(x[start:stop])
        if following is not None:
            pieces.append(x[stop : stop + fade] * down + x[following - fade : following] * up)
    if last < len(x):
        pieces.append(x[last : last + fade] * down)
    return np.concatenate(pieces)


def insert_silence(y, kept, n_times, fade):
    """Put the regions of :func:`remove_silence` back to their times, with silence between.

    Parameters
    ----------
    y : ndarray of shape (removed_length(kept, n_times, fade),)
    kept : array-like of shape (n_regions, 2)
    n_times : int
        Length of the clip before.
    fade : int

    Returns
    -------
    x : ndarray of shape (n_times,)
        Kept regions hold the samples of ``y`` untouched; a fade at a joint is at both sides
        of the silence, faded.
    """
    up = fade_in(fade, y.dtype)
    x = np.zeros(n_times, y.dtype)
    first, last = kept[0][0], kept[-1][1]
    at = 0
    if first > 0:
        x[first - fade : first] = y[:fade]
        at = fade
    for (start, stop), (following, _) in pairwise([*kept, (None, None)]):
        x[start:stop] = y[at : at + stop - start]
        at += stop - start
        if following is not None:
            x[stop : stop + fade] = y[at : at + fade] * up[::-1]
            x[following - fade : following] = y[at : at + fade] * up
            at += fade
    if last < n_times:
        x[last : last + fade] = y[at:]
    return x


def mask_silence(x, kept, fade):
    """Return a clip with zeros, behind short fades, where it is not kept."""
    window = np.zeros(len(x), x.dtype)
    up = fade_in(fade, x.dtype)
    for start, stop in kept:
        window[start:stop] = 1
        if start > 0:
            window[start - fade : start] = up
        if stop < len(x):
            window[stop : stop + fade] = up[::-1]
    return x * window


def removed_length(kept, n_times, fade):
    """Return the length of what :func:`remove_silence` makes."""
    n_fades = len(kept) - 1 + (kept[0][0] > 0) + (kept[-1][1] < n_times)
    return int(sum(stop - start for start, stop in kept) + n_fades * fade)


def fade_in(n_times, dtype):
    """Return a rise from 0 to 1; added to its mirror image it makes 1."""
    return (np.sin(np.pi / 2 * (np.arange(n_times) + 0.5) / max(n_times, 1)) ** 2).astype(dtype)


class SilenceTrimmer(SignalFilter):
    """Cut silence off, or out, or to zero; the inverse restores the timing.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    threshold_db : float, default=-40.0
        Frames whose root mean square is further below that of the loudest frame of the clip
        are silent.
    mode : {"trim", "remove", "mask"}, default="trim"
        "trim" cuts silence at the beginning and at the end of a clip, "remove" cuts pauses
        within it too, "mask" keeps the length and sets to zero what "remove" would cut.
    frame_ms : float, default=10.0
        Length of the frames, which stand side by side, in milliseconds.
    pad_ms : float, default=50.0
        Silence that is kept at both sides of what is not silent, in milliseconds.
    min_silence_ms : float, default=300.0
        Shorter pauses within a clip are kept, in milliseconds.
    fade_ms : float, default=5.0
        Length of the fades behind ``pad_ms`` that keep cuts free of clicks, in milliseconds.
        At a joint the fade out and the fade in overlap. 0 makes hard cuts.

    Attributes
    ----------
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    Warns
    -----
    SilentClipWarning
        A clip is silent from end to end; it passes unchanged.

    Notes
    -----
    The inverse puts everything back to its time, with zeros where silence was cut, so that
    the clip is as long as before; what was kept, pads included, comes back to the bit. The
    steps between must keep the lengths. Without memory the inverse changes nothing, and so
    it does with "mask". A constant offset counts as sound.

    Rows of an array that come out at different lengths make a 1-D object array.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import SilenceTrimmer
    >>> x = np.sin(np.arange(32000) / 5)
    >>> x[:8000] = x[20000:] = 0
    >>> trimmer = SilenceTrimmer(sample_rate=16000)
    >>> cut = trimmer.fit_transform([x])
    >>> len(cut[0])
    13760
    >>> again = trimmer.inverse_transform(cut)
    >>> np.array_equal(again[0], x)
    True
    """

    _recalls = ("n_times", "kept")

    def __init__(
        self,
        sample_rate,
        *,
        threshold_db=-40.0,
        mode="trim",
        frame_ms=10.0,
        pad_ms=50.0,
        min_silence_ms=300.0,
        fade_ms=5.0,
    ):
        self.sample_rate = sample_rate
        self.threshold_db = threshold_db
        self.mode = mode
        self.frame_ms = frame_ms
        self.pad_ms = pad_ms
        self.min_silence_ms = min_silence_ms
        self.fade_ms = fade_ms

    def _fit(self, items):
        check_sample_rate(self.sample_rate)
        if self.mode not in MODES:
            raise ValueError(f"mode must be one of {MODES}, got {self.mode!r}.")
        for name in ("frame_ms", "pad_ms", "min_silence_ms", "fade_ms"):
            value = getattr(self, name)
            if not isinstance(value, Real) or not 0 <= value < np.inf:
                raise ValueError(f"{name} is in milliseconds, not negative; got {value!r}.")
        if self.frame_ms == 0:
            raise ValueError("frame_ms must be positive, got 0.")
        if not self.threshold_db < 0:
            raise ValueError(
                f"threshold_db is relative to the loudest frame and must be negative, got "
                f"{self.threshold_db!r}."
            )

    def _samples(self, milliseconds):
        return round(milliseconds * self.sample_rate / 1000)

    def _measure_one(self, x):
        frame_length = max(self._samples(self.frame_ms), 1)
        lengths = map(self._samples, (self.pad_ms, self.min_silence_ms, self.fade_ms))
        kept = loud_regions(x, self.threshold_db, frame_length, *lengths)
        if self.mode == "trim":
            kept = np.array([[kept[0, 0], kept[-1, 1]]])
        return len(x), tuple(map(tuple, kept.tolist()))

    def _transform_one(self, x, n_times, kept):
        if kept == ((0, n_times),):
            return x
        act = mask_silence if self.mode == "mask" else remove_silence
        return act(x, kept, self._samples(self.fade_ms))

    def _inverse_one(self, y, n_times, kept):
        if kept is None or self.mode == "mask":
            return y
        fade = self._samples(self.fade_ms)
        wanted = removed_length(kept, n_times, fade)
        if len(y) != wanted:
            raise ValueError(
                f"expected {wanted} samples, what is left of {n_times} without silence; got "
                f"{len(y)}. Silence can be restored only where the steps between keep the "
                "lengths: use mode='mask', or list(X) to leave it out."
            )
        return y if wanted == n_times else insert_silence(y, kept, n_times, fade)

    def _warn(self, items, names, n_times, kept):
        for x, name in zip(items, names, strict=True):
            if max(x.max(), -x.min()) < SILENT_PEAK:
                message = f"{name} is silent: it passes unchanged."
                warnings.warn(message, SilentClipWarning, stacklevel=4)
