"""Silence is found, cut without clicks, and put back where it was."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from skstyle.exceptions import SilentClipWarning
from skstyle.signal import Resampler, SilenceTrimmer
from skstyle.signal._silence import (
    fade_in,
    frame_powers,
    insert_silence,
    loud_regions,
    mask_silence,
    remove_silence,
    removed_length,
)

RATE = 16000
MODES = ["trim", "remove", "mask"]


def pieces(*parts, seed=0, dtype=float, floor=0.0):
    """Noise of a level for some samples each: [(n_times, level), ...]."""
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [(level or floor) * rng.uniform(-1, 1, n_times) for n_times, level in parts]
    ).astype(dtype)


def speech(dtype=float, floor=1e-4):
    """Silence, sound, a long pause, sound, a short pause, sound, silence."""
    parts = [(8000, 0), (4000, 0.5), (9600, 0), (4000, 0.3), (1600, 0), (3200, 0.4), (6400, 0)]
    return pieces(*parts, dtype=dtype, floor=floor)


# Loud parts of ``speech`` with a pad of 50 ms; the short pause is within the second.
KEPT = ((7200, 12800), (20800, 31200))


def test_frame_powers_with_a_short_last_frame():
    x = np.array([1, 1, 2, 2, 3], np.float32)
    np.testing.assert_array_equal(frame_powers(x, 2), [1, 4, 9])
    np.testing.assert_array_equal(frame_powers(x, 10), [19 / 5])
    np.testing.assert_array_equal(frame_powers(x[:4], 2), [1, 4])


def test_regions_in_closed_form():
    x = np.zeros(100)
    x[20:30] = x[60:70] = 1
    find = lambda *a: loud_regions(x, -40, 10, *a).tolist()  # noqa: E731
    assert find(0, 0, 0) == [[20, 30], [60, 70]]
    assert find(5, 0, 0) == [[15, 35], [55, 75]]
    assert find(5, 31, 0) == [[15, 75]]  # the pause is too short
    assert find(5, 30, 0) == [[15, 35], [55, 75]]
    assert find(15, 0, 0) == [[5, 85]]  # pads meet
    assert find(10, 0, 4) == [[10, 40], [50, 80]]
    assert find(10, 0, 5) == [[10, 80]]  # no room for fades
    assert find(19, 0, 1) == [[0, 89]]  # nor here, before the first
    assert find(30, 0, 0) == [[0, 100]]


def test_threshold_is_relative_to_the_loudest_frame():
    x = np.concatenate([np.full(10, 1e-3), np.full(10, 0.5 * 1e-3), np.full(10, 1.0)])
    for scale in (1, 1e-3):
        assert loud_regions(scale * x, -59, 10, 0, 0, 0).tolist() == [[20, 30]]
        assert loud_regions(scale * x, -61, 10, 0, 0, 0).tolist() == [[0, 10], [20, 30]]
        assert loud_regions(scale * x, -67, 10, 0, 0, 0).tolist() == [[0, 30]]


def test_fades_add_to_one():
    up = fade_in(80, np.float64)
    np.testing.assert_allclose(up + up[::-1], 1)
    assert (np.diff(up) > 0).all()
    assert len(fade_in(0, float)) == 0


def test_trim_cuts_the_ends():
    x = speech()
    trimmer = SilenceTrimmer(RATE)
    Y = trimmer.fit_transform([x])
    assert Y.trail == ({"n_times": (len(x),), "kept": (((7200, 31200),),)},)
    y = Y[0]
    assert len(y) == 24000 + 2 * 80
    np.testing.assert_array_equal(y[80:-80], x[7200:31200])
    assert np.abs(y[[0, -1]]).max() < 1e-6  # fades
    again = trimmer.inverse_transform(Y)[0]
    expected = x.copy()
    expected[: 7200 - 80] = expected[31200 + 80 :] = 0
    np.testing.assert_allclose(again, expected, atol=2e-4)
    np.testing.assert_array_equal(again[7200:31200], x[7200:31200])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_remove_cuts_pauses_and_the_inverse_restores_time(dtype):
    x = speech(dtype)
    trimmer = SilenceTrimmer(RATE, mode="remove")
    Y = trimmer.fit_transform([x])
    assert Y.trail[0]["kept"] == (KEPT,)
    y = Y[0]
    assert y.dtype == dtype
    assert len(y) == 5600 + 10400 + 3 * 80 == removed_length(KEPT, len(x), 80)
    np.testing.assert_array_equal(y[80:5680], x[7200:12800])
    np.testing.assert_array_equal(y[5760:-80], x[20800:31200])
    again = trimmer.inverse_transform(Y)[0]
    assert again.dtype == dtype
    assert again.shape == x.shape
    for start, stop in KEPT:
        np.testing.assert_array_equal(again[start:stop], x[start:stop])
    assert not again[:7120].any()
    assert not again[12880:20720].any()
    assert not again[31280:].any()
    np.testing.assert_allclose(again, x, atol=2e-4)


def test_mask_keeps_the_length():
    x = speech()
    trimmer = SilenceTrimmer(RATE, mode="mask")
    Y = trimmer.fit_transform([x])
    y = Y[0]
    assert y.shape == x.shape
    for start, stop in KEPT:
        np.testing.assert_array_equal(y[start:stop], x[start:stop])
    assert not y[:7120].any()
    assert not y[12880:20720].any()
    up = fade_in(80, float)
    np.testing.assert_array_equal(y[7120:7200], x[7120:7200] * up)
    np.testing.assert_array_equal(y[12800:12880], x[12800:12880] * up[::-1])
    assert trimmer.inverse_transform(Y)[0] is y


def test_joints_make_no_click():
    """A hum that is cut at any phase goes on without a step where a hard cut makes one."""
    t = np.arange(3 * RATE)
    x = 0.004 * np.cos(2 * np.pi * 50 * t / RATE)
    x[: RATE // 2] += pieces((RATE // 2, 0.5))
    x[2 * RATE + 173 :] += pieces((RATE - 173, 0.5), seed=1)
    cut, hard = (
        SilenceTrimmer(RATE, mode="remove", fade_ms=f).fit_transform([x])[0] for f in (5, 0)
    )
    (_, stop), *_ = SilenceTrimmer(RATE, mode="remove").transform([x]).trail[0]["kept"][0]
    smooth = np.abs(np.diff(x[RATE : RATE + 4000])).max()
    assert np.abs(np.diff(hard[stop - 1 : stop + 1])).max() > 10 * smooth
    assert np.abs(np.diff(cut[stop - 100 : stop + 180])).max() < 3 * smooth


REGIONS = st.lists(
    st.tuples(st.integers(1, 900), st.sampled_from([0.0, 0.001, 0.3, 1.0])), min_size=1, max_size=8
)


@settings(max_examples=150, deadline=None)
@given(
    parts=REGIONS,
    mode=st.sampled_from(MODES),
    frame_ms=st.sampled_from([0.1, 1, 10]),
    pad_ms=st.sampled_from([0, 1, 5]),
    min_silence_ms=st.sampled_from([0, 10, 30]),
    fade_ms=st.sampled_from([0, 0.2, 3]),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_kept_regions_come_back_to_the_bit(
    parts, mode, frame_ms, pad_ms, min_silence_ms, fade_ms, dtype
):
    x = pieces((50, 0.9), *parts, dtype=dtype)
    trimmer = SilenceTrimmer(
        RATE,
        mode=mode,
        frame_ms=frame_ms,
        pad_ms=pad_ms,
        min_silence_ms=min_silence_ms,
        fade_ms=fade_ms,
    )
    Y = trimmer.fit_transform([x])
    again = trimmer.inverse_transform(Y)[0]
    assert again.dtype == Y[0].dtype == dtype
    assert again.shape == x.shape
    kept = Y.trail[0]["kept"][0]
    lost = np.ones(len(x), bool)
    for start, stop in kept:
        assert 0 <= start < stop <= len(x)
        np.testing.assert_array_equal(again[start:stop], x[start:stop])
        lost[start:stop] = False
    if lost.any():
        frame = max(round(frame_ms * RATE / 1000), 1)
        loudest = frame_powers(x, frame).max()
        # A frame below the threshold may hold one sample this much above it.
        assert (x[lost].astype(float) ** 2).max() <= 1e-4 * loudest * frame
    if mode == "mask":
        assert Y[0].shape == x.shape
    else:
        assert len(Y[0]) <= len(x)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 20), st.integers(0, 2**31 - 1), st.integers(1, 5))
def test_functions_fit_together(fade, seed, n_regions):
    rng = np.random.default_rng(seed)
    steps = rng.integers(2 * fade + 1, 2 * fade + 60, 2 * n_regions + 1)
    steps[[0, -1]] *= rng.integers(0, 2, 2)  # with and without silence at the ends
    bounds = np.cumsum(steps)
    kept, n_times = bounds[:-1].reshape(-1, 2), int(bounds[-1])
    x = rng.standard_normal(n_times)
    y = remove_silence(x, kept, fade)
    assert len(y) == removed_length(kept, n_times, fade)
    again = insert_silence(y, kept, n_times, fade)
    masked = mask_silence(x, kept, fade)
    far = np.ones(n_times, bool)
    for start, stop in kept:
        np.testing.assert_array_equal(again[start:stop], x[start:stop])
        np.testing.assert_array_equal(masked[start:stop], x[start:stop])
        far[max(start - fade, 0) : stop + fade] = False
    assert not again[far].any()
    assert not masked[far].any()
    if n_regions == 1:
        np.testing.assert_allclose(again, masked)


def test_clip_without_silence_passes_as_it_is():
    x = pieces((5000, 0.3))
    for mode in MODES:
        trimmer = SilenceTrimmer(RATE, mode=mode)
        Y = trimmer.fit_transform([x])
        assert Y[0] is x
        assert trimmer.inverse_transform(Y)[0] is x


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("level", [0.0, 1e-8])
def test_silent_clip_passes_with_a_warning(mode, level):
    X = [speech(), np.full(5000, level)]
    trimmer = SilenceTrimmer(RATE, mode=mode)
    with pytest.warns(SilentClipWarning, match=r"X\[1\] is silent: it passes unchanged") as seen:
        Y = trimmer.transform(X)
    assert len(seen) == 1
    assert seen[0].filename == __file__
    assert Y[1] is X[1]
    assert len(trimmer.inverse_transform(Y)[1]) == 5000


def test_changed_length_is_refused_by_name():
    X = [speech(), speech()]
    trimmer = SilenceTrimmer(RATE, mode="remove")
    Y = trimmer.fit_transform(X)
    Y[1] = Y[1][::2]
    with pytest.raises(ValueError, match=r"X\[1\]: expected 16240 samples.*36800.*got 8120.*mask"):
        trimmer.inverse_transform(Y)
    assert [len(y) for y in trimmer.inverse_transform(list(Y))] == [16240, 8120]


def test_resampling_between_is_fine_when_it_is_undone():
    X = [speech(), speech()[3000:]]
    trimmer, resampler = SilenceTrimmer(RATE, mode="remove"), Resampler(RATE, 11025)
    Y = resampler.fit_transform(trimmer.fit_transform(X))
    again = trimmer.inverse_transform(resampler.inverse_transform(Y))
    assert [len(x) for x in again] == [len(x) for x in X]
    with pytest.raises(ValueError, match=r"X\[0\]: expected 16240 samples"):
        trimmer.inverse_transform(type(Y)(Y, Y.trail[:1]))


def test_processed_sound_goes_back_to_its_time():
    x = speech()
    trimmer = SilenceTrimmer(RATE, mode="remove")
    Y = trimmer.fit_transform([x])
    Y[0] = -2 * Y[0]
    again = trimmer.inverse_transform(Y)[0]
    for start, stop in KEPT:
        np.testing.assert_array_equal(again[start:stop], -2 * x[start:stop])


def test_ragged_rows_of_an_array_make_an_object_array():
    X = np.stack([speech(), speech()[::-1], pieces((36800, 0.3))])
    Y = SilenceTrimmer(RATE).fit_transform(X)
    assert Y.dtype == object
    assert Y.shape == (3,)
    assert len(Y[2]) == 36800
    even = SilenceTrimmer(RATE).fit_transform(X[[0, 0]])
    assert even.shape == (2, 24160)
    assert SilenceTrimmer(RATE, mode="mask").fit_transform(X).shape == X.shape
    assert SilenceTrimmer(RATE).inverse_transform(even).shape == even.shape


def test_object_array_stays_one_and_forgets():
    X = np.empty(2, object)
    X[:] = [speech(), speech()[1000:]]
    trimmer = SilenceTrimmer(RATE)
    Y = trimmer.fit_transform(X)
    assert Y.dtype == object
    again = trimmer.inverse_transform(Y)
    assert [len(x) for x in again] == [len(y) for y in Y]
    assert len(Y[0]) == 24160


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"mode": "cut"}, "mode must be one of .*got 'cut'"),
        ({"threshold_db": 40}, "threshold_db is relative to the loudest frame.*got 40"),
        ({"threshold_db": np.nan}, "threshold_db is relative"),
        ({"frame_ms": 0}, "frame_ms must be positive"),
        ({"pad_ms": -1}, "pad_ms is in milliseconds, not negative; got -1"),
        ({"min_silence_ms": "300"}, "min_silence_ms is in milliseconds"),
        ({"fade_ms": np.inf}, "fade_ms is in milliseconds"),
        ({"sample_rate": 16}, "did you mean kHz"),
    ],
)
def test_wrong_parameters_are_told(parameters, sentence):
    trimmer = clone(SilenceTrimmer(RATE).set_params(**parameters))
    with pytest.raises(ValueError, match=sentence):
        trimmer.fit([speech()])


def test_real_clips_lose_their_ends_only(real_clips):
    clips, rate = real_clips
    trimmer = SilenceTrimmer(rate)
    Y = trimmer.fit_transform(clips)
    for x, y, again in zip(clips, Y, trimmer.inverse_transform(Y), strict=True):
        assert again.shape == x.shape
        assert len(y) <= len(x)
        assert np.sum((again - x) ** 2) < 1e-3 * np.sum(x**2)
