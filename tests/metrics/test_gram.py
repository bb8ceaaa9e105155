"""Gram distance: known matrices, the random net, nets of users."""

import numpy as np
import pytest

from skstyle.metrics import _random_net, gram_distance
from skstyle.metrics._gram import gram_matrices
from skstyle.metrics._random_net import (
    convolve,
    input_of_net,
    random_features,
    random_filters,
    random_grams,
)

RATE = 16000
NET = {"sample_rate": RATE, "n_fft": 1024, "hop_length": 256, "n_mels": 80, "floor_db": -60.0}


def noise(n_times=8000, seed=0):
    return np.random.default_rng(seed).standard_normal(n_times)


def constant(value, shape=(5, 1)):
    return lambda x: [np.full(shape, value)]


def test_gram_matrices_are_means_over_places():
    layer = np.arange(12.0).reshape(2, 3, 2)  # channels last
    (gram,) = gram_matrices([layer])
    expected = sum(np.outer(v, v) for v in layer.reshape(-1, 2)) / 6
    np.testing.assert_allclose(gram, expected)
    (twice,) = gram_matrices([np.concatenate([layer, layer])])
    np.testing.assert_allclose(twice, expected)


def test_distance_is_relative_to_the_true_side():
    by_length = lambda x: [np.full((4, 1), float(len(x)))]  # noqa: E731
    a, b = noise(10), noise(20)
    assert gram_distance([a], [b], sample_rate=RATE, features=by_length) == pytest.approx(3)
    assert gram_distance([b], [a], sample_rate=RATE, features=by_length) == pytest.approx(0.75)


def test_mean_over_layers():
    def two(x):
        return [np.full((3, 1), 1.0), np.full((7, 2), float(len(x)))]

    found = gram_distance([noise(10)], [noise(20)], sample_rate=RATE, features=two)
    assert found == pytest.approx((0 + 3) / 2)


def test_zero_activations():
    def quiet(x):
        return [np.full((4, 1), float(len(x) > 10))]

    both = gram_distance([noise(5)], [noise(6)], sample_rate=RATE, features=quiet)
    assert both == 0
    assert gram_distance([noise(5)], [noise(20)], sample_rate=RATE, features=quiet) == np.inf
    assert gram_distance([noise(20)], [noise(5)], sample_rate=RATE, features=quiet) == 1


@pytest.mark.parametrize("width", [1, 2, 3, 8, 40])
def test_convolution_keeps_the_length(width):
    rng = np.random.default_rng(0)
    x, weights = rng.standard_normal((17, 3)), rng.standard_normal((width, 3, 2))
    found = convolve(x, weights)
    assert found.shape == (17, 2)
    for f in range(2):
        expected = sum(np.convolve(x[:, c], weights[::-1, c, f]) for c in range(3))
        start = (width - 1) // 2
        np.testing.assert_allclose(found[:, f], expected[start : start + 17])


def test_random_net_has_a_layer_for_each_width():
    filters = random_filters((1, 5), 80, 6, 0)
    layers = random_features(input_of_net(noise(2560), **NET), filters)
    assert [layer.shape for layer in layers] == [(11, 6)] * 2
    assert all((layer >= 0).all() and layer.any() for layer in layers)
    # Silence is zero at the input, and the biases at the output.
    silence = random_features(input_of_net(np.zeros(2560), **NET), filters)
    for layer, (_, bias) in zip(silence, filters, strict=True):
        np.testing.assert_allclose(layer, np.tile(np.maximum(bias, 0), (11, 1)))


def test_long_clips_go_through_the_net_in_blocks(monkeypatch):
    filters, levels = random_filters((1, 4, 27), 5, 3, 0), noise(400).reshape(80, 5)
    whole = gram_matrices(random_features(levels, filters))
    monkeypatch.setattr(_random_net, "BLOCK_FRAMES", 7)
    for parts, expected in zip(random_grams(levels, filters), whole, strict=True):
        np.testing.assert_allclose(parts, expected, rtol=1e-10)


def test_the_seed_draws_the_net(speakers):
    X, y = (part[:1] for part in speakers)
    values = [gram_distance(y, X, sample_rate=RATE, random_state=s) for s in (0, 0, 1)]
    assert values[0] == values[1] != values[2]
    assert values[2] == pytest.approx(values[0], rel=0.2)  # no net is special
    again = gram_distance(y, X, sample_rate=RATE, random_state=np.random.RandomState(0))
    assert again == values[0]


