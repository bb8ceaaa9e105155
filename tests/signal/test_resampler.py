"""Tones keep their level, nothing folds back, and every length comes back."""

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skstyle.audio import resample
from skstyle.compose import PerFrame
from skstyle.features import MelCepstrum
from skstyle.signal import PeakGuard, Resampler, SilenceTrimmer, STFTTransformer
from skstyle.signal._resampler import QUALITIES, resampled_length
from skstyle.utils import common_sample_rate

RATES = (8000, 11025, 16000, 22050, 44100, 48000)
PAIRS = [(44100, 16000), (22050, 16000), (48000, 8000), (16000, 48000), (8000, 11025)]


def tone(frequency, rate, seconds=0.5, dtype=float):
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate).astype(dtype)


def noise(n_times, seed=0, dtype=float):
    return (0.1 * np.random.default_rng(seed).standard_normal(n_times)).astype(dtype)


def middle(x):
    return x[len(x) // 4 : -len(x) // 4]


@pytest.mark.parametrize(("orig_rate", "sample_rate"), PAIRS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tones_keep_frequency_level_and_phase(orig_rate, sample_rate, dtype):
    for share, tolerance in ((0.05, 1e-5), (0.4, 1e-5), (0.8, 5e-4)):
        frequency = share * min(orig_rate, sample_rate) / 2
        x = tone(frequency, orig_rate, dtype=dtype)
        y = Resampler(orig_rate, sample_rate).fit_transform([x])[0]
        assert y.dtype == dtype
        expected = tone(frequency, sample_rate)[: len(y)]
        np.testing.assert_allclose(middle(y[: len(expected)]), middle(expected), atol=tolerance)


@pytest.mark.parametrize(("orig_rate", "sample_rate"), [p for p in PAIRS if p[0] > p[1]])
def test_what_would_fold_back_is_rejected_by_80_db(orig_rate, sample_rate):
    for share in (1.05, 1.1, 1.3):
        x = tone(share * sample_rate / 2, orig_rate)
        y = Resampler(orig_rate, sample_rate).fit_transform([x])[0]
        assert np.sqrt(2) * middle(y).std() < 1e-4


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**9), st.sampled_from(RATES), st.sampled_from(RATES))
def test_length_formula_is_exact(n_times, from_rate, to_rate):
    assert resampled_length(n_times, from_rate, to_rate) == ceil(
        Fraction(n_times * to_rate, from_rate)
    )


def test_rounding_of_the_ratio_does_not_add_a_sample():
    """In floating point, 147 * (48000 / 44100) is a bit more than 160."""
    assert np.ceil(147 * (48000 / 44100)) == 161
    assert len(resample(np.ones(147), 44100, 48000)) == 160


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 3000), min_size=1, max_size=3),
    orig_rate=st.sampled_from(RATES),
    sample_rate=st.sampled_from(RATES),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_inverse_gives_every_length_back(lengths, orig_rate, sample_rate, dtype):
    X = [noise(n, dtype=dtype) for n in lengths]
    resampler = Resampler(orig_rate, sample_rate)
    Y = resampler.fit_transform(X)
    assert [len(y) for y in Y] == [ceil(Fraction(n * sample_rate, orig_rate)) for n in lengths]
    again = resampler.inverse_transform(Y)
    assert [len(x) for x in again] == lengths
    assert all(x.dtype == dtype and np.isfinite(x).all() for x in again)
    assert not hasattr(again, "trail")


@pytest.mark.parametrize("sample_rate", [44100, 48000, 22050])
def test_up_and_down_again_is_the_same_sound(sample_rate):
    x = resample(noise(4000), 8000, 16000)  # nothing near half of the rate
    resampler = Resampler(16000, sample_rate)
    again = resampler.inverse_transform(resampler.fit_transform([x]))[0]
    np.testing.assert_allclose(middle(again), middle(x), atol=1e-5)


