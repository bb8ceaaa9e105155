"""Spectrograms with seconds and kHz on their axes."""

import numpy as np

from ..features._mel import hz_to_mel, mel_to_hz
from ..utils.rates import check_sample_rate
from ._fitted import one_signal
from ._levels import levels_of_signal, levels_of_transformer
from ._picture import NOTHING, Picture

# Colours cover this range below the level that few bins exceed: speech has peaks 20 dB above
# nearly all of it.
RANGE_DB = 55
TOP_QUANTILE = 0.99
# The colours of digital silence do not light up.
LOWEST_TOP_DB = -120.0

SCALES = ("linear", "slaney", "htk", "log")
MEL_TICKS_KHZ = (0, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24)
LOG_TICKS_KHZ = tuple(d * 10.0**e for e in range(-3, 3) for d in (1, 2, 5))


def top_level(*levels):
    """Return the level in dB where colours end, that of the loudest hundredth.

    Parameters
    ----------
    *levels : ndarrays
        In dB; several are shown in the same colours.

    Returns
    -------
    top_db : float
    """
    every = np.concatenate([np.ravel(db) for db in levels])
    return max(float(np.quantile(every, TOP_QUANTILE)), LOWEST_TOP_DB)


def edges(centres):
    """Return the borders of cells around evenly or unevenly spaced centres.

    Parameters
    ----------
    centres : ndarray of shape (n,)

    Returns
    -------
    borders : ndarray of shape (n + 1,)
    """
    if len(centres) == 1:
        return centres[0] + np.array([-0.5, 0.5])
    between = (centres[1:] + centres[:-1]) / 2
    first, last = 2 * centres[0] - between[0], 2 * centres[-1] - between[-1]
    return np.concatenate([[first], between, [last]])


