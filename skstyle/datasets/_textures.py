"""Synthetic textures: sounds that have statistics, and no beginning or end."""

from numbers import Real

import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt
from sklearn.utils import check_random_state

from ..utils.rates import check_sample_rate

TEXTURES = ("fire", "rain", "sea")
_RMS, _PEAK = 0.1, 0.9
# The filters end below half of it.
_LEAST_RATE_HZ = 4000
# Drops a second, the range of pitches of their rings in Hz, and how fast a ring fades.
_DROPS_HZ, _DROP_PITCH_HZ, _DROP_S, _N_DROPS = 60, (900.0, 5000.0), 0.006, 12
# Crackles a second; they are broad, short and of very different loudness.
_CRACKLES_HZ, _CRACKLE_S = 14, 0.0015
# A wave comes and goes in so many seconds.
_WAVE_S = 3.5


def make_texture(kind="rain", duration=4.0, *, sample_rate=16000, random_state=None):
    """Make rain, fire or the sea.

    Parameters
    ----------
    kind : {"fire", "rain", "sea"}, default="rain"
    duration : float, default=4.0
        In seconds.
    sample_rate : float, default=16000
        In Hz.
    random_state : int, RandomState instance or None, default=None
        The same seed gives the same bytes.

    Returns
    -------
    signal : ndarray of shape (n_times,)
        Single precision, at a root mean square of 0.1, or less where the peak would be above 0.9.

    Raises
    ------
    TypeError, ValueError
        When the kind is unknown or a number out of range.

    Notes
    -----
    Events fall as a Poisson process: drops that ring, each at a pitch of its own, and crackles.
    Waves are noise whose loudness and brightness swell.

    Examples
    --------
    >>> from skstyle.datasets import make_texture
    >>> rain = make_texture("rain", 2.0, random_state=0)
    >>> rain.shape, rain.dtype
    ((32000,), dtype('float32'))
    """
    rate = float(check_sample_rate(sample_rate))
    if not isinstance(kind, str) or kind not in TEXTURES:
        raise ValueError(f"kind must be one of {TEXTURES}, got {kind!r}.")
    if not isinstance(duration, Real) or isinstance(duration, bool):
        raise TypeError(f"duration must be a number, got {duration!r}.")
    n_times = int(round(duration * rate)) if np.isfinite(duration) else 0
    if n_times < 1:
        raise ValueError(f"duration must be above 0 s, got {duration!r}.")
    if rate < _LEAST_RATE_HZ:
        raise ValueError(f"sample_rate must be at least {_LEAST_RATE_HZ} Hz, got {sample_rate!r}.")
    rng = check_random_state(random_state)
    signal = {"fire": _fire, "rain": _rain, "sea": _sea}[kind](n_times, rate, rng)
    scale = min(_RMS / np.sqrt(np.mean(signal**2)), _PEAK / np.abs(signal).max())
    return (signal * scale).astype(np.float32)


def _rain(n_times, rate, rng):
    hiss = _band(rng.standard_normal(n_times), 400.0, 0.45 * rate, rate)
    times = np.arange(int(6 * _DROP_S * rate)) / rate
    low, high = _DROP_PITCH_HZ
    high = min(high, 0.4 * rate)
    for pitch in np.geomspace(min(low, high), high, _N_DROPS):
        ring = np.exp(-times / _DROP_S) * np.sin(2 * np.pi * pitch * times)
        hits = _poisson(n_times, _DROPS_HZ / _N_DROPS, rate, rng)
        hiss = hiss + 4 * oaconvolve(hits, ring)[:n_times]
    return hiss


def _fire(n_times, rate, rng):
    rumble = 4 * _band(rng.standard_normal(n_times), 40.0, 300.0, rate)
    hiss = 0.1 * rng.standard_normal(n_times)
    times = np.arange(int(8 * _CRACKLE_S * rate)) / rate
    burst = np.exp(-times / _CRACKLE_S) * rng.standard_normal(len(times))
    hits = _poisson(n_times, _CRACKLES_HZ, rate, rng)
    return rumble + hiss + 3 * oaconvolve(hits, burst)[:n_times]


def _sea(n_times, rate, rng):
    times = np.arange(n_times) / rate
    start = rng.uniform(0, 2 * np.pi)
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * times / _WAVE_S + start)
    deep = _band(rng.standard_normal(n_times), 60.0, 800.0, rate)
    spray = _band(rng.standard_normal(n_times), 800.0, 0.45 * rate, rate)
    # What is bright comes with the crest only.
    return deep * (0.3 + swell) + spray * swell**3


def _band(x, low, high, rate):
    sos = butter(2, [low, min(high, 0.45 * rate)], "bandpass", fs=rate, output="sos")
    return sosfilt(sos, x)


def _poisson(n_times, events_hz, rate, rng):
    """Return impulses at random times, of random signs, some much louder than others."""
    n_events = rng.poisson(events_hz * n_times / rate)
    impulses = np.zeros(n_times)
    strengths = rng.exponential(size=n_events) * rng.choice([-1.0, 1.0], n_events)
    np.add.at(impulses, rng.randint(n_times, size=n_events), strengths)
    return impulses
