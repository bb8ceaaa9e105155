"""Notes of clips, and notes of a style in their places."""

import numpy as np
import pytest

from skstyle.transfer._notes import (
    change_of_levels,
    find_notes,
    note_starts,
    place_notes,
    stretched,
)


def clip(lengths, pitches, seed=0):
    """Levels and pitch of notes, each with a spectrum of its own."""
    rng = np.random.default_rng(seed)
    levels = np.repeat(rng.normal(scale=20, size=(len(lengths), 10)), lengths, axis=0)
    levels += rng.normal(scale=0.5, size=levels.shape)
    return levels.astype(np.float32), np.repeat(np.asarray(pitches, float), lengths)


def test_notes_begin_where_spectra_change():
    levels, pitch = clip([20, 35, 12, 40], [0, 2, np.nan, 5])
    assert note_starts(levels).tolist() == [0, 20, 55, 67]
    notes = find_notes(levels, pitch, cost=1.5)
    assert notes.stop.tolist() == [20, 55, 67, 107]
    np.testing.assert_array_equal(notes.pitch, [0, 2, np.nan, 5])
    np.testing.assert_allclose(notes.levels[1], levels[20:55].mean(axis=0), rtol=1e-4)
    assert (notes.cost == 1.5).all()


def test_short_notes_belong_to_those_before():
    levels, _ = clip([20, 4, 30], [0, 0, 0])
    assert note_starts(levels).tolist() == [0, 20]


@pytest.mark.parametrize("n_frames", [1, 2, 9])
def test_few_frames_are_one_note(n_frames):
    levels, pitch = clip([n_frames], [3.0])
    notes = find_notes(levels, pitch)
    assert notes.start.tolist() == [0] and notes.stop.tolist() == [n_frames]
    assert change_of_levels(levels).shape == (n_frames,)


def test_levels_far_below_the_loudest_do_not_matter():
    levels = np.full((40, 10), -30.0)
    levels[:, 0] = 40.0
    levels[20:] -= 40.0 * (np.arange(10) > 0)
    assert note_starts(levels).tolist() == [0]


def test_notes_of_like_pitch_are_placed():
    content = find_notes(*clip([20, 30, 15], [0.0, 7.0, np.nan]))
    style = find_notes(*clip([25, 40, 40], [7.2, 0.1, -9.0], seed=1))
    path = place_notes(content, style)
    np.testing.assert_array_equal(path[:20], 25 + np.arange(20))
    np.testing.assert_array_equal(path[20:50], stretched(30, 25))
    assert (path[50:] == -1).all()  # no pitch: nothing to go by


def test_no_note_is_placed_at_another_pitch():
    content = find_notes(*clip([20], [0.0]))
    style = find_notes(*clip([20, 20], [5.0, np.nan], seed=1))
    assert (place_notes(content, style) == -1).all()


def test_longer_notes_keep_their_attack():
    frames = stretched(40, 20)
    np.testing.assert_array_equal(frames[:10], np.arange(10))
    assert (np.diff(frames) >= 0).all() and frames[-1] == 19
    assert stretched(5, 2).tolist() == [0, 1, 1, 1, 1]
