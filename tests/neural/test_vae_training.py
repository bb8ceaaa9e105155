"""Batches, and watching: what trains variational autoencoders."""

import numpy as np
import pytest
import torch

from skstyle.neural._training import Diverged
from skstyle.neural._vae_loss import VAELoss
from skstyle.neural._vae_net import VAENet
from skstyle.neural._vae_training import Batches, Frames, Patience, Watch, make_net


def frames(n=120, seed=0):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 2))
    return np.column_stack([z[:, 0], z[:, 0] + 0.3 * z[:, 1], np.tanh(z[:, 1]), z[:, 0] ** 2])


def trained(n_epochs=4, held_out=True, learning_rate=0.01, loss=None, more=(), **options):
    watch = Watch(
        Frames(frames(60, seed=1)) if held_out else None,
        **{"warmup_epochs": 0, "patience": 100, **options},
    )
    torch.manual_seed(0)
    net = make_net(
        VAENet(4, 2, hidden_layer_sizes=(16,)),
        loss or VAELoss(),
        [("watch", watch), *more, ("stop", Patience(watch))],
        n_epochs=n_epochs,
        batch_size=32,
        learning_rate=learning_rate,
        weight_decay=0.0,
        device="cpu",
    )
    net.partial_fit(Frames(frames()))
    return net, watch


# --- batches ------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "size", "sizes"), [(10, 4, [4, 3, 3]), (9, 8, [5, 4]), (3, 8, [3])])
def test_batches_are_of_about_one_size(n, size, sizes):
    batches = Batches(Frames(np.arange(2.0 * n).reshape(n, 2)), size)
    found = [inputs["x"] for inputs, _ in batches]
    assert [len(x) for x in found] == sizes and len(batches) == len(sizes)
    np.testing.assert_array_equal(torch.cat(found)[:, 0], np.arange(0, 2 * n, 2))


def test_batches_are_shuffled_anew():
    batches = Batches(Frames(np.arange(50.0)[:, None]), 10, shuffle=True)
    torch.manual_seed(0)
    first, second = (torch.cat([inputs["x"] for inputs, _ in batches])[:, 0] for _ in range(2))
    assert not torch.equal(first, second)
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(50))


def test_styles_and_masks_stay_beside_their_frames():
    x = np.zeros((4, 5, 3))
    mask = np.ones((4, 5))
    mask[3, 2:] = 0
    data = Frames(x, style=[0, 1, 0, 2], mask=mask)
    inputs, targets = data[torch.tensor([3, 0])]
    assert inputs["style"].tolist() == [[2], [0]] and targets["mask"][0].sum() == 2
    assert data.n_frames() == 17 and Frames(x).n_frames() == 20
    assert Frames(x[:, 0], style=[0, 1, 0, 2])[:2][0]["style"].shape == (2,)


# --- what watches -------------------------------------------------------------------------


def test_the_weight_of_the_divergence_grows_in_a_line():
    seen = []

    class Spy(VAELoss):
        def forward(self, *args):
            if self.training:
                seen.append(self.state["warmup"])
            return super().forward(*args)

    net, _ = trained(3, loss=Spy(beta=2.0), warmup_epochs=2)
    np.testing.assert_allclose(seen, [0, 1 / 8, 2 / 8, 3 / 8, 4 / 8, 5 / 8, 6 / 8, 7 / 8, *[1] * 4])
    assert [row["kl_weight"] for row in net.history] == pytest.approx([0.75, 1.75, 2])


def test_terms_add_up():
    net, _ = trained(2, loss=VAELoss(beta=0.5))
    for row in net.history:
        expected = row["train_reconstruction"] + 0.5 * row["train_kl"]
        assert row["train_loss"] == pytest.approx(expected, rel=1e-5)


def test_the_best_epoch_is_kept():
    net, watch = trained(n_epochs=8, learning_rate=0.1)
    losses = [row["valid_loss"] for row in net.history]
    assert watch.best_epoch == 1 + int(np.argmin(losses))
    net.module_.load_state_dict(watch.best)
    assert watch._loss(net) == pytest.approx(min(losses))


def test_training_stops_without_progress():
    net, watch = trained(n_epochs=200, patience=3, learning_rate=0.1)
    assert len(net.history) == watch.best_epoch + 3 < 200


def test_patience_begins_after_warm_up():
    net, watch = trained(n_epochs=200, patience=3, learning_rate=0.1, warmup_epochs=30)
    assert len(net.history) == max(watch.best_epoch, 30) + 3 < 200


def test_without_held_out_frames_all_epochs_are_run():
    net, watch = trained(n_epochs=5, held_out=False)
    assert watch.best_epoch == len(net.history) == 5
    assert "valid_loss" not in net.history[-1]


@pytest.mark.parametrize("held_out", [True, False])
@pytest.mark.parametrize("n_rows", [32, 120])
def test_a_loss_without_bounds_is_told(held_out, n_rows):
    with pytest.raises(Diverged):
        trained(n_epochs=5, held_out=held_out, learning_rate=1e30)


def test_a_last_step_that_broke_the_weights_is_told():
    class Breaks(VAELoss):
        def forward(self, *args):
            loss = super().forward(*args)
            return loss + 0 * torch.sqrt(0 * loss)  # finite, but not its gradient

    with pytest.raises(Diverged):
        trained(n_epochs=1, held_out=False, loss=Breaks())
