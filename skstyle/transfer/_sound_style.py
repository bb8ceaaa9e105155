"""A style made of sounds: clips at one level, apart from the engine that uses them."""

import warnings
from collections import namedtuple

import numpy as np

from ..exceptions import ShortClipWarning, SilentClipWarning
from ..mapping._transport import moments
from ..utils.rates import check_sample_rate
from ..utils.validation import check_signals
from ._barycentre import gaussian_barycentre, gaussian_distance
from ._levels import (
    HOP_S,
    at_unit_level,
    level_of,
    log_mel,
    make_analysis,
    sounding,
    without_offset,
)
from ._mixable_style import MixableStyle

# Bands in which styles are compared.
N_MELS, F_MAX_HZ = 40, 8000.0
# A style of fewer sounding frames is hardly one; a click alone sounds in four.
FEWEST_FRAMES = 8

Part = namedtuple("Part", ["clips", "mean", "covariance"])
Part.__doc__ = """Clips at unit level in float32, and mean and covariance of the levels of their
frames."""


class SoundStyle(MixableStyle):
    """What a style is to an engine that works with sounds: the clips, at one level.

    ``0.3 * a + 0.7 * b`` is a style between two others. Weights count relative to each other.

    Parameters
    ----------
    clips : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
        Mono signals in [-1, 1] of any lengths and levels, all of one style.
    sample_rate : float
        In Hz.

    Attributes
    ----------
    parts : list of Part
        One; of a mixture, one for every style in it. Each has ``clips``, the ``mean`` (n_bands,)
        and the ``covariance`` (n_bands, n_bands) of the levels of their frames in dB.
    weights : ndarray of shape (n_parts,)
        Of the parts; they sum to one.
    weight : float
        Of the style in sums.
    sample_rate : float

    Warns
    -----
    SilentClipWarning
        Clips that hold nothing are no part of the style.
    ShortClipWarning
        There is next to no sound in all clips together.

    See Also
    --------
    TransportStyleTransformer, ConcatenativeStyleTransformer : ``fit`` takes such a style in place
        of clips.
    Style : For transfer by statistics of random features.

    Notes
    -----
    The distance is that of Frechet [1]_ between the frames of two styles, as if these were
    Gaussians: the root mean square over 40 mel bands, in dB, of what optimal transport moves the
    levels of one to those of the other. A mixture has the mean and covariance of the barycentre
    of its parts [2]_, so that it lies between them: at 0.7 of the way from a to b for
    ``0.3 * a + 0.7 * b``. Silence does not count, and loudness neither.

    A style holds its clips once, in float32, and nothing else that is large.

    References
    ----------
    .. [1] D. C. Dowson and B. V. Landau, "The Fréchet distance between multivariate normal
       distributions", J. Multivar. Anal. 12(3), 1982. doi:10.1016/0047-259X(82)90077-X
    .. [2] P. C. Alvarez-Esteban, E. del Barrio, J. A. Cuesta-Albertos and C. Matran, "A
       fixed-point approach to barycenters in Wasserstein space", J. Math. Anal. Appl. 441(2),
       2016. doi:10.1016/j.jmaa.2016.04.045

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer import SoundStyle
    >>> noise = 0.1 * np.random.default_rng(0).standard_normal(16000)
    >>> bright = SoundStyle([noise], 16000)
    >>> dark = SoundStyle([np.convolve(noise, np.ones(8) / 8)], 16000)
    >>> mixed = 0.25 * bright + 0.75 * dark
    >>> mixed
    SoundStyle(0.25: 1 clip of 1.0 s, 0.75: 1 clip of 1.0 s; at 16000 Hz)
    >>> round(bright.distance(mixed) / bright.distance(dark), 2)
    0.75
    """

    def __init__(self, clips, sample_rate):
        check_sample_rate(sample_rate)
        items = check_signals(clips, name="clips").items
        self._set([measure_part(items, sample_rate, "clips")], [1.0], sample_rate, 1.0)

    def _set(self, parts, weights, sample_rate, weight):
        self.parts = parts
        self.weights = np.array(weights)
        self.sample_rate = sample_rate
        self.weight = weight

    @classmethod
    def _of(cls, *values):
        style = cls.__new__(cls)
        style._set(*values)
        return style

    @property
    def mean(self):
        """Mean of the levels of frames in dB, (n_bands,)."""
        return self.weights @ [part.mean for part in self.parts]

    @property
    def covariance(self):
        """Covariance of the levels of frames, (n_bands, n_bands)."""
        return gaussian_barycentre([part.covariance for part in self.parts], self.weights)

    def distance(self, other):
        """Distance to another style.

        Parameters
        ----------
        other : SoundStyle
            At the same sample rate.

        Returns
        -------
        distance : float
            In dB; 0 for the same style.
        """
        self.check_comparable(other)
        sides = ((style.mean, style.covariance) for style in (self, other))
        return float(np.sqrt(gaussian_distance(*sides) / len(self.mean)))

    def check_comparable(self, other):
        """Check that something else is a style of sounds at the same sample rate.

        Parameters
        ----------
        other : SoundStyle

        Raises
        ------
        TypeError, ValueError
            Telling what differs.
        """
        if not isinstance(other, SoundStyle):
            raise TypeError(f"Expected a SoundStyle, got {type(other).__name__}.")
        if other.sample_rate != self.sample_rate:
            raise ValueError(
                f"The styles have different sample rates: {self.sample_rate:g} and "
                f"{other.sample_rate:g} Hz. Resample the clips first: Resampler, or "
                "skstyle.audio.read_clip(path, sample_rate=...)."
            )

    def _with_weight(self, weight):
        return SoundStyle._of(self.parts, self.weights, self.sample_rate, weight)

    def _mixed(self, other, share):
        parts, weights = [], []
        for style, of_style in ((self, 1 - share), (other, share)):
            for part, weight in zip(style.parts, style.weights * of_style, strict=True):
                known = [i for i, p in enumerate(parts) if p is part]
                if known:
                    weights[known[0]] += weight
                elif weight:
                    parts.append(part)
                    weights.append(weight)
        return SoundStyle._of(parts, weights, self.sample_rate, 1.0)

    def __repr__(self):
        several = len(self.parts) > 1
        said = []
        for part, share in zip(self.parts, self.weights, strict=True):
            n, seconds = len(part.clips), sum(map(len, part.clips)) / self.sample_rate
            clips = f"{n} clip{'s' * (n > 1)} of {seconds:.1f} s"
            said.append(f"{share:.3g}: {clips}" if several else clips)
        return f"SoundStyle({', '.join(said)}; at {self.sample_rate:g} Hz)"


