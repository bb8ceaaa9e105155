"""Pulses and noise through time-varying filters, added up: the second half of a vocoder."""

import numpy as np
from scipy import fft, signal

from ._framing import blocks

# Noise frames overlap by three quarters.
NOISE_OVERLAP = 4
# Pitch is followed by so many samples at a time.
SAMPLES_AT_ONCE = 2**18


def pulse_times(f0, hop, n_times):
    """Return fractional sample positions of the pitch pulses, and their periods.

    Parameters
    ----------
    f0 : ndarray of shape (n_frames,)
        In cycles per sample, 0 where unvoiced.
    hop : float
        Samples between frames.
    n_times : int
        Length of the signal.

    Returns
    -------
    times : ndarray of shape (n_pulses,)
        In samples.
    periods : ndarray of shape (n_pulses,)
        In samples.
    """
    voiced = f0 > 0
    if not voiced.any():
        return np.zeros(0), np.zeros(0)
    frame_times = np.arange(len(f0)) * hop
    found, turns = [], 0.0
    for block in blocks(n_times, SAMPLES_AT_ONCE):
        samples = np.arange(block.start, block.stop)
        contour = np.interp(samples, frame_times[voiced], f0[voiced])
        phase = turns + np.cumsum(contour)
        previous = np.concatenate([[turns if block.start else phase[0]], phase[:-1]])
        new = np.flatnonzero(np.floor(phase) > np.floor(previous))
        fraction = (phase[new] - np.floor(phase[new])) / contour[new]
        nearest = np.minimum(np.round(samples[new] / hop).astype(int), len(f0) - 1)
        times = np.stack([samples[new] - fraction, 1 / contour[new]])
        found.append(times[:, voiced[nearest]])
        turns = phase[-1] % 1
    times, periods = np.concatenate(found, axis=1)
    return times, periods


def interpolate_frames(frames, times, hop):
    """Interpolate feature frames linearly at times given in samples."""
    position = np.clip(times / hop, 0, len(frames) - 1)
    low = np.minimum(position.astype(int), max(len(frames) - 2, 0))
    high = np.minimum(low + 1, len(frames) - 1)
    fraction = (position - low)[:, None]
    return frames[low] + fraction * (frames[high] - frames[low])


