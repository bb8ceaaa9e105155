"""One table for the conversions of several methods, with intervals and with their limits."""

import sys
from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from ..features import SourceFilterVocoder
from ..utils.rates import check_sample_rate
from ..utils.validation import check_paired
from ._bootstrap import draw_clips, mean_interval
from ._report_measures import choose_measures, measure_row
from ._report_output import OUTPUTS
from ._report_rows import (
    RESYNTHESIS,
    SOURCE,
    TARGET,
    check_free,
    check_row,
    collect_rows,
    speeds_of_rows,
)
from ._speech_frames import analyse_speech


def style_report(
    y_true,
    y_pred,
    y_source=None,
    *,
    sample_rate,
    measures="speech",
    analysis="auto",
    confidence=0.95,
    n_resamples=1000,
    seconds=None,
    random_state=0,
    output="text",
    n_jobs=None,
    verbose=0,
):
    """Build a table of how good conversions are, a row a method.

    Beside the methods stand the rows that they must be read against: the source as it was, the
    target itself, and the target through analysis and synthesis alone, which methods that make
    their sound so can hardly pass.

    Parameters
    ----------
    y_true : list of 1-D arrays
        The targets: what the clips should have become.
    y_pred : list of 1-D arrays, or dict of str to list of 1-D arrays
        Converted clips, ``y_pred[i]`` saying what ``y_true[i]`` says; or those of several
        methods by their names.
    y_source : list of 1-D arrays, optional
        The clips before conversion: the row "source".
    sample_rate : float
        Of all clips, in Hz.
    measures : "speech", "music", list of str or callable, or dict of str to callable, \
            default="speech"
        The columns. "speech" is mel-cepstral distortion (MCD), root mean square error and
        correlation of log-F0, voicing error, log ratio of global variances and distance of
        modulation spectra; "music" is log-spectral distance (LSD), distance of timbre, similarity
        of chroma, F1 of onsets and distance of Gram matrices, for clips in time with each other.
        A list holds names of functions of this module that need no other function,
        "speaker_similarity" and "spectral_convergence" among them, or callables, which are called
        by their own names. A callable is called as
        ``f(y_true, y_pred, sample_rate=sample_rate, average=False)`` and returns an array of
        shape (n_clips,).
    analysis : transformer, "auto" or None, default="auto"
        From signals to features and back (``inverse_transform``); a clone is fitted on y_true for
        the row "analysis-synthesis". "auto" is ``SourceFilterVocoder(sample_rate)`` where a
        measure of speech is asked for, and no such row otherwise. None leaves the row out.
    confidence : float, default=0.95
        Of the intervals.
    n_resamples : int, default=1000
        How often clips are drawn for the intervals.
    seconds : float, (float, float), or dict of str to one of these, optional
        Seconds that every method took to convert its clips, or seconds of its fit and of its
        conversion. The latter are told divided by the duration of the sources, or of the
        converted clips if there are none: the real-time factor, below 1 where it is faster than
        speech.
    random_state : int, RandomState instance or None, default=0
        Draws the clips of the intervals.
    output : {"text", "dataframe", "dict"}, default="text"
        "text" is a table to print, "dataframe" one of pandas and "dict" a nested dict, of which
        ``str()`` is the table: printed it shows the text, without another analysis.
    n_jobs : int, optional
        Number of clips analysed at once.
    verbose : int, default=0
        1 shows progress on stderr, a line a row.

    Returns
    -------
    report : str, DataFrame or dict
        In the text, ± is half the width of an interval, and long names are cut. A dict has an
        entry for every row, with one for every measure: a dict of "mean", "low" and "high", of the
        number "n_clips" of clips that have a value, and of the "values" of all clips, nan where
        there is none; and where they are known "fit_seconds" and "real_time_factor". A DataFrame
        has the same but for values, rows by name and columns by measure and statistic.

    Raises
    ------
    ValueError
        When numbers of clips differ, a name of a row is taken or unknown, or a measure is unknown
        or does not return one value a clip.
    TypeError
        When the analysis is no transformer, or measures are neither names nor callables.
    ImportError
        When a DataFrame is asked for, and pandas is not installed.

    Warns
    -----
    SilentClipWarning
        A clip is silent.

    See Also
    --------
    skstyle.model_selection.cross_val_convert : Converts clips by models that have not heard them.

    Notes
    -----
    Every clip is analysed once for all measures of speech, which are those of the functions of
    this module at their defaults: frames are aligned by dynamic time warping, without silence.

    Intervals are those of the mean over clips, by the bootstrap, bias-corrected and accelerated
    (BCa) [1]_. All rows and columns draw the same clips. They tell how far another choice of
    sentences would have moved the figures, not another choice of speakers or of training data. A
    clip without a value, such as the correlation of F0 without voiced frames, is left out and
    counted. One clip has no interval.

    References
    ----------
    .. [1] B. Efron, "Better bootstrap confidence intervals", J. American Statistical Association
       82, 1987. doi:10.1080/01621459.1987.10478410

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import style_report
    >>> X, y = make_parallel_speakers(4, duration=0.6, random_state=0)
    >>> methods = {"louder": [2 * x for x in X]}
    >>> measures = ["mel_cepstral_distortion", "voicing_error"]
    >>> print(style_report(y, methods, X, sample_rate=16000, measures=measures))
                               MCD  V/UV err.
                                dB          %
    source              5.08 ±0.21  13.0 ±7.1
    louder              5.08 ±0.21  13.0 ±7.1
    analysis-synthesis  1.62 ±0.31   5.6 ±4.0
    target              0.00 ±0.00   0.0 ±0.0
    Mean over 4 clips ± half the width of its 95 % interval (bootstrap, BCa, 1000 draws).
    Speech: frames aligned by dynamic time warping, silence left out (30 dB).
    analysis-synthesis: the target through SourceFilterVocoder and back.

    Any callable is a measure:

    >>> def level(y_true, y_pred, *, sample_rate, average):
    ...     return [abs(a).max() - abs(b).max() for a, b in zip(y_true, y_pred)]
    >>> report = style_report(y, X, sample_rate=16000, measures={"peak": level}, output="dict")
    >>> report["target"]["peak"]["mean"]
    0.0
    """
    columns = choose_measures(measures, n_jobs)
    _check_options(confidence, n_resamples, output)
    check_sample_rate(sample_rate)
    rows, shown = collect_rows(y_true, y_pred, y_source, sample_rate)
    speeds = speeds_of_rows(seconds, rows, sample_rate)
    y_true = rows[TARGET]
    spoken = any(column.of_speech for column in columns)
    _check_analysis(analysis)
    if isinstance(analysis, str):
        analysis = SourceFilterVocoder(sample_rate, n_jobs=n_jobs) if spoken else None
    if analysis is not None:
        check_free(RESYNTHESIS, rows)
        _tell("synthesise", RESYNTHESIS, verbose)
        shown[RESYNTHESIS] = f"what {type(analysis).__name__} makes of y_true"
        rows[RESYNTHESIS] = _resynthesise(analysis, y_true, sample_rate)

    def analyse(name):
        _tell("measure", name, verbose)
        clips = rows[name]
        settings = {"name": shown[name], "n_jobs": n_jobs, "stacklevel": 4}
        return analyse_speech(clips, sample_rate, **settings) if spoken else None

    wanted = analyse(TARGET)
    counts = draw_clips(len(y_true), n_resamples, check_random_state(random_state))
    results = {}
    for name in _in_order(rows):
        frames = wanted if name == TARGET else analyse(name)
        values = measure_row(columns, y_true, rows[name], sample_rate, (wanted, frames), n_jobs)
        results[name] = {
            key: _summarise(found, counts, confidence) for key, found in values.items()
        }
        results[name] |= speeds.get(name, {})
    policy = _policy(len(y_true), spoken, confidence, n_resamples, analysis, bool(speeds))
    return OUTPUTS[output](results, columns, policy)


