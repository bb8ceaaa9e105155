"""Out-of-fold conversions: every clip converted by an estimator that has not heard it."""

from functools import partial

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.parallel import Parallel, delayed

from ..utils.validation import ARRAY, OBJECT, check_sequences, check_signals, is_matrix, restore
from ._folds import (
    check_apart,
    check_groups,
    check_partition,
    make_splitter,
    names_of_clips,
    split_clips,
)


def cross_val_convert(
    estimator,
    X,
    y=None,
    *,
    groups=None,
    cv=None,
    n_jobs=None,
    verbose=0,
    params=None,
    method="predict",
):
    """Convert every clip by an estimator fitted on clips of other folds.

    The ``cross_val_predict`` of clips of any lengths. With it all clips of a small corpus can be
    heard and measured, and none is converted by a model that it has trained.

    Parameters
    ----------
    estimator : estimator
        A converter of signals, a regressor of sequences or of frames, a transformer. It is
        cloned for every fold.
    X : list of 1-D arrays, list of arrays (n_frames, n_features), 1-D object array or array
        Clips, or their feature sequences. Rows of a 2-D array are clips too, or frames.
    y : list of arrays, array of shape (n_clips,), or None, default=None
        What ``fit`` is given beside X: paired clips, or labels of voices.
    groups : sequence of length n_clips, optional
        Clips of one group are never on both sides of a split: the sentence, where several
        speakers say the same ones, or the speaker, where a new one is to be converted.
    cv : int, splitter, iterable of (train, test) or None, default=None
        An integer is the number of folds, of KFold, or of GroupKFold where groups are told.
        None makes 5, or as many as there are clips or groups if these are fewer. Or any splitter
        of scikit-learn that takes every clip once.
    n_jobs : int, optional
        Number of folds handled at once.
    verbose : int, default=0
        1 shows progress on stderr, a step a fold.
    params : dict, optional
        Passed on to ``fit``; values with one entry for every clip are split with the clips. With
        scikit-learn's metadata routing on they go where they were asked for.
    method : str, default="predict"
        What converts, such as "predict", "transform" or "predict_features".

    Returns
    -------
    converted : list of arrays, 1-D object array or array
        In the order of X and in its kind of container. Arrays that come out at different
        lengths make a 1-D object array.

    Raises
    ------
    ValueError
        When a clip is in the test parts of no fold or of several, when a clip or a group is on
        both sides of a split, when X, y and groups are not equally long, or when a fold fails; the
        message names it.

    See Also
    --------
    skstyle.metrics.style_report : A table of how good the conversions are.

    Notes
    -----
    Every fold is fitted anew: a ``random_state`` that is a number gives the same bytes for any
    ``n_jobs``.

    Examples
    --------
    Two voices say the same three sentences. A sentence that is converted must not be known from
    the other voice:

    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.model_selection import GroupKFold
    >>> from skstyle import AlignedRegressor, SignalConverter, SourceFilterVocoder
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import mel_cepstral_distortion
    >>> from skstyle.model_selection import cross_val_convert
    >>> anna, ben = make_parallel_speakers(3, duration=0.6, random_state=0)
    >>> carl, _ = make_parallel_speakers(3, duration=0.6, f0_ratio=1.2, random_state=0)
    >>> X, y, sentences = anna + carl, ben + ben, [0, 1, 2] * 2
    >>> converter = SignalConverter(SourceFilterVocoder(16000), AlignedRegressor(Ridge()))
    >>> converted = cross_val_convert(converter, X, y, groups=sentences, cv=GroupKFold(3))
    >>> [len(a) == len(b) for a, b in zip(converted, X)]
    [True, True, True, True, True, True]
    >>> before = mel_cepstral_distortion(y, X, sample_rate=16000)
    >>> mel_cepstral_distortion(y, converted, sample_rate=16000) < before
    True
    """
    kind, n_clips = _check_clips(X)
    for name, values in (("y", y), ("groups", groups)):
        if values is not None and not (hasattr(values, "__len__") or hasattr(values, "shape")):
            raise TypeError(
                f"{name} must be a sequence with one entry a clip, got {type(values).__name__}: "
                f"pass list({name})."
            )
        if values is not None and _length(values) != n_clips:
            raise ValueError(
                f"X has {n_clips} clips and {name} has {_length(values)}: one is needed for every "
                "clip. Found input variables with inconsistent numbers of samples."
            )
    groups = check_groups(groups)
    _check_method(estimator, method)
    splitter = make_splitter(cv, y, groups, n_clips)
    for_split, for_fit = _route(estimator, splitter, groups, params)
    folds = split_clips(splitter, n_clips, _labels_of(y), for_split)
    check_partition(folds, n_clips)
    check_apart(folds, groups)
    convert = partial(_convert_fold, estimator, X, y, for_fit, method, len(folds))
    parts = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(convert)(number, *fold) for number, fold in enumerate(folds, 1)
    )
    if verbose:
        from tqdm.auto import tqdm

        name = type(estimator).__name__
        parts = tqdm(parts, total=len(folds), desc=f"cross-validate {name}", unit="fold")
    return _in_order(list(parts), [test for _, test in folds], kind)


