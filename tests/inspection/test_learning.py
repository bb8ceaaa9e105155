"""LearningDisplay finds the curves of whatever was fitted."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.mixture import GaussianMixture
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle.compose import AlignedRegressor, StreamRegressor
from skstyle.inspection import LearningDisplay
from skstyle.mapping import JointGMMRegressor
from skstyle.trajectory import TrajectoryRegressor

HISTORY = {
    "train_loss": [3.0, 2.0, 1.5],
    "valid_loss": [3.1, 2.4, 2.5],
    "train_kl": [0.1, 0.2, 0.3],
    "kl_weight": [0.0, 0.5, 1.0],
}


def test_units_have_panels_of_their_own():
    display = LearningDisplay.from_predictions(HISTORY, best=2, title="a run")
    assert [ax.get_ylabel() for ax in display.axes_] == ["loss", "KL divergence", "KL weight"]
    assert list(display.lines_[0]) == ["training", "held out"]
    for name, key in (("training", "train_loss"), ("held out", "valid_loss")):
        line = display.lines_[0][name]
        assert_allclose(line.get_xdata(), [1, 2, 3])
        assert_allclose(line.get_ydata(), HISTORY[key])
    dashed = [line for line in display.ax_.lines if line.get_linestyle() == "--"]
    assert_allclose(dashed[0].get_xdata(), 2)
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["training", "held out", "best"]
    assert display.ax_.get_xlabel() == "epoch"
    assert display.ax_.get_title(loc="left") == "a run"


def test_steps_count_from_zero_and_wide_falls_are_logarithmic():
    curve = np.geomspace(100, 1, 30)
    display = LearningDisplay.from_predictions({"my loss": curve}, step="step")
    assert_allclose(display.lines_[0]["my loss"].get_xdata(), np.arange(30))
    assert display.ax_.get_yscale() == "log"
    plain = LearningDisplay.from_predictions({"my loss": curve}, log=False)
    assert plain.ax_.get_yscale() == "linear"
    assert LearningDisplay.from_predictions({"a": [2, 1]}, log=True).ax_.get_yscale() == "log"


def test_a_dict_of_dicts_is_a_dict_of_panels():
    display = LearningDisplay.from_predictions({"dB": {"a": [1, 2], "b": [2, 3]}, "s": {"a": [3]}})
    assert [ax.get_ylabel() for ax in display.axes_] == ["dB", "s"]


def test_mixtures():
    X = np.random.default_rng(0).normal(size=(200, 2))
    model = JointGMMRegressor(2, random_state=0).fit(X, np.tanh(X))
    display = LearningDisplay.from_estimator(model)
    assert_allclose(display.lines_[0]["training"].get_ydata(), model.log_likelihood_)
    assert display.ax_.get_xlabel() == "iteration"
    plain = GaussianMixture(2, random_state=0).fit(X)
    if hasattr(plain, "lower_bounds_"):  # scikit-learn 1.7
        found = LearningDisplay.from_estimator(plain).lines_[0]["training"].get_ydata()
        assert_allclose(found, plain.lower_bounds_)


def test_compositions_are_looked_through():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in (40, 50, 60)]
    mixture = TrajectoryRegressor(JointGMMRegressor(2, random_state=0))
    model = AlignedRegressor(StreamRegressor([("mcep", mixture, [0, 1])]), n_iter=2).fit(X, X)
    display = LearningDisplay.from_estimator(model)
    labels = [ax.get_ylabel() for ax in display.axes_]
    assert labels == ["distance of aligned frames", "mcep: log-likelihood (nats)"]
    assert_allclose(display.lines_[0]["training"].get_ydata(), model.distortion_)
    assert [ax.get_xlabel() for ax in display.axes_] == ["round", "iteration"]


def test_nets_of_scikit_learn():
    X = np.random.default_rng(0).normal(size=(50, 2))
    net = MLPRegressor(hidden_layer_sizes=(4,), max_iter=400, tol=0.1, random_state=0)
    model = make_pipeline(StandardScaler(), net).fit(X, X[:, 0])
    display = LearningDisplay.from_estimator(model)
    assert_allclose(display.lines_[0]["training"].get_ydata(), model[-1].loss_curve_)


def test_autoencoders():
    pytest.importorskip("skorch")
    from skstyle.neural import VAETransformer

    X = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    vae = VAETransformer(latent_dim=2, hidden_layer_sizes=(8,), n_epochs=3, random_state=0).fit(X)
    display = LearningDisplay.from_estimator(vae)
    labels = [ax.get_ylabel() for ax in display.axes_]
    assert labels == ["loss", "KL divergence", "KL weight"]
    for name, key in {"training": "train_loss", "held out": "valid_loss"}.items():
        assert_allclose(display.lines_[0][name].get_ydata(), vae.history_[key])
    assert_allclose(display.lines_[1]["training"].get_ydata(), vae.history_["train_kl"])
    dashed = [line for line in display.ax_.lines if line.get_linestyle() == "--"]
    assert_allclose(dashed[0].get_xdata(), vae.best_epoch_)


def test_descent():
    pytest.importorskip("torch")
    from skstyle.transfer import GramStyleTransformer, RandomConvFeatures

    rng = np.random.default_rng(0)
    style, content = rng.random((2, 30, 8))
    model = GramStyleTransformer(
        RandomConvFeatures(n_filters=4, random_state=0), max_iter=5, random_state=0
    ).fit([style])
    with pytest.raises(ValueError, match="after transform"):
        LearningDisplay.from_estimator(model)
    model.transform([content])
    display = LearningDisplay.from_estimator(model)
    line = display.lines_[0]["clip 0"]
    assert_allclose(line.get_ydata(), model.loss_curve_[0])
    assert line.get_xdata()[0] == 0
    assert display.ax_.get_xlabel() == "step"


def test_several_panels_replace_given_axes():
    ax = Figure(figsize=(9, 3)).add_subplot()
    display = LearningDisplay.from_predictions(HISTORY, ax=ax)
    assert not ax.axison
    assert display.figure_ is ax.get_figure()
    alone = Figure().add_subplot()
    assert LearningDisplay.from_predictions({"a": [1, 2]}, ax=alone).ax_ is alone
    assert display._repr_png_().startswith(b"\x89PNG")


def test_many_clips_have_no_legend():
    curves = {f"clip {i}": [2.0, 1.0] for i in range(9)}
    assert LearningDisplay.from_predictions(curves).ax_.get_legend() is None


def test_errors():
    with pytest.raises(ValueError, match="Ridge has no curve of learning"):
        LearningDisplay.from_estimator(Ridge().fit([[0.0], [1.0]], [0, 1]))
    with pytest.raises(ValueError, match="curves is a dict"):
        LearningDisplay.from_predictions([1, 2])
    with pytest.raises(ValueError, match="Curve 'a' has shape"):
        LearningDisplay.from_predictions({"a": [[1, 2]]})


def test_clear_errors_for_other_dicts():
    with pytest.raises(ValueError, match="mixes curves and dicts"):
        LearningDisplay.from_predictions({"a": {"b": [1, 2]}, "c": [1, 2]})
    with pytest.raises(ValueError, match="panel 'a' has no curves"):
        LearningDisplay.from_predictions({"a": {}})
    with pytest.raises(ValueError, match="Curve 'a' has shape"):
        LearningDisplay.from_predictions({"a": None})
    with pytest.raises(ValueError, match="Curve 'a' holds no numbers"):
        LearningDisplay.from_predictions({"a": ["x"]})
    with pytest.raises(ValueError, match="NoneType has no curve"):
        LearningDisplay.from_estimator(None)
    with pytest.raises(ValueError, match="log must be 'auto', True or False, got 'yes'"):
        LearningDisplay.from_predictions({"a": [1, 2]}, log="yes")


def test_estimators_that_hold_themselves():
    model = MLPRegressor(max_iter=2, random_state=0)
    with pytest.warns(ConvergenceWarning):
        model.fit([[0.0], [1.0]], [0, 1])
    model.self_ = model
    model.pair_ = [model, make_pipeline(StandardScaler(), model)]
    assert len(LearningDisplay.from_estimator(model).axes_) == 1
