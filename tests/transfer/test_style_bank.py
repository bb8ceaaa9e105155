"""The frames of a style at every pitch."""

import numpy as np
import pytest

from skstyle.transfer._levels import at_unit_level, make_analysis
from skstyle.transfer._style_bank import analyse_frames, make_bank, pitch_of, shifted_frames


def tone(f0, sample_rate=16000, seconds=0.6):
    t = np.arange(int(seconds * sample_rate)) / sample_rate
    x = sum(np.sin(2 * np.pi * f0 * k * t) / k for k in range(1, 8))
    return at_unit_level(x)[0]


@pytest.fixture(scope="module")
def analysis():
    return make_analysis(16000, 20)


@pytest.mark.parametrize("sample_rate", [8000, 16000, 44100])
def test_pitch_is_in_semitones(sample_rate):
    pitch = pitch_of(tone(220, sample_rate), make_analysis(sample_rate, 20))
    assert np.median(pitch[np.isfinite(pitch)]) == pytest.approx(-12, abs=0.05)
    assert np.isfinite(pitch).mean() > 0.7


@pytest.mark.parametrize("x", [np.zeros(1), np.zeros(3000), np.full(7, 0.1), 0.1 * np.ones(4000)])
def test_what_has_no_pitch_has_none(x, analysis):
    features = analyse_frames(x.astype(np.float32), analysis)
    assert np.isnan(features.pitch).all()
    assert {len(f) for f in features} == {len(features.mel)}


@pytest.mark.parametrize("semitones", [-5, 0, 3])
def test_shifts_are_heard_as_told(semitones, analysis):
    x = tone(220)
    shifted, features = shifted_frames(x, pitch_of(x, analysis), semitones, analysis)
    assert shifted.shape == x.shape and shifted.dtype == np.float32
    heard = pitch_of(shifted, analysis)
    assert np.nanmedian(heard) == pytest.approx(semitones - 12, abs=0.1)
    assert np.nanmedian(features.pitch) == pytest.approx(semitones - 12, abs=0.05)


def test_a_bank_knows_where_its_frames_are_from(analysis):
    clips, shifts = [tone(220), tone(330, seconds=0.3)] * 2, [0, 0, 2, 2]
    made = [
        shifted_frames(x, pitch_of(x, analysis), k, analysis)
        for x, k in zip(clips, shifts, strict=True)
    ]
    bank = make_bank(shifts, [x for x, _ in made], [f for _, f in made], shift_weight=0.5)
    n = [len(f.pitch) for _, f in made]
    assert len(bank.source) == len(bank.features.mel) == sum(n)
    np.testing.assert_array_equal(np.bincount(bank.source), n)
    np.testing.assert_array_equal(np.flatnonzero(bank.frame == 0), np.cumsum([0, *n[:-1]]))
    np.testing.assert_array_equal(np.unique(bank.shift[bank.source >= 2]), [2])
    # One note for each clip, in the numbers of all frames.
    assert bank.notes.stop[-1] == sum(n)
    np.testing.assert_allclose(np.unique(bank.notes.cost), [0, 1])
