"""Levels of clips: the same for every loudness and every sample rate."""

import numpy as np
import pytest

from skstyle.transfer._levels import FLOOR_DB, at_unit_level, level_of, log_mel, make_analysis


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
