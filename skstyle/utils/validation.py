"""The only place that knows containers: what comes in, and how it goes out.

Two kinds of sample exist above the frame level. A *signal* is a 1-D float array
(mono, nominally in [-1, 1]); a *sequence* is a 2-D array ``(n_frames, n_features)``,
time first. A collection of either is

* a ``list`` (or tuple) of arrays, often ragged -> a ``list`` comes out,
* a 1-D object array                            -> a 1-D object array comes out,
* a numeric array                               -> a numeric array comes out.

The **type of the container** decides, never whether all lengths happen to be equal. Nested
Python lists of numbers are an array written out, as everywhere in scikit-learn.
"""

from collections import namedtuple
from numbers import Number

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import check_array, validate_data

from .clip_list import ClipList

Clips = namedtuple("Clips", ["items", "kind", "trail"])
Clips.__doc__ = """Canonical clips: list of arrays, kind of container, trail of a ClipList."""

LIST, OBJECT, ARRAY = "list", "object", "array"
# So many clips of so few samples are a file of several channels, as soundfile.read gives it.
STEREO_LENGTH, STEREO_CHANNELS = 2000, 8


def _kind_of(X, what):
    """Name the container of X, or explain why it is none."""
    if isinstance(X, (list, tuple)):
        return ARRAY if len(X) and isinstance(X[0], (list, tuple)) else LIST
    if issparse(X):
        return ARRAY  # refused by check_array, in scikit-learn's words
    if isinstance(X, (str, bytes, dict, set)) or X is None:
        raise TypeError(f"Expected a list of {what}, got {type(X).__name__}.")
    if getattr(X, "ndim", 0) == 1 and getattr(getattr(X, "dtype", None), "kind", "") == "O":
        return OBJECT  # a pandas Series too
    return ARRAY


def is_matrix(X):
    """Tell plain 2-D data, or what scikit-learn reads as such, from a collection of clips."""
    return _kind_of(X, "clips") == ARRAY and getattr(X, "ndim", 2) == 2


def _refuse_non_array(item, name):
    if isinstance(item, (str, bytes)) or hasattr(item, "__fspath__"):
        raise TypeError(
            f"{name} is a path ({item!r}), expected an array. Read the files first: "
            "skstyle.audio.read_clip(path)."
        )


def as_float(item, name, ndim, unit, complex_ok=False):
    """One item as a C-contiguous float array, without copying when it already is one."""
    _refuse_non_array(item, name)
    if item is None:
        raise TypeError(f"{name} is None, expected an array. Remove it from the list.")
    try:
        a = np.asarray(item)
    except ValueError as e:
        raise ValueError(f"{name} is not a regular array: {e}") from e
    if a.dtype.kind == "c" and not complex_ok:
        raise ValueError(
            f"Complex data not supported: {name} has dtype {a.dtype}. Pass real numbers, such "
            "as numpy.abs(clip) or STFTTransformer(output='magnitude')."
        )
    if a.dtype.kind not in "fiubc":
        try:
            a = a.astype(np.float64)
        except (TypeError, ValueError) as e:
            raise TypeError(f"{name} has dtype {a.dtype}, expected numbers: {e}") from e
    if ndim == 1 and a.dtype.kind in "iu" and a.ndim <= 2:
        full = 2 ** (8 * a.dtype.itemsize - 1)
        raise ValueError(
            f"{name} holds integer samples ({a.dtype}), expected floats in [-1, 1]. "
            f"Integer PCM is never scaled silently: divide by full scale "
            f"(clip.astype('float32') / {full}), or read files with skstyle.audio.read_clip."
        )
    if a.dtype.kind != "c" and a.dtype not in (np.float32, np.float64):
        a = a.astype(np.float32 if a.dtype == np.float16 else np.float64)
    if a.ndim != ndim:
        _explain_ndim(a, name, ndim)
    if a.size == 0:
        raise ValueError(f"{name} is empty (shape {a.shape}). Remove it from the list.")
    if not np.isfinite(a).all():
        bad = int(np.flatnonzero(~np.isfinite(a.reshape(len(a), -1)).all(axis=1))[0])
        label = "NaN" if np.isnan(a).any() else "inf"
        raise ValueError(
            f"{name} contains {label} (first at {unit} {bad} of {len(a)}). "
            "Repair it (numpy.nan_to_num) or remove the clip."
        )
    return np.ascontiguousarray(a)


