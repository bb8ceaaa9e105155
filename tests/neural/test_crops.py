"""Crops of paired sequences."""

import numpy as np
import pytest
import torch

from skstyle.neural._crops import (
    Crops,
    Sequence,
    lay_onto_source,
    measure_scales,
    onto_source_time,
    rectangular_identity,
    standardised,
)

LENGTHS = (7, 3, 12)


def sequences(n_columns=2, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, n_columns)) for n in LENGTHS]


def make_crops(length=5, paired=None):
    X, y = sequences(3), sequences(2, seed=1)
    deltas = sequences(2, seed=2)
    paired = [np.ones(n, bool) for n in LENGTHS] if paired is None else paired
    items = [Sequence(*parts) for parts in zip(X, y, deltas, paired, strict=True)]
    scales = measure_scales(items)
    return X, y, deltas, scales, Crops(items, scales, scales["mean_x"], length)


def test_targets_are_means_on_the_time_of_the_source():
    y = np.array([[1.0, 10.0], [3.0, 20.0], [8.0, 60.0], [9.0, 90.0]])
    path = np.array([[1, 0], [1, 1], [2, 1], [4, 3], [4, 2]])
    means, paired = onto_source_time(y, path, 6)
    assert paired.tolist() == [False, True, True, False, True, False]
    np.testing.assert_allclose(means[[1, 2, 4]], [[2, 15], [3, 20], [8.5, 75]])
    assert (means[~paired] == 0).all()


def test_straight_paths_change_nothing():
    y = sequences()[0]
    means, paired = onto_source_time(y, np.repeat(np.arange(7)[:, None], 2, axis=1), 7)
    np.testing.assert_array_equal(means, y)
    assert paired.all()


def test_deltas_are_taken_before_frames_are_repeated():
    ramp = np.arange(6.0)[:, None]
    path = np.column_stack([np.arange(12), np.repeat(np.arange(6), 2)])
    laid = lay_onto_source([np.zeros((12, 1))], [ramp], [path])[0]
    np.testing.assert_array_equal(laid.target[:, 0], np.repeat(np.arange(6), 2))
    np.testing.assert_array_equal(laid.target_delta[2:-2], 1)
    assert laid.paired.all()


@pytest.mark.parametrize("n_targets", [1, 2, 4])
def test_rectangular_identity(n_targets):
    x = sequences()[0]
    expected = x @ np.eye(n_targets, 2).T
    np.testing.assert_array_equal(rectangular_identity(x, n_targets), expected)


def test_scales_are_those_of_paired_frames():
    paired = [np.arange(n) % 2 == 0 for n in LENGTHS]
    X, y, _, scales, _ = make_crops(paired=paired)
    frames, targets = (
        np.concatenate([a[p] for a, p in zip(s, paired, strict=True)]) for s in (X, y)
    )
    np.testing.assert_allclose(scales["mean_x"], frames.mean(axis=0))
    np.testing.assert_allclose(scales["std_x"], frames.std(axis=0))
    np.testing.assert_allclose(scales["std_y"], targets.std(axis=0))
    assert set(scales) == {"mean_x", "std_x", "std_delta_x", "std_y", "std_delta_y"}


def test_columns_that_do_not_vary_are_left_alone():
    X = [np.full((n, 1), 0.1) for n in LENGTHS]
    paired = [np.ones(n, bool) for n in LENGTHS]
    items = [Sequence(*parts) for parts in zip(X, X, X, paired, strict=True)]
    scales = measure_scales(items)
    assert all(scales[name] == 1 for name in scales if name.startswith("std"))
    np.testing.assert_allclose(standardised(X[0], scales), 0, atol=1e-12)


def test_crops_hold_every_frame_once():
    X, y, deltas, scales, crops = make_crops()
    assert len(crops) == 2 + 1 + 3
    assert crops.inputs["n_frames"].tolist() == [5, 2, 3, 5, 5, 2]
    assert crops.inputs["x"].shape == (6, 5, 3)
    inside = torch.arange(5) < crops.inputs["n_frames"][:, None]
    expected = {
        "x": np.concatenate(X) - scales["mean_x"],
        "context": np.concatenate([standardised(x, scales) for x in X]),
        "statics": np.concatenate(y) - np.concatenate(X)[:, :2],
    }
    stored = {**crops.inputs, **crops.targets}
    for name, values in expected.items():
        np.testing.assert_allclose(stored[name][inside], values, atol=1e-6)
        assert (stored[name][~inside] == 0).all()
    assert (crops.targets["paired"] == inside).all()


def test_deltas_are_those_of_whole_sequences():
    X, _, deltas, _, crops = make_crops()
    padded = np.pad(X[0][:, :2], ((1, 1), (0, 0)), mode="edge")
    expected = deltas[0] - 0.5 * (padded[2:] - padded[:-2])
    np.testing.assert_allclose(crops.targets["deltas"][0], expected[:5], atol=1e-6)
    np.testing.assert_allclose(crops.targets["deltas"][1, :2], expected[5:], atol=1e-6)


def test_deltas_do_not_count_at_cuts_but_at_ends():
    _, _, _, _, crops = make_crops()
    weights = crops.inputs["delta_weight"]
    assert weights[0].tolist() == [1, 1, 1, 1, 0]
    assert weights[1, :2].tolist() == [0, 1]
    assert weights[2, :3].tolist() == [1, 1, 1]
    assert weights[4].tolist() == [0, 1, 1, 1, 0]


def test_crops_without_a_target_are_left_out():
    paired = [np.ones(n, bool) for n in LENGTHS]
    paired[2][5:10] = False
    _, _, _, _, crops = make_crops(paired=paired)
    assert crops.inputs["n_frames"].tolist() == [5, 2, 3, 5, 2]


def test_crops_are_not_longer_than_the_longest_sequence():
    _, _, _, _, crops = make_crops(length=1000)
    assert crops.inputs["x"].shape == (3, 12, 3)


def test_a_batch_is_one_look_up():
    _, _, _, _, crops = make_crops()
    inputs, targets = crops.__getitems__([4, 0])
    assert torch.equal(inputs["x"], crops.inputs["x"][[4, 0]])
    assert torch.equal(targets["statics"][1], crops[0][1]["statics"])
