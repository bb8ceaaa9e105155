"""Style transfer by transport: contents keep their times, styles give their spectra."""

import warnings
from contextlib import nullcontext

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from skstyle.exceptions import ShortClipWarning, SilentClipWarning
from skstyle.mapping._transport import frechet_distance
from skstyle.signal import Resampler
from skstyle.transfer import TransportStyleTransformer
from skstyle.transfer._levels import at_unit_level, log_mel, make_analysis
from skstyle.transfer._style_bank import pitch_of

RATE = 16000


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
    content = notes([220, 247, 262, 294, 330], tilt=2.0)
    style = notes([196, 262, 220, 330], tilt=0.7, fade=6.0, seed=1)
    return content, style


def distance(x, style):
    analysis = make_analysis(RATE, 24)
    return frechet_distance(*(log_mel(at_unit_level(a)[0], analysis) for a in (x, style)))


def test_spectra_become_those_of_the_style(clips):
    content, style = clips
    out = TransportStyleTransformer(RATE, random_state=0).fit([style]).transform([content])[0]
    assert distance(out, style) < 0.15 * distance(content, style)


@pytest.mark.parametrize("params", [{"n_steps": 0}, {"n_neighbors": 0}, {"smoothing": 0}])
def test_every_part_can_be_left_out(clips, params):
    content, style = clips
    transfer = TransportStyleTransformer(RATE, random_state=0, **params).fit([style])
    assert distance(transfer.transform([content])[0], style) < 0.4 * distance(content, style)


def test_melodies_stay(clips):
    content, style = clips
    # Bands wider than harmonics: no gain can pick one out.
    transfer = TransportStyleTransformer(RATE, n_mels=30, random_state=0).fit([style])
    x, y = (at_unit_level(a)[0] for a in (content, transfer.transform([content])[0]))
    before, behind = (pitch_of(a, make_analysis(RATE, 30)) for a in (x, y))
    both = np.isfinite(before) & np.isfinite(behind)
    assert both.mean() > 0.8
    assert np.mean(np.abs(before - behind)[both] < 0.3) > 0.95


def test_a_clip_in_its_own_style_hardly_changes(clips):
    content, _ = clips
    transfer = TransportStyleTransformer(RATE, random_state=0).fit([content])
    out = transfer.transform([content])[0]
    assert np.corrcoef(out, content)[0, 1] > 0.95


def test_results_are_as_loud_as_the_content(clips):
    content, style = clips
    transfer = TransportStyleTransformer(RATE, random_state=0).fit([style])
    quiet, loud = transfer.transform([content / 8, content * 4])
    assert np.sqrt(np.mean(loud**2)) == pytest.approx(4 * np.sqrt(np.mean(content**2)), rel=1e-5)
    np.testing.assert_array_equal(32 * quiet, loud)


@pytest.mark.parametrize("gain", [0.3, 7.1])
def test_gains_of_content_and_style_do_not_matter(clips, gain):
    content, style = (x - x.mean() for x in clips)
    transfer = TransportStyleTransformer(RATE, random_state=0)
    out = transfer.fit([style]).transform([content])[0]
    same = transfer.fit([gain * style]).transform([content / gain])[0]
    assert np.abs(gain * same - out).max() < 1e-3 * np.abs(out).max()


def test_seeds_make_the_directions(clips):
    content, style = clips
    a, b, c = (
        TransportStyleTransformer(RATE, random_state=s).fit([style]).transform([content])[0]
        for s in (0, 0, 1)
    )
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_several_clips_are_one_style(clips):
    content, style = clips
    transfer = TransportStyleTransformer(RATE, random_state=0).fit([style, 0.1 * style[:9000]])
    assert [len(x) for x in transfer.style_.parts[0].clips] == [len(style), 9000]
    assert np.isfinite(transfer.transform([content])[0]).all()


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


@pytest.mark.parametrize("style", ODD)
def test_odd_clips_pass(style):
    transfer = TransportStyleTransformer(RATE, random_state=0)
    with pytest.warns(ShortClipWarning) if style in SHORT else nullcontext():
        transfer.fit([ODD[style]])
    for x, y in zip(ODD.values(), transfer.transform(list(ODD.values())), strict=True):
        assert y.shape == x.shape and y.dtype == x.dtype and np.isfinite(y).all()


