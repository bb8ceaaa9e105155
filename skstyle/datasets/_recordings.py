"""Recordings for the examples, in the folder that an environment variable names."""

import csv
import os
from pathlib import Path

from sklearn.utils import Bunch

from ..audio import read_clip

VARIABLE = "SKSTYLE_DATA"
# A folder with a model of the recorded voices, which takes hours to train.
MODEL_VARIABLE = "SKSTYLE_SEQUENCE_MODEL"
_TRANSCRIPTS = ("speech", "transcripts.csv")
# Recorded sentences whose voices are to be learned, and such that the model has not heard.
_KNOWN, _NEW = range(30001, 30011), range(30025, 30031)
_TRIM_DB = -40


def recorded_folder(*parts):
    """Return the folder of some recordings.

    Parameters
    ----------
    *parts : str
        Its name within the folder of all recordings.

    Returns
    -------
    folder : pathlib.Path or None
        None where there are no recordings.
    """
    data = os.environ.get(VARIABLE)
    if not data:
        return None
    folder = Path(data, *parts)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{VARIABLE}={data!r} has no folder {'/'.join(parts)}. Name the folder that has it, or "
            f"unset {VARIABLE} for synthetic clips."
        )
    return folder


def first_utterances(ids, n, speakers):
    """Return the first n utterances.

    Parameters
    ----------
    ids : list of str
        All that the speakers have in common.
    n : int
    speakers : sequence of str
        Their names, for messages.

    Returns
    -------
    ids : list of str
    """
    if not 1 <= n <= len(ids):
        raise ValueError(
            f"n_sentences must be from 1 to {len(ids)}, the sentences that the recordings of "
            f"{', '.join(speakers)} have in common, got {n!r}."
        )
    return ids[:n]


def recorded_texts(data):
    """Read what is said in recordings, and cut silence off.

    Parameters
    ----------
    data : pathlib.Path
        Folder of all recordings.

    Returns
    -------
    said : Bunch
        As :func:`example_texts` returns it.
    """
    from ..signal import SilenceTrimmer

    path = data.joinpath(*_TRANSCRIPTS)
    if not path.is_file():
        raise FileNotFoundError(f"No transcripts at {path}, which {VARIABLE} should have.")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["speaker"].startswith("vcc2018_")]
    found = {"voices": {}, "heard": {}}
    texts = {"voices": {}, "heard": {}}
    for row in sorted(rows, key=lambda row: row["path"]):
        number, name = int(row["utterance"]), row["speaker"].removeprefix("vcc2018_")
        part = "voices" if number in _KNOWN else "heard" if number in _NEW else None
        if part:
            clip, rate = read_clip(data / row["path"])
            trimmer = SilenceTrimmer(rate, threshold_db=_TRIM_DB)
            found[part].setdefault(name, []).extend(trimmer.fit_transform([clip]))
            texts[part][number] = row["transcript"]
    said = {key: list(values.values()) for key, values in texts.items()}
    return Bunch(texts=said["voices"], new_texts=said["heard"], **found, sample_rate=rate)
