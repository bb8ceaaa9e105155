"""librosa's constant-Q transform, for clips of every length and any number of bins."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle.compose import PerFrame
from skstyle.signal import CQTTransformer, STFTTransformer
from skstyle.signal._cqt import bins_below
from skstyle.signal._outputs import OUTPUTS

RATE = 16000


def noise(n_times, dtype=float, seed=0):
    return np.random.default_rng(seed).standard_normal(n_times).astype(dtype) / 4


def chord(n_times, frequencies=(220, 330, 554.4, 1760)):
    time = np.arange(n_times) / RATE
    fade = np.minimum(1, 20 * np.minimum(time, time[-1] - time))
    return fade * sum(np.sin(2 * np.pi * f * time + f) for f in frequencies) / 8


def small(**parameters):
    """Three octaves with short wavelets."""
    settings = {"f_min_hz": 440.0, "n_bins": 36, "bins_per_octave": 12, "hop_length": 64}
    return CQTTransformer(RATE, **{**settings, **parameters})


def error_db(a, b):
    return 20 * np.log10(np.linalg.norm(a - b) / np.linalg.norm(b))


@pytest.mark.parametrize(("n_bins", "hop"), [(36, 64), (30, 100), (7, 441)])
def test_librosa_agrees(n_bins, hop):
    librosa = pytest.importorskip("librosa")
    x = noise(6400)
    ours = small(n_bins=n_bins, hop_length=hop).fit_transform([x])[0]
    theirs = librosa.cqt(
        x, sr=RATE, fmin=440.0, n_bins=n_bins, bins_per_octave=12, hop_length=hop
    ).T
    # librosa resamples clips from octave to octave: their ends differ a little with the padding
    inner = slice(0, len(theirs) - 1 - 1000 // hop)
    np.testing.assert_allclose(ours[inner], theirs[inner], atol=1e-3 * np.abs(theirs).max())


def test_tones_fall_into_their_bins():
    cqt = small(output="magnitude", n_bins=40).fit([noise(9)])
    np.testing.assert_allclose(cqt.frequencies_[[0, 12, 24]], [440, 880, 1760])
    for k in (3, 12, 30):
        tone = np.sin(2 * np.pi * cqt.frequencies_[k] / RATE * np.arange(8000))
        assert cqt.transform([tone])[0][60].argmax() == k


def test_gain_is_kept():
    x = chord(4000)
    one, ten = small().fit_transform([x, 10 * x])
    # librosa's resampler rounds
    np.testing.assert_allclose(ten, 10 * one, atol=1e-5)


@pytest.mark.parametrize("n_times", [1, 2, 3, 63, 64, 65, 129, 500, 2049])
@pytest.mark.parametrize("output", ["complex", "magnitude"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_length_has_its_frames_and_comes_back(n_times, output, dtype):
    """Without a warning of librosa's, however short; with the frames of STFTTransformer."""
    x = noise(n_times, dtype)
    cqt = small(output=output, n_iter=1, n_bins=20)
    spectra = cqt.fit_transform([x])
    stft = STFTTransformer(n_fft=256, hop_length=64).fit_transform([x])
    assert spectra[0].shape == (len(stft[0]), 20)
    assert spectra[0].dtype == (
        np.result_type(dtype, np.complex64) if output == "complex" else dtype
    )
    again = cqt.inverse_transform(spectra)[0]
    assert again.shape == x.shape
    assert again.dtype == dtype
    assert np.isfinite(again).all()


@pytest.mark.parametrize("n_bins", [36, 38, 43, None])
@pytest.mark.parametrize("output", ["complex", "real-imag"])
def test_inverse_is_near_within_the_band(n_bins, output):
    """Trap: librosa's inverse is noise where the bins fill no whole octaves up to a high one."""
    x = chord(16000, (554.4, 880, 1760))
    cqt = small(n_bins=n_bins, bins_per_octave=24, f_min_hz=300.0, output=output)
    if n_bins:
        cqt.set_params(n_bins=2 * n_bins)
    again = cqt.inverse_transform(cqt.fit_transform([x]))[0]
    assert error_db(again, x) < -25


