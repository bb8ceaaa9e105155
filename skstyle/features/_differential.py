"""Filters that change with time: a waveform through the ratio of two spectral envelopes.

References
----------
.. [1] K. Kobayashi, T. Toda, G. Neubig, S. Sakti and S. Nakamura, "Statistical singing voice
   conversion with direct waveform modification based on the spectrum differential",
   Interspeech 2014, pp. 2514-2518.
"""

import numpy as np
from scipy import fft
from scipy import signal as scipy_signal

from ..signal._fourier import overlap_add
from ..utils.rates import check_sample_rate
from ..utils.validation import as_float
from ._cepstrum import auto_alpha, log_amplitude
from ._framing import blocks, n_frames_of
from ._synthesis import interpolate_frames, minimum_phase

# Least length of the impulse responses, in seconds and for every coefficient in samples: by
# then those of mel-cepstra of speech have died away.
RESPONSE_S, RESPONSE_PER_COEFFICIENT = 0.02, 16
# Pieces filtered at once: no clip needs the spectra of all of them in memory.
BLOCK = 128
MAX_GAIN_DB = 30.0
# Changes of log-F0 below it are not heard, and every shift costs some quality.
LEAST_SHIFT = 0.01


def apply_filter(
    signal,
    source_frames,
    target_frames,
    *,
    sample_rate,
    alpha="auto",
    frame_period_ms=5.0,
    max_gain_db=MAX_GAIN_DB,
):
    """Filter a signal by the ratio of two spectral envelopes, without any vocoder.

    What the envelopes do not tell, the pitch, the breath and the phases, stays that of the
    signal [1]_.

    Parameters
    ----------
    signal : ndarray of shape (n_times,)
        float32 or float64.
    source_frames, target_frames : ndarray of shape (n_frames, order + 1)
        Mel-cepstra, c_0 first, as from :class:`~skstyle.features.MelCepstrum`: those of the
        signal and those that it shall have. Frame t is centred at t times the frame period.
    sample_rate : float
        In Hz.
    alpha : float or "auto", default="auto"
        All-pass constant of the mel-cepstra; "auto" is that of the analyses.
    frame_period_ms : float, default=5.0
        Time between frames in milliseconds.
    max_gain_db : float, default=30
        Gains are limited to this range in dB, up and down.

    Returns
    -------
    filtered : ndarray of shape (n_times,)
        Of the dtype of the signal.

    Raises
    ------
    ValueError
        When the frames do not fit the signal or each other.

    See Also
    --------
    skstyle.features.SourceFilterVocoder.apply_filter : The same for lists of clips.

    Notes
    -----
    The gain is ``exp(sum_m (c_m^target - c_m^source) cos(m w~))`` on the warped frequency
    axis. Its filters have minimum phase: no sound comes before its cause, as with the MLSA
    filter. Hann windows as long as a frame period, which sum to one, cut the signal; every
    piece is convolved with the response of its time, and the pieces are added up.

    References
    ----------
    .. [1] K. Kobayashi, T. Toda, G. Neubig, S. Sakti and S. Nakamura, "Statistical singing
       voice conversion with direct waveform modification based on the spectrum differential",
       Interspeech 2014, pp. 2514-2518.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.features import apply_filter
    >>> x = np.random.default_rng(0).standard_normal(16000)
    >>> frames = np.zeros((200, 25))
    >>> louder = frames.copy()
    >>> louder[:, 0] = np.log(2)
    >>> bool(np.allclose(apply_filter(x, frames, louder, sample_rate=16000), 2 * x))
    True
    """
    check_sample_rate(sample_rate)
    if frame_period_ms <= 0:
        raise ValueError(f"frame_period_ms must be positive, got {frame_period_ms}.")
    signal = as_float(signal, "signal", 1, "sample")
    source, target = (
        as_float(frames, name, 2, "frame")
        for frames, name in ((source_frames, "source_frames"), (target_frames, "target_frames"))
    )
    hop = sample_rate * frame_period_ms / 1000
    check_frames(len(signal), source, target, hop)
    alpha = auto_alpha(sample_rate) if isinstance(alpha, str) else alpha
    length = max(RESPONSE_S * sample_rate, RESPONSE_PER_COEFFICIENT * source.shape[1])
    n_fft = int(2 ** np.ceil(np.log2(length)))
    difference = target.astype(np.float64) - source
    return filter_by_gain(
        signal,
        difference,
        hop,
        decode=lambda rows: log_amplitude(rows, n_fft, alpha),
        max_gain_db=max_gain_db,
    )


