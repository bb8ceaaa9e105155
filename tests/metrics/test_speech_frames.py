"""Speech analysed once: the same frames, paths and values as the measures by themselves."""

import inspect

import numpy as np
import pytest

from skstyle import metrics
from skstyle.exceptions import ShortClipWarning
from skstyle.features import MelCepstrum
from skstyle.metrics._speech_frames import (
    SpeechFrames,
    analyse_speech,
    frame_paths,
    spoken_cepstra,
)
from skstyle.metrics._speech_measures import SPEECH_MEASURES, speech_measures

RATE = 16000


@pytest.fixture(scope="module")
def short(speakers):
    return tuple([x[4000:10000] for x in part[:2]] for part in speakers)


@pytest.fixture(scope="module")
def analyses(short):
    return tuple(analyse_speech(part, RATE) for part in short)


def test_mel_cepstra_are_those_of_the_feature(short, analyses):
    clips = [x.astype(float) for x in short[0]]
    expected = MelCepstrum(RATE, learn_f0_range=False).fit_transform(clips)
    for mine, theirs in zip(analyses[0], expected, strict=True):
        np.testing.assert_allclose(mine.mcep, theirs, rtol=1e-5, atol=1e-6)
        assert mine.f0.shape == (len(theirs),)
        assert mine.f0.max() > 71


def test_clips_do_not_depend_on_each_other(short, analyses):
    alone = analyse_speech(short[0][1:2], RATE)[0]
    for column in ("mcep", "f0"):
        np.testing.assert_array_equal(getattr(alone, column), getattr(analyses[0][1], column))


def test_another_tracker_is_asked(short):
    found = analyse_speech(short[0][:1], RATE, f0=lambda x, rate, times: 100 + times)
    np.testing.assert_allclose(found[0].f0, 100 + 0.005 * np.arange(len(found[0].f0)), rtol=1e-6)


def test_short_clips_are_named():
    with pytest.warns(ShortClipWarning, match=r"y\[1\] has 7 samples") as caught:
        analyse_speech([np.ones(800), np.ones(7)], RATE, name="y")
    assert [w.filename for w in caught] == [__file__]


def test_paths_without_alignment_end_with_the_shorter(analyses):
    true, pred = analyses
    for a, b, path in zip(true, pred, frame_paths(true, pred, align=False), strict=True):
        n = min(len(a.f0), len(b.f0))
        np.testing.assert_array_equal(path, np.c_[:n, :n])


def test_silence_is_left_out():
    mcep = np.ones((9, 3))
    mcep[5:, 0] = -6
    clip = SpeechFrames(mcep, np.zeros(9))
    assert spoken_cepstra(clip, 30.0).shape == (5, 2)
    assert spoken_cepstra(clip, None).shape == (9, 2)
    assert frame_paths([clip], [clip])[0].max() == 4
    assert frame_paths([clip], [clip], silence_db=None)[0].max() == 8


@pytest.mark.parametrize("name", SPEECH_MEASURES)
def test_values_are_those_of_the_functions(short, analyses, name):
    X, y = short
    found = speech_measures(*analyses, measures=[name])
    assert list(found) == [name]
    alone = getattr(metrics, name)(X, y, sample_rate=RATE, average=False)
    np.testing.assert_array_equal(found[name], alone)


def test_all_at_once_are_the_same(analyses):
    together = speech_measures(*analyses)
    assert tuple(together) == SPEECH_MEASURES
    for name in ("mel_cepstral_distortion", "voicing_error"):
        np.testing.assert_array_equal(
            together[name], speech_measures(*analyses, measures=[name])[name]
        )


def test_options_reach_the_path(short, analyses):
    X, y = short
    options = {"align": False, "silence_db": 20.0}
    found = speech_measures(*analyses, **options)
    for name in ("mel_cepstral_distortion", "voicing_error", "global_variance_log_ratio"):
        function = getattr(metrics, name)
        known = {k: v for k, v in options.items() if k in inspect.signature(function).parameters}
        alone = function(X, y, sample_rate=RATE, average=False, **known)
        np.testing.assert_array_equal(found[name], alone)


def test_unknown_measures_are_refused(analyses):
    with pytest.raises(ValueError, match=r"Unknown measures \['loudness'\]"):
        speech_measures(*analyses, measures=["loudness"])
