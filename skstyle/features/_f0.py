"""Fundamental frequency by the autocorrelation of Boersma with a Viterbi search.

Every frame offers a few candidate periods, the peaks of an autocorrelation that is divided
by that of the window; the path with the best sum of strengths, less the costs of octave
jumps and of changes of voicing, is the contour.

References
----------
.. [1] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
   harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993, pp. 97-110.
"""

import numpy as np
from scipy import fft, signal

from ._framing import blocks, centred_frames

# Costs after Boersma 1993, the jumps scaled to frames of 10 ms as in the paper.
OCTAVE_COST = 0.03
OCTAVE_JUMP_COST = 0.35
VOICING_CHANGE_COST = 0.14
VOICING_THRESHOLD = 0.35
SILENCE_THRESHOLD = 0.01
LOWPASS_HZ = 3000.0
# The second pass searches around the clip's own pitch: fewer octave errors, shorter windows.
RANGE_BELOW, RANGE_ABOVE = 0.6, 1.7
MIN_VOICED_FRAMES = 20
N_CANDIDATES = 12
PERIODS_PER_WINDOW = 3.0


def f0_candidates(x, sample_rate, centres, f0_min, f0_max):
    """Find candidate fundamental frequencies and their strengths.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.
    centres : ndarray of int, shape (n_frames,)
        Middle sample of every frame.
    f0_min, f0_max : float
        Range of the search in Hz.

    Returns
    -------
    f0 : ndarray of shape (n_frames, n_candidates)
        In Hz; 0 where a frame has fewer candidates.
    strength : ndarray of shape (n_frames, n_candidates)
        Normalised autocorrelation in [0, 1]; -inf where there is no candidate.
    intensity : ndarray of shape (n_frames,)
        Peak of each frame relative to the peak of the clip, in [0, 1].
    """
    half = max(int(np.ceil(0.5 * PERIODS_PER_WINDOW * sample_rate / f0_min)), 2)
    window = signal.windows.hann(2 * half + 1, sym=True)
    max_lag = min(int(np.ceil(sample_rate / f0_min)) + 2, 2 * half - 1)
    min_lag = max(int(np.floor(sample_rate / f0_max)), 2)
    n_fft = fft.next_fast_len(2 * half + 1 + max_lag + 1, real=True)
    weight = _band_weight(fft.rfftfreq(n_fft, 1 / sample_rate))
    window_acf = _autocorrelation(window[None], n_fft, max_lag + 2)[0]
    window_acf /= window_acf[0]
    peak = np.abs(x - x.mean()).max()
    n_frames = len(centres)
    f0 = np.zeros((n_frames, N_CANDIDATES))
    strength = np.full((n_frames, N_CANDIDATES), -np.inf)
    intensity = np.zeros(n_frames)
    if peak <= 0 or max_lag <= min_lag + 2:
        return f0, strength, intensity
    # Loudness is read over the middle period only, so that onsets stay sharp.
    middle = slice(half - int(sample_rate / f0_min / 2), half + int(sample_rate / f0_min / 2) + 1)
    for block in blocks(n_frames):
        frames = centred_frames(x, centres[block], half)
        frames = frames - frames[:, middle].mean(axis=1, keepdims=True)
        intensity[block] = np.minimum(np.abs(frames[:, middle]).max(axis=1) / peak, 1)
        acf = _autocorrelation(frames * window, n_fft, max_lag + 2, weight)
        acf /= np.maximum(acf[:, :1], np.finfo(float).tiny) * window_acf
        f0[block], strength[block] = _peaks(acf, min_lag, max_lag, sample_rate)
    return f0, strength, intensity


def _band_weight(f):
    """Emphasis of the low harmonics, which stay periodic longest."""
    return 1 / (1 + (f / LOWPASS_HZ) ** 4)


def _autocorrelation(frames, n_fft, n_lags, weight=1.0):
    power = np.abs(fft.rfft(frames, n_fft, axis=1)) ** 2 * weight
    return fft.irfft(power, n_fft, axis=1)[:, :n_lags]


def _peaks(acf, min_lag, max_lag, sample_rate):
    """Parabolic peaks of each row, the strongest first (short lags win near ties)."""
    left, here, right = (acf[:, min_lag + k : max_lag + 1 + k] for k in (-1, 0, 1))
    is_peak = (here > left) & (here >= right) & (here > 0)
    curvature = np.where(is_peak, left - 2 * here + right, -1.0)
    shift = np.where(is_peak, 0.5 * (left - right) / np.minimum(curvature, -1e-12), 0.0)
    height = here - 0.25 * (left - right) * shift
    lag = np.arange(min_lag, max_lag + 1) + shift
    # Heights above one are leakage of the window division: mirror them, as the paper does.
    height = np.where(height > 1, 1 / np.maximum(height, 1), height)
    score = np.where(is_peak, height - OCTAVE_COST * np.log2(lag / min_lag), -np.inf)
    keep = min(N_CANDIDATES, score.shape[1])
    order = np.argpartition(-score, keep - 1, axis=1)[:, :keep]
    f0 = np.zeros((len(acf), N_CANDIDATES))
    strength = np.full((len(acf), N_CANDIDATES), -np.inf)
    chosen = np.take_along_axis(score, order, axis=1)
    f0[:, :keep] = np.where(
        np.isfinite(chosen), sample_rate / np.take_along_axis(lag, order, axis=1), 0
    )
    strength[:, :keep] = chosen
    return f0, strength


def track_f0(x, sample_rate, centres, frame_period, f0_min, f0_max):
    """Track the fundamental frequency of one signal, in two passes.

    The first pass searches the whole range; its quartiles narrow the range of the second.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
        In Hz.
    centres : ndarray of int, shape (n_frames,)
        Middle sample of every frame.
    frame_period : float
        Time between centres in seconds.
    f0_min, f0_max : float
        Range of the search in Hz.

    Returns
    -------
    f0 : ndarray of shape (n_frames,)
        In Hz, 0 where the frame is unvoiced.
    """
    f0 = _track_in_range(x, sample_rate, centres, frame_period, f0_min, f0_max)
    voiced = f0[f0 > 0]
    if len(voiced) < MIN_VOICED_FRAMES:
        return f0
    low, high = np.quantile(voiced, [0.35, 0.75])
    low, high = max(f0_min, RANGE_BELOW * low), min(f0_max, RANGE_ABOVE * high)
    return _track_in_range(x, sample_rate, centres, frame_period, low, high)


def _track_in_range(x, sample_rate, centres, frame_period, f0_min, f0_max):
    # Imported here, so that importing the library does not load numba.
    from ._viterbi import best_path

    f0, strength, intensity = f0_candidates(x, sample_rate, centres, f0_min, f0_max)
    silence = 2 - intensity / SILENCE_THRESHOLD * (1 + VOICING_THRESHOLD)
    unvoiced = VOICING_THRESHOLD + np.maximum(0, silence)
    scale = 0.01 / frame_period
    octaves = np.log2(np.where(f0 > 0, f0, 1.0))
    path = best_path(
        octaves, strength, unvoiced, OCTAVE_JUMP_COST * scale, VOICING_CHANGE_COST * scale
    )
    chosen = np.take_along_axis(f0, np.maximum(path, 0)[:, None], axis=1)[:, 0]
    return np.where(path < 0, 0.0, chosen)
