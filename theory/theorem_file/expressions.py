"""Parse text into a SymPy expression by a whitelist: nothing in the text is ever executed.

Python's own parser turns the text into a syntax tree and nothing more; this module walks the tree
and builds SymPy objects node by node. What is not listed here is refused by name: attributes,
calls of anything but the functions below, strings, subscripts, lambdas, comparisons within
expressions. Length, depth, exponents and every number are limited, so that no text can keep SymPy
busy; an expression that is certainly not a real number is refused too. Names of numbers are
replaced while the tree is walked, so that every check sees the formula with its numbers.

>>> from ..symbols import SYMBOLS
>>> parse_expression("p + C2*exp(-k2*eta*t)", SYMBOLS)
C2*exp(-eta*k2*t) + p
>>> parse_expression("__import__('os').system('ls')", SYMBOLS)
Traceback (most recent call last):
    ...
bofcheck.theory.errors.ExpressionError: "__import__('os').system('ls')": character "'" ...
"""

import ast
import keyword
import re
import string
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Literal

from sympy import (
    Abs,
    Expr,
    Float,
    Integer,
    Max,
    Min,
    Number,
    Rational,
    erfc,
    exp,
    log,
    pi,
    sqrt,
)

from ..errors import ExpressionError, TheoremFileError, TheoryError, nearest_hint
from ..evaluation.limits import (
    MAX_EXPONENT,
    MAX_NUMBER,
    NOT_REAL,
    is_fine,
    not_real,
    size_of,
    why_beyond,
)

#: Characters of an expression, nested brackets, and nodes of its tree, at most.
MAX_LENGTH, MAX_DEPTH, MAX_NODES = 1000, 40, 200

FUNCTIONS: dict[str, Callable[..., Expr]] = {
    "exp": exp, "log": log, "sqrt": sqrt, "erfc": erfc,
    "Abs": Abs, "abs": Abs, "Max": Max, "max": Max, "Min": Min, "min": Min,
}  # fmt: skip
"""What may be called in an expression."""

#: Functions under other names.
MEANT = {"ln": "log", "Log": "log", "Exp": "exp", "root": "sqrt", "fabs": "Abs"}

CONSTANT_NAMES: dict[str, Expr] = {"pi": pi}
"""Numbers that have a name."""

_ALLOWED = frozenset(string.ascii_letters + string.digits + "_+-*/().,<>= \t\n")
_SEVERAL = ("Max", "max", "Min", "min")

Relation = Literal[">=", "<=", "<"]


def parse_expression(text: str, names: Mapping[str, Expr]) -> Expr:
    """The expression a text describes.

    Args:
        text: numbers, the given names, ``pi``, ``+ - * / **``, brackets and the functions in
            `FUNCTIONS`.
        names: the symbol or number behind each name.

    Returns:
        A SymPy expression; decimal numbers become exact fractions.

    Raises:
        ExpressionError: one line with the text, the part that is not allowed, and what is allowed.

    Example:
        >>> from bofcheck.theory import SYMBOLS, evaluate
        >>> excess = parse_expression("C2*exp(-0.5*eta*t)", SYMBOLS)
        >>> excess, evaluate(excess, {"C2": 0.4, "eta": 0.1, "t": [0, 20]}).round(4)
        (C2*exp(-eta*t/2), array([0.4   , 0.1472]))
    """
    return _Builder(text, names).expression(_tree(text))


def parse_comparison(text: str, names: Mapping[str, Expr]) -> tuple[Expr, Relation, Expr]:
    """Left side, relation and right side of one inequality.

    Args:
        text: two expressions with ``>=``, ``<=`` or ``<`` between them.
        names: as in :func:`parse_expression`.

    Raises:
        ExpressionError: as in :func:`parse_expression`, or there is not exactly one inequality.

    >>> from ..symbols import SYMBOLS
    >>> parse_comparison("N*mu**2 >= 8*sigma_p**2*d", SYMBOLS)
    (N*mu**2, '>=', 8*d*sigma_p**2)
    """
    tree = _tree(text)
    relations: dict[type[ast.cmpop], Relation] = {ast.GtE: ">=", ast.LtE: "<=", ast.Lt: "<"}
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        raise ExpressionError(
            f"{_shown(text)}: write one inequality, left >= right or left <= right"
        )
    relation = relations.get(type(tree.ops[0]))
    if relation is None:
        raise ExpressionError(f"{_shown(text)}: the relation must be >=, <= or <")
    left, right = (
        _Builder(text, names).expression(side) for side in (tree.left, tree.comparators[0])
    )
    return left, relation, right


