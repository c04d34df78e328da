"""Names of numbers inside sentences as formulas: ``sigma_p^1.00`` becomes σ with its indices.

Inside a sentence they are HTML, which every browser sets well with any font; formulas on
a line of their own are MathML.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from ...._visible import visible

#: Names that are written as formulas wherever they occur: the letters, and their index.
_NAMES = {
    "sigma_p": ("σ", "p"), "sigma_V": ("σ", "V"), "sigma_h": ("σ", "h"), "σ_p": ("σ", "p"),
    "σ_V": ("σ", "V"), "d_h": ("d", "h"), "d_v": ("d", "v"), "mu": ("μ", ""), "eta": ("η", ""),
    "epsilon": ("ε", ""), "delta": ("δ", ""), "T1": ("T", "1"), "T2": ("T", "2"),
    "T3": ("T", "3"), "T_gap": ("T", "gap"), "C0": ("C", "0"), "C1": ("C", "1"),
    "C2": ("C", "2"), "C3": ("C", "3"), "k2": ("k", "2"), "k3": ("k", "3"), "c1": ("c", "1"),
    "c2": ("c", "2"), "c3": ("c", "3"), "N_max": ("N", "max"),
}  # fmt: skip
_SUPERSCRIPTS = {"²": "2", "³": "3", "⁴": "4"}
_FORMULA = re.compile(
    rf"(?<![\w.-])(?:(?P<name>{'|'.join(_NAMES)})|(?P<letter>SNR|[A-Za-z])(?=\^))"
    r"(?:\^\(?(?P<power>[-+−]?\d+(?:\.\d+)?)\)?|(?P<super>[²³⁴]))?(?!\w)"
)
#: Quantities, whose names are words.
_QUANTITY = re.compile(r"\b(test|train)_(error|loss)\b")
_COMPARISON = re.compile(r"(?<![<>=])[<>]=(?![<>=])")


def signs(text: str) -> str:
    """A text with its comparisons typeset.

    >>> signs("P(g >= x) <= 0.1"), signs("A <=> B")
    ('P(g ≥ x) ≤ 0.1', 'A <=> B')
    """
    return _COMPARISON.sub(lambda match: "≤" if match[0] == "<=" else "≥", text)


def maths(text: str) -> Markup:
    """A sentence with the names of numbers in it as formulas; the rest is escaped.

    >>> maths("grows as w^-1.00 <b>")
    Markup('grows as <i>w</i><sup>−1.00</sup> &lt;b&gt;')
    >>> maths("sigma_p² d; test_error and delta_x")
    Markup('<i>σ</i><sub>p</sub><sup>2</sup> d; test error and delta_x')
    """
    shown = _QUANTITY.sub(r"\1 \2", signs(visible(text)))
    parts, last = [], 0
    for match in _FORMULA.finditer(shown):
        parts += [escape(shown[last : match.start()]), _drawn(match)]
        last = match.end()
    return Markup("").join([*parts, escape(shown[last:])])


def _drawn(match: re.Match[str]) -> Markup:
    letters, index = _NAMES.get(match["name"] or "", (match["letter"] or "", ""))
    drawn = letters if letters == "SNR" else f"<i>{letters}</i>"
    drawn += f"<sub>{index}</sub>" if index else ""
    power = match["power"] or _SUPERSCRIPTS.get(match["super"] or "", "")
    drawn += f"<sup>{power.replace('-', '−')}</sup>" if power else ""
    return Markup(drawn)  # of names and digits that the expression admits alone
