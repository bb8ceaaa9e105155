"""Labels: what is one, and which are source and target."""

import numpy as np
import pytest

from skstyle.utils.labels import (
    are_labels,
    check_labels,
    choose_domains,
    find_classes,
    label_number,
    refuse_labels,
    split_domains,
)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y to be passed, but the target y is None"),
        ([np.zeros(9), np.zeros(8)], r"y\[0\] is an array of shape \(9,\), expected labels"),
        ("ab", "y is 'ab', expected labels"),
        (3, "y is 3, expected labels"),
        (["a"], "X has 2 clips and y has 1 labels"),
        (["a", None], r"y\[1\] is None"),
        ([0.0, np.nan], r"y\[1\] is nan"),
    ],
)
def test_no_labels(y, message):
    with pytest.raises(ValueError, match=message):
        check_labels([0, 1], y)


@pytest.mark.parametrize("y", [["a", "b"], np.array(["a", "b"], object), (1, 2), np.array([1, 2])])
def test_labels_of_all_kinds(y):
    assert check_labels([0, 1], y).tolist() == list(y)


def test_labels_of_two_types():
    with pytest.raises(ValueError, match="Labels are of one type, got int and str"):
        find_classes(np.array(["a", 1], dtype=object))


@pytest.mark.parametrize(
    ("classes", "target", "source", "message"),
    [
        (["a"], None, None, "y has one class only, 'a'"),
        (["a", "b"], "c", None, r"target='c' is none of the labels in y, \['a', 'b'\]"),
        (["a", "b"], ["a"], None, r"target=\['a'\] is none of"),
        (["a", "b"], "a", "c", "source='c' is none of"),
        (["a", "b"], None, "b", "source='b' is the target too"),
        ([1, 2], "1", None, "of the same type"),
    ],
)
def test_domains_that_are_none(classes, target, source, message):
    with pytest.raises(ValueError, match=message):
        choose_domains(np.array(classes), target, source)


def test_all_others_are_the_source_unless_one_is_named():
    y = np.array(["c", "a", "b", "a"])
    classes = find_classes(y)
    for target, source, expected in (
        (None, None, [False, True, True, True]),
        (None, "a", [False, True, False, True]),
        ("a", None, [True, False, True, False]),
    ):
        chosen = choose_domains(classes, target, source)
        at_source, at_target = split_domains(y, *chosen)
        assert at_source.tolist() == expected
        assert at_target.tolist() == (y == (target or "c")).tolist()


@pytest.mark.parametrize("y", [["a", "b"], (0, 1), np.array([0, 1]), np.array(["a", "b"])])
def test_labels_in_place_of_clips(y):
    with pytest.raises(ValueError, match="y holds labels.*make_unpaired_converter"):
        refuse_labels(y)


def test_clips_are_no_labels():
    clips = np.empty(2, object)
    clips[:] = [np.zeros(3), np.zeros(4)]
    for y in (list(clips), clips, np.zeros((2, 3))):
        assert refuse_labels(y) is None


def test_clips_in_an_object_array_in_place_of_labels():
    clips = np.empty(2, object)
    clips[:] = [np.zeros(3), np.zeros(4)]
    with pytest.raises(ValueError, match=r"y\[0\] is an array of shape \(3,\)"):
        check_labels([0, 1], clips)


def test_labels_are_told_from_clips():
    clips = np.empty(2, object)
    clips[:] = [np.zeros(3), np.zeros(4)]
    assert all(map(are_labels, (["a", "b"], (0, 1), np.array([0.5, 1]))))
    assert not any(map(are_labels, (clips, list(clips), np.zeros((2, 3)), [])))


@pytest.mark.parametrize(
    ("classes", "label", "number"),
    [(["anna", "ben"], "ben", 1), ([3, 7], 7, 1), ([3, 7], np.int64(3), 0), ([0.5, 2], 2, 1)],
)
def test_the_number_of_a_label(classes, label, number):
    assert label_number(np.array(classes), label, "target") == number


@pytest.mark.parametrize("label", ["dora", 1, None, ["anna"], np.array(["anna", "ben"])])
def test_a_label_that_is_none(label):
    with pytest.raises(
        ValueError, match=r"source=.* is none of the labels in y, \['anna', 'ben'\]"
    ):
        label_number(np.array(["anna", "ben"]), label, "source")
