"""The benchmark scripts run, on a small corpus made here; what they measure is not judged."""

import importlib.util
import sys
from pathlib import Path

import pytest

from skstyle.audio import clip_sample_rate, read_clip, write_clip
from skstyle.datasets import make_parallel_speakers


def load(name):
    """Import a script of the benchmarks, which are no package."""
    path = Path(__file__).parents[1] / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the main function of a script with arguments, and return what it prints."""

    def run(script, *arguments):
        monkeypatch.delenv("SKSTYLE_DATA", raising=False)
        monkeypatch.setattr(sys, "argv", ["script", *map(str, arguments)])
        script.main()
        return capsys.readouterr().out

    return run


@pytest.fixture
def corpus(tmp_path):
    """Two sentences of one synthetic voice."""
    clips = make_parallel_speakers(2, duration=0.6, random_state=0)[0]
    folder = tmp_path / "corpus" / "anna"
    folder.mkdir(parents=True)
    for name, clip in zip(("001", "002"), clips, strict=True):
        write_clip(folder / f"{name}.wav", clip, 16000)
    return folder.parent


def test_copy_synthesis(call, corpus, tmp_path):
    out = tmp_path / "out"
    arguments = ["--data", corpus, "--speaker", "anna", "--out", out, "--png", 1]
    printed = call(load("copy_synthesis"), *arguments)
    assert "anna: 2 sentences" in printed
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if line}
    # A copy is nearer to its original than two voices are to each other.
    assert float(rows["skstyle"][0]) < 5
    assert "pyworld" in rows
    copy, original = out / "skstyle" / "anna" / "002.wav", corpus / "anna" / "002.wav"
    assert len(read_clip(copy)[0]) == len(read_clip(original)[0])
    assert clip_sample_rate(copy) == 16000
    assert [path.name for path in out.glob("*.png")] == ["anna-001.png"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "pass --data DIR"),
        (["--data", "nowhere"], "No folder nowhere"),
        (["--data", ".", "--png", "1"], "--png needs --out"),
        (["--data", "tests", "--speaker", "signal"], "No sentence in"),
    ],
)
def test_copy_synthesis_tells_what_is_missing(call, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(Path(__file__).parents[1])
    with pytest.raises(SystemExit) as stopped:
        call(load("copy_synthesis"), *arguments)
    assert message in f"{stopped.value}{capsys.readouterr().err}"


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag"])
def test_mixtures(call, covariance_type):
    sizes = ["--frames", 300, "--columns", 4, "--components", 3, "--rounds", 1, "--threads", 1]
    arguments = [*sizes, "--covariance-type", covariance_type]
    head, *rows = call(load("bench_mixtures"), *arguments).splitlines()
    assert f"300 x 4, 3 components, {covariance_type}" in head
    # Two kinds of data, two libraries, two dtypes.
    assert len(rows) == 8
    for row in rows:
        *_, seconds, _, double, single = row.split()
        assert float(seconds) >= 0
        assert float(double) > 0
        assert float(single) > 0


def test_locally_linear(call):
    sizes = ["--exemplars", 300, "--frames", 30, "--loop-frames", 5, "--columns", 5]
    few = ["--neighbors", 8, "--rounds", 1, "--threads", 1]
    head, *rows = call(load("bench_locally_linear"), *sizes, *few).splitlines()
    assert "300 exemplars x 5 columns, 8 neighbours" in head
    # Two methods, two dtypes, two ways.
    assert len(rows) == 8
    for row in rows[1::2]:
        *_, speed, ratio, difference = row.split()
        assert float(speed) > 0
        assert float(ratio) > 0
        # The loop and the batch are one thing.
        assert float(difference) < 1e-4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell the peak memory")
def test_memory(call, monkeypatch):
    script = load("memory")
    monkeypatch.setattr(script, "CASES", script.CASES[:1])
    rows = [line.split() for line in call(script, "--seconds", 2, "--rate", 8000).splitlines()[2:]]
    assert len(rows) == 1
    before, peak = map(float, rows[0][-3:-1])
    assert peak >= before > 0


@pytest.mark.parametrize(
    ("family", "only", "n_rows"),
    [("scikit-learn", "Ridge", 4), ("linear", "one matrix", 2), ("linear", "unpaired, G*", 2)],
)
def test_regressors(call, tmp_path, family, only, n_rows):
    X, y = make_parallel_speakers(4, duration=0.6, random_state=0)
    for speaker, clips in (("anna", X), ("ben", y)):
        (tmp_path / speaker).mkdir()
        for i, clip in enumerate(clips):
            write_clip(tmp_path / speaker / f"00{i}.wav", clip, 16000)
    who = ["--corpus", tmp_path, "--source", "anna", "--target", "ben"]
    which = ["--train-ids", "00[012]", "--max-train", 2, "--dev"]
    printed = call(load("regressors"), *who, *which, "--family", family, "--only", only)
    assert sum(line.startswith(only.rstrip("*")) for line in printed.splitlines()) == n_rows
