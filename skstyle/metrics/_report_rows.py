"""The rows of a report: which clips each has, and what is known of its speed."""

import warnings
from numbers import Real

import numpy as np

from ..exceptions import SilentClipWarning
from ..signal._loudness import SILENT_DB, rms_level
from ..utils.validation import check_paired
from ._pairs import rated_signals

SOURCE, TARGET, RESYNTHESIS = "source", "target", "analysis-synthesis"


def collect_rows(y_true, y_pred, y_source, sample_rate):
    """Check the clips of every row.

    Parameters
    ----------
    y_true : list of 1-D arrays
    y_pred : list of 1-D arrays, or dict of str to list of 1-D arrays
    y_source : list of 1-D arrays or None
    sample_rate : float

    Returns
    -------
    rows : dict of str to list of ndarray
        The target first, then source and methods.
    shown : dict of str to str
        What messages call the clips of every row.
    """
    shown = {TARGET: "y_true"}
    rows = {TARGET: check_row("y_true", y_true, sample_rate)}
    if y_source is not None:
        shown[SOURCE] = "y_source"
        rows[SOURCE] = check_row("y_source", y_source, sample_rate)
    named = y_pred if isinstance(y_pred, dict) else {"converted": y_pred}
    if not named:
        raise ValueError("y_pred is an empty dict: expected converted clips by name of method.")
    for name, clips in named.items():
        check_free(name, rows)
        shown[str(name)] = f"y_pred[{name!r}]" if named is y_pred else "y_pred"
        rows[str(name)] = check_row(shown[str(name)], clips, sample_rate)
        check_paired(rows[TARGET], rows[str(name)], name_x="y_true", name_y=shown[str(name)])
    if y_source is not None:
        check_paired(rows[TARGET], rows[SOURCE], name_x="y_true", name_y="y_source")
    return rows, shown


def check_free(name, rows):
    """Refuse a name that another row has.

    Parameters
    ----------
    name : str
    rows : dict
    """
    if str(name) in rows:
        raise ValueError(
            f"Two rows are called {str(name)!r}: {SOURCE!r}, {TARGET!r} and {RESYNTHESIS!r} are "
            "made by the report. Call the method something else."
        )


def check_row(name, clips, sample_rate, stacklevel=4):
    """Check the clips of one row, and warn of silent ones.

    Parameters
    ----------
    name : str
        What messages call them.
    clips : list of 1-D arrays
    sample_rate : float
    stacklevel : int, default=4
        Where warnings point to: the caller of the report.

    Returns
    -------
    clips : list of ndarray
        float64, copies.
    """
    items = rated_signals(clips, name, sample_rate)
    for i, x in enumerate(items):
        if rms_level(x) < SILENT_DB:
            message = f"{name}[{i}] is silent: there is nothing to compare but its silence."
            warnings.warn(message, SilentClipWarning, stacklevel=stacklevel)
    return [x.astype(np.float64) for x in items]


def speeds_of_rows(seconds, rows, sample_rate):
    """Return what is known of the speed of every row.

    Parameters
    ----------
    seconds : float, (float, float), dict of these, or None
        As in :func:`~skstyle.metrics.style_report`.
    rows : dict of str to list of ndarray
    sample_rate : float

    Returns
    -------
    speeds : dict of str to dict
        "fit_seconds" and "real_time_factor".
    """
    if seconds is None:
        return {}
    methods = [name for name in rows if name not in (SOURCE, TARGET)]
    if not isinstance(seconds, dict):
        if len(methods) > 1:
            raise ValueError("seconds must be a dict of the names of y_pred, as y_pred is.")
        seconds = {methods[0]: seconds}
    # Names of rows are texts, whatever the keys of y_pred are.
    seconds = {str(name): spent for name, spent in seconds.items()}
    unknown = sorted(set(seconds) - set(methods))
    if unknown:
        raise ValueError(f"seconds has {unknown}, which y_pred has not: it has {methods}.")
    speeds = {}
    for name, spent in seconds.items():
        fit, convert = _read_seconds(spent, name)
        duration = sum(map(len, rows.get(SOURCE, rows[name]))) / sample_rate
        speeds[name] = {"fit_seconds": fit, "real_time_factor": convert / duration}
    return speeds


def _read_seconds(spent, name):
    """Return seconds of the fit, nan where they are not told, and of the conversion."""
    parts = list(spent) if isinstance(spent, (tuple, list, np.ndarray)) else [spent]
    numbers = all(isinstance(x, Real) and not isinstance(x, bool) for x in parts)
    numbers = numbers and len(parts) in (1, 2) and all(0 <= x < np.inf for x in parts)
    if not numbers:
        raise ValueError(
            f"seconds of {name!r} must be a number of at least 0, or two of them, of fit and "
            f"conversion; got {spent!r}."
        )
    fit, convert = parts if len(parts) == 2 else (np.nan, parts[0])
    return float(fit), float(convert)
