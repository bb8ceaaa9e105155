"""Distances of aligned mel-cepstra, against sums written out."""

import numpy as np
import pytest

from skstyle.alignment._distortion import MCD_CONSTANT, mel_cepstral_distances


def cepstra(n=40, seed=0, order=5):
    mcep = np.random.default_rng(seed).normal(size=(n, order + 1))
    mcep[:, 0] = 0
    return mcep


def test_constant_of_the_literature():
    assert MCD_CONSTANT == pytest.approx(6.14185, abs=1e-5)


def test_frame_by_frame_it_is_the_formula():
    a, b = cepstra(), cepstra(seed=1)
    roots = [np.sqrt(2 * sum((p - q) ** 2 for p, q in zip(x[1:], y[1:], strict=True)))
             for x, y in zip(a, b, strict=True)]  # fmt: skip
    found = mel_cepstral_distances([a], [b], align=False)
    np.testing.assert_allclose(found, [10 / np.log(10) * np.mean(roots)])


def test_alignment_forgives_the_timing():
    a = cepstra()
    b = np.repeat(a, 2, axis=0)
    assert mel_cepstral_distances([a], [b])[0] == 0
    assert mel_cepstral_distances([a], [b], align=False)[0] > 1


def test_frame_by_frame_ends_with_the_shorter():
    a = cepstra(40)
    np.testing.assert_array_equal(mel_cepstral_distances([a], [a[:25]], align=False), [0])


def test_silent_frames_do_not_count():
    a = cepstra()
    b = a.copy()
    a[:6, 0] = b[:6, 0] = -6.0
    b[:6, 1:] += 3
    assert mel_cepstral_distances([a], [b])[0] == 0
    assert mel_cepstral_distances([a], [b], silence_db=None)[0] > 1


def test_one_value_a_clip():
    X = [cepstra(), cepstra(30, 1), cepstra(20, 2)]
    y = [x.copy() for x in X]
    y[1][:, 2] += 0.1
    np.testing.assert_allclose(
        mel_cepstral_distances(X, y, align=False), [0, MCD_CONSTANT * 0.1, 0], atol=1e-12
    )


def test_band_can_only_raise_the_sum():
    a = cepstra()
    b = np.roll(a, 15, axis=0)
    assert mel_cepstral_distances([a], [b], band=0.05) > mel_cepstral_distances([a], [b])


def test_float32_is_summed_in_double():
    a, b = cepstra().astype(np.float32), cepstra(seed=1).astype(np.float32)
    found = mel_cepstral_distances([a], [b], align=False)
    expected = mel_cepstral_distances([a.astype(float)], [b.astype(float)], align=False)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
