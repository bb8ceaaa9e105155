"""Pieces of signals joined where a path jumps."""

import numpy as np
import pytest

from skstyle.transfer._overlap_add import join_runs, retune_runs, runs_of, tuning_of

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
@pytest.mark.parametrize("speed", [1.0, 0.9, 1.1])
def test_any_length_and_dtype(n_times, speed):
    x = sine(500).astype(np.float32)
    runs = [(t, t + 1, 0, (3 * t) % 8) for t in range(n_times // HOP + 2)]
    y = join_runs([x], runs, HOP, n_times, HOP, 10, np.full(len(runs), speed))
    assert y.shape == (n_times,) and y.dtype == np.float32 and np.isfinite(y).all()


@pytest.mark.parametrize("speed", [0.5, 0.97, 1.03, 2.0])
def test_a_piece_is_read_at_another_speed(speed):
    x = sine()
    y = join_runs([x], [(0, 30, 0, 20)], HOP, 20 * HOP, HOP, 20, np.array([speed]))
    # The first frame is in its place, whatever the speed.
    truth = np.sin(2 * np.pi * (20 * HOP + speed * np.arange(20 * HOP)) / 50)
    np.testing.assert_allclose(y, truth, atol=2e-3)


def test_speed_one_copies():
    x = np.random.default_rng(0).standard_normal(4000)
    runs = [(0, 5, 0, 8), (5, 15, 0, 30)]
    args = [x], runs, HOP, 10 * HOP, HOP, 20
    np.testing.assert_array_equal(join_runs(*args, np.ones(2)), join_runs(*args))


def test_nothing_is_folded_down_when_a_piece_is_read_faster():
    # Its frequency is 0.8 of the highest that there is.
    x = np.sin(0.8 * np.pi * np.arange(6400))
    y = join_runs([x], [(0, 30, 0, 20)], HOP, 20 * HOP, HOP, 20, np.array([2.0]))
    assert np.abs(y).max() < 1e-3


def test_periods_go_on_where_speeds_change():
    x = sine()
    runs = [(i, i + 10, 0, 2 + (37 * i) % 60) for i in range(0, 80, 10)]
    speeds = np.array([1.0, 1.02, 0.98, 1.0] * 2)
    y = join_runs([x], runs, HOP, 80 * HOP, HOP, 25, speeds)
    power = np.convolve(y**2, np.ones(50) / 50, mode="valid")
    assert power[HOP:-HOP].min() > 0.4  # 0.5 for a sine: nothing is cancelled


def test_the_end_of_a_source_is_enough_for_pieces_read_faster():
    x = np.ones(20 * HOP)
    y = join_runs([x], [(0, 10, 0, 10)], HOP, 9 * HOP, HOP, 0, np.array([1.06]))
    # But for the interpolation at the very end.
    np.testing.assert_allclose(y[: 8 * HOP], 1, atol=1e-2)


def test_runs_are_retuned_by_the_median_of_their_errors():
    errors = np.array([0.5, np.nan, 0.5, -12.0, 0.1, 0.2, np.nan, np.nan, -0.4, -0.4])
    edges = np.array([0, 4, 6, 8, 10])
    starts, stops, speeds = retune_runs(edges[:-1], edges[1:], errors, 1.0)
    assert starts.tolist() == [0, 4, 6, 8] and stops.tolist() == [4, 6, 8, 10]
    # Octaves are other notes; small errors are intonation; what has no pitch has no error.
    np.testing.assert_allclose(speeds, 2 ** (np.array([0.5, 0, 0, -0.4]) / 12))
    _, _, speeds = retune_runs(edges[:-1], edges[1:], errors, 0.0)
    assert (speeds == 1).all()


def test_intonation_is_kept_beside_the_tuning():
    # All is 0.4 of a semitone low, two of the notes by a little more and less, and one is another.
    errors = np.repeat([0.4, 0.5, 0.3, -0.6, np.nan, 12.4], 4)
    edges = np.arange(0, 25, 4)
    assert tuning_of(errors) == pytest.approx(0.4, abs=1e-6)
    starts, stops, speeds = retune_runs(edges[:-1], edges[1:], errors, 1.0)
    np.testing.assert_allclose(12 * np.log2(speeds), [0.4, 0.4, 0.4, -0.6, 0.4, 0.4], atol=1e-6)
    _, _, speeds = retune_runs(edges[:-1], edges[1:], errors, 0.0)
    assert (speeds == 1).all()


@pytest.mark.parametrize(
    "errors", [[], [np.nan], [0.1, 0.05, -1.05], np.linspace(-2, 2, 50), [0.3, -0.2, 0.05, -0.45]]
)
def test_errors_may_have_no_tuning(errors):
    assert tuning_of(np.array(errors, float)) == 0


def test_long_runs_are_divided_before_they_are_late():
    errors = np.full(150, 0.5)
    starts, stops, speeds = retune_runs(np.array([0, 100]), np.array([100, 150]), errors, 1.0)
    lengths = stops - starts
    assert lengths.sum() == 150 and lengths.min() > 15 and 100 in starts
    assert (lengths * (speeds - 1)).max() <= 1.05
