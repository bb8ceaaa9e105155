"""Containers mirror, and every wrong input has its sentence."""

import re
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from skstyle.mapping import (
    GaussianTransport,
    JointGMMRegressor,
    LocallyLinearRegressor,
    MixtureOfLinearRegressor,
)
from skstyle.utils import (
    check_paired,
    check_sample_rate,
    check_sequences,
    check_signals,
    common_sample_rate,
)
from skstyle.utils.validation import restore, restore_frames


def objects(items):
    out = np.empty(len(items), dtype=object)
    out[:] = items
    return out


def ones(*lengths, dtype=float):
    return [np.ones(n, dtype) for n in lengths]


# ---------------------------------------------------------------- the mirror rule


@pytest.mark.parametrize(
    ("container", "kind"), [(list, "list"), (tuple, "list"), (objects, "object")]
)
@pytest.mark.parametrize("lengths", [(3, 5), (4, 4), (7,)])
def test_type_of_the_container_decides_not_the_lengths(container, kind, lengths):
    clips = check_signals(container(ones(*lengths)))
    assert clips.kind == kind
    assert [len(x) for x in clips.items] == list(lengths)


@pytest.mark.parametrize("lengths", [(3, 5), (4, 4)])
def test_object_array_comes_back_one_dimensional(lengths):
    """Trap: ``np.array(list, dtype=object)`` turns 2-D when all lengths are equal."""
    back = restore(ones(*lengths), "object")
    assert back.dtype == object
    assert back.shape == (2,)
    assert [len(x) for x in back] == list(lengths)


def test_list_of_equal_lengths_comes_back_as_list():
    back = restore(ones(4, 4), "list")
    assert type(back) is list


def test_numeric_signals_are_rows_and_come_back_stacked():
    X = np.arange(6.0).reshape(2, 3)
    clips = check_signals(X)
    assert clips.kind == "array"
    np.testing.assert_array_equal(clips.items[1], [3, 4, 5])
    np.testing.assert_array_equal(restore(clips.items, clips.kind), X)


def test_rows_of_a_plain_matrix_are_sequences_of_one_frame():
    X = np.arange(6.0).reshape(2, 3)
    clips = check_sequences(X)
    assert [x.shape for x in clips.items] == [(1, 3), (1, 3)]
    np.testing.assert_array_equal(restore_frames(clips.items, X, clips.kind), X)


def test_three_dimensional_arrays_are_sequences_of_equal_length():
    X = np.arange(24.0).reshape(2, 3, 4)
    clips = check_sequences(X)
    assert [x.shape for x in clips.items] == [(3, 4), (3, 4)]
    np.testing.assert_array_equal(restore_frames(clips.items, X, clips.kind), X)


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    container=st.sampled_from([list, tuple, objects]),
)
def test_restore_undoes_check(lengths, container):
    X = container([np.full((n, 2), float(n)) for n in lengths])
    clips = check_sequences(X)
    back = restore_frames(clips.items, X, clips.kind, clips.trail)
    assert len(back) == len(X)
    assert isinstance(back, np.ndarray) == isinstance(X, np.ndarray)
    assert all(np.array_equal(a, b) for a, b in zip(back, X, strict=True))


# ---------------------------------------------------------------- copies and dtypes


def test_fine_arrays_are_not_copied():
    X = ones(3, 5)
    assert all(a is b for a, b in zip(check_signals(X).items, X, strict=True))


def test_read_only_memory_maps_become_plain_arrays_with_one_hash(tmp_path):
    """Trap: memmap, tuple, strided and F-ordered inputs hash differently in ``memory=``."""
    x = np.arange(24.0).reshape(6, 4)
    joblib.dump(x, tmp_path / "x")
    variants = [x, np.asfortranarray(x), joblib.load(tmp_path / "x", mmap_mode="r")]
    variants.append(np.repeat(x, 2, axis=0)[::2])
    hashes = {joblib.hash(check_sequences([v]).items) for v in variants}
    assert len(hashes) == 1
    assert joblib.hash(check_sequences((x,)).items) in hashes


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_keep_their_precision(dtype):
    assert check_signals(ones(3, dtype=dtype)).items[0].dtype == dtype
    assert check_signals(np.ones((2, 3), dtype)).items[0].dtype == dtype
    assert check_sequences([np.ones((3, 2), dtype)]).items[0].dtype == dtype


def test_half_precision_becomes_single():
    assert check_signals(ones(3, dtype=np.float16)).items[0].dtype == np.float32


def test_integer_features_become_float():
    assert check_sequences([np.ones((3, 2), int)]).items[0].dtype == np.float64


