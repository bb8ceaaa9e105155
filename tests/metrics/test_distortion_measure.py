"""Mel-cepstral distortion: known values, symmetries, refusals."""

import numpy as np
import pytest

from skstyle.datasets import make_parallel_speakers
from skstyle.exceptions import SilentClipWarning
from skstyle.metrics import mel_cepstral_distortion as mcd
from skstyle.metrics import neg_mel_cepstral_distortion_scorer

RATE = 16000
CONSTANT = 10 / np.log(10) * np.sqrt(2)


def cepstra(n=50, seed=0, order=24):
    """Frames of one loudness, so that none counts as silence."""
    mcep = np.random.default_rng(seed).normal(size=(n, order + 1))
    mcep[:, 0] = 0
    return mcep


def test_identity_is_exactly_zero(speakers):
    X, _ = speakers
    assert mcd(X, X, sample_rate=RATE) == 0.0
    assert mcd([cepstra()], [cepstra()]) == 0.0
    assert isinstance(mcd(X[:1], X[:1], sample_rate=RATE), float)


@pytest.mark.parametrize("d", [0.01, 0.3, 2.0])
@pytest.mark.parametrize("column", [1, 24])
def test_constant_offset_in_one_coefficient(d, column):
    a = cepstra()
    b = a.copy()
    b[:, column] += d
    assert mcd([a], [b], align=False) == pytest.approx(CONSTANT * d)


def test_root_is_taken_per_frame_before_the_mean():
    a = cepstra()
    b = a.copy()
    b[:25, 1] += 1.0
    assert mcd([a], [b], align=False) == pytest.approx(CONSTANT / 2)


@pytest.mark.parametrize("include_c0", [False, True])
def test_librosa_finds_the_same_path(include_c0):
    """Its path over the distances of c_1 and above, then the formula."""
    librosa = pytest.importorskip("librosa")
    rng = np.random.default_rng(0)
    a, b = (np.cumsum(rng.normal(size=(n, 25)), axis=0) for n in (60, 80))
    steps = librosa.sequence.dtw(np.ascontiguousarray(a[:, 1:].T), np.ascontiguousarray(b[:, 1:].T))
    i, j = steps[1].T
    first = 0 if include_c0 else 1
    expected = CONSTANT * np.linalg.norm(a[i, first:] - b[j, first:], axis=1).mean()
    found = mcd([a], [b], silence_db=None, include_c0=include_c0)
    assert found == pytest.approx(expected)


def test_loudness_is_compared_if_asked_for():
    a = cepstra()
    b = a.copy()
    b[:, 0] += 0.25
    assert mcd([a], [b], align=False) == 0.0
    assert mcd([a], [b], align=False, include_c0=True) == pytest.approx(CONSTANT / 4)


def test_loudness_is_not_compared():
    a = cepstra()
    b = a.copy()
    b[:, 0] += np.linspace(0, 1, len(b))
    assert mcd([a], [b]) == 0.0


@pytest.mark.parametrize("align", [True, False])
def test_symmetry(speakers, align):
    X, y = (part[:3] for part in speakers)
    there = mcd(X, y, sample_rate=RATE, align=align)
    assert mcd(y, X, sample_rate=RATE, align=align) == pytest.approx(there, rel=0.01)


def test_gain_of_a_clip_does_not_matter(speakers):
    X, y = (part[:2] for part in speakers)
    plain = mcd(X, y, sample_rate=RATE)
    assert mcd(X, [0.25 * c for c in y], sample_rate=RATE) == pytest.approx(plain, abs=0.01)
    assert mcd(X, [0.25 * x for x in X], sample_rate=RATE) < 0.01


def test_warping_of_time_is_forgiven():
    X, _, truth = make_parallel_speakers(
        2, duration=1.0, noise=0.001, random_state=0, return_truth=True
    )
    _, y = make_parallel_speakers(2, duration=1.0, noise=0.001, random_state=0)
    assert mcd(truth.targets, y, sample_rate=RATE) < 0.6 * mcd(X, y, sample_rate=RATE)


def test_silence_around_a_clip_does_not_count():
    a = cepstra(order=4)
    pad = np.random.default_rng(1).normal(size=(20, 5))
    pad[:, 0] = -7.0
    b = np.vstack([pad, a, pad])
    assert mcd([a], [b]) == 0.0
    assert mcd([a], [b], silence_db=None) > 1
    assert mcd([a], [b], silence_db=80.0) > 1


