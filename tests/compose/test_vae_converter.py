"""VAEConverter: any of several voices to any other."""

import copy

import numpy as np
import pytest

from skstyle import SourceFilterVocoder, VAEConverter, load_model, save_model
from skstyle.datasets import make_parallel_speakers
from skstyle.exceptions import SilentClipWarning
from skstyle.features import MelSpectrogram
from skstyle.metrics import mel_cepstral_distortion

pytest.importorskip("torch")
pytest.importorskip("skorch")

RATE = 16000


def vae(**options):
    from skstyle.neural import VAETransport

    chosen = {"latent_dim": 8, "decoder_variance": "one", "n_epochs": 25, "warmup_epochs": 4}
    chosen |= {"learning_rate": 0.004, "batch_size": 128, "random_state": 0}
    return VAETransport(**{**chosen, **options})


@pytest.fixture(scope="module")
def voices():
    """Sentences of four voices, which say the same."""

    def make(vocal_tract_ratio, f0_ratio):
        return make_parallel_speakers(
            8, vocal_tract_ratio=vocal_tract_ratio, f0_ratio=f0_ratio, random_state=0
        )

    anna, ben = make(1.15, 1.5)
    return {"anna": anna, "ben": ben, "carl": make(0.87, 0.8)[1], "dora": make(1.25, 1.8)[1]}


@pytest.fixture(scope="module")
def fitted(voices):
    X = [x for name in ("anna", "ben", "carl") for x in voices[name][:6]]
    y = np.repeat(["anna", "ben", "carl"], 6)
    return VAEConverter(SourceFilterVocoder(RATE), vae(), target="ben").fit(X, y)


def pitch(fitted, clips):
    frames = np.vstack(fitted.source_features_.transform(clips))
    return np.median(frames[frames[:, 1] > 0.5, 0])


@pytest.mark.parametrize(
    ("source", "target"), [("anna", "ben"), ("ben", "anna"), ("carl", "anna"), ("anna", "carl")]
)
def test_voices_reach_each_other(fitted, voices, source, target):
    clips, wanted = voices[source][6:], voices[target][6:]
    converted = fitted.convert(clips, target)
    before, after = (
        mel_cepstral_distortion(wanted, x, sample_rate=RATE) for x in (clips, converted)
    )
    assert after < 0.65 * before
    own, found, expected = (pitch(fitted, x) for x in (clips, converted, wanted))
    assert abs(found - expected) < 0.5 * abs(own - expected)


def test_predict_converts_to_the_target(fitted, voices):
    clips = voices["anna"][6:7]
    expected = fitted.convert(clips, "ben")
    np.testing.assert_array_equal(fitted.predict(clips)[0], expected[0])
    np.testing.assert_array_equal(fitted.transform(clips)[0], expected[0])
    assert fitted.predict_features(clips)[0].ndim == 2
    assert fitted.target_ == "ben" and fitted.classes_.tolist() == ["anna", "ben", "carl"]
    # Another direction in between leaves nothing behind.
    fitted.convert(clips, "carl")
    np.testing.assert_array_equal(fitted.predict(clips)[0], expected[0])


def test_the_source_is_recognised_clip_by_clip(fitted, voices):
    clips = [voices["anna"][6], voices["carl"][6]]
    both = fitted.convert(clips, "ben")
    for x, found, name in zip(clips, both, ("anna", "carl"), strict=True):
        (told,) = fitted.convert([x], "ben", name)
        np.testing.assert_array_equal(found, told)
    timbre = fitted._streams.timbre
    for x, name in zip(clips, ("anna", "carl"), strict=True):
        frames = fitted.source_features_.transform([x])[0]
        assert fitted.classes_[fitted.vae_.recognise(frames[:, timbre])] == name


@pytest.mark.parametrize("synthesis", ["vocoder", "differential"])
def test_a_voice_is_recognised_once(fitted, voices, monkeypatch, synthesis):
    calls = []
    recognise = type(fitted.vae_).recognise

    def counted(self, X, **options):
        calls.append(len(X))
        return recognise(self, X, **options)

    monkeypatch.setattr(type(fitted.vae_), "recognise", counted)
    model = copy.copy(fitted).set_params(synthesis=synthesis)
    model.convert([voices["anna"][6], voices["carl"][6]], "ben")
    assert len(calls) == 2


