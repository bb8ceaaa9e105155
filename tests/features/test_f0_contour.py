"""Lines through candidates: lonely ones, jumps, extensions, meetings and gaps."""

import numpy as np

from skstyle.features._f0_contour import (
    bridge_gaps,
    drop_lonely,
    extend_and_merge,
    steady_contour,
)


def ragged(*frames):
    """Candidates of every frame as (first, f0, score); scores are 1 unless given."""
    rows = [[(c, 1.0) if np.isscalar(c) else c for c in frame] for frame in frames]
    first = np.cumsum([0, *[len(row) for row in rows]])
    flat = np.array([c for row in rows for c in row], float).reshape(-1, 2)
    return first, flat[:, 0].copy(), flat[:, 1].copy()


def merge(contour, candidates, reach=100, min_periods_frames=0.0):
    return extend_and_merge(
        np.array(contour, float), *candidates, 0.18, reach, 4, min_periods_frames
    )


def test_lonely_candidates_lose_their_score():
    first, f0, score = ragged([100], [101, 300], [102], [103])
    drop_lonely(first, f0, score, 0.05)
    np.testing.assert_array_equal(score, [1, 1, 0, 1, 1])
    assert f0[2] == 0


def test_the_best_candidates_make_the_line():
    frames = [[(100 + t, 2.0), (300 - 40 * t, 1.0)] for t in range(8)]
    contour = steady_contour(*ragged(*frames), 0.02, 3)
    np.testing.assert_array_equal(contour, [0, 0, *range(102, 108)])


def test_short_lines_are_dropped():
    frames = [[100.0]] * 5 + [[200.0]] * 12
    contour = steady_contour(*ragged(*frames), 0.01, 6)
    assert not contour[:6].any()
    np.testing.assert_array_equal(contour[7:], 200)


def test_lines_grow_through_near_candidates_and_small_holes():
    frames = [[100.0], [102.0], [], [104.0], [105.0], [106.0], [], [], [], [], [107.0], [108.0]]
    contour = merge([0, 0, 0, 0, 105, 0, 0, 0, 0, 0, 0, 0], ragged(*frames))
    np.testing.assert_array_equal(contour, [0, 102, 0, 104, 105, 106, 0, 0, 0, 0, 0, 0])


def test_lines_do_not_reach_further_than_allowed():
    frames = [[100.0]] * 20
    contour = merge([0] * 10 + [100] + [0] * 9, ragged(*frames), reach=3)
    np.testing.assert_array_equal(np.flatnonzero(contour), np.arange(7, 14))


def test_short_lines_of_low_pitch_are_dropped():
    frames = [[], [], *[[100.0]] * 6, [], []]
    line = [0, 0, 100, 100, 100, 100, 100, 100, 0, 0]
    assert merge(line, ragged(*frames), min_periods_frames=590.0).any()
    assert not merge(line, ragged(*frames), min_periods_frames=610.0).any()


def test_where_lines_meet_the_likelier_wins():
    frames = [[(100.0, 1.0), (110.0, 3.0)]] * 10
    line = [0, 0, 100, 100, 0, 0, 110, 110, 0, 0]
    contour = merge(line, ragged(*frames), reach=3)
    np.testing.assert_array_equal(contour, [0, 100, 100, 110, 110, 110, 110, 110, 110, 0])
    frames = [[(100.0, 3.0), (110.0, 1.0)]] * 10
    contour = merge(line, ragged(*frames), reach=3)
    np.testing.assert_array_equal(contour, [0, 100, 100, 100, 100, 100, 100, 110, 110, 0])


def test_short_gaps_are_bridged_by_lines():
    contour = np.array([0, 100, 0, 0, 130, 0, 0, 0, 130, 0.0])
    bridge_gaps(contour, 3)
    np.testing.assert_allclose(contour, [0, 100, 110, 120, 130, 0, 0, 0, 130, 0])
