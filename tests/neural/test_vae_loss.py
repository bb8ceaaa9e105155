"""Terms of the evidence lower bound against closed forms and differences."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm

from skstyle.neural._vae_loss import (
    VAELoss,
    gaussian_kl,
    gaussian_log_likelihood,
    masked_mean,
    matched_noise,
    reparametrise,
    with_free_bits,
)


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("mean", "log_variance"), [(0.0, 0.0), (1.5, -2.0), (-0.3, 1.0)])
def test_divergence_is_the_integral(mean, log_variance):
    q = norm(mean, math.exp(0.5 * log_variance))
    z = np.linspace(mean - 12 * q.std(), mean + 12 * q.std(), 20001)
    expected = np.trapezoid(q.pdf(z) * (q.logpdf(z) - norm.logpdf(z)), z)
    found = gaussian_kl(torch.tensor(mean), torch.tensor(log_variance)).item()
    assert found == pytest.approx(expected, abs=1e-6)


def test_divergence_has_the_gradients_of_differences():
    mean, log_variance = draw(4, 3), draw(4, 3, seed=1)
    step = 1e-6
    for moved in (0, 1):
        parts = [mean.clone(), log_variance.clone()]
        parts[moved].requires_grad_()
        gaussian_kl(*parts).sum().backward()
        up, down = ([p.detach() for p in parts] for _ in range(2))
        up[moved] = up[moved] + step
        down[moved] = down[moved] - step
        expected = (gaussian_kl(*up) - gaussian_kl(*down)) / (2 * step)
        torch.testing.assert_close(parts[moved].grad, expected, rtol=1e-6, atol=1e-8)


def test_likelihood_is_that_of_scipy():
    x, mean, log_variance = draw(5, 3), draw(5, 3, seed=1), draw(3, seed=2)
    expected = norm.logpdf(x, mean, np.exp(0.5 * log_variance.numpy())).sum(axis=1)
    found = gaussian_log_likelihood(x, mean, log_variance)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_gradients_pass_through_the_draw():
    """Of a whole bound, by differences with the noise held."""
    x, noise, decoder = draw(6, 4), draw(6, 2, seed=1), draw(2, 4, seed=2)

    def bound(mean, log_variance, log_variance_x):
        z = reparametrise(mean, log_variance, noise)
        likelihood = gaussian_log_likelihood(x, torch.tanh(z) @ decoder, log_variance_x)
        return (likelihood - gaussian_kl(mean, log_variance).sum(dim=-1)).mean()

    parts = [draw(6, 2, seed=3), draw(6, 2, seed=4), draw(4, seed=5)]
    for part in parts:
        part.requires_grad_()
    bound(*parts).backward()
    step = 1e-6
    for which, part in enumerate(parts):
        for index in np.ndindex(*part.shape):
            found = []
            for sign in (1, -1):
                moved = [p.detach().clone() for p in parts]
                moved[which][index] += sign * step
                found.append(bound(*moved).item())
            difference = (found[0] - found[1]) / (2 * step)
            assert part.grad[index].item() == pytest.approx(difference, abs=1e-7)


def test_draws_have_the_moments_that_were_asked():
    z = reparametrise(torch.tensor(2.0), torch.tensor(math.log(9.0)), draw(100000))
    assert z.mean().item() == pytest.approx(2, abs=0.05)
    assert z.std().item() == pytest.approx(3, abs=0.05)


@pytest.mark.parametrize("n_columns", [1, 5, 8])
def test_matched_noise_has_exact_moments(n_columns):
    noise = matched_noise(16, n_columns, torch.Generator().manual_seed(0))
    np.testing.assert_allclose(noise.mean(dim=0), 0, atol=1e-12)
    np.testing.assert_allclose(noise.T @ noise / 16, np.eye(n_columns), atol=1e-10)


# --- padding ------------------------------------------------------------------------------


def outputs_of(x, seed=0):
    n_latent = 2
    shape = (*x.shape[:-1], n_latent)
    decoded = torch.tanh(x) + 0.1
    mean = x[..., :n_latent] * 0.5
    return decoded, torch.zeros(x.shape[-1]), mean, torch.full(shape, -0.5)


def padded(x, n_more, value):
    return torch.cat([x, torch.full((x.shape[0], n_more, *x.shape[2:]), value)], dim=1)


@pytest.mark.parametrize("value", [0.0, 7.0, math.inf, math.nan])
@pytest.mark.parametrize("free_bits", [0.0, 0.5])
def test_padding_does_not_change_the_loss(value, free_bits):
    x = draw(3, 10, 4).float()
    mask = (torch.arange(10) < torch.tensor([10, 7, 4])[:, None]).float()
    loss = VAELoss(0.7, free_bits)
    expected = loss(outputs_of(x), {"x": x, "mask": mask})
    terms = loss.state["terms"]
    for n_more in (1, 50):
        long = padded(x, n_more, value)
        found = loss(outputs_of(long), {"x": long, "mask": padded(mask, n_more, 0.0)})
        torch.testing.assert_close(found, expected)
        torch.testing.assert_close(loss.state["terms"], terms)


def test_padding_has_no_gradient():
    x = draw(2, 6, 3).float()
    mask = torch.tensor([[1.0] * 6, [1.0] * 2 + [0.0] * 4])
    decoded = torch.zeros_like(x, requires_grad=True)
    mean, log_variance = torch.zeros(2, 6, 2), torch.zeros(2, 6, 2)
    outputs = decoded, torch.zeros(3), mean, log_variance
    VAELoss()(outputs, {"x": x, "mask": mask}).backward()
    assert (decoded.grad[1, 2:] == 0).all()
    assert (decoded.grad[mask > 0] != 0).all()


def test_a_full_mask_is_no_mask():
    x = draw(3, 5, 4).float()
    loss = VAELoss()
    flat = loss(outputs_of(x.reshape(15, 4)), {"x": x.reshape(15, 4)})
    torch.testing.assert_close(loss(outputs_of(x), {"x": x, "mask": torch.ones(3, 5)}), flat)


def test_nothing_counts_in_an_empty_mask():
    assert masked_mean(torch.ones(2, 3), torch.zeros(2, 3)).item() == 0
    assert masked_mean(torch.ones(2, 3, 4), torch.zeros(2, 3)).shape == (4,)


# --- weights ------------------------------------------------------------------------------


def test_free_bits_cost_nothing_and_pull_nothing():
    kl = torch.tensor([0.1, 0.2, 3.0], requires_grad=True)
    cost = with_free_bits(kl, 0.5)
    assert cost.item() == pytest.approx(0.5 + 0.5 + 3)
    cost.backward()
    assert kl.grad.tolist() == [0, 0, 1]


def test_warm_up_counts_in_training_only():
    x = draw(20, 4).float()
    outputs, targets = outputs_of(x), {"x": x}
    loss = VAELoss(beta=2.0)
    whole = loss(outputs, targets).item()
    reconstruction, kl = (term.item() for term in loss.state["terms"])
    assert whole == pytest.approx(reconstruction + 2 * kl, rel=1e-6)
    loss.state["warmup"] = 0.25
    assert loss(outputs, targets).item() == pytest.approx(reconstruction + 0.5 * kl, rel=1e-6)
    loss.eval()
    assert loss(outputs, targets).item() == pytest.approx(whole)


def test_the_scale_of_columns_is_added():
    x = draw(20, 4).float()
    outputs, targets = outputs_of(x), {"x": x}
    with_scale = VAELoss(log_scale=1.5)(outputs, targets).item()
    assert with_scale == pytest.approx(VAELoss()(outputs, targets).item() + 1.5, rel=1e-6)
