"""Reading and writing clips: round trips, and a sentence for everything that can be wrong."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile

from skstyle.audio import (
    AUDIO_SUFFIXES,
    clip_sample_rate,
    read_clip,
    read_clips,
    resample,
    write_clip,
)
from skstyle.exceptions import ClippingWarning

RATE = 16000


@pytest.fixture
def tone():
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.fixture
def noise():
    return 0.1 * np.random.default_rng(0).standard_normal(20 * RATE).astype(np.float32)


def cut(path, share):
    """Keep only the first share of the bytes of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    return path


@pytest.mark.parametrize(("suffix", "tolerance"), [(".wav", 1e-4), (".flac", 1e-4), (".ogg", 0.05)])
def test_round_trip(tmp_path, tone, suffix, tolerance):
    path = tmp_path / f"tone{suffix}"
    write_clip(path, tone, RATE)
    signal, rate = read_clip(path)
    assert rate == RATE == clip_sample_rate(path)
    assert signal.dtype == np.float32
    assert signal.shape == tone.shape
    assert signal.flags.c_contiguous
    np.testing.assert_allclose(signal, tone, atol=tolerance)


def test_round_trip_mp3(tmp_path, tone):
    path = tmp_path / "tone.MP3"
    write_clip(path, tone, RATE)
    signal, _ = read_clip(path)
    assert len(signal) == len(tone)
    assert np.corrcoef(signal, tone)[0, 1] > 0.99


@pytest.mark.parametrize(
    ("subtype", "tolerance"), [("FLOAT", 0), ("PCM_24", 2e-7), ("PCM_16", 4e-5)]
)
def test_subtypes_and_float64(tmp_path, tone, subtype, tolerance):
    path = tmp_path / "tone.wav"
    write_clip(path, tone, RATE, subtype=subtype)
    signal, _ = read_clip(path, dtype="float64")
    assert signal.dtype == np.float64
    assert soundfile.info(path).subtype == subtype
    np.testing.assert_allclose(signal, tone, rtol=0, atol=tolerance)


def test_int16_file_is_scaled(tmp_path):
    path = tmp_path / "int16.wav"
    soundfile.write(path, np.array([0, 16384, -32768], dtype=np.int16), RATE)
    np.testing.assert_array_equal(read_clip(path)[0], [0, 0.5, -1])


def test_minutes_of_ogg_do_not_exhaust_the_stack(tmp_path, noise):
    # In one call, libvorbis crashes the interpreter from some minutes on.
    path = tmp_path / "long.ogg"
    write_clip(path, np.tile(noise[:RATE], 400), RATE)
    assert len(read_clip(path)[0]) == 400 * RATE


def test_folder_with_space_and_unicode(tmp_path, tone):
    folder = tmp_path / "söund fïles 1"
    folder.mkdir()
    for suffix in AUDIO_SUFFIXES:
        write_clip(folder / f"ton é{suffix}", tone, RATE)
    signals, rate = read_clips(str(path) for path in sorted(folder.iterdir()))
    assert rate == RATE
    assert [len(s) for s in signals] == [RATE] * len(AUDIO_SUFFIXES)


def test_mono_policy(tmp_path):
    path = tmp_path / "stereo.wav"
    channels = np.array([[0.5, -0.25], [0.25, 0.25]])
    soundfile.write(path, channels, RATE, subtype="FLOAT")
    with pytest.raises(ValueError, match=r"stereo\.wav has 2 channels.*mono='mix'.*mono='first'"):
        read_clip(path)
    np.testing.assert_array_equal(read_clip(path, mono="mix")[0], [0.125, 0.25])
    np.testing.assert_array_equal(read_clip(path, mono="first")[0], [0.5, 0.25])
    np.testing.assert_array_equal(read_clip(path, mono=1)[0], [-0.25, 0.25])
    with pytest.raises(ValueError, match="no channel 2"):
        read_clip(path, mono=2)


