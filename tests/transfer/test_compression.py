"""Magnitudes as the optimiser sees them."""

import numpy as np
import pytest

from skstyle.signal._outputs import encode_spectra
from skstyle.transfer._compression import (
    REPRESENTATIONS,
    check_representation,
    compress,
    expand,
    level_of,
    read_magnitude,
    write_magnitude,
)


def magnitudes(seed=0):
    return np.abs(np.random.default_rng(seed).normal(size=(9, 5)))


@pytest.mark.parametrize("representation", REPRESENTATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_form_is_read_and_written(representation, dtype):
    m = magnitudes().astype(dtype)
    x = encode_spectra(m.astype(np.result_type(dtype, np.complex64)), representation)
    read = read_magnitude(x, representation)
    np.testing.assert_allclose(read, m, rtol=1e-5)
    written = write_magnitude(read, representation, x.dtype)
    assert written.dtype == x.dtype
    np.testing.assert_allclose(written, x, rtol=1e-5, atol=1e-6)


def test_silence_stays_finite_as_a_logarithm():
    out = write_magnitude(np.zeros((2, 3)), "log-magnitude", np.float32)
    assert np.isfinite(out).all() and (np.exp(out.astype(float)) < 1e-30).all()


def test_forms_are_checked():
    with pytest.raises(ValueError, match="representation must be one of .*got 'complex'"):
        check_representation("complex")
    with pytest.raises(ValueError, match="Negative values in data: .*frame 1 of 3 goes down to -2"):
        read_magnitude(np.array([[1.0], [-2.0], [1.0]]), "log1p")
    read_magnitude(np.array([[-2.0]]), "log-magnitude")
    with pytest.raises(ValueError, match="infinite"):
        read_magnitude(np.array([[1e4]]), "log-magnitude")


@pytest.mark.parametrize("scale", [1e-250, 1e-3, 1.0, 1e200])
def test_louder_is_the_same(scale):
    m = magnitudes()
    level = level_of(scale * m)
    assert level == pytest.approx(scale * np.sqrt(np.mean(m**2)))
    z = compress(scale * m, level, 300)
    np.testing.assert_allclose(z, compress(m, level_of(m), 300), rtol=1e-6)
    np.testing.assert_allclose(expand(z, level, 300), scale * m, rtol=1e-5)


def test_silence_has_no_level_and_compresses_to_zero():
    assert level_of(np.zeros((3, 2))) == 0
    assert (compress(np.zeros((3, 2)), 1.0, 300) == 0).all()
    assert (expand(np.full((3, 2), -0.5), 1.0, 300) == 0).all()
