"""Lists of clips that remember what they were made from."""

import functools


class ClipList(list):
    """A list of clips or sequences that remembers what they were made from.

    A transform loses something that its inverse needs: the number of frames fixes the
    length of a clip only up to one hop, a resampled or trimmed clip does not tell how long
    it was. Every transform puts a record at the end of the trail and every inverse takes
    one away. The list survives pickling and caching, and is in every other way a plain one;
    clips may be replaced, but a list that is sorted or shortened forgets.

    Parameters
    ----------
    items : iterable of ndarray
    trail : sequence of dict
        One record for each transform, the last one last: names such as "n_times", each with
        one value for every item.

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.signal import STFTTransformer
    >>> clips = STFTTransformer(n_fft=256).fit_transform([np.zeros(401)])
    >>> type(clips).__name__, clips.trail[-1]["n_times"]
    ('ClipList', (401,))
    >>> hasattr(list(clips), "trail")  # a plain list remembers nothing
    False
    """

    def __reduce__(self):
        return type(self), (list(self), self.trail)

    def __init__(self, items=(), trail=()):
        super().__init__(items)
        self.trail = tuple({k: tuple(v) for k, v in record.items()} for record in trail)


def _forgetting(name):
    """Return a method of lists that also forgets the trail: the clips have moved."""
    change = getattr(list, name)

    @functools.wraps(change)
    def method(self, *args, **kwargs):
        self.trail = ()
        return change(self, *args, **kwargs)

    return method


# What is added at the end is noticed by the number of clips.
for _name in ("__delitem__", "insert", "pop", "remove", "reverse", "sort"):
    setattr(ClipList, _name, _forgetting(_name))


def recall(trail, names, n_items):
    """Take the last record off a trail, when it holds what is wanted.

    Parameters
    ----------
    trail : sequence of dict
        As in :class:`ClipList`.
    names : sequence of str
        What the record must hold.
    n_items : int
        Length of the list beside the trail.

    Returns
    -------
    values : dict of str to sequence
        Values of each name, one for every item; None for every item without a record.
    rest : tuple of dict
        The trail without the record.

    Raises
    ------
    ValueError
        When clips were added to the list, or removed, since.
    """
    if not trail or not set(names) <= set(trail[-1]):
        return {name: (None,) * n_items for name in names}, tuple(trail)
    record = {name: trail[-1][name] for name in names}
    for name, values in record.items():
        if len(values) != n_items:
            raise ValueError(
                f"The list remembers {name} of {len(values)} clips and holds {n_items}: clips "
                "were added or removed. Use list(X) to forget, and select before the transform."
            )
    return record, tuple(trail[:-1])
