"""Numbers of a theorem as figures write them, and axes of ratios and of very small numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.mathtext import MathTextParser
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from sympy import Symbol

from ...theory.rendering.latex import expr_latex
from ...theory.symbols import SYMBOLS
from .panels import literal
from .style import TEXT

#: Decades from which an axis of logarithms has a logarithmic scale itself.
_DEEP = 40.0
#: Range of a number from which its axis is written in powers of ten.
_WIDE = 3e3
#: Decades from which ratios are written as powers of ten.
_DECADES = 4.0
#: Ticks of an axis of ratios, at most.
_TICKS = 6


@cache
def symbol_label(name: str) -> str:
    r"""A number's name as a formula; letter by letter where matplotlib cannot draw it.

    >>> symbol_label("sigma_p"), symbol_label("lam"), symbol_label("t")
    ('$\\sigma_{p}$', '$\\mathrm{lam}$', '$t$')
    """
    if not name.isidentifier():
        return literal(name)
    drawn = expr_latex(SYMBOLS.get(name, Symbol(name)))
    if drawn == name and len(name) > 1:  # several letters are a word, not a product
        drawn = rf"\mathrm{{{name}}}"
    return formula_label(drawn, name)


def formula_label(latex: str, plain: str) -> str:
    r"""A formula, or its plain text where matplotlib cannot draw it.

    >>> formula_label(r"\frac{N}{d}", "N/d"), formula_label(r"\nonsense{", "N/d")
    ('$\\frac{N}{d}$', 'N/d')
    """
    text = f"${latex}$"
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return literal(plain)
    return text


def with_symbols(text: str, names: Sequence[str]) -> str:
    r"""A text in which the names of numbers are written as formulas.

    >>> with_symbols("it varies together with d_h, eta", ["eta", "d_h"])
    'it varies together with $d_{h}$, $\\eta$'
    """
    words = re.split(r"(\W+)", text)
    return "".join(symbol_label(word) if word in names else literal(word) for word in words)


def number_axis(ax: Axes, name: str, low: float, high: float) -> None:
    """A horizontal axis of a number: logarithmic, with few ticks, named by its symbol.

    Args:
        ax: the panel.
        name: what is written under it.
        low: smallest value; the axis is linear if it is not positive.
        high: largest value.
    """
    ax.set_xlabel(name, fontsize=TEXT)
    ax.xaxis.set_minor_locator(NullLocator())
    if low <= 0:
        ax.xaxis.set_major_locator(MaxNLocator(3))
        return
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(few_ticks(low, high)))
    ax.xaxis.set_minor_locator(NullLocator())
    wide = high / low >= _WIDE
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: power_of_ten(value) if wide else plain_number(value))
    )


def few_ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Two or more, and where possible no more than a few, round numbers on a log axis.

    >>> few_ticks(0.1, 0.4), few_ticks(20, 3000), few_ticks(1, 1e9)
    ([0.1, 0.3], [100.0, 1000.0], [1.0, 100.0, 10000.0, 1000000.0, 100000000.0])
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    subs: tuple[float, ...]
    for subs in ((1,), (1, 3), (1, 2, 4), (1, 1.5, 2, 3, 4, 6, 8), tuple(range(10, 100))):
        unit = 0.1 if len(subs) > 10 else 1.0
        ticks = [
            float(f"{sub * unit * 10.0**power:.3g}")
            for power in range(first - 1, last + 1)
            for sub in subs
        ]
        ticks = [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
        if len(ticks) > 1:
            break
    apart, kept = math.log(high / low) / (most + 0.5), ticks[:1]
    for tick in ticks[1:]:
        if math.log(tick / kept[-1]) >= apart:
            kept.append(tick)
    return kept


def plain_number(value: float) -> str:
    r"""A number on an axis, with a power of ten if it is long.

    >>> plain_number(0.05), plain_number(20000.0), plain_number(2e9)
    ('0.05', '$2{\\times}10^{4}$', '$2{\\times}10^{9}$')
    """
    if 1e-3 <= abs(value) < 1e4 or value == 0:
        return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
    return power_of_ten(value)


def power_of_ten(value: float) -> str:
    r"""A number as a multiple of a power of ten.

    >>> power_of_ten(1000.0), power_of_ten(0.02)
    ('$10^{3}$', '$2{\\times}10^{-2}$')
    """
    power = math.floor(math.log10(abs(value)))
    head = f"{value / 10.0**power:.3g}"
    return f"$10^{{{power}}}$" if head == "1" else f"${head}{{\\times}}10^{{{power}}}$"


def ratio_axis(axis: Axis, low: float, high: float) -> None:
    """Ticks of an axis of log10 ratios, written as factors.

    Args:
        axis: whose data are logarithms to base 10.
        low: its lower end.
        high: its upper end.
    """
    axis.set_minor_locator(NullLocator())
    if high - low < _DECADES and max(abs(low), abs(high)) < _DEEP:
        ticks = few_ticks(10**low, 10**high, _TICKS)
        axis.set_major_locator(FixedLocator([math.log10(tick) for tick in ticks]))
        axis.set_major_formatter(FuncFormatter(lambda log, _: plain_number(10**log)))
        return
    axis.set_major_locator(MaxNLocator(_TICKS, integer=True, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda log, _: f"$10^{{{log:.0f}}}$"))


def small_axes(ax: Axes, low: float, high: float) -> None:
    """Both axes of log10 values from low to high, equal, written as powers of ten.

    Where they reach far down the logarithms have a logarithmic scale, so that what lies near 1 and
    what lies near 1e-1000 can both be seen.
    """
    pad = 0.04 * (high - low) or 0.5
    for axis, scale, limit in (
        (ax.xaxis, ax.set_xscale, ax.set_xlim),
        (ax.yaxis, ax.set_yscale, ax.set_ylim),
    ):
        if high - low > _DEEP and low < -_DEEP:
            scale("symlog", linthresh=1.0, linscale=0.5)
            limit(1.3 * low, max(1.3 * high, 0.5))
            sparse = 2 if axis is ax.xaxis else 1
            axis.set_major_locator(FixedLocator(_deep_ticks(low, high, sparse)))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(FuncFormatter(lambda log, _: f"$10^{{{log:g}}}$"))
        else:
            limit(low - pad, high + pad)
            ratio_axis(axis, low, high)


def _deep_ticks(low: float, high: float, sparse: int) -> list[float]:
    down = range(math.floor(math.log10(-low)), 0 if sparse > 1 else -1, -sparse)
    return [*(-(10.0**power) for power in down), 0.0, *([10.0] if high > 10 else [])]
