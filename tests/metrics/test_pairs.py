"""What all measures of signals share: one level, one door, one number or one a clip."""

from functools import partial

import numpy as np
import pytest

from skstyle import metrics
from skstyle.exceptions import SilentClipWarning
from skstyle.signal import Resampler

RATE = 16000
BEST = {
    "chroma_similarity": 1.0,
    "frechet_distance": 0.0,
    "gram_distance": 0.0,
    "log_spectral_distance": 0.0,
    "multi_resolution_stft_distance": 0.0,
    "onset_f1": 1.0,
    "spectral_convergence": 0.0,
    "timbre_distance": 0.0,
}
PAIRED = sorted(set(BEST) - {"frechet_distance"})
SCORERS = {
    name: f"neg_{name}_scorer" if best == 0 else f"{name}_scorer" for name, best in BEST.items()
}
# Relative to the true side.
ONE_SIDED = {"gram_distance", "multi_resolution_stft_distance", "spectral_convergence"}


def measure(name, **parameters):
    return partial(getattr(metrics, name), **{"sample_rate": RATE, **parameters})


@pytest.fixture(params=sorted(BEST))
def name(request):
    return request.param


@pytest.fixture(params=PAIRED)
def paired(request):
    return request.param


def test_all_measures_have_scorers():
    assert set(BEST) | set(SCORERS.values()) < set(metrics.__all__)


def test_identity_is_best(speakers, name):
    X, _ = speakers
    value = measure(name)(X, X)
    assert isinstance(value, float)
    assert value == pytest.approx(BEST[name], abs=1e-6)
    if name in PAIRED and name != "chroma_similarity":
        assert value == BEST[name]


def test_another_voice_is_worse_than_best(speakers, name):
    X, y = speakers
    value = measure(name)(y, X)
    assert value < 1 - 1e-3 if BEST[name] == 1 else value > 1e-3


@pytest.mark.parametrize("gain", [1e-3, 0.3, 8.0])
def test_gain_does_not_matter(speakers, name, gain):
    X, y = (part[:2] for part in speakers)
    plain = measure(name)(y, X)
    assert measure(name)(y, [gain * x.astype(float) for x in X]) == pytest.approx(plain, rel=1e-4)
    assert measure(name)([gain * x.astype(float) for x in y], X) == pytest.approx(plain, rel=1e-4)


def test_gain_matters_without_a_level(speakers):
    X, _ = speakers
    for name in sorted(set(BEST) - {"chroma_similarity", "onset_f1", "timbre_distance"}):
        assert measure(name, level_db=None)(X, [x / 2 for x in X]) > 0.01
    assert metrics.chroma_similarity(X, [x / 2 for x in X], sample_rate=RATE) > 1 - 1e-6


def test_sides_may_change_places(speakers):
    X, y = (part[:2] for part in speakers)
    for name in sorted(set(BEST) - ONE_SIDED):
        assert measure(name)(X, y) == pytest.approx(measure(name)(y, X), rel=1e-6)


