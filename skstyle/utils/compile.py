"""Compile recursions, with a cache on disk where there is a place for one."""

from numba import njit


def compile_cached(function):
    """Compile by numba without the GIL; without a cache where none can be written.

    Parameters
    ----------
    function : callable

    Returns
    -------
    compiled : callable
    """
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package nor the home folder can be written
        return njit(nogil=True)(function)
