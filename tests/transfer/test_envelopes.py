"""Further terms of the loss: their equations, their gradients and what they do."""

import numpy as np
import pytest
import torch
from scipy.fft import dct

from skstyle import GramStyleTransformer
from skstyle.transfer import RandomConvFeatures
from skstyle.transfer._compression import compress, level_of
from skstyle.transfer._envelopes import (
    N_CEPSTRUM,
    energy_envelope_distance,
    likeness,
    log_energies,
    spectral_envelope_distance,
)

SMALL = RandomConvFeatures((5,), n_filters=24)


def tensor(n_frames=20, n_bins=9, seed=0):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(np.abs(rng.normal(size=(n_frames, n_bins))))


def sequences(lengths=(60,), seed=0, n_bins=9, colour=1.0):
    rng = np.random.default_rng(seed)
    envelope = np.linspace(1, colour, n_bins)
    return [envelope * np.exp(rng.normal(size=(n, n_bins))) for n in lengths]


def small(**options):
    return GramStyleTransformer(SMALL, **{"max_iter": 20, "tol": 0, "random_state": 0, **options})


TERMS = {
    "energy": lambda z: energy_envelope_distance(z, log_energies(tensor(seed=1))),
    "spectral": lambda z: spectral_envelope_distance(z, tensor(seed=1).mean(dim=0)),
    "spectral, many bins": lambda z: spectral_envelope_distance(
        z, tensor(n_bins=z.shape[1], seed=1).mean(dim=0)
    ),
    "diversity": lambda z: likeness(z, tensor(31, seed=1)),
}


# --- equations ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", TERMS)
def test_gradients_agree_with_finite_differences(name):
    z = tensor(n_bins=50 if "many" in name else 9).requires_grad_()
    assert torch.autograd.gradcheck(TERMS[name], z, eps=1e-6, atol=1e-8)


def test_energy_is_that_of_the_magnitudes():
    magnitude = np.abs(np.random.default_rng(0).normal(size=(5, 7)))
    z = torch.from_numpy(np.log1p(100 * magnitude))
    rms = np.sqrt(np.mean(magnitude**2, axis=1))
    np.testing.assert_allclose(log_energies(z), np.log(100 * rms), atol=1e-3)
    loss = energy_envelope_distance(z, log_energies(z) + 0.2)
    assert loss.item() == pytest.approx(0.02)
    assert log_energies(torch.zeros(3, 4)).tolist() == [0, 0, 0]


def test_spectral_envelope_does_not_see_harmonics():
    n_bins = 128
    k = np.arange(N_CEPSTRUM + 10)[:, None]
    cosines = np.cos(np.pi * k * (np.arange(n_bins) + 0.5) / n_bins)
    loss = [
        spectral_envelope_distance(torch.from_numpy(c[None]), torch.zeros(n_bins)) for c in cosines
    ]
    # The mean square of a cosine is a half.
    np.testing.assert_allclose(loss[1:N_CEPSTRUM], 0.25)
    np.testing.assert_allclose(loss[N_CEPSTRUM:], 0, atol=1e-12)


def test_spectral_envelope_of_few_bins_is_the_spectrum():
    z, spectrum = tensor(), tensor(1, seed=1)[0]
    d = (z.mean(dim=0) - spectrum).numpy()
    assert spectral_envelope_distance(z, spectrum).item() == pytest.approx(0.5 * np.mean(d**2))
    assert np.sum(dct(d, norm="ortho") ** 2) == pytest.approx(np.sum(d**2))


def test_likeness_is_that_of_the_largest_correlation():
    z, reference = tensor(20, 3), tensor(31, 3, seed=1)
    mean = reference.mean(dim=0)
    a, r = (x.numpy() for x in (z - mean, reference - mean))
    c = sum(np.correlate(a[:, b], r[:, b], mode="full") for b in range(3))
    c /= np.sqrt(np.sum(a**2) * np.mean(r**2) * a.size)
    assert likeness(z, reference).item() == pytest.approx(0.5 * np.sum(c**8) ** 0.25)


def test_copies_are_alike_wherever_they_come():
    reference = tensor(200)
    for copy in (reference, reference[30:120], reference.roll(50, dims=0)):
        assert likeness(copy, reference).item() > 0.25
    assert likeness(tensor(200, seed=1), reference).item() < 0.02
    assert likeness(torch.zeros(5, 9), torch.zeros(7, 9)).item() < 1e-6


