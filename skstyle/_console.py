"""What the commands say: errors, notes and tables, one line each."""

import re
import sys
import warnings
from contextlib import contextmanager


class UsageError(Exception):
    """Wrong arguments; nothing was computed or written."""


@contextmanager
def usage_errors():
    """Turn what the library says about files and folders into errors of usage."""
    try:
        yield
    except (OSError, ValueError) as e:
        raise UsageError(str(e)) from e


def say(message):
    """Write one line to stderr."""
    print(" ".join(str(message).split()), file=sys.stderr, flush=True)


def tell(text=""):
    """Write a result to stdout; names that its encoding does not know are escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


@contextmanager
def named_clips(**names):
    """Call clips by their files where warnings and errors of the library call them ``X[3]``.

    Parameters
    ----------
    **names : list of path-like
        One list a collection, such as ``X=paths``.
    """

    def rename(text):
        for collection, paths in names.items():
            text = re.sub(
                rf"\b{collection}\[(\d+)\]", lambda found, p=paths: str(p[int(found[1])]), text
            )
        return text

    def show(message, *_):
        say(f"warning: {rename(str(message))}")

    with warnings.catch_warnings():
        # "always": two silent clips deserve two lines.
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        try:
            yield
        except ValueError as e:
            raise ValueError(rename(str(e))) from e


def distortion_table(names, before, after):
    """Return an aligned table of distortions in dB, the mean in the last line.

    Parameters
    ----------
    names : list of str
    before, after : array of shape (n_names,)
        In dB.

    Returns
    -------
    table : str
    """
    rows = [*zip(names, before, after, strict=True), ("mean", before.mean(), after.mean())]
    width = max(len(name) for name in (*names, "sentence"))
    lines = [f"{'sentence':<{width}}  MCD before  MCD after    drop"]
    for name, b, a in rows:
        drop = f"{100 * (1 - a / b):4.0f} %" if b > 0 else "     -"
        lines.append(f"{name:<{width}}  {b:7.2f} dB {a:7.2f} dB  {drop}")
    return "\n".join(lines)
