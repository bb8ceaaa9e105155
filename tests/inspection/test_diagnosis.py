"""diagnose runs a converter stage by stage; Diagnosis tells where quality is lost."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline

from skstyle import make_unpaired_converter, make_voice_converter
from skstyle.compose import AlignedRegressor, SignalConverter
from skstyle.datasets import make_parallel_speakers
from skstyle.features import SourceFilterVocoder
from skstyle.inspection import Diagnosis, diagnose
from skstyle.inspection._diagnosis import share_costs
from skstyle.inspection._stages import stages_of
from skstyle.metrics import mel_cepstral_distortion
from skstyle.signal import PeakGuard, STFTTransformer

RATE = 16000


@pytest.fixture(scope="module")
def pairs():
    return make_parallel_speakers(3, duration=0.5, random_state=0)


def fitted(pairs, **options):
    X, y = pairs
    return make_voice_converter(RATE, Ridge(), n_iter=1, **options).fit(X[:2], y[:2])


@pytest.fixture(scope="module")
def converter(pairs):
    return fitted(pairs)


@pytest.fixture(scope="module")
def before(converter, pairs):
    return (
        converter.predict(pairs[0][2:])[0],
        dict(vars(converter)),
        vars(converter.regressor_).copy(),
    )


@pytest.fixture(scope="module")
def diagnosis(before, converter, pairs):
    return diagnose(converter, pairs[0][2], pairs[1][2])


def test_stages_and_their_distortion(diagnosis, converter, pairs):
    x, y = pairs[0][2], pairs[1][2]
    names = [name for name, _, _ in diagnosis.stages_]
    expected = ["target", "analysis-synthesis", "source", "mapping", "trajectory"]
    assert names == [*expected, "global variance"]
    signals = {name: signal for name, signal, _ in diagnosis.stages_}
    assert_array_equal(signals["target"], y)
    assert_array_equal(signals["source"], x)
    features = converter.target_features_
    again = features.inverse_transform(features.transform([y]))[0]
    assert_array_equal(signals["analysis-synthesis"], again)
    assert_array_equal(signals["global variance"], converter.predict([x])[0])
    for name, signal, mcd in diagnosis.stages_:
        wanted = mel_cepstral_distortion([y], [signal], sample_rate=RATE)
        assert mcd == pytest.approx(wanted, rel=1e-6), name


def test_features_are_scored_as_the_converter_does(diagnosis, converter, pairs):
    score = converter.score(pairs[0][2:], pairs[1][2:])
    assert diagnosis.feature_mcd_["global variance"] == pytest.approx(-score)
    assert diagnosis.feature_mcd_["analysis-synthesis"] < 0.5


def test_stages_are_those_that_a_fit_without_the_rest_has(converter, pairs):
    X, y = pairs
    found = dict(stages_of(converter))
    without_filter = fitted(pairs, global_variance=0)
    assert_allclose(
        found["trajectory"].predict_features(X[2:])[0],
        without_filter.predict_features(X[2:])[0],
    )
    # Frames of the mapping are the means that the trajectory starts from.
    inner = converter.regressor_.regressor_.streams_[1][1]
    frames = dict(stages_of(converter))["mapping"].regressor_.regressor_.streams_[1][1]
    sequence = [np.random.default_rng(0).normal(size=(30, 24))]
    dynamic = np.column_stack([sequence[0], np.gradient(sequence[0], axis=0)])
    dynamic[[0, -1], 24:] /= 2  # beyond the ends the edge is repeated
    expected = inner.regressors_[0].predict(dynamic)[:, :24]
    assert_allclose(frames.predict(sequence)[0], expected)


def test_the_converter_is_not_changed(before, diagnosis, converter, pairs):
    signal, own, of_regressor = before
    assert_array_equal(converter.predict(pairs[0][2:])[0], signal)
    assert vars(converter) == own
    assert vars(converter.regressor_) == of_regressor


def test_costs_sum_up(diagnosis):
    assert list(diagnosis.costs_) == ["mapping", "trajectory", "global variance", "synthesis"]
    assert sum(diagnosis.costs_.values()) == pytest.approx(diagnosis.stages_[-1][2])
    assert diagnosis.costs_["mapping"] == diagnosis.feature_mcd_["mapping"]


def test_differential_is_the_last_stage(pairs):
    model = fitted(pairs, synthesis="differential", global_variance=0)
    found = diagnose(model, pairs[0][2], pairs[1][2])
    assert [name for name, _, _ in found.stages_][-2:] == ["trajectory", "differential"]
    signals = {name: signal for name, signal, _ in found.stages_}
    assert_array_equal(signals["differential"], model.predict(pairs[0][2:])[0])
    assert np.abs(signals["trajectory"] - signals["differential"]).max() > 0.01
    assert "+ differential" in str(found)


def test_several_clips_are_averaged(diagnosis, converter, pairs):
    X, y = [pairs[0][2], pairs[0][0]], [pairs[1][2], pairs[1][0]]
    both = diagnose(converter, X, y)
    for (_, signal, mcd), (name, alone, _) in zip(both.stages_, diagnosis.stages_, strict=True):
        assert_array_equal(signal, alone)
        if name in ("source", "global variance"):
            found = X if name == "source" else converter.predict(X)
            assert mcd == pytest.approx(mel_cepstral_distortion(y, found, sample_rate=RATE))
    score = converter.score(X, y)
    assert both.feature_mcd_["global variance"] == pytest.approx(-score)
    assert "mean of 2 clips" in str(both)


def test_other_converters_have_fewer_stages(pairs):
    X, y = pairs
    plain = fitted(pairs, trajectory=False, global_variance=0)
    assert [name for name, _ in stages_of(plain)] == ["mapping"]
    unpaired = make_unpaired_converter(RATE, target="b").fit(X + y, ["a"] * 3 + ["b"] * 3)
    found = diagnose(unpaired, X[2], y[2])
    names = ["target", "analysis-synthesis", "source", "mapping", "global variance"]
    assert [name for name, _, _ in found.stages_] == names
    assert_array_equal(found.stages_[-1][1], unpaired.predict(X[2:])[0])


def test_optimised_global_variance_is_a_stage(pairs):
    model = make_voice_converter(RATE, Ridge(), n_iter=1, global_variance=0)
    path = "regressor__regressor__mcep__global_variance"
    model.set_params(**{path: "optimise"}).fit(pairs[0][:2], pairs[1][:2])
    found = dict(stages_of(model))
    assert list(found) == ["mapping", "trajectory", "global variance"]
    features = [stage.predict_features(pairs[0][2:])[0] for stage in found.values()]
    plain = fitted(pairs, global_variance=0).predict_features(pairs[0][2:])[0]
    assert_allclose(features[1], plain)
    assert_array_equal(features[2], model.predict_features(pairs[0][2:])[0])


def test_features_without_cepstra(pairs):
    X, y = pairs
    stft = STFTTransformer(n_fft=256, hop_length=128, output="log1p")
    model = SignalConverter(stft, AlignedRegressor(Ridge(), n_iter=1)).fit(X[:2], y[:2])
    with pytest.raises(ValueError, match="has no sample rate"):
        diagnose(model, X[2], y[2])
    found = diagnose(model, X[2], y[2], sample_rate=RATE)
    mcd = {name: value for name, _, value in found.stages_}
    assert np.isnan(found.feature_mcd_["mapping"])
    assert found.costs_["synthesis"] == pytest.approx(mcd["analysis-synthesis"])


def test_whatever_predicts(pairs):
    class Echo:
        def predict(self, X):
            return [0.5 * x for x in X]

    found = diagnose(Echo(), pairs[0][2], pairs[1][2], sample_rate=RATE)
    assert [name for name, _, _ in found.stages_] == ["target", "source", "conversion"]
    assert list(found.costs_) == ["conversion"]
    assert "no nearer than the source" in found.verdict_


class Quieter(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def transform(self, X):
        return [x / 2 for x in X]


STAGES = [
    ("target", np.ones(10), 0.0),
    ("analysis-synthesis", np.ones(10), 1.0),
    ("source", np.ones(10), 8.0),
    ("mapping", np.ones(10), 5.5),
    ("global variance", np.ones(10), 6.0),
]
FEATURES = {"mapping": 5.0, "global variance": 5.25}


def test_shares():
    mcd = {name: value for name, _, value in STAGES}
    expected = {"mapping": 5.0, "global variance": 0.25, "synthesis": 0.75}
    assert share_costs(mcd, FEATURES) == expected
    # Without features the sound tells.
    assert share_costs(mcd, {}) == {"mapping": 4.5, "global variance": 0.5, "synthesis": 1.0}


def test_table():
    text = str(Diagnosis(STAGES, FEATURES, sample_rate=RATE))
    assert re.search(r"\nmapping +5.50 +5.00 +\+5.00\n", text)
    assert re.search(r"\n\+ global variance +6.00 +5.25 +\+0.25\n", text)
    assert re.search(r"\nsynthesis +\+0.75\n", text)
    sentence = (
        "Mapping costs most: 5.00 of the 6.00 dB between the converted clips and the target; "
        "the source was 8.00 dB away."
    )
    assert " ".join(text.split("\n\n")[-1].split()) == sentence
    found = Diagnosis(STAGES, FEATURES, sample_rate=RATE)
    assert found.worst_ == "mapping"
    assert repr(found) == f"<Diagnosis of 5 stages: {sentence}>"


def test_page_has_a_player_each():
    html = Diagnosis(STAGES, FEATURES, sample_rate=RATE)._repr_html_()
    labels = re.findall('aria-label="(.*?)"', html)
    assert labels == [name for name, _, _ in STAGES]
    assert html.count("<tr>") == 7  # a head, five stages, synthesis
    assert 'scope="row"' in html


def test_picture():
    ax = Figure().add_subplot()
    found = Diagnosis(STAGES, FEATURES, sample_rate=RATE).plot(ax, title="where")
    assert found.ax_ is ax
    assert_allclose([bar.get_width() for bar in ax.patches], [0, 1, 8, 5.5, 6])
    assert_allclose(ax.lines[0].get_xdata(), [np.nan, np.nan, np.nan, 5, 5.25])
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels[3:] == ["mapping", "+ global variance"]
    assert ax.get_title(loc="right") == "where"
    assert Diagnosis(STAGES, {}, sample_rate=RATE).plot().figure_ is not None


def test_errors(converter, pairs):
    X, y = pairs
    with pytest.raises(ValueError, match="x has 2 clips and y has 1"):
        diagnose(converter, X[:2], y[:1])
    with pytest.raises(ValueError, match="but sample_rate=8000 was given"):
        diagnose(converter, X[2], y[2], sample_rate=8000)
    with pytest.raises(TypeError, match="SourceFilterVocoder has no predict"):
        diagnose(SourceFilterVocoder(RATE).fit(X[2:]), X[2], y[2])
    with pytest.raises(NotFittedError):
        diagnose(SourceFilterVocoder(RATE), X[2], y[2])


def test_steps_around_a_converter(diagnosis, converter, pairs):
    x, y = pairs[0][2], pairs[1][2]
    chain = Pipeline([("first", PeakGuard()), ("inner", converter), ("last", Quieter())])
    found = diagnose(chain, x, y)
    assert found.sample_rate == RATE
    names = [name for name, _, _ in found.stages_]
    assert names == [name for name, _, _ in diagnosis.stages_]
    assert_array_equal(found.stages_[-1][1], chain.transform([x])[0])
    for name, mcd in found.feature_mcd_.items():
        assert mcd == pytest.approx(diagnosis.feature_mcd_[name], nan_ok=True), name

    class Search:
        best_estimator_ = chain

    with pytest.raises(ValueError, match="Pipeline has sample_rate=16000, but sample_rate=8000"):
        diagnose(Search(), x, y, sample_rate=8000)


def test_whatever_only_transforms(pairs):
    x, y = pairs[0][2], pairs[1][2]
    found = diagnose(PeakGuard().fit([x]), x, y, sample_rate=RATE)
    assert [name for name, _, _ in found.stages_] == ["target", "source", "conversion"]
    assert found.verdict_.startswith("The converted clips are ")
    assert "costs most" not in found.verdict_


def test_given_clips_are_not_changed(pairs):
    class Silencer:
        def predict(self, X):
            for x in X:
                x *= 0.1
            return X

    x, y = pairs[0][2].copy(), pairs[1][2].copy()
    found = diagnose(Silencer(), x, y, sample_rate=RATE)
    assert_array_equal(x, pairs[0][2])
    assert_allclose(found.stages_[-1][1], x * np.float32(0.1), rtol=1e-6)


def test_converters_that_fail(pairs):
    class Lazy:
        def predict(self, X):
            return X[:1]

    with pytest.raises(ValueError, match="What Lazy makes has 1 clips and its input has 2"):
        diagnose(Lazy(), pairs[0][:2], pairs[1][:2], sample_rate=RATE)

    class Broken:
        def predict(self, X):
            return [x * np.nan for x in X]

    with pytest.raises(ValueError, match=r"converted\[0\] contains NaN"):
        diagnose(Broken(), pairs[0][:1], pairs[1][:1], sample_rate=RATE)


def test_costs_that_the_rest_takes_back():
    stages = [*STAGES[:3], ("mapping", np.ones(10), 5.5), ("trajectory", np.ones(10), 5.0)]
    found = Diagnosis(stages, {"mapping": 5.75, "trajectory": 5.0}, sample_rate=RATE)
    assert found.verdict_ == (
        "Mapping costs most: 5.75 dB, of which the rest takes back 0.75; 5.00 dB are left between "
        "the converted clips and the target; the source was 8.00 dB away."
    )


def test_stages_that_are_missing():
    alone = Diagnosis([("mapping", np.ones(10), 3.0)], {}, sample_rate=RATE)
    assert alone.verdict_ == "The converted clips are 3.00 dB from the target."
    with pytest.raises(ValueError, match=r"no stage of a conversion, only \['target'\]"):
        Diagnosis([("target", np.ones(10), 0.0)], {}, sample_rate=RATE)
    unknown = Diagnosis([("mapping", np.ones(10), np.nan)], {}, sample_rate=RATE)
    assert "not known" in unknown.verdict_
