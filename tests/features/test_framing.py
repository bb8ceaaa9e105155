"""Counts of frames and samples belong together; frames are cut where they should be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.features._framing import blocks, centred_frames, n_frames_of, n_times_of

hops = st.sampled_from([1, 40, 80.0, 110.25, 220.5, 240.0])


@settings(max_examples=100, deadline=None)
@given(n_times=st.integers(1, 10**6), hop=hops)
def test_last_frame_is_centred_inside_the_clip(n_times, hop):
    last = (n_frames_of(n_times, hop) - 1) * hop
    assert last <= n_times - 1 + 1e-6
    assert last + hop > n_times - 1 - 1e-6


@settings(max_examples=100, deadline=None)
@given(n_frames=st.integers(1, 10**4), hop=hops)
def test_longest_clip_of_a_number_of_frames(n_frames, hop):
    n_times = n_times_of(n_frames, hop)
    assert n_frames_of(n_times, hop) == n_frames
    assert n_frames_of(n_times + 1, hop) == n_frames + 1


def test_whole_hops():
    assert [n_frames_of(n, 80) for n in (1, 80, 81, 160, 161)] == [1, 1, 2, 2, 3]


@settings(max_examples=30, deadline=None)
@given(n=st.integers(0, 50), size=st.integers(1, 20))
def test_blocks_cover_everything_once(n, size):
    covered = [i for b in blocks(n, size) for i in range(n)[b]]
    assert covered == list(range(n))
    assert all(b.stop - b.start <= size for b in blocks(n, size))


@settings(max_examples=60, deadline=None)
@given(
    n_times=st.integers(1, 30),
    centres=st.lists(st.integers(0, 40), min_size=1, max_size=6),
    half=st.integers(0, 12),
)
def test_frames_are_what_indexing_gives(n_times, centres, half):
    x = np.arange(1.0, n_times + 1)
    frames = centred_frames(x, np.array(centres), half)
    expected = [
        [x[c + k] if 0 <= c + k < n_times else 0.0 for k in range(-half, half + 1)] for c in centres
    ]
    np.testing.assert_array_equal(frames, expected)


@pytest.mark.parametrize("half", [1, 100])
def test_input_is_not_written_to(half):
    x = np.arange(10.0)
    x.flags.writeable = False
    frames = centred_frames(x, np.array([0, 9]), half)
    assert frames[0, half] == 0
    assert frames[1, half] == 9
