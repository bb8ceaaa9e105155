"""The table of methods: what its rows and columns hold, and how it is written."""

import re
import sys

import numpy as np
import pytest

from skstyle import metrics
from skstyle.datasets import make_parallel_speakers
from skstyle.exceptions import SilentClipWarning
from skstyle.features import MelSpectrogram, SourceFilterVocoder
from skstyle.metrics import style_report
from skstyle.metrics._report_measures import LAYOUT, SETS
from skstyle.metrics._report_table import mean_with_spread, number, text_table
from skstyle.signal import Resampler, STFTTransformer

RATE = 16000
SPEECH = list(SETS["speech"])


def peak(y_true, y_pred, *, sample_rate, average):
    """Cheap measure for tests of what is around it."""
    assert sample_rate == RATE and average is False
    return np.array([abs(np.max(a) - np.max(b)) for a, b in zip(y_true, y_pred, strict=True)])


PEAK = {"sample_rate": RATE, "measures": {"peak": peak}}


def make_clips(n=5, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(50 + i) for i in range(n)]


@pytest.fixture(scope="module")
def speech():
    return make_parallel_speakers(3, duration=0.5, random_state=0)


@pytest.fixture(scope="module")
def spoken(speech):
    X, y = speech
    calls = {"y_pred": {"loud": [2 * x for x in X], "clip": y[::-1]}, "y_source": X}
    return style_report(y, **calls, sample_rate=RATE, output="dict")


def test_rows_are_source_methods_and_limits(spoken):
    assert list(spoken) == ["source", "loud", "clip", "analysis-synthesis", "target"]
    assert all(list(row) == SPEECH for row in spoken.values())


@pytest.mark.parametrize("name", SPEECH)
@pytest.mark.filterwarnings("ignore::skstyle.exceptions.UnvoicedClipWarning")
def test_values_are_those_of_the_functions(speech, spoken, name):
    X, y = speech
    function = getattr(metrics, name)
    for row, clips in (("source", X), ("clip", y[::-1])):
        wanted = function(y, clips, sample_rate=RATE, average=False)
        np.testing.assert_allclose(spoken[row][name]["values"], wanted, rtol=1e-10)
        assert spoken[row][name]["mean"] == pytest.approx(np.nanmean(wanted))


def test_limits(spoken):
    target = {name: found["mean"] for name, found in spoken["target"].items()}
    assert target.pop("log_f0_correlation") == pytest.approx(1)
    assert set(target.values()) == {0}
    mcd = {name: row["mel_cepstral_distortion"]["mean"] for name, row in spoken.items()}
    assert 0 < mcd["analysis-synthesis"] < mcd["source"] == pytest.approx(mcd["loud"], rel=1e-3)


def test_analysis_synthesis_is_the_target_through_a_transformer(speech):
    _, y = speech
    vocoder = SourceFilterVocoder(RATE)
    again = vocoder.inverse_transform(vocoder.fit_transform(y))
    options = {"sample_rate": RATE, "measures": ["mel_cepstral_distortion"], "output": "dict"}
    by_hand = style_report(y, again, analysis=None, **options)
    assert list(by_hand) == ["converted", "target"]
    made = style_report(y, y, **options)["analysis-synthesis"]["mel_cepstral_distortion"]
    by_hand = by_hand["converted"]["mel_cepstral_distortion"]
    np.testing.assert_allclose(made["values"], by_hand["values"], rtol=1e-3)
    stft = STFTTransformer(n_fft=64, hop_length=16)
    exact = style_report(y, y, analysis=stft, **(PEAK | {"output": "dict"}))
    assert exact["analysis-synthesis"]["peak"]["mean"] == pytest.approx(0, abs=1e-9)
    assert not hasattr(stft, "n_features_in_")


def test_music(speech):
    X, y = speech
    report = style_report(y, X, sample_rate=RATE, measures="music", output="dict")
    assert list(report) == ["converted", "target"]
    for name, found in report["converted"].items():
        wanted = getattr(metrics, name)(y, X, sample_rate=RATE, average=False)
        np.testing.assert_array_equal(found["values"], wanted)
    limits = {"chroma_similarity": 1, "onset_f1": 1}
    for name, found in report["target"].items():
        assert found["mean"] == pytest.approx(limits.get(name, 0), abs=1e-9)


