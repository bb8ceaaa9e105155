"""Save and load fitted models; a file is never half written."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import joblib
import sklearn

FORMAT = "skstyle-model"


@contextmanager
def atomic_path(path):
    """Give a temporary path beside ``path``; move it there only when the block succeeds."""
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"Cannot write {path}: the folder {path.parent} does not exist.")
    handle, name = tempfile.mkstemp(suffix=path.suffix, prefix=".partial-", dir=path.parent)
    os.close(handle)
    try:
        Path(name).chmod(0o666 & ~_umask())
        yield Path(name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def save_model(model, path):
    """Save a fitted estimator with the versions it was made with.

    Parameters
    ----------
    model : estimator
    path : path-like
        Written whole or not at all.

    Raises
    ------
    FileNotFoundError
        When the folder does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skstyle import load_model, save_model
    >>> from skstyle.signal import Preemphasis
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(Preemphasis(0.9), Path(folder, "filter.joblib"))
    ...     load_model(Path(folder, "filter.joblib"))
    Preemphasis(coefficient=0.9)
    """
    from .. import __version__

    content = {
        "format": FORMAT,
        "skstyle": __version__,
        "sklearn": sklearn.__version__,
        "model": model,
    }
    with atomic_path(path) as partial:
        joblib.dump(content, partial, compress=3)


def load_model(path):
    """Load what :func:`save_model` wrote.

    Parameters
    ----------
    path : path-like
        The file is unpickled: load only files that you trust.

    Returns
    -------
    model : estimator

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is no skstyle model, is damaged, or comes from versions that cannot
        be read here; the sentence names the versions.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skstyle import load_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "notes.txt").write_text("no model")
    ...     try:
    ...         load_model(Path(folder, "notes.txt"))
    ...     except ValueError as e:
    ...         print(str(e).partition("notes.txt")[2][:34])
     cannot be read as a skstyle model
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"No model file at {path}.")
    try:
        content = joblib.load(path)
    except Exception as e:
        raise ValueError(
            f"{path} cannot be read as a skstyle model: it is damaged, of another kind, or "
            f"saved with incompatible versions ({type(e).__name__}: {e})."
        ) from e
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path} is not a skstyle model: save models with skstyle.save_model.")
    return content["model"]
