"""Every example of the gallery runs, without data and without warnings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(path, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "SKSTYLE_DATA"}
    # One thread: those of several examples at once would wait for each other.
    environment.update(MPLBACKEND="Agg", PYTHONWARNINGS="error", OPENBLAS_NUM_THREADS="1")
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
