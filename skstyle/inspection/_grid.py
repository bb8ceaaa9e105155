"""What a search over parameters found."""

import numpy as np

from ._grid_results import (
    best_of,
    choose_parameters,
    chosen_index,
    find_metric,
    is_geometric,
    is_number,
    make_axis,
    parameter_values,
    place_of,
    replaced_rows,
    short_names,
)
from ._picture import NOTHING, Picture, readable_on

# A table of two parameters with fewer of its cells filled is a cloud of points.
FILLED = 0.5
BEST = "tab:orange"
GUIDE = {"color": "0.5", "linestyle": ":", "linewidth": 1}


class GridDisplay(Picture):
    """Scores of a search: a line, dots or a heat map, with the best marked.

    Make it with :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    parameters : dict of str to list
        Values of one or two parameters, one a candidate.
    mean, std : ndarray of shape (n_candidates,)
        Of the scores over the folds; greater is better, and nan has failed.
    metric : str, default="score"
        What was measured.
    best_index : int, optional
        Of the candidate to mark; by default the one of the greatest mean.
    replaced : array of bool, shape (n_candidates,), optional
        Those that a later round of a halving search has measured again: not drawn.

    Attributes
    ----------
    ax_ : matplotlib Axes
        After :meth:`plot`.
    figure_ : matplotlib Figure or SubFigure
    best_index_ : int
        Of the candidate that is marked: the one that the search has chosen, or else that of the
        greatest mean.
    values_ : ndarray
        What is drawn: one value for each value of one parameter, or a table
        (n_values_second, n_values_first) of two, nan where nothing was tried; negated where that
        was asked for.
    text_ : ndarray of matplotlib Text or None
        Numbers of a heat map.

    Notes
    -----
    One numeric parameter is a line with the standard deviation over the folds as error bars, on
    a logarithmic axis where its values are nearer to a geometric than to an arithmetic series.
    Names are rows of dots. Two parameters are a heat map; where most combinations were not
    tried, as in a random search, they are points, of names in a row each. Where several
    candidates agree in the parameters shown, the one that is marked or else the best of them
    counts; of a halving search the last round that a candidate has seen.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skstyle.inspection import GridDisplay
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 8))
    >>> y = X[:, 0] + rng.normal(size=60)
    >>> search = GridSearchCV(Ridge(), {"alpha": [0.1, 1, 10, 100]}).fit(X, y)
    >>> display = GridDisplay.from_estimator(search)
    >>> display.ax_.get_xscale()
    'log'
    >>> display.best_index_ == int(search.best_index_)
    True
    """

    def __init__(self, parameters, mean, std, *, metric="score", best_index=None, replaced=None):
        self.parameters = parameters
        self.mean = mean
        self.std = std
        self.metric = metric
        self.best_index = best_index
        self.replaced = replaced

    @classmethod
    def from_estimator(cls, search, *, params=None, metric=None, ax=None, **plot_options):
        """Draw a fitted search.

        Parameters
        ----------
        search : GridSearchCV, RandomizedSearchCV or similar
            Fitted: it has ``cv_results_``.
        params : str or sequence of str, optional
            One or two parameters to show; by default those that were varied. Full names, or
            their last parts.
        metric : str, optional
            Which of several; by default the only one, or the one that `refit` names. Of another
            one the greatest mean is marked, not what the search has chosen.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : GridDisplay
        """
        if not hasattr(search, "cv_results_"):
            raise TypeError(
                f"{type(search).__name__} has no cv_results_: expected a fitted GridSearchCV or "
                "another search."
            )
        if metric is None and isinstance(getattr(search, "refit", None), str):
            if getattr(search, "multimetric_", False):
                metric = search.refit
        display = cls._read(search.cv_results_, params, metric)
        display.best_index = chosen_index(search, metric)
        return display.plot(ax, **plot_options)

    @classmethod
    def from_predictions(cls, cv_results, *, params=None, metric=None, ax=None, **plot_options):
        """Draw the ``cv_results_`` of a search.

        Parameters
        ----------
        cv_results : dict of str to array
            As scikit-learn's searches keep it.
        params : str or sequence of str, optional
            One or two parameters to show; by default those that were varied. Full names, or
            their last parts.
        metric : str, optional
            Which of several.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : GridDisplay

        Raises
        ------
        ValueError
            When a metric or a parameter is not there, or more than two parameters were varied
            and none was chosen.
        """
        return cls._read(cv_results, params, metric).plot(ax, **plot_options)

    @classmethod
    def _read(cls, cv_results, params, metric):
        """Return what there is to draw."""
        metric = find_metric(cv_results, metric)
        names = choose_parameters(cv_results, params)
        mean = np.ma.filled(np.ma.asarray(cv_results[f"mean_test_{metric}"], dtype=float), np.nan)
        std = cv_results.get(f"std_test_{metric}", np.zeros(len(mean)))
        parameters = {name: parameter_values(cv_results, name) for name in names}
        std, replaced = np.asarray(std, dtype=float), replaced_rows(cv_results)
        return cls(parameters, mean, std, metric=metric, replaced=replaced)

    def plot(self, ax=None, *, negate=False, label=None, title="", fmt=".3g", cmap="viridis"):
        """Draw the scores.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw. By default those of a figure of its own, which pyplot does not know:
            save it with ``display.figure_.savefig(...)``; notebooks show the display itself.
        negate : bool, default=False
            True shows scores that are negative losses as what they are: positive, less is
            better.
        label : str, optional
            Of the scores, with the unit; by default the name of the metric.
        title : str, default=""
        fmt : str, default=".3g"
            Format of the numbers of a heat map and of dots.
        cmap : str or matplotlib Colormap, default="viridis"
            Of a heat map; where scores are negated it is turned round, so that the same colours
            are good.

        Returns
        -------
        display : GridDisplay
        """
        ax = self._draw_on(ax, (6, 4))
        mean = np.asarray(self.mean, dtype=float)
        self.best_index_ = self._find_best(mean)
        self.text_ = None
        if label is None:
            name = self.metric.removeprefix("neg_") if negate else self.metric
            label = name.replace("_", " ")
        sign = -1 if negate else 1
        axes = [make_axis(name, values) for name, values in self.parameters.items()]
        if self.best_index_ is None:
            raise ValueError("All candidates failed: their scores are nan.")
        if not 1 <= len(axes) <= 2:
            raise ValueError(f"One or two parameters can be shown, got {list(self.parameters)}.")
        names = short_names(list(self.parameters))
        options = {"sign": sign, "label": label, "fmt": fmt}
        if len(axes) == 2:
            self._plot_two(ax, axes, names, cmap, **options)
        elif all(is_number(v) for v in axes[0].values):
            self._plot_line(ax, axes[0], names[0], **options)
        else:
            self._plot_names(ax, axes[0], names[0], **options)
        if title:
            ax.set_title(title, loc="left")
        return self

    def _find_best(self, mean):
        if self.best_index is not None and np.isfinite(mean[self.best_index]):
            return int(self.best_index)
        return best_of(mean if self.replaced is None else np.where(self.replaced, np.nan, mean))

    def _table(self, axes):
        """Return the index of the best candidate in every cell, -1 where there is none."""
        drawn = ~np.isnan(self.mean)
        if self.replaced is not None:
            drawn &= ~np.asarray(self.replaced)
        drawn[self.best_index_] = True
        places = [[place_of(axis, value) for value in self.parameters[axis.name]] for axis in axes]
        table = np.full([len(axis.values) for axis in axes], -1)
        for candidate, cell in enumerate(zip(*places, strict=True)):
            held = table[cell]
            if not drawn[candidate] or held == self.best_index_:
                continue
            better = held < 0 or self.mean[candidate] > self.mean[held]
            if better or candidate == self.best_index_:
                table[cell] = candidate
        return table

    def _chosen(self, table, sign):
        """Return the means and the deviations of the candidates of a table."""
        tried = table >= 0
        mean = np.where(tried, sign * np.asarray(self.mean)[table], np.nan)
        return mean, np.where(tried, np.asarray(self.std)[table], np.nan)

    def _plot_line(self, ax, axis, name, sign, label, fmt):
        table = self._table([axis])
        self.values_, spread = self._chosen(table, sign)
        places = np.asarray(axis.values, dtype=float)
        ax.errorbar(places, self.values_, yerr=spread, marker="o", capsize=3)
        best = np.flatnonzero(table == self.best_index_)
        if len(best):
            ax.plot(
                places[best[0]],
                self.values_[best[0]],
                **{"marker": "o", "markersize": 11, "linestyle": "", "markerfacecolor": "none"},
                **{"markeredgecolor": BEST, "markeredgewidth": 2.5, "label": "best"},
            )
            ax.legend(frameon=False)
        if is_geometric(axis.values):
            ax.set_xscale("log")
        if len(axis.values) <= 12:
            from matplotlib.ticker import NullFormatter

            ax.set_xticks(places, axis.labels)
            ax.minorticks_off()
            ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set(xlabel=name, ylabel=label)
        ax.spines[["top", "right"]].set_visible(False)

    def _plot_names(self, ax, axis, name, sign, label, fmt):
        """Scores have no zero that bars could stand on: dots."""
        table = self._table([axis])
        self.values_, spread = self._chosen(table, sign)
        ax.axvline(sign * self.mean[self.best_index_], **GUIDE)
        for place, (value, deviation) in enumerate(zip(self.values_, spread, strict=True)):
            if np.isnan(value):
                ax.text(0.02, place, "failed", transform=ax.get_yaxis_transform(), va="center")
                continue
            best = table[place] == self.best_index_
            colour = BEST if best else "0.6"
            ax.errorbar(value, place, xerr=deviation, marker="o", capsize=3, color=colour)
            ax.annotate(
                f"{value:{fmt}}", (value, place), (0, 7), textcoords="offset points", ha="center"
            )
        ax.set_yticks(range(len(axis.values)), axis.labels)
        ax.set_ylim(len(axis.values) - 0.5, -0.5)
        ax.set(xlabel=label, ylabel=name)
        ax.spines[["top", "right"]].set_visible(False)

    def _plot_two(self, ax, axes, names, cmap, sign, label, fmt):
        table = self._table(axes).T
        self.values_, _ = self._chosen(table, sign)
        if sign < 0 and isinstance(cmap, str):
            cmap = cmap.removesuffix("_r") if cmap.endswith("_r") else f"{cmap}_r"
        numeric = [all(is_number(v) for v in axis.values) for axis in axes]
        filled = np.mean(table >= 0)
        # Two names that share no number fill half of the table.
        if (filled < FILLED and any(numeric)) or (filled == FILLED and sum(numeric) == 1):
            image = self._plot_points(ax, axes, table, cmap)
        else:
            image = self._plot_cells(ax, axes, table, cmap, fmt)
        ax.set(xlabel=names[0], ylabel=names[1])
        self.figure_.colorbar(image, ax=ax, label=label, pad=0.01)

    def _plot_cells(self, ax, axes, table, cmap, fmt):
        from matplotlib.patches import Rectangle

        image = ax.imshow(self.values_, origin="lower", aspect="auto", cmap=cmap)
        ax.set_facecolor(NOTHING)
        ax.set_xticks(range(len(axes[0].values)), axes[0].labels)
        ax.set_yticks(range(len(axes[1].values)), axes[1].labels)
        if any(len(text) > 6 for text in axes[0].labels):
            ax.tick_params(axis="x", labelrotation=30)
        self.text_ = np.empty(table.shape, dtype=object)
        for cell in np.ndindex(*table.shape):
            value = self.values_[cell]
            if np.isnan(value):
                continue
            colour = readable_on(image.cmap(image.norm(value)))
            self.text_[cell] = ax.text(
                *cell[::-1], f"{value:{fmt}}", ha="center", va="center", color=colour
            )
        for y, x in np.argwhere(table == self.best_index_):
            frame = Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, edgecolor=BEST, linewidth=3)
            ax.add_patch(frame)
        return image

    def _plot_points(self, ax, axes, table, cmap):
        rows, columns = np.nonzero(table >= 0)
        numeric = [all(is_number(v) for v in axis.values) for axis in axes]
        x, y = (
            np.asarray(axis.values, dtype=float)[i] if number else i
            for axis, i, number in zip(axes, (columns, rows), numeric, strict=True)
        )
        image = ax.scatter(x, y, c=self.values_[rows, columns], cmap=cmap, s=70)
        best = table[rows, columns] == self.best_index_
        ax.scatter(x[best], y[best], s=180, facecolors="none", edgecolors=BEST, linewidths=2.5)
        for axis, number, letter in zip(axes, numeric, "xy", strict=True):
            if number and is_geometric(axis.values):
                ax.set(**{f"{letter}scale": "log"})
            elif not number:
                places = range(len(axis.values))
                ax.set(**{f"{letter}ticks": places, f"{letter}lim": (-0.5, len(places) - 0.5)})
                ax.set(**{f"{letter}ticklabels": axis.labels})
        return image
