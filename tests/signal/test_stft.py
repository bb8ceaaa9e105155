"""The transform is that of numpy, its inverse is exact, and every length comes back."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import check_NOLA, get_window
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skstyle.compose import PerFrame
from skstyle.signal import STFTTransformer
from skstyle.signal._fourier import BLOCK, istft, overlap_add, stft

LENGTHS = st.one_of(
    st.integers(1, 40), st.sampled_from([97, 255, 256, 257, 509, 1000, 1999]), st.integers(41, 3000)
)


def noise(n_times, dtype=float, seed=0):
    return np.random.default_rng(seed).standard_normal(n_times).astype(dtype) / 4


def relative_error(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


def round_trip(x, **parameters):
    transformer = STFTTransformer(**parameters)
    return transformer.inverse_transform(transformer.fit_transform([x]))[0]


@settings(max_examples=60, deadline=None)
@given(
    n_times=LENGTHS,
    n_fft=st.sampled_from([16, 31, 64, 100, 256]),
    share=st.floats(0.4, 1),
    overlap=st.floats(1.5, 8),
    window=st.sampled_from(["hann", "hamming", "boxcar", "blackman", ("kaiser", 8.0)]),
    dtype=st.sampled_from([np.float64, np.float32]),
)
def test_inverse_is_exact(n_times, n_fft, share, overlap, window, dtype):
    win_length = max(int(n_fft * share), 4)
    hop = max(int(win_length / overlap), 1)
    assume(check_NOLA(get_window(window, win_length), win_length, win_length - hop))
    x = noise(n_times, dtype)
    again = round_trip(x, n_fft=n_fft, win_length=win_length, hop_length=hop, window=window)
    assert again.dtype == dtype
    assert again.shape == x.shape
    assert relative_error(again, x) <= (1e-6 if dtype == np.float64 else 1e-5)


@pytest.mark.parametrize("n_times", [1, 2, 3, 511, 513, 1024, 4999])
def test_default_keeps_every_length(n_times):
    x = noise(n_times)
    np.testing.assert_allclose(round_trip(x), x, atol=1e-12)


def test_one_frame_is_numpys():
    x, window = noise(2000), get_window("hann", 512)
    spectra = stft(x, window, 100)
    expected = np.fft.rfft(x[700 - 256 : 700 + 256] * window)
    np.testing.assert_allclose(spectra[7], expected, atol=1e-12)


def test_frames_reach_to_the_last_sample():
    for n_times, n_frames in ((1, 1), (2, 2), (101, 2), (102, 3), (201, 3)):
        assert len(stft(np.ones(n_times), np.ones(128), 100)) == n_frames


def test_parseval_over_frames():
    """With rectangular windows side by side, the energies of frames add to that of the clip."""
    x = noise(64 * 20)
    spectra = stft(x, np.ones(64), 64)
    power = np.abs(spectra) ** 2
    energy = (power[:, 0] + 2 * power[:, 1:-1].sum(axis=1) + power[:, -1]).sum() / 64
    assert energy == pytest.approx((x**2).sum())


@pytest.mark.parametrize(
    ("n_fft", "hop", "win"), [(512, 128, 512), (512, 100, 400), (256, 64, 201)]
)
def test_librosa_agrees_on_the_common_frames(n_fft, hop, win):
    librosa = pytest.importorskip("librosa")
    x = noise(5000)
    transformer = STFTTransformer(n_fft=n_fft, hop_length=hop, win_length=win)
    ours = transformer.fit_transform([x])[0]
    theirs = librosa.stft(x, n_fft=n_fft, hop_length=hop, win_length=win, pad_mode="constant").T
    n = min(len(ours), len(theirs))
    assert n >= 5000 // hop
    np.testing.assert_allclose(ours[:n], theirs[:n], atol=1e-6)


def test_time_comes_first():
    """Trap: (n_bins, n_frames) breaks numpy's coercion of lists."""
    out = STFTTransformer(n_fft=256).fit_transform([noise(3000), noise(500)])
    assert [x.shape for x in out] == [(48, 129), (9, 129)]


def test_more_frames_than_a_block():
    window = np.hanning(8)
    x = noise(2 * BLOCK + 77)
    spectra = stft(x, window, 1)
    assert len(spectra) > 2 * BLOCK
    expected = np.fft.rfft(x[BLOCK - 4 : BLOCK + 4] * window)
    np.testing.assert_allclose(spectra[BLOCK], expected, atol=1e-12)


