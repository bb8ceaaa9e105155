"""Predicted opinions: means, weights, and nonsense that predictors return."""

import numpy as np
import pytest

from skstyle.exceptions import SilentClipWarning
from skstyle.metrics import mean_opinion_score

RATE = 16000
CLIPS = [np.full(10, v) for v in (0.1, 0.2, 0.4)]


def ten_times(x, sample_rate):
    assert sample_rate == RATE
    return 10 * x[0]


def test_means_weights_and_values_of_clips():
    each = mean_opinion_score(CLIPS, sample_rate=RATE, predictor=ten_times, average=False)
    np.testing.assert_allclose(each, [1, 2, 4])
    assert mean_opinion_score(CLIPS, sample_rate=RATE, predictor=ten_times) == pytest.approx(7 / 3)
    weighted = mean_opinion_score(
        CLIPS, sample_rate=RATE, predictor=ten_times, sample_weight=[1, 1, 2]
    )
    assert weighted == pytest.approx(11 / 4)


@pytest.mark.parametrize("wrap", [np.float32, np.array, lambda v: [[v]], lambda v: np.array([v])])
def test_numbers_come_in_many_shapes(wrap):
    value = mean_opinion_score(
        CLIPS, sample_rate=RATE, predictor=lambda x, r: wrap(ten_times(x, r)), average=False
    )
    np.testing.assert_allclose(value, [1, 2, 4], rtol=1e-6)


@pytest.mark.parametrize("nonsense", [None, "good", np.nan, [1.0, 2.0], [], {"mos": 3.0}])
def test_what_is_no_number(nonsense):
    with pytest.raises(ValueError, match=r"predictor returned .* for y_pred\[0\], expected one f"):
        mean_opinion_score(CLIPS, sample_rate=RATE, predictor=lambda x, r: nonsense)


def test_scales():
    with pytest.raises(ValueError, match=r"returned 20 for y_pred\[1\], expected an .* 1 to 5"):
        mean_opinion_score(CLIPS, sample_rate=RATE, predictor=lambda x, r: 2 if x[0] < 0.15 else 20)
    assert mean_opinion_score(CLIPS, sample_rate=RATE, predictor=lambda x, r: 5.3) == 5.3
    hundred = mean_opinion_score(CLIPS, sample_rate=RATE, predictor=lambda x, r: 60, scale=(0, 100))
    assert hundred == 60
    for scale in [(5, 1), 5, None, (1, 2, 3), ("a", "b")]:
        with pytest.raises(ValueError, match="scale must be the worst and the best opinion"):
            mean_opinion_score(CLIPS, sample_rate=RATE, predictor=ten_times, scale=scale)


def test_silence_warns_and_is_judged():
    with pytest.warns(SilentClipWarning, match=r"y_pred\[1\] is silent") as caught:
        each = mean_opinion_score(
            [CLIPS[0], np.zeros(9)], sample_rate=RATE, predictor=lambda x, r: 1.5, average=False
        )
    assert [w.filename for w in caught] == [__file__]
    np.testing.assert_array_equal(each, [1.5, 1.5])


def test_a_predictor_is_a_function():
    with pytest.raises(TypeError, match="predictor must be a function, .* got str"):
        mean_opinion_score(CLIPS, sample_rate=RATE, predictor="mosnet")
