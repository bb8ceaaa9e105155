"""Windows as parameters, rows and columns."""

import numpy as np
import pytest

from skstyle.features import DeltaFeatures
from skstyle.trajectory import DELTA, DELTA_DELTA
from skstyle.trajectory._windows import append_dynamic, check_windows, stack_windows


def test_rows_are_centred():
    weights = stack_windows(check_windows(([-0.2, -0.1, 0, 0.1, 0.2], DELTA_DELTA)))
    np.testing.assert_array_equal(
        weights, [[0, 0, 1, 0, 0], [-0.2, -0.1, 0, 0.1, 0.2], [0, 1, -2, 1, 0]]
    )


@pytest.mark.parametrize("order", [1, 2])
def test_columns_are_those_of_delta_features(order):
    x = np.random.default_rng(0).normal(size=(7, 3))
    windows = (DELTA, DELTA_DELTA)[:order]
    expected = DeltaFeatures(order=order).fit_transform([x])[0]
    np.testing.assert_array_equal(append_dynamic(x, windows), expected)


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        (DELTA, "tuple of windows"),
        (([1.0, -1.0],), r"windows\[0\] must hold an odd number"),
        ((DELTA, []), r"windows\[1\] must hold an odd number"),
        (([1.0, np.nan, 1.0],), "finite"),
    ],
)
def test_wrong_windows_are_told(windows, message):
    with pytest.raises(ValueError, match=message):
        check_windows(windows)
