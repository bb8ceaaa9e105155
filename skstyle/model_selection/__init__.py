"""Cross-validation of converters: what they make of clips that they were not fitted on."""

from ._cross_val_convert import cross_val_convert

__all__ = ["cross_val_convert"]
