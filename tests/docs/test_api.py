"""The API reference lists every public name once, and no other."""

import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

import skstyle

API = Path(__file__).parents[2] / "docs" / "api"
PAGES = sorted(path.stem for path in API.glob("*.rst") if path.stem != "index")


def listed_names(page):
    """Return what the lists of a page and its ``py:data`` directives name."""
    text = (API / f"{page}.rst").read_text(encoding="utf-8")
    names = re.findall(r"^\.\. py:data:: (\w+)$", text, flags=re.MULTILINE)
    for block in re.findall(r"^\.\. autosummary::\n((?:\n|   .*\n?)+)", text, flags=re.MULTILINE):
        names += re.findall(r"^   (\w+)$", block, flags=re.MULTILINE)
    return names


def public_names(page):
    """Return what a package lists, or the classes of a module without a list."""
    module = importlib.import_module(f"skstyle.{page}")
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [name for name, value in vars(module).items() if isinstance(value, type)]


def test_every_package_has_a_page():
    assert PAGES == sorted(skstyle._MODULES)


def test_the_index_leads_to_every_page():
    text = (API / "index.rst").read_text(encoding="utf-8")
    toctree = text[text.index(".. toctree::") :]
    assert sorted(re.findall(r"^   ([a-z_]+)$", toctree, flags=re.MULTILINE)) == PAGES
    assert sorted(re.findall(r"^:mod:`~skstyle\.(\w+)`$", text, flags=re.MULTILINE)) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_page_lists_the_names_of_its_package(page):
    listed, public = listed_names(page), public_names(page)
    repeated = [name for name, n in Counter(listed).items() if n > 1]
    assert not repeated, f"docs/api/{page}.rst lists {repeated} more than once"
    missing, stale = sorted(set(public) - set(listed)), sorted(set(listed) - set(public))
    assert not missing, f"docs/api/{page}.rst lacks {missing}"
    assert not stale, f"docs/api/{page}.rst lists {stale}, which skstyle.{page} does not have"


def test_names_at_the_top_are_listed_at_home():
    for name, home in skstyle._HOME.items():
        assert name in listed_names(home)
