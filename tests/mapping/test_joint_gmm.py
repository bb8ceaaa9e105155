"""JointGMMRegressor against linear regression, the textbook formula and Monte Carlo."""

import pickle

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from skstyle.mapping import JointGMMRegressor
from skstyle.mapping._joint_frames import affordable_components

TYPES = ["full", "tied", "block_diag", "diag"]


@parametrize_with_checks(
    [JointGMMRegressor(covariance_type=t) for t in TYPES]
    + [JointGMMRegressor("bic"), JointGMMRegressor(init="random")]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_sklearn_common(estimator, check):
    assert check(estimator) is None


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 4)) + 3 * rng.integers(2, size=(1500, 1))
    Y = np.tanh(X @ rng.normal(size=(4, 3))) + 0.1 * rng.normal(size=(1500, 3))
    return X, Y


@pytest.fixture(scope="module", params=TYPES)
def model(request, frames):
    return JointGMMRegressor(4, covariance_type=request.param, random_state=0).fit(*frames)


def joint_full(model):
    """Full joint covariances of 4 features and 3 targets."""
    c = model.covariances_
    if model.covariance_type == "tied":
        return np.stack([c] * len(model.weights_))
    if model.covariance_type == "diag":
        return np.stack([np.diag(v) for v in c])
    if model.covariance_type == "block_diag":
        full = np.zeros((len(c), 7, 7))
        for d in range(4):
            pair = [d, 4 + d] if d < 3 else [d]  # the last feature has no partner
            full[:, np.array(pair)[:, None], pair] = c[:, d, : len(pair), : len(pair)]
        return full
    return c


def brute_force(model, x):
    """Weights, expectations and covariances of p(y | x), straight from the definition."""
    p = len(x)
    density, E, D = [], [], []
    parts = zip(model.weights_, model.means_x_, model.means_y_, joint_full(model), strict=True)
    for w, mx, my, S in parts:
        inverse = np.linalg.inv(S[:p, :p])
        density.append(w * multivariate_normal(mx, S[:p, :p]).pdf(x))
        E.append(my + S[p:, :p] @ inverse @ (x - mx))
        D.append(S[p:, p:] - S[p:, :p] @ inverse @ S[:p, p:])
    return np.array(density) / np.sum(density), np.array(E), np.array(D)


@pytest.mark.parametrize("covariance_type", ["full", "tied"])
@pytest.mark.parametrize("reg_covar", [0.0, 1e-12])
def test_one_component_is_linear_regression(frames, covariance_type, reg_covar):
    X, Y = frames
    model = JointGMMRegressor(1, covariance_type=covariance_type, reg_covar=reg_covar).fit(X, Y)
    linear = LinearRegression().fit(X, Y)
    np.testing.assert_allclose(model.predict(X), linear.predict(X), atol=1e-8)
    np.testing.assert_allclose(model.coef_[0], linear.coef_, atol=1e-8)
    residual = np.cov((Y - linear.predict(X)).T, bias=True)
    np.testing.assert_allclose(model.conditional_covariances_[0], residual, atol=1e-8)


def test_one_block_diag_component_is_a_regression_for_each_column(frames):
    X, Y = frames
    model = JointGMMRegressor(1, covariance_type="block_diag", reg_covar=0.0).fit(X, Y)
    for d in range(3):
        linear = LinearRegression().fit(X[:, d : d + 1], Y[:, d])
        np.testing.assert_allclose(
            model.predict(X)[:, d], linear.predict(X[:, d : d + 1]), atol=1e-8
        )


def test_prediction_is_the_textbook_formula(model, frames):
    X = frames[0][:20]
    for x, predicted in zip(X, model.predict(X), strict=True):
        w, E, _ = brute_force(model, x)
        np.testing.assert_allclose(predicted, w @ E, rtol=1e-8, atol=1e-10)


