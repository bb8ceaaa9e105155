"""Checks for estimators of variable-length clips, beside scikit-learn's ``check_estimator``.

``check_estimator`` feeds 2-D arrays only. These checks feed what users have: ragged lists,
object arrays, lists whose lengths happen to be equal, read-only and float32 data, one clip,
and every kind of bad clip, whose error must name it.
"""

import pickle

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

__all__ = ["check_signal_estimator", "make_clips", "signal_checks"]

SIGNAL, SEQUENCE = "signal", "sequence"
LENGTHS = (3200, 2875, 4001, 3200)
LABELS = ("anna", "ben", "anna", "ben")


def make_clips(level, *, n_features=4, dtype=np.float64, random_state=0):
    """Make ragged test data.

    Parameters
    ----------
    level : {"signal", "sequence"}
    n_features : int, default=4
        Columns of the sequences.
    dtype : dtype, default=float64
    random_state : int, default=0

    Returns
    -------
    clips : list of ndarray
        Voiced-like signals of a fifth of a second at 16 kHz, or sequences of about 30 frames.

    Examples
    --------
    >>> from skstyle.testing import make_clips
    >>> [x.shape for x in make_clips("signal")]
    [(3200,), (2875,), (4001,), (3200,)]
    >>> [x.shape for x in make_clips("sequence", n_features=2)]
    [(32, 2), (28, 2), (40, 2), (32, 2)]
    """
    rng = np.random.default_rng(random_state)
    if level == SEQUENCE:
        steps = [rng.standard_normal((n // 100, n_features)) for n in LENGTHS]
        return [np.cumsum(s, axis=0).astype(dtype) for s in steps]
    clips = []
    for n in LENGTHS:
        phase = 2 * np.pi * rng.uniform(110, 130) * np.arange(n) / 16000
        harmonics = sum(np.cos(k * phase) / k for k in range(1, 12))
        clips.append((0.1 * harmonics + 0.01 * rng.standard_normal(n)).astype(dtype))
    return clips


def check_signal_estimator(estimator, *, level=SIGNAL, paired=None):
    """Run every check on one estimator; the first that fails raises.

    Parameters
    ----------
    estimator : estimator
        A transformer of signals or sequences, or a regressor or converter of them. Signals
        are at 16 kHz.
    level : {"signal", "sequence"}, default="signal"
        What one sample is.
    paired : bool, optional
        Whether ``fit`` is given clips as y; by default, whether it has ``predict`` or requires y,
        and does not ask for labels (``target_tags.one_d_labels``), which it is given then.

    Raises
    ------
    AssertionError
        With the name of the check.

    Examples
    --------
    >>> from skstyle.signal import STFTTransformer
    >>> from skstyle.testing import check_signal_estimator
    >>> check_signal_estimator(STFTTransformer(n_fft=256))
    """
    for name, check in signal_checks(estimator, level=level, paired=paired):
        try:
            check()
        except Exception as e:
            raise AssertionError(f"{name} failed for {estimator!r}: {e}") from e


def signal_checks(estimator, *, level=SIGNAL, paired=None):
    """Yield the checks of :func:`check_signal_estimator` as (name, function) pairs.

    Parameters
    ----------
    estimator : estimator
        As in :func:`check_signal_estimator`.
    level : {"signal", "sequence"}, default="signal"
        What one sample is.
    paired : bool, optional
        Whether ``fit`` is given clips as y.

    Yields
    ------
    name : str
    check : callable without arguments

    Examples
    --------
    >>> from skstyle.signal import PeakGuard
    >>> from skstyle.testing import signal_checks
    >>> checks = dict(signal_checks(PeakGuard()))
    >>> checks["check_nan_and_inf_are_named"]()
    >>> len(checks) > 10
    True
    """
    if paired is None:
        target = get_tags(estimator).target_tags
        paired = (hasattr(estimator, "predict") or target.required) and not target.one_d_labels
    case = _Case(estimator, level, paired)
    for name in sorted(dir(case)):
        if name.startswith("check_"):
            yield name, getattr(case, name)


class _Case:
    """One estimator with its data; every method ``check_*`` is one check."""

    def __init__(self, estimator, level, paired):
        self.estimator = estimator
        self.level = level
        self.paired = paired
        self.labelled = get_tags(estimator).target_tags.one_d_labels and not paired
        # An aligner warps every clip onto its own reference: order matters there.
        self.pairs_by_position = hasattr(estimator, "align")

    def data(self, dtype=np.float64):
        X = make_clips(self.level, dtype=dtype)
        if get_tags(self.estimator).input_tags.positive_only:
            X = [np.abs(x) for x in X]
        if self.labelled:
            return X, list(LABELS)
        return X, (make_clips(self.level, dtype=dtype, random_state=1) if self.paired else None)

    def fit(self, X, y):
        return clone(self.estimator).fit(X, y)

    def apply(self, fitted, X):
        return (fitted.predict if hasattr(fitted, "predict") else fitted.transform)(X)

    def expected(self):
        X, y = self.data()
        fitted = self.fit(X, y)
        return fitted, X, self.apply(fitted, X)

    def assert_refuses(self, bad, *words, y=None):
        """The error at fit and at use holds every word."""
        fitted, _, _ = self.expected()
        y = bad if self.paired and y is None else y
        y = list(LABELS) if self.labelled else y
        for call in (lambda: self.fit(bad, y), lambda: self.apply(fitted, bad)):
            try:
                call()
            except (ValueError, TypeError) as e:
                missing = [w for w in words if w.lower() not in str(e).lower()]
                assert not missing, f"the message {str(e)!r} lacks {missing}"
            else:
                raise AssertionError("bad input was accepted")

    def check_ragged_list(self):
        _, X, out = self.expected()
        assert isinstance(out, list) and len(out) == len(X)
        assert all(np.isfinite(a).all() for a in out)

    def check_object_array(self):
        fitted, X, out = self.expected()
        X_object = _as_object(X)
        y = self.data()[1]
        y_object = None if y is None else _as_object(y)
        got = self.apply(self.fit(X_object, y_object), X_object)
        assert isinstance(got, np.ndarray) and got.dtype == object and got.ndim == 1
        _assert_same(out, got)

    def check_equal_lengths_stay_a_list(self):
        fitted, X, _ = self.expected()
        n = min(len(x) for x in X)
        X = [x[:n] for x in X]
        out = self.apply(fitted, X)
        assert isinstance(out, list)
        if not self.pairs_by_position:
            _assert_same([self.apply(fitted, [x])[0] for x in X], out)
        object_out = self.apply(fitted, _as_object(X))
        assert object_out.dtype == object and object_out.shape == (len(X),)

    def check_read_only_input_is_kept(self):
        X, y = self.data()
        before = [x.copy() for x in X]
        for clips in (X, y if self.paired else []):
            for x in clips:
                x.flags.writeable = False
        self.apply(self.fit(X, y), X)
        _assert_same(before, X)

    def check_float32(self):
        X, y = self.data(np.float32)
        out = self.apply(self.fit(X, y), X)
        assert all(a.dtype in (np.float32, np.complex64) for a in out), out[0].dtype

    def check_one_clip(self):
        X, y = self.data()
        n = 2 if self.labelled else 1  # of one clip each, where labels tell domains apart
        out = self.apply(self.fit(X[:n], y[:n] if y else None), X[:1])
        assert isinstance(out, list) and len(out) == 1

    def check_clip_order(self):
        if self.pairs_by_position:
            return
        fitted, X, out = self.expected()
        _assert_same(out[::-1], self.apply(fitted, X[::-1]))
        _assert_same(out[1:3], self.apply(fitted, X[1:3]))

    def check_nan_and_inf_are_named(self):
        for value, word in ((np.nan, "NaN"), (np.inf, "inf")):
            X, _ = self.data()
            X[1] = X[1].copy()
            X[1].flat[7] = value
            self.assert_refuses(X, "[1]", word)

    def check_empty(self):
        self.assert_refuses([], "empty")
        X, _ = self.data()
        X[2] = X[2][:0]
        self.assert_refuses(X, "[2]", "empty")

    def check_lone_clip_is_refused(self):
        X, _ = self.data()
        words = ("list", "[x]") if self.level == SIGNAL else ()
        self.assert_refuses(X[0] if self.level == SIGNAL else X[0][:, 0], *words)

    def check_complex_is_refused(self):
        X, _ = self.data()
        X[1] = X[1] + 0j
        self.assert_refuses(X, "[1]", "complex")

    def check_wrong_dimensions_are_refused(self):
        X, _ = self.data()
        if self.level == SIGNAL:
            X[1] = np.stack([X[1], X[1]], axis=1)
            self.assert_refuses(X, "[1]", "channel")
        else:
            X[1] = X[1][:, 0]
            self.assert_refuses(X, "[1]", "n_frames, n_features")

    def check_integer_pcm_is_refused(self):
        if self.level == SIGNAL:
            X, _ = self.data()
            X[3] = (X[3] * 32767).astype(np.int16)
            self.assert_refuses(X, "[3]", "int16", "32768")

    def check_unpaired_numbers_are_refused(self):
        # A transformer learns statistics of y; these need no partner.
        if self.labelled or (self.paired and hasattr(self.estimator, "predict")):
            X, y = self.data()
            try:
                self.fit(X, y[:-1])
            except ValueError as e:
                assert "4" in str(e) and "3" in str(e), str(e)
            else:
                raise AssertionError("4 clips were paired with 3")

    def check_pickle(self):
        fitted, X, out = self.expected()
        _assert_same(out, self.apply(pickle.loads(pickle.dumps(fitted)), X))

    def check_same_seed_same_bytes(self):
        params = self.estimator.get_params(deep=True)
        seeds = {k: 0 for k in params if k.rpartition("__")[2] == "random_state"}
        X, y = self.data()
        a, b = (clone(self.estimator).set_params(**seeds).fit(X, y) for _ in range(2))
        _assert_same(self.apply(a, X), self.apply(b, X), exact=True)

    def check_n_jobs(self):
        if "n_jobs" in self.estimator.get_params(deep=False):
            X, y = self.data()
            params = self.estimator.get_params(deep=True)
            seeds = {k: 0 for k in params if k.rpartition("__")[2] == "random_state"}
            one, two = (
                clone(self.estimator).set_params(n_jobs=n, **seeds).fit(X, y) for n in (1, 2)
            )
            _assert_same(self.apply(one, X), self.apply(two, X), exact=True)

    def check_metadata_routing(self):
        X, y = self.data()
        with config_context(enable_metadata_routing=True):
            pipe = make_pipeline(clone(self.estimator)).fit(X, y)
            assert len(self.apply(pipe, X)) == len(X)
            if hasattr(pipe, "score"):
                assert np.isfinite(pipe.score(X, y))

    def check_parameters_are_kept(self):
        X, y = self.data()
        estimator = clone(self.estimator)
        before = {k: repr(v) for k, v in estimator.get_params(deep=True).items()}
        estimator.fit(X, y)
        assert before == {k: repr(v) for k, v in estimator.get_params(deep=True).items()}


def _as_object(items):
    out = np.empty(len(items), dtype=object)
    out[:] = items
    return out


def _assert_same(a, b, exact=False):
    assert len(a) == len(b), f"{len(a)} clips became {len(b)}"
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        assert x.shape == y.shape, f"clip {i}: {x.shape} became {y.shape}"
        same = np.array_equal(x, y) if exact else np.allclose(x, y, rtol=1e-7, atol=1e-9)
        assert same, f"clip {i} differs by {np.abs(x - y).max():.3g}"
