"""What watches over the training of the sequence model."""

import numpy as np
import pytest
import torch

from skstyle.neural._sequence_loss import SequenceLoss
from skstyle.neural._sequence_net import SequenceVAENet
from skstyle.neural._sequence_training import SEQUENCE_RECORDED, SequenceWatch, learning_rate_at
from skstyle.neural._training import Diverged
from skstyle.neural._utterances import LengthBatches, Utterances
from skstyle.neural._vae_training import Patience, make_net


def utterances(n=4, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    contents = [rng.integers(1, 4, size=rng.integers(2, 5)) for _ in range(n)]
    X = [scale * np.repeat(np.eye(4)[c], 3, axis=0) for c in contents]
    return Utterances(X, contents, None, 3, np.zeros(4))


def watch_of(held_out=None, **options):
    return SequenceWatch(
        held_out,
        **{
            "warmup_epochs": 2,
            "patience": 2,
            "keep": "last",
            "n_epochs": 5,
            "learning_rates": (1e-2, 1e-3),
            **options,
        },
    )


def trained(watch, data=None, more=(), loss=None):
    torch.manual_seed(0)
    net = make_net(
        SequenceVAENet(4, 2, n_symbols=4, content_dim=8, decoder_dim=8, frames_per_step=3),
        loss or SequenceLoss(0.1, 0.2, 0.5),
        [("watch", watch), *more, ("stop", Patience(watch))],
        n_epochs=watch.n_epochs,
        batches=LengthBatches,
        batch_size=2,
        learning_rate=1.0,  # the watch sets it
        weight_decay=0.0,
        device="cpu",
    )
    with torch.random.fork_rng():
        net.partial_fit(utterances() if data is None else data)
    return net


# --- the learning rate --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("progress", "expected"),
    [(0, 1e-2), (0.15, 1e-2), (0.3, 1e-2), (0.65, 1e-3), (1, 1e-4), (1.2, 1e-4)],
)
def test_learning_rates_are_level_and_fall_by_equal_ratios(progress, expected):
    assert learning_rate_at(progress, 1e-2, 1e-4) == pytest.approx(expected)


def test_a_learning_rate_that_shall_not_fall_stays():
    assert {learning_rate_at(p, 0.5, 0.5) for p in np.linspace(0, 1, 7)} == {0.5}


def test_the_net_is_told_its_learning_rate_at_every_step():
    from skorch.callbacks import Callback

    class Spy(Callback):
        def on_batch_begin(self, net, batch=None, training=True, **kwargs):
            seen.append(net.optimizer_.param_groups[0]["lr"])

    seen = []
    net = trained(watch_of(), more=[("spy", Spy())])
    expected = [learning_rate_at(i / 10, 1e-2, 1e-3) for i in range(10)]
    assert seen == pytest.approx(expected)
    assert [row["learning_rate"] for row in net.history] == seen[1::2]


# --- what is kept -------------------------------------------------------------------------


class Spoilt(SequenceLoss):
    """A loss of held-out clips as it is wanted, epoch by epoch."""

    def __init__(self, values):
        super().__init__(0.1, 0.2, 0.5)
        self.values = list(values)

    def forward(self, outputs, targets):
        loss = super().forward(outputs, targets)
        return loss if self.training else loss * 0 + self.values.pop(0)


VALUES = (3.0, 2.0, 2.5, 2.6, 2.7)


def test_the_last_weights_are_kept_to_the_end():
    watch = watch_of(utterances(2, seed=1))
    net = trained(watch, loss=Spoilt(VALUES))
    assert [row["valid_loss"] for row in net.history] == pytest.approx(VALUES)
    assert watch.best_epoch == 5 and not watch.exhausted()
    for name, values in net.module_.state_dict().items():
        torch.testing.assert_close(watch.best[name], values, rtol=0, atol=0)


def test_the_best_weights_are_kept_and_patience_ends_training():
    watch = watch_of(utterances(2, seed=1), keep="best")
    net = trained(watch, loss=Spoilt(VALUES))
    assert watch.best_epoch == 2 and watch.exhausted() and len(net.history) == 4
    last = net.module_.state_dict()
    assert any(not torch.equal(values, last[name]) for name, values in watch.best.items())


def test_without_held_out_clips_nothing_is_judged():
    watch = watch_of()
    net = trained(watch)
    assert "valid_loss" not in net.history[-1] and watch.best_epoch == 5
    row = net.history[-1]
    assert set(SEQUENCE_RECORDED) - {"valid_loss"} <= set(row)
    assert 0 <= row["stop_accuracy"] <= 1 and 0 <= row["diagonality"] <= 1
    assert row["kl_weight"] == pytest.approx(0.1)
    assert net.history[0]["kl_weight"] == pytest.approx(0.1 * 0.25)


def test_judging_is_repeatable_and_draws_nothing():
    watch = watch_of(utterances(2, seed=1), n_epochs=1)
    net = trained(watch)
    state = torch.get_rng_state()
    first = watch._loss(net)
    assert first == watch._loss(net) == pytest.approx(net.history[-1]["valid_loss"])
    assert torch.equal(torch.get_rng_state(), state)
    with torch.no_grad():
        for p in net.module_.out.parameters():
            p.add_(0.5)
    assert watch._loss(net) != first


# --- divergence ---------------------------------------------------------------------------


def test_gradients_are_bounded():
    from skorch.callbacks import Callback

    class Spy(Callback):
        def on_grad_computed(self, net, named_parameters, **kwargs):
            grads = [p.grad for _, p in named_parameters if p.grad is not None]
            seen.append(torch.cat([g.flatten() for g in grads]).norm().item())

    seen = []
    trained(watch_of(n_epochs=1), utterances(scale=1e3), more=[("spy", Spy())])
    assert len(seen) == 2 and all(norm == pytest.approx(1, rel=1e-3) for norm in seen)


def test_gradients_that_are_no_numbers_end_training_before_a_step():
    watch = watch_of()
    clips = utterances()
    clips.x[2][0, 0] = torch.inf
    with pytest.raises(Diverged):
        trained(watch, clips)
    assert all(torch.isfinite(values).all() for values in watch.best.values())