def minimum_phase(log_amplitude):
    """Return the minimum-phase spectrum of log amplitudes (n_frames, n_fft // 2 + 1)."""
    n_fft = 2 * (log_amplitude.shape[1] - 1)
    cepstrum = fft.irfft(log_amplitude, axis=1)
    cepstrum[:, 1 : n_fft // 2] *= 2
    cepstrum[:, n_fft // 2 + 1 :] = 0
    return np.exp(fft.rfft(cepstrum, axis=1))


def overlap_add(responses, starts, out):
    """Add the rows of ``responses`` to ``out`` at integer ``starts``, in place; cut to fit."""
    index = starts[:, None] + np.arange(responses.shape[1])
    inside = (index >= 0) & (index < len(out))
    if not inside.any():
        return
    index = index[inside]
    first = index.min()
    added = np.bincount(index - first, weights=responses[inside])
    out[first : first + len(added)] += added


def synthesise(f0, decode, hop, n_times, rng):
    """Make a signal from pitch, envelope and aperiodicity.

    Parameters
    ----------
    f0 : ndarray of shape (n_frames,)
        In cycles per sample, 0 where unvoiced.
    decode : callable
        ``decode(first, last)`` returns two arrays (last - first, n_fft // 2 + 1) of the
        frames from ``first`` to before ``last``: the natural logarithm of the amplitude of
        the envelope, and the share of the power that is noise, in [0, 1]. A few frames are
        asked for at a time, so that memory does not grow with the clip.
    hop : float
        Samples between frames.
    n_times : int
        Length of the signal.
    rng : numpy Generator
        Source of the noise.

    Returns
    -------
    x : ndarray of shape (n_times,)
    """
    x = np.zeros(n_times)
    _add_noise(x, f0, decode, hop, rng)
    times, periods = pulse_times(f0, hop, n_times)
    voiced = np.flatnonzero(f0 > 0)
    for block in blocks(len(times), 128):
        _add_pulses(x, times[block], periods[block], decode, voiced, len(f0), hop)
    return x


def _frames_around(times, hop, n_frames):
    """First frame and frame behind the last one that sorted times lie between."""
    position = np.clip(times[[0, -1]] / hop, 0, n_frames - 1)
    return int(position[0]), min(int(position[1]) + 2, n_frames)


def _add_pulses(x, times, periods, decode, voiced, n_frames, hop):
    # Between frames, only voiced neighbours may speak: an unvoiced one has no periodic part.
    nearest = np.searchsorted(voiced, np.round(times / hop))
    nearest = voiced[np.minimum(nearest, len(voiced) - 1)]
    first, last = _frames_around(times, hop, n_frames)
    first, last = min(first, int(nearest[0])), max(last, int(nearest[-1]) + 1)
    log_amplitude, share = decode(first, last)
    quiet = np.ones(last - first, bool)
    quiet[voiced[(voiced >= first) & (voiced < last)] - first] = False
    share = np.where(quiet[:, None], 1.0, share)
    periodic = log_amplitude + 0.5 * np.log(np.maximum(1 - share, 1e-8))
    rows = interpolate_frames(periodic, times - first * hop, hop)
    floor = periodic[nearest - first] - 3.0
    spectrum = minimum_phase(np.maximum(rows, floor))
    n_fft = 2 * (spectrum.shape[1] - 1)
    # A fractional delay rings on both sides: leave it room, or it wraps to the far end.
    room = n_fft // 16
    start = np.floor(times).astype(int) - room
    omega = 2 * np.pi * np.arange(spectrum.shape[1]) / n_fft
    spectrum *= np.exp(-1j * omega * (times - start)[:, None]) * np.sqrt(periods)[:, None]
    response = fft.irfft(spectrum, axis=1)
    # Take the mean out by a smooth window: a constant would end in audible steps.
    window = signal.windows.hann(n_fft)
    response -= response.sum(axis=1, keepdims=True) * (window / window.sum())
    overlap_add(response, start, x)


def _add_noise(x, f0, decode, hop, rng):
    """Filter white noise in overlapping windows; the gains are those of the frames."""
    step = max(int(round(hop)), 1)
    length = NOISE_OVERLAP * step
    window = signal.windows.hann(length, sym=False)
    n_windows = len(x) // step + NOISE_OVERLAP
    starts = np.arange(n_windows) * step - length // 2
    noise = rng.standard_normal((n_windows + NOISE_OVERLAP) * step)
    frames = np.lib.stride_tricks.sliding_window_view(noise, length)[::step][:n_windows]
    # Windows of one noise add coherently: their sum is NOISE_OVERLAP / 2, whatever the length.
    window = window / (NOISE_OVERLAP / 2)
    for block in blocks(n_windows, 256):
        centres = starts[block] + length / 2
        first, last = _frames_around(centres, hop, len(f0))
        log_amplitude, share = decode(first, last)
        share = np.where(f0[first:last, None] > 0, share, 1.0)
        gains = log_amplitude + 0.5 * np.log(np.maximum(share, 1e-10))
        gain = np.exp(interpolate_frames(gains, centres - first * hop, hop))
        n_fft = 2 * (gain.shape[1] - 1)
        size = 2 * fft.next_fast_len(max(n_fft, 2 * length), real=True)
        response = fft.fftshift(fft.irfft(gain, axis=1), axes=1)
        spectrum = fft.rfft(frames[block] * window, size, axis=1)
        spectrum *= fft.rfft(response, size, axis=1)
        filtered = fft.irfft(spectrum, size, axis=1)[:, : length + n_fft - 1]
        overlap_add(filtered, starts[block] - n_fft // 2, x)
