"""Word error rate by a transcriber of the user, as a function and as a scorer."""

import re
import unicodedata
from functools import partial

import numpy as np

from ..utils.rates import check_sample_rate, common_sample_rate
from ._callables import call_for_clips, check_callable, describe
from ._pairs import check_weights, converted, rated_signals, told_sample_rate
from ._scorers import ClipScorer


def word_error_rate(
    texts,
    y_pred,
    *,
    sample_rate,
    transcriber,
    normalizer=None,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Share of words that a transcriber gets wrong (WER); 0 if it understands all.

    No recogniser comes with the library; any function will do.

    Parameters
    ----------
    texts : list of str
        What is said in every clip.
    y_pred : list of 1-D arrays
        Signals.
    sample_rate : float
        In Hz.
    transcriber : callable
        ``transcriber(signal, sample_rate)`` returns a text; a net that wants another rate
        resamples by itself.
    normalizer : callable, optional
        Makes of a text what is compared, ``normalizer(text)``; both sides pass it, then white
        space parts words. By default :func:`normalize_words`: neither case nor punctuation count.
        ``str`` changes nothing.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the clips.
    n_jobs : int, optional
        Number of clips handled at once, each by a process: the transcriber has to be picklable.

    Returns
    -------
    rate : float, or ndarray of shape (n_clips,)
        At least 0; above 1 if more words are inserted than there are.

    Raises
    ------
    TypeError
        When the transcriber is no function, or returns no text; the message names the clip.
    ValueError
        When the numbers of texts and clips differ, or a text has no words.

    Notes
    -----
    .. math:: \frac{\sum_i (S_i + D_i + I_i)}{\sum_i N_i}

    with the fewest substitutions, deletions and insertions that make the N words of the text what
    was heard [1]_. The sum runs over all words of all clips, as recognition counts, so that long
    clips weigh more: it is not the mean of the rates of clips.

    The transcriber errs by itself: compare with the rate of the clips before conversion.

    References
    ----------
    .. [1] R. A. Wagner and M. J. Fischer, "The string-to-string correction problem", J. ACM 21(1),
       1974. doi:10.1145/321796.321811

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.metrics import word_error_rate
    >>> def hears_the_same(x, sample_rate):
    ...     return "the Cat -- sat."
    >>> word_error_rate(["The cat sat!"], [np.ones(9)], sample_rate=16000,
    ...                 transcriber=hears_the_same)
    0.0
    >>> word_error_rate(["The cat sat down"], [np.ones(9)], sample_rate=16000,
    ...                 transcriber=hears_the_same)
    0.25
    """
    check_sample_rate(sample_rate)
    _check_settings(transcriber, normalizer)
    clips = rated_signals(y_pred, "y_pred", sample_rate)
    read = partial(_words, normalizer or normalize_words)
    true = _words_of_texts(texts, read)
    if len(true) != len(clips):
        raise ValueError(
            f"texts has {len(true)} items and y_pred has {len(clips)} clips: there has to be a "
            "text for every clip."
        )
    heard = call_for_clips(transcriber, clips, sample_rate, _read_text, n_jobs=n_jobs)
    errors = np.array([edit_distance(t, read(h)) for t, h in zip(true, heard, strict=True)])
    counts = np.array([len(words) for words in true])
    if not average:
        return errors / counts
    weights = check_weights(sample_weight, len(counts))
    return float(np.average(errors / counts, weights=weights * counts))


def normalize_words(text):
    """Take case and punctuation off a text, and leave its words.

    Parameters
    ----------
    text : str

    Returns
    -------
    text : str
        Lower case, one space between words. Letters, digits and apostrophes within words stay;
        hyphens and dashes part words, as all other signs do. Forms of one character that Unicode
        holds compatible count as one. Numbers are not spelled out, accents not taken off.

    Examples
    --------
    >>> from skstyle.metrics import normalize_words
    >>> normalize_words("'Don’t', he said: well-known CAFÉS!")
    "don't he said well known cafés"
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub("[\u2018\u2019\u02bc`\u00b4]", "'", text)
    # Marks that no letter took up in itself belong to their letter all the same.
    keep = "".join(
        c if c == "'" or c.isalnum() or unicodedata.category(c).startswith("M") else " "
        for c in text
    )
    words = (word.strip("'") for word in keep.split())
    return " ".join(word for word in words if word)


def edit_distance(a, b):
    """Fewest insertions, deletions and substitutions that make one sequence the other.

    Parameters
    ----------
    a, b : sequence
        Of words, or of anything that can be compared.

    Returns
    -------
    distance : int
    """
    codes = {}
    a, b = (np.array([codes.setdefault(item, len(codes)) for item in side], int) for side in (a, b))
    steps = np.arange(len(b) + 1)
    row = steps
    for i, code in enumerate(a, start=1):
        above = np.concatenate([[i], np.minimum(row[1:] + 1, row[:-1] + (b != code))])
        # Insertions run along the row: the least of all that lie before, plus the way from there.
        row = np.minimum.accumulate(above - steps) + steps
    return int(row[-1])


def _words(normalizer, text):
    found = normalizer(text)
    if not isinstance(found, str):
        raise TypeError(f"normalizer returned {describe(found)} for {text!r}, expected a text.")
    return found.split()


def _words_of_texts(texts, read):
    """Words of every text, at least one each."""
    if isinstance(texts, (str, bytes)):
        raise TypeError("texts must be a list of texts, one a clip; got a single text.")
    words = []
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"texts[{i}] must be a text, got {describe(text)}.")
        words.append(read(text))
        if not words[-1]:
            raise ValueError(
                f"texts[{i}] has no words ({text!r}): a share of none cannot be told. Leave the "
                "clip out."
            )
    return words


