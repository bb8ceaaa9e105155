"""Scores of synthetic sentences: what is in them, and what another timing leaves as it is."""

import numpy as np

from skstyle.datasets._spoken_score import VOICING_MIN, retime, warp_times, write_score


def test_score_has_vowels_and_fricatives():
    score = write_score(np.random.RandomState(0), 3.0)
    voiced = score.voicing > VOICING_MIN
    hissing = score.frication.max(axis=0) > VOICING_MIN
    assert 0.3 < voiced.mean() < 0.9
    assert hissing.mean() > 0.05
    assert (~voiced & ~hissing).mean() > 0.05
    assert np.all(np.diff(np.exp(score.formants), axis=1) > 100)


def test_warp_rises_and_keeps_within_its_strength():
    times = np.arange(0, 2, 0.001)
    warped = warp_times(np.random.RandomState(0), times, 0.3)
    pace = np.diff(warped) / 0.001
    assert warped[0] == 0
    assert 0.7 <= pace.min() and pace.max() <= 1.3
    assert np.ptp(pace) > 0.1


def test_retiming_to_the_same_times_changes_nothing():
    score = write_score(np.random.RandomState(0), 1.0)
    again = retime(score, score.times, score.times)
    for before, after in zip(score, again, strict=True):
        np.testing.assert_array_equal(before, after)
