"""Warping onto references, paths without silence, and what is refused."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skstyle.alignment import DTWAligner, dtw_path
from skstyle.features._activity import DB_PER_NEPER, active_frames


def frames(n, seed=0, n_features=3):
    return np.random.default_rng(seed).normal(size=(n, n_features))


def stretched(x, seed=1, extra=12):
    index = np.sort(
        np.r_[np.arange(len(x)), np.random.default_rng(seed).integers(0, len(x), extra)]
    )
    return x[index], index


def test_stretched_copy_comes_back_on_the_time_of_its_reference():
    X = [frames(30), frames(25, 1)]
    slow = [stretched(x)[0] for x in X]
    aligner = DTWAligner().fit(X)
    for a, b in zip(aligner.transform(slow), X, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_squeezed_copy_is_repeated():
    x = frames(30)
    slow, index = stretched(x)
    np.testing.assert_array_equal(DTWAligner().fit([slow]).transform([x])[0], x[index])


def test_several_frames_on_one_are_their_mean():
    X = [np.array([[0.0], [0.9], [1.1], [2.0]])]
    out = DTWAligner().fit([np.array([[0.0], [1.0], [2.0]])]).transform(X)[0]
    np.testing.assert_allclose(out.ravel(), [0, 1, 2])


def test_one_reference_serves_all():
    reference = frames(20)
    out = DTWAligner().fit([reference]).transform([frames(n, n) for n in (15, 20, 31)])
    assert [x.shape for x in out] == [(20, 3)] * 3


def test_containers_mirror():
    aligner = DTWAligner().fit([frames(10), frames(10, 1)])
    X = np.empty(2, object)
    X[:] = [frames(12), frames(12, 1)]
    out = aligner.transform(X)
    assert out.dtype == object
    assert out.shape == (2,)
    assert isinstance(aligner.transform(list(X)), list)
    assert aligner.transform(np.stack(list(X))).shape == (2, 10, 3)


def test_rows_of_a_matrix_are_aligned_already():
    X = frames(5)
    np.testing.assert_array_equal(DTWAligner().fit(X).transform(X), X)


def test_float32_stays():
    x = frames(10).astype(np.float32)
    assert DTWAligner().fit([x]).transform([x])[0].dtype == np.float32


def test_references_are_copies():
    x = frames(10)
    aligner = DTWAligner().fit([x])
    before = x.copy()
    x[:] = 0
    np.testing.assert_array_equal(aligner.references_[0], before)


def test_columns_choose_what_is_compared():
    a, b = frames(20), frames(20)
    b[:, 0] = b[::-1, 0] * 100
    path = DTWAligner(columns=slice(1, None)).align([a], [b])[0]
    np.testing.assert_array_equal(path[:, 0], path[:, 1])
    same = DTWAligner(columns=[1, 2]).align([a], [b])[0]
    np.testing.assert_array_equal(same, path)


def test_align_finds_the_true_paths():
    x = frames(40)
    slow, index = stretched(x)
    path = DTWAligner().align([x], [slow])[0]
    np.testing.assert_array_equal(path, np.column_stack([index, np.arange(len(slow))]))


def test_silence_takes_no_part():
    a, b = frames(30), frames(30, 1)
    a[:, 0], b[:, 0] = 0, 0
    a[:5, 0], b[-8:, 0] = -50 / DB_PER_NEPER, -50 / DB_PER_NEPER
    path = DTWAligner(columns=[1, 2], level_column=0, silence_db=30).align([a], [b])[0]
    assert set(path[:, 0]) == set(range(5, 30))
    assert set(path[:, 1]) == set(range(22))


@pytest.mark.parametrize(("threshold", "expected"), [(41, 3), (39, 2), (9, 1)])
def test_silence_is_counted_from_the_loud_frames(threshold, expected):
    level = np.array([0.0] * 98 + [-10.0, -40.0]) / DB_PER_NEPER
    assert active_frames(level, threshold).sum() == 97 + expected
    assert active_frames(level + 3, threshold).sum() == 97 + expected


def test_a_clip_of_one_level_is_all_active():
    assert active_frames(np.full(7, -30.0), 1.0).all()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_order_of_the_pairs_is_kept(n_jobs):
    X = [frames(n, n) for n in (5, 9, 14, 3)]
    paths = DTWAligner(n_jobs=n_jobs).align(X, X)
    assert [len(p) for p in paths] == [5, 9, 14, 3]


def test_align_needs_no_fit_and_transform_does():
    aligner = DTWAligner()
    assert len(aligner.align([frames(3)], [frames(3)])[0]) == 3
    with pytest.raises(NotFittedError):
        aligner.transform([frames(3)])


def test_inputs_are_not_written_to():
    a, b = frames(10), frames(12, 1)
    a.flags.writeable = b.flags.writeable = False
    assert DTWAligner().fit([b]).transform([a])[0].shape == (12, 3)


@pytest.mark.parametrize("silence_db", [0, -3.0])
def test_wrong_silence_is_told_in_fit(silence_db):
    aligner = clone(DTWAligner(silence_db=silence_db))
    with pytest.raises(ValueError, match="silence_db must be positive"):
        aligner.fit([frames(3)])
    with pytest.raises(ValueError, match="silence_db must be positive"):
        aligner.align([frames(3)], [frames(3)])


@pytest.mark.parametrize("band", [0, 1.5])
def test_wrong_band_is_told_in_fit(band):
    with pytest.raises(ValueError, match=r"band must lie in \(0, 1\]"):
        DTWAligner(band=band).fit([frames(3)])


def test_numbers_of_clips_must_pair():
    with pytest.raises(ValueError, match="X has 2 clips and y has 1"):
        DTWAligner().align([frames(3), frames(4)], [frames(3)])
    with pytest.raises(ValueError, match="X has 3 clips and the references of fit has 2"):
        DTWAligner().fit([frames(3)] * 2).transform([frames(3)] * 3)


def test_numbers_of_columns_must_agree():
    with pytest.raises(ValueError, match="X has 3 features and y has 2"):
        DTWAligner().align([frames(3)], [frames(3, n_features=2)])
    with pytest.raises(ValueError, match="X has 2 features, but DTWAligner is expecting 3"):
        DTWAligner().fit([frames(3)]).transform([frames(3, n_features=2)])


@pytest.mark.parametrize(
    "options",
    [
        {"band": 0.2},
        {"slope": "symmetric"},
        {"slope": "asymmetric"},
        {"slope": "p05"},
        {"slope": "p1", "band": 0.3},
        {"multi_resolution": True, "radius": 2},
    ],
)
def test_options_reach_the_search(options):
    X, y = [frames(90, 1), frames(70, 2)], [frames(80, 3), frames(75, 4)]
    aligner = DTWAligner(**options)
    for a, b, path in zip(X, y, aligner.align(X, y), strict=True):
        np.testing.assert_array_equal(path, dtw_path(a, b, **options)[0])
    # References are warped onto by the same paths, turned as transform turns them.
    for a, b, out in zip(X, y, aligner.fit(y).transform(X), strict=True):
        path = dtw_path(a, b, **options)[0]
        expected = [a[path[path[:, 1] == j, 0]].mean(axis=0) for j in range(len(b))]
        np.testing.assert_allclose(out, expected)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_pairs_too_different_for_the_slope_are_named(n_jobs):
    X, y = [frames(20), frames(20)], [frames(25, 1), frames(60, 1)]
    aligner = DTWAligner(slope="p1", n_jobs=n_jobs)
    with pytest.raises(ValueError, match=r"X\[1\] and y\[1\]: 20 and 60 frames cannot"):
        aligner.align(X, y)
    with pytest.raises(ValueError, match=r"X\[1\] and its reference: 20 and 60 frames cannot"):
        aligner.fit(y).transform(X)


def test_pairs_that_need_too_much_memory_are_named():
    X = [frames(20), frames(2000)]
    aligner = DTWAligner(max_memory_mb=2)
    with pytest.raises(
        ValueError, match=r"X\[1\] and y\[1\]: Aligning 2000 with 2000 frames needs"
    ):
        aligner.align(X, X)
    aligner.set_params(multi_resolution=True)
    assert [len(p) for p in aligner.align(X, X)] == [20, 2000]


@pytest.mark.parametrize("options", [{}, {"band": 0.05}, {"multi_resolution": True}])
@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 40), (40, 1), (30, 300), (300, 30)])
def test_odd_lengths(options, n, m):
    aligner = DTWAligner(**options)
    path = aligner.align([frames(n)], [frames(m, 1)])[0]
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [n - 1, m - 1]
    assert aligner.fit([frames(m, 1)]).transform([frames(n)])[0].shape == (m, 3)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_scale_changes_no_path(scale):
    X, y = [frames(60)], [frames(70, 1)]
    expected = DTWAligner().align(X, y)[0]
    found = DTWAligner().align([scale * X[0]], [scale * y[0]])[0]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"slope": "itakura"}, "slope must be one of"),
        ({"radius": -1}, "radius must be a positive integer"),
        ({"max_memory_mb": -5}, "max_memory_mb must be positive"),
    ],
)
def test_wrong_options_are_told_in_fit(options, message):
    with pytest.raises(ValueError, match=message):
        DTWAligner(**options).fit([frames(3)])
