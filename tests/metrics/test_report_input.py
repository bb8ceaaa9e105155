"""What reports take and refuse, and what they do not hand out."""

import pickle

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from skstyle.exceptions import ShortClipWarning
from skstyle.metrics import frechet_distance, gram_distance, style_report

RATE = 16000


def peak(y_true, y_pred, *, sample_rate, average):
    return np.array([abs(np.max(a) - np.max(b)) for a, b in zip(y_true, y_pred, strict=True)])


PEAK = {"sample_rate": RATE, "measures": peak, "output": "dict"}


@pytest.fixture
def clips():
    rng = np.random.default_rng(0)
    return [rng.standard_normal(50 + i) for i in range(3)]


@pytest.fixture
def other():
    rng = np.random.default_rng(1)
    return [rng.standard_normal(50 + i) for i in range(3)]


def test_measures_cannot_write_into_the_clips_of_the_report(clips, other):
    def spoil(y_true, y_pred, *, sample_rate, average):
        for x in (*y_true, *y_pred):
            x[:] = 0
        return np.zeros(len(y_true))

    measures = {"spoil": spoil, "peak": peak}
    report = style_report(clips, other, sample_rate=RATE, measures=measures, output="dict")
    np.testing.assert_allclose(
        report["converted"]["peak"]["values"],
        peak(clips, other, sample_rate=RATE, average=False),
    )


@pytest.mark.parametrize("measure", [frechet_distance, gram_distance])
def test_features_cannot_write_into_clips(measure):
    def spoil(x):
        out = x[:40].reshape(-1, 2) ** 2
        out = [out] if measure is gram_distance else out
        x[:] = 7
        return out

    frames = [np.random.default_rng(i).standard_normal(60) for i in range(2)]
    before = [x.copy() for x in frames]
    options = {"sample_rate": RATE, "level_db": None, "features": spoil}
    once = measure(frames, frames[::-1], **options)
    assert measure(frames, frames[::-1], **options) == once
    np.testing.assert_array_equal(frames, before)


@pytest.mark.parametrize("measures", [peak, [peak], {"peak": peak}])
def test_functions_have_their_own_names(clips, other, measures):
    report = style_report(clips, other, **{**PEAK, "measures": measures})
    assert list(report["converted"]) == ["peak"]


@pytest.mark.parametrize(
    ("measures", "error"), [(3, TypeError), ([3], ValueError), ({"a": 3}, ValueError)]
)
def test_measures_are_names_or_functions(clips, measures, error):
    with pytest.raises(error, match="expected 'speech' or 'music', a list of callables"):
        style_report(clips, clips, **{**PEAK, "measures": measures})


def test_names_of_any_kind(clips):
    report = style_report(clips, {1: clips, 2: clips}, **PEAK, seconds={1: 0.5})
    assert set(report) == {"1", "2", "target"}
    assert report["1"]["real_time_factor"] > 0 and "real_time_factor" not in report["2"]


@pytest.mark.parametrize(
    "seconds", [(1, 2, 3), "1", -1, np.nan, (1, None), {"converted": "1"}, (), True]
)
def test_seconds_are_numbers(clips, seconds):
    with pytest.raises(ValueError, match="seconds of 'converted' must be a number"):
        style_report(clips, clips, **PEAK, seconds=seconds)


def test_seconds_of_rows_that_are_no_method(clips):
    with pytest.raises(ValueError, match=r"seconds has \['target'\]"):
        style_report(clips, clips, **PEAK, seconds={"target": 1})


@pytest.mark.parametrize("analysis", [Ridge(), "yes", 3])
def test_analysis_goes_back(clips, analysis):
    with pytest.raises(TypeError, match="analysis must be a transformer with inverse_transform"):
        style_report(clips, clips, **PEAK, analysis=analysis)


def test_short_clips_are_called_as_they_were_passed(speakers):
    y = [x[:4000] for x in speakers[1][:2]]
    methods = {5: [y[0], y[1][:60]]}
    with pytest.warns(ShortClipWarning, match=r"y_pred\[5\]\[1\] has 60 samples") as caught:
        style_report(
            y, methods, sample_rate=RATE, measures="mel_cepstral_distortion", analysis=None
        )
    assert {w.filename for w in caught} == {__file__}


def test_long_names_are_cut_in_text_only(clips, other):
    name = "method " * 11
    report = style_report(clips, {name: other}, **PEAK)
    assert name in report
    assert max(map(len, str(report).splitlines())) <= 100
    assert "method method method method method meth…" in str(report)


def test_a_dict_prints_the_table(clips, other):
    report = style_report(clips, other, **PEAK)
    text = style_report(clips, other, **{**PEAK, "output": "text"})
    assert isinstance(report, dict)
    assert str(report) == text == str(pickle.loads(pickle.dumps(report)))


def test_voices_by_name(speakers):
    y, X = ([x[:4000] for x in side[:3]] for side in reversed(speakers))
    report = style_report(y, X, sample_rate=RATE, measures=["speaker_similarity"], output="dict")
    means = [report[name]["speaker_similarity"]["mean"] for name in ("converted", "target")]
    assert means[0] < means[1]
