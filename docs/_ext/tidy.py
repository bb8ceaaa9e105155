"""Remove what earlier builds have made of files that are gone, and of other sounds."""

import os
import re
from pathlib import Path


def remove_stale_examples(source, examples):
    """Remove pages of examples that were renamed or removed."""
    for page in Path(source, "auto_examples").glob("plot_*.rst"):
        if not Path(examples, page.stem + ".py").is_file():
            page.unlink()


def remove_stale_names(source):
    """Remove pages of names that the reference does not list any more."""
    listed = set()
    for page in Path(source, "api").glob("*.rst"):
        names = re.findall(r"^   (\w+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
        listed |= {f"skstyle.{page.stem}.{name}" for name in names}
    for page in Path(source, "generated").glob("skstyle*.rst"):
        if page.stem not in listed:
            page.unlink()


def forget_other_sounds(source, data):
    """Have all examples run again when the last build gave them other clips."""
    gallery = Path(source, "auto_examples")
    note = gallery / "data.txt"
    if note.is_file() and note.read_text(encoding="utf-8") != data:
        for file in gallery.glob("*.md5"):
            file.unlink()
    gallery.mkdir(exist_ok=True)
    note.write_text(data, encoding="utf-8")


def on_builder_inited(app):
    """Tidy up."""
    remove_stale_examples(app.srcdir, Path(app.srcdir).parent / "examples")
    remove_stale_names(app.srcdir)
    forget_other_sounds(app.srcdir, os.environ.get("SKSTYLE_DATA", ""))


def setup(app):
    """Register the hook before those that make the pages."""
    app.connect("builder-inited", on_builder_inited, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