@pytest.mark.parametrize(("from_rate", "to_rate"), [(48000, 8000), (44100, 16000), (22050, 16000)])
@pytest.mark.parametrize("n_times", [1, 2, 7, 997])
def test_last_sample_is_computed_not_padded(from_rate, to_rate, n_times):
    x = 1 + noise(n_times)
    y = resample(x, from_rate, to_rate)
    longer = resample(np.pad(x, (0, 3000)), from_rate, to_rate)
    np.testing.assert_allclose(y, longer[: len(y)], atol=1e-5)
    assert y[-1] != 0


def test_equal_rates_change_nothing():
    x = noise(100)
    resampler = Resampler(16000, 16000.0)
    Y = resampler.fit_transform([x])
    assert Y[0] is x
    np.testing.assert_array_equal(resampler.inverse_transform(Y)[0], x)


@pytest.mark.parametrize("quality", QUALITIES)
def test_qualities(quality):
    y = Resampler(44100, 16000, quality=quality).fit_transform([tone(440, 44100)])[0]
    np.testing.assert_allclose(middle(y), middle(tone(440, 16000)), atol=1e-2)


def test_without_memory_the_length_is_rounded():
    resampler = Resampler(44100, 16000)
    again = resampler.inverse_transform([noise(364), noise(1)])
    assert [len(x) for x in again] == [round(364 * 44100 / 16000), 3]
    given_lengths = resampler.inverse_transform([noise(364), noise(1)], n_times=[1001, 2])
    assert [len(x) for x in given_lengths] == [1001, 2]


def test_arrays_keep_their_width():
    X = np.stack([noise(1001), noise(1001, seed=1)])
    resampler = Resampler(44100, 16000)
    Y = resampler.fit_transform(X)
    assert Y.shape == (2, 364)
    assert resampler.inverse_transform(Y).shape == X.shape


def test_changed_length_is_refused_by_name():
    resampler = Resampler(16000, 8000)
    Y = resampler.fit_transform([noise(100), noise(200)])
    Y[1] = Y[1][:-1]
    with pytest.raises(ValueError, match=r"X\[1\]: expected 100 samples.*had 200 at 16000.*got 99"):
        resampler.inverse_transform(Y)
    assert [len(x) for x in resampler.inverse_transform(list(Y))] == [100, 198]


def test_clips_of_another_resampler_are_refused():
    Y = Resampler(16000, 8000).fit_transform([noise(100)])
    with pytest.raises(ValueError, match=r"X\[0\]: the clip was resampled to 8000 Hz"):
        Resampler(16000, 11025).inverse_transform(Y)


def test_memory_of_other_steps_is_left_alone():
    """A length that another step remembers is not the length of a resampled clip."""
    x = np.concatenate([np.zeros(4000), noise(4000)])
    trimmed = SilenceTrimmer(16000).fit_transform([x])
    faster = Resampler(48000, 16000).inverse_transform(trimmed)
    assert len(faster[0]) == 3 * len(trimmed[0])
    assert faster.trail == trimmed.trail


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ((16, 16000), "orig_rate of Resampler: sample_rate is in Hz.*kHz"),
        ((16000, -1), "sample_rate of Resampler: sample_rate must be positive"),
        ((16000, 8000, "kaiser_best"), "quality must be one of .*got 'kaiser_best'"),
    ],
)
def test_wrong_parameters_are_told(parameters, sentence):
    names = ("orig_rate", "sample_rate", "quality")
    resampler = clone(Resampler(1, 1).set_params(**dict(zip(names, parameters, strict=False))))
    for call in (resampler.fit, resampler.transform, resampler.inverse_transform):
        with pytest.raises(ValueError, match=sentence):
            call([noise(100)])


def test_rate_of_the_wrong_type():
    with pytest.raises(TypeError, match="orig_rate of Resampler: sample_rate must be a number"):
        Resampler("44100", 16000).fit([noise(100)])


