"""Pieces of signals joined where a path jumps."""

import numpy as np
import pytest

from skstyle.transfer._overlap_add import join_runs, runs_of

HOP = 64


def sine(n=6400, period=50.0):
    return np.sin(2 * np.pi * np.arange(n) / period)


def test_runs_end_at_jumps_and_at_the_ends_of_clips():
    first = np.array([True, False, False, True, False, False])
    starts, stops = runs_of(np.array([0, 1, 2, 3, 4, 1, 1]), first)
    assert starts.tolist() == [0, 3, 5, 6]
    assert stops.tolist() == [3, 5, 6, 7]


def test_one_run_is_the_signal_itself():
    x = np.random.default_rng(0).standard_normal(1000)
    n_frames = 999 // HOP + 2
    np.testing.assert_array_equal(join_runs([x], [(0, n_frames, 0, 0)], HOP, 1000, HOP, 20), x)


def test_a_run_starts_at_its_frame():
    x = np.random.default_rng(0).standard_normal(2000)
    y = join_runs([x], [(0, 11, 0, 5)], HOP, 600, HOP, 20)
    np.testing.assert_array_equal(y, x[5 * HOP : 5 * HOP + 600])


def test_periods_go_on_across_joints():
    x = sine()
    runs = [(i, i + 10, 0, 2 + (37 * i) % 60) for i in range(0, 80, 10)]
    joined = join_runs([x], runs, HOP, 80 * HOP, HOP, 25)
    rough = join_runs([x], runs, HOP, 80 * HOP, HOP, 0)

    def away_from_a_sine(y):
        # A sine of this period is 2 cos(w) times its neighbour less the one before.
        y = y[HOP:-HOP]
        return np.abs(y[2:] - 2 * np.cos(2 * np.pi / 50) * y[1:-1] + y[:-2]).max()

    assert away_from_a_sine(joined) < 0.2 * away_from_a_sine(rough)
    power = np.convolve(joined**2, np.ones(50) / 50, mode="valid")
    assert power[HOP:-HOP].min() > 0.45  # 0.5 for a sine: nothing is cancelled


def test_fades_add_up_to_one():
    ones = np.ones(2000)
    runs = [(0, 3, 0, 8), (3, 4, 1, 2), (4, 20, 0, 9)]
    y = join_runs([ones, ones], runs, HOP, 15 * HOP, HOP, 5)
    np.testing.assert_allclose(y, 1)


@pytest.mark.parametrize("n_times", [1, 10, 64, 65, 1000])
def test_any_length_and_dtype(n_times):
    x = sine(500).astype(np.float32)
    runs = [(t, t + 1, 0, (3 * t) % 8) for t in range(n_times // HOP + 2)]
    y = join_runs([x], runs, HOP, n_times, HOP, 10)
    assert y.shape == (n_times,) and y.dtype == np.float32 and np.isfinite(y).all()
