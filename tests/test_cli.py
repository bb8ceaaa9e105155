"""The command line: what it writes and says, and that wrong arguments cost one line."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skstyle import __version__, load_model, save_model
from skstyle.audio import clip_sample_rate, read_clip, write_clip
from skstyle.cli import main
from skstyle.datasets import make_parallel_speakers

RATE = 16000
N_TRAIN = 3


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Four sentences of anna and ben; those that tests train on are called train-*."""
    folder = tmp_path_factory.mktemp("söund fïles 1")
    clips = make_parallel_speakers(N_TRAIN + 1, duration=0.5, random_state=0)
    names = [*(f"train-{i}" for i in range(N_TRAIN)), "test [ü]"]
    for speaker, signals in zip(("anna", "ben"), clips, strict=True):
        (folder / speaker).mkdir()
        for name, signal in zip(names, signals, strict=True):
            write_clip(folder / speaker / f"{name}.wav", signal, RATE)
    return folder


@pytest.fixture(scope="module")
def clip(corpus):
    return corpus / "anna" / "test [ü].wav"


@pytest.fixture(scope="module")
def training(corpus):
    return [
        *("--corpus", str(corpus), "--source", "anna", "--target", "ben"),
        *("--train-ids", "train-*", "--n-components", "2"),
    ]


@pytest.fixture(scope="module")
def fitted(training, clip, tmp_path_factory):
    """Return the model and the folder of one run with everything."""
    folder = tmp_path_factory.mktemp("run")
    model = folder / "anna-ben.skstyle"
    arguments = [str(clip), *training, "--model", str(model), "--out", str(folder / "new" / "out")]
    assert main(["convert", *arguments, "--quiet"]) == 0
    return model, folder / "new" / "out"


