"""Formulas in notebooks, reports and docs, as LaTeX."""

from functools import lru_cache

from sympy import Expr, latex

from ..state import STATE_LATEX
from ..symbols import LATEX_NAMES

RELATIONS = {">=": r"\ge", "<=": r"\le", "<": "<"}
"""LaTeX of the relation signs used by bounds and conditions."""


@lru_cache(maxsize=512)
def expr_latex(expr: Expr) -> str:
    r"""LaTeX of an expression, with the field's names for norms.

    >>> from ..symbols import mu, w
    >>> print(expr_latex(mu * w))
    \|\mu\| \|w_O\|
    """
    try:
        return str(latex(expr, symbol_names={**LATEX_NAMES, **STATE_LATEX}))
    except ValueError:
        # to place a fraction, SymPy's printer tries x = 0, on which Max(x, 1/x) fails
        text = str(expr).replace("_", r"\_")
        return rf"\mathtt{{{text}}}"


def quantity_latex(quantity: str) -> str:
    r"""LaTeX of a quantity's name.

    >>> print(quantity_latex("test_error"))
    \mathrm{test\ error}
    """
    return rf"\mathrm{{{quantity}}}".replace("_", r"\ ")


def display(latex_text: str) -> str:
    """The form Jupyter renders through ``_repr_latex_``."""
    return rf"$\displaystyle {latex_text}$"
