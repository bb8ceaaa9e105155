"""The order in which the gallery is read: from a first conversion to a grid search.

The examples are files of one folder; the headings between them are put in here.
"""

import re
from pathlib import Path

SECTIONS = {
    "Voices with pairs": (
        "first_voice_conversion",
        "aligning_two_speakers",
        "pipeline_and_back",
        "build_a_converter",
        "joint_gmm_grid",
        "any_regressor",
        "one_matrix_to_many",
        "where_formants_go",
        "global_variance",
        "global_variance_up_close",
        "phase_and_transforms",
        "neural_vocoder",
    ),
    "Voices without pairs": (
        "without_pairs",
        "how_much_of_a_voice",
        "conversion_between_six_voices",
        "a_voice_that_came_later",
        "latent_space_of_voices",
        "codes_of_voices",
        "posterior_collapse",
        "text_to_speech",
        "a_clip_instead_of_a_text",
    ),
    "Styles of any sound": (
        "instrument_to_instrument",
        "blending_styles",
        "style_transformers",
        "styles_as_features",
        "content_and_style_weights",
        "why_not_a_picture",
        "texture_synthesis",
        "speech_in_textures",
        "pretrained_net",
    ),
    "Measuring and searching": (
        "where_quality_is_lost",
        "cross_validation",
        "a_speaker_left_out",
        "grid_search",
    ),
}
ORDER = [name for names in SECTIONS.values() for name in names]
# Examples that are in no section come last.
REST = "More"

_THUMBNAIL = re.compile(
    r"^\.\. raw:: html\n\n    <div class=\"sphx-glr-thumbcontainer\".*?"
    r"^  :doc:`/auto_examples/plot_(\w+)`$",
    flags=re.MULTILINE | re.DOTALL,
)
_CLOSE = ".. raw:: html\n\n    </div>\n\n"
_OPEN = '.. raw:: html\n\n    <div class="sphx-glr-thumbnails">\n\n'


class ReadingOrder:
    """Key by which files are sorted; files that are not in the list come last, by name."""

    def __init__(self, src_dir):
        self.src_dir = src_dir

    def __call__(self, filename):
        name = Path(filename).stem.removeprefix("plot_")
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def minigallery_order(path):
    """Sort the examples of one class in the same way."""
    return ReadingOrder("")(path)


def with_headings(index):
    """Put a heading before the first thumbnail of every section."""
    homes = {name: title for title, names in SECTIONS.items() for name in names}
    shown = None

    def thumbnail(match):
        nonlocal shown
        title = homes.get(match[1], REST)
        if title == shown:
            return match[0]
        shown = title
        return f"{_CLOSE}{title}\n{'-' * len(title)}\n\n{_OPEN}{match[0]}"

    return _THUMBNAIL.sub(thumbnail, index)


def on_source_read(app, docname, source):
    """Change the page of all examples before it is parsed."""
    if docname == "auto_examples/index":
        source[0] = with_headings(source[0])


def setup(app):
    """Register the hook."""
    app.connect("source-read", on_source_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
