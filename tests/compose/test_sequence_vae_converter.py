import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

pytest.importorskip("skorch")

from skstyle.compose import SequenceVAEConverter
from skstyle.compose._frame_sound import sharpen
from skstyle.datasets import make_parallel_speakers
from skstyle.exceptions import SilentClipWarning, UnstoppedWarning
from skstyle.features import MelSpectrogram
from skstyle.neural import SequenceVAE
from skstyle.signal import Resampler
from skstyle.utils.persistence import load_model, save_model

RATE = 8000
TEXTS = ["ab a.", "ba ab.", "a b.", "bab."]
pytestmark = pytest.mark.filterwarnings(f"ignore::{UnstoppedWarning.__module__}.UnstoppedWarning")


@pytest.fixture(scope="module")
def clips():
    anna, ben = make_parallel_speakers(4, duration=0.5, random_state=0, sample_rate=RATE)
    return [*anna, *ben]


def mel():
    return MelSpectrogram(RATE, n_fft=512, hop_length=128, n_mels=16, power=1.0, output="log")


def small(content="text", **options):
    options = {"latent_dim": 3, "content_dim": 16, "decoder_dim": 16, "n_epochs": 2} | options
    return SequenceVAE(content, random_state=0, **options)


@pytest.fixture(scope="module")
def reader(clips):
    return SequenceVAEConverter(mel(), small()).fit(clips, TEXTS * 2)


@pytest.fixture(scope="module")
def listener(clips):
    return SequenceVAEConverter(mel(), small("frames")).fit(clips, TEXTS * 2)


def test_says_texts_in_styles(reader, clips):
    code = reader.style_from(clips[:4])
    signals = reader.predict(["abba", "bb."], style=code)
    for signal, frames in zip(signals, reader.predict_features(["abba", "bb."], code), strict=True):
        assert signal.ndim == 1 and signal.dtype == clips[0].dtype and np.isfinite(signal).all()
        assert len(frames) % 5 == 0
        assert abs(len(signal) - 128 * len(frames)) <= 512
    assert len(reader.vae_.stopped_) == len(reader.vae_.alignments_) == 2


def test_styles_are_clips_codes_or_lists(reader, clips):
    codes = reader.style_codes(clips[:2])
    assert codes.shape == (2, 3)
    np.testing.assert_array_equal(reader.style_from(clips[:1]), codes[0])
    by_code = reader.predict_features(["ab", "ba"], list(codes))
    for styles in (clips[:2], [clips[0], codes[1]]):
        for a, b in zip(by_code, reader.predict_features(["ab", "ba"], styles), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-4)
    alone = reader.predict_features(["ab"], clips[0])
    np.testing.assert_allclose(alone[0], by_code[0], atol=1e-4)
    assert not np.allclose(reader.predict_features(["ab"])[0][:5], by_code[0][:5])


