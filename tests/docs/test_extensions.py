"""What turns formulae and sounds into what a page holds."""

import base64
import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="sphinx is not installed")
EXTENSIONS = Path(__file__).parents[2] / "docs" / "_ext"
EXAMPLES = Path(__file__).parents[2] / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(f"_docs_{name}", EXTENSIONS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Formula:
    def __init__(self, code):
        self.code = code

    def astext(self):
        return self.code


@pytest.mark.parametrize(
    "code",
    [
        r"\hat y_t = A_t x_t + b_t",
        r"\hat{\boldsymbol{y}}_t^{(2)} = \overline{x}_{t}",
        r"c_0, \dots, c_{24}",
        r"\Big\| x_t - \sum_k w_k x_k \Big\|^2",
        r"a &= b \\ c &= d",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
    ],
)
def test_formulae_become_mathml(code):
    html = load("mathml")._convert(Formula(code), as_block=True)
    assert html.startswith("<math ") and 'display="block"' in html


def test_an_index_stands_beside_a_letter_with_an_accent():
    html = load("mathml")._convert(Formula(r"\hat y_t"), as_block=True)
    assert "<msub>" in html and "munder" not in html


def test_sounds_become_files(tmp_path):
    sound = base64.b64encode(b"sound").decode()
    html = f'<audio controls preload="none" src="data:audio/mpeg;base64,{sound}"></audio>' * 2
    changed = load("sounds").data_to_files(html, tmp_path / "_sounds", "../")
    (file,) = (tmp_path / "_sounds").iterdir()
    assert file.read_bytes() == b"sound"
    assert changed.count(f'src="../_sounds/{file.name}"') == 2
    assert changed.count('preload="metadata"') == 2
    assert "none" not in changed and "data:" not in changed


def test_other_html_stays_as_it_is(tmp_path):
    html = '<p>data:audio/mpeg;base64,AAAA</p><audio src="a.mp3" preload="none"></audio>'
    assert load("sounds").data_to_files(html, tmp_path, "") == html
    assert not list(tmp_path.iterdir())


def test_pages_of_what_is_gone_are_removed(tmp_path):
    tidy = load("tidy")
    for folder in ("api", "auto_examples", "generated", "examples"):
        (tmp_path / folder).mkdir()
    (tmp_path / "examples" / "plot_here.py").touch()
    (tmp_path / "api" / "mapping.rst").write_text("list::\n\n   Here\n", encoding="utf-8")
    for page in ("auto_examples/plot_here", "auto_examples/plot_gone", "auto_examples/index"):
        (tmp_path / f"{page}.rst").touch()
    for name in ("Here", "Gone"):
        (tmp_path / "generated" / f"skstyle.mapping.{name}.rst").touch()
    tidy.remove_stale_examples(tmp_path, tmp_path / "examples")
    tidy.remove_stale_names(tmp_path)
    left = {page.stem for page in tmp_path.glob("*/*.rst")}
    assert left == {"mapping", "index", "plot_here", "skstyle.mapping.Here"}


def test_examples_run_again_on_other_sounds(tmp_path):
    tidy = load("tidy")
    tidy.forget_other_sounds(tmp_path, "")
    mark = tmp_path / "auto_examples" / "plot_here.py.md5"
    for data, kept in (("", True), ("/recordings", False), ("/recordings", True)):
        mark.touch()
        tidy.forget_other_sounds(tmp_path, data)
        assert mark.exists() == kept


def test_the_gallery_starts_with_a_first_conversion_and_ends_with_a_search():
    order = load("gallery_order")
    names = [path.name for path in EXAMPLES.glob("plot_*.py")]
    key = order.ReadingOrder("")
    known = [n for n in sorted(names, key=key) if key(n)[0] < len(order.ORDER)]
    assert known[0] == "plot_first_voice_conversion.py"
    assert known[-1] == "plot_grid_search.py"
    missing = [name for name in order.ORDER if f"plot_{name}.py" not in names]
    assert not missing, f"docs/_ext/gallery_order.py names {missing}, which are not there"
    unknown = [n for n in names if key(n)[0] == len(order.ORDER)]
    assert not unknown, f"docs/_ext/gallery_order.py lacks {unknown}"


def test_the_gallery_has_headings_between_its_examples():
    order = load("gallery_order")

    def thumbnail(name):
        div = '<div class="sphx-glr-thumbcontainer" tooltip="What it does.">'
        return f".. raw:: html\n\n    {div}\n\n  :doc:`/auto_examples/plot_{name}`\n\n"

    names = ["first_voice_conversion", "any_regressor", "grid_search", "unheard_of"]
    text = order.with_headings("".join(map(thumbnail, names)))
    headings = ["Voices with pairs", "Measuring and searching", order.REST]
    assert [line for line in text.splitlines() if line in (*order.SECTIONS, order.REST)] == headings
    assert text.count("</div>") == text.count('<div class="sphx-glr-thumbnails">') == 3
    assert all(thumbnail(name).strip() in text for name in names)