def _explain_ndim(a, name, ndim):
    if ndim == 1 and a.ndim == 2:
        axis = int(np.argmin(a.shape))
        raise ValueError(
            f"{name} has shape {a.shape}, expected one channel. Stereo is never mixed "
            f"silently: take one channel, or mix it with clip.mean(axis={axis})."
        )
    if ndim == 2 and a.ndim == 1:
        raise ValueError(
            f"{name} has shape {a.shape}, expected a sequence (n_frames, n_features). "
            "Signals must pass a feature extractor first; a single feature needs "
            "clip.reshape(-1, 1)."
        )
    raise ValueError(f"{name} has shape {a.shape}, expected {ndim} dimension(s).")


def _check_list(X, ndim, name, what, unit, complex_ok=False):
    if len(X) == 0:
        raise ValueError(f"{name} is an empty list: expected at least one clip ({what}).")
    if ndim == 1 and all(isinstance(x, (Number, np.generic)) for x in X):
        _refuse_lone_signal((len(X),), name, type(X).__name__)
    return [as_float(x, f"{name}[{i}]", ndim, unit, complex_ok) for i, x in enumerate(X)]


def _refuse_lone_signal(shape, name, kind):
    raise ValueError(
        f"Expected a list of 1-D signals, got one 1-D {kind} of shape {shape} as {name}. "
        "Wrap a single signal in a list: [x]. (Reshape your data is scikit-learn's advice.)"
    )


def check_signals(X, *, estimator=None, reset=False, name="X"):
    """Validate a collection of signals.

    Parameters
    ----------
    X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
        Mono signals in [-1, 1] at one sample rate.
    estimator : estimator, optional
        Where ``n_features_in_`` is kept for numeric 2-D input.
    reset : bool, default=False
        True in ``fit``: remember the number of features instead of comparing it.
    name : str, default="X"
        What messages call the collection.

    Returns
    -------
    clips : Clips
        ``items`` are float32 or float64, C-contiguous, finite, not empty, never copies
        of what was fine already.

    Raises
    ------
    ValueError, TypeError
        A sentence that names the clip, what was seen and the fix.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.utils import check_signals
    >>> clips = check_signals([np.zeros(3, dtype="float32"), np.zeros(5)])
    >>> clips.kind, [x.dtype.name for x in clips.items]
    ('list', ['float32', 'float64'])
    >>> check_signals(np.zeros(3))
    Traceback (most recent call last):
        ...
    ValueError: Expected a list of 1-D signals, got one 1-D array of shape (3,) as X...
    """
    kind = _kind_of(X, "1-D signals")
    if kind != ARRAY:
        items = _check_list(X, 1, name, "1-D signals", "sample")
        return Clips(items, kind, getattr(X, "trail", ()))
    raw = X if isinstance(X, np.ndarray) else np.asarray(X) if hasattr(X, "__array__") else X
    if getattr(raw, "ndim", 2) == 1:
        _refuse_lone_signal(raw.shape, name, "array")
    if getattr(raw, "dtype", None) in (np.int8, np.uint8, np.int16):
        as_float(raw, name, 1, "sample")
    shape = getattr(raw, "shape", (0, 0))
    if len(shape) == 2 and shape[0] >= STEREO_LENGTH and shape[1] <= STEREO_CHANNELS:
        raise ValueError(
            f"{name} has shape {shape}: {shape[0]} clips of {shape[1]} samples? This looks like "
            f"one clip of several channels. Pass a list with one channel, "
            f"[{name}[:, 0]], or their mean, [{name}.mean(axis=1)]."
        )
    X = _check_matrix(X, estimator, reset, name)
    return Clips(list(X), ARRAY, ())


