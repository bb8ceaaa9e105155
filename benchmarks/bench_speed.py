"""Speed of the signal wing beside other libraries: ``make bench-speed``.

Every group is one job on one input. Times are CPU seconds, so that other work on the machine
counts little; the make target keeps all libraries on one core. Peers that are not installed are
skipped. What comes out is checked, how long it takes never is.
"""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from skstyle import SourceFilterVocoder, STFTTransformer
from skstyle.audio import read_clips, resample
from skstyle.datasets import make_parallel_speakers
from skstyle.signal import PhaseReconstructor

pytestmark = pytest.mark.benchmark(timer=time.process_time, warmup=False)

N_FFT, HOP, RATE = 1024, 256, 22050


@pytest.fixture(scope="session")
def speech():
    """Read one sentence of a female and one of a male voice, or make some; float32."""
    root = os.environ.get("SKSTYLE_DATA")
    if root:
        folder = Path(root) / "speech" / "vcc2018"
        return read_clips([folder / speaker / "30002.flac" for speaker in ("TF1", "SM1")])
    X, y = make_parallel_speakers(1, sample_rate=RATE, duration=4.0, random_state=0)
    return X + y, RATE


@pytest.fixture(scope="session")
def minute(speech):
    """One minute of speech at 22.05 kHz in float32; a whole number of hops."""
    clips, rate = speech
    x = resample(np.concatenate(clips), rate, RATE)
    return np.resize(x, 60 * RATE // HOP * HOP)


@pytest.fixture(scope="session", params=range(5))
def lap(request):
    """Run everything several times over, so that peers meet the same moods of the machine."""
    return request.param


@pytest.fixture
def run(benchmark, lap):
    """Time a function and return its result; the first lap compiles and plans before."""

    def timed(library, seconds_of_sound, function, rounds=1):
        benchmark.extra_info.update(library=library, seconds_of_sound=seconds_of_sound, lap=lap)
        return benchmark.pedantic(function, rounds=rounds, warmup_rounds=int(lap == 0))

    timed.note = lambda text: benchmark.extra_info.update(note=text)
    return timed


@pytest.fixture(scope="session")
def torch():
    """Import torch on one core."""
    module = pytest.importorskip("torch", reason="torch is not installed")
    module.set_num_threads(1)
    return module


@pytest.fixture(scope="session")
def pyworld():
    """Import pyworld, which has to be built."""
    return pytest.importorskip("pyworld", reason="pyworld is not here: a compiler builds it")


def seconds_of(clips, rate):
    """Return the duration of all clips."""
    return sum(map(len, clips)) / rate


def world_analysis(pyworld, clip, rate):
    """Return F0, envelope and aperiodicity by harvest, CheapTrick and D4C."""
    x = clip.astype(np.float64)
    f0, times = pyworld.harvest(x, rate, frame_period=5.0)
    return f0, pyworld.cheaptrick(x, f0, times, rate), pyworld.d4c(x, f0, times, rate)


@pytest.mark.benchmark(group="Analysis: F0, envelope, aperiodicity")
class TestAnalysis:
    """Sentences to parameters, every 5 ms."""

    def test_skstyle(self, run, speech):
        clips, rate = speech
        vocoder = SourceFilterVocoder(rate).fit(clips)
        sequences = run("skstyle", seconds_of(*speech), lambda: vocoder.transform(clips), rounds=2)
        assert all(np.isfinite(sequence).all() for sequence in sequences)

    def test_pyworld(self, run, speech, pyworld):
        clips, rate = speech
        analyse = world_analysis
        run(
            "pyworld: harvest, cheaptrick, d4c",
            seconds_of(*speech),
            lambda: [analyse(pyworld, clip, rate) for clip in clips],
            rounds=2,
        )


@pytest.mark.benchmark(group="Synthesis")
class TestSynthesis:
    """Parameters to sentences."""

    def test_skstyle(self, run, speech):
        clips, rate = speech
        vocoder = SourceFilterVocoder(rate)
        sequences = vocoder.fit_transform(clips)
        copies = run(
            "skstyle", seconds_of(*speech), lambda: vocoder.inverse_transform(sequences), rounds=4
        )
        for copy, clip in zip(copies, clips, strict=True):
            assert len(copy) == len(clip)
            assert abs(10 * np.log10(np.mean(copy**2) / np.mean(clip**2))) < 3

    def test_pyworld(self, run, speech, pyworld):
        clips, rate = speech
        analyses = [world_analysis(pyworld, clip, rate) for clip in clips]
        run(
            "pyworld: synthesize",
            seconds_of(*speech),
            lambda: [pyworld.synthesize(*analysis, rate) for analysis in analyses],
            rounds=4,
        )


def hann(torch):
    """Return the window of torch's transforms."""
    return torch.hann_window(N_FFT)


@pytest.mark.benchmark(group="STFT of 60 s at 22.05 kHz, float32")
class TestSTFT:
    """n_fft 1024, hop 256."""

    def test_skstyle(self, run, minute):
        stft = STFTTransformer(n_fft=N_FFT, hop_length=HOP).fit([minute])
        spectra = run("skstyle", 60, lambda: stft.transform([minute]), rounds=8)[0]
        assert spectra.dtype == np.complex64

    def test_librosa(self, run, minute):
        import librosa

        spectra = run(
            "librosa.stft", 60, lambda: librosa.stft(minute, n_fft=N_FFT, hop_length=HOP), rounds=8
        )
        ours = STFTTransformer(n_fft=N_FFT, hop_length=HOP).fit_transform([minute])[0]
        np.testing.assert_allclose(ours.T, spectra, atol=1e-3)

    def test_torch(self, run, minute, torch):
        x, window = torch.from_numpy(minute), hann(torch)
        options = {"pad_mode": "constant", "return_complex": True}
        run("torch.stft", 60, lambda: torch.stft(x, N_FFT, HOP, window=window, **options), rounds=8)


@pytest.mark.benchmark(group="Inverse STFT of 60 s at 22.05 kHz, float32")
class TestInverseSTFT:
    """n_fft 1024, hop 256."""

    def test_skstyle(self, run, minute):
        stft = STFTTransformer(n_fft=N_FFT, hop_length=HOP)
        spectra = stft.fit_transform([minute])
        again = run("skstyle", 60, lambda: stft.inverse_transform(spectra), rounds=8)[0]
        np.testing.assert_allclose(again, minute, atol=1e-5)

    def test_librosa(self, run, minute):
        import librosa

        spectra = librosa.stft(minute, n_fft=N_FFT, hop_length=HOP)
        run(
            "librosa.istft",
            60,
            lambda: librosa.istft(spectra, hop_length=HOP, length=len(minute)),
            rounds=8,
        )

    def test_torch(self, run, minute, torch):
        x, window = torch.from_numpy(minute), hann(torch)
        spectra = torch.stft(x, N_FFT, HOP, window=window, pad_mode="constant", return_complex=True)
        run(
            "torch.istft",
            60,
            lambda: torch.istft(spectra, N_FFT, HOP, window=window, length=len(minute)),
            rounds=8,
        )


@pytest.fixture(scope="session")
def magnitude(minute):
    """Return the magnitudes of the minute of speech, time first."""
    stft = STFTTransformer(n_fft=N_FFT, hop_length=HOP, output="magnitude")
    return np.asarray(stft.fit_transform([minute])[0])


@pytest.fixture(scope="session")
def reached():
    """Collect the spectral convergence of every row."""
    return {}


@pytest.fixture
def run_phase(run, magnitude, reached):
    """Time a function from magnitudes to a signal, and tell its spectral convergence."""

    def timed(library, function):
        stft = STFTTransformer(n_fft=N_FFT, hop_length=HOP, output="magnitude")
        found = stft.fit_transform([run(library, 60, function)])[0][: len(magnitude)]
        reached[library] = float(np.linalg.norm(found - magnitude) / np.linalg.norm(magnitude))
        run.note(f"spectral convergence {reached[library]:.4f}")

    return timed


def phases(magnitude, **parameters):
    """Return a function that makes a signal of the magnitudes."""
    step = PhaseReconstructor(hop_length=HOP, random_state=0, **parameters).fit([magnitude])
    return lambda: step.transform([magnitude])[0]


def librosa_phases(magnitude, n_iter, **parameters):
    """Return the same by librosa, from random phases."""
    import librosa

    options = {"hop_length": HOP, "n_fft": N_FFT, "random_state": 0, **parameters}
    return lambda: librosa.griffinlim(magnitude.T, n_iter=n_iter, **options)


@pytest.mark.benchmark(group="32 fast Griffin-Lim iterations, 60 s")
class TestGriffinLim:
    """Momentum 0.99 everywhere."""

    def test_skstyle(self, run_phase, magnitude):
        run_phase("skstyle: random start", phases(magnitude, init="random", n_iter=32))

    def test_skstyle_default(self, run_phase, magnitude):
        run_phase("skstyle: default, PGHI start", phases(magnitude, n_iter=32))

    def test_librosa(self, run_phase, magnitude, reached):
        run_phase("librosa.griffinlim", librosa_phases(magnitude, 32))
        # Random starts differ by chance.
        assert reached["skstyle: random start"] < 1.05 * reached["librosa.griffinlim"]
        assert reached["skstyle: default, PGHI start"] < reached["librosa.griffinlim"]


@pytest.mark.benchmark(group="A good start or many iterations, 60 s")
class TestStart:
    """Plain Griffin-Lim, without momentum."""

    def test_pghi(self, run_phase, magnitude):
        options = {"method": "griffin-lim", "init": "pghi", "n_iter": 10}
        run_phase("skstyle: PGHI + 10 iterations", phases(magnitude, **options))

    def test_pghi_fast(self, run_phase, magnitude):
        options = {"method": "fast-griffin-lim", "init": "pghi", "n_iter": 10}
        run_phase("skstyle: PGHI + 10 fast iterations", phases(magnitude, **options))

    @pytest.mark.parametrize("init", ["random", "zeros"])
    def test_plain(self, run_phase, magnitude, reached, init):
        options = {"method": "griffin-lim", "init": init, "n_iter": 60}
        name = f"skstyle: {init} + 60 iterations"
        run_phase(name, phases(magnitude, **options))
        assert reached["skstyle: PGHI + 10 iterations"] < reached[name]

    def test_librosa(self, run_phase, magnitude, reached):
        name = "librosa: random + 60 iterations"
        run_phase(name, librosa_phases(magnitude, 60, momentum=0))
        assert reached["skstyle: PGHI + 10 iterations"] < reached[name]
