"""Clips for the examples: synthetic ones, and recordings where a variable names them."""

import numpy as np
import pytest

from skstyle.audio import write_clip
from skstyle.datasets import (
    example_speakers,
    example_texts,
    example_textures,
    example_tunes,
    example_voices,
    make_parallel_speakers,
)
from skstyle.datasets._examples import (
    _RECORDED_TEXTURES,
    _RECORDED_TUNES,
    _VOICES,
)
from skstyle.datasets._recordings import MODEL_VARIABLE, VARIABLE


@pytest.fixture
def synthetic(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def recorded(monkeypatch, tmp_path):
    """Files of another rate; lengths tell sentences apart, levels tell the rest apart."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    files = {
        f"speech/vcc2018/{name}/{i}": (i, (k + 1) / 10)
        for k, name in enumerate(_VOICES)
        for i in ([801, 802, 803, 804] if name in ("SF1", "TF1") else [802, 803, 804])
    }
    files |= {
        f"music/phrases_recorded_notes/{name}": (800, (k + 1) / 10)
        for k, name in enumerate(_RECORDED_TUNES)
    }
    files |= {
        f"textures/esc10/{name}": (16000, (k + 1) / 10)
        for k, name in enumerate(_RECORDED_TEXTURES.values())
    }
    for name, (length, level) in files.items():
        path = tmp_path / f"{name}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_clip(path, np.full(length, level), 8000)
    return tmp_path


def level(x):
    return round(float(np.median(x)), 1)


@pytest.mark.parametrize("value", [None, ""])
def test_speakers_are_synthetic_without_recordings(monkeypatch, value):
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    X, y, sample_rate = example_speakers(2, random_state=3)
    assert sample_rate == 16000
    for found, wanted in zip((X, y), make_parallel_speakers(2, random_state=3), strict=True):
        assert [x.tobytes() for x in found] == [x.tobytes() for x in wanted]


def test_recorded_speakers(recorded):
    X, y, sample_rate = example_speakers(3)
    assert sample_rate == 8000
    assert [len(x) for x in X] == [len(x) for x in y] == [801, 802, 803]
    assert (level(X[0]), level(y[0])) == (0.1, 0.5)
    X, y, _ = example_speakers(1, source="TM1", target="SM2")
    assert (len(X[0]), level(X[0]), level(y[0])) == (802, 0.6, 0.3)


def test_too_many_sentences(recorded):
    with pytest.raises(ValueError, match="from 1 to 4, the sentences .* SF1, TF1 have in common"):
        example_speakers(5)
    with pytest.raises(ValueError, match="from 1 to 3"):
        example_voices(4)


def test_recordings_are_missing(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    for load in (example_speakers, example_voices, example_tunes, example_textures):
        with pytest.raises(FileNotFoundError, match=f"{VARIABLE}=.* unset {VARIABLE}"):
            load()


@pytest.mark.parametrize("random_state", [0, None, np.random.RandomState(0)])
def test_six_synthetic_voices(synthetic, random_state):
    voices, sample_rate = example_voices(2, random_state=random_state)
    assert (len(voices), sample_rate) == (6, 16000)
    assert all(len(clips) == 2 and clips[0].dtype == np.float32 for clips in voices.values())
    assert len({clips[0].tobytes() for clips in voices.values()}) == 6
    # All say the same sentences, at their own pace.
    lengths = np.array([[len(x) for x in clips] for clips in voices.values()])
    assert np.all(np.abs(lengths / lengths[0] - 1) < 0.3)


def test_six_recorded_voices(recorded):
    voices, sample_rate = example_voices(2)
    assert (tuple(voices), sample_rate) == (_VOICES, 16000)
    assert [level(clips[0]) for clips in voices.values()] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert {tuple(map(len, clips)) for clips in voices.values()} == {(1604, 1606)}


def test_tunes(synthetic):
    content, style, truth, sample_rate = example_tunes()
    assert sample_rate == 16000
    assert len(content) == len(truth)
    assert content.tobytes() != truth.tobytes() != style.tobytes()
    again = example_tunes()[:3]
    assert [x.tobytes() for x in again] == [x.tobytes() for x in (content, style, truth)]
    drawn = example_tunes(random_state=np.random.RandomState(1))
    assert drawn[0].tobytes() != content.tobytes()


def test_recorded_tunes(recorded):
    *clips, sample_rate = example_tunes()
    assert [level(x) for x in clips] == [0.1, 0.2, 0.3]
    assert ({len(x) for x in clips}, sample_rate) == ({1600}, 16000)


def test_textures(synthetic):
    textures, sample_rate = example_textures(0.5)
    assert {name: len(x) / sample_rate for name, x in textures.items()} == {
        "fire": 0.5,
        "rain": 0.5,
        "sea": 0.5,
    }


def test_recorded_textures(recorded):
    textures, sample_rate = example_textures(1.0)
    assert {name: level(x) for name, x in textures.items()} == {
        "fire": 0.1,
        "rain": 0.2,
        "sea": 0.3,
    }
    assert ({len(x) for x in textures.values()}, sample_rate) == ({16000}, 16000)


def test_texts(synthetic):
    said = example_texts(4, 3)
    assert (len(said.texts), len(said.new_texts), said.sample_rate) == (4, 3, 8000)
    assert said.new_texts[0] == "oui amie"
    assert {len(clips) for clips in said.voices.values()} == {4}
    assert {len(clips) for clips in said.heard.values()} == {3}
    clips = sum([*said.voices.values(), *said.heard.values()], [])
    assert len({x.tobytes() for x in clips}) == len(clips) == 21
    again = example_texts(4, 3)
    assert again.heard["ben"][2].tobytes() == said.heard["ben"][2].tobytes()


def test_recorded_texts_ask_for_a_model(recorded, monkeypatch):
    monkeypatch.delenv(MODEL_VARIABLE, raising=False)
    assert example_texts(1, 1).sample_rate == 8000
    monkeypatch.setenv(MODEL_VARIABLE, "somewhere")
    with pytest.raises(FileNotFoundError, match="No transcripts"):
        example_texts()


def test_recorded_texts(recorded, monkeypatch):
    monkeypatch.setenv(MODEL_VARIABLE, "somewhere")
    rows = ["path,speaker,utterance,transcript"]
    for name in ("SF1", "TM1"):
        for number in (30001, 30002, 30011, 30025):
            path = recorded / "speech" / f"{name}-{number}.flac"
            tone = np.sin(0.5 * np.arange(8000))
            write_clip(path, np.concatenate([np.zeros(8000), tone, np.zeros(8000)]), 8000)
            rows.append(f'speech/{path.name},vcc2018_{name},{number},"Word, {number}."')
    rows.append("speech/other.flac,librispeech,30001,Nothing.")
    (recorded / "speech" / "transcripts.csv").write_text("\n".join(rows), encoding="utf-8")
    said = example_texts()
    assert said.texts == ["Word, 30001.", "Word, 30002."]
    assert said.new_texts == ["Word, 30025."]
    assert {name: len(clips) for name, clips in said.voices.items()} == {"SF1": 2, "TM1": 2}
    assert {name: len(clips) for name, clips in said.heard.items()} == {"SF1": 1, "TM1": 1}
    assert said.sample_rate == 8000
    assert 7900 < len(said.heard["SF1"][0]) < 10000


@pytest.mark.parametrize("source", ["synthetic", "recorded"])
@pytest.mark.parametrize(
    ("make", "value", "error", "message"),
    [
        (example_speakers, 2.5, TypeError, "n_sentences must be an integer, got 2.5"),
        (example_speakers, 0, ValueError, "n_sentences must be at least 1, got 0"),
        (example_voices, 1.0, TypeError, "n_sentences must be an integer"),
        (example_textures, 0, ValueError, "duration must be above 0 s, got 0"),
        (example_textures, -1, ValueError, "duration must be above 0 s, got -1"),
        (example_textures, np.nan, ValueError, "duration must be above 0 s"),
        (example_textures, "4", TypeError, "duration must be a number of seconds"),
        (example_texts, 0, ValueError, "n_texts must be at least 1"),
        (lambda n: example_texts(1, n), 0, ValueError, "n_new must be at least 1"),
    ],
)
def test_numbers_are_checked(request, source, make, value, error, message):
    request.getfixturevalue(source)
    with pytest.raises(error, match=message):
        make(value)


def test_recorded_textures_end(recorded):
    with pytest.raises(ValueError, match="duration is 60 s, and the recording of fire has 2 s"):
        example_textures(60)
