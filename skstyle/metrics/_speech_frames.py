"""Speech as frames of mel-cepstrum and pitch, analysed once for all measures of speech.

``analyse_speech(clips, sample_rate, *, order=24, alpha="auto", f0_min_hz=71.0, f0_max_hz=600.0,
f0=None, name="X", n_jobs=None)`` gives a list of ``SpeechFrames(mcep, f0)``, one a clip;
``_speech_measures.speech_measures(y_true, y_pred, ...)`` takes two such lists and gives a dict
from the name of every measure to an array with one value a clip, nan where there is none.
"""

import warnings
from collections import namedtuple

import numpy as np

from ..exceptions import ShortClipWarning
from ..features._activity import active_frames
from ..features._mel_cepstrum import PitchAdaptiveAnalysis
from ..utils.validation import check_paired, check_sequences
from ._pairs import check_collection, first_ndim, signal_pairs
from ._paths import PairAligner, check_alignment, check_silence

SpeechFrames = namedtuple("SpeechFrames", ["mcep", "f0"])
SpeechFrames.__doc__ = """Frames of a clip: mcep (n_frames, order + 1), c_0 first; f0
(n_frames,) in Hz, 0 where unvoiced, or None where only mel-cepstra are known."""


class _SpeechAnalysis(PitchAdaptiveAnalysis):
    """F0 in the first column, then the mel-cepstrum; clips do not depend on each other."""

    def _transform_one(self, x):
        _, _, f0, mcep = self._analyse(x)
        return np.column_stack([f0, mcep])

    def _inspect(self, items, out, names):
        """Odd clips are named by the measures, after their side."""


def analyse_speech(
    clips,
    sample_rate,
    *,
    order=24,
    alpha="auto",
    f0_min_hz=71.0,
    f0_max_hz=600.0,
    f0=None,
    name="X",
    n_jobs=None,
    stacklevel=2,
):
    """Analyse clips once, for any number of measures.

    Parameters
    ----------
    clips : list of ndarray of shape (n_times,)
        Checked signals.
    sample_rate : float
        In Hz.
    order, alpha, f0_min_hz, f0_max_hz, f0
        As in :class:`~skstyle.features.MelCepstrum`.
    name : str, default="X"
        What warnings call the collection.
    n_jobs : int, optional
        Number of clips analysed at once.
    stacklevel : int, default=2
        Where warnings point to: the caller.

    Returns
    -------
    analyses : list of SpeechFrames
        Frames every 5 ms, float64.

    Warns
    -----
    ShortClipWarning
        A clip is shorter than one frame.
    """
    analysis = _SpeechAnalysis(
        sample_rate,
        order=order,
        alpha=alpha,
        f0_min_hz=f0_min_hz,
        f0_max_hz=f0_max_hz,
        f0=f0,
        learn_f0_range=False,
        n_jobs=n_jobs,
    )
    columns = analysis.fit_transform(list(clips))
    for i, x in enumerate(clips):
        if len(x) < analysis.hop_:
            message = (
                f"{name}[{i}] has {len(x)} samples, less than one frame of {analysis.hop_:g}: it "
                "was padded with zeros."
            )
            warnings.warn(message, ShortClipWarning, stacklevel=stacklevel)
    return [SpeechFrames(c[:, 1:], c[:, 0]) for c in columns]


def speech_pairs(
    y_true, y_pred, sample_rate, *, cepstra_ok=False, n_jobs=None, stacklevel=4, **settings
):
    """Check two collections and analyse them.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays, or list of arrays (n_frames, order + 1)
        Signals; mel-cepstra where ``cepstra_ok``.
    sample_rate : float or None
        In Hz; needed for signals.
    cepstra_ok : bool, default=False
    n_jobs : int, optional
    stacklevel : int, default=4
        Where warnings point to: 4 is the caller of the caller.
    **settings
        Of :func:`analyse_speech`.

    Returns
    -------
    y_true, y_pred : list of SpeechFrames
    """
    named = (("y_true", y_true), ("y_pred", y_pred))
    for name, y in named:
        check_collection(y, name)
    if cepstra_ok and first_ndim(y_true) == 2:
        sides = [check_sequences(y, name=name).items for name, y in named]
        check_paired(*sides, name_x="y_true", name_y="y_pred")
        return tuple([SpeechFrames(mcep, None) for mcep in side] for side in sides)
    if sample_rate is None:
        other = ", or pass mel-cepstra (n_frames, order + 1)." if cepstra_ok else "."
        raise ValueError(
            "Signals need their sample rate to be compared: pass sample_rate=... (Hz)" + other
        )
    sides = signal_pairs(y_true, y_pred, sample_rate, None, stacklevel=stacklevel)
    settings = {**settings, "n_jobs": n_jobs, "stacklevel": stacklevel}
    true = analyse_speech(sides[0], sample_rate, name="y_true", **settings)
    pred = analyse_speech(sides[1], sample_rate, name="y_pred", **settings)
    return true, pred


