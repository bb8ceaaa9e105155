"""One conversion in one picture: spectrograms, alignment and distortion."""

import io

import numpy as np
from sklearn.metrics.pairwise import euclidean_distances

from ..alignment import DTWAligner
from ..alignment._distortion import MCD_CONSTANT
from ..features import MelCepstrum
from ..metrics import mel_cepstral_distortion
from ..signal import STFTTransformer
from ..utils.rates import check_sample_rate
from ..utils.validation import check_signals

# Colours cover this range below the level that few bins of the three clips exceed: speech has
# peaks 20 dB above nearly all of it.
RANGE_DB = 55
TOP_QUANTILE = 0.99
# Window of the spectrograms: short enough for phones, long enough for harmonics.
WINDOW_S = 0.03
# More columns than a screen shows only cost time.
MAX_COLUMNS = 1200
MAX_FRAMES = 600

ROLES = ("source", "converted", "target")


class ConversionDisplay:
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

    Attributes
    ----------
    figure_ : matplotlib Figure or SubFigure
        After :meth:`plot`.
    axes_ : dict of str to matplotlib Axes
        "source", "converted", "target", "path" and "mcd".

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

    @classmethod
    def from_estimator(cls, converter, x, y, *, sample_rate=None, fig=None):
        """Convert one clip and draw the result.

        Parameters
        ----------
        converter : fitted converter
            Such as :class:`~skstyle.compose.SignalConverter`.
        x, y : array-like of shape (n_times,)
            One source clip and its target.
        sample_rate : float, optional
            In Hz; by default that of the converter.
        fig : matplotlib Figure or SubFigure, optional
            Where to draw, as in :meth:`plot`.

        Returns
        -------
        display : ConversionDisplay
        """
        if sample_rate is None:
            sample_rate = getattr(converter, "sample_rate_", None)
        if sample_rate is None:
            raise ValueError(
                f"{type(converter).__name__} has no sample rate: pass sample_rate=... (Hz)."
            )
        converted = converter.predict([x])[0]
        return cls.from_predictions(x, converted, y, sample_rate=sample_rate, fig=fig)

    @classmethod
    def from_predictions(cls, source, converted, target, *, sample_rate, fig=None):
        """Analyse and draw a clip that was converted already.

        Parameters
        ----------
        source, converted, target : array-like of shape (n_times,)
            One clip each.
        sample_rate : float
            Of the three, in Hz.
        fig : matplotlib Figure or SubFigure, optional
            Where to draw, as in :meth:`plot`.

        Returns
        -------
        display : ConversionDisplay
        """
        check_sample_rate(sample_rate)
        signals = (source, converted, target)
        source, converted, target = (
            check_signals([x], name=name).items[0] for name, x in zip(ROLES, signals, strict=True)
        )
        analysis = MelCepstrum(sample_rate, learn_f0_range=False)
        before, after, wanted = analysis.fit_transform([source, converted, target])
        mcd = mel_cepstral_distortion([wanted, wanted], [before, after], average=False)
        display = cls(
            source,
            converted,
            target,
            DTWAligner(columns=slice(1, None)).align([after], [wanted])[0],
            MCD_CONSTANT * euclidean_distances(_thin(after)[:, 1:], _thin(wanted)[:, 1:]),
            sample_rate=sample_rate,
            mcd_before=float(mcd[0]),
            mcd_after=float(mcd[1]),
            frame_period_ms=analysis.frame_period_ms,
        )
        return display.plot(fig=fig)

    def plot(self, fig=None):
        """Draw the picture.

        Parameters
        ----------
        fig : matplotlib Figure or SubFigure, optional
            Where to draw. By default a figure of its own, which pyplot does not know: save
            it with ``display.figure_.savefig(...)``; notebooks show the display itself.

        Returns
        -------
        display : ConversionDisplay
            With ``figure_`` and ``axes_``.
        """
        if fig is None:
            from matplotlib.figure import Figure

            fig = Figure(figsize=(11, 6.5), layout="constrained")
        elif fig.get_layout_engine() is None:
            fig.get_figure(root=True).set_layout_engine("constrained")
        self.figure_ = fig
        left, right = fig.add_gridspec(1, 2, width_ratios=[1.8, 1])
        rows, panels = left.subgridspec(3, 1), right.subgridspec(2, 1, height_ratios=[2.4, 1])
        cells = dict(zip(ROLES, rows, strict=True), path=panels[0], mcd=panels[1])
        self.axes_ = {name: fig.add_subplot(cell) for name, cell in cells.items()}
        self._plot_spectrograms()
        self._plot_path(self.axes_["path"])
        self._plot_mcd(self.axes_["mcd"])
        return self

    def _plot_spectrograms(self):
        clips = {role: getattr(self, role) for role in ROLES}
        seconds = {role: len(x) / self.sample_rate for role, x in clips.items()}
        spectra = {role: _spectrogram_db(x, self.sample_rate) for role, x in clips.items()}
        levels = np.concatenate([db.ravel() for db in spectra.values()])
        top = np.quantile(levels, TOP_QUANTILE)
        for role, db in spectra.items():
            ax = self.axes_[role]
            image = ax.imshow(
                db.T - top,
                origin="lower",
                aspect="auto",
                cmap="magma",
                vmin=-RANGE_DB,
                vmax=0,
                extent=(0, seconds[role], 0, self.sample_rate / 2000),
            )
            ax.set(xlim=(0, max(seconds.values())), ylabel="kHz")
            ax.set_facecolor("0.93")
            ax.set_title(role, loc="left")
            ax.tick_params(labelbottom=role == ROLES[-1])
        ax.set_xlabel("time (s)")
        axes = [self.axes_[role] for role in ROLES]
        self.figure_.colorbar(
            image, ax=axes, label="level (dB)", extend="both", pad=0.01, aspect=40
        )

    def _plot_path(self, ax):
        period = self.frame_period_ms / 1000
        seconds = (self.path[-1] + 1) * period
        image = ax.imshow(
            self.distances,
            origin="lower",
            aspect="auto",
            cmap="Blues",
            extent=(0, seconds[1], 0, seconds[0]),
        )
        ax.plot(*((self.path[:, ::-1] + 0.5) * period).T, color="tab:orange", linewidth=2)
        ax.set_title("alignment", loc="left")
        ax.set(xlabel="time in target (s)", ylabel="time in converted (s)")
        self.figure_.colorbar(image, ax=ax, label="mel-cepstral distance (dB)", pad=0.01)

    def _plot_mcd(self, ax):
        values = (self.mcd_before, self.mcd_after)
        bars = ax.barh(["before", "after"], values, height=0.6, color=["0.7", "tab:orange"])
        ax.bar_label(bars, fmt="%.2f dB", padding=4)
        ax.invert_yaxis()
        ax.set_title("mel-cepstral distortion", loc="left")
        ax.set(xlabel="distance to the target (dB)", xlim=(0, 1.3 * max(*values, 1e-3)))
        ax.spines[["top", "right"]].set_visible(False)

    def _repr_png_(self):
        if not hasattr(self, "figure_"):
            self.plot()
        file = io.BytesIO()
        self.figure_.get_figure(root=True).savefig(file, format="png")
        return file.getvalue()


def _spectrogram_db(signal, sample_rate):
    """Return levels (n_frames, n_bins) in dB, with at most as many columns as are shown."""
    win_length = max(round(WINDOW_S * sample_rate), 16)
    n_fft = 2 ** int(np.ceil(np.log2(win_length)) + 1)
    hop_length = max(win_length // 8, -(-len(signal) // MAX_COLUMNS))
    stft = STFTTransformer(
        n_fft=n_fft, hop_length=hop_length, win_length=win_length, output="magnitude"
    )
    magnitude = stft.fit_transform([signal])[0]
    return 20 * np.log10(np.maximum(magnitude, 1e-10))


def _thin(sequence):
    """Leave frames out of a long clip: its distances would fill the memory, not the picture."""
    return sequence[:: -(-len(sequence) // MAX_FRAMES)]
