"""Infinitely many random filters."""

import pickle

import numpy as np
import pytest
import torch

from skstyle import GramFeatures, GramStyleTransformer, WaveformStyleTransformer
from skstyle.exceptions import ShortClipWarning, SilentClipWarning
from skstyle.transfer import RandomConvFeatures, Style
from skstyle.transfer._compression import compress, level_of
from skstyle.transfer._infinite_filters import (
    _DiagonalSums,
    content_distance,
    squared_distance,
    surround,
)
from skstyle.transfer._infinite_style import frames_distance
from skstyle.transfer._style_frames import BLOCK, draw_blocks, join_layers, keep_blocks

INFINITE = RandomConvFeatures((3, 5), n_filters=None)
FIVE = RandomConvFeatures((5,), n_filters=None)


def clip(n_frames=29, n_bins=20, seed=0):
    rng = np.random.default_rng(seed)
    return np.abs(rng.normal(size=(n_frames, n_bins)))


def tensor(x, dtype=torch.float32):
    return torch.from_numpy(x).to(dtype)


def uniform(n, like):
    return like.new_full((n,), 1 / n)


def distance(x, s, width, centred):
    """Style loss between two sequences."""
    a, b = (surround(z, width).frames for z in (x, s))
    return squared_distance(a, uniform(len(x), x), b, uniform(len(s), s), centred=centred)


def small(features=INFINITE, **options):
    settings = {"style_statistic": "gram", "max_iter": 8, "random_state": 0, **options}
    return GramStyleTransformer(features, **settings)


# --- the kernels --------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 5, 11, 16])
def test_sums_along_diagonals(width):
    Q = torch.from_numpy(np.random.default_rng(0).normal(size=(30, 25)))
    n, m = 31 - width, 26 - width
    expected = sum(Q[k : k + n, k : k + m] for k in range(width))
    torch.testing.assert_close(_DiagonalSums.apply(Q, width), expected)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("width", [1, 4, 11])
