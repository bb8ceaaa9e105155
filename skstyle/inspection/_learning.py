"""Curves of learning: losses, divergences, likelihoods and distances."""

import numpy as np

from ._curves import Panel, as_curve, find_panels, group_curves
from ._picture import Picture, make_figure, replace_axes, space_for

# Curves that fall by more than this factor are drawn on a logarithmic axis.
LOG_FACTOR = 20
# Up to so many steps every one has a dot.
FEW_STEPS = 20
# More clips than that have no legend.
MAX_LEGEND = 6
MAX_COLUMNS = 3


class LearningDisplay(Picture):
    """Curves of what an estimator learned, step by step.

    Make it with :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    panels : list of (title, curves, step, best)
        Curves that share an axis: a title, a dict of names to arrays (n_steps,), what is counted
        ("epoch", "step", "iteration" or "round"), and the number of the best step or None. Steps
        of descent are counted from 0, before the first one, and others from 1.

    Attributes
    ----------
    axes_ : list of matplotlib Axes
        Of the panels, after :meth:`plot`.
    ax_ : matplotlib Axes
        The first of them.
    figure_ : matplotlib Figure or SubFigure
    lines_ : list of dict of str to matplotlib Line2D
        The curves of every panel.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.inspection import LearningDisplay
    >>> from skstyle.mapping import JointGMMRegressor
    >>> X = np.random.default_rng(0).normal(size=(300, 2))
    >>> model = JointGMMRegressor(2, random_state=0).fit(X, np.tanh(X))
    >>> display = LearningDisplay.from_estimator(model)
    >>> display.ax_.get_ylabel()
    'log-likelihood (nats)'
    >>> history = {"train_loss": [3.0, 2.0, 1.5], "valid_loss": [3.1, 2.4, 2.5]}
    >>> len(LearningDisplay.from_predictions(history, best=2).axes_)
    1
    """

    def __init__(self, panels):
        self.panels = panels

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, **plot_options):
        """Draw all curves that a fitted estimator, or one within it, has kept.

        Parameters
        ----------
        estimator : fitted estimator
            These attributes are drawn: ``history_`` of neural estimators (losses, KL divergence
            and its weight), ``loss_curve_`` of style transformers after ``transform``,
            ``log_likelihood_`` and ``lower_bounds_`` of mixtures, ``distortion_`` of
            :class:`~skstyle.compose.AlignedRegressor`. Converters, searches and compositions are
            looked through.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : LearningDisplay

        Raises
        ------
        ValueError
            When there is nothing to draw.
        """
        panels = find_panels(estimator)
        if not panels:
            raise ValueError(
                f"{type(estimator).__name__} has no curve of learning: expected a fitted estimator "
                "with history_, loss_curve_ (after transform), log_likelihood_, lower_bounds_ or "
                "distortion_, or one that holds such."
            )
        return cls(panels).plot(ax, **plot_options)

    @classmethod
    def from_predictions(cls, curves, *, step="epoch", best=None, ax=None, **plot_options):
        """Draw curves that are known already.

        Parameters
        ----------
        curves : dict of str to array-like of shape (n_steps,), or of str to such dicts
            Names of ``history_`` are sorted into panels by their units, and all others share
            one. A dict of dicts has a panel for each of these.
        step : {"epoch", "step", "iteration", "round"} or str, default="epoch"
            What is counted; "step" counts from 0, others from 1.
        best : int, optional
            Number of the best step.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : LearningDisplay
        """
        if not isinstance(curves, dict) or not curves:
            raise ValueError(
                "curves is a dict of names to numbers, such as {'train_loss': [3.0, 2.0]}, got "
                f"{curves!r}."
            )
        inner = [isinstance(value, dict) for value in curves.values()]
        if any(inner) and not all(inner):
            raise ValueError(
                "curves mixes curves and dicts of curves: expected one or the other, such as "
                "{'loss': {'training': [3.0, 2.0]}, 'rate': {'rate': [0.1, 0.1]}}."
            )
        empty = [name for name, value in curves.items() if isinstance(value, dict) and not value]
        if empty:
            raise ValueError(f"The panel {empty[0]!r} has no curves: leave it out.")
        if all(inner):
            panels = [
                Panel(title, {k: as_curve(v, k) for k, v in inner.items()}, step, best)
                for title, inner in curves.items()
            ]
        else:
            panels = group_curves(curves, step, best)
        return cls(panels).plot(ax, **plot_options)

    def plot(self, ax=None, *, log="auto", title=""):
        """Draw the curves, a panel for each unit.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; several panels replace it. By default those of a figure of its own,
            which pyplot does not know: save it with ``display.figure_.savefig(...)``; notebooks
            show the display itself.
        log : {"auto", True, False}, default="auto"
            Whether values are on a logarithmic axis; "auto" where they fall by more than a
            factor of 20.
        title : str, default=""

        Returns
        -------
        display : LearningDisplay
        """
        if not (isinstance(log, bool) or (isinstance(log, str) and log == "auto")):
            raise ValueError(f"log must be 'auto', True or False, got {log!r}.")
        n = len(self.panels)
        n_columns = min(n, MAX_COLUMNS)
        n_rows = -(-n // n_columns)
        size = (max(3.6 * n_columns, 5.5), 3.2 * n_rows)
        if ax is not None and n == 1:
            self.axes_ = [ax]
        else:
            figure = make_figure(size) if ax is None else ax.get_figure()
            shape = n_rows, n_columns
            space = space_for(figure, hspace=0.45, wspace=0.5)
            grid = figure.add_gridspec(*shape) if ax is None else replace_axes(ax, *shape, **space)
            self.axes_ = [figure.add_subplot(grid[divmod(i, n_columns)]) for i in range(n)]
        self._draw_on(self.axes_[0], size)
        self.lines_ = [
            self._plot_panel(one, Panel(*panel), log)
            for one, panel in zip(self.axes_, self.panels, strict=True)
        ]
        if title:
            self.ax_.set_title(title, loc="left")
        return self

    def _plot_panel(self, ax, panel, log):
        from matplotlib.ticker import MaxNLocator

        first = 0 if panel.step == "step" else 1
        marker = "o" if max(map(len, panel.curves.values())) <= FEW_STEPS else ""
        lines = {}
        for name, values in panel.curves.items():
            steps = first + np.arange(len(values))
            (lines[name],) = ax.plot(steps, values, marker=marker, markersize=4, label=name)
        best = panel.best is not None and panel.best >= first
        if best:
            ax.axvline(panel.best, color="0.5", linestyle="--", linewidth=1, label="best")
        every = np.concatenate(list(panel.curves.values()))
        every = every[np.isfinite(every)]
        wide = len(every) and every.min() > 0 and every.max() > LOG_FACTOR * every.min()
        if log is True or (log == "auto" and wide):
            ax.set_yscale("log")
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set(xlabel=panel.step, ylabel=panel.title)
        if 1 < len(lines) <= MAX_LEGEND:
            ax.legend(frameon=False)
        ax.spines[["top", "right"]].set_visible(False)
        return lines
