"""GramFeatures."""

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skstyle import GramFeatures
from skstyle.exceptions import SilentClipWarning
from skstyle.transfer import RandomConvFeatures
from skstyle.transfer._style_statistics import STATISTICS

SMALL = RandomConvFeatures((5,), n_filters=12)


def sequences(lengths=(40, 55, 70), seed=0, colour=1.0, n_bins=9):
    rng = np.random.default_rng(seed)
    envelope = np.linspace(1, colour, n_bins)
    return [envelope * np.abs(rng.normal(size=(n, n_bins))) for n in lengths]


def test_vectors_are_rows():
    vectors = GramFeatures(SMALL, random_state=0).fit_transform(sequences())
    # The upper triangle of the Gram matrix.
    assert vectors.shape == (3, 12 * 13 // 2) and vectors.dtype == np.float64
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_every_layer_is_a_part_of_length_one():
    features = RandomConvFeatures((3, 5), n_filters=6)
    model = GramFeatures(features, style_statistic="centred-gram", random_state=0)
    vectors = model.fit_transform(sequences()).reshape(3, 2, 6 + 6 * 7 // 2)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=2), 1, rtol=1e-5)


def test_named_features_have_128_filters():
    model = GramFeatures(style_statistic="gram", random_state=0).fit(sequences())
    assert model.features_.n_filters == 128
    assert model.transform(sequences()).shape == (3, 128 * 129 // 2)


def test_powers_keep_signs():
    X = sequences()
    options = {"style_statistic": "centred-gram", "random_state": 0}
    plain, rooted = (GramFeatures(SMALL, power=p, **options).fit_transform(X) for p in (1, 0.5))
    expected = np.sign(plain) * np.abs(plain) ** 0.5
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(rooted, expected, atol=1e-5)


@pytest.mark.parametrize("style_statistic", sorted(STATISTICS))
def test_every_statistic_tells_colours_apart(style_statistic):
    lengths = (400, 550, 700, 500)
    X = sequences(lengths) + sequences(lengths, seed=1, colour=0.002)
    model = make_pipeline(
        GramFeatures(SMALL, style_statistic=style_statistic, random_state=0),
        KNeighborsClassifier(1),
    )
    assert cross_val_score(model, X, ["white"] * 4 + ["red"] * 4, cv=2).mean() == 1


def test_whitening_and_colouring_compare_the_bins_themselves():
    model = GramFeatures(style_statistic="whitening-coloring", random_state=0)
    # Nine means, and the upper triangle of a covariance.
    assert model.fit_transform(sequences()).shape == (3, 9 + 9 * 10 // 2)


def test_loudness_and_seed():
    a, b, c = (
        GramFeatures(SMALL, random_state=seed).fit_transform([gain * x for x in sequences()])
        for gain, seed in ((1, 0), (64, 0), (1, 1))
    )
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    assert not np.allclose(a, c)


def test_silence_is_zero():
    model = GramFeatures(SMALL, random_state=0).fit(sequences())
    with pytest.warns(SilentClipWarning, match=r"^X\[0\]: silent, its vector is zero"):
        vectors = model.transform([np.zeros((20, 9)), *sequences()])
    assert not vectors[0].any()
    np.testing.assert_array_equal(vectors[1:], model.transform(sequences()))
    with pytest.warns(SilentClipWarning):
        assert model.transform([np.zeros((20, 9))]).shape == (1, vectors.shape[1])


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="power == 0, must be > 0"):
        GramFeatures(SMALL, power=0).fit(sequences())
    with pytest.raises(ValueError, match=r"X\[0\]: Negative values"):
        GramFeatures(SMALL).fit([-x for x in sequences()])
