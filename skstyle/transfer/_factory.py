"""Style transfer by name, built of public parts."""

from difflib import get_close_matches
from inspect import signature

from ..signal import STFTTransformer
from ..utils.rates import check_sample_rate
from ._auto_style import AutoStyleTransformer
from ._concatenative_style import ConcatenativeStyleTransformer
from ._transport_style import TransportStyleTransformer

METHODS = ("auto", "transport", "concatenative", "gram")
DOMAINS = ("spectrogram", "waveform")
# Of "gram" without features or a statistic of the user's own: infinitely many filters.
GRAM = {"style_statistic": "gram", "contrast": 30, "content_weight": 0.01, "max_iter": 25}


def make_style_transfer(sample_rate, method="auto", **params):
    """Build an estimator with ``fit(style)`` and ``transform(content)``, clips to clips.

    Parameters
    ----------
    sample_rate : float
        Of all clips, in Hz. Arrays do not tell it: resample what has another,
        :class:`~skstyle.signal.Resampler`, or read it at this rate,
        ``skstyle.audio.read_clip(path, sample_rate=...)``.
    method : {"auto", "transport", "concatenative", "gram"}, default="auto"
        "transport" filters the content, for any sounds. "concatenative" puts the content together
        from the style's own sounds, for pitched music. "auto" is concatenative where content
        and style are pitched, and transport otherwise. "gram" matches statistics of random
        features by descent, and needs torch.
    **params
        Parameters of the estimator that does it: :class:`TransportStyleTransformer`,
        :class:`ConcatenativeStyleTransformer`, :class:`AutoStyleTransformer`, or
        :class:`GramStyleTransformer`. For "gram" also ``domain``, "spectrogram" or "waveform"; the
        latter takes the parameters of :class:`WaveformStyleTransformer`.

    Returns
    -------
    transfer : estimator
        For "gram" a :class:`SpectrogramStyleTransformer` of public parts, each of which can be
        reached, such as by ``transfer.set_params(stft__n_fft=512, transformer__max_iter=40)``.

    Raises
    ------
    TypeError, ValueError
        When the sample rate is no positive number in Hz, there is no such method, or it has no
        such parameter; the sentence names those that it has.

    Notes
    -----
    For "gram", unless ``features`` or a ``style_statistic`` are given, there are infinitely many
    filters: ``features=RandomConvFeatures(n_filters=None), style_statistic="gram", contrast=30,
    content_weight=0.01, max_iter=25``, about two seconds a clip at any sample rate.

    ``fit`` takes styles in place of clips, too, such as ``0.3 * a + 0.7 * b``. Clips that come out
    may exceed 1: :func:`skstyle.audio.write_clip` and :class:`~skstyle.signal.PeakGuard` see to
    that.

    References
    ----------
    .. [1] D. Schwarz, "Corpus-based concatenative synthesis", IEEE Signal Process. Mag. 24(2),
       2007. https://doi.org/10.1109/MSP.2007.323274
    .. [2] G. Peyre, M. Cuturi, "Computational optimal transport", Found. Trends Mach. Learn.
       11(5-6), 2019, remark 2.31. https://doi.org/10.1561/2200000073
    .. [3] D. Ulyanov and V. Lebedev, "Audio texture synthesis and style transfer", 2016.
       https://dmitryulyanov.github.io/audio-texture-synthesis-and-style-transfer/
    .. [4] E. Grinstein, N. Q. K. Duong, A. Ozerov and P. Pérez, "Audio style transfer", IEEE
       ICASSP, 2018. doi:10.1109/ICASSP.2018.8461711

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle import make_style_transfer
    >>> rng = np.random.default_rng(0)
    >>> rain = 0.1 * rng.standard_normal(16000)
    >>> voice = 0.1 * np.sin(np.cumsum(0.05 + 0.02 * np.sin(np.arange(8000) / 900)))
    >>> transfer = make_style_transfer(16000, random_state=0).fit([rain])
    >>> len(transfer.transform([voice])[0]), transfer.method_
    (8000, 'transport')
    """
    check_sample_rate(sample_rate)
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, got {method!r}.{_meant(method)}")
    if method == "gram":
        return _make_gram(sample_rate, **params)
    kind = _signal_level()[method]
    _check_names(params, method, _names(kind))
    return kind(sample_rate, **params)


def _make_gram(sample_rate, domain="spectrogram", **params):
    if domain not in DOMAINS:
        raise ValueError(f"domain must be one of {DOMAINS}, got {domain!r}.")
    # Need torch, and say so where it is missing.
    if domain == "waveform":
        from . import WaveformStyleTransformer

        _check_names(params, "gram", _names(WaveformStyleTransformer))
        return WaveformStyleTransformer(sample_rate, **params)
    from . import GramStyleTransformer, RandomConvFeatures, SpectrogramStyleTransformer
    from ._spectrogram_style import default_stft

    _check_names(params, "gram", _names(GramStyleTransformer) - {"representation"})
    if not {"features", "style_statistic"} & params.keys():
        params = {"features": RandomConvFeatures(n_filters=None), **GRAM, **params}
    shared = {name: params[name] for name in ("n_jobs", "verbose") if name in params}
    return SpectrogramStyleTransformer(
        sample_rate,
        GramStyleTransformer(**params),
        stft=STFTTransformer(**default_stft(sample_rate), **shared),
        random_state=params.get("random_state"),
        **shared,
    )


def _signal_level():
    return {
        "auto": AutoStyleTransformer,
        "transport": TransportStyleTransformer,
        "concatenative": ConcatenativeStyleTransformer,
    }


def _names(kind):
    return set(signature(kind.__init__).parameters) - {"self", "sample_rate"}


def _meant(name, known=METHODS):
    close = get_close_matches(str(name), sorted(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _check_names(params, method, known):
    """Check that a method has such parameters, and tell which one does."""
    for name in params:
        if name in known:
            continue
        # Here no torch is needed to tell what "gram" has.
        others = [m for m, kind in _signal_level().items() if name in _names(kind)]
        raise ValueError(
            f"method={method!r} has no parameter {name!r}."
            + (f" Method {' and '.join(map(repr, others))} has." if others else "")
            + (_meant(name, known) if not others else "")
            + _engines_of(method, others)
            + f" Its parameters are {', '.join(sorted(known))}."
        )


def _engines_of(method, others):
    if method != "auto" or not others:
        return ""
    name = others[0]
    return f" Pass {name}={_signal_level()[name].__name__}(...), with its parameters."
