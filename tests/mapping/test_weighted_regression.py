"""Weighted least squares within classes against numpy's least squares on explicit designs."""

import numpy as np
import pytest

from skstyle.mapping._weighted_regression import (
    banded_matrices,
    class_moments,
    full_matrices,
    lean_on_common,
    weighted_predictions,
)


@pytest.fixture(scope="module")
def frames():
    """Frames of 6 features and 6 targets, with weights of 3 classes, more than one block."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 6)) @ rng.normal(size=(6, 6))
    y = np.tanh(X) + 0.1 * rng.normal(size=(5000, 6))
    resp = rng.dirichlet([0.3] * 3, size=5000)
    return X, y, resp


def explicit(X, y, r):
    """Slopes of weighted least squares with an intercept, from the design."""
    root = np.sqrt(r)[:, None]
    design = np.column_stack([X, np.ones(len(X))])
    return np.linalg.lstsq(design * root, y * root, rcond=None)[0][:-1].T


def test_moments_are_weighted_covariances(frames):
    X, y, resp = frames
    mass, mean_x, mean_y, xx, yx, yy = class_moments(X, y, resp)
    np.testing.assert_allclose(mass, resp.sum(axis=0))
    for m, r in enumerate(resp.T):
        np.testing.assert_allclose(mean_x[m], np.average(X, axis=0, weights=r))
        np.testing.assert_allclose(mean_y[m], np.average(y, axis=0, weights=r))
        both = np.cov(np.column_stack([X, y]).T, aweights=r, bias=True)
        np.testing.assert_allclose(xx[m], both[:6, :6], atol=1e-12)
        np.testing.assert_allclose(yx[m], both[6:, :6], atol=1e-12)
        np.testing.assert_allclose(yy[m], both[6:, 6:], atol=1e-12)


def test_narrow_classes_far_apart_lose_no_digits(frames):
    X, y, _ = frames
    which = np.arange(len(X)) % 2
    resp = np.eye(2)[which]
    far = class_moments(1e-4 * X + 1e4 * which[:, None], y, resp)
    near = class_moments(X, y, resp)
    np.testing.assert_allclose(far.xx * 1e8, near.xx, rtol=1e-5, atol=1e-6)


def test_a_class_without_frames(frames):
    X, y, resp = frames
    resp = np.column_stack([resp, np.zeros(len(X))])
    moments = class_moments(X, y, resp)
    np.testing.assert_allclose(moments.mean_x[3], X.mean(axis=0))
    for ridge in (0.0, 10.0):
        leaning = lean_on_common(moments, ridge)
        common = np.tensordot(moments.mass / len(X), moments.xx, axes=1)
        np.testing.assert_allclose(leaning.xx[3], common)


def test_full_is_weighted_least_squares(frames):
    X, y, resp = frames
    moments = class_moments(X, y, resp)
    A = full_matrices(moments.xx, moments.yx)
    for m, r in enumerate(resp.T):
        np.testing.assert_allclose(A[m], explicit(X, y, r), atol=1e-9)


@pytest.mark.parametrize("n_neighbors", [0, 1])
@pytest.mark.parametrize("n_blocks", [1, 2])
def test_bands_are_least_squares_on_few_columns(frames, n_neighbors, n_blocks):
    X, y, resp = frames
    moments = class_moments(X, y, resp)
    A = banded_matrices(moments.xx, moments.yx, n_neighbors, n_blocks)
    size = 6 // n_blocks
    for d in range(6):
        first = d // size * size
        seen = [j for j in range(first, first + size) if abs(j - d) <= n_neighbors]
        unseen = np.setdiff1d(np.arange(6), seen)
        np.testing.assert_array_equal(A[:, d, unseen], 0.0)
        for m, r in enumerate(resp.T):
            expected = explicit(X[:, seen], y[:, d : d + 1], r)
            np.testing.assert_allclose(A[m, d, seen], expected[0], atol=1e-9)


def test_rectangular_bands(frames):
    X, y, resp = frames
    wide = class_moments(X, y[:, :2], resp)
    assert banded_matrices(wide.xx, wide.yx, 1).shape == (3, 2, 6)
    tall = class_moments(X[:, :2], y, resp)
    A = banded_matrices(tall.xx, tall.yx, 1)
    np.testing.assert_array_equal(np.abs(A[0]).sum(axis=1) > 0, [True] * 3 + [False] * 3)
    np.testing.assert_array_equal(A[:, 2, 0], 0.0)  # target 2 sees feature 1 alone


def test_dependent_features_share(frames):
    X, y, _ = frames
    X = np.column_stack([X, X[:, 0], np.full(len(X), 3.0)])
    moments = class_moments(X, y, np.ones((len(X), 1)))
    A = full_matrices(moments.xx, moments.yx)[0]
    np.testing.assert_allclose(A[:, 0], A[:, 6], atol=1e-9)
    np.testing.assert_allclose(A[:, 7], 0.0, atol=1e-9)
    expected = explicit(X[:, :7], y, np.ones(len(X)))  # without the constant beside the offset
    np.testing.assert_allclose(A[:, :7], expected, atol=1e-7)


def test_ridge_goes_from_own_to_common(frames):
    X, y, resp = frames
    moments = class_moments(X, y, resp)
    share = moments.mass / moments.mass.sum()
    np.testing.assert_allclose(lean_on_common(moments, 0.0).xx, moments.xx)
    common = np.tensordot(share, moments.yx, axes=1)
    for C in lean_on_common(moments, np.inf).yx:
        np.testing.assert_allclose(C, common)
    half = lean_on_common(moments, moments.mass[1])
    np.testing.assert_allclose(half.yx[1], 0.5 * (moments.yx[1] + common))


def test_infinite_ridge_is_one_slope_beside_means_of_classes(frames):
    # One matrix and an offset for every class: least squares with indicators of the classes.
    X, y, resp = frames
    hard = np.eye(3)[resp.argmax(axis=1)]
    moments = lean_on_common(class_moments(X, y, hard), np.inf)
    A = full_matrices(moments.xx, moments.yx)
    expected = np.linalg.lstsq(np.column_stack([X, hard]), y, rcond=None)[0][:6].T
    for m in range(3):
        np.testing.assert_allclose(A[m], expected, atol=1e-9)


def test_predictions_are_weighted_sums(frames):
    X, y, resp = frames
    moments = class_moments(X, y, resp)
    A = full_matrices(moments.xx, moments.yx)
    got = weighted_predictions(X, resp, A, moments.mean_x, moments.mean_y)
    E = moments.mean_y + np.einsum("mqp,nmp->nmq", A, X[:, None] - moments.mean_x)
    np.testing.assert_allclose(got, np.einsum("nm,nmq->nq", resp, E), atol=1e-10)
