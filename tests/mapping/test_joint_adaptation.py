"""A joint mixture for another voice."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skstyle.mapping import JointGMMRegressor

TYPES = ["full", "tied", "block_diag", "diag"]


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 3)) + 3 * rng.integers(-1, 2, size=(3000, 1)) * [1, -0.5, 0.3]
    Y = np.tanh(X) + X[:, [1, 2, 0]] + 0.1 * rng.normal(size=X.shape) + 4.0
    return X, Y


@pytest.fixture(scope="module", params=TYPES)
def model(request, frames):
    return JointGMMRegressor(4, covariance_type=request.param, random_state=0).fit(*frames)


def other_voice(frames, covariance_type):
    """Frames of the same speech, by a voice that an affine map takes to them."""
    A = np.diag([0.5, 2.0, 1.5])
    if covariance_type in ("full", "tied"):
        A[0, 1], A[1, 0], A[2, 0] = 0.3, -0.4, 0.2
    return frames @ A.T + [1.0, -2.0, 5.0]


def error(a, b):
    return np.sqrt(np.mean((a - b) ** 2))


def test_another_source_is_converted_as_the_old_one(model, frames):
    X = frames[0]
    other = other_voice(X, model.covariance_type)
    wanted = model.predict(X[1500:])
    adapted = model.adapt(other[:1500])
    before = error(model.predict(other[1500:]), wanted)
    assert error(adapted.predict(other[1500:]), wanted) < 0.2 * before
    found = adapted.adaptation_
    np.testing.assert_allclose(
        adapted.predict(other), model.predict(other @ found.coef.T + found.intercept), atol=1e-8
    )


def test_another_target_is_reached(model, frames):
    X, Y = frames
    other = other_voice(Y, model.covariance_type)
    wanted = other_voice(model.predict(X[1500:]), model.covariance_type)
    adapted = model.adapt(other[:1500], side="target")
    before = error(model.predict(X[1500:]), wanted)
    assert error(adapted.predict(X[1500:]), wanted) < 0.2 * before
    np.testing.assert_allclose(adapted.component_posteriors(X), model.component_posteriors(X))
    found = adapted.adaptation_
    back = adapted.predict(X) @ found.coef.T + found.intercept
    np.testing.assert_allclose(back, model.predict(X), atol=1e-8)


@pytest.mark.parametrize("side", ["source", "target"])
def test_the_same_voice_changes_little(model, frames, side):
    X, Y = frames
    adapted = model.adapt(X if side == "source" else Y, side=side)
    assert error(adapted.predict(X), model.predict(X)) < 0.1 * Y.std()


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("n_frames", [1, 2, 10])
def test_few_frames_do_no_harm(model, frames, side, n_frames):
    X, Y = frames
    few = (X if side == "source" else Y)[:n_frames]
    adapted = model.adapt(few, side=side)
    harm = error(adapted.predict(X), model.predict(X))
    # The mean of ten frames alone is uncertain by a third of their spread.
    assert harm < 0.15 * Y.std()
    free = model.adapt(few, side=side, prior=1e-3, max_iter=1000)
    assert harm < 0.7 * error(free.predict(X), model.predict(X))


def test_the_old_model_is_untouched(model, frames):
    other = other_voice(frames[0], model.covariance_type)
    before, given = pickle.dumps(model), other.copy()
    adapted = model.adapt(other)
    assert pickle.dumps(model) == before
    np.testing.assert_array_equal(other, given)
    assert type(adapted) is type(model)
    assert adapted.get_params() == model.get_params()
    assert not hasattr(model, "adaptation_")
    assert not hasattr(clone(adapted), "adaptation_")


def test_same_bytes_and_pickles(model, frames):
    other = other_voice(frames[0], model.covariance_type)
    first, second = (model.adapt(other).predict(other) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    again = pickle.loads(pickle.dumps(model.adapt(other)))
    np.testing.assert_array_equal(again.predict(other), first)


def test_the_mixture_keeps_its_shapes(model, frames):
    adapted = model.adapt(other_voice(frames[0], model.covariance_type))
    for name in ("weights_", "means_x_", "means_y_", "covariances_", "coef_"):
        assert getattr(adapted, name).shape == getattr(model, name).shape
    np.testing.assert_array_equal(adapted.means_y_, model.means_y_)
    # Densities exist, and those of frames that are the old voice's are the old ones.
    found = adapted.adaptation_
    X, Y = (a[:50] for a in frames)
    new = np.linalg.solve(found.coef, (X - found.intercept).T).T
    np.testing.assert_allclose(
        adapted.log_likelihood(new, Y),
        model.log_likelihood(X, Y) + np.linalg.slogdet(found.coef)[1],
        atol=1e-8,
    )


def test_pairs_of_the_new_voice_can_follow(model, frames):
    X, Y = frames
    other = other_voice(X, model.covariance_type)
    adapted = model.adapt(other[:500])
    before = error(adapted.predict(other), Y)
    adapted.partial_fit(other[500:1000], Y[500:1000])
    assert error(adapted.predict(other), Y) < 1.2 * before


def test_both_sides_one_after_the_other(model, frames):
    X, Y = frames
    other_x, other_y = (other_voice(a, model.covariance_type) for a in frames)
    adapted = model.adapt(other_x[:1500]).adapt(other_y[1500:], side="target")
    wanted = other_voice(model.predict(X), model.covariance_type)
    assert error(adapted.predict(other_x), wanted) < 0.3 * error(model.predict(other_x), wanted)


def test_differential_mode(frames):
    X, Y = frames
    model = JointGMMRegressor(3, mode="differential", random_state=0).fit(X, Y)
    other = other_voice(X, "full")
    adapted = model.adapt(other)
    direct = clone(model).set_params(mode="direct").fit(X, Y).adapt(other)
    np.testing.assert_allclose(adapted.predict(other) + other, direct.predict(other), atol=1e-8)


def test_other_numbers_of_columns_and_a_single_target(frames):
    X, Y = frames
    for covariance_type in TYPES:
        model = JointGMMRegressor(2, covariance_type=covariance_type, random_state=0)
        model.fit(X, Y[:, 0])
        adapted = model.adapt(2 * Y[:, 0] + 1, side="target")
        assert adapted.predict(X).shape == (len(X),)
        assert error(adapted.predict(X), 2 * model.predict(X) + 1) < 0.2
        assert model.adapt(X * 2).means_x_.shape == (2, 3)


def test_float32_frames(frames):
    X, Y = (a.astype(np.float32) for a in frames)
    model = JointGMMRegressor(2, random_state=0).fit(X, Y)
    assert model.adapt(X * 2).predict(X).dtype == np.float32


@pytest.mark.parametrize("side", ["source", "target"])
def test_odd_frames_give_finite_models(model, frames, side):
    X = frames[0][:60].copy()
    X[:, 1] = 3.0  # a constant column
    X[-1] = 1e4  # a far outlier
    X[20:40] = X[0]
    adapted = model.adapt(X, side=side, max_iter=1000)
    assert np.isfinite(adapted.predict(frames[0])).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"side": "both"}, r"side must be one of \['source', 'target'\], got 'both'"),
        ({"prior": 0}, "prior == 0, must be > 0"),
        ({"max_iter": 0}, "max_iter == 0, must be >= 1"),
        ({"tol": -1.0}, "tol == -1.0, must be >= 0"),
    ],
)
def test_bad_options_have_a_sentence(frames, options, message):
    model = JointGMMRegressor(2, random_state=0).fit(*frames)
    with pytest.raises(ValueError, match=message):
        model.adapt(frames[0], **options)


def test_bad_frames_have_a_sentence(frames):
    X, Y = frames
    with pytest.raises(NotFittedError):
        JointGMMRegressor().adapt(X)
    model = JointGMMRegressor(2, random_state=0).fit(X, Y[:, :2])
    with pytest.raises(ValueError, match="X has 2 features, but JointGMMRegressor is expecting 3"):
        model.adapt(X[:, :2])
    with pytest.raises(ValueError, match="X has 3 columns, but the targets .* have 2. With side"):
        model.adapt(Y, side="target")
    for side, bad in (("source", X.copy()), ("target", Y[:, :2].copy())):
        bad[3, 1] = np.nan
        with pytest.raises(ValueError, match="contains NaN"):
            model.adapt(bad, side=side)


def test_an_early_end_is_told(frames):
    model = JointGMMRegressor(4, random_state=0).fit(*frames)
    with pytest.warns(ConvergenceWarning, match="EM stopped at max_iter=2"):
        model.adapt(other_voice(frames[0], "full"), max_iter=2)


def test_a_new_fit_knows_of_no_adaptation(frames):
    adapted = JointGMMRegressor(2, random_state=0).fit(*frames).adapt(frames[0][:500])
    assert hasattr(adapted, "adaptation_")
    assert not hasattr(adapted.fit(*frames), "adaptation_")


def test_a_target_of_one_column_is_no_matrix(frames):
    X, Y = frames
    model = JointGMMRegressor(2, random_state=0).fit(X, Y[:, 0])
    assert model.adapt(Y[:500, 0] + 1, side="target").predict(X[:5]).shape == (5,)
    with pytest.raises(ValueError, match="X has 3 columns, but the targets of this model have 1"):
        model.adapt(Y, side="target")
