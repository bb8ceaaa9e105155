"""What all filters of signals share: memory, containers, and clips of every kind."""

import inspect

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

import skstyle
from skstyle.base import SignalFilter
from skstyle.exceptions import ClippingWarning, SilentClipWarning
from skstyle.signal import (
    LoudnessNormalizer,
    PeakGuard,
    Preemphasis,
    Resampler,
    SilenceTrimmer,
    STFTTransformer,
)


class Shift(SignalFilter):
    """Add the mean of a clip: the smallest filter with a memory."""

    _recalls = ("mean",)
    calls = 0

    def _measure_one(self, x):
        type(self).calls += 1
        return (float(x.mean()),)

    def _transform_one(self, x, mean):
        return x - mean

    def _inverse_one(self, y, mean):
        if len(y) == 13:
            raise ValueError("thirteen samples.")
        return y + (0 if mean is None else mean)


def filters(rate):
    return [
        Resampler(rate, 16000),
        Resampler(rate, 11025),
        SilenceTrimmer(rate),
        SilenceTrimmer(rate, mode="remove"),
        SilenceTrimmer(rate, mode="mask"),
        PeakGuard(1.0),
        LoudnessNormalizer(rate, peak=0.99),
        LoudnessNormalizer(rate, method="rms", peak=0.99),
        Preemphasis(),
    ]


