"""The first page keeps its word: its code runs, and its links lead somewhere."""

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
_CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def _page(name):
    return (ROOT / name).read_text(encoding="utf-8")


def _is_local(target):
    return not re.match(r"[a-z]+:|#", target)


def test_ten_lines_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = _CODE.search(_page("README.md"))[1]
    assert 8 <= len([line for line in code.splitlines() if line.strip()]) <= 10
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    before, after = map(float, said.getvalue().split())
    # What the page promises, to the digit that it tells.
    promised = re.findall(r"# ([\d.]+) dB (?:before|after)", code)
    assert [f"{before:.1f}", f"{after:.1f}"] == promised
    assert [path.name for path in tmp_path.iterdir()] == ["converted.wav"]


def test_other_blocks_are_python():
    blocks = _CODE.findall(_page("README.md"))
    assert len(blocks) > 1
    for code in blocks:
        compile(code, "README.md", "exec")


@pytest.mark.parametrize("name", PAGES)
def test_links_exist(name):
    targets = [link.partition("#")[0] for link in _LINK.findall(_page(name)) if _is_local(link)]
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_links_are_found():
    links = _LINK.findall(_page("README.md"))
    assert "docs/_static/readme.png" in links and "CHANGELOG.md" in links


# Rows of the main pair, by what README.md and the page on methods call them.
CALLED = {
    "joint GMM": "make_voice_converter(rate)",
    "local linear maps": "LocallyLinearRegressor",
    "mixture of linear maps": "MixtureOfLinearRegressor",
    "frequency warping": "FrequencyWarpingRegressor(",
    "nearest frames": "make_unpaired_converter(rate)",
    "Gaussian transport": "GaussianTransport",
}


@pytest.mark.parametrize("page", ["README.md", "docs/which_method.rst"])
@pytest.mark.parametrize("row", CALLED)
def test_distortions_are_those_of_the_main_pair(page, row):
    """The table that a script writes is the source; others repeat it."""
    measured = _page("docs/measured/main_pair.rst")
    mcd = re.search(rf"\* - {row}\n +- .*\n +- ([\d.]+) ±", measured)[1]
    lines = [line for line in _page(page).splitlines() if line.startswith(("| `", "``"))]
    (line,) = [line for line in lines if CALLED[row] in line.split("  ")[0].split("|")[:2][-1]]
    assert mcd in line


def test_picture_is_small():
    assert (ROOT / "docs/_static/readme.png").stat().st_size < 200_000