def _summarise(values, counts, confidence):
    mean, low, high = mean_interval(values, counts, confidence)
    n_clips = int((~np.isnan(values)).sum())
    return {"mean": mean, "low": low, "high": high, "n_clips": n_clips, "values": values}


def _tell(stage, name, verbose):
    if verbose:
        print(f"{stage} {name}", file=sys.stderr)


def _check_options(confidence, n_resamples, output):
    if not (isinstance(confidence, Real) and 0 < confidence < 1):
        raise ValueError(f"confidence must be a number between 0 and 1, got {confidence!r}.")
    if not (isinstance(n_resamples, Integral) and n_resamples >= 1):
        raise ValueError(f"n_resamples must be a whole number of at least 1, got {n_resamples!r}.")
    if output not in OUTPUTS:
        raise ValueError(f"output must be one of {', '.join(map(repr, OUTPUTS))}, got {output!r}.")


def _check_analysis(analysis):
    ready = all(hasattr(analysis, name) for name in ("fit", "transform", "inverse_transform"))
    if analysis is None or (isinstance(analysis, str) and analysis == "auto"):
        return
    if not ready or isinstance(analysis, type):
        raise TypeError(
            "analysis must be a transformer with inverse_transform, from signals to features and "
            f'back, "auto" or None; got {analysis!r}.'
        )


def _resynthesise(analysis, y_true, sample_rate):
    fitted = clone(analysis)
    clips = fitted.inverse_transform(fitted.fit_transform(y_true))
    clips = check_row(f"what {type(analysis).__name__} makes of y_true", clips, sample_rate)
    check_paired(y_true, clips, name_x="y_true", name_y="analysis-synthesis")
    return clips


def _in_order(rows):
    """Return the names of the rows: the source, the methods, then what limits them."""
    ends = (SOURCE, RESYNTHESIS, TARGET)
    methods = [name for name in rows if name not in ends]
    first, *last = (name for name in ends)
    return [name for name in (first, *methods, *last) if name in rows]


def _policy(n_clips, spoken, confidence, n_resamples, analysis, timed):
    """Return the lines below the table."""
    lines = []
    clips = f"{n_clips} clip{'s' * (n_clips > 1)}"
    if n_clips < 2:
        lines.append(f"Of {clips}; one clip has no interval.")
    else:
        lines.append(
            f"Mean over {clips} ± half the width of its {100 * confidence:g} % interval "
            f"(bootstrap, BCa, {n_resamples} draws)."
        )
    if spoken:
        lines.append("Speech: frames aligned by dynamic time warping, silence left out (30 dB).")
    if analysis is not None:
        lines.append(f"{RESYNTHESIS}: the target through {type(analysis).__name__} and back.")
    if timed:
        lines.append("Real-time factor: seconds of conversion over seconds of sound.")
    return lines
