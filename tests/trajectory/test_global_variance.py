"""The post-filter of global variance."""

import numpy as np
import pytest
from sklearn.base import clone

from skstyle.exceptions import LoneSequenceWarning
from skstyle.trajectory import GlobalVarianceScaler
from skstyle.trajectory._global_variance import clip_variances


def sequences(seed, lengths=(30, 45, 80), scale=(1.0, 2.0, 0.5)):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, 3)) * scale + [5.0, 0.0, -2.0] for n in lengths]


@pytest.fixture
def pair():
    return sequences(0), sequences(1, lengths=(50, 20, 60, 90), scale=(2.0, 2.0, 2.0))


def test_statistics_are_means_of_variances_within_clips(pair):
    X, y = pair
    scaler = GlobalVarianceScaler().fit(X, y)
    np.testing.assert_allclose(scaler.gv_converted_, np.mean([x.var(axis=0) for x in X], axis=0))
    np.testing.assert_allclose(scaler.gv_target_, np.mean([x.var(axis=0) for x in y], axis=0))


def test_mean_variance_of_the_training_clips_becomes_the_target(pair):
    X, y = pair
    scaler = GlobalVarianceScaler().fit(X, y)
    out = scaler.transform(X)
    np.testing.assert_allclose(np.mean([x.var(axis=0) for x in out], axis=0), scaler.gv_target_)
    for a, b in zip(X, out, strict=True):
        np.testing.assert_allclose(a.mean(axis=0), b.mean(axis=0))


def test_a_clip_that_varies_more_still_does(pair):
    scaler = GlobalVarianceScaler().fit(*pair)
    x = sequences(2)[0]
    calm, lively = scaler.transform([x, 3 * x])
    np.testing.assert_allclose(lively.var(axis=0) / calm.var(axis=0), 9)


@pytest.mark.parametrize("morph", [0.0, 0.3, 1.0, 1.5])
def test_morph_mixes(pair, morph):
    X, y = pair
    full = GlobalVarianceScaler().fit(X, y).transform(X)
    out = GlobalVarianceScaler(morph=morph).fit(X, y).transform(X)
    for x, f, o in zip(X, full, out, strict=True):
        np.testing.assert_allclose(o, morph * f + (1 - morph) * x, atol=1e-12)


def test_no_morph_and_equal_statistics_change_no_bit(pair):
    X, y = pair
    for scaler in (GlobalVarianceScaler(morph=0).fit(X, y), GlobalVarianceScaler().fit(X, X)):
        for a, b in zip(X, scaler.transform(X), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("columns", [slice(1, None), [1, 2], [-2, -1]])
def test_other_columns_are_left_alone(pair, columns):
    X, y = pair
    full = GlobalVarianceScaler().fit(X, y).transform(X)
    scaler = GlobalVarianceScaler(columns=columns).fit(X, y)
    assert scaler.scale_[0] == 1
    for x, f, o in zip(X, full, scaler.transform(X), strict=True):
        np.testing.assert_array_equal(o[:, 0], x[:, 0])
        np.testing.assert_array_equal(o[:, 1:], f[:, 1:])


def with_silence(items, level=-20.0, value=100.0):
    silence = np.full((15, 3), value)
    silence[:, 0] = level
    return [np.vstack([silence, x, silence]) for x in items]


def test_silence_takes_no_part(pair):
    X, y = pair
    expected = GlobalVarianceScaler().fit(X, y)
    scaler = GlobalVarianceScaler(level_column=0, silence_db=90)
    scaler.fit(with_silence(X), with_silence(y))
    np.testing.assert_allclose(scaler.scale_, expected.scale_)
    out, plain = scaler.transform(with_silence(X)), expected.transform(X)
    for a, b in zip(out, plain, strict=True):
        np.testing.assert_allclose(a[15:-15], b)
    # Silent frames are scaled about the mean of speech.
    np.testing.assert_allclose(
        out[0][0], scaler.scale_ * ([-20, 100, 100] - X[0].mean(axis=0)) + X[0].mean(axis=0)
    )


def test_constant_columns_stay(pair):
    X, y = ([x.copy() for x in side] for side in pair)
    for x in X:
        x[:, 1] = 0.1
    scaler = GlobalVarianceScaler().fit(X, y)
    assert scaler.gv_converted_[1] == 0
    assert scaler.scale_[1] == 1
    # Constant only in the clip that is transformed:
    fitted = GlobalVarianceScaler().fit(*pair)
    for found in (scaler.transform(X)[0], fitted.transform(X)[0]):
        np.testing.assert_array_equal(found[:, 1], X[0][:, 1])


def test_one_frame_clips_pass_and_say_nothing(pair):
    X, y = pair
    scaler = GlobalVarianceScaler().fit([*X, np.full((1, 3), 9.0)], y)
    np.testing.assert_array_equal(scaler.scale_, GlobalVarianceScaler().fit(X, y).scale_)
    np.testing.assert_array_equal(scaler.transform([X[0][:1]])[0], X[0][:1])
    only = GlobalVarianceScaler().fit([X[0][:1]], y)
    assert np.isnan(only.gv_converted_).all()
    np.testing.assert_array_equal(only.transform(X)[1], X[1])


def test_huge_offsets_lose_no_digits():
    X = [1e6 + x for x in sequences(0)]
    assert np.allclose(clip_variances(X), clip_variances(sequences(0)), rtol=1e-6)


def test_float32_is_kept_and_close(pair):
    X, y = ([x.astype(np.float32) for x in side] for side in pair)
    out = GlobalVarianceScaler().fit(X, y).transform(X)
    expected = GlobalVarianceScaler().fit(*pair).transform(pair[0])
    assert {x.dtype for x in out} == {np.dtype(np.float32)}
    np.testing.assert_allclose(out[0], expected[0], atol=1e-4)


def test_plain_arrays_are_one_frame_sequences():
    X = np.random.default_rng(0).normal(size=(20, 3))
    with pytest.warns(LoneSequenceWarning, match="Wrap one sequence in a list"):
        scaler = GlobalVarianceScaler().fit(X, 2 * X)
    with pytest.warns(LoneSequenceWarning):
        np.testing.assert_array_equal(scaler.transform(X), X)


def test_stacked_sequences_mirror():
    X = np.random.default_rng(0).normal(size=(4, 20, 3))
    out = GlobalVarianceScaler().fit(X, 2 * X).transform(X)
    assert out.shape == X.shape
    np.testing.assert_allclose(out.var(axis=1).mean(axis=0), 4 * X.var(axis=1).mean(axis=0))


def test_fit_transform_takes_both_sides(pair):
    scaler = GlobalVarianceScaler()
    np.testing.assert_array_equal(
        clone(scaler).fit_transform(*pair)[1], scaler.fit(*pair).transform(pair[0])[1]
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"morph": -0.1}, "morph must be a number of at least 0"),
        ({"morph": np.nan}, "morph must be"),
        ({"columns": [3]}, r"columns=\[3\] is no choice among 3 columns"),
        ({"level_column": 3}, "level_column=3 is not one of the 3 columns"),
        ({"level_column": 0, "silence_db": 0}, "silence_db must be positive"),
    ],
)
def test_wrong_parameters_are_told_in_fit(pair, parameters, message):
    with pytest.raises(ValueError, match=message):
        GlobalVarianceScaler(**parameters).fit(*pair)