@pytest.fixture
def usage_error(capsys):
    """Run the command line, expect one line and status 2, return the line."""

    def run(*arguments):
        assert main([str(argument) for argument in arguments]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        *notes, line = err.splitlines()
        assert line.startswith("skstyle: error: ")
        assert not [note for note in notes if not note.startswith("note: ")]
        return line

    return run


def convert(*arguments):
    return main(["convert", "--quiet", *map(str, arguments)])


def test_help_and_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"skstyle {__version__}\n"
    assert main(["convert", "--help"]) == 0
    assert "examples:" in capsys.readouterr().out


def test_module_runs_and_help_is_light():
    code = (
        "import sys, skstyle.cli as c; c.main(['--help']); "
        "sys.exit(bool({'numpy', 'sklearn'} & {*sys.modules}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-m", "skstyle", "nonsense"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("skstyle: error: ")


def test_demo(tmp_path, capsys):
    out = tmp_path / "new" / "out"
    assert main(["demo", "--out", str(out)]) == 0
    written = sorted(path.name for path in out.iterdir())
    assert len(written) == 10
    assert written[0] == "conversion.png"
    assert {name.rpartition("-")[2] for name in written[1:]} == {
        "source.wav",
        "converted.wav",
        "target.wav",
    }
    table, err = capsys.readouterr()
    assert "converting" in err
    head, *rows, mean = table.split("\n\n")[0].splitlines()
    assert head.split() == ["sentence", "MCD", "before", "MCD", "after", "drop"]
    assert len(rows) == 3
    assert len({len(line) for line in (head, *rows, mean)}) == 1
    before, after = float(mean.split()[1]), float(mean.split()[3])
    assert after < before / 2
    assert "real-time factor" in table


def test_convert_writes_and_tells(training, clip, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["convert", *training, "--out", str(out), "--", str(clip)]) == 0
    converted, rate = read_clip(out / "test [ü].wav")
    assert rate == RATE
    assert len(converted) == len(read_clip(clip)[0])
    table, err = capsys.readouterr()
    _, row, mean = table.splitlines()
    assert row.startswith("test [ü] ")
    assert float(mean.split()[3]) < float(mean.split()[1])
    assert "real-time factor" in err


def test_quiet(training, clip, tmp_path, capsys):
    assert convert(clip, *training, "--out", tmp_path / "out") == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].startswith("mean")
    assert err == ""


def test_model_gives_the_same_bytes(fitted, clip, tmp_path, capsys):
    model, out = fitted
    assert convert(clip, "--model", model, "--out", tmp_path / "again") == 0
    again = tmp_path / "again" / "test [ü].wav"
    assert again.read_bytes() == (out / "test [ü].wav").read_bytes()
    # Nothing is known of the target without a corpus.
    assert capsys.readouterr().out == ""


def test_model_forgets_where_it_was_fitted(training, tmp_path, capsys):
    arguments = ["--memory", tmp_path / "cache", "--n-jobs", 1]
    assert convert(*training, "--model", tmp_path / "a", *arguments) == 0
    assert list((tmp_path / "cache").iterdir())
    converter = load_model(tmp_path / "a")
    assert converter.memory is None
    assert converter.n_jobs is None
    assert converter.sample_rate_ == RATE
    assert "a written" in capsys.readouterr().err


def test_refit_replaces_the_model(training, fitted, tmp_path, capsys):
    model = tmp_path / "model"
    model.write_bytes(fitted[0].read_bytes())
    assert convert(*training, "--max-train", 2, "--model", model) == 0
    assert "replaced" in capsys.readouterr().err
    assert model.read_bytes() != fitted[0].read_bytes()


def test_folder_and_another_rate(fitted, clip, tmp_path, capsys):
    folder = tmp_path / "clips"
    folder.mkdir()
    signal, _ = read_clip(clip)
    write_clip(folder / "same.flac", signal, RATE)
    write_clip(folder / "low.wav", signal[::2], RATE // 2)
    (folder / ".hidden.wav").write_bytes(b"")
    (folder / "notes.txt").write_text("no audio", encoding="utf-8")
    assert convert(folder, "--model", fitted[0], "--out", tmp_path / "out") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["low.wav", "same.wav"]
    assert clip_sample_rate(tmp_path / "out" / "low.wav") == RATE
    notes = capsys.readouterr().err.splitlines()
    assert len(notes) == 1
    assert "low.wav has 8000 Hz and the model 16000 Hz: resampled" in notes[0]


def test_silent_clip_is_called_by_its_name(fitted, tmp_path, capsys):
    write_clip(tmp_path / "silence.wav", np.zeros(RATE // 2), RATE)
    assert convert(tmp_path / "silence.wav", "--model", fitted[0], "--out", tmp_path / "out") == 0
    assert not read_clip(tmp_path / "out" / "silence.wav")[0].any()
    err = capsys.readouterr().err
    assert "silence.wav is silent: it was converted to silence." in err
    assert "X[0]" not in err


def test_training_sentences_are_marked(training, corpus, clip, tmp_path, capsys):
    arguments = [*training, "--max-train", 1, "--out", tmp_path / "out"]
    assert convert(clip, corpus / "anna" / "train-0.wav", *arguments) == 0
    _, first, second, _, remark = capsys.readouterr().out.splitlines()
    assert first.startswith("test [ü] ")
    assert second.startswith("train-0* ")
    assert remark.startswith("* was learnt from")


def test_max_train_takes_the_first_by_name(training, tmp_path, capsys):
    arguments = ["convert", *training, "--max-train", "2", "--model", str(tmp_path / "m")]
    assert main(arguments) == 0
    assert "learnt from 2 pairs" in capsys.readouterr().err


def test_sample_rate_resamples_everything(training, clip, tmp_path, capsys):
    arguments = [*training, "--sample-rate", 8000, "--out", tmp_path]
    assert convert(clip, *arguments) == 0
    assert clip_sample_rate(tmp_path / clip.name) == 8000
    assert "16000 Hz and the model 8000 Hz: resampled" in capsys.readouterr().err


def test_stereo(fitted, clip, tmp_path, usage_error):
    import soundfile

    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.column_stack([read_clip(clip)[0]] * 2), RATE)
    arguments = ["convert", path, "--model", fitted[0], "--out", tmp_path / "out"]
    assert "2 channels: choose --mono mix" in usage_error(*arguments)
    assert not (tmp_path / "out").exists()
    assert convert(*arguments[1:], "--mono", "mix") == 0
    expected = (fitted[1] / clip.name).read_bytes()
    assert (tmp_path / "out" / "stereo.wav").read_bytes() == expected


# Wrong arguments


def test_no_command(usage_error):
    assert "required" in usage_error()


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--max-train", "0", "at least 1, got 0"),
        ("--max-train", "few", "invalid whole number"),
        ("--n-components", "0", "at least 1"),
        ("--global-variance", "-1", "between 0 and 1, got -1"),
        ("--synthesis", "robot", "invalid choice"),
        ("--n-jobs", "0", "1 or more, or -1"),
        ("--seed", "-1", "at least 0"),
        ("--seed", str(2**32), "at most"),
        ("--sample-rate", "16", "at least 1000"),
        ("--mono", "left", "invalid choice"),
    ],
)
def test_values(option, value, sentence, usage_error):
    assert sentence in usage_error("convert", f"{option}={value}")


@pytest.mark.parametrize(
    "option", ["--source=a", "--train-ids=a", "--sample-rate=8000", "--memory=a"]
)
def test_training_options_need_a_corpus(option, fitted, usage_error):
    line = usage_error("convert", "--model", fitted[0], option)
    assert f"{option.partition('=')[0]} needs --corpus" in line


def test_nothing_to_do(training, fitted, clip, usage_error):
    assert "give clips to convert, or --model" in usage_error("convert", *training)
    assert "give clips" in usage_error("convert", "--model", fitted[0])
    assert "--corpus DIR to learn, or --model" in usage_error("convert", clip, "--out", "out")
    assert "need --out" in usage_error("convert", clip, "--model", fitted[0])


def test_corpus(corpus, clip, tmp_path, usage_error):
    def run(folder, source, target, *more):
        return usage_error(
            *("convert", clip, "--out", tmp_path / "out", "--corpus", folder),
            *("--source", source, "--target", target, *more),
        )

    assert "No corpus folder" in run(tmp_path / "none", "anna", "ben")
    assert "No speaker 'carl'" in run(corpus, "anna", "carl")
    assert "'anna', 'ben'" in run(corpus, "carl", "ben")
    assert "'train-9'" in run(corpus, "anna", "ben", "--train-ids", "train-0", "train-9")
    assert "clips go before" in run(corpus, "anna", "ben", "--train-ids", "train-0", clip)
    line = usage_error("convert", clip, "--out", tmp_path / "out", "--corpus", corpus)
    assert "--corpus needs --source" in line
    assert list(tmp_path.iterdir()) == []


def test_no_sentence_in_common(tmp_path, usage_error):
    for speaker in ("anna", "ben"):
        (tmp_path / speaker).mkdir()
        write_clip(tmp_path / speaker / f"only-{speaker}.wav", np.full(100, 0.1), RATE)
    line = usage_error(
        *("convert", "--corpus", tmp_path, "--source", "anna", "--target", "ben"),
        *("--model", tmp_path / "model"),
    )
    assert "no utterance in common" in line
    assert "only-anna" in line


def test_corpus_of_two_rates_and_stereo(training, corpus, tmp_path, usage_error):
    import soundfile

    for speaker in ("anna", "ben"):
        (tmp_path / speaker).mkdir()
        for path in (corpus / speaker).glob("train*"):
            (tmp_path / speaker / path.name).write_bytes(path.read_bytes())
    signal, _ = read_clip(corpus / "ben" / "train-1.wav")
    arguments = ["convert", *training, "--corpus", tmp_path, "--model", tmp_path / "model"]
    write_clip(tmp_path / "ben" / "train-1.wav", signal, 44100)
    assert "choose one with --sample-rate" in usage_error(*arguments)
    soundfile.write(tmp_path / "ben" / "train-1.wav", np.column_stack([signal] * 2), RATE)
    assert "choose --mono" in usage_error(*arguments)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("trained", [True, False])
def test_unreadable_clip(trained, training, fitted, clip, tmp_path, usage_error):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no audio at all")
    model = tmp_path / "model" if trained else fitted[0]
    arguments = [*training, "--model", model] if trained else ["--model", model]
    line = usage_error("convert", clip, bad, *arguments, "--out", tmp_path / "out")
    assert "bad.wav cannot be read as audio" in line
    assert list(tmp_path.iterdir()) == [bad]
    line = usage_error("convert", tmp_path / "x.wav", *arguments, "--out", tmp_path / "out")
    assert "no such file" in line


def test_unreadable_target(training, corpus, clip, tmp_path, usage_error):
    for speaker in ("anna", "ben"):
        (tmp_path / speaker).mkdir()
        for path in (corpus / speaker).iterdir():
            (tmp_path / speaker / path.name).write_bytes(path.read_bytes())
    (tmp_path / "ben" / clip.name).write_bytes(b"RIFF")
    arguments = ["--corpus", tmp_path, "--out", tmp_path / "out"]
    assert "ben" in usage_error("convert", clip, *training, *arguments)
    assert not (tmp_path / "out").exists()


def test_empty_folder_of_clips(fitted, tmp_path, usage_error):
    arguments = ["--model", fitted[0], "--out", tmp_path / "out"]
    assert "no audio files in" in usage_error("convert", tmp_path, *arguments)


def test_two_clips_of_one_name(fitted, clip, tmp_path, usage_error):
    other = tmp_path / clip.name
    other.write_bytes(clip.read_bytes())
    arguments = ["--model", fitted[0], "--out", tmp_path / "out"]
    assert "would both become" in usage_error("convert", clip, other, *arguments)


def test_never_replaces_a_recording(training, fitted, corpus, clip, usage_error):
    before = {path: path.read_bytes() for path in corpus.rglob("*.wav")}
    line = usage_error("convert", clip, "--model", fitted[0], "--out", clip.parent)
    assert "would replace a recording" in line
    line = usage_error("convert", clip, *training, "--out", corpus / "ben")
    assert "holds recordings of the corpus" in line
    assert {path: path.read_bytes() for path in corpus.rglob("*.wav")} == before


def test_out_is_a_file(fitted, clip, tmp_path, usage_error):
    path = tmp_path / "file"
    path.write_bytes(b"")
    assert "is a file" in usage_error("demo", "--out", path)
    assert "is a file" in usage_error("convert", clip, "--model", fitted[0], "--out", path)
    assert "error" in usage_error("convert", clip, "--model", fitted[0], "--out", path / "deep")


def test_model_file(training, clip, tmp_path, usage_error):
    from sklearn.linear_model import Ridge

    out = ["--out", tmp_path / "out"]
    assert "No model file" in usage_error("convert", clip, "--model", tmp_path / "none", *out)
    junk = tmp_path / "junk"
    junk.write_bytes(b"not a model")
    assert "cannot be read" in usage_error("convert", clip, "--model", junk, *out)
    assert "is not replaced" in usage_error("convert", *training, "--model", junk)
    assert junk.read_bytes() == b"not a model"
    save_model(Ridge(), tmp_path / "ridge")
    assert "holds a Ridge" in usage_error("convert", clip, "--model", tmp_path / "ridge", *out)
    missing = Path(tmp_path, "none", "model")
    assert "there is no folder" in usage_error("convert", *training, "--model", missing)


def test_failure_of_the_library_is_one_line(training, corpus, tmp_path, capsys):
    for speaker in ("anna", "ben"):
        (tmp_path / speaker).mkdir()
        write_clip(tmp_path / speaker / "train-0.wav", np.zeros(RATE), RATE)
    arguments = [*training, "--corpus", tmp_path, "--model", tmp_path / "model"]
    assert convert(*arguments) == 1
    *_, line = capsys.readouterr().err.splitlines()
    assert line.startswith("skstyle: error: All 1 pairs of clips are silent")
    assert not (tmp_path / "model").exists()


def test_recipe_can_be_chosen(training, tmp_path):
    model = tmp_path / "model.skstyle"
    options = ["--synthesis", "differential", "--global-variance", "0.5", "--model", str(model)]
    assert main(["convert", *training, *options, "--quiet"]) == 0
    converter = load_model(model)
    assert converter.synthesis == "differential"
    assert converter.regressor.post_filter.morph == 0.5