def test_lengths_may_differ(speakers, name):
    X, y = (part[:2] for part in speakers)
    cut = [x[: len(x) * 2 // 3] for x in X]
    both = measure(name)(y, cut), measure(name)(cut, y)
    assert np.isfinite(both).all()
    assert measure(name)(X, cut) != pytest.approx(BEST[name], abs=1e-6)


@pytest.mark.parametrize("n_times", [1, 2, 3, 255, 256, 257, 700])
def test_clips_of_any_length_have_a_value(name, n_times):
    x = np.random.default_rng(n_times).uniform(0.1, 0.2, n_times)
    y = np.random.default_rng(0).standard_normal(5000)
    for sides in (([x], [y]), ([y], [x]), ([x], [x])):
        assert np.isfinite(measure(name)(*sides))


def test_means_weights_and_values_of_clips(speakers, paired):
    X, y = (part[:2] for part in speakers)
    each = measure(paired, average=False)(y, X)
    assert each.shape == (2,)
    alone = [measure(paired)(y[i : i + 1], X[i : i + 1]) for i in range(2)]
    np.testing.assert_array_equal(each, alone)
    assert measure(paired)(y, X) == pytest.approx(each.mean())
    weighted = measure(paired, sample_weight=[3, 1])(y, X)
    assert weighted == pytest.approx((3 * each[0] + each[1]) / 4)


def test_jobs_containers_and_the_clock_do_not_matter(speakers, name):
    X, y = (part[:2] for part in speakers)
    expected = measure(name)(y, X)
    assert measure(name, n_jobs=2)(y, X) == expected
    A, B = np.empty(2, object), np.empty(2, object)
    A[:], B[:] = y, X
    assert measure(name)(A, B) == expected
    assert measure(name)(tuple(y), X) == expected


def test_numeric_arrays_hold_a_clip_a_row(speakers, paired):
    x, y = (part[0][:12000] for part in speakers)
    rows = measure(paired, average=False)(np.stack([x, y]), np.stack([y, y]))
    assert rows[1] == pytest.approx(BEST[paired], abs=1e-6)
    np.testing.assert_array_equal(rows, measure(paired, average=False)([x, y], [y, y]))


def test_precision_of_the_clips_hardly_matters(speakers, name):
    X, y = (part[:1] for part in speakers)
    assert X[0].dtype == np.float32
    double = measure(name)([y[0].astype(float)], [X[0].astype(float)])
    assert measure(name)(y, X) == pytest.approx(double, rel=1e-6)


SILENT = {"chroma_similarity": 0.0, "onset_f1": 0.0, "timbre_distance": 1.0}


def test_silence_warns_and_has_a_value(speakers, paired):
    X = list(speakers[0][:2])
    silent = [X[0], np.zeros_like(X[1])]
    with pytest.warns(SilentClipWarning, match=r"y_pred\[1\] is silent"):
        values = measure(paired, average=False)(X, silent)
    with pytest.warns(SilentClipWarning, match=r"y_true\[1\] is silent"):
        swapped = measure(paired, average=False)(silent, X)
    for value in (values, swapped):
        assert value[0] == pytest.approx(BEST[paired], abs=1e-6)
        finite = value is values or paired not in ONE_SIDED - {"gram_distance"}
        assert np.isfinite(value[1]) == finite
        assert abs(value[1] - BEST[paired]) > 0.1
        if paired in SILENT:
            assert value[1] == SILENT[paired]


def test_two_silent_clips_are_alike(name):
    with pytest.warns(SilentClipWarning):
        value = measure(name)([np.zeros(4000)], [np.zeros(5000)])
    assert value == pytest.approx(BEST[name], abs=1e-9)


def test_what_is_as_good_as_silent_is_silent(name):
    noise = 1e-9 * np.random.default_rng(0).standard_normal(4000)
    with pytest.warns(SilentClipWarning) as caught:
        assert measure(name)([np.zeros(4000)], [noise]) == pytest.approx(BEST[name], abs=1e-9)
    assert [str(w.message)[:6] for w in caught] == ["y_true", "y_pred"]
    assert all(w.filename == __file__ for w in caught)  # they point to the caller


@pytest.mark.parametrize(
    ("rate", "error", "message"),
    [
        (16, ValueError, "did you mean kHz"),
        (-16000, ValueError, "must be positive"),
        ("16000", TypeError, "must be a number in Hz"),
    ],
)
def test_wrong_rates_are_refused(speakers, name, rate, error, message):
    with pytest.raises(error, match=message):
        measure(name, sample_rate=rate)(*speakers)


def test_a_list_that_remembers_another_rate_is_refused(speakers, name):
    X, y = (list(part[:1]) for part in speakers)
    half = Resampler(RATE, 8000).fit_transform(X)
    with pytest.raises(ValueError, match="y_pred is compared at sample_rate=16000, but its input"):
        measure(name)(y, half)
    assert np.isfinite(measure(name, sample_rate=8000)(half, half))


def test_faults_are_named_after_their_side(speakers, name):
    X = list(speakers[0][:2])
    bad = [X[0], np.where(np.arange(len(X[1])) == 7, np.nan, X[1])]
    with pytest.raises(ValueError, match=r"y_pred\[1\] contains NaN \(first at sample 7"):
        measure(name)(X, bad)
    with pytest.raises(ValueError, match=r"y_true\[1\] contains NaN"):
        measure(name)(bad, X)
    with pytest.raises(ValueError, match=r"y_pred\[0\] has shape .* expected one channel"):
        measure(name)(X, [np.zeros((2, 8000)), X[1]])
    with pytest.raises(ValueError, match="integer samples"):
        measure(name)(X, [(x * 2**15).astype(np.int16) for x in X])
    with pytest.raises(ValueError, match="y_true is an empty list"):
        measure(name)([], X)


def test_numbers_of_clips_must_pair(speakers, paired):
    with pytest.raises(ValueError, match="y_true has 6 clips and y_pred has 5"):
        measure(paired)(speakers[0], speakers[1][:5])


@pytest.mark.parametrize("level_db", ["loud", np.nan, np.inf])
def test_level_must_be_a_number(speakers, level_db):
    for name in sorted(set(BEST) - {"chroma_similarity"}):
        with pytest.raises(ValueError, match="level_db must be a number of dB, or None"):
            measure(name, level_db=level_db)(*speakers)


class Copy:
    """An estimator that answers with what it is given."""

    def get_params(self, deep=True):
        return {"stft__sample_rate": RATE}

    def transform(self, X):
        return X


class CopyConverter(Copy):
    def predict(self, X):
        return X


@pytest.mark.parametrize("kind", [Copy, CopyConverter])
def test_scorers_are_greater_if_better(speakers, name, kind):
    X, y = (part[:2] for part in speakers)
    score = getattr(metrics, SCORERS[name])
    sign = 1 if BEST[name] == 1 else -1
    assert score(kind(), X, X) == pytest.approx(BEST[name], abs=1e-6)
    assert score(kind(), X, y) == pytest.approx(sign * measure(name)(y, X))
    assert score(kind(), X, y) < score(kind(), X, X)
    if name in PAIRED:
        weighted = score(kind(), X, y, sample_weight=[1, 0])
        assert weighted == pytest.approx(sign * measure(name)(y[:1], X[:1]))
