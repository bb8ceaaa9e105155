"""An audio player for notebooks and galleries."""

from html import escape

from ..utils.rates import check_sample_rate
from ._compression import FORMATS, encode, has_mp3
from ._fitted import one_signal

# No colour is set: players look as the page does, light or dark.
FIGURE = "margin:0.5em 0"
AUDIO = "width:100%;max-width:24em"


class AudioPlayer:
    """Player of one clip, shown where a notebook or a gallery shows HTML.

    Parameters
    ----------
    signal : array-like of shape (n_times,)
        Mono, floats in [-1, 1]; a louder clip is scaled as a whole. It is copied.
    sample_rate : float
        In Hz.
    title : str, default=""
        Written above the player, and read out by screen readers.
    format : {"mp3", "wav"}, default="mp3"
        How the sound is kept in the page.

    Attributes
    ----------
    format_ : {"mp3", "wav"}
        What is written: "wav" where the installed libsndfile has no MP3.

    See Also
    --------
    AudioRow : Several clips side by side.

    Notes
    -----
    The sound is part of the page. MP3, of variable bit rate, takes about 6 kB per second at
    16 kHz and 17 kB at 44.1 kHz; "wav", of 16 bits, 43 and 118 kB. MP3 has the rates 16, 22.05,
    24, 32, 44.1 and 48 kHz: clips of others are resampled to the next higher one, above 48 kHz
    to that. An encoder puts some 50 ms in front of an MP3, which most players skip, and loses what
    few hear: listen to it, and measure the signal. What it loses raises the peaks of speech by
    up to a tenth: clips with a peak above 0.9 are scaled to that before they become MP3.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.inspection import AudioPlayer
    >>> tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)
    >>> AudioPlayer(tone, 16000, title="a tone")
    AudioPlayer('a tone', 0.50 s at 16000 Hz)
    """

    def __init__(self, signal, sample_rate, title="", *, format="mp3"):
        self.signal = one_signal(signal, "signal").copy()
        self.sample_rate = check_sample_rate(sample_rate)
        self.title = "" if title is None else title
        if format not in FORMATS:
            raise ValueError(f"format must be one of {FORMATS}, got {format!r}.")
        self.format = format

    @property
    def format_(self):
        """What is written: "wav" where the installed libsndfile has no MP3."""
        return "mp3" if self.format == "mp3" and has_mp3() else "wav"

    def __repr__(self):
        seconds = len(self.signal) / self.sample_rate
        return f"AudioPlayer({self.title!r}, {seconds:.2f} s at {self.sample_rate:g} Hz)"

    def _repr_html_(self):
        title = escape(str(self.title))
        caption = f"<figcaption>{title}</figcaption>" if title else ""
        return f'<figure style="{FIGURE}">{caption}{self._audio()}</figure>'

    def _audio(self):
        """Return the element that plays, without a caption."""
        label = escape(str(self.title)) or "sound"
        source = encode(self.signal, self.sample_rate, self.format_)
        return (
            f'<audio controls preload="metadata" aria-label="{label}" style="{AUDIO}" '
            f'src="{source}"></audio>'
        )
