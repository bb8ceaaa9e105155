"""The engine that suits the sounds."""

import numpy as np
import pytest
from sklearn.base import clone

from skstyle.exceptions import SilentClipWarning
from skstyle.transfer import (
    AutoStyleTransformer,
    ConcatenativeStyleTransformer,
    SoundStyle,
    TransportStyleTransformer,
)

RATE = 8000


def notes(pitches, tilt):
    t = np.arange(3000) / RATE
    shape = np.minimum(t / 0.01, 1) * np.exp(-4 * t)
    played = [
        shape * sum(np.sin(2 * np.pi * f0 * k * t) / k**tilt for k in range(1, 11))
        for f0 in pitches
    ]
    return 0.1 * np.concatenate(played)


MELODY, STYLE = notes([220, 247, 262], 2.0), notes([247, 220, 294], 0.7)
NOISE = 0.1 * np.random.default_rng(0).standard_normal(9000)


def test_each_content_gets_what_suits_it():
    auto = AutoStyleTransformer(RATE, random_state=0).fit([STYLE])
    assert auto.method_ == "concatenative" and auto.style_held_ > 0.6
    out = auto.transform([NOISE, MELODY])
    assert auto.methods_ == ["transport", "concatenative"]
    for engine, x, y in (
        (TransportStyleTransformer, NOISE, out[0]),
        (ConcatenativeStyleTransformer, MELODY, out[1]),
    ):
        expected = engine(RATE, random_state=0).fit([STYLE]).transform([x])[0]
        np.testing.assert_array_equal(y, expected)


def test_a_style_without_pitch_leaves_no_choice():
    auto = AutoStyleTransformer(RATE, random_state=0).fit([NOISE])
    assert auto.method_ == "transport" and auto.concatenative_ is None
    auto.transform([MELODY, NOISE])
    assert auto.methods_ == ["transport"] * 2
    mixed = 0.9 * SoundStyle([STYLE], RATE) + 0.1 * SoundStyle([NOISE], RATE)
    assert auto.fit(mixed).method_ == "transport"


def test_silence_is_left_alone():
    auto = AutoStyleTransformer(RATE, random_state=0).fit([STYLE])
    with pytest.warns(SilentClipWarning, match=r"X\[0\] is silent"):
        out = auto.transform([np.zeros(500), MELODY])
    assert auto.methods_ == ["none", "concatenative"] and not out[0].any()


def test_workers_tell_what_they_did():
    auto = AutoStyleTransformer(RATE, random_state=0, n_jobs=2).fit([STYLE])
    out = auto.transform([NOISE, MELODY])
    assert auto.methods_ == ["transport", "concatenative"]
    alone = clone(auto).set_params(n_jobs=1).fit([STYLE]).transform([NOISE, MELODY])
    for a, b in zip(out, alone, strict=True):
        np.testing.assert_array_equal(a, b)


def test_engines_can_be_given():
    mine = ConcatenativeStyleTransformer(RATE, max_shift=0, random_state=3)
    auto = AutoStyleTransformer(RATE, concatenative=mine).fit([STYLE])
    assert auto.concatenative_.max_shift == 0 and auto.concatenative_ is not mine
    assert not hasattr(mine, "style_")
    auto.set_params(concatenative__max_shift=1, min_held=1.0)
    assert auto.fit([STYLE]).method_ == "transport"


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"min_held": 2}, ValueError, "min_held must lie between 0 and 1, got 2"),
        ({"transport": "gram"}, TypeError, "transport must be a TransportStyleTransformer or None"),
        (
            {"transport": TransportStyleTransformer(16000)},
            ValueError,
            "transport has sample_rate=16000, and this estimator 8000: give both the same",
        ),
    ],
)
def test_parameters_are_checked(params, error, message):
    with pytest.raises(error, match=message):
        AutoStyleTransformer(RATE, **params).fit([STYLE])
