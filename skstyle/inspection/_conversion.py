"""One conversion in one picture: spectrograms, alignment and distortion."""

from ..alignment import DTWAligner
from ..alignment._distortion import MCD_CONSTANT
from ..features import MelCepstrum
from ..utils.rates import check_sample_rate
from ._alignment import AlignmentDisplay
from ._fitted import best_of_search, convert, one_signal, rate_of
from ._levels import levels_of_signal
from ._picture import Picture, make_figure, replace_axes, space_for
from ._sparing import distortions
from ._spectrogram import SpectrogramDisplay, top_level

ROLES = ("source", "converted", "target")


class ConversionDisplay(Picture):
    """Picture of one conversion: spectrograms, alignment and mel-cepstral distortion.

    Make it with :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    source, converted, target : ndarray of shape (n_times,)
        Mono signals.
    path : ndarray of int, shape (n_steps, 2)
        Frames of the converted clip and of the target that belong together.
    distances : ndarray of shape (n_rows, n_columns)
        Distances in dB between mel-cepstra of the converted clip (rows) and of the target
        (columns), evenly spread over both clips.
    sample_rate : float
        In Hz.
    mcd_before, mcd_after : float
        Mel-cepstral distortion in dB of the source and of the converted clip to the target.
    frame_period_ms : float, default=5.0
        Time between the frames of ``path``.
    n_frames : (int, int), optional
        Of the converted clip and of the target; by default up to the last step of ``path``.

    Attributes
    ----------
    figure_ : matplotlib Figure or SubFigure
        After :meth:`plot`.
    axes_ : dict of str to matplotlib Axes
        "source", "converted", "target", "path" and "mcd".
    ax_ : matplotlib Axes
        The first of them; what was passed as `ax` is an invisible frame behind them.
    spectrograms_ : dict of str to SpectrogramDisplay
        "source", "converted" and "target", in the same colours.
    alignment_ : AlignmentDisplay

    See Also
    --------
    skstyle.metrics.mel_cepstral_distortion : The measure.

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.inspection import ConversionDisplay
    >>> X, y, truth = make_parallel_speakers(1, random_state=0, return_truth=True)
    >>> display = ConversionDisplay.from_predictions(
    ...     X[0], truth.targets[0], y[0], sample_rate=16000
    ... )
    >>> display.mcd_after < display.mcd_before
    True
    >>> sorted(display.axes_)
    ['converted', 'mcd', 'path', 'source', 'target']
    """

    def __init__(
        self,
        source,
        converted,
        target,
        path,
        distances,
        *,
        sample_rate,
        mcd_before,
        mcd_after,
        frame_period_ms=5.0,
        n_frames=None,
    ):
        self.source = source
        self.converted = converted
        self.target = target
        self.path = path
        self.distances = distances
        self.sample_rate = sample_rate
        self.mcd_before = mcd_before
        self.mcd_after = mcd_after
        self.frame_period_ms = frame_period_ms
        self.n_frames = n_frames

    @classmethod
    def from_estimator(cls, converter, x, y, *, sample_rate=None, ax=None, fig=None):
        """Convert one clip and draw the result.

        Parameters
        ----------
        converter : fitted converter
            From signals to signals, by ``predict`` or else by ``transform``, such as
            :class:`~skstyle.compose.SignalConverter` or a Pipeline that holds one. A fitted
            search is its ``best_estimator_``.
        x, y : array-like of shape (n_times,)
            One source clip and its target.
        sample_rate : float, optional
            In Hz, where the converter does not know it.
        ax : matplotlib Axes, optional
            Replaced by the panels, as in :meth:`plot`.
        fig : matplotlib Figure or SubFigure, optional
            Where to draw instead.

        Returns
        -------
        display : ConversionDisplay
        """
        converter = best_of_search(converter)
        sample_rate = rate_of(converter, sample_rate)
        x = one_signal(x, ROLES[0])
        converted = convert(converter, [x])[0]
        return cls.from_predictions(x, converted, y, sample_rate=sample_rate, ax=ax, fig=fig)

    @classmethod
    def from_predictions(cls, source, converted, target, *, sample_rate, ax=None, fig=None):
        """Analyse and draw a clip that was converted already.

        Parameters
        ----------
        source, converted, target : array-like of shape (n_times,)
            One clip each.
        sample_rate : float
            Of the three, in Hz.
        ax : matplotlib Axes, optional
            Replaced by the panels, as in :meth:`plot`.
        fig : matplotlib Figure or SubFigure, optional
            Where to draw instead.

        Returns
        -------
        display : ConversionDisplay
        """
        check_sample_rate(sample_rate)
        signals = (source, converted, target)
        source, converted, target = (
            one_signal(x, name) for name, x in zip(ROLES, signals, strict=True)
        )
        analysis = MelCepstrum(sample_rate, learn_f0_range=False)
        before, after, wanted = analysis.fit_transform([source, converted, target])
        mcd = distortions([wanted, wanted], [before, after])
        aligned = AlignmentDisplay.from_estimator(
            DTWAligner(columns=slice(1, None)),
            after,
            wanted,
            frame_period_ms=analysis.frame_period_ms,
        )
        display = cls(
            source,
            converted,
            target,
            aligned.path,
            MCD_CONSTANT * aligned.distances,
            sample_rate=sample_rate,
            mcd_before=float(mcd[0]),
            mcd_after=float(mcd[1]),
            frame_period_ms=analysis.frame_period_ms,
            n_frames=aligned.n_frames,
        )
        return display.plot(ax, fig=fig)

    def plot(self, ax=None, *, fig=None):
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Replaced by the five panels; give it some 11 by 6.5 inches.
        fig : matplotlib Figure or SubFigure, optional
            Where to draw instead, all over it. Without both it is a figure of its own, which
            pyplot does not know: save it with ``display.figure_.savefig(...)``; notebooks show
            the display itself.

        Returns
        -------
        display : ConversionDisplay
            With ``figure_`` and ``axes_``.
        """
        if ax is not None and fig is not None:
            raise ValueError(
                "Pass ax, which the panels replace, or fig, which they fill, not both."
            )
        if ax is not None:
            fig = ax.get_figure()
            space = space_for(fig, wspace=0.55)
            left, right = replace_axes(ax, 1, 2, width_ratios=[1.8, 1], **space)
        else:
            if fig is None:
                fig = make_figure((11, 6.5))
            elif fig.get_layout_engine() is None:
                fig.figure.set_layout_engine("constrained")
            left, right = fig.add_gridspec(1, 2, width_ratios=[1.8, 1])
        self.figure_ = fig
        # Colours have a column of their own: other layouts do not know bars beside several axes.
        rows = left.subgridspec(
            3, 2, width_ratios=[40, 1], **space_for(fig, hspace=0.3, wspace=0.05)
        )
        panels = right.subgridspec(2, 1, height_ratios=[2.4, 1], **space_for(fig, hspace=0.55))
        cells = {role: rows[i, 0] for i, role in enumerate(ROLES)}
        cells.update(path=panels[0], mcd=panels[1])
        self.axes_ = {name: fig.add_subplot(cell) for name, cell in cells.items()}
        self.ax_ = self.axes_[ROLES[0]]
        self._plot_spectrograms(fig.add_subplot(rows[:, 1]))
        self.alignment_ = AlignmentDisplay(
            self.path,
            self.distances,
            n_frames=self.path[-1] + 1 if self.n_frames is None else self.n_frames,
            frame_period_ms=self.frame_period_ms,
        ).plot(
            self.axes_["path"],
            names=("converted", "target"),
            title="alignment",
            label="mel-cepstral distance (dB)",
        )
        self._plot_mcd(self.axes_["mcd"])
        return self

    def _plot_spectrograms(self, colours):
        clips = {role: getattr(self, role) for role in ROLES}
        longest = max(map(len, clips.values())) / self.sample_rate
        self.spectrograms_ = {
            role: SpectrogramDisplay._of(levels_of_signal(x, self.sample_rate))
            for role, x in clips.items()
        }
        top_db = top_level(*(display.levels for display in self.spectrograms_.values()))
        for role, display in self.spectrograms_.items():
            ax = self.axes_[role]
            display.plot(ax, top_db=top_db, title=role, colorbar=False)
            last = role == ROLES[-1]
            ax.set(xlim=(0, longest), xlabel="time (s)" if last else "", ylabel="kHz")
            ax.tick_params(labelbottom=last)
        self.figure_.colorbar(display.im_, cax=colours, label="level (dB)", extend="both")

    def _plot_mcd(self, ax):
        values = (self.mcd_before, self.mcd_after)
        bars = ax.barh(["before", "after"], values, height=0.6, color=["0.6", "tab:orange"])
        ax.bar_label(bars, fmt="%.2f dB", padding=4)
        ax.invert_yaxis()
        ax.set_title("mel-cepstral distortion", loc="left")
        ax.set(xlabel="distance to the target (dB)", xlim=(0, 1.3 * max(*values, 1e-3)))
        ax.spines[["top", "right"]].set_visible(False)
