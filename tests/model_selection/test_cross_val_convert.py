"""Every clip is converted once, by an estimator that has not heard it."""

import re

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.preprocessing import StandardScaler

from skstyle.compose import AlignedRegressor, PerFrame, SignalConverter, UnpairedConverter
from skstyle.datasets import make_parallel_speakers
from skstyle.features import SourceFilterVocoder
from skstyle.mapping import GaussianTransport
from skstyle.model_selection import cross_val_convert
from skstyle.signal import Preemphasis


class Remembering(RegressorMixin, BaseEstimator):
    """Adds 1000 to a clip for every training clip, and refuses what it knows."""

    def __init__(self, fault=None):
        self.fault = fault

    def fit(self, X, y=None, sample_weight=None, weights_of_text="none"):
        if self.fault is not None:
            raise self.fault
        self.known_ = {x.tobytes() for x in X}
        self.y_, self.weight_ = y, sample_weight
        return self

    def predict(self, X):
        assert not self.known_ & {x.tobytes() for x in X}
        return [x + 1000 * len(self.known_) for x in X]

    def weights(self, X):
        return np.array([np.sum(self.weight_)] * len(X))

    def targets(self, X):
        return [np.array(self.y_, dtype=float) for _ in X]

    def too_few(self, X):
        return X[:-1]


def make_ragged(n=7):
    return [np.full(3 + i, float(i)) for i in range(n)]


def as_object(items):
    out = np.empty(len(items), dtype=object)
    out[:] = items
    return out


@pytest.mark.parametrize("shuffle", [False, True])
def test_order_and_container_are_those_of_the_clips(shuffle):
    X = make_ragged()
    cv = KFold(3, shuffle=shuffle, random_state=0 if shuffle else None)
    expected = {len(x): 1000 * (7 - len(t)) for _, t in cv.split(X) for x in [X[i] for i in t]}
    for given, kind in ((X, list), (as_object(X), np.ndarray), (tuple(X), list)):
        out = cross_val_convert(Remembering(), given, cv=cv)
        assert type(out) is kind and len(out) == 7
        for x, a in zip(X, out, strict=True):
            np.testing.assert_array_equal(a, x + expected[len(x)])
    series = pd.Series(X, index=range(70, 77))
    out = cross_val_convert(Remembering(), series, cv=cv)
    assert out.dtype == object and [len(a) for a in out] == [len(x) for x in X]


def test_arrays():
    X = np.random.default_rng(0).standard_normal((6, 5))
    out = cross_val_convert(Remembering(), X, cv=3)
    np.testing.assert_allclose(out, X + 4000)
    sequences = np.random.default_rng(0).standard_normal((6, 4, 5))
    out = cross_val_convert(Remembering(), sequences, cv=3)
    np.testing.assert_allclose(out, sequences + 4000)


def test_arrays_of_several_lengths_make_an_object_array():
    class Longer(Remembering):
        def predict(self, X):
            return [np.append(x, x[: int(x[0])]) for x in X]

    X = np.arange(4.0)[:, None] + np.zeros((4, 3))
    out = cross_val_convert(Longer(), X, cv=2)
    assert out.dtype == object and [len(a) for a in out] == [3, 4, 5, 6]


def test_frames_are_those_of_cross_val_predict():
    rng = np.random.default_rng(0)
    # So many rows of so few columns would be no clips.
    X, y = rng.standard_normal((3000, 4)), rng.standard_normal((3000, 2))
    for target in (y, y[:, 0]):
        ours = cross_val_convert(Ridge(), X, target, cv=4)
        np.testing.assert_array_equal(ours, cross_val_predict(Ridge(), X, target, cv=4))
    frame = pd.DataFrame(X, columns=list("abcd"))
    np.testing.assert_array_equal(cross_val_convert(Ridge(), frame, y, cv=4).shape, y.shape)


def test_sequences():
    rng = np.random.default_rng(0)
    X = [rng.standard_normal((10 + i, 3)) for i in range(4)]
    y = [x[:, ::-1].copy() for x in X]
    out = cross_val_convert(AlignedRegressor(Ridge(1e-9)), X, y, cv=2)
    assert [a.shape for a in out] == [b.shape for b in y]
    scaled = cross_val_convert(PerFrame(StandardScaler()), X, cv=LeaveOneOut(), method="transform")
    others = np.concatenate(X[1:])
    np.testing.assert_allclose(scaled[0], (X[0] - others.mean(axis=0)) / others.std(axis=0))