def frame_paths(y_true, y_pred, *, align=True, silence_db=30.0, band=None, n_jobs=None):
    """Return the pairs of frames that are compared, as mel-cepstral distortion does.

    Parameters
    ----------
    y_true, y_pred : list of SpeechFrames
    align : bool, default=True
        False pairs frame t with frame t, silence too, up to the end of the shorter clip.
    silence_db : float or None, default=30.0
        Frames this far below the loud frames of their clip are left out; None keeps all.
    band : float, optional
        Half-width of the Sakoe-Chiba band as a share of the longer clip.
    n_jobs : int, optional

    Returns
    -------
    paths : list of int ndarray of shape (n_steps, 2)
        The best ones; of clips that are too long for that, found from coarse to fine.
    """
    a, b = ([clip.mcep for clip in side] for side in (y_true, y_pred))
    if a[0].shape[1] != b[0].shape[1]:
        raise ValueError(
            f"y_true has {a[0].shape[1]} features and y_pred has {b[0].shape[1]}: mel-cepstra of "
            "one order are compared."
        )
    check_alignment(align, band, silence_db)
    if not align:
        lengths = [min(len(x), len(y)) for x, y in zip(a, b, strict=True)]
        return [np.repeat(np.arange(n)[:, None], 2, axis=1) for n in lengths]
    aligner = PairAligner(
        columns=slice(1, None),
        level_column=None if silence_db is None else 0,
        silence_db=30.0 if silence_db is None else silence_db,
        band=band,
        n_jobs=n_jobs,
    )
    return aligner.align(a, b)


def aligned_pitches(y_true, y_pred, sample_rate, search, along, n_jobs=None):
    """Analyse signals and return the F0 of both at every step of their path, for every pair.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays
    sample_rate : float
    search : dict
        Settings of :func:`analyse_speech`.
    along : dict
        Settings of :func:`frame_paths`.
    n_jobs : int, optional

    Returns
    -------
    pitches : list of (ndarray, ndarray), each of shape (n_steps,)
        In Hz, 0 where unvoiced.
    """
    sides = speech_pairs(y_true, y_pred, sample_rate, n_jobs=n_jobs, stacklevel=5, **search)
    paths = frame_paths(*sides, n_jobs=n_jobs, **along)
    return [
        (true.f0[path[:, 0]], pred.f0[path[:, 1]])
        for true, pred, path in zip(*sides, paths, strict=True)
    ]


def spoken_cepstra(clip, silence_db):
    """Mel-cepstrum from c_1 on, without the frames of silence.

    Parameters
    ----------
    clip : SpeechFrames
    silence_db : float or None
        None keeps all frames.

    Returns
    -------
    mcep : ndarray of shape (n_kept, order)
        In float64.
    """
    check_silence(silence_db)
    mcep = clip.mcep.astype(np.float64, copy=False)
    if silence_db is None:
        return mcep[:, 1:]
    return mcep[active_frames(mcep[:, 0], silence_db), 1:]


def warn_unknown(values, reason, category, *, stacklevel=3):
    """Warn of every clip whose value is nan, by name.

    Parameters
    ----------
    values : ndarray of shape (n_clips,)
    reason : str
        What follows "y_true[i] and y_pred[i] ".
    category : class of a warning
    stacklevel : int, default=3
        The caller of the measure.
    """
    for i in np.flatnonzero(np.isnan(values)):
        message = f"y_true[{i}] and y_pred[{i}] {reason}: the value is nan; means leave it out."
        warnings.warn(message, category, stacklevel=stacklevel)
