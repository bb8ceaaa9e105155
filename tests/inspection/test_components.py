"""ComponentDisplay finds the mixture wherever it is, and draws its posteriors."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle.compose import AlignedRegressor, ContextRegressor, SignalConverter, StreamRegressor
from skstyle.features import SourceFilterVocoder
from skstyle.inspection import ComponentDisplay
from skstyle.mapping import JointGMMRegressor, MixtureOfLinearRegressor
from skstyle.signal import PeakGuard
from skstyle.trajectory import TrajectoryRegressor

RATE = 16000


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(0)
    halves = rng.normal(-4, 1, (60, 2)), rng.normal(4, 1, (60, 2))
    return np.concatenate(halves)


def mixture():
    return JointGMMRegressor(2, random_state=0)


@pytest.mark.parametrize("kind", [JointGMMRegressor, MixtureOfLinearRegressor])
def test_posteriors_of_regressors(frames, kind):
    model = kind(2, random_state=0).fit(frames, frames)
    display = ComponentDisplay.from_estimator(model, frames, title="halves")
    assert_allclose(display.posteriors, model.component_posteriors(frames))
    assert_allclose(display.im_.get_array(), model.component_posteriors(frames).T)
    assert display.im_.get_clim() == (0, 1)
    assert display.im_.get_extent() == [-0.5, 119.5, -0.5, 1.5]
    assert display.ax_.get_xlabel() == "frame"
    assert display.ax_.get_title(loc="left") == "halves"
    assert list(display.ax_.get_yticks()) == [0, 1]


def test_whatever_holds_a_mixture(frames):
    streams = [("first", Ridge(), [0]), ("both", mixture(), [0, 1])]
    search = GridSearchCV(mixture(), {"reg_covar": [1e-3]}, cv=2)
    holders = {
        "pipeline": make_pipeline(StandardScaler(), mixture()).fit(frames, frames),
        "search": search.fit(frames, frames),
        "aligned": AlignedRegressor(mixture()).fit([frames], [frames]),
        "context": ContextRegressor(mixture(), n_context=1).fit([frames], [frames]),
        "trajectory": TrajectoryRegressor(mixture()).fit([frames], [frames]),
        "streams": StreamRegressor([streams[1]]).fit(frames, frames),
    }
    early, late = slice(5, 55), slice(65, 115)
    for name, model in holders.items():
        posteriors = ComponentDisplay.from_estimator(model, frames).posteriors
        assert posteriors.shape == (120, 2), name
        assert posteriors[early].mean(axis=0).argmax() != posteriors[late].mean(axis=0).argmax()


def test_streams_without_a_mixture_come_first(frames):
    model = StreamRegressor([("a", Ridge(), [0]), ("b", mixture(), [1])]).fit(frames, frames)
    expected = model.streams_[1][1].component_posteriors(frames[:, 1:])
    assert_allclose(ComponentDisplay.from_estimator(model, frames).posteriors, expected)


def test_converters_show_the_signal_too(speakers):
    X, y = speakers[0][:2], speakers[1][:2]
    streams = [("mcep", mixture(), slice(3, 27))]
    converter = SignalConverter(
        SourceFilterVocoder(RATE), AlignedRegressor(StreamRegressor(streams), n_iter=1)
    ).fit(X, y)
    display = ComponentDisplay.from_estimator(converter, X[0])
    sequence = converter.source_features_.transform(X[:1])[0]
    fitted = converter.regressor_.regressor_.streams_[0][1]
    assert_allclose(display.posteriors, fitted.component_posteriors(sequence[:, 3:27]))
    above, below = display.axes_["spectrogram"], display.axes_["components"]
    assert display.ax_ is below
    assert_allclose(above.get_xlim(), (0, len(X[0]) / RATE))
    assert above.get_xlim() == below.get_xlim()
    assert below.get_xlabel() == "time (s)"
    assert_allclose(display.im_.get_extent()[:2], np.array([-0.5, len(sequence) - 0.5]) * 0.005)


def test_replaces_given_axes():
    ax = Figure().add_subplot()
    signal = 0.1 * np.sin(np.arange(800))
    posteriors = np.eye(2)[[0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]]
    display = ComponentDisplay.from_predictions(
        posteriors, signal=signal, sample_rate=RATE, frame_period_ms=5, ax=ax, title="both"
    )
    assert not ax.axison
    assert display.axes_["spectrogram"].get_title(loc="left") == "both"
    other = Figure().add_subplot()
    assert ComponentDisplay(posteriors).plot(other).ax_ is other
    assert display._repr_png_().startswith(b"\x89PNG")


def test_many_components_have_few_ticks():
    posteriors = np.full((5, 64), 1 / 64)
    assert list(ComponentDisplay.from_predictions(posteriors).ax_.get_yticks()) == [
        *range(0, 64, 8)
    ]


def test_errors(frames):
    with pytest.raises(TypeError, match="Ridge holds no fitted mixture"):
        ComponentDisplay.from_estimator(Ridge().fit(frames, frames), frames)
    with pytest.raises(TypeError, match="StreamRegressor holds no fitted mixture"):
        model = StreamRegressor([("a", Ridge(), [0])]).fit(frames, frames)
        ComponentDisplay.from_estimator(model, frames)
    with pytest.raises(ValueError, match="no probabilities"):
        ComponentDisplay.from_predictions(frames)
    with pytest.raises(ValueError, match="needs frame_period_ms"):
        ComponentDisplay.from_predictions(np.ones((3, 1)), signal=np.ones(10), sample_rate=RATE)


def test_chains_around_a_converter(speakers):
    X, y = speakers[0][:2], speakers[1][:2]
    converter = SignalConverter(SourceFilterVocoder(RATE), AlignedRegressor(mixture(), n_iter=1))
    alone = ComponentDisplay.from_estimator(converter.fit(X, y), X[0])
    chain = make_pipeline(PeakGuard(), converter, PeakGuard()).fit(X, y)
    display = ComponentDisplay.from_estimator(chain, X[0])
    assert_allclose(display.posteriors, alone.posteriors)
    assert (display.sample_rate, display.frame_period_ms) == (RATE, 5)
    with pytest.raises(ValueError, match=r"x is a list of 1 clip, expected one alone: pass x\[0\]"):
        ComponentDisplay.from_estimator(chain, [X[0]])
    with pytest.raises(ValueError, match="but sample_rate=8000 was given"):
        ComponentDisplay.from_estimator(chain, X[0], sample_rate=8000)
    with pytest.raises(TypeError, match="PeakGuard holds no fitted mixture"):
        ComponentDisplay.from_estimator(PeakGuard().fit(X), X[0])
