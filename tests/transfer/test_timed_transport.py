"""Frames that know how long ago their note began."""

import numpy as np
import pytest

from skstyle.transfer._levels import make_analysis
from skstyle.transfer._sliced_transport import random_bases
from skstyle.transfer._timed_transport import mean_of_nearest, timed_frames, timed_transport

N_MELS = 12


def notes(n_notes, slope, seed, length=30):
    """Levels of notes of two alternating spectra that fade by so many dB a frame."""
    rng = np.random.default_rng(seed)
    shapes = rng.normal(scale=20, size=(2, N_MELS))
    age = np.tile(np.arange(length), n_notes)
    shape = shapes[np.repeat(np.arange(n_notes) % 2, length)]
    return shape - slope * age[:, None] + rng.normal(size=(len(age), N_MELS))


@pytest.fixture(scope="module")
def analysis():
    return make_analysis(16000, N_MELS)


def test_time_begins_at_changes(analysis):
    time = timed_frames(notes(4, 0.0, 0), analysis, 1.0)[:, -1]
    np.testing.assert_array_equal(np.flatnonzero(time == 0), [0, 30, 60, 90])
    assert (np.diff(time[30:60]) > 0).all()
    assert time[35] == pytest.approx(1.0)  # twice five frames


def test_one_note_tells_no_time(analysis):
    assert not timed_frames(notes(1, 0.0, 0), analysis, 1.0)[:, -1].any()


def test_steady_notes_fade_as_those_of_the_style(analysis):
    source, target = (timed_frames(notes(8, s, i), analysis, 300.0) for i, s in ((0, 0), (1, 1)))
    bases = random_bases(N_MELS + 1, 8, np.random.RandomState(0))
    mapped = timed_transport(source, target, bases, 0.1)[:, :-1]
    age = np.tile(np.arange(30), 8)
    slope = np.polyfit(age, mapped.mean(axis=1), 1)[0]
    assert slope < -0.6  # dB a frame, where -1 is that of the style


def test_without_notes_on_one_side_time_does_not_count(analysis):
    source = timed_frames(notes(1, 0.0, 0), analysis, 300.0)
    target = timed_frames(notes(8, 0.0, 1), analysis, 300.0)
    timeless = target.copy()
    timeless[:, -1] = 0
    bases = random_bases(N_MELS + 1, 4, np.random.RandomState(0))
    np.testing.assert_array_equal(
        timed_transport(source, target, bases, 0.1), timed_transport(source, timeless, bases, 0.1)
    )


@pytest.mark.parametrize("n", [1, 3, 700])
def test_means_are_those_of_the_nearest(n):
    rng = np.random.default_rng(0)
    frames, others = rng.normal(size=(600, 3)), rng.normal(size=(n, 3))
    distances = ((frames[:, None] - others) ** 2).sum(axis=-1)
    nearest = np.argsort(distances, axis=1)[:, :4]
    expected = others[nearest].mean(axis=1)
    np.testing.assert_allclose(mean_of_nearest(frames, others, 4), expected)