def test_nested_lists_of_numbers_are_a_matrix_written_out():
    clips = check_signals([[0.0, 0.5], [0.1, 0.2]])
    assert clips.kind == "array"
    assert [x.shape for x in clips.items] == [(2,), (2,)]
    frames = [[0.0, 0.5], [0.1, 0.2]]
    back = check_sequences(frames)
    assert restore_frames(back.items, frames, back.kind).shape == (2, 2)


def test_scalars_in_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="inhomogeneous"):
        check_signals([[0.0, 0.5], [0.1, 0.2, 0.3]])


def test_inputs_are_not_written_to():
    X = [np.asfortranarray(np.ones((3, 2)))]
    X[0].flags.writeable = False
    check_sequences(X)
    assert X[0].flags.f_contiguous


# ---------------------------------------------------------------- the sentences


def bad_clip(value, position=3):
    x = np.zeros(10)
    x[4] = value
    return ones(*[5] * position) + [x]


SIGNAL_ERRORS = {
    "nan": (bad_clip(np.nan), ValueError, r"X\[3\] contains NaN \(first at sample 4 of 10\)"),
    "inf": (bad_clip(np.inf), ValueError, r"X\[3\] contains inf \(first at sample 4 of 10\)"),
    "empty list": ([], ValueError, "X is an empty list: expected at least one clip"),
    "empty clip": (ones(3, 0), ValueError, r"X\[1\] is empty \(shape \(0,\)\)"),
    "stereo (n, 2)": (
        [np.zeros(9), np.zeros((9, 2))],
        ValueError,
        r"X\[1\] has shape \(9, 2\), expected one channel.*clip\.mean\(axis=1\)",
    ),
    "stereo (2, n)": (
        [np.zeros((2, 9))],
        ValueError,
        r"X\[0\] has shape \(2, 9\), expected one channel.*clip\.mean\(axis=0\)",
    ),
    "int16": (
        ones(4, dtype=np.int16),
        ValueError,
        r"X\[0\] holds integer samples \(int16\).*/ 32768\).*read_clip",
    ),
    "int16 matrix": (np.ones((2, 9), np.int16), ValueError, r"integer samples \(int16\)"),
    "complex": ([np.ones(3) + 1j], ValueError, r"Complex data not supported: X\[0\]"),
    "lone array": (np.ones(84), ValueError, r"one 1-D array of shape \(84,\).*\[x\]"),
    "lone list": ([0.1, 0.2], ValueError, r"one 1-D list of shape \(2,\).*\[x\]"),
    "path string": (["a.wav"], TypeError, r"X\[0\] is a path \('a\.wav'\).*read_clip"),
    "path object": ([Path("a.wav")], TypeError, r"X\[0\] is a path .*a\.wav.*read_clip"),
    "one string": ("a.wav", TypeError, "Expected a list of 1-D signals, got str"),
    "dict": ({"a": 1}, TypeError, "Expected a list of 1-D signals, got dict"),
    "None": (None, TypeError, "Expected a list of 1-D signals, got NoneType"),
    "text inside": ([np.array(["a", "b"])], TypeError, r"X\[0\] has dtype <U1, expected numbers"),
    "ragged clip": (
        [np.zeros(2), [[1.0, 2.0], [3.0]]],
        ValueError,
        r"X\[1\] is not a regular array",
    ),
    "three dimensions": ([np.zeros((2, 2, 2))], ValueError, r"X\[0\] has shape \(2, 2, 2\)"),
}


@pytest.mark.parametrize("case", SIGNAL_ERRORS)
def test_wrong_signals_have_their_sentence(case):
    X, error, sentence = SIGNAL_ERRORS[case]
    with pytest.raises(error, match=re.compile(sentence, re.DOTALL)):
        check_signals(X)


SEQUENCE_ERRORS = {
    "nan": (
        [np.zeros((4, 2)), np.array([[0.0, 0.0], [0.0, np.nan]])],
        ValueError,
        r"X\[1\] contains NaN \(first at frame 1 of 2\)",
    ),
    "inf": ([np.full((3, 1), np.inf)], ValueError, r"X\[0\] contains inf \(first at frame 0"),
    "empty list": ([], ValueError, "X is an empty list"),
    "no frames": ([np.zeros((0, 3))], ValueError, r"X\[0\] is empty \(shape \(0, 3\)\)"),
    "no columns": ([np.zeros((3, 0))], ValueError, r"X\[0\] is empty \(shape \(3, 0\)\)"),
    "signals": (
        ones(80),
        ValueError,
        r"X\[0\] has shape \(80,\), expected a sequence.*feature extractor",
    ),
    "widths differ": (
        [np.zeros((3, 2)), np.zeros((3, 4))],
        ValueError,
        r"X\[1\] has 4 features, X\[0\] has 2",
    ),
    "complex": ([np.ones((3, 2)) * 1j], ValueError, r"Complex data not supported: X\[0\]"),
    "path": (["a.npy"], TypeError, r"X\[0\] is a path"),
    "dict": ({}, TypeError, "Expected a list of 2-D feature sequences, got dict"),
    "None": (None, TypeError, "Expected a list of 2-D feature sequences, got NoneType"),
}


