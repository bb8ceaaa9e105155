"""Style transfer by concatenation: the style's own sounds at the content's pitches."""

from contextlib import nullcontext

import numpy as np
import pytest

from skstyle.exceptions import ShortClipWarning, SilentClipWarning
from skstyle.transfer import ConcatenativeStyleTransformer
from skstyle.transfer._levels import at_unit_level, make_analysis
from skstyle.transfer._style_bank import pitch_of

RATE = 16000
MELODY = [220, 247, 262, 294, 330]


def notes(pitches, tilt, fade=0.0, seconds=0.4, seed=0):
    """Harmonic notes whose partials fall by a power, and that fade so many times a second."""
    t = np.arange(int(seconds * RATE)) / RATE
    shape = np.minimum(t / 0.01, 1) * np.minimum((seconds - t) / 0.02, 1) * np.exp(-fade * t)
    played = [
        shape * sum(np.sin(2 * np.pi * f0 * k * t + k) / k**tilt for k in range(1, 16))
        for f0 in pitches
    ]
    noise = np.random.default_rng(seed).standard_normal(len(played) * len(t))
    return 0.1 * np.concatenate(played) + 1e-4 * noise


@pytest.fixture(scope="module")
def clips():
    return notes(MELODY, tilt=2.0), notes([330, 220, 294, 262, 247], tilt=0.7, fade=6.0, seed=1)


def pitches(x, n_notes, seconds=0.4):
    """Median pitch of every note in semitones."""
    analysis = make_analysis(RATE, 20)
    pitch = pitch_of(at_unit_level(x)[0], analysis)
    length = int(seconds * RATE / analysis.hop_length)
    middles = [pitch[i * length + 5 : (i + 1) * length - 5] for i in range(n_notes)]
    return np.array([np.nanmedian(p) for p in middles])


def test_notes_of_the_style_are_put_in_the_places_of_the_content(clips):
    content, style = clips
    truth = notes(MELODY, tilt=0.7, fade=6.0, seed=2)
    transfer = ConcatenativeStyleTransformer(RATE, random_state=0).fit([style])
    out = transfer.transform([content])[0]
    n = 256

    def levels(x):
        frames = x[: len(x) // n * n].reshape(-1, n) / np.sqrt(np.mean(x**2))
        return 10 * np.log10(np.abs(np.fft.rfft(frames * np.hanning(n))) ** 2 + 1e-2)

    error, copy = (np.abs(levels(x) - levels(truth)).mean() for x in (out, content))
    assert error < 0.5 * copy
    np.testing.assert_allclose(pitches(out, 5), pitches(content, 5), atol=0.2)


def test_styles_are_shifted_where_they_lack_a_pitch(clips):
    content, _ = clips
    style = notes([277, 277], tilt=0.7, fade=3.0, seed=1)
    out, unshifted = (
        ConcatenativeStyleTransformer(RATE, max_shift=k, max_retune=k and 1, random_state=0)
        .fit([style])
        .transform([content])[0]
        for k in (5, 0)
    )
    error = np.abs(pitches(out, 5) - pitches(content, 5))
    assert error.max() < 0.3 and np.median(error) < 0.1
    assert np.ptp(pitches(unshifted, 5)) < 0.2


def cents_off(x, f0):
    """How far the pitch of a tone is above a frequency."""
    n = 1 << 18
    middle = x[len(x) // 4 : -len(x) // 4]
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), n))
    near = slice(int(0.9 * f0 * n / RATE), int(1.1 * f0 * n / RATE))
    return 1200 * np.log2((near.start + power[near].argmax()) * RATE / n / f0)


