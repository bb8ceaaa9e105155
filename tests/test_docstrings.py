"""Every public name has a numpydoc docstring; the checks are those of pyproject.toml."""

import importlib
import inspect
import tomllib
from pathlib import Path

import pytest
from numpydoc.validate import ERROR_MSGS, validate

import skstyle

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
NEEDS_EXAMPLE = {name for name in skstyle.__all__ if name[0].isupper()} | {"make_voice_converter"}


def _public_names():
    for module_name in skstyle._MODULES:
        module = importlib.import_module(f"skstyle.{module_name}")
        # Some names are there only when they are asked for.
        for name in {*vars(module), *getattr(module, "__all__", ())}:
            value = getattr(module, name)
            if name.startswith("_") or not (inspect.isclass(value) or inspect.isfunction(value)):
                continue
            if not value.__module__.startswith("skstyle"):
                continue
            if hasattr(module, "__all__") and name not in module.__all__:
                continue
            yield _path(value)
            # Methods count where they are written, in bases and mixins of ours too.
            for owner in getattr(value, "__mro__", ()):
                if owner.__module__.startswith("skstyle"):
                    for method, member in vars(owner).items():
                        if not method.startswith("_") and inspect.isfunction(member):
                            yield f"{_path(owner)}.{method}"


def _path(value):
    return f"{value.__module__}.{value.__qualname__}"


def _checks():
    with PYPROJECT.open("rb") as file:
        chosen = tomllib.load(file)["tool"]["numpydoc_validation"]["checks"]
    return set(ERROR_MSGS) - set(chosen) if "all" in chosen else set(chosen)


@pytest.mark.parametrize("path", sorted(set(_public_names())))
def test_docstring(path):
    errors = validate(path)["errors"]
    assert [e for e in errors if e[0] in _checks()] == []


@pytest.mark.parametrize("name", sorted(NEEDS_EXAMPLE))
def test_top_level_names_have_an_example_that_runs(name):
    # pytest --doctest-modules runs it.
    assert ">>> " in getattr(skstyle, name).__doc__
