"""Maps of feature streams that are learned without pairs."""

import numpy as np
import pytest

from skstyle.compose._unpaired_streams import PitchMap, UnpairedStreams, columns_of
from skstyle.mapping import GaussianTransport, KNNFrameRegressor
from skstyle.trajectory import GlobalVarianceScaler

BLOCKS = {"lf0": slice(0, 1), "vuv": slice(1, 2), "mcep": slice(2, 6), "bap": slice(6, 8)}


def voice(centre, spread, n_frames=2000, seed=0):
    """log-F0 and voicing, a tenth unvoiced."""
    rng = np.random.default_rng(seed)
    lf0 = centre + spread * rng.normal(size=n_frames)
    return np.column_stack([lf0, rng.uniform(size=n_frames) > 0.1])


def sequences(lengths, shift, seed=0):
    rng = np.random.default_rng(seed)
    out = []
    for n in lengths:
        x = rng.normal(size=(n, 8)) + shift
        x[:, :2], x[:, 2] = voice(5 + shift, 0.1, n, seed), 0.0
        out.append(x)
    return out


def test_pitch_gets_the_median_and_the_spread_of_the_target():
    source, target = voice(4.7, 0.1), voice(5.3, 0.2, seed=1)
    moved = PitchMap([source], target)(source)
    assert np.median(moved) == pytest.approx(5.3, abs=0.02)
    assert moved.std() == pytest.approx(0.2, rel=0.1)


def test_several_voices_do_not_count_as_one_that_moves_far():
    """Trap: the distance between two speakers is no melody."""
    low, high, target = voice(4.7, 0.1), voice(5.2, 0.1, seed=1), voice(5.4, 0.2, seed=2)
    pitch = PitchMap([low, high], target)
    assert pitch.scale == pytest.approx(2, rel=0.1)
    for source in (low, high):
        moved = pitch(source)
        assert np.median(moved) == pytest.approx(5.4, abs=0.02)
        assert moved.std() == pytest.approx(0.2, rel=0.1)


def test_little_voice_keeps_its_spread():
    source, target = voice(4.7, 0.1, n_frames=20), voice(5.3, 0.2, seed=1)
    pitch = PitchMap([source], target)
    assert pitch.scale == 1
    assert np.median(pitch(source)) == pytest.approx(5.3, abs=0.1)


def test_no_voice_at_all_is_left_alone():
    source, whisper = voice(4.7, 0.1), voice(5.3, 0.2)
    whisper[:, 1] = 0
    for sources, target in (([source], whisper), ([whisper], source), ([], source)):
        np.testing.assert_array_equal(PitchMap(sources, target)(source), source[:, 0])


def test_columns():
    groups = columns_of(BLOCKS, 8)
    assert [g.tolist() for g in groups] == [[3, 4, 5], [6, 7]]
    assert [g.tolist() for g in columns_of({}, 3)] == [[0, 1, 2]]


@pytest.mark.parametrize("transport", [GaussianTransport(), KNNFrameRegressor(dictionary="target")])
def test_level_and_voicing_pass_and_timbre_moves(transport):
    source, target = sequences((300, 200), 0.0), sequences((250, 150, 100), 2.0, seed=1)
    before = [x.copy() for x in source]
    streams = UnpairedStreams(transport, BLOCKS, 30.0).fit(source, target)
    moved = streams.predict(source)
    for x, y in zip(source, moved, strict=True):
        np.testing.assert_array_equal(y[:, 1:3], x[:, 1:3])
        np.testing.assert_allclose(y[:, 3:].mean(axis=0), 2.0, atol=0.4)
        assert np.median(y[:, 0]) == pytest.approx(7, abs=0.1)
    for x, y in zip(source, before, strict=True):
        np.testing.assert_array_equal(x, y)


def test_the_post_filter_sees_converted_clips():
    source, target = sequences((300, 200), 0.0), sequences((250, 150), 2.0, seed=1)
    neighbours = KNNFrameRegressor(dictionary="target", n_context=0)
    scaler = GlobalVarianceScaler(columns=[3, 4, 5])
    plain, lively = (
        UnpairedStreams(neighbours, BLOCKS, 30.0, post_filter).fit(source, target).predict(source)
        for post_filter in (None, scaler)
    )
    assert (lively[0][:, 3:6].var(axis=0) > plain[0][:, 3:6].var(axis=0)).all()
    np.testing.assert_array_equal(lively[0][:, 6:], plain[0][:, 6:])
