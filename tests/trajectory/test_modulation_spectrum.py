"""The post-filter of modulation spectra."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.exceptions import LoneSequenceWarning
from skstyle.trajectory import ModulationSpectrumScaler
from skstyle.trajectory._modulation_spectrum import (
    centre,
    log_spectra_statistics,
    modulation_spectra,
    overlap_add,
)


def walk(n, rng):
    """Movements of all speeds, as cepstra have, far from zero."""
    steps = rng.normal(size=(n, 2))
    y = np.zeros_like(steps)
    for t in range(1, n):
        y[t] = 0.9 * y[t - 1] + steps[t]
    return y + [30.0, -4.0]


def smoothed(x):
    """Lose the fast movements, as conversion does."""
    padded = np.pad(x, ((2, 2), (0, 0)), mode="edge")
    return sum(padded[k : k + len(x)] for k in range(5)) / 5


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    y = [walk(n, rng) for n in (300, 200, 450, 380)]
    return [smoothed(x) for x in y], y


@settings(max_examples=40, deadline=None)
@given(n_frames=st.integers(1, 100), half=st.integers(2, 20), seed=st.integers(0, 9))
def test_overlap_add_inverts(n_frames, half, seed):
    x = np.random.default_rng(seed).normal(size=(n_frames, 2))
    spectra = modulation_spectra(x, 2 * half)
    assert spectra.shape[1:] == (half + 1, 2)
    np.testing.assert_allclose(overlap_add(spectra, n_frames), x, atol=1e-12)


def test_a_modulation_shows_in_its_bin():
    x = np.cos(2 * np.pi * 8 / 64 * np.arange(640))[:, None]
    amplitude = np.abs(modulation_spectra(x, 64))[3, :, 0]
    assert amplitude.argmax() == 8


def test_statistics_come_to_the_target(pair):
    X, y = pair
    scaler = ModulationSpectrumScaler().fit(X, y)
    target = log_spectra_statistics(y, 64).mean
    before, after = (
        np.sqrt(np.mean((log_spectra_statistics(items, 64).mean - target) ** 2))
        for items in (X, scaler.transform(X))
    )
    assert before > 0.9
    assert after < 0.25 * before


def test_fast_movements_come_back_and_the_mean_stays(pair):
    X, y = pair
    out = ModulationSpectrumScaler().fit(X, y).transform(X)
    speed = [np.mean([np.abs(np.diff(x, axis=0)).mean() for x in side]) for side in (X, y, out)]
    assert speed[0] < 0.5 * speed[1]
    assert abs(speed[2] / speed[1] - 1) < 0.15
    for a, b in zip(X, out, strict=True):
        np.testing.assert_allclose(a.mean(axis=0), b.mean(axis=0), atol=0.2)


def test_more_morph_moves_more(pair):
    X, y = pair
    change = [
        np.abs(ModulationSpectrumScaler(morph=m).fit(X, y).transform(X)[0] - X[0]).mean()
        for m in (0.0, 0.5, 0.85, 1.0)
    ]
    assert change[0] == 0
    assert change == sorted(change)


def test_no_morph_and_equal_statistics_change_no_bit(pair):
    X, y = pair
    for scaler in (
        ModulationSpectrumScaler(morph=0).fit(X, y),
        ModulationSpectrumScaler().fit(X, X),
    ):
        for a, b in zip(X, scaler.transform(X), strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_gain_is_learnt_and_undone(pair):
    _, y = pair
    X = [x / 3 for x in y]
    out = ModulationSpectrumScaler().fit(X, y).transform(X)
    for a, b in zip(out, y, strict=True):
        np.testing.assert_allclose(centre(a), centre(b), atol=1e-9)


def test_other_columns_are_left_alone(pair):
    X, y = pair
    full = ModulationSpectrumScaler().fit(X, y).transform(X)[0]
    out = ModulationSpectrumScaler(columns=[1]).fit(X, y).transform(X)[0]
    np.testing.assert_array_equal(out[:, 0], X[0][:, 0])
    np.testing.assert_allclose(out[:, 1], full[:, 1], atol=1e-12)


def test_constant_columns_stay_and_statistics_are_finite_elsewhere(pair):
    X, y = ([x.copy() for x in side] for side in pair)
    for x in X:
        x[:, 0] = 0.1
    scaler = ModulationSpectrumScaler().fit(X, y)
    assert np.isnan(scaler.mean_converted_[:, 0]).all()
    assert np.isfinite(scaler.mean_converted_[:, 1]).all()
    out = scaler.transform(X)[0]
    np.testing.assert_array_equal(out[:, 0], X[0][:, 0])
    assert not np.array_equal(out[:, 1], X[0][:, 1])


def test_constant_in_one_clip_only(pair):
    X, y = pair
    scaler = ModulationSpectrumScaler().fit([*X, np.full((90, 2), 0.3)], y)
    expected = ModulationSpectrumScaler().fit(X, y)
    np.testing.assert_allclose(scaler.mean_converted_, expected.mean_converted_)
    np.testing.assert_array_equal(scaler.transform([np.full((90, 2), 0.3)])[0], 0.3)


@pytest.mark.parametrize("n_frames", [1, 2, 31, 63, 64, 65])
def test_clips_of_any_length_pass(pair, n_frames):
    X, y = pair
    out = ModulationSpectrumScaler().fit(X, y).transform([X[0][:n_frames]])[0]
    assert out.shape == (n_frames, 2)
    assert np.isfinite(out).all()


def test_short_training_clips():
    rng = np.random.default_rng(0)
    X, y = ([rng.normal(size=(n, 2)) for n in (3, 5, 1)] for _ in range(2))
    assert np.isfinite(np.vstack(ModulationSpectrumScaler().fit(X, y).transform(X))).all()


def test_float32_is_kept(pair):
    X, y = ([x.astype(np.float32) for x in side] for side in pair)
    out = ModulationSpectrumScaler().fit(X, y).transform(X)
    assert {x.dtype for x in out} == {np.dtype(np.float32)}
    expected = ModulationSpectrumScaler().fit(*pair).transform(pair[0])
    np.testing.assert_allclose(out[0], expected[0], atol=1e-3)


def test_plain_arrays_are_one_frame_sequences():
    X = np.random.default_rng(0).normal(size=(20, 3))
    with pytest.warns(LoneSequenceWarning):
        scaler = ModulationSpectrumScaler().fit(X, X[:, 0])
    with pytest.warns(LoneSequenceWarning):
        np.testing.assert_array_equal(scaler.transform(X), X)


@pytest.mark.parametrize("length", [2, 7, 8.0, "64"])
def test_wrong_lengths_are_told_in_fit(pair, length):
    with pytest.raises(ValueError, match="segment_length must be an even integer"):
        ModulationSpectrumScaler(segment_length=length).fit(*pair)


def test_frozen_statistics_follow_the_segment_length(pair):
    scaler = ModulationSpectrumScaler(segment_length=32).fit(*pair)
    assert scaler.mean_target_.shape == scaler.std_converted_.shape == (17, 2)
