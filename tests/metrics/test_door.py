"""What all measures refuse: weights, collections and settings that mean nothing."""

import warnings

import numpy as np
import pytest

from skstyle import metrics

RATE = 16000
ALIGNED = [
    "log_f0_correlation",
    "log_f0_rmse",
    "log_spectral_distance",
    "mel_cepstral_distortion",
    "voicing_error",
]
MOVING = ["global_variance_log_ratio", "modulation_spectrum_rmse"]


@pytest.fixture(scope="module")
def pair(speakers):
    return tuple([x[4000:7000] for x in side[:2]] for side in reversed(speakers))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([0, 0], "sample_weight is 0 for every clip"),
        ([1, -0.5], r"sample_weight\[1\] is -0.5"),
        ([np.nan, 1], r"sample_weight\[0\] is nan"),
        ([np.inf, 1], r"sample_weight\[0\] is inf"),
        (["a", "b"], "sample_weight must be numbers"),
        ([1], "one weight for each of 2 clips"),
    ],
)
def test_weights_that_mean_nothing(pair, weights, message):
    options = {"sample_rate": RATE, "sample_weight": weights}
    with pytest.raises(ValueError, match=message):
        metrics.spectral_convergence(*pair, **options)
    with pytest.raises(ValueError, match=message):
        metrics.word_error_rate(["a", "b"], pair[0], transcriber=lambda x, rate: "a", **options)


def test_infinite_values_without_weight_are_left_out(pair):
    magnitudes = [np.zeros((4, 3)), np.ones((4, 3))], [np.ones((4, 3)), 2 * np.ones((4, 3))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = metrics.spectral_convergence(*magnitudes, sample_weight=[0, 1])
    assert value == 1
    assert metrics.spectral_convergence(*magnitudes, sample_weight=[1e-9, 1]) == np.inf


@pytest.mark.parametrize("name", [*ALIGNED, *MOVING, "chroma_similarity", "speaker_similarity"])
@pytest.mark.parametrize("side", ["y_true", "y_pred"])
@pytest.mark.parametrize("make", [iter, lambda y: dict(enumerate(y)), lambda y: None])
def test_collections_are_lists(pair, name, side, make):
    sides = dict(zip(("y_true", "y_pred"), pair, strict=True))
    sides[side] = make(sides[side])
    with pytest.raises(TypeError, match=f"^{side} must be a list of clips, got"):
        getattr(metrics, name)(**sides, sample_rate=RATE)


@pytest.mark.parametrize(
    "setting", [{"band": "x"}, {"band": 0}, {"band": 2}, {"band": True}, {"align": "no"}]
)
@pytest.mark.parametrize("name", ALIGNED)
def test_settings_of_alignment(pair, name, setting):
    with pytest.raises(ValueError, match=next(iter(setting)) + " must be"):
        getattr(metrics, name)(*pair, sample_rate=RATE, **{"align": True} | setting)


@pytest.mark.parametrize("silence_db", ["a", 0, -30, np.nan])
@pytest.mark.parametrize("name", [*sorted(set(ALIGNED) - {"log_spectral_distance"}), *MOVING])
def test_settings_of_silence(pair, name, silence_db):
    with pytest.raises(ValueError, match="silence_db must be a positive number"):
        getattr(metrics, name)(*pair, sample_rate=RATE, silence_db=silence_db)


@pytest.mark.parametrize("name", MOVING)
def test_orders_that_differ(name):
    with pytest.raises(ValueError, match="y_true has 24 coefficients above c_0 and y_pred has 19"):
        getattr(metrics, name)([np.ones((9, 25))], [np.ones((9, 20))])
