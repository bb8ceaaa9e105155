"""Random convolutions and other features."""

import re

import numpy as np
import pytest
import torch

from skstyle import GramFeatures
from skstyle.transfer import ModuleFeatures, RandomConv2dFeatures, RandomConvFeatures
from skstyle.transfer._module_features import resolve_features


def frames(n_frames=30, n_bins=7, seed=0):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(np.abs(rng.normal(size=(n_frames, n_bins))).astype(np.float32))


def kernels_of(activations):
    return activations.__closure__[0].cell_contents


@pytest.mark.parametrize("width", [1, 2, 5])
def test_convolution_is_the_sum_over_bins_and_frames(width):
    z = frames()
    activations = RandomConvFeatures((width,), n_filters=4, random_state=0).build(7)
    # Impulses read the filters out, both signs of them.
    left = (width - 1) // 2
    kernel = np.zeros((4, 7, width))
    for b in range(7):
        for t in range(width):
            impulse = torch.zeros(width, 7)
            impulse[t, b] = 1
            kernel[:, b, t] = (activations(impulse)[0] - activations(-impulse)[0])[:, left].numpy()
    padded = np.pad(z.numpy(), ((left, width - 1 - left), (0, 0)))
    expected = [
        np.maximum(np.einsum("nbw,wb->n", kernel, padded[t : t + width]), 0) for t in range(30)
    ]
    np.testing.assert_allclose(activations(z)[0].numpy().T, expected, atol=1e-5)


@pytest.mark.parametrize("width", [2, 11])
def test_activations_have_the_size_of_the_input(width):
    z = torch.randn(400, 50, generator=torch.Generator().manual_seed(0))
    layer = RandomConvFeatures((width,), n_filters=256, random_state=0).build(50)(z)[0]
    # Of a rectified normal variable of variance 2 the mean square is 1.
    assert layer.square().mean().item() == pytest.approx(1, rel=0.1)


def test_every_width_is_a_layer():
    layers = RandomConvFeatures((2, 5, 64), n_filters=3, random_state=0).build(7)(frames())
    assert [tuple(layer.shape) for layer in layers] == [(3, 30)] * 3


@pytest.mark.parametrize("features", [RandomConvFeatures, RandomConv2dFeatures])
def test_same_seed_same_bytes(features):
    one, two, other = (
        features(n_filters=3, random_state=seed).build(7)(frames())[0] for seed in (0, 0, 1)
    )
    assert torch.equal(one, two) and not torch.equal(one, other)
    assert one.dtype == torch.float32


def test_two_dimensional_filters_do_not_know_where_in_frequency_they_are():
    z = torch.zeros(20, 40)
    z[5:9, 10:14] = 1
    moved = z.roll(8, dims=1)
    activations = RandomConv2dFeatures(((3, 5),), n_filters=6, strides=(1, 1), random_state=0)
    a, b = (activations.build(40)(x)[0] for x in (z, moved))
    assert a.shape == (6, 20, 40)
    torch.testing.assert_close(a.roll(8, dims=2), b)


@pytest.mark.parametrize("widths", [5, 5.0, "11", None, np.array(5), ((3, 5),), np.eye(2)])
def test_widths_that_are_none_are_told(widths):
    features = RandomConvFeatures(widths)
    words = re.escape(f"kernel_widths must be a tuple such as (3, 11, 31), got {widths!r}.")
    with pytest.raises(ValueError, match=words):
        features.widest  # noqa: B018
    with pytest.raises(ValueError, match=words):
        features.build(7)
    with pytest.raises(ValueError, match=words):
        GramFeatures(features).fit([np.ones((20, 7))])


@pytest.mark.parametrize("sizes", [(11, 11), 11, np.array([11, 11]), ()])
def test_sizes_that_are_no_pairs_are_told(sizes):
    features = RandomConv2dFeatures(sizes)
    words = re.escape(f"kernel_sizes must be pairs such as ((11, 11),), got {sizes!r}.")
    with pytest.raises(ValueError, match=words):
        features.widest  # noqa: B018
    with pytest.raises(ValueError, match=words):
        features.build(7)