def test_every_named_measure_is_public(speech):
    X, y = speech
    assert set(LAYOUT) <= set(metrics.__all__) and set(SPEECH) <= set(LAYOUT)
    others = sorted(set(LAYOUT) - set(SPEECH) - set(SETS["music"]))
    report = style_report(y, y, sample_rate=RATE, measures=others, output="dict")
    # A voice is compared with other sentences of it.
    assert report["target"].pop("speaker_similarity")["mean"] > 0.9
    assert all(found["mean"] == 0 for found in report["target"].values())


def test_intervals_and_seeds():
    y, y_pred = make_clips(), make_clips(seed=1)
    options = PEAK | {"output": "dict"}
    found, same, other, sure = (
        style_report(y, y_pred, **options, **more)["converted"]["peak"]
        for more in ({}, {}, {"random_state": 1}, {"confidence": 0.99})
    )
    assert found["low"] < found["mean"] < found["high"] and found["n_clips"] == 5
    assert (same["low"], same["high"]) == (found["low"], found["high"])
    assert (other["low"], other["high"]) != (found["low"], found["high"])
    assert sure["high"] - sure["low"] > found["high"] - found["low"]
    few = style_report(y, y_pred, n_resamples=10, **options)["converted"]["peak"]
    assert few["mean"] == found["mean"] and few["low"] != found["low"]


def test_rows_draw_the_same_clips():
    y = make_clips()
    methods = {"a": [x + 1 for x in y], "b": [x + 1 + x.min() for x in y]}

    def error(y_true, y_pred, *, sample_rate, average):
        return [np.mean(b - a) for a, b in zip(y_true, y_pred, strict=True)]

    def moved(*args, **options):
        return np.add(error(*args, **options), 1)

    measures = {"error": error, "moved": moved}
    report = style_report(y, methods, sample_rate=RATE, measures=measures, output="dict")["b"]
    for end in ("mean", "low", "high"):
        assert report["moved"][end] == pytest.approx(report["error"][end] + 1)


@pytest.mark.parametrize("output", ["text", "dict"])
def test_inputs_are_kept(output):
    y, y_pred = make_clips(), make_clips(seed=1)
    before = [x.copy() for x in (*y, *y_pred)]
    for x in (*y, *y_pred):
        x.flags.writeable = False
    style_report(y, {"a": y_pred}, y_pred, **PEAK, output=output)
    assert all(np.array_equal(a, b) for a, b in zip(before, (*y, *y_pred), strict=True))


def test_containers():
    y, y_pred = np.random.default_rng(0).standard_normal((2, 4, 60))
    wanted = style_report(list(y), list(y_pred), list(y_pred), **PEAK)
    assert style_report(y, y_pred, y_pred, **PEAK) == wanted
    objects = np.empty(4, dtype=object)
    objects[:] = list(y_pred)
    assert style_report(y, {"converted": objects}, objects, **PEAK) == wanted


def test_text():
    y = make_clips()
    pred = {"one": make_clips(seed=1), "another": y}
    text = style_report(y, pred, pred["one"], seconds={"one": 2}, **PEAK)
    assert text == style_report(y, pred, pred["one"], seconds={"one": 2}, **PEAK)
    rows = text.splitlines()
    assert rows[0].split() == ["peak", "real-time"] and rows[1].split() == ["factor"]
    names = [row.split(" ")[0] for row in rows[2:9]]
    assert names == ["", "source", "", "one", "another", "", "target"]
    one = style_report(y, pred, **PEAK, output="dict")["one"]["peak"]
    assert f"{one['mean']:.3f} ±{(one['high'] - one['low']) / 2:.3f}" in rows[5]
    assert "0.000 ±0.000" in rows[8]
    assert "Mean over 5 clips" in text and "95 %" in text and "1000 draws" in text
    assert "Speech" not in text and "analysis" not in text and text.endswith("\n")


def test_text_fits_a_terminal(speech, spoken):
    X, y = speech
    text = style_report(y, X, X, sample_rate=RATE, seconds=(12.3, 1.5))
    assert max(map(len, text.splitlines())) <= 100
    top = text.splitlines()
    # Six measures stand side by side, and what is known of speed is below.
    assert all(word in top[0] for word in ("MCD", "log-F0", "V/UV", "GV", "mod. spec."))
    assert len(re.findall("±", top[3])) == 6
    assert any(line.split() == ["fit", "real-time"] for line in top)
    assert "aligned by dynamic time warping" in text
    assert "analysis-synthesis: the target through SourceFilterVocoder" in text
    found = spoken["source"]["voicing_error"]["mean"]
    assert f"{100 * found:.1f} ±" in top[3]


