"""Scorers ask metadata routing for weights, and know the rate of what is scored."""

import copy
import pickle

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection import GridSearchCV, LeaveOneOut, cross_val_score
from sklearn.pipeline import make_pipeline

from skstyle import metrics
from skstyle.metrics._scorers import ClipScorer
from skstyle.signal import Resampler

RATE = 16000
scorer = metrics.neg_spectral_convergence_scorer
WEIGHTED = [
    name
    for name in metrics.__all__
    if name.endswith("_scorer")
    and not name.startswith("make_")
    and name != "neg_frechet_distance_scorer"
]


class Smoother(BaseEstimator):
    """A converter that smooths over nine samples."""

    def __init__(self, sample_rate=RATE):
        self.sample_rate = sample_rate

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def predict(self, X):
        return [np.convolve(x, np.ones(9) / 9, "same") for x in X]


class Copier(BaseEstimator):
    """A step without a rate."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return [x.copy() for x in X]


@pytest.fixture(scope="module")
def clips(speakers):
    return [x[:4000] for x in speakers[0][:4]]


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def named(x, sample_rate):
    return "one two"


def test_weights_reach_the_scorer(routing, clips):
    weights = np.array([0, 1, 1, 0])
    asked = scorer.set_score_request(sample_weight=True)
    scores = cross_val_score(
        Smoother(), clips, clips, cv=2, scoring=asked, params={"sample_weight": weights}
    )
    fitted = Smoother().fit(clips)
    for score, i in zip(scores, (1, 2), strict=True):
        assert score == pytest.approx(scorer(fitted, clips[i : i + 1], clips[i : i + 1]))


def test_weights_by_another_name_and_in_a_search(routing, clips):
    asked = scorer.set_score_request(sample_weight="loud")
    search = GridSearchCV(
        Smoother(), {"sample_rate": [RATE]}, cv=2, scoring={"a": asked}, refit="a"
    )
    search.fit(clips, clips, loud=np.array([1, 0, 0, 1]))
    expected = np.mean([scorer(Smoother(), [clips[i]], [clips[i]]) for i in (0, 3)])
    assert search.best_score_ == pytest.approx(expected)


def test_weights_that_nobody_asked_for_are_refused(routing, clips):
    with pytest.raises(UnsetMetadataPassedError, match="neg_spectral_convergence_scorer"):
        cross_val_score(
            Smoother(), clips, clips, cv=2, scoring=scorer, params={"sample_weight": np.ones(4)}
        )
    left_out = scorer.set_score_request(sample_weight=False)
    params = {"sample_weight": np.ones(4)}
    cross_val_score(Smoother(), clips, clips, cv=2, scoring=left_out)
    with pytest.raises(TypeError, match="sample_weight"):
        cross_val_score(Smoother(), clips, clips, cv=2, scoring=left_out, params=params)


def test_a_request_leaves_the_scorer_of_the_library_alone(routing):
    asked = scorer.set_score_request(sample_weight=True)
    assert asked is not scorer
    assert scorer.get_metadata_routing().score.requests == {"sample_weight": None}
    assert asked.get_metadata_routing().score.requests == {"sample_weight": True}
    text = "neg_spectral_convergence_scorer.set_score_request(sample_weight=True)"
    for same in (asked, copy.deepcopy(asked), pickle.loads(pickle.dumps(asked))):
        assert repr(same) == text


@pytest.mark.parametrize("name", WEIGHTED)
def test_every_scorer_can_ask(routing, name):
    asked = getattr(metrics, name).set_score_request(sample_weight=True)
    assert isinstance(asked, ClipScorer)
    with pytest.raises(TypeError, match=r"takes \['sample_weight'\], got \['speakers'\]"):
        asked.set_score_request(speakers=True)


def test_distances_of_collections_have_no_weights(routing):
    with pytest.raises(TypeError, match="takes no metadata"):
        metrics.neg_frechet_distance_scorer.set_score_request(sample_weight=True)


def test_requests_need_routing():
    with pytest.raises(RuntimeError, match="enable_metadata_routing=True"):
        scorer.set_score_request(sample_weight=True)


def test_factories_tell_their_settings(routing):
    made = metrics.make_word_error_rate_scorer(named).set_score_request(sample_weight=True)
    assert repr(made) == (
        "word_error_rate_scorer(transcriber=named, normalizer=None)"
        ".set_score_request(sample_weight=True)"
    )


def test_weights_of_a_search_without_routing(clips):
    made = scorer(Smoother(), clips, clips, sample_weight=[0, 0, 1, 0])
    assert made == pytest.approx(scorer(Smoother(), clips[2:3], clips[2:3]))
    assert scorer._accept_sample_weight()


@pytest.mark.parametrize("name", ["neg_spectral_convergence_scorer", "speaker_similarity_scorer"])
def test_what_is_scored_has_the_rate_behind_a_resampler(clips, name):
    score = getattr(metrics, name)
    double = Resampler(RATE, 2 * RATE).fit_transform(clips)
    before = make_pipeline(Resampler(2 * RATE, RATE), Smoother())
    back = Resampler(2 * RATE, RATE).fit_transform(double)
    scores = cross_val_score(before, double, clips, cv=2, scoring=score, error_score="raise")
    expected = cross_val_score(Smoother(), list(back), clips, cv=2, scoring=score)
    np.testing.assert_allclose(scores, expected, rtol=1e-6)
    behind = make_pipeline(Copier(), Resampler(RATE, RATE // 2)).fit(clips)
    half = Resampler(RATE, RATE // 2).fit_transform(clips)
    assert score(behind, clips, list(half)) == pytest.approx(
        score(Copier2(RATE // 2), list(half), list(half))
    )


class Copier2(Smoother):
    """A converter that keeps clips."""

    def predict(self, X):
        return [x.copy() for x in X]


def test_sources_are_brought_to_the_rate_of_targets(clips):
    pipe = make_pipeline(Resampler(2 * RATE, RATE), Copier2())
    double = list(Resampler(RATE, 2 * RATE).fit_transform(clips))
    targets = [np.diff(x) for x in clips]
    relative = metrics.make_speaker_similarity_scorer(relative=True)
    assert relative(pipe.fit(double), double, targets) == pytest.approx(0, abs=1e-4)  # a copy
    rates = []

    def hear(x, sample_rate):
        rates.append((sample_rate, len(x)))
        return "one"

    metrics.make_word_error_rate_scorer(hear)(pipe, double[:1], None)
    assert rates == [(2 * RATE, len(double[0])), (RATE, len(clips[0]))]


def test_folds_of_one_clip_have_a_similarity(clips):
    scores = cross_val_score(
        Smoother(), clips[:3], clips[:3], cv=LeaveOneOut(), error_score="raise",
        scoring=metrics.speaker_similarity_scorer,
    )  # fmt: skip
    same = metrics.make_speaker_similarity_scorer(reference="same")
    assert scores[1] == same(Smoother(), clips[1:2], clips[1:2])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: metrics.make_speaker_similarity_scorer(3), TypeError, "embedder must be a func"),
        (
            lambda: metrics.make_speaker_similarity_scorer(reference="zz"),
            ValueError,
            "reference must be one of",
        ),
        (
            lambda: metrics.make_word_error_rate_scorer(named, normalizer=3),
            TypeError,
            "normalizer must be a function",
        ),
        (
            lambda: metrics.make_mean_opinion_score_scorer(named, scale=(5, 1)),
            ValueError,
            "scale must be the worst",
        ),
    ],
)
def test_factories_check_at_once(make, error, message):
    with pytest.raises(error, match=message):
        make()
