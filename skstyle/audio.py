"""Read and write clips: one file is one mono signal, a 1-D float array in [-1, 1].

Nothing is mixed, resampled or cut silently. libsndfile reads what is left of a truncated
file without a word, so the containers are checked here.
"""

from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .signal._peak_guard import apply_gain, peak_gain, warn_of_peak
from .signal._resampler import resample
from .utils.channels import check_mono, one_channel
from .utils.persistence import atomic_path
from .utils.rates import check_sample_rate
from .utils.truncation import conversion_advice, refuse_truncated, truncated
from .utils.validation import as_float

__all__ = [
    "AUDIO_SUFFIXES",
    "clip_sample_rate",
    "common_clip_rate",
    "open_clip",
    "read_clip",
    "read_clips",
    "resample",
    "write_clip",
]

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")

_FORMATS = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}
_PEAK = 0.999
# An mp3 without exact length announces it to one codec frame only.
_MP3_FRAME = 1152
_UNKNOWN_LENGTH = 2**48
# libvorbis takes its work space from the stack: minutes in one call are a segmentation fault.
_BLOCK = 2**16


def read_clip(path, *, sample_rate=None, mono="raise", dtype="float32"):
    """Read one audio file as a mono signal.

    Parameters
    ----------
    path : path-like
        A wav, flac, ogg or mp3 file.
    sample_rate : float, optional
        Resample to this rate, in Hz. None keeps the rate of the file.
    mono : {"raise", "mix", "first"} or int, default="raise"
        What to do with several channels: refuse them, take their mean, take the first, or
        take the one with this index.
    dtype : {"float32", "float64"}, default="float32"
        Type of the signal.

    Returns
    -------
    signal : ndarray of shape (n_times,)
        Integer PCM is scaled to [-1, 1]; float files come as they are.
    sample_rate : int or float
        Rate of ``signal`` in Hz.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is not audio, truncated, empty, not finite, or has several channels;
        the sentence names the file and the fix.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skstyle.audio import read_clip, write_clip
    >>> tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_clip(Path(folder, "tone.wav"), tone, 16000)
    ...     signal, rate = read_clip(Path(folder, "tone.wav"))
    >>> signal.shape, signal.dtype, rate
    ((8000,), dtype('float32'), 16000)
    """
    path = Path(path)
    check_mono(mono)
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r}.")
    with open_clip(path) as file:
        n_announced, rate, kind = file.frames, file.samplerate, file.format
        if n_announced > _UNKNOWN_LENGTH:
            raise ValueError(f"{path} does not tell its length. {conversion_advice(path)}")
        data = file.read(dtype=np.dtype(dtype).name, always_2d=True)
    n_missing = n_announced - len(data)
    if n_missing > (_MP3_FRAME if kind == "MP3" else 0):
        raise ValueError(truncated(path, f"{len(data)} of {n_announced} frames can be read"))
    refuse_truncated(path)
    if len(data) == 0:
        raise ValueError(f"{path} is empty: it has no samples. Remove the file.")
    signal = one_channel(data, mono, path)
    finite = np.isfinite(signal)
    if not finite.all():
        raise ValueError(
            f"{path} contains NaN or inf (first at sample {int(np.argmin(finite))} of "
            f"{len(signal)}), expected finite samples. Export it again or remove the file."
        )
    if sample_rate is None:
        return signal, rate
    return resample(signal, rate, sample_rate), sample_rate


def read_clips(paths, *, sample_rate=None, mono="raise"):
    """Read audio files of one sample rate.

    Parameters
    ----------
    paths : iterable of path-like
    sample_rate : float, optional
        Resample all files to this rate, in Hz. None asks for files of one rate.
    mono : {"raise", "mix", "first"} or int, default="raise"
        As in :func:`read_clip`.

    Returns
    -------
    signals : list of ndarray of shape (n_times,)
        In the order of ``paths``, float32.
    sample_rate : int or float
        Rate of all signals in Hz.

    Raises
    ------
    FileNotFoundError, ValueError
        As in :func:`read_clip`, and when rates differ or there are no paths.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skstyle.audio import read_clips, write_clip
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_clip(Path(folder, "a.wav"), np.full(100, 0.1), 16000)
    ...     write_clip(Path(folder, "b.flac"), np.full(200, 0.1), 16000)
    ...     signals, rate = read_clips(sorted(Path(folder).iterdir()))
    >>> [len(signal) for signal in signals], rate
    ([100, 200], 16000)
    """
    if isinstance(paths, (str, bytes)) or hasattr(paths, "__fspath__"):
        raise TypeError(f"paths is one path ({paths!r}), expected a list of paths: [path].")
    paths = [Path(path) for path in paths]
    if not paths:
        raise ValueError("paths is empty: expected at least one audio file.")
    rate = common_clip_rate(paths) if sample_rate is None else check_sample_rate(sample_rate)
    return [read_clip(path, sample_rate=sample_rate, mono=mono)[0] for path in paths], rate


