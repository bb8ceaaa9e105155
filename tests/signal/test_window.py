"""Windows of every kind, in the middle of the transform."""

import numpy as np
import pytest
from scipy.signal import get_window

from skstyle.signal._window import make_window, whole_number, window_centre


def test_defaults():
    window, hop = make_window("hann", 64)
    np.testing.assert_array_equal(window, get_window("hann", 64))
    assert hop == 16


def test_short_windows_have_zeros_around():
    window, hop = make_window(("kaiser", 8.0), 64, win_length=33)
    np.testing.assert_array_equal(window[15:48], get_window(("kaiser", 8.0), 33))
    assert not window[:15].any() and not window[48:].any()
    assert hop == 8


def test_centre_of_a_window():
    assert window_centre(get_window("hann", 64)) == pytest.approx(32)
    assert window_centre(np.eye(1, 20, 7)[0]) == 7
    assert window_centre(np.ones(9)) == pytest.approx(4)


@pytest.mark.parametrize("value", [0, -3, 1.5, "8", None, np.nan, np.inf])
def test_whole_numbers(value):
    with pytest.raises(ValueError, match="hop must be an integer of at least 1, got"):
        whole_number(value, "hop")


def test_whole_numbers_of_other_types():
    assert whole_number(np.float64(3), "hop") == 3
    assert type(whole_number(np.int16(3), "hop")) is int
