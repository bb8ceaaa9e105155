"""Encoders of content and of style: what padding, neighbours and batches may not change."""

import pytest
import torch
from torch import nn

from skstyle.neural._sequence_encoders import (
    ContentEncoder,
    MaskedBatchNorm,
    ReferenceEncoder,
    ResidualConvolution,
    mask_of,
)


def draw(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def longer(x, n_more, value):
    return torch.cat([x, torch.full((x.shape[0], n_more, *x.shape[2:]), value)], dim=1)


def lengths(*values):
    return torch.tensor(values)


def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def gradients(module, loss):
    module.zero_grad()
    loss.backward()
    return [p.grad.clone() for p in module.parameters() if p.grad is not None]


def test_masks_by_hand():
    assert mask_of(lengths(3, 1), 4).tolist() == [[1, 1, 1, 0], [1, 0, 0, 0]]


# --- content ------------------------------------------------------------------------------


def content_encoder(kind, dropout=0.0, recurrent=False):
    torch.manual_seed(0)
    n_symbols, n_inputs = (6, 0) if kind == "text" else (0, 3)
    return ContentEncoder(n_symbols, n_inputs, 8, dropout, recurrent=recurrent)


def contents(kind, *shape):
    if kind == "text":
        return torch.randint(1, 6, shape, generator=torch.Generator().manual_seed(0))
    return draw(*shape, 3)


KINDS = pytest.mark.parametrize("kind", ["text", "frames"])
RECURRENT = pytest.mark.parametrize("recurrent", [False, True])


@KINDS
@RECURRENT
@pytest.mark.parametrize("value", [0, 2])
def test_padding_does_not_change_states(kind, recurrent, value):
    encoder = content_encoder(kind, recurrent=recurrent)
    content, n_content = contents(kind, 3, 7), lengths(7, 4, 1)
    states = encoder(content, n_content)
    assert states.shape == (3, 7, 8) and (states[mask_of(n_content, 7) == 0] == 0).all()
    more = longer(content, 9, value)
    more[1, 4:] = value
    found = encoder(more, n_content)
    close(found[:, :7], states)
    assert (found[:, 7:] == 0).all()
    expected = gradients(encoder, states.square().sum())
    for a, b in zip(gradients(encoder, found.square().sum()), expected, strict=True):
        close(a, b)


@KINDS
@RECURRENT
def test_other_contents_in_a_batch_change_nothing(kind, recurrent):
    encoder = content_encoder(kind, recurrent=recurrent)
    content, n_content = contents(kind, 3, 7), lengths(2, 7, 4)
    together = encoder(content, n_content)
    for i, n in enumerate(n_content.tolist()):
        close(encoder(content[i : i + 1, :n], n_content[i : i + 1])[0], together[i, :n])


@RECURRENT
def test_states_tell_order(recurrent):
    encoder = content_encoder("text", recurrent=recurrent)
    a, b = encoder(torch.tensor([[1, 2, 3], [3, 2, 1]]), lengths(3, 3))
    assert (a - b).abs().max() > 1e-3 and (a[1] - b[1]).abs().max() > 1e-4


@RECURRENT
def test_only_a_recurrent_layer_sees_what_is_far_away(recurrent):
    encoder = content_encoder("text", recurrent=recurrent)
    content = torch.ones(2, 30, dtype=torch.int64)
    content[1, 20:] = 2
    first, second = encoder(content, lengths(30, 30))
    assert torch.equal(first[0], second[0]) != recurrent
    assert not torch.equal(first[19], second[19])


def test_dropout_is_for_training():
    encoder = content_encoder("text", dropout=0.5)
    content, n_content = contents("text", 2, 5), lengths(5, 5)
    assert not torch.equal(encoder(content, n_content), encoder(content, n_content))
    encoder.eval()
    torch.testing.assert_close(encoder(content, n_content), encoder(content, n_content))


def test_a_convolution_adds_nothing_to_padding():
    torch.manual_seed(0)
    layer = ResidualConvolution(4, 3, dropout=0.0)
    mask = mask_of(lengths(5, 2), 5)[..., None]
    x = draw(2, 5, 4)
    found = layer(x, mask)
    assert (found[1, 2:] == 0).all()
    x[1, 2:] = 30
    torch.testing.assert_close(layer(x, mask), found)


# --- batch normalisation ------------------------------------------------------------------


def test_without_padding_it_is_batch_normalisation():
    x, mask = 2 * draw(3, 4, 6, 5) + 1, torch.ones(3, 6)
    ours, theirs = MaskedBatchNorm(4), nn.BatchNorm2d(4)
    for norm in (ours, theirs):
        nn.init.uniform_(norm.weight, generator=torch.Generator().manual_seed(1))
        nn.init.uniform_(norm.bias, generator=torch.Generator().manual_seed(2))
    close(ours(x, mask), theirs(x))
    close(ours.running_mean, theirs.running_mean)
    torch.testing.assert_close(ours.running_var, theirs.running_var, rtol=0.02, atol=0)
    theirs.load_state_dict(ours.state_dict())
    ours.eval(), theirs.eval()
    close(ours(x, mask), theirs(x))


def test_padding_does_not_change_batch_normalisation():
    x, n_frames = draw(3, 4, 6, 5), lengths(6, 2, 4)
    counts = mask_of(n_frames, 6)[:, None, :, None] > 0
    found = []
    for value in (0.0, 100.0):
        norm = MaskedBatchNorm(4)
        out = norm(torch.where(counts, x, value), mask_of(n_frames, 6))
        found.append((torch.where(counts, out, 0.0), norm.running_mean, norm.running_var))
    for a, b in zip(*found, strict=True):
        close(a, b)
    kept = found[0][0].transpose(1, 3)[mask_of(n_frames, 6)[:, None].expand(-1, 5, -1) > 0]
    close(kept.mean(dim=0), torch.zeros(4))
    torch.testing.assert_close(kept.var(dim=0, correction=0), torch.ones(4), rtol=1e-3, atol=0)


# --- style --------------------------------------------------------------------------------


def reference(n_features=5, latent_dim=3):
    torch.manual_seed(0)
    return ReferenceEncoder(n_features, latent_dim, n_hidden=8)


@pytest.mark.parametrize("value", [0.0, 7.0])
@pytest.mark.parametrize("training", [True, False])
def test_padding_does_not_change_codes_nor_gradients(value, training):
    x, n_frames = draw(4, 21, 5), lengths(21, 9, 16, 1)
    found = []
    for clips in (x, longer(x, 50, value)):
        if value:
            clips[1, 9:] = value
        encoder = reference().train(training)
        mean, log_variance = encoder(clips, n_frames)
        loss = (mean * draw(4, 3, seed=1)).sum() + log_variance.square().sum()
        means = [norm.running_mean for norm in encoder.norms]
        found.append([mean, log_variance, *means, *gradients(encoder, loss)])
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4)


def test_other_clips_in_a_batch_change_no_code():
    encoder = reference().eval()
    x, n_frames = draw(3, 20, 5), lengths(20, 7, 1)
    mean, log_variance = encoder(x, n_frames)
    for i, n in enumerate(n_frames.tolist()):
        found = encoder(x[i : i + 1, :n], n_frames[i : i + 1])
        close(torch.cat(found), torch.stack([mean[i], log_variance[i]]))


def test_means_of_a_batch_are_spread_in_training():
    mean, log_variance = reference()(draw(8, 20, 5), torch.full((8,), 20))
    close(mean.mean(dim=0), torch.zeros(3))
    assert (mean.var(dim=0, correction=0) > 0.5).all()
    assert (log_variance == -2).all()  # to begin with


@pytest.mark.parametrize("n_features", [1, 2, 80])
def test_all_widths_and_lengths_have_codes(n_features):
    encoder = reference(n_features).eval()
    for n in (1, 2, 65):
        mean, log_variance = encoder(draw(2, n, n_features), lengths(n, 1))
        assert mean.shape == log_variance.shape == (2, 3)
        assert torch.isfinite(mean).all()
