"""Threads of torch."""

from threading import Barrier, Event, Thread

import pytest
import torch

from skstyle.transfer._torch_setup import one_thread


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def count_in_a_new_thread():
    counts = []
    thread = Thread(target=lambda: counts.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return counts[0]


def test_contexts_may_be_inside_each_other(three_threads):
    with one_thread():
        with one_thread():
            pass
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


def test_errors_bring_the_threads_back(three_threads):
    with pytest.raises(ZeroDivisionError), one_thread():
        1 / 0  # noqa: B018
    assert torch.get_num_threads() == 3


@pytest.mark.parametrize("first_leaves_first", [True, False])
def test_contexts_may_overlap_in_threads(three_threads, first_leaves_first):
    both_in, one_out, done = Barrier(2, timeout=10), Event(), Barrier(2, timeout=10)
    counts = {}

    def work(name, leaves_first):
        with one_thread():
            both_in.wait()
            if not leaves_first:
                assert one_out.wait(10)
            counts[name, "inside"] = torch.get_num_threads()
        one_out.set()
        done.wait()
        counts[name, "after"] = torch.get_num_threads()

    other = Thread(target=work, args=("other", not first_leaves_first))
    with one_thread():
        # Begins inside, and finds the 1 of this thread.
        other.start()
        both_in.wait()
        if not first_leaves_first:
            assert one_out.wait(10)
        counts["main", "inside"] = torch.get_num_threads()
    one_out.set()
    done.wait()
    other.join()
    counts["main", "after"] = torch.get_num_threads()
    assert counts == {
        ("main", "inside"): 1,
        ("main", "after"): 3,
        ("other", "inside"): 1,
        ("other", "after"): 3,
    }
    assert count_in_a_new_thread() == 3
