"""A synthetic speaker, who renders a score: vocal tract, pitch, bandwidths and tilt."""

from collections import namedtuple

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.integrate import cumulative_trapezoid

from ._spoken_score import F0_HZ, VOICING_MIN

# Per fricative: corner of the high-pass and centre of the peak in Hz, width in octaves.
_FRICATION = ((3800, 6200, 0.45), (1900, 3000, 0.5), (1200, 6500, 1.5))

_BANDWIDTHS = np.array([70.0, 90.0, 130.0, 200.0])
# Formants above F4 are those of a uniform tube: the odd multiples of 500 Hz.
_TUBE_FORMANTS = np.array([500.0, 1500.0, 2500.0, 3500.0])
_TUBE_BANDWIDTH = 250.0
_PEAK = 0.5
_RESPONSE_S = 0.064
# Room before each pulse for the ringing of its band-limited onset.
_LEAD = 32

Speaker = namedtuple("Speaker", ["tract", "f0", "bandwidth", "glottis_hz", "tilt_hz"])
Speaker.__doc__ = """Formants, pitch and bandwidths as multiples of the score's; corners of the
glottal pulse and of the spectral tilt in Hz."""


def render(score, speaker, n_times, rate, noise, turbulence_seed, noise_seed):
    """Let a speaker say a score.

    Parameters
    ----------
    score : Score
    speaker : Speaker
    n_times : int
    rate : float
        In Hz.
    noise : float
        Standard deviation of the background noise.
    turbulence_seed, noise_seed : int
        Of fricatives and of the background noise.

    Returns
    -------
    clip : ndarray of shape (n_times,), float32
    """
    clip = _voice(score, speaker, n_times, rate)
    clip += _fricate(score, speaker, n_times, rate, np.random.RandomState(turbulence_seed))
    clip *= _PEAK / max(np.abs(clip).max(), np.finfo(float).tiny)
    clip += noise * np.random.RandomState(noise_seed).standard_normal(n_times)
    return clip.astype(np.float32)


def _voice(score, speaker, n_times, rate):
    """Add up glottal pulses, each through the vocal tract of its moment."""
    cycles = cumulative_trapezoid(speaker.f0 * score.f0, score.times, initial=0)
    at = np.interp(np.arange(1, int(cycles[-1]) + 1), cycles, score.times)
    gain = np.interp(at, score.times, score.voicing)
    at, gain = at[gain > VOICING_MIN], gain[gain > VOICING_MIN]
    formants = np.stack([np.interp(at, score.times, track) for track in score.formants.T], axis=1)

    n_fft = next_fast_len(2 * _LEAD + round(_RESPONSE_S * rate), real=True)
    freqs = np.fft.rfftfreq(n_fft, 1 / rate)
    spectra = _tract_response(freqs, np.exp(formants), speaker)
    # All pulses get the same energy (power 1 at 120 Hz): the score alone sets how loud a vowel is.
    power = 2 * np.einsum("pf,pf->p", spectra.real, spectra.real)
    power += 2 * np.einsum("pf,pf->p", spectra.imag, spectra.imag)
    gain = gain * np.sqrt(rate / F0_HZ * n_fft / power)
    first = np.floor(at * rate).astype(int)
    delay = at * rate - first + _LEAD
    spectra *= gain[:, None] * np.exp(-2j * np.pi / rate * delay[:, None] * freqs)
    pulses = irfft(spectra, n_fft, axis=1)

    where = first[:, None] + np.arange(n_fft)
    n_sum = n_times + _LEAD + n_fft
    total = np.bincount(where.ravel(), weights=pulses.ravel(), minlength=n_sum)
    # Without any pulse, bincount answers with integers.
    return total[_LEAD : _LEAD + n_times].astype(float, copy=False)


def _tract_response(freqs, formants, speaker):
    """Return the spectra of glottal pulses through a vocal tract.

    Parameters
    ----------
    freqs : ndarray of shape (n_freqs,)
        In Hz.
    formants : ndarray of shape (n_pulses, 4)
        In Hz, of the source.
    speaker : Speaker

    Returns
    -------
    spectra : ndarray of shape (n_pulses, n_freqs), complex
    """
    jf = 1j * freqs
    fixed = jf / ((1 + jf / speaker.glottis_hz) ** 2 * (1 + jf / speaker.tilt_hz))
    # All resonances of the uniform tube in closed form, without its first four.
    tube = jf / speaker.tract
    fixed /= np.cosh(np.pi / 1000 * (tube + _TUBE_BANDWIDTH / 2))
    for centre in _TUBE_FORMANTS:
        rho2 = centre**2 + _TUBE_BANDWIDTH**2 / 4
        fixed *= 1 + tube * (tube + _TUBE_BANDWIDTH) / rho2
    # Fading out the last tenth of the band keeps the band limit from ringing.
    fixed *= np.cos(np.pi / 2 * np.clip(freqs / freqs[-1] * 10 - 9, 0, 1)) ** 2
    bandwidths = speaker.bandwidth * _BANDWIDTHS
    rho2 = (speaker.tract * formants) ** 2 + bandwidths**2 / 4
    denominator = np.ones((len(formants), len(freqs)), dtype=complex)
    for i, bandwidth in enumerate(bandwidths):
        denominator *= (rho2[:, i, None] - freqs**2) + jf * bandwidth
    return rho2.prod(axis=1, keepdims=True) * fixed / denominator


def _fricate(score, speaker, n_times, rate, rng):
    """Filter white noise into fricatives, each with its own gain over time."""
    n_fft = next_fast_len(n_times, real=True)
    # White noise of one power per Hz, whatever the rate.
    white = rfft(rng.standard_normal(n_times) * np.sqrt(rate / 16000), n_fft)
    freqs = np.fft.rfftfreq(n_fft, 1 / rate)
    times = np.arange(n_times) / rate
    total = np.zeros(n_times)
    for gain, (corner, peak, octaves) in zip(score.frication, _FRICATION, strict=True):
        high = (freqs / (speaker.tract * corner)) ** 2
        distance = np.log2(np.maximum(freqs, 1) / (speaker.tract * peak)) / octaves
        shape = high / np.sqrt(1 + high**2) * np.exp(-0.5 * distance**2)
        total += np.interp(times, score.times, gain) * irfft(white * shape, n_fft)[:n_times]
    return total