def test_signals():
    X, y = make_parallel_speakers(3, duration=0.4, random_state=0)
    X = [x.astype(np.float32) for x in X]
    converter = SignalConverter(SourceFilterVocoder(16000), AlignedRegressor(Ridge(), n_iter=1))
    converted = cross_val_convert(converter, X, y)
    assert [len(a) for a in converted] == [len(x) for x in X]
    by_hand = converter.fit(X[1:], y[1:]).predict(X[:1])
    np.testing.assert_array_equal(converted[0], by_hand[0])
    assert converted[0].dtype == np.float32


def test_workers():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((2, 12, 3))
    one, two = (cross_val_convert(Ridge(), X, y, n_jobs=n) for n in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_voices_without_pairs():
    anna, ben = make_parallel_speakers(2, duration=0.4, random_state=0)
    X, y = [anna[0], ben[0], anna[1], ben[1]], np.array(["anna", "ben"] * 2)
    converter = UnpairedConverter(SourceFilterVocoder(16000), GaussianTransport(), target="ben")
    out = cross_val_convert(converter, X, y, cv=StratifiedKFold(2))
    assert [len(a) for a in out] == [len(x) for x in X]


def test_groups_are_kept_together():
    X, sentences = make_ragged(8), ["a", "b", "c", "d"] * 2
    for cv in (None, 4, GroupKFold(4), LeaveOneGroupOut()):
        # Six clips of three other sentences are learnt from.
        out = cross_val_convert(Remembering(), X, groups=sentences, cv=cv)
        assert [a[0] - x[0] for a, x in zip(out, X, strict=True)] == [6000] * 8


def test_folds_by_default():
    for n, left in ((3, 2), (10, 8)):
        out = cross_val_convert(Remembering(), make_ragged(n))
        assert {a[0] % 1000 for a in out} == set(range(n))
        assert {a[0] // 1000 for a in out} == {left}
    splits = [([0, 1], [2]), ([2], [0, 1])]
    out = cross_val_convert(Remembering(), make_ragged(3), cv=splits)
    assert [a[0] for a in out] == [1000, 1001, 2002]


def test_estimator_and_clips_are_kept():
    X, estimator = make_ragged(), Remembering()
    before = [x.copy() for x in X]
    cross_val_convert(estimator, X)
    assert not hasattr(estimator, "known_")
    for a, b in zip(X, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_labels_and_parameters_of_fit_are_split_with_the_clips():
    X = make_ragged(4)
    params = {"sample_weight": [1, 2, 4, 8], "weights_of_text": "four"}
    out = cross_val_convert(Remembering(), X, cv=2, params=params, method="weights")
    assert out.tolist() == [12, 12, 3, 3]
    out = cross_val_convert(Remembering(), X, [10, 11, 12, 13], cv=2, method="targets")
    assert [a.tolist() for a in out] == [[12, 13], [12, 13], [10, 11], [10, 11]]


def test_metadata_routing():
    X, weight = make_ragged(4), np.array([1, 2, 4, 8])
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = Remembering().set_fit_request(sample_weight=True)
        params = {"sample_weight": weight, "groups": [0, 0, 1, 1]}
        ways = [
            {"params": params, "cv": GroupKFold(2)},
            {"params": {"sample_weight": weight}, "groups": [0, 0, 1, 1]},
        ]
        for way in ways:
            out = cross_val_convert(estimator, X, method="weights", **way)
            assert out.tolist() == [12, 12, 3, 3]


def test_progress_is_shown_when_asked_for(capsys):
    cross_val_convert(Remembering(), make_ragged())
    assert capsys.readouterr() == ("", "")
    cross_val_convert(Remembering(), make_ragged(), verbose=1)
    shown = capsys.readouterr()
    assert shown.out == "" and "cross-validate Remembering" in shown.err and "5/5" in shown.err


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        (ShuffleSplit(1, test_size=2, random_state=0), r"X\[0\].* are in none of the 1"),
        ([([0, 1, 2], [3, 4]), ([3, 4], [0, 1, 2, 3])], r"X\[5\] and X\[6\] are in none of the 2"),
        ([(range(4), range(4, 7)), (range(4, 7), range(5))], r"X\[4\] is in several of the 2"),
    ],
)
def test_every_clip_must_be_converted_once(cv, message):
    with pytest.raises(ValueError, match=message) as error:
        cross_val_convert(Remembering(), make_ragged(), cv=cv)
    assert "KFold" in str(error.value)


def test_many_clips_are_named_shortly():
    with pytest.raises(ValueError, match=r"X\[0\], X\[1\], X\[2\], X\[3\], X\[4\] and 14 more"):
        cross_val_convert(Remembering(), make_ragged(20), cv=[(range(1), range(19, 20))])


@pytest.mark.parametrize("fault", [ValueError("too loud"), TypeError("no"), KeyError("voice")])
def test_errors_name_the_fold(fault):
    with pytest.raises(type(fault)) as error:
        cross_val_convert(Remembering(fault), make_ragged(4), cv=2)
    told = " ".join([str(error.value), *getattr(error.value, "__notes__", ())])
    assert "Fold 1 of 2, which converts X[0] and X[1]" in told and str(fault) in told


def test_bad_clips_are_named_as_the_user_counts_them():
    X = make_ragged()
    X[5] = np.array([0, np.nan])
    with pytest.raises(ValueError, match=re.escape("X[5] contains NaN")):
        cross_val_convert(Remembering(), X)
    sequences = [np.zeros((3, 2)), np.zeros((3, 3))]
    with pytest.raises(ValueError, match=re.escape("X[1] has 3 features")):
        cross_val_convert(Remembering(), sequences)
    with pytest.raises(ValueError, match="empty"):
        cross_val_convert(Remembering(), [])


@pytest.mark.parametrize("name", ["y", "groups"])
def test_lengths_must_agree(name):
    with pytest.raises(ValueError, match=f"X has 7 clips and {name} has 6"):
        cross_val_convert(Remembering(), make_ragged(), **{name: make_ragged(6)})


def test_one_clip_or_group_is_too_few():
    with pytest.raises(ValueError, match="1 clip, and at least 2"):
        cross_val_convert(Remembering(), make_ragged(1))
    with pytest.raises(ValueError, match="1 group, and at least 2"):
        cross_val_convert(Remembering(), make_ragged(), groups=["a"] * 7)


def test_methods_that_are_not_there_or_drop_clips():
    with pytest.raises(ValueError, match="no method 'predict': pass method='transform'"):
        cross_val_convert(Preemphasis(), make_ragged())
    out = cross_val_convert(Preemphasis(), make_ragged(), method="transform")
    assert [len(a) for a in out] == [3, 4, 5, 6, 7, 8, 9]

    class Nothing(TransformerMixin, BaseEstimator):
        transform = None

    with pytest.raises(ValueError, match="Nothing has no method 'predict_features'"):
        cross_val_convert(Nothing(), make_ragged(), method="predict_features")
    with pytest.raises(ValueError, match="Fold 1 of 5: too_few made 1 clips of 2"):
        cross_val_convert(Remembering(), make_ragged(), method="too_few")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"groups": [None] * 6}, ValueError, r"groups\[0\] is None: every clip needs a group"),
        ({"groups": [1, 1, 2, 2, 3, np.nan]}, ValueError, r"groups\[5\] is nan"),
        ({"groups": (i for i in range(6))}, TypeError, "groups must be a sequence"),
        ({"y": (i for i in range(6))}, TypeError, "y must be a sequence"),
        ({"cv": []}, ValueError, "cv has no fold"),
        ({"cv": StratifiedKFold(2)}, ValueError, "StratifiedKFold cannot split 6 clips.*no labels"),
        ({"cv": GroupKFold(2)}, ValueError, "GroupKFold cannot split 6 clips"),
        (
            {"cv": KFold(2), "groups": list("aabbcc")},
            ValueError,
            "Fold 1 of 2 has group 'b' on both sides",
        ),
        (
            {"cv": [(np.arange(6), np.arange(6))]},
            ValueError,
            r"Fold 1 of 1 is fitted on X\[0\], .*, and converts the same",
        ),
    ],
)
def test_splits_that_mean_nothing(options, error, message):
    with pytest.raises(error, match=message):
        cross_val_convert(Remembering(), make_ragged(6), **options)


def test_groups_go_with_any_splitter_that_keeps_them():
    X = make_ragged(6)
    assert len(cross_val_convert(Remembering(), X, groups=list("aabbcc"), cv=KFold(3))) == 6
