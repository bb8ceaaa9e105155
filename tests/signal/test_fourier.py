"""Frames, their transform and its inverse, as functions."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import get_window

from skstyle.signal._fourier import (
    BLOCK_SIZE,
    PAD_MODES,
    covers_all_samples,
    frame_count,
    istft,
    overlap_add,
    stft,
)


def noise(n_times, dtype=float, seed=0):
    return np.random.default_rng(seed).standard_normal(n_times).astype(dtype) / 4


def test_one_frame_is_numpys():
    x, window = noise(2000), get_window("hann", 512)
    spectra = stft(x, window, 100)
    expected = np.fft.rfft(x[700 - 256 : 700 + 256] * window)
    np.testing.assert_allclose(spectra[7], expected, atol=1e-12)


def test_frames_reach_to_the_last_sample():
    for n_times, n_frames in ((1, 1), (2, 2), (101, 2), (102, 3), (201, 3)):
        assert frame_count(n_times, 100) == n_frames
        assert len(stft(np.ones(n_times), np.ones(128), 100)) == n_frames


def test_parseval_over_frames():
    """With rectangular windows side by side, the energies of frames add to that of the clip."""
    x = noise(64 * 20)
    spectra = stft(x, np.ones(64), 64)
    power = np.abs(spectra) ** 2
    energy = (power[:, 0] + 2 * power[:, 1:-1].sum(axis=1) + power[:, -1]).sum() / 64
    assert energy == pytest.approx((x**2).sum())


def test_more_frames_than_a_block():
    window = get_window("hann", 8)
    first = BLOCK_SIZE // 8
    x = noise(2 * first + 77)
    spectra = stft(x, window, 1)
    assert len(spectra) > 2 * first
    for frame in (first - 1, first, 2 * first):
        expected = np.fft.rfft(x[frame - 4 : frame + 4] * window)
        np.testing.assert_allclose(spectra[frame], expected, atol=1e-12)
    np.testing.assert_allclose(istft(spectra, window, 1, len(x)), x, atol=1e-12)


@pytest.mark.parametrize("pad_mode", ["reflect", "edge"])
@pytest.mark.parametrize("n_times", [1, 2, 3, 5, 31, 32, 33, 100, 500])
def test_padding_is_that_of_numpy_for_every_length(pad_mode, n_times):
    """However short the clip is beside the window."""
    x, window = noise(n_times), get_window("hann", 64)
    behind = (frame_count(n_times, 16) - 1) * 16 + 32 - n_times
    padded = np.pad(x, (32, behind), mode=pad_mode)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 64)[::16]
    expected = np.fft.rfft(frames * window)
    np.testing.assert_allclose(stft(x, window, 16, pad_mode=pad_mode), expected, atol=1e-12)


def matrix_of(n_times, window, hop_length, pad_mode):
    """The transform as a real matrix."""
    columns = [stft(e, window, hop_length, pad_mode=pad_mode).ravel() for e in np.eye(n_times)]
    z = np.array(columns).T
    return np.concatenate([z.real, z.imag])


@pytest.mark.parametrize("pad_mode", PAD_MODES)
@pytest.mark.parametrize("n_times", [3, 20, 70])
def test_inverse_is_the_least_squares_signal(pad_mode, n_times):
    """Griffin and Lim: of spectra that no signal has, and whatever surrounds the clip."""
    n_fft, hop = 15, 4
    window = get_window("hann", n_fft) + 0.1
    rng = np.random.default_rng(0)
    shape = frame_count(n_times, hop), n_fft // 2 + 1
    spectra = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    spectra[:, 0] = spectra[:, 0].real
    # The norm of frames counts every bin but the first twice (n_fft is odd).
    weight = np.tile(np.where(np.arange(shape[1]) > 0, np.sqrt(2), 1), shape[0])
    weight = np.tile(weight, 2)
    wanted = np.concatenate([spectra.real.ravel(), spectra.imag.ravel()])
    matrix = matrix_of(n_times, window, hop, pad_mode)
    best = np.linalg.lstsq(weight[:, None] * matrix, weight * wanted, rcond=None)[0]
    x = istft(spectra, window, hop, n_times, pad_mode=pad_mode)
    np.testing.assert_allclose(x, best, atol=1e-10)


@settings(max_examples=50, deadline=None)
@given(
    n_times=st.integers(1, 400),
    n_fft=st.integers(2, 70),
    hop=st.integers(1, 40),
    pad_mode=st.sampled_from(PAD_MODES),
)
def test_inverse_is_exact(n_times, n_fft, hop, pad_mode):
    window = np.hamming(n_fft)
    hop = min(hop, max(n_fft // 2, 1))
    x = noise(n_times)
    spectra = stft(x, window, hop, pad_mode=pad_mode)
    again = istft(spectra, window, hop, n_times, pad_mode=pad_mode)
    np.testing.assert_allclose(again, x, atol=1e-12)


def test_other_forms_are_written_and_read_by_functions():
    x, window = noise(70_000), get_window("hann", 256)
    spectra = stft(x, window, 64)
    np.testing.assert_array_equal(stft(x, window, 64, encode=np.abs), np.abs(spectra))
    again = istft(1j * spectra, window, 64, len(x), decode=lambda rows: rows / 1j)
    np.testing.assert_allclose(again, x, atol=1e-12)


def test_overlap_add_of_ones_counts_the_frames():
    out = overlap_add(np.ones((4, 5)), 2)
    np.testing.assert_array_equal(out[:11], [1, 1, 2, 2, 3, 2, 3, 2, 2, 1, 1])
    assert not out[11:].any()


@pytest.mark.parametrize(
    ("window", "hop", "covered"),
    [
        (np.ones(4), 4, True),
        (np.ones(4), 5, False),
        (get_window("hann", 8), 4, True),
        (get_window("hann", 8), 8, False),  # its first sample is zero
        (np.array([1.0, 0, 0, 0]), 1, False),  # the last samples of a clip are never reached
        (np.zeros(4), 1, False),
    ],
)
def test_gaps_are_found(window, hop, covered):
    assert covers_all_samples(window, hop) is covered


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_memory_holds_no_frames(dtype):
    """Beside the output there are one padded clip and a block; all frames would be 4 times it."""
    x, window = noise(2_000_000, dtype), get_window("hann", 2048)
    tracemalloc.start()
    spectra = stft(x, window, 512)
    forth = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    again = istft(spectra, window, 512, len(x))
    back = tracemalloc.get_traced_memory()[1] - spectra.nbytes
    tracemalloc.stop()
    block = 6 * BLOCK_SIZE * x.itemsize
    assert forth < spectra.nbytes + 1.1 * x.nbytes + block
    assert back < 3.1 * x.nbytes + block
    assert again.dtype == dtype
