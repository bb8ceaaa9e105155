"""Clips and blocks keep their order, whatever does the work."""

import os
from threading import Barrier
from time import sleep

import numpy as np
import pytest
from joblib import parallel_backend, parallel_config
from threadpoolctl import threadpool_info, threadpool_limits

from skstyle.utils import map_clips
from skstyle.utils.parallel import map_blocks


def add(a, b):
    return a + b


def process_id(_):
    return os.getpid()


def fail(_):
    raise RuntimeError("clip broken")


def writeable(x):
    return x.flags.writeable


@pytest.mark.parametrize("n_jobs", [None, 1, 2])
def test_results_come_in_order(n_jobs):
    assert map_clips(add, range(20), range(100, 120), n_jobs=n_jobs) == list(range(100, 140, 2))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_unequal_collections_are_refused(n_jobs):
    with pytest.raises(ValueError, match="shorter"):
        map_clips(add, [1, 2, 3], [1, 2], n_jobs=n_jobs)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_errors_reach_the_caller(n_jobs):
    with pytest.raises(RuntimeError, match="clip broken"):
        map_clips(fail, [1, 2], n_jobs=n_jobs)


def test_one_job_stays_in_the_process():
    assert set(map_clips(process_id, range(3))) == {os.getpid()}


def test_two_jobs_leave_the_process():
    assert os.getpid() not in map_clips(process_id, range(3), n_jobs=2)


def test_none_follows_the_joblib_context():
    with parallel_config(n_jobs=2):
        assert os.getpid() not in map_clips(process_id, range(3))


def test_a_single_clip_starts_no_workers():
    assert map_clips(process_id, [0], n_jobs=2) == [os.getpid()]


def test_long_clips_arrive_read_only_in_workers():
    """Trap: arrays over 1 MB are read-only memmaps in workers; estimators must not write."""
    long = np.zeros(2**18)
    assert map_clips(writeable, [long, long], n_jobs=2) == [False, False]


@pytest.mark.parametrize(("verbose", "shown"), [(0, False), (1, True)])
def test_progress_only_if_asked(capsys, verbose, shown):
    map_clips(abs, [1, 2, 3], verbose=verbose, desc="analyse")
    captured = capsys.readouterr()
    assert ("analyse" in captured.err) == shown
    assert captured.out == ""


def test_overlapping_threads_give_the_blas_threads_back():
    """Trap: overlapping limits of threads restored each other's value, for good."""
    before = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    started = Barrier(2)

    def wait(x):
        started.wait(timeout=10)
        sleep(0.05 * x)
        return x

    with parallel_backend("threading"):
        assert map_clips(wait, [0, 1], n_jobs=2) == [0, 1]
    after = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    assert after == before


@pytest.mark.parametrize("limit", [1, 2])
def test_blocks_come_in_order_whatever_the_threads(limit):
    with threadpool_limits(limit, user_api="blas"):
        found = list(map_blocks(lambda rows: rows.start, [slice(i, i + 2) for i in range(50)]))
    assert found == list(range(50))


def test_blocks_get_one_thread_of_blas():
    def n_threads(_):
        return [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]

    before = n_threads(None)
    assert all(n == 1 for found in map_blocks(n_threads, [0, 1, 2]) for n in found)
    assert n_threads(None) == before


def test_errors_in_blocks_are_raised():
    with pytest.raises(ZeroDivisionError):
        list(map_blocks(lambda x: 1 / x, [1, 0]))