@pytest.mark.parametrize("cents", [-50, -40, 40, 50])
def test_styles_that_are_tuned_otherwise_are_retuned(cents):
    content = notes([220], tilt=2.0, seconds=1.2)
    style = notes([220 * 2 ** (cents / 1200)], tilt=0.7, seconds=1.2, seed=1)
    retuned, plain = (
        ConcatenativeStyleTransformer(RATE, max_retune=k, random_state=0).fit([style])
        for k in (1, 0)
    )
    out = retuned.transform([content])[0]
    assert abs(cents_off(out, 220)) < 5
    assert abs(cents_off(plain.transform([content])[0], 220)) > 30
    assert out.shape == content.shape
    assert np.sqrt(np.mean(out**2)) == pytest.approx(np.sqrt(np.mean(content**2)), rel=1e-5)
    np.testing.assert_array_equal(retuned.fit([style]).transform([content])[0], out)
    # Whatever the loudness.
    same = retuned.fit([5 * style]).transform([content / 5])[0]
    assert np.abs(5 * same - out).max() < 1e-3 * np.abs(out).max()


def test_notes_of_the_style_a_semitone_away_are_retuned(clips):
    content, _ = clips
    style = notes([233, 277], tilt=0.7, fade=3.0, seed=1)
    out = ConcatenativeStyleTransformer(RATE, random_state=0).fit([style]).transform([content])[0]
    np.testing.assert_allclose(pitches(out, 5), pitches(content, 5), atol=0.3)


def test_small_errors_are_intonation():
    content = notes([220], tilt=2.0, seconds=1.2)
    style = notes([220 * 2 ** (10 / 1200)], tilt=0.7, seconds=1.2, seed=1)
    out = ConcatenativeStyleTransformer(RATE, random_state=0).fit([style]).transform([content])[0]
    assert cents_off(out, 220) == pytest.approx(10, abs=3)


def test_the_sounds_are_those_of_the_style(clips):
    content, style = clips
    transfer = ConcatenativeStyleTransformer(RATE, max_shift=0, random_state=0).fit([style])
    out = transfer.transform([content])[0]
    # In the middle of notes the result is a copy of what is somewhere in the style.
    for i in range(len(MELODY)):
        piece = out[int((0.4 * i + 0.1) * RATE) :][:800]
        power = np.convolve(style**2, np.ones(800), mode="valid")
        likeness = np.correlate(style, piece, "valid") / np.sqrt(power * (piece @ piece))
        assert likeness.max() > 0.99


def test_a_clip_in_its_own_style_is_itself(clips):
    _, style = clips
    transfer = ConcatenativeStyleTransformer(RATE, random_state=0).fit([style])
    out = transfer.transform([style])[0]
    assert np.corrcoef(out, style)[0, 1] > 0.99


def test_notes_can_be_left_out(clips):
    content, style = clips
    a, b = (
        ConcatenativeStyleTransformer(RATE, note_weight=w, random_state=0)
        .fit([style])
        .transform([content])[0]
        for w in (0, 1)
    )
    assert not np.array_equal(a, b)
    for out in (a, b):
        np.testing.assert_allclose(pitches(out, 5), pitches(content, 5), atol=0.6)


@pytest.mark.parametrize("gain", [0.3, 7.1])
def test_gains_of_content_and_style_do_not_matter(clips, gain):
    content, style = clips
    transfer = ConcatenativeStyleTransformer(RATE, max_shift=2, random_state=0)
    out = transfer.fit([style]).transform([content])[0]
    same = transfer.fit([gain * style]).transform([content / gain])[0]
    assert np.abs(gain * same - out).max() < 1e-3 * np.abs(out).max()
    assert np.sqrt(np.mean(out**2)) == pytest.approx(np.sqrt(np.mean(content**2)), rel=1e-5)


def test_several_clips_of_any_length_are_one_style(clips):
    content, style = clips
    parts = [style[:6400], 0.1 * style[6400:9000], style[9000:], np.array([0.1])]
    transfer = ConcatenativeStyleTransformer(RATE, max_shift=1, random_state=0).fit(parts)
    assert [len(x) for x in transfer.style_.parts[0].clips] == [len(x) for x in parts]
    out = transfer.transform([content])[0]
    assert len(out) == len(content) and np.isfinite(out).all()


