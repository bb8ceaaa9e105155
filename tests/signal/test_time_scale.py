"""Duration without pitch, pitch without duration."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skstyle.signal import shift_pitch, time_stretch

RATE = 16000
RATIOS = (0.6, 0.8, 1.03, 1.3, 1.8)


def harmonics(f0, n=RATE, n_partials=10):
    t = np.arange(n) / RATE
    return sum(np.cos(2 * np.pi * f0 * k * t) / k for k in range(1, n_partials + 1)) / 10


def noise(n=RATE):
    return 0.1 * np.random.default_rng(0).standard_normal(n)


def strongest(x, low, high):
    """Frequency of the strongest partial between two frequencies, in Hz."""
    n = 8 * len(x)
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)), n))
    hz = np.arange(len(spectrum)) * RATE / n
    inside = (hz > low) & (hz < high)
    return hz[inside][spectrum[inside].argmax()]


def level_db(y, x):
    return 10 * np.log10(np.mean(y**2) / np.mean(x**2))


# ---------------------------------------------------------------- pitch and level


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("f0", [80, 150, 233, 400])
def test_pitch_is_multiplied_and_level_kept(f0, ratio):
    x = harmonics(f0)
    y = shift_pitch(x, RATE, ratio)
    assert len(y) == len(x)
    middle = slice(1500, -1500)
    found = strongest(y[middle], 0.7 * f0 * ratio, 1.4 * f0 * ratio)
    assert found == pytest.approx(f0 * ratio, rel=0.01)
    assert abs(level_db(y[middle], x[middle])) < 1


@pytest.mark.parametrize("factor", RATIOS)
@pytest.mark.parametrize("f0", [80, 233, 400])
def test_stretched_sounds_keep_their_pitch(f0, factor):
    x = harmonics(f0)
    y = time_stretch(x, RATE, factor)
    assert len(y) == round(factor * len(x))
    middle = slice(1500, -1500)
    assert strongest(y[middle], 0.7 * f0, 1.4 * f0) == pytest.approx(f0, rel=0.01)
    assert abs(level_db(y[middle], x[middle])) < 1


@pytest.mark.parametrize("ratio", RATIOS)
def test_partials_stay_whole_multiples(ratio):
    """Whole periods are cut and repeated: energy between the partials stays low."""
    y = shift_pitch(harmonics(150), RATE, ratio)[1500:-1500]
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)))) ** 2
    partial = np.arange(len(spectrum)) * RATE / len(y) / (150 * ratio)
    inside = (partial > 0.5) & (partial < 10.5)
    off = np.abs(partial - np.round(partial)) > 0.2
    assert spectrum[inside & off].sum() < 0.01 * spectrum[inside].sum()


@pytest.mark.parametrize("factor", RATIOS)
def test_noise_stays_noise(factor):
    y = time_stretch(noise(), RATE, factor)
    assert abs(level_db(y, noise())) < 1
    lags = np.correlate(y, y[:4000], "valid")[:2000] / np.sum(y[:4000] ** 2)
    assert np.abs(lags[50:]).max() < 0.5


def test_a_higher_lowest_pitch_moves_events_less():
    x = noise(8000)
    x[4000:] *= 1e-3
    for f0_min_hz in (71, 200):
        y = time_stretch(x, RATE, 1.5, f0_min_hz=f0_min_hz)
        power = np.convolve(y**2, np.ones(80) / 80, "same")
        end = np.flatnonzero(power > 0.1 * np.mean(x[:4000] ** 2))[-1]
        assert abs(end - 6000) < 1.6 * RATE / f0_min_hz + 80


# ---------------------------------------------------------------- the band above


def test_a_lowered_clip_is_empty_above_and_can_be_filled():
    x = noise()

    def upper(y):
        spectrum = np.abs(np.fft.rfft(y)) ** 2
        return spectrum[int(0.65 * len(spectrum)) :].sum()

    plain, filled = (shift_pitch(x, RATE, 0.6, fill=fill) for fill in (False, True))
    assert upper(plain) < 1e-4 * upper(x)
    assert upper(filled) == pytest.approx(upper(x), rel=0.02)
    low = np.abs(np.fft.rfft(filled - plain))[: int(0.5 * RATE / 2)]
    assert (low**2).sum() < 1e-3 * (np.abs(np.fft.rfft(plain)) ** 2).sum()


def test_raised_clips_have_nothing_to_fill():
    x = harmonics(200)
    np.testing.assert_array_equal(
        shift_pitch(x, RATE, 1.3, fill=True), shift_pitch(x, RATE, 1.3, fill=False)
    )


# ---------------------------------------------------------------- lengths and odd clips


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 3000), ratio=st.floats(0.25, 4), fill=st.booleans())
def test_lengths_hold(n, ratio, fill):
    x = noise(n).astype(np.float32)
    y = shift_pitch(x, RATE, ratio, fill=fill)
    assert y.shape == x.shape
    assert y.dtype == np.float32
    assert np.isfinite(y).all()
    longer = time_stretch(x, RATE, ratio)
    assert longer.shape == (max(round(ratio * n), 1),)
    assert longer.dtype == np.float32
    # Pieces overlap and never add up to more than what they were cut from.
    assert np.abs(longer).max() <= 1.0001 * np.abs(x).max()


def test_no_change_is_no_change():
    x = noise(5001)
    np.testing.assert_allclose(time_stretch(x, RATE, 1), x, atol=1e-12)
    np.testing.assert_allclose(shift_pitch(x, RATE, 1), x, atol=1e-12)


@pytest.mark.parametrize("ratio", RATIOS)
def test_silence_and_dc(ratio):
    assert not time_stretch(np.zeros(5000), RATE, ratio).any()
    assert not shift_pitch(np.zeros(5000), RATE, ratio, fill=True).any()
    np.testing.assert_allclose(time_stretch(np.full(5000, 0.3), RATE, ratio), 0.3)
    middle = shift_pitch(np.full(5000, 0.3), RATE, ratio)[500:-500]
    np.testing.assert_allclose(middle, 0.3, rtol=1e-4)


@pytest.mark.parametrize("factor", RATIOS)
def test_a_click_is_heard_near_its_place(factor):
    x = np.zeros(RATE)
    x[8000] = 1.0
    y = time_stretch(x, RATE, factor)
    at = np.flatnonzero(np.abs(y) > 0.01)
    assert 1 <= len(at) <= 4
    assert np.abs(at - 8000 * factor).max() < 0.03 * RATE
    assert 0.3 < np.abs(y).max() < 1 + 1e-9


def test_ends_stay_ends():
    """What is said at the very end of a clip is not cut off, nor followed by silence."""
    x = np.zeros(RATE)
    x[:400], x[-400:] = noise(400), noise(400)
    for factor in RATIOS:
        y = time_stretch(x, RATE, factor)
        np.testing.assert_allclose(y[:10], x[:10], atol=1e-3)
        assert abs(level_db(y[-150:], x[-150:])) < 3


def test_inputs_are_not_written_to():
    x = noise(4000)
    before = x.copy()
    x.flags.writeable = False
    shift_pitch(x, RATE, 0.7, fill=True)
    np.testing.assert_array_equal(x, before)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("factor", [0, 0.2, 4.5, np.nan])
def test_factors_out_of_range(factor):
    with pytest.raises(ValueError, match="factor must lie between 0.25 and 4"):
        time_stretch(noise(100), RATE, factor)
    with pytest.raises(ValueError, match="ratio must lie between 0.25 and 4"):
        shift_pitch(noise(100), RATE, factor)


def test_other_wrong_inputs():
    with pytest.raises(ValueError, match="did you mean kHz"):
        time_stretch(noise(100), 16, 1.5)
    with pytest.raises(ValueError, match="f0_min_hz must lie between 20 and 8000"):
        time_stretch(noise(100), RATE, 1.5, f0_min_hz=5)
    with pytest.raises(ValueError, match="x has shape .* expected one channel"):
        shift_pitch(np.zeros((100, 2)), RATE, 1.5)
    with pytest.raises(ValueError, match="x contains NaN"):
        shift_pitch(np.full(100, np.nan), RATE, 1.5)
