"""Speed and memory of time warping beside other libraries: ``make bench-alignment``.

One job on one input: the path between two sequences of 2000 frames of 25 columns, 10 s at 5 ms,
float64, Euclidean. Times are CPU seconds on one core. Peers that are not installed are skipped.
What comes out is checked, how long it takes never is.
"""

import time
import tracemalloc

import numpy as np
import pytest

from skstyle.alignment import dtw_path, soft_dtw_gradient

pytestmark = pytest.mark.benchmark(timer=time.process_time, warmup=False)

N_FRAMES, N_COLUMNS, SECONDS, BAND = 2000, 25, 10.0, 0.1
MATRIX = N_FRAMES**2 * 8 / 1e6


@pytest.fixture(scope="session")
def pair():
    """Two random walks through the columns."""
    rng = np.random.default_rng(0)
    return [np.cumsum(0.1 * rng.normal(size=(N_FRAMES, N_COLUMNS)), axis=0) for _ in range(2)]


@pytest.fixture(scope="session", params=range(5))
def lap(request):
    """Run everything several times over, so that peers meet the same moods of the machine."""
    return request.param


@pytest.fixture
def run(benchmark, lap):
    """Time a function and return its result; the first lap compiles before."""

    def timed(library, function, rounds=5):
        benchmark.extra_info.update(library=library, seconds_of_sound=SECONDS, lap=lap)
        found = benchmark.pedantic(function, rounds=rounds, warmup_rounds=int(lap == 0))
        tracemalloc.start()
        function()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        note = f"{peak:.1f} MB in numpy, {peak / MATRIX:.3f} of a float64 matrix"
        benchmark.extra_info.update(note=note)
        return found

    return timed


def assert_same_cost(path, pair, band=None):
    """A peer's path costs what ours costs: all look for the same path."""
    a, b = pair
    path = np.asarray(path)
    found = np.linalg.norm(a[path[:, 0]] - b[path[:, 1]], axis=1).sum()
    assert found >= dtw_path(a, b)[1] * (1 - 1e-6)
    if band is None:
        # Peers of squared distances find another one, at most a little dearer.
        assert found <= dtw_path(a, b)[1] * 1.2
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [len(a) - 1, len(b) - 1]


def librosa_path(pair, band):
    """Prepare librosa's path, or skip."""
    librosa = pytest.importorskip("librosa", reason="librosa is not installed")
    a, b = (np.ascontiguousarray(x.T) for x in pair)
    options = {} if band is None else {"global_constraints": True, "band_rad": band}
    return lambda: librosa.sequence.dtw(a, b, metric="euclidean", **options)[1][::-1]


def tslearn_path(pair, band):
    """Prepare tslearn's path, or skip."""
    metrics = pytest.importorskip("tslearn.metrics", reason="tslearn is not installed")
    radius = None if band is None else int(band * N_FRAMES)
    return lambda: metrics.dtw_path(*pair, sakoe_chiba_radius=radius)[0]


def aeon_path(pair, band):
    """Prepare aeon's path, or skip."""
    distances = pytest.importorskip("aeon.distances", reason="aeon is not installed")
    a, b = (np.ascontiguousarray(x.T) for x in pair)
    return lambda: distances.dtw_alignment_path(a, b, window=band)[0]


def dtaidistance_path(pair, band):
    """Prepare the path of dtaidistance's C code, or skip."""
    dtw_ndim = pytest.importorskip("dtaidistance.dtw_ndim", reason="dtaidistance is not installed")
    window = None if band is None else int(band * N_FRAMES) + 1
    return lambda: dtw_ndim.warping_path(*pair, window=window, use_c=True)


PEERS = {
    "librosa": librosa_path,
    "tslearn": tslearn_path,
    "aeon": aeon_path,
    "dtaidistance": dtaidistance_path,
}
peers = pytest.mark.parametrize("peer", PEERS)


@pytest.mark.benchmark(group="DTW with path, 2000 x 2000 x 25")
class TestWholeMatrix:
    """All pairs of frames."""

    def test_skstyle(self, run, pair):
        assert_same_cost(run("skstyle", lambda: dtw_path(*pair))[0], pair)

    def test_skstyle_float32(self, run, pair):
        single = [x.astype(np.float32) for x in pair]
        assert_same_cost(run("skstyle, float32", lambda: dtw_path(*single))[0], pair)

    @pytest.mark.parametrize("slope", ["p05", "p1"])
    def test_skstyle_slope(self, run, pair, slope):
        run(f"skstyle, slope {slope}", lambda: dtw_path(*pair, slope=slope))

    @peers
    def test_peer(self, run, pair, peer):
        assert_same_cost(run(peer, PEERS[peer](pair, None), rounds=3), pair)


@pytest.mark.benchmark(group="DTW with path, 2000 x 2000 x 25, band 0.1")
class TestBand:
    """A tenth of the length on both sides of the diagonal; and peers without, for comparison."""

    def test_skstyle(self, run, pair):
        path = run("skstyle", lambda: dtw_path(*pair, BAND), rounds=10)[0]
        assert_same_cost(path, pair, BAND)

    def test_skstyle_multi_resolution(self, run, pair):
        def search():
            return dtw_path(*pair, multi_resolution=True)

        assert_same_cost(run("skstyle, multi_resolution instead", search, rounds=10)[0], pair)

    @peers
    def test_peer(self, run, pair, peer):
        assert_same_cost(run(peer, PEERS[peer](pair, BAND), rounds=3), pair, BAND)

    @peers
    def test_peer_without_band(self, run, pair, peer):
        run(f"{peer}, whole matrix", PEERS[peer](pair, None), rounds=3)


@pytest.mark.benchmark(group="Gradient of soft-DTW, 2000 x 2000 x 25")
class TestSoftDTW:
    """The gradient with respect to one sequence."""

    def test_skstyle(self, run, pair):
        assert np.isfinite(run("skstyle", lambda: soft_dtw_gradient(*pair), rounds=2)).all()

    def test_tslearn(self, run, pair):
        metrics = pytest.importorskip("tslearn.metrics", reason="tslearn is not installed")
        found = run("tslearn: alignment only", lambda: metrics.soft_dtw_alignment(*pair), rounds=2)
        assert np.isfinite(found[0]).all()
