"""Texts as numbers."""

import numpy as np
import pytest

from skstyle.neural._symbols import Symbols, as_tokens


@pytest.mark.parametrize(
    ("transcript", "tokens"),
    [
        ("Hi, ANNA", list("hi, anna")),
        ("  two \t words\nmore ", list("two words more")),
        ("Ärger", list("ärger")),
        (["HH", "ay1", " "], ["HH", "ay1", " "]),
        (("a", "b"), ["a", "b"]),
        (np.array(["eh", "l"]), ["eh", "l"]),
        (np.str_("Ab"), ["a", "b"]),
    ],
)
def test_tokens_of_transcripts(transcript, tokens):
    found = as_tokens([transcript])
    assert found == [tokens]
    assert all(type(token) is str for token in found[0])


@pytest.mark.parametrize("container", [list, tuple, np.array])
def test_containers_of_transcripts(container):
    assert as_tokens(container(["ab", "c"])) == [["a", "b"], ["c"]]


def test_a_series_of_transcripts():
    pd = pytest.importorskip("pandas")
    assert as_tokens(pd.Series(["ab", "c"], index=[7, 3])) == [["a", "b"], ["c"]]


@pytest.mark.parametrize("transcripts", ["hello", 3, None])
def test_one_text_is_no_list(transcripts):
    with pytest.raises(TypeError, match=r"expected a list of transcripts, .*X=\[transcript\]"):
        as_tokens(transcripts, "X")


@pytest.mark.parametrize(
    ("transcript", "shown"),
    [
        (None, "None"),
        (3.5, "3.5"),
        (float("nan"), "nan"),
        (["a", 3], r"\['a', 3\]"),
        (np.zeros((90, 3)), r"an array of shape \(90, 3\)"),
        (b"ab", "b'ab'"),
    ],
)
def test_what_is_no_transcript_is_named(transcript, shown):
    with pytest.raises(TypeError, match=rf"y\[1\] is {shown}: every clip needs a transcript"):
        as_tokens(["ab", transcript])


@pytest.mark.parametrize("transcript", ["", " \n", [], np.array([], dtype=str)])
def test_empty_transcripts_are_named(transcript):
    with pytest.raises(ValueError, match=r"y\[2\] is an empty transcript. Leave out that clip"):
        as_tokens(["ab", "c", transcript])


def test_symbols_are_sorted_and_start_at_one():
    symbols = Symbols(["b", "a", "b", " "])
    assert symbols.symbols.tolist() == [" ", "a", "b"] and len(symbols) == 3
    found = symbols.numbers([list("ab a"), ["b"]])
    assert [row.tolist() for row in found] == [[2, 3, 1, 2], [3]]
    assert all(row.dtype == np.int64 for row in found)


def test_symbols_of_a_text():
    assert Symbols("abca").symbols.tolist() == ["a", "b", "c"]


def test_unknown_symbols_are_named_with_their_transcript():
    symbols = Symbols("ab")
    with pytest.raises(ValueError, match=r"X\[1\] has '!', 'z', which .* Known: a b\. Write it"):
        symbols.numbers([["a"], list("az!z")], "X")
    with pytest.raises(ValueError, match=r"y\[0\] has 'ab'"):
        symbols.numbers([["ab"]])