def test_arrays_of_whole_numbers_are_widths():
    features = RandomConvFeatures(np.array([3, 5]), n_filters=4, random_state=0)
    assert features.widest == 5 and isinstance(features.widest, int)
    expected = RandomConvFeatures((3, 5), n_filters=4, random_state=0).build(7)(frames())
    assert all(map(torch.equal, features.build(7)(frames()), expected))
    assert len(GramFeatures(features).fit_transform([frames().numpy()])) == 1


@pytest.mark.parametrize(
    ("features", "words"),
    [
        (RandomConvFeatures(()), "kernel_widths must be a tuple such as"),
        (RandomConvFeatures(11), "kernel_widths must be a tuple such as"),
        (RandomConvFeatures((0,)), "kernel_widths == 0, must be >= 1"),
        (RandomConvFeatures(n_filters=0), "n_filters == 0, must be >= 1"),
        (RandomConv2dFeatures(((3,),)), "kernel_sizes must have two numbers"),
        (RandomConv2dFeatures(3), "kernel_sizes must be pairs"),
        (RandomConv2dFeatures(strides=(0, 1)), "strides == 0, must be >= 1"),
        (ModuleFeatures(abs, layout="images"), "layout must be one of"),
        (ModuleFeatures(3), "module must be a torch module"),
        (ModuleFeatures(abs, layers=("0",)), "they need a torch.nn.Module"),
        (ModuleFeatures(torch.nn.Sequential(), layers=("9",)), r"layers \['9'\] are not among"),
    ],
)
def test_bad_settings_are_refused(features, words):
    with pytest.raises((ValueError, TypeError), match=words):
        features.build(7)


# --- modules ------------------------------------------------------------------------------


def net():
    return torch.nn.Sequential(
        torch.nn.Conv1d(7, 4, 3), torch.nn.ReLU(inplace=True), torch.nn.Dropout(0.5)
    )


def test_layers_of_a_module_are_caught_before_they_are_overwritten():
    module = net()
    layers = ModuleFeatures(module, layers=("0", "1"), widest=3).build(7)(frames())
    assert layers[0].min() < 0 <= layers[1].min()
    torch.testing.assert_close(layers[0].relu(), layers[1])


def test_a_module_is_left_as_it_was():
    module = net()
    activations = ModuleFeatures(module).build(7)
    z = frames().requires_grad_()
    # Dropout is off: twice the same.
    torch.testing.assert_close(activations(z)[0], activations(z)[0])
    activations(z)[0].sum().backward()
    assert module.training and module[2].training
    assert all(p.requires_grad and p.grad is None for p in module.parameters())
    assert not module[0]._forward_hooks


def test_images_have_one_channel():
    seen = []
    ModuleFeatures(lambda z: seen.append(z.shape) or z, layout="image").build(7)(frames())
    assert seen == [(1, 1, 30, 7)]


def test_what_is_no_layer_is_refused():
    with pytest.raises(ValueError, match=r"A layer of features is \(30,\), expected a tensor"):
        ModuleFeatures(lambda z: z[0, 0]).build(7)(frames())


def test_features_are_found_by_name_object_or_module():
    assert resolve_features("random-conv", 5).random_state == 5
    assert resolve_features(RandomConvFeatures(random_state=3), 5).random_state == 3
    drawn = resolve_features(RandomConvFeatures(random_state=np.random.RandomState(0)), 5)
    assert isinstance(drawn.random_state, int)
    assert isinstance(resolve_features(net(), 5), ModuleFeatures)
    given = RandomConvFeatures()
    assert resolve_features(given, 5) is not given and given.random_state is None
    with pytest.raises(ValueError, match="features must be one of .*'random-conv'.*got 'vgg'"):
        resolve_features("vgg", 0)
    with pytest.raises(ValueError, match="features must be one of .*got 7"):
        resolve_features(7, 0)
