"""The path of an alignment over the distances of all frames."""

import numpy as np
from sklearn.metrics.pairwise import euclidean_distances

from ..utils.pairing import check_paths
from ..utils.validation import check_sequences
from ._picture import Picture, thin
from ._sparing import align_sparingly

# Distances of more frames would fill the memory, not the picture.
MAX_FRAMES = 600


class AlignmentDisplay(Picture):
    """Path of an alignment over the matrix of distances.

    Make it with :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    path : ndarray of int, shape (n_steps, 2)
        Frames of x and of y that belong together.
    distances : ndarray of shape (n_rows, n_columns)
        Between frames of x (rows) and of y (columns), evenly spread over both.
    n_frames : (int, int), optional
        Of x and of y; by default as many as `distances` has rows and columns.
    frame_period_ms : float, optional
        Time between frames. Without it the axes count frames.

    Attributes
    ----------
    ax_ : matplotlib Axes
        After :meth:`plot`; y along the abscissa, x along the ordinate.
    figure_ : matplotlib Figure or SubFigure
    im_ : matplotlib AxesImage
    line_ : matplotlib Line2D
    colorbar_ : matplotlib Colorbar

    See Also
    --------
    skstyle.alignment.DTWAligner : Finds paths.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.alignment import DTWAligner
    >>> from skstyle.inspection import AlignmentDisplay
    >>> x, y = np.array([[0.0], [0.0], [1.0], [2.0]]), np.array([[0.0], [1.0], [2.0]])
    >>> display = AlignmentDisplay.from_estimator(DTWAligner(), x, y)
    >>> display.path.tolist()
    [[0, 0], [1, 0], [2, 1], [3, 2]]
    """

    def __init__(self, path, distances, *, n_frames=None, frame_period_ms=None):
        self.path = path
        self.distances = distances
        self.n_frames = n_frames
        self.frame_period_ms = frame_period_ms

    @classmethod
    def from_estimator(cls, aligner, x, y, *, frame_period_ms=None, ax=None, **plot_options):
        """Align two sequences and draw the path.

        Parameters
        ----------
        aligner : aligner
            Has ``align(X, y)``, such as :class:`~skstyle.alignment.DTWAligner`; it need not be
            fitted. What its ``columns`` (and ``columns_y``) name is compared. Sequences that need
            more than its ``max_memory_mb`` are aligned with ``multi_resolution``.
        x, y : array-like of shape (n_frames, n_features)
            One sequence each.
        frame_period_ms : float, optional
            Time between frames. Without it the axes count frames.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : AlignmentDisplay
        """
        if not hasattr(aligner, "align"):
            raise TypeError(f"{type(aligner).__name__} has no align(X, y): expected an aligner.")
        (x,), (y,) = check_sequences([x], name="x").items, check_sequences([y], name="y").items
        return cls.from_predictions(
            x,
            y,
            align_sparingly(aligner, x, y),
            columns=getattr(aligner, "columns", None),
            columns_y=getattr(aligner, "columns_y", None),
            frame_period_ms=frame_period_ms,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_predictions(
        cls,
        x,
        y,
        path,
        *,
        columns=None,
        columns_y=None,
        frame_period_ms=None,
        ax=None,
        **plot_options,
    ):
        """Draw a path that is known already.

        Parameters
        ----------
        x, y : array-like of shape (n_frames, n_features)
            The sequences that were aligned.
        path : array-like of int, shape (n_steps, 2)
        columns : slice or list of int, optional
            What is compared (Euclidean distance); all columns by default.
        columns_y : slice or list of int, optional
            The same of y, where it differs.
        frame_period_ms : float, optional
            Time between frames. Without it the axes count frames.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : AlignmentDisplay

        Raises
        ------
        ValueError
            When the path leads through frames that do not exist, or the numbers of columns
            differ.
        """
        (x,), (y,) = check_sequences([x], name="x").items, check_sequences([y], name="y").items
        path = check_paths([x], [y], [path])[0]
        columns = slice(None) if columns is None else columns
        columns_y = columns if columns_y is None else columns_y
        a, b = x[:, columns], y[:, columns_y]
        if a.shape[1] != b.shape[1]:
            raise ValueError(
                f"x has {a.shape[1]} columns and y has {b.shape[1]}: distances need as many of "
                "both. Choose them by columns and columns_y, or project the sequences first."
            )
        distances = euclidean_distances(thin(a, MAX_FRAMES), thin(b, MAX_FRAMES))
        display = cls(path, distances, n_frames=(len(x), len(y)), frame_period_ms=frame_period_ms)
        return display.plot(ax, **plot_options)

    def plot(
        self,
        ax=None,
        *,
        names=("x", "y"),
        title="",
        label="distance",
        cmap="Blues",
        color="tab:orange",
    ):
        """Draw the path over the distances.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw. By default those of a figure of its own, which pyplot does not know:
            save it with ``display.figure_.savefig(...)``; notebooks show the display itself.
        names : (str, str), default=("x", "y")
            What the axes call the two sequences.
        title : str, default=""
        label : str, default="distance"
            Of the colours, with the unit.
        cmap : str or matplotlib Colormap, default="Blues"
        color : color, default="tab:orange"
            Of the path.

        Returns
        -------
        display : AlignmentDisplay
        """
        ax = self._draw_on(ax, (5.5, 4.5))
        distances, path = np.asarray(self.distances), np.asarray(self.path)
        n, m = distances.shape if self.n_frames is None else self.n_frames
        known = self.frame_period_ms is not None
        unit = self.frame_period_ms / 1000 if known else 1
        self.im_ = ax.imshow(
            distances,
            origin="lower",
            aspect="auto",
            cmap=cmap,
            extent=(0, m * unit, 0, n * unit),
        )
        # The middle of a frame is that of its pixel.
        (self.line_,) = ax.plot(*((path[:, ::-1] + 0.5) * unit).T, color=color, linewidth=2)
        what = "time in {} (s)" if known else "frame of {}"
        ax.set(xlabel=what.format(names[1]), ylabel=what.format(names[0]))
        if title:
            ax.set_title(title, loc="left")
        self.colorbar_ = self.figure_.colorbar(self.im_, ax=ax, label=label, pad=0.01)
        return self