def test_longer_hops_and_fewer_bins_cost_accuracy():
    x = noise(16000)
    band = (np.fft.rfftfreq(16000, 1 / RATE) > 500) & (np.fft.rfftfreq(16000, 1 / RATE) < 3000)
    x = np.fft.irfft(np.fft.rfft(x) * band)
    errors = []
    for parameters in ({}, {"hop_length": 256}, {"bins_per_octave": 12, "n_bins": 37}):
        cqt = small(**{"bins_per_octave": 24, "n_bins": 73, **parameters})
        errors.append(error_db(cqt.inverse_transform(cqt.fit_transform([x]))[0], x))
    assert errors[0] < -20
    assert errors[0] < errors[1] - 3
    assert errors[0] < errors[2] - 3


def test_magnitudes_are_inverted_by_griffin_lim():
    x = chord(8000)
    cqt = small(f_min_hz=110.0, n_bins=60, output="magnitude", n_iter=16).fit([x])
    magnitude = cqt.transform([x])
    again = cqt.inverse_transform(magnitude)
    assert error_db(cqt.transform(again)[0], magnitude[0]) < -10
    np.testing.assert_array_equal(again[0], cqt.inverse_transform(magnitude)[0])
    other = clone(cqt).set_params(random_state=1).fit([x]).inverse_transform(magnitude)
    assert not np.array_equal(again[0], other[0])
    for output in ("power", "log1p", "log-magnitude"):
        same = clone(cqt).set_params(output=output)
        found = same.inverse_transform(same.fit_transform([x]))[0]
        np.testing.assert_allclose(found, again[0], atol=1e-4)


def test_outputs_are_those_of_the_stft():
    x = chord(2000)
    found = {o: small(output=o).fit_transform([x])[0] for o in OUTPUTS}
    z = found["complex"]
    np.testing.assert_allclose(found["real-imag"], np.concatenate([z.real, z.imag], axis=1))
    np.testing.assert_allclose(found["power"], np.abs(z) ** 2, atol=1e-12)
    np.testing.assert_allclose(np.exp(found["log-magnitude"]), np.abs(z), atol=1e-9)


def test_default_bins_end_below_the_resamplers_slope():
    for rate in (8000, 16000, 44100):
        cqt = CQTTransformer(rate, f_min_hz=200.0).fit([noise(10)])
        assert 0.4 * rate < cqt.frequencies_[-1] < 0.45 * rate
    assert (
        bins_below(8000, 8000 * 2**-5, 12) == 60
    )  # and not 61: a wavelet is wider than its centre


def test_pipeline_with_a_scaler_inverts():
    x = chord(8000, (554.4, 880, 1760))
    pipeline = make_pipeline(small(output="real-imag", n_bins=40), PerFrame(StandardScaler()))
    again = pipeline.inverse_transform(pipeline.fit_transform([x]))[0]
    assert again.shape == x.shape
    assert error_db(again, x) < -20


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"output": "phase"}, "output must be one of"),
        ({"hop_length": 0}, "hop_length must be an integer of at least 1"),
        ({"n_bins": 0}, "n_bins must be an integer of at least 1"),
        ({"n_bins": 60}, "n_bins=60 reach above half of sample_rate=16000: .* n_bins=50 fit below"),
        ({"f_min_hz": 9000.0}, "f_min_hz=9000.0 is too high for sample_rate=16000"),
        ({"f_min_hz": 0.0}, "f_min_hz must be positive"),
        ({"filter_scale": -1}, "filter_scale must be positive"),
        ({"bins_per_octave": 2.5}, "bins_per_octave must be an integer"),
        ({"n_iter": -1}, "n_iter must be an integer of at least 0"),
    ],
)
def test_wrong_parameters_are_told_in_fit(parameters, sentence):
    cqt = clone(small(**parameters))
    with pytest.raises(ValueError, match=sentence):
        cqt.fit([noise(100)])


def test_wrong_rates_are_explained():
    with pytest.raises(ValueError, match="did you mean kHz"):
        CQTTransformer(44.1).fit([noise(100)])


@pytest.mark.parametrize(
    ("frames", "n_times", "sentence"),
    [
        (np.ones((3, 35)) * 1j, [129], "X.0.: Expected spectra of 36 bins, got 35"),
        (np.ones((3, 36)) * 1j, [200], "3 frames belong to clips of 66 to 129 samples, not to n_t"),
    ],
)
def test_spectra_that_do_not_fit_are_refused(frames, n_times, sentence):
    cqt = small().fit([noise(100)])
    with pytest.raises(ValueError, match=sentence):
        cqt.inverse_transform([frames], n_times=n_times)
