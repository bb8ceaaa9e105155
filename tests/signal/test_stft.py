"""The transform is that of numpy, its inverse is exact, and every length comes back."""

from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import get_window
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skstyle.compose import PerFrame
from skstyle.signal import PhaseReconstructor, STFTTransformer
from skstyle.signal._fourier import PAD_MODES, covers_all_samples
from skstyle.signal._outputs import OUTPUTS

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


def power_ratio(window, n_fft, hop):
    """Largest over smallest sum of squared windows: what the inverse divides by."""
    left = (n_fft - len(window)) // 2
    square = np.pad(window, (left, n_fft - len(window) - left)) ** 2
    n_frames = 2 * n_fft // hop + 4
    total = np.zeros((n_frames - 1) * hop + n_fft)
    for t in range(n_frames):
        total[t * hop : t * hop + n_fft] += square
    reached = total[n_fft // 2 : n_fft // 2 + (n_frames - 1) * hop + 1]
    return reached.max() / reached.min()


@settings(max_examples=100, deadline=None)
@given(
    n_times=LENGTHS,
    n_fft=st.one_of(st.integers(2, 40), st.sampled_from([64, 97, 100, 127, 256, 509])),
    share=st.floats(0.3, 1),
    overlap=st.floats(1, 9),
    window=st.sampled_from(["hann", "hamming", "boxcar", "blackman", ("kaiser", 8.0), "cosine"]),
    pad_mode=st.sampled_from(PAD_MODES),
    output=st.sampled_from(["complex", "real-imag"]),
    dtype=st.sampled_from([np.float64, np.float32]),
)
def test_inverse_is_exact(n_times, n_fft, share, overlap, window, pad_mode, output, dtype):
    """To 1e-6 in float64 and, but for windows that barely overlap, in float32."""
    win_length = max(int(n_fft * share), 1)
    hop = max(int(win_length / overlap), 1)
    values = get_window(window, win_length)
    left = (n_fft - win_length) // 2
    assume(covers_all_samples(np.pad(values, (left, n_fft - win_length - left)), hop))
    x = noise(n_times, dtype)
    again = round_trip(
        x,
        n_fft=n_fft,
        win_length=win_length,
        hop_length=hop,
        window=window,
        pad_mode=pad_mode,
        output=output,
    )
    assert again.dtype == dtype
    assert again.shape == x.shape
    bound = 1e-6
    if dtype == np.float32:
        bound *= np.sqrt(power_ratio(values, n_fft, hop))
    assert relative_error(again, x) <= bound


@pytest.mark.parametrize("n_times", [1, 2, 3, 511, 513, 1024, 4999])
def test_default_keeps_every_length(n_times):
    x = noise(n_times)
    np.testing.assert_allclose(round_trip(x), x, atol=1e-12)


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
        ({"n_fft": "512"}, "n_fft must be an integer"),
        ({"hop_length": np.inf}, "hop_length must be an integer"),
        ({"output": "phase"}, "output must be one of"),
        ({"pad_mode": "wrap"}, "pad_mode must be one of"),
        ({"floor": 0.0}, "floor must be a positive number"),
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


@pytest.mark.parametrize("output", ["magnitude", "power", "log1p", "log-magnitude"])
@pytest.mark.parametrize("n_times", [1, 100, 3001])
def test_inverse_of_magnitudes_is_finite_and_keeps_the_length(output, n_times):
    again = round_trip(noise(n_times), n_fft=256, output=output, phase=PhaseReconstructor(n_iter=4))
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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outputs_are_views_of_one_spectrum(dtype):
    x = noise(1000, dtype)
    found = {o: STFTTransformer(n_fft=128, output=o).fit_transform([x])[0] for o in OUTPUTS}
    z = found.pop("complex")
    assert z.dtype == np.result_type(dtype, np.complex64)
    assert {a.dtype for a in found.values()} == {np.dtype(dtype)}
    rtol = 1e-5 if dtype == np.float32 else 1e-12
    same = partial(np.testing.assert_allclose, rtol=rtol, atol=rtol)
    same(found["real-imag"], np.concatenate([z.real, z.imag], axis=1))
    same(found["magnitude"], np.abs(z))
    same(found["power"], np.abs(z) ** 2)
    same(np.expm1(found["log1p"]), np.abs(z))
    same(np.exp(found["log-magnitude"]), np.abs(z))


def test_all_magnitudes_have_one_inverse():
    """The same signal comes back from every form."""
    x = noise(1000)
    signals = [
        round_trip(x, n_fft=128, output=o, phase="pghi")
        for o in ("magnitude", "power", "log1p", "log-magnitude")
    ]
    for y in signals[1:]:
        np.testing.assert_allclose(y, signals[0], atol=1e-7)


def test_what_is_predicted_below_zero_counts_as_zero():
    power = STFTTransformer(n_fft=64, output="power", phase="spsi").fit([noise(100)])
    zero = power.inverse_transform([np.zeros((5, 33))])[0]
    np.testing.assert_array_equal(power.inverse_transform([np.full((5, 33), -1.0)])[0], zero)


@pytest.mark.parametrize(
    ("output", "frames", "sentence"),
    [
        ("real-imag", np.ones((5, 33)), "Expected 66 columns, the real and imaginary parts of 33"),
        ("power", np.ones((5, 66)), "Expected spectra of 33 bins, got 66"),
        ("log1p", np.ones((5, 33)) * 1j, "Expected real numbers for output='log1p', got complex"),
        ("log1p", np.full((5, 33), 1e4), "X.0.: Values up to 1e.04 are no logarithms of magnitu"),
        ("log-magnitude", np.full((5, 33), 800.0), "they are infinite"),
    ],
)
def test_frames_that_are_none_of_this_output_are_refused(output, frames, sentence):
    transformer = STFTTransformer(n_fft=64, output=output).fit([noise(100)])
    with pytest.raises(ValueError, match=sentence):
        transformer.inverse_transform([frames])


@pytest.mark.parametrize("pad_mode", ["reflect", "edge"])
def test_librosa_agrees_on_other_paddings(pad_mode):
    librosa = pytest.importorskip("librosa")
    x = noise(5000)
    parameters = {"n_fft": 512, "hop_length": 128, "pad_mode": pad_mode}
    ours = STFTTransformer(**parameters).fit_transform([x])[0]
    theirs = librosa.stft(x, **parameters).T
    n = len(x) // 128 - 1  # behind, the mirror of the right end begins
    np.testing.assert_allclose(ours[:n], theirs[:n], atol=1e-6)


def test_padding_keeps_a_constant_from_fading():
    magnitude = STFTTransformer(n_fft=64, output="magnitude", pad_mode="reflect")
    out = magnitude.fit_transform([np.ones(200)])[0]
    np.testing.assert_allclose(out[:, 0], 32)
    zeros = clone(magnitude).set_params(pad_mode="constant").fit_transform([np.ones(200)])[0]
    assert zeros[0, 0] == pytest.approx(16, abs=1)


def test_logarithm_of_silence_is_the_floor():
    for dtype in (np.float32, np.float64):
        stft = STFTTransformer(n_fft=64, output="log-magnitude", floor=1e-6)
        out = stft.fit_transform([np.zeros(300, dtype)])[0]
        assert out.dtype == dtype
        np.testing.assert_allclose(out, np.log(1e-6), rtol=1e-6)


def test_pipeline_with_a_scaler_inverts(speakers):
    X = speakers[0][:2]
    pipeline = make_pipeline(
        STFTTransformer(n_fft=256, output="log-magnitude", phase="pghi"), PerFrame(StandardScaler())
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
        STFTTransformer(n_fft=256, output=output, phase="pghi", n_jobs=n).fit(X) for n in (1, 2)
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


def test_pipeline_of_plain_scikit_learn_steps_gives_audio_back(speakers):
    X = speakers[0][:2]
    pipeline = make_pipeline(
        STFTTransformer(n_fft=512, hop_length=64, output="magnitude"),
        PerFrame(FunctionTransformer(np.log1p, np.expm1, check_inverse=False)),
        PerFrame(StandardScaler()),
    )
    again = pipeline.inverse_transform(pipeline.fit_transform(X))
    magnitude = STFTTransformer(n_fft=512, hop_length=64, output="magnitude").fit(X)
    for x, y in zip(X, again, strict=True):
        assert y.shape == x.shape and y.dtype == x.dtype
        assert relative_error(*magnitude.transform([y]), *magnitude.transform([x])) < 0.1


def test_pipeline_with_both_parts_is_exact(speakers):
    X = speakers[0][:2]
    pipeline = make_pipeline(
        STFTTransformer(n_fft=512, output="real-imag", pad_mode="reflect"),
        PerFrame(StandardScaler()),
    )
    for x, y in zip(X, pipeline.inverse_transform(pipeline.fit_transform(X)), strict=True):
        np.testing.assert_allclose(y, x, atol=1e-6)


@pytest.mark.parametrize("floor", [0, np.nan, np.inf, "low"])
def test_floor_must_be_a_number(floor):
    with pytest.raises(ValueError, match="floor must be a positive number"):
        STFTTransformer(floor=floor).fit([noise(100)])


def test_floor_below_the_smallest_number_is_a_floor():
    stft = STFTTransformer(n_fft=64, output="log-magnitude", floor=1e-60)
    assert np.isfinite(stft.fit_transform([np.zeros(300, np.float32)])[0]).all()
