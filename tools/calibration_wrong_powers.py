"""The part of the calibration page on bounds: true ones kept, wrong powers of them rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bofcheck.compare.statistics.binomial import exact_bounds

Line = Mapping[str, Any]
Table = Callable[[Iterable[str], Iterable[Iterable[object]]], str]

#: What a power is wrong by, and its name in a table's head.
_SIZES = {"0.25": "off by ¼", "0.5": "off by ½", "1": "off by 1", "left out": "left out"}
#: Verdicts that say of a true bound that it is false.
_WRONG = ("VIOLATED", "ERODES", "ERROR")
_DESIGNS = {"together": "two numbers that grow together", "two values": "a number of two values"}
_USUAL_FOLD, _USUAL_SCATTER = 10, 1

_TEXT = """
## Bounds: true ones kept, wrong powers rejected

Curves are drawn from laws of different form, nine cells of 24 runs on a grid of two numbers, and
judged as a user's curves are. The scatter between runs is a factor on 0.1 in log units; each
number varies by the fold. A wrong power multiplies the bound, or its exponent, by a symbol to that
power, in the direction that makes it false. Rejected means that the verdict on the changed bound
would not be HOLDS.
"""


def wrong_powers_section(lines: list[Line], table: Table) -> list[str]:
    """The section's paragraphs.

    Args:
        lines: of the document.
        table: writes a Markdown table from its head and its rows.
    """
    grid = [line for line in lines if line["design"] == "grid"]
    usual = [line for line in grid if line["fold"] == _USUAL_FOLD]
    laws = list(dict.fromkeys(line["law"] for line in grid))
    folds, scatters = (sorted({line[key] for line in grid}) for key in ("fold", "scatter"))
    sizes = list(_SIZES.values())
    return [
        _TEXT,
        "True bounds, all folds and scatters. A true bound that is INCONCLUSIVE has too few "
        "runs on which it says something; one that is VACUOUS says nothing on most of them.\n",
        table(
            ("law", "called false", "HOLDS", "of these a weak test", "INCONCLUSIVE", "VACUOUS"),
            [(law, *_kept(_of(grid, law=law))) for law in laws] + [("all", *_kept(grid))],
        ),
        "\nThe same by fold and scatter, all laws:\n",
        table(
            ("fold", "scatter", "called false", "HOLDS", "of these a weak test", "INCONCLUSIVE",
             "VACUOUS"),
            [
                (f"{fold:g}", f"{scatter:g}", *_kept(_of(grid, fold=fold, scatter=scatter)))
                for fold in folds for scatter in scatters
            ],
        ),
        "\nWrong powers rejected, by fold and scatter, all laws:\n",
        table(
            ("fold", "scatter", *sizes),
            [
                (f"{fold:g}", f"{scatter:g}", *_found(_of(grid, fold=fold, scatter=scatter)))
                for fold in folds for scatter in scatters
            ],
        ),
        f"\nBy law, at a fold of {_USUAL_FOLD} and every scatter. A number that is left out of a "
        "sum or of a logarithm may change it by little, or not as a power: then the nine cells do "
        "not tell. The constants of a sum take up a power of ¼.\n",
        table(
            ("law", *sizes),
            [(law, *_found(_of(usual, law=law))) for law in laws] + [("all", *_found(usual))],
        ),
        "\nDesigns that cannot tell a power, at a fold of 10: the number must be *untested*, and "
        "the true bound must not be called false.\n",
        table(
            ("design", "said of the number", "called false", "HOLDS", "of these a weak test"),
            [
                (name, _untested(_of(lines, design=design)), *_kept(_of(lines, design=design))[:3])
                for design, name in _DESIGNS.items()
            ],
        ),
        "\nIntervals of the powers of room, all folds and scatters: how often the 95% interval of "
        "a power contains the law's, and how often all those behind a shape do, which miss in 5% "
        "together.\n",
        table(
            ("law", "time", "numbers", "all of a shape"),
            [(law, *_covered(_of(grid, law=law))) for law in laws] + [("all", *_covered(grid))],
        ),
    ]  # fmt: skip


def _of(lines: Iterable[Line], **wanted: object) -> list[Line]:
    return [line for line in lines if all(line[key] == value for key, value in wanted.items())]


def _share(hits: int, tried: int) -> str:
    """A share with its exact 95% interval."""
    if not tried:
        return "not tried"
    low, high = exact_bounds(hits, tried, 0.025)
    return f"{100 * hits / tried:.1f}% ({100 * low:.1f} to {100 * high:.1f})"


def _kept(lines: list[Line]) -> tuple[str, ...]:
    """Called false, HOLDS, weak among these, INCONCLUSIVE and VACUOUS."""
    seen: Counter[str] = Counter()
    for line in lines:
        seen.update(line["statuses"])
    weak = seen.pop("WEAK", 0)
    total = seen.total()
    return (
        _share(sum(seen[status] for status in _WRONG), total),
        _share(seen["HOLDS"], total),
        _share(weak, seen["HOLDS"]),
        _share(seen["INCONCLUSIVE"], total),
        _share(seen["VACUOUS"], total),
    )


def _found(lines: list[Line]) -> list[str]:
    """By size, the share that is rejected."""
    hits: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for line in lines:
        for one in line["rejected"]:
            hits[one["size"]] += one["rejected"]
            tried[one["size"]] += one["tried"]
    return [_share(hits[size], tried[size]) for size in _SIZES]


def _untested(lines: list[Line]) -> str:
    """How often the numbers that a design cannot tell are said to be untested."""
    words: Counter[str] = Counter()
    for line in lines:
        for name in line["untold"]:
            for said, times in line["words"].items():
                number, word = said.split(": ")
                words[word] += times * (number == name)
    return f"untested in {_share(words['untested'], words.total())}"


def _covered(lines: list[Line]) -> list[str]:
    """Of time, of the numbers, and of a whole shape."""
    hits: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for line in lines:
        for one in line["covered"]:
            kind = {"t": "time", "": "all"}.get(one["number"], "numbers")
            hits[kind] += one["covered"]
            of[kind] += one["intervals"]
    return [_share(hits[kind], of[kind]) for kind in ("time", "numbers", "all")]
