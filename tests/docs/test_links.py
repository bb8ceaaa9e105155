"""Every link within the site leads somewhere, and every picture and sound is there."""

import functools
import os
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

# What a page fetches or links, by tag.
SOURCES = {"a": "href", "link": "href", "img": "src", "audio": "src", "source": "src"}
SOURCES |= {"script": "src", "iframe": "src"}
FETCHED = {"img", "audio", "source", "script", "link", "iframe"}


class Page(HTMLParser):
    """Anchors and links of one page."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        target = attributes.get(SOURCES.get(tag))
        if target:
            self.links.append((tag, target))


@pytest.fixture(scope="module")
def pages(site):
    paths = [p for p in site.rglob("*.html") if "_static" not in p.relative_to(site).parts]
    return {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in paths}


def test_the_site_has_its_pages(site, pages):
    names = {path.relative_to(site.resolve()).as_posix() for path in pages}
    expected = ("index", "install", "which_method", "guide/index", "auto_examples/index")
    expected += ("api/index", "conventions", "limits", "responsible_use", "changelog", "search")
    assert {f"{name}.html" for name in expected} <= names
    n_examples = len(list((Path(__file__).parents[2] / "examples").glob("plot_*.py")))
    assert sum(name.startswith("auto_examples/plot_") for name in names) == n_examples


def test_links_within_the_site_lead_somewhere(site, pages, pictures_missing):
    broken = []
    # Most links are those of the frame, the same on many pages.
    find = functools.cache(lambda file: file.resolve() if file.is_file() else None)
    for path, page in pages.items():
        for tag, target in page.links:
            if urlsplit(target).scheme or target.startswith("//"):
                continue
            if pictures_missing and tag == "img" and "auto_examples/images/" in target:
                continue
            link, anchor = urldefrag(target)
            file = path.parent / unquote(link.partition("?")[0]) if link else path
            file = find(Path(os.path.normpath(file)))
            where = f"{path.relative_to(site.resolve())}: {target}"
            if file is None:
                broken.append(f"{where}: no such file")
            elif anchor and file in pages and unquote(anchor) not in pages[file].anchors:
                broken.append(f"{where}: no such anchor")
    assert not broken


def test_nothing_is_fetched_from_other_sites(site, pages):
    foreign = [
        f"{path.relative_to(site.resolve())}: {target}"
        for path, page in pages.items()
        for tag, target in page.links
        if tag in FETCHED and (urlsplit(target).scheme in ("http", "https") or target[:2] == "//")
    ]
    assert not foreign


def test_sounds_are_files_beside_the_pages(site, pages):
    inline = [
        str(path.relative_to(site.resolve()))
        for path, page in pages.items()
        if any(tag == "audio" and target.startswith("data:") for tag, target in page.links)
    ]
    assert not inline
    sounds = [file for file in (site / "_sounds").iterdir() if file.suffix != ".jpg"]
    assert len(sounds) >= 3
    assert max(file.stat().st_size for file in sounds) < 300_000
