"""WaveformStyleTransformer."""

import pickle
import tracemalloc
import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skstyle import Resampler, WaveformStyleTransformer
from skstyle.exceptions import ShortClipWarning, SilentClipWarning
from skstyle.transfer import RandomConvFeatures, Style
from skstyle.transfer._levels import level_of
from skstyle.transfer._style_statistics import STATISTICS

SMALL = RandomConvFeatures((5,), n_filters=24)
RATE = 8000


def small(features=SMALL, **options):
    settings = {"n_ffts": (128,), "max_iter": 8, "random_state": 0, **options}
    return WaveformStyleTransformer(RATE, features, **settings)


def tones(seed, brightness, n_times=4000):
    """A melody of tones with harmonics, soft at its ends, over a little noise."""
    rng = np.random.default_rng(seed)
    f0 = np.repeat(220 * 2 ** (rng.integers(0, 12, 8) / 12), -(-n_times // 8))[:n_times]
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    t = np.arange(n_times) / RATE
    fade = np.minimum(1, np.minimum(t, t[::-1]) / 0.02)
    played = fade * sum(np.cos(k * phase) * brightness**k for k in range(1, 8))
    return 0.1 * played + 1e-4 * rng.standard_normal(n_times)


@pytest.fixture(scope="module")
def content():
    return tones(0, 0.2)


@pytest.fixture(scope="module")
def style():
    return tones(1, 0.9, 5000)


# --- what comes out -----------------------------------------------------------------------


def spectrum(x):
    """Share of the power that lies in every 500 Hz."""
    power = np.abs(np.fft.rfft(x)) ** 2
    bands = np.array([band.sum() for band in np.array_split(power, 8)])
    return np.log(bands / bands.sum() + 1e-4)


def test_style_comes_nearer_and_the_tune_stays(content, style):
    model = small(RandomConvFeatures(n_filters=128), n_ffts=(256,), max_iter=40).fit([style])
    out = model.transform([content])[0]
    before, after = (model.measure([x]).distance(model.style_) for x in (content, out))
    assert after < 0.6 * before
    away = [np.abs(spectrum(x) - spectrum(style)).mean() for x in (content, out)]
    assert away[1] < 0.6 * away[0]

    def likeness(n_shift):
        """Correlation with the content's low notes over time."""
        low = [np.abs(np.fft.rfft(x.reshape(16, -1)))[:, :20] for x in (content, out)]
        a, b = (x - x.mean(axis=0) for x in (np.roll(low[0], n_shift, axis=0), low[1]))
        return (a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())

    # Half the clip away there are other tones.
    assert likeness(0) > 0.3 > 2 * likeness(8)


@pytest.mark.parametrize("spectra", ["log1p", "real-imag"])
@pytest.mark.parametrize("init", ["content", "noise", "style"])
def test_loss_falls_at_every_step(content, style, spectra, init):
    model = small(spectra=spectra, init=init, max_iter=25, tol=0, content_weight=0.01)
    model.fit([style]).transform([content, content[:1500]])
    for curve in model.loss_curve_:
        assert (np.diff(curve) <= 0).all() and len(curve) == 26
        assert curve[-1] < 0.9 * curve[0]


@pytest.mark.parametrize("style_statistic", sorted({*STATISTICS} - {"whitening-coloring"}))
def test_every_statistic_descends(content, style, style_statistic):
    model = small(style_statistic=style_statistic, max_iter=12).fit([style])
    model.transform([content])
    assert model.loss_curve_[0][-1] < 0.8 * model.loss_curve_[0][0]


def test_several_windows_have_layers_of_their_own(content, style):
    model = small(n_ffts=(64, 128, 256), layer_weights=(1, 2, 3)).fit([style])
    assert len(model.style_.layers) == len(model.features_) == 3
    assert len({f.random_state for f in model.features_}) == 3
    out = model.transform([content])[0]
    before, after = (model.measure([x]) for x in (content, out))
    for ours, theirs, wanted in zip(after.layers, before.layers, model.style_.layers, strict=True):
        distances = [np.sum((a["gram"] - wanted["gram"]) ** 2) for a in (ours, theirs)]
        assert distances[0] < distances[1]


def test_features_for_every_window(content, style):
    features = [RandomConvFeatures((3,), n_filters=8), "random-conv-2d"]
    model = small(features, n_ffts=(64, 128), max_iter=2).fit([style])
    assert [type(f).__name__ for f in model.features_] == [
        "RandomConvFeatures",
        "RandomConv2dFeatures",
    ]
    assert np.isfinite(model.transform([content])[0]).all()


@pytest.mark.parametrize("n_times", [4000, 3999, 777])
def test_as_long_and_as_loud_as_the_content(style, n_times):
    x = tones(2, 0.3, n_times)
    out = small().fit([style]).transform([x])[0]
    assert len(out) == n_times
    assert level_of(out) == pytest.approx(level_of(x), rel=1e-4)
    # Peaks come and go, but not by much: a crest factor is bounded.
    assert np.abs(out).max() < 25 * level_of(x)


def test_the_content_in_its_own_style_stays(content):
    out = small().fit([content]).transform([content])[0]
    np.testing.assert_allclose(out, content, atol=1e-3 * np.abs(content).max())


def test_without_style_weight_the_content_comes_back(content, style):
    out = small(style_weight=0, content_weight=1).fit([style]).transform([content])[0]
    np.testing.assert_allclose(out, content, atol=1e-5)


def test_content_weight_holds_the_content(content, style):
    losses = []
    for content_weight in (0, 10):
        model = small(content_weight=content_weight, init="noise").fit([style])
        model.transform([content])
        losses.append(model.content_loss_[0])
    assert losses[1] < 0.6 * losses[0]


def test_losses_are_told_without_weights(content, style):
    model = small(content_weight=0.4, style_weight=3.0).fit([style])
    model.transform([content])
    last = 0.4 * model.content_loss_[0] + 3 * model.style_loss_[0]
    assert model.loss_curve_[0][-1] == pytest.approx(last, rel=1e-3)


@pytest.mark.parametrize("gain", [2.0**-10, 2.0**7])
def test_a_louder_content_gives_the_same_but_louder(content, style, gain):
    quiet, loud = small().fit([style]).transform([content, gain * content])
    np.testing.assert_allclose(loud, gain * quiet, rtol=1e-6)


def test_any_gain_gives_nearly_the_same(content, style):
    quiet, loud = small().fit([style]).transform([content, 3.7 * content])
    np.testing.assert_allclose(loud, 3.7 * quiet, atol=0.02 * np.abs(loud).max())


def test_a_louder_style_is_the_same_style(style):
    a, b = (small().fit([g * style]).style_ for g in (1, 1000))
    assert a.distance(b) < 1e-5
    assert b.level == pytest.approx(1000 * a.level)


def test_same_seed_same_bytes_and_other_seeds_others(content, style):
    a, b, c = (small(random_state=seed).fit([style]).transform([content])[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_bytes_do_not_depend_on_threads_nor_workers(content, style):
    before = torch.get_num_threads()
    X = [content, content[::-1].copy()]
    try:
        out = []
        for n, n_jobs in ((1, None), (2, None), (1, 2)):
            torch.set_num_threads(n)
            model = small(max_iter=4, n_jobs=n_jobs).fit([style])
            out.append(np.stack(model.transform(X)))
            assert torch.get_num_threads() == n and len(model.loss_curve_) == 2
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(out[0], out[1])
    np.testing.assert_array_equal(out[0], out[2])


def test_global_random_numbers_are_left_alone(content, style):
    state, numbers = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    small(init="noise", max_iter=2).fit([style]).transform([content])
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_array_equal(numbers, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays(content, style, dtype):
    out = small(max_iter=2).fit([style]).transform([content.astype(dtype)])
    assert out[0].dtype == dtype


# --- length, time and memory --------------------------------------------------------------


def test_long_clips_are_cut_and_joined(style):
    content = tones(3, 0.2, 16000)
    model = small(chunk_seconds=0.6, overlap_seconds=0.1, max_iter=20).fit([style])
    out = model.transform([content])[0]
    assert len(out) == 16000 and (np.diff(model.loss_curve_[0]) <= 0).all()
    before, after = (model.measure([x]).distance(model.style_) for x in (content, out))
    assert after < 0.7 * before


def test_memory_is_bounded_by_the_chunks(style):
    content = tones(3, 0.2, 160000).astype(np.float32)
    peaks = []
    for chunk_seconds in (1, 20):
        model = small(chunk_seconds=chunk_seconds, overlap_seconds=0.1, max_iter=4).fit([style])
        tracemalloc.start()
        model.transform([content])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < 0.5 * peaks[1]


def test_time_is_bounded(content, style):
    model = small(max_iter=500, tol=0, max_seconds=1e-9).fit([style])
    model.transform([content])
    assert len(model.loss_curve_[0]) == 2


def test_stops_where_little_is_won(content, style):
    n_steps = []
    for tol in (0.2, 0):
        model = small(max_iter=30, tol=tol).fit([style])
        model.transform([content])
        n_steps.append(len(model.loss_curve_[0]) - 1)
    assert n_steps[0] < n_steps[1] == 30


def test_no_steps_leave_the_content(content, style):
    model = small(max_iter=0).fit([style])
    np.testing.assert_allclose(model.transform([content])[0], content, atol=1e-7)
    assert len(model.loss_curve_[0]) == 1


# --- styles -------------------------------------------------------------------------------


def test_the_style_is_the_mean_of_clips_weighted_by_their_lengths(style):
    X = [style[:1000], tones(4, 0.5, 3000)]
    both = small().fit(X)
    a, b = (both.measure([x]) for x in X)
    assert both.style_.distance(0.25 * a + 0.75 * b) < 1e-4 * a.distance(b)
    assert both.style_.weight == 1


def test_fit_takes_a_mixture_from_a_file(content, style, tmp_path):
    model = small(max_iter=20).fit([style])
    other = model.measure([tones(5, 0.4)])
    (0.5 * model.style_ + 0.5 * other).save(tmp_path / "style")
    mixed = Style.load(tmp_path / "style")
    blended = small(max_iter=20).fit(mixed)
    end = blended.measure(blended.transform([content]))
    assert end.distance(mixed) < blended.measure([content]).distance(mixed)
    assert blended.style_ is mixed


def test_fit_refuses_styles_of_other_settings(style):
    measured = small(random_state=1).fit([style]).style_
    with pytest.raises(ValueError, match="different features: .*random_state="):
        small().fit(measured)
    for options, words in (
        ({"spectra": "real-imag"}, "different spectra: log1p and real-imag"),
        ({"contrast": 10}, "different contrast"),
        ({"n_ffts": (64,)}, "different n_ffts"),
        ({"style_statistic": "moments"}, "different style_statistic"),
    ):
        with pytest.raises(ValueError, match=words):
            small(random_state=1, **options).fit(measured)
    with pytest.raises(ValueError, match="different sample_rate: 8000.0 and 16000.0"):
        small(random_state=1).set_params(sample_rate=16000).fit(measured)
    with pytest.raises(ValueError, match="begins at clips"):
        small(init="style", random_state=1).fit(measured)


@pytest.mark.parametrize("spectra", ["log1p", "real-imag"])
def test_samples_are_textures_of_the_style(spectra):
    rng = np.random.default_rng(0)
    X = np.convolve(rng.standard_normal(9000), np.ones(6) / 6)
    model = small(spectra=spectra, max_iter=60, tol=0).fit([X])
    one, two = model.sample(4001, n_clips=2)
    assert one.shape == (4001,) and one.dtype == np.float32 and not np.array_equal(one, two)
    assert len(model.loss_curve_) == 2 and model.content_loss_ == [0, 0]
    assert model.loss_curve_[0][-1] < 0.1 * model.loss_curve_[0][0]
    assert level_of(one) == pytest.approx(level_of(X), rel=1e-3)
    assert np.abs(spectrum(one) - spectrum(X)).mean() < 0.5
    np.testing.assert_array_equal(model.sample(4001)[0], one)
    assert np.isfinite(model.sample(1)[0]).all()


def test_models_are_small(style):
    assert len(pickle.dumps(small().fit([np.tile(style, 20)]))) < 20000


# --- in scikit-learn ----------------------------------------------------------------------


def test_behind_a_resampler(content, style):
    model = make_pipeline(Resampler(16000, RATE), small(max_iter=2)).fit([style])
    assert len(model.transform([content])[0]) == 2000


def test_settings_can_be_searched():
    X = [tones(seed, 0.5, 2000) for seed in range(4)]

    def nearness(model, X, y=None):
        return -model.measure(model.transform(X)).distance(model.style_)

    search = GridSearchCV(
        small(max_iter=2),
        {"features__n_filters": [8, 16], "spectra": ["log1p", "real-imag"]},
        scoring=nearness,
        cv=2,
        error_score="raise",
    ).fit(X)
    assert set(search.best_params_) == {"features__n_filters", "spectra"}


def test_any_module_can_be_the_features(content, style):
    net = torch.nn.Sequential(torch.nn.Conv1d(65, 6, 3), torch.nn.Tanh())
    model = small(net).fit([style])
    out = pickle.loads(pickle.dumps(model)).transform([content])
    np.testing.assert_array_equal(out[0], model.transform([content])[0])
    assert (np.diff(model.loss_curve_[0]) <= 0).all()


def test_unfitted(content):
    for call in ("transform", "measure"):
        with pytest.raises(NotFittedError):
            getattr(small(), call)([content])
    with pytest.raises(NotFittedError):
        small().sample(3)


# --- odd and bad input --------------------------------------------------------------------


def test_silent_content_passes_with_a_warning(content, style):
    model = small().fit([style])
    with pytest.warns(SilentClipWarning, match=r"^X\[1\]: silent, returned as silence"):
        out = model.transform([content, np.zeros(3000)])
    assert out[1].shape == (3000,) and not out[1].any()
    assert [len(model.loss_curve_), model.style_loss_[1]] == [2, 0]
    np.testing.assert_array_equal(out[0], model.transform([content])[0])


def test_silent_style_clips_are_left_out(style):
    with pytest.warns(SilentClipWarning, match=r"X\[0\]: silent, left out of the style"):
        measured = small().fit([np.zeros(900), style]).style_
    assert measured.distance(small().fit([style]).style_) == 0
    with pytest.raises(ValueError, match="All 2 clips are silent: there is no style in them"):
        small().fit([np.zeros(900)] * 2)


def test_silence_inside_stays_silent(content, style):
    x = np.concatenate([np.zeros(3000), content])
    out = small(max_iter=20).fit([style]).transform([x])[0]
    assert np.abs(out[:2500]).max() < 1e-4 * np.abs(out).max()


@pytest.mark.parametrize("n_times", [1, 2, 50])
def test_short_clips_are_told_by_name(content, style, n_times):
    model = small().fit([style])
    with pytest.warns(ShortClipWarning, match=r"^X\[1\]: fewer than 98 samples"):
        out = model.transform([content, content[:n_times]])
    assert out[1].shape == (n_times,) and np.isfinite(out[1]).all()
    with pytest.warns(ShortClipWarning):
        small().fit([content[:n_times], style])


def test_one_click_is_a_style(content):
    click = np.zeros(3000)
    click[900] = 1.0
    assert np.isfinite(small().fit([click]).transform([content])[0]).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"content_weight": -1}, "content_weight == -1, must be >= 0"),
        ({"content_weight": 0, "style_weight": 0}, "both 0: nothing to match"),
        ({"layer_weights": (1, 2)}, "layer_weights has 2 weights for 1 layers"),
        ({"style_statistic": "grams"}, "style_statistic must be one of"),
        ({"style_statistic": "whitening-coloring"}, "for waveforms take another one"),
        ({"features": "vgg"}, "features must be one of"),
        ({"features": ["random-conv"] * 2}, "features lists 2 for 1 lengths of windows"),
        ({"n_ffts": 1024}, r"n_ffts must be lengths of windows such as \(1024,\), got 1024"),
        ({"n_ffts": ()}, "n_ffts must be lengths of windows"),
        ({"n_ffts": (30,)}, "n_ffts must be multiples of 4, got 30"),
        ({"n_ffts": (4,)}, "n_ffts == 4, must be >= 8"),
        ({"spectra": "mel"}, "spectra must be one of"),
        ({"init": "random"}, "init must be one of"),
        ({"contrast": 0}, "contrast == 0, must be > 0"),
        ({"content_weight": np.nan}, "content_weight must be a finite number, got nan"),
        ({"chunk_seconds": 0.001, "overlap_seconds": 0}, "chunk_seconds must be at least"),
        ({"max_iter": -1}, "max_iter == -1, must be >= 0"),
        ({"tol": -1}, "tol == -1, must be >= 0"),
        ({"max_seconds": 0}, "max_seconds == 0, must be > 0"),
        ({"chunk_seconds": 0}, "chunk_seconds == 0, must be > 0"),
        ({"chunk_seconds": 1, "overlap_seconds": 0.6}, "at most half of chunk_seconds=1, got 0.6"),
        ({"device": "tpu9"}, 'device must be "cpu" or "cuda"'),
    ],
)
def test_bad_settings_are_refused(style, options, words):
    with pytest.raises((ValueError, TypeError), match=words):
        small(**options).fit([style])


def test_bad_sample_rates_are_refused(style):
    with pytest.raises(ValueError, match="did you mean kHz"):
        WaveformStyleTransformer(16).fit([style])


def test_bad_samples_are_refused(style):
    model = small().fit([style])
    for wrong in ({"n_times": 0}, {"n_times": 9, "n_clips": 0}):
        with pytest.raises(ValueError, match="must be >= 1"):
            model.sample(**wrong)


def test_warnings_are_none_in_good_use(content, style):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = clone(small(init="style", max_iter=2)).fit([style]).transform([content])[0]
    assert len(out) == len(content) and np.isfinite(out).all()


def test_a_constant_offset_is_no_sound(style):
    transfer = small().fit([style])
    x = np.sin(np.arange(4000) / 9)
    # Descent makes a large difference of a small one, but not of loudness.
    shifted = transfer.transform([x + 0.3])[0]
    np.testing.assert_allclose(np.mean(shifted**2), np.var(x), rtol=1e-3)
    with pytest.warns(SilentClipWarning):
        assert not transfer.transform([np.full(4000, 0.3)])[0].any()
