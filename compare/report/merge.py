"""`joined_report`: what a results folder's report says, with newer decisions and figures put in."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from .document import count_verdicts, figure_entries
from .models import Report

if TYPE_CHECKING:
    from ..figures import DrawnFigure

Entry = TypeVar("Entry")


def joined_report(old: Report | None, new: Report, figures: Iterable[DrawnFigure]) -> Report:
    """The newer report with what the older one says beside it.

    Claims, cells, assumptions and figures of the newer report replace those of the same name;
    constants, and what they become without the largest values, come from the older one where the
    newer one fitted none. What the numbers were made with is told of the newer one, and so are the
    settings but for the claims, which are those of both.

    Args:
        old: the report that was there, None if there was none.
        new: the report of what was decided now.
        figures: further figures that lie in the folder.
    """
    drawn = _replaced(new["figures"], figure_entries(figures), lambda one: one["name"])
    if old is None:
        return {**new, "figures": drawn}
    claims = _replaced(old["claims"], new["claims"], lambda one: (one["id"], one["regime"]))
    return {
        **new,
        "claims": claims,
        "counts": count_verdicts(one["verdict"] for one in claims),
        "provenance": {**new["provenance"], "settings": _settings(old, new)},
        "constants": new["constants"] or old["constants"],
        "leave_one_out": new["leave_one_out"] or old["leave_one_out"],
        "assumptions": _replaced(
            old["assumptions"], new["assumptions"], lambda one: (one["regime"], one["cell"])
        ),
        "cells": _replaced(old["cells"], new["cells"], lambda one: (one["regime"], one["name"])),
        "figures": _replaced(old["figures"], drawn, lambda one: one["name"]),
    }  # fmt: skip


def _settings(old: Report, new: Report) -> dict[str, Any]:
    before, after = (one["provenance"]["settings"] for one in (old, new))
    both = {*before.get("claims", ()), *after.get("claims", ())}
    return {**after, "claims": sorted(both)}


def _replaced(old: list[Entry], new: list[Entry], key: Callable[[Entry], Hashable]) -> list[Entry]:
    """Old entries in their order, newer ones of the same key in their place, the rest behind."""
    entries = {key(one): one for one in old}
    entries |= {key(one): one for one in new}
    return list(entries.values())