def test_posteriors_are_the_textbook_formula(model, frames):
    X = frames[0][:20]
    posterior = model.component_posteriors(X)
    np.testing.assert_allclose(posterior.sum(axis=1), 1.0, rtol=1e-12)
    for x, p in zip(X, posterior, strict=True):
        np.testing.assert_allclose(p, brute_force(model, x)[0], rtol=1e-8, atol=1e-12)


def test_covariance_is_the_law_of_total_covariance(model, frames):
    X = frames[0][:20]
    _, covariance = model.predict(X, return_cov=True)
    for x, C in zip(X, covariance, strict=True):
        w, E, D = brute_force(model, x)
        second = np.einsum("m,mij->ij", w, D + E[:, :, None] * E[:, None, :])
        np.testing.assert_allclose(C, second - np.outer(w @ E, w @ E), atol=1e-10)
    assert covariance.shape == (20, 3, 3)


def test_covariance_matches_monte_carlo(model):
    x = np.array([1.5, 1.5, 1.5, 1.5])  # between the classes: several components matter
    w, E, D = brute_force(model, x)
    rng = np.random.default_rng(0)
    m = rng.choice(len(w), p=w, size=200_000)
    noise = rng.normal(size=(len(m), 3))
    draws = E[m] + np.einsum("nij,nj->ni", np.linalg.cholesky(D)[m], noise)
    mean, covariance = model.predict(x[None], return_cov=True)
    np.testing.assert_allclose(mean[0], draws.mean(axis=0), atol=0.01)
    np.testing.assert_allclose(covariance[0], np.cov(draws.T), atol=0.01)


def test_std_is_the_root_of_the_diagonal(model, frames):
    X = frames[0]
    mean, std = model.predict(X, return_std=True)
    same, covariance = model.predict(X, return_cov=True)
    np.testing.assert_array_equal(mean, same)
    np.testing.assert_allclose(std**2, np.einsum("nii->ni", covariance), rtol=1e-9)


def test_std_and_cov_together_are_refused(model, frames):
    with pytest.raises(ValueError, match="not for both"):
        model.predict(frames[0], return_std=True, return_cov=True)


def test_std_is_calibrated(frames):
    X, Y = frames
    mean, std = (
        JointGMMRegressor(8, random_state=0)
        .fit(X[:1000], Y[:1000])
        .predict(X[1000:], return_std=True)
    )
    inside = np.abs(Y[1000:] - mean) < std
    assert 0.55 < inside.mean() < 0.85


def test_diag_has_no_cross_covariance(frames):
    model = JointGMMRegressor(4, covariance_type="diag", random_state=0).fit(*frames)
    np.testing.assert_array_equal(model.coef_, 0.0)
    X = frames[0][:50]
    expected = model.component_posteriors(X) @ model.means_y_
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12)


def test_mixture_beats_one_line_on_a_bent_map(frames):
    X, Y = frames
    one, many = (
        JointGMMRegressor(m, random_state=0).fit(X[:1000], Y[:1000]).score(X[1000:], Y[1000:])
        for m in (1, 8)
    )
    assert many > one + 0.05


def test_attributes(frames):
    model = JointGMMRegressor(4, random_state=0).fit(*frames)
    assert model.weights_.shape == (4,)
    assert model.means_x_.shape == (4, 4)
    assert model.means_y_.shape == (4, 3)
    assert model.covariances_.shape == (4, 7, 7)
    assert model.coef_.shape == (4, 3, 4)
    assert model.conditional_covariances_.shape == (4, 3, 3)
    assert model.n_iter_ == len(model.log_likelihood_)
    assert model.lower_bound_ == model.log_likelihood_[-1]
    assert np.diff(model.log_likelihood_).min() > -1e-10
    assert model.converged_ is True
    np.testing.assert_array_equal(model.covariances_, model.covariances_.swapaxes(1, 2))


