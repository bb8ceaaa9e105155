"""A report as text, as a DataFrame and as a dict."""

import numpy as np

from ._report_table import mean_with_spread, number, shortened, text_table

# What fits a terminal.
WIDTH = 100
STATISTICS = ("mean", "low", "high", "n_clips")
SPEEDS = {"fit_seconds": ("fit", "s", 1), "real_time_factor": ("real-time", "factor", 3)}
# Rows that the report makes, which an empty line parts from those of methods.
BEFORE, AFTER = ("source",), ("analysis-synthesis", "target")


def as_text(results, columns, policy):
    """Write a report for a terminal.

    Parameters
    ----------
    results : dict of str to dict
        As :func:`~skstyle.metrics.style_report` describes it.
    columns : list of Measure
    policy : list of str
        Lines below the table.

    Returns
    -------
    text : str
    """
    measured = [
        [
            *map(shortened, column.heading),
            *(_cell(row[column.name], column) for row in results.values()),
        ]
        for column in columns
    ]
    speeds = []
    for key, (first, second, digits) in SPEEDS.items():
        known = [row.get(key, np.nan) for row in results.values()]
        if not np.isnan(known).all():
            shown = ["" if value != value else number(value, digits) for value in known]
            speeds.append([first, second, *shown])
    names = [shortened(name) for name in results]
    sizes = [sum(name in BEFORE for name in names), 0, sum(name in AFTER for name in names)]
    sizes[1] = len(names) - sum(sizes)
    blocks = [size for size in sizes if size]
    table = text_table(names, [measured, speeds], blocks, WIDTH)
    return "\n".join([table, *policy, *_left_out(results, columns), ""])


def _cell(found, column):
    return mean_with_spread(found["mean"], found["low"], found["high"], column.digits, column.scale)


def _left_out(results, columns):
    """Tell how many clips have no value, a line for columns that lack the same."""
    lines = {}
    for column in columns:
        counts = []
        for name, row in results.items():
            found = row[column.name]
            missing = len(found["values"]) - found["n_clips"]
            counts += [f"{missing} of {shortened(name)}"] * (missing > 0)
        if counts:
            heading = " ".join(map(shortened, filter(None, column.heading)))
            lines.setdefault(", ".join(counts), []).append(heading)
    for counts, headings in lines.items():
        yield f"Left out, without a value ({'; '.join(headings)}): {counts}."


def as_frame(results, columns, policy):
    """Return a DataFrame, its columns by measure and statistic.

    Parameters
    ----------
    results : dict of str to dict
    columns : list of Measure
    policy : list of str

    Returns
    -------
    frame : pandas.DataFrame
    """
    try:
        import pandas as pd
    except ImportError as e:
        raise ImportError(
            "output='dataframe' needs pandas, which is not installed: pip install pandas, or take "
            "output='dict'."
        ) from e
    table = {}
    for column in columns:
        for key in STATISTICS:
            table[column.name, key] = [row[column.name][key] for row in results.values()]
    for key in SPEEDS:
        known = [row.get(key, np.nan) for row in results.values()]
        if not np.isnan(known).all():
            table["speed", key] = known
    return pd.DataFrame(table, index=pd.Index(results, name="row"))


class Report(dict):
    """The results of a report; as text it is the table.

    It is a dict like any other: ``json`` writes it, but for its arrays, and ``print`` shows what
    ``output="text"`` gives.
    """

    def __init__(self, results, text):
        super().__init__(results)
        self._text = text

    def __str__(self):
        return self._text

    def __reduce__(self):
        return Report, (dict(self), self._text)


def as_dict(results, columns, policy):
    """Return the results as a dict that knows its table.

    Parameters
    ----------
    results : dict of str to dict
    columns : list of Measure
    policy : list of str

    Returns
    -------
    report : Report
    """
    return Report(results, as_text(results, columns, policy))


OUTPUTS = {"text": as_text, "dataframe": as_frame, "dict": as_dict}
