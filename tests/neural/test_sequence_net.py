"""The whole sequence model: padding, neighbours in a batch, and speech step by step."""

import math

import numpy as np
import pytest
import torch

from skstyle.neural import _sequence_net
from skstyle.neural._sequence_loss import SequenceLoss
from skstyle.neural._sequence_net import Prenet, SequenceVAENet
from skstyle.neural._utterances import Utterances, stack_content

N_FEATURES, LATENT_DIM, FRAMES_PER_STEP = 5, 3, 2
LENGTHS = (9, 4, 6)


@pytest.fixture
def no_holes(monkeypatch):
    """A decoder that sees all it said: what it draws depends on how far clips are padded."""
    monkeypatch.setattr(_sequence_net, "_HIDDEN", 0.0)


def make(kind="text", training=False, **options):
    torch.manual_seed(0)
    sizes = {"n_symbols": 6} if kind == "text" else {"n_inputs": 4 * N_FEATURES}
    net = SequenceVAENet(
        N_FEATURES, LATENT_DIM, **sizes, content_dim=8, decoder_dim=8,
        frames_per_step=FRAMES_PER_STEP, dropout=0.0, **options,
    )  # fmt: skip
    # At first steps do not depend on what is read.
    torch.nn.init.normal_(net.attention.move.weight, std=0.3)
    return net.train(training)


