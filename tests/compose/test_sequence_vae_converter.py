import numpy as np
import pytest
from sklearn.base import clone

pytest.importorskip("skorch")

from skstyle.compose import SequenceVAEConverter
from skstyle.compose._sequence_vae_converter import sharpen
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
    with pytest.warns(SilentClipWarning, match=r"X\[8\] is silent: it was left out"):
        converter = clone(listener).fit([*clips, np.zeros(4000)], TEXTS * 2 + ["ab a."])
    with pytest.warns(SilentClipWarning, match=r"X\[1\] is silent"):
        made, silence = converter.predict([clips[0], np.zeros(4000, np.float32)], style=clips[1])
    assert made.any() and not silence.any() and len(silence) == 4000
    np.testing.assert_array_equal(made, listener.predict(clips[:1], style=clips[1])[0])
    with (
        pytest.warns(SilentClipWarning),
        pytest.raises(ValueError, match="All clips are silent"),
    ):
        clone(listener).fit([np.zeros(4000)] * 2)


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


def test_bands_are_sharpened(clips):
    heard = []

    def vocoder(frames):
        heard.append(frames)
        return frames[:, 0]

    converter = SequenceVAEConverter(mel(), small(n_epochs=0), vocoder=vocoder)
    frames = converter.fit(clips, TEXTS * 2).predict_features(["ab"])
    converter.synthesise(frames)
    converter.set_params(sharpness=0.0).synthesise(frames)
    sharp, plain = heard
    np.testing.assert_array_equal(plain, frames[0])
    assert sharp.dtype == plain.dtype
    np.testing.assert_allclose(sharp, sharpen(plain, 0.5))
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
    with pytest.raises(ValueError, match=r"style\[0\] is silent"):
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
