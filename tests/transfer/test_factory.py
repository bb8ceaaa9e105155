"""Style transfer by name."""

import numpy as np
import pytest
from sklearn.base import clone

from skstyle import (
    AutoStyleTransformer,
    ConcatenativeStyleTransformer,
    TransportStyleTransformer,
    make_style_transfer,
)
from skstyle.transfer import SoundStyle

RATES = [8000, 16000, 22050, 44100, 48000]


def chirp(sample_rate, seconds=0.3, seed=0):
    t = np.arange(int(seconds * sample_rate)) / sample_rate
    noise = 0.01 * np.random.default_rng(seed).standard_normal(len(t))
    return 0.2 * np.sin(2 * np.pi * (300 + 200 * t) * t) + noise


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("auto", AutoStyleTransformer),
        ("transport", TransportStyleTransformer),
        ("concatenative", ConcatenativeStyleTransformer),
    ],
)
@pytest.mark.parametrize("sample_rate", RATES)
def test_engines_at_every_rate(method, kind, sample_rate):
    transfer = make_style_transfer(sample_rate, method, random_state=0)
    assert type(transfer) is kind
    style, content = chirp(sample_rate, 0.4, 1), chirp(sample_rate)
    out = transfer.fit([style]).transform([content])
    assert len(out[0]) == len(content) and np.isfinite(out[0]).all()


@pytest.mark.parametrize("sample_rate", RATES)
def test_gram_is_made_of_public_parts(sample_rate):
    pytest.importorskip("torch")
    transfer = make_style_transfer(sample_rate, "gram", max_iter=1, random_state=0)
    assert transfer.transformer.max_iter == 1
    assert 0.064 <= transfer.stft.n_fft / sample_rate <= 0.07
    style, content = chirp(sample_rate, 0.4, 1), chirp(sample_rate)
    out = transfer.fit([style]).transform([content])
    assert len(out[0]) == len(content) and np.isfinite(out[0]).all()


@pytest.mark.parametrize("method", ["transport", "auto", "concatenative", "gram"])
def test_every_container(method):
    params = {}
    if method == "gram":
        pytest.importorskip("torch")
        params = {"max_iter": 1}
    transfer = make_style_transfer(8000, method, random_state=0, **params)
    rows = np.stack([chirp(8000, seed=k) for k in range(2)])
    expected = transfer.fit(list(rows)).transform(list(rows))
    objects = np.empty(2, dtype=object)
    objects[:] = list(rows)
    for X in (rows, objects):
        out = clone(transfer).fit(X).transform(X)
        assert len(out) == 2
        for a, b in zip(out, expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_parameters_reach_the_estimators():
    assert make_style_transfer(8000, "transport", n_mels=20).n_mels == 20
    assert make_style_transfer(8000, "concatenative", max_shift=2).max_shift == 2
    assert make_style_transfer(8000, min_held=0.2, n_jobs=2).n_jobs == 2
    pytest.importorskip("torch")
    gram = make_style_transfer(8000, "gram", style_statistic="gram", n_jobs=2)
    assert gram.transformer.style_statistic == "gram"
    assert gram.stft.n_jobs == gram.transformer.n_jobs == gram.n_jobs == 2
    gram.set_params(stft__n_fft=512, transformer__max_iter=40)
    assert gram.stft.n_fft == 512
    assert gram.transformer.features == "random-conv"
    infinite = make_style_transfer(8000, "gram", content_weight=0.5).transformer
    assert infinite.features.n_filters is None and infinite.contrast == 30
    assert infinite.content_weight == 0.5


@pytest.mark.parametrize(
    ("method", "params", "message"),
    [
        ("transprot", {}, "method must be one of .*got 'transprot'. Did you mean 'transport'?"),
        (None, {}, "method must be one of"),
        ("transport", {"max_shift": 1}, "no parameter 'max_shift'. Method 'concatenative' has."),
        ("transport", {"n_mel": 1}, "no parameter 'n_mel'. Did you mean 'n_mels'?"),
        ("auto", {"max_shift": 1}, "Pass concatenative=ConcatenativeStyleTransformer"),
        ("gram", {"domain": "time"}, "domain must be one of .*got 'time'"),
    ],
)
def test_mistakes_are_told(method, params, message):
    with pytest.raises(ValueError, match=message):
        make_style_transfer(8000, method, **params)


def test_what_is_no_list_of_clips_is_told():
    pytest.importorskip("torch")
    with pytest.raises(ValueError, match="[Oo]ne signal|list"):
        make_style_transfer(8000, "gram").fit(chirp(8000))
    with pytest.raises(ValueError, match="X is an empty list"):
        make_style_transfer(8000, "gram").fit([])
    with pytest.raises(TypeError, match="SoundStyle"):
        make_style_transfer(8000, "gram").fit(SoundStyle([chirp(8000)], 8000))


def test_the_waveform_domain_is_an_estimator_itself():
    pytest.importorskip("torch")
    from skstyle import WaveformStyleTransformer

    transfer = make_style_transfer(8000, "gram", domain="waveform", max_iter=3)
    assert type(transfer) is WaveformStyleTransformer and transfer.max_iter == 3
    with pytest.raises(ValueError, match="no parameter 'max_shift'"):
        make_style_transfer(8000, "gram", domain="waveform", max_shift=3)


@pytest.mark.parametrize("params", [{"max_shift": 1}, {"representation": "power"}])
def test_mistakes_with_gram_are_told(params):
    pytest.importorskip("torch")
    with pytest.raises(ValueError, match="method='gram' has no parameter"):
        make_style_transfer(8000, "gram", **params)


def test_rates_are_checked():
    with pytest.raises(ValueError, match="did you mean kHz"):
        make_style_transfer(16)
