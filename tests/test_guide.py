"""The code of the user guide runs, and gives what the pages say."""

import doctest
from importlib.util import find_spec
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
NEEDS_TORCH = {"autoencoders", "style"}


@pytest.mark.parametrize("name", sorted(path.stem for path in GUIDE.glob("*.rst")))
def test_code_of_the_page_runs(name, tmp_path, monkeypatch):
    if name in NEEDS_TORCH and not (find_spec("torch") and find_spec("skorch")):
        pytest.skip("torch and skorch are not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    failed, tried = doctest.testfile(
        str(GUIDE / f"{name}.rst"),
        module_relative=False,
        encoding="utf-8",
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
    )
    assert tried > 0, "the page has no code"
    assert failed == 0, "see the output above"
    assert not list(tmp_path.iterdir()), "pages write nothing"


def test_every_example_is_linked_from_the_guide():
    pages = "".join(path.read_text(encoding="utf-8") for path in GUIDE.glob("*.rst"))
    examples = (GUIDE.parents[1] / "examples").glob("plot_*.py")
    missing = [path.name for path in examples if f"_examples_{path.name}`" not in pages]
    assert not missing, f"no page of the guide links to {sorted(missing)}"
