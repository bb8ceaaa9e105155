"""Deltas and distortion of sequences beside nnmnkwii's."""

import numpy as np
import pytest

from skstyle.features import DeltaFeatures
from skstyle.metrics import mel_cepstral_distortion

pytest.importorskip("nnmnkwii", reason="nnmnkwii is not here: make test-oracles builds it")


@pytest.fixture
def frames():
    return np.random.default_rng(0).normal(size=(2, 50, 25))


def test_deltas(frames):
    from nnmnkwii.preprocessing import delta_features

    windows = [(0, 0, np.ones(1)), (1, 1, np.array([-0.5, 0, 0.5])), (1, 1, np.array([1.0, -2, 1]))]
    expected = delta_features(frames[0], windows)
    found = DeltaFeatures(order=2).fit_transform([frames[0]])[0]
    # At the ends we repeat the last frame, nnmnkwii takes zeros.
    np.testing.assert_allclose(found[1:-1], expected[1:-1], atol=1e-12)


def test_distortion_without_alignment(frames):
    from nnmnkwii.metrics import melcd

    a, b = frames
    found = mel_cepstral_distortion([a], [b], align=False)
    assert found == pytest.approx(melcd(a[:, 1:], b[:, 1:]), rel=1e-12)
