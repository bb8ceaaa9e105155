"""Clips for the examples: recordings where they are at hand, else synthetic ones.

The environment variable ``SKSTYLE_DATA`` names the folder of the recordings.
"""

import os
from numbers import Integral, Real
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch, check_random_state

from ..audio import read_clip
from ._parallel import corpus_sample_rate, load_parallel_corpus, match_utterances
from ._recordings import (
    MODEL_VARIABLE,
    VARIABLE,
    first_utterances,
    recorded_folder,
    recorded_texts,
)
from ._spoken_texts import LETTERS, VOICES, make_spoken_text
from ._synthetic import make_parallel_speakers
from ._textures import TEXTURES, make_texture
from ._tunes import make_tune

_CORPUS = ("speech", "vcc2018")
_PHRASES = ("music", "phrases_recorded_notes")
_TEXTURES = ("textures", "esc10")
_RATE = 16000
_TEXT_RATE = 8000
# Formants and pitch as multiples of those of anna, the first voice of every pair of one seed.
_TRAITS = {
    "ben": (0.78, 0.7),
    "carl": (0.88, 1.1),
    "dora": (1.13, 1.4),
    "eve": (1.27, 2.0),
    "flo": (1.43, 1.7),
}
_VOICES = ("SF1", "SM1", "SM2", "SF2", "TF1", "TM1")
# Content, style and truth, which is the tune of the content on the instrument of the style.
_TUNES = (("ode_to_joy", "fiddle"), ("twinkle", "clarinet"), ("ode_to_joy", "clarinet"))
_RECORDED_TUNES = ("ode_to_joy/flute", "twinkle/cello", "ode_to_joy/cello")
_RECORDED_TEXTURES = {
    "fire": "fire_crackling_1-17150-A",
    "rain": "rain_1-17367-A",
    "sea": "sea_waves_1-28135-A",
}


def example_speakers(n_sentences=14, *, source="SF1", target="TF1", random_state=0):
    """Give the sentences of two speakers that the examples learn from.

    They are recordings of ``speech/vcc2018`` in the folder that the environment variable
    ``SKSTYLE_DATA`` names. Where it is not set, they are synthetic.

    Parameters
    ----------
    n_sentences : int, default=14
        The first so many that both speakers have.
    source, target : str, default="SF1" and "TF1"
        Folders of the recorded speakers. Synthetic ones have no names.
    random_state : int, RandomState instance or None, default=0
        Of the synthetic speakers. Recordings are always the same.

    Returns
    -------
    X, y : list of ndarray of shape (n_times,)
        Source and target clips, float32; ``X[i]`` and ``y[i]`` say the same sentence.
    sample_rate : int
        In Hz: that of the recordings, or 16000.

    Raises
    ------
    FileNotFoundError
        When ``SKSTYLE_DATA`` is set and the recordings are not there.
    TypeError, ValueError
        When the number is no integer of at least 1, or the speakers have fewer sentences in common.

    See Also
    --------
    make_parallel_speakers : The synthetic speakers.
    load_parallel_corpus : Recordings of any two speakers.

    Examples
    --------
    >>> from skstyle.datasets import example_speakers
    >>> X, y, sample_rate = example_speakers(2)
    >>> len(X), len(y), X[0].dtype
    (2, 2, dtype('float32'))
    """
    _check_count(n_sentences, "n_sentences")
    folder = recorded_folder(*_CORPUS)
    if folder is None:
        X, y = make_parallel_speakers(n_sentences, sample_rate=_RATE, random_state=random_state)
        return X, y, _RATE
    ids = first_utterances(
        match_utterances(folder, source, target)[0], n_sentences, (source, target)
    )
    X, y, _ = load_parallel_corpus(folder, source, target, ids=ids)
    return X, y, corpus_sample_rate(folder, source, target)


