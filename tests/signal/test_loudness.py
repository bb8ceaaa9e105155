"""The measure of BS.1770 in its published truths, and clips of one loudness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as sps
from sklearn.base import clone

from skstyle.exceptions import ClippingWarning, SilentClipWarning
from skstyle.signal import LoudnessNormalizer, integrated_loudness
from skstyle.signal._bs1770 import CHUNK, TABLES, block_powers, gated_loudness, k_weighting
from skstyle.signal._loudness import rms_level

RATES = (8000, 11025, 16000, 22050, 44100, 48000)


def tone(seconds, level_db=0.0, rate=48000, frequency=1000.0):
    """Sine of a peak level in dBFS."""
    n_times = int(seconds * rate)
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency * np.arange(n_times) / rate)


def stereo(*parts):
    """Join (seconds, level) tones in both channels."""
    x = np.concatenate([tone(*part) for part in parts])
    return np.stack([x, x], axis=1)


def noise(n_times, level=0.1, seed=0, dtype=float):
    return (level * np.random.default_rng(seed).standard_normal(n_times)).astype(dtype)


# ---------------------------------------------------------------- the measure


def test_filter_is_that_of_the_recommendation_at_48_khz():
    np.testing.assert_allclose(k_weighting(48000).reshape(2, 2, 3), TABLES, atol=1e-12)


@pytest.mark.parametrize(("rate", "deviation"), [(44100, 0.01), (16000, 0.11), (8000, 0.45)])
def test_response_is_nearly_the_same_at_other_rates(rate, deviation):
    frequency = np.geomspace(20, 0.49 * rate, 500)
    ours, theirs = (
        20 * np.log10(np.abs(sps.sosfreqz(k_weighting(r), frequency, fs=r)[1]))
        for r in (rate, 48000)
    )
    assert np.abs(ours - theirs).max() < deviation


@pytest.mark.parametrize("rate", [4000, *RATES, 96000, 192000])
def test_filter_is_stable_and_blocks_offsets(rate):
    sos = k_weighting(rate)
    assert all(np.abs(np.roots(section[3:])).max() < 1 for section in sos)
    assert np.polyval(sos[1, :3], 1) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("rate", RATES)
def test_calibration_tone(rate):
    """The recommendation: 997 Hz at full scale in one channel reads -3.01 LKFS."""
    assert integrated_loudness(tone(3, rate=rate, frequency=997), rate) == pytest.approx(
        -3.01, abs=0.005
    )


@pytest.mark.parametrize(
    "x",
    [
        stereo((20, -23)),
        stereo((10, -36), (60, -23), (10, -36)),
        stereo((10, -72), (10, -36), (60, -23), (10, -36), (10, -72)),
        stereo((20, -26), (20.1, -20), (20, -26)),
        np.stack([tone(20, level) for level in (-28, -28, -24, -30, -30)], axis=1),
    ],
    ids=["case 1", "case 3", "case 4", "case 5", "case 6"],
)
def test_ebu_tech_3341(x):
    assert integrated_loudness(x, 48000) == pytest.approx(-23, abs=0.1)


def test_ebu_tech_3341_case_2_and_one_channel():
    assert integrated_loudness(stereo((20, -33)), 48000) == pytest.approx(-33, abs=0.1)
    assert integrated_loudness(tone(20, -23), 48000) == pytest.approx(-26.0, abs=0.1)


def test_both_gates_matter():
    """Without gates, the quiet parts of case 3 and 4 would pull the loudness down."""
    x = stereo((10, -36), (60, -23), (10, -36))
    ungated = -0.691 + 10 * np.log10(block_powers(x, 48000).sum(axis=1).mean())
    assert ungated < -24
    assert gated_loudness(np.array([1.0, 1e-3])) == pytest.approx(-0.691)
    assert gated_loudness(np.array([1.0, 1e-8])) == pytest.approx(-0.691)
    # The silent block does not even lower the relative gate.
    powers = np.array([1.0, 0.08, *[1e-8] * 8])
    assert gated_loudness(powers) == pytest.approx(-0.691 + 10 * np.log10(0.54))
    assert gated_loudness(np.array([1e-8])) == -np.inf


@pytest.mark.parametrize("rate", [11025, 48000])
def test_blocks_are_those_of_the_definition(rate):
    x = noise(int((CHUNK + 57.3) * rate / 10))  # more than one part is filtered
    power = block_powers(x[:, None], rate)[:, 0]
    assert len(power) == CHUNK + 57 - 3
    filtered = sps.sosfilt(k_weighting(rate), x)
    for j in (0, 1, 11, CHUNK - 2, len(power) - 1):
        start, stop = round(j * rate / 10), round((j + 4) * rate / 10)
        assert power[j] == pytest.approx(np.mean(filtered[start:stop] ** 2), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(-30, 20), st.integers(1, 30000), st.sampled_from(RATES))
def test_gain_moves_loudness_by_as_much(gain_db, n_times, rate):
    x = noise(n_times, level=0.3)
    before = integrated_loudness(x, rate)
    after = integrated_loudness(x * 10 ** (gain_db / 20), rate)
    assert after == pytest.approx(before + gain_db, abs=1e-6)


def test_short_clip_is_one_block_of_its_own_length():
    x = noise(int(0.399 * 16000))
    power = np.mean(sps.sosfilt(k_weighting(16000), x) ** 2)
    assert integrated_loudness(x, 16000) == pytest.approx(-0.691 + 10 * np.log10(power))
    assert len(block_powers(noise(6400)[:, None], 16000)) == 1
    assert np.isfinite(integrated_loudness(np.array([0.5]), 16000))


def test_unfinished_block_does_not_count():
    x = noise(8000)
    louder = np.concatenate([x, 10 * noise(1599)])
    assert integrated_loudness(louder, 16000) == integrated_loudness(x, 16000)


def test_float32_and_offset_make_no_difference():
    x = tone(5, -20)
    assert integrated_loudness(x.astype(np.float32), 48000) == pytest.approx(
        integrated_loudness(x, 48000), abs=1e-5
    )
    later = (x + 0.2)[:, None]
    assert block_powers(later, 48000)[10, 0] == pytest.approx(
        block_powers(x[:, None], 48000)[10, 0], rel=1e-3
    )


@pytest.mark.parametrize(
    ("x", "sentence"),
    [
        (np.zeros((2, 48000)), r"up to 5 channels, time first; got shape \(2, 48000\)"),
        (np.zeros(0), "got shape"),
        (np.zeros((2, 2, 2)), "got shape"),
        (np.array([0.0, np.nan]), "Expected finite floats"),
        (np.zeros(100, np.int16), "Expected finite floats in .*got int16"),
    ],
)
def test_wrong_clips_are_told(x, sentence):
    with pytest.raises(ValueError, match=sentence):
        integrated_loudness(x, 48000)


def test_low_rates_are_refused():
    with pytest.raises(ValueError, match="at least 4000 Hz, got 3999.*method='rms'"):
        integrated_loudness(np.zeros(100), 3999)
    with pytest.raises(ValueError, match="did you mean kHz"):
        integrated_loudness(np.zeros(100), 48)


# ---------------------------------------------------------------- the estimator


def test_rms_in_closed_form():
    assert rms_level(tone(1)) == pytest.approx(-3.0103, abs=1e-4)
    assert rms_level(np.full(10, -0.1, np.float32)) == pytest.approx(-20, abs=1e-5)
    assert rms_level(np.zeros(10)) == -np.inf


@pytest.mark.parametrize("method", ["bs1770", "rms"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_clips_reach_the_target_and_come_back(method, dtype):
    X = [noise(n, level, dtype=dtype) for n, level in ((20000, 0.2), (9999, 1e-3), (50, 0.01))]
    normalizer = LoudnessNormalizer(16000, target=-30, method=method)
    Y = normalizer.fit_transform(X)
    for y in Y:
        assert y.dtype == dtype
        level = integrated_loudness(y, 16000) if method == "bs1770" else rms_level(y)
        assert level == pytest.approx(-30, abs=1e-4)
    for a, x in zip(normalizer.inverse_transform(Y), X, strict=True):
        np.testing.assert_allclose(a, x, rtol=1e-6)


def test_it_is_one_gain():
    x = noise(8000)
    y = LoudnessNormalizer(16000).transform([x])[0]
    np.testing.assert_allclose(y / x, y[0] / x[0])


def test_without_memory_the_inverse_does_nothing():
    normalizer = LoudnessNormalizer(16000)
    Y = list(normalizer.fit_transform([noise(8000)]))
    assert normalizer.inverse_transform(Y)[0] is Y[0]


@pytest.mark.parametrize("method", ["bs1770", "rms"])
def test_silence_passes_with_a_warning(method):
    X = [noise(8000), np.zeros(8000), np.full(8000, 1e-9)]
    normalizer = LoudnessNormalizer(16000, method=method)
    with pytest.warns(SilentClipWarning) as seen:
        Y = normalizer.transform(X)
    assert [str(w.message)[:14] for w in seen] == ["X[1] is silent", "X[2] is silent"]
    assert Y[1] is X[1]
    assert Y[2] is X[2]
    np.testing.assert_array_equal(normalizer.inverse_transform(Y)[1], 0)


def test_peak_beyond_full_scale_is_told():
    X = [noise(16000), np.zeros(16000)]
    X[1][8000] = 0.5
    with pytest.warns(ClippingWarning, match=r"X\[1\] has a peak of .* dB.*PeakGuard") as seen:
        Y = LoudnessNormalizer(16000).transform(X)
    assert len(seen) == 1
    assert np.abs(Y[1]).max() > 1
    assert integrated_loudness(Y[1], 16000) == pytest.approx(-23)


def test_peak_limits_the_gain():
    x = np.zeros(16000)
    x[8000] = 0.5
    Y = LoudnessNormalizer(16000, peak=0.9).transform([x])
    assert Y[0].max() == pytest.approx(0.9)
    assert integrated_loudness(Y[0], 16000) < -23
    quiet = noise(16000)
    np.testing.assert_array_equal(
        LoudnessNormalizer(16000, peak=0.9).transform([quiet])[0],
        LoudnessNormalizer(16000).transform([quiet])[0],
    )


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"method": "lufs"}, "method must be one of .*got 'lufs'"),
        ({"sample_rate": 2000}, "at least 4000 Hz"),
        ({"sample_rate": -1, "method": "rms"}, "sample_rate must be positive"),
        ({"target": 3.0}, "target must lie above -70 and be at most 0.*got 3.0"),
        ({"target": -80}, "target must lie above -70"),
        ({"target": np.nan}, "target must lie above -70"),
        ({"peak": 0}, "peak must be a positive number"),
    ],
)
def test_wrong_parameters_are_told(parameters, sentence):
    normalizer = clone(LoudnessNormalizer(16000).set_params(**parameters))
    with pytest.raises(ValueError, match=sentence):
        normalizer.fit([noise(100)])


def test_rms_works_at_low_rates():
    assert LoudnessNormalizer(2000, method="rms").fit_transform([noise(100)])


def test_real_clips(real_clips):
    clips, rate = real_clips
    for y in LoudnessNormalizer(rate, peak=0.99).fit_transform(clips):
        loudness = integrated_loudness(y, rate)
        at_peak = np.abs(y).max() == pytest.approx(0.99, rel=1e-5)
        assert loudness == pytest.approx(-23, abs=1e-3) or (at_peak and loudness < -23)
