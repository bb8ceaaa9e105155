"""Word error rate: the recursion written out, what a word is, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle import PeakGuard
from skstyle.metrics import (
    make_mean_opinion_score_scorer,
    make_word_error_rate_scorer,
    normalize_words,
    word_error_rate,
)
from skstyle.metrics._words import edit_distance

RATE = 16000
SHORT = st.lists(st.sampled_from("abc"), max_size=7)


def by_recursion(a, b):
    if not a or not b:
        return len(a) + len(b)
    return min(
        by_recursion(a[1:], b) + 1,
        by_recursion(a, b[1:]) + 1,
        by_recursion(a[1:], b[1:]) + (a[0] != b[0]),
    )


@given(SHORT, SHORT)
@settings(max_examples=60, deadline=None)
def test_edit_distance(a, b):
    a, b = a[:5], b[:5]
    assert edit_distance(a, b) == by_recursion(a, b) == edit_distance(b, a)
    assert edit_distance(a, a) == 0


@given(SHORT, SHORT, SHORT)
@settings(max_examples=60, deadline=None)
def test_edit_distance_is_a_metric(a, b, c):
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  The CAT,\tsat. ", "the cat sat"),
        ("don’t DON'T 'don't'", "don't don't don't"),
        ("well-known—and so on…", "well known and so on"),
        ("Straße ÉTÉ e\u0301te\u0301", "strasse été été"),
        ("3 apples & 1,000 pears", "3 apples 1 000 pears"),
        ("''", ""),
    ],
)
def test_words(text, words):
    assert normalize_words(text) == words
    assert normalize_words(words) == words


def clips(*names):
    """Clips that tell the transcriber what it hears in them."""
    return [np.full(10, 0.01 * n) for n in names]


HEARD = {1: "the cat sat", 2: "a dog", 3: "", 4: "one two three four five"}


def transcriber(x, sample_rate):
    assert sample_rate == RATE
    return HEARD[round(100 * float(x[0]))]


def test_rates():
    texts = ["The cat sat.", "The dog!", "Nothing", "one five"]
    each = word_error_rate(
        texts, clips(1, 2, 3, 4), sample_rate=RATE, transcriber=transcriber, average=False
    )
    np.testing.assert_allclose(each, [0, 1 / 2, 1, 3 / 2])
    rate = word_error_rate(texts, clips(1, 2, 3, 4), sample_rate=RATE, transcriber=transcriber)
    assert rate == pytest.approx((0 + 1 + 1 + 3) / (3 + 2 + 1 + 2))
    weighted = word_error_rate(
        texts,
        clips(1, 2, 3, 4),
        sample_rate=RATE,
        transcriber=transcriber,
        sample_weight=[0, 2, 0, 1],
    )
    assert weighted == pytest.approx((2 * 1 + 3) / (2 * 2 + 2))


def test_normalizers():
    rate = {"sample_rate": RATE, "transcriber": transcriber}
    assert word_error_rate(["The cat sat"], clips(1), **rate) == 0
    assert word_error_rate(["The cat sat"], clips(1), normalizer=str, **rate) == pytest.approx(
        1 / 3
    )
    letters = word_error_rate(["cat"], clips(1), normalizer=" ".join, **rate)
    assert letters == pytest.approx(6 / 3)  # rate of characters
    with pytest.raises(TypeError, match="normalizer returned .* expected a text"):
        word_error_rate(["cat"], clips(1), normalizer=str.split, **rate)


def test_refusals():
    rate = {"sample_rate": RATE, "transcriber": transcriber}
    with pytest.raises(ValueError, match=r"texts\[1\] has no words \('...'\)"):
        word_error_rate(["a", "..."], clips(1, 2), **rate)
    with pytest.raises(ValueError, match="texts has 1 items and y_pred has 2 clips"):
        word_error_rate(["a"], clips(1, 2), **rate)
    with pytest.raises(TypeError, match="a list of texts, one a clip; got a single text"):
        word_error_rate("a", clips(1), **rate)
    with pytest.raises(TypeError, match=r"texts\[0\] must be a text, got 3"):
        word_error_rate([3], clips(1), **rate)
    with pytest.raises(TypeError, match="transcriber must be a function"):
        word_error_rate(["a"], clips(1), sample_rate=RATE, transcriber="whisper")
    for nonsense in (None, ["a"], 3, b"a"):
        with pytest.raises(TypeError, match=r"transcriber returned .* for y_pred\[0\], expected a"):
            word_error_rate(
                ["a"], clips(1), sample_rate=RATE, transcriber=lambda x, r, n=nonsense: n
            )
    with pytest.raises(ValueError, match=r"sample_weight has shape \(2,\)"):
        word_error_rate(["a"], clips(1), sample_weight=[1, 2], **rate)
    with pytest.raises(ValueError, match=r"y_pred\[0\] contains NaN"):
        word_error_rate(["a"], [np.array([np.nan])], **rate)


@pytest.mark.parametrize("make", [make_word_error_rate_scorer, make_mean_opinion_score_scorer])
def test_scorers_need_a_rate_before_they_hear(make):
    heard = []
    score = make(lambda x, rate: heard.append(rate))
    with pytest.raises(ValueError, match="PeakGuard has no sample rate"):
        score(PeakGuard(), [np.ones(800)], [np.ones(800)])
    assert heard == []