def test_one_clip_has_no_interval():
    text = style_report(make_clips(1), make_clips(1, seed=1), **PEAK)
    assert "±" not in text and "Of 1 clip; one clip has no interval." in text
    report = style_report(make_clips(1), make_clips(1, seed=1), **PEAK, output="dict")
    found = report["converted"]["peak"]
    assert np.isfinite(found["mean"]) and np.isnan(found["low"]) and np.isnan(found["high"])


def test_clips_without_a_value_are_left_out_and_counted():
    def holes(y_true, y_pred, *, sample_rate, average):
        values = peak(y_true, y_pred, sample_rate=sample_rate, average=average)
        values[0] = np.nan
        alike = all(map(np.array_equal, y_pred, y_true))
        return np.full(len(values), np.nan) if alike else values

    y, y_pred = make_clips(), make_clips(seed=1)
    options = {"sample_rate": RATE, "measures": {"peak": peak, "one": holes, "two": holes}}
    report = style_report(y, y_pred, **options, output="dict")
    found = report["converted"]
    assert found["one"]["n_clips"] == 4 and found["peak"]["n_clips"] == 5
    assert found["one"]["mean"] == pytest.approx(found["peak"]["values"][1:].mean())
    text = style_report(y, y_pred, **options)
    assert "Left out, without a value (one; two): 1 of converted, 5 of target." in text
    assert text.splitlines()[5].split()[-2:] == ["-", "-"]


def test_seconds():
    y, source = make_clips(), [np.zeros(1600) + 0.1] * 5
    methods = {"a": y, "b": y}
    options = PEAK | {"output": "dict"}
    report = style_report(y, methods, source, seconds={"a": (7, 1.0)}, **options)
    # The sources last half a second.
    assert report["a"]["fit_seconds"] == 7 and report["a"]["real_time_factor"] == 2
    assert "real_time_factor" not in report["b"]
    spoken = sum(map(len, y)) / RATE
    report = style_report(y, y, seconds=1.0, **options)["converted"]
    assert report["real_time_factor"] == pytest.approx(1 / spoken)
    assert np.isnan(report["fit_seconds"])


def test_dataframe():
    y, y_pred = make_clips(), make_clips(seed=1)
    calls = {"y_pred": {"a": y_pred}, "y_source": y_pred, "seconds": {"a": (3, 1)}}
    frame = style_report(y, **calls, **PEAK, output="dataframe")
    report = style_report(y, **calls, **PEAK, output="dict")
    assert list(frame.index) == ["source", "a", "target"] == list(report)
    for key in ("mean", "low", "high", "n_clips"):
        assert frame.loc["a", ("peak", key)] == report["a"]["peak"][key]
    assert frame.loc["a", ("speed", "fit_seconds")] == 3
    assert np.isnan(frame.loc["target", ("speed", "real_time_factor")])
    plain = style_report(y, y_pred, **PEAK, output="dataframe")
    assert "speed" not in plain.columns.get_level_values(0)


def test_dataframe_without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="needs pandas.*pip install pandas.*output='dict'"):
        style_report(make_clips(), make_clips(), **PEAK, output="dataframe")


def test_progress(capsys):
    style_report(make_clips(), make_clips(), **PEAK)
    assert capsys.readouterr() == ("", "")
    style_report(make_clips(), {"mine": make_clips()}, **PEAK, verbose=1)
    shown = capsys.readouterr()
    assert shown.out == "" and "measure mine" in shown.err


def test_silent_clips_are_told_by_name():
    y_pred = make_clips()
    y_pred[2] = np.zeros(60)
    with pytest.warns(SilentClipWarning, match=re.escape("y_pred['mute'][2] is silent")) as caught:
        style_report(make_clips(), {"mute": y_pred}, **PEAK)
    assert [w.filename for w in caught] == [__file__]