def test_settings_reach_the_net(speakers):
    X, y = (part[:1] for part in speakers)
    settings = [
        {},
        {"kernel_widths": (2, 4)},
        {"n_filters": 16},
        {"n_fft": 512},
        {"hop_length": 128},
        {"n_mels": 40},
        {"floor_db": -40.0},
    ]
    assert len({gram_distance(y, X, sample_rate=RATE, **s) for s in settings}) == len(settings)


def test_one_style_is_nearer_than_another():
    """Two noises of one colour are alike, whatever their samples and lengths."""
    white, other = noise(16000, 1), noise(24000, 2)
    brown = np.cumsum(noise(16000, 3))
    brown -= np.convolve(brown, np.ones(999) / 999, mode="same")
    alike = gram_distance([white], [other], sample_rate=RATE)
    assert alike < 0.05
    assert gram_distance([white], [brown], sample_rate=RATE) > 10 * alike


def test_clips_in_one_order_or_another_are_alike():
    x = np.concatenate([noise(16000, 1), 0.1 * np.cumsum(noise(16000, 2))])
    swapped = np.concatenate([x[16000:], x[:16000]])
    assert gram_distance([x], [swapped], sample_rate=RATE) < 0.05


def test_torch_nets_are_plugged_in(speakers):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net = torch.nn.Conv1d(1, 4, 64, stride=32).requires_grad_(False)

    def features(x):
        return [net(torch.as_tensor(x, dtype=torch.float32)[None]).T]

    X, y = (part[:2] for part in speakers)
    assert gram_distance(X, X, sample_rate=RATE, features=features) == 0
    assert gram_distance(y, X, sample_rate=RATE, features=features) > 0.01


def test_nets_see_clips_at_one_level():
    levels = []

    def spy(x):
        levels.append(np.sqrt(np.mean(x**2)))
        return [np.ones((1, 1))]

    gram_distance([noise()], [3 * noise()], sample_rate=RATE, features=spy)
    gram_distance([noise()], [3 * noise()], sample_rate=RATE, features=spy, level_db=-40.0)
    np.testing.assert_allclose(levels, [0.1, 0.1, 0.01, 0.01])


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (lambda x: np.ones((3, 2)), r"for y_true\[0\] it returned ndarray"),
        (lambda x: [], r"for y_true\[0\] it returned list of no layer"),
        (constant(1.0, (3,)), r"Layer 0 of y_true\[0\] has shape \(3,\)"),
        (constant(1.0, (0, 3)), "Is the clip too short for the net"),
        (constant(np.nan), "expected finite numbers"),
        (lambda x: [np.ones((2, len(x)))], r"layers of \[10\] and \[20\] channels"),
    ],
)
def test_nets_that_do_not_fit_are_refused(features, message):
    with pytest.raises(ValueError, match=message):
        gram_distance([noise(10)], [noise(20)], sample_rate=RATE, features=features)


def test_settings_that_cannot_be(speakers):
    with pytest.raises(TypeError, match="features must be a function of one signal, got str"):
        gram_distance(*speakers, sample_rate=RATE, features="vgg")
    for settings, message in [
        ({"kernel_widths": ()}, "kernel_widths must be a tuple of integers"),
        ({"kernel_widths": 3}, "kernel_widths must be a tuple of integers"),
        ({"kernel_widths": (3, 0)}, "Each of kernel_widths must be an integer of at least 1"),
        ({"n_filters": 0}, "n_filters must be an integer of at least 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            gram_distance(*speakers, sample_rate=RATE, **settings)


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_the_net_is_held_out(seed):
    """No seed of a transformer draws the net that judges it, not even on mel bands."""
    torch = pytest.importorskip("torch")
    from skstyle.transfer import RandomConvFeatures

    learned = RandomConvFeatures((3,), n_filters=128, random_state=seed)
    # What the net says to a single frame that holds one band tells the weights of that band.
    bands = 80
    (weights, _), *_ = random_filters((3, 9, 27), bands, 128, 0)
    activations = learned.build(bands)
    theirs = np.array(
        [
            (activations(e)[0] - activations(-e)[0]).numpy().ravel()
            for e in torch.eye(bands)[:, None].unbind(0)
        ]
    )
    ours = weights[1]
    assert theirs.shape == ours.shape
    assert np.abs(np.corrcoef(theirs.T, ours.T)[:128, 128:]).max() < 0.6  # 1 if it did