def test_unaligned_ends_with_the_shorter():
    a = cepstra()
    assert mcd([a], [a[:30]], align=False) == 0.0


def test_values_and_weights_of_clips():
    a, b = cepstra(), cepstra(seed=1)
    shifted = [a + 0.1, b + 0.3]
    each = mcd([a, b], shifted, align=False, average=False)
    np.testing.assert_allclose(each, CONSTANT * np.sqrt(24) * np.array([0.1, 0.3]))
    assert mcd([a, b], shifted, align=False) == pytest.approx(each.mean())
    weighted = mcd([a, b], shifted, align=False, sample_weight=[3, 1])
    assert weighted == pytest.approx((3 * each[0] + each[1]) / 4)


def test_band_is_passed_on():
    a = cepstra()
    b = np.roll(a, 15, axis=0)
    assert mcd([a], [b], band=0.04) > mcd([a], [b])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_containers_and_jobs_do_not_matter(speakers, n_jobs):
    X, y = (part[:2] for part in speakers)
    expected = mcd(X, y, sample_rate=RATE)
    A, B = np.empty(2, object), np.empty(2, object)
    A[:], B[:] = X, y
    assert mcd(A, B, sample_rate=RATE, n_jobs=n_jobs) == expected


def test_numeric_signals_are_rows():
    x = make_parallel_speakers(1, random_state=0)[0][0]
    X = np.stack([x[:8000], x[8000:16000]])
    assert mcd(X, X, sample_rate=RATE) == 0.0
    both = mcd(X, X[::-1].copy(), sample_rate=RATE, average=False)
    assert both.shape == (2,)
    assert (both > 1).all()


def test_order_and_alpha_reach_the_analysis(speakers):
    X, y = (part[:1] for part in speakers)
    values = {mcd(X, y, sample_rate=RATE, **kw) for kw in ({}, {"order": 12}, {"alpha": 0.2})}
    assert len(values) == 3


def test_a_silent_clip_warns_and_has_a_value(speakers):
    X = [speakers[0][0], speakers[0][1]]
    with pytest.warns(SilentClipWarning, match=r"y_pred\[1\] is silent"):
        value = mcd(X, [X[0], np.zeros_like(X[1])], sample_rate=RATE, average=False)
    assert value[0] == 0
    assert np.isfinite(value[1])
    assert value[1] > 1


def test_signals_need_a_rate(speakers):
    with pytest.raises(ValueError, match="Signals need their sample rate"):
        mcd(*speakers)
    with pytest.raises(ValueError, match="did you mean kHz"):
        mcd(*speakers, sample_rate=16)


def test_numbers_of_clips_must_pair(speakers):
    with pytest.raises(ValueError, match="y_true has 6 clips and y_pred has 5"):
        mcd(speakers[0], speakers[1][:5], sample_rate=RATE)
    with pytest.raises(ValueError, match="y_true has 1 clips and y_pred has 2"):
        mcd([cepstra()], [cepstra()] * 2)


def test_faults_are_named_after_their_side(speakers):
    with pytest.raises(ValueError, match=r"y_pred\[0\] contains NaN"):
        mcd([cepstra()], [np.full((3, 25), np.nan)])
    with pytest.raises(ValueError, match=r"y_true is an empty list"):
        mcd([], [], sample_rate=RATE)


@pytest.mark.parametrize("align", [True, False])
def test_orders_must_agree(align):
    with pytest.raises(ValueError, match="features"):
        mcd([cepstra()], [cepstra(order=20)], align=align)


class Copy:
    """A converter that answers with its source."""

    def get_params(self, deep=True):
        return {"vocoder__sample_rate": RATE}

    def predict(self, X):
        return X


def test_scorer_is_the_negative_distortion(speakers):
    X, y = (part[:2] for part in speakers)
    assert neg_mel_cepstral_distortion_scorer(Copy(), X, X) == 0
    score = neg_mel_cepstral_distortion_scorer(Copy(), X, y)
    assert score == pytest.approx(-mcd(y, X, sample_rate=RATE))
    weighted = neg_mel_cepstral_distortion_scorer(Copy(), X, y, sample_weight=[1, 0])
    assert weighted == pytest.approx(-mcd(y[:1], X[:1], sample_rate=RATE))
