"""Phases for magnitudes: every method behind one function."""

from numbers import Real

import numpy as np
from sklearn.utils import check_random_state

from ..utils.validation import as_float
from ._fourier import frame_count, stft
from ._griffin_lim import griffin_lim
from ._pghi import pghi
from ._rtisi import rtisi_la
from ._spsi import spsi
from ._window import whole_number

ITERATIVE = ("griffin-lim", "fast-griffin-lim", "admm")
METHODS = (*ITERATIVE, "rtisi-la", "spsi", "pghi")
LARGEST_EXPONENT = 32
INITS = ("pghi", "spsi", "random", "zeros", "source")


def reconstruct_phase(
    magnitude,
    window,
    hop_length,
    *,
    method="fast-griffin-lim",
    init="pghi",
    n_iter=32,
    tol=0.0,
    momentum=0.99,
    rho=0.2,
    rng=None,
    source=None,
    n_times=None,
    pad_mode="constant",
):
    """Find phases that make magnitudes those of a signal, as nearly as they can be.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_fft // 2 + 1)
        Not negative; of frames centred at every multiple of the hop.
    window : ndarray of shape (n_fft,)
    hop_length : int
        Samples between frames.
    method : {"griffin-lim", "fast-griffin-lim", "admm", "rtisi-la", "spsi", "pghi"}, \
            default="fast-griffin-lim"
        As in :class:`PhaseReconstructor`.
    init : {"pghi", "spsi", "random", "zeros", "source"}, default="pghi"
        Phases that the first three methods start from.
    n_iter : int, default=32
        Iterations of the first four methods.
    tol : float, default=0.0
        The first three stop when the spectral convergence changes by less than this part.
    momentum : float, default=0.99
        Of "fast-griffin-lim".
    rho : float, default=0.2
        Penalty of "admm".
    rng : None, int or numpy.random.Generator
        For random phases.
    source : ndarray of shape (n_times,), optional
        A signal with the phases of ``init="source"``.
    n_times : int, optional
        Length of the signal; by default the longest that has this number of frames.
    pad_mode : {"constant", "reflect", "edge"}, default="constant"
        What surrounds the signal; "rtisi-la" always takes zeros.

    Returns
    -------
    spectra : complex ndarray of shape (n_frames, n_fft // 2 + 1)
        The magnitudes with their phases, for the inverse of the same transform.
    convergence : ndarray of shape (n_done + 1,)
        Spectral convergence at the start and after every iteration; one value for methods
        that do not iterate over the whole clip.

    Raises
    ------
    ValueError
        When magnitudes are negative, or do not fit the window, the length or the source.

    Notes
    -----
    Spectral convergence is ``|| |STFT(ISTFT(spectra))| - magnitude || / || magnitude ||``,
    with Frobenius norms: zero when the spectra are those of a signal.

    References
    ----------
    .. [1] D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier
       transform", IEEE Trans. ASSP 32, 1984. doi:10.1109/TASSP.1984.1164317
    .. [2] N. Perraudin, P. Balazs and P. L. Søndergaard, "A fast Griffin-Lim algorithm",
       IEEE WASPAA, 2013. doi:10.1109/WASPAA.2013.6701851
    .. [3] Y. Masuyama, K. Yatabe and Y. Oikawa, "Griffin-Lim like phase recovery via
       alternating direction method of multipliers", IEEE SPL 26, 2019.
       doi:10.1109/LSP.2018.2884026
    .. [4] X. Zhu, G. T. Beauregard and L. L. Wyse, "Real-time signal estimation from modified
       short-time Fourier transform magnitude spectra", IEEE TASLP 15, 2007.
       doi:10.1109/TASL.2007.899236
    .. [5] G. T. Beauregard, M. Harish and L. Wyse, "Single pass spectrogram inversion", IEEE
       DSP, 2015. doi:10.1109/ICDSP.2015.7251907
    .. [6] Z. Průša, P. Balazs and P. L. Søndergaard, "A noniterative method for
       reconstruction of phase from STFT magnitude", IEEE/ACM TASLP 25, 2017.
       doi:10.1109/TASLP.2017.2678166

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.signal import get_window
    >>> from skstyle.signal import reconstruct_phase
    >>> magnitude = np.full((9, 33), 0.1)
    >>> spectra, convergence = reconstruct_phase(magnitude, get_window("hann", 64), 16, n_iter=8)
    >>> bool(np.allclose(np.abs(spectra), magnitude)), len(convergence)
    (True, 9)
    """
    check_names(method, init)
    magnitude = as_float(magnitude, "magnitude", 2, "frame")
    n_times = check_magnitude(magnitude, len(window), hop_length, n_times)
    if not magnitude.any():
        return np.zeros(magnitude.shape, np.result_type(magnitude, np.complex64)), np.zeros(1)
    # Powers of two change no digit, and squares must neither overflow nor vanish.
    exponent = int(np.frexp(magnitude.max())[1])
    if abs(exponent) > LARGEST_EXPONENT:
        magnitude = np.ldexp(magnitude, -exponent)
    rng = np.random.default_rng(rng)
    if method == "rtisi-la":
        spectra = rtisi_la(magnitude, window, hop_length, n_times, n_iter)
    else:
        name = init if method in ITERATIVE else method
        spectra = _first_spectra(
            name, magnitude, window, hop_length, rng, source, n_times, pad_mode
        )
    spectra, convergence = griffin_lim(
        magnitude,
        spectra,
        window,
        hop_length,
        n_times,
        method=method,
        n_iter=n_iter if method in ITERATIVE else 0,
        tol=tol,
        momentum=momentum,
        rho=rho,
        pad_mode=pad_mode,
    )
    if abs(exponent) > LARGEST_EXPONENT:
        for part in (spectra.real, spectra.imag):
            np.ldexp(part, exponent, out=part)
    return spectra, convergence