def _read_text(value, name):
    if not isinstance(value, str):
        raise TypeError(f"transcriber returned {describe(value)} for {name}, expected a text.")
    return value


def make_word_error_rate_scorer(transcriber, *, normalizer=None):
    """Make a scorer of the negative word error rate of what a converter makes.

    Parameters
    ----------
    transcriber : callable
        ``transcriber(signal, sample_rate)`` returns a text, as in :func:`word_error_rate`.
        The scorer can be pickled if it can.
    normalizer : callable, optional
        As in :func:`word_error_rate`.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y=None, sample_weight=None)``, greater is better. Where y holds
        texts, they are what is said; otherwise it is what the transcriber hears in X, before
        conversion.

    Raises
    ------
    TypeError
        When the transcriber or the normalizer is no function.

    Examples
    --------
    >>> from skstyle.metrics import make_word_error_rate_scorer
    >>> def hears_the_same(x, sample_rate):
    ...     return "the cat sat"
    >>> scorer = make_word_error_rate_scorer(hears_the_same)  # scoring=scorer
    """
    _check_settings(transcriber, normalizer)
    keywords = {"transcriber": transcriber, "normalizer": normalizer}
    return ClipScorer(_score, keywords, name="word_error_rate_scorer")


def _check_settings(transcriber, normalizer):
    check_callable(transcriber, "transcriber", "transcriber(signal, sample_rate) -> text")
    if normalizer is not None:
        check_callable(normalizer, "normalizer", "normalizer(text) -> text")


def _score(estimator, X, y=None, sample_weight=None, *, transcriber, normalizer):
    texts, made_rate = y, told_sample_rate(estimator)
    if y is None or len(y) == 0 or not isinstance(y[0], str):
        rate = common_sample_rate(estimator)
        clips = rated_signals(X, "X", rate)
        texts = call_for_clips(transcriber, clips, rate, _read_text, name="X")
    return -word_error_rate(
        texts,
        converted(estimator, X),
        sample_rate=made_rate,
        transcriber=transcriber,
        normalizer=normalizer,
        sample_weight=sample_weight,
    )
