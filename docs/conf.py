"""Configuration of the documentation; nothing is fetched from the network."""

import inspect
import os
import re

import skstyle

# The gallery is made of synthetic voices, on every machine.
os.environ.pop("SKSTYLE_DATA", None)

project = "skstyle"
author = "The skstyle developers"
copyright = author
version = release = skstyle.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "_templates"]
templates_path = ["_templates"]
default_role = "literal"

# What a package lists in __all__ is its reference, wherever it was written.
autosummary_ignore_module_all = False
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = f"skstyle {version}"
html_show_sourcelink = False
html_theme_options = {"show_prev_next": False, "secondary_sidebar_items": ["page-toc"]}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    "within_subsection_order": "FileNameSortKey",
    "capture_repr": ("_repr_html_",),
    "abort_on_example_error": True,
    "download_all_examples": False,
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


def setup(app):
    """Register the hooks."""
    app.connect("autodoc-skip-member", skip_foreign_members)
    # Before numpydoc, whose priority is the default of 500.
    app.connect("autodoc-process-docstring", quote_fitted_names, priority=400)
