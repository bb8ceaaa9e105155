"""Find cut files: libsndfile reads what is left of them without a word."""

import struct

# A RIFF size near 2**31 or 2**32 is what programs write into a pipe: length unknown.
_STREAMED = 0x7FFFF000
_OGG_PAGE_MAX = 65307


def refuse_truncated(path):
    """Tell of a wav or ogg file whose end is missing.

    Parameters
    ----------
    path : pathlib.Path
    """
    missing = missing_end(path)
    if missing:
        raise ValueError(truncated(path, missing))


def truncated(path, seen):
    """Return the sentence about a truncated file, and what was seen of it."""
    return f"{path} is truncated: {seen}. {conversion_advice(path)}"


def conversion_advice(path):
    """Return the sentence about what to do with a file that cannot be read."""
    return f'Copy it again, or convert it: ffmpeg -i "{path.name}" "{path.stem}-converted.wav".'


def missing_end(path):
    """Return what is missing at the end of a wav or ogg file, None when nothing is.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    missing : str or None
    """
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] in (b"RIFF", b"RIFX") and head[8:] == b"WAVE":
            n_missing = _riff_missing(file, "<" if head[:4] == b"RIFF" else ">")
            if n_missing:
                return f"{n_missing} bytes of its data are missing"
        elif head[:4] == b"OggS" and not _ogg_is_closed(file):
            return "its last page is missing"
    return None


def _riff_missing(file, order):
    """Count the bytes that the data chunk announces and the file does not have."""
    n_bytes = file.seek(0, 2)
    file.seek(12)
    while len(head := file.read(8)) == 8:
        name, n_chunk = struct.unpack(order + "4sI", head)
        if name == b"data":
            return max(0, file.tell() + n_chunk - n_bytes) if n_chunk < _STREAMED else 0
        file.seek(n_chunk + n_chunk % 2, 1)
    return 0


def _ogg_is_closed(file):
    """Tell whether the last page is complete and marked as the end of its stream."""
    n_bytes = file.seek(0, 2)
    file.seek(max(0, n_bytes - _OGG_PAGE_MAX))
    tail = file.read()
    page = tail[max(0, tail.rfind(b"OggS")) :]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return False
    n_page = 27 + page[26] + sum(page[27 : 27 + page[26]])
    return bool(page[5] & 4) and len(page) >= n_page