def test_one_dimensional_target(frames):
    X, Y = frames
    flat = JointGMMRegressor(3, random_state=0).fit(X, Y[:, 0])
    column = JointGMMRegressor(3, random_state=0).fit(X, Y[:, :1])
    mean, std = flat.predict(X, return_std=True)
    assert mean.shape == std.shape == (len(X),)
    assert flat.predict(X, return_cov=True)[1].shape == (len(X), 1, 1)
    np.testing.assert_array_equal(mean, column.predict(X)[:, 0])
    assert column.predict(X).shape == (len(X), 1)


def test_float32_stays_float32(frames):
    X, Y = (a.astype(np.float32) for a in frames)
    model = JointGMMRegressor(4, random_state=0).fit(X, Y)
    for out in (*model.predict(X, return_std=True), *model.predict(X, return_cov=True)):
        assert out.dtype == np.float32
    assert model.component_posteriors(X).dtype == np.float32
    assert model.predict(X.astype(np.float64)).dtype == np.float64
    double = JointGMMRegressor(4, random_state=0).fit(*frames)
    np.testing.assert_allclose(model.predict(X), double.predict(frames[0]), atol=1e-3)


@pytest.mark.parametrize("scale_x, scale_y", [(1e6, 1e-6), (1e-6, 1e6)])
def test_units_do_not_matter(frames, scale_x, scale_y):
    X, Y = frames
    plain = JointGMMRegressor(4, random_state=0).fit(X, Y)
    scaled = JointGMMRegressor(4, random_state=0).fit(X * scale_x, Y * scale_y)
    mean, std = plain.predict(X, return_std=True)
    mean_s, std_s = scaled.predict(X * scale_x, return_std=True)
    np.testing.assert_allclose(mean_s / scale_y, mean, atol=1e-6)
    np.testing.assert_allclose(std_s / scale_y, std, atol=1e-6)


def test_large_offsets_do_not_matter(frames):
    X, Y = frames
    plain = JointGMMRegressor(4, random_state=0).fit(X, Y).predict(X)
    moved = JointGMMRegressor(4, random_state=0).fit(X + 1e5, Y - 1e5).predict(X + 1e5)
    np.testing.assert_allclose(moved + 1e5, plain, atol=1e-6)


def test_constant_columns(frames):
    X, Y = frames
    plain = JointGMMRegressor(4, random_state=0).fit(X, Y)
    X1, Y1 = (np.column_stack([a, np.full(len(a), 0.1)]) for a in (X, Y))
    model = JointGMMRegressor(4, random_state=0).fit(X1, Y1)
    np.testing.assert_allclose(model.predict(X1)[:, :-1], plain.predict(X), atol=1e-6)
    np.testing.assert_allclose(model.predict(X1)[:, -1], 0.1, rtol=1e-9)


def test_duplicated_frames(frames):
    X, Y = (np.repeat(a[:5], 10, axis=0) for a in frames)
    with pytest.warns(ConvergenceWarning, match="3 of 8 components"):
        model = JointGMMRegressor(8, random_state=0).fit(X, Y)
    assert model.weights_.shape == (5,)
    np.testing.assert_allclose(model.predict(X), Y, atol=1e-3)


def test_frames_far_from_all_training_data(model):
    predicted, std = model.predict([[1e8] * 4, [-1e8] * 4], return_std=True)
    assert np.isfinite(predicted).all()
    assert np.isfinite(std).all()


def test_same_seed_same_bytes(frames):
    X, Y = frames
    a, b = (JointGMMRegressor(6, random_state=7).fit(X, Y).predict(X) for _ in range(2))
    assert a.tobytes() == b.tobytes()


def test_clone_and_pickle(model, frames):
    X, Y = frames
    copy = pickle.loads(pickle.dumps(model))
    assert copy.predict(X).tobytes() == model.predict(X).tobytes()
    again = clone(model).fit(X, Y)
    assert again.predict(X).tobytes() == model.predict(X).tobytes()


def test_blocks_do_not_show(model, frames):
    X = np.concatenate([frames[0]] * 2)  # more than two blocks
    parts = np.concatenate([model.predict(X[i : i + 300]) for i in range(0, len(X), 300)])
    np.testing.assert_allclose(model.predict(X), parts, rtol=1e-10, atol=1e-12)


