"""Sounds and pictures that pages hold as data become files beside the pages.

A player that writes its sound into the page is what a notebook needs. A page of the site with ten
of them would be megabytes that have to come in before a word can be read. Files are named by what
is in them, so that one sound of many pages is kept once.
"""

import base64
import re
from hashlib import sha256
from pathlib import Path

from docutils import nodes

FOLDER = "_sounds"
SUFFIXES = {
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
_DATA = re.compile(r"""(["'])data:((?:audio|image)/[\w.+-]+);base64,([A-Za-z0-9+/=\s]+)\1""")
_PRELOAD = re.compile(r'(<audio\b[^>]*?)\s+preload="[^"]*"')


def data_to_files(html, folder, prefix):
    """Write all data of some HTML into files and return the HTML that links them."""

    def link(match):
        kind, data = match[2], base64.b64decode(match[3])
        if kind not in SUFFIXES:
            return match[0]
        file = Path(folder, sha256(data).hexdigest()[:20] + SUFFIXES[kind])
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return f'"{prefix}{FOLDER}/{file.name}"'

    html, n_links = _DATA.subn(link, html)
    if n_links:
        # A small request tells how long a sound is; the rest waits until it is played.
        html = _PRELOAD.sub(r"\1", html).replace("<audio ", '<audio preload="metadata" ')
    return html


def on_doctree_resolved(app, doctree, docname):
    """Go through what a page holds as HTML."""
    if app.builder.format != "html":
        return
    # From .../a/b.html to .../_sounds; get_relative_uri ends in the name of a page.
    prefix = app.builder.get_relative_uri(docname, "index").rpartition("/")[0]
    prefix = prefix + "/" if prefix else ""
    for node in doctree.findall(nodes.raw):
        if "html" in node.get("format", "").split():
            html = data_to_files(node.astext(), Path(app.outdir, FOLDER), prefix)
            node.children[:] = [nodes.Text(html)]


def setup(app):
    """Register the hook."""
    app.connect("doctree-resolved", on_doctree_resolved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
