"""The envelope is the filter, whatever the pitch of the source."""

import numpy as np
import pytest
from scipy import signal

from skstyle.features._envelope import FLOOR, fft_size, spectral_envelope

RATE = 16000
CENTRES = np.arange(0, RATE, 80)
N_FFT = fft_size(RATE, 71)
INSIDE = slice(20, -20)
# On harmonics of 100 and 200 Hz: between harmonics, no method can see a narrow formant.
FORMANTS = ((600, 150), (1200, 180), (2600, 250))


def vocal_tract():
    """Return the denominator of an all-pole filter and its response in dB."""
    radius = [np.exp(-np.pi * b / RATE) for _, b in FORMANTS]
    poles = [r * np.exp(2j * np.pi * f / RATE) for r, (f, _) in zip(radius, FORMANTS, strict=True)]
    a = np.poly([*poles, *np.conj(poles)]).real
    _, h = signal.freqz(1, a, worN=N_FFT // 2 + 1, include_nyquist=True)
    return a, 20 * np.log10(np.abs(h))


def excitation(f0):
    """Pulses of unit power per sample, so that the envelope is the filter itself."""
    period = RATE // f0
    e = np.zeros(RATE)
    e[::period] = np.sqrt(period)
    return e


def bin_of(frequency):
    return round(frequency * N_FFT / RATE)


def envelope_db(x, f0):
    power = spectral_envelope(x, RATE, CENTRES, np.full(len(CENTRES), float(f0)), N_FFT)
    return 10 * np.log10(power)


@pytest.mark.parametrize("f0", [100, 200])
def test_envelope_of_pulses_is_the_filter(f0):
    a, expected = vocal_tract()
    found = envelope_db(signal.lfilter([1], a, excitation(f0)), f0)[INSIDE].mean(axis=0)
    for frequency, _ in FORMANTS:
        assert found[bin_of(frequency)] == pytest.approx(expected[bin_of(frequency)], abs=1.5)
    band = slice(bin_of(300), bin_of(6000))
    assert np.sqrt(np.mean((found - expected)[band] ** 2)) < 1.5


def test_two_pitches_show_one_envelope():
    a, _ = vocal_tract()
    low, high = (
        envelope_db(signal.lfilter([1], a, excitation(f0)), f0)[INSIDE].mean(axis=0)
        for f0 in (100, 200)
    )
    band = slice(bin_of(300), bin_of(6000))
    assert np.sqrt(np.mean((low - high)[band] ** 2)) < 1.5


@pytest.mark.parametrize("f0", [100, 200])
def test_envelope_does_not_beat_with_the_pulses(f0):
    a, _ = vocal_tract()
    found = envelope_db(signal.lfilter([1], a, excitation(f0)), f0)[INSIDE]
    assert found[:, bin_of(300) : bin_of(6000)].std(axis=0).max() < 0.5


@pytest.mark.parametrize("f0", [0, 150])
def test_level_of_white_noise_is_its_variance(f0):
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    power = spectral_envelope(noise, RATE, CENTRES, np.full(len(CENTRES), float(f0)), N_FFT)
    assert 10 * np.log10(power.mean() / 0.01) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("gain", [0.01, 3.0])
def test_gain_scales_the_power(gain):
    x = excitation(125)
    f0 = np.full(len(CENTRES), 125.0)
    one = spectral_envelope(x, RATE, CENTRES, f0, N_FFT)
    other = spectral_envelope(gain * x, RATE, CENTRES, f0, N_FFT)
    loud = one > 1e-3
    np.testing.assert_allclose(other[loud], gain**2 * one[loud], rtol=1e-4)


def test_silence_is_the_floor():
    power = spectral_envelope(np.zeros(RATE), RATE, CENTRES, np.zeros(len(CENTRES)), N_FFT)
    np.testing.assert_allclose(power, FLOOR, rtol=1e-6)


def test_constant_offset_is_not_heard():
    x = excitation(125)
    f0 = np.full(len(CENTRES), 125.0)
    plain = spectral_envelope(x, RATE, CENTRES, f0, N_FFT)[INSIDE]
    offset = spectral_envelope(x + 0.5, RATE, CENTRES, f0, N_FFT)[INSIDE]
    np.testing.assert_allclose(10 * np.log10(offset / plain), 0, atol=0.5)


@pytest.mark.parametrize(("rate", "size"), [(8000, 512), (16000, 1024), (44100, 2048)])
def test_transform_holds_three_periods(rate, size):
    assert fft_size(rate, 71) == size
    assert size > 3 * rate / 71


def test_block_size_leaves_no_seam(speakers):
    x = speakers[0][0].astype(float)
    centres = np.arange(0, len(x), 20)
    assert len(centres) > 512
    f0 = np.full(len(centres), 120.0)
    whole = spectral_envelope(x, RATE, centres, f0, N_FFT)
    part = spectral_envelope(x, RATE, centres[250:262], f0[250:262], N_FFT)
    np.testing.assert_allclose(whole[250:262], part, rtol=1e-8)
