"""Distance of style by Gram matrices of a net's activations, as a function and as a scorer."""

from functools import partial

import numpy as np

from ..utils.parallel import map_clips
from ..utils.rates import converted_sample_rate
from ._pairs import converted, signal_pairs, summarise
from ._random_net import input_of_net, random_filters, random_grams
from ._scorers import requestable


def gram_distance(
    y_true,
    y_pred,
    *,
    sample_rate,
    features=None,
    kernel_widths=(3, 9, 27),
    n_filters=128,
    n_fft=1024,
    hop_length=256,
    n_mels=80,
    floor_db=-60.0,
    level_db=-20.0,
    random_state=0,
    average=True,
    sample_weight=None,
    n_jobs=None,
):
    r"""Relative distance of Gram matrices of a net's activations; 0 for identical clips.

    Which features sound together, and how much, tells the style of a clip, whatever its content
    and its length. A method that was trained against a net should be judged by another one.

    Parameters
    ----------
    y_true, y_pred : list of 1-D arrays
        Signals: those of the wanted style, and those that should have it.
    sample_rate : float
        In Hz.
    features : callable, optional
        The net, a function of one signal that returns a list with the activations of every layer
        that counts: arrays (..., n_channels), channels last. By default a random net is drawn,
        see Notes.
    kernel_widths : tuple of int, default=(3, 9, 27)
        Frames that filters of the random net span; there is a layer for each.
    n_filters : int, default=128
        Number of filters of each width.
    n_fft, hop_length : int, default=1024 and 256
        Of the spectra that the random net sees, in samples. The defaults are for 16 kHz.
    n_mels : int, default=80
        Number of mel bands that it sees.
    floor_db : float, default=-60.0
        Lower levels of bands are raised to it.
    level_db : float or None, default=-20.0
        Every signal is brought to this level (root mean square) first, in dB where a constant
        of 1 has 0. None leaves them as loud as they are.
    random_state : int, RandomState instance or None, default=0
        Draws the random net.
    average : bool, default=True
        False returns one value a clip.
    sample_weight : array of shape (n_clips,), optional
        Weights of the mean over clips.
    n_jobs : int, optional
        Number of clips handled at once.

    Returns
    -------
    distance : float, or ndarray of shape (n_clips,)
        A number without unit, at least 0 and often below 1. It is relative to y_true, and not the
        same if the sides change places.

    Raises
    ------
    ValueError
        When the numbers of clips differ, or layers do not agree.

    Warns
    -----
    SilentClipWarning
        A signal is silent.

    See Also
    --------
    timbre_distance : Of fewer statistics.

    Notes
    -----
    .. math:: \frac{1}{L} \sum_l \frac{\|G^l - \hat G^l\|_F}{\|G^l\|_F}, \quad
              G^l_{ij} = \frac{1}{K} \sum_{k=1}^{K} F^l_{ki} F^l_{kj}

    where F holds the activations of layer l at K times or places [1]_. The random net [2]_ is one
    layer of convolutions over time, side by side: mel bands are its channels, and their levels
    in units of 20 dB above the floor its input, which is zero around a clip. Weights are drawn from
    N(0, 2 / (width n_mels)), biases from N(0, 1), and negative sums count as zero. It is held out:
    transformers of style draw theirs by another generator, and without biases, so that no seed
    gives both the same net.

    On melodies of seven instruments, the nearest of seven clips of another melody was played by
    the same instrument in 56 of 56 cases; other seeds, widths and numbers of filters made no
    difference.

    References
    ----------
    .. [1] L. A. Gatys, A. S. Ecker and M. Bethge, "Image style transfer using convolutional neural
       networks", CVPR 2016. doi:10.1109/CVPR.2016.265
    .. [2] D. Ulyanov and V. Lebedev, "Audio texture synthesis and style transfer", 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import gram_distance
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> another = gram_distance(X, X[::-1], sample_rate=16000)  # another sentence
    >>> another < gram_distance(X, y, sample_rate=16000)  # another voice
    True

    Any net will do. This one looks at eight samples at a time:

    >>> def net(x):
    ...     return [np.abs(np.fft.rfft(x[: len(x) // 8 * 8].reshape(-1, 8)))]
    >>> gram_distance(X, X, sample_rate=16000, features=net)
    0.0
    """
    if features is None:
        filters = random_filters(kernel_widths, n_mels, n_filters, random_state)
        settings = {"n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
        settings |= {"sample_rate": sample_rate, "floor_db": floor_db}
        grams_of_clip = partial(_grams_of_random_net, filters, settings)
    elif callable(features):
        grams_of_clip = partial(_grams_of_clip, features)
    else:
        raise TypeError(
            f"features must be a function of one signal, got {type(features).__name__}."
        )
    sides = signal_pairs(y_true, y_pred, sample_rate, level_db)
    grams = [
        map_clips(grams_of_clip, _names(name, side), side, n_jobs=n_jobs)
        for name, side in zip(("y_true", "y_pred"), sides, strict=True)
    ]
    distances = [relative_distance(*pair) for pair in zip(*grams, strict=True)]
    return summarise(distances, average, sample_weight)


def gram_matrices(layers, name="The signal"):
    """Gram matrices of the activations of every layer, as means over places.

    Parameters
    ----------
    layers : list of arrays (..., n_channels)
    name : str, default="The signal"
        What messages call the clip.

    Returns
    -------
    grams : list of ndarray of shape (n_channels, n_channels)
    """
    if not isinstance(layers, (list, tuple)) or len(layers) == 0:
        raise ValueError(
            f"features must return a list of activations, one array a layer; for {name} it "
            f"returned {type(layers).__name__}{' of no layer' * isinstance(layers, list)}."
        )
    grams = []
    for layer, activations in enumerate(layers):
        activations = np.asarray(activations, dtype=np.float64)
        if activations.ndim < 2 or activations.size == 0 or not np.isfinite(activations).all():
            raise ValueError(
                f"Layer {layer} of {name} has shape {activations.shape}, expected finite "
                "numbers of shape (..., n_channels). Is the clip too short for the net?"
            )
        flat = activations.reshape(-1, activations.shape[-1])
        grams.append(flat.T @ flat / len(flat))
    return grams


def relative_distance(true, pred):
    """Mean over layers of the distance of two matrices beside the norm of the first.

    Parameters
    ----------
    true, pred : list of ndarray of shape (n_channels, n_channels)

    Returns
    -------
    distance : float
        Infinite if only the first is zero.
    """
    shapes = [[len(gram) for gram in grams] for grams in (true, pred)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"features returned layers of {shapes[0]} and {shapes[1]} channels for two clips: "
            "layers need the same channels, last, in every clip."
        )
    ratios = []
    for p, q in zip(true, pred, strict=True):
        apart, size = np.linalg.norm(p - q), np.linalg.norm(p)
        ratios.append(apart / size if size > 0 else np.inf if apart > 0 else 0.0)
    return float(np.mean(ratios))


def _grams_of_random_net(filters, settings, name, x):
    return random_grams(input_of_net(x, **settings), filters)


def _grams_of_clip(features, name, x):
    # A copy: what a function of the user does to a clip stays its own affair.
    return gram_matrices(features(x.copy()), name)


def _names(name, clips):
    return [f"{name}[{i}]" for i in range(len(clips))]


@requestable
def neg_gram_distance_scorer(estimator, X, y, sample_weight=None):
    """Score a converter of signals by the negative Gram distance on a random net.

    Pass it as ``scoring=`` to GridSearchCV or cross_val_score.

    Parameters
    ----------
    estimator : estimator with predict or transform
        From signals to signals. y has the sample rate of what comes out of its steps, behind a
        Resampler the new one.
    X, y : list of 1-D arrays
        Sources, and for each a clip of the style that it should get.
    sample_weight : array of shape (n_clips,), optional

    Returns
    -------
    score : float
        Greater is better; 0 is the style of the target.

    Raises
    ------
    ValueError, TypeError
        When the numbers of clips differ, a clip is empty, stereo, of integers or not finite, or
        the steps of the estimator have no sample rate, or two.

    Examples
    --------
    >>> from skstyle import LoudnessNormalizer
    >>> from skstyle.datasets import make_parallel_speakers
    >>> from skstyle.metrics import neg_gram_distance_scorer
    >>> X, y = make_parallel_speakers(n_sentences=2, random_state=0)
    >>> quieter = LoudnessNormalizer(16000, target=-30.0).fit(X)
    >>> scores = [neg_gram_distance_scorer(quieter, X, wanted) for wanted in (X, y)]
    >>> scores[0] > scores[1]
    True
    """
    return -gram_distance(
        y,
        converted(estimator, X),
        sample_rate=converted_sample_rate(estimator),
        sample_weight=sample_weight,
    )
