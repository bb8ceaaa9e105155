"""SpectrogramDisplay: levels where they belong, on axes in seconds and kHz."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from skstyle.features import MelCepstrum, MelSpectrogram, SourceFilterVocoder
from skstyle.inspection import SpectrogramDisplay
from skstyle.inspection._levels import _column, _mean_magnitudes
from skstyle.inspection._spectrogram import edges
from skstyle.signal import CQTTransformer, Resampler, STFTTransformer

RATE = 16000
HZ = 1000.0


@pytest.fixture(scope="module")
def tone():
    return 0.5 * np.sin(2 * np.pi * HZ * np.arange(RATE // 2) / RATE)


def loudest(display):
    return display.frequencies[np.asarray(display.levels).mean(axis=0).argmax()]


def test_edges_lie_in_the_middle():
    assert_allclose(edges(np.array([1.0, 2, 4])), [0.5, 1.5, 3, 5])
    assert_allclose(edges(np.array([2.0])), [1.5, 2.5])


def test_a_tone_is_where_it_is(tone):
    display = SpectrogramDisplay.from_predictions(tone, RATE, title="tone")
    assert loudest(display) == pytest.approx(HZ, abs=RATE / 1024)
    ax = display.ax_
    assert_allclose(ax.get_xlim(), (0, 0.5))
    assert_allclose(ax.get_ylim(), (0, RATE / 2000))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "frequency (kHz)")
    assert ax.get_title(loc="left") == "tone"
    # The row of pixels that 1 kHz falls into is the brightest.
    left, right, low, high = display.im_.get_extent()
    assert left == pytest.approx(-(display.times[1] - display.times[0]) / 2)
    rows = np.asarray(display.im_.get_array()).mean(axis=1)
    row = int((HZ / 1000 - low) / (high - low) * len(rows))
    assert row == rows.argmax()


def test_levels_are_those_of_the_transform(tone):
    stft = STFTTransformer(n_fft=256, output="magnitude").fit([tone])
    display = SpectrogramDisplay.from_estimator(stft, tone, sample_rate=RATE, top_db=10)
    expected = 20 * np.log10(np.maximum(stft.transform([tone])[0], 1e-10))
    assert_allclose(display.levels, expected)
    assert_allclose(display.im_.get_array(), expected.T - 10)
    assert display.im_.get_clim() == (-55, 0)


@pytest.mark.parametrize(
    "output", ["complex", "real-imag", "power", "log1p", "log-magnitude", "magnitude"]
)
def test_all_outputs_of_the_transform_look_alike(tone, output):
    found = [
        SpectrogramDisplay.from_estimator(
            STFTTransformer(output=kind).fit([tone]), tone, sample_rate=RATE
        ).levels
        for kind in (output, "magnitude")
    ]
    assert_allclose(np.maximum(found[0], -80), np.maximum(found[1], -80), atol=0.02)


@pytest.mark.parametrize("output", ["power", "db", "log"])
@pytest.mark.parametrize("power", [1.0, 2.0])
def test_mel_bands(tone, output, power):
    mel = MelSpectrogram(RATE, n_fft=1024, n_mels=40, output=output, power=power).fit([tone])
    display = SpectrogramDisplay.from_estimator(mel, tone)
    assert display.scale == "slaney"
    assert loudest(display) == pytest.approx(HZ, rel=0.1)
    plain = MelSpectrogram(RATE, n_fft=1024, n_mels=40, output="db", power=power)
    wanted = plain.fit_transform([tone])[0]
    assert_allclose(np.maximum(display.levels, -60), np.maximum(wanted, -60), atol=1e-6)
    assert display.ax_.get_yscale() == "function"
    assert_allclose(display.ax_.transData.transform([(0, 0.5), (0, 1.0)])[:, 0].std(), 0)


def test_mel_axis_is_a_mel_axis(tone):
    mel = MelSpectrogram(RATE, n_fft=1024, n_mels=40, mel_scale="htk").fit([tone])
    display = SpectrogramDisplay.from_estimator(mel, tone)
    at = display.ax_.transData.transform(np.column_stack([np.zeros(40), mel.frequencies_ / 1000]))
    steps = np.diff(at[:, 1])
    assert_allclose(steps, steps[0], rtol=1e-6)


def test_octaves_are_as_high_as_each_other(tone):
    cqt = CQTTransformer(RATE, f_min_hz=125, bins_per_octave=12, output="magnitude").fit([tone])
    display = SpectrogramDisplay.from_estimator(cqt, tone)
    assert loudest(display) == pytest.approx(HZ)
    assert display.ax_.get_yscale() == "log"
    low, high = display.ax_.get_ylim()
    assert low == pytest.approx(0.125 * 2 ** (-0.5 / 12))
    assert high == pytest.approx(cqt.frequencies_[-1] / 1000 * 2 ** (0.5 / 12))


@pytest.mark.parametrize("kind", [SourceFilterVocoder, MelCepstrum])
def test_envelopes_of_vocoders(speakers, kind):
    x = speakers[0][0]
    vocoder = kind(RATE).fit([x])
    display = SpectrogramDisplay.from_estimator(vocoder, x)
    sequence = vocoder.transform([x])[0]
    columns = slice(2, 27) if kind is SourceFilterVocoder else slice(None)
    # At 0 Hz every cosine is one.
    expected = 20 / np.log(10) * sequence[:, columns].sum(axis=1)
    assert_allclose(display.levels[:, 0], expected, rtol=1e-6)
    assert display.frequencies[-1] == RATE / 2
    again = SpectrogramDisplay.from_estimator(vocoder, sequence)
    assert_array_equal(again.levels, display.levels)


def test_pipelines_know_the_rate_of_their_last_step(tone):
    chain = make_pipeline(Resampler(RATE, 8000), STFTTransformer(output="magnitude")).fit([tone])
    display = SpectrogramDisplay.from_estimator(chain, tone)
    assert display.frequencies[-1] == 4000
    assert loudest(display) == pytest.approx(HZ, abs=8)
    assert display.duration == pytest.approx(0.5, abs=0.04)


def test_silence_is_dark_and_no_warning():
    display = SpectrogramDisplay.from_predictions(np.zeros(4000), RATE)
    assert np.asarray(display.im_.get_array()).max() < -55


def test_long_clips_stay_small():
    noise = np.random.default_rng(0).normal(size=30 * RATE) * 0.1
    assert len(SpectrogramDisplay.from_predictions(noise, RATE).levels) <= 1201
    stft = STFTTransformer(n_fft=256, hop_length=64, output="magnitude").fit([noise])
    display = SpectrogramDisplay.from_estimator(stft, noise, sample_rate=RATE)
    assert len(display.levels) <= 1200
    assert display.ax_.get_xlim()[1] == pytest.approx(30, abs=0.01)


def test_draws_into_given_axes(tone):
    ax = Figure().add_subplot()
    display = SpectrogramDisplay.from_predictions(tone, RATE, ax=ax, colorbar=False)
    assert display.ax_ is ax
    assert display.figure_ is ax.get_figure()
    assert display.colorbar_ is None
    assert display._repr_png_().startswith(b"\x89PNG")


def test_is_drawn_on_demand():
    data = np.zeros((3, 4))
    display = SpectrogramDisplay(
        data, times=np.arange(3) * 0.1, frequencies=np.arange(4) * 100.0, duration=0.2
    )
    assert display._repr_png_().startswith(b"\x89PNG")


def test_input_is_not_changed(tone):
    mel = MelSpectrogram(RATE, n_fft=1024, output="power", reference=2.0).fit([tone])
    sequence = mel.transform([tone])[0]
    before = sequence.copy()
    SpectrogramDisplay.from_estimator(mel, sequence)
    assert_array_equal(sequence, before)


def test_errors(tone):
    with pytest.raises(ValueError, match="STFTTransformer has no sample rate"):
        SpectrogramDisplay.from_estimator(STFTTransformer().fit([tone]), tone)
    mel = MelSpectrogram(RATE, n_fft=1024).fit([tone])
    with pytest.raises(ValueError, match="has sample_rate=16000, but sample_rate=8000"):
        SpectrogramDisplay.from_estimator(mel, tone, sample_rate=8000)
    with pytest.raises(ValueError, match="7 bins, but MelSpectrogram makes 80"):
        SpectrogramDisplay.from_estimator(mel, np.ones((5, 7)))
    with pytest.raises(NotFittedError):
        SpectrogramDisplay.from_estimator(MelSpectrogram(RATE), tone)
    with pytest.raises(TypeError, match="Resampler makes no spectra"):
        SpectrogramDisplay.from_estimator(Resampler(RATE, 8000).fit([tone]), tone)
    with pytest.raises(ValueError, match="did you mean kHz"):
        SpectrogramDisplay.from_predictions(tone, 16)
    with pytest.raises(ValueError, match="range_db must be positive"):
        SpectrogramDisplay.from_predictions(tone, RATE, range_db=0)
    with pytest.raises(ValueError, match="scale must be one of"):
        SpectrogramDisplay(
            np.zeros((2, 2)), times=np.arange(2), frequencies=np.arange(2), duration=1, scale="bark"
        ).plot()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_minutes_are_drawn_and_no_sound_is_left_out(dtype):
    signal = np.full(40 * RATE, 1e-4, dtype)
    # A click that fewer frames than one a column would miss.
    signal[20 * RATE + 7] = 1
    display = SpectrogramDisplay.from_predictions(signal, RATE)
    assert len(display.levels) <= 1201
    column = np.asarray(display.levels)[:, 100:].mean(axis=1).argmax()
    assert display.times[column] == pytest.approx(20, abs=0.05)
    assert_allclose(np.diff(display.times), display.times[1] - display.times[0])
    assert display.ax_.get_xlim() == (0, 40)


def test_columns_of_long_signals_have_the_mean_power():
    noise = np.random.default_rng(0).normal(size=50000)
    window, hop, together = np.hanning(64), 10, 7
    found = _mean_magnitudes(noise, window, hop, together)
    every = _mean_magnitudes(noise, window, hop, 1) ** 2
    means = [every[i : i + together].mean(axis=0) for i in range(0, len(every), together)]
    assert_allclose(found, np.sqrt(means))


@pytest.mark.parametrize("n_times", [10, 20000, 576000, 26460000])
def test_hops_never_leave_a_window(n_times):
    hop, together = _column(n_times, 480)
    assert hop <= 120
    assert n_times / (hop * together) <= 1200


def test_one_signal_is_told_from_a_list(tone):
    with pytest.raises(ValueError, match=r"signal is a list of 1 clip, .*pass signal\[0\]"):
        SpectrogramDisplay.from_predictions([tone], RATE)
    with pytest.raises(ValueError, match="signal is empty"):
        SpectrogramDisplay.from_predictions([], RATE)
