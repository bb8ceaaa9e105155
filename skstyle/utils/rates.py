"""Sample rates: what one is, and that all steps of a chain have the same."""

import numpy as np


def check_sample_rate(sample_rate):
    """Return the sample rate as given, or explain what is wrong with it.

    Parameters
    ----------
    sample_rate : float
        In Hz.

    Returns
    -------
    sample_rate : float
        In Hz.

    Raises
    ------
    TypeError, ValueError
        When it is no positive number, or looks like kHz.
    """
    if isinstance(sample_rate, (bool, str)) or not np.isscalar(sample_rate):
        raise TypeError(f"sample_rate must be a number in Hz, got {sample_rate!r}.")
    if not np.isfinite(sample_rate) or sample_rate <= 0:
        raise ValueError(f"sample_rate must be positive, in Hz; got {sample_rate!r}.")
    if sample_rate < 1000:
        raise ValueError(f"sample_rate is in Hz, got {sample_rate!r}: did you mean kHz?")
    return sample_rate


def common_sample_rate(estimator):
    """Return the one sample rate of all steps of an estimator, None if no step has one.

    Parameters
    ----------
    estimator : estimator
        Every ``sample_rate`` among its parameters, at any depth, is compared.

    Returns
    -------
    sample_rate : float or None
        In Hz.

    Raises
    ------
    ValueError
        When two steps disagree; it names both.
    """
    found = {
        key: value
        for key, value in sorted(estimator.get_params(deep=True).items())
        if key.rpartition("__")[2] == "sample_rate" and value is not None
    }
    if len(set(found.values())) > 1:
        listed = ", ".join(f"{k}={v}" for k, v in found.items())
        raise ValueError(f"The steps of one chain need one sample rate, got {listed}.")
    return next(iter(found.values()), None)