def test_silent_speech_has_no_pitch(speech):
    X, y = speech
    with pytest.warns(SilentClipWarning, match="y_pred") as caught:
        report = style_report(y, [np.zeros(8000), *X[1:]], sample_rate=RATE, output="dict")
    assert len(caught) == 1
    counts = {name: found["n_clips"] for name, found in report["converted"].items()}
    assert counts["log_f0_rmse"] == 2 and counts["mel_cepstral_distortion"] == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_pred": make_clips(4)}, "y_true has 5 clips and y_pred has 4"),
        ({"y_pred": {"a": make_clips(4)}}, r"y_true has 5 clips and y_pred\['a'\] has 4"),
        ({"y_source": make_clips(6)}, "y_true has 5 clips and y_source has 6"),
        ({"y_pred": {}}, "y_pred is an empty dict"),
        ({"y_pred": {"target": make_clips()}}, "Two rows are called 'target'"),
        ({"y_pred": {"source": make_clips()}, "y_source": make_clips()}, "called 'source'"),
        ({"y_pred": {1: make_clips(), "1": make_clips()}}, "Two rows are called '1'"),
        ({"measures": "mcd"}, "Unknown measure 'mcd'; expected 'speech' or 'music'"),
        ({"measures": []}, "measures is empty"),
        ({"measures": {"a": 3}}, "Unknown measure 3"),
        ({"measures": {"mean": lambda *a, **k: 1.0}}, r"'mean' returned shape \(\) for 5 clips"),
        ({"confidence": 95}, "confidence must be a number between 0 and 1, got 95"),
        ({"n_resamples": 0}, "n_resamples must be a whole number of at least 1, got 0"),
        ({"output": "html"}, "output must be one of 'text', 'dataframe', 'dict', got 'html'"),
        ({"sample_rate": 16}, "did you mean kHz"),
        ({"seconds": {"b": 1}}, r"seconds has \['b'\], which y_pred has not"),
        ({"y_pred": dict.fromkeys("ab", make_clips()), "seconds": 1}, "seconds must be a dict"),
        ({"y_pred": Resampler(8000, 4000).fit_transform(make_clips())}, "4000 Hz"),
        ({"y_pred": [np.full(9, np.nan)] * 5}, r"y_pred\[0\] contains NaN"),
    ],
)
def test_errors(change, message):
    options = {"y_true": make_clips(), "y_pred": make_clips(), **PEAK, **change}
    with pytest.raises(ValueError, match=message):
        style_report(**options)


def test_a_name_of_ours_is_free_where_the_row_is_not_made():
    report = style_report(make_clips(), {"source": make_clips()}, **PEAK, output="dict")
    assert list(report) == ["source", "target"]
    with pytest.raises(ValueError, match="Two rows are called 'analysis-synthesis'"):
        analysis = MelSpectrogram(RATE)
        style_report(make_clips(), {"analysis-synthesis": make_clips()}, analysis=analysis, **PEAK)


def test_names_in_a_dict_are_measures_too(speech):
    X, y = speech
    measures = {"distortion": "mel_cepstral_distortion", "wrong": "voicing_error"}
    text = style_report(y, X, sample_rate=RATE, measures=measures, analysis=None)
    assert text.splitlines()[0].split() == ["distortion", "wrong"]
    assert text.splitlines()[1].split() == ["%"]


def test_numbers():
    assert number(1.005, 1) == "1.0" and number(np.nan, 2) == "-" and number(0.12, 1, 100) == "12.0"
    assert mean_with_spread(1, 0.5, 2, 2) == "1.00 ±0.75"
    assert mean_with_spread(1, np.nan, np.nan, 1) == "1.0"


def test_table_breaks_where_it_is_too_wide():
    column = ["head", "unit", "1.0", "22.0"]
    table = text_table(["a", "bb"], [[column] * 3, [column] * 2], [2], 26)
    assert table == (
        "    head  head  head\n    unit  unit  unit\n\na    1.0   1.0   1.0\nbb  22.0  22.0  22.0\n"
        "\n    head  head\n    unit  unit\n\na    1.0   1.0\nbb  22.0  22.0\n"
    )
    narrow = text_table(["a", "bb"], [[column] * 2], [1, 1], 9)
    assert narrow.split("\n\n") == [
        "    head\n    unit",
        "a    1.0",
        "bb  22.0",
        "    head\n    unit",
        "a    1.0",
        "bb  22.0\n",
    ]
