"""Clips and what is said in them, as batches."""

import numpy as np
import pytest
import torch

from skstyle.neural._utterances import STOP_STEPS, LengthBatches, Utterances, stack_content


def utterances(lengths=(5, 2, 3), groups=None, frames_per_step=2):
    """Clips whose frames tell clip and time, and contents that tell the clip."""
    X = [np.stack([np.full(n, i), np.arange(n)], axis=1) for i, n in enumerate(lengths)]
    contents = [np.full(n % 3 + 1, i + 1) for i, n in enumerate(lengths)]
    return Utterances(X, contents, groups, frames_per_step, silence=[-1.0, -2.0])


def numbers_of(inputs):
    return inputs["x"][:, 0, 0].int().tolist()


# --- contents of frames -------------------------------------------------------------------


def test_four_frames_are_a_state():
    x = np.random.default_rng(0).normal(size=(8, 3)) * [1, 2, 3] + 5
    before = x.copy()
    content = stack_content(x)
    assert content.shape == (2, 12) and content.dtype == np.float32
    flat = x - x.mean(axis=0)
    np.testing.assert_allclose(content.reshape(8, 3), flat / flat.std(), rtol=1e-5)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(("n_frames", "n_states"), [(1, 1), (4, 1), (5, 2), (9, 3), (2600, 650)])
def test_the_last_state_is_filled_with_the_last_frame(n_frames, n_states):
    x = np.random.default_rng(0).normal(size=(n_frames, 2))
    found = stack_content(x).reshape(-1, 2)
    assert len(found) == 4 * n_states
    np.testing.assert_array_equal(
        found[n_frames:], np.tile(found[n_frames - 1], (-n_frames % 4, 1))
    )


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e5])
def test_contents_do_not_tell_levels(scale):
    x = np.random.default_rng(0).normal(size=(12, 3))
    np.testing.assert_allclose(stack_content(scale * x + [3, -9, 1]), stack_content(x), atol=1e-4)


def test_contents_of_silence_are_finite():
    assert (stack_content(np.full((5, 2), 0.1)) == 0).all()
    assert np.isfinite(stack_content(np.ones((1, 3), dtype=np.float32))).all()


# --- batches ------------------------------------------------------------------------------


def test_a_batch_by_hand():
    inputs, targets = utterances().batch([0, 1, 2])
    assert STOP_STEPS == 2
    assert inputs["n_frames"].tolist() == [5, 2, 3] and inputs["n_content"].tolist() == [3, 3, 1]
    assert inputs["content"].tolist() == [[1, 1, 1], [2, 2, 2], [3, 0, 0]]
    assert targets["n_steps"].tolist() == [3, 1, 2]
    assert targets["stop"].tolist() == [[0, 0, 0, 1, 1], [0, 1, 1, 1, 1], [0, 0, 1, 1, 1]]
    assert targets["mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0]]
    assert inputs["x"].shape == (3, 10, 2) and targets["x"] is inputs["x"]
    assert inputs["x"][2, :4].tolist() == [[2, 0], [2, 1], [2, 2], [-1, -2]]
    for row, n in zip(inputs["x"], (5, 2, 3), strict=True):
        assert (row[n:] == torch.tensor([-1.0, -2.0])).all()
    assert inputs["x"].dtype == torch.float32 and inputs["content"].dtype == torch.int64


def test_contents_may_be_frames():
    X = [np.zeros((n, 2)) for n in (9, 2)]
    clips = Utterances(X, [stack_content(x + 1) for x in X], None, 5, [0.0, 0.0])
    inputs, targets = clips.batch([1, 0])
    assert inputs["content"].shape == (2, 3, 8) and inputs["n_content"].tolist() == [1, 3]
    assert targets["n_steps"].tolist() == [1, 2]


def test_others_that_say_the_same_are_drawn():
    clips = utterances((4, 4, 4, 4), groups=[[1, 2], [2, 0], [0, 1], [3]])
    torch.manual_seed(0)
    seen = [set() for _ in range(4)]
    for _ in range(40):
        inputs, _ = clips.batch([0, 1, 2, 3], draw=True)
        assert numbers_of(inputs) == [0, 1, 2, 3]
        for i, number in enumerate(inputs["content"][:, 0].tolist()):
            seen[i].add(number - 1)
    assert seen == [{1, 2}, {0, 2}, {0, 1}, {3}]
    # Without a draw it is the first of the others.
    assert clips.batch([2, 0])[0]["content"][:, 0].tolist() == [1, 2]
    assert utterances().batch([2], draw=True)[0]["content"][0, 0] == 3


def test_drawn_contents_have_their_own_lengths():
    clips = utterances((4, 5), groups=[[1], [0]])
    assert utterances((4, 5)).batch([0, 1])[0]["n_content"].tolist() == [2, 3]
    assert clips.batch([0, 1], draw=True)[0]["n_content"].tolist() == [3, 2]


# --- batches by length --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "size", "sizes"),
    [(10, 4, [4, 3, 3]), (9, 8, [5, 4]), (3, 8, [3]), (33, 32, [17, 16]), (5, 4, [3, 2])],
)
@pytest.mark.parametrize("shuffle", [True, False])
def test_every_clip_is_in_one_batch(n, size, sizes, shuffle):
    lengths = np.random.default_rng(0).integers(1, 90, size=n)
    batches = LengthBatches(utterances(lengths), size, shuffle=shuffle)
    torch.manual_seed(0)
    found = [numbers_of(inputs) for inputs, _ in batches]
    assert len(batches) == len(sizes)
    assert sorted(map(len, found)) == sorted(sizes)
    assert sorted(i for batch in found for i in batch) == list(range(n))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 8])
def test_no_batch_is_of_one_clip(size):
    for n in (2, 3, 5, 9, 17):
        found = [len(i["x"]) for i, _ in LengthBatches(utterances([3] * n), size, shuffle=True)]
        assert sum(found) == n and min(found) > 1 and max(found) <= max(size, 3)


def test_a_clip_alone_is_a_batch():
    assert [len(i["x"]) for i, _ in LengthBatches(utterances([3]), 8)] == [1]


def test_batches_hold_clips_of_about_one_length():
    lengths = np.random.default_rng(0).permutation(np.arange(1, 401, 10))
    for shuffle, spread in ((False, 91), (True, 220)):
        torch.manual_seed(0)
        for inputs, _ in LengthBatches(utterances(lengths), 10, shuffle=shuffle):
            assert np.ptp(inputs["n_frames"].numpy()) < spread


def test_the_seed_decides_the_order():
    batches = LengthBatches(utterances([5] * 20), 4, shuffle=True)

    def order(seed):
        torch.manual_seed(seed)
        return [numbers_of(inputs) for inputs, _ in batches]

    assert order(0) == order(0) != order(1)
    torch.manual_seed(0)
    first, second = ([numbers_of(inputs) for inputs, _ in batches] for _ in range(2))
    assert first != second
    # Without shuffling no random number is drawn.
    state = torch.get_rng_state()
    still = LengthBatches(utterances((5, 2, 3, 9)), 2)
    assert [numbers_of(inputs) for inputs, _ in still] == [[1, 2], [0, 3]]
    assert torch.equal(torch.get_rng_state(), state)
