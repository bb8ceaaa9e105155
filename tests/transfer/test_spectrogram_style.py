"""Style transfer on spectrograms, from clips to clips."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skstyle import (
    GramStyleTransformer,
    PhaseReconstructor,
    SpectrogramStyleTransformer,
    STFTTransformer,
)
from skstyle.datasets import make_texture, make_tune
from skstyle.exceptions import SilentClipWarning
from skstyle.metrics import neg_timbre_distance_scorer
from skstyle.transfer import RandomConvFeatures, SoundStyle
from skstyle.transfer._spectrogram_style import default_stft

RATE = 8000


@pytest.fixture(scope="module")
def style():
    return make_texture("rain", 0.8, sample_rate=RATE, random_state=0)


@pytest.fixture(scope="module")
def content():
    return make_tune([(60, 1), (67, 1)], "fiddle", sample_rate=RATE, random_state=0)


def small(**options):
    gram = GramStyleTransformer(
        RandomConvFeatures((5,), n_filters=16), random_state=0, **{"max_iter": 5, **options}
    )
    return SpectrogramStyleTransformer(RATE, gram)


def rms(x):
    return np.sqrt(np.mean(np.square(x, dtype=np.float64)))


def test_is_the_chain_of_its_parts(style, content):
    transfer = small().fit([style])
    out = transfer.transform([content])[0]
    stft = STFTTransformer(**default_stft(RATE))
    gram = clone(transfer.transformer).fit(stft.fit_transform([style]))
    expected = PhaseReconstructor(init="source").fit_transform(
        gram.transform(stft.transform([content]))
    )[0]
    expected *= rms(content) / rms(expected)
    np.testing.assert_allclose(out, expected, atol=1e-3 * np.abs(expected).max())
    assert len(transfer.transformer_.loss_curve_[0]) == 6


def test_fit_transforms_nothing(style):
    assert small().fit([style]).transformer_.loss_curve_ == []


@pytest.mark.parametrize("gain", [1e-4, 1.0, 30.0])
def test_as_long_and_as_loud_as_the_content(style, content, gain):
    x = (gain * content).astype(np.float32)
    out = small().fit([style]).transform([x])[0]
    assert out.dtype == np.float32 and len(out) == len(x)
    np.testing.assert_allclose(rms(out), rms(x), rtol=1e-4)


def test_a_constant_offset_is_no_sound(style, content):
    transfer = small().fit([style])
    out, shifted = transfer.transform([content, content + 0.3])
    np.testing.assert_allclose(shifted, out, atol=0.02 * np.abs(out).max())
    with pytest.warns(SilentClipWarning):
        silence = transfer.transform([np.full(4000, 0.3)])[0]
    assert not silence.any()


def test_every_container(style, content):
    clips = [content, content[:3000]]
    objects = np.empty(2, dtype=object)
    objects[:] = clips
    transfer = small().fit([style])
    expected = transfer.transform(clips)
    for X in (tuple(clips), objects, pd.Series(clips)):
        for a, b in zip(transfer.transform(X), expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_takes_styles(style, content):
    transfer = small().fit([style])
    other = transfer.measure([content])
    mixed = clone(transfer).fit(0.5 * transfer.style_ + 0.5 * other)
    assert len(mixed.transform([content])[0]) == len(content)
    assert mixed.style_.distance(other) < transfer.style_.distance(other)
    same = clone(transfer).fit(transfer.style_).transform([content])[0]
    np.testing.assert_array_equal(same, transfer.transform([content])[0])


def test_refuses_styles_of_sounds(style):
    with pytest.raises(TypeError, match="takes clips or a Style, got a SoundStyle"):
        small().fit(SoundStyle([style], RATE))


@pytest.mark.parametrize("n_times", [100, 4000, 4001])
def test_samples_are_as_long_as_asked(style, n_times):
    a, b = small().fit([style]).sample(n_times, 2)
    assert len(a) == len(b) == n_times
    assert a.dtype == np.float32
    np.testing.assert_allclose(rms(a), 0.1, rtol=0.05)
    assert not np.array_equal(a, b)


def test_in_a_grid_search(style, content):
    clips = [style, content]
    search = GridSearchCV(
        small(),
        {"transformer__style_statistic": ["gram", "moments"], "stft__n_fft": [256]},
        scoring=neg_timbre_distance_scorer,
        cv=[([0], [1])],
        error_score="raise",
    )
    search.estimator.set_params(stft=STFTTransformer(**default_stft(RATE)))
    # The wanted style is what the content is compared with.
    search.fit(clips, [style, style])
    assert np.all(search.cv_results_["mean_test_score"] < 0)
    assert search.best_params_["stft__n_fft"] == 256


def test_warns_once_of_silence(style, content):
    transfer = small().fit([style])
    with pytest.warns(SilentClipWarning, match=r"X\[1\]") as caught:
        out = transfer.transform([content, np.zeros(2000, np.float32)])
    assert len([w for w in caught if issubclass(w.category, SilentClipWarning)]) == 1
    assert not out[1].any() and out[0].any()


@pytest.mark.parametrize(
    "changed", [{"hop_length": 64}, {"window": "hamming"}, {"win_length": 256}]
)
def test_any_analysis_will_do(style, content, changed):
    transfer = small().set_params(stft=STFTTransformer(**default_stft(RATE)).set_params(**changed))
    assert len(transfer.fit([style]).transform([content])[0]) == len(content)
    assert len(transfer.sample(3000)[0]) == 3000


def test_parts_must_agree(style):
    stft = STFTTransformer(**{**default_stft(RATE), "output": "log1p"})
    with pytest.raises(ValueError, match="output='log1p', and transformer representation='magn"):
        small().set_params(stft=stft).fit([style])
    with pytest.raises(TypeError, match="transformer must be a GramStyleTransformer or None"):
        SpectrogramStyleTransformer(RATE, "gram").fit([style])


def test_styles_know_their_sample_rate(style):
    measured = small().fit([style]).style_
    with pytest.raises(ValueError, match="measured at 8000 Hz, and sample_rate is 16000 Hz"):
        SpectrogramStyleTransformer(16000, small().transformer).fit(measured)
