"""The shortcut is made of public parts, and every parameter arrives."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge

from skstyle import make_unpaired_converter, make_voice_converter
from skstyle.alignment import DTWAligner
from skstyle.compose import AlignedRegressor, SignalConverter, StreamRegressor
from skstyle.features import SourceFilterVocoder
from skstyle.features._cepstrum import log_power
from skstyle.features._vocoder import feature_blocks
from skstyle.mapping import GaussianTransport, JointGMMRegressor, MeanVarianceRegressor
from skstyle.metrics import mel_cepstral_distortion
from skstyle.neural import NeuralTimeVariantRegressor
from skstyle.signal._silence import speech_level
from skstyle.trajectory import GlobalVarianceScaler, TrajectoryRegressor

RATE = 16000


def columns_of(selector, n):
    return np.arange(n)[selector].tolist()


def test_parts_are_public():
    converter = make_voice_converter(16000)
    assert isinstance(converter, SignalConverter)
    assert isinstance(converter.features, SourceFilterVocoder)
    assert isinstance(converter.regressor, AlignedRegressor)
    assert isinstance(converter.regressor.regressor, StreamRegressor)
    assert isinstance(converter.regressor.aligner, DTWAligner)
    kinds = {name: type(r) for name, r, _ in converter.regressor.regressor.streams}
    assert kinds == {"lf0": MeanVarianceRegressor, "mcep": TrajectoryRegressor, "bap": Ridge}
    mixture = converter.get_params()["regressor__regressor__mcep__regressor"]
    assert isinstance(mixture, JointGMMRegressor)
    assert isinstance(converter.regressor.post_filter, GlobalVarianceScaler)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 48000])
@pytest.mark.parametrize("order", [12, 24])
def test_streams_select_their_blocks(rate, order):
    blocks = feature_blocks(rate, order)
    n = blocks["bap"].stop
    converter = make_voice_converter(rate, order=order)
    streams = {name: c for name, _, c in converter.regressor.regressor.streams}
    assert columns_of(streams["lf0"], n) == [0, 1]
    assert columns_of(streams["mcep"], n) == columns_of(blocks["mcep"], n)[1:]
    source, target = streams["bap"]
    assert columns_of(target, n) == columns_of(blocks["bap"], n)
    assert columns_of(source, n) == [1, *columns_of(blocks["bap"], n)]
    aligner = converter.regressor.aligner
    assert columns_of(aligner.columns, n) == columns_of(blocks["mcep"], n)[1:]
    assert aligner.level_column == blocks["mcep"].start


def test_selections_hold_when_the_order_is_searched():
    converter = make_voice_converter(16000).set_params(features__order=10)
    n = feature_blocks(16000, 10)["bap"].stop
    streams = {name: c for name, _, c in converter.regressor.regressor.streams}
    assert columns_of(streams["mcep"], n) == list(range(3, 13))


def test_parameters_arrive():
    converter = make_voice_converter(
        22050,
        order=20,
        frame_period_ms=10.0,
        f0_min_hz=60.0,
        f0_max_hz=500.0,
        n_context=2,
        global_variance=0.5,
        n_iter=2,
        memory="cache",
        n_jobs=2,
        random_state=7,
        verbose=1,
    )
    params = converter.get_params()
    expected = {
        "features__sample_rate": 22050,
        "features__order": 20,
        "features__frame_period_ms": 10.0,
        "features__f0_min_hz": 60.0,
        "features__f0_max_hz": 500.0,
        "regressor__n_iter": 2,
        "memory": "cache",
        "n_jobs": 2,
        "regressor__aligner__n_jobs": 2,
        "regressor__regressor__mcep__regressor__regressor__random_state": 7,
        "regressor__regressor__mcep__regressor__n_context": 2,
        "regressor__post_filter__morph": 0.5,
        "regressor__verbose": 1,
        "verbose": 1,
    }
    assert {k: params[k] for k in expected} == expected


def test_a_regressor_of_ones_own_is_used():
    ridge = Ridge(alpha=3.0)
    converter = make_voice_converter(16000, ridge)
    assert converter.get_params()["regressor__regressor__mcep__regressor"] is ridge
    converter = make_voice_converter(16000, ridge, trajectory=False, global_variance=0)
    assert converter.get_params()["regressor__regressor__mcep"] is ridge
    assert converter.regressor.post_filter is None


def test_other_names_are_no_regressors():
    with pytest.raises(ValueError, match="regressor must be 'jointgmm' or a regressor, got 'gmm'"):
        make_voice_converter(16000, "gmm")


def test_result_can_be_cloned():
    converter = make_voice_converter(16000, n_iter=1)
    assert str(clone(converter).get_params()) == str(converter.get_params())


@pytest.mark.parametrize("level", ["source", "target", "free"])
def test_voicing_and_loudness_stay_those_of_the_source(speakers, level):
    X, y = speakers[0][:2], [c / 2 for c in speakers[1][:2]]
    converter = make_voice_converter(16000, Ridge(), n_iter=1, level=level).fit(X, y)
    vocoder = converter.source_features_
    source = converter.source_features_.transform(X)
    for a, b in zip(source, converter.predict_features(X), strict=True):
        np.testing.assert_array_equal(b[:, 1], a[:, 1])
        if level == "free":
            np.testing.assert_array_equal(b[:, 2], a[:, 2])
        else:
            levels = [log_power(s[:, 2:27], vocoder.n_fft_, vocoder.alpha_) for s in (a, b)]
            gain = np.log(10) / 10 * converter.level_gain_ if level == "target" else 0.0
            np.testing.assert_allclose(levels[0] + gain, levels[1], atol=1e-4)
        assert np.abs(b[:, 3:] - a[:, 3:]).mean() > 0.01


def test_results_are_as_loud_as_the_target(speakers):
    X, y = speakers[0][:3], [c / 4 for c in speakers[1][:3]]
    quiet = make_voice_converter(16000, Ridge(), n_iter=1).fit(X, y)
    assert np.abs(quiet.predict(X)[0]).max() < 0.5 * np.abs(X[0]).max()
    levels = [np.median([*map(speech_level, clips)]) for clips in (y, quiet.predict(X))]
    assert levels[0] == pytest.approx(levels[1], abs=1.5)


@pytest.mark.parametrize("rate", [16, 0, "16000"])
def test_wrong_rate_is_told_at_once(rate):
    with pytest.raises((TypeError, ValueError), match="sample_rate"):
        make_voice_converter(rate)


@pytest.mark.parametrize("name", ["n_context", "global_variance"])
def test_amounts_are_not_negative(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 0"):
        make_voice_converter(16000, **{name: -1})


def test_unpaired_parts(speakers):
    converter = make_unpaired_converter(RATE, order=30, global_variance=0.5, target="ben")
    assert converter.features.order == 30
    assert converter.transport.dictionary == "target"
    assert converter.post_filter.morph == 0.5
    n_columns = SourceFilterVocoder(RATE, order=30).fit_transform(speakers[0][:1])[0].shape[1]
    assert len(range(n_columns)[converter.post_filter.columns]) == 30
    assert make_unpaired_converter(RATE, global_variance=0).post_filter is None
    transport = GaussianTransport()
    assert make_unpaired_converter(RATE, transport).transport is transport
    # A map gives frames the variance of the target already.
    assert make_unpaired_converter(RATE, transport).post_filter is None
    assert make_unpaired_converter(RATE, transport, global_variance=1).post_filter.morph == 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"transport": "ot"}, "transport must be 'knn'"),
        ({"global_variance": -1}, "global_variance must be at least 0"),
    ],
)
def test_bad_unpaired_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_unpaired_converter(RATE, **parameters)


def test_neighbours_without_pairs_come_nearer(speakers):
    X, y = speakers
    clips, labels = [*X[:4], *y[1:5]], ["anna"] * 4 + ["ben"] * 4
    converter = make_unpaired_converter(RATE, global_variance=0).fit(clips, labels)
    distortion = mel_cepstral_distortion(y[4:], converter.predict(X[4:]), sample_rate=RATE)
    assert distortion < 0.9 * mel_cepstral_distortion(y[4:], X[4:], sample_rate=RATE)
    lively = make_unpaired_converter(RATE).fit(clips, labels)
    mcep = lively.target_features_.feature_blocks_["mcep"]
    a, b = (c.predict_features(X[4:5])[0][:, mcep].var(axis=0) for c in (lively, converter))
    assert (a[1:] > b[1:]).mean() > 0.8


def test_what_makes_trajectories_itself_is_left_alone():
    for regressor in (NeuralTimeVariantRegressor(), TrajectoryRegressor(Ridge())):
        streams = make_voice_converter(RATE, regressor).regressor.regressor.streams
        assert streams[1][1] is regressor


@pytest.mark.parametrize("regressor", [GaussianTransport(), Ridge])
def test_what_cannot_regress(regressor):
    with pytest.raises(TypeError, match="instance with fit and predict.*make_unpaired_converter"):
        make_voice_converter(RATE, regressor)
