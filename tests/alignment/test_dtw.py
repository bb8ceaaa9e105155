"""Dynamic time warping against exhaustive sums."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.alignment import dtw_path
from skstyle.alignment._dtw import WEIGHTS, centred_pair, estimate_bytes, path_cost
from skstyle.alignment._wavefront import STRIP
from skstyle.alignment._window import band_limits

# Of the cost: the search is in float32, the sum on its path in float64.
TOLERANCE = 1e-6
FREE = ("unit", "symmetric", "asymmetric")


def frames(n, seed=0, n_features=3, dtype=float):
    return np.random.default_rng(seed).normal(size=(n, n_features)).astype(dtype)


def distances(a, b):
    return np.linalg.norm(a[:, None].astype(float) - b[None], axis=2)


def least_cost(d, allowed=None, slope="unit"):
    """Textbook dynamic programming in float64, cell by cell."""
    weights = WEIGHTS[slope]
    total = np.full(d.shape, np.inf)
    for i, j in np.ndindex(d.shape):
        if allowed is not None and not allowed[i, j]:
            continue
        if i == j == 0:
            total[i, j] = weights[0] * d[i, j]
            continue
        before = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
        total[i, j] = min(
            total[p] + w * d[i, j] for p, w in zip(before, weights, strict=True) if min(p) >= 0
        )
    return total[-1, -1]


def assert_path(path, n, m):
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [n - 1, m - 1]
    assert {tuple(s) for s in np.diff(path, axis=0)} <= {(1, 1), (1, 0), (0, 1)}


sizes = st.integers(1, 14)
# Longer than a strip of the wavefront, too.
long_sizes = st.integers(1, 2 * STRIP + 20)
seeds = st.integers(0, 10**6)


@settings(max_examples=60, deadline=None)
@given(n=sizes, m=sizes, n_features=st.integers(1, 9), slope=st.sampled_from(FREE), seed=seeds)
def test_cost_is_the_least_and_the_path_has_it(n, m, n_features, slope, seed):
    a, b = frames(n, seed, n_features), frames(m, seed + 1, n_features)
    path, cost = dtw_path(a, b, slope=slope)
    d = distances(a, b)
    assert_path(path, n, m)
    assert cost == pytest.approx(least_cost(d, slope=slope), rel=TOLERANCE)
    moves = np.diff(path, axis=0)
    weight = dict(zip([(1, 1), (1, 0), (0, 1)], WEIGHTS[slope], strict=True))
    weights = [WEIGHTS[slope][0], *(weight[tuple(move)] for move in moves)]
    assert d[path[:, 0], path[:, 1]] @ weights == pytest.approx(cost)


@settings(max_examples=25, deadline=None)
@given(n=long_sizes, m=long_sizes, seed=seeds, band=st.none() | st.floats(0.01, 0.5))
def test_strips_join(n, m, seed, band):
    a, b = frames(n, seed, 2), frames(m, seed + 1, 2)
    low, high = band_limits(n, m, band)
    columns = np.arange(m)
    allowed = (columns >= low[:, None]) & (columns < high[:, None])
    path, cost = dtw_path(a, b, band)
    assert_path(path, n, m)
    assert allowed[path[:, 0], path[:, 1]].all()
    assert cost == pytest.approx(least_cost(distances(a, b), allowed), rel=TOLERANCE)


@settings(max_examples=40, deadline=None)
@given(n=sizes, m=sizes, band=st.floats(0.01, 1), slope=st.sampled_from(FREE), seed=seeds)
def test_band_limits_the_path(n, m, band, slope, seed):
    a, b = frames(n, seed), frames(m, seed + 1)
    low, high = band_limits(n, m, band)
    columns = np.arange(m)
    allowed = (columns >= low[:, None]) & (columns < high[:, None])
    path, cost = dtw_path(a, b, band, slope=slope)
    assert_path(path, n, m)
    assert allowed[path[:, 0], path[:, 1]].all()
    assert cost == pytest.approx(least_cost(distances(a, b), allowed, slope), rel=TOLERANCE)


@settings(max_examples=40, deadline=None)
@given(n=sizes, m=sizes, seed=seeds, offset=st.sampled_from([0, 7, 10**6]))
def test_integers_are_exact(n, m, seed, offset):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 5, (n, 1)) + offset, rng.integers(0, 5, (m, 1)) + offset
    # Sums of distances between single integers are integers, below 2^24 here.
    assert dtw_path(a, b)[1] == least_cost(distances(a, b))


@pytest.mark.parametrize("scale", [1e-30, 1e-6, 1, 1e6, 1e30])
@pytest.mark.parametrize("n", [1, 2, 300])
def test_identical_sequences_give_the_diagonal(n, scale):
    path, cost = dtw_path(scale * frames(n), scale * frames(n))
    np.testing.assert_array_equal(path, np.repeat(np.arange(n)[:, None], 2, axis=1))
    assert cost == 0


def test_ties_prefer_the_diagonal():
    path, cost = dtw_path(np.zeros((5, 2)), np.zeros((5, 2)))
    assert len(path) == 5
    assert cost == 0


def test_warped_copy_gives_the_true_path():
    a = frames(60)
    index = np.sort(np.r_[np.arange(60), np.random.default_rng(1).integers(0, 60, 25)])
    path, cost = dtw_path(a, a[index])
    np.testing.assert_array_equal(path, np.column_stack([index, np.arange(85)]))
    assert cost == 0


def test_turning_the_pair_turns_the_cost_not():
    a, b = frames(40), frames(55, 1)
    assert dtw_path(a, b)[1] == pytest.approx(dtw_path(b, a)[1], rel=TOLERANCE)


def test_narrow_band_costs_more():
    a = np.sin(np.arange(100) / 5)[:, None]
    b = np.roll(a, 20)
    assert dtw_path(a, b, 0.05)[1] > dtw_path(a, b)[1] + 1


def test_asymmetric_passes_frames_of_the_first_for_nothing():
    b = frames(20)
    a = np.insert(b, 7, [[50.0, 0, 0], [80.0, 0, 0]], axis=0)
    assert dtw_path(a, b, slope="asymmetric")[1] == 0
    assert dtw_path(b, a, slope="asymmetric")[1] > 100


@pytest.mark.parametrize("band", [0.01, 0.5, None])
@pytest.mark.parametrize("multi_resolution", [False, True])
@pytest.mark.parametrize(("n", "m"), [(1, 50), (50, 1), (2, 900), (900, 80), (80, 900), (1, 1)])
def test_very_different_lengths_have_a_path(n, m, band, multi_resolution):
    path, cost = dtw_path(frames(n), frames(m, 1), band, multi_resolution=multi_resolution)
    assert_path(path, n, m)
    assert np.isfinite(cost)


def test_float32_finds_the_same_path():
    a, b = frames(80), frames(70, 1)
    path, cost = dtw_path(a, b)
    path32, cost32 = dtw_path(a.astype(np.float32), b.astype(np.float32))
    np.testing.assert_array_equal(path32, path)
    assert cost32 == pytest.approx(cost, rel=1e-6)


def test_long_sequences_lose_no_digits():
    a, b = frames(1500, 0, 1) + 3, frames(1500, 1, 1)
    previous = np.r_[0.0, np.full(1500, np.inf)]
    for row in distances(a, b):
        current = np.full(1501, np.inf)
        best = np.minimum(previous[:-1], previous[1:])
        for j, (d, x) in enumerate(zip(row.tolist(), best.tolist(), strict=True)):
            current[j + 1] = d + min(x, current[j])
        previous = current
    assert dtw_path(a, b)[1] == pytest.approx(previous[-1], rel=TOLERANCE)


def test_distance_far_from_the_origin_keeps_its_digits():
    a, b = frames(30), frames(30, 1)
    assert dtw_path(a + 1e6, b + 1e6)[1] == pytest.approx(dtw_path(a, b)[1], rel=1e-6)


def test_centred_pair_keeps_differences_and_stays_small():
    a, b = 1e-4 * frames(9) + 1e3, 1e-4 * frames(7, 1) + 1e3
    p, q = centred_pair(a, b)
    assert max(np.abs(p).max(), np.abs(q).max()) < 2
    unit = distances(a, b) / distances(p, q)
    np.testing.assert_allclose(unit, unit[0, 0], rtol=1e-6)
    assert np.log2(unit[0, 0]) == pytest.approx(np.round(np.log2(unit[0, 0])), abs=1e-6)


def test_read_only_input():
    a, b = frames(20), frames(25, 1)
    expected = dtw_path(a, b)[1]
    a.flags.writeable = b.flags.writeable = False
    assert dtw_path(a, b)[1] == expected


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 300), m=st.integers(1, 300), radius=st.integers(1, 40), seed=seeds)
def test_multi_resolution_finds_a_path_near_the_best(n, m, radius, seed):
    a, b = np.cumsum(frames(n, seed), axis=0), np.cumsum(frames(m, seed + 1), axis=0)
    path, cost = dtw_path(a, b, multi_resolution=True, radius=radius)
    assert_path(path, n, m)
    assert cost == pytest.approx(path_cost(a, b, path, "unit"))
    assert cost >= dtw_path(a, b)[1] * (1 - TOLERANCE)


def test_multi_resolution_is_the_best_path_of_smooth_sequences():
    t = np.linspace(0, 1, 700)[:, None]
    a, b = np.sin([3, 7, 11] * t), np.sin([3, 7, 11] * t**1.6)
    path, cost = dtw_path(a, b)
    near, near_cost = dtw_path(a, b, multi_resolution=True)
    assert near_cost == pytest.approx(cost, rel=1e-3)
    assert np.abs(near[:, 1] - np.interp(near[:, 0], *path.T)).mean() < 2


def test_multi_resolution_stays_within_the_band():
    a, b = frames(400), frames(300, 1)
    low, high = band_limits(400, 300, 0.05)
    path, _ = dtw_path(a, b, 0.05, multi_resolution=True, radius=4)
    assert_path(path, 400, 300)
    assert (path[:, 1] >= low[path[:, 0]]).all()
    assert (path[:, 1] < high[path[:, 0]]).all()


def traced_peak(function):
    function()
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_of_a_band_is_an_eighth_of_the_matrix_or_less():
    a, b = frames(2000, 0, 25), frames(2000, 1, 25)
    assert traced_peak(lambda: dtw_path(a, b, 0.1)) <= 2000 * 2000 * 8 / 8


def test_memory_of_multi_resolution_grows_with_the_length():
    peaks = []
    for n in (3000, 6000):
        a, b = np.cumsum(frames(n, 0, 4), axis=0), np.cumsum(frames(n, 1, 4), axis=0)
        peaks.append(traced_peak(lambda a=a, b=b: dtw_path(a, b, multi_resolution=True)))
    assert peaks[1] < 3 * peaks[0]
    assert peaks[1] < 6000 * 6000 / 8


@pytest.mark.parametrize("slope", ["unit", "p1"])
@pytest.mark.parametrize("band", [None, 0.1])
def test_estimate_is_near_the_peak(slope, band):
    a, b = frames(1500, 0, 5), frames(1200, 1, 5)
    peak = traced_peak(lambda: dtw_path(a, b, band, slope=slope))
    estimate = estimate_bytes(*band_limits(1500, 1200, band), 1500, 1200, 5, slope)
    assert 0.6 * peak < estimate < 1.7 * peak


@pytest.mark.parametrize("slope", ["unit", "p1"])
def test_too_much_memory_is_refused_before_it_is_taken(slope):
    a = np.zeros((100_000, 1))
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"100000 with 100000 frames needs about 1\d{4} MB.*band"):
        dtw_path(a, a, slope=slope)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


def test_limit_of_memory_can_be_chosen():
    a = frames(600)
    assert dtw_path(a, a, 0.1, max_memory_mb=0.3)[1] == 0
    with pytest.raises(ValueError, match="more than max_memory_mb=0.3"):
        dtw_path(a, a, max_memory_mb=0.3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"band": 0}, r"band must lie in \(0, 1\]"),
        ({"slope": "p2"}, "slope must be one of .*'p1'.* got 'p2'"),
        ({"radius": 0}, "radius must be a positive integer"),
        ({"radius": 2.5}, "radius must be a positive integer"),
        ({"max_memory_mb": 0}, "max_memory_mb must be positive"),
    ],
)
def test_wrong_options_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        dtw_path(frames(3), frames(3), **options)


def test_wrong_input_is_told():
    bad = frames(4)
    bad[2, 1] = np.nan
    with pytest.raises(ValueError, match="b contains NaN .first at frame 2"):
        dtw_path(frames(3), bad)
    with pytest.raises(ValueError, match="a has 3 features and b has 2"):
        dtw_path(frames(3), frames(3, n_features=2))
    with pytest.raises(ValueError, match=r"a has shape \(3,\), expected a sequence"):
        dtw_path(frames(3)[:, 0], frames(3))