def test_overlap_add_of_ones_counts_the_frames():
    out = overlap_add(np.ones((4, 5)), 2)
    np.testing.assert_array_equal(out[:11], [1, 1, 2, 2, 3, 2, 3, 2, 2, 1, 1])


def test_inverse_is_the_least_squares_signal():
    """Griffin and Lim: spectra of no signal are projected, so a second round trip is still."""
    window = get_window("hann", 64)
    rng = np.random.default_rng(0)
    spectra = rng.normal(size=(20, 33)) + 1j * rng.normal(size=(20, 33))
    x = istft(spectra, window, 16, 300)
    best = np.linalg.norm(stft(x, window, 16)[:20] - spectra)
    for _ in range(5):
        other = x + 1e-2 * rng.normal(size=300)
        assert np.linalg.norm(stft(other, window, 16)[:20] - spectra) > best


@pytest.mark.parametrize(
    "gaps",
    [
        {"n_fft": 64, "hop_length": 65},
        {"n_fft": 64, "hop_length": 64},
        {"n_fft": 64, "win_length": 20, "hop_length": 30},
        {"n_fft": 64, "window": np.zeros(64)},
    ],
)
def test_gaps_between_windows_are_refused(gaps):
    with pytest.raises(ValueError, match="leaves gaps that no inverse can fill"):
        STFTTransformer(**gaps).fit([noise(100)])


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"n_fft": 1}, "n_fft must be an integer of at least 2"),
        ({"n_fft": 10.5}, "n_fft must be an integer"),
        ({"hop_length": 0}, "hop_length must be an integer of at least 1"),
        ({"n_fft": 64, "win_length": 65}, "win_length=65 is longer than n_fft=64"),
        ({"n_fft": 64, "window": np.ones(60)}, r"window has shape \(60,\), expected \(64,\)"),
        ({"output": "power"}, "output must be one of"),
        ({"floor": 0.0}, "floor must be positive"),
    ],
)
def test_wrong_parameters_are_told_in_fit(parameters, sentence):
    """Trap: ``__init__`` and ``clone`` must not raise."""
    transformer = clone(STFTTransformer(**parameters))
    with pytest.raises(ValueError, match=sentence):
        transformer.fit([noise(100)])


def test_a_window_of_ones_own():
    x = noise(777)
    window = np.hanning(64) + 0.1
    np.testing.assert_allclose(round_trip(x, n_fft=64, window=window), x, atol=1e-12)


@pytest.mark.parametrize("n_times", [1, 700, 1400])
def test_lengths_that_do_not_fit_the_frames_are_refused(n_times):
    transformer = STFTTransformer(n_fft=256)
    spectra = list(transformer.fit_transform([noise(1000)]))
    with pytest.raises(ValueError, match="17 frames belong to clips of 962 to 1025 samples"):
        transformer.inverse_transform(spectra, n_times=[n_times])


def test_number_of_lengths_must_fit():
    transformer = STFTTransformer(n_fft=256)
    spectra = transformer.fit_transform([noise(1000)])
    with pytest.raises(ValueError, match="n_times has 2 lengths for 1 clips"):
        transformer.inverse_transform(spectra, n_times=[1000, 1000])


def test_wrong_number_of_bins_is_explained():
    transformer = STFTTransformer(n_fft=256).fit([noise(1000)])
    with pytest.raises(ValueError, match="Expected spectra of 129 bins, got 100"):
        transformer.inverse_transform([np.ones((5, 100))])


def test_without_lengths_the_longest_clip_is_made():
    transformer = STFTTransformer(n_fft=256)
    x = noise(1000)
    again = transformer.inverse_transform(list(transformer.fit_transform([x])))[0]
    assert len(again) == 1025
    np.testing.assert_allclose(again[:1000], x, atol=1e-12)


def test_lengths_can_be_given():
    transformer = STFTTransformer(n_fft=256)
    x = noise(1000)
    again = transformer.inverse_transform(list(transformer.fit_transform([x])), n_times=[1000])
    np.testing.assert_allclose(again[0], x, atol=1e-12)


def test_numeric_array_keeps_its_length():
    X = np.stack([noise(500), noise(500, seed=1)])
    transformer = STFTTransformer(n_fft=64)
    spectra = transformer.fit_transform(X)
    assert spectra.ndim == 3
    np.testing.assert_allclose(transformer.inverse_transform(spectra), X, atol=1e-12)


def test_fit_on_an_array_does_not_fix_the_lengths_of_other_containers():
    transformer = STFTTransformer(n_fft=64).fit(np.stack([noise(500), noise(500, seed=1)]))
    x = noise(1000)
    again = transformer.inverse_transform(list(transformer.transform([x])))[0]
    np.testing.assert_allclose(again[:1000], x, atol=1e-12)


