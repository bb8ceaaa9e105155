"""Pulses and noise through time-varying filters, added up: the second half of a vocoder."""

import numpy as np
from scipy import fft, signal

from ._framing import blocks

# Noise frames overlap by three quarters.
NOISE_OVERLAP = 4


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
    samples = np.arange(n_times)
    contour = np.interp(samples, frame_times[voiced], f0[voiced])
    phase = np.cumsum(contour)
    index = np.flatnonzero(np.floor(phase[1:]) > np.floor(phase[:-1])) + 1
    fraction = (phase[index] - np.floor(phase[index])) / contour[index]
    nearest = np.minimum(np.round(index / hop).astype(int), len(f0) - 1)
    keep = voiced[nearest]
    return index[keep] - fraction[keep], 1 / contour[index][keep]


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


def overlap_add(responses, starts, n_times):
    """Add the rows of ``responses`` at integer ``starts``, cut to ``n_times`` samples."""
    length = responses.shape[1]
    index = starts[:, None] + np.arange(length)
    inside = (index >= 0) & (index < n_times)
    return np.bincount(index[inside], weights=responses[inside], minlength=n_times)


def synthesise(f0, log_amplitude, aperiodicity, hop, n_times, rng):
    """Make a signal from pitch, envelope and aperiodicity.

    Parameters
    ----------
    f0 : ndarray of shape (n_frames,)
        In cycles per sample, 0 where unvoiced.
    log_amplitude : ndarray of shape (n_frames, n_fft // 2 + 1)
        Natural logarithm of the amplitude of the envelope.
    aperiodicity : ndarray of shape (n_frames, n_fft // 2 + 1)
        Share of the power that is noise, in [0, 1].
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
    aperiodicity = np.where(f0[:, None] > 0, aperiodicity, 1.0)
    x = _noise_part(log_amplitude, aperiodicity, hop, n_times, rng)
    times, periods = pulse_times(f0, hop, n_times)
    periodic = log_amplitude + 0.5 * np.log(np.maximum(1 - aperiodicity, 1e-8))
    voiced = np.flatnonzero(f0 > 0)
    for block in blocks(len(times), 128):
        x += _pulse_part(times[block], periods[block], periodic, voiced, hop, n_times)
    return x


def _pulse_part(times, periods, log_amplitude, voiced, hop, n_times):
    # Between frames, only voiced neighbours may speak: an unvoiced one has no periodic part.
    nearest = np.searchsorted(voiced, np.round(times / hop))
    nearest = voiced[np.minimum(nearest, len(voiced) - 1)]
    rows = interpolate_frames(log_amplitude, times, hop)
    floor = log_amplitude[nearest] - 3.0
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
    return overlap_add(response, start, n_times)


def _noise_part(log_amplitude, aperiodicity, hop, n_times, rng):
    """Filter white noise in overlapping windows; the gains are those of the frames."""
    n_fft = 2 * (log_amplitude.shape[1] - 1)
    step = max(int(round(hop)), 1)
    length = NOISE_OVERLAP * step
    window = signal.windows.hann(length, sym=False)
    n_windows = n_times // step + NOISE_OVERLAP
    starts = np.arange(n_windows) * step - length // 2
    noise = rng.standard_normal((n_windows + NOISE_OVERLAP) * step)
    frames = np.lib.stride_tricks.sliding_window_view(noise, length)[::step][:n_windows]
    size = fft.next_fast_len(max(n_fft, 2 * length), real=True)
    # Windows of one noise add coherently: their sum is NOISE_OVERLAP / 2, whatever the length.
    window = window / (NOISE_OVERLAP / 2)
    x = np.zeros(n_times)
    gains = log_amplitude + 0.5 * np.log(np.maximum(aperiodicity, 1e-10))
    for block in blocks(n_windows, 256):
        gain = np.exp(interpolate_frames(gains, (starts[block] + length / 2.0), hop))
        response = fft.fftshift(fft.irfft(gain, axis=1), axes=1)
        spectrum = fft.rfft(frames[block] * window, size * 2, axis=1)
        spectrum *= fft.rfft(response, size * 2, axis=1)
        filtered = fft.irfft(spectrum, size * 2, axis=1)[:, : length + n_fft - 1]
        x += overlap_add(filtered, starts[block] - n_fft // 2, n_times)
    return x
