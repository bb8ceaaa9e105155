"""Costs of frames of a style for frames of a content."""

import numpy as np
import pytest

from skstyle.transfer._frame_costs import BLOCK_FRAMES, FrameFeatures, fine_spectrum, frame_costs
from skstyle.transfer._levels import at_unit_level, make_analysis


def random_features(n, seed):
    rng = np.random.default_rng(seed)
    fine = rng.normal(size=(n, 9)).astype(np.float32)
    fine /= np.linalg.norm(fine, axis=1, keepdims=True)
    pitch = np.where(rng.random(n) < 0.3, np.nan, rng.uniform(-5, 5, n))
    return FrameFeatures(rng.normal(scale=20, size=(n, 6)).astype(np.float32), fine, pitch)


def test_costs_are_those_of_the_formula():
    wanted, offered = random_features(2 * BLOCK_FRAMES + 3, 0), random_features(40, 1)
    extra = np.random.default_rng(2).random(40)
    got = np.concatenate([c.copy() for c in frame_costs(wanted, offered, extra, (20.0, 5.0))])
    mel = np.sqrt(((wanted.mel[:, None] - offered.mel) ** 2).mean(axis=-1))
    fine = 20 * (1 - wanted.fine @ offered.fine.T)
    interval = np.minimum(np.abs(wanted.pitch[:, None] - offered.pitch), 2.0)
    expected = mel + fine + 5 * np.where(np.isnan(interval), 0, interval) + extra
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-3)
    assert got.dtype == np.float32


def test_memory_is_that_of_a_block():
    wanted, offered = random_features(1000, 0), random_features(30, 1)
    shapes = {c.shape for c in frame_costs(wanted, offered, np.zeros(30), (1.0, 1.0))}
    assert shapes == {(BLOCK_FRAMES, 30), (1000 % BLOCK_FRAMES, 30)}


def test_inputs_are_kept():
    wanted, offered = random_features(10, 0), random_features(30, 1)
    for a in (*wanted, *offered):
        a.flags.writeable = False
    (costs,) = frame_costs(wanted, offered, np.zeros(30), (1.0, 1.0))
    assert costs.shape == (10, 30) and np.isfinite(costs).all()
    for kept, made in zip(
        (*wanted, *offered), (*random_features(10, 0), *random_features(30, 1)), strict=True
    ):
        np.testing.assert_array_equal(kept, made)


def harmonics(f0, slope):
    t = np.arange(8000) / 16000
    x = sum(k**-slope * np.sin(2 * np.pi * f0 * k * t) for k in range(1, 15))
    return at_unit_level(x + 0.001 * np.random.default_rng(0).standard_normal(8000))[0]


def test_fine_spectra_tell_pitches_and_not_envelopes():
    analysis = make_analysis(16000, 40)
    a, b, c = (
        fine_spectrum(harmonics(*tone), analysis)[15] for tone in ((220, 1), (220, 2), (247, 1))
    )
    assert np.linalg.norm(a) == pytest.approx(1, abs=1e-5)
    assert a @ b > 0.8
    assert a @ c < 0.4


@pytest.mark.parametrize("sample_rate", [1000, 8000, 44100])
def test_silence_has_no_fine_spectrum(sample_rate):
    fine = fine_spectrum(np.zeros(500, np.float32), make_analysis(sample_rate, 4))
    assert fine.dtype == np.float32 and not fine.any()
