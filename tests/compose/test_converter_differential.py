"""Conversion by a shift of pitch and a filter: the sound stays that of the source."""

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle import make_voice_converter
from skstyle.compose import AlignedRegressor, PerFrame, SignalConverter, StreamRegressor
from skstyle.compose import _conversion as converter_module
from skstyle.exceptions import ShortClipWarning, SilentClipWarning, UnvoicedClipWarning
from skstyle.features import MelCepstrum, SourceFilterVocoder
from skstyle.metrics import mel_cepstral_distortion as mcd
from skstyle.signal._silence import speech_level

RATE = 16000


def fast(regressor=None, streams=None, **parameters):
    """Return a converter of the mel-cepstrum alone, one round."""
    streams = streams or [("mcep", regressor or Ridge(), slice(3, -5))]
    return SignalConverter(
        SourceFilterVocoder(RATE),
        AlignedRegressor(StreamRegressor(streams), n_iter=1),
        **{"synthesis": "differential"} | parameters,
    )


@pytest.fixture(scope="module")
def few(speakers):
    """Three short pairs."""
    X, y = speakers
    return [x[2000:9000] for x in X[:3]], [c[2000:9500] for c in y[:3]]


@pytest.fixture(scope="module")
def fitted(speakers):
    X, y = speakers
    return make_voice_converter(RATE, Ridge(), synthesis="differential").fit(X[:4], y[:4])


def median_pitch(clips, vocoder):
    voiced = np.concatenate([s[s[:, 1] == 1, 0] for s in vocoder.transform(clips)])
    return np.exp(np.median(voiced))


# ---------------------------------------------------------------- what comes out


def test_voices_come_nearer(speakers, fitted):
    X, y = (part[4:] for part in speakers)
    assert mcd(y, fitted.predict(X), sample_rate=RATE) < 0.8 * mcd(y, X, sample_rate=RATE)


def test_pitch_becomes_that_of_the_target(speakers, fitted):
    X, y = speakers
    vocoder = SourceFilterVocoder(RATE).fit(y)
    found = median_pitch(fitted.predict(X[4:]), vocoder)
    assert found == pytest.approx(median_pitch(y[:4], vocoder), rel=0.08)
    assert median_pitch(X[4:], vocoder) != pytest.approx(found, rel=0.2)


def test_back_again_lowers_the_pitch(speakers):
    """A ratio under 1 leaves no empty band behind."""
    y, X = speakers
    converter = make_voice_converter(RATE, Ridge(), synthesis="differential", n_iter=1)
    out = converter.fit(X[:4], y[:4]).predict(X[4:])
    vocoder = SourceFilterVocoder(RATE).fit(y)
    assert median_pitch(out, vocoder) == pytest.approx(median_pitch(y[:4], vocoder), rel=0.08)
    assert mcd(y[4:], out, sample_rate=RATE) < 0.85 * mcd(y[4:], X[4:], sample_rate=RATE)


def test_converting_to_oneself_is_the_identity(few):
    """Where nothing changes, nothing is lost: there is no vocoder in between."""
    X, _ = few
    converter = fast(LinearRegression()).fit(X, X)
    for out, x in zip(converter.predict(X), X, strict=True):
        assert (out - x).std() < 0.03 * x.std()


def test_phases_stay_where_the_pitch_does(few):
    X, y = few
    converter = fast().fit(X, y)
    for out, x in zip(converter.predict(X), X, strict=True):
        assert np.corrcoef(out, x)[0, 1] > 0.3
    vocoded = clone(converter).set_params(synthesis="vocoder").fit(X, y).predict(X)
    for out, x in zip(vocoded, X, strict=True):
        assert np.corrcoef(out, x)[0, 1] < 0.3


@pytest.mark.parametrize("level", ["source", "free"])
def test_level_is_kept_or_converted(few, level):
    X, y = few
    louder = [3 * c for c in y]
    streams = [("mcep", Ridge(), slice(2, -5))]
    converter = fast(streams=streams, level=level).fit(X, louder)
    ratios = [out.std() / x.std() for out, x in zip(converter.predict(X), X, strict=True)]
    if level == "source":
        np.testing.assert_allclose(20 * np.log10(ratios), 0, atol=1.5)
    else:
        expected = np.mean([c.std() for c in louder]) / np.mean([x.std() for x in X])
        assert np.mean(ratios) == pytest.approx(expected, rel=0.3)


def test_features_and_score_are_those_of_the_vocoder(few, speakers):
    X, y = few
    a, b = (fast(synthesis=s).fit(X, y) for s in ("differential", "vocoder"))
    np.testing.assert_array_equal(a.predict_features(X)[0], b.predict_features(X)[0])
    assert a.score(X, y) == b.score(X, y)


