"""The estimator: containers, lengths, sources, seeds, and its place in a pipeline."""

import pickle

import numpy as np
import pytest
from scipy.signal import get_window
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skstyle.compose import PerFrame
from skstyle.signal import PhaseReconstructor, STFTTransformer, reconstruct_phase
from skstyle.utils import ClipList

OUTPUTS = ("magnitude", "power", "log1p", "log-magnitude")


def harmonic(n_times, dtype=float):
    time = np.arange(n_times)
    tone = sum(np.cos(2 * np.pi * 0.021 * k * time + k) / k for k in range(1, 8))
    return (tone * np.hanning(n_times) / 8).astype(dtype)


def relative_error(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


@pytest.fixture
def clips():
    """Three clips of different lengths."""
    return [harmonic(n) for n in (2000, 777, 1301)]


@pytest.fixture
def magnitudes(clips):
    """Their magnitudes, which remember the lengths."""
    return STFTTransformer(n_fft=128, output="magnitude").fit_transform(clips)


def test_lists_from_a_transformer_come_back_at_their_lengths(clips, magnitudes):
    out = PhaseReconstructor().fit_transform(magnitudes)
    assert [len(x) for x in out] == [len(x) for x in clips]
    assert type(out) is list  # nothing is left to remember
    for x, y in zip(out, clips, strict=True):
        a, b = (np.abs(STFTTransformer(n_fft=128).fit_transform([z])[0]) for z in (x, y))
        assert relative_error(a, b) < 0.1


def test_other_lists_give_the_longest_clips(magnitudes):
    out = PhaseReconstructor().fit_transform(list(magnitudes))
    assert [len(x) for x in out] == [(len(m) - 1) * 32 + 1 for m in magnitudes]


def test_records_of_earlier_steps_stay(magnitudes):
    earlier = ClipList(magnitudes, ({"gain": (1, 2, 3)}, *magnitudes.trail))
    assert PhaseReconstructor().fit_transform(earlier).trail == ({"gain": (1, 2, 3)},)


def test_the_middle_of_a_pipeline(clips):
    """Magnitudes are changed on the way, and the clips keep their lengths."""
    double = PerFrame(FunctionTransformer(lambda frames: 2 * frames))
    stft = STFTTransformer(n_fft=128, output="magnitude")
    out = make_pipeline(stft, double, PhaseReconstructor()).fit_transform(clips)
    assert [len(x) for x in out] == [len(x) for x in clips]
    loudness = [np.linalg.norm(x) / np.linalg.norm(y) for x, y in zip(out, clips, strict=True)]
    np.testing.assert_allclose(loudness, 2, rtol=0.1)


def test_it_does_what_the_function_does(magnitudes):
    reconstructor = PhaseReconstructor(method="admm", init="random", n_iter=5, random_state=4)
    signals, convergence = reconstructor.fit(magnitudes).reconstruct(magnitudes)
    _, expected = reconstruct_phase(
        magnitudes[1],
        get_window("hann", 128),
        32,
        method="admm",
        init="random",
        n_iter=5,
        n_times=777,
        rng=int(np.random.RandomState(4).randint(2**31 - 1)),
    )
    np.testing.assert_array_equal(convergence[1], expected)
    assert signals[1].shape == (777,)


def test_convergence_is_kept_by_fit_transform(magnitudes):
    reconstructor = PhaseReconstructor(n_iter=6)
    reconstructor.fit_transform(magnitudes)
    assert [len(c) for c in reconstructor.convergence_] == [7, 7, 7]
    assert all(c[-1] < c[0] for c in reconstructor.convergence_)
    kept = reconstructor.convergence_
    reconstructor.transform(magnitudes[:1])
    assert reconstructor.convergence_ is kept
    _, other = reconstructor.reconstruct(magnitudes)
    for a, b in zip(other, kept, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not hasattr(reconstructor.fit(magnitudes), "convergence_")
    with pytest.raises(AttributeError, match=r"after fit_transform\(X\).*use reconstruct\(X\)"):
        reconstructor.convergence_  # noqa: B018


def test_workers_keep_convergence_too(magnitudes):
    one, two = (PhaseReconstructor(n_iter=3, n_jobs=n) for n in (1, 2))
    for a, b in zip(one.fit_transform(magnitudes), two.fit_transform(magnitudes), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(one.convergence_, two.convergence_, strict=True):
        np.testing.assert_array_equal(a, b)


def test_tolerance_may_stop_clips_at_different_times(magnitudes):
    reconstructor = PhaseReconstructor(n_iter=500, tol=1e-2, method="griffin-lim", init="zeros")
    reconstructor.fit_transform(magnitudes)
    lengths = [len(c) for c in reconstructor.convergence_]
    assert max(lengths) < 300
    assert len(set(lengths)) > 1


def test_seeds(magnitudes):
    def run(random_state):
        return PhaseReconstructor(init="random", n_iter=1, random_state=random_state).fit_transform(
            magnitudes
        )

    np.testing.assert_array_equal(run(1)[2], run(1)[2])
    np.testing.assert_array_equal(run(np.random.RandomState(1))[2], run(1)[2])
    assert relative_error(run(2)[2], run(1)[2]) > 0.1
    assert relative_error(run(None)[2], run(None)[2]) > 0.1


def test_clips_do_not_depend_on_their_neighbours(magnitudes):
    reconstructor = PhaseReconstructor(init="random", n_iter=2).fit(magnitudes)
    alone = reconstructor.reconstruct(magnitudes[2:], n_times=[1301])[0][0]
    np.testing.assert_array_equal(alone, reconstructor.transform(magnitudes)[2])


def test_array_of_equal_clips():
    X = np.stack([harmonic(641), harmonic(641)[::-1]])
    magnitudes = STFTTransformer(n_fft=64, output="magnitude").fit_transform(X)
    out = PhaseReconstructor(n_iter=4).fit_transform(magnitudes)
    assert out.shape == (2, 641)


def test_inverse_returns_magnitudes(clips, magnitudes):
    reconstructor = PhaseReconstructor().fit(magnitudes)
    again = reconstructor.inverse_transform(clips)
    for a, b in zip(again, magnitudes, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
    assert [len(x) for x in reconstructor.transform(again)] == [len(x) for x in clips]


def test_a_pipeline_inverts(clips):
    """Signals go back through the magnitudes to the signals before the transform."""
    stft = STFTTransformer(n_fft=128, output="magnitude")
    pipeline = make_pipeline(stft, PhaseReconstructor(n_iter=4)).fit(clips)
    again = pipeline.inverse_transform(pipeline.transform(clips))
    assert [len(x) for x in again] == [len(x) for x in clips]


@pytest.mark.parametrize(("n_fft", "given"), [(128, None), (128, 128), (127, 127)])
def test_size_of_the_transform(clips, n_fft, given):
    magnitudes = STFTTransformer(n_fft=n_fft, hop_length=32, output="magnitude").fit_transform(
        clips
    )
    reconstructor = PhaseReconstructor(n_fft=given, hop_length=32).fit(magnitudes)
    assert reconstructor.window_.shape == (n_fft,)
    curves = reconstructor.reconstruct(magnitudes)[1]
    assert max(c[-1] for c in curves) < 0.1


@pytest.mark.parametrize("pad_mode", ["constant", "reflect", "edge"])
def test_padding_is_that_of_the_transform(clips, pad_mode):
    stft = STFTTransformer(n_fft=128, output="magnitude", pad_mode=pad_mode, keep_source=True)
    magnitudes = stft.fit_transform([x + 0.3 for x in clips])
    reconstructor = PhaseReconstructor(pad_mode=pad_mode, init="source", n_iter=2)
    reconstructor.fit_transform(magnitudes)
    assert max(c.max() for c in reconstructor.convergence_) < 1e-12


# ---------------------------------------------------------------- phases of the source


def test_source_phases_give_the_source_back(clips):
    stft = STFTTransformer(n_fft=128, output="magnitude", keep_source=True)
    pipeline = make_pipeline(stft, PhaseReconstructor(init="source", n_iter=3))
    for x, y in zip(pipeline.fit_transform(clips), clips, strict=True):
        np.testing.assert_allclose(x, y, atol=1e-10)


def test_the_source_is_not_copied(clips):
    stft = STFTTransformer(n_fft=128, output="magnitude", keep_source=True)
    record = stft.fit_transform(clips).trail[-1]
    assert all(a is b for a, b in zip(record["source"], clips, strict=True))
    assert "source" not in clone(stft).set_params(keep_source=False).fit_transform(clips).trail[-1]


def test_the_source_survives_pickling(clips):
    stft = STFTTransformer(n_fft=128, output="magnitude", keep_source=True)
    magnitudes = pickle.loads(pickle.dumps(stft.fit_transform(clips)))
    out = PhaseReconstructor(init="source", n_iter=1).fit_transform(magnitudes)
    np.testing.assert_allclose(out[1], clips[1], atol=1e-10)


def test_other_starts_ignore_the_source(clips):
    stft = STFTTransformer(n_fft=128, output="magnitude", keep_source=True)
    out = PhaseReconstructor(n_iter=1).fit_transform(stft.fit_transform(clips))
    assert [len(x) for x in out] == [len(x) for x in clips]


@pytest.mark.parametrize("forget", [list, lambda X: X])
def test_a_missing_source_is_explained(magnitudes, forget):
    reconstructor = PhaseReconstructor(init="source").fit(magnitudes)
    with pytest.raises(ValueError, match=r"STFTTransformer\(keep_source=True\)"):
        reconstructor.transform(forget(magnitudes))


def test_the_inverse_keeps_the_source_where_it_is_wanted(clips, magnitudes):
    reconstructor = PhaseReconstructor(init="source", n_iter=1).fit(magnitudes)
    out = reconstructor.transform(reconstructor.inverse_transform(clips))
    np.testing.assert_allclose(out[0], clips[0], atol=1e-10)


# ---------------------------------------------------------------- inside of STFTTransformer


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("phase", [None, "admm", PhaseReconstructor(init="source", n_iter=2)])
def test_every_output_without_phases_is_inverted(clips, output, phase):
    stft = STFTTransformer(n_fft=128, output=output, phase=phase)
    again = stft.inverse_transform(stft.fit_transform(clips))
    tolerance = 1e-9 if isinstance(phase, PhaseReconstructor) else None
    for x, y in zip(again, clips, strict=True):
        assert x.shape == y.shape
        if tolerance:
            np.testing.assert_allclose(x, y, atol=tolerance)
        a, b = (np.abs(STFTTransformer(n_fft=128).fit_transform([z])[0]) for z in (x, y))
        assert relative_error(a, b) < 0.1


def test_a_name_is_a_method(clips):
    by_name, by_object = (
        STFTTransformer(n_fft=128, output="magnitude", phase=phase).fit(clips)
        for phase in ("spsi", PhaseReconstructor(method="spsi"))
    )
    spectra = by_name.transform(clips)
    for a, b in zip(
        by_name.inverse_transform(spectra), by_object.inverse_transform(spectra), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_parameters_of_the_phase_can_be_searched(clips):
    stft = STFTTransformer(n_fft=128, output="magnitude", phase=PhaseReconstructor())
    lengths = set()
    for parameters in ParameterGrid({"phase__n_iter": [0, 2], "phase__method": ["admm"]}):
        tried = clone(stft).set_params(**parameters)
        lengths.add(tried.phase.n_iter)
        assert len(tried.inverse_transform(tried.fit_transform(clips))) == 3
    assert lengths == {0, 2}


def test_exact_outputs_hold_no_clips(clips):
    stft = STFTTransformer(n_fft=128, phase=PhaseReconstructor(init="source"))
    spectra = stft.fit_transform(clips)
    assert set(spectra.trail[-1]) == {"n_times"}
    np.testing.assert_allclose(stft.inverse_transform(spectra)[1], clips[1], atol=1e-10)


def test_a_missing_source_is_explained_by_the_transformer_too(clips):
    phase = PhaseReconstructor(init="source")
    stft = STFTTransformer(n_fft=128, output="magnitude", phase=phase).fit(clips)
    with pytest.raises(ValueError, match=r"X\[0\]: The phase starts from init='source', but X"):
        stft.inverse_transform(list(stft.transform(clips)))


@pytest.mark.parametrize(
    ("phase", "sentence"),
    [
        ("vocoder", "method must be one of .* got 'vocoder'"),
        (3, "phase must be None, the name of a method or a PhaseReconstructor, got 3"),
        (PhaseReconstructor(n_iter=-1), "n_iter must be an integer of at least 0, got -1"),
    ],
)
def test_a_wrong_phase_is_told_in_fit(clips, phase, sentence):
    stft = clone(STFTTransformer(output="magnitude", phase=phase))
    with pytest.raises(ValueError, match=sentence):
        stft.fit(clips)


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"method": "wavenet"}, "method must be one of"),
        ({"init": "ones"}, "init must be one of"),
        ({"n_iter": 1.5}, "n_iter must be an integer of at least 0"),
        ({"tol": -1}, "tol must be a number of at least 0"),
        ({"momentum": np.nan}, "momentum must be a number of at least 0"),
        ({"rho": "much"}, "rho must be a number of at least 0"),
        ({"hop_length": 0}, "hop_length must be an integer of at least 1"),
        ({"hop_length": 129}, "leaves gaps that no inverse can fill"),
        ({"win_length": 129}, "win_length=129 is longer than n_fft=128"),
        ({"n_fft": 256}, r"X\[0\]: Expected magnitudes of 129 bins for n_fft=256, got 65"),
        ({"window": np.ones(5)}, r"window has shape \(5,\), expected \(128,\)"),
        ({"pad_mode": "wrap"}, "pad_mode must be one of"),
    ],
)
def test_wrong_parameters_are_told_in_fit(magnitudes, parameters, sentence):
    reconstructor = clone(PhaseReconstructor(**parameters))
    with pytest.raises(ValueError, match=sentence):
        reconstructor.fit(magnitudes)


def test_one_bin_is_no_spectrum():
    with pytest.raises(ValueError, match="n_features=1 is no spectrum: at least 2 bins"):
        PhaseReconstructor().fit([np.ones((5, 1))])


def test_negative_magnitudes_are_named(magnitudes):
    reconstructor = PhaseReconstructor().fit(magnitudes)
    bad = [*magnitudes[:2], magnitudes[2] - 1]
    for use in (reconstructor.transform, PhaseReconstructor().fit):
        with pytest.raises(ValueError, match=r"X\[2\]: Negative values .* frame 0 of 42"):
            use(bad)


def test_another_number_of_bins_is_refused(magnitudes):
    reconstructor = PhaseReconstructor().fit(magnitudes)
    with pytest.raises(ValueError, match="X has 30 features, but PhaseReconstructor is expecting"):
        reconstructor.transform([np.ones((5, 30))])


def test_another_hop_is_noticed(magnitudes):
    with pytest.raises(ValueError, match="made with another hop_length than this"):
        PhaseReconstructor(hop_length=16).fit_transform(magnitudes)
    without_frames = ClipList(magnitudes, [{"n_times": magnitudes.trail[-1]["n_times"]}])
    with pytest.raises(ValueError, match=r"X\[0\]: 64 frames with hop_length=16 .* not of 2000"):
        PhaseReconstructor(hop_length=16).fit_transform(without_frames)


def test_number_of_lengths_must_fit(magnitudes):
    reconstructor = PhaseReconstructor().fit(magnitudes)
    with pytest.raises(ValueError, match="n_times has 1 lengths for 3 clips"):
        reconstructor.reconstruct(magnitudes, n_times=[2000])


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"window": "boxcar"}, "another window"),
        ({"hop_length": 20}, "another hop_length"),
        ({"pad_mode": "edge"}, "another pad_mode"),
    ],
)
def test_frames_of_another_transform_are_told(magnitudes, parameters, sentence):
    phase = PhaseReconstructor(n_iter=1, **parameters)
    with pytest.raises(ValueError, match=sentence):
        phase.fit_transform(magnitudes)
