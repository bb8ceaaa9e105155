"""GridDisplay: scores over parameters, the best marked."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.testing import assert_allclose
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle.inspection import GridDisplay
from skstyle.inspection._grid_results import is_geometric, short_names


def results(mean, std=None, metric="score", **params):
    names = {f"param_{name}": np.ma.masked_array(v, dtype=object) for name, v in params.items()}
    std = np.full(len(mean), 0.5) if std is None else np.array(std)
    found = {f"mean_test_{metric}": np.array(mean, float), f"std_test_{metric}": std}
    return {**names, **found}


@pytest.fixture(scope="module")
def search():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = X[:, 0] + 0.5 * rng.normal(size=40)
    scoring = {"mse": "neg_mean_squared_error", "r2": "r2"}
    chain = make_pipeline(StandardScaler(), Ridge())
    grid = {"ridge__alpha": [0.1, 1, 10, 100], "standardscaler__with_std": [True]}
    return GridSearchCV(chain, grid, scoring=scoring, refit="mse", cv=3).fit(X, y)


def test_one_number_is_a_line():
    display = GridDisplay.from_predictions(results([1, 3, 2, 0], n=[1, 2, 4, 8]), title="search")
    assert_allclose(display.values_, [1, 3, 2, 0])
    line, marked = display.ax_.lines[0], display.ax_.lines[-1]
    assert_allclose(line.get_xdata(), [1, 2, 4, 8])
    assert_allclose(line.get_ydata(), [1, 3, 2, 0])
    assert_allclose(marked.get_xydata(), [[2, 3]])
    assert to_rgba(marked.get_markeredgecolor()) == to_rgba("tab:orange")
    bars = display.ax_.collections[0].get_segments()
    assert_allclose(bars[0][:, 1], [0.5, 1.5])
    assert display.ax_.get_xscale() == "log"
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == ["1", "2", "4", "8"]
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("n", "score")
    assert display.ax_.get_title(loc="left") == "search"
    assert display.best_index_ == 1


def test_losses_may_be_shown_as_such():
    found = results([-6, -5, -7], metric="neg_mcd", n=[10, 20, 30])
    display = GridDisplay.from_predictions(found, negate=True)
    assert_allclose(display.values_, [6, 5, 7])
    assert display.best_index_ == 1
    assert display.ax_.get_ylabel() == "mcd"
    assert display.ax_.get_xscale() == "linear"
    assert GridDisplay.from_predictions(found, label="dB").ax_.get_ylabel() == "dB"


def test_candidates_out_of_order_are_sorted():
    display = GridDisplay.from_predictions(results([1, 2, 3], n=[30, 10, 20]))
    assert_allclose(display.values_, [2, 3, 1])


@pytest.mark.parametrize(
    ("values", "geometric"),
    [
        ([1, 2, 4, 8], True),
        ([1e-3, 1e-2, 1e-1], True),
        ([0.01, 0.05, 0.1, 0.5, 1], True),
        ([1, 2, 3, 4, 5], False),
        ([0, 1, 10], False),
        ([1, 100], False),
        ([10, 12, 15], False),
    ],
)
def test_what_is_geometric(values, geometric):
    assert is_geometric(values) is geometric


def test_searches_know_their_metric_and_parameters(search):
    display = GridDisplay.from_estimator(search, negate=True)
    assert display.best_index_ == search.best_index_
    assert_allclose(display.values_, -search.cv_results_["mean_test_mse"])
    assert list(display.parameters) == ["ridge__alpha"]
    assert display.ax_.get_xlabel() == "alpha"
    other = GridDisplay.from_estimator(search, metric="r2")
    assert_allclose(other.values_, search.cv_results_["mean_test_r2"])
    assert other.ax_.get_ylabel() == "r2"


def test_names_are_rows():
    kinds = [Ridge(), "passthrough", None]
    display = GridDisplay.from_predictions(results([1, np.nan, 2], kind=kinds))
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels == ["Ridge", "passthrough", "None"]
    texts = [text.get_text() for text in display.ax_.texts]
    assert texts == ["1", "failed", "2"]
    colours = [to_rgba(line.get_color()) for line in display.ax_.lines if line.get_marker() == "o"]
    assert colours == [to_rgba("0.6"), to_rgba("tab:orange")]


def test_estimators_of_one_class_are_told_apart():
    display = GridDisplay.from_predictions(results([1, 2], kind=[Ridge(1), Ridge(alpha=3)]))
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels == ["Ridge(alpha=1)", "Ridge(alpha=3)"]


def test_two_parameters_are_a_heat_map():
    found = results([1, 2, 3, 9, 5, 6], a=[1, 1, 1, 2, 2, 2], b=["x", "y", "z"] * 2)
    display = GridDisplay.from_predictions(found)
    # The first parameter is the abscissa.
    assert_allclose(display.values_, [[1, 9], [2, 5], [3, 6]])
    assert_allclose(display.ax_.images[0].get_array(), display.values_)
    assert display.text_[0, 1].get_text() == "9"
    assert display.text_[0, 1].get_position() == (1, 0)
    (frame,) = [p for p in display.ax_.patches if isinstance(p, Rectangle)]
    assert frame.get_xy() == (0.5, -0.5)
    assert frame.get_edgecolor() == to_rgba("tab:orange")
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("a", "b")
    assert [t.get_text() for t in display.ax_.get_yticklabels()] == ["x", "y", "z"]


def test_good_has_one_colour_negated_or_not():
    found = results([-1, -2, -3, -4], a=[1, 1, 2, 2], b=[1, 2, 1, 2])
    colours = []
    for negate in (False, True):
        image = GridDisplay.from_predictions(found, negate=negate).ax_.images[0]
        value = image.get_array()[0, 0]
        colours.append(image.cmap(image.norm(value)))
    assert_allclose(*colours)


def test_numbers_can_be_read():
    found = results([0, 1, 2, 3], a=[1, 1, 2, 2], b=[1, 2, 1, 2])
    display = GridDisplay.from_predictions(found)
    assert display.text_[0, 0].get_color() == "white"
    assert display.text_[1, 1].get_color() == "black"


def test_failed_cells_stay_empty():
    found = results([1, np.nan, 2, 3], a=[1, 1, 2, 2], b=[1, 2, 1, 2])
    display = GridDisplay.from_predictions(found)
    assert np.isnan(display.values_[1, 0])
    assert display.text_[1, 0] is None


def test_random_searches_are_points():
    rng = np.random.default_rng(0)
    a, b = rng.random(12).tolist(), (10 ** rng.uniform(-3, 0, 12)).tolist()
    mean = np.arange(12.0)
    display = GridDisplay.from_predictions(results(mean, a=a, b=b))
    points, marked = display.ax_.collections[:2]
    assert len(points.get_offsets()) == 12
    assert_allclose(marked.get_offsets(), [[a[-1], b[-1]]])


def test_of_other_parameters_the_best_count():
    found = results([1, 2, 3, 0, 9, 4, 5, 6], a=[1, 2] * 4, b=[1, 1, 2, 2] * 2, c=[1] * 4 + [2] * 4)
    with pytest.raises(ValueError, match="3 parameters were varied"):
        GridDisplay.from_predictions(found)
    display = GridDisplay.from_predictions(found, params="a")
    assert_allclose(display.values_, [9, 6])
    table = GridDisplay.from_predictions(found, params=["a", "b"])
    assert_allclose(table.values_, [[9, 4], [5, 6]])


def test_lists_of_grids():
    found = results([1, 2, 3], a=[1, 2, 3])
    found["param_a"] = np.ma.masked_array([1, 2, 3], mask=[0, 0, 1], dtype=object)
    display = GridDisplay.from_predictions(found)
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels == ["1", "2", "not set"]


def test_truth_values_are_names():
    display = GridDisplay.from_predictions(results([1, 2], flag=[True, False]))
    assert [t.get_text() for t in display.ax_.get_yticklabels()] == ["True", "False"]


def test_short_names():
    assert short_names(["a__b__n", "a__c__m"]) == ["n", "m"]
    assert short_names(["a__b__n", "a__c__n"]) == ["b__n", "c__n"]


def test_given_axes():
    ax = Figure().add_subplot()
    display = GridDisplay.from_predictions(results([1, 2], n=[1, 2]), ax=ax)
    assert display.ax_ is ax
    assert display._repr_png_().startswith(b"\x89PNG")


def test_errors(search):
    with pytest.raises(TypeError, match="Ridge has no cv_results_"):
        GridDisplay.from_estimator(Ridge())
    with pytest.raises(ValueError, match="'f1' is none of"):
        GridDisplay.from_estimator(search, metric="f1")
    with pytest.raises(ValueError, match="metric=None is none of"):
        GridDisplay.from_predictions(search.cv_results_)
    with pytest.raises(ValueError, match="names 0 of the parameters"):
        GridDisplay.from_estimator(search, params="beta")
    with pytest.raises(ValueError, match="holds no mean_test"):
        GridDisplay.from_predictions({})
    with pytest.raises(ValueError, match="All candidates failed"):
        GridDisplay.from_predictions(results([np.nan, np.nan], n=[1, 2]))
    with pytest.raises(ValueError, match="one or two different"):
        GridDisplay.from_estimator(search, params=["alpha", "alpha"])


def test_what_the_search_has_chosen_is_marked():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = X[:, 0] + 0.5 * rng.normal(size=40)
    grid = {"alpha": [0.1, 1, 100], "fit_intercept": [True, False]}
    search = GridSearchCV(Ridge(), grid, refit=lambda results: 4, cv=3).fit(X, y)
    display = GridDisplay.from_estimator(search)
    assert display.best_index_ == search.best_index_ == 4
    (frame,) = [p for p in display.ax_.patches if isinstance(p, Rectangle)]
    assert frame.get_xy() == (1.5, -0.5)
    # Of what is not shown, the chosen one counts and not the best.
    line = GridDisplay.from_estimator(search, params="fit_intercept")
    assert line.values_[0] == search.cv_results_["mean_test_score"][4]
    # Without a search there is only the greatest mean.
    assert GridDisplay.from_predictions(search.cv_results_).best_index_ != 4


def test_another_metric_has_its_own_best(search):
    display = GridDisplay.from_estimator(search, metric="r2")
    assert display.best_index_ == search.cv_results_["mean_test_r2"].argmax()


def test_halving_searches_count_the_last_round():
    found = results([5, 1, 2, 3, 4], a=[1, 2, 3, 2, 3])
    found["iter"] = np.array([0, 0, 0, 1, 1])
    found["params"] = [{"a": a} for a in (1, 2, 3, 2, 3)]

    class Halving:
        cv_results_ = found
        best_index_ = 4
        refit = True

    display = GridDisplay.from_estimator(Halving())
    assert display.best_index_ == 4
    assert_allclose(display.values_, [5, 3, 4])
    assert_allclose(display.ax_.lines[-1].get_xydata(), [[3, 4]])


def test_halving_searches_of_scikit_learn():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(160, 5))
    y = X[:, 0] + rng.normal(size=160)
    options = {"cv": 3, "factor": 2, "min_resources": 20}
    for seed in range(5):
        search = HalvingGridSearchCV(
            Ridge(), {"alpha": np.geomspace(0.01, 1000, 8)}, random_state=seed, **options
        ).fit(X, y)
        display = GridDisplay.from_estimator(search)
        assert display.best_index_ == search.best_index_
        assert_allclose(display.ax_.lines[-1].get_xydata()[0, 1], search.best_score_)


@pytest.mark.parametrize("n_kinds", [2, 3])
@pytest.mark.parametrize("turned", [False, True])
def test_random_numbers_of_names_are_points_in_rows(n_kinds, turned):
    a = (10 ** np.random.default_rng(0).uniform(-3, 3, 30)).tolist()
    kinds = [f"kind {i % n_kinds}" for i in range(30)]
    order = ["kind", "a"] if turned else ["a", "kind"]
    found = results(np.arange(30.0), a=a, kind=kinds)
    display = GridDisplay.from_predictions(found, params=order)
    points, marked = display.ax_.collections[:2]
    assert len(points.get_offsets()) == 30
    place = (n_kinds - 1 if 29 % n_kinds == n_kinds - 1 else 29 % n_kinds, a[-1])
    assert_allclose(marked.get_offsets(), [place if turned else place[::-1]])
    numbers, names = (display.ax_.yaxis, display.ax_.xaxis)[:: 1 if turned else -1]
    assert numbers.get_scale() == "log"
    labels = [text.get_text() for text in names.get_ticklabels()]
    assert labels == [f"kind {i}" for i in range(n_kinds)]
