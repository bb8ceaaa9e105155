"""Folders of two speakers: matching, rates, and what can be wrong with a folder."""

import numpy as np
import pytest

import skstyle.datasets._parallel as parallel
from skstyle.audio import write_clip
from skstyle.datasets import corpus_sample_rate, load_parallel_corpus


@pytest.fixture
def corpus(tmp_path):
    """Two speakers with b, c, e in common; lengths tell the utterances apart."""
    folder = tmp_path / "söund fïles 1"
    for speaker, names in (("änna", "abce"), ("ben", "bcde")):
        (folder / speaker).mkdir(parents=True)
        for name in names:
            level = 0.1 if speaker == "änna" else 0.2
            clip = np.full(100 * ord(name), level)
            write_clip(folder / speaker / f"{name}.wav", clip, 16000)
    return folder


def lengths(clips):
    return [chr(len(clip) // 100) for clip in clips]


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_common_utterances_in_order(corpus, n_jobs):
    X, y, ids = load_parallel_corpus(corpus, "änna", "ben", n_jobs=n_jobs)
    assert ids == lengths(X) == lengths(y) == ["b", "c", "e"]
    assert all(clip.dtype == np.float32 and clip.ndim == 1 for clip in X + y)
    np.testing.assert_allclose([X[0].mean(), y[0].mean()], [0.1, 0.2], atol=1e-3)


def test_ids_are_taken_in_their_order(corpus):
    X, y, ids = load_parallel_corpus(str(corpus), "änna", "ben", ids=np.array(["e", "b"]))
    assert ids == lengths(X) == lengths(y) == ["e", "b"]
    assert type(ids[0]) is str


def test_names_sort_as_strings_and_hidden_files_do_not_count(tmp_path):
    for speaker in "xy":
        (tmp_path / speaker).mkdir()
        for name in ("10.wav", "9.FLAC", "._9.wav"):
            write_clip(tmp_path / speaker / name, np.full(100, 0.1), 16000)
        (tmp_path / speaker / "9.txt").write_text("nine", encoding="utf-8")
    assert load_parallel_corpus(tmp_path, "x", "y")[2] == ["10", "9"]


def test_verbose_shows_progress(corpus, capsys):
    load_parallel_corpus(corpus, "änna", "ben", verbose=1)
    assert "reading clips" in capsys.readouterr().err


def test_missing_folders(corpus):
    with pytest.raises(FileNotFoundError, match="No corpus folder"):
        load_parallel_corpus(corpus / "none", "änna", "ben")
    with pytest.raises(FileNotFoundError, match="No speaker 'cleo'.*'ben', 'änna'"):
        load_parallel_corpus(corpus, "änna", "cleo")


def test_missing_ids(corpus):
    with pytest.raises(ValueError, match=r"2 of 3 ids are missing in .*ben: 'a', 'z'\. It has 'b'"):
        load_parallel_corpus(corpus, "ben", "änna", ids=["a", "b", "z"])
    with pytest.raises(TypeError, match="ids must be a list"):
        load_parallel_corpus(corpus, "änna", "ben", ids="b")
    with pytest.raises(ValueError, match="ids is empty"):
        load_parallel_corpus(corpus, "änna", "ben", ids=[])


def test_nothing_in_common(corpus):
    for name in "bce":
        (corpus / "ben" / f"{name}.wav").unlink()
    with pytest.raises(ValueError, match="no utterance in common.*'a', 'b', 'c', 'e' against 'd'"):
        load_parallel_corpus(corpus, "änna", "ben")


def test_two_files_of_one_utterance(corpus):
    write_clip(corpus / "ben" / "c.flac", np.full(100, 0.1), 16000)
    with pytest.raises(ValueError, match=r"two files for utterance 'c': c\.flac and c\.wav"):
        load_parallel_corpus(corpus, "änna", "ben")


def test_one_rate_is_asked_before_anything_is_decoded(corpus, monkeypatch):
    write_clip(corpus / "ben" / "e.wav", np.full(100, 0.1), 8000)
    with monkeypatch.context() as patched:
        patched.setattr(parallel, "read_clip", None)
        for load in (load_parallel_corpus, corpus_sample_rate):
            with pytest.raises(ValueError, match=r"e\.wav has 8000 Hz.*16000 Hz.*sample_rate="):
                load(corpus, "änna", "ben")
    X, y, _ = load_parallel_corpus(corpus, "änna", "ben", sample_rate=8000)
    assert len(y[2]) == 100
    assert len(X[2]) == 50 * ord("e")
    assert lengths(load_parallel_corpus(corpus, "änna", "ben", ids=["b"])[0]) == ["b"]


def test_corpus_sample_rate(corpus):
    assert corpus_sample_rate(corpus, "änna", "ben") == 16000
    with pytest.raises(ValueError, match="kHz"):
        load_parallel_corpus(corpus, "änna", "ben", sample_rate=16)