ODD = {
    "one sample": np.array([0.1]),
    "two samples": np.array([0.1, -0.1]),
    "half a frame": notes([220], 1.0)[:500],
    "click": np.eye(1, 8000, 3000)[0],
    "offset": 0.1 + notes([220], 1.0),
    "noise": 0.1 * np.random.default_rng(0).standard_normal(8000),
    "half silent": np.concatenate([np.zeros(4000), notes([220], 1.0)]),
    "too loud": 1e30 * notes([220], 1.0),
    "single precision": notes([220], 1.0).astype(np.float32),
}


SHORT = ("one sample", "two samples", "half a frame", "click")


@pytest.mark.filterwarnings("ignore:.*came out silent:skstyle.exceptions.SilentClipWarning")
@pytest.mark.parametrize("style", ODD)
def test_odd_clips_pass(style):
    transfer = ConcatenativeStyleTransformer(RATE, max_shift=1, random_state=0)
    with pytest.warns(ShortClipWarning) if style in SHORT else nullcontext():
        transfer.fit([ODD[style]])
    for x, y in zip(ODD.values(), transfer.transform(list(ODD.values())), strict=True):
        assert y.shape == x.shape and y.dtype == x.dtype and np.isfinite(y).all()


def test_offsets_are_no_sound(clips):
    content, style = (x - x.mean() for x in clips)
    transfer = ConcatenativeStyleTransformer(RATE, max_shift=0, random_state=0)
    out = transfer.fit([style]).transform([content])[0]
    same = transfer.fit([style - 0.3]).transform([content + 0.5])[0]
    # But for rounding.
    assert np.abs(same - out).max() < 1e-3 * np.abs(out).max()
    with pytest.warns(SilentClipWarning, match=r"X\[1\] is silent"):
        out = transfer.transform([content, np.full(4000, 0.1)])
    assert not out[1].any()
    with pytest.raises(ValueError, match="All 1 clips of the style are silent"):
        transfer.fit([np.full(4000, 0.1)])


def test_silence_around_the_sounds_does_not_matter(clips):
    content, style = clips
    # Whole frames of analysis, so that all frames but those at the edges are the same.
    around = np.zeros(32 * 256)
    padded = np.concatenate([around, content, around, around])
    transfer = ConcatenativeStyleTransformer(RATE, max_shift=0, random_state=0)
    plain = transfer.fit([style]).transform([padded])[0]
    out = transfer.fit([np.concatenate([around, style, around])]).transform([padded])[0]
    gap = slice(0, 28 * 256)
    assert np.abs(plain[gap]).max() < 1e-4 * np.abs(plain).max()
    # Pieces are moved by less than a period; which they are stays the same.
    np.testing.assert_allclose(pitches(out[len(around) :], 5), pitches(content, 5), atol=0.2)


def test_styles_of_hardly_any_sound_are_told(clips):
    transfer = ConcatenativeStyleTransformer(RATE, max_shift=0, random_state=0)
    with pytest.warns(ShortClipWarning, match="sounds for less than 128 ms"):
        transfer.fit([ODD["click"]])
    with pytest.warns(SilentClipWarning, match=r"X\[0\] came out silent"):
        out = transfer.transform([ODD["two samples"]])[0]
    assert not out.any()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"max_shift": 13}, "max_shift must be at most 12 semitones"),
        ({"max_retune": 12.5}, "max_retune must be at most 12 semitones"),
        ({"max_retune": -0.5}, "max_retune must be a number of at least 0"),
        ({"max_shift": -1}, "max_shift must be an integer of at least 0"),
        ({"note_weight": 1.5}, "note_weight must lie between 0 and 1, got 1.5"),
        ({"jump_cost": -1}, "jump_cost must be a number of at least 0"),
        ({"fine_weight": np.inf}, "fine_weight must be a number"),
        ({"pitch_weight": None}, "pitch_weight must be a number"),
        ({"n_mels": 0}, "n_mels must be an integer of at least 2"),
    ],
)
def test_parameters_are_checked(clips, params, message):
    with pytest.raises(ValueError, match=message):
        ConcatenativeStyleTransformer(RATE, **params).fit([clips[1]])
