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

    Examples
    --------
    >>> from skstyle.utils import check_sample_rate
    >>> check_sample_rate(16000)
    16000
    >>> check_sample_rate(44.1)
    Traceback (most recent call last):
        ...
    ValueError: sample_rate is in Hz, got 44.1: did you mean kHz?
    """
    if isinstance(sample_rate, (bool, str)) or not np.isscalar(sample_rate):
        raise TypeError(f"sample_rate must be a number in Hz, got {sample_rate!r}.")
    if not np.isfinite(sample_rate) or sample_rate <= 0:
        raise ValueError(f"sample_rate must be positive, in Hz; got {sample_rate!r}.")
    if sample_rate < 1000:
        raise ValueError(f"sample_rate is in Hz, got {sample_rate!r}: did you mean kHz?")
    return sample_rate


def common_sample_rate(estimator):
    """Return the one sample rate of the signals that an estimator takes, None if no step has one.

    Parameters
    ----------
    estimator : estimator
        Every ``sample_rate`` among its parameters, at any depth, is compared. In a Pipeline,
        steps behind a :class:`~skstyle.signal.Resampler` must have the rate that it makes.

    Returns
    -------
    sample_rate : float or None
        In Hz.

    Raises
    ------
    ValueError
        When two steps disagree; it names both.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skstyle.signal import Resampler, SilenceTrimmer
    >>> from skstyle.utils import common_sample_rate
    >>> common_sample_rate(make_pipeline(Resampler(24000, 16000), SilenceTrimmer(16000)))
    24000
    """
    first, _ = _rates(estimator, "")
    return first[1] if first else None


def converted_sample_rate(estimator):
    """Return the sample rate of the signals that an estimator makes, None if no step has one.

    Parameters
    ----------
    estimator : estimator
        As in :func:`common_sample_rate`. It is another rate than that of what comes in, where a
        step is a :class:`~skstyle.signal.Resampler`.

    Returns
    -------
    sample_rate : float or None
        In Hz.

    Raises
    ------
    ValueError
        When two steps disagree; it names both.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from skstyle.signal import Resampler, SilenceTrimmer
    >>> from skstyle.utils.rates import converted_sample_rate
    >>> converted_sample_rate(make_pipeline(Resampler(24000, 16000), SilenceTrimmer(16000)))
    16000
    """
    _, last = _rates(estimator, "")
    return last[1] if last else None


def _rates(estimator, path):
    """Return (name, rate) of what comes in and of what goes out, None where nobody tells."""
    params = estimator.get_params(deep=True)
    if "orig_rate" in params:
        return tuple((path + name, params[name]) for name in ("orig_rate", "sample_rate"))
    own = [
        (path + key, value)
        for key, value in params.items()
        if key.rpartition("__")[2] == "sample_rate"
        and value is not None
        and not hasattr(params.get(key.partition("__")[0]), "get_params")
    ]
    first = last = own[0] if own else None
    series = [name for name, _ in params.get("steps") or ()]
    for name in series or sorted(k for k in params if "__" not in k):
        if not hasattr(params[name], "get_params") or isinstance(params[name], type):
            continue
        taken, made = _rates(params[name], f"{path}{name}__")
        # Steps of a series take what the one before makes; others what the whole takes.
        given = last if series else first
        if taken and given and taken[1] != given[1]:
            raise ValueError(
                f"The steps of one chain need one sample rate, got {given[0]}={given[1]}, "
                f"{taken[0]}={taken[1]}."
            )
        first = first or taken
        last = made or last if series else last or made
    return first, last


def check_resampled(trail, sample_rate, who):
    """Check that clips have the rate that a step wants, where a Resampler tells their rate.

    Parameters
    ----------
    trail : sequence of dict
        What a list of clips remembers.
    sample_rate : float or None
        What is wanted, in Hz.
    who : str
        Beginning of the message, such as "MelCepstrum has sample_rate".

    Raises
    ------
    ValueError
        When the rates differ.
    """
    records = (record for record in reversed(trail) if "sample_rate" in record)
    made = next(records, {}).get("sample_rate")
    if made and sample_rate is not None and made[0] != sample_rate:
        raise ValueError(
            f"{who}={sample_rate}, but its input was resampled to {made[0]} Hz. Give both steps "
            "the same rate, in Hz."
        )
