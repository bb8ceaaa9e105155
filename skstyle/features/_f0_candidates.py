"""Candidates of the fundamental frequency, and how harmonic the sound is at each of them.

A narrow filter around the fundamental lets one sinusoid pass, whose periods can be counted.
Where many neighbouring filters count the same frequency there is a candidate; the
instantaneous frequencies of its harmonics correct it and tell how far they agree.

References
----------
.. [1] M. Morise, "Harvest: a high-performance fundamental frequency estimator from speech
   signals", Interspeech 2017, pp. 2321-2325. doi:10.21437/Interspeech.2017-68
.. [2] J. L. Flanagan and R. M. Golden, "Phase vocoder", Bell System Technical Journal 45,
   1966, pp. 1493-1509. doi:10.1002/j.1538-7305.1966.tb01706.x
"""

from functools import lru_cache

import numpy as np
from scipy import fft

from ._framing import blocks

CHANNELS_PER_OCTAVE = 40
# Channels filtered at once share one sample rate, a little above what the highest needs.
CHANNELS_AT_ONCE = 20
SAMPLES_PER_PERIOD = 12
FILTER_PERIODS = 4
NUTTALL = (0.355768, 0.487396, 0.144232, 0.012604)
# A channel counts when it hears what it is tuned to, a candidate when enough channels agree.
CHANNEL_TOLERANCE = 0.1
MIN_CHANNELS = 10
# Candidates reach into the neighbouring frames, and harmonics are read in three periods.
SPREAD_FRAMES = 3
WINDOW_PERIODS = 3
N_HARMONICS = 6
DETUNING = 0.03
INAUDIBLE = 3e-3
MIN_SCORE = 2.5


def channel_frequencies(f0_min, f0_max):
    """Return the centres of the filters in Hz, a little beyond the range on both sides."""
    low, high = 0.9 * f0_min, 1.1 * f0_max
    n = int(np.log2(high / low) * CHANNELS_PER_OCTAVE) + 1
    return low * 2 ** (np.arange(1, n + 1) / CHANNELS_PER_OCTAVE)


def channel_map(x, sample_rate, times, channels):
    """Count the frequency that every channel hears at every time.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.
    times : ndarray of shape (n_frames,)
        In seconds.
    channels : ndarray of shape (n_channels,)
        See :func:`channel_frequencies`.

    Returns
    -------
    frequencies : ndarray of shape (n_frames, n_channels), float32
        In Hz; 0 where the channel does not hear its own frequency.
    """
    padded = len(x) + int(np.ceil(FILTER_PERIODS * sample_rate / channels[0]))
    n_fft = fft.next_fast_len(padded, real=True)
    spectrum = fft.rfft(x.astype(np.float32), n_fft)
    bins = np.arange(len(spectrum)) * (sample_rate / n_fft)
    out = np.empty((len(times), len(channels)), np.float32)
    for group in blocks(len(channels), CHANNELS_AT_ONCE):
        centres = channels[group]
        # The filters end at twice their frequency: the inverse may be that much shorter.
        n_bins = min(len(bins), int(np.ceil(2 * centres[-1] * n_fft / sample_rate)) + 1)
        want = n_fft * SAMPLES_PER_PERIOD * centres[-1] / sample_rate
        n_out = fft.next_fast_len(max(int(np.ceil(want)), 2 * n_bins), real=True)
        response = _filter_response(bins[:n_bins], centres)
        filtered = fft.irfft(spectrum[:n_bins] * response, n_out, axis=1)
        filtered = filtered[:, : int(len(x) * n_out / n_fft) + 2]
        heard = _mean_of_intervals(filtered, sample_rate * n_out / n_fft, times)
        heard[np.abs(heard / centres[:, None] - 1) > CHANNEL_TOLERANCE] = 0
        out[:, group] = heard.T
    return out


def _filter_response(frequency, centres):
    """Spectra of cosines under Nuttall windows of four periods: real and of zero phase."""
    turns, height = _window_spectrum()
    length = FILTER_PERIODS / centres[:, None]
    out = np.interp(np.abs(frequency - centres[:, None]) * length, turns, height, right=0)
    out += np.interp((frequency + centres[:, None]) * length, turns, height, right=0)
    return out.astype(np.float32)


@lru_cache(maxsize=1)
def _window_spectrum():
    """Spectrum of a Nuttall window over frequency times length, as a table."""
    turns = np.arange(0, 16, 1e-3)
    height = np.zeros(len(turns))
    for k, a in enumerate(NUTTALL):
        height += a * (np.sinc(turns - k) + np.sinc(turns + k))
    return turns, height


def _mean_of_intervals(filtered, sample_rate, times):
    """Mean frequency between zero crossings up and down, between peaks and between dips."""
    n_channels = len(filtered)
    total = np.zeros((n_channels, len(times)), np.float32)
    heard = np.ones(n_channels, bool)
    for signal, shift in ((filtered, 0.0), (np.diff(filtered, axis=1), 0.5)):
        negative = signal < 0
        row, i = np.nonzero(negative[:, 1:] != negative[:, :-1])
        before, after = signal[row, i], signal[row, i + 1]
        event = (i + shift + before / (before - after)) / sample_rate
        falling = negative[row, i + 1]
        for kind in (falling, ~falling):
            event_of_kind = event[kind]
            bounds = np.searchsorted(row[kind], np.arange(n_channels + 1))
            for c in range(n_channels):
                moments = event_of_kind[bounds[c] : bounds[c + 1]]
                if len(moments) < 3:
                    heard[c] = False
                    continue
                middles = (moments[1:] + moments[:-1]) / 2
                total[c] += np.interp(times, middles, 1 / np.diff(moments))
    total[~heard] = 0
    return total / 4


