"""Multi-resolution STFT distance: librosa's spectra in the formula of the paper."""

import numpy as np
import pytest

from skstyle.metrics import multi_resolution_stft_distance as distance

RATE = 16000


def by_librosa(a, b, resolutions=((512, 50, 240), (1024, 120, 600), (2048, 240, 1200))):
    librosa = pytest.importorskip("librosa")
    total = 0.0
    for n_fft, hop, win in resolutions:
        s, t = (
            np.abs(librosa.stft(0.1 * x / np.sqrt(np.mean(x**2)), n_fft=n_fft, hop_length=hop,
                                win_length=win)) for x in (a, b)
        )  # fmt: skip
        n = min(s.shape[1], t.shape[1])
        s, t = s[:, :n], t[:, :n]
        logs = [np.log(np.maximum(z, 10**-3.5)) for z in (s, t)]
        total += np.linalg.norm(s - t) / np.linalg.norm(s) + np.abs(logs[0] - logs[1]).mean()
    return total / len(resolutions)


@pytest.mark.parametrize("cut", [0, 1, 3000])
def test_librosa_agrees(speakers, cut):
    for x, y in zip(*(part[:2] for part in speakers), strict=True):
        x, y = x[: len(x) - cut].astype(float), y.astype(float)
        assert distance([y], [x], sample_rate=RATE) == pytest.approx(by_librosa(y, x), rel=1e-5)


def test_resolutions_are_chosen(speakers):
    x, y = (part[0].astype(float) for part in speakers)
    settings = {"n_ffts": [256], "hop_lengths": [64], "win_lengths": [200]}
    value = distance([y], [x], sample_rate=RATE, **settings)
    assert value == pytest.approx(by_librosa(y, x, [(256, 64, 200)]), rel=1e-5)


@pytest.mark.parametrize("gain", [0.5, 0.25, 2.0])
def test_gains_are_told_without_a_level(gain):
    x = np.random.default_rng(0).standard_normal(8000)
    value = distance([x], [gain * x], sample_rate=RATE, level_db=None)
    assert value == pytest.approx(abs(1 - gain) + abs(np.log(gain)), rel=1e-3)


def test_the_floor_hides_what_lies_below():
    x = np.random.default_rng(0).standard_normal(8000)
    quiet = [1e-6 * x, 3e-6 * x]
    half = distance(quiet[:1], quiet[1:], sample_rate=RATE, level_db=None)
    assert half == pytest.approx(2.0)  # the first half of it has no floor
    lower = distance(quiet[:1], quiet[1:], sample_rate=RATE, level_db=None, floor_db=-300)
    assert lower == pytest.approx(2.0 + np.log(3), rel=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_ffts": (512,)}, "1 n_ffts, 3 hop_lengths, 3 win_lengths"),
        ({"n_ffts": 512}, "n_ffts must be a tuple of integers"),
        ({"hop_lengths": ()}, "hop_lengths must be a tuple"),
        ({"win_lengths": (240, 600, 4000)}, "win_length=4000 is longer than n_fft=2048"),
        ({"floor_db": None}, "floor_db must be a number of dB"),
    ],
)
def test_impossible_settings(speakers, settings, message):
    with pytest.raises(ValueError, match=message):
        distance(*speakers, sample_rate=RATE, **settings)
