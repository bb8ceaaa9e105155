"""Synthetic textures: lengths, levels, and what tells them apart."""

import numpy as np
import pytest

from skstyle.datasets import make_texture


@pytest.mark.parametrize("kind", ["fire", "rain", "sea"])
@pytest.mark.parametrize("sample_rate", [8000, 16000, 44100])
def test_length_level_and_peak(kind, sample_rate):
    x = make_texture(kind, 1.5, sample_rate=sample_rate, random_state=0)
    assert x.shape == (1.5 * sample_rate,)
    assert x.dtype == np.float32
    assert np.abs(x).max() <= 0.9 + 1e-6
    assert 0.02 < np.sqrt(np.mean(x.astype(float) ** 2)) < 0.1 + 1e-6


def test_same_seed_same_bytes():
    a, b, c = (make_texture("rain", 1.0, random_state=seed) for seed in (0, 0, 1))
    assert a.tobytes() == b.tobytes() != c.tobytes()


def test_fire_crackles_and_the_sea_swells():
    def kurtosis(x):
        return np.mean(x**4) / np.mean(x**2) ** 2

    def loudness(x):
        return np.sqrt(np.mean(x[: len(x) // 4000 * 4000].reshape(-1, 4000) ** 2, axis=1))

    fire, sea = (make_texture(kind, 7.0, random_state=0).astype(float) for kind in ("fire", "sea"))
    assert kurtosis(np.diff(fire, n=2)) > 3 * kurtosis(sea)
    assert loudness(sea).max() > 2 * loudness(sea).min()


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"kind": "snow"}, ValueError, "kind must be one of"),
        ({"sample_rate": 1000}, ValueError, "at least 4000 Hz"),
        ({"duration": 0}, ValueError, "above 0 s"),
        ({"duration": np.inf}, ValueError, "above 0 s"),
        ({"duration": "long"}, TypeError, "must be a number"),
    ],
)
def test_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        make_texture(**parameters)