def measure_part(items, sample_rate, name="X"):
    """Bring clips to one level, and measure their frames.

    Parameters
    ----------
    items : list of ndarrays of shape (n_times,)
    sample_rate : float
        In Hz.
    name : str, default="X"
        Of the clips, in messages.

    Returns
    -------
    part : Part
        Of the clips that are not silent.
    """
    items = [without_offset(x, sample_rate) for x in items]
    heard = [x for x in items if level_of(x)]
    if not heard:
        raise ValueError(
            f"All {len(items)} clips of the style are silent: there is no style to learn. Pass "
            "clips that hold sound."
        )
    for i, x in enumerate(items):
        if not level_of(x):
            message = f"{name}[{i}] is silent: it is no part of the style."
            warnings.warn(message, SilentClipWarning, stacklevel=4)
    clips = [at_unit_level(x)[0] for x in heard]
    analysis = make_analysis(sample_rate, N_MELS, F_MAX_HZ)
    frames = [log_mel(x, analysis) for x in clips]
    heard = np.concatenate([f[sounding(f)] for f in frames])
    if len(heard) < FEWEST_FRAMES:
        warnings.warn(
            f"{name}: the style sounds for less than {FEWEST_FRAMES * HOP_S * 1000:.0f} ms in all, "
            "and what comes out will be made of that alone. Pass longer clips.",
            ShortClipWarning,
            stacklevel=4,
        )
    return Part(clips, *moments(heard))


def as_style(X, items, sample_rate):
    """Return X where it is a style, or the style of clips.

    Parameters
    ----------
    X : SoundStyle or clips
    items : callable
        Returns the validated clips of X.
    sample_rate : float
        Of the engine, in Hz.

    Returns
    -------
    style : SoundStyle
    """
    if not isinstance(X, SoundStyle):
        return SoundStyle._of([measure_part(items(X), sample_rate)], [1.0], sample_rate, 1.0)
    if X.sample_rate != sample_rate:
        raise ValueError(
            f"The style has a sample rate of {X.sample_rate:g} Hz, and the engine one of "
            f"{sample_rate:g} Hz. Measure the style on clips that are resampled."
        )
    return X
