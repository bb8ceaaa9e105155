"""An audio player for notebooks and galleries."""

import base64
import io
from html import escape

import numpy as np

from ..utils.rates import check_sample_rate
from ..utils.validation import check_signals


class AudioPlayer:
    """Player of one clip, shown where a notebook or a gallery shows HTML.

    Parameters
    ----------
    signal : array-like of shape (n_times,)
        Mono, floats in [-1, 1]; a louder clip is scaled as a whole.
    sample_rate : int
        In Hz.
    title : str, default=""
        Written above the player.

    Notes
    -----
    The sound is part of the page, as 16-bit wav: about 43 kB per second at 16 kHz.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.inspection import AudioPlayer
    >>> tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)
    >>> AudioPlayer(tone, 16000, title="a tone")
    AudioPlayer('a tone', 0.50 s at 16000 Hz)
    """

    def __init__(self, signal, sample_rate, title=""):
        self.signal = check_signals([signal], name="signal").items[0]
        self.sample_rate = check_sample_rate(sample_rate)
        self.title = title

    def __repr__(self):
        seconds = len(self.signal) / self.sample_rate
        return f"AudioPlayer({self.title!r}, {seconds:.2f} s at {self.sample_rate:g} Hz)"

    def _repr_html_(self):
        import soundfile

        file = io.BytesIO()
        scaled = self.signal / max(1.0, float(np.abs(self.signal).max()))
        soundfile.write(file, scaled, int(self.sample_rate), format="WAV", subtype="PCM_16")
        data = base64.b64encode(file.getvalue()).decode("ascii")
        title = f"<figcaption>{escape(self.title)}</figcaption>" if self.title else ""
        source = f"data:audio/wav;base64,{data}"
        return f'<figure>{title}<audio controls preload="none" src="{source}"></audio></figure>'
