"""Every theorem whose model is trained here, in one plan: a report across papers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ...theory import TheoremSource, neighbours
from ..errors import CompareError
from ..verify import Part, Plan
from .plans import theorem_plan

#: What `verify --theorem` calls all of them.
ALL = "all"


def decided_here() -> tuple[TheoremSource, ...]:
    """The theorems of other papers that name cells of the model they are about.

    Example:
        >>> [source.theorem.name for source in decided_here()][:2]
        ['cao2022', 'kou2023']
    """
    return tuple(s for s in neighbours().values() if s.theorem.trained_as and s.training)


def all_plan(
    sources: Iterable[TheoremSource] | None = None,
    *,
    seeds: int | None = None,
    engine: str = "span",
    device: str = "cpu",
) -> Plan:
    """One plan for several theorems, each with its own cells and constants.

    Args:
        sources: the theorems; None for those `decided_here`.
        seeds: as for `theorem_plan`, like ``engine`` and ``device``.
        engine: which engine trains.
        device: where it computes.

    Raises:
        CompareError: as for `theorem_plan`, or there is no theorem.

    Example:
        >>> plan = all_plan(seeds=2)
        >>> [part.theorem.name for part in plan.parts][:2], plan.settings["theorem"]
        (['cao2022', 'kou2023'], 'all')
    """
    chosen = decided_here() if sources is None else tuple(sources)
    if not chosen:
        raise CompareError("theorem all: no theorem names cells of its own model")
    plans = [theorem_plan(s, seeds=seeds, engine=engine, device=device) for s in chosen]
    parts = tuple(_named(part, plan.seeds) for plan in plans for part in plan.parts)
    names = [part.theorem.name for part in parts]
    settings: dict[str, Any] = {
        "theorem": ALL, "title": f"{len(names)} theorems of other papers, each on its own model",
        "theorems": names, "preset": "the theorems' own cells", "split": "fixed with the cells",
        "seeds": seeds, "engine": engine, "device": device,
    }  # fmt: skip
    claims = {claim.id: claim for part in parts for claim in part.claims}
    return Plan(settings, parts, tuple(claims.values()), seeds, engine, device)


def _named(part: Part, seeds: int | None) -> Part:
    """The part with its cells named after the theorem, so that no two theorems' names meet."""
    cells = tuple(
        replace(cell, name=f"{part.theorem.name}-{cell.name}", seeds=cell.seeds or seeds or 0)
        for cell in part.cells
    )
    return replace(part, cells=cells)
