"""Filters that change with time: exact where the truth is known, causal, linear, bounded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import fft

from skstyle.features import SourceFilterVocoder, apply_filter
from skstyle.features._cepstrum import auto_alpha, log_amplitude
from skstyle.features._differential import filter_by_gain, pitch_ratio
from skstyle.features._synthesis import minimum_phase

RATE, HOP = 16000, 80
rng = np.random.default_rng(0)


def noise(n, dtype=float):
    return (0.1 * np.random.default_rng(n).standard_normal(n)).astype(dtype)


def frames_of(n, width=25, scale=0.0, seed=0):
    """Random mel-cepstra with the frames of a clip of n samples."""
    shape = ((n - 1) // HOP + 1, width)
    return scale * np.random.default_rng(seed).standard_normal(shape) / np.arange(1, width + 1)


# ---------------------------------------------------------------- closed forms


@pytest.mark.parametrize("n", [1, 2, 79, 80, 81, 8000, 8001])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_envelopes_change_nothing(n, dtype):
    x, frames = noise(n, dtype), frames_of(n, scale=1.0)
    y = apply_filter(x, frames, frames, sample_rate=RATE)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, x, rtol=1e-6, atol=1e-12)


def test_constant_gain_is_exact():
    x, zero = noise(5000), frames_of(5000)
    for gain in (0.1, 1.5, 20.0):
        louder = zero.copy()
        louder[:, 0] = np.log(gain)
        np.testing.assert_allclose(apply_filter(x, zero, louder, sample_rate=RATE), gain * x)


def test_a_constant_filter_is_a_convolution():
    """Gains that do not change convolve with their minimum-phase response, nothing wraps."""
    x, frames = noise(6000), np.tile(frames_of(1, scale=1.0), (75, 1))
    y = apply_filter(x, np.zeros_like(frames), frames, sample_rate=RATE)
    gain = log_amplitude(frames[:1], 4096, auto_alpha(RATE))
    response = fft.irfft(minimum_phase(gain), axis=1)[0]
    np.testing.assert_allclose(y, np.convolve(x, response)[:6000], atol=1e-7)


def test_tones_get_the_gain_of_their_frequency():
    target = np.tile(frames_of(1, width=13, scale=0.8, seed=3), (200, 1))
    t = np.arange(16000) / RATE
    omega = np.linspace(0, RATE / 2, 4097)
    gain = log_amplitude(target[:1], 8192, auto_alpha(RATE))[0]
    for hz in (100, 700, 3000, 7000):
        x = np.sin(2 * np.pi * hz * t)
        y = apply_filter(x, np.zeros_like(target), target, sample_rate=RATE)
        ratio = y[2000:-2000].std() / x[2000:-2000].std()
        assert np.log(ratio) == pytest.approx(np.interp(hz, omega, gain), abs=1e-3)


def test_gains_glide_in_the_logarithm():
    frames = np.linspace(0, 2, 101)[:, None] * np.ones(9)
    y = filter_by_gain(np.ones(8001), frames, 80.0)
    inner = np.arange(200, 7800)
    np.testing.assert_allclose(np.log(y[inner]), inner / 4000, atol=2e-3)


def test_decode_is_called_for_rows():
    x, frames = noise(4000), frames_of(4000, width=3, scale=1.0)
    basis = rng.standard_normal((3, 65)) / 10
    expected = filter_by_gain(x, frames @ basis, HOP)
    np.testing.assert_allclose(filter_by_gain(x, frames, HOP, decode=lambda f: f @ basis), expected)


# ---------------------------------------------------------------- invariants


def test_nothing_comes_before_its_cause():
    x = np.zeros(4000)
    x[2000] = 1.0
    y = apply_filter(x, frames_of(4000), frames_of(4000, scale=1.0), sample_rate=RATE)
    assert np.abs(y[:2000]).max() < 1e-12
    assert np.abs(y[2000:]).max() > 0.1
    # The response has died away long before the next word.
    assert np.abs(y[2400:]).max() < 1e-4


@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 3000), seed=st.integers(0, 99), a=st.floats(-2, 2), b=st.floats(-2, 2))
def test_linear_in_the_signal(n, seed, a, b):
    zero, frames = frames_of(n), frames_of(n, scale=1.0, seed=seed)
    x, z = np.random.default_rng(seed).standard_normal((2, n))

    def run(signal):
        return apply_filter(signal, zero, frames, sample_rate=RATE)

    np.testing.assert_allclose(run(a * x + b * z), a * run(x) + b * run(z), atol=1e-9)


def test_a_filter_and_its_inverse_are_nearly_the_identity():
    x, zero, frames = noise(8000), frames_of(8000), frames_of(8000)
    frames[:, 1:4] += 0.5 * np.sin(np.arange(len(frames)) / 20)[:, None]
    there = apply_filter(x, zero, frames, sample_rate=RATE)
    again = apply_filter(there, frames, zero, sample_rate=RATE)
    assert (again - x).std() < 0.05 * x.std()
    assert (there - x).std() > 0.3 * x.std()


@pytest.mark.parametrize("sign", [1, -1])
def test_gains_are_limited(sign):
    x, zero = noise(3000), frames_of(3000)
    frames = zero.copy()
    frames[:, 0] = 50.0 * sign
    for limit in (30.0, 6.0):
        y = apply_filter(x, zero, frames, sample_rate=RATE, max_gain_db=limit)
        assert 20 * np.log10(y.std() / x.std()) == pytest.approx(sign * limit, abs=1e-6)


def test_blocks_do_not_show(monkeypatch):
    from skstyle.features import _differential

    x, frames = noise(9000), frames_of(9000, scale=1.0)
    expected = apply_filter(x, 0 * frames, frames, sample_rate=RATE)
    monkeypatch.setattr(_differential, "BLOCK", 7)
    np.testing.assert_allclose(
        apply_filter(x, 0 * frames, frames, sample_rate=RATE), expected, atol=1e-12
    )


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_any_rate_and_hops_that_are_not_whole(rate):
    vocoder = SourceFilterVocoder(rate, frame_period_ms=3.7).fit([noise(rate)])
    n = len(vocoder._centres(rate))
    frames = np.zeros((n, 25))
    y = apply_filter(noise(rate), frames, frames + 0.01, sample_rate=rate, frame_period_ms=3.7)
    assert len(y) == rate
    assert np.isfinite(y).all()


# ---------------------------------------------------------------- the vocoder's method


@pytest.fixture(scope="module")
def analysed(speakers):
    X = [x[:9000] for x in speakers[0][:2]]
    vocoder = SourceFilterVocoder(RATE).fit(X)
    return vocoder, X, vocoder.transform(X)


def test_vocoder_filters_by_all_coefficients(analysed):
    vocoder, X, S = analysed
    for a, b in zip(vocoder.apply_filter(X, S, S), X, strict=True):
        assert a.dtype == b.dtype == np.float32
        np.testing.assert_allclose(a, b, atol=1e-6)
    louder = [s.copy() for s in S]
    for s in louder:
        s[:, 2] += np.log(2)
    for a, b in zip(vocoder.apply_filter(X, S, louder), X, strict=True):
        np.testing.assert_allclose(a, 2 * b, atol=1e-6)


def test_envelopes_become_those_of_the_target(analysed):
    vocoder, X, S = analysed
    target = [s.copy() for s in S]
    for s in target:
        s[:, 3] += 0.4
        s[:, 5] -= 0.2
    again = vocoder.transform(vocoder.apply_filter(X, S, target))
    for a, b, s in zip(again, target, S, strict=True):
        loud = s[:, 2] > s[:, 2].max() - 3
        off = np.abs(a - b)[loud, 3:27].mean()
        assert off < 0.3 * np.abs(s - b)[loud][:, [3, 5]].mean()


def test_containers_mirror(analysed):
    vocoder, X, S = analysed
    objects = np.empty(2, object)
    objects[:] = X
    assert isinstance(vocoder.apply_filter(X, S, S), list)
    out = vocoder.apply_filter(objects, S, S)
    assert out.dtype == object
    assert vocoder.apply_filter(np.stack(X), S, S).shape == (2, 9000)


# ---------------------------------------------------------------- refusals


def test_frame_counts_are_compared_and_the_clip_is_named(analysed):
    vocoder, X, S = analysed
    message = r"X\[1\] has 9000 samples, which are 113 frames of 80 samples, but its target frames"
    with pytest.raises(ValueError, match=message + r" are 112"):
        vocoder.apply_filter(X, S, [S[0], S[1][:-1]])
    with pytest.raises(ValueError, match="signal has 800 samples, which are 10 frames.* source"):
        apply_filter(noise(800), np.zeros((9, 25)), np.zeros((10, 25)), sample_rate=RATE)


def test_numbers_of_clips_and_columns_are_compared(analysed):
    vocoder, X, S = analysed
    with pytest.raises(ValueError, match="X has 2 clips and source has 1"):
        vocoder.apply_filter(X, S[:1], S)
    narrow = [s[:, :20] for s in S]
    with pytest.raises(ValueError, match=r"X\[0\] has 25 mel-cepstral .* and 18 in the target"):
        vocoder.apply_filter(X, S, narrow)
    with pytest.raises(ValueError, match="signal has 25 mel-cepstral coefficients"):
        apply_filter(noise(80), np.zeros((1, 25)), np.zeros((1, 24)), sample_rate=RATE)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"sample_rate": 16}, "did you mean kHz"),
        ({"frame_period_ms": 0}, "frame_period_ms must be positive, got 0"),
        ({"max_gain_db": -1}, "max_gain_db must be positive, got -1"),
    ],
)
def test_wrong_parameters_are_told(parameters, message):
    frames = np.zeros((1, 25))
    with pytest.raises(ValueError, match=message):
        apply_filter(noise(80), frames, frames, **{"sample_rate": RATE} | parameters)


# ---------------------------------------------------------------- ratio of pitches


def test_pitch_ratio_is_a_median_where_both_are_voiced():
    blocks = {"lf0": slice(0, 1), "vuv": slice(1, 2)}
    source = np.column_stack([np.full(9, np.log(100)), np.ones(9)])
    target = np.column_stack([np.full(9, np.log(150)), np.ones(9)])
    target[:3, 0] = np.log(400)
    assert pitch_ratio(source, target, blocks) == pytest.approx(1.5)
    target[3:, 1] = 0
    assert pitch_ratio(source, target, blocks) == pytest.approx(4)
    target[:, 1] = 0
    assert pitch_ratio(source, target, blocks) == 1


@pytest.mark.parametrize(("ratio", "expected"), [(1.009, 1), (0.992, 1), (1.02, 1.02)])
def test_small_changes_of_pitch_are_left(ratio, expected):
    blocks = {"lf0": slice(0, 1), "vuv": slice(1, 2)}
    source = np.column_stack([np.full(5, np.log(100)), np.ones(5)])
    target = source + [np.log(ratio), 0]
    assert pitch_ratio(source, target, blocks) == pytest.approx(expected)
