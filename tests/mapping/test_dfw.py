"""Dynamic frequency warping against brute force, interpolation and known warps."""

from functools import cache

import numpy as np
import pytest

from skstyle.mapping import warping_matrix
from skstyle.mapping._dfw import (
    N_BINS,
    align_bins,
    bin_distances,
    cepstral_matrix,
    choose_n_bins,
    fit_paths,
    spectrum_matrix,
)


@pytest.fixture
def cepstra():
    rng = np.random.default_rng(0)
    return rng.normal(size=(1000, 24)) / np.arange(1, 25)


def moments(x, y):
    """Second moments of one class."""
    return (x.T @ x)[None], (y.T @ x)[None], (y.T @ y)[None]


def identity_warp(n_bins):
    return np.eye(n_bins)[None]


def warp_of_spectra(warped_bin, n_bins):
    """Matrix that reads source spectra at fractional bins, by linear interpolation."""
    low = np.clip(np.floor(warped_bin).astype(int), 0, n_bins - 2)
    W = np.zeros((n_bins, n_bins))
    W[np.arange(n_bins), low] = 1.0 - (warped_bin - low)
    W[np.arange(n_bins), low + 1] = warped_bin - low
    return W


# --- spectra ------------------------------------------------------------------------------


@pytest.mark.parametrize("order, n_bins", [(1, 4), (24, 128), (60, 128)])
def test_spectra_and_back_is_the_identity(order, n_bins):
    S = spectrum_matrix(order, n_bins)
    np.testing.assert_allclose(2 / n_bins * S.T @ S, np.eye(order), rtol=0, atol=1e-13)
    A = cepstral_matrix(identity_warp(n_bins), order, order)
    np.testing.assert_allclose(A[0], np.eye(order), rtol=0, atol=1e-13)


def test_spectra_are_sums_of_cosines(cepstra):
    omega = np.pi * (np.arange(16) + 0.5) / 16
    expected = sum(c * np.cos(k * omega) for k, c in enumerate(cepstra[0, :5], start=1))
    np.testing.assert_allclose(spectrum_matrix(5, 16) @ cepstra[0, :5], expected, atol=1e-14)


def test_bins_are_many_enough_for_all_cepstra():
    assert choose_n_bins(24, 24) == N_BINS
    assert choose_n_bins(10, 200) == choose_n_bins(200, 10) == 400


def test_matrices_warp_spectra(cepstra):
    warped_bin = np.arange(N_BINS) - 6.0 * np.sin(np.pi * np.arange(N_BINS) / (N_BINS - 1))
    W = warp_of_spectra(warped_bin, N_BINS)
    A = cepstral_matrix(W, 60, 24)
    spectra = cepstra[:20] @ spectrum_matrix(24).T
    at = np.arange(N_BINS)
    expected = np.stack([np.interp(warped_bin, at, s) for s in spectra])
    expected -= expected.mean(axis=1, keepdims=True)  # the level stays apart
    found = cepstra[:20] @ A.T @ spectrum_matrix(60).T
    # Kinks of linear interpolation do not fit in 60 cepstra, by very little.
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.005 * np.abs(expected).max())


def test_the_all_pass_warp_is_one_of_them():
    # Target frequency w gets what the source has at the frequency that is warped to w.
    omega = np.pi * (np.arange(512) + 0.5) / 512
    source = omega - 2 * np.arctan2(0.1 * np.sin(omega), 1 + 0.1 * np.cos(omega))
    W = warp_of_spectra(source * 512 / np.pi - 0.5, 512)
    A = cepstral_matrix(W, 24, 24)
    np.testing.assert_allclose(A, warping_matrix(0.1, 24), rtol=0, atol=0.01)


# --- distances ----------------------------------------------------------------------------


def test_distances_from_moments_are_those_over_frames(cepstra):
    rng = np.random.default_rng(1)
    x, y = cepstra, rng.normal(size=(1000, 12))
    weights = rng.uniform(size=(1000, 2))
    weighted = [
        np.stack([(a * w[:, None]).T @ b for w in weights.T]) for a, b in ((x, x), (y, x), (y, y))
    ]
    found = bin_distances(*weighted, n_bins=32)
    X, Y = x @ spectrum_matrix(24, 32).T, y @ spectrum_matrix(12, 32).T
    for m in range(2):
        for j, i in ((0, 0), (3, 20), (31, 5), (31, 31)):
            expected = weights[:, m] @ (Y[:, j] - X[:, i]) ** 2
            assert found[m, j, i] == pytest.approx(expected, rel=1e-10)


