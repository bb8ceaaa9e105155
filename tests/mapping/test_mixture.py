"""Fits of mixtures: monotone, in any units, on degenerate data too."""

import tracemalloc
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from skstyle.mapping import _shapes
from skstyle.mapping._gaussians import posteriors, prepare
from skstyle.mapping._mixture import fit_mixture
from skstyle.mapping._moments import em_sums
from skstyle.mapping._shapes import COVARIANCE_TYPES as TYPES


def blobs(n_frames=600, n_features=6, n_classes=4, seed=0):
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


def a_start(covariance_type, n_components=3, n_features=6, seed=1):
    """Weights, means and wide covariances for standardised frames."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n_components, n_features, 2 * n_features))
    full = A @ A.swapaxes(1, 2)
    half = n_features // 2
    covariances = {
        "full": full,
        "tied": full[0],
        "diag": np.einsum("kii->ki", full).copy(),
        "block_diag": np.einsum("kadbd->kdab", full.reshape(n_components, 2, half, 2, half)).copy(),
    }[covariance_type]
    weights = rng.dirichlet(np.ones(n_components))
    return weights, rng.normal(size=(n_components, n_features)), covariances


def test_curve_is_the_log_likelihood_in_the_units_of_the_data():
    X = blobs() * [1, 10, 100, 1e3, 1e4, 1e5]
    mixture = quiet_fit(X, 3, reg_covar=1e-10, max_iter=400, tol=0)
    _, log_evidence = posteriors(X, prepare(*mixture[:3]))
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
@pytest.mark.parametrize("scale", [1e6, 1e-6, np.array([1e6, 1e-6, 1.0, 1e3, 1e-3, 10.0])])
def test_scale_of_the_features_does_not_matter(covariance_type, scale):
    X = blobs()
    plain = quiet_fit(X, 4, covariance_type=covariance_type)
    scaled = quiet_fit(X * scale, 4, covariance_type=covariance_type)
    np.testing.assert_allclose(scaled.weights, plain.weights, rtol=1e-6)
    np.testing.assert_allclose(scaled.means, plain.means * scale, rtol=1e-5)
    shift = np.log(np.broadcast_to(scale, 6)).sum()
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
    left, right = np.split(X, 2, axis=1)
    with_constants = np.hstack([left, constant, right, constant])
    mixture = quiet_fit(with_constants, 3, covariance_type=covariance_type)
    np.testing.assert_allclose(mixture.means[:, [0, 1, 2, 4, 5, 6]], plain.means, rtol=1e-6)
    np.testing.assert_allclose(mixture.means[:, [3, 7]], 0.1, rtol=1e-12)
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
    X = blobs(50)
    X[:, 2] = X[:, 5] = 1.0
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


@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("distance", [100, 1e4])
def test_float32_frame_far_from_all_others_leaves_covariances_positive(covariance_type, distance):
    X = np.random.default_rng(0).normal(size=(20_000, 4))
    X[5] *= distance
    mixture = quiet_fit(X.astype(np.float32), 4, covariance_type=covariance_type, max_iter=20)
    assert (np.diff(mixture.log_likelihood) > -1e-4).all()
    wide = quiet_fit(X, 4, covariance_type=covariance_type, max_iter=20)
    assert mixture.log_likelihood[-1] == pytest.approx(wide.log_likelihood[-1], abs=0.02)


@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_float32_bound_never_decreases_beyond_1e_4(covariance_type, init):
    X = blobs(3000).astype(np.float32)
    mixture = quiet_fit(X, 12, covariance_type=covariance_type, init=init, max_iter=60, tol=-1.0)
    assert np.diff(mixture.log_likelihood).min() > -1e-4
    wide = quiet_fit(
        X.astype(np.float64), 12, covariance_type=covariance_type, init=init, max_iter=60, tol=-1.0
    )
    assert mixture.log_likelihood[0] == pytest.approx(wide.log_likelihood[0], abs=1e-3)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_random_start_finds_separate_clusters(covariance_type):
    X = np.concatenate([blobs(200, n_classes=1) + shift for shift in (-50, 0, 50)])
    mixture = quiet_fit(X, 3, covariance_type=covariance_type, init="random", n_init=10)
    np.testing.assert_allclose(mixture.weights, 1 / 3, atol=0.01)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_going_on_from_a_start_is_one_long_fit(covariance_type):
    X = blobs()
    long = quiet_fit(X, 4, covariance_type=covariance_type, max_iter=9, tol=0)
    first = quiet_fit(X, 4, covariance_type=covariance_type, max_iter=4, tol=0)
    second = quiet_fit(
        X, 4, covariance_type=covariance_type, max_iter=5, tol=0, start=tuple(first[:3])
    )
    curve = np.concatenate([first.log_likelihood, second.log_likelihood])
    np.testing.assert_allclose(curve, long.log_likelihood, atol=1e-9)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_component_without_frames_is_repaired(covariance_type):
    X = blobs()
    weights, means, covariances = a_start(covariance_type)
    means = np.concatenate([means[:2], np.full((1, 6), 1e9)])
    with pytest.warns(ConvergenceWarning, match="1 time a component was left without frames"):
        mixture = fit_mixture(
            X, 3, covariance_type=covariance_type, start=(weights, means, covariances)
        )
    assert len(mixture.weights) == 3
    assert mixture.weights.min() > 0.01
    assert np.isfinite(mixture.log_likelihood).all()
    assert np.diff(mixture.log_likelihood).min() > -1e-9
    assert mixture.n_iter > len(mixture.log_likelihood)


@pytest.mark.parametrize("covariance_type", ["full", "diag", "block_diag"])
def test_collapsed_component_is_repaired(covariance_type):
    # One frame far away takes a component of k-means for itself, without any variance.
    X = np.concatenate([blobs(400), np.full((1, 6), 1e3)])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mixture = fit_mixture(
            X, 4, covariance_type=covariance_type, reg_covar=0.0, max_iter=300, random_state=0
        )
    assert any("collapsed to a singular covariance" in str(w.message) for w in caught)
    assert np.isfinite(mixture.log_likelihood).all()
    for part in mixture[:3]:
        assert np.isfinite(part).all()
    assert len(_shapes.singular_components(mixture.covariances, covariance_type)) == 0


@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_two_frames(covariance_type, init):
    X = blobs(2)
    for n_components in (1, 2):
        mixture = quiet_fit(X, n_components, covariance_type=covariance_type, init=init)
        assert np.isfinite(mixture.log_likelihood).all()
        np.testing.assert_allclose(mixture.weights @ mixture.means, X.mean(axis=0))


def test_memory_beyond_the_data_does_not_grow_with_the_frames():
    peaks = []
    for n_frames in (100_000, 200_000):
        X = np.random.default_rng(0).normal(size=(n_frames, 4))
        tracemalloc.start()
        em_sums(X, *a_start("full", 16, 4), "full")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    assert peaks[1] < 0.5 * X.nbytes
