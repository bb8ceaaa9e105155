"""JointGMMRegressor against linear regression, the textbook formula and Monte Carlo."""

import pickle

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from skstyle.mapping import JointGMMRegressor


@parametrize_with_checks([JointGMMRegressor(), JointGMMRegressor(covariance_type="diag")])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_sklearn_common(estimator, check):
    assert check(estimator) is None


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 4)) + 3 * rng.integers(2, size=(1500, 1))
    Y = np.tanh(X @ rng.normal(size=(4, 3))) + 0.1 * rng.normal(size=(1500, 3))
    return X, Y


@pytest.fixture(scope="module", params=["full", "diag"])
def model(request, frames):
    return JointGMMRegressor(4, covariance_type=request.param, random_state=0).fit(*frames)


def joint_full(model):
    c = model.covariances_
    return c if c.ndim == 3 else np.stack([np.diag(v) for v in c])


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


def test_one_component_is_linear_regression(frames):
    X, Y = frames
    model = JointGMMRegressor(1, reg_covar=1e-12).fit(X, Y)
    linear = LinearRegression().fit(X, Y)
    np.testing.assert_allclose(model.predict(X), linear.predict(X), atol=1e-6)
    np.testing.assert_allclose(model.coef_[0], linear.coef_, atol=1e-6)
    residual = np.cov((Y - linear.predict(X)).T, bias=True)
    np.testing.assert_allclose(model.conditional_covariances_[0], residual, atol=1e-6)


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