def test_targets_are_needed_with_the_same_columns(pair):
    X, y = pair
    with pytest.raises(ValueError, match="requires y to be passed"):
        GlobalVarianceScaler().fit(X, None)
    with pytest.raises(ValueError, match="X has 3 features and y has 2"):
        GlobalVarianceScaler().fit(X, [x[:, :2] for x in y])


def test_own_share_brings_clips_to_one_variance():
    rng = np.random.default_rng(0)
    converted = [s * rng.normal(size=(200, 2)) for s in (0.5, 1.0, 2.0)]
    target = [3 * rng.normal(size=(200, 2)) for _ in range(3)]

    def spread(own_share):
        scaler = GlobalVarianceScaler(own_share=own_share).fit(converted, target)
        out = scaler.transform(converted)
        return np.array([x.var(axis=0) for x in out]), scaler.gv_target_

    alike, _ = spread(0.0)
    ratios = np.array([x.var(axis=0) for x in converted])
    np.testing.assert_allclose(alike / alike[1], ratios / ratios[1])
    half, _ = spread(0.5)
    np.testing.assert_allclose(half / half[1], np.sqrt(ratios / ratios[1]))
    one, wanted = spread(1.0)
    np.testing.assert_allclose(one, np.tile(wanted, (3, 1)))


@pytest.mark.parametrize("own_share", [0.0, 0.5])
def test_columns_that_hardly_vary_are_not_blown_up(own_share):
    rng = np.random.default_rng(0)
    converted, target = [1e-5 * rng.normal(size=(50, 1))], [rng.normal(size=(50, 1))]
    scaler = GlobalVarianceScaler(own_share=own_share).fit(converted, target)
    assert scaler.scale_[0] == 10
    assert scaler.transform(converted)[0].std() < 2e-4


@pytest.mark.parametrize("own_share", [-0.1, 1.5])
def test_own_share_is_a_share(own_share):
    x = [np.arange(6.0).reshape(3, 2)]
    with pytest.raises(ValueError, match="own_share must lie in"):
        GlobalVarianceScaler(own_share=own_share).fit(x, x)


def test_morph_beyond_the_target_never_turns_a_column_over():
    x = np.random.default_rng(0).normal(size=(50, 2))
    scaler = GlobalVarianceScaler(morph=3.0).fit([x], [0.3 * x])
    np.testing.assert_allclose(scaler.transform([x])[0], np.tile(x.mean(axis=0), (50, 1)))
