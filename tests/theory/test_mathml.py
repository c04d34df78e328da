"""MathML of products: numbers beside numbers stay apart."""

from xml.dom.minidom import parseString

import pytest

from bofcheck.theory import SYMBOLS, parse_expression
from bofcheck.theory.rendering.mathml import expr_mathml

TIMES, DOT = "\u2062", "\u22c5"


def shown(text: str) -> str:
    """All that is drawn, in order, raised or not."""

    def words(node):
        return (
            node.data if node.nodeType == node.TEXT_NODE else "".join(map(words, node.childNodes))
        )

    return words(parseString(expr_mathml(parse_expression(text, SYMBOLS))))


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("2*3**t + 1", f"2{DOT}3t+1"),
        ("5*2**t*N", f"5{DOT}2t{TIMES}N"),
        ("N*2**t*7**p", f"2t{DOT}7p{TIMES}N"),
        ("2000000*7**(t/2)", f"2000000{DOT}7t2"),
        ("5*2**(1/3)", f"5{DOT}23"),
        ("5*N**(1/3)", f"5{DOT}N3"),  # the 3 stands raised before the root
        ("2*3**t/(5*7**t)", f"2{DOT}3t5{DOT}7t"),
        ("2*3**t*exp(-t)", f"2{DOT}3t{TIMES}e−t"),
        ("-2*3**t", f"−2{DOT}3t"),
        ("5*sqrt(2)", f"5{TIMES}2"),
        ("2*N*d", f"2{TIMES}N{TIMES}d"),
        ("6*Abs(2 - t)", f"6{TIMES}|t−2|"),
        ("2*Max(3, t)", f"2{TIMES}max(3,t)"),
    ],
)
def test_a_factor_that_begins_with_a_digit_has_a_dot_before_it(text, drawn):
    assert shown(text) == drawn
