"""How the page shows values: numbers, names, tables of like rows, formulas."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup, escape
from sympy import Symbol

from ...._visible import visible
from ....theory.rendering.mathml import expr_mathml
from ....theory.symbols import SYMBOLS
from .typeset import signs

#: Rows of a table, and items of a list, that the page shows; report.json holds all.
LIMIT = 24

_ELEMENTS = frozenset(
    (
        *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mstyle", "mfrac", "msqrt", "mroot"),
        *("msub", "msup", "msubsup", "mover", "munder", "mtable", "mtr", "mtd"),
    )
)
_ATTRIBUTES = frozenset({"display", "accent", "stretchy"})


@dataclass(frozen=True)
class Table:
    """Rows with the same keys.

    Attributes:
        columns: headings.
        rows: cells; the first names its row.
        more: the number of rows left out.
    """

    columns: list[str]
    rows: list[list[Any]]
    more: int


def num(value: Any) -> str:
    """A number in readable form; an empty string for None.

    >>> num(0.0231), num(1234567), num(None), num(True), num("inf"), num(2e9), num(37.0)
    ('0.0231', '1,234,567', '', 'yes', '∞', '2e+09', '37')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ("inf", "-inf", math.inf, -math.inf):
        return str(value).replace("inf", "∞").replace("-", "−")
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**9 else f"{value:.3g}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def shown(value: Any) -> Any:
    """A template's output: text with hidden characters visible and typeset comparison signs."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return signs(visible(value))


def slug(text: str) -> str:
    """A text as a CSS class, or as the stem of an anchor.

    >>> slug("OUT_OF_SCOPE"), slug("benign B2")
    ('out-of-scope', 'benign-b2')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class Anchors:
    """Gives each part of a page a unique id, whatever the parts' names.

    Args:
        taken: ids the page already has.

    Example:
        >>> anchors = Anchors({"claims"})
        >>> anchors.new("B.1"), anchors.new("b_1"), anchors.new("数据"), anchors.new("Claims")
        ('b-1', 'b-1-2', 'x', 'claims-2')
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def new(self, text: str, *endings: str) -> str:
        """The next free id for a text.

        Args:
            text: the name of the part.
            endings: suffixes the page appends to the id to name pieces of the part.
        """
        stem = slug(text) or "x"
        anchor, count = stem, 1
        while not self._taken.isdisjoint(wanted := {anchor, *(anchor + end for end in endings)}):
            count += 1
            anchor = f"{stem}-{count}"
        self._taken |= wanted
        return anchor


def words(name: str) -> str:
    """A key of the report as words.

    >>> words("median_time_over_law")
    'median time over law'
    """
    return str(name).replace("_", " ")


def as_table(value: Any) -> Table | None:
    """A list or a mapping of mappings with the same keys as a table; None for anything else.

    >>> as_table({"a": {"x": 1}, "b": {"x": 2}}).rows
    [['a', 1], ['b', 2]]
    """
    if isinstance(value, dict):
        rows, names = list(value.values()), list(value)
    elif isinstance(value, list):
        rows, names = value, None
    else:
        return None
    if (
        not rows
        or (names and len(rows) < 2)
        or not all(isinstance(row, dict) and row for row in rows)
    ):
        return None
    columns = list(rows[0])
    if any(list(row) != columns for row in rows):
        return None
    lines = [[row[name] for name in columns] for row in rows[:LIMIT]]
    if names is not None:
        lines = [[name, *line] for name, line in zip(names, lines, strict=False)]
        columns = ["", *columns]
    return Table(columns, lines, len(rows) - len(lines))


def formula(mathml: str, latex: str) -> Markup:
    """A formula's MathML if it is safe, else its LaTeX as text.

    A report may come from an untrusted source, and unescaped text in a page could be a script.

    >>> formula("<math><mi>p</mi></math>", "p")
    Markup('<math><mi>p</mi></math>')
    >>> formula("<math><script>x</script></math>", "p<q")
    Markup('<code>p&lt;q</code>')
    """
    if _is_mathml(mathml):
        return Markup(visible(mathml))  # checked element by element
    return Markup("<code>{}</code>").format(escape(latex))


def symbol(name: str) -> Markup:
    """A number's name as a formula.

    >>> symbol("sigma_p")
    Markup('<math><msub><mi>σ</mi><mi>p</mi></msub></math>')
    """
    drawn = expr_mathml(SYMBOLS.get(name, Symbol(name))) if name.isidentifier() else ""
    return formula(f"<math>{drawn}</math>" if drawn else "", name)


def _is_mathml(text: str) -> bool:
    if "<!" in text or "<?" in text:  # no declarations, so no entities that expand
        return False
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return False
    return root.tag == "math" and all(
        element.tag in _ELEMENTS and element.attrib.keys() <= _ATTRIBUTES for element in root.iter()
    )