def test_silence_inside_stays_silent():
    out = TransportStyleTransformer(RATE, random_state=0).fit([ODD["noise"]])
    out = out.transform([ODD["half silent"]])[0]
    assert np.abs(out[:3000]).max() < 1e-4 * np.abs(out).max()


def test_offsets_are_no_sound(clips):
    content, style = (x - x.mean() for x in clips)
    transfer = TransportStyleTransformer(RATE, random_state=0)
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
    gap = slice(0, 28 * 256)
    errors = []
    # How much the frames at the edges matter depends on the directions that are drawn.
    for seed in range(4):
        transfer = TransportStyleTransformer(RATE, random_state=seed)
        plain = transfer.fit([style]).transform([padded])[0]
        out = transfer.fit([np.concatenate([around, style, around])]).transform([padded])[0]
        assert np.abs(plain[gap]).max() < 1e-4 * np.abs(plain).max()
        errors.append(np.sqrt(np.mean((out - plain) ** 2) / np.mean(plain**2)))
    assert np.mean(errors) < 0.1


def test_silent_clips_are_told(clips):
    content, style = clips
    transfer = TransportStyleTransformer(RATE, random_state=0)
    with pytest.warns(SilentClipWarning, match=r"X\[1\] is silent: it is no part"):
        transfer.fit([style, np.zeros(500)])
    with pytest.warns(SilentClipWarning, match=r"X\[0\] is silent: it stays silent"):
        out = transfer.transform([np.zeros(500), content])
    assert not out[0].any() and out[1].any()
    with pytest.raises(ValueError, match="All 2 clips of the style are silent"):
        transfer.fit([np.zeros(500), np.zeros(3)])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_mels": 1}, "n_mels must be an integer of at least 2, got 1"),
        ({"n_steps": -1}, "n_steps must be an integer of at least 0"),
        ({"n_neighbors": 1.5}, "n_neighbors must be an integer"),
        ({"shrinkage": 2}, "shrinkage must lie between 0 and 1, got 2"),
        ({"smoothing": -1.0}, "smoothing must be a number of at least 0, got -1.0"),
        ({"smoothing": "much"}, "smoothing must be a number of at least 0, got 'much'"),
        ({"sample_rate": 16}, "did you mean kHz"),
    ],
)
def test_parameters_are_checked(clips, params, message):
    with pytest.raises(ValueError, match=message):
        TransportStyleTransformer(**{"sample_rate": RATE, **params}).fit([clips[1]])


def test_rates_of_a_chain_are_compared(clips):
    with pytest.raises(ValueError, match="resampled to 8000 Hz"):
        make_pipeline(Resampler(RATE, 8000), TransportStyleTransformer(RATE)).fit([clips[1]])


def test_pipelines_with_a_resampler(clips):
    content, style = clips
    resampler = Resampler(2 * RATE, RATE)
    pipeline = make_pipeline(resampler, TransportStyleTransformer(RATE, random_state=0))
    out = pipeline.fit([style]).transform([content])
    # The list still knows how to go back to the rate that it came from.
    assert len(resampler.inverse_transform(out)[0]) == len(content)


def test_clones_are_unfitted_and_equal(clips):
    content, style = clips
    transfer = TransportStyleTransformer(RATE, n_mels=30, random_state=3).fit([style])
    again = clone(transfer).fit([style])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        a, b = (t.transform([content])[0] for t in (transfer, again))
    np.testing.assert_array_equal(a, b)


def test_measure_asks_what_fit_asks(clips):
    with pytest.raises(NotFittedError):
        TransportStyleTransformer(RATE).measure(clips)
    transfer = TransportStyleTransformer(RATE, random_state=0).fit(clips[:1])
    resampled = Resampler(RATE, 8000).fit_transform(list(clips))
    with pytest.raises(ValueError, match="8000"):
        transfer.measure(resampled)
