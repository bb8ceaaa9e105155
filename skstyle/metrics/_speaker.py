"""Similarity of speakers by embeddings, as a function and as a scorer."""

import warnings
from functools import partial

import numpy as np

from ..exceptions import SkstyleWarning
from ..signal import Resampler
from ..utils.rates import check_sample_rate, common_sample_rate, converted_sample_rate
from ..utils.validation import check_paired
from ._callables import check_callable
from ._embeddings import (
    as_matrices,
    cosines,
    embed_clips,
    long_term_cepstrum,
    reference_voices,
    share_of_way,
)
from ._pairs import converted, rated_signals, summarise
from ._scorers import ClipScorer, requestable

REFERENCES = ("others", "same", "all")


def speaker_similarity(
    y_true,
    y_pred,
    y_source=None,
    *,
    sample_rate,
    embedder=None,
    reference="others",
    relative=None,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Cosine of the embeddings of voices; 1 for one voice, and with sources the way gone.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays
        Signals: those of the wanted voice, and those that should have it.
    y_source : list of 1-D arrays, optional
        What y_pred was made of, paired with it.
    sample_rate : float
        In Hz.
    embedder : callable, optional
        ``embedder(signal, sample_rate)`` returns the embedding of a clip, a vector; a net that
        wants another rate resamples by itself. By default it is means and deviations of MFCC, see
        Notes: a weak judge of voices that needs no download.
    reference : {"others", "same", "all"}, default="others"
        The voice that y_pred[i] is compared with: the mean embedding of y_true without y_true[i],
        so that saying the same sentence does not count; y_true[i] alone; or the mean of all of
        y_true, which then need not be paired.
    relative : bool, optional
        Whether the result is the share of the way from source to target, 0 for a copy of the
        source and 1 for the target itself. By default, if there is y_source.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once, each by a process: the embedder has to be picklable.

    Returns
    -------
    similarity : float, or ndarray of shape (n_clips,)
        More is better: a cosine between -1 and 1, or a share, which may leave [0, 1]. nan for
        silent clips, and where source and target have one embedding; means leave it out.

    Raises
    ------
    TypeError
        When the embedder is no function.
    ValueError
        When the numbers of clips differ, or the embedder returns no vector of finite numbers.

    Warns
    -----
    SilentClipWarning
        A signal is silent: it has no voice.
    SkstyleWarning
        Source and target have one embedding.

    See Also
    --------
    timbre_distance : Of instruments.

    Notes
    -----
    .. math:: \cos(\hat y, t), \quad
              \frac{\cos(\hat y, t) - \cos(x, t)}{\cos(y, t) - \cos(x, t)}

    of the embeddings of y_pred, y_source (x) and y_true (y), and the mean t of the embeddings of
    the reference, all at length one [1]_; then the mean over clips. With ``reference="same"`` the
    cosine of y and t is 1.

    The default embedding holds the means over time of 30 MFCC from c_1 on, then their standard
    deviations, as in long-term averages of speech [2]_; it hears microphones and rooms as well as
    voices, no pitch, and its cosines are all near 1. Of 60 sentences of six voices, 53 were
    nearest to the other sentences of their own voice. Read it relative to the source, and trust a
    net that was trained on voices more.

    References
    ----------
    .. [1] N. Dehak, P. J. Kenny, R. Dehak, P. Dumouchel and P. Ouellet, "Front-end factor analysis
       for speaker verification", IEEE Trans. ASLP 19(4), 2011. doi:10.1109/TASL.2010.2064307
    .. [2] J. D. Markel, B. T. Oshika and A. H. Gray, "Long-term feature averaging for speaker
       recognition", IEEE Trans. ASSP 25(4), 1977.

    Examples
    --------
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import speaker_similarity
    >>> X, y = make_parallel_speakers(n_sentences=4, random_state=0)
    >>> speaker_similarity(y, y, sample_rate=16000) > speaker_similarity(y, X, sample_rate=16000)
    True
    >>> round(speaker_similarity(y, y, X, sample_rate=16000), 6)  # all the way
    1.0

    Any embedding will do:

    >>> import numpy as np
    >>> def spectrum(x, sample_rate):
    ...     return np.log(np.abs(np.fft.rfft(x, 512)) + 1e-3)
    >>> similarity = speaker_similarity(y, X, sample_rate=16000, embedder=spectrum)
    """
    check_sample_rate(sample_rate)
    if embedder is None:
        embedder = long_term_cepstrum
    _check_settings(embedder, reference)
    if relative is None:
        relative = y_source is not None
    if relative and y_source is None:
        raise ValueError("relative=True needs y_source: what y_pred was made of.")
    sides = {"y_true": y_true, "y_pred": y_pred}
    if relative:
        sides["y_source"] = y_source
    sides = {name: rated_signals(y, name, sample_rate) for name, y in sides.items()}
    for name in sides:
        # The target itself is one end of the relative way: it has to be paired with the others.
        if name == "y_source" or (name == "y_true" and (reference != "all" or relative)):
            check_paired(sides[name], sides["y_pred"], name_x=name, name_y="y_pred")
    if reference == "others" and len(sides["y_true"]) < 2:
        raise ValueError(
            'reference="others" needs two clips of the wanted voice at least, got one: pass '
            'more, or reference="same".'
        )
    embed = partial(embed_clips, embedder, sample_rate=sample_rate, n_jobs=n_jobs)
    vectors = as_matrices({name: embed(clips, name=name) for name, clips in sides.items()})
    voices = reference_voices(vectors["y_true"], reference, len(vectors["y_pred"]))
    values = cosines(vectors["y_pred"], voices)
    if relative:
        start, end = (cosines(vectors[name], voices) for name in ("y_source", "y_true"))
        known = ~np.isnan(values + start + end)
        values = share_of_way(values, start, end)
        for i in np.flatnonzero(np.isnan(values) & known):
            message = (
                f"y_source[{i}] and y_true[{i}] are equally near to the wanted voice: there is no "
                "way between them; the value is nan, and means leave it out."
            )
            warnings.warn(message, SkstyleWarning, stacklevel=2)
    return summarise(values, average, sample_weight)


@requestable
def speaker_similarity_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the cosine of classical embeddings, a weak judge.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score.
    :func:`make_speaker_similarity_scorer` makes one of any embedding.

    Parameters
    ----------
    estimator : estimator with predict or transform
        From signals to signals. y has the sample rate of what comes out of its steps, behind a
        Resampler the new one.
    X, y : list of 1-D arrays
        Sources, and paired clips of the wanted voice. Each is compared with the other clips of
        that voice; a fold of a single clip, as LeaveOneOut makes them, with that clip itself.
    sample_weight : array of shape (n_clips,), optional

    Returns
    -------
    score : float
        Greater is better, at most 1.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import speaker_similarity_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [speaker_similarity_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return _score(estimator, X, y, sample_weight)


def make_speaker_similarity_scorer(embedder=None, *, reference="others", relative=False):
    """Make a scorer of the similarity of speakers.

    Parameters
    ----------
    embedder : callable, optional
        ``embedder(signal, sample_rate)`` returns a vector, as in :func:`speaker_similarity`.
        The scorer can be pickled if it can.
    reference : {"others", "same", "all"}, default="others"
        As in :func:`speaker_similarity`. A fold of one clip, where there are no others, is
        compared as with "same".
    relative : bool, default=False
        Score the share of the way from X to y.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y, sample_weight=None)``, greater is better.

    Raises
    ------
    TypeError, ValueError
        When the embedder is no function, or the reference is unknown.

    Examples
    --------
    >>> from skstyle.metrics import make_speaker_similarity_scorer
    >>> make_speaker_similarity_scorer(relative=True)  # scoring=
    speaker_similarity_scorer(embedder=None, reference='others', relative=True)
    """
    _check_settings(embedder or long_term_cepstrum, reference)
    keywords = {"embedder": embedder, "reference": reference, "relative": bool(relative)}
    return ClipScorer(_score, keywords, name="speaker_similarity_scorer")


def _check_settings(embedder, reference):
    check_callable(embedder, "embedder", "embedder(signal, sample_rate) -> vector")
    if not isinstance(reference, str) or reference not in REFERENCES:
        raise ValueError(f"reference must be one of {REFERENCES}, got {reference!r}.")


def _score(
    estimator, X, y, sample_weight=None, *, embedder=None, reference="others", relative=False
):
    taken, made = common_sample_rate(estimator), converted_sample_rate(estimator)
    source = X if relative else None
    if relative and taken != made:
        source = Resampler(taken, made).fit_transform(X)
    if reference == "others" and len(y) == 1:
        reference = "same"
    return speaker_similarity(
        y,
        converted(estimator, X),
        source,
        sample_rate=made,
        embedder=embedder,
        reference=reference,
        sample_weight=sample_weight,
    )
