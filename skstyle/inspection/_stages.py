"""The parts of a fitted converter, run one by one."""

import copy

import numpy as np

from ..trajectory import TrajectoryRegressor

# What the stages of post-filters are called.
FILTERS = {
    "GlobalVarianceScaler": "global variance",
    "ModulationSpectrumScaler": "modulation spectrum",
}


class FrameMeans(TrajectoryRegressor):
    """A fitted TrajectoryRegressor that leaves frames as its regressor predicts them."""

    def _trajectory(self, mean, precision, windows, return_std):
        return (mean[:, : mean.shape[1] // (1 + len(windows))],)


def stages_of(converter):
    """Return converters that stop after every stage of a fitted one.

    Parameters
    ----------
    converter : fitted converter
        Not changed; the others share its parts.

    Returns
    -------
    stages : list of (name, converter)
        The last one does what the converter does: every one has ``predict``, and those that make
        features have ``predict_features``.
    """
    regressor = getattr(converter, "regressor_", None)
    if regressor is None:
        return [("conversion", converter)]
    stages = []
    post_filter = getattr(regressor, "post_filter_", None)
    unfiltered = without_post_filter(regressor)
    frames, made = map_trajectories(unfiltered, frame_means)
    plain, optimised = map_trajectories(unfiltered, without_global_variance)
    stages.append(("mapping", frames))
    if made:
        stages.append(("trajectory", plain))
    if optimised:
        stages.append(("global variance", unfiltered))
    if post_filter is not None:
        stages.append((name_of_filter(post_filter), regressor))
    found = [(name, with_regressor(converter, inner)) for name, inner in stages]
    if getattr(converter, "synthesis", "vocoder") == "differential":
        found.append(("differential", copy.copy(converter)))
    if hasattr(converter, "_analyse"):
        analyse = once(converter._analyse)
        for _, stage in found:
            stage._analyse = analyse
    return found


def once(analyse):
    """Return an analysis of lists of clips that remembers what it made: all stages share it."""
    known = {}

    def analyse_once(features, items, names, desc):
        key = (id(features), *map(id, items))
        if key not in known:
            # With its arguments, so that no other object gets their ids.
            known[key] = features, items, analyse(features, items, names, desc)
        return known[key][-1]

    return analyse_once


def with_regressor(converter, regressor):
    """Return a copy of a converter that maps by another fitted regressor, and vocodes."""
    found = copy.copy(converter)
    found.regressor_ = regressor
    if hasattr(found, "synthesis"):
        found.synthesis = "vocoder"
    return found


def without_post_filter(regressor):
    """Return a regressor that does not filter what it predicts; itself where it does not."""
    if not hasattr(regressor, "post_filter_"):
        return regressor
    found = copy.copy(regressor)
    del found.post_filter_
    return found


def name_of_filter(post_filter):
    """Return what the stage of a post-filter is called."""
    name = type(post_filter).__name__
    return FILTERS.get(name, name)


def map_trajectories(regressor, change):
    """Return a regressor with all trajectory regressors in it changed.

    Parameters
    ----------
    regressor : fitted regressor
        Not changed.
    change : callable
        From a TrajectoryRegressor to another, or to None where it stays.

    Returns
    -------
    regressor : fitted regressor
    changed : bool
    """
    if isinstance(regressor, TrajectoryRegressor):
        found = change(regressor)
        return (regressor, False) if found is None else (found, True)
    if hasattr(regressor, "streams_"):
        parts = [
            (name, *map_trajectories(inner, change), columns)
            for name, inner, *columns in regressor.streams_
        ]
        found = copy.copy(regressor)
        found.streams_ = [(name, inner, *columns) for name, inner, _, columns in parts]
        return found, any(changed for _, _, changed, _ in parts)
    inner = getattr(regressor, "regressor_", None)
    if inner is None:
        return regressor, False
    found = copy.copy(regressor)
    found.regressor_, changed = map_trajectories(inner, change)
    return found, changed


def frame_means(regressor):
    """Return a trajectory regressor without trajectories."""
    found = copy.copy(regressor)
    found.__class__ = FrameMeans
    found.global_variance = "none"
    return found


def without_global_variance(regressor):
    """Return a trajectory regressor that does not look at global variance, None if it does not."""
    if regressor.global_variance == "none":
        return None
    found = copy.copy(regressor)
    found.global_variance = "none"
    return found


def resynthesise(converter, y):
    """Analyse and synthesise target clips by the features of a converter.

    Parameters
    ----------
    converter : fitted converter
    y : list of arrays (n_times,)

    Returns
    -------
    sequences, signals : lists of arrays, or None twice
        None where the converter has no features that can be inverted.
    """
    features = getattr(converter, "target_features_", None)
    if features is None or not hasattr(features, "inverse_transform"):
        return None, None
    sequences = features.transform(y)
    return sequences, [np.asarray(signal) for signal in features.inverse_transform(sequences)]
