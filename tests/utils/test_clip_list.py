"""What lists remember, when they forget, and what is taken back."""

import copy
import pickle

import joblib
import numpy as np
import pytest

from skstyle.utils import ClipList, check_sequences
from skstyle.utils.clip_list import recall

TRAIL = ({"n_times": (150, 222)},)


@pytest.fixture
def remembered():
    return ClipList([np.zeros((2, 1)), np.zeros((3, 1))], [{"n_times": [150, 222]}])


def test_clip_list_is_a_list_with_a_trail(remembered):
    assert isinstance(remembered, list)
    assert remembered.trail == TRAIL
    assert check_sequences(remembered).trail == TRAIL


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_lengths_survive_pickling(remembered, protocol):
    again = pickle.loads(pickle.dumps(remembered, protocol))
    assert again.trail == TRAIL
    assert [x.shape for x in again] == [(2, 1), (3, 1)]


def test_lengths_survive_joblib(remembered, tmp_path):
    joblib.dump(remembered, tmp_path / "list")
    assert joblib.load(tmp_path / "list").trail == TRAIL


def test_a_slice_forgets_the_trail(remembered):
    assert not hasattr(remembered[:1], "trail")


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.reverse(),
        lambda c: c.sort(key=len),
        lambda c: c.insert(0, c[0]),
        lambda c: c.pop(),
        lambda c: c.remove(c[0]),
        lambda c: c.__delitem__(0),
    ],
)
def test_a_changed_order_forgets_the_trail(remembered, change):
    """Trap: gains and lengths of other clips would be taken for those of these."""
    change(remembered)
    assert remembered.trail == ()


def test_clips_may_be_replaced_and_lists_copied(remembered):
    remembered[0] = np.ones((2, 1))
    assert remembered.trail == TRAIL
    for again in (copy.copy(remembered), copy.deepcopy(remembered)):
        assert again.trail == TRAIL
        np.testing.assert_array_equal(again[0], remembered[0])


def test_recall_takes_the_last_record_that_fits():
    trail = ({"n_times": (1, 2)}, {"gain": (0.5, 0.25)})
    assert recall(trail, ["gain"], 2) == ({"gain": (0.5, 0.25)}, trail[:1])
    assert recall(trail, ["n_times"], 2) == ({"n_times": (None, None)}, trail)
    assert recall((), ["n_times"], 1) == ({"n_times": (None,)}, ())


def test_recall_refuses_a_changed_list():
    with pytest.raises(ValueError, match="remembers n_times of 2 clips and holds 3"):
        recall(TRAIL, ["n_times"], 3)
