"""Speed of parameter generation beside nnmnkwii's C code: ``make bench-mlpg``.

One job on one input: 4000 frames of 25 columns with deltas and delta-deltas, 20 s at 5 ms. Times
are CPU seconds. What comes out is compared, how long it takes never is.
"""

import time

import numpy as np
import pytest

from skstyle.trajectory import DELTA, DELTA_DELTA, mlpg, mlpg_with_gv

pytestmark = pytest.mark.benchmark(timer=time.process_time, warmup=False)

N_FRAMES, N_COLUMNS, SECONDS = 4000, 25, 20.0
WINDOWS = (DELTA, DELTA_DELTA)


@pytest.fixture(scope="session")
def gaussians():
    """Means and variances; the differences of the first and last frame say nothing.

    nnmnkwii gives them no weight, whatever it is told, so that both solve the same system.
    """
    rng = np.random.default_rng(0)
    mean = rng.normal(size=(N_FRAMES, 3 * N_COLUMNS))
    precision = rng.uniform(0.1, 3.0, size=mean.shape)
    known = precision.copy()
    known[[0, -1], N_COLUMNS:] = 0.0
    return mean, known, 1 / precision


@pytest.fixture(scope="session", params=range(7))
def lap(request):
    """Run everything several times over, so that peers meet the same moods of the machine."""
    return request.param


@pytest.fixture
def run(benchmark, lap):
    """Time a function and return its result; the first lap compiles before."""

    def timed(library, function):
        benchmark.extra_info.update(library=library, seconds_of_sound=SECONDS, lap=lap)
        return benchmark.pedantic(function, rounds=10, warmup_rounds=2 * int(lap == 0))

    return timed


@pytest.mark.benchmark(group="MLPG, 4000 x 25 x 3 windows")
class TestMLPG:
    """The trajectory alone."""

    def test_skstyle(self, run, gaussians):
        mean, precision, _ = gaussians
        assert np.isfinite(run("skstyle.mlpg", lambda: mlpg(mean, precision, WINDOWS))).all()

    def test_nnmnkwii(self, run, gaussians):
        paramgen = pytest.importorskip("nnmnkwii.paramgen", reason="nnmnkwii is not here")
        mean, precision, variance = gaussians
        windows = [(0, 0, np.ones(1)), *((1, 1, np.array(w)) for w in WINDOWS)]
        found = run("nnmnkwii.paramgen.mlpg", lambda: paramgen.mlpg(mean, variance, windows))
        np.testing.assert_allclose(found, mlpg(mean, precision, WINDOWS), atol=1e-8)

    def test_skstyle_with_std(self, run, gaussians):
        mean, precision, _ = gaussians
        run("skstyle.mlpg, return_std", lambda: mlpg(mean, precision, WINDOWS, return_std=True))

    def test_skstyle_with_gv(self, run, gaussians):
        mean, precision, _ = gaussians
        wanted = 1.5 * mlpg(mean, precision, WINDOWS).var(axis=0)
        spread = (0.2 * wanted) ** 2
        run(
            "skstyle.mlpg_with_gv",
            lambda: mlpg_with_gv(mean, precision, wanted, spread, WINDOWS),
        )
