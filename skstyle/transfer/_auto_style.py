"""Style transfer by the engine that suits the sounds."""

from functools import partial

import numpy as np
from sklearn.base import clone

from ._concatenative_style import F_MAX_HZ, ConcatenativeStyleTransformer
from ._levels import at_unit_level, level_of, make_analysis
from ._pitched import share_of_pitches_held
from ._style_transformer import StyleTransformer
from ._transport_style import TransportStyleTransformer

N_MELS = 40


class AutoStyleTransformer(StyleTransformer):
    """Concatenate where content and style play notes, and transport otherwise.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    transport : TransportStyleTransformer, optional
        The engine for all sounds. By default one with its default settings.
    concatenative : ConcatenativeStyleTransformer, optional
        The engine for pitched music. By default one with its default settings.
    min_held : float, default=0.42
        A clip is pitched where this share of its loud frames holds a pitch, 0 to 1.
    random_state : int, RandomState or None, default=None
        Seed of the default engines. Same seed, same bytes.
    n_jobs : int, optional
        Number of clips transformed at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    style_ : SoundStyle
        The clips of ``fit`` at one level; or what was given to it, such as ``0.3 * a + 0.7 * b``.
    style_held_ : float
        Share of the style's loud frames that hold a pitch.
    method_ : {"concatenative", "transport"}
        What the style allows: "concatenative" for contents that are pitched too, "transport" for
        all contents.
    methods_ : list of str
        What was done to each clip that was transformed last: "concatenative", "transport", or
        "none" to silence.
    transport_, concatenative_ : estimators
        The fitted engines; ``concatenative_`` is None for a style without pitch.
    n_features_in_ : int
        Only after a fit on a numeric 2-D array.

    See Also
    --------
    make_style_transfer : Any method by name.

    Notes
    -----
    A pitch is held where it is within half a semitone of what it was 48 ms before; frames 30 dB
    below the loudest do not count. Of single instruments at least 0.6 is held, of ensembles 0.4 to
    0.6, of speech 0.2 to 0.4, of rain, sea, fire and drums less than 0.3; a steady engine and
    a rooster hold their pitches as instruments do. Speech glides: pieces of other sentences would
    be put together to something that is no word, so it is filtered. A mixture of styles is pitched
    if all of its parts are.

    References
    ----------
    .. [1] D. Schwarz, "Corpus-based concatenative synthesis", IEEE Signal Process. Mag. 24(2),
       2007. https://doi.org/10.1109/MSP.2007.323274
    .. [2] G. Peyre, M. Cuturi, "Computational optimal transport", Found. Trends Mach. Learn.
       11(5-6), 2019, remark 2.31. https://doi.org/10.1561/2200000073

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.transfer import AutoStyleTransformer
    >>> phase = 2 * np.pi * np.arange(16000) / 16000
    >>> tone, noise = np.sin(220 * phase), np.random.default_rng(0).standard_normal(16000)
    >>> rich = sum(np.sin(k * 277.2 * phase) / k for k in range(1, 20))
    >>> transfer = AutoStyleTransformer(16000, random_state=0).fit([0.1 * rich])
    >>> out = transfer.transform([0.1 * tone, 0.1 * noise])
    >>> transfer.method_, transfer.methods_
    ('concatenative', ['concatenative', 'transport'])
    """

    def __init__(
        self,
        sample_rate,
        *,
        transport=None,
        concatenative=None,
        min_held=0.42,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.transport = transport
        self.concatenative = concatenative
        self.min_held = min_held
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _check_parameters(self):
        self._check_numbers(min_held=0)
        if self.min_held > 1:
            raise ValueError(f"min_held must lie between 0 and 1, got {self.min_held!r}.")
        for name, kind in ENGINES.items():
            engine = getattr(self, name)
            if engine is None:
                continue
            if not isinstance(engine, kind):
                raise TypeError(f"{name} must be a {kind.__name__} or None, got {engine!r}.")
            if engine.sample_rate != self.sample_rate:
                raise ValueError(
                    f"{name} has sample_rate={engine.sample_rate!r}, and this estimator "
                    f"{self.sample_rate!r}: give both the same."
                )

    def _learn(self, style):
        self._analysis = make_analysis(self.sample_rate, N_MELS, F_MAX_HZ)
        self.style_held_ = min(self._held_by(part.clips) for part in style.parts)
        pitched = self.style_held_ >= self.min_held
        self.method_ = "concatenative" if pitched else "transport"
        self.transport_ = self._engine("transport").fit(style)
        self.concatenative_ = self._engine("concatenative").fit(style) if pitched else None
        self.methods_ = []

    def _engine(self, name):
        engine = getattr(self, name)
        if engine is not None:
            return clone(engine)
        settings = {"random_state": self.random_state, "n_jobs": self.n_jobs}
        return ENGINES[name](self.sample_rate, verbose=self.verbose, **settings)

    def _held_by(self, clips):
        """Mean share of pitches held, weighted by the lengths of clips."""
        shares = self._map(partial(share_of_pitches_held, analysis=self._analysis), clips)
        return float(np.average(shares, weights=[len(x) for x in clips]))

    def _listen(self, items):
        methods = [self.method_] * len(items)
        if self.method_ == "concatenative":
            shares = self._map(partial(_held, analysis=self._analysis), items)
            methods = ["concatenative" if s >= self.min_held else "transport" for s in shares]
        heard = [m if level_of(x) else "none" for m, x in zip(methods, items, strict=True)]
        self.methods_[:] = heard
        return (heard,)

    def _stylise(self, x, method):
        engine = self.concatenative_ if method == "concatenative" else self.transport_
        return engine._stylise(x)


ENGINES = {
    "transport": TransportStyleTransformer,
    "concatenative": ConcatenativeStyleTransformer,
}


def _held(x, analysis):
    """Share of pitches held of a clip of any level."""
    return share_of_pitches_held(at_unit_level(x)[0], analysis) if level_of(x) else 0.0
