"""Stack, apply, split: what sklearn does to frames, PerFrame does to sequences."""

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from skstyle.compose import PerFrame
from skstyle.utils import ClipList


def sequences(lengths=(5, 9, 1), n_features=3):
    rng = np.random.default_rng(0)
    return [rng.normal(2, 3, size=(n, n_features)) for n in lengths]


def objects(items):
    out = np.empty(len(items), object)
    out[:] = items
    return out


@pytest.mark.parametrize("estimator", [StandardScaler(), PCA(2), Normalizer()])
def test_it_is_the_estimator_on_all_frames(estimator):
    X = sequences()
    expected = clone(estimator).fit_transform(np.concatenate(X))
    out = PerFrame(estimator).fit_transform(X)
    assert [len(x) for x in out] == [5, 9, 1]
    np.testing.assert_allclose(np.concatenate(out), expected)


@pytest.mark.parametrize("lengths", [(5, 9, 1), (4, 4, 4)])
@pytest.mark.parametrize("container", [list, tuple, objects])
def test_inverse_undoes_it_in_the_same_container(container, lengths):
    """Trap: StandardScaler on lists fails, or silently stacks equal lengths."""
    X = container(sequences(lengths))
    per_frame = PerFrame(StandardScaler()).fit(X)
    out = per_frame.transform(X)
    again = per_frame.inverse_transform(out)
    for result in (out, again):
        assert isinstance(result, np.ndarray if container is objects else list)
        assert len(result) == 3
    for a, b in zip(again, X, strict=True):
        np.testing.assert_allclose(a, b)


def test_matrices_and_cubes_mirror():
    cube = np.stack(sequences((4, 4)))
    per_frame = PerFrame(PCA(2)).fit(cube)
    assert per_frame.transform(cube).shape == (2, 4, 2)
    assert per_frame.transform(cube[0]).shape == (4, 2)
    np.testing.assert_allclose(per_frame.transform(cube[0]), per_frame.transform(cube)[0])
    assert per_frame.inverse_transform(per_frame.transform(cube)).shape == cube.shape


def test_lengths_of_the_clips_travel_on():
    X = ClipList(sequences(), [{"n_times": [400, 720, 3]}])
    per_frame = PerFrame(StandardScaler())
    out = per_frame.fit_transform(X)
    assert out.trail == X.trail
    assert per_frame.inverse_transform(out).trail == X.trail


def test_float32_stays():
    X = [x.astype(np.float32) for x in sequences()]
    assert {x.dtype for x in PerFrame(StandardScaler()).fit_transform(X)} == {np.dtype(np.float32)}


def test_the_estimator_is_cloned():
    scaler = StandardScaler()
    per_frame = PerFrame(scaler).fit(sequences())
    assert per_frame.estimator_ is not scaler
    assert not hasattr(scaler, "mean_")


def test_parameters_are_reached_by_name():
    per_frame = PerFrame(PCA()).set_params(estimator__n_components=1)
    assert per_frame.fit_transform(sequences())[1].shape == (9, 1)


def test_no_inverse_where_the_estimator_has_none():
    assert not hasattr(PerFrame(Normalizer()), "inverse_transform")
    assert hasattr(PerFrame(StandardScaler()), "inverse_transform")


def test_steps_chain_in_a_pipeline():
    X = sequences((8, 9))
    pipeline = make_pipeline(PerFrame(StandardScaler()), PerFrame(PCA()))
    again = pipeline.inverse_transform(pipeline.fit_transform(X))
    np.testing.assert_allclose(np.concatenate(again), np.concatenate(X))


def test_stateless_transformer_as_last_step():
    """Trap: a stateless last step says NotFitted even after fit."""
    pipeline = make_pipeline(PerFrame(FunctionTransformer(np.abs))).fit(sequences())
    assert min(x.min() for x in pipeline.transform(sequences())) >= 0


def test_one_column_out_stays_two_dimensional():
    out = PerFrame(KMeans(2, n_init=1, random_state=0)).fit(sequences()).transform(sequences())
    assert [x.shape for x in out] == [(5, 2), (9, 2), (1, 2)]


def test_table_output_of_sklearn_does_not_break_it():
    """Trap: set_output("pandas") makes tables of frames; sequences stay arrays."""
    pytest.importorskip("pandas")
    with sklearn.config_context(transform_output="pandas"):
        out = PerFrame(StandardScaler()).fit_transform(sequences())
    assert isinstance(out[0], np.ndarray)


def test_inputs_are_not_written_to():
    X = sequences()
    for x in X:
        x.flags.writeable = False
    before = np.concatenate(X)
    PerFrame(StandardScaler(copy=True)).fit_transform(X)
    np.testing.assert_array_equal(np.concatenate(X), before)


@pytest.mark.parametrize("lengths", [(6,), (6, 7)])
def test_a_step_that_works_in_place_spares_the_input(lengths):
    X = sequences(lengths)
    before = [x.copy() for x in X]
    PerFrame(StandardScaler(copy=False)).fit_transform(X)
    for a, b in zip(X, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_unfitted_and_wrong_width_are_told():
    with pytest.raises(NotFittedError):
        PerFrame(StandardScaler()).transform(sequences())
    with pytest.raises(ValueError, match="X has 2 features, but PerFrame is expecting 3"):
        PerFrame(StandardScaler()).fit(sequences()).transform(sequences(n_features=2))


class _CentreOfClass(TransformerMixin, BaseEstimator):
    """Needs labels, as LinearDiscriminantAnalysis does: takes the mean of class 1 away."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def fit(self, X, y):
        self.mean_ = X[y == 1].mean(axis=0)
        return self

    def transform(self, X):
        return X - self.mean_


def test_labels_of_clips_reach_their_frames():
    X = sequences()
    out = PerFrame(_CentreOfClass()).fit_transform(X, [0, 1, 0])
    np.testing.assert_allclose(out[1].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(out[0], X[0] - X[1].mean(axis=0))
    with pytest.raises(ValueError, match="X has 3 clips and y has 2 labels"):
        PerFrame(_CentreOfClass()).fit(X, [0, 1])


def test_targets_that_are_no_labels_are_ignored():
    """In a Pipeline before a regressor, y is a list of sequences."""
    X = sequences()
    expected = PerFrame(StandardScaler()).fit_transform(X)
    out = PerFrame(StandardScaler()).fit_transform(X, sequences((3, 2, 2)))
    np.testing.assert_array_equal(out[0], expected[0])


@pytest.mark.parametrize(
    "selector", [SelectKBest(k=1), make_pipeline(StandardScaler(), SelectKBest(k=1))]
)
def test_labels_reach_estimators_within_and_such_as_do_not_ask(selector):
    X = sequences()
    out = PerFrame(selector).fit(X, [0, 1, 0]).transform(X)
    assert [x.shape for x in out] == [(5, 1), (9, 1), (1, 1)]
