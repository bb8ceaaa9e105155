"""Similarity of harmony by chroma, as a function and as a scorer."""

from functools import partial
from numbers import Real

import numpy as np

from ..signal._window import make_window, whole_number
from ..utils.parallel import map_clips
from ..utils.rates import converted_sample_rate
from ._blocks import frame_blocks
from ._pairs import converted, signal_pairs, summarise
from ._scorers import requestable


def chroma_similarity(
    y_true,
    y_pred,
    *,
    sample_rate,
    n_chroma=12,
    n_fft=2048,
    hop_length=512,
    tuning=None,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Similarity of what pitch classes sound at each time; 1 for identical clips, at least 0.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays
        Signals.
    sample_rate : float
        In Hz.
    n_chroma : int, default=12
        Pitch classes in an octave.
    n_fft, hop_length : int, default=2048 and 512
        Of the analysis, in samples. The defaults are for 16 kHz and above.
    tuning : float, optional
        Deviation from A440 in parts of a pitch class. By default it is estimated for every clip,
        so that two clips in different tunings are compared as if they were in one.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    similarity : float, or ndarray of shape (n_clips,)
        Between 0 and 1; more is better.

    Raises
    ------
    ValueError
        When the numbers of clips differ.

    Warns
    -----
    SilentClipWarning
        A signal is silent. Its similarity is 0, and 1 to another silent one.

    Notes
    -----
    .. math:: \frac{1}{T} \sum_t \frac{c_t \cdot \hat c_t}{|c_t| |\hat c_t|}

    where c_t is the power in every pitch class [1]_ (librosa's filters) of frame t. Frames where
    one of the clips is digital silence are left out, and so is what lies behind the end of the
    shorter one. Loudness does not matter. Chroma cannot be negative: two clips that have nothing
    in common are still far from 0, so compare with the similarity of such clips.

    References
    ----------
    .. [1] M. A. Bartsch and G. H. Wakefield, "Audio thumbnailing of popular music using
       chroma-based representations", IEEE Trans. Multimedia 7(1), 2005.
       doi:10.1109/TMM.2004.840597

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.metrics import chroma_similarity
    >>> t = np.arange(16000) / 16000
    >>> a, a_octave_up, e_flat = (np.sin(2 * np.pi * hz * t) for hz in (440, 880, 622.25))
    >>> each = chroma_similarity(
    ...     [a, a], [a_octave_up, e_flat], sample_rate=16000, average=False
    ... )
    >>> each.round(1)
    array([1., 0.])
    """
    n_chroma = whole_number(n_chroma, "n_chroma")
    if tuning is not None and not (isinstance(tuning, Real) and np.isfinite(tuning)):
        raise ValueError(f"tuning must be a number of pitch classes, or None; got {tuning!r}.")
    window, hop_length = make_window("hann", n_fft, hop_length=hop_length)
    # The level only keeps the estimate of the tuning away from the smallest numbers.
    y_true, y_pred = signal_pairs(y_true, y_pred, sample_rate, -20.0)
    analyse = partial(
        chroma,
        sample_rate=sample_rate,
        window=window,
        hop_length=hop_length,
        tuning=tuning,
        n_chroma=n_chroma,
    )
    pairs = zip(*(map_clips(analyse, y, n_jobs=n_jobs) for y in (y_true, y_pred)), strict=True)
    return summarise([mean_cosine(*pair) for pair in pairs], average, sample_weight)


def chroma(x, *, sample_rate, window, hop_length, tuning, n_chroma):
    """Power in pitch classes, of the frames centred within a signal.

    Parameters
    ----------
    x : ndarray of shape (n_times,)
    sample_rate : float
    window : ndarray of shape (n_fft,)
    hop_length : int
    tuning : float or None
    n_chroma : int

    Returns
    -------
    chroma : ndarray of shape (n_times // hop_length + 1, n_chroma)
        The greatest in every frame is 1, or all are 0.
    """
    import librosa

    n_frames = len(x) // hop_length + 1
    if not x.any():
        return np.zeros((n_frames, n_chroma))
    blocks = partial(frame_blocks, x, window, hop_length, lambda z: z.real**2 + z.imag**2)
    if tuning is None:
        tuning = estimate_tuning(blocks(), sample_rate, n_chroma)
    settings = {"sr": sample_rate, "n_fft": len(window), "tuning": tuning, "n_chroma": n_chroma}
    rows = [librosa.feature.chroma_stft(S=power.T, **settings).T for power in blocks()]
    return np.concatenate(rows)


def estimate_tuning(blocks, sample_rate, n_chroma):
    """Deviation from A440 of the louder half of all pitches, as librosa estimates it.

    Parameters
    ----------
    blocks : iterable of ndarray of shape (n_frames, n_bins)
        Powers.
    sample_rate : float
    n_chroma : int

    Returns
    -------
    tuning : float
        In parts of a pitch class.
    """
    import librosa

    found = []
    for power in blocks:
        pitches, peaks = librosa.piptrack(S=power.T, sr=sample_rate)
        sounding = pitches > 0
        found.append((pitches[sounding], peaks[sounding]))
    pitches, peaks = (np.concatenate(part) for part in zip(*found, strict=True))
    if not len(pitches):
        return 0.0  # nothing to tune
    return librosa.pitch_tuning(pitches[peaks >= np.median(peaks)], bins_per_octave=n_chroma)


def mean_cosine(a, b):
    """Mean over the frames that sound in both, up to the shorter end, of the cosine.

    Parameters
    ----------
    a, b : ndarray of shape (n_frames, n_chroma)

    Returns
    -------
    similarity : float
        Where no frame sounds in both: 1 if all are silent in both, 0 otherwise.
    """
    n_frames = min(len(a), len(b))
    norms = np.linalg.norm(a[:n_frames], axis=1) * np.linalg.norm(b[:n_frames], axis=1)
    sounding = norms > 0
    if not sounding.any():
        return float(not a.any() and not b.any())
    products = np.einsum("ij,ij->i", a[:n_frames], b[:n_frames])
    return min(float((products[sounding] / norms[sounding]).mean()), 1.0)


@requestable
def chroma_similarity_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the similarity of harmony.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score.

    Parameters
    ----------
    estimator : estimator with predict or transform
        From signals to signals. y has the sample rate of what comes out of its steps, behind a
        Resampler the new one.
    X, y : list of 1-D arrays
        Sources, and clips with the harmony that they should have: X itself, to ask whether the
        content is kept.
    sample_weight : array of shape (n_clips,), optional

    Returns
    -------
    score : float
        Greater is better; 1 is the harmony of the target.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import chroma_similarity_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [chroma_similarity_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return chroma_similarity(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
