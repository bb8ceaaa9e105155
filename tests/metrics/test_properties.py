"""What every measure promises: identity, symmetry, limits, order of clips, weights, faults."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skstyle import metrics
from skstyle.exceptions import ShortClipWarning, SilentClipWarning
from skstyle.metrics._global_variance import variance_log_ratio
from skstyle.metrics._modulation_spectrum import modulation_distance
from skstyle.metrics._pitch import log_f0_difference, pitch_correlation
from skstyle.metrics._spectral_convergence import convergence
from skstyle.metrics._voicing import voicing_disagreement

RATE = 16000
# Value of identical clips; whether the sides may change places.
MEASURES = {
    "chroma_similarity": (1.0, True),
    "global_variance_log_ratio": (0.0, True),
    "gram_distance": (0.0, False),
    "log_f0_correlation": (1.0, True),
    "log_f0_rmse": (0.0, True),
    "log_spectral_distance": (0.0, True),
    "mel_cepstral_distortion": (0.0, True),
    "modulation_spectrum_rmse": (0.0, True),
    "multi_resolution_stft_distance": (0.0, False),
    "onset_f1": (1.0, True),
    "speaker_similarity": (1.0, True),
    "spectral_convergence": (0.0, False),
    "timbre_distance": (0.0, True),
    "voicing_error": (0.0, True),
}
SPEECH = {
    "global_variance_log_ratio",
    "log_f0_correlation",
    "log_f0_rmse",
    "mel_cepstral_distortion",
    "modulation_spectrum_rmse",
    "voicing_error",
}
# These look at all clips, or at no pair of them.
OTHERS = {"frechet_distance", "mean_opinion_score", "word_error_rate"}
INDICES = [2, 0, 1]


def measure(name, **parameters):
    if name == "speaker_similarity":
        parameters = {"reference": "same", **parameters}
    return partial(getattr(metrics, name), **{"sample_rate": RATE, **parameters})


@pytest.fixture(params=sorted(MEASURES))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def clips(speakers):
    """Three pairs of a third of a second."""
    return tuple([x[4000:9000].astype(float) for x in part[:3]] for part in speakers)


@pytest.fixture(scope="module")
def values(clips):
    """One value a clip of every measure, of the second voice beside the first."""
    X, y = clips
    return {name: measure(name, average=False)(y, X) for name in MEASURES}


def test_no_measure_is_forgotten():
    public = {
        name
        for name in metrics.__all__
        if not name.endswith("_scorer") and name not in {"normalize_words", "style_report"}
    }
    assert public == set(MEASURES) | OTHERS


def test_identity(clips, name):
    best, _ = MEASURES[name]
    assert measure(name)(clips[0], clips[0]) == pytest.approx(best, abs=1e-9)


def test_another_voice_is_worse(values, name):
    best, _ = MEASURES[name]
    assert values[name].shape == (3,)
    if name != "onset_f1":  # both say the same syllables
        assert (values[name] < 1).any() if best == 1 else (values[name] > 0).any()
    assert (values[name] <= 1).all() if best == 1 else (values[name] >= 0).all()


def test_symmetry_or_none(clips, values, name):
    X, y = clips
    swapped = measure(name, average=False)(X, y)
    if MEASURES[name][1]:
        # Of paths that are equally good, the sides may take another one.
        np.testing.assert_allclose(swapped, values[name], rtol=0.02, atol=0.01)
    else:
        assert np.abs(swapped - values[name]).max() > 1e-3


def test_order_of_clips(clips, values, name):
    X, y = ([part[i] for i in INDICES] for part in clips)
    weights = np.array([1.0, 2.0, 5.0])
    found = measure(name, average=False)(y, X)
    np.testing.assert_allclose(found, values[name][INDICES], rtol=1e-12)
    known = np.isfinite(values[name])
    expected = np.average(values[name][known], weights=weights[known])
    assert measure(name, sample_weight=weights[INDICES])(y, X) == pytest.approx(expected)


def test_weights_are_one_a_clip(clips, name):
    X, y = (part[:1] for part in clips)
    with pytest.raises(ValueError, match=r"sample_weight has shape \(2,\), expected one weight"):
        measure(name, sample_weight=[1, 1])(y, X)


def test_weights_leave_out(clips, values):
    X, y = clips
    mean = measure("mel_cepstral_distortion", sample_weight=[2, 1, 0])(y, X)
    each = values["mel_cepstral_distortion"]
    assert mean == pytest.approx((2 * each[0] + each[1]) / 3)


@pytest.mark.parametrize("name", sorted(SPEECH))
def test_gain_does_not_matter_to_speech(clips, values, name):
    X, y = (part[:1] for part in clips)
    found = measure(name)(y, [0.125 * x for x in X])
    assert found == pytest.approx(values[name][0], abs=0.02)


def test_faults_are_named(clips, name):
    X, y = clips
    for fault, message in ((np.nan, "contains NaN"), (np.inf, "contains")):
        bad = [X[0], np.append(X[1], fault), X[2]]
        with pytest.raises(ValueError, match=rf"y_pred\[1\] {message}"):
            measure(name)(y, bad)
    with pytest.raises(ValueError, match="y_true has 3 clips and y_pred has 2"):
        measure(name)(y, X[:2])
    with pytest.raises(ValueError, match="did you mean kHz"):
        measure(name, sample_rate=16)(y, X)


@pytest.mark.parametrize("name", sorted(SPEECH | {"speaker_similarity"}))
def test_silence_is_named(clips, name):
    X = clips[0][:2]
    with pytest.warns(UserWarning) as caught:
        found = measure(name, average=False)(X, [X[0], np.zeros(5000)])
    silent = [w for w in caught if w.category is SilentClipWarning]
    assert str(silent[0].message).startswith("y_pred[1] is silent")
    assert all(w.filename == __file__ for w in caught)
    assert found[0] == pytest.approx(MEASURES[name][0], abs=1e-9)
    finite = {"mel_cepstral_distortion", "voicing_error"}
    assert np.isfinite(found[1]) == (name in finite)
    assert not found[1] == pytest.approx(MEASURES[name][0], abs=1e-3)


@pytest.mark.parametrize("name", sorted(SPEECH))
def test_short_clips_are_named(clips, name):
    X = clips[0][:2]
    with pytest.warns(UserWarning) as caught:
        found = measure(name, average=False)(X, [X[0], X[1][2000:2040]])
    short = [w for w in caught if w.category is ShortClipWarning]
    assert [str(w.message)[:25] for w in short] == ["y_pred[1] has 40 samples,"]
    assert all(w.filename == __file__ for w in caught)
    assert found.shape == (2,)


@pytest.mark.parametrize("name", sorted(SPEECH - {"log_f0_rmse"}))
def test_precision_of_the_clips_hardly_matters(clips, values, name):
    X, y = ([x.astype(np.float32) for x in part[:1]] for part in clips)
    assert measure(name)(y, X) == pytest.approx(values[name][0], rel=1e-3, abs=1e-3)


# Limits of the maths, on arrays of any kind.

GAINS = st.floats(0.01, 100)
SEEDS = st.integers(0, 2**16)
few = settings(max_examples=25, deadline=None)


@given(GAINS, SEEDS)
@few
def test_gain_of_magnitudes(gain, seed):
    a = np.random.default_rng(seed).uniform(0, 1, (5, 4))
    assert convergence(a, gain * a) == pytest.approx(abs(1 - gain), abs=1e-9)
    assert convergence(gain * a, a) == pytest.approx(abs(1 - 1 / gain), abs=1e-9)
    assert convergence(a, 0 * a) == 1


@given(GAINS, SEEDS, st.integers(10, 90), st.integers(10, 90))
@few
def test_movement_is_scaled_by_its_gain(gain, seed, n, m):
    rng = np.random.default_rng(seed)
    a, b, c = (rng.standard_normal((k, 3)) for k in (n, m, 70))
    assert variance_log_ratio(a, gain * a) == pytest.approx(2 * abs(np.log(gain)), abs=1e-9)
    assert variance_log_ratio(a, gain * a, True) == pytest.approx(2 * np.log(gain), abs=1e-9)
    expected = 20 * abs(np.log10(gain))
    assert modulation_distance(a, gain * a + 1) == pytest.approx(expected, abs=1e-6)
    assert modulation_distance(a, gain * a, None) == pytest.approx(expected, abs=1e-6)
    # Both are metrics: of the logarithms of variances, and of spectra.
    for distance in (variance_log_ratio, modulation_distance):
        assert distance(a, b) == pytest.approx(distance(b, a))
        assert distance(a, c) <= distance(a, b) + distance(b, c) + 1e-9
    assert variance_log_ratio(a, b, True) == pytest.approx(-variance_log_ratio(b, a, True))
    assert abs(variance_log_ratio(a, b, True)) <= variance_log_ratio(a, b) + 1e-12


PITCHES = arrays(float, 30, elements=st.one_of(st.just(0.0), st.floats(50, 800)))


@given(PITCHES, PITCHES, st.floats(0.2, 5))
@few
def test_pitches(p, q, ratio):
    assert 0 <= voicing_disagreement(p, q) <= 1
    assert voicing_disagreement(p, q) == voicing_disagreement(q, p)
    assert voicing_disagreement(p, np.where(p > 0, 0, 100.0)) == 1
    error, correlation = log_f0_difference(p, q), pitch_correlation(p, q)
    if np.count_nonzero((p > 0) & (q > 0)) < 5:
        assert np.isnan([error, correlation]).all()
    else:
        assert error >= 0
        assert np.isnan(correlation) or -1 <= correlation <= 1
    if np.count_nonzero(p) >= 5:
        assert log_f0_difference(p, ratio * p) == pytest.approx(abs(np.log(ratio)), abs=1e-9)