def _check_clips(X):
    """Return kind of container and number of clips; errors count them as the user does."""
    if is_matrix(X):
        # As sequences of one frame: many rows of few columns may be frames.
        return ARRAY, len(check_sequences(X).items)
    first = X[0] if isinstance(X, (list, tuple)) and len(X) else None
    if first is None and len(X) and getattr(X, "ndim", 1) == 1:
        # Of a Series too, whose labels may be any.
        first = np.asarray(X)[0]
    sequences = getattr(X, "ndim", 1) == 3 or np.ndim(first) == 2
    clips = (check_sequences if sequences else check_signals)(X)
    return clips.kind, len(clips.items)


def _length(values):
    shape = getattr(values, "shape", None)
    return shape[0] if shape else len(values)


def _labels_of(y):
    """Return what a splitter may look at: labels, but no clips."""
    return None if y is None or np.ndim(_safe_indexing(y, 0)) else np.asarray(y)


def _check_method(estimator, method):
    if not hasattr(estimator, method):
        others = [name for name in ("predict", "transform") if hasattr(estimator, name)]
        advice = f": pass method={others[0]!r}" if others else ""
        raise ValueError(f"{type(estimator).__name__} has no method {method!r}{advice}.")


def _route(estimator, splitter, groups, params):
    """Return what goes to the splitter, and what to ``fit``."""
    params = params or {}
    if not get_config()["enable_metadata_routing"]:
        return {"groups": groups}, params
    to_fit = MethodMapping().add(caller="fit", callee="fit")
    to_split = MethodMapping().add(caller="fit", callee="split")
    router = MetadataRouter(owner="cross_val_convert")
    router.add(estimator=estimator, method_mapping=to_fit)
    router.add(splitter=splitter, method_mapping=to_split)
    routed = process_routing(router, "fit", **params)
    # Groups of the signature are for the splitter, without being asked for.
    own = {} if groups is None else {"groups": groups}
    return {**routed.splitter.split, **own}, routed.estimator.fit


def _convert_fold(estimator, X, y, params, method, n_folds, number, train, test):
    """Fit on some clips and convert others; errors begin with the name of the fold."""
    try:
        inside = {key: _part_of(value, train, _length(X)) for key, value in params.items()}
        fitted = clone(estimator)
        if y is None:
            fitted.fit(_safe_indexing(X, train), **inside)
        else:
            fitted.fit(_safe_indexing(X, train), _safe_indexing(y, train), **inside)
        converted = getattr(fitted, method)(_safe_indexing(X, test))
    except Exception as e:
        where = (
            f"Fold {number} of {n_folds}, which converts {names_of_clips(test)} "
            "(below, clips are counted within the fold)"
        )
        if type(e) in (ValueError, TypeError):
            raise type(e)(f"{where}: {e}") from e
        e.add_note(f"{where}.")
        raise
    if _length(converted) != len(test):
        raise ValueError(
            f"Fold {number} of {n_folds}: {method} made {_length(converted)} clips of {len(test)}; "
            "cross-validation needs one for every clip."
        )
    return converted


def _part_of(value, rows, n_clips):
    """Return the rows of what has one entry for every clip; all else as it is."""
    if value is None or isinstance(value, (str, bytes, dict)):
        return value
    sized = hasattr(value, "__len__") or getattr(value, "shape", ())
    return _safe_indexing(value, rows) if sized and _length(value) == n_clips else value


def _in_order(parts, tests, kind):
    """Put the results of all folds into the order of X, in the kind of container that X is."""
    order = np.argsort(np.concatenate(tests))
    arrays = all(isinstance(part, np.ndarray) and part.dtype != object for part in parts)
    if arrays and len({part.shape[1:] for part in parts}) == 1:
        return np.concatenate(parts)[order]
    items = [item for part in parts for item in part]
    items = [items[i] for i in order]
    ragged = kind == ARRAY and len({np.shape(item) for item in items}) > 1
    return restore(items, OBJECT if ragged else kind)
