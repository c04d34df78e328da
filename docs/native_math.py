"""Formulas of the docs as MathML, which browsers draw themselves: nothing is fetched or bundled."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml

#: LaTeX that docutils does not know, and the same in what it does.
_SAME = (
    (re.compile(r"\\[bB]ig+[lr]?(?![a-zA-Z])"), ""),
    (re.compile(r"\\mathrel\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\tfrac(\d)(\d)"), r"\\tfrac{\1}{\2}"),
    (re.compile(r"\\tfrac(\d)(\\[a-zA-Z]+)"), r"\\tfrac{\1}{\2}"),
)


def mathml(latex: str, *, block: bool) -> str:
    r"""A formula as MathML.

    Args:
        latex: the formula.
        block: whether it has a line of its own.

    Raises:
        ValueError: it contains LaTeX that cannot be converted.
    """
    for pattern, same in _SAME:
        latex = pattern.sub(same, latex)
    aligned = block and (r"\\" in latex or "&" in latex) and r"\begin" not in latex
    text = rf"\begin{{aligned}}{latex}\end{{aligned}}" if aligned else latex
    try:
        return str(tex2mathml(text, as_block=block))
    except (MathError, ValueError, IndexError) as error:
        raise ValueError(f"cannot be written as MathML: {latex!r}: {error}") from error


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(mathml(node.astext(), block=False))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    writer.body.append(mathml(node.astext(), block=True))
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register the converter under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
