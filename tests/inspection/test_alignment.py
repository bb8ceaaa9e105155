"""AlignmentDisplay: the path over the distances, each on its own axis."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from skstyle.alignment import CTWAligner, DTWAligner
from skstyle.inspection import AlignmentDisplay

X = np.array([[0.0], [0.0], [1.0], [2.0]])
Y = np.array([[0.0], [1.0], [2.0]])


def test_distances_and_path():
    display = AlignmentDisplay.from_estimator(DTWAligner(), X, Y, title="slow and fast")
    assert_allclose(display.distances, np.abs(X - Y.T))
    assert_allclose(display.im_.get_array(), np.abs(X - Y.T))
    # y is the abscissa; the middle of a frame is that of its pixel.
    assert_allclose(display.line_.get_xdata(), [0.5, 0.5, 1.5, 2.5])
    assert_allclose(display.line_.get_ydata(), [0.5, 1.5, 2.5, 3.5])
    assert display.im_.get_extent() == [0, 3, 0, 4]
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("frame of y", "frame of x")
    assert display.ax_.get_title(loc="left") == "slow and fast"


def test_seconds_and_names():
    display = AlignmentDisplay.from_estimator(
        DTWAligner(), X, Y, frame_period_ms=5, names=("source", "target"), label="dB"
    )
    assert_allclose(display.im_.get_extent(), [0, 0.015, 0, 0.02])
    assert_allclose(display.line_.get_xdata()[-1], 0.0125)
    assert display.ax_.get_xlabel() == "time in target (s)"
    assert display.ax_.get_ylabel() == "time in source (s)"
    assert display.colorbar_.ax.get_ylabel() == "dB"


def test_columns_of_the_aligner_are_compared():
    noisy = np.column_stack([X, 100 * np.arange(4)])
    display = AlignmentDisplay.from_estimator(DTWAligner(columns=[0]), noisy, noisy)
    assert display.distances.max() == 2


def test_sides_of_different_columns():
    both = np.column_stack([Y, Y])
    aligner = CTWAligner(columns=[0], columns_y=[1])
    path = [[0, 0], [1, 0], [2, 1], [3, 2]]
    with pytest.raises(ValueError, match="1 columns and y has 2"):
        AlignmentDisplay.from_predictions(X, both, path)
    display = AlignmentDisplay.from_predictions(
        X, both, path, columns=aligner.columns, columns_y=aligner.columns_y
    )
    assert_allclose(display.distances, np.abs(X - Y.T))


def test_long_sequences_are_thinned_but_not_shortened():
    x = np.arange(2000.0)[:, None]
    path = np.repeat(np.arange(2000)[:, None], 2, axis=1)
    display = AlignmentDisplay.from_predictions(x, x, path)
    assert display.distances.shape == (500, 500)
    assert display.im_.get_extent() == [0, 2000, 0, 2000]


def test_silence_that_is_left_out_is_on_the_axes():
    x = np.array([[-9.0], [0.0], [0.1], [-9.0]])
    display = AlignmentDisplay.from_estimator(DTWAligner(level_column=0), x, x)
    assert display.path.tolist() == [[1, 1], [2, 2]]
    assert display.im_.get_extent() == [0, 4, 0, 4]


def test_given_axes_and_data_alone():
    ax = Figure().add_subplot()
    display = AlignmentDisplay(np.array([[0, 0], [1, 1]]), np.eye(2)).plot(ax)
    assert display.ax_ is ax
    assert display._repr_png_().startswith(b"\x89PNG")


def test_errors():
    with pytest.raises(TypeError, match="int has no align"):
        AlignmentDisplay.from_estimator(3, X, Y)
    with pytest.raises(ValueError, match="which has frames 0 to 2"):
        AlignmentDisplay.from_predictions(X, Y, [[0, 3]])
    with pytest.raises(ValueError, match="expected integers"):
        AlignmentDisplay.from_predictions(X, Y, [[0.5, 1.0]])
    with pytest.raises(ValueError, match="expected a sequence"):
        AlignmentDisplay.from_predictions(X.ravel(), Y, [[0, 0]])


@pytest.mark.parametrize("kind", [DTWAligner, CTWAligner])
def test_beyond_the_memory_it_is_coarse_to_fine(kind):
    x = np.cumsum(np.random.default_rng(0).normal(size=(400, 2)), axis=0)
    aligner = kind(max_memory_mb=0.12)
    with pytest.raises(ValueError, match="max_memory_mb"):
        aligner.align([x], [x[::2]])
    display = AlignmentDisplay.from_estimator(aligner, x, x[::2])
    fine = AlignmentDisplay.from_estimator(kind(), x, x[::2])
    assert display.path[-1].tolist() == [399, 199]
    # Nearly the best path.
    assert np.abs(display.path[:, 0] - 2 * display.path[:, 1]).mean() < 5
    assert len(fine.path) == pytest.approx(len(display.path), rel=0.2)
    assert aligner.multi_resolution is False
