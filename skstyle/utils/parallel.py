"""One function for every clip, in processes if asked, or for blocks of frames, in threads."""

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from threading import Lock

from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import ThreadpoolController


class _OneBlasThread:
    """Limit BLAS to one thread; the bytes must not depend on how many workers there are.

    Contexts may overlap in several threads: the first sets the limit, the last lifts it.
    """

    def __init__(self):
        self.lock = Lock()
        self.depth = 0
        self.limit = None

    def __enter__(self):
        with self.lock:
            if self.depth == 0:
                self.limit = _thread_pools().limit(limits=1, user_api="blas")
            self.depth += 1

    def __exit__(self, *error):
        with self.lock:
            self.depth -= 1
            if self.depth == 0:
                self.limit.restore_original_limits()


@lru_cache(maxsize=1)
def _thread_pools():
    return ThreadpoolController()


ONE_BLAS_THREAD = _OneBlasThread()


def _call(function, *items):
    with ONE_BLAS_THREAD:
        return function(*items)


def map_clips(function, *collections, n_jobs=None, verbose=0, desc=None):
    """Return ``[function(*items) for items in zip(*collections)]``, in order.

    Parameters
    ----------
    function : callable
        Gets one item of every collection.
    *collections : sequences of equal length
    n_jobs : int, optional
        Number of joblib workers; None means 1 unless inside a joblib context.
    verbose : int, default=0
        1 shows a tqdm bar on stderr.
    desc : str, optional
        What the bar says.

    Returns
    -------
    results : list

    Raises
    ------
    ValueError
        When the collections differ in length.

    Examples
    --------
    >>> from skstyle.utils import map_clips
    >>> map_clips(max, [1, 5, 2], [4, 3, 6])
    [4, 5, 6]
    """
    calls = list(zip(*collections, strict=True))
    total = len(calls)
    if effective_n_jobs(n_jobs) == 1 or total == 1:
        results = (_call(function, *items) for items in calls)
    else:
        run = Parallel(n_jobs=n_jobs, return_as="generator", batch_size=1)
        results = run(delayed(_call)(function, *items) for items in calls)
    if verbose:
        from tqdm.auto import tqdm

        results = tqdm(results, total=total, desc=desc, unit="clip")
    return list(results)


def map_blocks(function, blocks):
    """Yield ``function(block)`` for every block, in order, by as many threads as BLAS has.

    Parameters
    ----------
    function : callable
        Spends its time in numpy, which lets other threads work. Gets one thread of BLAS.
    blocks : list
        Such as slices of frames. They do not depend on the number of threads, and nor do the bytes.

    Yields
    ------
    results : object
    """
    n_threads = min(_n_blas_threads(), len(blocks))
    with ONE_BLAS_THREAD:
        if n_threads <= 1:
            yield from map(function, blocks)
            return
        with ThreadPoolExecutor(n_threads) as pool:
            yield from pool.map(function, blocks)


def _n_blas_threads():
    """Return the threads that BLAS would use here; one inside workers of joblib."""
    blas = [lib for lib in _thread_pools().info() if lib["user_api"] == "blas"]
    return max((lib["num_threads"] for lib in blas), default=1)
