"""Which measures a report has, what their columns are called, and their values."""

import warnings
from collections import namedtuple
from functools import partial
from importlib import import_module

import numpy as np

from ..exceptions import SilentClipWarning
from ._speech_measures import SPEECH_MEASURES, speech_measures


class Measure(namedtuple("Measure", ["name", "heading", "digits", "scale", "function"])):
    """A column of a report.

    Its name, two lines of heading, digits behind the point, what printed values are multiplied
    by, and the function, or the name of one of ``speech_measures``.
    """

    @property
    def of_speech(self):
        """Whether it is taken from the frames that all measures of speech share."""
        return isinstance(self.function, str)


# Two lines of heading, digits behind the point, and what a printed value is multiplied by.
LAYOUT = {
    "mel_cepstral_distortion": ("MCD", "dB", 2, 1),
    "log_f0_rmse": ("log-F0", "RMSE", 3, 1),
    "log_f0_correlation": ("log-F0", "corr.", 2, 1),
    "voicing_error": ("V/UV err.", "%", 1, 100),
    "global_variance_log_ratio": ("GV", "log-ratio", 2, 1),
    "modulation_spectrum_rmse": ("mod. spec.", "RMSE, dB", 2, 1),
    "log_spectral_distance": ("LSD", "dB", 2, 1),
    "timbre_distance": ("timbre", "distance", 2, 1),
    "chroma_similarity": ("chroma", "similarity", 3, 1),
    "onset_f1": ("onset", "F1", 3, 1),
    "gram_distance": ("Gram", "distance", 3, 1),
    "spectral_convergence": ("spectral", "converg.", 3, 1),
    "multi_resolution_stft_distance": ("multi-res.", "STFT", 3, 1),
    "speaker_similarity": ("voice", "similarity", 3, 1),
}
SETS = {
    "speech": SPEECH_MEASURES,
    "music": (
        "log_spectral_distance",
        "timbre_distance",
        "chroma_similarity",
        "onset_f1",
        "gram_distance",
    ),
}


def choose_measures(measures, n_jobs=None):
    """Return the columns of a report.

    Parameters
    ----------
    measures : str, callable, list of str or callable, or dict of str to callable or str
        As in :func:`~skstyle.metrics.style_report`.
    n_jobs : int, optional
        Of measures that are told by name.

    Returns
    -------
    columns : list of Measure
    """
    if callable(measures):
        measures = [measures]
    if isinstance(measures, str):
        named = {name: name for name in SETS.get(measures, (measures,))}
    elif isinstance(measures, dict):
        named = {str(name): function for name, function in measures.items()}
    elif not hasattr(measures, "__iter__"):
        raise TypeError(f"measures is {measures!r}; expected {_expected()}.")
    else:
        named = {_name_of(measure): measure for measure in measures}
    if not named:
        raise ValueError(f"measures is empty: expected {_expected()}.")
    return [_column(name, function, n_jobs) for name, function in named.items()]


def _name_of(measure):
    """A function that comes without a name has that of its definition."""
    if not callable(measure):
        return measure if isinstance(measure, str) else repr(measure)
    return getattr(measure, "__name__", type(measure).__name__)


def _column(name, function, n_jobs):
    if callable(function):
        return Measure(name, (name, ""), 3, 1, function)
    if not isinstance(function, str) or function not in LAYOUT:
        raise ValueError(f"Unknown measure {function!r}; expected {_expected()}.")
    first, second, digits, scale = LAYOUT[function]
    heading = (first, second) if function == name else (name, "%" if scale == 100 else "")
    if function not in SPEECH_MEASURES:
        function = partial(getattr(import_module("skstyle.metrics"), function), n_jobs=n_jobs)
    return Measure(name, heading, digits, scale, function)


def _expected():
    return (
        f"{' or '.join(map(repr, SETS))}, a list of callables and of names among "
        f"{', '.join(LAYOUT)}, or a dict of names and callables"
    )


def measure_row(columns, y_true, y_pred, sample_rate, frames, n_jobs=None):
    """Compare the clips of one row with the targets.

    Parameters
    ----------
    columns : list of Measure
    y_true, y_pred : list of ndarray
        Checked signals.
    sample_rate : float
        In Hz.
    frames : tuple of two lists of SpeechFrames
        Of both sides; not looked at where no measure of speech is asked for.
    n_jobs : int, optional

    Returns
    -------
    values : dict of str to ndarray of shape (n_clips,)
        nan where a clip has none.
    """
    spoken = [c.function for c in columns if c.of_speech]
    found = speech_measures(*frames, measures=spoken, n_jobs=n_jobs) if spoken else {}
    values = {}
    for column in columns:
        if column.of_speech:
            values[column.name] = found[column.function]
            continue
        with warnings.catch_warnings():
            # The report has told which clips are silent, by their names.
            warnings.simplefilter("ignore", SilentClipWarning)
            # Copies: a function of the user may write into them, and rows are compared in turn.
            sides = [[x.copy() for x in side] for side in (y_true, y_pred)]
            result = column.function(*sides, sample_rate=sample_rate, average=False)
        values[column.name] = _one_a_clip(result, column.name, len(y_true))
    return values


def _one_a_clip(result, name, n_clips):
    values = np.asarray(result, dtype=float)
    if values.shape != (n_clips,):
        raise ValueError(
            f"The measure {name!r} returned shape {values.shape} for {n_clips} clips, expected "
            f"({n_clips},): it is called with average=False and gives one value a clip."
        )
    return values
