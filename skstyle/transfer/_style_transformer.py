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
from ._levels import at_unit_level, level_of
from ._sliced_transport import random_bases


class StyleTransformer(SignalTransformer):
    """Base of transformers that learn a style from clips and give it to others.

    A subclass writes ``_check_parameters()``, ``_learn(clips)`` and ``_stylise(x)``, for clips at
    unit level in float32.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def fit(self, X, y=None):
        """Learn the style of clips.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            Mono signals in [-1, 1] of any lengths and levels, all of one style.
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
        """
        return super().fit(X, y)

    def _fit(self, items):
        check_sample_rate(self.sample_rate)
        self._check_parameters()
        heard = [x for x in items if level_of(x)]
        if not heard:
            raise ValueError(
                f"All {len(items)} clips of the style are silent: there is no style to learn. Pass "
                "clips that hold sound."
            )
        for i, x in enumerate(items):
            if not level_of(x):
                message = f"X[{i}] is silent: it is no part of the style."
                warnings.warn(message, SilentClipWarning, stacklevel=4)
        self._learn([at_unit_level(x)[0] for x in heard])

    def transform(self, X):
        """Give clips the style.

        Parameters
        ----------
        X : list of 1-D arrays, 1-D object array or 2-D array (n_clips, n_times)
            The contents: mono signals in [-1, 1] of any lengths.

        Returns
        -------
        signals : list of 1-D arrays
            As long and as loud (root mean square) as the contents, in their dtype and the kind of
            container that X is.

        Warns
        -----
        SilentClipWarning
            Silence stays silence; and the style of a single click makes silence of most.
        """
        check_is_fitted(self)
        clips = self._check_signals(X)
        names = _names(clips.items)
        out = self._map(partial(_naming_clip, self._transform_one), names, clips.items)
        for name, x, y in zip(names, clips.items, out, strict=True):
            if level_of(y):
                continue
            message = f"{name} is silent: it stays silent."
            if level_of(x):
                message = f"{name} came out silent: the style holds too little sound for it."
            warnings.warn(message, SilentClipWarning, stacklevel=2)
        # The style is for good: there is no way back to remember.
        return restore(out, clips.kind, clips.trail)

    def _transform_one(self, x):
        if not level_of(x):
            return np.zeros_like(x)
        scaled, factor = at_unit_level(x)
        y = self._stylise(scaled)
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
    def _learn(self, clips):
        """Learn from clips at unit level."""

    @abstractmethod
    def _stylise(self, x):
        """Return a clip at unit level in the style, as long."""
