"""Styles as objects."""

import pickle

import numpy as np
import pytest

from skstyle import load_model, save_model
from skstyle.transfer import Style
from skstyle.transfer._style import check_layer_weights, mean_style


def style(seed=0, origin=None, n_layers=2):
    rng = np.random.default_rng(seed)
    layers = [
        {"gram": rng.normal(size=(4, 4)), "mean": rng.normal(size=4)} for _ in range(n_layers)
    ]
    return Style(layers, rng.normal(size=(3, 3)), {"n": 1} if origin is None else origin)


def same(a, b):
    for x, y in zip(a.layers, b.layers, strict=True):
        for name in x:
            np.testing.assert_allclose(x[name], y[name])


def test_distance_is_a_metric():
    a, b, c = map(style, range(3))
    assert a.distance(a) == 0
    assert a.distance(b) == pytest.approx(b.distance(a)) and a.distance(b) > 0
    assert a.distance(c) <= a.distance(b) + b.distance(c)


def test_distance_is_the_root_of_the_weighted_losses():
    a, b = style(0), style(1)
    losses = [
        sum(((x[name] - y[name]) ** 2).mean() for name in x) / 4
        for x, y in zip(a.layers, b.layers, strict=True)
    ]
    assert a.distance(b) == pytest.approx(np.sqrt(np.mean(losses)))
    assert a.distance(b, layer_weights=[3, 1]) == pytest.approx(
        np.sqrt(np.dot([0.75, 0.25], losses))
    )


def test_mixtures_lie_between():
    a, b = style(0), style(1)
    mixed = 0.3 * a + 0.7 * b
    assert mixed.distance(a) == pytest.approx(0.7 * a.distance(b))
    assert mixed.distance(b) == pytest.approx(0.3 * a.distance(b))
    same(1 * a + 0 * b, a)
    same(a + b, 2 * a + b * 2)
    same(mean_style([a, b], [3, 7]), mixed)
    same((0.2 * a + 0.2 * b) + 0.6 * b, 0.2 * a + 0.8 * b)
    np.testing.assert_allclose(mixed.spectrum, 0.3 * a.spectrum + 0.7 * b.spectrum)


def test_mixing_changes_no_operand():
    a = style()
    before = pickle.dumps(a)
    _ = 2 * a + style(1)
    assert pickle.dumps(a) == before


def test_float32_stays():
    layers = [{"gram": np.ones((2, 2), np.float32)}]
    a = Style(layers, np.ones((3, 3), np.float32), {})
    assert (0.3 * a + 0.7 * a).layers[0]["gram"].dtype == np.float32


def test_saved_and_loaded(tmp_path):
    a = style()
    a.save(tmp_path / "a.style")
    assert a.distance(Style.load(tmp_path / "a.style")) == 0
    assert a.distance(load_model(tmp_path / "a.style")) == 0
    assert a.distance(pickle.loads(pickle.dumps(a))) == 0
    save_model([1], tmp_path / "list")
    with pytest.raises(ValueError, match="holds a list, expected a Style"):
        Style.load(tmp_path / "list")


def test_styles_of_other_features_are_refused():
    a, b = style(), style(origin={"n": 2})
    for call in (lambda: a.distance(b), lambda: a + b):
        with pytest.raises(ValueError, match="measured with different n: 1 and 2. Measure both"):
            call()


def test_sums_and_quotients():
    a, b = style(), style(1)
    mean = sum([a, b]) / 2
    assert mean.weight == 1
    assert mean.distance(0.5 * a + 0.5 * b) == 0
    with pytest.raises(ValueError, match="divided by numbers above zero, got 0"):
        a / 0


def test_other_things_are_no_styles():
    for call in (lambda: style().distance(1), lambda: style().distance(None)):
        with pytest.raises(TypeError, match="Expected a Style, got"):
            call()


def test_bad_weights_are_refused():
    with pytest.raises(ValueError, match="weights that are not negative, got -1"):
        -1 * style()
    with pytest.raises(ValueError, match="needs a weight above zero"):
        0 * style() + 0 * style(1)
    with pytest.raises(TypeError):
        "2" * style()
    with pytest.raises(TypeError):
        style() + 1
    with pytest.raises(ValueError, match="layer_weights has 1 weights for 2 layers"):
        check_layer_weights([1], 2)
    for bad in ([-1, 2], [0, 0], [np.nan, 1]):
        with pytest.raises(ValueError, match="layer_weights must not be negative"):
            check_layer_weights(bad, 2)


def test_repr_tells_the_statistics():
    assert repr(style(n_layers=1)) == "Style(gram (4, 4), mean (4,))"
