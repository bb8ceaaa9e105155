"""Which clips play notes."""

import numpy as np
import pytest

from skstyle.transfer._levels import at_unit_level, make_analysis
from skstyle.transfer._pitched import held_share, share_of_pitches_held

RATE = 16000


def sung(f0):
    """Ten harmonics on a contour of pitch in Hz, one value a sample."""
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    return 0.1 * sum(np.sin(k * phase) / k for k in range(1, 11))


def share(x):
    return share_of_pitches_held(at_unit_level(x)[0], make_analysis(RATE, 40, 8000.0))


def test_notes_are_held_and_glides_are_not():
    t = np.arange(2 * RATE) / RATE
    notes = sung(220 * 2 ** (np.floor(t / 0.5) * 2 / 12))
    # Half an octave up and down in a second, as in speech.
    glide = sung(160 * 2 ** (0.5 * np.abs((t % 1.0) - 0.5) * 2))
    noise = np.random.default_rng(0).standard_normal(len(t))
    assert share(notes) > 0.8
    assert share(glide) < 0.25
    assert share(noise) < 0.1


def test_quiet_frames_do_not_count():
    levels = np.zeros((10, 3))
    levels[5:] = -50
    pitch = np.where(np.arange(10) < 5, 0.0, np.nan)
    assert held_share(levels, pitch) == 1
    assert held_share(levels, np.full(10, np.nan)) == 0
    assert held_share(levels[:3], pitch[:3]) == 0


@pytest.mark.parametrize("step, held", [(0.1, 1), (0.2, 0)])
def test_a_pitch_is_held_within_half_a_semitone(step, held):
    assert held_share(np.zeros((20, 2)), step * np.arange(20)) == held