@pytest.mark.parametrize("mono", ["left", True, -1, 0.5, None])
def test_unknown_mono_policy(tmp_path, mono):
    with pytest.raises(ValueError, match="mono must be"):
        read_clip(tmp_path / "any.wav", mono=mono)


def test_unknown_dtype(tmp_path):
    with pytest.raises(ValueError, match="dtype must be float32 or float64"):
        read_clip(tmp_path / "any.wav", dtype="int16")


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_clip(tmp_path / "none.wav")
    with pytest.raises(FileNotFoundError, match="it is a folder"):
        clip_sample_rate(tmp_path)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
@pytest.mark.parametrize("share", [0.001, 0.5, 0.95])
def test_truncated(tmp_path, noise, suffix, share):
    path = tmp_path / f"noise{suffix}"
    write_clip(path, noise, RATE)
    assert len(read_clip(path)[0]) == len(noise)
    with pytest.raises(ValueError, match=rf"noise\{suffix}.*truncated.*ffmpeg"):
        read_clip(cut(path, share))


def test_wav_cut_by_a_few_bytes(tmp_path, tone):
    path = tmp_path / "tone.wav"
    write_clip(path, tone, RATE)
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(ValueError, match="2 bytes of its data are missing"):
        read_clip(path)


def test_ogg_cut_between_pages(tmp_path, noise):
    path = tmp_path / "noise.ogg"
    write_clip(path, noise, RATE)
    content = path.read_bytes()
    path.write_bytes(content[: content.rfind(b"OggS")])
    with pytest.raises(ValueError, match="last page is missing"):
        read_clip(path)


def test_streamed_wav_of_unknown_length_is_read(tmp_path, tone):
    path = tmp_path / "piped.wav"
    soundfile.write(path, tone, RATE)
    content = bytearray(path.read_bytes())
    at = content.find(b"data") + 4
    content[at : at + 4] = b"\xff" * 4
    path.write_bytes(content)
    assert len(read_clip(path)[0]) == len(tone)


def test_flac_of_unknown_length(tmp_path, tone):
    path = tmp_path / "piped.flac"
    soundfile.write(path, tone, RATE)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="does not tell its length.*ffmpeg"):
        read_clip(path)


@pytest.mark.parametrize("name", ["text.wav", "song.m4a", "take.raw", "text.mp3", "zero.flac"])
def test_not_audio(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"" if name.startswith("zero") else b"\0\0\0 ftypM4A hello" * 50)
    for read in (read_clip, clip_sample_rate):
        with pytest.raises(ValueError, match=rf"{name} cannot be read as audio.*ffmpeg"):
            read(path)


