"""The loss, the start and what watches over training."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from skstyle.neural._crops import Crops, Sequence, measure_scales
from skstyle.neural._time_variant_net import TimeVariantNet
from skstyle.neural._training import (
    Diverged,
    HeldOut,
    TrajectoryLoss,
    make_net,
    one_thread,
    start_from_least_squares,
)


def make_crops(seed=0, lengths=(40, 25, 33), n_targets=2):
    rng = np.random.default_rng(seed)
    X = [3 + np.cumsum(rng.normal(size=(n, 3)), axis=0) for n in lengths]
    y = [np.tanh(x[:, :n_targets]) + 0.1 * rng.normal(size=(len(x), n_targets)) for x in X]
    deltas = [np.gradient(a, axis=0) for a in y]
    paired = [np.arange(len(x)) % 5 > 0 for x in X]
    items = [Sequence(*parts) for parts in zip(X, y, deltas, paired, strict=True)]
    scales = measure_scales(items)
    return X, y, paired, scales, Crops(items, scales, scales["mean_x"], 16)


def make_module(scales, **options):
    torch.manual_seed(0)
    return TimeVariantNet(scales, (8,), 4, **options)


def trained(n_epochs=6, patience=10, learning_rate=0.01, held_out=True, verbose=0, decay=0.0):
    _, _, _, scales, crops = make_crops()
    watch = HeldOut(make_crops(seed=1)[4] if held_out else None, 2)
    net = make_net(
        make_module(scales),
        TrajectoryLoss(1.0, 1.0, 1.0),
        watch,
        n_epochs=n_epochs,
        patience=patience,
        crops_a_batch=2,
        learning_rate=learning_rate,
        weight_decay=decay,
        verbose=verbose,
        device="cpu",
    )
    with one_thread():
        net.partial_fit(crops)
    return net, watch


def test_loss_counts_paired_frames_only():
    targets = {
        "statics": torch.zeros(1, 4, 2),
        "deltas": torch.zeros(1, 4, 2),
        "paired": torch.tensor([[1.0, 0.0, 1.0, 0.0]]),
    }
    change = torch.tensor([[[1.0, 1.0], [9.0, 9.0], [3.0, 3.0], [9.0, 9.0]]])
    frames = torch.cat([2 * change, 4 * change], dim=-1)
    loss = TrajectoryLoss(2.0, 4.0, 0.5)
    of_trajectory, of_statics, of_deltas = 5 / 4, 20 / 4, 80 / 16
    expected = of_trajectory + 0.5 * (of_statics + of_deltas)
    assert loss((change, frames), targets).item() == pytest.approx(expected)
    loss.eval()
    assert loss((change, frames), targets).item() == pytest.approx(of_trajectory)
    loss.train()
    assert loss((change, change), targets).item() == pytest.approx(of_trajectory)


def test_a_batch_without_targets_has_no_loss():
    empty = {name: torch.zeros(1, 4, 2) for name in ("statics", "deltas")}
    change = torch.ones(1, 4, 2)
    loss = TrajectoryLoss(1.0, 1.0, 1.0)((change, change), {**empty, "paired": torch.zeros(1, 4)})
    assert loss.item() == 0


def test_training_starts_at_linear_regression():
    X, y, paired, scales, crops = make_crops()
    module = make_module(scales, dropout=0.0)
    start_from_least_squares(module, crops)
    frames, targets = (
        np.concatenate([a[p] for a, p in zip(s, paired, strict=True)]) for s in (X, y)
    )
    linear = LinearRegression().fit(frames, targets)
    with torch.no_grad():
        change = module.statics(crops.inputs["context"], crops.inputs["x"])
    x = crops.inputs["x"].numpy() + scales["mean_x"]
    expected = linear.predict(x.reshape(-1, 3)).reshape(*x.shape[:2], 2) - x[..., :2]
    inside = crops.targets["paired"].numpy() > 0
    # A thousandth is added to the squares.
    np.testing.assert_allclose(change.numpy()[inside], expected[inside], atol=0.1)


def test_the_start_is_as_far_as_the_parts_reach():
    _, _, _, scales, crops = make_crops()
    only_bias = make_module(scales, use_matrix=False, use_warp=False)
    start_from_least_squares(only_bias, crops)
    paired = crops.targets["paired"] > 0
    mean = crops.targets["statics"][paired].mean(dim=0)
    found = only_bias.biases(crops.inputs["context"])[1][0, 0]
    torch.testing.assert_close(found, mean, rtol=1e-4, atol=1e-4)
    neither = make_module(scales, use_matrix=False, use_warp=False, use_bias=False)
    before = {k: v.clone() for k, v in neither.state_dict().items()}
    start_from_least_squares(neither, crops)
    assert all(torch.equal(v, before[k]) for k, v in neither.state_dict().items())


def test_the_best_epoch_is_kept():
    net, watch = trained(n_epochs=8)
    losses = [row["valid_loss"] for row in net.history]
    assert watch.best_epoch == 1 + int(np.argmin(losses))
    assert watch.best_loss == min(losses)
    net.module_.load_state_dict(watch.best)
    watch.average.module.load_state_dict(watch.best)
    assert watch._loss(net) == pytest.approx(min(losses))


def test_training_stops_without_progress():
    net, watch = trained(n_epochs=60, patience=2, learning_rate=0.05)
    assert len(net.history) == watch.best_epoch + 2 < 60


def test_without_held_out_clips_all_epochs_are_run():
    net, watch = trained(n_epochs=4, held_out=False)
    assert watch.best_epoch == len(net.history) == 4
    assert "valid_loss" not in net.history[-1]


def test_training_helps():
    net, _ = trained(n_epochs=30)
    first, last = net.history[0], net.history[-1]
    assert last["train_loss"] < 0.5 * first["train_loss"]
    assert min(row["valid_loss"] for row in net.history) < 0.5 * first["valid_loss"]


def test_only_matrices_shrink():
    net, _ = trained(n_epochs=1, decay=0.1)
    names = {id(p): name for name, p in net.module_.named_parameters()}
    decay = {
        names[id(p)]: g["weight_decay"] for g in net.optimizer_.param_groups for p in g["params"]
    }
    assert decay.keys() == set(names.values())
    for name, value in decay.items():
        assert value == (0 if name.endswith(".bias") or name == "log_ratio" else 0.1), name


def test_a_loss_without_bounds_is_told():
    with pytest.raises(Diverged):
        trained(learning_rate=1e30)


def test_one_line_an_epoch(capsys):
    trained(n_epochs=3, verbose=1)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert all("train" in line and "held out" in line and "s left" in line for line in lines)
    trained(n_epochs=1, held_out=False)
    assert capsys.readouterr().err == ""


def test_the_number_of_threads_is_put_back():
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), one_thread():
        assert torch.get_num_threads() == 1
        raise ZeroDivisionError
    assert torch.get_num_threads() == before
