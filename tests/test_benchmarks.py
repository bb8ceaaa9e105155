"""The benchmark scripts run, on a small corpus made here; what they measure is not judged."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from skstyle.audio import clip_sample_rate, read_clip, write_clip
from skstyle.datasets import make_parallel_speakers, make_tune


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


def test_ulyanov_lebedev(call, corpus, tmp_path):
    pytest.importorskip("librosa")
    torch = pytest.importorskip("torch")
    clips = sorted(str(path) for path in (corpus / "anna").glob("*.wav"))
    few = ["--filters", 8, "--iterations", 3, "--griffin-lim", 2]
    threads = ["--threads", torch.get_num_threads()]
    out = tmp_path / "out.wav"
    printed = call(load("ulyanov_lebedev"), *clips, out, "--sample-rate", 16000, *few, *threads)
    assert "descent" in printed and "phases" in printed
    made, content = (read_clip(path)[0] for path in (out, clips[0]))
    assert len(made) == len(content) and made.any()


def test_textures(call, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("rain", "rain again", "sea"):
        write_clip(tmp_path / f"{name}.wav", 0.1 * rng.standard_normal(16000), 8000)
    arguments = ["--data", tmp_path, "--only", "rain*", "--max-iter", 2, "--out", tmp_path / "out"]
    head, *rows, last = call(load("textures"), *arguments).splitlines()
    assert head.split() == ["texture", "halves", "sample", "heard", "copy", "seconds"]
    assert [row[:32].rstrip() for row in rows] == ["rain again", "rain"]
    assert last.endswith(" of 2")
    for row in rows:
        halves, sample, heard, copy, _ = map(float, row[32:].split())
        assert halves > 0
        # What is the clip itself, but for phases, is nearest.
        assert copy < min(sample, heard)
    assert len(read_clip(tmp_path / "out" / "rain.wav")[0]) == 16000
    assert (tmp_path / "out" / "rain.png").stat().st_size > 0


def test_style_identification(call, tmp_path):
    rng = np.random.default_rng(0)
    sounds = {"noise": rng.standard_normal(4000), "hum": np.sign(np.sin(np.arange(4000) / 12))}
    tunes = tmp_path / "music" / "phrases_recorded_notes"
    voices = tmp_path / "speech" / "vcc2018"
    for label, sound in sounds.items():
        for group in ("a", "b", "c"):
            for path in (tunes / group / f"{label}.wav", voices / label / f"{group}.wav"):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_clip(path, 0.1 * sound, 16000)
    # Not every voice says it.
    write_clip(voices / "hum" / "aa.wav", 0.1 * sounds["hum"], 16000)
    arguments = ["--data", tmp_path, "--max-groups", 2, "--each"]
    _, *rows = call(load("style_identification"), *arguments).splitlines()
    assert [row.split()[:6] for row in rows[::3]] == [
        ["instruments", "2", "2", "4", "of", "4"],
        ["voices", "2", "2", "4", "of", "4"],
    ]
    assert rows[0].split()[6:10] == ["100.0", "%", "50.0", "%"]
    assert [row.split() for row in rows[1:3]] == [[x, "2", "of", "2"] for x in ("hum", "noise")]


@pytest.mark.parametrize("name", ["textures", "style_identification"])
def test_scripts_of_style_tell_what_is_missing(call, capsys, tmp_path, name):
    for arguments, message in (([], "pass --data DIR"), (["--data", tmp_path], "no ")):
        with pytest.raises(SystemExit):
            call(load(name), *arguments)
        assert message in capsys.readouterr().err


@pytest.fixture
def two_voices(tmp_path):
    """Four sentences of a female voice and of a male one, who said one more."""
    female, male = make_parallel_speakers(5, duration=0.6, random_state=0)
    for name, clips in (("SF1", female[:4]), ("SM1", male)):
        (tmp_path / name).mkdir()
        for i, clip in enumerate(clips):
            write_clip(tmp_path / name / f"3000{i}.wav", clip, 16000)
    return tmp_path


def test_methods(call, two_voices, tmp_path):
    pytest.importorskip("torch")
    script, page = load("methods"), tmp_path / "new" / "page.rst"
    names = ["linear", "Gaussian transport", "style transfer"]
    who = ["--corpus", two_voices, "--source", "SF1", "--target", "SM1", "--out", page]
    which = ["--train-ids", "3000[01]", "--test-ids", "3000[23]", "--only", *names]
    printed = call(script, *who, *which)
    assert [line[:28].rstrip() for line in printed.splitlines()] == [*names, f"wrote {page}"[:28]]
    text = page.read_text("utf-8")
    assert "3 methods on one pair of voices\n====" in text
    for name in ("source", *names, "analysis-synthesis", "target"):
        row = text.split(f"   * - {name}\n")[1].splitlines()[:9]
        assert sum("±" in cell for cell in row) == 6
        assert (row[-1].strip(" -") == "") == (name not in names)
    assert "``make_voice_converter(rate, Ridge())``" in text
    # The page shows what is run, of every method.
    assert list(script.expressions()) == [name for name, *_ in script.METHODS]


def test_methods_tell_what_is_missing(call, capsys, two_voices):
    pytest.importorskip("torch")
    voices = ["--corpus", two_voices, "--source", "SF1", "--target", "SM1"]
    for arguments, message in (
        ([], "pass --corpus DIR"),
        ([*voices, "--only", "nothing"], "no training ids, no test ids or no method matches"),
    ):
        with pytest.raises(SystemExit):
            call(load("methods"), *arguments)
        assert message in capsys.readouterr().err


def test_voices_vae(call, two_voices, tmp_path):
    pytest.importorskip("skorch")
    out = tmp_path / "out"
    few = ["--test-ids", "30003", "--n-epochs", 2, "--out", out]
    printed = call(load("voices_vae"), "--corpus", two_voices, *few)
    assert "frame: 7 clips" in printed and "conv: 7 clips" in printed
    assert printed.count("reconstruction") == printed.count("of 16") == 2
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if "dB" not in line]
    table = {row[0]: row[1:] for row in rows if len(row) == 7}
    methods = ["none", "frame", "frame-ratio", "conv", "conv-ratio", "closed"]
    assert list(table) == ["method", *methods]
    assert table["method"][2:4] == ["F-M", "M-F"]
    assert float(table["none"][0]) > 2 and table["none"][-2] == "0.0 %"
    assert all(float(table[method][0]) > 0 for method in methods)
    clip = out / "conv-ratio" / "SM1-SF1" / "30003.wav"
    assert len(read_clip(clip)[0]) == len(read_clip(two_voices / "SM1" / "30003.wav")[0])


def test_voices_vae_on_clips_of_training(call, two_voices):
    pytest.importorskip("skorch")
    few = ["--n-epochs", 1, "--methods", "closed", "--pairs", "SM1-SF1", "--dev"]
    printed = call(load("voices_vae"), "--corpus", two_voices, *few, "--test-ids", "30003")
    assert "1 pairs of voices, 2 clips" in printed and "| closed |" in printed


def test_voices_vae_tells_what_is_missing(call, capsys, tmp_path):
    pytest.importorskip("skorch")
    script = load("voices_vae")
    (tmp_path / "SF1").mkdir()
    for arguments, message in (
        ([], "pass --corpus DIR"),
        (["--corpus", tmp_path / "nowhere"], "no folder"),
        (["--corpus", tmp_path], "No clips to train or to test on"),
    ):
        with pytest.raises(SystemExit) as stopped:
            call(script, *arguments)
        assert message in f"{stopped.value}{capsys.readouterr().err}"


@pytest.mark.filterwarnings("ignore::skstyle.exceptions.UnstoppedWarning")
@pytest.mark.parametrize("content", ["text", "frames"])
def test_sequence_vae(call, two_voices, tmp_path, content):
    pytest.importorskip("skorch")
    table = tmp_path / "speech" / "transcripts.csv"
    table.parent.mkdir()
    rows = ["path,speaker,utterance,transcript"]
    for voice in ("SF1", "SM1"):
        for i, text in enumerate(("Abba.", "Bab a.", "Baa.", "Abab.")):
            (table.parent / voice).mkdir(exist_ok=True)
            path = table.parent / voice / f"3000{i}.wav"
            path.write_bytes((two_voices / voice / path.name).read_bytes())
            rows.append(f"speech/{voice}/{path.name},corpus_{voice},3000{i},{text}")
    table.write_text("\n".join(rows))
    arguments = ["--data", tmp_path, "--prefix", "corpus_", "--content", content, "--n-epochs", 2]
    few = ["--test-ids", "30002-30003", "--max-waves", 2, "--set", "decoder_dim=8"]
    out = tmp_path / "out"
    printed = call(load("sequence_vae"), *arguments, *few, "--out", out, "--verbose", 0)
    assert f"{content}: 4 clips, 2 epochs" in printed
    assert ("letters shuffled" in printed) == (content == "text")
    for words in ("mean style", "own style", "line on characters", "stopped by", "right style"):
        assert words in printed
    assert "sentence known among 2 by shapes" in printed and "nearer across sexes" in printed
    assert all((out / "SM1" / kind / "30003.wav").exists() for kind in ("converted", "target"))
    again = call(load("sequence_vae"), *arguments, *few, "--model", out / "model.joblib")
    assert again == printed.split("\n", 1)[1]


def test_sequence_vae_tells_what_is_missing(call, capsys, tmp_path):
    pytest.importorskip("skorch")
    for arguments in ([], ["--data", tmp_path]):
        with pytest.raises(SystemExit):
            call(load("sequence_vae"), *arguments)
        assert "transcripts.csv" in capsys.readouterr().err


def test_bench_vae(call):
    pytest.importorskip("skorch")
    head, _, *rows = call(load("bench_vae"), "--frames", 600, "--rounds", 1).splitlines()
    assert "plain, frames/s" in head and len(rows) == 4
    for row in rows:
        *_, plain, skorch, ratio = (float(x) for x in row.strip("| ").split(" | ")[2:])
        assert plain > 0 and skorch > 0
        assert ratio == pytest.approx(skorch / plain, abs=0.01)


@pytest.fixture
def tunes(tmp_path):
    """Two tunes without a note in common, by two instruments."""
    t = np.arange(6400) / 16000
    shape = np.minimum(t / 0.01, 1) * np.exp(-3 * t)
    for tune, pitches in (("up", (220, 247, 262)), ("down", (392, 330, 220))):
        folder = tmp_path / "music" / "phrases_recorded_notes" / tune
        folder.mkdir(parents=True)
        for instrument, tilt in (("dull", 2.0), ("bright", 0.5)):
            played = [
                shape * sum(np.sin(2 * np.pi * f0 * k * t) / k**tilt for k in range(1, 16))
                for f0 in pitches
            ]
            write_clip(folder / f"{instrument}.wav", 0.1 * np.concatenate(played), 16000)
    return tmp_path


@pytest.mark.parametrize("shared", [None, "drop", "shift"])
def test_style_transfer(call, tunes, shared):
    arguments = ["--data", tunes, "--content", "down", "--style", "up", "--reverse"]
    if shared:
        arguments += ["--no-shared-notes", shared]
    few = ["--methods", "transport", "auto", "--max-pairs", 2, "--by-instrument"]
    printed = call(load("style_transfer"), *arguments, *few)
    assert "the column VGG is left out" in printed
    assert "content up, style down, 2 pairs" in printed
    table, by_instrument = printed.split("LSD by target")
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines() if "±" in line}
    assert set(rows) == {"copy-content", "copy-style", "truth", "transport", "auto"}
    assert float(rows["truth"][0]) == 0 and float(rows["copy-content"][0]) > 5
    assert all(float(rows[method][0]) > 0 for method in ("transport", "auto"))
    assert by_instrument.split()[:2] == ["bright", "dull"]


def test_style_transfer_drops_notes(tunes):
    script = load("style_transfer")
    (up, rate), (down, _) = (script.read_tune(tunes, tune) for tune in ("up", "down"))
    left = script.without_shared_notes(down["dull"], up["dull"], rate)
    # Two of three notes, and a gap behind each.
    assert len(left) == pytest.approx(2 * (6400 + script.GAP_S * rate), abs=1000)
    pitches = [pitch for *_, pitch in script.notes_of(left, rate) if np.isfinite(pitch)]
    assert min(pitches) > 12 * np.log2(320 / 440)
    assert script.without_shared_notes(up["dull"], up["dull"], rate) is None


def test_style_transfer_tells_what_is_missing(call, tunes, capsys):
    script = load("style_transfer")
    for arguments, message in (
        ([], "pass --data DIR"),
        (["--data", tunes, "--style", "nothing"], "No clips in"),
    ):
        with pytest.raises(SystemExit) as stopped:
            call(script, *arguments)
        assert message in f"{stopped.value}{capsys.readouterr().err}"


def test_gram_beside_recipe(call, tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    script = load("gram_beside_recipe")
    monkeypatch.setattr(script, "SETTINGS", {"default": {"max_iter": 2}})
    for name, notes in (("ode_to_joy/flute", [64, 65]), ("frere_jacques/cello", [60, 62])):
        path = tmp_path / "music" / "phrases_recorded_notes" / f"{name}.flac"
        path.parent.mkdir(parents=True)
        tune = [(note, 1) for note in notes]
        write_clip(path, make_tune(tune, "flute", random_state=0), 16000)
        # The truth is the one on the other's instrument.
        truth = make_tune(tune, "fiddle", random_state=0)
        write_clip(path.with_name("cello.flac"), truth, 16000)
    few = ["--filters", 8, "--iterations", 3, "--griffin-lim", 2, "--max-pairs", 1]
    printed = call(script, "--data", tmp_path, *few, "--threads", torch.get_num_threads())
    rows = {line.split()[0]: line for line in printed.splitlines() if "LSD" in line}
    assert set(rows) == {"copy-content", "copy-style", "truth", "recipe", "default"}
    assert "LSD  0.000" in rows["truth"]
    assert "times faster" in rows["default"]
