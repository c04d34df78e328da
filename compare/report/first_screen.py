"""The digest of a report on a terminal: at most one screen; the ledger is printed on request."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ..._visible import visible
from ..verdict import Scope, Status
from .digest import Digest, Line, TheoremDigest
from .headline import Headline
from .terminal import STYLE, WEAK
from .wording import written

_SCOPE = {
    Scope.INSIDE: "inside",
    Scope.OUTSIDE: "outside",
    Scope.BOTH: "inside and outside",
}
#: The origins in short.
_SHORT = {
    "reconstructed, or recalled from its sources": "reconstructed or recalled",
    "derived here": "derived",
    "checks of this study": "checks",
}
_INDENT = " " * 10


def print_digest(
    found: Digest,
    console: Console,
    files: Iterable[Path] = (),
    further: Iterable[str] = (),
    assumption: str = "Assumption 4.1",
) -> None:
    """Print what was found of each theorem, the limit, the counts, and where the rest is.

    Args:
        found: the digest.
        console: where to print; it decides on colour and width.
        files: the files to look at first.
        further: commands, each with what it shows or decides.
        assumption: what cells must meet to be inside.
    """
    for theorem in found.theorems:
        _print_theorem(theorem, found.harm, console)
        console.print()
    for text in (
        _where(found.theorems, assumption),
        found.predicted,
        _doubts(found),
        _counts(found.origins),
    ):
        if text:
            _fill(console, f"{text[:1].upper()}{text[1:]}.", "  ")
    for path in files:
        console.print(Text(str(path), overflow="fold"), soft_wrap=True)
    for text in further:
        _fill(console, text, "  ")


def _print_theorem(theorem: TheoremDigest, harm: str, console: Console) -> None:
    _fill(console, f"{theorem.title} {theorem.sentence}", "  ", style="bold")
    last = ""
    for line in theorem.lines:
        part = "" if line.part == last else line.part
        _fill(console, f"  {part:<7} {_told(line, theorem.scope is not None)}", _INDENT)
        last = line.part
    told = harm if any(line.claim.id == "H8" for line in theorem.failing) else ""
    for line in theorem.failing:
        if not (told and line.claim.id == "H8"):
            _fill(console, f"  {line.claim.id:<7} {_failure(line, console.width)}", _INDENT)
    if told:
        _fill(console, f"  H8      VIOLATED: {told}", _INDENT)


def _told(line: Line, shared: bool) -> str:
    """A claim's verdict, what it rests on, and its id; of a stage the scope, if scopes differ."""
    staged = line.part.startswith("stage") and not shared
    about = f"{line.claim.id}, {_SCOPE[line.claim.scope]}" if staged else line.claim.id
    beside = "".join(f"; derived {claim.word} ({claim.id})" for claim in line.beside)
    return f"{line.claim.word}: {line.text} ({about}){beside}"


def _where(theorems: Sequence[TheoremDigest], assumption: str) -> str:
    """Which problems meet the assumption, and on which the stages were decided."""
    told = []
    for theorem in theorems:
        scope = _SCOPE.get(theorem.scope) if theorem.scope else None
        what = f"{theorem.inside} of {theorem.cells} problems of {theorem.short}"
        told.append(f"{what} (stages decided {scope})" if scope else what)
    return f"inside {assumption}: {', '.join(told)}" if told else ""


def _doubts(found: Digest) -> str:
    """The other claims that fail."""
    ids = dict.fromkeys(claim for theorem in found.theorems for claim in theorem.doubted)
    return f"on mechanism, proof and beyond fail: {', '.join(ids)}" if ids else ""


def _counts(origins: Iterable[Headline]) -> str:
    """How many sentences of each origin hold and fail."""
    told = []
    for line in origins:
        holds = line.counts.get(Status.HOLDS, 0)
        fails = sum(line.counts.get(status, 0) for status in (Status.VIOLATED, Status.ERODES))
        name = _SHORT.get(line.title, line.title)
        told.append(f"{holds} and {fails} of {line.sentences} {name}")
    return f"sentences that hold and fail: {', '.join(told)}" if told else ""


def _failure(line: Line, width: int) -> str:
    """What fails, and why if two lines can hold that."""
    said = f"{line.claim.word}: {line.claim.statement}"
    whole = f"{said}: {line.text}"
    return whole if len(whole) <= 2 * (width - len(_INDENT)) - 4 else said


def _fill(console: Console, text: str, indent: str = "", style: str = "") -> None:
    """Text in lines of the console's width, verdicts in their colours."""
    lines = textwrap.fill(
        written(visible(text)), max(console.width, 40), subsequent_indent=indent,
        break_on_hyphens=False, break_long_words=True,
    )  # fmt: skip
    shown = Text(lines, style=style)
    for status in Status:
        shown.highlight_regex(rf"\b{status.value}\b", STYLE[status])
    shown.highlight_regex(r"HOLDS \(weak test[^)]*\)", WEAK)
    console.print(shown)
