"""Mel filters are those in use, and the least squares are those of the textbook."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from skstyle.features._mel import (
    BLOCK,
    clipped_pseudo_inverse,
    hz_to_mel,
    mel_filters,
    mel_to_hz,
    nonnegative_inverse,
    solve_tridiagonal,
)

SETTINGS = [
    {"n_fft": 512, "n_mels": 40, "mel_scale": "slaney", "norm": "slaney"},
    {"n_fft": 1024, "n_mels": 80, "mel_scale": "slaney", "norm": None},
    {"n_fft": 501, "n_mels": 23, "mel_scale": "htk", "norm": "slaney"},
]


def filters(n_fft=512, n_mels=40, mel_scale="slaney", norm="slaney", f_min_hz=0, f_max_hz=8000):
    """Filters of a rate of 16 kHz."""
    return mel_filters(16000, n_fft, n_mels, f_min_hz, f_max_hz, mel_scale=mel_scale, norm=norm)[0]


def speech_like(n_frames, n_bins, seed=0):
    """Power spectra that fall by 60 dB, with harmonics."""
    rng = np.random.default_rng(seed)
    bins = np.arange(n_bins)
    harmonics = 1.01 + np.cos(2 * np.pi * bins / rng.uniform(4, 9, (n_frames, 1)))
    return harmonics * 10 ** (-6 * bins / n_bins) * rng.exponential(size=(n_frames, n_bins))


@pytest.mark.parametrize("scale", ["slaney", "htk"])
def test_scales_are_inverted(scale):
    hz = np.array([0, 1, 440, 999.9, 1000, 1000.1, 8000, 22050])
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(hz, scale), scale), hz, atol=1e-9)


def test_known_points_of_the_scales():
    assert hz_to_mel(1000, "htk") == pytest.approx(1000, abs=0.1)
    np.testing.assert_allclose(hz_to_mel([200, 1000, 6400]), [3, 15, 42])


@pytest.mark.parametrize("parameters", SETTINGS)
@pytest.mark.parametrize("span", [(0, 8000), (80, 7600)])
def test_librosa_has_the_same_filters(parameters, span):
    librosa = pytest.importorskip("librosa")
    ours = filters(**parameters, f_min_hz=span[0], f_max_hz=span[1])
    theirs = librosa.filters.mel(
        sr=16000,
        n_fft=parameters["n_fft"],
        n_mels=parameters["n_mels"],
        fmin=span[0],
        fmax=span[1],
        htk=parameters["mel_scale"] == "htk",
        norm=parameters["norm"],
        dtype=np.float64,
    )
    np.testing.assert_allclose(ours, theirs.T, atol=1e-14)


def test_area_and_peak_of_a_filter():
    areas = filters(n_fft=2**15).sum(axis=0) * 16000 / 2**15
    np.testing.assert_allclose(areas, 1, rtol=1e-3)
    np.testing.assert_allclose(filters(n_fft=2**15, norm=None).max(axis=0), 1, rtol=0.01)


def test_tridiagonal_systems():
    rng = np.random.default_rng(0)
    diagonal, beside = rng.uniform(2, 3, (6, 4)), rng.uniform(-1, 1, (5, 4))
    right = rng.normal(size=(6, 4))
    x = solve_tridiagonal(diagonal, beside, right)
    for k in range(4):
        matrix = np.diag(diagonal[:, k]) + np.diag(beside[:, k], 1) + np.diag(beside[:, k], -1)
        np.testing.assert_allclose(matrix @ x[:, k], right[:, k])


def optimality(spectra, bands, weights):
    """Largest violation of the conditions of Karush, Kuhn and Tucker, beside the bands."""
    gradient = (spectra @ weights - bands) @ weights.T
    violation = np.where(spectra > 1e-9 * spectra.max(), np.abs(gradient), np.maximum(-gradient, 0))
    return violation.max() / (np.abs(bands).max() * weights.max())


@pytest.mark.parametrize("parameters", SETTINGS)
def test_bands_of_spectra_are_met_exactly(parameters):
    weights = filters(**parameters)
    bands = speech_like(2 * BLOCK + 3, len(weights)) @ weights
    found = nonnegative_inverse(bands, weights)
    assert found.min() >= 0
    np.testing.assert_allclose(found @ weights, bands, atol=1e-8 * bands.max())
    # not only beside the loudest band
    errors = np.abs(found @ weights - bands) / bands
    assert np.median(errors) < 1e-4


@pytest.mark.parametrize("kind", ["steps", "gaps", "negative"])
@pytest.mark.parametrize("parameters", SETTINGS)
def test_bands_of_no_spectrum_are_met_in_least_squares(kind, parameters):
    """Beside scipy, whose own residual is taken: that which it reports may be wrong."""
    rng = np.random.default_rng(0)
    weights = filters(**parameters)
    bands = speech_like(12, len(weights)) @ weights
    if kind == "steps":
        bands *= np.exp(rng.normal(size=bands.shape))
    elif kind == "gaps":
        bands *= rng.random(bands.shape) > 0.3
    else:
        bands = rng.normal(size=bands.shape)
    found = nonnegative_inverse(bands, weights)
    assert optimality(found, bands, weights) < 1e-6
    scipys = np.array([nnls(weights.T, b / b.max())[0] * b.max() for b in bands])
    residual, best = (np.linalg.norm(p @ weights - bands, axis=1) for p in (found, scipys))
    assert (residual <= best + 1e-6 * np.linalg.norm(bands, axis=1)).all()


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    n_mels=st.integers(1, 30),
    exponent=st.integers(-200, 200),
    sparsity=st.floats(0, 1),
)
def test_nonnegative_inverse_is_optimal_at_every_level(seed, n_mels, exponent, sparsity):
    rng = np.random.default_rng(seed)
    weights = filters(n_fft=256, n_mels=n_mels)
    bands = rng.normal(0.5, 1, (3, n_mels)) * (rng.random((3, n_mels)) > sparsity)
    found = nonnegative_inverse(bands, weights)
    for b, p in zip(bands, found, strict=True):
        if b.any():
            assert optimality(p[None], b[None], weights) < 1e-6
        else:
            assert not p.any()
    scale = 2.0**exponent
    np.testing.assert_array_equal(nonnegative_inverse(scale * bands, weights), scale * found)


def test_spectra_do_not_depend_on_their_neighbours():
    weights = filters()
    bands = speech_like(BLOCK + 9, len(weights)) @ weights
    alone = nonnegative_inverse(bands[5:6], weights)
    np.testing.assert_allclose(nonnegative_inverse(bands, weights)[5:6], alone, rtol=1e-9)


def test_smooth_spectra_come_back():
    """What is linear in decibels between the bands needs little correction."""
    weights = filters(n_fft=1024, n_mels=40)
    power = 10 ** (-3 * np.arange(513) / 513)[None]
    found = nonnegative_inverse(power @ weights, weights)
    error = np.abs(found / power - 1)[:, 8:-40]
    assert np.median(error) < 0.01
    assert error.max() < 0.2
    assert found[:, 8:-8].min() > 0


def test_pseudo_inverse_is_the_smallest_exact_spectrum():
    weights = filters(norm=None)
    bands = np.ones((1, 40)) @ np.linalg.pinv(weights) @ weights + 1.0
    found = clipped_pseudo_inverse(bands, weights)
    np.testing.assert_allclose(found @ weights, bands, atol=1e-10)
    least = np.linalg.lstsq(weights.T, bands[0], rcond=None)[0]
    np.testing.assert_allclose(found[0], least, atol=1e-10)


@pytest.mark.parametrize("inverse", [nonnegative_inverse, clipped_pseudo_inverse])
def test_dtype_is_kept_and_the_input_too(inverse):
    weights = filters()
    bands = (speech_like(3, len(weights)) @ weights).astype(np.float32)
    bands.flags.writeable = False
    assert inverse(bands, weights).dtype == np.float32
