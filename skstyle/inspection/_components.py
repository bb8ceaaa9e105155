"""Which component of a mixture speaks when."""

import numpy as np

from ..utils.rates import check_sample_rate
from ..utils.validation import check_sequences
from ._fitted import one_signal, pass_through, rate_of, refuse_several, split_chain
from ._picture import Picture, make_figure, replace_axes, space_for, thin
from ._posteriors import posteriors_of
from ._spectrogram import SpectrogramDisplay

MAX_TICKS = 8
# As far as rounding in float32 goes.
_SUM_TOLERANCE = 1e-3


class ComponentDisplay(Picture):
    """Posteriors of the components of a mixture along time.

    Make it with :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    posteriors : ndarray of shape (n_frames, n_components)
        Rows sum to one.
    frame_period_ms : float, optional
        Time between frames. Without it the axis counts frames.
    signal : ndarray of shape (n_times,), optional
        Its spectrogram is drawn above.
    sample_rate : float, optional
        Of the signal, in Hz.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Of the posteriors, after :meth:`plot`.
    axes_ : dict of str to matplotlib Axes
        "components", and "spectrogram" where there is a signal.
    figure_ : matplotlib Figure or SubFigure
    im_ : matplotlib AxesImage
        Of the posteriors.

    See Also
    --------
    skstyle.mapping.JointGMMRegressor : Has ``component_posteriors``.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.inspection import ComponentDisplay
    >>> from skstyle.mapping import JointGMMRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(-3, 1, (100, 2)), rng.normal(3, 1, (100, 2))])
    >>> model = JointGMMRegressor(2, random_state=0).fit(X, X)
    >>> display = ComponentDisplay.from_estimator(model, X)
    >>> display.posteriors.shape
    (200, 2)
    """

    def __init__(self, posteriors, *, frame_period_ms=None, signal=None, sample_rate=None):
        self.posteriors = posteriors
        self.frame_period_ms = frame_period_ms
        self.signal = signal
        self.sample_rate = sample_rate

    @classmethod
    def from_estimator(
        cls,
        estimator,
        x,
        *,
        frame_period_ms=None,
        signal=None,
        sample_rate=None,
        ax=None,
        **plot_options,
    ):
        """Weigh the components for every frame of one clip, and draw them.

        Parameters
        ----------
        estimator : fitted estimator
            Has ``component_posteriors``, or holds a regressor that does: a converter, an
            AlignedRegressor, a StreamRegressor, a TrajectoryRegressor, a search, a Pipeline.
        x : array-like of shape (n_times,) or (n_frames, n_features)
            One clip: a signal for a converter, whose spectrogram is drawn above; else a sequence.
        frame_period_ms : float, optional
            Time between frames; a converter knows it. Without it the axis counts frames.
        signal : array-like of shape (n_times,), optional
            Drawn above a sequence.
        sample_rate : float, optional
            Of the signal, in Hz; a converter knows it.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : ComponentDisplay

        Raises
        ------
        TypeError
            When there is no mixture in the estimator.
        """
        refuse_several(x, "x")
        before, converter, _ = split_chain(estimator)
        if np.ndim(x) == 1 and hasattr(converter, "source_features_"):
            # What the converter hears: steps before it may cut or resample.
            signal = pass_through(before, [one_signal(x, "x")])[0]
            sample_rate = rate_of(converter, sample_rate)
            estimator, x = converter, signal
            if frame_period_ms is None:
                frame_period_ms = getattr(converter.source_features_, "frame_period_ms", None)
        posteriors = posteriors_of(estimator, x)
        return cls.from_predictions(
            posteriors,
            frame_period_ms=frame_period_ms,
            signal=signal,
            sample_rate=sample_rate,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_predictions(
        cls,
        posteriors,
        *,
        frame_period_ms=None,
        signal=None,
        sample_rate=None,
        ax=None,
        **plot_options,
    ):
        """Draw posteriors that are known already.

        Parameters
        ----------
        posteriors : array-like of shape (n_frames, n_components)
            Rows sum to one.
        frame_period_ms : float, optional
            Time between frames. Without it the axis counts frames.
        signal : array-like of shape (n_times,), optional
            Its spectrogram is drawn above; needs `frame_period_ms`.
        sample_rate : float, optional
            Of the signal, in Hz.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : ComponentDisplay
        """
        posteriors = check_sequences([posteriors], name="posteriors").items[0]
        sums = posteriors.sum(axis=1)
        if posteriors.min() < 0 or np.abs(sums - 1).max() > _SUM_TOLERANCE:
            raise ValueError(
                "posteriors are no probabilities: rows are at least 0 and sum to one, got values "
                f"from {posteriors.min():.4g} and sums from {sums.min():.4g} to {sums.max():.4g}."
            )
        if signal is not None:
            if frame_period_ms is None or sample_rate is None:
                raise ValueError(
                    "A spectrogram above needs frame_period_ms=... and sample_rate=... (Hz)."
                )
            check_sample_rate(sample_rate)
            signal = one_signal(signal, "signal")
        display = cls(
            posteriors, frame_period_ms=frame_period_ms, signal=signal, sample_rate=sample_rate
        )
        return display.plot(ax, **plot_options)

    def plot(self, ax=None, *, title="", cmap="viridis"):
        """Draw the posteriors.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; with a signal it is replaced by two panels. By default those of a
            figure of its own, which pyplot does not know: save it with
            ``display.figure_.savefig(...)``; notebooks show the display itself.
        title : str, default=""
        cmap : str or matplotlib Colormap, default="viridis"

        Returns
        -------
        display : ComponentDisplay
        """
        self.axes_ = {}
        if self.signal is not None:
            ax = self._plot_spectrogram(ax, title)
            title = ""
        ax = self.axes_["components"] = self._draw_on(ax, (7, 3))
        posteriors = np.asarray(self.posteriors)
        n_frames, n_components = posteriors.shape
        known = self.frame_period_ms is not None
        unit = self.frame_period_ms / 1000 if known else 1
        self.im_ = ax.imshow(
            thin(posteriors).T,
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            cmap=cmap,
            vmin=0,
            vmax=1,
            extent=(-0.5 * unit, (n_frames - 0.5) * unit, -0.5, n_components - 0.5),
        )
        ax.set(xlabel="time (s)" if known else "frame", ylabel="component")
        if self.signal is not None:
            ax.set_xlim(self.axes_["spectrogram"].get_xlim())
        ax.set_yticks(range(0, n_components, -(-n_components // MAX_TICKS)))
        if title:
            ax.set_title(title, loc="left")
        self.figure_.colorbar(self.im_, ax=ax, label="posterior", pad=0.01)
        return self

    def _plot_spectrogram(self, ax, title):
        """Draw the signal above, and return the axes below."""
        figure = make_figure((7, 5)) if ax is None else ax.get_figure()
        space = space_for(figure, hspace=0.1)
        cells = figure.add_gridspec(2, 1) if ax is None else replace_axes(ax, 2, 1, **space)
        above, below = (figure.add_subplot(cell) for cell in cells)
        SpectrogramDisplay.from_predictions(self.signal, self.sample_rate, ax=above, title=title)
        above.set_xlabel("")
        above.tick_params(labelbottom=False)
        self.axes_["spectrogram"] = above
        return below
