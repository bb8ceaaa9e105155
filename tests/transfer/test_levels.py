"""Levels of clips: the same for every loudness and every sample rate."""

import numpy as np
import pytest

from skstyle.transfer._levels import (
    FLOOR_DB,
    at_unit_level,
    level_of,
    log_mel,
    make_analysis,
    power_of,
    sounding,
    without_offset,
)


def tone(sample_rate, hz=1000.0):
    return np.sin(2 * np.pi * hz * np.arange(int(sample_rate)) / sample_rate)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4, 1e150])
def test_level_is_the_root_mean_square(scale):
    x = scale * tone(16000)
    assert level_of(x) == pytest.approx(scale / np.sqrt(2), rel=1e-6)
    scaled, factor = at_unit_level(x)
    assert scaled.dtype == np.float32 and level_of(scaled) == pytest.approx(0.1, rel=1e-6)
    np.testing.assert_allclose(np.float64(factor) * scaled, x, rtol=1e-6, atol=1e-6 * scale)


def test_nearly_nothing_is_silent():
    assert level_of(np.zeros(5)) == 0
    assert level_of(np.full(5, 1e-9)) == 0


@pytest.mark.parametrize("sample_rate", [8000, 16000, 22050, 44100, 48000])
def test_levels_do_not_depend_on_the_sample_rate(sample_rate):
    analysis = make_analysis(sample_rate, 40, 4000)
    x = at_unit_level(tone(sample_rate))[0]
    levels = log_mel(x, analysis)
    reference = log_mel(at_unit_level(tone(16000))[0], make_analysis(16000, 40, 4000))
    assert levels.dtype == np.float32
    middle = levels[len(levels) // 2]
    assert middle.argmax() == np.abs(analysis.centres - 1000).argmin()
    assert middle.max() == pytest.approx(reference[len(reference) // 2].max(), abs=0.5)
    assert analysis.hop_length / sample_rate == pytest.approx(0.016, rel=0.03)


def test_silence_has_the_lowest_level():
    assert (log_mel(np.zeros(100, np.float32), make_analysis(16000, 8)) == FLOOR_DB).all()


def test_rates_in_khz_are_refused():
    with pytest.raises(ValueError, match="did you mean kHz"):
        make_analysis(16, 40)


def test_power_of_frames_and_silence():
    levels = np.full((4, 40), FLOOR_DB, np.float32)
    levels[1] = 0.0
    levels[2, 3] = -20.0
    levels[3] = FLOOR_DB + 3
    power = power_of(levels)
    assert power[1] == 0 and power[2] == pytest.approx(-20 - 10 * np.log10(40), abs=0.01)
    # The floor of many bands is silence beside one that is quiet.
    assert power[0] < -90 and power[3] < -70
    np.testing.assert_array_equal(sounding(levels), [False, True, True, False])
    assert sounding(np.full((3, 2), FLOOR_DB)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_offsets(dtype):
    x = np.sin(np.arange(4000) / 5).astype(dtype)
    assert without_offset(x, 16000) is x
    np.testing.assert_allclose(without_offset(x + dtype(3), 16000), x, atol=2e-3)
    # What has a mean, between zeros, is no offset.
    padded = np.concatenate([np.zeros(9000, dtype), x + dtype(0.3)])
    assert without_offset(padded, 16000) is padded
    short = np.ones(100, dtype)
    assert without_offset(short, 16000) is short
    assert not level_of(without_offset(np.ones(4000, dtype), 16000))
