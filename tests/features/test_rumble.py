"""What lies below the pitch goes, and nothing else moves."""

import numpy as np
import pytest

from skstyle.features._rumble import CUTOFF_SHARE, remove_rumble, rumble_cutoff

RATE = 16000
CUTOFF = 100 / RATE


def tone(frequency, n_times=RATE):
    return np.sin(2 * np.pi * frequency * np.arange(n_times) / RATE)


def gain(frequency):
    """Amplitude that is left of a tone, away from its ends."""
    middle = slice(4000, -4000)
    x = tone(frequency)
    return remove_rumble(x, CUTOFF)[middle].std() / x[middle].std()


def test_cutoff_is_below_the_lowest_pitch():
    f0 = np.r_[np.zeros(40), np.full(99, 120.0), np.full(99, 200.0)]
    assert rumble_cutoff(f0) == pytest.approx(CUTOFF_SHARE * 120)


def test_errors_of_the_tracker_do_not_lower_the_cutoff():
    assert rumble_cutoff(np.r_[np.full(99, 120.0), 60.0]) == pytest.approx(CUTOFF_SHARE * 120)


@pytest.mark.parametrize("f0", [np.zeros(30), np.zeros(1), np.zeros(0)])
def test_unvoiced_clips_have_no_cutoff(f0):
    cutoff = rumble_cutoff(f0)
    assert cutoff == 0
    assert isinstance(cutoff, float)


@pytest.mark.parametrize("frequency", [20, 35, 50])
def test_tones_below_are_removed(frequency):
    """An octave below, 48 dB are gone."""
    assert gain(frequency) < 10 ** (-48 / 20)


@pytest.mark.parametrize("frequency", [200, 400, 3000])
def test_tones_above_are_kept(frequency):
    assert gain(frequency) == pytest.approx(1, abs=0.004)


def test_lowest_pitch_is_kept_and_gain_at_the_cutoff_is_a_half():
    assert gain(100) == pytest.approx(0.5, abs=1e-6)
    assert gain(100 / CUTOFF_SHARE) > 0.93


def test_constant_offset_is_removed():
    assert np.abs(remove_rumble(np.full(RATE, 0.3), CUTOFF)[1000:-1000]).max() < 1e-9


def test_nothing_moves_in_time():
    x = np.zeros(4001)
    x[2000] = 1
    y = remove_rumble(x, CUTOFF)
    assert y.argmax() == 2000
    np.testing.assert_allclose(y, y[::-1], atol=1e-12)
    voice = tone(300) * np.hanning(RATE)
    np.testing.assert_allclose(remove_rumble(voice, CUTOFF), voice, atol=2e-3)


def test_ends_are_left_alone():
    """A voice may begin at once."""
    x = tone(200) + 0.2 * tone(30)
    y = remove_rumble(x, CUTOFF)
    assert y[0] == x[0]
    assert y[-1] == x[-1]
    np.testing.assert_allclose(y[:16], x[:16], atol=0.01)


def test_no_cutoff_leaves_the_signal_as_it_is():
    x = tone(30)
    assert remove_rumble(x, 0) is x


@pytest.mark.parametrize("n_times", [1, 2, 3, 50])
@pytest.mark.parametrize("cutoff", [1e-4, CUTOFF, 0.35])
def test_short_clips_pass(n_times, cutoff):
    x = np.cos(np.arange(n_times))
    y = remove_rumble(x, cutoff)
    assert y.shape == x.shape
    assert np.isfinite(y).all()
    assert y[0] == x[0]


def test_signals_are_not_written_to():
    x = tone(30)
    x.flags.writeable = False
    assert remove_rumble(x, CUTOFF) is not x
