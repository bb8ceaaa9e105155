"""How one converted clip becomes sound: functions of one clip, for workers."""

import numpy as np

from ..features._rumble import remove_rumble, rumble_cutoff
from ..signal._time_scale import HIGHEST_FACTOR, LOWEST_FACTOR, shift_pitch
from ..utils.clip_list import ClipList


def synthesise_clip(features, clip, sequence):
    """Invert one sequence and cut or pad it to the length of its source.

    Features that start from the phases of the source find it beside the sequence.
    """
    n_times = len(clip)
    remember = getattr(features, "_record", None)
    sequences = ClipList([sequence], [remember([clip])] if remember else ())
    signal = np.asarray(features.inverse_transform(sequences)[0])
    if len(signal) < n_times:
        return np.pad(signal, (0, n_times - len(signal)))
    return signal[:n_times]


def shift_clip(clip, ratio, features, sample_rate):
    """Shift the pitch of one clip; the very clip where the ratio is 1."""
    if ratio == 1:
        return clip
    lowest = getattr(features, "f0_min_", 71.0)
    ratio = np.clip(ratio, LOWEST_FACTOR, HIGHEST_FACTOR)
    return shift_pitch(clip, sample_rate, ratio, fill=True, f0_min_hz=lowest)


def filter_clip(features, clip, own, wanted, sample_rate):
    """Filter one clip from its own envelopes to the wanted ones; its rumble is no voice."""
    filtered = features.apply_filter([clip], [own], [wanted])[0]
    blocks = features.feature_blocks_
    lf0, vuv = (wanted[:, blocks[name]].ravel().astype(np.float64) for name in ("lf0", "vuv"))
    cutoff = rumble_cutoff(np.where(vuv > 0.5, np.exp(lf0), 0))
    return remove_rumble(filtered, min(cutoff / sample_rate, 0.25)).astype(clip.dtype)


def check_can_filter(features, sample_rate):
    """Check that fitted features can filter a clip, and tell its pitch."""
    streams = getattr(features, "feature_blocks_", {})
    lacks = [name for name in ("lf0", "vuv", "mcep") if name not in streams]
    if lacks or not hasattr(features, "apply_filter") or sample_rate is None:
        raise ValueError(
            "synthesis='differential' filters the source clip: it needs features with "
            "apply_filter, a sample_rate and the streams lf0, vuv and mcep, such as "
            f"SourceFilterVocoder alone, got {type(features).__name__}. Use these, or "
            "synthesis='vocoder'."
        )
