"""Shared clips: two synthetic voices, and real ones where the data folder is present."""

import os
from pathlib import Path

import pytest

from skstyle.audio import read_clip
from skstyle.datasets import (
    corpus_sample_rate,
    load_parallel_corpus,
    make_parallel_speakers,
)


def freeze(clips):
    """Make clips read-only, as memory-mapped inputs of joblib workers are."""
    for clip in clips:
        clip.flags.writeable = False
    return clips


@pytest.fixture(scope="session")
def speakers():
    """Six paired sentences of two synthetic voices at 16 kHz, read-only."""
    X, y = make_parallel_speakers(n_sentences=6, duration=1.0, random_state=0)
    return freeze(X), freeze(y)


def vcc2018():
    """Return the folder of the real recordings; skip where there is none."""
    root = os.environ.get("SKSTYLE_DATA")
    if not root:
        pytest.skip("SKSTYLE_DATA is not set: the real recordings are optional")
    folder = Path(root) / "speech" / "vcc2018"
    if not (folder / "SF1").is_dir():
        pytest.skip(f"no recordings in {folder}")
    return folder


def read_pair(ids):
    """Read sentences of two female voices; (X, y, sample_rate)."""
    folder = vcc2018()
    X, y, _ = load_parallel_corpus(folder, "SF1", "TF1", ids=ids)
    return X, y, corpus_sample_rate(folder, "SF1", "TF1")


@pytest.fixture(scope="session")
def real_clips():
    """Read three sentences of one female and one male voice; (clips, sample_rate)."""
    folder = vcc2018()
    paths = [p for name in ("SF1", "SM1") for p in sorted((folder / name).glob("*.flac"))[:3]]
    clips, rates = zip(*(read_clip(p) for p in paths), strict=True)
    assert len(set(rates)) == 1
    return freeze(list(clips)), rates[0]


@pytest.fixture(scope="session")
def real_parallel():
    """Six sentences of two female voices; (X, y, sample_rate)."""
    return read_pair(["10001", "10002", "30004", "30008", "30018", "30026"])


@pytest.fixture(scope="session")
def real_pair():
    """Twelve sentences of two female voices to learn from, and four others."""
    return read_pair([*(str(10001 + i) for i in range(12)), "30001", "30002", "30003", "30005"])
