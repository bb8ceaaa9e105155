"""Where textures begin."""

import numpy as np
import pytest

from skstyle.transfer import Style
from skstyle.transfer._style_approach import noise_like


def style(n_bins=40):
    mean = np.linspace(2, 6, n_bins)
    spectrum = np.stack([mean, 0.1 * mean, 2 * mean]).astype(np.float32)
    return Style([], spectrum, {})


def test_noise_has_the_mean_and_the_spread_of_every_bin():
    mean, spread, _ = style().spectrum
    noise = noise_like(style(), 20000, np.random.default_rng(0))
    assert noise.shape == (20000, 40) and noise.dtype == np.float32
    np.testing.assert_allclose(noise.mean(axis=0), mean, rtol=0.02)
    np.testing.assert_allclose(noise.std(axis=0), spread, rtol=0.15)


def test_neighbours_are_alike_in_time_and_frequency():
    mean, spread, _ = style().spectrum
    noise = (noise_like(style(), 5000, np.random.default_rng(0)) - mean) / spread
    for n_frames, n_bins, low, high in (
        (1, 0, 0.7, 0.9),
        (0, 1, 0.6, 0.8),
        (0, 9, 0.3, 0.5),
        (9, 0, -0.1, 0.1),
    ):
        a, b = noise[n_frames:, n_bins:], noise[: 5000 - n_frames, : 40 - n_bins]
        assert low < np.corrcoef(a.ravel(), b.ravel())[0, 1] < high


@pytest.mark.parametrize("n_frames", [1, 2, 3])
def test_few_frames_are_noise_too(n_frames):
    one, two = (noise_like(style(3), n_frames, np.random.default_rng(i)) for i in (0, 1))
    assert np.isfinite(one).all() and not np.array_equal(one, two)
    assert one.min() >= 0 and one.max() <= style(3).spectrum[2].max()