def test_an_unseen_voice_can_be_converted(fitted, voices):
    clips = voices["dora"][:1]
    found = fitted.convert(clips, "anna")
    assert len(found[0]) == len(clips[0]) and np.isfinite(found[0]).all()


def test_a_voice_that_was_not_in_the_fit_can_be_the_target(fitted, voices):
    style = fitted.style_from(voices["dora"][:6])
    converted = fitted.convert(voices["anna"][6:], style)
    wanted = voices["dora"][6:]
    before, after = (
        mel_cepstral_distortion(wanted, x, sample_rate=RATE)
        for x in (voices["anna"][6:], converted)
    )
    assert after < 0.85 * before
    own, found, expected = (pitch(fitted, x) for x in (voices["anna"][6:], converted, wanted))
    assert abs(found - expected) < 0.3 * abs(own - expected)
    with pytest.raises(ValueError, match="All clips of the new voice are silent"):
        with pytest.warns(SilentClipWarning):
            fitted.style_from([np.zeros(8000)])


def test_clips_become_as_loud_as_the_target_whoever_spoke(voices):
    from skstyle.signal._silence import speech_level

    # ben speaks twice as loud as anna, and carl half as loud.
    gains = {"anna": 0.3, "ben": 0.6, "carl": 0.15}
    loud = {name: [(g * x).astype(x.dtype) for x in voices[name]] for name, g in gains.items()}
    X = [x for name in gains for x in loud[name][:4]]
    y = np.repeat(list(gains), 4)
    model = VAEConverter(SourceFilterVocoder(RATE), vae(n_epochs=8)).fit(X, y)
    own = {name: np.median([speech_level(x) for x in loud[name][:4]]) for name in gains}
    for source, target in (("anna", "ben"), ("carl", "ben"), ("ben", "carl")):
        clip = loud[source][6]
        (found,) = model.convert([clip], target)
        gain = speech_level(found) - speech_level(clip)
        assert gain == pytest.approx(own[target] - own[source], abs=1), (source, target)
        (told,) = model.convert([clip], target, source)
        np.testing.assert_array_equal(found, told)


def test_synthesis_by_filtering(voices):
    X, y = voices["anna"][:2] + voices["ben"][2:4], ["anna"] * 2 + ["ben"] * 2
    model = VAEConverter(
        SourceFilterVocoder(RATE), vae(n_epochs=2), synthesis="differential", level="source"
    )
    clip = voices["anna"][6].astype(np.float32)
    found = model.fit(X, y).predict([clip])
    assert found[0].dtype == np.float32 and found[0].shape == clip.shape


def test_convolutions_in_place_of_frames(voices):
    from skstyle.neural import ConvVAETransport

    X = [x for name in ("anna", "ben", "carl") for x in voices[name][:6]]
    y = np.repeat(["anna", "ben", "carl"], 6)
    conv = ConvVAETransport(
        latent_dim=8,
        decoder_variance="one",
        hidden_layer_sizes=(64,),
        n_epochs=40,
        warmup_epochs=4,
        learning_rate=0.004,
        batch_size=4,
        random_state=0,
    )
    fitted = VAEConverter(SourceFilterVocoder(RATE), conv, target="ben").fit(X, y)
    clips, wanted = voices["anna"][6:], voices["ben"][6:]
    before, after = (
        mel_cepstral_distortion(wanted, x, sample_rate=RATE) for x in (clips, fitted.predict(clips))
    )
    assert after < 0.75 * before
    # Clips do not know of each other, and the voice of each is recognised.
    (alone,) = fitted.convert(clips[:1], "ben")
    np.testing.assert_array_equal(fitted.convert([*clips, voices["carl"][7]], "ben")[0], alone)
    np.testing.assert_array_equal(fitted.convert(clips[:1], "ben", "anna")[0], alone)
    new = fitted.style_from(voices["dora"][:3])
    assert fitted.convert(clips[:1], new)[0].shape == clips[0].shape


def test_the_default(voices):
    X, y = voices["anna"][:2] + voices["ben"][2:4], ["anna"] * 2 + ["ben"] * 2
    model = VAEConverter(SourceFilterVocoder(RATE)).fit(X, y)
    assert (model.vae_.decoder_variance, model.vae_.beta, model.vae_.n_epochs) == ("one", 1.3, 30)
    assert model.vae is None and len(model.predict(X[:1])[0]) == len(X[0])