def clip_sample_rate(path):
    """Return the sample rate of an audio file in Hz, from its header.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    sample_rate : int

    Raises
    ------
    FileNotFoundError, ValueError
        When the file is missing or is not audio.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skstyle.audio import clip_sample_rate, write_clip
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_clip(Path(folder, "hum.wav"), np.full(100, 0.1), 24000)
    ...     clip_sample_rate(Path(folder, "hum.wav"))
    24000
    """
    with open_clip(Path(path)) as file:
        return file.samplerate


def common_clip_rate(paths):
    """Return the one sample rate of files in Hz, from their headers.

    Parameters
    ----------
    paths : iterable of path-like
        At least one.

    Returns
    -------
    sample_rate : int

    Raises
    ------
    FileNotFoundError, ValueError
        When a file is missing or is not audio, or when rates differ; the sentence names one
        file per rate.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skstyle.audio import common_clip_rate, write_clip
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_clip(Path(folder, "a.wav"), np.full(100, 0.1), 16000)
    ...     write_clip(Path(folder, "b.wav"), np.full(100, 0.1), 16000)
    ...     common_clip_rate(Path(folder).iterdir())
    16000
    """
    example = {}
    for path in paths:
        example.setdefault(clip_sample_rate(path), path)
    if len(example) != 1:
        listed = ", ".join(f"{path} has {rate} Hz" for rate, path in sorted(example.items()))
        raise ValueError(
            f"All clips need one sample rate, but {listed or 'there is no clip'}. Resample "
            "while reading with sample_rate=... (in Hz)."
        )
    return next(iter(example))


def write_clip(path, signal, sample_rate, *, subtype=None):
    """Write a mono signal to an audio file, whole or not at all.

    Parameters
    ----------
    path : path-like
        The suffix gives the format: .wav, .flac, .ogg or .mp3.
    signal : array-like of shape (n_times,)
        Floats in [-1, 1]. A signal beyond is scaled as a whole to a peak of 0.999: it is
        neither wrapped nor clipped.
    sample_rate : int
        In Hz.
    subtype : str, optional
        Encoding as named by soundfile, such as "PCM_24" or "FLOAT". None takes the usual
        one of the format, 16 bit for wav and flac.

    Raises
    ------
    ValueError
        When the signal is empty, not finite, stereo or integer, or when the format cannot
        hold it.
    FileNotFoundError
        When the folder does not exist.

    Warns
    -----
    ClippingWarning
        When the signal was scaled; it tells the gain.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skstyle.audio import clip_sample_rate, write_clip
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_clip(Path(folder, "hum.flac"), np.full(100, 0.1), 22050)
    ...     clip_sample_rate(Path(folder, "hum.flac"))
    22050
    """
    path = Path(path)
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise ValueError(
            f"Cannot write {path}: unknown suffix {path.suffix!r}, expected one of "
            f"{', '.join(AUDIO_SUFFIXES)}."
        )
    if check_sample_rate(sample_rate) != int(sample_rate):
        raise ValueError(f"Files need a whole sample rate in Hz, got {sample_rate!r}: resample.")
    signal = as_float(signal, f"The signal for {path}", 1, "sample")
    gain = peak_gain(signal, 1, _PEAK)
    if gain < 1:
        warn_of_peak(signal, gain, 1, f"The signal for {path}", stacklevel=2)
    _write(path, apply_gain(signal, gain), int(sample_rate), kind, subtype)


def _write(path, signal, sample_rate, kind, subtype):
    import soundfile

    if subtype is not None and not soundfile.check_format(kind, subtype):
        known = ", ".join(soundfile.available_subtypes(kind))
        raise ValueError(f"Cannot write {path}: {kind} has no subtype {subtype!r}, only {known}.")
    with atomic_path(path) as partial:
        try:
            with soundfile.SoundFile(partial, "w", sample_rate, 1, subtype, format=kind) as file:
                for start in range(0, len(signal), _BLOCK):
                    file.write(signal[start : start + _BLOCK])
        except soundfile.SoundFileError as e:
            raise ValueError(f"Cannot write {path} as {kind} at {sample_rate} Hz: {e}") from e


@contextmanager
def open_clip(path):
    """Open an audio file to read its header or its samples.

    Parameters
    ----------
    path : pathlib.Path

    Yields
    ------
    file : soundfile.SoundFile

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When libsndfile cannot read it; the sentence names the file and the fix.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skstyle.audio import open_clip, write_clip
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_clip(Path(folder, "hum.wav"), np.full(100, 0.1), 16000)
    ...     with open_clip(Path(folder, "hum.wav")) as file:
    ...         file.frames, file.channels, file.subtype
    (100, 1, 'PCM_16')
    """
    import soundfile

    if not path.is_file():
        what = "it is a folder" if path.is_dir() else "no such file"
        raise FileNotFoundError(f"Cannot read {path}: {what}.")
    try:
        with soundfile.SoundFile(path) as file:
            yield file
    # TypeError: by its suffix, soundfile takes the file for headerless raw samples.
    except (soundfile.SoundFileError, TypeError) as e:
        reason = str(e).rpartition(": ")[2] if isinstance(e, soundfile.SoundFileError) else "raw"
        raise ValueError(
            f"{path} cannot be read as audio ({reason.rstrip('.')}): it is damaged, truncated or "
            f"of another kind than {', '.join(AUDIO_SUFFIXES)}. {conversion_advice(path)}"
        ) from e
