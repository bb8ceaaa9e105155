"""Sound in a page: as MP3 or as wav, in base64."""

import base64
import io
from functools import cache

import numpy as np

from ..signal import Resampler

# What MP3 loses makes the peaks of speech higher, by up to a tenth.
PEAKS = {"mp3": 0.9, "wav": 1.0}
FORMATS = ("mp3", "wav")
# Rates of MPEG-1 and MPEG-2. Those of "MPEG-2.5", below, are no standard: not every browser
# plays them.
MP3_RATES = (16000, 22050, 24000, 32000, 44100, 48000)


@cache
def has_mp3():
    """Tell whether the installed libsndfile writes MP3 (1.1 or newer, built with lame)."""
    import soundfile

    return "MP3" in soundfile.available_formats()


def mp3_rate(sample_rate):
    """Return the rate that MP3 has instead of one: the next higher one, or the highest.

    Parameters
    ----------
    sample_rate : float
        In Hz.

    Returns
    -------
    rate : int
        In Hz.
    """
    return next((rate for rate in MP3_RATES if rate >= sample_rate), MP3_RATES[-1])


def encode(signal, sample_rate, format):
    """Return a signal as a data URL.

    Parameters
    ----------
    signal : ndarray of shape (n_times,)
        A peak above 1 is scaled down; that of an MP3 above 0.9.
    sample_rate : float
        In Hz.
    format : {"mp3", "wav"}

    Returns
    -------
    url : str
    """
    import soundfile

    rate = round(sample_rate)
    if format == "mp3":
        rate = mp3_rate(sample_rate)
        if rate != sample_rate:
            signal = Resampler(sample_rate, rate).fit_transform([signal])[0]
    scaled = signal / max(1.0, float(np.abs(signal).max()) / PEAKS[format])
    file = io.BytesIO()
    kind = ("MP3", "MPEG_LAYER_III") if format == "mp3" else ("WAV", "PCM_16")
    soundfile.write(file, scaled, rate, format=kind[0], subtype=kind[1])
    mime = "audio/mpeg" if format == "mp3" else "audio/wav"
    return f"data:{mime};base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
