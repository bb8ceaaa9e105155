"""Global variance and modulation spectra of mel-cepstra: known ratios, Fourier by hand."""

import numpy as np
import pytest

from skstyle.exceptions import SilentClipWarning
from skstyle.metrics import global_variance_log_ratio as gv
from skstyle.metrics import modulation_spectrum_rmse as ms
from skstyle.metrics._modulation_spectrum import modulation_levels

RATE = 16000
DB = 20 * np.log10(2)


def cepstra(n=200, seed=0, order=24):
    """Frames of one loudness, so that none counts as silence."""
    mcep = np.random.default_rng(seed).normal(size=(n, order + 1))
    mcep[:, 0] = 0
    return mcep


@pytest.mark.parametrize("factor", [0.1, 0.5, 3.0])
def test_scaled_cepstra(factor):
    a = cepstra()
    assert gv([a], [factor * a]) == pytest.approx(2 * abs(np.log(factor)))
    assert gv([a], [factor * a], signed=True) == pytest.approx(2 * np.log(factor))
    assert gv([a], [factor * a + 5 * np.ones(25)], silence_db=None) == pytest.approx(
        2 * abs(np.log(factor))
    )
    assert ms([a], [factor * a]) == pytest.approx(20 * abs(np.log10(factor)))
    assert ms([a], [factor * a], segment_length=None) == pytest.approx(20 * abs(np.log10(factor)))


def test_signs_cancel_only_if_they_are_kept():
    a = cepstra(order=2)
    b = a * [1, 2, 0.5]
    assert gv([a], [b]) == pytest.approx(np.log(4))
    assert gv([a], [b], signed=True) == pytest.approx(0)
    assert ms([a], [b]) == pytest.approx(DB)


def test_formula_of_variances():
    a, b = cepstra(150), cepstra(90, seed=1)
    expected = np.mean(np.abs(np.log(b[:, 1:].var(axis=0) / a[:, 1:].var(axis=0))))
    assert gv([a], [b]) == pytest.approx(expected)


@pytest.mark.parametrize("f_max_hz", [50.0, 20.0, 100.0])
def test_formula_of_spectra(f_max_hz):
    a, b = cepstra(150), cepstra(90, seed=1)

    def levels(x):
        x = x[:, 1:] - x[:, 1:].mean(axis=0)
        window = np.sin(np.pi * np.arange(64) / 64)[:, None]
        parts = [x[s : s + 64] * window for s in range(0, len(x) - 63, 32)]
        return np.mean([20 * np.log10(np.abs(np.fft.rfft(p, axis=0))) for p in parts], axis=0)

    rows = np.fft.rfftfreq(64, 0.005) <= f_max_hz
    expected = np.sqrt(np.mean((levels(a) - levels(b))[rows] ** 2))
    assert ms([a], [b], f_max_hz=f_max_hz) == pytest.approx(expected)


def test_formula_of_spectra_of_whole_clips():
    a, b = cepstra(150), cepstra(90, seed=1)

    def levels(x):
        x = x[:, 1:] - x[:, 1:].mean(axis=0)
        return 10 * np.log10(np.abs(np.fft.rfft(x, 150, axis=0)[1:]) ** 2 / len(x))

    rows = np.fft.rfftfreq(150, 0.005)[1:] <= 50
    expected = np.sqrt(np.mean((levels(a) - levels(b))[rows] ** 2))
    assert ms([a], [b], segment_length=None) == pytest.approx(expected)


def test_smoothing_is_heard_where_it_is():
    a = cepstra(600)
    kernel = np.ones(5) / 5
    smooth = np.array([np.convolve(c, kernel, "same") for c in a.T]).T
    smooth[:, 0] = 0
    slow, fast = (ms([a], [smooth], f_max_hz=f) for f in (5.0, 100.0))
    assert slow < 1 < 8 < fast
    assert gv([a], [smooth], signed=True) == pytest.approx(np.log(1 / 5), abs=0.1)


def test_noise_scatters_as_the_docstring_tells():
    a, b = ([cepstra(600, seed) for seed in range(s, s + 4)] for s in (0, 10))
    assert ms(a, b, segment_length=None) == pytest.approx(7.9, abs=0.3)
    assert ms(a, b) == pytest.approx(2.1, abs=0.2)


def test_short_clips_are_padded_to_a_segment():
    x = cepstra(20)[:, 1:]
    assert modulation_levels(x, 64).shape == (33, 24)
    assert np.isfinite(ms([cepstra(20)], [cepstra(30, seed=1)]))


def test_silence_does_not_move():
    a = cepstra(100)
    pad = np.random.default_rng(1).normal(size=(100, 25))
    pad[:, 0] = -7
    b = np.vstack([pad, a, pad])
    for measure in (gv, ms):
        assert measure([a], [b]) == 0
        assert measure([a], [b], silence_db=None) > 0.01


@pytest.mark.parametrize("measure", [gv, ms])
def test_what_stands_still(measure):
    a, still = cepstra(), np.ones((30, 25))
    with pytest.warns(SilentClipWarning, match=r"y_true\[1\] and y_pred\[1\] have no movement"):
        values = measure([a, a], [a, still], average=False)
    assert values[0] == 0
    assert np.isnan(values[1])
    half = a.copy()
    half[:, 7] = 3.0
    assert measure([a], [half]) == measure([half], [a]) == np.inf
    assert measure([half], [half]) == 0  # still on both sides: nothing to compare


@pytest.mark.parametrize("measure", [gv, ms])
def test_orders_must_agree(measure):
    with pytest.raises(ValueError, match="24 coefficients above c_0 and y_pred has 20"):
        measure([cepstra()], [cepstra(order=20)])
    with pytest.raises(ValueError, match=r"or pass mel-cepstra \(n_frames, order \+ 1\)"):
        measure([np.ones(800)], [np.ones(800)])


@pytest.mark.parametrize("measure", [gv, ms])
def test_order_and_alpha_reach_the_analysis(speakers, measure):
    X, y = (part[:1] for part in speakers)
    found = {measure(X, y, sample_rate=RATE, **kw) for kw in ({}, {"order": 12}, {"alpha": 0.2})}
    assert len(found) == 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"segment_length": 63}, "segment_length must be an even integer"),
        ({"segment_length": 2.0}, "segment_length must be an even integer"),
        ({"f_max_hz": 101}, "between 3.125 and 100 Hz"),
        ({"f_max_hz": 1}, "between 3.125 and 100 Hz"),
        ({"f_max_hz": None}, "f_max_hz must lie between"),
    ],
)
def test_impossible_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ms([cepstra()], [cepstra()], **settings)
