"""The linear family on two recorded voices: a few sentences, and bounds with room to spare."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from skstyle.alignment import DTWAligner
from skstyle.compose._unpaired_streams import active_parts
from skstyle.features import MelCepstrum
from skstyle.features._activity import active_frames
from skstyle.mapping import (
    CorrelationAlignment,
    FrequencyWarpingRegressor,
    GaussianTransport,
    KNNFrameRegressor,
    LocallyLinearRegressor,
    MixtureOfLinearRegressor,
    WhiteningColoring,
)
from skstyle.metrics import mel_cepstral_distortion
from skstyle.neural import NeuralTimeVariantRegressor
from skstyle.utils.pairing import fit_on_paths, predict_sequences, stack

N_TRAIN = 12
SILENCE_DB = 30.0


@pytest.fixture(scope="module")
def voices(real_pair):
    """Mel-cepstra of both voices, and what pairs the frames of the training sentences."""
    X, y, rate = real_pair
    source, target = (MelCepstrum(rate).fit(side[:N_TRAIN]).transform(side) for side in (X, y))
    aligner = DTWAligner(columns=slice(1, None), level_column=0)
    return source, target, aligner.align(source[:N_TRAIN], target[:N_TRAIN])


def judge(voices, predict):
    """Distortion of the test sentences, and how far their variances are from the target's."""
    source, target, _ = voices
    wanted = target[N_TRAIN:]
    moved = predict([x[:, 1:] for x in source[N_TRAIN:]])
    found = [np.column_stack([x[:, 0], m]) for x, m in zip(source[N_TRAIN:], moved, strict=True)]
    ratios = []
    for pair in zip(found, wanted, strict=True):
        a, b = (s[active_frames(s[:, 0], SILENCE_DB), 1:].var(axis=0) for s in pair)
        ratios.append(np.abs(np.log(a / b)))
    return mel_cepstral_distortion(wanted, found), np.mean(ratios)


def fitted(voices, regressor):
    source, target, paths = voices
    sides = ([x[:, 1:] for x in side[:N_TRAIN]] for side in (source, target))
    fit_on_paths(regressor, *sides, paths)
    return lambda items: predict_sequences(regressor, items)


def test_with_pairs(voices):
    before, _ = judge(voices, lambda items: items)
    ridge, ridge_ratio = judge(voices, fitted(voices, Ridge()))
    assert ridge < 0.8 * before
    for regressor in (
        MixtureOfLinearRegressor(random_state=0),
        LocallyLinearRegressor(),
        NeuralTimeVariantRegressor(random_state=0),
    ):
        distortion, ratio = judge(voices, fitted(voices, regressor))
        assert distortion < ridge + 0.05
        assert ratio < ridge_ratio
    for warp in ("allpass", "dfw"):
        distortion, ratio = judge(voices, fitted(voices, FrequencyWarpingRegressor(warp)))
        assert distortion < 0.9 * before
        assert ratio < 0.5 * ridge_ratio


def test_without_pairs(voices):
    """Six sentences of one voice, six others of the other."""
    source, target, _ = voices
    half = N_TRAIN // 2
    here, there = (
        [x[:, 1:] for x in active_parts(side, {"mcep": slice(0, 25)}, SILENCE_DB)]
        for side in (source[:half], target[half:N_TRAIN])
    )
    before, _ = judge(voices, lambda items: items)
    frames = stack([*here, *there])
    domains = np.repeat([0, 1], [sum(map(len, here)), sum(map(len, there))])
    for transport in (GaussianTransport(), CorrelationAlignment(), WhiteningColoring()):
        transport.fit(frames, domains)
        assert judge(voices, lambda items, t=transport: [t.transform(x) for x in items])[0] < (
            0.92 * before
        )
    neighbours = KNNFrameRegressor(dictionary="target").fit(here, there)
    assert judge(voices, neighbours.predict)[0] < 0.8 * before