def test_distances_are_never_negative(cepstra):
    distances = bin_distances(*moments(cepstra, cepstra), 64)
    assert distances.min() >= 0.0
    np.testing.assert_allclose(np.diagonal(distances[0]), 0.0, atol=1e-9)


# --- paths --------------------------------------------------------------------------------


def least_cost(distances, weight):
    """Cost of the best path, by recursion from the end."""

    @cache
    def cost(j, i):
        if j < 0 or i < 0:
            return np.inf
        d = distances[j, i]
        if j == i == 0:
            return d
        return min(cost(j - 1, i - 1) + weight * d, cost(j - 1, i) + d, cost(j, i - 1) + d)

    return cost(len(distances) - 1, len(distances) - 1)


def cost_of(path, distances, weight):
    """Cost of the path whose bins are marked."""
    cells = sorted(zip(*np.nonzero(path), strict=True))
    total = distances[cells[0]]
    for before, cell in zip(cells[:-1], cells[1:], strict=True):
        moved = np.subtract(cell, before)
        assert set(moved) <= {0, 1}  # monotone, without a jump
        total += distances[cell] * (weight if moved.sum() == 2 else 1.0)
    assert cells[0] == (0, 0)
    assert cells[-1] == (len(distances) - 1, len(distances) - 1)
    return total


@pytest.mark.parametrize("weight", [1.0, 1.5, 1.99])
def test_no_path_costs_less(weight):
    distances = np.random.default_rng(0).uniform(size=(20, 9, 9))
    W = align_bins(distances, weight)
    for path, d in zip(W, distances, strict=True):
        assert cost_of(path, d, weight) == pytest.approx(least_cost(d, weight))


def test_rows_are_means_of_source_bins():
    W = align_bins(np.random.default_rng(0).uniform(size=(5, 12, 12)), 1.5)
    np.testing.assert_allclose(W.sum(axis=2), 1.0)
    for row in W.reshape(-1, 12):
        assert len(np.unique(row[row > 0])) == 1


@pytest.mark.parametrize("weight", [1.0, 1.5, 1.99])
def test_identical_sides_are_not_warped(cepstra, weight):
    A, paths = fit_paths(*moments(cepstra, cepstra), 1, weight)
    np.testing.assert_array_equal(paths, np.arange(N_BINS)[None])
    np.testing.assert_allclose(A[0], np.eye(24), rtol=0, atol=1e-13)


def test_equal_distances_are_not_warped():
    np.testing.assert_array_equal(align_bins(np.zeros((2, 6, 6)), 1.5), np.stack([np.eye(6)] * 2))
    np.testing.assert_array_equal(align_bins(np.ones((1, 1, 1)), 1.5), 1.0)


def test_a_class_does_not_depend_on_the_others():
    distances = np.random.default_rng(0).uniform(size=(4, 10, 10))
    alone = np.concatenate([align_bins(d[None], 1.5) for d in distances])
    np.testing.assert_array_equal(align_bins(distances, 1.5), alone)


@pytest.mark.parametrize("alpha", [-0.1, 0.05, 0.1])
def test_recovers_a_known_warp(cepstra, alpha):
    y = cepstra @ warping_matrix(alpha, 40, 24).T
    y = y + 0.005 * np.random.default_rng(1).normal(size=y.shape)
    A, paths = fit_paths(*moments(cepstra, y), 1, 1.5)
    target = np.pi * (np.arange(N_BINS) + 0.5) / N_BINS
    source = target - 2 * np.arctan2(alpha * np.sin(target), 1 + alpha * np.cos(target))
    expected = source * N_BINS / np.pi - 0.5
    assert np.abs(paths[0] - expected).max() < 2.0
    rest = y - cepstra @ A[0].T
    assert (rest**2).sum() < 0.05 * ((y[:, :24] - cepstra) ** 2).sum()


def test_positive_warps_read_lower_bins(cepstra):
    y = cepstra @ warping_matrix(0.1, 24).T
    _, paths = fit_paths(*moments(cepstra, y), 1, 1.5)
    assert (paths[0] <= np.arange(N_BINS)).all()
    assert (np.diff(paths[0]) >= 0).all()


def test_blocks_share_a_warp(cepstra):
    y = cepstra @ warping_matrix(0.08, 24).T
    x2, y2 = (np.column_stack([z, z[::-1]]) for z in (cepstra, y))
    A, paths = fit_paths(*moments(x2, y2), 2, 1.5)
    one, path = fit_paths(*moments(cepstra, y), 1, 1.5)
    np.testing.assert_array_equal(paths, path)
    np.testing.assert_array_equal(A[0, :24, :24], one[0])
    np.testing.assert_array_equal(A[0, 24:, 24:], one[0])
    assert not A[0, :24, 24:].any()