def agreements(frequencies):
    """Find where at least ten neighbouring channels hear one frequency.

    Parameters
    ----------
    frequencies : ndarray of shape (n_frames, n_channels)
        See :func:`channel_map`.

    Returns
    -------
    frames : ndarray of int, shape (n_candidates,)
    f0 : ndarray of shape (n_candidates,)
        Mean of the channels that agree, in Hz.
    """
    hears = np.pad(frequencies > 0, ((0, 0), (1, 1))).view(np.int8)
    change = np.diff(hears, axis=1)
    frames, first = np.nonzero(change == 1)
    _, last = np.nonzero(change == -1)
    sums = np.zeros((len(frequencies), frequencies.shape[1] + 1))
    np.cumsum(frequencies, axis=1, out=sums[:, 1:])
    enough = last - first >= MIN_CHANNELS
    frames, first, last = frames[enough], first[enough], last[enough]
    return frames, (sums[frames, last] - sums[frames, first]) / (last - first)


def refine(x, sample_rate, times, frames, f0, f0_min, f0_max):
    """Correct candidates by the instantaneous frequencies of their harmonics.

    Candidates of like pitch share their windows, so that all of them are one matrix product.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.
    times : ndarray of shape (n_frames,)
        In seconds.
    frames : ndarray of int, shape (n_candidates,)
    f0 : ndarray of shape (n_candidates,)
        In Hz, see :func:`agreements`.
    f0_min, f0_max : float
        Candidates that leave this range are dropped, in Hz.

    Returns
    -------
    frames : ndarray of int, shape (n_refined,)
        In order; a candidate also reaches into the frames around its own.
    f0 : ndarray of shape (n_refined,)
        In Hz.
    score : ndarray of shape (n_refined,)
        The inverse of the mean relative distance of the harmonics from their places.
    """
    lowest = 0.9 * f0_min
    pitch = np.round(np.log2(f0 / lowest) * CHANNELS_PER_OCTAVE).astype(int)
    margin = int(np.ceil(0.5 * WINDOW_PERIODS * sample_rate / lowest * 1.02)) + 1
    padded = np.pad(x.astype(np.float32), margin)
    positions = np.round(times * sample_rate).astype(int) + margin
    parts = []
    for p in np.unique(pitch):
        near = (frames[pitch == p] + np.arange(-SPREAD_FRAMES, SPREAD_FRAMES + 1)[:, None]).ravel()
        near = np.unique(near[(near >= 0) & (near < len(times))])
        centre = lowest * 2 ** (p / CHANNELS_PER_OCTAVE)
        fine, score = _harmonic_frequency(padded, sample_rate, positions[near], centre)
        good = (fine >= f0_min) & (fine <= f0_max) & (score > MIN_SCORE)
        parts.append((near[good], fine[good], score[good]))
    if not parts:
        return np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(0, np.float32)
    frames, f0, score = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(frames, kind="stable")
    return frames[order].astype(np.int32), f0[order], score[order]


def _harmonic_frequency(padded, sample_rate, positions, f0):
    """Read the harmonics of one pitch at many positions: returns the pitch and its score."""
    half_length = 0.5 * WINDOW_PERIODS * sample_rate / f0
    half = int(np.ceil(half_length))
    offset = np.arange(-half, half + 1)
    u = np.pi * offset / half_length
    inside = np.abs(offset) < half_length
    # A Blackman window and its derivative, which tells how the phase moves.
    window = np.where(inside, 0.42 + 0.5 * np.cos(u) + 0.08 * np.cos(2 * u), 0)
    slope = np.where(inside, -0.5 * np.sin(u) - 0.16 * np.sin(2 * u), 0) * np.pi / half_length
    n_harmonics = max(min(N_HARMONICS, int(sample_rate / 2 / f0)), 1)
    k = np.arange(1, n_harmonics + 1)
    # Listen beside the harmonics: true ones pull the frequency to their places, while a
    # lone click answers at whatever frequency it is asked.
    probe = f0 * (k + DETUNING * (-1) ** k)
    phase = 2 * np.pi / sample_rate * offset[:, None] * probe
    weights = (window[:, None], slope[:, None])
    basis = [w * part for w in weights for part in (np.cos(phase), -np.sin(phase))]
    basis = np.concatenate(basis, axis=1).astype(np.float32)
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    starts = positions - half
    product = np.empty((len(starts), basis.shape[1]), np.float32)
    for block in blocks(len(starts), 4096):
        np.matmul(views[starts[block]], basis, out=product[block])
    a, b, c, d = product.reshape(len(starts), 4, n_harmonics).transpose(1, 0, 2)
    power = a * a + b * b + np.finfo(np.float32).tiny
    instantaneous = probe - sample_rate / (2 * np.pi) * (d * a - c * b) / power
    amplitude = np.sqrt(power)
    fine = (amplitude * instantaneous).sum(axis=1) / (amplitude * k).sum(axis=1)
    # Pure tones have one harmonic: what is not there does not vote.
    votes = amplitude > INAUDIBLE * amplitude.max(axis=1, keepdims=True)
    distance = np.abs(instantaneous / (k * f0) - 1)
    return fine, 1 / np.maximum(distance.mean(axis=1, where=votes), 1e-6)
