"""AudioPlayer and AudioRow play what they were given."""

import base64
import io
import re

import numpy as np
import pytest
import soundfile
from numpy.testing import assert_allclose, assert_array_equal

from skstyle.inspection import AudioPlayer, AudioRow, _compression

RATE = 16000
needs_mp3 = pytest.mark.skipif(
    "MP3" not in soundfile.available_formats(), reason="this libsndfile has no MP3"
)


@pytest.fixture(scope="module")
def tone():
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)


def sounds(html):
    """Return kind, signal and rate of every player in a page."""
    found = []
    for kind, data in re.findall(r'src="data:audio/(\w+);base64,([^"]*)"', html):
        found.append((kind, *soundfile.read(io.BytesIO(base64.b64decode(data)))))
    return found


def test_wav_holds_the_clip(tone):
    ((kind, signal, rate),) = sounds(AudioPlayer(tone, RATE, format="wav")._repr_html_())
    assert (kind, rate) == ("wav", RATE)
    assert_allclose(signal, tone, atol=2**-15)


@needs_mp3
def test_mp3_sounds_alike_and_is_small(tone):
    html = AudioPlayer(tone, RATE)._repr_html_()
    ((kind, signal, rate),) = sounds(html)
    assert (kind, rate) == ("mpeg", RATE)
    middle = slice(2000, 14000)
    assert abs(len(signal) - RATE) < 2000
    spectra = [np.abs(np.fft.rfft(x[middle])) for x in (tone, signal)]
    assert spectra[0].argmax() == spectra[1].argmax()
    assert_allclose(spectra[1].max(), spectra[0].max(), rtol=0.05)
    assert len(html) < 0.4 * len(AudioPlayer(tone, RATE, format="wav")._repr_html_())


@needs_mp3
@pytest.mark.parametrize(
    ("rate", "mp3"),
    [(8000, 16000), (12345.6, 16000), (22050, 22050), (44000, 44100), (96000, 48000)],
)
def test_rates_that_mp3_lacks_are_resampled(rate, mp3):
    x = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate / 2)) / rate)
    ((_, signal, found),) = sounds(AudioPlayer(x, rate)._repr_html_())
    assert found == mp3
    assert _compression.mp3_rate(rate) == mp3
    assert len(signal) / mp3 == pytest.approx(0.5, abs=0.1)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal))))
    assert spectrum.argmax() * mp3 / len(signal) == pytest.approx(440, abs=5)


def test_without_mp3_it_is_wav(tone, monkeypatch):
    monkeypatch.setattr("skstyle.inspection._player.has_mp3", lambda: False)
    player = AudioPlayer(tone, RATE)
    assert (player.format, player.format_) == ("mp3", "wav")
    assert sounds(player._repr_html_())[0][0] == "wav"


@pytest.mark.parametrize("format", ["wav", pytest.param("mp3", marks=needs_mp3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_loud_clips_are_scaled_and_nothing_is_changed(tone, format, dtype):
    loud = (tone * 10).astype(dtype)
    before = loud.copy()
    ((_, signal, _),) = sounds(AudioPlayer(loud, RATE, format=format)._repr_html_())
    assert_array_equal(loud, before)
    peak = 1 if format == "wav" else 0.9
    assert np.abs(signal[2000:14000]).max() == pytest.approx(peak, abs=0.05)


@pytest.mark.parametrize("format", ["wav", "mp3"])
@pytest.mark.parametrize("n_times", [1, 100])
def test_short_and_silent_clips(format, n_times):
    assert sounds(AudioPlayer(np.zeros(n_times), RATE, format=format)._repr_html_())


def test_titles_are_escaped_and_read_out(tone):
    html = AudioPlayer(tone, RATE, title='<b> "x"')._repr_html_()
    assert "<figcaption>&lt;b&gt; &quot;x&quot;</figcaption>" in html
    assert 'aria-label="&lt;b&gt; &quot;x&quot;"' in html
    assert "<b>" not in html
    assert 'aria-label="sound"' in AudioPlayer(tone, RATE)._repr_html_()
    assert "figcaption" not in AudioPlayer(tone, RATE)._repr_html_()


def test_no_colour_is_set(tone):
    html = AudioRow({"a": tone}, RATE)._repr_html_()
    assert "color" not in re.sub(r'src="[^"]*"', "", html)


def test_player_errors(tone):
    with pytest.raises(ValueError, match="one channel"):
        AudioPlayer(np.zeros((2, 100)), RATE)
    with pytest.raises(ValueError, match="format must be one of"):
        AudioPlayer(tone, RATE, format="ogg")
    with pytest.raises(ValueError, match="did you mean kHz"):
        AudioPlayer(tone, 16)


@pytest.mark.parametrize("kind", [dict, list])
def test_row_has_its_clips_in_order(tone, kind):
    clips = kind({"first": tone, "second": tone / 2}.items())
    row = AudioRow(clips, RATE, format="wav")
    assert repr(row) == "AudioRow(['first', 'second'] at 16000 Hz)"
    html = row._repr_html_()
    signals = [signal for _, signal, _ in sounds(html)]
    assert_allclose(signals[0], tone, atol=2**-15)
    assert_allclose(signals[1], tone / 2, atol=2**-15)
    assert re.findall("<figcaption>(.*?)</figcaption>", html) == ["first", "second"]
    assert "flex-wrap:wrap" in html


def test_row_errors(tone):
    with pytest.raises(ValueError, match="clips is empty"):
        AudioRow({}, RATE)
    with pytest.raises(TypeError, match="dict of titles"):
        AudioRow([tone], RATE)
    with pytest.raises(ValueError, match=r"Clip 'b': .*NaN"):
        AudioRow({"a": tone, "b": tone * np.nan}, RATE)


@needs_mp3
def test_mp3_leaves_room_for_its_peaks(speakers):
    for x in speakers[0][:3]:
        full = x / np.abs(x).max()
        ((_, signal, _),) = sounds(AudioPlayer(full, RATE)._repr_html_())
        assert 0.8 < np.abs(signal).max() <= 1
        # What is quieter keeps its level.
        ((_, quiet, _),) = sounds(AudioPlayer(0.5 * full, RATE)._repr_html_())
        assert quiet.std() == pytest.approx(0.5 / 0.9 * signal.std(), rel=0.02)


def test_a_player_keeps_what_it_was_given(tone):
    signal = tone.copy()
    player = AudioPlayer(signal, RATE, format="wav")
    before = player._repr_html_()
    signal *= 0
    assert player._repr_html_() == before


def test_no_title_is_none(tone):
    html = AudioPlayer(tone, RATE, title=None)._repr_html_()
    assert "None" not in re.sub(r'src="[^"]*"', "", html)
    assert repr(AudioPlayer(tone, RATE, None)).startswith("AudioPlayer('', ")


def test_odd_signals(tone):
    with pytest.raises(ValueError, match="signal is empty: expected one signal"):
        AudioPlayer([], RATE)
    with pytest.raises(ValueError, match="signal is a list of 2 clips"):
        AudioPlayer([tone, tone], RATE)
    with pytest.raises(TypeError, match="signal is None"):
        AudioPlayer(None, RATE)
    assert len(AudioPlayer([0, 1, 0.5], RATE).signal) == 3