def check_sequences(X, *, estimator=None, reset=False, name="X", complex_ok=False):
    """Validate a collection of feature sequences.

    Parameters
    ----------
    X : list of 2-D arrays (n_frames, n_features), 1-D object array, 3-D array \
            (n_clips, n_frames, n_features) or 2-D array (n_frames, n_features)
        In a 2-D array every row is a sequence of its own, of one frame.
    estimator : estimator, optional
        Where ``n_features_in_`` is kept; it is compared for all kinds of container.
    reset : bool, default=False
        True in ``fit``: remember the number of features instead of comparing it.
    name : str, default="X"
        What messages call the collection.
    complex_ok : bool, default=False
        Whether complex spectra may come in.

    Returns
    -------
    clips : Clips
        For a 2-D array, ``items`` are views of shape (1, n_features).

    Raises
    ------
    ValueError, TypeError
        A sentence that names the clip, what was seen and the fix.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.utils import check_sequences
    >>> check_sequences([np.zeros((3, 2)), np.zeros((5, 2))]).kind
    'list'
    >>> [x.shape for x in check_sequences(np.zeros((3, 2))).items]
    [(1, 2), (1, 2), (1, 2)]
    """
    kind = _kind_of(X, "2-D feature sequences")
    if kind == ARRAY:
        if getattr(X, "ndim", 2) == 3:
            items = _check_list(list(X), 2, name, "2-D sequences", "frame", complex_ok)
            _check_width([X.shape[2]], estimator, reset, name)
            return Clips(items, ARRAY, ())
        X = _check_matrix(X, estimator, reset, name)
        return Clips(list(X[:, None, :]), ARRAY, ())
    items = _check_list(X, 2, name, "2-D sequences", "frame", complex_ok)
    _check_width([x.shape[1] for x in items], estimator, reset, name)
    return Clips(items, kind, getattr(X, "trail", ()))


def _check_matrix(X, estimator, reset, name):
    dtype = [np.float64, np.float32]
    if estimator is None:
        return check_array(X, dtype=dtype, input_name=name)
    return validate_data(estimator, X, reset=reset, dtype=dtype)


def _check_width(widths, estimator, reset, name):
    """All sequences have one number of features, and it is the fitted one."""
    for i, w in enumerate(widths):
        if w != widths[0]:
            raise ValueError(
                f"{name}[{i}] has {w} features, {name}[0] has {widths[0]}. All sequences "
                "need the same columns (time first: (n_frames, n_features))."
            )
    if estimator is None:
        return
    if reset:
        estimator.n_features_in_ = widths[0]
    elif getattr(estimator, "n_features_in_", widths[0]) != widths[0]:
        raise ValueError(
            f"{name} has {widths[0]} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input."
        )


def refuse_sequences(X):
    """Tell that one array of frames was expected, not a list of sequences.

    Parameters
    ----------
    X : object
        What was given as frames.
    """
    if isinstance(X, (list, tuple)) and len(X) and getattr(X[0], "ndim", 0) == 2:
        raise ValueError(
            f"X is a list of {len(X)} sequences, expected frames: one array of shape (n_frames, "
            "n_features). Wrap a regressor in AlignedRegressor and a transformer in PerFrame, or "
            "stack the sequences with numpy.concatenate."
        )


def check_paired(X, y, *, name_x="X", name_y="y"):
    """Check that two collections of clips pair up one to one.

    Parameters
    ----------
    X, y : list
        Collections of clips.
    name_x, name_y : str, default="X" and "y"
        What messages call them.

    Raises
    ------
    ValueError
        When their lengths differ; it tells both.

    Examples
    --------
    >>> from skstyle.utils import check_paired
    >>> check_paired([1, 2, 3], [4, 5])
    Traceback (most recent call last):
        ...
    ValueError: X has 3 clips and y has 2: paired clips are needed...
    """
    if len(X) != len(y):
        raise ValueError(
            f"{name_x} has {len(X)} clips and {name_y} has {len(y)}: paired clips are needed, "
            f"{name_x}[i] and {name_y}[i] saying the same sentence. Found input variables with "
            "inconsistent numbers of samples."
        )


def restore(items, kind, trail=()):
    """Put results back into the kind of container that came in.

    Parameters
    ----------
    items : list of ndarray
    kind : {"list", "object", "array"}
        As found in :class:`Clips`.
    trail : sequence of dict, optional
        What a :class:`ClipList` shall remember; arrays remember nothing.
    """
    if kind == LIST:
        return ClipList(items, trail) if trail else list(items)
    if kind == OBJECT:
        out = np.empty(len(items), dtype=object)
        out[:] = items
        return out
    return np.stack(items)


def restore_frames(items, X, kind, trail=()):
    """As :func:`restore`, for sequences made from sequences (a 2-D array gives a 2-D array)."""
    if kind == ARRAY and is_matrix(X):
        return np.concatenate(items)
    return restore(items, kind, trail)
