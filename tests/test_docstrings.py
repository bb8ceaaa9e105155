"""Every public name has a numpydoc docstring; the checks are those of pyproject.toml."""

import importlib
import inspect
import tomllib
from pathlib import Path

import pytest
from numpydoc.docscrape import FunctionDoc, get_doc_object
from numpydoc.validate import ERROR_MSGS, validate

import skstyle

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
# Methods that users call with data; what they refuse is told.
TAKES_DATA = ("fit", "fit_transform", "predict", "transform", "inverse_transform", "convert")
# Nothing that is given to these is refused by themselves.
REFUSES_NOTHING = {
    "skstyle.metrics._words.normalize_words",
    "skstyle.testing.make_clips",
    "skstyle.testing.signal_checks",
}


def _public_objects():
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
            yield value


def _public_names():
    for value in _public_objects():
        yield _path(value)
        # Methods count where they are written, in bases and mixins of ours too.
        for owner in getattr(value, "__mro__", ()):
            if owner.__module__.startswith("skstyle"):
                for method, member in vars(owner).items():
                    if not method.startswith("_") and inspect.isfunction(member):
                        yield f"{_path(owner)}.{method}"


def _takers():
    """Public functions, and the methods of estimators that take data."""
    for value in _public_objects():
        if inspect.isfunction(value):
            yield _path(value), value
        elif hasattr(value, "fit"):
            for name in TAKES_DATA:
                method = getattr(value, name, None)
                if method is not None and method.__module__.startswith("skstyle"):
                    yield f"{_path(value)}.{name}", method


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


OBJECTS = {_path(value): value for value in _public_objects()}
TAKERS = dict(_takers())


@pytest.mark.parametrize("path", sorted(OBJECTS))
def test_public_names_have_an_example_that_runs(path):
    # pytest --doctest-modules runs it.
    sections = get_doc_object(OBJECTS[path])
    assert any(line.startswith(">>> ") for line in sections["Examples"])


@pytest.mark.parametrize("path", sorted(TAKERS.keys() - REFUSES_NOTHING))
def test_docstring_tells_what_is_refused(path):
    sections = FunctionDoc(TAKERS[path])
    assert sections["Raises"]
    assert all(raised.type and raised.desc for raised in sections["Raises"])


def test_exemptions_are_needed():
    assert TAKERS.keys() >= REFUSES_NOTHING
    assert not any(FunctionDoc(TAKERS[path])["Raises"] for path in REFUSES_NOTHING)