def test_dtype_length_and_container(speakers, fitted):
    X = [speakers[0][4][:5001], speakers[0][5][:4999].astype(float)]
    out = fitted.predict(X)
    assert [(len(z), z.dtype) for z in out] == [(5001, np.float32), (4999, np.float64)]
    objects = np.empty(2, object)
    objects[:] = X
    again = fitted.predict(objects)
    assert again.dtype == object
    np.testing.assert_array_equal(again[0], out[0])


# ---------------------------------------------------------------- scikit-learn


def test_parameter_is_kept_and_passed_on():
    converter = make_voice_converter(RATE, synthesis="differential")
    assert converter.get_params()["synthesis"] == "differential"
    assert clone(converter).synthesis == "differential"
    assert make_voice_converter(RATE).synthesis == "vocoder"


def test_cross_val_predict(few):
    X, y = (np.array([c[:6000] for c in part]) for part in few)
    assert cross_val_predict(fast(), X, y, cv=3).shape == X.shape


def test_memory_and_workers_change_nothing(few, tmp_path):
    X, y = few
    expected = fast(streams=PITCH).fit(X, y).predict(X)
    memory = joblib.Memory(tmp_path, verbose=0)
    for parameters in ({"memory": memory}, {"memory": memory, "n_jobs": 2}):
        out = fast(streams=PITCH, **parameters).fit(X, y).predict(X)
        for a, b in zip(out, expected, strict=True):
            np.testing.assert_array_equal(a, b)


class Higher(Ridge):
    """The pitch of the source, half as high again."""

    def predict(self, X):
        """Return lf0 and voicing."""
        return X[:, :2] + [np.log(1.5), 0]


PITCH = [("lf0", Higher(), slice(0, 2)), ("mcep", Ridge(), slice(3, -5))]


def test_only_shifted_clips_are_analysed_again(few, monkeypatch):
    X, y = few
    calls = []
    analyse = SourceFilterVocoder._transform_one
    monkeypatch.setattr(
        SourceFilterVocoder, "_transform_one", lambda s, x: calls.append(1) or analyse(s, x)
    )
    for streams, n in ((None, 3), (PITCH, 6)):
        converter = fast(streams=streams).fit(X, y)
        calls.clear()
        converter.predict(X)
        assert len(calls) == n


def test_progress_names_every_stage(few, capsys):
    fast(streams=PITCH, verbose=1).fit(*few).predict(few[0])
    captured = capsys.readouterr().err
    for stage in ("analyse", "shift pitch", "analyse shifted", "filter"):
        assert stage in captured


# ---------------------------------------------------------------- odd clips


def test_silent_unvoiced_and_tiny_clips(few, fitted):
    noise = 0.1 * np.random.default_rng(0).standard_normal(8000)
    clips = [few[0][0], np.zeros(1234, np.float32), noise, np.array([0.1])]
    with (
        pytest.warns(SilentClipWarning, match=r"X\[1\] is silent: it was converted to silence"),
        pytest.warns(UnvoicedClipWarning, match=r"X\[2\] has no voiced frame") as unvoiced,
        pytest.warns(ShortClipWarning, match=r"X\[3\] has 1 samples"),
    ):
        out = fitted.predict(clips)
    # Said once, of the source and not of what is made of it on the way.
    assert len([w for w in unvoiced if w.category is UnvoicedClipWarning]) == 1
    assert [len(z) for z in out] == [7000, 1234, 8000, 1]
    assert not out[1].any()
    assert all(np.isfinite(z).all() for z in out)
    assert 0.01 < out[2].std() / noise.std() < 100


def test_extreme_ratios_are_limited(few, monkeypatch):
    X, y = few
    monkeypatch.setattr(converter_module, "pitch_ratio", lambda *_: 9.0)
    out = fast().fit(X, y).predict(X[:1])[0]
    assert len(out) == len(X[0])


# ---------------------------------------------------------------- refusals


def test_unknown_synthesis_is_told(few):
    with pytest.raises(ValueError, match="synthesis must be 'vocoder' or 'differential', got 'x'"):
        fast(synthesis="x").fit(*few)


@pytest.mark.parametrize(
    "features",
    [MelCepstrum(RATE), make_pipeline(SourceFilterVocoder(RATE), PerFrame(StandardScaler()))],
    ids=["MelCepstrum", "Pipeline"],
)
def test_features_that_cannot_filter_are_refused(few, features):
    converter = SignalConverter(features, AlignedRegressor(Ridge()), synthesis="differential")
    kind = type(features).__name__
    with pytest.raises(ValueError, match=f"needs features with apply_filter.*got {kind}. Use"):
        converter.fit(*few)


def test_large_gaps_of_level_are_closed(few):
    """The filter's own gain is bounded; the level of the target needs none of it."""
    X, y = few
    faint = [x * np.float32(0.01) for x in X]
    loud = [fast(level="target").fit(clips, y).predict(clips[:1])[0] for clips in (X, faint)]
    np.testing.assert_allclose(*map(speech_level, loud), atol=0.5)
