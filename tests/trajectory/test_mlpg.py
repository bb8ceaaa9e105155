"""The most likely trajectory against a dense solve and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.features import DeltaFeatures
from skstyle.trajectory import DELTA, DELTA_DELTA, mlpg
from skstyle.trajectory._windows import append_dynamic

WIDE = (-0.2, -0.1, 0.0, 0.1, 0.2)
WINDOWS = [(DELTA,), (DELTA, DELTA_DELTA), (WIDE, DELTA_DELTA), ((0.3, 1.0, -0.4),)]


def dense(mean, precision, windows):
    """Solve W' P W y = W' P mean column by column; W comes from apply_window itself."""
    n_frames, n_blocks = len(mean), 1 + len(windows)
    n_columns = mean.shape[1] // n_blocks
    W = np.vstack(np.split(append_dynamic(np.eye(n_frames), windows), n_blocks, axis=1))
    precision = np.broadcast_to(precision, mean.shape)
    y, std = np.empty((2, n_frames, n_columns))
    for d in range(n_columns):
        m, p = mean[:, d::n_columns].T.ravel(), precision[:, d::n_columns].T.ravel()
        A = (W.T * p) @ W
        y[:, d] = np.linalg.solve(A, W.T @ (p * m))
        std[:, d] = np.sqrt(np.diag(np.linalg.inv(A)))
    return y, std


def gaussians(n_frames, n_columns, windows, seed=0):
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(n_frames, n_columns * (1 + len(windows))))
    return mean, rng.uniform(0.1, 3.0, size=mean.shape)


@pytest.mark.parametrize("windows", WINDOWS)
@pytest.mark.parametrize("n_frames", [1, 2, 3, 4, 60])
def test_equals_a_dense_solve(n_frames, windows):
    mean, precision = gaussians(n_frames, 3, windows)
    found = mlpg(mean, precision, windows, return_std=True)
    for a, b in zip(found, dense(mean, precision, windows), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


@settings(max_examples=60, deadline=None)
@given(
    n_frames=st.integers(1, 30),
    n_columns=st.integers(1, 4),
    windows=st.lists(
        st.sampled_from([1, 3, 5]).flatmap(
            lambda n: st.lists(st.floats(-2, 2, width=16), min_size=n, max_size=n)
        ),
        min_size=1,
        max_size=3,
    ),
    constant=st.booleans(),
    seed=st.integers(0, 99),
)
def test_any_windows_equal_a_dense_solve(n_frames, n_columns, windows, constant, seed):
    mean, precision = gaussians(n_frames, n_columns, windows, seed)
    precision = precision[0] if constant else precision
    found = mlpg(mean, precision, windows, return_std=True)
    for a, b in zip(found, dense(mean, precision, windows), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


def test_long_clip_equals_a_dense_solve():
    mean, precision = gaussians(700, 1, (DELTA, DELTA_DELTA))
    expected, _ = dense(mean, precision, (DELTA, DELTA_DELTA))
    found = mlpg(mean, precision, (DELTA, DELTA_DELTA))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


def test_columns_do_not_mix():
    mean, precision = gaussians(20, 3, (DELTA,))
    whole = mlpg(mean, precision)
    for d in range(3):
        np.testing.assert_array_equal(whole[:, [d]], mlpg(mean[:, d::3], precision[:, d::3]))


def test_a_row_of_precisions_serves_all_frames():
    mean, precision = gaussians(20, 3, (DELTA,))
    expected = mlpg(mean, np.tile(precision[0], (20, 1)))
    np.testing.assert_array_equal(mlpg(mean, precision[0]), expected)


def test_features_of_a_trajectory_give_it_back():
    y = np.cumsum(np.random.default_rng(0).normal(size=(50, 4)), axis=0)
    mean = DeltaFeatures(order=2).fit_transform([y])[0]
    _, precision = gaussians(50, 4, (DELTA, DELTA_DELTA))
    np.testing.assert_allclose(mlpg(mean, precision, (DELTA, DELTA_DELTA)), y, atol=1e-12)


def test_sure_statics_are_kept():
    mean, precision = gaussians(30, 2, (DELTA,))
    precision[:, :2] = 1e12
    np.testing.assert_allclose(mlpg(mean, precision), mean[:, :2], atol=1e-9)


def test_differences_of_no_weight_leave_the_statics():
    mean, precision = gaussians(30, 2, (DELTA,))
    precision[:, 2:] = 0
    np.testing.assert_allclose(mlpg(mean, precision), mean[:, :2], atol=1e-14)


def test_without_windows_the_mean_comes_back():
    mean, precision = gaussians(30, 2, ())
    precision[3, 1] = 0
    y, std = mlpg(mean, precision, (), return_std=True)
    np.testing.assert_array_equal(y, mean)
    assert y is not mean
    assert std[3, 1] == np.inf
    np.testing.assert_allclose(std[4], precision[4] ** -0.5)


def test_noise_is_smoothed():
    rng = np.random.default_rng(0)
    clean = np.sin(0.1 * np.arange(300))[:, None]
    noisy = clean + 0.3 * rng.normal(size=clean.shape)
    mean = np.hstack([noisy, DeltaFeatures().fit_transform([clean])[0][:, 1:]])
    y = mlpg(mean, np.array([1 / 0.09, 1 / 0.001]))
    assert np.abs(y - clean).mean() < 0.35 * np.abs(noisy - clean).mean()


def test_differences_carry_over_frames_that_say_nothing():
    y = np.linspace(0, 3, 20)[:, None]
    mean = DeltaFeatures(order=2).fit_transform([y])[0]
    precision = np.ones_like(mean)
    mean[5:15, 0], precision[5:15, 0] = 99.0, 0.0
    np.testing.assert_allclose(mlpg(mean, precision, (DELTA, DELTA_DELTA)), y, atol=1e-10)


def test_scale_of_the_precisions_does_not_matter():
    mean, precision = gaussians(30, 2, (DELTA,))
    y = mlpg(mean, precision)
    for scale in (1e-12, 1e12):
        np.testing.assert_allclose(mlpg(mean, scale * precision), y, atol=1e-12)


def test_float32_is_solved_in_float64():
    mean, precision = (a.astype(np.float32) for a in gaussians(40, 2, (DELTA,)))
    y, std = mlpg(mean, precision, return_std=True)
    assert y.dtype == std.dtype == np.float32
    expected = mlpg(mean.astype(float), precision.astype(float)).astype(np.float32)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("windows", [(), (DELTA,)])
def test_read_only_inputs_are_kept(windows):
    mean, precision = gaussians(10, 2, windows)
    before = mean.copy(), precision.copy()
    mean.flags.writeable = precision.flags.writeable = False
    mlpg(mean, precision, windows)[:] = 0
    np.testing.assert_array_equal((mean, precision), before)


def test_strided_inputs():
    mean, precision = gaussians(30, 2, (DELTA,))
    expected = mlpg(mean, precision)
    np.testing.assert_array_equal(mlpg(np.asfortranarray(mean), precision), expected)
    np.testing.assert_array_equal(mlpg(mean[::-1][::-1], precision[::-1][::-1]), expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m, p: (m[:, :3], p[:, :3]), "mean has 3 columns, expected 2 blocks"),
        (lambda m, p: (m, p[:, :2]), r"precision has shape \(9, 2\), expected \(9, 4\)"),
        (lambda m, p: (m, p[:5]), r"precision has shape \(5, 4\)"),
        (lambda m, p: (m, -p), "precision is negative .* at frame 0, column 0"),
        (lambda m, p: (m, np.full_like(p, np.inf)), "precision contains inf"),
        (lambda m, p: (np.full_like(m, np.nan), p), "mean contains NaN"),
        (lambda m, p: (m[:0], p), "mean is empty"),
        (lambda m, p: (m, p * [1, 0, 1, 1]), "leave column 1 open"),
        (lambda m, p: (m, 0 * p), "leave column 0 open"),
    ],
)
def test_wrong_gaussians_are_told(change, message):
    with pytest.raises(ValueError, match=message):
        mlpg(*change(*gaussians(9, 2, (DELTA,))))