def odd_clips(rate):
    rng = np.random.default_rng(0)
    t = np.arange(rate) / rate
    click = np.zeros(rate)
    click[rate // 2] = 1
    return {
        "offset": np.full(rate, 0.5),
        "clipped square": np.sign(np.sin(2 * np.pi * 100 * t + 0.1)),
        "tone": 0.5 * np.sin(2 * np.pi * 440 * t),
        "noise": np.clip(0.2 * rng.standard_normal(rate), -1, 1),
        "click": click,
        "one sample": np.array([0.5]),
        "two samples": np.array([0.5, -0.5]),
        "quiet": 1e-6 * rng.standard_normal(rate),
    }


def test_every_filter_is_here():
    public = {
        name
        for name in skstyle.__all__
        if inspect.isclass(value := getattr(skstyle, name)) and issubclass(value, SignalFilter)
    }
    assert public == {type(f).__name__ for f in filters(16000)}


@pytest.mark.parametrize("rate", [8000, 48000])
@pytest.mark.parametrize("kind", odd_clips(8000))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("index", range(len(filters(8000))))
def test_odd_clips(rate, kind, dtype, index):
    """Finite, of the dtype, back at the length, the input untouched, and not a warning."""
    x = odd_clips(rate)[kind].astype(dtype)
    x.flags.writeable = False
    before = x.copy()
    estimator = filters(rate)[index]
    if isinstance(estimator, LoudnessNormalizer) and kind == "quiet":
        # -120 dBFS is below the absolute gate of BS.1770, and has an RMS.
        if estimator.method == "bs1770":
            with pytest.warns(SilentClipWarning):
                assert estimator.fit_transform([x])[0] is x
            return
    Y = estimator.fit_transform([x])
    again = estimator.inverse_transform(Y)[0]
    assert Y[0].dtype == again.dtype == dtype
    assert Y[0].ndim == again.ndim == 1
    assert np.isfinite(Y[0]).all()
    assert np.isfinite(again).all()
    assert again.shape == x.shape
    np.testing.assert_array_equal(x, before)
    if isinstance(estimator, Resampler):
        assert len(Y[0]) == -(-len(x) * estimator.sample_rate // rate)
    else:
        atol = 1e-5 if dtype == np.float32 else 1e-12
        if not isinstance(estimator, SilenceTrimmer):
            np.testing.assert_allclose(again, x, atol=atol)


@pytest.mark.parametrize("index", range(len(filters(8000))))
def test_bad_clips_are_named_in_both_directions(index):
    estimator = filters(16000)[index]
    good = np.full(100, 0.5)
    for call in (estimator.fit, estimator.transform, estimator.inverse_transform):
        for bad, sentence in (
            ([good, np.array([0.0, np.nan])], r"X\[1\] contains NaN"),
            ([good, np.zeros(0)], r"X\[1\] is empty"),
            ([good, np.zeros((2, 100))], r"X\[1\] has shape .*one channel"),
            ([good, np.zeros(10, np.int16)], r"X\[1\] holds integer samples"),
            (good, "Expected a list of 1-D signals"),
            ([], "empty list"),
        ):
            with pytest.raises(ValueError, match=sentence):
                call(bad)


def test_measured_once_applied_and_undone():
    X = [np.array([1.0, 3.0]), np.array([0.5])]
    Shift.calls = 0
    shift = Shift()
    Y = shift.fit_transform(X)
    assert Shift.calls == 2
    np.testing.assert_array_equal(Y[0], [-1, 1])
    assert Y.trail == ({"mean": (2.0, 0.5)},)
    again = shift.inverse_transform(Y)
    assert Shift.calls == 2
    for a, x in zip(again, X, strict=True):
        np.testing.assert_array_equal(a, x)
    assert type(again) is list


def test_memories_are_a_stack():
    X = [np.array([1.0, 3.0, 4.0]), np.array([0.5])]
    chain = make_pipeline(
        Shift(), PeakGuard(0.1, warn=False), STFTTransformer(n_fft=16), "passthrough"
    )
    again = chain.inverse_transform(chain.fit_transform(X))
    for a, x in zip(again, X, strict=True):
        np.testing.assert_allclose(a, x, atol=1e-12)
    assert type(again) is list


def test_arrays_and_plain_lists_have_no_memory():
    X = np.array([[1.0, 3.0], [2.0, 2.0]])
    shift = Shift()
    Y = shift.fit_transform(X)
    assert Y.shape == X.shape
    np.testing.assert_array_equal(shift.inverse_transform(Y), Y)
    lists = shift.inverse_transform(list(shift.transform(list(X))))
    np.testing.assert_array_equal(lists[0], [-1, 1])


def test_added_clips_are_refused():
    Y = Shift().fit_transform([np.ones(3)])
    Y.append(np.ones(3))
    with pytest.raises(ValueError, match="remembers mean of 1 clips and holds 2"):
        Shift().inverse_transform(Y)


def test_errors_of_the_inverse_name_the_clip():
    with pytest.raises(ValueError, match=r"X\[1\]: thirteen samples"):
        Shift().inverse_transform([np.ones(3), np.ones(13)])
    stft = STFTTransformer(n_fft=16).fit([np.ones(100)])
    spectra = stft.transform([np.ones(100), np.ones(50)])
    with pytest.raises(ValueError, match=r"X\[1\]: "):
        stft.inverse_transform(spectra, n_times=[100, 1])


def test_filters_need_no_fit_and_analyses_do():
    assert Shift().transform([np.ones(3)])
    assert Shift().inverse_transform([np.ones(3)])
    with pytest.raises(NotFittedError):
        STFTTransformer().transform([np.ones(3)])


def test_widths_of_fitted_arrays_are_compared():
    shift = Shift().fit(np.ones((3, 5)))
    with pytest.raises(ValueError, match="X has 4 features, but Shift is expecting 5"):
        shift.transform(np.ones((3, 4)))
    assert clone(shift).transform(np.ones((3, 4))).shape == (3, 4)


def test_loud_chain_with_a_guard_behind():
    """What the warning of the normaliser recommends."""
    x = np.zeros(16000)
    x[8000] = 0.5
    chain = make_pipeline(LoudnessNormalizer(16000), PeakGuard(0.9, warn=False))
    with pytest.warns(ClippingWarning, match="Put PeakGuard behind"):
        Y = chain.fit_transform([x])
    assert np.abs(Y[0]).max() == pytest.approx(0.9)
    np.testing.assert_allclose(chain.inverse_transform(Y)[0], x, atol=1e-12)