def test_read_only_input(frames):
    X, Y = (a.copy() for a in frames)
    X.flags.writeable = Y.flags.writeable = False
    predicted = JointGMMRegressor(2, random_state=0).fit(X, Y).predict(X)
    np.testing.assert_array_equal(X, frames[0])
    assert predicted.shape == Y.shape


@pytest.mark.parametrize(
    "parameters, error, message",
    [
        ({"n_components": 0}, ValueError, "n_components"),
        ({"n_components": 2.5}, TypeError, "n_components"),
        ({"max_iter": 0}, ValueError, "max_iter"),
        ({"n_init": 0}, ValueError, "n_init"),
        ({"tol": -1.0}, ValueError, "tol"),
        ({"reg_covar": -1.0}, ValueError, "reg_covar"),
        ({"covariance_type": "round"}, ValueError, "covariance_type must be one of"),
        ({"mode": "both"}, ValueError, "mode must be one of"),
        ({"init": "zeros"}, ValueError, "init must be one of"),
        ({"n_components": "aic"}, ValueError, "int, 'auto' or 'bic', got 'aic'"),
        ({"max_components": 0}, ValueError, "max_components"),
        ({"learning_decay": 0.5}, ValueError, "learning_decay"),
        ({"learning_offset": 0.0}, ValueError, "learning_offset"),
        ({"n_components": 2000}, ValueError, "n_components=2000 needs at least 2000 frames"),
    ],
)
def test_bad_parameters_have_a_sentence(frames, parameters, error, message):
    with pytest.raises(error, match=message):
        JointGMMRegressor(**parameters).fit(*frames)


def test_grid_search(frames):
    X, Y = frames
    search = GridSearchCV(
        JointGMMRegressor(random_state=0), {"n_components": [1, 8]}, cv=3, error_score="raise"
    ).fit(X, Y)
    assert search.best_params_ == {"n_components": 8}


# --- differential mode --------------------------------------------------------------------


@pytest.mark.parametrize("covariance_type", TYPES)
def test_differential_is_the_linear_map_of_the_joint_gaussian(frames, covariance_type):
    X, Y = frames[0][:, :3], frames[1]
    direct, differential = (
        JointGMMRegressor(3, covariance_type=covariance_type, mode=mode, random_state=0).fit(X, Y)
        for mode in ("direct", "differential")
    )
    mean, covariance = direct.predict(X, return_cov=True)
    difference, same = differential.predict(X, return_cov=True)
    np.testing.assert_allclose(difference, mean - X, atol=1e-10)
    np.testing.assert_allclose(same, covariance, atol=1e-10)
    # The formula of the literature: d = y - x has a Gaussian with x in every component.
    joint = np.stack([joint_of_three(direct, m) for m in range(3)])
    xx, xy = joint[:, :3, :3], joint[:, :3, 3:]
    xd = xy - xx
    resp = direct.component_posteriors(X)
    expected = np.zeros_like(X)
    for m in range(3):
        slope = xd[m].T @ np.linalg.inv(xx[m])
        mean_d = direct.means_y_[m] - direct.means_x_[m]
        expected += resp[:, m, None] * (mean_d + (X - direct.means_x_[m]) @ slope.T)
    np.testing.assert_allclose(difference, expected, atol=1e-8)


def joint_of_three(model, m):
    c = model.covariances_
    if model.covariance_type == "diag":
        return np.diag(c[m])
    if model.covariance_type == "block_diag":
        return np.block([[np.diag(c[m, :, i, j]) for j in (0, 1)] for i in (0, 1)])
    return c if model.covariance_type == "tied" else c[m]


