"""Recursions compile with a cache where there is room for one, and without elsewhere."""

import numpy as np
import pytest

from skstyle.utils import compile as compile_module
from skstyle.utils.compile import compile_cached


def total(x):
    s = 0.0
    for v in x:
        s += v
    return s


@pytest.mark.parametrize("writable", [True, False])
def test_compiles(monkeypatch, writable):
    njit = compile_module.njit

    def without_home(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'total': no locator available")
        return njit(**options)

    if not writable:
        monkeypatch.setattr(compile_module, "njit", without_home)
    assert compile_cached(total)(np.arange(4.0)) == 6