def _first_spectra(name, magnitude, window, hop_length, rng, source, n_times, pad_mode):
    """Return the magnitudes with the phases of a method that needs no others."""
    if name == "source":
        from ._phase_steps import plain_step

        if source is None:
            raise ValueError("init='source' needs the source signal.")
        if len(source) != n_times:
            raise ValueError(f"The source has {len(source)} samples, n_times={n_times}.")
        t = stft(source.astype(magnitude.dtype), window, hop_length, pad_mode=pad_mode)
        plain_step(t, magnitude, np.empty_like(magnitude))
        return t
    if name == "zeros":
        phase = np.zeros_like(magnitude)
    elif name == "random":
        phase = rng.random(magnitude.shape, dtype=magnitude.dtype.type)
        phase *= magnitude.dtype.type(2 * np.pi)
    elif name == "spsi":
        phase = spsi(magnitude, window, hop_length)
    else:
        phase = pghi(magnitude, window, hop_length, rng)
    t = np.empty(magnitude.shape, np.result_type(magnitude, np.complex64))
    for function, part in ((np.cos, t.real), (np.sin, t.imag)):
        function(phase, out=part)
        part *= magnitude
    # Spectra of real frames are real at zero, and at half the rate where there is such a bin.
    for k in {0, -1} if len(window) % 2 == 0 else {0}:
        t[:, k] = np.copysign(magnitude[:, k], t[:, k].real)
    return t


def reconstruction_settings(estimator):
    """Check the parameters of an estimator that say how phases shall be found.

    Parameters
    ----------
    estimator : PhaseReconstructor

    Returns
    -------
    settings : dict
        Keywords of :func:`reconstruct_phase`.
    """
    check_names(estimator.method, estimator.init)
    for name in ("tol", "momentum", "rho"):
        value = getattr(estimator, name)
        if not (isinstance(value, Real) and 0 <= value < np.inf):
            raise ValueError(f"{name} must be a number of at least 0, got {value!r}.")
    return {
        "method": estimator.method,
        "init": estimator.init,
        "n_iter": whole_number(estimator.n_iter, "n_iter", minimum=0),
        "tol": estimator.tol,
        "momentum": estimator.momentum,
        "rho": estimator.rho,
        "rng": int(check_random_state(estimator.random_state).randint(2**31 - 1)),
    }


def check_frames(made, own):
    """Check that magnitudes were made of such frames as the signal shall be put together of.

    Parameters
    ----------
    made, own : tuple
        Bytes of the window, hop and padding of the transform, and of the reconstruction.
    """
    if made != own:
        pairs = zip(
            ("window, n_fft or win_length", "hop_length", "pad_mode"), made, own, strict=True
        )
        other = [name for name, theirs, ours in pairs if theirs != ours]
        raise ValueError(
            f"The magnitudes in X were made with another {' and '.join(other)} than this "
            "PhaseReconstructor has. Give it the parameters of the STFTTransformer."
        )


def check_names(method, init):
    """Check that there is such a method and such a start."""
    for name, value, known in (("method", method, METHODS), ("init", init, INITS)):
        if value not in known:
            raise ValueError(f"{name} must be one of {known}, got {value!r}.")


def check_magnitude(magnitude, n_fft, hop_length, n_times=None):
    """Check the magnitudes of one clip.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, n_bins)
    n_fft : int
    hop_length : int
    n_times : int, optional
        Wanted length.

    Returns
    -------
    n_times : int
        By default the longest that has this number of frames.
    """
    if magnitude.shape[1] != n_fft // 2 + 1:
        raise ValueError(
            f"Expected magnitudes of {n_fft // 2 + 1} bins for n_fft={n_fft}, "
            f"got {magnitude.shape[1]}."
        )
    negative = np.flatnonzero((magnitude < 0).any(axis=1))
    if len(negative):
        raise ValueError(
            f"Negative values in data: magnitudes are needed, but frame {negative[0]} of "
            f"{len(magnitude)} goes down to {magnitude[negative[0]].min():.4g}. Undo logarithms, "
            "or set what a model predicts below zero to zero (numpy.maximum)."
        )
    longest = (len(magnitude) - 1) * hop_length + 1
    n_times = longest if n_times is None else n_times
    if frame_count(n_times, hop_length) != len(magnitude):
        raise ValueError(
            f"{len(magnitude)} frames with hop_length={hop_length} belong to clips of "
            f"{max(longest - hop_length, 0) + 1} to {longest} samples, not of {n_times}. "
            "Give analysis and reconstruction the same hop_length."
        )
    return n_times
