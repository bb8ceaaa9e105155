"""Long clips: alignment from coarse to fine, and spectra by blocks."""

import numpy as np
import pytest

from skstyle.alignment import DTWAligner
from skstyle.metrics import (
    _blocks,
    chroma_similarity,
    log_spectral_distance,
    mel_cepstral_distortion,
    multi_resolution_stft_distance,
    spectral_convergence,
)
from skstyle.metrics._blocks import frame_blocks
from skstyle.metrics._paths import PairAligner
from skstyle.signal._fourier import stft

RATE = 16000


def walk(n_frames, n_columns=4, seed=0):
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.standard_normal((n_frames, n_columns)), axis=0)


@pytest.fixture(scope="module")
def long_pair():
    """Two minutes at 5 ms, more than the best path has memory for; one side speaks slower."""
    a = walk(24000).astype(np.float32)
    return a, a[np.minimum(np.arange(24600) * 24000 // 24600, 23999)]


def test_the_best_path_of_a_long_pair_is_refused(long_pair):
    with pytest.raises(ValueError, match="max_memory_mb=512"):
        DTWAligner(columns=slice(1, None)).align([long_pair[0]], [long_pair[1]])


def test_measures_take_long_pairs(long_pair):
    a, b = ([x] for x in long_pair)
    assert mel_cepstral_distortion(a, b, silence_db=None) < 1e-6
    assert log_spectral_distance(a, b, align=True) < 1e-6


def test_short_pairs_keep_the_best_path():
    a, b = [walk(300), walk(200)], [walk(280, seed=1), walk(220, seed=1)]
    for settings in ({}, {"band": 0.1}, {"columns": slice(1, None), "level_column": 0}):
        expected = DTWAligner(**settings).align(a, b)
        for path, best in zip(PairAligner(**settings).align(a, b), expected, strict=True):
            np.testing.assert_array_equal(path, best)


def test_beyond_the_memory_it_goes_from_coarse_to_fine():
    a, b = [walk(900)], [walk(800, seed=1)]
    path = PairAligner(max_memory_mb=0.5).align(a, b)[0]
    np.testing.assert_array_equal(path, DTWAligner(multi_resolution=True).align(a, b)[0])


def test_pairs_are_named_as_measures_name_them():
    with pytest.raises(ValueError, match=r"^y_true\[1\] and y_pred\[1\]: .*needs about"):
        PairAligner(max_memory_mb=0.01).align([walk(3), walk(900)], [walk(3), walk(900)])


@pytest.mark.parametrize("n_times", [1, 63, 64, 1000, 4097])
@pytest.mark.parametrize("hop_length", [7, 64, 200])
def test_blocks_are_the_spectra(monkeypatch, n_times, hop_length):
    monkeypatch.setattr(_blocks, "BLOCK_VALUES", 5 * 65)
    x, window = np.random.default_rng(0).standard_normal(n_times), np.hanning(128)
    blocks = list(frame_blocks(x, window, hop_length, np.abs))
    assert max(map(len, blocks)) <= 5
    expected = stft(x, window, hop_length, encode=np.abs)[: n_times // hop_length + 1]
    np.testing.assert_allclose(np.concatenate(blocks), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "measure", [chroma_similarity, multi_resolution_stft_distance, spectral_convergence]
)
def test_values_do_not_depend_on_blocks(monkeypatch, speakers, measure):
    y, X = speakers[1][:2], [speakers[0][0], speakers[0][1][:9000]]
    whole = measure(y, X, sample_rate=RATE, average=False)
    monkeypatch.setattr(_blocks, "BLOCK_VALUES", 7 * 1025)
    parts = measure(y, X, sample_rate=RATE, average=False)
    np.testing.assert_allclose(parts, whole, rtol=1e-10)
