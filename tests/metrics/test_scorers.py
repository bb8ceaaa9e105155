"""Scorers: one for every measure, in scikit-learn's searches, alone, several and pickled."""

import pickle

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate

from skstyle import metrics

RATE = 16000
ALL = sorted(name for name in metrics.__all__ if name.endswith("_scorer"))
READY = [name for name in ALL if not name.startswith("make_") and name != "speech_scorer"]
# Not scored: functions of texts, and tables.
MEASURES = set(metrics.__all__) - set(ALL) - {"normalize_words", "style_report"}
FAST = [
    "chroma_similarity_scorer",
    "neg_log_spectral_distance_scorer",
    "neg_spectral_convergence_scorer",
    "neg_timbre_distance_scorer",
    "speaker_similarity_scorer",
]


class Smoother(BaseEstimator):
    """A converter that smooths over so many samples; it keeps an eye on how often it converts."""

    n_conversions = 0

    def __init__(self, sample_rate=RATE, width=1):
        self.sample_rate = sample_rate
        self.width = width

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def predict(self, X):
        type(self).n_conversions += 1
        kernel = np.ones(self.width) / self.width
        return [np.convolve(x, kernel, "same") for x in X]


class Filter(Smoother):
    """The same as a transformer, which has no predict."""

    predict = property()

    def transform(self, X):
        return Smoother.predict(self, X)


@pytest.fixture(scope="module")
def clips(speakers):
    return [x[:4000] for x in speakers[0][:4]]


def loud(x, sample_rate):
    return 1 + 4 * min(float(np.abs(x).max()), 1.0)


def spectrum(x, sample_rate):
    return np.log(np.abs(np.fft.rfft(x, 256)) + 1e-3)


def hears(x, sample_rate):
    return "one two three" if np.abs(np.diff(x)).max() > 0.02 else "one"


def test_every_measure_has_a_scorer():
    without = {
        name
        for name in MEASURES
        if not {f"{name}_scorer", f"neg_{name}_scorer", f"make_{name}_scorer"} & set(ALL)
    }
    assert without == set()


@pytest.mark.parametrize("name", READY)
def test_scores_are_measures_greater_if_better(clips, name):
    X = clips[:2]
    scorer = getattr(metrics, name)
    measure = getattr(metrics, name.removesuffix("_scorer").removeprefix("neg_"))
    sign = -1 if name.startswith("neg_") else 1
    each = {} if name == "neg_frechet_distance_scorer" else {"average": False}
    values = measure(X, Smoother(width=9).predict(X), sample_rate=RATE, **each)
    score = scorer(Smoother(width=9), X, X)
    assert isinstance(score, float)
    assert score == pytest.approx(sign * np.mean(values))
    if each:
        weighted = scorer(Filter(width=9), X, X, sample_weight=[1, 0])
        assert weighted == pytest.approx(sign * values[0])
    if name != "speaker_similarity_scorer":  # there a clip is compared with other ones
        best = scorer(Filter(), X, X)
        assert best == pytest.approx(0 if sign < 0 else 1, abs=1e-6)
        assert score < best if name != "onset_f1_scorer" else score <= best


@pytest.mark.parametrize("name", FAST)
def test_search_finds_the_best(clips, name):
    search = GridSearchCV(
        Smoother(), {"width": [9, 1]}, scoring=getattr(metrics, name), cv=2, error_score="raise"
    ).fit(clips, clips)
    assert search.best_params_ in ({"width": 1}, {"width": 9})
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    if name != "speaker_similarity_scorer":
        assert search.best_params_ == {"width": 1}


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_search_by_several(clips, n_jobs):
    scoring = {name: getattr(metrics, name) for name in FAST}
    scoring["voice"] = metrics.make_speaker_similarity_scorer(spectrum, reference="same")
    scoring["words"] = metrics.make_word_error_rate_scorer(hears)
    scoring["opinion"] = metrics.make_mean_opinion_score_scorer(loud)
    # Functions of this file cannot be imported by other processes.
    if n_jobs == 2:
        scoring = {name: scoring[name] for name in FAST if name.startswith("neg")}
    search = GridSearchCV(
        Smoother(),
        {"width": [9, 1]},
        scoring=scoring,
        refit="neg_spectral_convergence_scorer",
        cv=2,
        error_score="raise",
        n_jobs=n_jobs,
    ).fit(clips, clips)
    assert search.best_params_ == {"width": 1}
    for name in scoring:
        assert np.isfinite(search.cv_results_[f"mean_test_{name}"]).all()


def test_cross_validation_of_transformers(clips):
    scores = cross_val_score(
        Filter(), clips, clips, scoring=metrics.neg_log_spectral_distance_scorer, cv=2
    )
    np.testing.assert_allclose(scores, 0, atol=1e-9)


def test_speech_scorer_converts_once(clips):
    Smoother.n_conversions = 0
    scores = cross_validate(
        Smoother(width=5), clips, clips, scoring=metrics.speech_scorer, cv=2, error_score="raise"
    )
    assert Smoother.n_conversions == 2
    # Folds of KFold are the first and the second half.
    for name in ("neg_mel_cepstral_distortion", "log_f0_correlation"):
        expected = getattr(metrics, f"{name}_scorer")(Smoother(width=5), clips[:2], clips[:2])
        assert scores[f"test_{name}"][0] == pytest.approx(expected)
    keys = {key.removeprefix("test_") for key in scores if key.startswith("test_")}
    assert {f"{key}_scorer" for key in keys} < set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_pickles(name):
    scorer = getattr(metrics, name)
    if name.startswith("make_"):
        scorer = scorer(len)
        again = pickle.loads(pickle.dumps(scorer))
        assert again.keywords == scorer.keywords
        assert again.func is scorer.func
    else:
        assert pickle.loads(pickle.dumps(scorer)) is scorer


def test_voices_by_any_embedder(clips):
    converter = Smoother(width=5)
    converted = converter.predict(clips)
    scorer = metrics.make_speaker_similarity_scorer(spectrum, reference="same")
    expected = metrics.speaker_similarity(
        clips, converted, sample_rate=RATE, embedder=spectrum, reference="same"
    )
    assert scorer(converter, clips, clips) == expected
    relative = metrics.make_speaker_similarity_scorer(spectrum, relative=True)
    targets = [np.diff(x) for x in clips]
    assert relative(Smoother(), clips, targets) == pytest.approx(0, abs=1e-6)  # a copy


def test_words_of_texts_and_of_sources(clips):
    scorer = metrics.make_word_error_rate_scorer(hears)
    assert scorer(Smoother(), clips, clips) == scorer(Smoother(), clips) == 0
    heard = [hears(x, RATE) for x in Smoother(width=99).predict(clips)]
    assert heard == ["one"] * 4
    assert [hears(x, RATE) for x in clips] == ["one two three"] * 4
    assert scorer(Smoother(width=99), clips, clips) == pytest.approx(-2 / 3)
    assert scorer(Smoother(width=99), clips, ["One."] * 4) == 0


def test_opinions_need_no_target(clips):
    scorer = metrics.make_mean_opinion_score_scorer(loud)
    expected = np.mean([loud(x, RATE) for x in clips])
    assert scorer(Smoother(), clips) == scorer(Smoother(), clips, clips) == pytest.approx(expected)


def test_factories_take_functions():
    for make in (metrics.make_word_error_rate_scorer, metrics.make_mean_opinion_score_scorer):
        with pytest.raises(TypeError, match="must be a function"):
            make("net")
