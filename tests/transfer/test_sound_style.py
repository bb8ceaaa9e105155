"""Styles made of sounds: distances, mixtures, and engines that take them."""

import pickle

import numpy as np
import pytest

from skstyle import save_model
from skstyle.exceptions import ShortClipWarning, SilentClipWarning
from skstyle.transfer import (
    AutoStyleTransformer,
    ConcatenativeStyleTransformer,
    SoundStyle,
    Style,
    TransportStyleTransformer,
)

RATE = 8000


def noise(tilt, seed=0, n_times=12000):
    """Noise whose spectrum falls by a power of frequency, with a slow tremolo."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n_times))
    x = np.fft.irfft(spectrum / np.arange(1, len(spectrum) + 1) ** tilt, n_times)
    x *= 1 + 0.5 * np.sin(np.arange(n_times) / 700)
    return 0.1 * x / np.sqrt(np.mean(x**2))


@pytest.fixture(scope="module")
def styles():
    return [SoundStyle([noise(tilt, seed)], RATE) for seed, tilt in enumerate((0.0, 0.6, 1.0))]


def test_distance_is_a_metric(styles):
    a, b, c = styles
    assert a.distance(a) == 0
    assert a.distance(b) == pytest.approx(b.distance(a)) and a.distance(b) > 3
    assert a.distance(c) <= a.distance(b) + b.distance(c)
    again = SoundStyle([noise(0.0, seed=7)], RATE)
    assert a.distance(again) < 0.2 * a.distance(b)


def test_loudness_and_silence_do_not_count(styles):
    x = noise(0.6, 1)
    louder = SoundStyle([5 * x], RATE)
    assert styles[1].distance(louder) < 1e-4
    padded = SoundStyle([np.concatenate([np.zeros(4000), x, np.zeros(9000)])], RATE)
    # At one root mean square of the whole clip, silence makes the rest louder.
    gain_db = 10 * np.log10(25000 / 12000)
    assert styles[1].distance(padded) == pytest.approx(gain_db, abs=1)


def test_mixtures_lie_on_the_way(styles):
    a, b, c = styles
    mixed = 0.3 * a + 0.7 * b
    assert mixed.distance(a) == pytest.approx(0.7 * a.distance(b), rel=1e-3)
    assert mixed.distance(b) == pytest.approx(0.3 * a.distance(b), rel=1e-3)
    three = (0.2 * a + 0.2 * b) + 0.6 * c
    same = 0.2 * (c * 3 + b) + 0.2 * a
    assert three.distance(same) < 1e-3
    assert sorted(three.weights) == pytest.approx([0.2, 0.2, 0.6])


def test_parts_are_kept_once(styles):
    a, b, _ = styles
    mixed = (0.5 * a + 0.5 * b) + 1 * b
    assert mixed.parts == [a.parts[0], b.parts[0]] and mixed.weights == pytest.approx([0.25, 0.75])
    assert (1 * a + 0 * b).parts == a.parts
    assert mixed.weight == pytest.approx(2)


def test_styles_are_small(styles):
    size = len(pickle.dumps(styles[0]))
    assert size < 12000 * 4 + 20000
    mixed = styles[0] + styles[1]
    assert len(pickle.dumps(mixed)) < 2.1 * size
    fitted = TransportStyleTransformer(RATE).fit(mixed)
    assert fitted.style_.parts[0].clips[0] is styles[0].parts[0].clips[0]


def test_saved_and_loaded(styles, tmp_path):
    mixed = 0.3 * styles[0] + 0.7 * styles[1]
    mixed.save(tmp_path / "style")
    assert mixed.distance(SoundStyle.load(tmp_path / "style")) < 1e-6
    save_model([1], tmp_path / "list")
    with pytest.raises(ValueError, match="holds a list, expected a SoundStyle"):
        SoundStyle.load(tmp_path / "list")


@pytest.mark.parametrize(
    "engine",
    [
        TransportStyleTransformer(RATE, random_state=0),
        ConcatenativeStyleTransformer(RATE, max_shift=1, random_state=0),
        AutoStyleTransformer(RATE, random_state=0),
    ],
    ids=lambda e: type(e).__name__,
)
def test_engines_take_styles_and_mixtures(engine, styles):
    a, b, _ = styles
    content = noise(0.3, 9)
    of_clips = engine.fit([noise(0.0, 0)]).transform([content])[0]
    assert engine.measure([noise(0.0, 0)]).distance(a) == 0
    same = engine.fit(a).transform([content])[0]
    np.testing.assert_array_equal(of_clips, same)
    assert engine.style_ is a
    towards_b = engine.fit(b).transform([content])[0]
    mixed = engine.fit(0.5 * a + 0.5 * b).transform([content])[0]
    assert len(mixed) == len(content)

    def place(x):
        found = SoundStyle([x], RATE)
        return found.distance(a) - found.distance(b)

    assert place(same) < place(mixed) < place(towards_b)
    alone = engine.fit(1 * a + 0 * b).transform([content])[0]
    np.testing.assert_array_equal(alone, same)


def test_towards_a_mixture_gains_are_means_in_decibels(styles):
    a, b, _ = styles
    engine = TransportStyleTransformer(RATE, n_mels=20, random_state=0, smoothing=0)
    content = noise(0.3, 9)

    def levels(style):
        x = engine.fit(style).transform([content])[0]
        return 20 * np.log10(np.abs(np.fft.rfft(x))[1:].reshape(20, -1).mean(1))

    # The same gain for all: the result is as loud as the content.
    difference = levels(0.25 * a + 0.75 * b) - 0.25 * levels(a) - 0.75 * levels(b)
    assert np.ptp(difference) < 1.5


def test_other_rates_and_other_things_are_refused(styles):
    other = SoundStyle([noise(0.0)], 16000)
    for call in (lambda: styles[0].distance(other), lambda: styles[0] + other):
        with pytest.raises(ValueError, match="different sample rates: 8000 and 16000 Hz. Resample"):
            call()
    with pytest.raises(ValueError, match="sample rate of 16000 Hz, and the engine one of 8000"):
        TransportStyleTransformer(RATE).fit(other)
    with pytest.raises(TypeError, match="takes clips or a SoundStyle, got a Style"):
        TransportStyleTransformer(RATE).fit(Style([{"gram": np.eye(2)}], np.ones((3, 3)), {}))
    with pytest.raises(TypeError, match="Expected a SoundStyle, got list"):
        styles[0].distance([1])
    with pytest.raises(TypeError):
        styles[0] + 1
    with pytest.raises(TypeError):
        "2" * styles[0]


def test_bad_weights_are_refused(styles):
    with pytest.raises(ValueError, match="weights that are not negative, got -1"):
        -1 * styles[0]
    with pytest.raises(ValueError, match="needs a weight above zero"):
        0 * styles[0] + 0 * styles[1]


def test_silent_clips_are_told():
    with pytest.warns(SilentClipWarning, match=r"clips\[1\] is silent: it is no part"):
        style = SoundStyle([noise(0.0), np.zeros(500)], RATE)
    assert len(style.parts[0].clips) == 1
    with pytest.raises(ValueError, match="All 1 clips of the style are silent"):
        SoundStyle([np.zeros(500)], RATE)


def test_repr(styles):
    assert repr(styles[0]) == "SoundStyle(1 clip of 1.5 s; at 8000 Hz)"
    assert repr(0.5 * SoundStyle([noise(0.0)] * 2, RATE)) == (
        "SoundStyle(2 clips of 3.0 s; at 8000 Hz)"
    )


def test_next_to_no_sound_is_told():
    click = np.zeros(RATE)
    click[RATE // 2] = 0.5
    for clips in ([click], [np.ones(2) * [0.1, -0.1]]):
        with pytest.warns(ShortClipWarning, match="sounds for less than 128 ms in all"):
            SoundStyle(clips, RATE)


def test_sums_begin_with_nothing(styles):
    total = sum(styles)
    assert total.weight == 3
    np.testing.assert_allclose((total / 3).weights, [1 / 3] * 3)
