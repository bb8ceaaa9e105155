"""The best path through the frames of a style."""

import itertools

import numpy as np
import pytest

from skstyle.transfer._viterbi import best_path


def cost_of(path, costs, first, jump):
    total = costs[np.arange(len(path)), path].sum()
    return total + sum(
        0 if b == a + 1 and not first[b] else jump for a, b in itertools.pairwise(path)
    )


def blocks_of(costs, size):
    return (costs[i : i + size].copy() for i in range(0, len(costs), size))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("jump", [0.0, 0.3, 5.0])
def test_no_other_path_is_better(seed, jump):
    rng = np.random.default_rng(seed)
    costs = rng.random((5, 6)).astype(np.float32)
    first = np.array([True, False, False, True, False, False])
    path = best_path(blocks_of(costs, 2), 5, first, jump)
    best = min(cost_of(p, costs, first, jump) for p in itertools.product(range(6), repeat=5))
    assert cost_of(path, costs, first, jump) == pytest.approx(best, abs=1e-5)


def test_blocks_make_no_difference():
    rng = np.random.default_rng(0)
    costs = rng.random((200, 77)).astype(np.float32)
    first = rng.random(77) < 0.1
    paths = [best_path(blocks_of(costs, n), 200, first, 0.5) for n in (1, 64, 200)]
    np.testing.assert_array_equal(paths[0], paths[1])
    np.testing.assert_array_equal(paths[0], paths[2])


def test_paths_do_not_run_from_clip_to_clip():
    costs = np.zeros((6, 6), np.float32)
    first = np.array([True, False, False, True, False, False])
    path = best_path([costs], 6, first, 1.0)
    # Two runs of three frames, one jump.
    assert cost_of(path, costs, first, 1.0) == 1.0


def test_ties_go_on_from_the_first():
    costs = np.zeros((4, 9), np.float32)
    path = best_path([costs], 4, np.arange(9) == 0, 1.0)
    assert (np.diff(path) == 1).all()


def test_one_frame_and_one_state():
    assert best_path([np.ones((1, 1), np.float32)], 1, np.array([True]), 1.0).tolist() == [0]
    path = best_path([np.ones((3, 1), np.float32)], 3, np.array([True]), 1.0)
    assert path.tolist() == [0, 0, 0]