def _shown(text: str) -> str:
    """The text in quotes, cut where it is long, in plain ASCII."""
    return ascii(text if len(text) <= 60 else f"{text[:57]}...").replace("\\'", "'")


def _tree(text: str) -> ast.expr:
    if not isinstance(text, str):
        raise ExpressionError(f"{_shown(str(text))}: write the expression as text, in quotes")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"{_shown(text)}: {len(text)} characters long, at most {MAX_LENGTH} are allowed"
        )
    for character in text:
        if character not in _ALLOWED:
            name = unicodedata.name(character, "a control character")
            hint = "; write ** for a power" if character == "^" else ""
            raise ExpressionError(
                f"{_shown(text)}: character {character!a} ({name}) is not allowed; "
                f"use plain letters, digits, _ + - * / ( ) . ,{hint}"
            )
    if word := next((w for w in re.findall(r"[A-Za-z_]\w*", text) if keyword.iskeyword(w)), ""):
        raise ExpressionError(f"{_shown(text)}: {_keyword(word)}")
    try:
        return ast.parse(" ".join(text.split()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = error.msg if isinstance(error, SyntaxError) else "too deeply nested"
        raise ExpressionError(f"{_shown(text)}: is not an expression: {why}") from None


class _Builder:
    """Builds SymPy objects from a tree and keeps track of sizes."""

    def __init__(self, text: str, names: Mapping[str, Expr]) -> None:
        self.text, self.names, self.nodes = text, names, 0

    def expression(self, tree: ast.expr) -> Expr:
        try:
            built = self._build(tree, 0)
        except TheoryError:
            raise
        # SymPy may raise anything on odd input; here every such error means bad input.
        except Exception as error:
            raise self._wrong(f"cannot be built: {type(error).__name__}: {error}") from None
        return built

    def _wrong(self, why: str) -> ExpressionError:
        return ExpressionError(f"{_shown(self.text)}: {why}")

    def _build(self, tree: ast.expr, depth: int) -> Expr:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise self._wrong(
                f"too large; at most {MAX_DEPTH} levels and {MAX_NODES} parts are allowed"
            )
        return self._checked(self._part(tree, depth + 1))

    def _part(self, tree: ast.expr, depth: int) -> Expr:
        if isinstance(tree, ast.Constant):
            return self._number(tree.value)
        if isinstance(tree, ast.Name):
            return self._name(tree.id)
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.UAdd | ast.USub):
            inner = self._build(tree.operand, depth)
            return -inner if isinstance(tree.op, ast.USub) else inner
        if isinstance(tree, ast.BinOp):
            left, right = self._build(tree.left, depth), self._build(tree.right, depth)
            return self._binary(tree.op, left, right)
        if isinstance(tree, ast.Call):
            return self._call(tree, depth)
        raise self._wrong(
            f"{_KINDS.get(type(tree), type(tree).__name__.lower())} is not allowed; use numbers, "
            f"names, + - * / ** and {', '.join(FUNCTIONS)}"
        )

    def _number(self, value: object) -> Expr:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(f"{_shown(str(value))} is not a number")
        if abs(value) > MAX_NUMBER or (value != 0 and abs(value) < 1 / MAX_NUMBER):
            raise self._wrong(f"a number is beyond {MAX_NUMBER:g}")
        if isinstance(value, int):
            return Integer(value)
        # 0.1 is meant as a tenth; a fraction with 300 digits is not
        return Rational(repr(value)) if value == 0 or 1e-15 < abs(value) < 1e15 else Float(value)

    def _name(self, name: str) -> Expr:
        if name in self.names:
            return self.names[name]
        if name in CONSTANT_NAMES:
            return CONSTANT_NAMES[name]
        if name in FUNCTIONS:
            raise self._wrong(f"{name} is a function; write {name}(...)")
        hint = " (SNR is mu/(sigma_p*sqrt(d)))" if name.upper() == "SNR" else ""
        known = ", ".join(sorted(self.names))
        near = nearest_hint(name, self.names)
        raise self._wrong(f"unknown name {name}{hint}; known are {known}{near}")

    def _binary(self, operator: ast.operator, left: Expr, right: Expr) -> Expr:
        if isinstance(operator, ast.Add):
            return left + right
        if isinstance(operator, ast.Sub):
            return left - right
        if isinstance(operator, ast.Mult):
            return left * right
        if isinstance(operator, ast.Div):
            if right == 0:
                raise self._wrong("divides by zero")
            return left / right
        if not isinstance(operator, ast.Pow):
            sign = {ast.FloorDiv: "//", ast.LShift: "<<", ast.RShift: ">>"}.get(type(operator), "")
            raise self._wrong(f"operator {sign} is not allowed; use + - * / **".replace("  ", " "))
        if not right.free_symbols and (size_of(right) or 0.0) > MAX_EXPONENT:
            raise self._wrong(f"an exponent is beyond {MAX_EXPONENT}")
        if left.is_negative and right.is_integer is False:
            raise self._wrong(f"a negative number has no real power {right}")
        if left == 0 and not right.is_positive:
            raise self._wrong("divides by zero")
        # an exact root of a number may take forever, an approximate one does not
        return left ** (Float(right) if is_fine(right) and left.atoms(Number) else right)

    def _call(self, tree: ast.Call, depth: int) -> Expr:
        if not isinstance(tree.func, ast.Name) or tree.func.id not in FUNCTIONS:
            called = tree.func.id if isinstance(tree.func, ast.Name) else "this"
            hint = f"; write {MEANT[called]}(...)" if called in MEANT else ""
            raise self._wrong(f"{called}(...) is not allowed; call {', '.join(FUNCTIONS)}{hint}")
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            raise self._wrong(f"{tree.func.id} takes plain arguments only")
        name = tree.func.id
        if name in _SEVERAL:
            if not 2 <= len(tree.args) <= 6:
                raise self._wrong(f"{name} takes 2 to 6 arguments")
        elif len(tree.args) != 1:
            raise self._wrong(f"{name} takes one argument")
        first, *rest = (self._build(argument, depth) for argument in tree.args)
        if (name == "log" and first.is_nonpositive) or (name == "sqrt" and first.is_negative):
            raise self._wrong(f"{name} of {first}, which is not above 0, is not a real number")
        return FUNCTIONS[name](first, *rest)

    def _checked(self, built: Expr) -> Expr:
        """Refuse what is not a real number, and numbers beyond the limits."""
        if not_real(built):
            raise self._wrong(NOT_REAL)
        beyond = why_beyond(built)
        if beyond:
            raise self._wrong(beyond)
        return built


_KINDS: dict[type[Any], str] = {
    ast.Attribute: "an attribute (a dot between names)",
    ast.Lambda: "a lambda",
    ast.Compare: "a comparison",
    ast.Tuple: "a comma",
    ast.Starred: "a star before a name",
    ast.NamedExpr: ":=",
    ast.BoolOp: "and/or",
    ast.IfExp: "if/else",
    ast.UnaryOp: "not",
    ast.GeneratorExp: "for",
    ast.Await: "await",
    ast.Yield: "yield",
}


def _keyword(word: str) -> str:
    """What is said of a name that Python keeps for itself."""
    other = "lam" if word == "lambda" else f"{word}_0"
    return f"{word} is a Python keyword; choose another name, such as {other}"


def check_symbol_name(name: str, where: str) -> None:
    """Refuse names that Python or the expression language needs for itself.

    Args:
        name: of a symbol, constant or event.
        where: the table that holds it, for the message.

    Raises:
        TheoremFileError: saying which of the two needs it.
    """
    if keyword.iskeyword(name):
        raise TheoremFileError(f"{where}.{name}: {_keyword(name)}")
    # SymPy draws what follows two underscores as a power
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,30}", name) or "__" in name:
        raise TheoremFileError(
            f"{where}.{name}: cannot be a symbol; use letters, digits and single _"
        )
    if name in FUNCTIONS or name in CONSTANT_NAMES:
        raise TheoremFileError(
            f"{where}.{name}: already has a meaning in formulas; choose another name"
        )
