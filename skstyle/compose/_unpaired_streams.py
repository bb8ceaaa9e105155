"""A map of feature sequences that is learned from two sides without pairs."""

import numpy as np
from sklearn.base import clone

from ..features._activity import active_frames
from ..mapping._mean_variance import median_and_spread, slope
from ..utils.pairing import predict_sequences, split, stack, takes_sequences

SOURCE, TARGET = 0, 1
# Half a second of voice tells how high it is, but not how far it moves.
_FRAMES_OF_A_SPREAD = 100


def check_transport(transport):
    """Tell what is no map between two sides without pairs."""
    if isinstance(transport, str):
        raise ValueError(
            f"transport must be a map or a regressor, got {transport!r}. make_unpaired_converter "
            "knows names."
        )
    maps = hasattr(transport, "transform")
    maps = maps and {"source", "target"} <= set(transport.get_params(deep=False))
    if maps or (takes_sequences(transport) and not getattr(transport, "_needs_pairs", True)):
        return
    raise ValueError(
        "transport needs no pairs: it is a transformer of frames with the parameters source and "
        "target, such as GaussianTransport(), or KNNFrameRegressor(dictionary='target'), got "
        f"{transport!r}."
    )


def columns_of(blocks, n_features):
    """Return the groups of columns that are mapped, one map each; c_0, the level, is none.

    Parameters
    ----------
    blocks : dict of str to slice
        As ``feature_blocks_`` of a vocoder; without "mcep" all columns are one group.
    n_features : int

    Returns
    -------
    groups : list of int arrays
    """
    every = np.arange(n_features)
    if "mcep" not in blocks:
        return [every]
    groups = [every[blocks["mcep"]][1:]]
    return groups + [every[blocks["bap"]]] * ("bap" in blocks)


def active_parts(items, blocks, silence_db):
    """Return the frames of every sequence that are not silence."""
    if "mcep" not in blocks:
        return items
    c_0 = blocks["mcep"].start
    return [x[active_frames(x[:, c_0], silence_db)] for x in items]


class PitchMap:
    """Moves log-F0 from the median and the spread of one voice to those of another.

    Parameters
    ----------
    sources : list of ndarrays (n_frames, 2)
        Of every source voice: log-F0 in log(Hz), and 1 where voiced. With several of them the
        spread is that within a voice, and a clip is moved by its own median.
    target : ndarray of shape (n_frames, 2)
    """

    def __init__(self, sources, target):
        voiced = [x for x in map(voiced_only, sources) if len(x)]
        target = voiced_only(target)
        self.n_sources = len(voiced)
        self.centre_x = self.centre_y = 0.0
        self.scale = 1.0
        if not voiced or not len(target):
            return
        centres = [np.median(x) for x in voiced]
        self.centre_x = float(np.mean(centres))
        deviations = np.concatenate([x - c for x, c in zip(voiced, centres, strict=True)])
        (_, spread_x), (centre_y, spread_y) = map(median_and_spread, (deviations, target))
        self.centre_y = centre_y[0]
        if min(len(deviations), len(target)) >= _FRAMES_OF_A_SPREAD:
            self.scale = slope(spread_x, spread_y)[0]

    def __call__(self, pitch):
        """Map log-F0 of one clip, (n_frames, 2) with its voicing, to (n_frames,)."""
        centre, voiced = self.centre_x, voiced_only(pitch)
        if self.n_sources > 1 and len(voiced):
            centre = np.median(voiced)
        return (pitch[:, 0] - centre) * self.scale + self.centre_y


def voiced_only(pitch):
    """Return log-F0 of the voiced frames, (n_voiced, 1)."""
    return pitch[pitch[:, 1] > 0.5, :1]


class UnpairedStreams:
    """Clones of a transport for timbre and breathiness, beside a map of pitch.

    Parameters
    ----------
    transport : transformer or regressor
        A transformer of frames that is fitted on them and on their domains, with parameters
        ``source`` and ``target``; or a regressor of sequences that needs no pairs.
    blocks : dict of str to slice
        Columns of the streams, empty where they are not known.
    silence_db : float
    post_filter : transformer of sequences, optional
    """

    def __init__(self, transport, blocks, silence_db, post_filter=None):
        self.transport, self.blocks = transport, blocks
        self.silence_db, self.post_filter = silence_db, post_filter

    def fit(self, source, target, voices=None):
        """Fit on two lists of sequences, of any numbers and lengths.

        ``voices`` tells whose every sequence of the source is, where they are several.
        """
        whole = source, target
        source, target = (active_parts(x, self.blocks, self.silence_db) for x in (source, target))
        self.maps_ = [
            (
                columns,
                self._fit_map([x[:, columns] for x in source], [x[:, columns] for x in target]),
            )
            for columns in columns_of(self.blocks, source[0].shape[1])
        ]
        if "lf0" in self.blocks:
            columns = self._pitch_columns()
            voices = np.zeros(len(source)) if voices is None else np.asarray(voices)
            sources = [
                stack([source[i] for i in np.flatnonzero(voices == voice)])[:, columns]
                for voice in np.unique(voices)
            ]
            self.pitch_ = PitchMap(sources, stack(target)[:, columns])
        if self.post_filter is not None:
            converted = self.predict(whole[0])
            self.post_filter_ = clone(self.post_filter).fit(converted, whole[1])
        return self

    def _pitch_columns(self):
        return [self.blocks["lf0"].start, self.blocks["vuv"].start]

    def _fit_map(self, source, target):
        if takes_sequences(self.transport):
            return clone(self.transport).fit(source, target)
        domains = np.repeat([SOURCE, TARGET], [sum(map(len, source)), sum(map(len, target))])
        transport = clone(self.transport).set_params(source=SOURCE, target=TARGET)
        return transport.fit(stack([*source, *target]), domains)

    def predict(self, X):
        """Map sequences of the source, frame by frame."""
        out = [x.copy() for x in X]
        for columns, fitted in self.maps_:
            parts = [x[:, columns] for x in X]
            if takes_sequences(fitted):
                moved = predict_sequences(fitted, parts)
            else:
                moved = split(fitted.transform(stack(parts)), parts)
            for y, part in zip(out, moved, strict=True):
                y[:, columns] = part
        if hasattr(self, "pitch_"):
            columns = self._pitch_columns()
            for y in out:
                y[:, columns[0]] = self.pitch_(y[:, columns])
        if hasattr(self, "post_filter_"):
            out = self.post_filter_.transform(out)
        return out
