"""Formulas on web pages: presentation MathML, which browsers display without a script."""

import re
from html import unescape
from typing import Any
from xml.dom.minidom import parseString

from sympy import Add, Expr, Mul, Symbol, exp
from sympy.printing.mathml import MathMLPresentationPrinter

from ..state import (
    V_minus,
    V_noise,
    V_noise_squares,
    V_plus,
    V_signal,
    attention,
    attention_noise,
    attention_signal,
    attention_test,
    clean,
    flipped,
    margin,
    start_memory,
    start_step,
    true_label,
    value_norm,
)
from ..symbols import N_max, V_max_T1, mu, u_T1, w

MATHML_RELATIONS = {">=": "≥", "<=": "≤", "<": "&lt;", "=": "="}
"""The relation signs of bounds, conditions, laws and identities."""


def _sub(base: str, below: str) -> str:
    return f"<msub>{base}{below}</msub>"


def _norm(inner: str) -> str:
    bar = '<mo stretchy="false">‖</mo>'
    return f"<mrow>{bar}{inner}{bar}</mrow>"


def _word(text: str) -> str:
    return f"<mtext>{text}</mtext>"


_V, _A, _HAT_Y = "<mi>V</mi>", "<mi>a</mi>", '<mover accent="true"><mi>y</mi><mo>^</mo></mover>'
_T_1 = _sub("<mi>T</mi>", "<mn>1</mn>")
_OUTPUT = _sub("<mi>w</mi>", "<mi>O</mi>")
_VALUE_OUTPUT = f"<mrow>{_sub('<mi>W</mi>', '<mi>V</mi>')}{_OUTPUT}</mrow>"

MATHML_NAMES: dict[Symbol, str] = {
    mu: _norm("<mi>μ</mi>"),
    w: _norm(_OUTPUT),
    V_max_T1: f"<mrow><mi>max</mi><mo>|</mo>{_sub(_V, '<mo>±</mo>')}"
    f"<mo>(</mo>{_T_1}<mo>)</mo><mo>|</mo></mrow>",
    u_T1: _sub(_norm(_VALUE_OUTPUT), _T_1),
    N_max: _sub("<mi>N</mi>", _word("max")),
    V_plus: _sub(_V, "<mo>+</mo>"),
    V_minus: _sub(_V, "<mo>−</mo>"),
    V_signal: _sub(_V, _word("signal")),
    V_noise: _sub(_V, _word("noise")),
    V_noise_squares: "<mrow><munder><mo>∑</mo><mi>n</mi></munder>"
    "<msubsup><mi>V</mi><mi>n</mi><mn>2</mn></msubsup></mrow>",
    value_norm: _norm(_VALUE_OUTPUT),
    start_memory: f"<mrow>{_V}<mo>(</mo>{_sub('<mi>t</mi>', '<mn>0</mn>')}<mo>)</mo></mrow>",
    start_step: _sub("<mi>t</mi>", "<mn>0</mn>"),
    attention_signal: _sub(_A, _word("signal")),
    attention_noise: _sub(_A, _word("noise")),
    attention: f'<mover accent="true">{_A}<mo>¯</mo></mover>',
    attention_test: _sub(f'<mover accent="true">{_A}<mo>¯</mo></mover>', _word("test")),
    true_label: _HAT_Y,
    margin: f"<mrow>{_HAT_Y}<mi>f</mi></mrow>",
    clean: _sub("<mi>n</mi>", _word("clean")),
    flipped: _sub("<mi>n</mi>", _word("flipped")),
}
"""MathML of the symbols in `LATEX_NAMES` and `STATE_LATEX`; the rest follow SymPy's rules."""


#: The sign as SymPy's printer writes it, and as this printer does.
_INVISIBLE_TIMES = ("&InvisibleTimes;", "\u2062")


