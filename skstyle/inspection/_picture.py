"""What all displays share: a figure of their own, and pictures in notebooks."""

import io

# Where there is nothing to draw: a shade on light and on dark backgrounds alike.
NOTHING = (0.5, 0.5, 0.5, 0.15)
# More columns than a screen shows only cost time.
MAX_COLUMNS = 1200


def make_figure(size):
    """Return a figure that pyplot does not know, so that nobody has to close it.

    Parameters
    ----------
    size : (float, float)
        Width and height in inches.

    Returns
    -------
    figure : matplotlib Figure
    """
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained")


def own_axes(ax, size):
    """Return the axes that were given, or those of a new figure."""
    return make_figure(size).add_subplot() if ax is None else ax


def replace_axes(ax, n_rows, n_columns, **options):
    """Switch axes off and return a grid of panels in their place.

    Parameters
    ----------
    ax : matplotlib Axes
        Anywhere; it stays as an invisible frame, as in scikit-learn's displays.
    n_rows, n_columns : int
    **options
        Such as ``width_ratios``.

    Returns
    -------
    grid : matplotlib GridSpecBase
    """
    ax.set_axis_off()
    place = ax.get_subplotspec()
    if place is not None:
        return place.subgridspec(n_rows, n_columns, **options)
    box = ax.get_position()
    sides = {"left": box.x0, "right": box.x1, "bottom": box.y0, "top": box.y1}
    return ax.get_figure().add_gridspec(n_rows, n_columns, **sides, **options)


def space_for(figure, **space):
    """Return the space between panels, none where a constrained layout finds it.

    Parameters
    ----------
    figure : matplotlib Figure or SubFigure
    **space
        ``hspace`` and ``wspace`` of a grid.

    Returns
    -------
    options : dict
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return {} if isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine) else space


def thin(items, limit=MAX_COLUMNS):
    """Leave rows out of what is longer than a picture is wide."""
    return items[:: max(-(-len(items) // limit), 1)]


def readable_on(colour):
    """Return black or white, whichever can be read on a colour."""
    red, green, blue = colour[:3]
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"


class Picture:
    """Base of displays: ``plot`` leaves ``ax_`` and ``figure_``."""

    def _draw_on(self, ax, size):
        """Keep the axes to draw on, and return them."""
        self.ax_ = own_axes(ax, size)
        self.figure_ = self.ax_.get_figure()
        return self.ax_

    def _repr_png_(self):
        if not hasattr(self, "figure_"):
            self.plot()
        file = io.BytesIO()
        # Of a SubFigure the whole.
        self.figure_.figure.savefig(file, format="png")
        return file.getvalue()