class SpectrogramDisplay(Picture):
    """Spectrogram of one clip: STFT, mel, constant-Q or spectral envelope.

    Make it with :meth:`from_predictions` or :meth:`from_estimator`.

    Parameters
    ----------
    levels : ndarray of shape (n_frames, n_bins)
        In dB.
    times : ndarray of shape (n_frames,)
        Centres of the frames in seconds, evenly spaced.
    frequencies : ndarray of shape (n_bins,)
        Centres of the bins in Hz, rising.
    duration : float
        Of the clip, in seconds.
    scale : {"linear", "slaney", "htk", "log"}, default="linear"
        How the axis of frequencies is divided; "slaney" and "htk" are mel scales.

    Attributes
    ----------
    ax_ : matplotlib Axes
        After :meth:`plot`; in seconds and kHz whatever the scale, so that a contour of pitch can
        be drawn over it.
    figure_ : matplotlib Figure or SubFigure
    im_ : matplotlib AxesImage or QuadMesh
    colorbar_ : matplotlib Colorbar or None

    See Also
    --------
    ConversionDisplay : Source, converted clip and target below each other.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.inspection import SpectrogramDisplay
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 16000)
    >>> display = SpectrogramDisplay.from_predictions(tone, 16000)
    >>> round(display.frequencies[display.levels.mean(axis=0).argmax()])
    1000
    >>> display.ax_.get_xlabel()
    'time (s)'
    """

    def __init__(self, levels, *, times, frequencies, duration, scale="linear"):
        self.levels = levels
        self.times = times
        self.frequencies = frequencies
        self.duration = duration
        self.scale = scale

    @classmethod
    def from_estimator(cls, transformer, x, *, sample_rate=None, ax=None, **plot_options):
        """Draw what a transformer makes of a signal.

        Parameters
        ----------
        transformer : fitted transformer
            :class:`~skstyle.signal.STFTTransformer`, :class:`~skstyle.signal.CQTTransformer`,
            :class:`~skstyle.features.MelSpectrogram`, or a Pipeline that ends in one; of
            :class:`~skstyle.features.MelCepstrum` and
            :class:`~skstyle.features.SourceFilterVocoder` the spectral envelope.
        x : array-like of shape (n_times,) or (n_frames, n_features)
            A signal; or a sequence of features that belongs to the transformer, such as one that
            was converted.
        sample_rate : float, optional
            In Hz; needed where no step knows it, as an STFTTransformer alone.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : SpectrogramDisplay

        Raises
        ------
        TypeError
            When the transformer makes no spectra.
        ValueError
            When the sample rate is not known, or the sequence belongs to another transformer.
        """
        found = levels_of_transformer(transformer, x, sample_rate)
        return cls._of(found).plot(ax, **plot_options)

    @classmethod
    def from_predictions(cls, signal, sample_rate, *, ax=None, **plot_options):
        """Draw a signal, by a Fourier transform with windows of 30 ms.

        Parameters
        ----------
        signal : array-like of shape (n_times,)
            Mono.
        sample_rate : float
            In Hz.
        ax : matplotlib Axes, optional
            Where to draw, as in :meth:`plot`.
        **plot_options
            Of :meth:`plot`.

        Returns
        -------
        display : SpectrogramDisplay
        """
        check_sample_rate(sample_rate)
        signal = one_signal(signal, "signal")
        return cls._of(levels_of_signal(signal, sample_rate)).plot(ax, **plot_options)

    @classmethod
    def _of(cls, found):
        return cls(found.db, **{k: v for k, v in found._asdict().items() if k != "db"})

    def plot(
        self, ax=None, *, top_db=None, range_db=RANGE_DB, title="", colorbar=True, cmap="magma"
    ):
        """Draw the spectrogram.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw. By default those of a figure of its own, which pyplot does not know:
            save it with ``display.figure_.savefig(...)``; notebooks show the display itself.
        top_db : float, optional
            Level that is drawn as 0 dB, where the colours end. By default the one that a
            hundredth of the bins exceed; give several clips the same one to compare them.
        range_db : float, default=55
            How far the colours go down from there.
        title : str, default=""
        colorbar : bool, default=True
        cmap : str or matplotlib Colormap, default="magma"

        Returns
        -------
        display : SpectrogramDisplay
        """
        if self.scale not in SCALES:
            raise ValueError(f"scale must be one of {SCALES}, got {self.scale!r}.")
        if range_db <= 0:
            raise ValueError(f"range_db must be positive, got {range_db!r}.")
        ax = self._draw_on(ax, (7, 3))
        levels = np.asarray(self.levels)
        top_db = top_level(levels) if top_db is None else top_db
        shown = levels.T - top_db
        colours = {"cmap": cmap, "vmin": -range_db, "vmax": 0}
        seconds, khz = edges(np.asarray(self.times)), np.asarray(self.frequencies) / 1000
        if self.scale == "linear":
            borders = edges(khz)
            extent = (seconds[0], seconds[-1], borders[0], borders[-1])
            self.im_ = ax.imshow(shown, origin="lower", aspect="auto", extent=extent, **colours)
            ax.set_ylim(max(khz[0], 0), khz[-1])
        else:
            self._scale_axis(ax, khz)
            self.im_ = ax.pcolormesh(seconds, self._borders(khz), shown, rasterized=True, **colours)
        ax.set(xlim=(0, self.duration), xlabel="time (s)", ylabel="frequency (kHz)")
        ax.set_facecolor(NOTHING)
        if title:
            ax.set_title(title, loc="left")
        self.colorbar_ = None
        if colorbar:
            self.colorbar_ = self.figure_.colorbar(
                self.im_, ax=ax, label="level (dB)", extend="both", pad=0.01
            )
        return self

    def _borders(self, khz):
        """Return the borders of bins, in the middle on the scale that is drawn."""
        there, back = self._functions()
        return back(edges(there(khz)))

    def _functions(self):
        """Return the scale as a function of kHz, and its inverse."""
        if self.scale == "log":
            return np.log, np.exp
        scale, lowest = self.scale, 0.0

        def there(khz):
            return hz_to_mel(np.maximum(khz, lowest) * 1000, scale)

        def back(mel):
            return np.maximum(mel_to_hz(mel, scale) / 1000, lowest)

        return there, back

    def _scale_axis(self, ax, khz):
        from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

        if self.scale == "log":
            ax.set_yscale("log")
        else:
            ax.set_yscale("function", functions=self._functions())
        ticks = LOG_TICKS_KHZ if self.scale == "log" else MEL_TICKS_KHZ
        ax.yaxis.set_major_locator(FixedLocator(ticks))
        ax.yaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        borders = self._borders(khz)
        ax.set_ylim(borders[0], borders[-1])
