"""What all styles can: be weighted, added up, and kept in files."""

from abc import ABC, abstractmethod
from numbers import Real

import numpy as np

from ..utils.persistence import load_model, save_model


class MixableStyle(ABC):
    """Base of styles; a subclass writes ``_with_weight(weight)`` and ``_mixed(other, share)``.

    Weights count relative to each other. A style has its own in ``weight``.
    """

    def save(self, path):
        """Write the style to a file, whole or not at all.

        Parameters
        ----------
        path : path-like
        """
        save_model(self, path)

    @classmethod
    def load(cls, path):
        """Read a style from a file.

        Parameters
        ----------
        path : path-like
            The file is unpickled: load only files that you trust.

        Returns
        -------
        style : object
        """
        style = load_model(path)
        if not isinstance(style, cls):
            raise ValueError(f"{path} holds a {type(style).__name__}, expected a {cls.__name__}.")
        return style

    def __mul__(self, factor):
        if not isinstance(factor, Real):
            return NotImplemented
        if not 0 <= factor < np.inf:
            raise ValueError(f"Styles have weights that are not negative, got {factor!r}.")
        return self._with_weight(self.weight * float(factor))

    __rmul__ = __mul__

    def __truediv__(self, divisor):
        if not isinstance(divisor, Real):
            return NotImplemented
        if not 0 < divisor < np.inf:
            raise ValueError(f"Styles are divided by numbers above zero, got {divisor!r}.")
        return self._with_weight(self.weight / float(divisor))

    def __add__(self, other):
        if not isinstance(other, MixableStyle):
            return NotImplemented
        self.check_comparable(other)
        total = self.weight + other.weight
        if total == 0:
            raise ValueError("At least one style of a sum needs a weight above zero.")
        return self._mixed(other, other.weight / total)._with_weight(total)

    def __radd__(self, other):
        # What sum() begins with.
        return self if other == 0 and isinstance(other, Real) else NotImplemented

    @abstractmethod
    def check_comparable(self, other):
        """Raise an error where something else cannot be compared or mixed with this."""

    @abstractmethod
    def _with_weight(self, weight):
        """Return the same style with another weight."""

    @abstractmethod
    def _mixed(self, other, share):
        """Return a style that consists of this one and, by a share, of another."""


def refuse_foreign_style(X, estimator, kind):
    """Refuse styles of another kind than an estimator takes.

    Parameters
    ----------
    X : object
        Given to ``fit``.
    estimator : estimator
    kind : type
        What it takes beside clips.
    """
    if isinstance(X, MixableStyle) and not isinstance(X, kind):
        raise TypeError(
            f"{type(estimator).__name__} takes clips or a {kind.__name__}, got a "
            f"{type(X).__name__}, which another method measured. Pass the clips."
        )
