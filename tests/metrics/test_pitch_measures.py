"""Errors of pitch and voicing: tones whose pitches are known, and trackers that are told."""

import numpy as np
import pytest

from skstyle.exceptions import UnvoicedClipWarning
from skstyle.metrics import log_f0_correlation, log_f0_rmse, voicing_error
from skstyle.metrics._pitch import log_f0_difference, pitch_correlation
from skstyle.metrics._voicing import voicing_disagreement

RATE = 16000
OCTAVE = {"log": np.log(2), "cents": 1200.0, "semitones": 12.0}


def tone(hz, seconds=0.5, n_harmonics=8):
    phase = 2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE
    return 0.1 * sum(np.sin(h * phase) / h for h in range(1, n_harmonics + 1))


def reads(low, high):
    """Make a tracker that tells the two tones apart by their lengths."""

    def f0(x, sample_rate, times):
        return np.full(len(times), low if len(x) % 2 == 0 else high)

    return f0


@pytest.mark.parametrize("unit", OCTAVE)
def test_an_octave(unit):
    value = log_f0_rmse([tone(220)], [tone(110)], sample_rate=RATE, unit=unit)
    assert value == pytest.approx(OCTAVE[unit], rel=1e-3)
    told = {"f0": reads(110.0, 220.0)}
    pair = [tone(110)], [tone(110)[:-1]]
    assert log_f0_rmse(*pair, sample_rate=RATE, unit=unit, **told) == pytest.approx(OCTAVE[unit])


def test_units_that_there_are_not():
    with pytest.raises(ValueError, match="unit must be one of .* got 'Hz'"):
        log_f0_rmse([tone(110)], [tone(110)], sample_rate=RATE, unit="Hz")


def test_formulas_and_what_is_left_out():
    rng = np.random.default_rng(0)
    p, q = rng.uniform(80, 300, (2, 60))
    p[:10] = 0
    q[5:20] = 0
    v = slice(20, None)
    error = np.sqrt(np.mean((np.log(p[v]) - np.log(q[v])) ** 2))
    assert log_f0_difference(p, q) == pytest.approx(error)
    expected = np.corrcoef(np.log(p[v]), np.log(q[v]))[0, 1]
    assert pitch_correlation(p, q) == pytest.approx(expected)
    assert voicing_disagreement(p, q) == pytest.approx((5 + 10) / 60)


@pytest.mark.parametrize("power", [0.5, 1, 3])
def test_correlation_is_blind_to_register_and_range(power):
    p = np.random.default_rng(0).uniform(80, 300, 60)
    assert pitch_correlation(p, 7 * p**power) == pytest.approx(1)
    assert pitch_correlation(p, 7 / p**power) == pytest.approx(-1)
    assert pitch_correlation(p, np.full(60, 100.0)) is np.nan


def test_few_voiced_frames_say_nothing():
    p = np.zeros(60)
    p[:4] = 100.0
    for function in (log_f0_difference, pitch_correlation):
        assert function(p, p) is np.nan
    p[4] = 120.0
    assert log_f0_difference(p, p) == 0
    assert pitch_correlation(p, p) == pytest.approx(1)


def test_an_unvoiced_clip_is_named_and_left_out(speakers):
    X, y = (list(part[:2]) for part in speakers)
    whisper = 0.1 * np.random.default_rng(0).standard_normal(len(X[1]))
    silent = {"f0": lambda x, rate, times: np.where(np.abs(x).max() < 0.3, 120.0 + times, 0)}
    assert np.abs(whisper).max() > 0.3
    tones = [tone(110), tone(120)]
    for function in (log_f0_rmse, log_f0_correlation):
        with pytest.warns(UnvoicedClipWarning, match=r"y_true\[1\] and y_pred\[1\] share") as found:
            each = function(tones, [tones[0], whisper], sample_rate=RATE, average=False, **silent)
        assert [w.filename for w in found] == [__file__]
        assert np.isnan(each).tolist() == [False, True]
        with pytest.warns(UnvoicedClipWarning):
            mean = function(tones, [tones[0], whisper], sample_rate=RATE, **silent)
        assert mean == each[0]
        with pytest.warns(UnvoicedClipWarning):
            alone = function(tones[:1], [whisper], sample_rate=RATE, **silent)
        assert np.isnan(alone)
    assert voicing_error(tones, [tones[0], whisper], sample_rate=RATE, **silent) == 0.5


def test_a_constant_pitch_has_no_correlation():
    told = {"f0": reads(110.0, 220.0)}
    with pytest.warns(UnvoicedClipWarning, match="constant pitch"):
        log_f0_correlation([tone(110)], [tone(110)], sample_rate=RATE, **told)


def test_voicing_follows_the_frames():
    """Half a tone, half a noise of its envelope, beside the whole tone."""
    told = {"f0": lambda x, rate, times: np.where(times < len(x) / rate / 2, 120.0, 0.0)}
    always = {"f0": lambda x, rate, times: np.full(len(times), 120.0)}
    x = [tone(120)]
    assert voicing_error(x, x, sample_rate=RATE, **told) == 0
    assert voicing_error(x, x, sample_rate=RATE, **always) == 0
    mixed = {"f0": lambda x, rate, times: np.where((times < 0.25) | (len(x) % 2 == 0), 120.0, 0.0)}
    pair = [tone(120)], [tone(120)[:-1]]
    value = voicing_error(*pair, sample_rate=RATE, align=False, silence_db=None, **mixed)
    assert value == pytest.approx(0.5, abs=0.02)


def test_range_of_the_search():
    pair = [tone(220)], [tone(110)]
    with pytest.warns(UnvoicedClipWarning):
        value = log_f0_rmse(*pair, sample_rate=RATE, f0_min_hz=150, f0_max_hz=400)
    assert not value < 0.5  # 110 Hz cannot be found
