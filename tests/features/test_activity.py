"""Which frames are speech."""

import numpy as np

from skstyle.features._activity import DB_PER_NEPER, active_frames


def test_frames_far_below_the_loud_ones_are_silent():
    level = np.array([-9.0] * 5 + [0.0] * 20 + [-20.0 / DB_PER_NEPER] * 5)
    np.testing.assert_array_equal(active_frames(level, 30), level > -5)
    np.testing.assert_array_equal(active_frames(level, 10), level == 0)


def test_gain_does_not_matter():
    level = np.random.default_rng(0).normal(size=60)
    np.testing.assert_array_equal(active_frames(level, 6), active_frames(level + 3, 6))