def pitch_ratio(source, target, blocks):
    """Return by how much the pitch of a clip changes on the whole.

    Parameters
    ----------
    source, target : ndarray of shape (n_frames, n_features)
        Sequences of equal timing.
    blocks : dict of str to slice
        Columns of their streams; "lf0" and "vuv" are needed.

    Returns
    -------
    ratio : float
        exp(median difference) where both are voiced; 1 where that is not worth a shift, or
        nowhere.
    """
    voiced = (source[:, blocks["vuv"]] > 0.5) & (target[:, blocks["vuv"]] > 0.5)
    if not voiced.any():
        return 1.0
    change = target[:, blocks["lf0"]].astype(np.float64) - source[:, blocks["lf0"]]
    change = np.median(change[voiced])
    return float(np.exp(change)) if abs(change) > LEAST_SHIFT else 1.0


def check_frames(n_times, source, target, hop, name="signal", order=None):
    """Check that two mel-cepstra have the frames of a clip, and the same coefficients.

    Parameters
    ----------
    n_times : int
        Length of the clip.
    source, target : ndarray of shape (n_frames, order + 1)
    hop : float
        Samples between frames.
    name : str, default="signal"
        What messages call the clip.
    order : int, optional
        The order that both should have.

    Raises
    ------
    ValueError
        It names the clip, what was seen and what was expected.
    """
    n_frames = n_frames_of(n_times, hop)
    for frames, which in ((source, "source"), (target, "target")):
        if len(frames) != n_frames:
            raise ValueError(
                f"{name} has {n_times} samples, which are {n_frames} frames of {hop:g} samples, "
                f"but its {which} frames are {len(frames)}. Analyse the very clip that is "
                "filtered, and warp the target to its timing."
            )
    widths = source.shape[1], target.shape[1]
    if widths[0] != widths[1] or order not in (None, widths[0] - 1):
        raise ValueError(
            f"{name} has {widths[0]} mel-cepstral coefficients in the source and {widths[1]} in "
            f"the target; both need {'as many' if order is None else order + 1}, c_0 included."
        )


def filter_by_gain(x, frames, hop, *, decode=None, max_gain_db=MAX_GAIN_DB):
    """Filter a signal by gains that change with time, with minimum phase.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    frames : ndarray of shape (n_frames, n_bins)
        Natural logarithms of the gains on the bins of a real FFT of even size; frame t holds
        at sample ``t * hop``, and logarithms are interpolated between.
    hop : float
        Samples between frames.
    decode : callable, optional
        Makes log gains out of rows of ``frames`` that hold them in another form. It must be
        linear, and is called for a few rows at a time, so that the gains need no memory.
    max_gain_db : float, default=30
        Gains are limited to this range in dB, up and down.

    Returns
    -------
    y : ndarray of shape (n_times,)
        Linear in x. Constant gains are a constant filter.
    """
    if max_gain_db <= 0:
        raise ValueError(f"max_gain_db must be positive, got {max_gain_db}.")
    limit = max_gain_db * np.log(10) / 20
    # Two steps a frame: longer pieces blur the changes from frame to frame.
    step = max(int(round(hop / 2)), 1)
    window = scipy_signal.windows.hann(2 * step, sym=False)
    # Pieces are centred at every step, the last one at or behind the last sample.
    n_pieces = n_frames_of(len(x) + step - 1, step)
    padded = np.zeros((n_pieces + 1) * step)
    padded[step : step + len(x)] = x
    pieces = np.lib.stride_tricks.sliding_window_view(padded, 2 * step)[::step]
    y = None
    for block in blocks(n_pieces, BLOCK):
        times = np.arange(block.start, block.stop) * float(step)
        rows = interpolate_frames(frames, times, hop)
        log_gain = np.clip(rows if decode is None else decode(rows), -limit, limit)
        response = fft.irfft(minimum_phase(log_gain), axis=1)
        # Long enough for the whole convolution: nothing wraps around.
        size = fft.next_fast_len(2 * step + response.shape[1] - 1, real=True)
        spectra = fft.rfft(pieces[block] * window, size, axis=1)
        spectra *= fft.rfft(response, size, axis=1)
        added = overlap_add(fft.irfft(spectra, size, axis=1), step)
        if y is None:
            y = np.zeros(n_pieces * step + len(added))
        y[block.start * step :][: len(added)] += added
    return y[step : step + len(x)].astype(x.dtype)
