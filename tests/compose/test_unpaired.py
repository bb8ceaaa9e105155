"""Voice conversion without pairs: labels instead of targets."""

import pickle

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import StandardScaler

from skstyle.compose import PerFrame, UnpairedConverter
from skstyle.datasets import make_parallel_speakers
from skstyle.exceptions import SilentClipWarning, UnvoicedClipWarning
from skstyle.features import MelSpectrogram, SourceFilterVocoder
from skstyle.mapping import CorrelationAlignment, GaussianTransport, KNNFrameRegressor
from skstyle.metrics import mel_cepstral_distortion as mcd
from skstyle.signal._silence import speech_level

RATE = 16000


@pytest.fixture(scope="module")
def corpus(speakers):
    """Clips of two voices that have no sentence in common, and whose they are."""
    X, y = speakers
    clips = [x[1000:10000] for x in X[:2]] + [x[1000:11000] for x in y[2:5]]
    return clips, np.array(["anna"] * 2 + ["ben"] * 3)


def make(**parameters):
    return UnpairedConverter(SourceFilterVocoder(RATE), **parameters)


@pytest.fixture(scope="module")
def sentences():
    """Enough sentences that six of them sound like six others, on the whole."""
    return make_parallel_speakers(14, sample_rate=RATE, random_state=0)


@pytest.fixture(scope="module")
def fitted(sentences):
    """Learned from six sentences of one voice and from six others of the other."""
    X, y = sentences
    return make().fit([*X[:6], *y[6:12]], ["anna"] * 6 + ["ben"] * 6)


def test_a_voice_comes_nearer_to_the_other(sentences, fitted):
    X, y = (side[12:] for side in sentences)
    converted = fitted.predict(X)
    assert mcd(y, converted, sample_rate=RATE) < 0.85 * mcd(y, X, sample_rate=RATE)
    assert [len(c) for c in converted] == [len(x) for x in X]


def test_pitch_becomes_that_of_the_target(sentences, fitted):
    X, y = (side[12:] for side in sentences)
    vocoder = SourceFilterVocoder(RATE).fit(y)

    def median_pitch(clips):
        voiced = np.concatenate([s[s[:, 1] == 1, 0] for s in vocoder.transform(clips)])
        return np.exp(np.median(voiced))

    assert median_pitch(fitted.predict(X)) == pytest.approx(median_pitch(y), rel=0.08)


def test_level_becomes_that_of_the_target(corpus):
    clips, speakers = corpus
    clips = [x * (0.2 if who == "anna" else 1) for x, who in zip(clips, speakers, strict=True)]
    loud, own = (make(level=level).fit(clips, speakers) for level in ("target", "source"))
    gain = speech_level(loud.predict(clips[:1])[0]) - speech_level(own.predict(clips[:1])[0])
    assert gain == pytest.approx(loud.level_gain_, abs=0.5)
    assert loud.level_gain_ > 6


def test_the_target_and_the_source_are_chosen(corpus):
    clips, speakers = corpus
    assert make().fit(clips, speakers).target_ == "ben"
    there = make(target="anna").fit(clips, speakers)
    assert there.target_ == "anna"
    three = [*speakers[:-1], "carla"]
    both = make(target="anna", source="ben").fit(clips, three)
    assert list(both.classes_) == ["anna", "ben", "carla"]
    pooled = make(target="anna").fit(clips, three)
    a, b = both.predict(clips[2:3])[0], pooled.predict(clips[2:3])[0]
    assert np.abs(a - b).max() > 0


def test_any_transport(corpus):
    clips, speakers = corpus
    a, b = (
        make(transport=t).fit(clips, speakers).predict_features(clips[:1])[0]
        for t in (GaussianTransport(), CorrelationAlignment())
    )
    assert a.shape == b.shape
    assert np.abs(a - b).max() > 0.01


def test_any_features(corpus):
    """Without streams of a vocoder, all columns are mapped as a whole."""
    clips, speakers = corpus
    converter = UnpairedConverter(MelSpectrogram(RATE, n_mels=20)).fit(clips, speakers)
    converted = converter.predict(clips[:1])[0]
    assert converted.shape == clips[0].shape
    assert np.abs(converted).max() > 0.01
    assert converter.score(clips, speakers) < 0


def test_the_score_prefers_a_converted_voice(corpus):
    clips, speakers = corpus

    class _Nothing(GaussianTransport):
        def transform(self, X):
            return X

    moved, same = (
        make(transport=t).fit(clips, speakers).score(clips, speakers)
        for t in (GaussianTransport(), _Nothing())
    )
    assert same < moved < 0


