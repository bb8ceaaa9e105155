"""Spectral convergence: its formula, relative to the true side."""

import numpy as np
import pytest
from scipy.signal import get_window

from skstyle.metrics import spectral_convergence

RATE = 16000


def by_hand(a, b, n_fft=1024, hop_length=256):
    """Frames cut one by one out of clips at -20 dB, with zeros around them."""
    window = get_window("hann", n_fft)
    spectra = []
    for x in (a, b):
        x = np.pad(0.1 * x / np.sqrt(np.mean(x**2)), n_fft // 2)
        starts = range(0, len(x) - n_fft + 1, hop_length)
        spectra.append(np.abs([np.fft.rfft(window * x[s : s + n_fft]) for s in starts]))
    n_frames = min(map(len, spectra))
    a, b = (s[:n_frames] for s in spectra)
    return np.sqrt(((a - b) ** 2).sum() / (a**2).sum())


@pytest.mark.parametrize("cut", [0, 1, 3000])
def test_formula(speakers, cut):
    for x, y in zip(*(part[:2] for part in speakers), strict=True):
        x, y = x[: len(x) - cut].astype(float), y.astype(float)
        assert spectral_convergence([y], [x], sample_rate=RATE) == pytest.approx(by_hand(y, x))


def test_settings_reach_the_analysis(speakers):
    x, y = (part[0].astype(float) for part in speakers)
    value = spectral_convergence([y], [x], sample_rate=RATE, n_fft=512, hop_length=100)
    assert value == pytest.approx(by_hand(y, x, 512, 100))


def test_half_the_amplitude_is_half_and_double_is_one(speakers):
    X = [x.astype(float) for x in speakers[0][:2]]
    measure = {"sample_rate": RATE, "level_db": None}
    assert spectral_convergence(X, [x / 2 for x in X], **measure) == pytest.approx(0.5)
    assert spectral_convergence([x / 2 for x in X], X, **measure) == pytest.approx(1.0)
    assert spectral_convergence(X, [-x for x in X], **measure) == 0


def test_magnitudes_are_compared_as_they_are():
    a = np.array([[3.0, 4.0]])
    assert spectral_convergence([a], [a]) == 0
    assert spectral_convergence([a], [a + [[0, 1]]]) == pytest.approx(0.2)
    assert spectral_convergence([a], [np.vstack([a, 9 * a])]) == 0  # up to the shorter end
    assert spectral_convergence([0 * a], [a]) == np.inf
    with pytest.raises(ValueError, match="y_true has 2 features and y_pred has 1"):
        spectral_convergence([a], [a[:, :1]])


def test_signals_need_a_rate(speakers):
    with pytest.raises(ValueError, match="Signals need their sample rate"):
        spectral_convergence(*speakers)
