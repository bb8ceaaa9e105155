"""The all-pass warp found from moments, against scans over frames and known truths."""

import numpy as np
import pytest

from skstyle.mapping import warping_matrix
from skstyle.mapping._allpass import (
    BOUND,
    block_diagonal,
    block_warping_matrix,
    fit_alpha,
    sum_blocks,
    warping_error,
)


@pytest.fixture
def cepstra():
    rng = np.random.default_rng(0)
    return rng.normal(size=(2000, 24)) / np.arange(1, 25)


def noisy_warp(x, alpha, noise=0.02, seed=1):
    warped = x @ warping_matrix(alpha, x.shape[1]).T
    return warped + noise * np.random.default_rng(seed).normal(size=warped.shape)


@pytest.mark.parametrize("alpha", [-0.18, -0.07, -0.001, 0.0, 0.03, 0.15])
def test_finds_a_known_warp_in_noise(cepstra, alpha):
    y = noisy_warp(cepstra, alpha)
    assert fit_alpha(cepstra.T @ cepstra, y.T @ cepstra) == pytest.approx(alpha, abs=1e-3)


@pytest.mark.parametrize("alpha", [-0.12345678, 0.0, 0.0987654])
def test_is_exact_without_noise(cepstra, alpha):
    y = noisy_warp(cepstra, alpha, noise=0.0)
    found = fit_alpha(cepstra.T @ cepstra, y.T @ cepstra)
    assert found == pytest.approx(alpha, abs=2e-8)


def test_no_constant_fits_the_frames_better(cepstra):
    rng = np.random.default_rng(2)
    weights, b = rng.uniform(size=len(cepstra)), rng.normal(size=24)
    y = noisy_warp(cepstra, 0.06, noise=0.3) + b

    def squared_error(alpha):
        rest = y - cepstra @ warping_matrix(alpha, 24).T
        rest = rest - weights @ rest / weights.sum()  # the best bias of this warp
        return weights @ (rest**2).sum(axis=1)

    x, t = (z - weights @ z / weights.sum() for z in (cepstra, y))
    found = fit_alpha((x * weights[:, None]).T @ x, (t * weights[:, None]).T @ x)
    best = squared_error(found)
    for alpha in [*np.linspace(-BOUND, BOUND, 81), found - 1e-4, found + 1e-4]:
        assert best <= squared_error(alpha)


def test_error_from_moments_is_the_error_over_frames(cepstra):
    y = noisy_warp(cepstra, 0.1)
    alpha = np.array([-0.1, 0.0, 0.2])
    moments = (cepstra.T @ cepstra)[None], (y.T @ cepstra)[None]
    expected = [((y - cepstra @ warping_matrix(a, 24).T) ** 2).sum() for a in alpha]
    found = warping_error(alpha[None], *moments)[0] + (y**2).sum()
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_all_classes_at_once(cepstra):
    alpha = np.array([[-0.1, 0.02, 0.15], [0.0, 0.07, -0.03]])
    xx = np.broadcast_to(cepstra.T @ cepstra, (2, 3, 24, 24))
    yx = np.stack([[noisy_warp(cepstra, a).T @ cepstra for a in row] for row in alpha])
    found = fit_alpha(xx, yx)
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found, alpha, atol=1e-3)
    alone = [[fit_alpha(xx[i, j], yx[i, j]) for j in range(3)] for i in range(2)]
    np.testing.assert_allclose(found, alone, atol=1e-7)


def test_blocks_are_warped_alone(cepstra):
    x = np.column_stack([cepstra, cepstra[::-1]])
    y = np.column_stack([noisy_warp(cepstra, 0.08), noisy_warp(cepstra[::-1], 0.08)])
    xx, yx = x.T @ x, y.T @ x
    assert fit_alpha(xx, yx, n_blocks=2) == pytest.approx(0.08, abs=1e-3)
    # What blocks have to do with each other does not count.
    xx[:24, 24:] = xx[24:, :24] = yx[:24, 24:] = yx[24:, :24] = 1e6
    assert fit_alpha(xx, yx, n_blocks=2) == pytest.approx(0.08, abs=1e-3)


def test_rectangles(cepstra):
    y = cepstra @ warping_matrix(0.06, 30, 24).T
    assert fit_alpha(cepstra.T @ cepstra, y.T @ cepstra) == pytest.approx(0.06, abs=1e-7)
    x = cepstra[:, :10]
    y = x @ warping_matrix(0.06, 4, 10).T
    assert fit_alpha(x.T @ x, y.T @ x) == pytest.approx(0.06, abs=1e-7)


@pytest.mark.parametrize("scale", [1e-200, 1e-12, 1e12, 1e200])
def test_units_do_not_matter(cepstra, scale):
    y = noisy_warp(cepstra, 0.1)
    xx, yx = cepstra.T @ cepstra, y.T @ cepstra
    assert fit_alpha(scale * xx, scale * yx) == pytest.approx(fit_alpha(xx, yx), abs=1e-7)


def test_moments_that_say_nothing_warp_nothing():
    np.testing.assert_array_equal(fit_alpha(np.zeros((3, 4, 4)), np.zeros((3, 4, 4))), 0.0)
    assert fit_alpha(np.eye(4), 1e-15 * np.eye(4)) == 0.0
    assert fit_alpha(np.zeros((0, 4, 4)), np.zeros((0, 4, 4))).shape == (0,)


def test_the_bound_holds(cepstra):
    y = noisy_warp(cepstra, 0.3)
    xx, yx = cepstra.T @ cepstra, y.T @ cepstra
    assert fit_alpha(xx, yx, bound=0.1) == pytest.approx(0.1)
    assert fit_alpha(xx, yx, bound=0.4) == pytest.approx(0.3, abs=1e-3)


def test_moments_are_not_modified(cepstra):
    xx, yx = cepstra.T @ cepstra, noisy_warp(cepstra, 0.1).T @ cepstra
    before = xx.copy(), yx.copy()
    xx.flags.writeable = yx.flags.writeable = False
    fit_alpha(xx, yx, n_blocks=2)
    np.testing.assert_array_equal(xx, before[0])
    np.testing.assert_array_equal(yx, before[1])


def test_block_matrices():
    alpha = np.array([0.1, -0.2])
    W = block_warping_matrix(alpha, 6, 4, n_blocks=2)
    assert W.shape == (2, 6, 4)
    block = warping_matrix(alpha, 3, 2)
    np.testing.assert_array_equal(W[:, :3, :2], block)
    np.testing.assert_array_equal(W[:, 3:, 2:], block)
    assert not W[:, :3, 2:].any()
    assert not W[:, 3:, :2].any()
    np.testing.assert_array_equal(sum_blocks(W, 2), 2 * block)
    np.testing.assert_array_equal(block_diagonal(block, 1), block)