def test_the_losses_are_those_of_very_many_filters(centred, width):
    x, s, other = clip(), clip(37, seed=1) ** 2, clip(seed=2)
    rng = np.random.default_rng(0)
    n = 20000
    kernel = rng.normal(size=(20 * width, n)) * np.sqrt(2 / (20 * width))

    def activations(z):
        padded = np.pad(z, (((width - 1) // 2, width - 1 - (width - 1) // 2), (0, 0)))
        patches = np.stack([padded[t : t + width].ravel() for t in range(len(z))])
        return np.maximum(patches @ kernel, 0)

    F, S = activations(x), activations(s)
    f, g = F.mean(axis=0), S.mean(axis=0)
    if centred:
        F, S = F - f, S - g
    # |G - A|^2 / N^2 by products of activations: the matrices themselves would be too large.
    loss = sum(
        sign * np.mean(np.square(a @ b.T / n)) for sign, a, b in ((1, F, F), (-2, F, S), (1, S, S))
    )
    if centred:
        loss += 0.1 * np.mean((f - g) ** 2)
    found = distance(tensor(x), tensor(s), width, centred)
    assert found.item() == pytest.approx(loss / 4, rel=0.05)

    expected = 0.5 * np.mean((activations(x) - activations(other)) ** 2)
    found = content_distance(*(surround(tensor(z), width) for z in (x, other)))
    assert found.item() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("width", [1, 4])
def test_gradients_agree_with_finite_differences(centred, width):
    x, s, other = (
        tensor(z, torch.float64) for z in (clip(9, 6), clip(12, 6, 1) ** 2, clip(9, 6, 2))
    )

    def loss(z):
        content = content_distance(surround(z, width), surround(other, width))
        return distance(z, s, width, centred) + 0.1 * content

    assert torch.autograd.gradcheck(loss, x.requires_grad_(), eps=1e-6, atol=1e-7)


def test_the_same_has_no_loss_and_nothing_pulls():
    x = tensor(clip()).requires_grad_()
    far = distance(x, tensor(clip(seed=3) ** 2), 5, False).item()
    for loss in (
        distance(x, x.detach(), 5, False),
        distance(x, x.detach(), 5, True),
        content_distance(surround(x, 5), surround(x.detach(), 5)),
    ):
        (gradient,) = torch.autograd.grad(loss, x)
        assert abs(loss.item()) < 1e-5 * far
        assert gradient.abs().max() < 1e-4 * far


def test_silence_stays_finite():
    z = clip()
    z[5:20] = 0
    for x in (z, 0 * z):
        x = tensor(x).requires_grad_()
        loss = distance(x, tensor(clip(seed=1)), 5, True)
        loss = loss + content_distance(surround(x, 5), surround(x.detach(), 5))
        (gradient,) = torch.autograd.grad(loss, x)
        assert torch.isfinite(loss) and torch.isfinite(gradient).all()


# --- frames of a style --------------------------------------------------------------------


def test_few_frames_are_all_kept():
    blocks, share = draw_blocks([7, 300], 5, np.random.default_rng(0))
    assert blocks == [[(0, 7)], [(0, 300)]] and share == 1
    frames = clip(304).astype(np.float32)
    layer = keep_blocks(frames, 5, blocks[1], share)
    np.testing.assert_array_equal(layer["frames"], frames)
    np.testing.assert_allclose(layer["weights"], 1 / 300)


def test_many_frames_are_thinned_evenly():
    lengths = [3000, 12000, 40, 6000]
    blocks, share = draw_blocks(lengths, 11, np.random.default_rng(0), max_frames=2048)
    kept = [sum(stop - start for start, stop in some) for some in blocks]
    assert sum(kept) <= 2048 and share == pytest.approx(2048 / sum(lengths), rel=0.01)
    np.testing.assert_allclose(kept, share * np.array(lengths), atol=BLOCK)
    starts = np.array([start for start, _ in blocks[1]])
    # No long part of a clip is left out, and nothing is kept twice.
    assert (np.diff(starts) >= BLOCK).all() and np.diff(starts).max() < 2 * BLOCK / share
    other, _ = draw_blocks(lengths, 11, np.random.default_rng(1), max_frames=2048)
    assert other != blocks


def test_thousands_of_short_clips_are_thinned_too():
    blocks, share = draw_blocks([20] * 3000, 11, np.random.default_rng(0))
    kept = [stop - start for some in blocks for start, stop in some]
    assert sum(n + 10 for n in kept) < 1.3 * 4096
    layers = [keep_blocks(clip(30, 2), 11, some, share) for some in blocks]
    mean = join_layers(layers, [1 / 3000] * 3000)
    assert mean["weights"].sum() == pytest.approx(1, rel=0.05)


def test_a_thinned_style_is_near_the_whole():
    rng = np.random.default_rng(0)
    frames = np.abs(np.cumsum(rng.normal(size=(3004, 6)), axis=0) % 20 - 10).astype(np.float32)
    (some,), share = draw_blocks([3000], 5, rng, max_frames=1500)
    parts = {"whole": [(0, 3000)], "early": [(0, 1500)], "late": [(1500, 3000)]}
    layers = {name: keep_blocks(frames, 5, blocks, 1.0) for name, blocks in parts.items()}
    layers["thinned"] = keep_blocks(frames, 5, some, share)

    def apart(a, b):
        return frames_distance(layers[a], layers[b], centred=False)

    assert apart("thinned", "whole") < 0.1 * apart("early", "late")


def test_a_style_keeps_few_frames():
    X = [clip(3000, 4), clip(6000, 4, 1)]
    layers = [small(FIVE).fit(X).style_.layers[0] for _ in range(2)]
    assert (layers[0]["weights"] > 0).sum() <= 4096 < len(layers[0]["frames"]) < 1.1 * 4096
    assert layers[0]["weights"].sum() == pytest.approx(1, rel=0.01)
    np.testing.assert_array_equal(layers[0]["frames"], layers[1]["frames"])
    other = small(FIVE, random_state=1).fit(X).style_.layers[0]
    assert not np.array_equal(other["frames"], layers[0]["frames"])


def test_patches_across_joints_weigh_nothing():
    a, b = clip(20).astype(np.float32), clip(30, seed=1).astype(np.float32) ** 2
    layers = [keep_blocks(z, 5, [(0, len(z) - 4)], 1.0) for z in (a, b)]
    joined = join_layers(layers, [0.25, 0.75])
    expected = np.r_[np.full(16, 0.25 / 16), np.zeros(4), np.full(26, 0.75 / 26)]
    np.testing.assert_allclose(joined["weights"], expected)
    assert joined["frames"].shape == (50, 20) and joined["weights"].dtype == np.float32
    only = join_layers(layers, [0.0, 1.0])
    np.testing.assert_array_equal(only["frames"], b)


# --- styles -------------------------------------------------------------------------------


@pytest.mark.parametrize("style_statistic", ["gram", "centred-gram"])
def test_styles_are_as_those_of_many_filters(style_statistic):
    X = [clip(60), clip(80, seed=1) ** 2]
    ratios = []
    for n_filters in (None, 2000):
        model = small(RandomConvFeatures((5,), n_filters=n_filters), max_iter=0)
        model.set_params(style_statistic=style_statistic, content_weight=1).fit(X[:1])
        model.transform(X[1:])
        ratios.append([model.measure(X[1:]).distance(model.style_), model.style_loss_[0]])
    np.testing.assert_allclose(ratios[0], ratios[1], rtol=0.1)
    assert ratios[0][0] ** 2 == pytest.approx(ratios[0][1], rel=1e-3)


def test_distances_and_mixtures(tmp_path):
    model = small().fit([clip(40), clip(50, seed=3)])
    a, b = model.style_, model.measure([clip(60, seed=1) ** 2])
    assert a.distance(a) == 0 and a.distance(b) == pytest.approx(b.distance(a), rel=1e-4)
    mixed = 0.3 * a + 0.7 * b
    # Means of Gram matrices: mixtures lie on straight lines.
    assert mixed.distance(a) == pytest.approx(0.7 * a.distance(b), rel=1e-3)
    assert mixed.distance(b) == pytest.approx(0.3 * a.distance(b), rel=1e-3)
    assert (1 * a + 0 * b).distance(a) == 0
    parts = [model.measure([clip(40)]), model.measure([clip(50, seed=3)])]
    assert (4 * parts[0] + 5 * parts[1]).distance(a) < 1e-3 * a.distance(b)
    mixed.save(tmp_path / "style")
    for same in (Style.load(tmp_path / "style"), pickle.loads(pickle.dumps(mixed))):
        assert same.distance(mixed) == 0
    # Two clips, and 2 or 4 frames around each.
    assert repr(a) == "Style(frames (94, 20), weights (92,); frames (98, 20), weights (94,))"


def test_layers_have_weights():
    a, b = (small().fit([z]).style_ for z in (clip(), clip(seed=1) ** 2))
    first, second = (
        squared_distance(*_pair(x), *_pair(y), centred=False).item()
        for x, y in zip(a.layers, b.layers, strict=True)
    )
    expected = np.sqrt(0.25 * first + 0.75 * second)
    assert a.distance(b, layer_weights=(1, 3)) == pytest.approx(expected, rel=1e-5)


def _pair(layer):
    return tensor(layer["frames"]), tensor(layer["weights"])


def test_styles_do_not_depend_on_the_seed():
    a, b = (small(random_state=seed).fit([clip()]).style_ for seed in (0, 1))
    assert a.distance(b) == 0
    features = RandomConvFeatures(n_filters=None, random_state=np.random.RandomState(0))
    assert small(features).fit([clip()]).features_.random_state is None
    with pytest.raises(ValueError, match="different features"):
        a.distance(small(RandomConvFeatures((3, 5))).fit([clip()]).style_)


# --- clips --------------------------------------------------------------------------------


def test_inputs_are_not_modified():
    X = [clip(50).astype(np.float32), clip(60, seed=1).astype(np.float32)]
    before = [x.copy() for x in X]
    model = small().fit(X[:1])
    kept = pickle.dumps(model.style_)
    model.transform(X)
    assert pickle.dumps(model.style_) == kept
    for x, y in zip(X, before, strict=True):
        np.testing.assert_array_equal(x, y)


def test_losses_are_those_of_the_frames():
    style, content = clip(40), clip(50, seed=1) ** 2
    model = small(RandomConvFeatures((4,), n_filters=None), content_weight=0.2).fit([style])
    out = model.transform([content])[0]
    level = level_of(content)
    z, c = (tensor(compress(x, level, 1000)) for x in (out, content))
    s = tensor(compress(style, level_of(style), 1000))
    assert model.style_loss_[0] == pytest.approx(distance(z, s, 4, False).item(), rel=1e-3)
    held = content_distance(surround(z, 4), surround(c, 4)).item()
    assert model.content_loss_[0] == pytest.approx(held, rel=1e-3)
    last = model.style_loss_[0] + 0.2 * model.content_loss_[0]
    assert model.loss_curve_[0][-1] == pytest.approx(last, rel=1e-4)


def test_silent_and_short_clips():
    model = small().fit([clip()])
    with pytest.warns(SilentClipWarning, match=r"X\[0\]: silent, returned as silence"):
        assert not model.transform([np.zeros((9, 20))])[0].any()
    with pytest.warns(ShortClipWarning):
        out = model.transform([clip(2)])[0]
    assert out.shape == (2, 20) and np.isfinite(out).all()
    with pytest.warns(ShortClipWarning):
        layer = small().fit([clip(1, seed=seed) for seed in range(3)]).style_.layers[0]
    assert (layer["weights"] > 0).sum() == 15


def test_what_needs_activations_is_refused():
    for name in ("moments", "whitening-coloring", "gram+autocorrelation"):
        with pytest.raises(ValueError, match=r"is known for style_statistic in \('gram', 'cent"):
            small(style_statistic=name).fit([clip()])
    with pytest.raises(ValueError, match="GramFeatures needs activations, and n_filters=None"):
        GramFeatures(INFINITE).fit([clip()])
    with pytest.raises(ValueError, match="A style of waveforms needs activations"):
        WaveformStyleTransformer(8000, INFINITE).fit([np.ones(4000)])
