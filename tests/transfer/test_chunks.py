"""Chunks that overlap."""

import numpy as np
import pytest

from skstyle.transfer._chunks import cut, join


@pytest.mark.parametrize("n_frames", [1, 7, 50, 51, 99, 500, 1234])
@pytest.mark.parametrize(("chunk_length", "overlap"), [(50, 0), (50, 8), (50, 25), (2, 1)])
def test_chunks_cover_all_and_join_again(n_frames, chunk_length, overlap):
    chunks = cut(n_frames, chunk_length, overlap)
    assert chunks[0].start == 0 and chunks[-1].stop == n_frames
    assert all(0 < c.stop - c.start <= chunk_length for c in chunks)
    assert all(a.stop - b.start == overlap for a, b in zip(chunks[:-1], chunks[1:], strict=True))
    x = np.random.default_rng(0).normal(size=(n_frames, 3))
    np.testing.assert_allclose(join([x[c] for c in chunks], chunks), x)


def test_one_chunk_fades_into_the_next():
    chunks = cut(10, 6, 2)
    joined = join([np.zeros((6, 1)), np.ones((6, 1))], chunks)
    np.testing.assert_allclose(joined[:, 0], [0, 0, 0, 0, 0.25, 0.75, 1, 1, 1, 1])
