"""Scorers that can ask scikit-learn's metadata routing for the weights of clips."""

import inspect
from functools import partial

from sklearn import get_config
from sklearn.utils.metadata_routing import MetadataRequest

# What scikit-learn passes to every scorer, routed or not.
_GIVEN = ("estimator", "X", "y")


class ClipScorer:
    """A scorer of converters that keeps settings, and what it asks metadata routing for.

    It is called as ``scorer(estimator, X, y, sample_weight=None)`` and can be pickled if its
    settings can.

    Parameters
    ----------
    func : callable
        ``func(estimator, X, y, **keywords)`` returns a score, or a dict of them.
    keywords : dict, optional
        Settings that it is called with.
    name : str, optional
        What the scorer is shown as; by default that of the function.
    requests : dict, optional
        What it asks for, as in :meth:`set_score_request`.
    """

    def __init__(self, func, keywords=None, *, name=None, requests=None):
        self.func = func
        self.keywords = dict(keywords or {})
        self.name = name or func.__name__
        self.requests = dict(requests or {})

    def __call__(self, estimator, X, y=None, sample_weight=None):
        """Return the score of a fitted estimator."""
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        return self.func(estimator, X, y, **weights, **self.keywords)

    def __repr__(self):
        settings = ", ".join(f"{key}={_shown(value)}" for key, value in self.keywords.items())
        text = f"{self.name}({settings})" if self.keywords else self.name
        if self.requests:
            asked = ", ".join(f"{key}={value!r}" for key, value in self.requests.items())
            text += f".set_score_request({asked})"
        return text

    def set_score_request(self, **requests):
        """Return the same scorer, asking metadata routing for weights of clips.

        Parameters
        ----------
        **requests : bool, str or None
            ``sample_weight=True`` asks for them, False leaves them out, a name asks for those
            passed by that name, and None refuses them.

        Returns
        -------
        scorer : ClipScorer
            A new one: scorers of the library are shared by all who import them.
        """
        if not get_config()["enable_metadata_routing"]:
            raise RuntimeError(
                "set_score_request needs metadata routing: call "
                "sklearn.set_config(enable_metadata_routing=True) first."
            )
        known = _parameters(self.func, self.keywords)
        unknown = sorted(set(requests) - set(known))
        if unknown:
            raise TypeError(f"{self.name} takes {known or 'no metadata'}, got {unknown}.")
        asked = {**self.requests, **requests}
        scorer = ClipScorer(self.func, self.keywords, name=self.name, requests=asked)
        scorer.get_metadata_routing()  # names that are none are refused here
        return scorer

    def get_metadata_routing(self):
        """Return what the scorer asks for.

        Returns
        -------
        routing : MetadataRequest
        """
        request = MetadataRequest(owner=self.name)
        for param in _parameters(self.func, self.keywords):
            request.score.add_request(param=param, alias=self.requests.get(param))
        return request

    def _accept_sample_weight(self):
        # Searches ask this of scorers in a dict, where routing is off.
        return "sample_weight" in _parameters(self.func, self.keywords)


def requestable(function):
    """Give a scorer that is a function ``set_score_request``, as those of scikit-learn have it.

    Parameters
    ----------
    function : callable
        ``function(estimator, X, y, sample_weight=None)``.

    Returns
    -------
    function : callable
        The same one: it is documented and pickled as a function. What it asks for by
        ``set_score_request`` is kept by the :class:`ClipScorer` that this returns.
    """
    scorer = ClipScorer(function)
    for name in ("set_score_request", "get_metadata_routing", "_accept_sample_weight"):
        setattr(function, name, partial(getattr(ClipScorer, name), scorer))
    return function


def _parameters(function, keywords):
    names = inspect.signature(function).parameters
    return [name for name in names if name not in _GIVEN and name not in keywords]


def _shown(value):
    return getattr(value, "__name__", None) or repr(value)
