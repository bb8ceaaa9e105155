"""What engines without a net share: clips at one level in, clips at their own level out."""

import warnings
from abc import abstractmethod
from functools import partial
from numbers import Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..base import SignalTransformer, _names, _naming_clip
from ..exceptions import SilentClipWarning
from ..signal._window import whole_number
from ..utils.rates import check_sample_rate
from ..utils.validation import restore
from ._levels import at_unit_level, level_of, without_offset
from ._mixable_style import refuse_foreign_style
from ._sliced_transport import random_bases
from ._sound_style import SoundStyle, as_style


class StyleTransformer(SignalTransformer):
    """Base of transformers that learn a style from clips and give it to others.

    A subclass writes ``_check_parameters()``, ``_learn(style)`` and ``_stylise(x)``, for a content
    at unit level in float32.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X, y=None):
        """Learn the style of clips.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array, 2-D array (n_clips, n_times) or SoundStyle
            Mono signals in [-1, 1] of any lengths and levels, all of one style; or a style that
            was measured before, such as ``0.3 * a + 0.7 * b``.
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            When a parameter is out of range, a clip is no mono float signal, or all clips are
            silent.

        Warns
        -----
        SilentClipWarning
            Clips that hold nothing do not take part.
        ShortClipWarning
            There is next to no sound in all clips together.
        """
        check_sample_rate(self.sample_rate)
        self._check_parameters()

        def items(X):
            return self._check_signals(X, reset=True).items

        refuse_foreign_style(X, self, SoundStyle)
        self.style_ = as_style(X, items, self.sample_rate)
        self._learn(self.style_)
        return self

    def measure(self, X):
        """Measure a style as ``fit`` does, and leave ``style_`` alone.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)

        Returns
        -------
        style : SoundStyle
            To be compared with ``style_`` or mixed with it.
        """
        check_is_fitted(self)
        return as_style(self._check_signals(X).items, list, self.sample_rate)

    def transform(self, X):
        """Give clips the style.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            The contents: mono signals in [-1, 1] of any lengths.

        Returns
        -------
        signals : list of 1-D arrays
            As long and as loud (root mean square, a constant offset apart) as the contents, in
            their dtype and the kind of container that X is.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a clip is empty, stereo, of integers or not finite, or when a step
            before has made another sample rate.

        Warns
        -----
        SilentClipWarning
            Silence stays silence; and the style of a single click makes silence of most.
        """
        check_is_fitted(self)
        clips = self._check_signals(X)
        names = _names(clips.items)
        items = [without_offset(x, self.sample_rate) for x in clips.items]
        known = self._listen(items)
        out = self._map(partial(_naming_clip, self._transform_one), names, items, *known)
        out = [y.astype(x.dtype, copy=False) for x, y in zip(clips.items, out, strict=True)]
        for name, x, y in zip(names, items, out, strict=True):
            if level_of(y):
                continue
            message = f"{name} is silent: it stays silent."
            if level_of(x):
                message = f"{name} came out silent: the style holds too little sound for it."
            warnings.warn(message, SilentClipWarning, stacklevel=2)
        # The style is for good: there is no way back to remember.
        return restore(out, clips.kind, clips.trail)

    def _listen(self, items):
        """Find out about the contents before: columns of further arguments of ``_stylise``."""
        return ()

    def _transform_one(self, x, *known):
        if not level_of(x):
            return np.zeros_like(x)
        scaled, factor = at_unit_level(x)
        y = self._stylise(scaled, *known)
        if level_of(y):
            y, _ = at_unit_level(y)
        return (y * np.float64(factor)).astype(x.dtype)

    def _draw_bases(self, n_steps):
        # One coordinate more than bands: time.
        return random_bases(self.n_mels + 1, n_steps, check_random_state(self.random_state))

    def _check_numbers(self, **least):
        """Check parameters that are numbers of at least so much."""
        for name, minimum in least.items():
            value = getattr(self, name)
            number = isinstance(value, Real) and not isinstance(value, bool)
            if not (number and minimum <= value < np.inf):
                raise ValueError(f"{name} must be a number of at least {minimum}, got {value!r}.")

    def _check_whole_numbers(self, **least):
        for name, minimum in least.items():
            whole_number(getattr(self, name), name, minimum=minimum)

    @abstractmethod
    def _check_parameters(self):
        """Refuse what is out of range."""

    @abstractmethod
    def _learn(self, style):
        """Learn from the sounds of a style."""

    @abstractmethod
    def _stylise(self, x, *known):
        """Return a clip at unit level in the style, as long."""
