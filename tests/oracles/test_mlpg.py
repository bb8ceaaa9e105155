"""Parameter generation beside nnmnkwii's."""

import numpy as np
import pytest

from skstyle.trajectory import DELTA, DELTA_DELTA, mlpg

paramgen = pytest.importorskip(
    "nnmnkwii.paramgen", reason="nnmnkwii is not here: make test-oracles builds it"
)


@pytest.mark.parametrize("windows", [(DELTA,), (DELTA, DELTA_DELTA)])
@pytest.mark.parametrize("constant", [False, True])
def test_mlpg(windows, constant):
    rng = np.random.default_rng(0)
    mean = rng.normal(size=(400, 25 * (1 + len(windows))))
    variance = rng.uniform(0.05, 5.0, size=mean.shape[1:] if constant else mean.shape)
    expected = paramgen.mlpg(
        mean, variance, [(0, 0, np.ones(1)), *((1, 1, np.array(w)) for w in windows)]
    )
    # nnmnkwii gives the differences of the first and last frame no weight, so that its zeros
    # beyond the ends do not count, nor do our repeated frames: both systems are the same.
    precision = np.broadcast_to(1 / variance, mean.shape).copy()
    precision[[0, -1], 25:] = 0
    np.testing.assert_allclose(mlpg(mean, precision, windows), expected, rtol=0, atol=1e-8)
