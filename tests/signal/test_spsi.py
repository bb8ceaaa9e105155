"""Peaks, their frequencies, and the phases that follow."""

import numpy as np
import pytest
from scipy.signal import get_window

from skstyle.signal import reconstruct_phase
from skstyle.signal._fourier import stft
from skstyle.signal._spsi import BLOCK, own_peaks, peak_frequencies, spsi

N_FFT, HOP = 512, 64
WINDOW = get_window("hann", N_FFT)


def test_every_bin_belongs_to_the_peak_up_its_slope():
    magnitude = np.array(
        [
            [0, 1, 3, 2, 1, 2, 5, 4.0],
            [5, 4, 3, 2, 1, 0, 0, 1],
            [1, 2, 3, 4, 5, 6, 7, 8],
        ]
    )
    expected = [[2, 2, 2, 2, 2, 6, 6, 6], [0, 0, 0, 0, 0, 0, 7, 7], [7] * 8]
    np.testing.assert_array_equal(own_peaks(magnitude), expected)


@pytest.mark.parametrize("row", [np.zeros(5), np.ones(5), np.eye(1, 5, 2)[0]])
def test_plateaus_have_peaks_too(row):
    peaks = own_peaks(row[None])
    np.testing.assert_array_equal(np.take_along_axis(peaks, peaks, axis=1), peaks)


def test_own_peaks_are_no_lower_than_the_bins():
    magnitude = np.random.default_rng(0).uniform(size=(50, 40))
    peaks = own_peaks(magnitude)
    assert (np.take_along_axis(magnitude, peaks, axis=1) >= magnitude).all()
    np.testing.assert_array_equal(np.take_along_axis(peaks, peaks, axis=1), peaks)


def test_top_of_a_parabola():
    bins = np.arange(9.0)
    magnitude = 10 - (bins - 4.3) ** 2
    assert peak_frequencies(magnitude[None])[0, 4] == pytest.approx(4.3)


@pytest.mark.parametrize("row", [np.zeros(5), np.ones(5), np.arange(5.0)])
def test_flat_or_steep_spectra_have_frequencies_of_their_bins(row):
    np.testing.assert_array_equal(peak_frequencies(row[None])[0], np.arange(5))


@pytest.mark.parametrize("frequency", [0.05, 0.0731, 0.41])
def test_a_sinusoid_is_found_at_once(frequency):
    x = np.cos(2 * np.pi * frequency * np.arange(8000))
    magnitude = np.abs(stft(x, WINDOW, HOP))
    convergence = reconstruct_phase(magnitude, WINDOW, HOP, method="spsi", n_times=8000)[1]
    assert convergence[0] < 0.15
    phase = spsi(magnitude, WINDOW, HOP)[20:-20, round(frequency * N_FFT)]
    steps = np.angle(np.exp(1j * (np.diff(phase) - 2 * np.pi * frequency * HOP)))
    # The parabola through the magnitudes is off by less than a tenth of a bin.
    assert np.abs(steps).max() < 2 * np.pi * 0.1 * HOP / N_FFT


def test_blocks_are_invisible():
    magnitude = np.random.default_rng(0).uniform(size=(BLOCK + 50, 33))
    window = get_window("hann", 64)
    whole = spsi(magnitude, window, 16)
    np.testing.assert_allclose(spsi(magnitude[: BLOCK - 3], window, 16), whole[: BLOCK - 3])
