"""ConversionDisplay shows what it measured."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline

from skstyle.datasets import make_parallel_speakers
from skstyle.inspection import ConversionDisplay, _sparing
from skstyle.metrics import mel_cepstral_distortion
from skstyle.signal import PeakGuard, Resampler, SilenceTrimmer

RATE = 16000


@pytest.fixture(scope="module")
def clips():
    X, y, truth = make_parallel_speakers(1, duration=0.6, random_state=0, return_truth=True)
    return X[0], truth.targets[0], y[0]


class Cheat:
    """Knows the answer."""

    sample_rate_ = RATE

    def __init__(self, answer):
        self.answer = answer

    def predict(self, X):
        return [self.answer for _ in X]


def test_numbers_are_those_of_the_metric(clips):
    source, converted, target = clips
    display = ConversionDisplay.from_predictions(*clips, sample_rate=RATE)
    for value, clip in ((display.mcd_before, source), (display.mcd_after, converted)):
        expected = mel_cepstral_distortion([target], [clip], sample_rate=RATE)
        assert value == pytest.approx(expected)
    assert display.mcd_after < display.mcd_before
    labels = [text.get_text() for text in display.axes_["mcd"].texts]
    assert labels == [f"{display.mcd_before:.2f} dB", f"{display.mcd_after:.2f} dB"]


def test_path_goes_from_corner_to_corner(clips):
    display = ConversionDisplay.from_predictions(*clips, sample_rate=RATE)
    assert_allclose(display.path[0], 0)
    assert (np.diff(display.path, axis=0) >= 0).all()
    assert_allclose(display.path[-1] + 1, display.distances.shape)
    # The picture has the target on the abscissa.
    line = display.axes_["path"].lines[0]
    assert_allclose(line.get_xdata()[-1] / 0.005, display.path[-1, 1] + 0.5)
    assert_allclose(line.get_ydata()[-1] / 0.005, display.path[-1, 0] + 0.5)


def test_identical_clips_lie_on_the_diagonal(clips):
    display = ConversionDisplay.from_predictions(*clips[:1] * 3, sample_rate=RATE)
    assert_allclose(display.path[:, 0], display.path[:, 1])
    assert display.mcd_before == display.mcd_after == 0


def test_spectrograms_share_time_and_colours(clips):
    axes = ConversionDisplay.from_predictions(*clips, sample_rate=RATE).axes_
    rows = [axes[role] for role in ("source", "converted", "target")]
    longest = max(map(len, clips)) / RATE
    for ax in rows:
        assert_allclose(ax.get_xlim(), (0, longest))
        assert_allclose(ax.get_ylim(), (0, RATE / 2000))
        assert ax.images[0].get_clim() == (-55, 0)
    levels = np.concatenate([np.ravel(ax.images[0].get_array()) for ax in rows])
    assert np.mean(levels > 0) == pytest.approx(0.01, abs=1e-3)


def test_from_estimator_converts(clips):
    source, converted, target = clips
    display = ConversionDisplay.from_estimator(Cheat(converted), source, target)
    assert display.converted is converted
    assert display.sample_rate == RATE


def test_from_estimator_without_a_rate(clips):
    source, converted, target = clips
    cheat = Cheat(converted)
    cheat.sample_rate_ = None
    with pytest.raises(ValueError, match="Cheat has no sample rate"):
        ConversionDisplay.from_estimator(cheat, source, target)
    ConversionDisplay.from_estimator(cheat, source, target, sample_rate=RATE)


def test_draws_into_a_given_figure(clips):
    figure = Figure(figsize=(10, 6))
    left, _ = figure.subfigures(1, 2)
    display = ConversionDisplay.from_predictions(*clips, sample_rate=RATE, fig=left)
    assert display.figure_ is left
    assert set(left.axes) >= set(display.axes_.values())
    other = Figure()
    assert display.plot(fig=other).figure_ is other


def test_long_clips_stay_small(clips):
    long = np.tile(clips[0], 8)
    display = ConversionDisplay.from_predictions(long, long, clips[2], sample_rate=RATE)
    assert display.distances.shape[0] <= 600
    assert display.axes_["source"].images[0].get_array().shape[1] <= 1201


def test_is_a_picture_in_notebooks(clips):
    display = ConversionDisplay.from_predictions(*clips, sample_rate=RATE)
    assert display._repr_png_().startswith(b"\x89PNG")


def test_names_the_wrong_clip(clips):
    with pytest.raises(ValueError, match="converted"):
        ConversionDisplay.from_predictions(clips[0], clips[1] * np.nan, clips[2], sample_rate=RATE)


def test_importing_does_not_load_matplotlib():
    code = "import sys, skstyle.inspection; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_replaces_given_axes(clips):
    figure = Figure(figsize=(14, 8), layout="constrained")
    left, right = figure.subplots(1, 2)
    display = ConversionDisplay.from_predictions(*clips, sample_rate=RATE, ax=right)
    assert display.figure_ is figure
    assert not right.axison
    assert left.axison
    figure.canvas.draw()
    place = right.get_position()
    for ax in display.axes_.values():
        assert ax.get_position().x0 >= place.x0 - 1e-6


def test_replaces_axes_without_a_grid(clips):
    figure = Figure()
    box = figure.add_axes((0.5, 0.5, 0.4, 0.4))
    display = ConversionDisplay.from_predictions(*clips, sample_rate=RATE, ax=box)
    for ax in display.axes_.values():
        assert ax.get_position().x0 >= 0.5 - 1e-6
        assert ax.get_position().y0 >= 0.5 - 1e-6


def test_refuses_two_places(clips):
    figure = Figure()
    with pytest.raises(ValueError, match="not both"):
        ConversionDisplay.from_predictions(
            *clips, sample_rate=RATE, ax=figure.add_subplot(), fig=figure
        )


def test_rows_are_titled(clips):
    display = ConversionDisplay.from_predictions(*clips, sample_rate=RATE)
    for role in ("source", "converted", "target"):
        assert display.axes_[role].get_title(loc="left") == role
    assert display.axes_["path"].get_ylabel() == "time in converted (s)"
    assert display.axes_["target"].get_xlabel() == "time (s)"
    assert display.alignment_.ax_ is display.axes_["path"]
    assert display.spectrograms_["target"].ax_ is display.axes_["target"]


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_panels_have_room_in_every_layout(clips, layout):
    figure = Figure(figsize=(22, 7), layout=layout)
    left, right = figure.subplots(1, 2)
    display = ConversionDisplay.from_predictions(*clips, sample_rate=RATE, ax=left)
    right.set_title("another")
    figure.draw_without_rendering()  # a warning is an error
    axes = display.axes_
    boxes = {name: ax.get_tightbbox() for name, ax in axes.items()}
    for above, below in (("source", "converted"), ("converted", "target"), ("path", "mcd")):
        assert boxes[above].y0 >= boxes[below].y1 - 1, (above, below)
    bar = display.spectrograms_["target"].im_.colorbar.ax.get_tightbbox()
    assert boxes["target"].x1 <= bar.x0 + 2
    assert bar.x1 <= boxes["path"].x0


def test_chains_that_only_transform(clips):
    source, _, target = clips
    chain = make_pipeline(SilenceTrimmer(RATE), PeakGuard()).fit([source])
    display = ConversionDisplay.from_estimator(chain, source, target)
    assert display.sample_rate == RATE
    assert_array_equal(display.converted, chain.transform([source])[0])
    with pytest.raises(ValueError, match="has sample_rate=16000, but sample_rate=8000"):
        ConversionDisplay.from_estimator(chain, source, target, sample_rate=8000)


def test_searches_and_rates(clips):
    source, converted, target = clips

    class Search:
        best_estimator_ = Cheat(converted)

    display = ConversionDisplay.from_estimator(Search(), source, target, sample_rate=RATE)
    assert display.converted is converted
    with pytest.raises(ValueError, match="Cheat has sample_rate=16000, but sample_rate=22050"):
        ConversionDisplay.from_estimator(Search(), source, target, sample_rate=22050)


def test_what_a_converter_does_to_its_input_stays_there(clips):
    source, _, target = clips
    before = source.copy()

    class Silence(Cheat):
        def predict(self, X):
            for x in X:
                x *= 0.5
            return X

    display = ConversionDisplay.from_estimator(Silence(None), source, target)
    assert_array_equal(source, before)
    assert_array_equal(display.source, before)
    assert_allclose(display.converted, before / 2)


def test_what_converts_nothing(clips):
    source, _, target = clips
    with pytest.raises(TypeError, match="int has no predict and no transform"):
        ConversionDisplay.from_estimator(3, source, target, sample_rate=RATE)
    with pytest.raises(ValueError, match="source is a list of 1 clip"):
        ConversionDisplay.from_estimator(Cheat(source), [source], target)


def test_chains_that_change_the_rate(clips):
    chain = make_pipeline(PeakGuard(), Resampler(RATE, 8000)).fit(clips[:1])
    with pytest.raises(ValueError, match="takes clips of 16000 Hz and makes clips of 8000 Hz"):
        ConversionDisplay.from_estimator(chain, clips[0], clips[2])
    back = make_pipeline(Resampler(RATE, 8000), Resampler(8000, RATE)).fit(clips[:1])
    assert ConversionDisplay.from_estimator(back, clips[0], clips[2]).sample_rate == RATE


def test_clips_beyond_the_memory_of_the_aligner(clips, monkeypatch):
    whole = ConversionDisplay.from_predictions(*clips, sample_rate=RATE)
    monkeypatch.setattr(_sparing, "_needs_more", lambda *_: True)
    display = ConversionDisplay.from_predictions(*clips, sample_rate=RATE)
    assert (display.path[-1] == whole.path[-1]).all()
    assert len(display.path) == pytest.approx(len(whole.path), rel=0.1)
