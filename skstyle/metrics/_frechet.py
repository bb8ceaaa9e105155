"""Fréchet distance of the features of two collections, as a function and as a scorer."""

from functools import partial

import numpy as np

from ..mapping._transport import frechet_distance as distance_of_frames
from ..utils.parallel import map_clips
from ..utils.rates import converted_sample_rate
from ..utils.validation import as_float, check_sequences
from ._pairs import converted, first_ndim, log_mel, signal_pairs
from ._scorers import requestable


def frechet_distance(
    y_true,
    y_pred,
    *,
    sample_rate=None,
    features=None,
    n_fft=1024,
    hop_length=256,
    n_mels=80,
    floor_db=-60.0,
    level_db=-20.0,
    n_jobs=None,
):
    r"""Distance of two collections by mean and covariance of their features; 0 if they agree.

    Clips need not be paired: all frames of one collection are compared with all frames of the
    other.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays, or list of arrays (n_frames, n_features)
        Signals; or features, which are compared as they are. A matrix with one embedding a row
        is passed in a list, ``[embeddings]``.
    sample_rate : float, optional
        In Hz; needed for signals.
    features : callable, optional
        A function of one clip that returns its features, (n_frames, n_features), or its embedding,
        (n_features,). By default those of signals are levels of mel bands in dB.
    n_fft, hop_length, n_mels : int, default=1024, 256 and 80
        Of that analysis, as in :func:`log_spectral_distance`.
    floor_db : float, default=-60.0
        Lower levels of bands are raised to it.
    level_db : float or None, default=-20.0
        Every signal is brought to this level (root mean square) first, in dB where a constant
        of 1 has 0. None leaves them as loud as they are.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    distance : float
        In squared units of the features, at least 0.

    Raises
    ------
    ValueError
        When the numbers of features differ, or signals come without a sample rate.

    Warns
    -----
    SilentClipWarning
        A signal is silent.

    Notes
    -----
    .. math:: |\mu - \hat\mu|^2 + \mathrm{tr}(\Sigma + \hat\Sigma
              - 2 (\Sigma^{1/2} \hat\Sigma \Sigma^{1/2})^{1/2})

    the squared distance between two Gaussians of these moments [1]_; on embeddings of a net it is
    known as Fréchet audio distance [2]_. Fewer frames than features, and few frames at all, make
    it larger: compare values of collections that are equally long.

    References
    ----------
    .. [1] D. C. Dowson and B. V. Landau, "The Fréchet distance between multivariate normal
       distributions", J. Multivar. Anal. 12(3), 1982. doi:10.1016/0047-259X(82)90077-X
    .. [2] K. Kilgour, M. Zuluaga, D. Roblek and M. Sharifi, "Fréchet audio distance: a
       reference-free metric for evaluating music enhancement algorithms", Interspeech 2019.
       doi:10.21437/Interspeech.2019-2219

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.metrics import frechet_distance
    >>> frames = np.array([[-1.0], [1.0]])
    >>> round(frechet_distance([frames], [3 * frames + 1]), 6)  # 1 for means, (3 - 1)^2 for spreads
    5.0
    >>> from skstyle.datasets import make_parallel_speakers
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> another = frechet_distance(X[:1], X[1:], sample_rate=16000)  # another sentence
    >>> another < frechet_distance(X, y, sample_rate=16000)  # another voice
    True
    """
    if features is not None and not callable(features):
        raise TypeError(f"features must be a function of one clip, got {type(features).__name__}.")
    if first_ndim(y_true) == 1:
        if sample_rate is None:
            raise ValueError(
                "Signals need their sample rate to be compared: pass sample_rate=... (Hz), or "
                "pass features (n_frames, n_features), those of one clip in a list."
            )
        sides = signal_pairs(y_true, y_pred, sample_rate, level_db, paired=False)
        if features is None:
            settings = {"n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
            settings |= {"floor_db": floor_db, "n_jobs": n_jobs}
            sides = [log_mel(side, sample_rate, **settings) for side in sides]
    else:
        named = (("y_true", y_true), ("y_pred", y_pred))
        sides = [check_sequences(y, name=name).items for name, y in named]
    if features is not None:
        sides = [map_clips(partial(_of_copy, features), side, n_jobs=n_jobs) for side in sides]
        sides = [
            [_as_frames(item, f"The features of {name}[{i}]") for i, item in enumerate(side)]
            for name, side in zip(("y_true", "y_pred"), sides, strict=True)
        ]
    widths = {item.shape[1] for side in sides for item in side}
    if len(widths) > 1:
        raise ValueError(
            f"Clips of y_true and y_pred have {sorted(widths)} features: all need the same "
            "columns (time first: (n_frames, n_features))."
        )
    return distance_of_frames(*(np.concatenate(side) for side in sides))


def _of_copy(features, item):
    """What a function of the user does to a clip stays its own affair."""
    return features(item.copy())


def _as_frames(item, name):
    """The embedding of a clip is a frame."""
    item = np.asarray(item)
    return as_float(item[None] if item.ndim == 1 else item, name, 2, "frame")


@requestable
def neg_frechet_distance_scorer(estimator, X, y):
    """Score a converter of signals by the negative Fréchet distance of mel levels.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score.

    Parameters
    ----------
    estimator : estimator with predict or transform
        From signals to signals. y has the sample rate of what comes out of its steps, behind a
        Resampler the new one.
    X, y : list of 1-D arrays
        Sources, and clips of what they should become, which say anything.

    Returns
    -------
    score : float
        Greater is better; 0 has the mean and the covariance of the targets.

    Raises
    ------
    ValueError, TypeError
        When a clip is empty, stereo, of integers or not finite, or the steps of the estimator
        have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import neg_frechet_distance_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_frechet_distance_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -frechet_distance(
        y, converted(estimator, X), sample_rate=converted_sample_rate(estimator)
    )
