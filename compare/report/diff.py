"""`diff_reports`: the differences between two reports."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..verdict import Status

#: The fields of a claim that are compared as words, and those compared as numbers.
_WORDS = ("verdict", "scope", "provenance")
_NUMBERS = ("statistic", "threshold", "tightness")
#: The fields of the provenance that vary from run to run even if the numbers do not.
_VARIES = ("train_seconds",)


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        part: ``"verdict"``, ``"shape"``, ``"number"``, ``"constant"``, ``"cell"`` or
            ``"provenance"``.
        name: the claim, constant or cell, e.g. ``"B2 (benign)"``.
        what: which of its values; empty if it is missing from one report altogether.
        before: the value in the first report, None if it is absent.
        after: the value in the second report.
        relative: their distance over the larger of the two, None unless both are numbers.

    Example:
        >>> Change("number", "B2 (benign)", "statistic", 0.04, 0.05, 0.2).line()
        'B2 (benign): statistic 0.04 -> 0.05 (20%)'
    """

    part: str
    name: str
    what: str
    before: Any
    after: Any
    relative: float | None = None

    def line(self) -> str:
        """One line for people.

        >>> Change("cell", "b-new (benign)", "", None, "added").line()
        'b-new (benign): added'
        """
        if not self.what:
            return f"{self.name}: {'added' if self.before is None else 'removed'}"
        shift = "" if self.relative is None else f" ({_percent(self.relative)})"
        return f"{self.name}: {self.what} {_brief(self.before)} -> {_brief(self.after)}{shift}"


@dataclass(frozen=True)
class ReportDiff:
    """All differences between two reports.

    Attributes:
        changes: in the order of the reports.
        tolerance: relative change of a number up to which it counts as equal.

    Example:
        >>> claim = {"id": "B2", "regime": "benign", "verdict": "HOLDS", "statistic": 0.04}
        >>> diff = diff_reports({"claims": [claim]}, {"claims": [{**claim, "statistic": 0.05}]})
        >>> diff.equal, [(c.what, round(c.relative, 3)) for c in diff.part("number")]
        (False, [('statistic', 0.2)])
    """

    changes: tuple[Change, ...]
    tolerance: float

    @property
    def equal(self) -> bool:
        """Whether all but the provenance is equal."""
        return all(change.part == "provenance" for change in self.changes)

    def part(self, name: str) -> list[Change]:
        """The changes of one part."""
        return [change for change in self.changes if change.part == name]

    def lines(self) -> list[str]:
        """All changes as text, part by part; a single line if nothing differs."""
        lines = []
        for name, title in _TITLES.items():
            changes = self.part(name)
            if changes:
                many = name == "cell" and len(changes) > _FEW
                listed = _grouped(changes) if many else [change.line() for change in changes]
                lines += [f"{title} ({len(changes)})", *(f"  {line}" for line in listed)]
        return lines or ["no difference"]

    def as_dict(self) -> dict[str, Any]:
        """The differences, JSON-ready."""
        return {
            "format": "bofcheck diff",
            "equal": self.equal,
            "tolerance": self.tolerance,
            "changes": [vars(change) for change in self.changes],
        }


_TITLES = {
    "verdict": "verdicts that changed",
    "shape": "shapes of bounds that changed",
    "number": "numbers that moved",
    "constant": "constants that differ",
    "cell": "cells that differ",
    "provenance": "made with",
}

#: Up to this many changes of cells are listed one by one; more are grouped by what changed.
_FEW = 12


