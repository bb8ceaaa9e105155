"""Warped cepstra beside SPTK's, on the spectra of CheapTrick."""

import numpy as np
import pytest

from skstyle.features._cepstrum import (
    auto_alpha,
    freqt_matrix,
    log_amplitude,
    mel_cepstrum,
    power_from_mel_cepstrum,
)

pysptk = pytest.importorskip("pysptk", reason="pysptk is not here: make test-oracles builds it")
pytest.importorskip("pyworld", reason="pyworld is not here: make test-oracles builds it")


@pytest.mark.parametrize("alpha", [-0.5, 0.0, 0.41, 0.455, 0.77])
@pytest.mark.parametrize(("n_in", "order"), [(1, 0), (25, 24), (25, 512), (513, 24), (200, 60)])
def test_freqt_matrix(n_in, order, alpha):
    c = np.random.default_rng(0).normal(size=n_in)
    expected = pysptk.freqt(c, order, alpha)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        freqt_matrix(n_in, order, alpha) @ c, expected, rtol=0, atol=1e-10 * scale
    )


@pytest.mark.parametrize("order", [12, 24, 40])
def test_mel_cepstrum_and_its_inverse(speech, world, order):
    alpha = auto_alpha(speech.sample_rate)
    for frames in world:
        n_fft = 2 * (frames.envelope.shape[1] - 1)
        mcep = mel_cepstrum(frames.envelope, order, alpha)
        np.testing.assert_allclose(
            mcep, pysptk.sp2mc(frames.envelope, order, alpha), rtol=0, atol=1e-10
        )
        # SPTK cuts the cepstrum on the linear axis at n_fft / 2; the cosines have no end.
        power = pysptk.mc2sp(mcep, alpha, n_fft)
        np.testing.assert_allclose(power_from_mel_cepstrum(mcep, n_fft, alpha), power, rtol=1e-8)
        np.testing.assert_allclose(
            log_amplitude(mcep, n_fft, alpha), np.log(power) / 2, rtol=0, atol=1e-8
        )


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
def test_auto_alpha(rate):
    # The distances to the mel scale differ a little; SPTK searches in steps of 0.001.
    assert auto_alpha(rate) == pytest.approx(pysptk.util.mcepalpha(rate), abs=0.001)