def test_file_without_samples(tmp_path):
    path = tmp_path / "silent.wav"
    soundfile.write(path, np.zeros(0), RATE)
    with pytest.raises(ValueError, match=r"silent\.wav is empty"):
        read_clip(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_float_file_that_is_not_finite(tmp_path, tone, bad):
    tone[7] = bad
    soundfile.write(tmp_path / "bad.wav", tone, RATE, subtype="FLOAT")
    with pytest.raises(ValueError, match=r"bad\.wav contains NaN or inf \(first at sample 7 of"):
        read_clip(tmp_path / "bad.wav")


def test_rates_of_one_folder(tmp_path, tone):
    write_clip(tmp_path / "a.wav", tone, 16000)
    write_clip(tmp_path / "b.wav", tone, 8000)
    paths = sorted(tmp_path.iterdir())
    with pytest.raises(ValueError, match=r"b\.wav has 8000 Hz.*a\.wav has 16000 Hz.*sample_rate="):
        read_clips(paths)
    signals, rate = read_clips(paths, sample_rate=8000)
    assert rate == 8000
    assert [len(s) for s in signals] == [8000, 16000]


def test_read_clips_refuses_a_lone_path_and_nothing(tmp_path):
    with pytest.raises(TypeError, match="expected a list of paths"):
        read_clips(tmp_path / "a.wav")
    with pytest.raises(ValueError, match="at least one audio file"):
        read_clips([])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_resample(tone, dtype):
    tone = tone.astype(dtype)
    slower = resample(tone, 16000, 22050)
    assert slower.dtype == dtype
    assert slower.shape == (22050,)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    np.testing.assert_allclose(slower[500:-500], expected[500:-500], atol=1e-3)
    assert resample(tone, 16000, 16000.0) is tone
    with pytest.raises(ValueError, match="kHz"):
        resample(tone, 16000, 22.05)


def test_read_clip_resamples(tmp_path, tone):
    write_clip(tmp_path / "a.wav", tone, RATE)
    signal, rate = read_clip(tmp_path / "a.wav", sample_rate=24000)
    assert rate == 24000
    assert signal.shape == (24000,)
    assert signal.dtype == np.float32


def test_clipping_guard_scales_and_says_so(tmp_path, tone):
    loud, before = 4 * tone, (4 * tone).copy()
    with pytest.warns(ClippingWarning, match=r"a\.wav has a peak of 2,.*-6\.0 dB"):
        write_clip(tmp_path / "a.wav", loud, RATE)
    signal, _ = read_clip(tmp_path / "a.wav")
    np.testing.assert_allclose(signal, loud * (0.999 / np.abs(loud).max()), atol=1e-4)
    np.testing.assert_array_equal(loud, before)


def test_full_scale_is_not_wrapped(tmp_path):
    write_clip(tmp_path / "a.wav", np.array([1.0, -1.0, 1.0]), RATE)
    np.testing.assert_allclose(read_clip(tmp_path / "a.wav")[0], [1, -1, 1], atol=1e-4)


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (np.array([0, np.nan]), "contains NaN"),
        (np.array([0, -np.inf]), "contains inf"),
        (np.array([]), "is empty"),
        (np.zeros((2, 10)), r"shape \(2, 10\), expected one channel"),
        (np.zeros(10, dtype=np.int16), r"holds integer samples \(int16\), expected floats"),
    ],
)
def test_write_refuses(tmp_path, signal, message):
    with pytest.raises(ValueError, match=rf"a\.wav.*{message}"):
        write_clip(tmp_path / "a.wav", signal, RATE)
    assert list(tmp_path.iterdir()) == []


def test_write_refuses_format_rate_and_folder(tmp_path, tone):
    with pytest.raises(ValueError, match=r"unknown suffix '\.m4a'.*\.wav, \.flac, \.ogg, \.mp3"):
        write_clip(tmp_path / "a.m4a", tone, RATE)
    with pytest.raises(ValueError, match="no subtype 'FLOAT', only.*PCM_16"):
        write_clip(tmp_path / "a.flac", tone, RATE, subtype="FLOAT")
    with pytest.raises(ValueError, match="whole sample rate"):
        write_clip(tmp_path / "a.wav", tone, 22050.5)
    with pytest.raises(ValueError, match="as MP3 at 12345 Hz"):
        write_clip(tmp_path / "a.mp3", tone, 12345)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        write_clip(tmp_path / "none" / "a.wav", tone, RATE)
    assert list(tmp_path.iterdir()) == []


def test_failed_write_keeps_the_old_file_and_nothing_else(tmp_path, tone, monkeypatch):
    path = tmp_path / "a.wav"
    write_clip(path, tone, RATE)
    before = path.read_bytes()

    def fail(self, data):
        raise OSError("disk full")

    monkeypatch.setattr(soundfile.SoundFile, "write", fail)
    with pytest.raises(OSError, match="disk full"):
        write_clip(path, tone / 2, RATE)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


def test_import_is_light():
    code = (
        "import sys, skstyle.audio, skstyle.datasets\n"
        "print([m for m in ('librosa', 'numba', 'torch', 'soundfile') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
