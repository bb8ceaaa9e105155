"""Frame by frame: nothing later than the look ahead matters, and the result is good."""

import numpy as np
import pytest
from scipy.signal import get_window

from skstyle.signal import reconstruct_phase
from skstyle.signal._fourier import stft
from skstyle.signal._rtisi import rtisi_la

WINDOW, HOP, N_TIMES = get_window("hann", 64), 16, 800


@pytest.fixture(scope="module")
def magnitude():
    """Magnitudes of noise, 51 frames."""
    return np.abs(stft(np.random.default_rng(0).standard_normal(N_TIMES), WINDOW, HOP))


def test_later_frames_do_not_matter(magnitude):
    """A frame is kept when the three that overlap it behind have entered."""
    spectra = rtisi_la(magnitude, WINDOW, HOP, N_TIMES, n_iter=8)
    changed = magnitude.copy()
    changed[20:] *= 3
    other = rtisi_la(changed, WINDOW, HOP, N_TIMES, n_iter=8)
    np.testing.assert_array_equal(other[:17], spectra[:17])
    assert (other[17:] != spectra[17:]).any(axis=1).all()


@pytest.mark.parametrize("n_frames", [1, 2, 3, 4, 5])
def test_clips_of_few_frames(magnitude, n_frames):
    part = magnitude[:n_frames]
    spectra = rtisi_la(part, WINDOW, HOP, (n_frames - 1) * HOP + 1, n_iter=4)
    np.testing.assert_allclose(np.abs(spectra), part)


def test_more_rounds_are_better(magnitude):
    few, many = (
        reconstruct_phase(magnitude, WINDOW, HOP, method="rtisi-la", n_iter=n, n_times=N_TIMES)[1]
        for n in (4, 64)
    )
    assert many[-1] < few[-1] < 0.5


def test_as_good_as_as_many_plain_iterations(speakers):
    x, window = speakers[0][0], get_window("hann", 512)
    magnitude = np.abs(stft(x, window, 128))
    one, other = (
        reconstruct_phase(magnitude, window, 128, method=m, init="zeros", n_times=len(x))[1][-1]
        for m in ("rtisi-la", "griffin-lim")
    )
    assert one < other


@pytest.mark.parametrize("hop", [5, 16, 32, 63])
def test_any_hop(hop):
    window = get_window("hamming", 64)
    magnitude = np.abs(stft(np.random.default_rng(0).standard_normal(500), window, hop))
    spectra = rtisi_la(magnitude, window, hop, 500, n_iter=8)
    np.testing.assert_allclose(np.abs(spectra), magnitude)
