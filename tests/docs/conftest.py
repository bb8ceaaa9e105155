"""A site to test, served on this machine, and a browser to open it in.

``SKSTYLE_SITE`` names a site that was built. Without it, one is built whose examples were not run.
``SKSTYLE_SCREENSHOTS`` names a folder for pictures of what was seen; by default none is taken.
"""

import functools
import os
import shutil
import subprocess
import sys
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = ("_build", "auto_examples", "generated", "sg_execution_times.rst", "__pycache__")
# Another worker may die while it builds.
LONGEST_BUILD_S = 600
NEEDED = ("sphinx", "sphinx_gallery", "pydata_sphinx_theme", "sphinx_design", "myst_parser")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def build_site(folder):
    """Build a copy of the documentation, because building writes into its folder."""
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns(*MADE))
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copy(ROOT / "CHANGELOG.md", folder)
    environment = {name: value for name, value in os.environ.items() if name != "SKSTYLE_DATA"}
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-D", "plot_gallery=0"]
        + ["-b", "html", "docs", "html"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Return the folder of the built site; one site for all workers of pytest-xdist."""
    if named := os.environ.get("SKSTYLE_SITE"):
        folder = Path(named).resolve()
        assert (folder / "index.html").is_file(), f"SKSTYLE_SITE={named!r} has no index.html"
        return folder
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        pytest.skip(f"no documentation can be built without {', '.join(missing)}")
    base = tmp_path_factory.getbasetemp()
    # Workers have folders of their own below one that is shared.
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done, failed = base / "site", base / "site.done", base / "site.failed"
    try:
        folder.mkdir()
    except FileExistsError:
        # Another worker builds it.
        deadline = time.monotonic() + LONGEST_BUILD_S
        while not done.exists():
            assert not failed.exists(), "the documentation could not be built by another worker"
            assert time.monotonic() < deadline, "another worker did not finish the documentation"
            time.sleep(0.5)
        return folder / "html"
    try:
        build_site(folder)
    except BaseException:
        failed.touch()
        raise
    done.touch()
    return folder / "html"


@pytest.fixture(scope="session")
def pictures_missing(site):
    """Tell whether the examples were not run, so that their pictures and sounds are not there."""
    return not any((site / "_images").glob("sphx_glr_plot_*_0*.png"))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="session")
def address(site):
    """Serve the site; return the address of its root, which ends in a slash."""
    handler = functools.partial(_Quiet, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser():
    """Start Debian's chromium without a window."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    arguments = ["--no-sandbox", "--mute-audio", "--autoplay-policy=no-user-gesture-required"]
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address, request):
    """Return a function that opens a page of the site in a window; what went wrong is kept.

    The page has ``complaints``, a list of console errors and of requests that failed.
    """
    contexts = []

    def open_page(path, *, width=1280, height=800, theme="light"):
        size = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=size, color_scheme=theme))
        page = contexts[-1].new_page()
        page.complaints = []
        page.on("console", lambda m: m.type == "error" and page.complaints.append(m.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda r: page.complaints.append(f"{r.url}: {r.failure}"))
        page.on(
            "response",
            lambda r: r.status >= 400 and page.complaints.append(f"{r.url}: {r.status}"),
        )
        page.goto(address + path)
        if folder := os.environ.get("SKSTYLE_SCREENSHOTS"):
            name = f"{path.split('#')[0].replace('/', '_')}-{width}-{theme}.png"
            page.screenshot(path=Path(folder, name))
        return page

    yield open_page
    for context in contexts:
        context.close()
