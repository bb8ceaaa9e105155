"""What spectra are written as: the forms of every transform of signals, and back."""

import numpy as np

from ._fourier import frame_count

OUTPUTS = ("complex", "real-imag", "magnitude", "power", "log1p", "log-magnitude")


def has_phases(output):
    """Tell whether phases are kept."""
    return output in ("complex", "real-imag")


def encode_spectra(spectra, output, floor=1e-10):
    """Write complex spectra in one of the forms of ``STFTTransformer``.

    Parameters
    ----------
    spectra : complex ndarray of shape (n_frames, n_bins)
    output : {"complex", "real-imag", "magnitude", "power", "log1p", "log-magnitude"}
    floor : float, default=1e-10
        Least magnitude under the logarithm of "log-magnitude".

    Returns
    -------
    encoded : ndarray of shape (n_frames, n_bins), or (n_frames, 2 * n_bins) for "real-imag"
    """
    if output == "complex":
        return spectra
    if output == "real-imag":
        return np.concatenate([spectra.real, spectra.imag], axis=1)
    if output == "power":
        return spectra.real**2 + spectra.imag**2
    magnitude = np.abs(spectra)
    if output == "log1p":
        return np.log1p(magnitude, out=magnitude)
    if output == "log-magnitude":
        # A floor below the smallest number would be none.
        np.maximum(magnitude, max(floor, np.finfo(magnitude.dtype).tiny), out=magnitude)
        return np.log(magnitude, out=magnitude)
    return magnitude


def join_parts(parts):
    """Make complex spectra of columns that hold all real parts, then all imaginary parts."""
    real, imag = np.split(parts, 2, axis=1)
    spectra = np.empty(real.shape, np.result_type(real, np.complex64))
    spectra.real, spectra.imag = real, imag
    return spectra


def decode_magnitude(encoded, output):
    """Return the magnitudes behind "magnitude", "power", "log1p" or "log-magnitude".

    Parameters
    ----------
    encoded : ndarray of shape (n_frames, n_bins)
        What lies below zero magnitude, as predictions may, counts as zero.
    output : {"magnitude", "power", "log1p", "log-magnitude"}

    Returns
    -------
    magnitude : ndarray of shape (n_frames, n_bins)

    Raises
    ------
    ValueError
        When a logarithm is so large that the magnitude is infinite.
    """
    if output == "log-magnitude":
        with np.errstate(over="ignore"):
            magnitude = np.exp(encoded)
    elif output == "log1p":
        with np.errstate(over="ignore"):
            magnitude = np.maximum(np.expm1(encoded), 0)
    else:
        magnitude = np.maximum(encoded, 0)
    if not np.isfinite(magnitude).all():
        raise ValueError(
            f"Values up to {encoded.max():.4g} are no logarithms of magnitudes: they are infinite. "
            f"Does the inverse get what output={output!r} gave?"
        )
    return np.sqrt(magnitude, out=magnitude) if output == "power" else magnitude


def check_columns(encoded, n_bins, output):
    """Check that spectra in one of the forms have the right columns and kind of numbers."""
    n_columns = encoded.shape[1]
    if output == "real-imag" and n_columns != 2 * n_bins:
        raise ValueError(
            f"Expected {2 * n_bins} columns, the real and imaginary parts of {n_bins} bins; got "
            f"{n_columns}."
        )
    if output != "real-imag" and n_columns != n_bins:
        raise ValueError(f"Expected spectra of {n_bins} bins, got {n_columns}.")
    if output != "complex" and encoded.dtype.kind == "c":
        raise ValueError(f"Expected real numbers for output={output!r}, got complex ones.")


def check_length(n_frames, hop_length, n_times=None):
    """Return the length of a clip, by default the longest that has this number of frames."""
    longest = (n_frames - 1) * hop_length + 1
    n_times = longest if n_times is None else n_times
    if n_times < 1 or frame_count(n_times, hop_length) != n_frames:
        raise ValueError(
            f"{n_frames} frames belong to clips of {max(longest - hop_length, 0) + 1} to {longest} "
            f"samples, not to n_times={n_times}."
        )
    return n_times
