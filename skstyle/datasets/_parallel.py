"""Recordings of two speakers who say the same sentences, in one folder per speaker."""

from functools import partial
from pathlib import Path

from ..audio import AUDIO_SUFFIXES, common_clip_rate, read_clip
from ..utils.parallel import map_clips
from ..utils.rates import check_sample_rate

_N_NAMED = 5


def load_parallel_corpus(
    folder, source, target, *, ids=None, sample_rate=None, mono="raise", n_jobs=None, verbose=0
):
    """Load the sentences that two speakers have in common.

    The layout is ``folder/speaker/utterance.wav`` (or .flac, .ogg, .mp3); files of the two
    speakers match by name without suffix. Hidden files are passed over.

    Parameters
    ----------
    folder : path-like
        Folder with one folder per speaker.
    source, target : str
        Folder names of the two speakers.
    ids : iterable of str, optional
        Utterances to load, in this order. None loads all that both speakers have, sorted.
    sample_rate : float, optional
        Resample everything to this rate, in Hz. None asks for files of one rate, which
        :func:`corpus_sample_rate` tells.
    mono : {"raise", "mix", "first"} or int, default="raise"
        What to do with several channels, as in :func:`skstyle.audio.read_clip`.
    n_jobs : int, optional
        Number of joblib workers.
    verbose : int, default=0
        1 shows progress.

    Returns
    -------
    X, y : list of ndarray of shape (n_times,)
        Source and target clips, float32; ``X[i]`` and ``y[i]`` say the same sentence.
    ids : list of str
        Name of each utterance.

    Raises
    ------
    FileNotFoundError
        When the folder or a speaker's folder does not exist.
    ValueError
        When utterances are missing or ambiguous, sample rates differ, or a file cannot be
        read. Rates are compared before anything is decoded.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skstyle.audio import write_clip
    >>> from skstyle.datasets import load_parallel_corpus, make_parallel_speakers
    >>> clips = make_parallel_speakers(2, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for speaker, signals in zip(["anna", "ben"], clips):
    ...         Path(folder, speaker).mkdir()
    ...         for i, signal in enumerate(signals):
    ...             write_clip(Path(folder, speaker, f"{i:03d}.wav"), signal, 16000)
    ...     X, y, ids = load_parallel_corpus(folder, "anna", "ben")
    >>> len(X), len(y), ids
    (2, 2, ['000', '001'])
    """
    ids, source_paths, target_paths = match_utterances(folder, source, target, ids)
    paths = source_paths + target_paths
    if sample_rate is None:
        common_clip_rate(paths)
    else:
        check_sample_rate(sample_rate)
    read = partial(_read_signal, sample_rate=sample_rate, mono=mono)
    signals = map_clips(read, paths, n_jobs=n_jobs, verbose=verbose, desc="reading clips")
    return signals[: len(ids)], signals[len(ids) :], ids


def corpus_sample_rate(folder, source, target):
    """Return the one sample rate of the sentences that two speakers have in common.

    Parameters
    ----------
    folder : path-like
        Folder with one folder per speaker.
    source, target : str
        Folder names of the two speakers.

    Returns
    -------
    sample_rate : int
        In Hz.

    Raises
    ------
    FileNotFoundError, ValueError
        As in :func:`load_parallel_corpus`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skstyle.audio import write_clip
    >>> from skstyle.datasets import corpus_sample_rate
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for speaker in ("anna", "ben"):
    ...         Path(folder, speaker).mkdir()
    ...         write_clip(Path(folder, speaker, "001.wav"), np.full(100, 0.1), 22050)
    ...     corpus_sample_rate(folder, "anna", "ben")
    22050
    """
    _, source_paths, target_paths = match_utterances(folder, source, target, None)
    return common_clip_rate(source_paths + target_paths)


def _read_signal(path, sample_rate, mono):
    return read_clip(path, sample_rate=sample_rate, mono=mono)[0]


def match_utterances(folder, source, target, ids=None):
    """Match the files of two speakers by name, without reading any.

    Parameters
    ----------
    folder : path-like
        Holds a folder for each speaker.
    source, target : str
        Names of the speakers' folders.
    ids : iterable of str, optional
        Utterances to take; by default all that both speakers have, sorted as strings.

    Returns
    -------
    ids : list of str
        File names without suffix.
    source_paths, target_paths : list of pathlib.Path
        In the order of ``ids``.

    Raises
    ------
    FileNotFoundError
        When a folder is missing.
    ValueError
        When the speakers have nothing in common, or an utterance is missing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skstyle.datasets import match_utterances
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("anna/001.wav", "anna/002.wav", "ben/002.flac"):
    ...         Path(folder, name).parent.mkdir(exist_ok=True)
    ...         Path(folder, name).touch()
    ...     ids, sources, targets = match_utterances(folder, "anna", "ben")
    >>> ids, sources[0].name, targets[0].name
    (['002'], '002.wav', '002.flac')
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"No corpus folder at {folder}.")
    sources, targets = _utterances(folder, source), _utterances(folder, target)
    if ids is None:
        ids = sorted(sources.keys() & targets.keys())
        if not ids:
            raise ValueError(
                f"{source!r} and {target!r} have no utterance in common in {folder}: "
                f"{_some(sources)} against {_some(targets)}. Files match by name without suffix."
            )
    else:
        ids = _check_ids(ids)
        for speaker, files in ((source, sources), (target, targets)):
            missing = [name for name in ids if name not in files]
            if missing:
                raise ValueError(
                    f"{len(missing)} of {len(ids)} ids are missing in {folder / speaker}: "
                    f"{_some(missing)}. It has {_some(files)}. ids are file names without suffix."
                )
    return ids, [sources[name] for name in ids], [targets[name] for name in ids]


def _check_ids(ids):
    if isinstance(ids, (str, bytes)) or not hasattr(ids, "__iter__"):
        raise TypeError(f"ids must be a list of utterance names, got {ids!r}.")
    ids = [str(name) for name in ids]
    if not ids:
        raise ValueError("ids is empty: expected utterance names, or None for all of them.")
    return ids


def _utterances(folder, speaker):
    """Map the name of each utterance of a speaker to its file."""
    here = folder / speaker
    if not here.is_dir():
        others = sorted(path.name for path in folder.iterdir() if path.is_dir())
        raise FileNotFoundError(f"No speaker {speaker!r} in {folder}: it has {_some(others)}.")
    files = {}
    for path in sorted(here.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() not in AUDIO_SUFFIXES:
            continue
        if path.stem in files:
            raise ValueError(
                f"{here} has two files for utterance {path.stem!r}: {files[path.stem].name} and "
                f"{path.name}. Remove one of them."
            )
        files[path.stem] = path
    return files


def _some(names):
    """Name the first few."""
    names = sorted(names)
    more = f" and {len(names) - _N_NAMED} more" if len(names) > _N_NAMED else ""
    return (", ".join(map(repr, names[:_N_NAMED])) or "none") + more