def clips(kind="text", lengths=LENGTHS):
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, N_FEATURES)) for n in lengths]
    texts = [rng.integers(1, 6, size=n // 2 + 1) for n in lengths]
    contents = texts if kind == "text" else [stack_content(x) for x in X]
    return Utterances(X, contents, None, FRAMES_PER_STEP, np.full(N_FEATURES, -1.5))


def longer(x, n_more, value):
    return torch.cat([x, torch.full((x.shape[0], n_more, *x.shape[2:]), value)], dim=1)


KINDS = pytest.mark.parametrize("kind", ["text", "frames"])
RECURRENT = pytest.mark.parametrize("recurrent", [False, True])


# --- padding and batches ------------------------------------------------------------------


def run(net, inputs, targets):
    """All that counts: outputs without padding, the loss, its terms, and all gradients."""
    torch.manual_seed(1)
    decoded, logits, weights, mean, log_variance = outputs = net(**inputs)
    loss = SequenceLoss(0.1, 0.2, 0.5)
    total = loss(outputs, targets)
    net.zero_grad()
    total.backward()
    found = [total, *loss.state["terms"], mean, log_variance]
    for i, n in enumerate(targets["mask"].sum(dim=1).int().tolist()):
        n_states = int(inputs["n_content"][i])
        assert (weights[i, :n, n_states:] == 0).all()
        found += [decoded[i, : n * FRAMES_PER_STEP], logits[i, :n], weights[i, :n, :n_states]]
    return [*found, *(p.grad.clone() for p in net.parameters() if p.grad is not None)]


@KINDS
@RECURRENT
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("value", [0.0, 3.0])
def test_padding_changes_nothing(no_holes, kind, recurrent, training, value):
    inputs, targets = clips(kind).batch([0, 1, 2])
    expected = run(make(kind, training, recurrent=recurrent), inputs, targets)
    n_more = 20
    x = longer(inputs["x"], n_more * FRAMES_PER_STEP, value)
    # So far the code and steps that count read what is there; nothing reads on from here.
    for row, n_steps in zip(x, targets["mask"].sum(dim=1).int().tolist(), strict=True):
        row[n_steps * FRAMES_PER_STEP :] = value
    symbol = int(value) if kind == "text" else value
    inputs = {**inputs, "x": x, "content": longer(inputs["content"], 7, symbol)}
    targets = {
        **targets,
        "x": x,
        "stop": longer(targets["stop"], n_more, 1.0),
        "mask": longer(targets["mask"], n_more, 0.0),
    }
    found = run(make(kind, training, recurrent=recurrent), inputs, targets)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)


@KINDS
@RECURRENT
def test_other_clips_in_a_batch_change_nothing(no_holes, kind, recurrent):
    net, data = make(kind, recurrent=recurrent), clips(kind)
    outputs = net(**data.batch([0, 1, 2])[0])
    for i in range(3):
        inputs, targets = data.batch([i])
        alone = net(**inputs)
        n, n_states = targets["mask"].shape[1], int(inputs["n_content"])
        sizes = (slice(n * FRAMES_PER_STEP),), (slice(n),), (slice(n), slice(n_states)), (), ()
        for a, b, size in zip(alone, outputs, sizes, strict=True):
            torch.testing.assert_close(a[0], b[i][size], rtol=1e-3, atol=1e-5)


@KINDS
def test_clips_of_a_tenth_and_of_thirty_seconds_in_a_batch(no_holes, kind):
    inputs, targets = clips(kind, (9, 2600)).batch([0, 1])
    with torch.no_grad():
        outputs = make(kind, training=True, pace=0.5)(**inputs)
    assert all(torch.isfinite(part).all() for part in outputs)
    assert math.isfinite(SequenceLoss(0.1, 0.2, 0.5)(outputs, targets).item())


# --- what depends on what -----------------------------------------------------------------


@RECURRENT
def test_gradients_reach_every_weight(no_holes, recurrent):
    net = make(training=True, recurrent=recurrent)
    # After six strides of two a recurrent layer still has several steps.
    inputs, targets = clips(lengths=(140, 70, 20)).batch([0, 1, 2])
    torch.manual_seed(0)
    SequenceLoss(0.1, 0.2, 0.5)(net(**inputs), targets).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_a_step_knows_nothing_of_what_follows(no_holes):
    net = make()
    inputs, _ = clips().batch([0])
    z = torch.zeros(1, LATENT_DIM)
    before = net(**inputs, z=z)[0]
    x = inputs["x"].clone()
    x[:, 5:] += 1  # of the third step the last frame only: the fourth one is told
    after = net(**{**inputs, "x": x}, z=z)[0]
    torch.testing.assert_close(after[:, :6], before[:, :6])
    assert (after[:, 6:8] - before[:, 6:8]).abs().max() > 1e-5


def test_contents_and_codes_are_heard():
    net = make()
    inputs, _ = clips().batch([0])
    z = torch.zeros(1, LATENT_DIM)
    torch.manual_seed(0)
    expected = net(**inputs, z=z)[0]
    for changed in ({"z": z + 1}, {"z": z, "content": inputs["content"].flip(1)}):
        torch.manual_seed(0)
        found = net(**{**inputs, **changed})[0]
        assert (found - expected).abs().max() > 1e-3


def test_frames_are_hidden_in_training_only(no_holes):
    inputs, _ = clips().batch([0, 1, 2])
    z = torch.zeros(3, LATENT_DIM)
    other = {**inputs, "x": inputs["x"] + 1}

    def differs(net):
        return (net(**inputs, z=z)[0] - net(**other, z=z)[0]).abs().max().item()

    assert differs(make(training=True, frame_dropout=1.0)) < 1e-6
    assert differs(make(training=True, frame_dropout=0.5)) > 1e-3
    assert differs(make(training=False, frame_dropout=1.0)) > 1e-3


def test_codes_are_drawn_in_training_only(no_holes):
    inputs, _ = clips().batch([0, 1, 2])
    net = make(training=True)
    assert not torch.equal(net(**inputs)[0], net(**inputs)[0])
    net.eval()
    decoded, _, _, mean, _ = net(**inputs)
    torch.testing.assert_close(net(**inputs, z=mean)[0], decoded)


def test_the_last_frame_is_seen_with_holes():
    torch.manual_seed(0)
    prenet = Prenet(4)
    frames = torch.randn(1, 4).expand(500, 4)
    with torch.no_grad():
        first = prenet.layers[0](frames).relu()
        kept = prenet(frames)[:, :]
    assert not torch.equal(kept[0], kept[1])
    masks = prenet.masks(500, torch.Generator().manual_seed(0))
    assert [mask.shape for mask in masks] == [(500, n) for n in (128, 64)]
    assert all(set(mask.unique().tolist()) == {0.0, 2.0} for mask in masks)
    assert all(abs(mask.mean().item() - 1) < 0.05 for mask in masks)
    torch.testing.assert_close((first * masks[0]).mean(dim=0), first[0], rtol=0.3, atol=0.02)
    with torch.no_grad():
        torch.testing.assert_close(prenet(frames, masks), prenet(frames, masks))
        assert prenet.eval()(frames).unique(dim=0).shape[0] > 1  # when it is used as well


# --- speech -------------------------------------------------------------------------------


def say(net, content, n_content, z, n_steps, threshold=math.inf, seed=0):
    return net.generate(
        content, torch.tensor(n_content), z, torch.tensor(n_steps),
        torch.Generator().manual_seed(seed), threshold,
    )  # fmt: skip


CONTENT = torch.tensor([[1, 2, 3, 4, 5], [2, 2, 0, 0, 0], [5, 1, 3, 0, 0]])
N_CONTENT = [5, 2, 3]


def codes():
    return torch.randn(3, LATENT_DIM, generator=torch.Generator().manual_seed(0))


def test_speech_is_what_is_foretold_of_itself(no_holes):
    """Steps one by one and all at once are the same decoder."""
    net, z = make(), codes()
    decoded, stop, weights, lengths, stopped = say(net, CONTENT, N_CONTENT, z, [7, 7, 7])
    assert decoded.shape == (3, 7, FRAMES_PER_STEP, N_FEATURES) and stop.shape == (3, 7)
    assert lengths.tolist() == [7, 7, 7] and not stopped.any()
    x = decoded.flatten(1, 2)
    n_content, n_frames = torch.tensor(N_CONTENT), torch.full((3,), 14)
    expected = net(CONTENT, n_content, x, n_frames, z=z)
    for a, b in zip((x, stop, weights), expected, strict=False):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def test_other_contents_change_no_speech():
    net, z = make(), codes()
    together = say(net, CONTENT, N_CONTENT, z, [9, 4, 6])
    for i, n in enumerate([9, 4, 6]):
        n_states = N_CONTENT[i]
        alone = say(net, CONTENT[i : i + 1, :n_states], [n_states], z[i : i + 1], [n])
        for a, b in zip(alone[:3], together, strict=False):
            b = b[i, :n, :n_states] if a.dim() == 3 else b[i, :n]
            torch.testing.assert_close(a[0, :n], b, rtol=1e-4, atol=1e-5)


def test_a_seed_decides_the_holes():
    net, z = make(), codes()
    a, b, c = (say(net, CONTENT, N_CONTENT, z, [6, 6, 6], seed=seed)[0] for seed in (0, 0, 1))
    assert torch.equal(a, b) and not torch.equal(a, c)
    state = torch.get_rng_state()
    say(net, CONTENT, N_CONTENT, z, [6, 6, 6])
    assert torch.equal(torch.get_rng_state(), state)


def test_every_clip_ends_at_its_own_limit():
    _, stop, _, lengths, stopped = say(make(), CONTENT, N_CONTENT, codes(), [5, 2, 8])
    assert lengths.tolist() == [5, 2, 8] and not stopped.any() and stop.shape[1] == 8


def test_a_step_is_said_before_the_first_stop():
    found = say(make(), CONTENT, N_CONTENT, codes(), [9, 9, 9], threshold=-math.inf)
    assert found[3].tolist() == [1, 1, 1] and found[4].all()
    assert found[1].shape == (3, 2)  # it does not go on when all have stopped


def test_it_stops_where_the_logit_passes_the_threshold():
    net, z = make(), codes()
    logits = say(net, CONTENT, N_CONTENT, z, [8, 8, 8])[1]
    threshold = logits[:, 1:].max(dim=1).values.min().item() - 1e-4
    _, _, _, lengths, stopped = say(net, CONTENT, N_CONTENT, z, [8, 8, 8], threshold)
    for row, n, stop in zip(logits, lengths.tolist(), stopped.tolist(), strict=True):
        above = np.flatnonzero(row[1:].numpy() > threshold)
        assert stop == bool(len(above)) and n == (above[0] + 1 if stop else 8)
    assert stopped.any()
