"""Magnitudes as the optimiser sees them: at one level, on a logarithmic scale."""

import numpy as np

from ..signal._outputs import OUTPUTS, decode_magnitude, has_phases
from ..utils.validation import as_float

REPRESENTATIONS = tuple(name for name in OUTPUTS if not has_phases(name))

# Of log-magnitudes, just above the floor that STFTTransformer puts under them.
SILENT = 1.001e-10


def check_representation(representation):
    """Check that sequences hold magnitudes in a form that is known.

    Parameters
    ----------
    representation : str
    """
    if representation not in REPRESENTATIONS:
        raise ValueError(
            f"representation must be one of {REPRESENTATIONS}, got {representation!r}. Give it "
            "what STFTTransformer has as output."
        )


def read_magnitude(x, representation):
    """Return the magnitudes of one sequence, and refuse what cannot be any.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_bins)
    representation : {"magnitude", "power", "log1p", "log-magnitude"}

    Returns
    -------
    magnitude : float64 ndarray of shape (n_frames, n_bins)
    """
    negative = np.flatnonzero((x < 0).any(axis=1))
    if representation != "log-magnitude" and len(negative):
        raise ValueError(
            f"Negative values in data: representation={representation!r} cannot have any, but "
            f"frame {negative[0]} of {len(x)} goes down to {x[negative[0]].min():.4g}. Give "
            "STFTTransformer and this step the same form, output=representation."
        )
    magnitude = decode_magnitude(x.astype(np.float64), representation)
    if representation == "log-magnitude":
        # What lies on the floor of STFTTransformer is silence.
        magnitude[magnitude < SILENT] = 0
    return magnitude


def write_magnitude(magnitude, representation, like):
    """Undo :func:`read_magnitude`.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
    representation : {"magnitude", "power", "log1p", "log-magnitude"}
    like : dtype
        What comes out.

    Returns
    -------
    x : ndarray of shape (n_frames, n_bins)
    """
    if representation == "power":
        magnitude = magnitude**2
    elif representation == "log1p":
        magnitude = np.log1p(magnitude)
    elif representation == "log-magnitude":
        # Silence stays a number.
        magnitude = np.log(np.maximum(magnitude, np.finfo(like).tiny))
    return as_float(magnitude.astype(like), "The result", 2, "frame")


def level_of(magnitude):
    """Return the root mean square of magnitudes, the level that they are measured in.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)

    Returns
    -------
    level : float
        0 where all is silent.
    """
    largest = float(magnitude.max())
    if largest == 0:
        return 0.0
    # Squares must neither overflow nor vanish.
    return largest * float(np.sqrt(np.mean((magnitude / largest) ** 2)))


def compress(magnitude, level, contrast):
    """Compress magnitudes: ``log(1 + contrast * magnitude / level)``, 0 for silence.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
    level : float
        As of :func:`level_of`, so that a louder copy looks the same.
    contrast : float
        About what lies ``20 log10(contrast)`` dB below the level is lost.

    Returns
    -------
    z : float32 ndarray of shape (n_frames, n_bins)
    """
    return np.log1p(magnitude * (contrast / level)).astype(np.float32)


def expand(z, level, contrast):
    """Undo :func:`compress`.

    Parameters
    ----------
    z : ndarray of shape (n_frames, n_bins)
    level, contrast : float

    Returns
    -------
    magnitude : float64 ndarray of shape (n_frames, n_bins)
    """
    return np.expm1(np.maximum(z, 0).astype(np.float64)) * (level / contrast)
