"""Mel spectrograms are librosa's, their level is absolute, and they lead back to sound."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle.compose import PerFrame
from skstyle.exceptions import EmptyFilterWarning
from skstyle.features import MelSpectrogram
from skstyle.signal import PhaseReconstructor, STFTTransformer

RATE = 16000


def noise(n_times, dtype=float, seed=0):
    return np.random.default_rng(seed).standard_normal(n_times).astype(dtype) / 8


def small(**parameters):
    return MelSpectrogram(RATE, **{"n_fft": 512, "n_mels": 40, **parameters})


def rms(x):
    return np.sqrt(np.mean(np.square(x, dtype=float)))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"power": 1.0},
        {"mel_scale": "htk", "norm": None, "f_min_hz": 60.0, "f_max_hz": 7600.0},
        {"win_length": 400, "hop_length": 160, "window": "hamming"},
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_librosa_has_the_same_bands(parameters, dtype):
    librosa = pytest.importorskip("librosa")
    x = noise(6000, dtype)
    mel = small(**parameters)
    ours = mel.fit_transform([x])[0]
    theirs = librosa.feature.melspectrogram(
        y=x,
        sr=RATE,
        n_fft=512,
        hop_length=mel.hop_length_,
        win_length=mel.win_length,
        window=mel.window,
        pad_mode="constant",
        power=mel.power,
        n_mels=40,
        fmin=mel.f_min_hz,
        fmax=mel.f_max_hz,
        htk=mel.mel_scale == "htk",
        norm=mel.norm,
    ).T
    n = min(len(ours), len(theirs))
    assert n >= 6000 // mel.hop_length_
    assert ours.dtype == dtype
    # librosa's filters are float32
    np.testing.assert_allclose(ours[:n], theirs[:n], rtol=2e-5)


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_decibels_are_librosas(power):
    librosa = pytest.importorskip("librosa")
    x = noise(3000)
    bands = small(power=power).fit_transform([x])[0]
    level = small(power=power, output="db", reference=0.5).fit_transform([x])[0]
    convert = librosa.power_to_db if power == 2 else librosa.amplitude_to_db
    np.testing.assert_allclose(level, convert(bands, ref=0.5, amin=1e-30, top_db=None), atol=1e-9)


def test_attributes_tell_the_bands():
    mel = small(f_min_hz=100.0, f_max_hz=4000.0).fit([noise(100)])
    assert mel.filters_.shape == (257, 40)
    assert mel.frequencies_.shape == (40,)
    assert (np.diff(mel.frequencies_) > 0).all()
    assert 100 < mel.frequencies_[0] < mel.frequencies_[-1] < 4000
    # the spectrum of a tone at a centre peaks in that band
    tone = np.sin(2 * np.pi * mel.frequencies_[30] / RATE * np.arange(4000))
    assert mel.transform([tone])[0][20].argmax() == 30


@pytest.mark.parametrize("power", [1.0, 2.0])
@pytest.mark.parametrize("gain", [0.1, 0.5, 3.0])
def test_gain_shifts_the_level_exactly(power, gain):
    x = noise(3000)
    mel = small(power=power, output="db").fit([x])
    found = mel.transform([gain * x])[0] - mel.transform([x])[0]
    np.testing.assert_allclose(found, 20 * np.log10(gain), atol=1e-9)
    logs = clone(mel).set_params(output="log").fit_transform([x, gain * x])
    np.testing.assert_allclose(logs[1] - logs[0], power * np.log(gain), atol=1e-9)


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_reference_and_floor_are_those_of_the_parameters(power):
    mel = small(power=power, output="db", reference=100.0, floor_db=-60.0)
    silence, loud = mel.fit_transform([np.zeros(500), noise(500)])
    np.testing.assert_allclose(silence, -60)
    assert loud.min() >= -60 - 1e-9
    assert loud.max() < 0
    bands = small(power=power).fit_transform([noise(500)])[0]
    kept = loud > -60 + 1e-9
    assert kept.any()
    np.testing.assert_allclose(loud[kept], 20 / power * np.log10(bands[kept] / 100))


@pytest.mark.parametrize("inverse", ["nnls", "pinv"])
@pytest.mark.parametrize("output", ["power", "db", "log"])
@pytest.mark.parametrize("power", [1.0, 2.0])
def test_magnitudes_lead_to_the_same_bands(inverse, output, power):
    x = noise(4000)
    mel = small(inverse=inverse, output=output, power=power, n_mels=20)
    magnitude = mel.to_magnitude(mel.fit_transform([x]))[0]
    assert magnitude.shape == (len(mel.transform([x])[0]), 257)
    assert magnitude.min() >= 0
    wanted = small(power=power, n_mels=20).fit_transform([x])[0]
    error = np.linalg.norm(magnitude**power @ mel.filters_ - wanted) / np.linalg.norm(wanted)
    assert error < (1e-8 if inverse == "nnls" else 0.2)


def test_nnls_is_nearer_than_pinv(speakers):
    X = speakers[0][:2]
    wanted = np.concatenate(
        STFTTransformer(n_fft=512, output="magnitude", hop_length=128).fit_transform(X)
    )
    errors = {}
    for inverse in ("nnls", "pinv"):
        mel = small(inverse=inverse, hop_length=128)
        found = np.concatenate(mel.to_magnitude(mel.fit_transform(X)))
        errors[inverse] = np.linalg.norm(found - wanted) / np.linalg.norm(wanted)
    assert errors["nnls"] < 0.9 * errors["pinv"]


@pytest.mark.parametrize("inverse", ["nnls", "pinv"])
def test_inverse_restores_level_and_length(speakers, inverse):
    X = [*speakers[0][:2], 0.01 * speakers[0][2]]
    mel = small(inverse=inverse, output="db", n_mels=80, n_fft=1024, hop_length=128)
    again = mel.inverse_transform(mel.fit_transform(X))
    for x, y in zip(X, again, strict=True):
        assert y.shape == x.shape
        assert y.dtype == np.float32
        assert abs(20 * np.log10(rms(y) / rms(x))) < 1.0


@pytest.mark.parametrize(("inverse", "within_db"), [("nnls", 0.25), ("pinv", 0.6)])
def test_inverse_restores_the_level_of_real_speech(real_clips, inverse, within_db):
    X, rate = real_clips
    mel = MelSpectrogram(rate, n_fft=1024, output="db", inverse=inverse).fit(X)
    for x, y in zip(X, mel.inverse_transform(mel.transform(X)), strict=True):
        assert abs(20 * np.log10(rms(y) / rms(x))) < within_db


@pytest.mark.parametrize("n_times", [1, 2, 127, 128, 129, 511, 1000])
@pytest.mark.parametrize("pad_mode", ["constant", "reflect"])
def test_every_length_is_kept(n_times, pad_mode):
    x = noise(n_times)
    mel = small(pad_mode=pad_mode, phase="pghi")
    again = mel.inverse_transform(mel.fit_transform([x]))[0]
    assert again.shape == x.shape
    assert np.isfinite(again).all()


def test_silence_comes_back_at_the_floor():
    mel = small(output="db", phase="pghi")
    again = mel.inverse_transform(mel.fit_transform([np.zeros(3000)]))[0]
    assert np.abs(again).max() < 1e-4
    exact = small(phase="pghi")
    assert not exact.inverse_transform(exact.fit_transform([np.zeros(3000)]))[0].any()


def test_phase_is_that_of_the_stft(speakers):
    """The reconstruction is the public one, on the public magnitudes."""
    X = list(speakers[0][:1])
    phase = PhaseReconstructor(method="griffin-lim", n_iter=3, init="zeros")
    mel = small(phase=phase, hop_length=100)
    bands = mel.fit_transform(X)
    by_hand = clone(phase).set_params(hop_length=100)
    again = by_hand.fit_transform(mel.to_magnitude(bands))
    np.testing.assert_allclose(mel.inverse_transform(bands)[0], again[0], atol=1e-6)


def test_phases_can_start_from_the_source(speakers):
    """Much nearer to the clip than without it; the list carries it along."""
    X = list(speakers[0][:1])
    errors = []
    for init in ("source", "zeros"):
        phase = PhaseReconstructor(method="griffin-lim", n_iter=0, init=init)
        mel = small(n_mels=80, n_fft=1024, phase=phase)
        again = mel.inverse_transform(mel.fit_transform(X))[0]
        errors.append(np.linalg.norm(again - X[0]) / np.linalg.norm(X[0]))
    assert errors[0] < 0.5 * errors[1]
    with pytest.raises(ValueError, match="X does not hold the clips"):
        clone(mel).set_params(phase__init="source").fit(X).inverse_transform(list(mel.transform(X)))
    kept = small(keep_source=True).fit_transform(X)
    assert kept.trail[-1]["source"][0] is X[0]


def test_pipeline_inverts(speakers):
    X = speakers[0][:2]
    pipeline = make_pipeline(small(output="log"), PerFrame(StandardScaler()))
    again = pipeline.inverse_transform(pipeline.fit_transform(X))
    assert [y.shape for y in again] == [x.shape for x in X]
    assert all(abs(20 * np.log10(rms(y) / rms(x))) < 1 for x, y in zip(X, again, strict=True))


def test_containers_of_magnitudes():
    X = np.stack([noise(500), noise(500, seed=1)])
    mel = small().fit(X)
    bands = mel.transform(X)
    magnitudes = mel.to_magnitude(bands)
    assert magnitudes.shape == (2, 5, 257)
    np.testing.assert_allclose(mel.to_magnitude(bands[0])[3], magnitudes[0, 3])
    objects = np.empty(2, object)
    objects[:] = list(X)
    assert mel.to_magnitude(mel.transform(objects)).dtype == object


def test_empty_bands_are_told_with_the_fix():
    mel = MelSpectrogram(RATE, n_fft=256, n_mels=128, output="db")
    with pytest.warns(EmptyFilterWarning, match=r"\d+ of 128 bands are empty, the first at .* Hz"):
        bands = mel.fit_transform([noise(1000)])
    with pytest.warns(EmptyFilterWarning, match="n_fft=512 .win_length may stay 256."):
        mel.fit([noise(1000)])
    assert np.isfinite(mel.inverse_transform(bands)[0]).all()
    assert MelSpectrogram(RATE, n_fft=512, win_length=256, n_mels=128).fit([noise(1000)])


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"sample_rate": 16}, "did you mean kHz"),
        (
            {"f_max_hz": 8001.0},
            "f_max_hz=8001.0 is above half of sample_rate=16000: use f_max_hz=8",
        ),
        ({"f_max_hz": 11025.0}, "or resample the clips to 22050 Hz"),
        ({"f_min_hz": -1.0}, "Expected 0 <= f_min_hz < f_max_hz, got f_min_hz=-1.0"),
        ({"f_min_hz": 500.0, "f_max_hz": 500.0}, "Expected 0 <= f_min_hz < f_max_hz"),
        ({"n_mels": 0}, "n_mels must be an integer of at least 1"),
        ({"mel_scale": "bark"}, "mel_scale must be one of"),
        ({"norm": "l2"}, "norm must be one of"),
        ({"power": 3.0}, "power must be one of"),
        ({"output": "dB"}, "output must be one of"),
        ({"inverse": "exact"}, "inverse must be one of"),
        ({"reference": 0.0}, "reference must be positive"),
        ({"floor_db": -np.inf}, "floor_db must be a number of dB"),
        ({"hop_length": 2049}, "NOLA"),
        ({"pad_mode": "wrap"}, "pad_mode must be one of"),
        ({"phase": 7}, "phase must be"),
    ],
)
def test_wrong_parameters_are_told_in_fit(parameters, sentence):
    mel = clone(MelSpectrogram(**{"sample_rate": RATE, **parameters}))
    with pytest.raises(ValueError, match=sentence):
        mel.fit([noise(100)])


@pytest.mark.parametrize(
    ("bands", "sentence"),
    [
        (np.ones((5, 80)), "X.0.: Expected sequences of 40 bands, got 80"),
        (np.full((5, 40), 7000.0), "X.0.: Levels up to 7000 are too high"),
    ],
)
def test_sequences_of_other_settings_are_refused(bands, sentence):
    mel = small(output="db").fit([noise(100)])
    for method in (mel.to_magnitude, mel.inverse_transform):
        with pytest.raises(ValueError, match=sentence):
            method([bands])
