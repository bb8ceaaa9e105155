"""Integrated loudness of ITU-R BS.1770, as functions.

References
----------
.. [1] Recommendation ITU-R BS.1770-4, "Algorithms to measure audio programme loudness and
   true-peak audio level", 2015.
"""

import numpy as np
from scipy import signal as sps

from ..utils.rates import check_sample_rate

# Biquads of the recommendation at 48 kHz: the shelf of the head, then the high-pass.
TABLES = np.array(
    [
        [
            [1.53512485958697, -2.69169618940638, 1.19839281085285],
            [1.0, -1.69065929318241, 0.73248077421585],
        ],
        [[1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621]],
    ]
)
TABLE_RATE = 48000
# Where each of them is the same at every rate: the tone of the calibration, the corner.
MATCHED_HZ = (997.0, 38.0)
# Below it the corner of the shelf, 1682 Hz, comes too near to half of the rate.
LOWEST_RATE = 4000
# Left, right, centre, left and right surround.
CHANNEL_WEIGHTS = np.array([1.0, 1.0, 1.0, 1.41, 1.41])
OFFSET_DB = -0.691
ABSOLUTE_GATE_DB = -70.0
RELATIVE_GATE_DB = -10.0
# Blocks of 400 ms overlap by 75 %: four steps of 100 ms each.
STEPS_PER_S, STEPS = 10, 4
# Steps that are filtered at once.
CHUNK = 300


def k_weighting(sample_rate):
    """Return the K-weighting filter at any sample rate.

    Parameters
    ----------
    sample_rate : float
        In Hz, at least 4000.

    Returns
    -------
    sos : ndarray of shape (2, 6)
        Second-order sections; at 48 kHz those of the recommendation.

    Notes
    -----
    The bilinear transform is undone at 48 kHz and done again at the other rate, warped such
    that the shelf keeps its gain at 997 Hz, the tone of the calibration, and the high-pass
    its gain at the corner, 38 Hz. Elsewhere the response departs from that at 48 kHz by up
    to 0.1 dB at 16 kHz and 0.45 dB at 8 kHz.
    """
    # z^-1 = (1 - s) / (1 + s) in a polynomial of z^-1, as powers 0, 1, 2 of s.
    to_analogue = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, -2.0], [1.0, -1.0, 1.0]])
    to_digital = np.linalg.inv(to_analogue)
    sections = []
    for table, matched in zip(TABLES, MATCHED_HZ, strict=True):
        stretch = np.tan(np.pi * matched / TABLE_RATE) / np.tan(np.pi * matched / sample_rate)
        digital = (table @ to_analogue.T * stretch ** np.arange(3)) @ to_digital.T
        sections.append((digital / digital[1, 0]).ravel())
    return np.array(sections)


def integrated_loudness(x, sample_rate):
    """Measure the gated loudness of a clip after ITU-R BS.1770-4 (as in EBU R 128).

    Parameters
    ----------
    x : array-like of shape (n_times,) or (n_times, n_channels)
        Samples where 1 is full scale; up to five channels: left, right, centre, left
        surround, right surround.
    sample_rate : float
        In Hz, at least 4000.

    Returns
    -------
    loudness : float
        In LUFS (also called LKFS). ``-inf`` when no block is louder than -70 LUFS.

    Raises
    ------
    ValueError
        When the clip is empty, not finite or of too many channels, or the rate too low.

    Notes
    -----
    The channels are K-weighted: a shelf that raises the treble by 4 dB, then a high-pass.
    Their powers, 1.41 times for surround channels, are added and averaged over blocks of
    400 ms which overlap by 75 %. Blocks below -70 LUFS are left out, and then those that
    are more than 10 dB below the mean of the others. The loudness is

    .. math:: L = -0.691 + 10 \\log_{10} \\overline{z}

    where z is the power of the blocks that are left. An unfinished block at the end does not
    count. A clip shorter than 400 ms, which the recommendation does not know, is one block
    of its own length.

    References
    ----------
    .. [1] Recommendation ITU-R BS.1770-4, "Algorithms to measure audio programme loudness
       and true-peak audio level", 2015.

    Examples
    --------
    A sine of 997 Hz at full scale has -3.01 LUFS.

    >>> import numpy as np
    >>> from skstyle.signal import integrated_loudness
    >>> x = np.sin(2 * np.pi * 997 * np.arange(48000) / 48000)
    >>> round(integrated_loudness(x, 48000), 2)
    -3.01
    """
    check_loudness_rate(sample_rate)
    x = np.asarray(x)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or x.size == 0 or x.shape[1] > len(CHANNEL_WEIGHTS):
        raise ValueError(
            f"Expected samples of shape (n_times,) or (n_times, n_channels) with up to "
            f"{len(CHANNEL_WEIGHTS)} channels, time first; got shape {x.shape}."
        )
    if x.dtype.kind != "f" or not np.isfinite(x).all():
        raise ValueError(f"Expected finite floats in [-1, 1], got {x.dtype} or NaN or inf.")
    power = block_powers(x, sample_rate)
    return gated_loudness(power @ CHANNEL_WEIGHTS[: x.shape[1]])


def block_powers(x, sample_rate):
    """Return the K-weighted mean squares of blocks of 400 ms, one every 100 ms.

    Parameters
    ----------
    x : ndarray of shape (n_times, n_channels)
    sample_rate : float
        In Hz.

    Returns
    -------
    power : ndarray of shape (n_blocks, n_channels)
        One block where the clip is shorter.
    """
    sos = k_weighting(sample_rate)
    n_steps = int(len(x) * STEPS_PER_S // sample_rate)
    bounds = np.round(np.arange(n_steps + 1) * sample_rate / STEPS_PER_S).astype(int)
    if n_steps < STEPS:
        bounds = np.array([0, len(x)])
    energy = np.zeros((len(bounds) - 1, x.shape[1]))
    state = np.zeros((len(sos), 2, x.shape[1]))
    for start in range(0, len(energy), CHUNK):
        # A part of the clip in float64 at a time: memory does not grow with its length.
        edges = bounds[start : start + CHUNK + 1]
        part, state = sps.sosfilt(sos, x[edges[0] : edges[-1]], axis=0, zi=state)
        energy[start : start + CHUNK] = np.add.reduceat(part**2, edges[:-1] - edges[0])
    if n_steps < STEPS:
        return energy / len(x)
    blocks = np.lib.stride_tricks.sliding_window_view(energy, STEPS, axis=0).sum(axis=-1)
    return blocks / (bounds[STEPS:] - bounds[:-STEPS])[:, None]


def gated_loudness(power):
    """Return the loudness of the blocks that pass both gates.

    Parameters
    ----------
    power : ndarray of shape (n_blocks,)
        Weighted sums over the channels.

    Returns
    -------
    loudness : float
        In LUFS, or ``-inf``.
    """
    audible = power[power > power_of(ABSOLUTE_GATE_DB)]
    if len(audible) == 0:
        return -np.inf
    gate = audible.mean() * 10 ** (RELATIVE_GATE_DB / 10)
    return OFFSET_DB + 10 * float(np.log10(audible[audible > gate].mean()))


def power_of(loudness):
    """Return the weighted mean square of a loudness in LUFS."""
    return 10 ** ((loudness - OFFSET_DB) / 10)


def check_loudness_rate(sample_rate):
    """Refuse what is no sample rate, or too low for the K-weighting."""
    if check_sample_rate(sample_rate) < LOWEST_RATE:
        raise ValueError(
            f"Loudness after BS.1770 needs a sample rate of at least {LOWEST_RATE} Hz, got "
            f"{sample_rate!r}: resample, or measure with method='rms'."
        )