def _grouped(changes: Sequence[Change]) -> list[str]:
    """Cells grouped by the fields that differ, without the values."""
    fields: dict[str, list[str]] = {}
    for change in changes:
        what = change.what or ("added" if change.before is None else "removed")
        fields.setdefault(change.name, []).append(what)
    groups: dict[str, list[str]] = {}
    for name, whats in fields.items():
        groups.setdefault(", ".join(whats), []).append(name)
    return [f"{what}: {_some(names)}" for what, names in groups.items()]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _FEW // 2
    shown = ", ".join(names[: _FEW // 2])
    return shown if more <= 0 else f"{shown} and {more} more"


def diff_reports(
    before: Mapping[str, Any], after: Mapping[str, Any], *, tolerance: float = 0.0
) -> ReportDiff:
    r"""Compare two reports.

    Compared are the verdict, scope, tag and numbers of every claim, whether its test is a weak one,
    and of a bound the word for each power of its room and how many wrong powers are rejected;
    fitted and widened constants, and why the rest could not be fitted; cells and their problems;
    and the provenance of both except training time. Reasons, evidence and worst cells are not
    compared.

    Args:
        before: a report, or a part of it with the same keys.
        after: another report; a part that either lacks is not compared.
        tolerance: relative change of a number up to which it counts as equal.

    Example:
        >>> claim = {"id": "B2", "regime": "benign", "verdict": "HOLDS", "statistic": 0.04}
        >>> other = {**claim, "verdict": "VIOLATED", "statistic": 0.0401}
        >>> print(*diff_reports({"claims": [claim]}, {"claims": [other]}).lines(), sep="\n")
        verdicts that changed (1)
          B2 (benign): verdict HOLDS -> VIOLATED
        numbers that moved (1)
          B2 (benign): statistic 0.04 -> 0.0401 (0.249%)
    """
    changes = (
        *_claims(before, after, tolerance),
        *_constants(before, after, tolerance),
        *_cells(before, after),
        *_provenance(before, after),
    )
    return ReportDiff(changes, tolerance)


def _claims(
    before: Mapping[str, Any], after: Mapping[str, Any], tolerance: float
) -> Iterator[Change]:
    first, second = (_keyed(side, "claims", "id") for side in (before, after))
    for name, a, b in _pairs(first, second):
        if a is None or b is None:
            yield Change("verdict", name, "", a and a["verdict"], b and b["verdict"])
            continue
        for what in _WORDS:
            if what in a and what in b and a[what] != b[what]:
                yield Change("verdict", name, what, a[what], b[what])
        if a["verdict"] == b["verdict"] and a.get("weak", False) != b.get("weak", False):
            yield Change("verdict", name, "verdict", _shown(a), _shown(b))
        for what, x, y in _pairs(*(_shape(side) for side in (a, b))):
            if x != y:
                yield Change("shape", name, what, x, y)
        yield from _moved("number", name, _NUMBERS, a, b, tolerance)


def _shown(claim: Mapping[str, Any]) -> str:
    """The verdict as it is shown."""
    return Status(claim["verdict"]).shown(weak=bool(claim.get("weak")))


def _shape(claim: Mapping[str, Any]) -> dict[str, str]:
    """The word for each power of the room, and the wrong powers rejected; empty for no bound."""
    found = claim.get("discrimination")
    if not found:
        return {}
    words = {f"power of {number['name']}": number["word"] for number in found["shape"]["numbers"]}
    counts = {"wrong powers rejected": f"{found['rejected']} of {found['tried']}"}
    return words | (counts if found["tried"] else {})


def _constants(
    before: Mapping[str, Any], after: Mapping[str, Any], tolerance: float
) -> Iterator[Change]:
    if "constants" not in before or "constants" not in after:
        return
    for name, a, b in _pairs(*(_fitted(side) for side in (before, after))):
        if a is None or b is None:
            yield Change("constant", name, "", a and "fitted", b and "fitted")
        else:
            yield from _moved("constant", name, ("fitted", "widened"), a, b, tolerance)
    for name, why, other in _pairs(*(_failures(side) for side in (before, after))):
        if why != other:
            yield Change("constant", name, "not fitted:", why, other)


def _fitted(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{entry['name']} ({group['regime']})": entry
        for group in document["constants"]
        for entry in group["constants"]
    }


def _failures(document: Mapping[str, Any]) -> dict[str, str]:
    """Why constants could not be fitted."""
    return {
        f"{name} ({group['regime']})": why
        for group in document["constants"]
        for name, why in group.get("failures", {}).items()
    }


def _cells(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    if "cells" not in before or "cells" not in after:
        return
    for name, a, b in _pairs(_keyed(before, "cells", "name"), _keyed(after, "cells", "name")):
        if a is None or b is None:
            yield Change("cell", name, "", a and "there", b and "there")
            continue
        for what in ("role", "kind", "steps", "seeds", "inside", "diverged"):
            if what in a and what in b and a[what] != b[what]:
                yield Change("cell", name, what, a[what], b[what])
        problems = (a.get("problem", {}), b.get("problem", {}))
        for what, x, y in _pairs(*problems):
            if x != y:
                yield Change("cell", name, f"problem.{what}", x, y)


def _provenance(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    if "provenance" not in before or "provenance" not in after:
        return
    flat = [_flat(side["provenance"]) for side in (before, after)]
    for what, a, b in _pairs(*flat):
        if a != b and what not in _VARIES:
            yield Change("provenance", what, "was", a, b)


def _moved(
    part: str,
    name: str,
    keys: tuple[str, ...],
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    tolerance: float,
) -> Iterator[Change]:
    for what in keys:
        if what not in a or what not in b or a[what] == b[what]:
            continue
        relative = _relative(a[what], b[what])
        if relative is None or relative > tolerance:
            yield Change(part, name, what, a[what], b[what], relative)


def _relative(a: Any, b: Any) -> float | None:
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in (a, b)):
        return None
    larger = max(abs(a), abs(b))
    return float(abs(b / larger - a / larger) if math.isinf(b - a) else abs(b - a) / larger)


def _keyed(document: Mapping[str, Any], part: str, key: str) -> dict[str, Any]:
    return {f"{entry[key]} ({entry['regime']})": entry for entry in document.get(part, ())}


def _pairs(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys((*first, *second)):
        yield name, first.get(name), second.get(name)


def _flat(tree: Mapping[str, Any], under: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{under}{key}.")
        else:
            flat[f"{under}{key}"] = value
    return flat


def _percent(relative: float) -> str:
    return f"{100 * relative:.3g}%"


def _brief(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, float):
        return "nothing" if value is None else str(value)
    return f"{value:.6g}"
