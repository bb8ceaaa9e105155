"""The EM engine against scikit-learn's, closed forms and degenerate data."""

import warnings

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from skstyle.mapping._gaussians import (
    SHAPES,
    log_gaussians,
    matmul,
    posteriors,
    precision_cholesky,
)
from skstyle.mapping._mixture import em_sums, fit_mixture, m_step, moments_of, standardise

TYPES = sorted(SHAPES)


def blobs(n_frames=600, n_features=5, n_classes=4, seed=0):
    rng = np.random.default_rng(seed)
    centres = 3 * rng.normal(size=(n_classes, n_features))
    mixing = rng.normal(size=(n_features, n_features))
    noise = rng.normal(size=(n_frames, n_features)) @ mixing
    return noise + centres[rng.integers(n_classes, size=n_frames)]


def quiet_fit(X, n_components, **kwargs):
    """Fit to the last nat, where a few iterations more or less are not the subject."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return fit_mixture(X, n_components, random_state=0, **kwargs)


def a_mixture(covariance_type, n_components=3, n_features=4, seed=1):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n_components, n_features, 2 * n_features))
    covariances = A @ A.swapaxes(1, 2)
    if covariance_type == "diag":
        covariances = np.einsum("kii->ki", covariances).copy()
    weights = rng.dirichlet(np.ones(n_components))
    return weights, 4 * rng.normal(size=(n_components, n_features)), covariances


def test_matmul_is_the_matrix_product():
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(7, 3)), rng.normal(size=(3, 5))
    product = matmul(A, B)
    np.testing.assert_allclose(product, A @ B, rtol=1e-13)
    assert product.flags.c_contiguous


@pytest.mark.parametrize("covariance_type", TYPES)
def test_factor_inverts_the_covariance(covariance_type):
    _, _, covariances = a_mixture(covariance_type)
    U = precision_cholesky(covariances, covariance_type)
    if covariance_type == "diag":
        np.testing.assert_allclose(U**2 * covariances, 1.0, rtol=1e-12)
    else:
        identity = np.broadcast_to(np.eye(4), covariances.shape)
        np.testing.assert_allclose(U @ U.swapaxes(1, 2) @ covariances, identity, atol=1e-9)
        np.testing.assert_array_equal(U, np.triu(U))


@pytest.mark.parametrize("covariance_type", TYPES)
def test_log_gaussians_match_scipy(covariance_type):
    _, means, covariances = a_mixture(covariance_type)
    X = np.random.default_rng(2).normal(size=(50, 4))
    ours = log_gaussians(
        X, means, precision_cholesky(covariances, covariance_type), covariance_type
    )
    dense = SHAPES[covariance_type].dense(covariances)
    theirs = [multivariate_normal(m, c).logpdf(X) for m, c in zip(means, dense, strict=True)]
    np.testing.assert_allclose(ours, np.transpose(theirs), rtol=1e-10)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_posteriors_sum_to_one_even_far_away(covariance_type):
    weights, means, covariances = a_mixture(covariance_type)
    factor = precision_cholesky(covariances, covariance_type)
    X = np.concatenate([np.zeros((1, 4)), np.full((1, 4), 1e6), np.full((1, 4), -1e200)])
    resp, log_evidence = posteriors(X, weights, means, factor, covariance_type)
    np.testing.assert_allclose(resp.sum(axis=1), 1.0, rtol=1e-12)
    assert np.isfinite(log_evidence).all()


def test_diagonal_densities_keep_digits_far_from_zero():
    _, means, covariances = a_mixture("diag")
    factor = precision_cholesky(covariances, "diag")
    X = np.random.default_rng(2).normal(size=(50, 4))
    near = log_gaussians(X, means, factor, "diag")
    far = log_gaussians(X + 1e6, means + 1e6, factor, "diag")
    np.testing.assert_allclose(far, near, rtol=1e-6)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_em_matches_sklearn_from_the_same_start(covariance_type):
    Z, _, _ = standardise(blobs())
    weights, means, covariances = a_mixture(covariance_type, n_features=5)
    start = {"weights_init": weights, "means_init": means / 4}
    precisions = np.linalg.inv(covariances) if covariance_type == "full" else 1 / covariances
    reference = GaussianMixture(
        3,
        covariance_type=covariance_type,
        precisions_init=precisions,
        reg_covar=1e-10,
        max_iter=20,
        tol=0,
        **start,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        reference.fit(Z)
    means = means / 4
    for _ in range(20):
        moments, bound = em_sums(Z, weights, means, covariances, covariance_type, 1e-10)
        weights, means, covariances = m_step(moments, means, covariance_type, 1e-10)
    assert bound == pytest.approx(reference.lower_bound_, abs=1e-7)
    np.testing.assert_allclose(weights, reference.weights_, atol=1e-7)
    np.testing.assert_allclose(means, reference.means_, atol=1e-6)
    np.testing.assert_allclose(covariances, reference.covariances_, atol=1e-6)


def test_curve_is_the_log_likelihood_in_the_units_of_the_data():
    X = blobs() * [1, 10, 100, 1e3, 1e4]
    mixture = quiet_fit(X, 3, reg_covar=1e-10, max_iter=400, tol=0)
    factor = precision_cholesky(mixture.covariances)
    _, log_evidence = posteriors(X, mixture.weights, mixture.means, factor)
    assert log_evidence.mean() == pytest.approx(mixture.log_likelihood[-1], abs=1e-6)


@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("reg_covar", [1e-8, 1e-3, 0.3])
@pytest.mark.parametrize("n_components", [2, 40])
def test_bound_never_decreases(covariance_type, reg_covar, n_components):
    # 40 components of 5 features in 120 frames: most of them collapse onto the floor.
    mixture = quiet_fit(
        blobs(120),
        n_components,
        covariance_type=covariance_type,
        reg_covar=reg_covar,
        max_iter=60,
        tol=-1.0,
    )
    assert len(mixture.log_likelihood) == 60
    assert np.isfinite(mixture.log_likelihood).all()
    assert np.diff(mixture.log_likelihood).min() > -1e-8


@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("scale", [1e6, 1e-6, np.array([1e6, 1e-6, 1.0, 1e3, 1e-3])])
def test_scale_of_the_features_does_not_matter(covariance_type, scale):
    X = blobs()
    plain = quiet_fit(X, 4, covariance_type=covariance_type)
    scaled = quiet_fit(X * scale, 4, covariance_type=covariance_type)
    np.testing.assert_allclose(scaled.weights, plain.weights, rtol=1e-6)
    np.testing.assert_allclose(scaled.means, plain.means * scale, rtol=1e-5)
    shift = np.log(np.broadcast_to(scale, 5)).sum()
    np.testing.assert_allclose(scaled.log_likelihood, plain.log_likelihood - shift, rtol=1e-6)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_block_size_changes_nothing_beyond_rounding(covariance_type):
    X = blobs()
    fits = [
        quiet_fit(X, 4, covariance_type=covariance_type, block_rows=rows) for rows in (7, 256, 4096)
    ]
    for mixture in fits[1:]:
        np.testing.assert_allclose(mixture.means, fits[0].means, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(mixture.covariances, fits[0].covariances, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_constant_features_are_harmless(covariance_type):
    X = blobs()
    constant = np.full((len(X), 1), 0.1)
    plain = quiet_fit(X, 3, covariance_type=covariance_type)
    mixture = quiet_fit(np.hstack([X, constant]), 3, covariance_type=covariance_type)
    np.testing.assert_allclose(mixture.means[:, :-1], plain.means, rtol=1e-6)
    np.testing.assert_allclose(mixture.means[:, -1], 0.1, rtol=1e-12)
    assert np.isfinite(mixture.log_likelihood).all()


@pytest.mark.parametrize("covariance_type", TYPES)
def test_all_constant_data_keep_one_component(covariance_type):
    with pytest.warns(ConvergenceWarning, match="2 of 3 components .* dropped, 1 remain"):
        mixture = fit_mixture(
            np.full((10, 2), 0.1), 3, covariance_type=covariance_type, random_state=0
        )
    np.testing.assert_allclose(mixture.means, [[0.1, 0.1]])
    assert np.isfinite(mixture.log_likelihood).all()


def test_duplicated_frames_drop_components_with_a_warning():
    X = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], 20, axis=0)
    with pytest.warns(ConvergenceWarning, match="3 of 6 components"):
        mixture = fit_mixture(X, 6, random_state=0)
    np.testing.assert_allclose(mixture.weights, 1 / 3, rtol=1e-6)
    assert np.isfinite(mixture.log_likelihood).all()


def test_repeating_every_frame_changes_nothing():
    X = blobs(200)
    labels = np.arange(len(X)) % 3
    resp, pivots = np.eye(3)[labels], np.zeros((3, 5))
    once = m_step(moments_of(X, resp, pivots), pivots)
    twice = m_step(moments_of(np.concatenate([X, X]), np.concatenate([resp, resp]), pivots), pivots)
    for a, b in zip(once, twice, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_empty_component_is_dropped_by_the_m_step(covariance_type):
    X = blobs(50)
    resp = np.zeros((50, 2))
    resp[:, 1] = 1.0
    moments = moments_of(X, resp, np.zeros((2, 5)), covariance_type)
    weights, means, _ = m_step(moments, np.zeros((2, 5)), covariance_type)
    np.testing.assert_array_equal(weights, [1.0])
    np.testing.assert_allclose(means, X.mean(axis=0, keepdims=True))


def test_m_step_does_not_write_into_the_moments():
    X = blobs(50)
    moments = moments_of(X, np.ones((50, 1)), np.zeros((1, 5)))
    before = [a.copy() for a in moments]
    m_step(moments, np.zeros((1, 5)), "full", 0.1)
    for a, b in zip(moments, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_fewer_frames_than_components():
    with pytest.raises(ValueError, match="n_components=8 needs at least 8 frames, got 5 samples"):
        fit_mixture(blobs(5), 8)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_as_many_components_as_frames(covariance_type):
    mixture = quiet_fit(blobs(12), 12, covariance_type=covariance_type)
    np.testing.assert_allclose(mixture.weights, 1 / 12, atol=1e-6)
    assert np.isfinite(mixture.log_likelihood).all()


@pytest.mark.parametrize("covariance_type", TYPES)
def test_singular_covariance_without_regularisation(covariance_type):
    X = np.column_stack([blobs(50), np.ones(50)])
    with pytest.raises(ValueError, match="Increase reg_covar"):
        fit_mixture(X, 2, covariance_type=covariance_type, reg_covar=0.0, random_state=0)


def test_variances_that_overflow():
    with (
        np.errstate(over="ignore"),
        pytest.raises(ValueError, match="overflows float64"),
    ):
        fit_mixture(blobs(50) * 1e200, 2)


def test_more_starts_are_not_worse():
    X = blobs(300, n_classes=8)
    one, many = (quiet_fit(X, 8, n_init=n) for n in (1, 5))
    assert many.log_likelihood[-1] >= one.log_likelihood[-1]


def test_max_iter_warns_and_tells_the_remedy():
    with pytest.warns(ConvergenceWarning, match="max_iter=2"):
        mixture = fit_mixture(blobs(), 5, max_iter=2, tol=0, random_state=0)
    assert not mixture.converged
    assert len(mixture.log_likelihood) == 2


def test_progress_bar_only_when_asked(capsys):
    quiet_fit(blobs(100), 2)
    assert capsys.readouterr().err == ""
    quiet_fit(blobs(100), 2, verbose=1)
    assert "EM 1/1" in capsys.readouterr().err


def test_input_is_not_written_to():
    X = blobs(100)
    before = X.copy()
    X.flags.writeable = False
    quiet_fit(X, 2)
    np.testing.assert_array_equal(X, before)