def test_differential_score_is_about_the_difference(frames):
    X, Y = frames[0][:, :3], frames[1]
    model = JointGMMRegressor(3, mode="differential", random_state=0).fit(X, Y)
    assert model.score(X, Y) == pytest.approx(r2_score(Y - X, model.predict(X)))
    flat = JointGMMRegressor(1, mode="differential").fit(X[:, :1], Y[:, 0])
    assert flat.score(X[:, :1], Y[:, 0]) == pytest.approx(
        r2_score(Y[:, 0] - X[:, 0], flat.predict(X[:, :1]))
    )


def test_differential_needs_the_same_columns(frames):
    with pytest.raises(ValueError, match="same columns in X and y, got 4 and 3"):
        JointGMMRegressor(mode="differential").fit(*frames)


# --- components and samples ---------------------------------------------------------------


def test_predict_components_is_the_whole_distribution(model, frames):
    X = frames[0][:20]
    resp, E = model.predict_components(X)
    assert resp.shape == (20, 4)
    assert E.shape == (20, 4, 3)
    np.testing.assert_array_equal(resp, model.component_posteriors(X))
    for x, expected in zip(X, E, strict=True):
        np.testing.assert_allclose(expected, brute_force(model, x)[1], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(np.einsum("nm,nmq->nq", resp, E), model.predict(X), rtol=1e-10)


def test_predict_proba_is_forbidden_to_regressors(model):
    # check_regressors_no_decision_function: the reason for the name component_posteriors.
    assert not hasattr(model, "predict_proba")


def test_samples_have_the_predicted_moments(model, frames):
    X = frames[0][:5]
    samples = model.sample_y(X, n_samples=40_000, random_state=1)
    assert samples.shape == (5, 3, 40_000)
    mean, covariance = model.predict(X, return_cov=True)
    np.testing.assert_allclose(samples.mean(axis=2), mean, atol=0.03)
    for drawn, expected in zip(samples, covariance, strict=True):
        np.testing.assert_allclose(np.cov(drawn), expected, atol=0.05)


def test_samples_have_a_seed_and_shapes_of_gaussian_processes(frames):
    X, Y = (a.astype(np.float32) for a in frames)
    model = JointGMMRegressor(3, random_state=0).fit(X, Y[:, 0])
    a, b, c = (model.sample_y(X, 2, random_state=s) for s in (1, 1, 2))
    assert a.shape == (len(X), 2)
    assert a.dtype == np.float32
    assert a.tobytes() == b.tobytes() != c.tobytes()
    assert model.sample_y(X).shape == (len(X), 1)


# --- likelihood and number of components --------------------------------------------------


@pytest.mark.parametrize("n_targets", [1, 3, 6])
@pytest.mark.parametrize("covariance_type", TYPES)
def test_log_likelihood_is_what_em_raised(frames, covariance_type, n_targets):
    X = frames[0]
    Y = np.column_stack([frames[1], frames[1] ** 2])[:, :n_targets]
    Y = Y + 0.1 * np.random.default_rng(0).normal(size=Y.shape)
    model = JointGMMRegressor(
        3, covariance_type=covariance_type, reg_covar=1e-9, tol=1e-6, max_iter=1000, random_state=0
    ).fit(X, Y)
    log_density = model.log_likelihood(X, Y)
    assert log_density.mean() == pytest.approx(model.lower_bound_, abs=1e-3)


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag"])
def test_criteria_are_those_of_sklearn(frames, covariance_type):
    model = JointGMMRegressor(3, covariance_type=covariance_type, random_state=0).fit(*frames)
    Z = np.column_stack(frames)
    reference = GaussianMixture(3, covariance_type=covariance_type, max_iter=1, random_state=0)
    with pytest.warns(ConvergenceWarning):
        reference.fit(Z)
    reference.weights_ = model.weights_
    reference.means_ = np.column_stack([model.means_x_, model.means_y_])
    reference.covariances_ = model.covariances_
    root = np.linalg.cholesky if covariance_type != "diag" else np.sqrt
    inverse = np.linalg.inv if covariance_type != "diag" else np.reciprocal
    factor = inverse(root(model.covariances_))
    reference.precisions_cholesky_ = (
        factor if covariance_type == "diag" else factor.swapaxes(-1, -2)
    )
    np.testing.assert_allclose(model.log_likelihood(*frames), reference.score_samples(Z), atol=1e-8)
    assert model.bic(*frames) == pytest.approx(reference.bic(Z), rel=1e-10)
    assert model.aic(*frames) == pytest.approx(reference.aic(Z), rel=1e-10)


def test_bic_finds_the_number_of_regimes():
    rng = np.random.default_rng(0)
    k = rng.integers(4, size=4000)
    centres = np.array([[-9.0, 0.0], [0.0, 9.0], [9.0, 0.0], [0.0, -9.0]])
    X = centres[k] + rng.normal(size=(4000, 2))
    Y = k[:, None] * X + rng.normal(size=(4000, 2))
    model = JointGMMRegressor("bic", random_state=0).fit(X, Y)
    assert len(model.weights_) == 4
    assert list(model.bic_path_) == [1, 2, 4, 8]
    assert min(model.bic_path_, key=model.bic_path_.get) == 4
    assert model.bic(X, Y) == pytest.approx(model.bic_path_[4], rel=1e-10)
    again = JointGMMRegressor(4, random_state=0).fit(X, Y)
    assert again.predict(X).tobytes() == model.predict(X).tobytes()
    capped = JointGMMRegressor("bic", max_components=2, random_state=0).fit(X, Y)
    assert list(capped.bic_path_) == [1, 2]
    assert not hasattr(capped.set_params(n_components=1).fit(X, Y), "bic_path_")


# --- warm start and batches ---------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("covariance_type", TYPES)
def test_warm_start_goes_on(frames, covariance_type):
    parameters = {"covariance_type": covariance_type, "tol": 0, "random_state": 0}
    long = JointGMMRegressor(4, max_iter=9, **parameters).fit(*frames)
    warm = JointGMMRegressor(4, max_iter=4, warm_start=True, **parameters).fit(*frames)
    before = warm.lower_bound_
    warm.set_params(max_iter=5).fit(*frames)
    assert warm.log_likelihood_[0] >= before
    np.testing.assert_allclose(warm.lower_bound_, long.lower_bound_, atol=1e-8)
    np.testing.assert_allclose(warm.predict(frames[0]), long.predict(frames[0]), atol=1e-6)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_what_cannot_go_on_has_a_sentence(frames, method):
    X, Y = frames
    model = JointGMMRegressor(3, warm_start=True, random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match="4 columns of X and 3 of y, and cannot .* 4 and 2"):
        getattr(model, method)(X, Y[:, :2])
    with pytest.raises(ValueError, match="fitted with n_components=3 .* n_components=5"):
        getattr(model.set_params(n_components=5), method)(X, Y)
    model.set_params(n_components=3, covariance_type="diag")
    with pytest.raises(ValueError, match="covariance_type='full' .* covariance_type='diag'"):
        getattr(model, method)(X, Y)


def test_warm_start_with_bic_keeps_the_number(frames):
    model = JointGMMRegressor("bic", max_components=4, warm_start=True, random_state=0)
    n_components = len(model.fit(*frames).weights_)
    assert len(model.fit(*frames).weights_) == n_components


@pytest.mark.parametrize("covariance_type", TYPES)
def test_clip_by_clip_is_near_the_whole(frames, covariance_type):
    X, Y = frames
    model = JointGMMRegressor(4, covariance_type=covariance_type, random_state=0)
    for _ in range(4):
        for clip in np.split(np.arange(1500), 10):
            model.partial_fit(X[clip], Y[clip])
    whole = JointGMMRegressor(4, covariance_type=covariance_type, random_state=0).fit(X, Y)
    assert model.score(X, Y) > whole.score(X, Y) - 0.05
    assert model.n_samples_seen_ == 6000
    assert model.n_iter_ == len(model.log_likelihood_) == 40
    assert np.isfinite(model.log_likelihood_).all()


def test_batches_after_a_fit_go_on_from_it(frames):
    X, Y = frames
    model = JointGMMRegressor(4, tol=1e-6, max_iter=500, random_state=0).fit(X, Y)
    before = model.predict(X)
    model.partial_fit(X, Y)
    assert model.n_samples_seen_ == 3000
    np.testing.assert_allclose(model.predict(X), before, atol=0.02)


def test_first_batch_with_bic(frames):
    model = JointGMMRegressor("bic", max_components=4, random_state=0)
    model.partial_fit(*(a[:750] for a in frames))
    n_components = len(model.weights_)
    assert n_components in model.bic_path_
    model.partial_fit(*(a[750:] for a in frames))
    assert len(model.weights_) == n_components


def test_first_batch_must_hold_all_components(frames):
    with pytest.raises(ValueError, match="n_components=8 needs at least 8 frames, got 5"):
        JointGMMRegressor().partial_fit(*(a[:5] for a in frames))


# --- bad input ----------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda X: np.zeros_like(X),
        lambda X: np.repeat(X[:3], 20, axis=0),
        lambda X: X[:2],
        lambda X: X * 1e6,
        lambda X: X * 1e-6,
        lambda X: X[:, [0] * X.shape[1]],
        lambda X: np.where(np.arange(len(X))[:, None] == 0, 1e6, X),
    ],
    ids=["constant", "duplicated", "two frames", "1e6", "1e-6", "singular", "outlier"],
)
def test_bad_frames_give_finite_predictions(frames, covariance_type, dtype, spoil):
    X, Y = (spoil(a[:60]).astype(dtype) for a in frames)
    for n_components in (1, min(5, len(X)), "bic"):
        model = JointGMMRegressor(n_components, covariance_type=covariance_type, random_state=0)
        for fit in (model.fit, clone(model).partial_fit):
            fitted = fit(X, Y)
            assert np.isfinite(fitted.log_likelihood_).all()
            for out in (*fitted.predict(X, return_std=True), fitted.component_posteriors(X)):
                assert np.isfinite(out).all()
            assert np.isfinite(fitted.predict(X, return_cov=True)[1]).all()
            assert np.isfinite(fitted.sample_y(X)).all()
            assert np.isfinite(fitted.log_likelihood(X, Y)).all()


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_nan_is_refused(frames, method):
    X, Y = (a.copy() for a in frames)
    X[7, 1] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        getattr(JointGMMRegressor(), method)(X, Y)
    Y[3] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        getattr(JointGMMRegressor(), method)(frames[0], Y)


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_singular_frames_without_regularisation_have_a_sentence(frames, method):
    X, Y = frames
    X = X[:, [0, 0, 1, 1]]
    with pytest.raises(ValueError, match="Increase reg_covar"):
        getattr(JointGMMRegressor(2, reg_covar=0.0, random_state=0), method)(X, Y)


# ---------------------------------------------------------------- as many as the frames can feed


@pytest.mark.parametrize(
    ("n_frames", "n_columns", "expected"),
    [(2, 4, 1), (95, 4, 2), (300, 4, 8), (2_000, 4, 32), (10**6, 4, 32), (27_500, 96, 32)],
)
def test_affordable_components(n_frames, n_columns, expected):
    assert affordable_components(n_frames, n_columns, 32) == expected


def test_auto_takes_more_components_for_more_frames():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = np.abs(X)
    few, many = (JointGMMRegressor("auto", random_state=0).fit(X[:n], y[:n]) for n in (60, 400))
    assert (len(few.weights_), len(many.weights_)) == (1, 8)
    capped = JointGMMRegressor("auto", max_components=4, random_state=0).fit(X, y)
    assert len(capped.weights_) == 4
    batch = JointGMMRegressor("auto", random_state=0).partial_fit(X, y)
    assert len(batch.weights_) == 8
    assert len(batch.partial_fit(X[:10], y[:10]).weights_) == 8