def test_content_of_one_clip_in_the_style_of_another(listener, clips):
    before = [x.copy() for x in clips]
    made = listener.predict(clips[:2], style=clips[5])
    assert [x.ndim for x in made] == [1, 1]
    # Attention is on groups of four frames of the content.
    n_frames = len(listener.features_.transform(listener._trim(clips[:1]))[0])
    assert listener.vae_.alignments_[0].shape[1] == -(-n_frames // 4)
    for x, kept in zip(clips, before, strict=True):
        np.testing.assert_array_equal(x, kept)


def test_silence_around_speech_is_not_read(listener, clips):
    padded = np.concatenate([np.zeros(4000), clips[0], np.zeros(4000)]).astype(clips[0].dtype)
    listener.predict([clips[0], padded])
    n_states, n_padded = (weights.shape[1] for weights in listener.vae_.alignments_)
    # 50 ms are kept at both ends, a state is 64 ms: of a second of silence two states.
    assert n_states <= n_padded <= n_states + 3


def test_silence(listener, clips):
    silence = np.zeros(4000, clips[0].dtype)
    with pytest.warns(SilentClipWarning, match=r"X\[0\] is silent: it was left out"):
        converter = clone(listener).fit([silence, *clips], ["ab a.", *TEXTS * 2])
    with pytest.warns(SilentClipWarning, match=r"X\[1\] is silent"):
        made, still = converter.predict([clips[0], silence], style=clips[1])
    assert made.any() and not still.any() and len(still) == 4000
    np.testing.assert_array_equal(made, listener.predict(clips[:1], style=clips[1])[0])
    with (
        pytest.warns(SilentClipWarning),
        pytest.raises(ValueError, match="All clips are silent"),
    ):
        clone(listener).fit([np.zeros(4000)] * 2)


def test_messages_name_the_clip_that_is_meant(reader, listener, clips):
    silence, code = np.zeros(4000, clips[0].dtype), np.zeros(3)
    broken = np.full(4000, np.nan, np.float32)
    for style, message in (
        ([code, silence], r"style\[1\] is silent"),
        ([code, clips[0], broken], r"style\[2\] contains NaN"),
        (silence, "style is silent"),
        ("anna", "style is 'anna', expected a clip"),
        (3, "style is 3, expected a clip"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            reader.predict(["ab"] * (len(style) if isinstance(style, list) else 1), style)
    y = [*TEXTS[:3], " ", *TEXTS]
    with pytest.raises(ValueError, match=r"y\[3\] is an empty transcript"):
        clone(reader).fit([silence, *clips[:7]], y)


def test_styles_are_heard(listener, clips):
    a, b = (listener.predict_features(clips[:1], style=clips[i])[0] for i in (1, 6))
    n = min(len(a), len(b))
    assert not np.array_equal(a[:n], b[:n])
    codes = listener.style_codes([clips[1], clips[6]])
    for styles in (codes, list(codes), [clips[1], clips[6]]):
        again = listener.predict_features([clips[0]] * 2, styles)
        np.testing.assert_allclose(again[0], a, atol=1e-4)
        np.testing.assert_allclose(again[1], b, atol=1e-4)


def test_score_takes_part_in_a_grid_search(clips):
    search = GridSearchCV(
        SequenceVAEConverter(mel(), small("frames")), {"vae__latent_dim": [2, 3]}, cv=2
    )
    search.fit(clips, TEXTS * 2)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_vocoder_makes_the_sound(reader, clips):
    heard = []

    def vocoder(frames):
        heard.append(frames.shape)
        return np.repeat(frames[:, 0], 128)

    converter = SequenceVAEConverter(mel(), small(n_epochs=0), vocoder=vocoder)
    signal = converter.fit(clips, TEXTS * 2).predict(["ab"])[0]
    assert heard[0][1] == 16 and len(signal) == 128 * heard[0][0]
    assert signal.dtype == clips[0].dtype
    converter.set_params(vocoder=lambda frames: frames)
    with pytest.raises(ValueError, match="expected a 1-D signal"):
        converter.predict(["ab"])


def test_bands_are_sharpened(reader):
    frames = reader.predict_features(["ab"])
    converter = pickle.loads(pickle.dumps(reader)).set_params(sharpness=0.0)
    (soft,), (sharp,) = converter.synthesise(frames), reader.synthesise(frames)
    wanted = reader.features_.inverse_transform([sharpen(frames[0], 0.5)])[0]
    np.testing.assert_array_equal(sharp, wanted)
    assert soft.dtype == sharp.dtype and not np.array_equal(soft, sharp)
    # A band that stands out does so more, and what is even stays so.
    bands = np.zeros((2, 16))
    bands[1, 8] = 1.0
    sharper = sharpen(bands, 1.0)
    assert sharper[1, 8] > 1.5 and sharper[1, 7] < 0 and not sharper[0].any()


def test_save_and_load(reader, tmp_path):
    save_model(reader, tmp_path / "model.joblib")
    again = load_model(tmp_path / "model.joblib")
    for a, b in zip(reader.predict(["ab"]), again.predict(["ab"]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_bad_input(reader, listener, clips):
    converter = clone(reader)
    for X, y, message in (
        (clips, TEXTS, "8 clips and y has 4"),
        (clips, [*TEXTS, *TEXTS[:3], None], r"y\[7\] is None"),
        (clips, [*TEXTS, *TEXTS[:3], " "], r"y\[7\] is an empty transcript"),
        (clips, None, "a transcript of every clip"),
        ([*clips[:7], np.full(4000, np.nan)], TEXTS * 2, r"X\[7\]"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            converter.fit(X, y)
    with pytest.raises(ValueError, match=r"X\[1\] has 'e', 'r', 'z'"):
        reader.predict(["ab", "zebra"])
    with pytest.raises(ValueError, match="a list of 3 and there are 2"):
        reader.predict(["ab", "ba"], style=clips[:3])
    with pytest.raises(ValueError, match="style is silent"):
        reader.predict(["ab"], style=np.zeros(4000))
    with pytest.raises(TypeError, match="texts|signals|array"):
        listener.predict(["ab"])
    with pytest.raises(TypeError, match="vocoder must be a function"):
        clone(reader).set_params(vocoder="hifigan").fit(clips, TEXTS * 2)
    with pytest.raises(ValueError, match="trim_db"):
        clone(reader).set_params(trim_db=0).fit(clips, TEXTS * 2)


def test_other_sample_rates_are_refused(reader, clips):
    resampled = Resampler(RATE, 16000).fit_transform(clips)
    with pytest.raises(ValueError, match="16000"):
        clone(reader).fit(resampled, TEXTS * 2)
    with pytest.raises(ValueError, match="16000"):
        reader.style_from(resampled)
