"""Importing is light, and the names are there."""

import importlib
import subprocess
import sys

import pytest

import skstyle

HEAVY = ("torch", "skorch", "librosa", "numba", "soundfile", "matplotlib")


def loaded_by(statement):
    """Return which heavy packages a fresh interpreter holds after a statement."""
    code = f"import sys; {statement}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.split()


@pytest.mark.parametrize(
    "statement",
    [
        "import skstyle",
        "import skstyle; dir(skstyle)",
        "from skstyle import make_voice_converter; make_voice_converter(16000)",
        "import skstyle.metrics, skstyle.signal, skstyle.datasets",
    ],
)
def test_importing_loads_nothing_heavy(statement):
    assert loaded_by(statement) == []


def test_the_probe_sees_heavy_packages():
    assert loaded_by("import soundfile") == ["soundfile"]


def test_bare_import_does_not_even_load_the_floors():
    code = "import sys, skstyle; print(*[m for m in sys.modules if m.startswith('skstyle.')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_dir_is_the_public_list():
    assert dir(skstyle) == sorted(skstyle.__all__)
    assert {"SignalConverter", "make_voice_converter", "metrics", "__version__"} <= set(
        dir(skstyle)
    )


@pytest.mark.parametrize("name", skstyle.__all__)
def test_every_public_name_is_there(name):
    assert getattr(skstyle, name) is not None


@pytest.mark.parametrize("name", sorted(skstyle._HOME))
def test_names_are_the_objects_of_their_homes(name):
    home = importlib.import_module(f"skstyle.{skstyle._HOME[name]}")
    assert name in home.__all__
    assert getattr(skstyle, name) is getattr(home, name)


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="module 'skstyle' has no attribute 'Vocoder'"):
        skstyle.Vocoder  # noqa: B018


def test_version_is_a_version():
    assert skstyle.__version__.split(".")[0].isdigit()
