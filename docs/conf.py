"""Configuration of the documentation; nothing is fetched from the network."""

import inspect
import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import skstyle

# Recordings only where their folder is named; examples run in folders of their own.
data = os.environ.pop("SKSTYLE_DATA", "")
if data:
    os.environ["SKSTYLE_DATA"] = str(Path(data).resolve())

project = "skstyle"
author = "The skstyle developers"
copyright = author
version = release = skstyle.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    # Ours, in _ext
    "gallery_order",
    "mathml",
    "sounds",
    "start_page",
    "tidy",
]
exclude_patterns = ["_build", "_templates", "_ext", "**sg_execution_times.rst"]
templates_path = ["_templates"]
default_role = "literal"
toc_object_entries = False
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = f"skstyle {version}"
html_static_path = ["_static"]
html_favicon = "_static/skstyle.svg"
html_context = {"default_mode": "auto"}
html_css_files = ["skstyle.css"]
html_js_files = [("players.js", {"defer": "defer"})]
# Sources of gallery pages hold all their sounds.
html_copy_source = False
html_show_sourcelink = False
html_math_renderer_name = "mathml"
html_theme_options = {
    "logo": {
        "text": "skstyle",
        "image_light": "_static/skstyle.svg",
        "image_dark": "_static/skstyle.svg",
    },
    "navbar_persistent": ["search-button"],
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 5,
    "navigation_with_keys": False,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
# Pages without neighbours need no list of them.
html_sidebars = {
    page: []
    for page in (
        "index",
        "install",
        "which_method",
        "conventions",
        "limits",
        "responsible_use",
        "changelog",
        "measured/*",
        # Lines of code are wide.
        "auto_examples/*",
    )
}

linkcheck_timeout = 20
linkcheck_retries = 2
# A DOI always leads elsewhere.
linkcheck_allowed_redirects = {r"https://doi\.org/.*": r".*"}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    "within_subsection_order": "gallery_order.ReadingOrder",
    "minigallery_sort_order": "gallery_order.minigallery_order",
    "backreferences_dir": "generated/gallery",
    "doc_module": ("skstyle",),
    "capture_repr": ("_repr_html_",),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_signature": False,
    # Its page asks another site for scripts.
    "write_computation_times": False,
}


def skip_foreign_members(app, what, name, member, skip, options):
    """Leave out what classes inherit from others: their pages cannot be linked offline."""
    function = inspect.unwrap(member) if callable(member) else member
    owner = getattr(function, "__objclass__", function)
    home = getattr(owner, "__module__", None) or ""
    return None if home.startswith("skstyle") or not callable(member) else True


def quote_fitted_names(app, what, name, obj, options, lines):
    """Quote sizes such as ``(n_iter_,)`` in types: reST takes them for links."""
    for i, line in enumerate(lines):
        if " : " in line:
            label, _, kind = line.partition(" : ")
            lines[i] = f"{label} : " + re.sub(r"(?<![`\w])([a-z]\w*_)(?=[,) ])", r"``\1``", kind)


def allow_missing_pictures(app, config):
    """Let pages show pictures of the gallery, though it is not made in a quick build."""
    if not config.plot_gallery or config.plot_gallery in ("0", "False"):
        config.suppress_warnings = [*config.suppress_warnings, "image.not_readable"]


def setup(app):
    """Register the hooks."""
    app.connect("config-inited", allow_missing_pictures)
    app.connect("autodoc-skip-member", skip_foreign_members)
    # Before numpydoc, whose priority is the default of 500.
    app.connect("autodoc-process-docstring", quote_fitted_names, priority=400)
