"""`merged_report`: the report of a results folder, updated with newer decisions and figures."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from .entry import Entry
from .models import ProvenanceEntry, Report, count_verdicts

E = TypeVar("E", bound=Entry)


def merged_report(old: Report, new: Report) -> Report:
    """The newer report, completed from the older one.

    Claims, cells, assumptions and figures of the newer report replace those of the same name.
    Constants, and their fits without the largest values, come from the older report if the newer
    one fitted none. The provenance and settings are the newer report's, except that the settings
    list the claims of both. A newer report without claims only adds its figures and names the
    command that wrote them.

    Args:
        old: the report that was in the folder.
        new: the report on the new decisions.
    """
    claims = _merged(old.claims, new.claims, lambda claim: (claim.id, claim.regime))
    return Report(
        counts=count_verdicts(claim.verdict for claim in claims),
        claims=claims,
        constants=new.constants or old.constants,
        leave_one_out=new.leave_one_out or old.leave_one_out,
        assumptions=_merged(old.assumptions, new.assumptions, lambda row: (row.regime, row.cell)),
        cells=_merged(old.cells, new.cells, lambda cell: (cell.regime, cell.name)),
        figures=_merged(old.figures, new.figures, lambda figure: figure.name),
        provenance=_provenance(old.provenance, new.provenance, decided=bool(new.claims)),
    )


def _provenance(old: ProvenanceEntry, new: ProvenanceEntry, *, decided: bool) -> ProvenanceEntry:
    before, after = old.settings, new.settings
    settings: dict[str, Any] = {**before, **{k: after[k] for k in ("command",) if k in after}}
    if decided:
        settings = {
            **after,
            "claims": sorted({*before.get("claims", ()), *after.get("claims", ())}),
        }
    return (new if decided else old).model_copy(update={"settings": settings})


def _merged(old: Iterable[E], new: Iterable[E], key: Callable[[E], Hashable]) -> tuple[E, ...]:
    """Old entries in their order, replaced by new entries of the same key, then the rest."""
    return tuple({key(entry): entry for entry in (*old, *new)}.values())
