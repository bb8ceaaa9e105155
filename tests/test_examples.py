"""Every example of the gallery runs, without data and without warnings, and is short."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import skstyle

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))
MAX_LINES = 60

every_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


@every_example
def test_example_runs(path, tmp_path):
    left_out = ("SKSTYLE_DATA", "SKSTYLE_SEQUENCE_MODEL")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    # One thread: those of several examples at once would wait for each other.
    environment.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    environment.update(MPLBACKEND="Agg", PYTHONWARNINGS="error")
    # plt.show() warns where there is no screen.
    environment["PYTHONWARNINGS"] += ",ignore:FigureCanvasAgg is non-interactive:UserWarning"
    done = subprocess.run(
        [sys.executable, path],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "dB" in done.stdout
    assert not list(tmp_path.iterdir()), "examples write nothing"


def names_in(tree):
    """Return all names that are used, not those that are only imported."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def count_lines(text):
    """Return how many lines are code: neither blank nor a comment nor the module's docstring."""
    docstring = ast.parse(text).body[0]
    lines = text.splitlines()[docstring.end_lineno :]
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in lines)


@every_example
def test_example_is_short(path):
    text = path.read_text(encoding="utf-8")
    assert count_lines(text) <= MAX_LINES
    assert ast.get_docstring(ast.parse(text)), "it begins with what it teaches"


@every_example
def test_example_has_a_picture_and_ends_in_a_player(path):
    """A picture is a figure of pyplot; players, or a diagnosis that has some, are shown as HTML."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = names_in(tree)
    assert {"plt", "show"} <= used
    assert used & {"AudioPlayer", "AudioRow", "diagnose"}
    last = tree.body[-1]
    assert isinstance(last, ast.Expr), "the last statement is the player"
    assert names_in(last) & {"AudioPlayer", "AudioRow", "diagnoses"}


def test_lines_are_counted():
    text = '"""\nTitle\n"""\n\n# %%\nx = 1  # one\n\n\ndef f():\n    # two\n    return x\n'
    assert count_lines(text) == 3


def test_every_estimator_is_in_an_example():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in EXAMPLES]
    used = set().union(*map(names_in, trees))
    public = set(skstyle._HOME)
    assert len(public) > 40
    assert not sorted(public - used)