@pytest.mark.parametrize("case", SEQUENCE_ERRORS)
def test_wrong_sequences_have_their_sentence(case):
    X, error, sentence = SEQUENCE_ERRORS[case]
    with pytest.raises(error, match=re.compile(sentence, re.DOTALL)):
        check_sequences(X)


def test_sentences_use_the_name_of_the_collection():
    with pytest.raises(ValueError, match=r"y_true\[1\] is empty"):
        check_signals(ones(2, 0), name="y_true")


def test_number_of_features_is_that_of_fit():
    estimator = BaseEstimator()
    check_sequences([np.ones((5, 3))], estimator=estimator, reset=True)
    assert estimator.n_features_in_ == 3
    check_sequences(np.ones((2, 5, 3)), estimator=estimator)
    with pytest.raises(ValueError, match="X has 4 features, but BaseEstimator is expecting 3"):
        check_sequences([np.ones((5, 4))], estimator=estimator)


def test_complex_sequences_pass_where_they_are_allowed():
    x = np.ones((3, 2)) * 1j
    assert check_sequences([x], complex_ok=True).items[0] is x


# ---------------------------------------------------------------- pairs and rates


def test_pairs_of_unequal_number_are_refused():
    check_paired(ones(1, 2), ones(3, 4))
    with pytest.raises(ValueError, match="X has 2 clips and y has 1.*inconsistent numbers"):
        check_paired(ones(1, 2), ones(3))


@pytest.mark.parametrize("rate", [16000, 22050.0, np.int64(8000)])
def test_sample_rates_pass_as_given(rate):
    assert check_sample_rate(rate) is rate


@pytest.mark.parametrize(
    ("rate", "error", "sentence"),
    [
        ("16000", TypeError, "must be a number in Hz"),
        (True, TypeError, "must be a number in Hz"),
        (None, TypeError, "must be a number in Hz"),
        ([16000], TypeError, "must be a number in Hz"),
        (0, ValueError, "must be positive"),
        (-1.0, ValueError, "must be positive"),
        (np.nan, ValueError, "must be positive"),
        (16, ValueError, "did you mean kHz"),
    ],
)
def test_wrong_sample_rates_are_explained(rate, error, sentence):
    with pytest.raises(error, match=sentence):
        check_sample_rate(rate)


class Step(BaseEstimator):
    def __init__(self, sample_rate=None):
        self.sample_rate = sample_rate


def test_common_sample_rate_of_nested_steps():
    assert common_sample_rate(make_pipeline(Step(16000), Ridge(), Step(16000.0))) == 16000
    assert common_sample_rate(make_pipeline(Step(None), Step(8000))) == 8000
    assert common_sample_rate(Ridge()) is None


def test_conflict_of_sample_rates_names_both_steps():
    with pytest.raises(ValueError, match="step-1__sample_rate=16000, step-2__sample_rate=22050"):
        common_sample_rate(make_pipeline(Step(16000), Step(22050)))


def test_a_stereo_file_as_one_array_is_no_collection():
    with pytest.raises(ValueError, match=r"X has shape \(48000, 2\).*several channels.*X\[:, 0\]"):
        check_signals(np.zeros((48000, 2)))


def test_series_of_clips_are_object_arrays():
    pandas = pytest.importorskip("pandas")
    clips = check_signals(pandas.Series([np.ones(3), np.ones(2)], index=[7, 8]))
    assert clips.kind == "object"
    assert [len(x) for x in clips.items] == [3, 2]


@pytest.mark.parametrize(
    "fit",
    [
        lambda X: MixtureOfLinearRegressor().fit(X, X),
        lambda X: GaussianTransport().fit(X, ["a", "b"]),
        lambda X: LocallyLinearRegressor().fit(X[0], X[0]).predict(X),
        lambda X: GaussianTransport().fit(X[0], np.arange(30) % 2).transform(X),
        lambda X: JointGMMRegressor(2).fit(X, X),
        lambda X: JointGMMRegressor(2).fit(X[0], X[0]).predict(X),
        lambda X: JointGMMRegressor(2).fit(X[0], X[0]).adapt(X),
    ],
)
def test_frames_are_no_list_of_sequences(fit):
    X = [np.random.default_rng(i).normal(size=(30, 2)) for i in range(2)]
    with pytest.raises(ValueError, match="X is a list of 2 sequences, expected frames"):
        fit(X)
