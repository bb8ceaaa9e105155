"""Clips are scaled as a whole, down only, and the gain can be undone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone

from skstyle.audio import write_clip
from skstyle.exceptions import ClippingWarning
from skstyle.signal import PeakGuard
from skstyle.signal._peak_guard import apply_gain, peak_gain, peak_of, remove_gain

SAMPLES = st.floats(-100, 100, width=32)


def test_gain_in_closed_form():
    x = np.array([0.5, -2.0, 1.0])
    assert peak_of(x) == 2
    assert peak_of(-x) == 2
    assert peak_gain(x, 2, 1) == 1
    assert peak_gain(x, 1.9, 1) == 0.5
    assert apply_gain(x, None) is x is apply_gain(x, 1.0)
    assert remove_gain(x, None) is x is remove_gain(x, 1.0)
    np.testing.assert_array_equal(remove_gain(apply_gain(x, 0.25), 0.25), x)


@settings(max_examples=100, deadline=None)
@given(
    arrays(np.float32, st.integers(1, 50), elements=SAMPLES),
    st.floats(0.01, 2),
    st.sampled_from([np.float32, np.float64]),
)
def test_peak_is_kept_shape_is_kept_and_inverse_undoes(x, peak, dtype):
    x = x.astype(dtype)
    guard = PeakGuard(peak, warn=False)
    Y = guard.fit_transform([x])
    assert Y[0].dtype == dtype
    assert np.abs(Y[0]).max() <= peak * (1 + 2e-6)
    if np.abs(x).max() <= peak:
        assert Y[0] is x
    np.testing.assert_allclose(guard.inverse_transform(Y)[0], x, rtol=1e-5, atol=1e-30)
    assert guard.transform(Y)[0] is Y[0]  # rounding does not make it act twice


def test_warning_names_the_clip_and_the_gain():
    X = [np.array([0.5]), np.array([0.1, -1.98])]
    with pytest.warns(ClippingWarning) as seen:
        PeakGuard().fit_transform(X)
    assert [str(w.message) for w in seen] == [
        "X[1] has a peak of 1.98, beyond 0.99: the whole clip is scaled by -6.0 dB."
    ]
    assert seen[0].filename == __file__.replace(".pyc", ".py") or "sklearn" in seen[0].filename


def test_warning_points_to_the_caller():
    with pytest.warns(ClippingWarning) as seen:
        PeakGuard().transform([np.array([2.0])])
    assert seen[0].filename == __file__


def test_no_warning_when_not_asked_for():
    assert PeakGuard(warn=False).transform([np.array([0.0, 2.0])])[0][1] == pytest.approx(0.99)


def test_it_is_stateless():
    assert PeakGuard().transform([np.array([0.5])])[0][0] == 0.5


def test_without_memory_the_inverse_does_nothing():
    guard = PeakGuard(warn=False)
    Y = list(guard.fit_transform([np.array([2.0])]))
    assert guard.inverse_transform(Y)[0] is Y[0]


def test_gains_are_remembered_per_clip():
    Y = PeakGuard(0.5, warn=False).fit_transform([np.array([0.1]), np.array([1.0])])
    assert Y.trail == ({"peak_gain": (1.0, 0.5)},)


@pytest.mark.parametrize("peak", [0, -1.0, np.nan, np.inf, "-1 dB", None, True])
def test_wrong_peaks_are_told(peak):
    with pytest.raises(ValueError, match="peak must be a positive number.*10 \\*\\* "):
        clone(PeakGuard(peak)).fit([np.array([0.5])])


def test_files_are_guarded_by_the_same_rule(tmp_path):
    x = np.array([0.5, -3.0])
    with pytest.warns(ClippingWarning) as seen:
        write_clip(tmp_path / "a.wav", x, 16000)
        PeakGuard(1.0).transform([x])
    ours, theirs = (str(w.message).partition(" has ")[2].split(": ")[0] for w in seen)
    assert ours == theirs == "a peak of 3, beyond 1"
    assert [w.filename for w in seen] == [__file__] * 2