@pytest.mark.parametrize("term", [TERMS["energy"], TERMS["spectral"]])
def test_weights_mean_the_same_for_every_length(term):
    z = tensor()
    if term is TERMS["energy"]:
        energies = log_energies(tensor(seed=1))
        twice = energy_envelope_distance(torch.cat([z, z]), torch.cat([energies, energies]))
    else:
        twice = term(torch.cat([z, z]))
    assert twice.item() == pytest.approx(term(z).item())


# --- in the estimator ---------------------------------------------------------------------


def pulses(n_frames=80, seed=1):
    """Noise that comes and goes."""
    gate = np.where(np.arange(n_frames) % 20 < 10, 1.0, 0.01)[:, None]
    return sequences((n_frames,), seed)[0] * gate


def test_envelope_weight_keeps_the_dynamics():
    content, style = pulses(), sequences((80,), colour=0.05)
    errors = []
    for weight in (0.0, 1.0):
        out = small(envelope_weight=weight, init="noise").fit(style).transform([content])[0]
        z = [torch.from_numpy(compress(x, level_of(content), 1000)) for x in (out, content)]
        errors.append((log_energies(z[0]) - log_energies(z[1])).abs().mean().item())
    assert errors[1] < 0.2 * errors[0]


def test_spectral_envelope_weight_brings_the_colour():
    content, style = sequences(seed=1), sequences((80,), colour=0.002)
    errors = []
    for weight in (0.0, 10.0):
        model = small(spectral_envelope_weight=weight, style_weight=0.0, content_weight=1.0)
        out = model.fit(style).transform(content)[0]
        mean = compress(out, level_of(content[0]), 1000).mean(axis=0)
        errors.append(np.abs(mean - model.style_.spectrum[0]).mean())
        assert (np.diff(model.loss_curve_[0]) <= 0).all()
    assert errors[1] < 0.3 * errors[0]


def test_terms_are_part_of_the_loss():
    content, style = sequences(seed=1, colour=0.1), sequences((80,))
    weights = {"envelope_weight": 0.5, "spectral_envelope_weight": 0.25}
    model = small(style_weight=2.0, init="noise", max_iter=0, **weights).fit(style)
    out = model.transform(content)[0]
    z, c = (torch.from_numpy(compress(x, level_of(content[0]), 1000)) for x in (out, content[0]))
    expected = 2.0 * model.style_loss_[0]
    expected += 0.5 * energy_envelope_distance(z, log_energies(c)).item()
    spectrum = torch.from_numpy(model.style_.spectrum[0])
    expected += 0.25 * spectral_envelope_distance(z, spectrum).item()
    assert model.loss_curve_[0][0] == pytest.approx(expected, rel=1e-4)


def test_diversity_weight_keeps_off_the_style():
    # Many filters, wide ones and a short clip: statistics that only the clip itself has.
    style = sequences((24,))
    alike = []
    for weight in (0.0, 30.0):
        model = GramStyleTransformer(
            RandomConvFeatures((16,), n_filters=256),
            style_statistic="gram",
            diversity_weight=weight,
            max_iter=150,
            tol=0,
            random_state=0,
        ).fit(style)
        out = model.sample(24)[0]
        z, s = (torch.from_numpy(compress(x, model.style_.level, 1000)) for x in (out, style[0]))
        alike.append(likeness(z, s).item())
    assert alike[1] < 0.6 * alike[0]


def test_diversity_needs_clips():
    style = small().fit(sequences()).style_
    with pytest.raises(ValueError, match="diversity_weight keeps off clips"):
        small(diversity_weight=1.0).fit(style)
    # Nothing is made without a content: the others change nothing there.
    model = small(diversity_weight=1.0).fit(sequences())
    plain = small().fit(sequences())
    content = sequences(seed=1)
    np.testing.assert_array_equal(model.transform(content)[0], plain.transform(content)[0])


@pytest.mark.parametrize(
    "name", ["envelope_weight", "spectral_envelope_weight", "diversity_weight"]
)
def test_bad_weights_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} == -1, must be >= 0"):
        small(**{name: -1}).fit(sequences())
    with pytest.raises(TypeError, match=f"{name} must be an instance of"):
        small(**{name: "much"}).fit(sequences())