def test_features_without_streams(voices):
    X, y = voices["anna"][:2] + voices["ben"][2:4], ["anna"] * 2 + ["ben"] * 2
    features = MelSpectrogram(RATE, output="db")
    found = VAEConverter(features, vae(n_epochs=2)).fit(X, y).convert(X[:1], "ben")
    assert len(found[0]) == len(X[0])


def test_saved_and_loaded(fitted, voices, tmp_path):
    save_model(fitted, tmp_path / "voices.skstyle")
    again = load_model(tmp_path / "voices.skstyle")
    clips = voices["carl"][6:7]
    np.testing.assert_array_equal(again.convert(clips, "anna")[0], fitted.convert(clips, "anna")[0])


def test_scores_and_seeds(fitted, voices):
    X = voices["anna"][6:] + voices["ben"][6:]
    assert fitted.score(X, ["anna"] * 2 + ["ben"] * 2) < 0
    short = [voices[n][0] for n in ("anna", "ben")]
    models = [
        VAEConverter(SourceFilterVocoder(RATE), vae(n_epochs=2)).fit(short, ["anna", "ben"])
        for _ in range(2)
    ]
    a, b = (model.predict(short[:1])[0] for model in models)
    assert a.tobytes() == b.tobytes()


def test_bad_input(fitted, voices):
    clips = voices["anna"][:2]
    model = VAEConverter(SourceFilterVocoder(RATE), vae(n_epochs=1))
    with pytest.raises(ValueError, match="one class only, 'anna'"):
        model.fit(clips, ["anna"] * 2)
    with pytest.raises(ValueError, match="requires y"):
        model.fit(clips, None)
    with pytest.raises(ValueError, match=r"y\[1\] is None"):
        model.fit(clips, ["anna", None])
    with pytest.raises(ValueError, match="target='dora' is none of the labels in y, .*'carl'"):
        fitted.convert(clips, "dora")
    with pytest.raises(ValueError, match="source='dora' is none of the labels in y"):
        fitted.convert(clips, "ben", "dora")
    for labels in (["anna"], ["anna", "ben", "carl"]):
        with pytest.raises(ValueError, match=rf"X has 2 clips and y has {len(labels)} labels"):
            model.fit(clips, labels)
    with pytest.raises(ValueError, match=r"target is an array of shape \(3,\), expected one of"):
        fitted.convert(clips, np.zeros(3))
    with pytest.raises(ValueError, match="target='dora' is none of the labels in y"):
        VAEConverter(SourceFilterVocoder(RATE), target="dora").fit(clips, ["anna", "ben"])
    broken = clips[1].copy()
    broken[50] = np.nan
    for call in (
        lambda: model.fit([clips[0], broken], ["anna", "ben"]),
        lambda: fitted.convert([clips[0], broken], "ben"),
        lambda: fitted.style_from([clips[0], broken]),
    ):
        with pytest.raises(ValueError, match=r"X\[1\] contains NaN \(first at sample 50 of "):
            call()
    silent = np.zeros(8000)
    with (
        pytest.warns(SilentClipWarning, match=r"X\[2\] is silent: it was left out"),
        pytest.raises(ValueError, match="All clips of ben are silent"),
    ):
        model.fit([*clips, silent], ["anna", "anna", "ben"])


def test_clips_of_any_length_in_one_batch(fitted, voices):
    long = np.tile(voices["anna"][6], 12)[: 30 * RATE]
    clips = [voices["anna"][6][4000:5600], long]
    for source in ("anna", None):
        found = fitted.convert(clips, "ben", source)
        assert [len(x) for x in found] == [1600, len(long)]
        assert all(np.isfinite(x).all() and x.any() for x in found)


def test_a_silent_clip_among_others(fitted, voices):
    clips = [voices["anna"][6], np.zeros(8000), 1e-7 * voices["anna"][6]]
    with pytest.warns(SilentClipWarning, match=r"X\[[12]\] is silent: it was converted to silence"):
        found = fitted.convert(clips, "ben")
    assert found[0].any() and not found[1].any()
    np.testing.assert_array_equal(found[0], fitted.convert(clips[:1], "ben")[0])