def test_grid_search_over_labels(corpus):
    clips, speakers = corpus
    search = GridSearchCV(
        make(transport=GaussianTransport()),
        {"transport__shrinkage": [0.0, 0.5]},
        cv=StratifiedKFold(2),
        error_score="raise",
    ).fit(clips, speakers)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_differential_synthesis(corpus):
    clips, speakers = corpus
    converted = make(synthesis="differential").fit(clips, speakers).predict(clips[:1])[0]
    assert converted.shape == clips[0].shape


def test_same_bytes_containers_and_pickles(corpus):
    clips, speakers = corpus
    before = [x.copy() for x in clips]
    converter = make().fit(clips, speakers)
    a = converter.predict(clips[:2])
    b = pickle.loads(pickle.dumps(converter)).predict(tuple(clips[:2]))
    boxed = np.empty(2, object)
    boxed[:] = clips[:2]
    c = converter.predict(boxed)
    assert isinstance(a, list)
    assert isinstance(c, np.ndarray)
    for x, y, z in zip(a, b, c, strict=True):
        np.testing.assert_array_equal(x, y)
        np.testing.assert_array_equal(x, z)
    single = converter.predict([clips[0].astype(np.float32)])[0]
    assert single.dtype == np.float32
    for x, y in zip(clips, before, strict=True):
        np.testing.assert_array_equal(x, y)


def test_silent_clips_are_left_out(corpus):
    clips, speakers = corpus
    with pytest.warns(SilentClipWarning, match=r"X\[5\] is silent: it was left out"):
        converter = make().fit([*clips, np.zeros(9000)], [*speakers, "anna"])
    with pytest.warns(SilentClipWarning, match=r"X\[0\] is silent"):
        assert not converter.predict([np.zeros(5000)])[0].any()


@pytest.mark.filterwarnings("ignore::skstyle.exceptions.SilentClipWarning")
@pytest.mark.parametrize(
    ("parameters", "labels", "message"),
    [
        ({}, ["a"] * 5, "y has one class only, 'a'"),
        ({"target": "z"}, list("aabbb"), "target='z' is none of the labels"),
        ({"source": "z"}, list("aabbb"), "source='z' is none of the labels"),
        ({"source": "b", "target": "b"}, list("aabbb"), "source='b' is the target too"),
        ({}, [np.zeros(9000)] * 5, "For paired clips use make_voice_converter"),
        ({"transport": StandardScaler()}, list("aabbb"), "transport needs no pairs"),
        ({"transport": KNNFrameRegressor()}, list("aabbb"), "transport needs no pairs"),
        ({"transport": "knn"}, list("aabbb"), "make_unpaired_converter knows names"),
        ({}, ["a", "b"], "X has 5 clips and y has 2 labels"),
        ({"level": "loud"}, list("aabbb"), "level must be"),
    ],
)
def test_bad_labels(corpus, parameters, labels, message):
    with pytest.raises(ValueError, match=message):
        make(**parameters).fit(corpus[0], labels)


@pytest.mark.filterwarnings("ignore::skstyle.exceptions.SilentClipWarning")
def test_a_voice_that_is_silent(corpus):
    clips, speakers = corpus
    with pytest.raises(ValueError, match="got 0 audible ones of the source"):
        make().fit([0 * x for x in clips[:2]] + clips[2:], speakers)


def test_a_voice_without_pitch(corpus):
    """Whispers keep their voicing; nothing is divided by a spread that is not there."""
    clips, speakers = corpus
    noise = 0.1 * np.random.default_rng(0).normal(size=9000)
    with pytest.warns(UnvoicedClipWarning):
        converter = make().fit([noise, *clips[2:]], speakers[1:])
        converted = converter.predict([noise])[0]
    assert np.isfinite(converted).all()


def test_a_fold_that_lacks_a_voice_tells_of_stratification(corpus):
    clips, speakers = corpus
    three = [*speakers[:4], "carla"]
    with pytest.raises(ValueError, match="0 of the target .ben.. In cross-validation, Stratified"):
        make(target="ben").fit(clips, three).score([clips[0], clips[4]], ["anna", "carla"])


def test_score_needs_both_voices(corpus, fitted):
    with pytest.raises(ValueError, match="0 of the target"):
        fitted.score(corpus[0][:2], ["anna", "anna"])


def test_a_transformer_in_front_sees_labels_too(corpus):
    """PerFrame hands labels down: a transport is an ordinary transformer of frames."""
    clips, speakers = corpus
    sequences = MelSpectrogram(RATE, n_mels=12).fit_transform(clips)
    moved = PerFrame(GaussianTransport(target="ben")).fit(sequences, speakers).transform(sequences)
    scaled = PerFrame(StandardScaler()).fit(sequences, speakers).transform(sequences)
    there = np.concatenate(sequences[2:])
    here = np.concatenate(moved[:2])
    np.testing.assert_allclose(here.mean(axis=0), there.mean(axis=0), rtol=1e-4)
    assert len(scaled) == 5
