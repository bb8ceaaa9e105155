"""Log-spectral distance: known values, librosa's formula, alignment, refusals."""

import numpy as np
import pytest

from skstyle.metrics import log_spectral_distance as lsd
from skstyle.signal import STFTTransformer

RATE = 16000


def levels(n_frames=50, seed=0, n_bands=9):
    return 10 * np.random.default_rng(seed).standard_normal((n_frames, n_bands))


def by_librosa(a, b):
    """The formula, written with librosa: at one level, a floor of -60 dB, to the shorter end."""
    librosa = pytest.importorskip("librosa")
    spectra = []
    for x in (a, b):
        x = 0.1 * x / np.sqrt(np.mean(x**2))
        mel = librosa.feature.melspectrogram(y=x, sr=RATE, n_fft=1024, hop_length=256, n_mels=80)
        spectra.append(librosa.power_to_db(mel, ref=1.0, amin=1e-6, top_db=None))
    n = min(s.shape[1] for s in spectra)
    return np.sqrt(((spectra[0][:, :n] - spectra[1][:, :n]) ** 2).mean(axis=0)).mean()


@pytest.mark.parametrize("cut", [0, 1, 100, 256, 3000])
def test_librosa_agrees(speakers, cut):
    """Frames too, whatever is left of the last hop."""
    for x, y in zip(*(part[:2] for part in speakers), strict=True):
        x = x[: len(x) - cut]
        assert lsd([y], [x], sample_rate=RATE) == pytest.approx(by_librosa(y, x), rel=1e-5)


@pytest.mark.parametrize("d", [0.01, 3.0])
def test_constant_difference_of_levels(d):
    a = levels()
    b = a.copy()
    b[:, 4] += d
    assert lsd([a], [a + d]) == pytest.approx(d)
    assert lsd([a], [b]) == pytest.approx(d / 3)  # one of nine bands


def test_root_is_taken_per_frame_before_the_mean():
    a = levels()
    b = a.copy()
    b[:25] += 1.0
    assert lsd([a], [b]) == pytest.approx(0.5)


def test_gain_of_noise_is_its_decibels():
    x = np.random.default_rng(0).standard_normal(16000)
    assert lsd([x], [x / 10], sample_rate=RATE, level_db=None) == pytest.approx(20, abs=1e-6)


def test_the_floor_bounds_the_distance():
    x = np.random.default_rng(0).standard_normal(16000)
    near, far = (
        lsd([x], [1e-4 * x], sample_rate=RATE, level_db=None, floor_db=f) for f in (0, -20)
    )
    assert 1 < near < far < 80
    assert far == pytest.approx(near + 20, abs=0.5)


def test_settings_reach_the_analysis(speakers):
    X, y = (part[:1] for part in speakers)
    settings = [{}, {"n_fft": 512}, {"hop_length": 128}, {"n_mels": 40}, {"floor_db": -40.0}]
    assert len({lsd(y, X, sample_rate=RATE, **s) for s in settings}) == len(settings)


def test_alignment_forgives_timing():
    a = levels()
    slow = np.repeat(a, 2, axis=0)
    assert lsd([a], [slow]) > 1
    assert lsd([a], [slow], align=True) == 0
    shifted = np.roll(a, 15, axis=0)
    assert lsd([a], [shifted], align=True, band=0.04) > lsd([a], [shifted], align=True)


def test_unaligned_ends_with_the_shorter():
    a = levels()
    assert lsd([a], [a[:30]]) == 0.0


def test_bins_instead_of_bands(speakers):
    """Levels of any spectra can be compared as they are."""
    X = [x.astype(float) for x in speakers[0][:2]]
    stft = STFTTransformer(n_fft=512, output="log-magnitude", floor=1e-4)
    spectra = [20 / np.log(10) * s for s in stft.fit_transform(X)]
    louder = [s + 6 for s in spectra]
    assert lsd(spectra, louder) == pytest.approx(6)


def test_signals_need_a_rate(speakers):
    with pytest.raises(ValueError, match="Signals need their sample rate"):
        lsd(*speakers)


@pytest.mark.parametrize("align", [True, False])
def test_bands_must_agree(align):
    with pytest.raises(ValueError, match="y_true has 9 features and y_pred has 8"):
        lsd([levels()], [levels(n_bands=8)], align=align)
    with pytest.raises(ValueError, match="y_true has 1 clips and y_pred has 2"):
        lsd([levels()], [levels()] * 2)
    with pytest.raises(ValueError, match=r"y_pred\[0\] contains NaN \(first at frame 0"):
        lsd([levels()], [np.full((3, 9), np.nan)])
