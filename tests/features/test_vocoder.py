"""Analysis and synthesis of whole clips: streams, lengths, rates, odd clips."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skstyle.datasets import make_parallel_speakers
from skstyle.exceptions import ShortClipWarning, SilentClipWarning, UnvoicedClipWarning
from skstyle.features import MelCepstrum, SourceFilterVocoder
from skstyle.features._cepstrum import log_amplitude
from skstyle.features._vocoder import (
    feature_blocks,
    interpolate_log_f0,
    noise_sections,
    spread_bands,
)
from skstyle.metrics import mel_cepstral_distortion

RATE = 16000


def tone(n_times, rate=RATE, f0=140.0, dtype=float):
    """Harmonics with a falling spectrum and a little noise."""
    t = np.arange(n_times) / rate
    x = sum(np.cos(2 * np.pi * f0 * k * t) / k for k in range(1, 12)) / 10
    return (x + 1e-3 * np.random.default_rng(0).standard_normal(n_times)).astype(dtype)


def level_db(x):
    return 10 * np.log10(np.mean(np.square(x, dtype=float)))


@pytest.fixture(scope="module")
def copies(speakers):
    """Vocoder, clips, their sequences, and the clips synthesised again."""
    X = [*speakers[0][:3], *speakers[1][:3]]
    vocoder = SourceFilterVocoder(RATE).fit(X)
    S = vocoder.transform(X)
    return vocoder, X, S, vocoder.inverse_transform(S)


# ---------------------------------------------------------------- columns


@pytest.mark.parametrize(("rate", "n_bands"), [(8000, 3), (16000, 5), (22050, 6), (48000, 8)])
@pytest.mark.parametrize("order", [1, 24])
def test_blocks_cover_all_columns_in_order(rate, n_bands, order):
    blocks = feature_blocks(rate, order)
    assert list(blocks) == ["lf0", "vuv", "mcep", "bap"]
    columns = np.concatenate([np.arange(99)[b] for b in blocks.values()])
    np.testing.assert_array_equal(columns, np.arange(2 + order + 1 + n_bands))


def test_columns_hold_what_their_names_say(copies):
    vocoder, _, S, _ = copies
    blocks = vocoder.feature_blocks_
    for s in S:
        assert s.shape[1] == blocks["bap"].stop
        assert set(np.unique(s[:, blocks["vuv"]])) <= {0, 1}
        f0 = np.exp(s[:, blocks["lf0"]])
        assert ((f0 > 70) & (f0 < 610)).all()
        bap = s[:, blocks["bap"]]
        assert (bap[s[:, 1] == 0] == 0).all()
        assert ((bap >= -40) & (bap <= 0)).all()


def test_frames_follow_the_length(copies):
    vocoder, X, S, _ = copies
    assert vocoder.hop_ == 80
    assert [len(s) for s in S] == [(len(x) - 1) // 80 + 1 for x in X]


def test_mel_cepstrum_is_that_of_the_vocoder(copies):
    vocoder, X, S, _ = copies
    alone = MelCepstrum(RATE).fit_transform(X)
    for a, s in zip(alone, S, strict=True):
        np.testing.assert_array_equal(a, s[:, vocoder.feature_blocks_["mcep"]])


def test_log_f0_is_interpolated_through_unvoiced_frames():
    f0 = np.array([0, 100, 0, 0, 800, 0.0])
    expected = np.log([100, 100, 200, 400, 800, 800])
    np.testing.assert_allclose(interpolate_log_f0(f0), expected)


def test_sections_of_noise_are_told_from_weak_voices():
    f0 = np.array([0, 100, 100, 0, 100, 100, 0.0])
    bap = np.array([0, -1, -2, 0, -1, -30, 0.0])[:, None]
    np.testing.assert_array_equal(noise_sections(f0, bap), [0, 1, 1, 0, 0, 0, 0])


def test_lowest_frequencies_are_periodic():
    share = spread_bands(np.full((1, 5), -2.0), RATE, 1024)[0]
    assert share[0] == pytest.approx(1e-4)
    assert (np.diff(share[:33]) > 0).all()
    np.testing.assert_allclose(10 * np.log10(share[33:]), -2)


def test_another_tracker_may_be_plugged_in():
    def flat(x, sample_rate, times):
        assert sample_rate == RATE
        assert len(x) == 8000
        return np.where(times < 0.25, 222.0, np.nan)

    x = tone(8000)
    s = SourceFilterVocoder(RATE, f0=flat).fit_transform([x])[0]
    np.testing.assert_allclose(np.exp(s[:50, 0]), 222)
    assert s[10:40, 1].all()
    assert not s[50:, 1].any()


@pytest.mark.parametrize(
    ("tracker", "sentence"),
    [
        (lambda x, sr, t: t[1:], r"f0 returned an array of shape \(99,\) for 100 times"),
        (lambda x, sr, t: -1 - t, r"X\[0\]: f0 returned values from -1.495"),
        (lambda x, sr, t: 0 * t + 0.1, "values from 0.1 to 0.1 Hz; expected 0 .unvoiced. or 20"),
        ("yin", "f0 must be None or a function"),
    ],
)
def test_wrong_trackers_are_told(tracker, sentence):
    with pytest.raises(ValueError, match=sentence):
        SourceFilterVocoder(RATE, f0=tracker).fit_transform([tone(8000)])


def test_hum_before_the_voice_does_not_set_the_range(speakers):
    voice = np.concatenate(speakers[1][:4]).astype(float)
    hum = 3e-4 * np.sin(2 * np.pi * 100 * np.arange(5 * RATE) / RATE)
    vocoder = SourceFilterVocoder(RATE, f0_min_hz=40, f0_max_hz=1600)
    alone = vocoder.fit([voice])
    expected = (alone.f0_min_, alone.f0_max_)
    found = clone(vocoder).fit([np.concatenate([hum, voice])])
    assert (found.f0_min_, found.f0_max_) == expected


def test_range_of_the_speaker_is_learned(speakers):
    wide = SourceFilterVocoder(RATE, f0_min_hz=30, f0_max_hz=2000).fit(speakers[0])
    assert 30 < wide.f0_min_ < wide.f0_max_ < 2000
    fixed = SourceFilterVocoder(RATE, f0_min_hz=30, f0_max_hz=2000, learn_f0_range=False)
    fixed.fit(speakers[0])
    assert (fixed.f0_min_, fixed.f0_max_) == (30, 2000)


ODD = {
    "constant": np.full(8000, 0.25),
    "clipped square": np.sign(np.sin(np.arange(8000) * 2 * np.pi * 150 / RATE)),
    "pure tone": 0.5 * np.sin(np.arange(8000) * 2 * np.pi * 220 / RATE),
    "white noise": 0.3 * np.random.default_rng(0).standard_normal(8000),
    "click": np.eye(1, 8000, 4000)[0],
}


@pytest.mark.filterwarnings("ignore::skstyle.exceptions.UnvoicedClipWarning")
@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("rate", [8000, RATE, 48000])
def test_odd_sounds_come_back_at_their_level(kind, rate):
    x = ODD[kind]
    vocoder = SourceFilterVocoder(rate)
    again = vocoder.inverse_transform(vocoder.fit_transform([x]))[0]
    assert again.shape == x.shape
    assert np.isfinite(again).all()
    # A constant is no sound, and one click may lie between two frames.
    if kind not in ("constant", "click"):
        assert level_db(again) == pytest.approx(level_db(x), abs=5)
    assert np.abs(again).max() < 5 * np.abs(x).max()


def test_bands_are_spread_between_their_centres():
    bap = np.array([[-40.0, -30, -20, -10, 0]])
    share = spread_bands(bap, RATE, 1024)[0]
    at = np.round(np.array([500, 1500, 3000, 5000, 7000]) * 1024 / RATE).astype(int)
    np.testing.assert_allclose(10 * np.log10(share[at]), bap[0], atol=0.01)
    assert (np.diff(share) >= 0).all()
    assert share[-1] == 1


# ---------------------------------------------------------------- copy synthesis


def test_copies_are_near_their_originals(copies):
    _, X, _, again = copies
    distances = mel_cepstral_distortion(X, again, sample_rate=RATE, average=False)
    assert (distances < 4).all()


def test_copies_keep_the_pitch(copies):
    vocoder, _, S, again = copies
    for a, b in zip(S, vocoder.transform(again), strict=True):
        voiced = (a[:, 1] == 1) & (b[:, 1] == 1)
        assert np.median(np.abs(np.expm1(b[voiced, 0] - a[voiced, 0]))) < 0.03
        assert (a[:, 1] != b[:, 1]).mean() < 0.18


def test_copies_have_little_energy_below_their_pitch(copies):
    """Trap: mel-cepstra hold no gap below the pitch; copies rumbled there at -20 dB."""
    _, _, S, again = copies
    for s, z in zip(S, again, strict=True):
        lowest = np.exp(s[s[:, 1] == 1, 0].min())
        power = np.abs(np.fft.rfft(z * np.hanning(len(z)))) ** 2
        below = power[np.fft.rfftfreq(len(z), 1 / RATE) < lowest / 2].sum()
        assert 10 * np.log10(below / power.sum()) < -60


def test_copies_keep_level_length_and_dtype(copies):
    _, X, _, again = copies
    for x, z in zip(X, again, strict=True):
        assert level_db(z) == pytest.approx(level_db(x), abs=1.5)
        assert z.shape == x.shape
        assert z.dtype == np.float32


def test_real_voices_survive(real_clips):
    X, rate = real_clips
    vocoder = SourceFilterVocoder(rate).fit(X)
    S = vocoder.transform(X)
    again = vocoder.inverse_transform(S)
    assert [len(z) for z in again] == [len(x) for x in X]
    assert (mel_cepstral_distortion(X, again, sample_rate=rate, average=False) < 4.5).all()
    for x, z, s, t in zip(X, again, S, vocoder.transform(again), strict=True):
        assert level_db(z) == pytest.approx(level_db(x), abs=2)
        assert 0.2 < s[:, 1].mean() < 0.9
        voiced = (s[:, 1] == 1) & (t[:, 1] == 1)
        assert np.median(np.abs(np.expm1(t[voiced, 0] - s[voiced, 0]))) < 0.03


def test_gain_moves_only_c0(speakers):
    x = speakers[0][0].astype(float)
    vocoder = SourceFilterVocoder(RATE).fit([x])
    one, loud = vocoder.transform([x, 4 * x])
    # Digital near-silence may rest on the floor of the envelope.
    active = one[:, 2] > one[:, 2].max() - 5
    change = (loud - one)[active]
    np.testing.assert_allclose(change[:, 2], np.log(4), atol=1e-3)
    np.testing.assert_allclose(np.delete(change, 2, axis=1), 0, atol=1e-3)


# ---------------------------------------------------------------- lengths and rates


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
def test_every_rate_and_odd_lengths(rate):
    X = [tone(n, rate) for n in (rate // 4 + 1, rate // 5 + 3, rate // 5 + 36)]
    vocoder = SourceFilterVocoder(rate).fit(X)
    S = vocoder.transform(X)
    again = vocoder.inverse_transform(S)
    assert [len(z) for z in again] == [len(x) for x in X]
    for x, z, s in zip(X, again, S, strict=True):
        assert level_db(z) == pytest.approx(level_db(x), abs=1.5)
        voiced = s[8:-8]
        assert (voiced[:, 1] == 1).all()
        np.testing.assert_allclose(np.exp(voiced[:, 0]), 140, rtol=0.02)


def test_hop_that_is_not_whole():
    vocoder = SourceFilterVocoder(22050).fit([tone(500, 22050)])
    assert vocoder.hop_ == pytest.approx(110.25)
    x = tone(22050, 22050)
    s = vocoder.transform([x])
    assert len(s[0]) == 200
    assert len(vocoder.inverse_transform(s)[0]) == 22050


def test_without_lengths_the_longest_clip_is_made():
    vocoder = SourceFilterVocoder(RATE).fit([tone(1000)])
    s = list(vocoder.transform([tone(1000)]))
    assert len(vocoder.inverse_transform(s)[0]) == 13 * 80
    assert len(vocoder.inverse_transform(s, n_times=[1000])[0]) == 1000


@pytest.mark.parametrize("n_times", [800, 81])
def test_short_clips_pass_silently(n_times):
    X = [tone(n_times)]
    vocoder = SourceFilterVocoder(RATE)
    again = vocoder.inverse_transform(vocoder.fit_transform(X))[0]
    assert again.shape == (n_times,)
    assert np.isfinite(again).all()


@pytest.mark.parametrize("n_times", [1, 2, 79])
def test_clips_below_one_frame_are_padded_with_a_warning(n_times):
    vocoder = SourceFilterVocoder(RATE).fit([tone(1000)])
    with pytest.warns(
        ShortClipWarning, match=rf"X\[1\] has {n_times} samples, less than one frame"
    ):
        s = vocoder.transform([tone(1000), tone(n_times)])
    assert len(s[1]) == 1
    again = vocoder.inverse_transform(s)[1]
    assert again.shape == (n_times,)
    assert np.isfinite(again).all()


def test_silent_clips_stay_silent():
    X = [tone(4000), np.zeros(4001)]
    vocoder = SourceFilterVocoder(RATE).fit(X)
    with pytest.warns(SilentClipWarning, match=r"X\[1\] is silent"):
        s = vocoder.transform(X)
    assert not s[1][:, 1].any()
    again = vocoder.inverse_transform(s)[1]
    assert again.shape == (4001,)
    assert np.abs(again).max() < 1e-5


def test_unvoiced_clips_have_a_pitch_that_means_nothing():
    x = 0.1 * np.random.default_rng(0).standard_normal(8000)
    vocoder = SourceFilterVocoder(RATE)
    with pytest.warns(UnvoicedClipWarning, match=r"X\[0\] has no voiced frame between 71 and 600"):
        s = vocoder.fit_transform([x])
    assert not s[0][:, 1].any()
    assert np.isfinite(s[0]).all()
    assert level_db(vocoder.inverse_transform(s)[0]) == pytest.approx(level_db(x), abs=2)


def test_a_minute_of_sound(speakers):
    x = np.resize(np.concatenate(speakers[0]), 60 * RATE)
    vocoder = SourceFilterVocoder(RATE)
    s = vocoder.fit_transform([x])
    assert s[0].shape[0] == 12000
    again = vocoder.inverse_transform(s)[0]
    assert len(again) == len(x)
    assert level_db(again) == pytest.approx(level_db(x), abs=1)


# ---------------------------------------------------------------- bytes


def test_same_bytes_twice_and_with_workers(speakers):
    """Long clips arrive in workers as read-only memmaps: nothing may write into them."""
    X = [*speakers[0][:2], np.resize(speakers[0][2], 300_000)]
    assert X[2].nbytes > 2**20
    results = []
    for n_jobs in (1, 1, 2):
        vocoder = SourceFilterVocoder(RATE, n_jobs=n_jobs).fit(X)
        S = vocoder.transform(X)
        results.append([x.tobytes() for x in (*S, *vocoder.inverse_transform(S))])
    assert results[0] == results[1]
    assert results[0] == results[2]


def test_order_of_the_clips_does_not_matter(copies):
    vocoder, _, S, again = copies
    alone = vocoder.inverse_transform([S[2]], n_times=[len(again[2])])[0]
    np.testing.assert_array_equal(alone, again[2])


def test_seed_changes_the_noise_and_only_that(copies):
    _, X, S, again = copies
    other = SourceFilterVocoder(RATE, random_state=1).fit(X)
    np.testing.assert_array_equal(other.transform(X[:1])[0], S[0])
    assert not np.array_equal(other.inverse_transform(S)[0], again[0])


def test_double_precision_stays(speakers):
    x = speakers[0][0].astype(float)
    vocoder = SourceFilterVocoder(RATE)
    s = vocoder.fit_transform([x])
    assert s[0].dtype == np.float64
    assert vocoder.inverse_transform(s)[0].dtype == np.float64


# ---------------------------------------------------------------- containers and errors


def test_containers_mirror():
    X = np.empty(2, object)
    X[:] = [tone(900), tone(900)]
    vocoder = SourceFilterVocoder(RATE).fit(X)
    out = vocoder.transform(X)
    assert out.dtype == object
    assert out.shape == (2,)
    assert vocoder.inverse_transform(out).dtype == object
    matrix = np.stack(list(X))
    assert vocoder.fit(matrix).transform(matrix).ndim == 3
    assert vocoder.inverse_transform(vocoder.transform(matrix)).shape == (2, 900)


def test_fit_on_an_array_does_not_cut_other_containers():
    vocoder = SourceFilterVocoder(RATE).fit(np.stack([tone(900), tone(900)]))
    s = list(vocoder.transform([tone(2000)]))
    assert len(vocoder.inverse_transform(s)[0]) == 2000


def test_inverse_needs_the_order_of_the_analysis(copies):
    _, X, S, _ = copies
    other = SourceFilterVocoder(RATE, order=20).fit(X)
    with pytest.raises(ValueError, match="Expected sequences of 28 columns.*got 32.*the order"):
        other.inverse_transform(S)


def test_unfitted_is_told():
    with pytest.raises(NotFittedError):
        SourceFilterVocoder(RATE).transform([tone(1000)])
    with pytest.raises(NotFittedError):
        SourceFilterVocoder(RATE).inverse_transform([np.zeros((3, 32))])


def test_no_table_output():
    """Trap: set_output on lists crashes where get_feature_names_out exists."""
    assert not hasattr(SourceFilterVocoder(RATE), "set_output")


@pytest.mark.parametrize("estimator", [SourceFilterVocoder, MelCepstrum])
@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"sample_rate": 16}, "did you mean kHz"),
        ({"sample_rate": -16000}, "sample_rate must be positive"),
        ({"f0_min_hz": 0}, "Expected 20 <= f0_min_hz < f0_max_hz"),
        ({"f0_min_hz": 300, "f0_max_hz": 200}, "f0_min_hz=300, f0_max_hz=200"),
        ({"f0_max_hz": 9000}, "sample_rate / 2"),
        ({"frame_period_ms": 0}, "frame_period_ms must be positive"),
        ({"order": 0}, "order must be a positive integer"),
        ({"order": 2.5}, "order must be a positive integer"),
        ({"alpha": "mel"}, "alpha must be 'auto' or a number"),
        ({"alpha": 1.0}, r"alpha must lie in \(-1, 1\)"),
    ],
)
def test_wrong_parameters_are_told_in_fit(estimator, parameters, sentence):
    """Trap: ``__init__`` and ``clone`` must not raise."""
    vocoder = clone(estimator(**{"sample_rate": RATE, **parameters}))
    with pytest.raises(ValueError, match=sentence):
        vocoder.fit([tone(1000)])


def test_alpha_may_be_given(copies):
    _, X, _, _ = copies
    assert SourceFilterVocoder(RATE, alpha=0.3).fit(X).alpha_ == 0.3
    assert SourceFilterVocoder(RATE).fit(X).alpha_ == pytest.approx(0.41, abs=0.005)


def test_target_voice_is_higher_by_the_ratio_of_the_corpus():
    X, y = make_parallel_speakers(2, f0_ratio=1.5, random_state=3)
    vocoder = SourceFilterVocoder(RATE).fit(X)
    medians = [
        np.median(np.concatenate([s[s[:, 1] == 1, 0] for s in vocoder.transform(Z)]))
        for Z in (X, y)
    ]
    assert np.exp(medians[1] - medians[0]) == pytest.approx(1.5, rel=0.05)


def test_match_power_gives_every_frame_the_level_of_its_reference(speakers):
    vocoder = SourceFilterVocoder(RATE).fit(speakers[0])
    reference = vocoder.transform(speakers[0][:1])
    louder = [reference[0].copy()]
    louder[0][:, 2:27] += np.random.default_rng(0).normal(size=25)
    matched = vocoder.match_power(louder, reference)[0]
    np.testing.assert_array_equal(np.delete(matched, 2, axis=1), np.delete(louder[0], 2, axis=1))
    powers = [
        np.exp(2 * log_amplitude(s[:, 2:27].astype(float), 4096, vocoder.alpha_)).mean(axis=1)
        for s in (matched, reference[0])
    ]
    np.testing.assert_allclose(*powers, rtol=0.02)