def test_object_array_mirrors():
    X = np.empty(2, object)
    X[:] = [noise(500), noise(500, seed=1)]
    transformer = STFTTransformer(n_fft=64)
    spectra = transformer.fit_transform(X)
    assert spectra.dtype == object
    assert spectra.shape == (2,)
    again = transformer.inverse_transform(spectra)
    assert again.dtype == object
    np.testing.assert_allclose(again[1][:500], X[1], atol=1e-12)


@pytest.mark.parametrize("output", ["magnitude", "log-magnitude"])
@pytest.mark.parametrize("n_times", [1, 100, 3001])
def test_inverse_of_magnitudes_is_finite_and_keeps_the_length(output, n_times):
    again = round_trip(noise(n_times), n_fft=256, output=output, n_iter=4)
    assert again.shape == (n_times,)
    assert np.isfinite(again).all()


@pytest.mark.parametrize("output", ["magnitude", "log-magnitude"])
def test_inverse_of_magnitudes_converges(speakers, output):
    x = speakers[0][0]
    again = round_trip(x, n_fft=512, output=output)
    magnitude = STFTTransformer(n_fft=512, output="magnitude").fit([x])
    found, wanted = magnitude.transform([again])[0], magnitude.transform([x])[0]
    assert again.dtype == np.float32
    assert relative_error(found, wanted) < 0.3


def test_outputs_are_views_of_one_spectrum():
    x = noise(1000)
    z, m, logs = (
        STFTTransformer(n_fft=128, output=o).fit_transform([x])[0]
        for o in ("complex", "magnitude", "log-magnitude")
    )
    np.testing.assert_allclose(m, np.abs(z))
    np.testing.assert_allclose(np.exp(logs), m)


def test_logarithm_of_silence_is_the_floor():
    for dtype in (np.float32, np.float64):
        stft = STFTTransformer(n_fft=64, output="log-magnitude", floor=1e-6)
        out = stft.fit_transform([np.zeros(300, dtype)])[0]
        assert out.dtype == dtype
        np.testing.assert_allclose(out, np.log(1e-6), rtol=1e-6)


def test_pipeline_with_a_scaler_inverts(speakers):
    X = speakers[0][:2]
    pipeline = make_pipeline(
        STFTTransformer(n_fft=256, output="log-magnitude", n_iter=2), PerFrame(StandardScaler())
    )
    scaled = pipeline.fit_transform(X)
    assert np.concatenate(scaled).mean(axis=0) == pytest.approx(0, abs=1e-4)
    assert [len(x) for x in pipeline.inverse_transform(scaled)] == [len(x) for x in X]


def test_pipeline_with_an_invertible_function_is_exact():
    """The lengths travel through PerFrame beside the list."""
    X = [noise(1000), noise(1013)]
    double = FunctionTransformer(np.exp, inverse_func=np.log, check_inverse=False)
    log = STFTTransformer(n_fft=128, output="log-magnitude")
    with_step = make_pipeline(log, PerFrame(double))
    again = with_step.inverse_transform(with_step.fit_transform(X))
    alone = log.inverse_transform(log.fit_transform(X))
    for a, b in zip(again, alone, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_no_frames_named_output_for_pandas():
    """Trap: set_output crashes on lists where get_feature_names_out exists."""
    transformer = STFTTransformer()
    assert not hasattr(transformer, "get_feature_names_out")
    assert not hasattr(transformer, "set_output")


@pytest.mark.parametrize("output", ["complex", "magnitude"])
def test_read_only_long_clips_in_workers(output):
    """Trap: over 1 MB, clips arrive in workers as read-only memmaps."""
    X = [noise(2**17 + 5), noise(2**17 + 6)]
    one, two = (
        STFTTransformer(n_fft=256, output=output, n_iter=1, n_jobs=n).fit(X) for n in (1, 2)
    )
    spectra = one.transform(X)
    for a, b in zip(spectra, two.transform(X), strict=True):
        np.testing.assert_array_equal(a, b)
    again = two.inverse_transform(spectra)
    for a, b in zip(again, one.inverse_transform(spectra), strict=True):
        np.testing.assert_array_equal(a, b)


def test_windows_that_leave_the_ends_uncovered_are_refused():
    window = np.zeros(64)
    window[:16] = 1
    with pytest.raises(ValueError, match="NOLA"):
        STFTTransformer(n_fft=64, hop_length=16, window=window).fit([np.ones(1000)])
