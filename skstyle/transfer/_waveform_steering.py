"""Steps of waveforms, made equal for loud and for quiet sounds.

A loss of logarithmic spectra is steep where a sound is quiet and flat where it is loud: the descent
of a bare waveform changes what nobody hears.
"""

from time import perf_counter

import numpy as np
from scipy import fft

from ..signal._fourier import add_frames, frame_count, istft, room_for, stft
from ._descent import descend
from ._levels import UNIT_RMS, at_unit_level, level_of
from ._waveform_spectra import OVERLAP, level_of_bins, window_of

# Levels are told apart down to 70 dB below the level of bins.
CONTRAST = 3000.0
# How far bins may go beyond the style's mean levels, in units of log levels: 9 dB.
BEYOND = 1.0
# Peaks may be as high over the root mean square as this, or as they are where descent begins.
CREST = 24.0
# Steps after which the reach is measured again.
STEPS = 20


def log_levels(x, n_fft):
    """Return logarithmic magnitudes.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
        At unit level.
    n_fft : int

    Returns
    -------
    levels : ndarray of shape (n_frames, n_bins)
        ``log(1 + 3000 * magnitude / level)``, of the dtype of x; 0 for silence.
    """
    window = window_of(n_fft)
    contrast = x.dtype.type(CONTRAST / level_of_bins(window))

    def encode(spectra):
        return np.log1p(contrast * np.abs(spectra))

    return stft(x, window, n_fft // OVERLAP, pad_mode="reflect", encode=encode)


def reach_of(levels, style_levels):
    """Tell how far every bin of a clip may have to go: at least about as far as it is loud.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_bins)
        Of :func:`log_levels`, where the descent begins.
    style_levels : ndarray of shape (n_bins,)
        Mean levels of the style.

    Returns
    -------
    reach : ndarray of shape (n_frames, n_bins)
        Magnitudes, 1 in the mean: the larger of what is there, and of somewhat more than the
        style's mean spectrum, as loud as the frame.
    """
    frame_levels = levels.mean(axis=1, keepdims=True)
    wanted = style_levels + (frame_levels - frame_levels.mean() + BEYOND)
    reach = np.exp(np.maximum(levels, wanted))
    return (reach / reach.mean()).astype(levels.dtype)


def steer(x, reach):
    """Filter a signal frame by frame, symmetrically.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    reach : ndarray of shape (n_frames, n_bins)
        Above zero.

    Returns
    -------
    y : ndarray of shape (n_times,)
        ``P x``, with ``P = A^T F^-1 diag(reach) F A / 1.5`` for windowed frames A x and the
        Fourier transform F: the identity for a reach of 1, up to the ends of a clip. P is
        symmetric and positive definite.
    """
    n_fft = 2 * (reach.shape[1] - 1)
    hop_length = n_fft // OVERLAP
    window = window_of(n_fft).astype(x.dtype)
    spectra = stft(x, window, hop_length)
    frames = fft.irfft(spectra * reach, n_fft, axis=1)
    # Squared windows sum to this.
    frames *= window * x.dtype.type(hop_length / np.sum(window**2))
    out = room_for(len(frames), n_fft, hop_length, x.dtype)
    add_frames(out, frames, hop_length)
    return out[n_fft // 2 :][: len(x)]


class SteeredLoss:
    """A loss of ``start + P (u - start)`` as a function of u, with peaks cut off.

    Descent on u by quasi-Newton methods is descent on the waveform, with ``P P^T`` as the first
    guess of the inverse Hessian.

    Parameters
    ----------
    loss : callable
        From a waveform to a number and its gradient.
    start : ndarray of shape (n_times,)
    reach : ndarray of shape (n_frames, n_bins)
        Of :func:`reach_of`.
    limit : float, default=inf
        Of absolute samples.
    """

    def __init__(self, loss, start, reach, limit=np.inf):
        self.loss = loss
        self.start = start
        self.reach = reach
        self.limit = limit

    def waveform(self, u):
        """Return the waveform that u stands for."""
        return np.clip(self.start + steer(u - self.start, self.reach), -self.limit, self.limit)

    def __call__(self, u):
        x = self.waveform(u)
        loss, gradient = self.loss(x)
        # Samples that are cut off do not move with u.
        return loss, steer(np.where(np.abs(x) < self.limit, gradient, 0), self.reach)


def descend_steered(loss, start, style_levels, *, max_iter, tol=0.0, max_seconds=None):
    """Lower a loss of a waveform, with steps as large as every sound allows.

    Parameters
    ----------
    loss : callable
        From a waveform to a number and its gradient.
    start : ndarray of shape (n_times,)
        At unit level.
    style_levels : ndarray of shape (n_bins,)
        Mean levels of the style.
    max_iter, tol, max_seconds
        As of :func:`descend`.

    Returns
    -------
    x : ndarray of shape (n_times,)
    losses : ndarray of shape (n_steps + 1,)
        At the start and after every step; they fall.
    """
    begin = perf_counter()
    n_fft = 2 * (len(style_levels) - 1)
    # The start's own peaks are not cut off.
    limit = max(1.001 * float(np.abs(start).max()), CREST * UNIT_RMS)
    x, losses, n_left = start, [], max_iter
    while True:
        steered = SteeredLoss(loss, x, reach_of(log_levels(x, n_fft), style_levels), limit)
        n_steps = min(n_left, STEPS)
        late = None if max_seconds is None else begin + max_seconds - perf_counter()
        u, curve = descend(steered, x, lower=-np.inf, max_iter=n_steps, tol=tol, max_seconds=late)
        x = steered.waveform(u)
        # A stage begins where the last one ended.
        losses.append(curve[min(len(losses), 1) :])
        n_left -= n_steps
        over = max_seconds is not None and perf_counter() - begin > max_seconds
        if len(curve) <= n_steps or n_left == 0 or over:
            return x, np.concatenate(losses)


def shaped_noise(n_times, spectrum, rng):
    """Make noise with the levels of a style.

    Parameters
    ----------
    n_times : int
    spectrum : ndarray of shape (3, n_bins)
        Mean, standard deviation and maximum of the levels of every bin.
    rng : Generator

    Returns
    -------
    x : float32 ndarray of shape (n_times,)
        At unit level, or silent.
    """
    mean, spread, largest = spectrum
    n_fft = 2 * (len(mean) - 1)
    shape = (frame_count(n_times, n_fft // OVERLAP), len(mean))
    levels = mean + spread * rng.standard_normal(shape, dtype=np.float32)
    magnitude = np.expm1(np.clip(levels, 0, largest))
    phase = rng.uniform(0, 2 * np.pi, shape).astype(np.float32)
    window = window_of(n_fft)
    x = istft(magnitude * np.exp(1j * phase), window, n_fft // OVERLAP, n_times)
    # Styles of a few clicks may leave nothing in a short one.
    return at_unit_level(x)[0] if level_of(x) else np.zeros(n_times, np.float32)
