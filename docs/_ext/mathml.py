"""Formulae as MathML, which browsers draw by themselves: no script is fetched from anywhere."""

import re
from html import escape

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

# What docutils has under other names only.
NAMES = {"dots": "ldots", "big": "bigl", "Big": "Bigl", "bigg": "biggl", "Bigg": "Biggl"}
_RENAMED = re.compile(r"\\(dots|[bB]igg?)(?![a-zA-Z])")
# An index after an accent belongs beside the letter, not below it.
_ACCENT = re.compile(
    r"\\(?:hat|tilde|bar|dot|ddot|vec|overline|widehat|widetilde)(?![a-zA-Z])\s*"
    r"(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-zA-Z]+(?:\s*\{[^{}]*\})?|[^\s{}\\])"
)
# A thin space stands on either side of log, sin and the like, but not before a bracket.
_BEFORE_FUNCTION = re.compile(
    r"(</(?:mi|mn|msub|msup|msubsup|mrow|mfrac|msqrt)>)"
    r"(?=\s*<mi>\w+</mi>\s*<mo>&ApplyFunction;</mo>)"
)
_AFTER_FUNCTION = re.compile(r"(<mo>&ApplyFunction;</mo>)(?!\s*<mo)")
_THIN_SPACE = r'\1<mspace width="0.1667em"></mspace>'


def _convert(node, as_block):
    code = node.astext()
    try:
        # Formulae with blank lines between them stand below each other.
        code = code.strip().replace("\n\n", r" \\ ")
        code = _RENAMED.sub(lambda match: "\\" + NAMES[match[1]], code)
        code = _ACCENT.sub(r"{{}\g<0>}", code)
        html = tex2mathml(code, as_block=as_block)
        for place in (_BEFORE_FUNCTION, _AFTER_FUNCTION):
            html = place.sub(_THIN_SPACE, html)
        return html
    except MathError as error:
        logger.warning("no MathML for %r: %s", code, error, location=node)
        return f"<code>{escape(code)}</code>"


def visit_math(self, node):
    """Write a formula within a line."""
    self.body.append(_convert(node, as_block=False))
    raise nodes.SkipNode


def visit_displaymath(self, node):
    """Write a formula of its own, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_convert(node, as_block=True) + "</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
