"""Warnings of the library, so that users can filter them by class."""


class SkstyleWarning(UserWarning):
    """Base class of every warning raised by skstyle."""


class ShortClipWarning(SkstyleWarning):
    """A clip is too short for the analysis and was padded with zeros."""


class SilentClipWarning(SkstyleWarning):
    """A clip holds no signal at all; it passes through as silence."""


class UnvoicedClipWarning(SkstyleWarning):
    """No voiced frame was found where pitch statistics are needed."""


class LoneSequenceWarning(SkstyleWarning):
    """A plain 2-D array was read as many one-frame sequences."""


class EmptyFilterWarning(SkstyleWarning):
    """A band of a filter bank holds no bin of the transform, and nothing can be heard in it."""


class ClippingWarning(SkstyleWarning):
    """A signal leaves [-1, 1], or was scaled as a whole because it did."""


class UnstoppedWarning(SkstyleWarning):
    """A clip that was made of a text ended at its greatest length: the stop token never came."""
