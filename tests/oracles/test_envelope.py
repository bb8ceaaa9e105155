"""The spectral envelope beside CheapTrick's, both with the pitch of harvest."""

import numpy as np
import pytest

from skstyle.features._envelope import fft_size, spectral_envelope

pytest.importorskip("pyworld", reason="pyworld is not here: make test-oracles builds it")


def test_size_of_the_transform(speech, world):
    assert fft_size(speech.sample_rate, 71.0) == 2 * (world[0].envelope.shape[1] - 1)


def test_envelope(speech, world):
    """Measured: 0.24 dB on synthetic speech, 0.33 dB on real speech."""
    differences = []
    for clip, frames in zip(speech.clips, world, strict=True):
        centres = np.round(frames.times * speech.sample_rate).astype(int)
        n_fft = 2 * (frames.envelope.shape[1] - 1)
        power = spectral_envelope(clip, speech.sample_rate, centres, frames.f0, n_fft)
        differences.append(10 * np.log10(power / frames.envelope)[frames.loud])
    differences = np.concatenate(differences)
    assert np.abs(differences).mean() < 0.4
    # The level is that of a power spectral density in both.
    assert abs(np.median(differences)) < 0.1


def test_voiced_frames_at_other_rates():
    """Measured: 0.01 to 0.02 dB on a steady sound."""
    import pyworld

    for rate in (8000, 44100, 48000):
        rng = np.random.default_rng(0)
        pulses = np.zeros(rate)
        pulses[:: rate // 125] = 1.0
        clip = pulses + 0.003 * rng.standard_normal(rate)
        times = np.arange(20, 180) * 0.005
        f0 = np.full(len(times), rate / (rate // 125))
        n_fft = fft_size(rate, 71.0)
        expected = pyworld.cheaptrick(clip, f0, times, rate, fft_size=n_fft)
        centres = np.round(times * rate).astype(int)
        found = spectral_envelope(clip, rate, centres, f0, n_fft)
        assert np.abs(10 * np.log10(found / expected)).mean() < 0.1