def example_voices(n_sentences=8, *, random_state=0):
    """Give six voices that say the same sentences.

    They are recordings of ``speech/vcc2018`` in the folder that the environment variable
    ``SKSTYLE_DATA`` names. Where it is not set, they are synthetic.

    Parameters
    ----------
    n_sentences : int, default=8
        Of each voice.
    random_state : int, RandomState instance or None, default=0
        Of the synthetic voices. Recordings are always the same.

    Returns
    -------
    voices : dict of str to list of ndarray of shape (n_times,)
        Clips of each voice by its name, float32.
    sample_rate : int
        16000, in Hz.

    Raises
    ------
    FileNotFoundError
        When ``SKSTYLE_DATA`` is set and the recordings are not there.
    TypeError, ValueError
        When the number is no integer of at least 1, or the voices have fewer sentences in common.

    Examples
    --------
    >>> from skstyle.datasets import example_voices
    >>> voices, sample_rate = example_voices(2)
    >>> len(voices), [len(clips) for clips in voices.values()]
    (6, [2, 2, 2, 2, 2, 2])
    """
    _check_count(n_sentences, "n_sentences")
    folder, voices = recorded_folder(*_CORPUS), {}
    if folder is None:
        # One seed makes the first voice and the sentences the same in every pair.
        seed = _seed(random_state)
        for name, (tract, pitch) in _TRAITS.items():
            ratios = {"vocal_tract_ratio": tract, "f0_ratio": pitch}
            voices["anna"], voices[name] = make_parallel_speakers(
                n_sentences, **ratios, sample_rate=_RATE, random_state=seed
            )
        return voices, _RATE
    first, *others = _VOICES
    common = set.intersection(*(set(match_utterances(folder, first, b)[0]) for b in others))
    ids = first_utterances(sorted(common), n_sentences, _VOICES)
    for name in _VOICES:
        _, paths, _ = match_utterances(folder, name, name, ids)
        voices[name] = [read_clip(path, sample_rate=_RATE)[0] for path in paths]
    return voices, _RATE


def example_tunes(*, random_state=0):
    """Give a tune, another tune on another instrument, and what transfer should make of them.

    They are recorded notes of ``music/phrases_recorded_notes`` in the folder that the environment
    variable ``SKSTYLE_DATA`` names. Where it is not set, the instruments are synthetic.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=0
        Of the synthetic instruments. Recordings are always the same.

    Returns
    -------
    content, style, truth : ndarray of shape (n_times,)
        The truth is the tune of the content on the instrument of the style.
    sample_rate : int
        16000, in Hz.

    Raises
    ------
    FileNotFoundError
        When ``SKSTYLE_DATA`` is set and the recordings are not there.

    Examples
    --------
    >>> from skstyle.datasets import example_tunes
    >>> content, style, truth, sample_rate = example_tunes()
    >>> sample_rate
    16000
    """
    folder = recorded_folder(*_PHRASES)
    if folder is None:
        seed = _seed(random_state)
        clips = [
            make_tune(tune, instrument, sample_rate=_RATE, random_state=seed + i)
            for i, (tune, instrument) in enumerate(_TUNES)
        ]
    else:
        paths = [folder / f"{name}.flac" for name in _RECORDED_TUNES]
        clips = [read_clip(path, sample_rate=_RATE)[0] for path in paths]
    return *clips, _RATE


