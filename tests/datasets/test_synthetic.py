"""The synthetic speakers are what their truth says, measured on the signals."""

import numpy as np
import pytest
from sklearn.utils import Bunch

from skstyle.datasets import make_parallel_speakers

RATE = 16000
STEP = 0.005


@pytest.fixture(scope="module")
def speakers():
    return make_parallel_speakers(4, random_state=0, return_truth=True)


def voiced_stretches(f0, n_points):
    """Return the middle, in points, of every voiced stretch of at least n_points."""
    edges = np.flatnonzero(np.diff(np.r_[0, f0 > 0, 0]))
    starts, ends = edges[::2], edges[1::2]
    return ((starts + ends) // 2)[ends - starts >= n_points]


def measured_f0(signal, time, about):
    """Pitch in Hz at a time, by the interpolated peak of the autocorrelation."""
    centre = int(time * RATE)
    x = signal[centre - 400 : centre + 400].astype(float)
    r = np.correlate(x, x, mode="full")[len(x) - 1 :] / np.arange(len(x), 0, -1)
    lags = np.arange(int(RATE / about * 0.8), int(RATE / about * 1.25))
    lag = lags[np.argmax(r[lags])]
    a, b, c = r[lag - 1 : lag + 2]
    return RATE / (lag + 0.5 * (a - c) / (a - 2 * b + c))


def envelope_db(signal, times):
    """Level in dB around each time."""
    power = np.convolve(np.pad(signal.astype(float), 200) ** 2, np.hanning(400), mode="same")
    at = np.clip((times * RATE).astype(int) + 200, 0, len(power) - 1)
    return 10 * np.log10(power[at] / 200 + 1e-9)


def mean_spectrum_db(clips):
    """Mean spectrum in dB of all frames that are not silent, smooth over harmonics."""
    frames = np.concatenate([np.lib.stride_tricks.sliding_window_view(c, 160)[::40] for c in clips])
    power = np.abs(np.fft.rfft(frames * np.hanning(160), 512)) ** 2
    return 10 * np.log10(power[power.sum(axis=1) > 10]).mean(axis=0)


def test_shapes_types_and_ids(speakers):
    X, y, truth = speakers
    assert isinstance(truth, Bunch)
    assert set(truth) == {"targets", "paths", "f0_source", "f0_target", "ids"}
    assert truth.ids == [f"sentence-{i:03d}" for i in range(4)]
    assert all(len(part) == 4 for part in (X, y, *truth.values()))
    for clip in X + y + truth.targets:
        assert clip.dtype == np.float32
        assert clip.ndim == 1
        assert np.isfinite(clip).all()
    assert [len(t) for t in truth.targets] == [len(x) for x in X]
    assert len({len(x) for x in X}) == 4
    assert all(1.2 * RATE <= len(x) <= 1.8 * RATE for x in X)
    for i in range(4):
        assert len(truth.f0_source[i]) == len(truth.paths[i]) == int(len(X[i]) / RATE / STEP) + 1
        assert abs(len(truth.f0_target[i]) * STEP - len(y[i]) / RATE) <= STEP


def test_same_seed_same_bytes():
    first, second = (make_parallel_speakers(2, random_state=7, duration=0.5) for _ in range(2))
    other = make_parallel_speakers(2, random_state=8, duration=0.5)
    for a, b, c in zip(first, second, other, strict=True):
        assert [x.tobytes() for x in a] == [x.tobytes() for x in b] != [x.tobytes() for x in c]


def test_neither_number_nor_truth_changes_the_first_sentences():
    few, _ = make_parallel_speakers(1, random_state=3, duration=0.5)
    many, _, truth = make_parallel_speakers(3, random_state=3, duration=0.5, return_truth=True)
    np.testing.assert_array_equal(few[0], many[0])
    assert len(truth.ids) == 3


def test_level_and_floor(speakers):
    X, y, truth = speakers
    for clip in X + y + truth.targets:
        assert 0.45 < np.abs(clip).max() < 0.55
        pause = clip[: int(0.03 * RATE)]
        assert -63 < 20 * np.log10(pause.std()) < -57
    quiet, _ = make_parallel_speakers(1, noise=0, duration=0.5, random_state=0)
    assert np.all(quiet[0][:100] == 0)


@pytest.mark.parametrize("f0_ratio", [0.7, 1.5])
def test_measured_pitch_is_the_true_pitch(f0_ratio):
    X, y, truth = make_parallel_speakers(4, f0_ratio=f0_ratio, random_state=1, return_truth=True)
    tracks = truth.f0_source + truth.f0_target + [f0_ratio * f0 for f0 in truth.f0_source]
    ratios = np.array(
        [
            measured_f0(clip, k * STEP, f0[k]) / f0[k]
            for clip, f0 in zip(X + y + truth.targets, tracks, strict=True)
            for k in voiced_stretches(f0, 24)
        ]
    )
    assert len(ratios) > 20
    np.testing.assert_allclose(ratios, 1, atol=0.04)
    assert np.median(ratios) == pytest.approx(1, abs=0.005)
    source = np.concatenate([f0[f0 > 0] for f0 in truth.f0_source])
    target = np.concatenate([f0[f0 > 0] for f0 in truth.f0_target])
    assert np.median(source) == pytest.approx(120, rel=0.05)
    assert np.median(target) == pytest.approx(120 * f0_ratio, rel=0.05)


@pytest.mark.parametrize("ratio", [0.85, 1.15, 1.3])
def test_measured_formants_have_the_ratio(ratio):
    # At one pitch, the mean log spectrum of the second speaker fits that of the first best
    # when its frequency axis is stretched by the ratio.
    X, _, truth = make_parallel_speakers(
        6, vocal_tract_ratio=ratio, f0_ratio=1, random_state=2, return_truth=True
    )
    bins = np.arange(20, 130)
    grid = np.arange(257)
    mean_source, mean_ideal = mean_spectrum_db(X), mean_spectrum_db(truth.targets)
    factors = np.linspace(0.7, 1.45, 76)
    fits = [
        np.corrcoef(np.interp(bins / k, grid, mean_source), mean_ideal[bins])[0, 1] for k in factors
    ]
    assert factors[np.argmax(fits)] == pytest.approx(ratio, rel=0.05)


def test_paths_are_monotone_and_within_the_pace(speakers):
    X, y, truth = speakers
    for _x, z, path in zip(X, y, truth.paths, strict=True):
        np.testing.assert_allclose(path[:, 0], STEP * np.arange(len(path)))
        pace = np.diff(path[:, 1]) / STEP
        assert path[0, 1] == 0
        assert np.all(pace > 0.84)
        assert np.all(pace < 1.16)
        assert 0 <= len(z) / RATE - path[-1, 1] <= 1.2 * STEP + 1 / RATE
        assert np.ptp(pace) > 0.05


def test_paths_align_the_target_with_its_ideal(speakers):
    _, y, truth = speakers
    for ideal, z, path in zip(truth.targets, y, truth.paths, strict=True):
        here = envelope_db(ideal, path[:, 0])
        true = np.abs(here - envelope_db(z, path[:, 1])).mean()
        straight = np.abs(here - envelope_db(z, path[:, 0])).mean()
        assert true < 1.5 < straight


def test_without_warp_both_keep_time():
    X, y, truth = make_parallel_speakers(2, time_warp=0, noise=0, random_state=4, return_truth=True)
    for x, z, ideal, path in zip(X, y, truth.targets, truth.paths, strict=True):
        assert len(x) == len(z) == len(ideal)
        np.testing.assert_allclose(path[:, 0], path[:, 1], atol=1e-12)
        assert np.corrcoef(z, ideal)[0, 1] > 0.9


@pytest.mark.parametrize(
    "params",
    [
        {"f0_ratio": 0.01},
        {"f0_ratio": 6},
        {"time_warp": 0.49},
        {"vocal_tract_ratio": 0.4},
        {"duration": 0.3, "n_sentences": 10},
        {"sample_rate": 1000},
    ],
)
def test_extreme_speakers_are_finite_and_do_not_clip(params):
    params = {"n_sentences": 1, "duration": 0.6, "random_state": 0, **params}
    X, y, truth = make_parallel_speakers(**params, return_truth=True)
    assert all(0 < np.abs(clip).max() < 0.6 for clip in X + y + truth.targets)
    assert all((np.diff(path, axis=0) > 0).all() for path in truth.paths)


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_one_speaker_at_any_rate(rate):
    X, y = make_parallel_speakers(1, sample_rate=rate, random_state=0, duration=0.6)
    X16, _ = make_parallel_speakers(1, random_state=0, duration=0.6)
    assert abs(len(X[0]) / rate - len(X16[0]) / RATE) < 2 / 8000
    level, level16 = (np.sqrt(np.mean(x[0].astype(float) ** 2)) for x in (X, X16))
    assert level == pytest.approx(level16, rel=0.2)
    assert np.abs(y[0]).max() < 0.6


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"n_sentences": 0}, ValueError, "n_sentences must be at least 1"),
        ({"n_sentences": 1.5}, TypeError, "n_sentences must be an integer"),
        ({"vocal_tract_ratio": 0}, ValueError, "vocal_tract_ratio must be positive"),
        ({"f0_ratio": -1}, ValueError, "f0_ratio must be positive"),
        ({"f0_ratio": "high"}, TypeError, "f0_ratio must be a number"),
        ({"time_warp": 0.5}, ValueError, r"time_warp must be in \[0, 0.5\)"),
        ({"duration": 0.1}, ValueError, "duration must be at least 0.3 s"),
        ({"noise": np.nan}, ValueError, "noise must be 0 or more"),
        ({"sample_rate": 16}, ValueError, "kHz"),
    ],
)
def test_refused_parameters(params, error, message):
    with pytest.raises(error, match=message):
        make_parallel_speakers(**{"n_sentences": 1, **params})
