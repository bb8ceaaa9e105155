"""Whitening and colouring of frames, alone and as a style statistic."""

import warnings

import numpy as np
import pytest

from skstyle import GramStyleTransformer
from skstyle.mapping._transport import monge_map
from skstyle.transfer import _whitening_coloring
from skstyle.transfer._compression import compress, level_of
from skstyle.transfer._whitening_coloring import whiten_and_color
from skstyle.utils.parallel import ONE_BLAS_THREAD


def frames(n_frames=400, n_bins=6, seed=0):
    """Correlated frames."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(n_bins, n_bins))
    return (5 + rng.normal(size=(n_frames, n_bins)) @ mixing).astype(np.float32)


def magnitudes(lengths=(300,), seed=0, colour=1.0, n_bins=6):
    """Spectrograms with slow changes that bins share."""
    rng = np.random.default_rng(seed)
    envelope = np.linspace(1, colour, n_bins)
    return [
        envelope * np.exp(rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(n, n_bins)))
        for n in lengths
    ]


def weaker(covariance):
    """A tenth of the correlations is not trusted."""
    return 0.9 * covariance + 0.1 * np.diag(np.diagonal(covariance))


def model(**options):
    return GramStyleTransformer(style_statistic="whitening-coloring", random_state=0, **options)


def test_means_and_covariances_are_those_of_the_style():
    z, style = frames(), frames(seed=1)
    out = whiten_and_color(z, style.mean(axis=0), np.cov(style.T, bias=True))
    assert out.dtype == np.float32
    np.testing.assert_allclose(out.mean(axis=0), style.mean(axis=0), atol=1e-3)
    A = np.linalg.lstsq(z - z.mean(axis=0), out - out.mean(axis=0), rcond=None)[0]
    own, wanted = (weaker(np.cov(x.T, bias=True)) for x in (z, style))
    np.testing.assert_allclose(A.T @ own @ A, wanted, atol=2e-3 * np.abs(wanted).max())


def test_the_map_is_symmetric_and_moves_least():
    z, style = frames(), frames(seed=1)
    out = whiten_and_color(z, style.mean(axis=0), np.cov(style.T, bias=True))
    A = np.linalg.lstsq(z - z.mean(axis=0), out - out.mean(axis=0), rcond=None)[0]
    np.testing.assert_allclose(A, A.T, atol=1e-3)
    assert np.linalg.eigvalsh(A).min() > 0


def test_the_map_shares_the_limit_of_blas_with_other_threads(monkeypatch):
    depths = []

    def spied_map(own, other):
        depths.append(ONE_BLAS_THREAD.depth)
        return monge_map(own, other)

    monkeypatch.setattr(_whitening_coloring, "monge_map", spied_map)
    whiten_and_color(frames(), np.zeros(6), np.eye(6))
    assert depths == [1] and ONE_BLAS_THREAD.depth == 0


def test_frames_in_their_own_style_stay():
    z = frames()
    out = whiten_and_color(z, z.mean(axis=0), np.cov(z.T, bias=True))
    np.testing.assert_allclose(out, z, atol=1e-3)


@pytest.mark.parametrize("n_frames", [1, 2, 5])
def test_fewer_frames_than_bins(n_frames):
    style = frames(seed=1)
    out = whiten_and_color(frames(n_frames), style.mean(axis=0), np.cov(style.T, bias=True))
    assert np.isfinite(out).all()
    np.testing.assert_allclose(out.mean(axis=0), style.mean(axis=0), atol=1e-3)


def test_transform_is_the_map_of_compressed_frames():
    (style,), (content,) = magnitudes(), magnitudes(seed=1, colour=0.1)
    out = model().fit([style]).transform([content])[0]
    z, s, got = (
        compress(x, level_of(r), 1000)
        for x, r in ((content, content), (style, style), (out, content))
    )
    wanted = whiten_and_color(z, s.mean(axis=0), np.cov(s.T, bias=True))
    np.testing.assert_allclose(got, np.clip(wanted, 0, max(s.max(), z.max())), atol=0.01)


def test_losses_are_told_at_the_start_and_at_the_end():
    content = magnitudes(seed=1, colour=0.1)
    fitted = model(style_weight=2.0).fit(magnitudes())
    out = fitted.transform(content)
    (curve,) = fitted.loss_curve_
    assert len(curve) == 2 and curve[1] < 0.1 * curve[0]
    ends = [fitted.measure(x).distance(fitted.style_) ** 2 for x in (content, out)]
    assert curve[0] == pytest.approx(2 * ends[0], rel=1e-3)
    assert curve[1] == pytest.approx(2 * fitted.style_loss_[0])
    assert model(max_iter=0).fit(magnitudes()).transform(content)[0] == pytest.approx(content[0])


def test_weights_blend_content_and_style():
    content = magnitudes(seed=1, colour=0.1)
    plain, blended, kept = (
        compress(model(**w).fit(magnitudes()).transform(content)[0], level_of(content[0]), 1000)
        for w in ({}, {"content_weight": 3.0}, {"content_weight": 1.0, "style_weight": 0.0})
    )
    z = compress(content[0], level_of(content[0]), 1000)
    np.testing.assert_allclose(kept, z, atol=1e-4)
    np.testing.assert_allclose(blended, 0.75 * z + 0.25 * plain, atol=0.01)


def test_styles_mix():
    fitted = model().fit(magnitudes())
    other = fitted.measure(magnitudes(seed=2, colour=0.05))
    mixed = 0.5 * fitted.style_ + 0.5 * other
    assert mixed.distance(other) == pytest.approx(0.5 * fitted.style_.distance(other), rel=1e-4)
    again = model().fit(mixed)
    out = again.measure(again.transform(magnitudes(seed=3)))
    assert out.distance(mixed) < 0.5 * min(out.distance(other), out.distance(fitted.style_))


def test_samples_have_the_mean_of_the_style():
    style = magnitudes((400,), colour=0.05)
    fitted = model().fit(style)
    one, two = fitted.sample(300, n_clips=2)
    assert one.shape == (300, 6) and one.dtype == np.float32 and not np.array_equal(one, two)
    level = fitted.style_.level
    z, s = compress(one, level, 1000), compress(style[0], level, 1000)
    np.testing.assert_allclose(z.mean(axis=0), s.mean(axis=0), rtol=0.05)
    correlations = [np.corrcoef(x.T)[np.triu_indices(6, 1)].mean() for x in (z, s)]
    assert correlations[0] == pytest.approx(correlations[1], abs=0.15)
    np.testing.assert_array_equal(one, fitted.sample(300)[0])


def test_features_are_not_needed():
    outs = [
        model(features=features).fit(magnitudes()).transform(magnitudes(seed=1))[0]
        for features in ("random-conv", "random-conv-2d")
    ]
    np.testing.assert_array_equal(*outs)
    with pytest.raises(ValueError, match="features must be one of"):
        model(features="vgg").fit(magnitudes())
    with warnings.catch_warnings():
        # No filter is wider than a frame.
        warnings.simplefilter("error")
        assert model().fit(magnitudes()).transform(magnitudes((1,), seed=1))[0].shape == (1, 6)


@pytest.mark.parametrize(
    "name", ["envelope_weight", "spectral_envelope_weight", "diversity_weight"]
)
def test_terms_that_need_descent_are_refused(name):
    with pytest.raises(ValueError, match=f"{name}=0.5, but .* does not descend on a loss"):
        model(**{name: 0.5}).fit(magnitudes())
