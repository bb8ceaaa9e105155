"""Stepwise EM: near the fit of all frames at once, whatever the order of the batches."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from skstyle.mapping._gaussians import posteriors, prepare
from skstyle.mapping._mixture import fit_mixture
from skstyle.mapping._shapes import COVARIANCE_TYPES as TYPES
from skstyle.mapping._stepwise import step, step_size


def corpus(n_clips=40, seed=0, tied=False):
    """Clips of unequal lengths; each visits the clusters in its own proportions."""
    rng = np.random.default_rng(seed)
    centres = 3 * rng.normal(size=(4, 6))
    mixing = rng.normal(size=(4, 6, 6))
    if tied:
        mixing[:] = mixing[0]
    clips = []
    for _ in range(n_clips):
        k = rng.choice(4, size=rng.integers(100, 400), p=rng.dirichlet(np.full(4, 3.0)))
        clips.append(np.einsum("ni,nij->nj", rng.normal(size=(len(k), 6)), mixing[k]) + centres[k])
    return clips


def run(clips, covariance_type, rounds=1, n_components=4, **kwargs):
    progress, rng = None, np.random.RandomState(0)
    for _ in range(rounds):
        for clip in clips:
            progress = step(
                clip,
                progress,
                n_components=n_components,
                covariance_type=covariance_type,
                random_state=rng,
                **kwargs,
            )
    return progress


def mean_log_density(X, mixture, covariance_type):
    return posteriors(X, prepare(*mixture[:3], covariance_type))[1].mean()


def test_step_size_is_that_of_liang_and_klein_for_equal_batches():
    for k in range(5):
        assert step_size(k * 500, 500, 0.7, 2.0) == pytest.approx((k + 2) ** -0.7)
    # Half a clip counts less than a whole one.
    assert step_size(1000, 250, 0.7, 2.0) < step_size(1000, 500, 0.7, 2.0)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_near_the_fit_of_all_frames(covariance_type):
    clips = corpus(tied=covariance_type == "tied")
    X = np.concatenate(clips)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        batch = fit_mixture(X, 4, covariance_type=covariance_type, n_init=3, random_state=0)
        one = fit_mixture(X, 1, covariance_type=covariance_type, random_state=0)
    best, worst = (mean_log_density(X, m, covariance_type) for m in (batch, one))
    stepwise = mean_log_density(X, run(clips, covariance_type, rounds=2).mixture, covariance_type)
    # At least nine tenths of what the mixture has above one Gaussian.
    assert stepwise > best - 0.1 * (best - worst)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_order_of_the_clips_matters_little(covariance_type):
    clips = corpus()
    X = np.concatenate(clips)
    orders = [np.random.default_rng(seed).permutation(len(clips) - 1) + 1 for seed in range(3)]
    values = [
        mean_log_density(
            X,
            run([clips[0]] + [clips[i] for i in order], covariance_type, rounds=2).mixture,
            covariance_type,
        )
        for order in orders
    ]
    assert np.ptp(values) < 0.05


@pytest.mark.parametrize("covariance_type", TYPES)
def test_running_spread_is_that_of_all_frames(covariance_type):
    clips = corpus(10)
    progress = run(clips, covariance_type)
    X = np.concatenate(clips)
    np.testing.assert_allclose(progress.spread.mean, X.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(progress.spread.scale, X.std(axis=0), rtol=1e-12)


@pytest.mark.parametrize("covariance_type", TYPES)
def test_one_component_is_the_weighted_mean_of_the_batches(covariance_type):
    a, b = corpus(2)
    mean, covariance = run(
        [a, b], covariance_type, n_components=1, learning_offset=2.0, learning_decay=1.0
    ).mixture[1:]
    eta = 1.0 / (len(a) / len(b) + 2.0)
    expected = (1 - eta) * a.mean(axis=0) + eta * b.mean(axis=0)
    np.testing.assert_allclose(mean[0], expected, rtol=1e-10)
    assert np.isfinite(covariance).all()


@pytest.mark.parametrize("covariance_type", TYPES)
@pytest.mark.parametrize("scale", [1e6, 1e-6])
def test_units_do_not_matter(covariance_type, scale):
    clips = corpus(6)
    plain = run(clips, covariance_type).mixture
    scaled = run([scale * clip for clip in clips], covariance_type).mixture
    np.testing.assert_allclose(scaled[0], plain[0], rtol=1e-6)
    np.testing.assert_allclose(scaled[1], plain[1] * scale, rtol=1e-6)
    np.testing.assert_allclose(scaled[2], plain[2] * scale**2, rtol=1e-5, atol=1e-9 * scale**2)


def test_full_covariances_are_shared_until_there_are_frames_enough():
    clips = [clip[:10] for clip in corpus(6)]  # 4 components of 6 columns need 28
    for n_clips, shared in ((1, True), (2, True), (3, False)):
        covariances = run(clips[:n_clips], "full").mixture[2]
        assert np.allclose(covariances, covariances[0]) == shared
        assert np.linalg.eigvalsh(covariances).min() > 0


@pytest.mark.parametrize("covariance_type", TYPES)
def test_lost_component_is_replaced(covariance_type):
    clips = corpus(3)
    before = run(clips[:1], covariance_type)
    weights, means, covariances = before.mixture
    weights = np.array([1 - 1e-12, *np.full(3, 1e-12 / 3)])
    means = means.copy()
    means[1:] = 1e8
    after = step(
        clips[1],
        before._replace(mixture=(weights, means, covariances)),
        n_components=4,
        covariance_type=covariance_type,
    )
    assert after.n_repaired == 3
    assert after.mixture[0].min() > 0.05
    assert np.isfinite(after.mixture[1]).all()


def test_first_batch_must_hold_all_components():
    with pytest.raises(ValueError, match="n_components=4 needs at least 4 frames, got 3"):
        step(corpus(1)[0][:3], None, n_components=4)


def test_batches_are_not_written_to():
    clips = corpus(2)
    for clip in clips:
        clip.flags.writeable = False
    run(clips, "full")
    np.testing.assert_array_equal(clips[0], corpus(2)[0])
