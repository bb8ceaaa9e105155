"""Spectra that gradients pass through."""

import numpy as np
import pytest
import torch

from skstyle.signal._fourier import frame_count, stft
from skstyle.transfer import RandomConvFeatures
from skstyle.transfer._levels import UNIT_RMS
from skstyle.transfer._style import Style
from skstyle.transfer._style_loss import StyleLoss
from skstyle.transfer._style_statistics import STATISTICS
from skstyle.transfer._waveform_spectra import (
    SPECTRA,
    WaveformActivations,
    encode,
    level_of_bins,
    shortest,
    spectra_of,
    window_of,
)


def noise(n_times, seed=0, dtype=np.float64):
    x = np.random.default_rng(seed).standard_normal(n_times)
    return (UNIT_RMS * x).astype(dtype)


@pytest.mark.parametrize("n_fft", [8, 12, 256])
@pytest.mark.parametrize("n_times", [1, 63, 64, 65, 1000])
def test_spectra_are_those_of_the_transform_of_signals(n_times, n_fft):
    x, window = noise(n_times), window_of(n_fft)
    ours = spectra_of(torch.from_numpy(x), torch.from_numpy(window))
    np.testing.assert_allclose(
        ours.numpy(), stft(x, window, n_fft // 4, pad_mode="reflect"), atol=1e-13
    )


def test_noise_at_unit_level_has_the_level_of_bins():
    window = window_of(256)
    magnitude = np.abs(stft(noise(50000), window, 64))
    assert np.sqrt(np.mean(magnitude[4:-4] ** 2)) == pytest.approx(level_of_bins(window), rel=0.01)


def test_magnitudes_are_compressed():
    spectra = torch.tensor([[0, 1e-9, 0.5j, -1, 3 + 4j]], dtype=torch.complex128)
    z = encode(spectra, 1000, "log1p")[0].numpy()
    np.testing.assert_allclose(z[:2], 0, atol=1e-6)
    np.testing.assert_allclose(z[2:], np.log([500, 1000, 5000]), rtol=1e-6)


def test_parts_have_compressed_magnitudes_and_the_phases():
    spectra = torch.tensor([[0, 0.5j, -1, 3 + 4j]], dtype=torch.complex128)
    z = encode(spectra, 1000, "real-imag")
    assert z.shape == (1, 8)
    parts = torch.complex(*z[0].view(2, 4)).numpy()
    np.testing.assert_allclose(np.abs(parts), encode(spectra, 1000, "log1p")[0], rtol=1e-6)
    np.testing.assert_allclose(np.angle(parts[1:]), np.angle(spectra[0, 1:]), atol=1e-12)


@pytest.mark.parametrize("what", SPECTRA)
@pytest.mark.parametrize("style_statistic", ["gram", "centred-gram", "moments"])
def test_gradient_for_the_waveform_agrees_with_finite_differences(what, style_statistic):
    class Linear:
        """In float64: it takes the place of the float32 filters."""

        def build(self, n_columns, device):
            generator = torch.Generator().manual_seed(n_columns)
            W = torch.randn(5, n_columns, 3, generator=generator, dtype=torch.float64)
            return lambda z: [torch.conv1d(z.T[None].to(W), W, padding=1)[0].tanh()]

    # A low contrast: digital silence is sharp otherwise.
    activations = WaveformActivations([Linear(), Linear()], (8, 16), what, 2.0)
    statistic = STATISTICS[style_statistic]
    with torch.no_grad():
        layers = activations(torch.from_numpy(noise(90, 1)))
    style = [{k: a.numpy() for k, a in statistic(F).items()} for F in layers]
    loss = StyleLoss(
        activations,
        statistic,
        Style(style, np.ones((3, 5)), {}),
        layer_weights=[0.3, 0.7],
        content_weight=0.5,
        style_weight=2.0,
        content=noise(70, 2),
    )

    def total(x):
        content, style = loss.parts(x)
        return 0.5 * content + 2.0 * style

    x = torch.from_numpy(noise(70, 3)).requires_grad_()
    assert torch.autograd.gradcheck(total, x, eps=1e-7, atol=1e-5)


@pytest.mark.parametrize("what", SPECTRA)
def test_silence_is_flat(what):
    activations = WaveformActivations([RandomConvFeatures((3,), n_filters=4)], (8,), what, 1000)
    x = torch.zeros(50, requires_grad=True)
    sum(layer.square().sum() for layer in activations(x)).backward()
    assert not x.grad.any()


def test_layers_of_every_window():
    features = [RandomConvFeatures((3, 5), n_filters=4, random_state=0)] * 2
    activations = WaveformActivations(features, (16, 64), "real-imag", 1000)
    layers = activations(torch.from_numpy(noise(200, dtype=np.float32)))
    frames = [frame_count(200, n) for n in (4, 4, 16, 16)]
    assert [tuple(layer.shape) for layer in layers] == [(4, n) for n in frames]
    assert all(layer.dtype == torch.float32 for layer in layers)


@pytest.mark.parametrize("widest", [1, 2, 11])
def test_shortest_has_enough_frames_and_one_sample_less_has_not(widest):
    n_times = shortest([widest], [64])
    assert frame_count(max(n_times, 1), 16) >= widest
    assert widest < 2 or frame_count(n_times - 1, 16) < widest or n_times <= 2
