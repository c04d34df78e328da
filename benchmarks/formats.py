"""Numbers, times, sizes and tables in the form the docs show."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table, with an empty line after it.

    >>> table(["a", "b"], [["1", "2"]])
    ['| a | b |', '|---|---|', '| 1 | 2 |', '']
    """
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return [lines[0], "|" + "---|" * len(head), *lines[1:], ""]


def number(value: float) -> str:
    """Three significant digits, thousands in full.

    >>> number(0.51234), number(12.34), number(12345.6)
    ('0.512', '12.3', '12,346')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def duration(seconds: float) -> str:
    """A time in the unit that suits it.

    >>> duration(2.9e-6), duration(0.00236), duration(12.0)
    ('2.9 µs', '2.36 ms', '12 s')
    """
    for factor, unit in ((1e6, "µs"), (1e3, "ms")):
        if seconds * factor < 1000:
            return f"{number(seconds * factor)} {unit}"
    return f"{number(seconds)} s"


def size(count: float) -> str:
    """Bytes in the unit that suits them.

    >>> size(24e12), size(6.3e9), size(255e6)
    ('24 TB', '6.3 GB', '255 MB')
    """
    for factor, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if count >= factor:
            return f"{number(count / factor)} {unit}"
    return f"{number(count / 1e3)} kB"


def dimension(dim: int) -> str:
    """A number, written as a power of ten from 10⁵ on.

    >>> dimension(2048), dimension(10**6)
    ('2048', '10⁶')
    """
    zeros = len(str(dim)) - 1
    if zeros >= 5 and dim == 10**zeros:
        return "10" + str(zeros).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return str(dim)