class _Printer(MathMLPresentationPrinter):  # type: ignore[misc]  # sympy ships no types
    """SymPy's printer with the field's names, e^(-x) as a factor, and t - T1 in that order."""

    def _print_Symbol(self, sym: Symbol, style: str = "plain") -> Any:
        if sym in MATHML_NAMES:
            return self.dom.importNode(parseString(MATHML_NAMES[sym]).documentElement, True)
        return super()._print_Symbol(sym, style)

    def _print_exp(self, expr: Expr) -> Any:
        return self._raised(self._leaf("mi", "e"), expr.args[0])

    def _print_Pow(self, expr: Expr) -> Any:
        base = self._print(expr.base) if isinstance(expr.base, Symbol) else None
        if base is not None and base.tagName == "msub" and expr.exp.is_Integer and expr.exp > 0:
            both = self.dom.createElement("msubsup")
            for part in (*list(base.childNodes), self._print(expr.exp)):
                both.appendChild(part)
            return both
        return super()._print_Pow(expr)

    def _print_Mul(self, expr: Expr) -> Any:
        decays = [factor for factor in expr.args if isinstance(factor, exp)]
        others = [factor for factor in expr.args if not isinstance(factor, exp)]
        if not decays or not others:
            return self._dotted(super()._print_Mul(expr))
        row = self.dom.createElement("mrow")
        rest = Mul(*others)
        row.appendChild(self._bracketed(rest) if isinstance(rest, Add) else self._print(rest))
        for decay in decays:
            row.appendChild(self._leaf("mo", "\u2062"))  # invisible times
            row.appendChild(self._print(decay))
        return row

    def _dotted(self, row: Any) -> Any:
        """The product with a visible dot before each factor that starts with a digit."""
        for sign, factor in zip(row.childNodes, row.childNodes[1:], strict=False):
            if sign.tagName == "mo" and _text(sign) in _INVISIBLE_TIMES and _starts_digit(factor):
                sign.replaceChild(self.dom.createTextNode("\u22c5"), sign.firstChild)
        return row

    def _print_Add(self, expr: Expr, order: str | None = None) -> Any:
        row = self.dom.createElement("mrow")
        terms = self._as_ordered_terms(expr, order=order)
        for rank, term in enumerate(sorted(terms, key=lambda x: x.could_extract_minus_sign())):
            negative = bool(term.could_extract_minus_sign())
            if rank or negative:
                row.appendChild(self._leaf("mo", "−" if negative else "+"))
            shown = -term if negative else term
            row.appendChild(self._bracketed(shown) if shown.is_Add else self._print(shown))
        return row

    def _raised(self, base: Any, power: Expr) -> Any:
        raised = self.dom.createElement("msup")
        raised.appendChild(base)
        raised.appendChild(self._print(power))
        return raised

    def _bracketed(self, expr: Expr) -> Any:
        row = self.dom.createElement("mrow")
        for part in (self._leaf("mo", "("), self._print(expr), self._leaf("mo", ")")):
            row.appendChild(part)
        return row

    def _leaf(self, tag: str, text: str) -> Any:
        leaf = self.dom.createElement(tag)
        leaf.appendChild(self.dom.createTextNode(text))
        return leaf


def _text(leaf: Any) -> str:
    return str(leaf.firstChild.data)


def _starts_digit(drawn: Any) -> bool:
    """Whether a drawn formula starts with a digit, on the line or raised before a root."""
    while drawn.tagName not in ("mn", "msqrt"):
        # a root's index is drawn before it
        inner = drawn.lastChild if drawn.tagName == "mroot" else drawn.firstChild
        if inner is None or inner.nodeType != drawn.ELEMENT_NODE:
            return False
        drawn = inner
    return bool(drawn.tagName == "mn")


def expr_mathml(expr: Expr) -> str:
    """Presentation MathML of an expression, without the ``math`` element around it.

    >>> from ..symbols import mu, sigma_p
    >>> expr_mathml(sigma_p**2)
    '<msubsup><mi>σ</mi><mi>p</mi><mn>2</mn></msubsup>'
    """
    text = str(_Printer()._print(expr).toxml()).replace("<mo>-</mo>", "<mo>−</mo>")
    # HTML knows the printer's named entities, strict XML only these three
    return re.sub(r"&(?!lt;|gt;|amp;)\w+;", lambda entity: unescape(entity[0]), text)


def quantity_mathml(quantity: str) -> str:
    """MathML of a quantity's name.

    >>> quantity_mathml("test_error")
    '<mtext>test error</mtext>'
    """
    return _word(quantity.replace("_", " "))


def statement_mathml(left: str, relation: str, right: str) -> str:
    """Two sides and their relation sign as one ``math`` element.

    Args:
        left: MathML.
        relation: ``">="``, ``"<="``, ``"<"`` or ``"="``.
        right: MathML.

    >>> statement_mathml("<mi>p</mi>", "<", "<mn>1</mn>")
    '<math display="block"><mrow><mi>p</mi><mo>&lt;</mo><mn>1</mn></mrow></math>'
    """
    sign = MATHML_RELATIONS[relation]
    return f'<math display="block"><mrow>{left}<mo>{sign}</mo>{right}</mrow></math>'