def test_next_step_must_have_the_new_rate():
    X = [tone(150, 44100) + noise(22050)]
    good = make_pipeline(Resampler(44100, 16000), MelCepstrum(16000))
    assert common_sample_rate(good) is not None
    assert good.fit_transform(X)[0].shape[1] == 25
    bad = make_pipeline(Resampler(44100, 16000), MelCepstrum(22050))
    with pytest.raises(ValueError, match="need one sample rate, got.*16000.*22050|22050.*16000"):
        common_sample_rate(bad)
    with pytest.raises(
        ValueError, match="MelCepstrum has sample_rate=22050, but its input was resampled to 16000"
    ):
        bad.fit(X)


def test_rates_are_compared_in_transform_too_and_over_other_steps():
    X = [tone(150, 44100) / 2]
    slow = PeakGuard().fit_transform(Resampler(44100, 16000).fit_transform(X))
    assert SilenceTrimmer(16000).transform(slow)
    with pytest.raises(ValueError, match="SilenceTrimmer has sample_rate=44100.*to 16000 Hz"):
        SilenceTrimmer(44100).transform(slow)
    assert SilenceTrimmer(44100).transform(list(slow))


def test_resamplers_in_a_row():
    X = [noise(4410), noise(1234)]
    chain = make_pipeline(SilenceTrimmer(44100), Resampler(44100, 16000), Resampler(16000, 8000))
    Y = chain.fit_transform(X)
    assert [len(y) for y in Y] == [800, 224]
    assert [len(x) for x in chain.inverse_transform(Y)] == [4410, 1234]
    with pytest.raises(ValueError, match="Resampler has orig_rate=44100.*resampled to 16000 Hz"):
        make_pipeline(Resampler(44100, 16000), Resampler(44100, 8000)).fit(X)


def test_pipeline_of_magnitudes_gives_audio_back(speakers):
    """Resample, transform, compress, scale, and back: the lengths and the spectra return."""
    X = [x[: len(x) - i] for i, x in enumerate(speakers[0][:3])]
    stft = STFTTransformer(n_fft=512, output="magnitude")
    pipeline = make_pipeline(
        Resampler(16000, 12000),
        stft,
        PerFrame(FunctionTransformer(np.log1p, np.expm1, check_inverse=False)),
        PerFrame(StandardScaler()),
    )
    again = pipeline.inverse_transform(pipeline.fit_transform(X))
    assert [len(x) for x in again] == [len(x) for x in X]
    assert all(x.dtype == np.float32 for x in again)
    slow = Resampler(16000, 12000)
    found = clone(stft).fit_transform(list(slow.transform(again)))
    wanted = clone(stft).fit_transform(list(slow.transform(X)))
    for a, b in zip(found, wanted, strict=True):
        assert np.linalg.norm(a - b) < 0.3 * np.linalg.norm(b)
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.95


def test_pipeline_of_spectra_is_exact_below_the_lower_rate():
    X = [resample(noise(n), 8000, 16000) for n in (3000, 2501)]
    pipeline = make_pipeline(Resampler(16000, 22050), STFTTransformer(n_fft=512))
    again = pipeline.inverse_transform(pipeline.fit_transform(X))
    for a, x in zip(again, X, strict=True):
        assert a.shape == x.shape
        np.testing.assert_allclose(middle(a), middle(x), atol=1e-5)


def test_real_clips_survive(real_clips):
    clips, rate = real_clips
    resampler = Resampler(rate, 16000)
    again = resampler.inverse_transform(resampler.fit_transform(clips))
    for a, x in zip(again, clips, strict=True):
        assert a.shape == x.shape
        spectra = (np.abs(np.fft.rfft(s, 2**18)) for s in (a, x))
        low = slice(0, int(2**18 * 7000 / rate))
        a, x = (s[low] for s in spectra)
        assert np.linalg.norm(a - x) < 1e-3 * np.linalg.norm(x)
