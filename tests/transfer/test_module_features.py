"""Any torch module as features: threads, origins and errors."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from joblib import parallel_config
from torch import nn

from skstyle import GramFeatures, GramStyleTransformer
from skstyle.transfer import ModuleFeatures, RandomConvFeatures
from skstyle.transfer._module_features import origin_of, resolve_features


def net(*more, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv1d(7, 4, 3), *(more or (nn.ReLU(inplace=True), nn.Dropout(0.5))))


def sequences(n_clips=6, n_bins=7):
    rng = np.random.default_rng(0)
    return [np.abs(rng.normal(size=(40 + i, n_bins))) for i in range(n_clips)]


def state_of(module):
    return [
        [(m.training, len(m._forward_hooks)) for m in module.modules()],
        [(p.requires_grad, p.device, p.grad, p.detach().clone()) for p in module.parameters()],
    ]


def test_threads_do_not_disturb_each_other():
    module = net(nn.ReLU(inplace=True), nn.Conv1d(4, 5, 1), nn.Dropout(0.5))
    module[2].bias.requires_grad_(False)
    before = str(state_of(module))
    features = ModuleFeatures(module, layers=("0", "2"), widest=3)
    model = GramStyleTransformer(features, max_iter=4, random_state=0, n_jobs=2)
    X = sequences()
    with parallel_config(backend="sequential"):
        alone = model.fit(X[:3]).transform(X)
    with parallel_config(backend="threading"):
        together = model.fit(X[:3]).transform(X)
    for x, y in zip(alone, together, strict=True):
        np.testing.assert_array_equal(x, y)
    assert str(state_of(module)) == before


def test_one_build_may_be_called_by_threads():
    from concurrent.futures import ThreadPoolExecutor

    run = ModuleFeatures(net(), layers=("0", "1"), widest=3).build(7)
    inputs = [torch.randn(30 + i % 5, 7) for i in range(200)]
    alone = [run(z) for z in inputs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(run, inputs))
    for x, y in zip(alone, together, strict=True):
        assert all(map(torch.equal, x, y))


def test_a_layer_that_is_not_called_is_told():
    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.idle = nn.Conv1d(7, 4, 3), nn.ReLU()

        def forward(self, z):
            return self.used(z)

    run = ModuleFeatures(Idle(), layers=("used", "idle")).build(7)
    with pytest.raises(ValueError, match=r"layers \['idle'\] are in the module, but"):
        run(torch.ones(9, 7))


# --- origins ------------------------------------------------------------------------------


def origin(module):
    return origin_of(ModuleFeatures(module))


def test_modules_are_told_by_layers_and_weights():
    assert origin(net(nn.ReLU())) == origin(net(nn.ReLU()))
    assert origin(net(nn.ReLU())) != origin(net(nn.Tanh()))
    assert origin(net(nn.ReLU())) != origin(net(nn.ReLU(), seed=1))
    assert origin(net(nn.ReLU())) == origin(net(nn.ReLU()).eval())
    # numpy has no such type.
    assert origin(net().to(torch.bfloat16)) != origin(net())


def test_functions_are_told_by_their_code():
    assert origin(lambda z: z.relu()) != origin(lambda z: z.tanh())
    assert origin(lambda z: z + 1) != origin(lambda z: z + 2)
    assert origin(lambda z, by=1: z + by) != origin(lambda z, by=2: z + by)
    assert origin(lambda z: [a + 1 for a in z]) != origin(lambda z: [a + 2 for a in z])
    assert origin(abs) != origin(sum)
    one, same = (lambda z: z * 3 for _ in range(2))
    assert origin(one) == origin(same)


def test_origins_are_the_same_in_every_process():
    code = (
        "from skstyle.transfer import ModuleFeatures; "
        "from skstyle.transfer._module_features import origin_of; "
        "inner = lambda z: [(lambda a: a + 1)(a) for a in z if 'x' in {'x', 'y', 'zz', 'w'}]; "
        "print(origin_of(ModuleFeatures(inner)))"
    )
    origins = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(origins) == 1


def test_arrays_of_widths_are_told_as_tuples():
    assert origin_of(RandomConvFeatures(np.array([3, 5]))) == origin_of(RandomConvFeatures((3, 5)))


# --- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_frames", "n_bins"), [(20, 6), (2, 7)])
def test_an_input_that_a_module_cannot_take_is_told(n_frames, n_bins):
    run = ModuleFeatures(net(), widest=2).build(n_bins)
    words = rf"could not take an input of shape \(1, {n_bins}, {n_frames}\).*widest=, now 2"
    with pytest.raises(ValueError, match=words) as e:
        run(torch.ones(n_frames, n_bins))
    assert isinstance(e.value.__cause__, RuntimeError)


def test_an_estimator_tells_of_what_its_module_cannot_take():
    X = [np.ones((2, 7))]
    with pytest.raises(ValueError, match="could not take an input of shape .*widest="):
        GramFeatures(net()).fit_transform(X)


def test_a_bad_seed_of_features_is_told():
    with pytest.raises(ValueError, match="'x' cannot be used to seed"):
        resolve_features(RandomConvFeatures(random_state="x"), 0)