def example_textures(duration=4.0, *, random_state=0):
    """Give fire, rain and the sea.

    They are recordings of ``textures/esc10`` in the folder that the environment variable
    ``SKSTYLE_DATA`` names. Where it is not set, they are synthetic.

    Parameters
    ----------
    duration : float, default=4.0
        In seconds; recordings have 5.
    random_state : int, RandomState instance or None, default=0
        Of the synthetic textures. Recordings are always the same.

    Returns
    -------
    textures : dict of str to ndarray of shape (n_times,)
        Clips by name, float32.
    sample_rate : int
        16000, in Hz.

    Raises
    ------
    FileNotFoundError
        When ``SKSTYLE_DATA`` is set and the recordings are not there.
    TypeError, ValueError
        When the duration is no number above 0, or longer than the recordings.

    Examples
    --------
    >>> from skstyle.datasets import example_textures
    >>> textures, sample_rate = example_textures(2.0)
    >>> {name: len(x) / sample_rate for name, x in textures.items()}
    {'fire': 2.0, 'rain': 2.0, 'sea': 2.0}
    """
    if not isinstance(duration, Real) or isinstance(duration, bool):
        raise TypeError(f"duration must be a number of seconds, got {duration!r}.")
    if not 1 / _RATE <= duration < np.inf:
        raise ValueError(f"duration must be above 0 s, got {duration!r}.")
    folder, textures = recorded_folder(*_TEXTURES), {}
    for name in TEXTURES:
        if folder is None:
            textures[name] = make_texture(
                name, duration, sample_rate=_RATE, random_state=random_state
            )
        else:
            clip, _ = read_clip(folder / f"{_RECORDED_TEXTURES[name]}.flac", sample_rate=_RATE)
            n_times = round(duration * _RATE)
            if n_times > len(clip):
                raise ValueError(
                    f"duration is {duration:g} s, and the recording of {name} has "
                    f"{len(clip) / _RATE:g} s. Ask for less, or unset {VARIABLE} for synthetic "
                    "textures of any duration."
                )
            textures[name] = clip[:n_times]
    return textures, _RATE


def example_texts(n_texts=50, n_new=6, *, random_state=0):
    """Give texts, and how several voices say them.

    They are synthetic, in the language of :func:`make_spoken_text`. Where the environment variables
    ``SKSTYLE_DATA`` and ``SKSTYLE_SEQUENCE_MODEL`` are both set, they are sentences of
    ``speech/vcc2018``: of recordings no model is trained in passing, so that one has to be there.

    Parameters
    ----------
    n_texts : int, default=50
        Synthetic texts to learn from.
    n_new : int, default=6
        Synthetic texts that are held out.
    random_state : int, RandomState instance or None, default=0
        Of the synthetic texts. Recordings are always the same.

    Returns
    -------
    said : :class:`~sklearn.utils.Bunch`
        With these keys.

        texts, new_texts : list of str
            To learn from, and held out.
        voices, heard : dict of str to list of ndarray of shape (n_times,)
            How each voice says ``texts``, and ``new_texts``; float32, without silence at the ends.
        sample_rate : int
            In Hz.

    Raises
    ------
    FileNotFoundError
        When the variables are set and the recordings are not there.
    TypeError, ValueError
        When a number is no integer of at least 1.

    Examples
    --------
    >>> from skstyle.datasets import example_texts
    >>> said = example_texts(3)
    >>> len(said.new_texts) == len(said.heard[list(said.voices)[0]])
    True
    """
    _check_count(n_texts, "n_texts")
    _check_count(n_new, "n_new")
    data = os.environ.get(VARIABLE)
    if data and os.environ.get(MODEL_VARIABLE):
        return recorded_texts(Path(data))
    seed = _seed(random_state)
    rng = np.random.RandomState(seed)
    texts = [_two_words(rng) for _ in range(n_texts)]
    new_texts = ["oui amie", *(_two_words(rng) for _ in range(n_new - 1))]
    parts = {}
    for part, written in (("voices", texts), ("heard", new_texts)):
        parts[part] = {name: [] for name in VOICES}
        for k, name in enumerate(VOICES):
            for i, text in enumerate(written):
                said = np.random.RandomState([seed, len(parts), k, i])
                parts[part][name].append(make_spoken_text(text, name, random_state=said))
    return Bunch(texts=texts, new_texts=new_texts, **parts, sample_rate=_TEXT_RATE)


def _check_count(n, name):
    if not isinstance(n, Integral) or isinstance(n, bool):
        raise TypeError(f"{name} must be an integer, got {n!r}.")
    if n < 1:
        raise ValueError(f"{name} must be at least 1, got {n!r}.")


def _two_words(rng):
    return " ".join("".join(rng.choice(list(LETTERS), size)) for size in rng.randint(3, 6, 2))


def _seed(random_state):
    """Return a seed, for what has to draw the same more than once."""
    if isinstance(random_state, Integral):
        return random_state
    return check_random_state(random_state).randint(2**30)
